"""Connections over real sockets: what one client does is nobody else's trouble, and costs nothing."""

from __future__ import annotations

import errno
import io
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from bridge.plugin_client import SECONDS, Identity
from natgw_provider.bridge import tls
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.loop import READ, WRITE, Lifecycle, Loop
from natgw_provider.bridge.transport import PluginServer, Reply, TlsChannel

METHOD = "/test/Unary"
BIG = 8 << 20
RESET = struct.pack("!I", 4)[1:] + b"\3\0\0\0\0\1" + struct.pack("!I", 8)  # RST_STREAM of stream 1, CANCEL


class Service:
    """Keeps what it is asked, for the test to answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, Reply]] = []

    def handle(self, method: str, request: bytes, reply: Reply) -> None:
        assert method == METHOD
        self.asked.append((request, reply))


class Counted(Lifecycle):
    """Says how many clients it has been summaries of."""

    @property
    def connections(self) -> int:
        return self._connections


class Bench:
    """A server whose loop is turned by hand."""

    def __init__(self, folder: Path, security: Any = None) -> None:
        self.path = str(folder / "s")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.loop, self.life, self.service, self.logged = Loop(), Counted(None), Service(), io.StringIO()
        self.clients: list[socket.socket] = []
        self.server = PluginServer(
            self.loop,
            self.listener,
            security,
            served={METHOD},
            left_open=(),
            handle=self.service.handle,
            lifecycle=self.life,
            log=Log("debug", "natgw", self.logged),
        )

    def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.path)
        client.settimeout(SECONDS)
        self.clients.append(client)
        self.loop.turn(SECONDS)
        return client

    def call(self, *, window: int = 1 << 30) -> tuple[socket.socket, Reply]:
        """Connect and call; return the client and how to answer it."""
        client = self.connect()
        client.sendall(a_call(window))
        self.loop.turn(SECONDS)
        return client, self.service.asked[-1][1]

    def settle(self) -> None:
        """Turn until there is no news."""
        for _ in range(10):
            self.loop.turn(0)

    def logged_lines(self) -> list[tuple[str, str]]:
        lines = [json.loads(line) for line in self.logged.getvalue().splitlines()]
        return [(line["@level"], line["@message"]) for line in lines]

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.settle()
        self.listener.close()
        self.loop.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def a_call(window: int) -> bytes:
    """Return what a client sends to call the method once; it can take `window` bytes of an answer."""
    http2 = H2Connection(H2Configuration(client_side=True))
    http2.initiate_connection()
    http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
    http2.increment_flow_control_window(1 << 30)
    headers = {":method": "POST", ":scheme": "http", ":path": METHOD, ":authority": "x", "te": "trailers"}
    http2.send_headers(1, list(headers.items()))
    http2.send_data(1, b"\0\0\0\0\x01a", end_stream=True)
    return http2.data_to_send()


def read_all(bench: Bench, client: socket.socket) -> bytes:
    """Return what arrives until the server closes the connection."""
    client.setblocking(False)
    got = b""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            data = client.recv(1 << 20)
        except BlockingIOError:
            bench.loop.turn(0.01)
            continue
        if not data:
            return got
        got += data
    raise AssertionError("the server does not close the connection")


def test_an_idle_connection_lets_the_loop_sleep(bench: Bench) -> None:
    bench.call()
    bench.settle()
    begun = time.monotonic()
    bench.loop.turn(0.2)
    assert time.monotonic() - begun > 0.15


def test_it_is_known_whether_an_answer_is_still_to_be_sent(bench: Bench) -> None:
    for window, size in ((5, 100), (1 << 30, BIG)):  # held back by HTTP/2's window, or by the socket
        client, reply = bench.call(window=window)
        assert not bench.server.has_unsent
        reply.answer(b"x" * size)
        assert bench.server.has_unsent
        client.close()
        bench.settle()
        assert not bench.server.has_unsent


def test_a_slow_client_receives_the_whole_answer_in_the_end(bench: Bench) -> None:
    client, reply = bench.call()
    reply.answer(b"x" * BIG)
    client.setblocking(False)
    got, deadline = 0, time.monotonic() + SECONDS
    while bench.server.has_unsent or got < BIG:
        assert time.monotonic() < deadline
        bench.loop.turn(0)
        try:
            got += len(client.recv(1 << 20))
        except BlockingIOError:
            continue
    assert got > BIG


@pytest.mark.parametrize("end", ["read", "cancel", "close"])
def test_a_list_waits_until_its_client_can_receive_more(bench: Bench, end: str) -> None:
    client, reply = bench.call(window=5)
    returned: list[bool] = []
    thread = threading.Thread(target=lambda: returned.append(reply.send(b"m" * 10)))
    thread.start()
    while not bench.server.has_unsent:
        bench.loop.turn(0.01)
    bench.settle()
    assert returned == []
    if end == "close":
        client.close()
    else:
        client.sendall(
            struct.pack("!I", 4)[1:] + b"\x08\0\0\0\0\1" + struct.pack("!I", 1000) if end == "read" else RESET
        )
    bench.settle()
    thread.join(SECONDS)
    assert returned == [end == "read"]
    assert reply.stop.is_set() == (end != "read")
    if end != "read":
        assert not reply.send(b"nobody waits for it")


def test_a_list_waits_while_its_client_leaves_a_megabyte_in_the_socket(bench: Bench) -> None:
    client, reply = bench.call()
    sent = 0

    def send() -> None:
        nonlocal sent
        while reply.send(b"x" * 100_000):
            sent += 1

    thread = threading.Thread(target=send)
    thread.start()
    deadline, before = time.monotonic() + SECONDS, -1
    while before != sent and time.monotonic() < deadline:
        before = sent
        for _ in range(100):
            bench.loop.turn(0.001)
    assert 10 <= sent < 40
    client.close()
    bench.settle()
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_a_client_that_goes_is_forgotten(bench: Bench) -> None:
    client, reply = bench.call()
    assert bench.life.connections == 1
    client.close()
    bench.settle()
    assert bench.life.connections == 0
    assert bench.server._clients == set()
    reply.answer(b"too late")
    assert bench.life.connections == 0


def test_an_event_of_a_client_that_was_closed_in_the_same_turn_is_ignored(bench: Bench) -> None:
    """A kqueue reports reading and writing one after the other."""
    client = bench.connect()
    (ours,) = bench.server._clients
    client.close()
    ours._ready(READ)
    ours._ready(READ | WRITE)
    assert bench.life.connections == 0


def test_a_bug_in_natgw_ends_one_connection_and_is_logged_as_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _, other = bench.call()
    with monkeypatch.context() as broken:
        broken.setattr(bench.server, "handle", lambda *_: 1 / 0)
        client = bench.connect()
        client.sendall(a_call(100))
        read_all(bench, client)
    assert ("error", "a connection is closed because of a bug in natgw") in bench.logged_lines()
    assert "ZeroDivisionError" in bench.logged.getvalue()
    assert bench.life.connections == 1
    other.answer(b"unharmed")
    assert not bench.server.has_unsent


def test_an_answer_is_sent_before_a_broken_connection_is_closed(bench: Bench) -> None:
    client, reply = bench.call()
    reply.answer(b"x" * BIG)
    client.sendall(b"\0\0\1\6\0\0\0\0\0x")  # a ping of one byte: against the protocol
    assert len(read_all(bench, client)) > BIG
    assert bench.life.connections == 0


def test_without_file_descriptors_the_loop_sleeps_and_accepts_clients_again_when_one_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bench.connect()

    class Exhausted:
        def accept(self) -> None:
            raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as exhausted:
        exhausted.setattr(bench.server, "_listener", Exhausted())
        # The loop watches the real listener; what accepts is the exhausted one.
        exhausted.setattr(bench.loop, "forget", lambda _listener: Loop.forget(bench.loop, bench.listener))
        waiting = bench.connect()
    begun = time.monotonic()
    bench.loop.turn(0.1)
    assert time.monotonic() - begun > 0.05
    assert ("debug", "no client can be accepted until another one goes") in bench.logged_lines()
    first.close()
    bench.settle()
    waiting.sendall(a_call(100))
    bench.settle()
    assert bench.service.asked[-1][0] == b"a"


class TlsClient:
    """The standard library's client side of TLS."""

    def __init__(self, identity: Identity | None, server_certificate: bytes, folder: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=server_certificate)
        context.set_alpn_protocols(["h2"])
        if identity:
            (folder / "client.pem").write_bytes(identity.key + identity.certificate)
            context.load_cert_chain(folder / "client.pem")
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def shake_hands(self, server: TlsChannel, piece: int) -> None:
        """Go on until the server needs nothing more; bytes go to it in pieces of this many."""
        while True:
            try:
                self.tls.do_handshake()
                is_done = True
            except ssl.SSLWantReadError:
                is_done = False
            sent = self.outgoing.read()
            for start in range(0, len(sent), piece):
                assert server.receive(sent[start : start + piece]) == b""
            self.incoming.write(server.outgoing())
            if is_done:
                return


