"""The loop of a provider process: it waits for sockets, and for what other threads have to say."""

from __future__ import annotations

import selectors
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE

_WAKE_UPS: Final = 4096
"""Bytes to read at a time of those that were written to wake the loop up."""


class Loop:
    """Waits for sockets, and for what other threads and signal handlers post; all it calls runs in its own thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callable[[], None]] = deque()
        self._awake, self._wake = socket.socketpair()
        self._awake.setblocking(False)
        self._wake.setblocking(False)
        self.watch(self._awake, READ, self._run_posted)

    def post(self, work: Callable[[], None]) -> None:
        """Let the loop call `work` soon, unless it is closed. Takes no lock, so that a signal handler may use it."""
        self._posted.append(work)
        with suppress(OSError):  # there is a wake-up call already, or nobody to be woken any more
            self._wake.send(b"\0")

    def watch(self, watched: socket.socket, events: int, ready: Callable[[int], None]) -> None:
        """Call `ready` with those of `events` that have come, whenever some have; replaces what was watched before."""
        if watched in self._selector.get_map():
            self._selector.modify(watched, events, ready)
        else:
            self._selector.register(watched, events, ready)

    def forget(self, watched: socket.socket) -> None:
        """Watch a socket no longer."""
        self._selector.unregister(watched)

    def turn(self, seconds: float) -> None:
        """Serve what has come, or comes within `seconds`."""
        for key, events in self._selector.select(seconds):
            key.data(events)

    def close(self) -> None:
        """Watch nothing any longer; the sockets that were watched stay open."""
        self._selector.close()
        self._awake.close()
        self._wake.close()

    def _run_posted(self, _events: int) -> None:
        self._awake.recv(_WAKE_UPS)
        for _ in range(len(self._posted)):
            self._posted.popleft()()
