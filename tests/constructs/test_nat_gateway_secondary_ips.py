"""The L2 construct becomes the resource that was declared, and can be used like one."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from constructs import Construct

from natgw_constructs import DeclarationError, NatGatewaySecondaryIps
from support.constructs_bench import Bench


def test_each_argument_becomes_an_attribute(bench: Bench) -> None:
    NatGatewaySecondaryIps(
        bench.stack,
        "egress",
        nat_gateway_id="nat-00000001",
        addresses=["10.0.0.5", "10.0.0.4"],
        max_drain=120,
        wait_for_drain=False,
        min_in_service=2,
        on_destroy="retain",
        timeouts={"create": "15m", "delete": timedelta(minutes=20)},
    )
    assert bench.resource() == {
        "nat_gateway_id": "nat-00000001",
        "secondary_private_ip_addresses": ["10.0.0.5", "10.0.0.4"],
        "max_drain_duration_seconds": 120,
        "wait_for_drain": False,
        "min_in_service_addresses": 2,
        "on_destroy": "retain",
        "timeouts": {"create": "15m", "delete": "1200s"},
    }


def test_what_is_not_given_is_left_to_the_provider(bench: Bench) -> None:
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=3)
    assert bench.resource() == {"nat_gateway_id": "nat-00000001", "secondary_private_ip_address_count": 3}


def test_an_empty_set_is_declared_as_such(bench: Bench) -> None:
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    assert bench.resource()["secondary_private_ip_addresses"] == []


def test_a_python_set_is_written_in_a_stable_order(bench: Bench) -> None:
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses={"10.0.0.10", "10.0.0.9"})
    assert bench.resource()["secondary_private_ip_addresses"] == ["10.0.0.9", "10.0.0.10"]


def test_a_gateway_may_be_any_object_with_an_id(bench: Bench) -> None:
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway=SimpleNamespace(id="nat-00000007"), addresses=[])
    assert bench.resource()["nat_gateway_id"] == "nat-00000007"


def test_a_drain_may_be_a_timedelta(bench: Bench) -> None:
    NatGatewaySecondaryIps(
        bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[], max_drain=timedelta(minutes=5)
    )
    assert bench.resource()["max_drain_duration_seconds"] == 300


def test_the_resource_is_the_child_named_resource_and_the_default_child(bench: Bench) -> None:
    """The tree's shape is a contract: it makes the resource's address in Terraform's state."""
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    assert ips.node.default_child is ips.resource
    assert ips.resource.node.path == "stack/egress/Resource"
    assert list(bench.resources()) == ["egress_552EBF08"]


@pytest.mark.parametrize(
    ("attribute", "expression"),
    [
        ("nat_gateway_id", "${ADDRESS.nat_gateway_id}"),
        ("secondary_private_ip_addresses", "${tolist(ADDRESS.secondary_private_ip_addresses)}"),
        ("secondary_private_ip_address_count", "${ADDRESS.secondary_private_ip_address_count}"),
        ("draining_private_ip_addresses", "${tolist(ADDRESS.draining_private_ip_addresses)}"),
        ("primary_private_ip_address", "${ADDRESS.primary_private_ip_address}"),
        ("subnet_id", "${ADDRESS.subnet_id}"),
        ("subnet_cidr_block", "${ADDRESS.subnet_cidr_block}"),
        ("vpc_id", "${ADDRESS.vpc_id}"),
        ("network_interface_id", "${ADDRESS.network_interface_id}"),
    ],
)
def test_each_property_is_a_token_of_the_attribute(bench: Bench, attribute: str, expression: str) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    bench.core.TerraformOutput(bench.stack, "it", value=getattr(ips, attribute))
    (name,) = bench.resources()
    address = f"natgw_secondary_private_ips.{name}"
    assert bench.synth()["output"]["it"]["value"] == expression.replace("ADDRESS", address)


def test_the_last_change_can_be_read_member_by_member(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    bench.core.TerraformOutput(bench.stack, "it", value=ips.last_change.in_service_low)
    (name,) = bench.resources()
    expected = f"${{natgw_secondary_private_ips.{name}.last_change.in_service_low}}"
    assert bench.synth()["output"]["it"]["value"] == expected


def test_it_uses_the_provider_block_that_it_is_given(bench: Bench) -> None:
    provider = bench.bindings.NatgwProvider(bench.stack, "west", region="us-west-2", alias="west")
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[], provider=provider)
    assert bench.resource()["provider"] == "natgw.west"


def test_it_works_below_the_stack(bench: Bench) -> None:
    network = Construct(bench.stack, "network")
    ips = NatGatewaySecondaryIps(network, "egress", nat_gateway_id="nat-00000001", addresses=[])
    assert ips.node.path == "stack/network/egress"


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


def test_two_sets_for_one_gateway_are_refused(bench: Bench) -> None:
    NatGatewaySecondaryIps(bench.stack, "first", nat_gateway_id="nat-00000001", addresses=[])
    with pytest.raises(DeclarationError, match="nat-00000001 is declared by stack/first already"):
        NatGatewaySecondaryIps(bench.stack, "second", nat_gateway_id="nat-00000001", addresses=[])


def test_the_policy_is_also_there_as_text_for_an_output(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", addresses=[])
    bench.core.TerraformOutput(bench.stack, "policy", value=ips.iam_policy)
    text = bench.synth()["output"]["policy"]["value"]
    assert text.startswith("${jsonencode(")
    assert "arn:aws:ec2:*:*:natgateway/nat-00000001" in text


def warnings(bench: Bench, ips: NatGatewaySecondaryIps) -> list[str]:
    return [entry.data for entry in ips.node.metadata if entry.type == "@cdktf/warn"]


def test_more_than_the_default_quota_is_warned_of(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=8)
    (warning,) = warnings(bench, ips)
    assert "9 addresses with the primary are more than AWS's default quota of 8" in warning
    assert "private_ip_address_quota = 9" in warning


def test_not_waiting_for_the_drain_is_warned_of(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=7, wait_for_drain=False)
    (warning,) = warnings(bench, ips)
    assert "apply returns while addresses still drain" in warning


def test_an_ordinary_declaration_warns_of_nothing(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway_id="nat-00000001", count=7)
    assert warnings(bench, ips) == []


def test_a_gateway_can_be_looked_up_by_tags_and_filters(bench: Bench) -> None:
    west = bench.bindings.NatgwProvider(bench.stack, "west", region="us-west-2", alias="west")
    NatGatewaySecondaryIps.from_lookup(
        bench.stack, "egress", tags={"Name": "egress-a"}, filters={"vpc-id": ["vpc-1"]}, count=2, provider=west
    )
    assert bench.synth()["data"]["natgw_nat_gateway"]["egress-lookup"] == {
        "tags": {"Name": "egress-a"},
        "filter": [{"name": "vpc-id", "values": ["vpc-1"]}],
        "provider": "natgw.west",
    }
    assert bench.resource()["nat_gateway_id"] == "${data.natgw_nat_gateway.egress-lookup.id}"
    assert bench.resource()["provider"] == "natgw.west"


def test_the_policy_of_a_looked_up_gateway_names_what_is_found(bench: Bench) -> None:
    ips = NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", tags={"Name": "egress-a"}, count=2)
    bench.core.TerraformOutput(bench.stack, "policy", value=ips.iam_policy)
    assert "natgateway/${data.natgw_nat_gateway.egress-lookup.id}" in bench.synth()["output"]["policy"]["value"]
