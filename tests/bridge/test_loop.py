"""The loop hears sockets, threads and signals; the lifecycle says when the process ends, and when it must not."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from natgw_provider.bridge import loop as module
from natgw_provider.bridge.loop import LINGER, PATIENCE, READ, WRITE, Lifecycle, Loop

SECONDS = 20.0


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_is_posted_runs_in_order_and_in_the_loops_thread(loop: Loop) -> None:
    done: list[tuple[int, int]] = []

    def note(number: int) -> None:
        done.append((number, threading.get_ident()))

    def post_all() -> None:
        for number in range(1000):
            loop.post(lambda number=number: note(number))  # type: ignore[misc]

    thread = threading.Thread(target=post_all)
    thread.start()
    while len(done) < 1000:
        loop.turn(SECONDS)
    thread.join()
    assert done == [(number, threading.get_ident()) for number in range(1000)]


def test_a_post_wakes_a_loop_that_waits(loop: Loop) -> None:
    done = threading.Event()
    timer = threading.Timer(0.05, lambda: loop.post(done.set))
    begun = time.monotonic()
    timer.start()
    while not done.is_set():
        loop.turn(SECONDS)
    assert time.monotonic() - begun < SECONDS / 2
    timer.join()


def test_what_is_posted_while_posts_run_is_not_forgotten(loop: Loop) -> None:
    done = threading.Event()
    loop.post(lambda: loop.post(done.set))
    loop.turn(SECONDS)
    loop.turn(SECONDS)
    assert done.is_set()


def test_a_signal_handler_may_post(loop: Loop) -> None:
    heard = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: loop.post(heard.set))
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    try:
        timer.start()
        while not heard.is_set():
            loop.turn(SECONDS)
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)


def test_a_socket_is_watched_for_the_last_request(loop: Loop, pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    seen: list[int] = []
    loop.watch(ours, READ, seen.append)
    loop.turn(0)
    assert seen == []
    loop.watch(ours, READ | WRITE, seen.append)
    loop.turn(SECONDS)
    assert seen == [WRITE]
    theirs.send(b"x")
    loop.watch(ours, READ, seen.append)
    loop.turn(SECONDS)
    assert seen == [WRITE, READ]
    loop.forget(ours)
    loop.turn(0)
    assert seen == [WRITE, READ]


def test_a_post_to_a_loop_that_is_closed_is_forgotten() -> None:
    loop = Loop()
    loop.close()
    loop.post(lambda: None)


PARENT = 4711


class World:
    """The time and the parent process, to be set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.parent = PARENT


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(module, "monotonic", lambda: world.now)
    monkeypatch.setattr(module, "getppid", lambda: world.parent)
    return world


def test_a_process_stays_while_terraform_is_there(world: World) -> None:
    life = Lifecycle(PARENT)
    assert not life.is_over
    life.connected()
    world.now += 100 * PATIENCE
    assert not life.is_over
    world.parent = 1
    assert not life.is_over, "a wrapper may have gone while Terraform is still connected"


def test_a_process_leaves_when_the_connection_and_the_parent_are_gone(world: World) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.disconnected()
    assert not life.is_over
    world.parent = 1
    assert life.is_over


def test_a_process_leaves_when_nobody_connects_though_the_parent_lives(world: World) -> None:
    life = Lifecycle(PARENT)
    world.now += PATIENCE
    assert not life.is_over
    life.connected()
    world.now += 1
    assert not life.is_over
    life.disconnected()
    world.now += LINGER
    assert not life.is_over, "a client that lost its connection may come back"
    world.now += 1
    assert life.is_over


def test_one_connection_is_enough_to_stay(world: World) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.connected()
    life.disconnected()
    world.now, world.parent = 100 * PATIENCE, 1
    assert not life.is_over


def test_a_debugged_process_waits_for_ever(world: World) -> None:
    life = Lifecycle(None)
    world.parent, world.now = 1, 1000 * PATIENCE
    assert not life.is_over
    life.shut_down()
    assert life.is_over
