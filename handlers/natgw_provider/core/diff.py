"""What a change is asked for: the target and its difference to the gateway, the rules, and what a plan approved.

It decides what changes, never in which order (`change_plan`) nor whether it is allowed (`plan_checks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.gateway import NatGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The difference, all in numerical order.

    Attributes:
        assign: named addresses to assign.
        assign_count: further addresses to assign that AWS picks; only when a count is declared.
        unassign: addresses to unassign.
        keep: secondaries that stay.
    """

    assign: tuple[str, ...] = ()
    assign_count: int = 0
    unassign: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def additions(self) -> int:
        """How many addresses will be assigned, named or picked by AWS."""
        return len(self.assign) + self.assign_count

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to change."""
        return not self.additions and not self.unassign


@dataclass(frozen=True, slots=True)
class ExactSet:
    """The gateway is to have these secondaries (canonical) and no others."""

    addresses: tuple[str, ...]
    is_release: ClassVar[bool] = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """The secondaries that are named as wanted."""
        return self.addresses

    def secondaries_of(self, _gateway: NatGateway) -> int:
        """Return how many secondaries the gateway has afterwards."""
        return len(self.addresses)

    def diff(self, gateway: NatGateway) -> Diff:
        """Return the difference; a wanted address that drains or failed is assigned again."""
        wanted, attached = set(self.addresses), set(gateway.attached)
        return Diff(
            assign=sort_addresses(wanted - attached),
            unassign=sort_addresses(attached - wanted),
            keep=sort_addresses(attached & wanted),
        )


@dataclass(frozen=True, slots=True)
class Count:
    """The gateway is to have so many secondaries."""

    count: int
    is_release: ClassVar[bool] = False

    def diff(self, gateway: NatGateway) -> Diff:
        """Return the difference: AWS picks on growth; on shrinking the numerically highest addresses go."""
        attached = gateway.attached
        return Diff(
            assign_count=max(0, self.count - len(attached)),
            unassign=attached[self.count :],
            keep=attached[: self.count],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The gateway is to have some secondaries, to lose others, and to keep the rest."""

    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    @property
    def is_release(self) -> bool:
        """Whether addresses only leave with their declaration."""
        return not self.add

    @property
    def wanted(self) -> tuple[str, ...]:
        """The secondaries that are named as wanted."""
        return sort_addresses(self.add)

    def secondaries_of(self, gateway: NatGateway) -> int:
        """Return how many secondaries the gateway has afterwards."""
        return len((set(gateway.attached) | self.add) - self.remove)

    def diff(self, gateway: NatGateway) -> Diff:
        """Return the difference; a wanted address that drains or failed is assigned again."""
        attached = set(gateway.attached)
        return Diff(
            assign=sort_addresses(self.add - attached),
            unassign=sort_addresses(attached & self.remove),
            keep=sort_addresses(attached - self.remove),
        )


Target: TypeAlias = ExactSet | Count | Part
"""What a gateway is to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What may be touched, and nothing else.

    Attributes:
        unassign: the addresses that may be unassigned.
        assign: the addresses that may be assigned, or how many AWS may pick.
        in_service_low: the fewest addresses in service that the plan showed for any moment of the change; None where
            the plan showed no number.
    """

    unassign: frozenset[str]
    assign: frozenset[str] | int
    in_service_low: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a change must keep to; None is not known yet and not judged.

    Attributes:
        quota: addresses that the gateway may have, the primary and draining ones included.
        subnet_cidr_block: the IPv4 CIDR block of the gateway's subnet.
        private_ips: the private addresses to give to Elastic IPs, by key, as far as they are declared.
    """

    quota: int
    subnet_cidr_block: str | None = None
    private_ips: Mapping[str, str] = field(default_factory=dict)
