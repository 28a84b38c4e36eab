"""A fleet is one resource for each gateway, with stable addresses in Terraform, shared defaults and totals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from natgw_constructs import DeclarationError, Gateway, NatGatewayFleet
from support.constructs_bench import Bench

TWO = {
    "egress-a": Gateway(nat_gateway_id="nat-0000000a", addresses=["10.0.0.4", "10.0.0.5"]),
    "egress-b": Gateway(nat_gateway_id="nat-0000000b", count=3, max_drain=timedelta(minutes=1)),
}


def by_gateway(bench: Bench) -> dict[str, dict[str, Any]]:
    return {resource["nat_gateway_id"]: resource for resource in bench.resources().values()}


def outputs(bench: Bench) -> dict[str, Any]:
    return {name: output["value"] for name, output in bench.synth()["output"].items()}


def test_each_gateway_is_one_resource_with_an_address_made_of_names(bench: Bench) -> None:
    """The addresses are a contract: Terraform's state knows the resources by them."""
    NatGatewayFleet(bench.stack, "fleet", TWO)
    assert set(bench.resources()) == {"fleet_egress-a_35761188", "fleet_egress-b_AB333CB2"}


def test_adding_a_gateway_leaves_the_others_addresses_alone(bench: Bench) -> None:
    other = bench.new_stack()
    NatGatewayFleet(bench.stack, "fleet", TWO)
    NatGatewayFleet(other, "fleet", {"egress-0": Gateway(nat_gateway_id="nat-00000000", count=0), **TWO})
    assert set(bench.resources()) < set(bench.resources(other))


def test_settings_are_defaults_that_a_gateway_overrides(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO, max_drain=300, min_in_service=2, wait_for_drain=True)
    drains = {gateway: resource["max_drain_duration_seconds"] for gateway, resource in by_gateway(bench).items()}
    assert drains == {"nat-0000000a": 300, "nat-0000000b": 60}
    assert all(resource["min_in_service_addresses"] == 2 for resource in by_gateway(bench).values())


def test_false_overrides_a_default_of_true_and_outputs_can_be_left_out(bench: Bench) -> None:
    gateway = Gateway(nat_gateway_id="nat-0000000a", count=1, wait_for_drain=False)
    NatGatewayFleet(bench.stack, "fleet", {"a": gateway}, wait_for_drain=True, outputs=False)
    assert bench.resource()["wait_for_drain"] is False
    assert "output" not in bench.synth()


