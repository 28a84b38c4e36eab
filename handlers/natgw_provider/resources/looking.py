"""Looks at AWS that end when Terraform is told to stop: EC2 may take minutes not to answer.

botocore repeats a read that fails, and sleeps in between; nothing wakes it up. So the look goes on in a thread of its
own, and who waits for it need not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final, Generic, TypeVar

from natgw_provider.bridge.diagnostics import DiagnosticsError, error
from natgw_provider.bridge.handlers import Context

Found = TypeVar("Found")

_TICK: Final = 0.1
"""Seconds between two looks at whether to stop."""

_PROGRESS: Final = 10.0
"""Seconds between two lines on how long it takes."""


class _Look(Generic[Found]):
    """One look, under way in its thread."""

    def __init__(self, work: Callable[[], Found]) -> None:
        self._work = work
        self._done = threading.Event()
        self._found: list[Found] = []
        self._failure: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Return whether it is over, after so many seconds at most."""
        return self._done.wait(seconds)

    def found(self) -> Found:
        """Return what was found, or raise what was raised, once it is over."""
        if self._failure is not None:
            raise self._failure
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as failure:  # noqa: BLE001 - it is raised to who waits
            self._failure = failure
        finally:
            self._done.set()


def look(context: Context, work: Callable[[], Found]) -> Found:
    """Return what `work` returns, or raise what it raises; raises DiagnosticsError when told to stop before.

    It must change nothing, since it may go on for a while after that.
    """
    begun = told = monotonic()
    under_way = _Look(work)
    while not under_way.wait(_TICK):
        if context.stop.is_set():
            raise DiagnosticsError([error("Interrupted", "Stopped on request, while AWS did not answer.")])
        if monotonic() - told >= _PROGRESS:
            told = monotonic()
            context.log.info("waiting for AWS's answer", seconds=round(told - begun))
    return under_way.found()
