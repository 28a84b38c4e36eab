"""Which resource of a run changed which addresses, so that no two resources undo each other.

One run of Terraform has one engine. What a resource declares stays claimed until the run is over, what it gives up
while its request is carried out. A destroyed set may be followed by another set of the same gateway; single addresses
are stricter, since nothing orders them.
"""

from __future__ import annotations

import threading
from collections import Counter

from natgw_provider.core.diff import Count, Part
from natgw_provider.core.problems import Problem
from natgw_provider.engine import messages
from natgw_provider.engine.change import ChangeRequest


class Claims:
    """The claims of one run; safe to use from many threads. A key is claimed as (gateway, key)."""

    def __init__(self) -> None:
        self._sets: set[str] = set()
        self._shared: set[str] = set()
        self._single: set[tuple[str, str]] = set()
        self._added: set[tuple[str, str]] = set()
        self._leaving: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def claim(self, request: ChangeRequest) -> Problem | None:
        """Claim what a request changes, its release included; return why it cannot, then nothing is claimed."""
        requests = _with_release(request)
        with self._lock:
            problems = [problem for one in requests if (problem := self._against(one))]
            if not problems:
                for one in requests:
                    self._note(one)
        return problems[0] if problems else None

    def end(self, request: ChangeRequest) -> None:
        """Say that a claimed request has been carried out."""
        with self._lock:
            for one in _with_release(request):
                self._leaving.subtract(_removed(one))

    def _against(self, request: ChangeRequest) -> Problem | None:
        gateway, added, removed = request.nat_gateway_id, _added(request), _removed(request)
        if not request.is_release:
            has_set, is_shared = gateway in self._sets, gateway in self._shared
            if has_set and not request.shares_gateway:
                return messages.claimed_twice(request)
            if has_set or (is_shared and not request.shares_gateway):
                return messages.set_and_single(request)
        if not request.shares_gateway:
            added, removed = added & self._single, removed & self._single
        if twice := added & self._added:
            return messages.added_twice(request, _keys(twice))
        if wanted := removed & self._added:
            return messages.contradicted(request, _keys(wanted), is_leaving=False)
        if leaving := {claim for claim in added if self._leaving[claim] > 0}:
            return messages.contradicted(request, _keys(leaving), is_leaving=True)
        return None

    def _note(self, request: ChangeRequest) -> None:
        if not request.is_release:
            (self._shared if request.shares_gateway else self._sets).add(request.nat_gateway_id)
        added, removed = _added(request), _removed(request)
        self._added |= added
        self._leaving.update(removed)
        if request.shares_gateway:
            self._single |= added | removed


def _with_release(request: ChangeRequest) -> tuple[ChangeRequest, ...]:
    return (request, request.release) if request.release else (request,)


def _added(request: ChangeRequest) -> set[tuple[str, str]]:
    target = request.target
    return set() if isinstance(target, Count) else {(request.nat_gateway_id, key) for key in target.wanted}


def _removed(request: ChangeRequest) -> set[tuple[str, str]]:
    target = request.target
    return {(request.nat_gateway_id, key) for key in target.remove} if isinstance(target, Part) else set()


def _keys(claims: set[tuple[str, str]]) -> list[str]:
    return [key for _, key in claims]
