"""The loop of a provider process and when it ends: told to by Terraform, or when Terraform is gone.

A running handler is never cut off while anybody can use its result. After Shutdown, or when Terraform has died, nobody
can: handlers are told to stop and have `GRACE` seconds. go-plugin itself kills the process two seconds after Shutdown.
"""

from __future__ import annotations

import selectors
import socket
from collections import deque
from contextlib import suppress
from os import getppid
from time import monotonic
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


GRACE: Final = 10.0
"""Seconds for the handlers that still run when the process is to end: enough for an API call under way to return."""

PATIENCE: Final = 60.0
"""Seconds that a process waits for its first connection while its parent lives."""

LINGER: Final = 5.0
"""Seconds that a process waits, while its parent lives, for a client that has lost its connection to come back.

The parent may be a wrapper script that outlives Terraform.
"""


class Lifecycle:
    """Counts connections and running work, and knows when it is over; used from the loop's thread only.

    `parent` is the process that must live, None when any number of clients may come and go (debugging).
    """

    def __init__(self, parent: int | None) -> None:
        self._parent = parent
        self._connections = 0
        self._alone_until = monotonic() + PATIENCE
        self._told = False
        self._running = 0

    def connected(self) -> None:
        """Note a client's connection."""
        self._connections += 1

    def disconnected(self) -> None:
        """Note the end of a connection."""
        self._connections -= 1
        self._alone_until = monotonic() + LINGER

    def leave(self) -> None:
        """Let the process end."""
        self._told = True

    def began(self) -> None:
        """Note that a handler runs."""
        self._running += 1

    def ended(self) -> None:
        """Note that a handler has returned; when its client is gone it counts as running until then."""
        self._running -= 1

    @property
    def is_over(self) -> bool:
        """Whether the process is to end: it was told to, or Terraform is not there any more."""
        return self._told or self._is_abandoned

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs."""
        return not self._running

    @property
    def _is_abandoned(self) -> bool:
        if self._parent is None or self._connections:
            return False
        return getppid() != self._parent or monotonic() > self._alone_until
