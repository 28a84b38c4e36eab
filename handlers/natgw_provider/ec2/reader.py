"""Reads that many resources ask for at the same moment, answered by few calls.

Terraform refreshes ten resources at a time, and their reads start within some 7 ms: they are gathered for a moment and
asked for together. What a reader gets was always asked for after it wanted to know, so it is never an older answer.
Who knows how many are to come does not wait for more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, TypeVar

Found = TypeVar("Found")

WINDOW_SECONDS: Final = 0.025
"""How long nobody new may have come before the call is made."""

WINDOWS_MAXIMUM: Final = 8
"""How many windows to wait at most for as many readers as the last call served: a client that reads ten gateways at
a time goes on to do so, but on a busy machine its readers come in dribs."""


class _Batch(Generic[Found]):
    """Readers that share one call."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.readers = 0
        self.is_complete = threading.Event()
        self.done = threading.Event()
        self.found: Mapping[str, Found] = {}
        self.error: BaseException | None = None


class CoalescingReader(Generic[Found]):
    """Gathers concurrent reads of single ids into calls of `fetch`, which takes ids and returns what exists of them."""

    def __init__(
        self, fetch: Callable[[Iterable[str]], Mapping[str, Found]], *, window_seconds: float = WINDOW_SECONDS
    ) -> None:
        self._fetch = fetch
        self._window = window_seconds
        self._lock = threading.Lock()
        self._one_call_at_a_time = threading.Lock()
        self._open: _Batch[Found] | None = None
        self._served_last = 1

    @property
    def served_last(self) -> int:
        """How many readers the last call served: so many come together next time, or go on together to what follows."""
        return self._served_last

    def read(self, identifier: str, *, company: int | None = None) -> Found | None:
        """Return what `fetch` finds for it, or None. An error of `fetch` is raised to every reader that shared it.

        `company` is how many readers at most can be expected now, this one included; None when nobody knows.
        """
        with self._lock:
            leads = self._open is None
            batch = self._open = self._open or _Batch()
            batch.ids.add(identifier)
            batch.readers += 1
            if company is not None and batch.readers >= company:
                batch.is_complete.set()
        if leads:
            self._lead(batch)
        batch.done.wait()
        if batch.error is not None:
            raise batch.error
        return batch.found.get(identifier)

    def _lead(self, batch: _Batch[Found]) -> None:
        self._gather(batch)
        # While a call is under way, those who come meanwhile gather for the next one.
        with self._one_call_at_a_time:
            with self._lock:
                self._open = None
            try:
                batch.found = self._fetch(frozenset(batch.ids))
            except BaseException as error:  # noqa: BLE001 - it is raised to every reader
                batch.error = error
            finally:
                batch.done.set()

    def _gather(self, batch: _Batch[Found]) -> None:
        for _ in range(WINDOWS_MAXIMUM):
            gathered = batch.readers
            if batch.is_complete.wait(self._window) or gathered == batch.readers >= self._served_last:
                break
        self._served_last = batch.readers