@pytest.fixture
def mine() -> Identity:
    return Identity.fresh()


def channel(identity: Identity, folder: Path) -> tuple[TlsChannel, bytes]:
    context = tls.server_context()
    pinned = tls.accept_client(context, identity.certificate.decode())
    announced = tls.install_certificate(context, None, str(folder))
    return TlsChannel(context, pinned), announced


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_bytes_arrive_both_ways_however_they_are_cut(mine: Identity, piece: int, tmp_path: Path) -> None:
    server, announced = channel(mine, tmp_path)
    client = TlsClient(mine, announced, tmp_path)
    assert not server.is_open
    client.shake_hands(server, piece)
    assert server.is_open
    assert client.tls.selected_alpn_protocol() == "h2"
    said = bytes(range(256)) * (200 if piece == 1 else 4000)
    client.tls.write(said)
    sent = client.outgoing.read()
    heard = b"".join(server.receive(sent[start : start + piece]) for start in range(0, len(sent), piece))
    assert heard == said
    server.send(said)
    server.send(b"")
    client.incoming.write(server.outgoing())
    answered = b""
    while len(answered) < len(said):
        answered += client.tls.read(1 << 20)
    assert answered == said
    assert server.outgoing() == b""


def test_a_certificate_that_is_trusted_and_not_the_announced_one_is_refused(mine: Identity, tmp_path: Path) -> None:
    other = Identity.fresh()
    context = tls.server_context()
    tls.accept_client(context, other.certificate.decode())
    announced = tls.install_certificate(context, None, str(tmp_path))
    server = TlsChannel(context, tls.der(mine.certificate.decode()))
    with pytest.raises(ssl.SSLError, match="another certificate"):
        TlsClient(other, announced, tmp_path).shake_hands(server, 1 << 20)
    assert not server.is_open


