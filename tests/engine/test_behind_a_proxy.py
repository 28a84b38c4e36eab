"""Behind a proxy: an answer lost on the way back is found out, and only what never got through is sent again."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.stage import ASSIGN, GATEWAY, NOTHING, UNASSIGN, Relay, SoloClock, Stage, ip
from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.errors import Ec2Error, LostAnswer, Unreachable
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.change_plan import Assign
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.simulator.clock import ManualClock
from support.https import certificate_for

ELSEWHERE = "http://ec2.invalid"
"""What only the proxy knows the way to."""

Serve = Callable[[socket.socket], object]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def connected(**more: Any) -> Connection:
    plain: dict[str, Any] = {
        "region": "eu-central-1",
        "access_key": "AKIA",
        "secret_key": "secret",
        "skip_credentials_validation": True,
        "endpoints": {"ec2": ELSEWHERE},
    }
    return connect(ConnectionSettings(**(plain | more)))


@contextmanager
def listening(serve: Serve) -> Iterator[str]:
    """Hand each connection to `serve`; give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    with listener.accept()[0] as accepted:
                        serve(accepted)

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def failure_of(connection: Connection) -> Ec2Error:
    with pytest.raises(Ec2Error) as caught:
        connection.calls.change(PRIVATE_IPS, NOTHING, Assign(count=2))
    return caught.value


@pytest.mark.parametrize(("wanted", "action"), [(3, ASSIGN), (ip(10, 11, 12), ASSIGN), (ip(11), UNASSIGN)])
def test_a_lost_answer_leads_to_no_second_call(relay: Relay, wanted: tuple[str, ...] | int, action: str) -> None:
    """The simulator serves as the proxy to itself: it heeds no host."""
    stage = Stage(relay)
    with stage.aws as proxy:
        stage.seed(10) if action == ASSIGN else stage.seed(10, 11)
        stage.manual.advance(60)
        stage.fault("lost_answer", actions=[action], dry_run=False, times=1)
        request = stage.request(wanted)
        engine = GatewayEngine(connected(http_proxy=proxy.url), clock=stage.clock, random=Random(7))  # noqa: S311 - it spreads waits
        outcome = stage.carry_out(request, engine)
    assert outcome.failure is None
    assert [(name, ended) for name, _, ended in stage.mutations()] == [(action, "AnswerLost")]


def test_an_answer_lost_in_a_tunnel_is_a_lost_answer(tmp_path: Path) -> None:
    """As with AWS itself, which is reached by CONNECT."""
    file = certificate_for("ec2.invalid", tmp_path / "both.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    taken: list[bytes] = []

    def serve(accepted: socket.socket) -> None:
        _read_head(accepted)
        accepted.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(accepted, server_side=True) as tunnel:
            taken.append(_read_head(tunnel))

    with listening(serve) as proxy:
        error = failure_of(
            connected(endpoints={"ec2": "https://ec2.invalid"}, https_proxy=proxy, custom_ca_bundle=str(file)),
        )
    assert taken[0].startswith(b"POST / ")
    assert type(error) is LostAnswer


@pytest.mark.parametrize("endpoint", [ELSEWHERE, "https://ec2.invalid"])
def test_a_proxy_that_nobody_listens_at_got_nothing(endpoint: str) -> None:
    nobody = "http://127.0.0.1:9"
    connection = connected(endpoints={"ec2": endpoint}, http_proxy=nobody, https_proxy=nobody)
    assert type(failure_of(connection)) is Unreachable


def test_a_proxy_that_cannot_be_found_got_nothing() -> None:
    assert type(failure_of(connected(http_proxy="http://proxy.invalid:1"))) is Unreachable


def test_a_proxy_that_refuses_the_tunnel_lets_nothing_through() -> None:
    def refuse(accepted: socket.socket) -> None:
        _read_head(accepted)
        accepted.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with listening(refuse) as proxy:
        error = failure_of(connected(endpoints={"ec2": "https://ec2.invalid"}, https_proxy=proxy))
    assert type(error) is Unreachable


def test_reads_give_up_an_unreachable_proxy_soon_and_not_one_that_loses_answers() -> None:
    asked: list[str] = []

    def read_through(proxy: str) -> None:
        asked.clear()
        connection = connected(http_proxy=proxy, max_retries=8)
        engine = GatewayEngine(connection, clock=SoloClock(ManualClock()), report=asked.append)
        with pytest.raises(ProblemError):
            engine.read(GATEWAY)

    read_through("http://127.0.0.1:9")
    assert len(asked) == 5
    with listening(_read_head) as proxy:
        read_through(proxy)
    assert len(asked) == 8


def _read_head(connection: socket.socket) -> bytes:
    """Return what came until the end of the head, at least."""
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
        head += more
    return head
