"""What a reviewed plan allows an apply to touch on one gateway, and the rules that a change is held to."""

from __future__ import annotations

from dataclasses import dataclass


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
        min_in_service: fewest addresses, the primary included, that take new connections at any moment.
        subnet_cidr_block: the IPv4 CIDR block of the gateway's subnet.
    """

    quota: int
    min_in_service: int | None = None
    subnet_cidr_block: str | None = None
