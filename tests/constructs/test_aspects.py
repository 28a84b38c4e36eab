"""A rule for the whole app stops the synthesis where a resource breaks it, and says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from constructs import Construct

from natgw_constructs import (
    ForbidCount,
    NatGatewaySecondaryElasticIp,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
    RequireMinimumDrain,
    RequireMinInService,
)
from natgw_constructs.libraries import implementing
from support.constructs_bench import Bench


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


def declare(bench: Bench, stack: Any = None, **arguments: Any) -> None:
    stack = stack or bench.stack
    bench.bindings.NatgwProvider(stack, "natgw")
    given: dict[str, Any] = {"nat_gateway_id": f"nat-{stack.node.id.encode().hex()[:8]}", "count": 2, **arguments}
    NatGatewaySecondaryIps(stack, "egress", **given)


def synth(bench: Bench, stack: Any = None) -> None:
    bench.core.Testing.full_synth(stack or bench.stack)


def app_of(bench: Bench) -> Any:
    return bench.stack.node.root


@pytest.mark.parametrize(
    ("rule", "arguments", "message"),
    [
        (lambda: RequireMinimumDrain(300), {"max_drain": 299}, "max_drain is 299.*at least 300"),
        (lambda: RequireMinimumDrain(351), {}, "max_drain is 350.*at least 351"),
        (lambda: RequireMinInService(3), {"min_in_service": 2}, "min_in_service is 2.*at least 3"),
        (lambda: RequireMinInService(2), {}, "min_in_service is 1.*at least 2"),
        (ForbidCount, {}, "count is set.*Name the full set in addresses instead"),
        (lambda: RequireMinimumDrain(350), {}, ""),
        (lambda: RequireMinimumDrain(60), {"max_drain": 60}, ""),
        (lambda: RequireMinimumDrain(300), {"max_drain": "${var.drain}"}, ""),
        (lambda: RequireMinInService(1), {}, ""),
        (lambda: RequireMinInService(2), {"min_in_service": 3}, ""),
        (ForbidCount, {"count": None, "addresses": []}, ""),
    ],
)
def test_a_broken_rule_stops_the_synthesis_and_a_kept_one_says_nothing(
    bench: Bench, rule: Any, arguments: dict[str, Any], message: str
) -> None:
    bench.core.Aspects.of(bench.stack).add(rule())
    declare(bench, **arguments)
    if message:
        with pytest.raises(RuntimeError, match=rf"(?s)stack/egress/Resource.*{message}"):
            synth(bench)
    else:
        synth(bench)


def test_a_rule_judges_every_kind_that_has_the_setting(bench: Bench) -> None:
    for rule in (RequireMinimumDrain(351), RequireMinInService(2), ForbidCount()):
        bench.core.Aspects.of(bench.stack).add(rule)
    bench.bindings.NatgwProvider(bench.stack, "natgw")
    eip = "eipalloc-0000000a"
    NatGatewaySecondaryIps(bench.stack, "set", nat_gateway_id="nat-00000001", addresses=[])
    NatGatewaySecondaryElasticIps(bench.stack, "elastic-set", nat_gateway_id="nat-00000002", allocation_ids=[])
    NatGatewaySecondaryIp(bench.stack, "one", nat_gateway_id="nat-00000003", private_ip_address="10.0.0.4")
    NatGatewaySecondaryElasticIp(bench.stack, "elastic", nat_gateway_id="nat-00000004", allocation_id=eip)
    with pytest.raises(RuntimeError) as caught:
        synth(bench)
    lines = str(caught.value).splitlines()
    broken = {rule: [line for line in lines if f"({rule})" in line] for rule in ("RequireMinimumDrain", "ForbidCount")}
    assert {rule: len(found) for rule, found in broken.items()} == {"RequireMinimumDrain": 4, "ForbidCount": 0}
    assert sorted(line.split("/")[1] for line in lines if "(RequireMinInService)" in line) == ["elastic-set", "set"]


def test_a_rule_on_the_app_judges_the_resources_of_every_stack(bench: Bench) -> None:
    """Also one that is put there after everything else is made."""
    stacks = (bench.stack, bench.core.TerraformStack(app_of(bench), "second"))
    for stack in stacks:
        declare(bench, stack, max_drain=60)
    bench.core.Aspects.of(app_of(bench)).add(RequireMinimumDrain(300))
    for stack in stacks:
        with pytest.raises(RuntimeError, match=rf"{stack.node.id}/egress/Resource\] max_drain is 60"):
            synth(bench, stack)


def test_a_rule_on_a_construct_that_holds_stacks_judges_these_and_no_others(bench: Bench) -> None:
    group = Construct(app_of(bench), "production")
    inside = bench.core.TerraformStack(group, "inside")
    bench.core.Aspects.of(group).add(ForbidCount())
    declare(bench)
    declare(bench, inside)
    synth(bench)
    with pytest.raises(RuntimeError, match="ForbidCount"):
        synth(bench, inside)


def test_a_rule_on_the_app_sees_what_an_aspect_of_the_stack_has_changed(bench: Bench) -> None:
    bench.core.Aspects.of(app_of(bench)).add(RequireMinimumDrain(300))
    bench.core.Aspects.of(bench.stack).add(Mending.of(bench))
    declare(bench, max_drain=60)
    synth(bench)


def test_a_rule_that_is_met_on_two_ways_complains_once(bench: Bench) -> None:
    rule = ForbidCount()
    for scope in (app_of(bench), bench.stack):
        bench.core.Aspects.of(scope).add(rule)
    declare(bench)
    with pytest.raises(RuntimeError) as caught:
        synth(bench)
    assert str(caught.value).count("ForbidCount") == 1


def test_other_aspects_of_the_app_are_left_alone(bench: Bench) -> None:
    """The library does not run them, and that is the library's business."""
    bench.core.Aspects.of(app_of(bench)).add(Loud.of(bench))
    declare(bench)
    synth(bench)


def test_a_bare_resource_is_judged_too_in_its_own_words(bench: Bench) -> None:
    bench.core.Aspects.of(bench.stack).add(ForbidCount())
    bench.bindings.NatgwProvider(bench.stack, "natgw")
    bench.bindings.SecondaryPrivateIps(
        bench.stack, "bare", nat_gateway_id="nat-00000001", secondary_private_ip_address_count=1
    )
    with pytest.raises(RuntimeError, match=r"stack/bare\] secondary_private_ip_address_count is set.*ForbidCount"):
        synth(bench)
