"""What stands between a socket and HTTP/2: TLS, or nothing. Bytes in, bytes out; no socket and no thread.

TLS has verified the client's certificate when its handshake is over; here it must also be the very one that Terraform
announced, not just one that this has signed.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK: Final = 1 << 18


class Channel(Protocol):
    """Turns what the socket got into what was meant, and the other way round.

    Attributes:
        is_open: whether the other side is let in, so that there is something to be said to it.
        is_over: whether the other side has said that nothing more will come from it.
    """

    is_open: bool
    is_over: bool

    def receive(self, data: bytes) -> bytes:
        """Return what `data` from the socket means; raises SSLError when the other side is not to be let in."""

    def send(self, data: bytes) -> None:
        """Put `data` among what `outgoing` returns."""

    def outgoing(self) -> bytes:
        """Return what the socket is to send now, each byte once."""


class PlainChannel:
    """No TLS: who reaches the socket is let in."""

    def __init__(self) -> None:
        self.is_open = True
        self.is_over = False
        self._outgoing = bytearray()

    def receive(self, data: bytes) -> bytes:
        """Return `data`."""
        return data

    def send(self, data: bytes) -> None:
        """Put `data` among what `outgoing` returns."""
        self._outgoing += data

    def outgoing(self) -> bytes:
        """Return what was put here since the last time."""
        data, self._outgoing = bytes(self._outgoing), bytearray()
        return data


class TlsChannel:
    """TLS for one connection; lets in the holder of the client certificate `pinned` (DER) and nobody else."""

    def __init__(self, context: ssl.SSLContext, pinned: bytes) -> None:
        self.is_open = False
        self.is_over = False
        self._pinned = pinned
        self._encrypted = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._encrypted, self._outgoing, server_side=True)

    def receive(self, data: bytes) -> bytes:
        """Return what `data` means, nothing during the handshake; raises SSLError when it fails."""
        self._encrypted.write(data)
        if not self.is_open:
            self._shake_hands()
        return b"".join(self._decrypted()) if self.is_open else b""

    def send(self, data: bytes) -> None:
        """Encrypt `data`."""
        if data:
            self._tls.write(data)

    def outgoing(self) -> bytes:
        """Return what was encrypted since the last time, and what the handshake has to say."""
        return self._outgoing.read()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        if self._tls.getpeercert(binary_form=True) != self._pinned:
            raise ssl.SSLError("the client shows another certificate than Terraform announced")
        self.is_open = True

    def _decrypted(self) -> Iterator[bytes]:
        while True:
            try:
                data = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                return
            if not data:
                self.is_over = True
                return
            yield data