def test_the_outputs_have_stable_names_and_the_totals_are_computed_by_terraform(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", TWO)
    assert set(fleet.gateways) == {"egress-a", "egress-b"}
    assert set(outputs(bench)) == {
        f"fleet_{it}" for it in ("addresses", "address_total", "connection_capacity", "iam_policy")
    }
    capacity = outputs(bench)["fleet_connection_capacity"]
    assert capacity.startswith("${((sum([natgw_secondary_private_ips.fleet_egress-a_")
    assert capacity.endswith(" + 2) * 55000)}")


def test_the_policy_names_each_gateway_and_no_other_resource(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", TWO)
    document = fleet.iam_policy_document(partition="aws-cn", region="cn-north-1", account_id="123456789012")
    read, change = document["Statement"]
    assert read["Action"] == ["ec2:DescribeNatGateways", "ec2:DescribeSubnets"]
    assert change["Action"] == ["ec2:AssignPrivateNatGatewayAddress", "ec2:UnassignPrivateNatGatewayAddress"]
    assert change["Resource"] == [
        "arn:aws-cn:ec2:cn-north-1:123456789012:natgateway/nat-0000000a",
        "arn:aws-cn:ec2:cn-north-1:123456789012:natgateway/nat-0000000b",
    ]
    json.dumps(document)
    (read,) = NatGatewayFleet(bench.stack, "empty", {}).iam_policy_document()["Statement"]
    assert read["Sid"] == "ReadNatGateways", "without gateways there is nothing to change"


A_GATEWAY = (
    "Give Gateway(nat_gateway_id=..., addresses=[...]) or PublicGateway(nat_gateway_id=..., allocation_ids=[...])."
)


@pytest.mark.parametrize(
    ("gateways", "message"),
    [
        (
            {"a": {"nat_gateway_id": "nat-0000000a"}},
            f"a: Wrong type. {{'nat_gateway_id': 'nat-0000000a'}} is of type dict. {A_GATEWAY}",
        ),
        ({"a": None}, f"a: Wrong type. None is of type NoneType. {A_GATEWAY}"),
        ({"a": "nat-0000000a"}, f"a: Wrong type. 'nat-0000000a' is of type str. {A_GATEWAY}"),
        ([], "gateways: Wrong type. [] is of type list. Give a mapping by name, such as"),
        (None, "gateways: Wrong type. None is of type NoneType. Give a mapping by name, such as"),
        (TWO["egress-a"], "is of type Gateway. Give a mapping by name, such as"),
        ({1: TWO["egress-a"]}, "gateways: Wrong type. 1 is of type int. Give each gateway a name, such as"),
        ({"": TWO["egress-a"]}, "gateways: Wrong type. '' is of type str. Give each gateway a name, such as"),
    ],
)
def test_what_is_no_mapping_of_names_to_gateways_is_refused_with_what_is(
    bench: Bench, gateways: Any, message: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        NatGatewayFleet(bench.stack, "fleet", gateways)
    assert message in str(caught.value)
    assert str(caught.value).startswith("1 problem in the declaration of stack/fleet")


@pytest.mark.parametrize("setting", ["drain", "addresses", "nat_gateway_id"])
def test_what_is_no_setting_for_all_is_refused(bench: Bench, setting: str) -> None:
    unknown: dict[str, Any] = {setting: None}
    with pytest.raises(
        DeclarationError, match=f'{setting}: Unknown argument. "{setting}" is not one of max_drain, wait_'
    ):
        NatGatewayFleet(bench.stack, "fleet", {}, **unknown)


def test_every_kind_of_mistake_comes_in_the_same_message(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "other", TWO)
    wrong: Any = {
        "a": Gateway(nat_gateway_id="nat-0000000c", count=99),
        "b": {"nat_gateway_id": "nat-0000000c"},
        "c": Gateway(nat_gateway_id="nat-0000000c", count=1),
        "d": Gateway(nat_gateway_id="nat-0000000a", max_drain=0),
    }
    unknown: dict[str, Any] = {"drain": 5}
    with pytest.raises(DeclarationError) as caught:
        NatGatewayFleet(bench.stack, "fleet", wrong, **unknown)
    assert [(problem.path, problem.summary) for problem in caught.value.problems] == [
        (("drain",), "Unknown argument"),
        (("b",), "Wrong type"),
        (("a", "count"), "Address count out of range"),
        (("c", "nat_gateway_id"), "Gateway declared twice"),
        (("d", "addresses"), "Exactly one of addresses and count is required"),
        (("d", "max_drain"), "Drain time out of range"),
        (("d", "nat_gateway_id"), "Gateway declared twice"),
    ]
    assert "nat-0000000c is declared by stack/fleet/a already" in str(caught.value)
    assert "nat-0000000a is declared by stack/other/egress-a already" in str(caught.value)
    assert "max_drain is 0" in str(caught.value)


def test_a_fleet_that_failed_owns_no_gateway(bench: Bench) -> None:
    with pytest.raises(DeclarationError):
        NatGatewayFleet(bench.stack, "fleet", {**TWO, "egress-c": Gateway(nat_gateway_id="nat-0000000c", count=99)})
    NatGatewayFleet(bench.stack, "other", TWO)


def test_the_same_gateway_may_stand_in_another_app(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO)
    NatGatewayFleet(bench.new_stack(), "fleet", TWO)


@pytest.mark.parametrize("name", ["addresses", "address_total", "connection_capacity", "iam_policy"])
def test_a_gateway_called_like_an_output_is_refused_unless_there_are_none(bench: Bench, name: str) -> None:
    gateways = {name: TWO["egress-a"]}
    with pytest.raises(DeclarationError, match="Give the gateway another name, or outputs=False"):
        NatGatewayFleet(bench.stack, "fleet", gateways)
    NatGatewayFleet(bench.stack, "fleet", gateways, outputs=False)
    assert len(bench.resources()) == 1
