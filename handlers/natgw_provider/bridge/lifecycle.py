"""When a provider process ends: told to by Terraform, or when Terraform is gone.

A running handler is never cut off while anybody can use its result. Once nobody can (after Shutdown, or with Terraform
dead), handlers are told to stop and have `GRACE` seconds; go-plugin itself kills two seconds after Shutdown.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager, suppress
from functools import partial
from os import getppid
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

GRACE: Final = 10.0
"""Seconds for the handlers that still run when the process is to end: enough for an API call under way to return."""

PATIENCE: Final = 60.0
"""Seconds that a process waits for its first connection while its parent lives."""

LINGER: Final = 5.0
"""Seconds that a process waits, while its parent lives, for a client that has lost its connection to come back.

The parent may be a wrapper script that outlives Terraform.
"""

_TICK: Final = 0.5
"""Seconds between two looks at whether Terraform is still there."""


class Lifecycle:
    """Counts connections and running work, and knows when it is over; used from the event loop's thread only.

    `parent` is the process that must live, None when any number of clients may come and go (debugging).
    """

    def __init__(self, parent: int | None) -> None:
        self._parent = parent
        self._connections = 0
        self._alone_until = monotonic() + PATIENCE
        self._leaving = asyncio.Event()
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def connected(self) -> None:
        """Note a client's connection."""
        self._connections += 1

    def disconnected(self) -> None:
        """Note the end of a connection."""
        self._connections -= 1
        self._alone_until = monotonic() + LINGER

    def leave(self) -> None:
        """Let the process end."""
        self._leaving.set()

    async def left(self) -> None:
        """Return when the process is to end; for whoever holds a call open until then."""
        await self._leaving.wait()

    async def until_leaving(self) -> None:
        """Watch over Terraform and return when the process is to end; for the process itself."""
        while not self._leaving.is_set() and not self._abandoned():
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._leaving.wait()
        self._leaving.set()

    async def until_idle(self) -> bool:
        """Return True when nothing runs any more, False when something still does after `GRACE`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._idle.wait()
        return self._idle.is_set()

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises; it runs in a thread of its own.

        When the caller is cancelled the thread carries on, and counts as running until it is done. There is no limit to
        the number of threads: as many calls wait at a time as Terraform's -parallelism allows.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def finish(settle: Callable[[], None]) -> None:
            self._ended()
            if not future.done():
                settle()

        def run() -> None:
            try:
                settle = partial(future.set_result, work())
            except Exception as failure:  # noqa: BLE001 - the caller decides
                settle = partial(future.set_exception, failure)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(finish, settle)

        self._began()
        try:
            threading.Thread(target=run, daemon=True).start()
        except RuntimeError:  # the system gives no more threads
            self._ended()
            raise
        return await future

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the body as running, so that a result is sent before the process ends."""
        self._began()
        try:
            yield
        finally:
            self._ended()

    def _began(self) -> None:
        self._busy += 1
        self._idle.clear()

    def _ended(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._idle.set()

    def _abandoned(self) -> bool:
        if self._parent is None or self._connections:
            return False
        return getppid() != self._parent or monotonic() > self._alone_until
