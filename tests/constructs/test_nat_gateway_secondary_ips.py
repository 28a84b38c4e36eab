"""The L2 construct becomes the resource that was declared, and can be used like one."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryIps
from support.constructs_bench import Bench


@pytest.mark.parametrize(
    ("arguments", "declared"),
    [
        ({"count": 3}, {"secondary_private_ip_address_count": 3}),
        ({"addresses": []}, {"secondary_private_ip_addresses": []}),
        ({"addresses": {"10.0.0.10", "10.0.0.9"}}, {"secondary_private_ip_addresses": ["10.0.0.9", "10.0.0.10"]}),
        (
            {"count": 0, "max_drain": timedelta(minutes=5)},
            {"secondary_private_ip_address_count": 0, "max_drain_duration_seconds": 300},
        ),
    ],
)
def test_what_is_not_given_is_left_to_the_provider_and_pythons_own_types_are_taken(
    bench: Bench, arguments: dict[str, Any], declared: dict[str, Any]
) -> None:
    gateway = SimpleNamespace(id="nat-00000007")
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway=gateway, **arguments)
    assert bench.resource() == {"nat_gateway_id": "nat-00000007", **declared}


def test_the_resource_is_the_child_named_resource_and_the_default_child(bench: Bench) -> None:
    """The tree's shape is a contract: it makes the resource's address in Terraform's state."""
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    assert ips.node.default_child is ips.resource
    assert ips.resource.node.path == "stack/egress/Resource"
    assert list(bench.resources()) == ["egress_552EBF08"]


def test_it_uses_the_provider_block_that_it_is_given(bench: Bench) -> None:
    provider = bench.bindings.NatgwProvider(bench.stack, "west", region="us-west-2", alias="west")
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[], provider=provider)
    assert bench.resource()["provider"] == "natgw.west"


def test_a_subclass_keeps_its_own_constructor(bench: Bench) -> None:
    class House(NatGatewaySecondaryIps):
        def __init__(self, scope: Construct, id: str, gateway: str) -> None:  # noqa: A002
            super().__init__(scope, id, nat_gateway_id=gateway, count=2)

    made = House(bench.stack, "egress", "nat-00000009")
    assert isinstance(made, House)
    assert bench.resource()["nat_gateway_id"] == "nat-00000009"


def test_outside_a_stack_it_says_what_it_needs(bench: Bench) -> None:
    with pytest.raises(TypeError, match="not inside a TerraformStack"):
        NatGatewaySecondaryIps(bench.core.Testing.app(), "egress", nat_gateway_id="nat-00000001", addresses=[])


def test_the_policy_is_also_there_as_text_for_an_output(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    bench.core.TerraformOutput(bench.stack, "policy", value=ips.iam_policy)
    text = bench.synth()["output"]["policy"]["value"]
    assert text.startswith("${jsonencode(")
    assert "arn:aws:ec2:*:*:natgateway/nat-00000001" in text


def test_a_gateway_can_be_looked_up_by_tags_and_filters(bench: Bench) -> None:
    west = bench.bindings.NatgwProvider(bench.stack, "west", region="us-west-2", alias="west")
    ips = NatGatewaySecondaryIps.from_lookup(
        bench.stack, "egress", tags={"Name": "egress-a"}, filters={"vpc-id": ["vpc-1"]}, count=2, provider=west
    )
    assert bench.synth()["data"]["natgw_nat_gateway"]["egress-lookup"] == {
        "tags": {"Name": "egress-a"},
        "filter": [{"name": "vpc-id", "values": ["vpc-1"]}],
        "provider": "natgw.west",
    }
    assert bench.resource()["nat_gateway_id"] == "${data.natgw_nat_gateway.egress-lookup.id}"
    assert bench.resource()["provider"] == "natgw.west"
    bench.core.TerraformOutput(bench.stack, "policy", value=ips.iam_policy)
    assert "natgateway/${data.natgw_nat_gateway.egress-lookup.id}" in bench.synth()["output"]["policy"]["value"]
