"""Which addresses the resources of a run declare and give up, so that no two of them undo each other.

A plan refuses it as soon as it knows the gateways, also the second plan that Terraform makes during apply. But a
destroy is not planned again, and a plan accepts two resources that the state has already. One run of Terraform has one
engine: what a resource declares stays claimed until the run is over, what it gives up while it is carried out.
"""

from __future__ import annotations

import threading

from natgw_provider.core.diff import Count, Part
from natgw_provider.core.problems import Problem
from natgw_provider.engine import messages
from natgw_provider.engine.change import ChangeRequest


class Claims:
    """The claims of one run; safe to use from many threads."""

    def __init__(self) -> None:
        self._declared: list[ChangeRequest] = []
        self._leaving: list[ChangeRequest] = []
        self._lock = threading.Lock()

    def claim(self, request: ChangeRequest) -> Problem | None:
        """Claim what a request changes, its release included; return why it cannot, then nothing is claimed."""
        requests = [request, request.release] if request.release else [request]
        with self._lock:
            problems = [problem for one in requests if (problem := self._against(one))]
            if problems:
                return problems[0]
            self._declared += [one for one in requests if not one.is_release]
            self._leaving += [one for one in requests if one.is_release]
        return None

    def end(self, request: ChangeRequest) -> None:
        """Say that a claimed request has been carried out: what has left may be declared again."""
        with self._lock:
            self._leaving = [one for one in self._leaving if one is not request and one is not request.release]

    def _against(self, request: ChangeRequest) -> Problem | None:
        gateway, keys = request.nat_gateway_id, _keys(request)
        declared = [one for one in self._declared if one.nat_gateway_id == gateway]
        leaving = [one for one in self._leaving if one.nat_gateway_id == gateway]
        sets = [one for one in (request, *declared) if not one.is_release and not one.shares_gateway]
        if len(sets) > 1:
            return messages.claimed_twice(request)
        others = declared if request.is_release else leaving
        if contradicted := keys & frozenset().union(*map(_keys, others)):
            return messages.contradicted(request, contradicted, is_leaving=not request.is_release)
        return None


def _keys(request: ChangeRequest) -> frozenset[str]:
    """Return the addresses that a request names: those that it gives up, or those that it declares."""
    target = request.target
    if isinstance(target, Part) and request.is_release:
        return target.remove
    return frozenset() if isinstance(target, Count) else frozenset(target.wanted)
