"""When a provider process ends: after Terraform's Shutdown, or when Terraform has ended.

A running handler is never interrupted while its result can be used. After Shutdown, or when Terraform has been killed,
it cannot: handlers are stopped and have `GRACE` seconds. go-plugin kills the process two seconds after Shutdown.
"""

from __future__ import annotations

import threading
from os import getppid
from time import monotonic
from typing import Final

GRACE: Final = 10.0
"""Seconds for the handlers that still run when the process is to end: enough for an API call in flight to return."""

PATIENCE: Final = 60.0
"""Seconds that a process waits for its first connection while its parent lives."""

LINGER: Final = 5.0
"""Seconds that a process waits, while its parent lives, for a client that has lost its connection to reconnect.

The parent may be a wrapper script that outlives Terraform.
"""


class Lifecycle:
    """Counts connections and running handlers, and decides when the process ends. Threads share it.

    `parent` is the process that must live, None when any number of clients may come and go (debugging). A handler
    counts until its answer is sent, also when its client has disconnected.
    """

    def __init__(self, parent: int | None) -> None:
        self._parent = parent
        self._changed = threading.Condition()
        self._connections = 0
        self._deadline = monotonic() + PATIENCE
        self._is_shut_down = False
        self._running = 0

    def connected(self) -> None:
        """Count a client's connection."""
        with self._changed:
            self._connections += 1

    def disconnected(self) -> None:
        """Count the end of a connection."""
        with self._changed:
            self._connections -= 1
            self._deadline = monotonic() + LINGER

    def began(self) -> None:
        """Count a handler that runs."""
        with self._changed:
            self._running += 1

    def ended(self) -> None:
        """Count a handler that has answered."""
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def shut_down(self) -> None:
        """Let the process end."""
        with self._changed:
            self._is_shut_down = True
            self._changed.notify_all()

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until the process is to end, `seconds` at most; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_over, seconds)

    def wait_for_handlers(self, seconds: float) -> bool:
        """Wait until no handler runs, `seconds` at most; return whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    @property
    def is_over(self) -> bool:
        """Whether the process is to end: it was shut down, or Terraform has ended."""
        if self._is_shut_down:
            return True
        if self._parent is None or self._connections:
            return False
        return getppid() != self._parent or monotonic() > self._deadline
