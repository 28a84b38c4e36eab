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
from natgw_provider.bridge import lifecycle, process
from natgw_provider.bridge.grpc_connection import INTERNAL, Call
from natgw_provider.bridge.lifecycle import LINGER, PATIENCE, Lifecycle
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Process, Session

PARENT = 4711


class Outside:
    """The time and the parent process, to be set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.parent = PARENT


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    monkeypatch.setattr(lifecycle, "monotonic", lambda: outside.now)
    monkeypatch.setattr(lifecycle, "getppid", lambda: outside.parent)
    return outside


def test_a_process_stays_while_any_client_is_connected(outside: Outside) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.connected()
    life.disconnected()
    outside.now, outside.parent = 100 * PATIENCE, 1
    assert not life.is_over, "a wrapper may have ended while Terraform is still connected"


def test_a_process_ends_when_the_connection_and_the_parent_have_ended(outside: Outside) -> None:
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
    """A process that is shut down before it runs."""
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


def test_a_process_ends_though_a_handler_does_not_return(ours: Process, logged: io.StringIO) -> None:
    ours._lifecycle.began()
    assert ours.run() == 0
    (line,) = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert line["@message"] == "ending although handlers still run"


def test_a_call_that_gets_no_thread_is_answered_with_an_error(ours: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    connection = mock.Mock()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        ours._handle(connection, Call(1, "/tfplugin6.Provider/GetFunctions", b""))
    stream, error = connection.finish.call_args.args
    assert (stream, error.status) == (1, INTERNAL)
    assert str(error) == "natgw cannot answer, RuntimeError: can't start new thread"
    assert ours.run() == 0


@pytest.mark.parametrize("in_a_handler", [True, False])
def test_a_bug_in_natgw_ends_one_connection_and_is_logged(
    ours: Process, logged: io.StringIO, in_a_handler: bool
) -> None:
    broken = mock.Mock()
    if in_a_handler:
        broken.answer.side_effect = ZeroDivisionError
        ours._run(broken, Call(1, "/grpc.health.v1.Health/Check", b""))
    else:
        broken.recv.side_effect = ZeroDivisionError
        ours._serve(broken)
    broken.close.assert_called_once()
    (line,) = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert line["@message"] == "a connection is closed because of a bug in natgw"
    assert "ZeroDivisionError" in line["traceback"]
