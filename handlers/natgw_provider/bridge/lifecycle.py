"""When a provider process ends: told to by Terraform, or when Terraform is gone.

A running handler is never cut off while anybody can use its result. Once nobody can (after Shutdown, or with Terraform
dead), handlers are told to stop and have `GRACE` seconds; go-plugin itself kills two seconds after Shutdown.
"""

from __future__ import annotations

from os import getppid
from time import monotonic
from typing import Final

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
