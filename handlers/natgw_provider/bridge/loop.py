"""The loop of a provider process, and when it ends: after Terraform's Shutdown, or when Terraform is gone.

A running handler is never cut off while anyone can use its result. After Shutdown, or when Terraform has died, nobody
can: handlers are asked to stop and have `GRACE` seconds. go-plugin itself kills the process two seconds after Shutdown.
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
"""Bytes to read at a time of those that wake the loop."""

GRACE: Final = 10.0
"""Seconds for the handlers that still run when the process is to end: enough for an API call in flight to return."""

PATIENCE: Final = 60.0
"""Seconds that a process waits for its first connection while its parent lives."""

LINGER: Final = 5.0
"""Seconds that a process waits, while its parent lives, for a client that has lost its connection to reconnect.

The parent may be a wrapper script that outlives Terraform.
"""


class Loop:
    """Waits for sockets, and for the work that other threads and signal handlers post; runs all of it in its thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callable[[], None]] = deque()
        self._awake, self._wake = socket.socketpair()
        self._awake.setblocking(False)
        self._wake.setblocking(False)
        self.watch(self._awake, READ, self._run_posted)

    def post(self, work: Callable[[], None]) -> None:
        """Let the loop call `work` soon, unless it is closed. Acquires no lock, so that a signal handler may use it."""
        self._posted.append(work)
        with suppress(OSError):  # enough bytes wake the loop already, or it is closed
            self._wake.send(b"\0")

    def watch(self, watched: socket.socket, events: int, ready: Callable[[int], None]) -> None:
        """Call `ready` with the `events` that have occurred, whenever some have; replaces what was watched before."""
        if watched in self._selector.get_map():
            self._selector.modify(watched, events, ready)
        else:
            self._selector.register(watched, events, ready)

    def forget(self, watched: socket.socket) -> None:
        """Stop watching a socket."""
        self._selector.unregister(watched)

    def turn(self, seconds: float) -> None:
        """Serve what has occurred, or occurs within `seconds`."""
        for key, events in self._selector.select(seconds):
            key.data(events)

    def close(self) -> None:
        """Stop watching everything; the sockets that were watched stay open."""
        self._selector.close()
        self._awake.close()
        self._wake.close()

    def _run_posted(self, _events: int) -> None:
        self._awake.recv(_WAKE_UPS)
        for _ in range(len(self._posted)):
            self._posted.popleft()()


class Lifecycle:
    """Counts connections and running handlers, and knows when the process is to end; used from the loop's thread only.

    `parent` is the process that must live, None when any number of clients may come and go (debugging). A handler
    counts until it has returned, also when its client is gone.
    """

    def __init__(self, parent: int | None) -> None:
        self._parent = parent
        self._connections = 0
        self._deadline = monotonic() + PATIENCE
        self._is_shut_down = False
        self._running = 0

    def connected(self) -> None:
        """Count a client's connection."""
        self._connections += 1

    def disconnected(self) -> None:
        """Count the end of a connection."""
        self._connections -= 1
        self._deadline = monotonic() + LINGER

    def began(self) -> None:
        """Count a handler that runs."""
        self._running += 1

    def ended(self) -> None:
        """Count a handler that has returned."""
        self._running -= 1

    def shut_down(self) -> None:
        """Let the process end."""
        self._is_shut_down = True

    @property
    def is_idle(self) -> bool:
        """Whether no handler runs."""
        return not self._running

    @property
    def is_over(self) -> bool:
        """Whether the process is to end: it was shut down, or Terraform is gone."""
        if self._is_shut_down:
            return True
        if self._parent is None or self._connections:
            return False
        return getppid() != self._parent or monotonic() > self._deadline
