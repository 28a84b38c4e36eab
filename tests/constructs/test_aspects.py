"""A rule for the whole app stops the synthesis where a resource breaks it, and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from natgw_constructs import ForbidCount, NatGatewaySecondaryIps, RequireMinimumDrain, RequireMinInService
from support.constructs_bench import Bench

Rule = Callable[[], Any]


def declare(bench: Bench, rule: Rule, **arguments: Any) -> None:
    bench.core.Aspects.of(bench.stack).add(rule())
    given: dict[str, Any] = {"nat_gateway_id": "nat-1", "count": 2, **arguments}
    NatGatewaySecondaryIps(bench.stack, "egress", **given)


def synth(bench: Bench) -> str:
    bench.bindings.NatgwProvider(bench.stack, "natgw")
    return str(bench.core.Testing.full_synth(bench.stack))


@pytest.mark.parametrize(
    ("rule", "arguments", "message"),
    [
        (lambda: RequireMinimumDrain(300), {"max_drain": 299}, "max_drain_duration_seconds is 299.*at least 300"),
        (lambda: RequireMinimumDrain(351), {}, "max_drain_duration_seconds is 350.*at least 351"),
        (lambda: RequireMinInService(3), {"min_in_service": 2}, "min_in_service_addresses is 2.*at least 3"),
        (lambda: RequireMinInService(2), {}, "min_in_service_addresses is 1.*at least 2"),
        (ForbidCount, {}, "secondary_private_ip_address_count is set.*Name the full set"),
    ],
)
def test_a_broken_rule_stops_the_synthesis(bench: Bench, rule: Rule, arguments: dict[str, Any], message: str) -> None:
    declare(bench, rule, **arguments)
    with pytest.raises(RuntimeError, match=rf"(?s)stack/egress/Resource.*{message}"):
        synth(bench)


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        (lambda: RequireMinimumDrain(350), {}),
        (lambda: RequireMinimumDrain(60), {"max_drain": 60}),
        (lambda: RequireMinInService(1), {}),
        (lambda: RequireMinInService(2), {"min_in_service": 3}),
        (ForbidCount, {"count": None, "addresses": []}),
    ],
)
def test_a_kept_rule_says_nothing(bench: Bench, rule: Rule, arguments: dict[str, Any]) -> None:
    declare(bench, rule, **arguments)
    synth(bench)


def test_a_token_is_not_judged(bench: Bench) -> None:
    drain = bench.core.TerraformVariable(bench.stack, "drain", type="number").number_value
    declare(bench, lambda: RequireMinimumDrain(300), max_drain=drain)
    synth(bench)


def test_a_bare_resource_is_judged_too(bench: Bench) -> None:
    bench.core.Aspects.of(bench.stack).add(ForbidCount())
    bench.bindings.SecondaryPrivateIps(
        bench.stack, "bare", nat_gateway_id="nat-1", secondary_private_ip_address_count=1
    )
    with pytest.raises(RuntimeError, match="ForbidCount"):
        synth(bench)


def test_other_constructs_are_left_alone(bench: Bench) -> None:
    bench.core.Aspects.of(bench.stack).add(RequireMinimumDrain(4000))
    synth(bench)