def test_a_client_that_ends_tls_sends_nothing_more(mine: Identity, tmp_path: Path) -> None:
    server, announced = channel(mine, tmp_path)
    client = TlsClient(mine, announced, tmp_path)
    client.shake_hands(server, 1 << 20)
    assert not server.is_over
    client.tls.write(b"the last words")
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.unwrap()
    assert server.receive(client.outgoing.read()) == b"the last words"
    assert server.is_over


class TestTls:
    @pytest.fixture
    def mine(self) -> Identity:
        return Identity.fresh()

    @pytest.fixture
    def secured(self, mine: Identity, tmp_path: Path) -> Iterator[tuple[Bench, bytes]]:
        context = tls.server_context()
        pinned = tls.accept_client(context, mine.certificate.decode())
        announced = tls.install_certificate(context, None, str(tmp_path))
        bench = Bench(tmp_path, (context, pinned))
        yield bench, announced
        bench.close()

    def shake_hands(self, bench: Bench, client: TlsClient, connected: socket.socket) -> None:
        for _ in range(5):
            try:
                client.tls.do_handshake()
            except OSError as failure:
                if "want to read" not in str(failure).lower() and "did not complete" not in str(failure):
                    raise
            else:
                return
            connected.sendall(client.outgoing.read())
            bench.loop.turn(SECONDS)
            client.incoming.write(connected.recv(1 << 16))

    def caller(self, bench: Bench, client: TlsClient) -> tuple[TlsClient, socket.socket]:
        """Connect, shake hands, and have a call ready to be sent."""
        connected = bench.connect()
        self.shake_hands(bench, client, connected)
        client.tls.write(a_call(100))
        return client, connected

    def test_a_client_that_is_not_accepted_yet_does_not_count(self, secured: tuple[Bench, bytes]) -> None:
        bench, _ = secured
        bench.connect()
        assert bench.life.connections == 0

    def test_a_call_that_comes_with_the_end_of_the_handshake_is_served(
        self, secured: tuple[Bench, bytes], mine: Identity, tmp_path: Path
    ) -> None:
        bench, announced = secured
        client, connected = self.caller(bench, TlsClient(mine, announced, tmp_path))
        connected.sendall(client.outgoing.read())
        bench.loop.turn(SECONDS)
        assert bench.life.connections == 1
        assert bench.service.asked[-1][0] == b"a"

    def test_a_client_that_ends_tls_is_gone_though_its_socket_stays(
        self, secured: tuple[Bench, bytes], mine: Identity, tmp_path: Path
    ) -> None:
        bench, announced = secured
        client, connected = self.caller(bench, TlsClient(mine, announced, tmp_path))
        with pytest.raises(OSError, match=r"want to read|did not complete"):
            client.tls.unwrap()
        connected.sendall(client.outgoing.read())
        read_all(bench, connected)
        assert bench.service.asked[-1][0] == b"a"
        assert bench.life.connections == 0

    def test_a_refused_client_receives_an_alert(self, secured: tuple[Bench, bytes], tmp_path: Path) -> None:
        bench, announced = secured
        client, connected = TlsClient(Identity.fresh(), announced, tmp_path), bench.connect()
        self.shake_hands(bench, client, connected)
        connected.sendall(client.outgoing.read())
        client.incoming.write(read_all(bench, connected))
        with pytest.raises(OSError, match="ALERT"):
            client.tls.read()
        assert bench.life.connections == 0


def test_a_client_that_sends_without_reading_is_read_no_further(bench: Bench) -> None:
    client = bench.connect()
    http2 = H2Connection(H2Configuration(client_side=True))
    http2.initiate_connection()
    client.sendall(http2.data_to_send())
    bench.settle()
    client.setblocking(False)
    pings = b"".join(_ping(http2) for _ in range(4000))
    sent = 0
    while sent < 64 << 20:
        bench.loop.turn(0)
        try:
            sent += client.send(pings)
        except BlockingIOError:
            break
    bench.settle()
    with pytest.raises(BlockingIOError):
        client.send(pings)


def _ping(http2: H2Connection) -> bytes:
    http2.ping(b"12345678")
    return http2.data_to_send()
