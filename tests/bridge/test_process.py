"""How a process ends when something is left to do, and that it ends in order whatever is sent to it meanwhile."""

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
from natgw_provider.bridge import process
from natgw_provider.bridge.grpc_connection import INTERNAL, GrpcError
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.loop import Lifecycle, Loop
from natgw_provider.bridge.process import PluginService, Process, Session


@pytest.fixture
def logged() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def session(tmp_path: Path, logged: io.StringIO) -> Session:
    return Session(lambda: FakeProvider(tmp_path), Log("error", "natgw", logged))


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        yield listener


@pytest.fixture(autouse=True)
def handlers_restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def left(logged: io.StringIO) -> list[str]:
    return [json.loads(line)["left"] for line in logged.getvalue().splitlines()]


def test_a_handler_that_never_returns_is_left_after_the_grace(
    session: Session, listener: socket.socket, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE", 0.02)
    ours = Process(session, listener, None, parent=None)
    ours._lifecycle.began()
    ours._lifecycle.shut_down()
    assert ours.run() == 0
    assert left(logged) == ["handlers still run"]


def test_an_answer_that_no_client_receives_is_left_after_the_grace(
    session: Session, listener: socket.socket, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE", 0.02)
    monkeypatch.setattr(process.PluginServer, "has_unsent", True)
    ours = Process(session, listener, None, parent=None)
    ours._lifecycle.shut_down()
    assert ours.run() == 0
    assert left(logged) == ["a client does not receive its answer"]


def test_an_idle_process_ends_without_a_word(session: Session, listener: socket.socket, logged: io.StringIO) -> None:
    ours = Process(session, listener, None, parent=None)
    ours._lifecycle.shut_down()
    assert ours.run() == 0
    assert logged.getvalue() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_developers_process_ends_with_either_signal(
    session: Session, listener: socket.socket, number: signal.Signals
) -> None:
    ours = Process(session, listener, None, parent=None)
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), number))
    timer.start()
    assert ours.run() == 0
    timer.join()


def test_a_signal_after_the_end_changes_nothing(session: Session, listener: socket.socket) -> None:
    ours = Process(session, listener, None, parent=os.getppid())
    ours._lifecycle.shut_down()
    assert ours.run() == 0
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_call_without_a_thread_is_answered_and_not_waited_for(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    reply = mock.Mock()
    life, loop = Lifecycle(None), Loop()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    PluginService(session, life, loop).handle("/tfplugin6.Provider/GetMetadata", b"", reply)
    loop.close()
    (answer,) = reply.answer.call_args.args
    assert isinstance(answer, GrpcError)
    assert (answer.status, str(answer)) == (INTERNAL, "natgw cannot answer, RuntimeError: can't start new thread")
    assert life.is_idle
