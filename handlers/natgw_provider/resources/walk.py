"""What one walk of Terraform (a plan, or an apply) has met of each gateway, so that two claims are seen early.

The protocol does not say which resource a call is about, only which values. So this knows gateways by id: those that
the state holds, and those that something new is planned for. It lives as long as the provider is configured once.
"""

from __future__ import annotations

import threading

from natgw_provider.core import names
from natgw_provider.core.problems import Problem


class Walk:
    """The gateways of one walk; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()
        self._created: set[str] = set()
        self._gone: set[str] = set()
        self._living: set[str] = set()

    def note_gone(self, nat_gateway_id: str) -> None:
        """A refresh found the gateway gone."""
        with self._lock:
            self._gone.add(nat_gateway_id)

    def note_living(self, nat_gateway_id: str) -> None:
        """A refresh found the gateway, and its resource in the state."""
        self.hold(nat_gateway_id)
        with self._lock:
            self._living.add(nat_gateway_id)

    def is_living(self, nat_gateway_id: object) -> bool:
        """Whether a refresh of this walk found the gateway."""
        with self._lock:
            return nat_gateway_id in self._living

    def is_gone(self, nat_gateway_id: object) -> bool:
        """Whether a refresh of this walk found the gateway gone."""
        with self._lock:
            return nat_gateway_id in self._gone

    def hold(self, nat_gateway_id: str) -> tuple[Problem, ...]:
        """The state holds a resource for the gateway; return what stands against that."""
        with self._lock:
            self._held.add(nat_gateway_id)
            return _managed_already(nat_gateway_id) if nat_gateway_id in self._created else ()

    def create(self, nat_gateway_id: str) -> tuple[Problem, ...]:
        """Something new is planned for the gateway; return what stands against that."""
        with self._lock:
            is_taken = nat_gateway_id in self._held | self._created
            self._created.add(nat_gateway_id)
            return _managed_already(nat_gateway_id) if is_taken else ()


def _managed_already(nat_gateway_id: str) -> tuple[Problem, ...]:
    return (
        Problem(
            (names.NAT_GATEWAY_ID,),
            "The gateway is managed already",
            f"A {names.RESOURCE_TYPE} is to be created for {nat_gateway_id}, or moved to it, and this configuration or "
            "state has one for it already. Carrying that out would drain addresses only to assign them again, or two "
            "resources would undo each other. If the resource was renamed or moved, or the list behind a `count` "
            "shifted, add `moved` blocks (`for_each` with fixed keys does not shift). If it is to be replaced, leave "
            "`-replace` out, run `terraform untaint`, or remove `replace_triggered_by`: an update in place does the "
            "same without a drain. If it is to take over the gateway of another resource, apply the other one's move "
            "or removal first. If there are two, declare all addresses in one.",
        ),
    )
