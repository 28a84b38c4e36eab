"""How a process ends: when it is to end, and in which order when something is left to do."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from bridge.fake_provider import FakeProvider
from natgw_provider.bridge import loop as loop_module
from natgw_provider.bridge import process
from natgw_provider.bridge.grpc_connection import INTERNAL, GrpcError
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.loop import LINGER, PATIENCE, Lifecycle, Loop
from natgw_provider.bridge.process import Process, Session
from natgw_provider.bridge.transport import PluginServer

PARENT = 4711


def test_posted_work_runs_in_order_in_the_loops_thread() -> None:
    loop = Loop()
    done: list[tuple[int, int]] = []

    def work(number: int) -> None:
        done.append((number, threading.get_ident()))
        if number == 999:
            loop.post(lambda: work(1000))

    def post_all() -> None:
        for number in range(1000):
            loop.post(lambda number=number: work(number))  # type: ignore[misc]

    thread = threading.Thread(target=post_all)
    thread.start()
    while len(done) <= 1000:
        loop.turn(20)
    thread.join()
    assert done == [(number, threading.get_ident()) for number in range(1001)]
    loop.close()
    loop.post(lambda: work(0))


class Outside:
    """The time and the parent process, to be set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.parent = PARENT


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    monkeypatch.setattr(loop_module, "monotonic", lambda: outside.now)
    monkeypatch.setattr(loop_module, "getppid", lambda: outside.parent)
    return outside


def test_a_process_stays_while_any_client_is_connected(outside: Outside) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.connected()
    life.disconnected()
    outside.now, outside.parent = 100 * PATIENCE, 1
    assert not life.is_over, "a wrapper may have ended while Terraform is still connected"


def test_a_process_ends_when_the_connection_and_the_parent_are_gone(outside: Outside) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.disconnected()
    assert not life.is_over
    outside.parent = 1
    assert life.is_over


def test_a_process_that_no_client_uses_ends_though_its_parent_lives(outside: Outside) -> None:
    life = Lifecycle(PARENT)
    outside.now += PATIENCE
    assert not life.is_over
    life.connected()
    outside.now += 1
    life.disconnected()
    outside.now += LINGER
    assert not life.is_over, "a client that lost its connection may reconnect"
    outside.now += 1
    assert life.is_over


def test_a_debugged_process_ends_only_when_it_is_shut_down(outside: Outside) -> None:
    life = Lifecycle(None)
    outside.parent, outside.now = 1, 1000 * PATIENCE
    assert not life.is_over
    life.shut_down()
    assert life.is_over


@pytest.fixture
def logged() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def ours(tmp_path: Path, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    """A process that is told to end before it runs."""
    monkeypatch.setattr(process, "GRACE", 0.02)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    session = Session(lambda: FakeProvider(tmp_path), Log("error", "natgw", logged))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        ours = Process(session, listener, None, parent=os.getppid())
        ours._lifecycle.shut_down()
        yield ours
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("left", [None, "handlers still run", "a client does not receive its answer"])
def test_a_process_waits_for_handlers_and_answers_until_the_grace_is_over(
    ours: Process, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch, left: str | None
) -> None:
    if left == "handlers still run":
        ours._lifecycle.began()
    elif left:
        monkeypatch.setattr(PluginServer, "has_unsent", True)
    assert ours.run() == 0
    assert [json.loads(line)["left"] for line in logged.getvalue().splitlines()] == ([left] if left else [])
    os.kill(os.getpid(), signal.SIGTERM)  # changes nothing after the end
    os.kill(os.getpid(), signal.SIGINT)


def test_a_call_that_gets_no_thread_is_answered_with_an_error(ours: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    reply = mock.Mock()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    ours._handle("/tfplugin6.Provider/GetFunctions", b"", reply)
    (answer,) = reply.answer.call_args.args
    assert isinstance(answer, GrpcError)
    assert (answer.status, str(answer)) == (INTERNAL, "natgw cannot answer, RuntimeError: can't start new thread")
    assert ours.run() == 0
