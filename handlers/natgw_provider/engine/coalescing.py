"""Reads that many resources ask for at the same moment, answered by few calls.

Terraform refreshes ten resources at a time, and their reads start within some 7 ms: they are gathered for a moment and
asked for together. A reader never gets an answer to a call that was made before it asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, TypeVar

from natgw_provider.engine.calls import PATIENCE_SECONDS

Found = TypeVar("Found")

WINDOW_SECONDS: Final = 0.025
"""The call is made when no new reader has come for so long."""

FIRST_WINDOW_SECONDS: Final = 0.008
"""The same for the very first reader of all: of ten that start together, the second follows within a few ms, and most
plans are of one gateway."""

WINDOWS_MAXIMUM: Final = 8
"""How many windows to wait at most for as many readers as the last call served: a client that reads ten gateways at
a time goes on to do so, but on a busy machine they do not all come within one window."""


class _Batch(Generic[Found]):
    """Readers that share one call."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.readers = 0
        self.done = threading.Event()
        self.found: Mapping[str, Found] = {}
        self.error: BaseException | None = None


class CoalescingReader(Generic[Found]):
    """Gathers concurrent reads of single ids into calls of `fetch`, which takes ids and returns what exists of them."""

    def __init__(
        self,
        fetch: Callable[[Iterable[str]], Mapping[str, Found]],
        *,
        window_seconds: float = WINDOW_SECONDS,
        first_window_seconds: float = FIRST_WINDOW_SECONDS,
    ) -> None:
        self._fetch = fetch
        self._window = window_seconds
        self._first_window = first_window_seconds
        self._lock = threading.Lock()
        self._one_call_at_a_time = threading.Lock()
        self._open: _Batch[Found] | None = None
        self._served_last = 1
        self._readers_ever = 0

    @property
    def has_company(self) -> bool:
        """Whether more than one reader has ever come: then others may come along with the next one, too."""
        return self._readers_ever > 1

    def read(self, identifier: str, *, waits: bool = True) -> Found | None:
        """Return what `fetch` finds for it, or None. An error of `fetch` is raised to every reader that shared it.

        With `waits` false no other reader is expected, and the call is made at once.
        """
        with self._lock:
            self._readers_ever += 1
            leads = self._open is None
            batch = self._open = self._open or _Batch()
            batch.ids.add(identifier)
            batch.readers += 1
        if leads:
            self._lead(batch, waits=waits)
        batch.done.wait()
        if batch.error is not None:
            raise batch.error
        return batch.found.get(identifier)

    def _lead(self, batch: _Batch[Found], *, waits: bool) -> None:
        if waits:
            self._gather(batch)
        # While a call is in flight, the readers that come gather for the next one, unless the call hangs.
        is_turn = self._one_call_at_a_time.acquire(timeout=PATIENCE_SECONDS)
        try:
            with self._lock:
                self._open = None
            batch.found = self._fetch(frozenset(batch.ids))
        except BaseException as error:  # noqa: BLE001 - it is raised to every reader
            batch.error = error
        finally:
            batch.done.set()
            if is_turn:
                self._one_call_at_a_time.release()

    def _gather(self, batch: _Batch[Found]) -> None:
        for _ in range(WINDOWS_MAXIMUM):
            gathered = batch.readers
            threading.Event().wait(self._window if self.has_company else self._first_window)
            if gathered == batch.readers >= self._served_last:
                break
        self._served_last = batch.readers
