"""A fleet is one resource for each gateway, with stable addresses in Terraform, shared defaults and totals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from natgw_constructs import DeclarationError, Gateway, NatGatewayFleet
from support.constructs_bench import Bench

TWO = {
    "egress-a": Gateway(nat_gateway_id="nat-a", addresses=["10.0.0.4", "10.0.0.5"]),
    "egress-b": Gateway(nat_gateway_id="nat-b", count=3, max_drain=timedelta(minutes=1)),
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
    NatGatewayFleet(other, "fleet", {"egress-0": Gateway(nat_gateway_id="nat-0", count=0), **TWO})
    assert set(bench.resources()) < set(bench.resources(other))


def test_settings_are_defaults_that_a_gateway_overrides(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO, max_drain=300, min_in_service=2, wait_for_drain=True)
    drains = {gateway: resource["max_drain_duration_seconds"] for gateway, resource in by_gateway(bench).items()}
    assert drains == {"nat-a": 300, "nat-b": 60}
    assert all(resource["min_in_service_addresses"] == 2 for resource in by_gateway(bench).values())


def test_false_overrides_a_default_of_true(bench: Bench) -> None:
    gateway = Gateway(nat_gateway_id="nat-a", count=1, wait_for_drain=False)
    NatGatewayFleet(bench.stack, "fleet", {"a": gateway}, wait_for_drain=True)
    assert bench.resource()["wait_for_drain"] is False


def test_the_outputs_have_stable_names(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO)
    assert set(outputs(bench)) == {
        "fleet_addresses",
        "fleet_address_total",
        "fleet_connection_capacity",
        "fleet_iam_policy",
    }


def test_outputs_can_be_left_out(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO, outputs=False)
    assert "output" not in bench.synth()


def test_the_totals_are_computed_by_terraform(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", TWO)
    assert set(fleet.gateways) == {"egress-a", "egress-b"}
    capacity = outputs(bench)["fleet_connection_capacity"]
    assert capacity.startswith("${((sum([natgw_secondary_private_ips.fleet_egress-a_")
    assert capacity.endswith(" + 2) * 55000)}")


def test_an_empty_fleet_synthesises(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", {})
    assert outputs(bench)["fleet_address_total"] == "${sum([0])}"


def test_the_policy_names_each_gateway_and_no_other_resource(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", TWO)
    document = fleet.iam_policy_document(partition="aws-cn", region="cn-north-1", account_id="123456789012")
    read, change = document["Statement"]
    assert read["Action"] == ["ec2:DescribeNatGateways", "ec2:DescribeSubnets"]
    assert change["Action"] == ["ec2:AssignPrivateNatGatewayAddress", "ec2:UnassignPrivateNatGatewayAddress"]
    assert change["Resource"] == [
        "arn:aws-cn:ec2:cn-north-1:123456789012:natgateway/nat-a",
        "arn:aws-cn:ec2:cn-north-1:123456789012:natgateway/nat-b",
    ]
    json.dumps(document)


def test_the_policy_of_an_empty_fleet_only_reads(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", {})
    assert [statement["Sid"] for statement in fleet.iam_policy_document()["Statement"]] == ["ReadNatGateways"]


def test_all_problems_of_all_gateways_come_in_one_message(bench: Bench) -> None:
    wrong = {"a": Gateway(nat_gateway_id="nat-a", addresses=["ten"]), "b": Gateway(count=99)}
    with pytest.raises(DeclarationError) as caught:
        NatGatewayFleet(bench.stack, "fleet", wrong, max_drain=5000)
    assert [problem.path for problem in caught.value.problems] == [
        ("a", "addresses"),
        ("a", "max_drain"),
        ("b", "nat_gateway_id"),
        ("b", "count"),
        ("b", "max_drain"),
    ]


def test_one_gateway_under_two_names_is_refused(bench: Bench) -> None:
    same = Gateway(nat_gateway_id="nat-a", count=1)
    with pytest.raises(DeclarationError, match="nat-a is declared by stack/fleet/a already"):
        NatGatewayFleet(bench.stack, "fleet", {"a": same, "b": same})


def test_the_same_gateway_may_stand_in_another_app(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO)
    NatGatewayFleet(bench.new_stack(), "fleet", TWO)
