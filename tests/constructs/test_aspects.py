"""A rule for the whole app stops the synthesis where a resource breaks it, and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs import Construct

from natgw_constructs import ForbidCount, NatGatewaySecondaryIps, RequireMinimumDrain, RequireMinInService
from natgw_constructs.libraries import implementing
from support.constructs_bench import Bench

Rule = Callable[[], Any]


class Loud:
    """An Aspect of a user that finds fault with everything."""

    @classmethod
    def of(cls, bench: Bench) -> Any:
        return implementing(cls, bench.core.IAspect)()

    def visit(self, node: Any) -> None:
        raise AssertionError(node.node.path)


class Mending(Loud):
    """An Aspect of a user that mends every drain."""

    def visit(self, node: Any) -> None:
        if hasattr(node, "max_drain_duration_seconds"):
            node.max_drain_duration_seconds = 300


def declare(bench: Bench, rule: Rule, **arguments: Any) -> None:
    bench.core.Aspects.of(bench.stack).add(rule())
    given: dict[str, Any] = {"nat_gateway_id": "nat-00000001", "count": 2, **arguments}
    NatGatewaySecondaryIps(bench.stack, "egress", **given)


def synth(bench: Bench) -> str:
    bench.bindings.NatgwProvider(bench.stack, "natgw")
    return str(bench.core.Testing.full_synth(bench.stack))


@pytest.mark.parametrize(
    ("rule", "arguments", "message"),
    [
        (lambda: RequireMinimumDrain(300), {"max_drain": 299}, "max_drain is 299.*at least 300"),
        (lambda: RequireMinimumDrain(351), {}, "max_drain is 350.*at least 351"),
        (lambda: RequireMinInService(3), {"min_in_service": 2}, "min_in_service is 2.*at least 3"),
        (lambda: RequireMinInService(2), {}, "min_in_service is 1.*at least 2"),
        (ForbidCount, {}, "count is set.*Name the full set in addresses instead"),
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


def app_of(bench: Bench) -> Any:
    return bench.stack.node.root


def test_a_rule_on_the_app_judges_the_resources_of_every_stack(bench: Bench) -> None:
    """Also one that is put there after everything else is made."""
    stacks = (bench.stack, bench.core.TerraformStack(app_of(bench), "second"))
    for stack in stacks:
        bench.bindings.NatgwProvider(stack, "natgw")
        NatGatewaySecondaryIps(
            stack, "egress", nat_gateway_id=f"nat-{stack.node.id.encode().hex()[:8]}", count=1, max_drain=60
        )
    bench.core.Aspects.of(app_of(bench)).add(RequireMinimumDrain(300))
    for stack in stacks:
        with pytest.raises(RuntimeError, match=rf"{stack.node.id}/egress/Resource\] max_drain is 60"):
            bench.core.Testing.full_synth(stack)


def test_a_rule_on_a_construct_that_holds_stacks_judges_these_and_no_others(bench: Bench) -> None:
    group = Construct(app_of(bench), "production")
    inside = bench.core.TerraformStack(group, "inside")
    bench.core.Aspects.of(group).add(ForbidCount())
    for stack in (bench.stack, inside):
        bench.bindings.NatgwProvider(stack, "natgw")
        NatGatewaySecondaryIps(stack, "egress", nat_gateway_id=f"nat-{stack.node.id.encode().hex()[:8]}", count=1)
    bench.core.Testing.full_synth(bench.stack)
    with pytest.raises(RuntimeError, match="ForbidCount"):
        bench.core.Testing.full_synth(inside)


def test_a_rule_on_the_app_sees_what_an_aspect_of_the_stack_has_changed(bench: Bench) -> None:
    bench.core.Aspects.of(app_of(bench)).add(RequireMinimumDrain(300))
    bench.core.Aspects.of(bench.stack).add(Mending.of(bench))
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=1, max_drain=60)
    synth(bench)


def test_a_rule_that_is_met_on_two_ways_complains_once(bench: Bench) -> None:
    rule = ForbidCount()
    for scope in (app_of(bench), bench.stack):
        bench.core.Aspects.of(scope).add(rule)
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=1)
    with pytest.raises(RuntimeError) as caught:
        synth(bench)
    assert str(caught.value).count("ForbidCount") == 1


def test_other_aspects_of_the_app_are_left_alone(bench: Bench) -> None:
    """The library does not run them, and that is the library's business."""
    bench.core.Aspects.of(app_of(bench)).add(Loud.of(bench))
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=1)
    synth(bench)


def test_a_token_is_not_judged(bench: Bench) -> None:
    drain = bench.core.TerraformVariable(bench.stack, "drain", type="number").number_value
    declare(bench, lambda: RequireMinimumDrain(300), max_drain=drain)
    synth(bench)


def test_a_bare_resource_is_judged_too_in_its_own_words(bench: Bench) -> None:
    bench.core.Aspects.of(bench.stack).add(ForbidCount())
    bench.bindings.SecondaryPrivateIps(
        bench.stack, "bare", nat_gateway_id="nat-00000001", secondary_private_ip_address_count=1
    )
    with pytest.raises(RuntimeError, match=r"stack/bare\] secondary_private_ip_address_count is set.*ForbidCount"):
        synth(bench)
