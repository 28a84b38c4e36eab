"""TLS without a socket: who is let in, and that bytes arrive however they are cut."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

import pytest

from bridge.plugin_client import Identity
from natgw_provider.bridge import tls
from natgw_provider.bridge.transport import PlainChannel, TlsChannel


class Client:
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
def test_what_is_said_arrives_both_ways_however_it_is_cut(mine: Identity, piece: int, tmp_path: Path) -> None:
    server, announced = channel(mine, tmp_path)
    client = Client(mine, announced, tmp_path)
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


def test_nobody_else_is_let_in(mine: Identity, tmp_path: Path) -> None:
    for other in (Identity.fresh(), None):
        server, announced = channel(mine, tmp_path)
        client = Client(other, announced, tmp_path)
        with pytest.raises(ssl.SSLError):
            client.shake_hands(server, 1 << 20)
        assert not server.is_open


def test_a_certificate_that_is_trusted_and_not_the_announced_one_is_refused(mine: Identity, tmp_path: Path) -> None:
    other = Identity.fresh()
    context = tls.server_context()
    tls.accept_client(context, other.certificate.decode())
    announced = tls.install_certificate(context, None, str(tmp_path))
    server = TlsChannel(context, tls.der(mine.certificate.decode()))
    with pytest.raises(ssl.SSLError, match="another certificate"):
        Client(other, announced, tmp_path).shake_hands(server, 1 << 20)
    assert not server.is_open


def test_garbage_is_refused(mine: Identity, tmp_path: Path) -> None:
    server, _ = channel(mine, tmp_path)
    with pytest.raises(ssl.SSLError):
        server.receive(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert not server.is_open


def test_a_client_that_ends_tls_says_nothing_more(mine: Identity, tmp_path: Path) -> None:
    server, announced = channel(mine, tmp_path)
    client = Client(mine, announced, tmp_path)
    client.shake_hands(server, 1 << 20)
    assert not server.is_over
    client.tls.write(b"the last words")
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.unwrap()
    assert server.receive(client.outgoing.read()) == b"the last words"
    assert server.is_over


def test_an_old_certificate_is_refused(tmp_path: Path) -> None:
    from natgw_provider.bridge.tls import make_certificate  # noqa: PLC0415 - for this one test

    pem = make_certificate(time.time() - 7200, 3600)
    position = pem.index(b"-----BEGIN CERTIFICATE-----")
    expired = Identity(pem[:position], pem[position:])
    server, announced = channel(expired, tmp_path)
    with pytest.raises(ssl.SSLError):
        Client(expired, announced, tmp_path).shake_hands(server, 1 << 20)


def test_without_tls_bytes_pass_as_they_are() -> None:
    plain = PlainChannel()
    assert plain.is_open
    assert plain.receive(b"abc") == b"abc"
    plain.send(b"d")
    plain.send(b"ef")
    assert plain.outgoing() == b"def"
    assert plain.outgoing() == b""
