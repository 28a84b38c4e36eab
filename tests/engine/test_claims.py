"""What two resources of one run must not do to each other: refused before a call, as far as no plan could see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.stage import GATEWAY, ip
from natgw_provider.core.diff import Approval, Count, ExactSet, Part, Rules, Target
from natgw_provider.core.settings import ChangeSettings
from natgw_provider.engine.change import ChangeRequest
from natgw_provider.engine.claims import Claims

OTHER = "nat-0000000000000beef"
TWICE = "Two resources manage one NAT gateway"
CONTRADICTED = "One resource declares the address that another gives up"
NOTHING = Approval(unassign=frozenset(), assign=frozenset())


def request(target: Target, gateway: str = GATEWAY, *, single: bool = False) -> ChangeRequest:
    return ChangeRequest(
        nat_gateway_id=gateway,
        target=target,
        approval=NOTHING,
        rules=Rules(quota=8),
        settings=ChangeSettings(),
        timeout_seconds=60.0,
        shares_gateway=single,
    )


def declared(*hosts: int, gateway: str = GATEWAY) -> ChangeRequest:
    return request(ExactSet(ip(*hosts)), gateway)


def given_up(*hosts: int, gateway: str = GATEWAY) -> ChangeRequest:
    return request(Part(remove=frozenset(ip(*hosts))), gateway)


def came(host: int, gateway: str = GATEWAY) -> ChangeRequest:
    return request(Part(add=frozenset(ip(host))), gateway, single=True)


def left(host: int, gateway: str = GATEWAY) -> ChangeRequest:
    return request(Part(remove=frozenset(ip(host))), gateway, single=True)


def moved(host: int, *, single: bool = True) -> ChangeRequest:
    """Return what leaves GATEWAY for OTHER."""
    comes = came(host, OTHER) if single else declared(host, gateway=OTHER)
    return replace(comes, release=left(host) if single else given_up(host))


@pytest.mark.parametrize(
    ("earlier", "later", "refused"),
    [
        (declared(10), declared(11), TWICE),
        (request(Count(1)), request(Count(1)), TWICE),
        (declared(10), declared(11, gateway=OTHER), None),
        (declared(10, gateway=OTHER), moved(11, single=False), TWICE),
        (declared(10), given_up(10), CONTRADICTED),
        (declared(10), given_up(11), None),
        (given_up(10), declared(10), CONTRADICTED),
        (given_up(10), declared(11), None),
        (request(Count(1)), given_up(10), None),
        (declared(10), left(10), CONTRADICTED),
        (given_up(10), came(10), CONTRADICTED),
        (came(10), given_up(10, 11), CONTRADICTED),
        (came(10), came(11), None),
        (came(10), declared(11), None),
        (declared(11), came(10), None),
        (came(10), left(10), CONTRADICTED),
        (came(10), left(10, OTHER), None),
        (left(10), came(10), CONTRADICTED),
        (left(10), came(10, OTHER), None),
        (came(10), moved(10), CONTRADICTED),
        (moved(10), came(10), CONTRADICTED),
        (moved(10), left(10, OTHER), CONTRADICTED),
        (left(10, OTHER), moved(10), CONTRADICTED),
    ],
)
def test_a_resource_is_refused_that_would_undo_another_one(
    earlier: ChangeRequest, later: ChangeRequest, refused: str | None
) -> None:
    claims = Claims()
    assert claims.claim(earlier) is None
    problem = claims.claim(later)
    assert (problem and problem.summary) == refused


@pytest.mark.parametrize("earlier", [given_up(10), left(10), moved(10)])
def test_what_has_left_may_be_declared_again(earlier: ChangeRequest) -> None:
    claims = Claims()
    claims.claim(earlier)
    claims.end(earlier)
    assert claims.claim(came(10)) is None


@pytest.mark.parametrize("earlier", [declared(10), came(10), moved(10)])
def test_what_is_declared_is_not_taken_away_by_another_one_later(earlier: ChangeRequest) -> None:
    claims = Claims()
    claims.claim(earlier)
    claims.end(earlier)
    problem = claims.claim(left(10, earlier.nat_gateway_id))
    assert problem is not None
    assert problem.summary == CONTRADICTED


def test_what_is_refused_claims_nothing() -> None:
    claims = Claims()
    claims.claim(left(10, OTHER))
    assert claims.claim(moved(10)) is not None
    assert claims.claim(came(10)) is None
