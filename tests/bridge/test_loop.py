"""The loop hears sockets, other threads and signals, and waits for none of them longer than asked."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from natgw_provider.bridge.loop import READ, WRITE, Loop

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


def test_a_turn_without_news_takes_no_longer_than_asked(loop: Loop) -> None:
    begun = time.monotonic()
    loop.turn(0.01)
    assert time.monotonic() - begun < SECONDS / 2


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


def test_more_posts_than_the_wake_up_has_room_for_are_all_done(loop: Loop) -> None:
    done: list[int] = []
    for number in range(100_000):
        loop.post(lambda number=number: done.append(number))  # type: ignore[misc]
    while len(done) < 100_000:
        loop.turn(SECONDS)
    assert done == list(range(100_000))


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


def test_a_socket_is_watched_for_what_was_asked_last(loop: Loop, pair: tuple[socket.socket, socket.socket]) -> None:
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
