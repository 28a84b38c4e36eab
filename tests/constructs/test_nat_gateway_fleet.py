"""A fleet is one resource for each gateway, with stable addresses in Terraform, shared defaults and totals."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from constructs import Construct

from natgw_constructs import (
    DeclarationError,
    Gateway,
    NatGatewayFleet,
    NatGatewaySecondaryElasticIps,
    PublicGateway,
)
from support.constructs_bench import Bench

A, B = "nat-0000000a", "nat-0000000b"
EIPS = {"eipalloc-0000000b", "eipalloc-0000000a"}
TWO = {
    "egress-a": Gateway(nat_gateway_id=A, addresses=["10.0.0.4", "10.0.0.5"]),
    "egress-b": Gateway(nat_gateway_id=B, count=3, max_drain=timedelta(minutes=1)),
}
OUTPUTS = ("addresses", "address_total", "connection_capacity", "iam_policy")


def one(gateway_id: str) -> dict[str, Gateway]:
    return {"a": Gateway(nat_gateway_id=gateway_id, count=1)}


def test_each_gateway_is_one_resource_with_an_address_made_of_names(bench: Bench) -> None:
    """The addresses are a contract: Terraform's state knows the resources by them."""
    NatGatewayFleet(bench.stack, "fleet", TWO)
    addresses = {"fleet_egress-a_35761188", "fleet_egress-b_AB333CB2"}
    assert set(bench.resources()) == addresses
    other = bench.new_stack()
    NatGatewayFleet(other, "fleet", {"egress-0": Gateway(nat_gateway_id="nat-00000000", count=0), **TWO})
    assert addresses < set(bench.resources(other)), "another gateway leaves those of the others alone"


def test_settings_are_defaults_that_a_gateway_overrides(bench: Bench) -> None:
    gateways = {**TWO, "egress-c": Gateway(nat_gateway_id="nat-0000000c", count=1, wait_for_drain=False)}
    NatGatewayFleet(bench.stack, "fleet", gateways, max_drain=300, min_in_service=2, wait_for_drain=True, outputs=False)
    made = {resource["nat_gateway_id"]: resource for resource in bench.resources().values()}
    assert {one["max_drain_duration_seconds"] for one in made.values()} == {300, 60}
    assert made[B]["max_drain_duration_seconds"] == 60
    assert all(resource["min_in_service_addresses"] == 2 for resource in made.values())
    assert [resource["wait_for_drain"] for resource in made.values()] == [True, True, False]
    assert "output" not in bench.synth()


# Outputs


def test_the_outputs_have_stable_names_and_the_totals_are_computed_by_terraform(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", TWO)
    assert set(fleet.gateways) == {"egress-a", "egress-b"}
    outputs = bench.outputs()
    assert set(outputs) == {f"fleet_{it}" for it in OUTPUTS}
    capacity = outputs["fleet_connection_capacity"]
    assert capacity.startswith("${((sum([natgw_secondary_private_ips.fleet_egress-a_")
    assert capacity.endswith(" + 2) * 55000)}")


def test_the_outputs_follow_a_renamed_resource(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", one(A))
    fleet.gateways["a"].resource.override_logical_id("renamed")
    values = json.dumps(bench.outputs())
    assert "natgw_secondary_private_ips.renamed." in values
    assert "natgw_secondary_private_ips.fleet" not in values


@pytest.mark.parametrize("name", ["my.fleet", "my fleet"])
def test_the_names_of_outputs_are_unique_and_such_as_terraform_takes(bench: Bench, name: str) -> None:
    """As the library names a resource of such an id."""
    other = bench.core.TerraformStack(bench.stack.node.root, "other")
    for scope, gateway_id in ((bench.stack, A), (Construct(bench.stack, "inner"), B), (other, "nat-0000000c")):
        NatGatewayFleet(scope, name, one(gateway_id))
    assert {"myfleet_addresses", "inner_myfleet_addresses"} < set(bench.outputs())
    assert "myfleet_addresses" in bench.outputs(other)


@pytest.mark.parametrize(("first", "second"), [("a.b", "ab"), ("ab", "a b")])
def test_two_fleets_whose_outputs_would_have_one_name_are_refused(bench: Bench, first: str, second: str) -> None:
    NatGatewayFleet(bench.stack, first, one(A))
    with pytest.raises(DeclarationError, match=r"outputs: Output named twice\. ab_addresses .* stack/a"):
        NatGatewayFleet(bench.stack, second, one(B))
    NatGatewayFleet(bench.stack, second, one(B), outputs=False)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_gateway_called_like_an_output_is_refused_unless_there_are_none(bench: Bench, name: str) -> None:
    gateways = {name: TWO["egress-a"]}
    with pytest.raises(DeclarationError, match="Give the gateway another name, or outputs=False"):
        NatGatewayFleet(bench.stack, "fleet", gateways)
    NatGatewayFleet(bench.stack, "fleet", gateways, outputs=False)
    assert len(bench.resources()) == 1


def test_an_empty_fleet_has_outputs_of_nothing_and_a_policy_to_read(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", {})
    values = bench.outputs()
    assert [values[f"fleet_{name}"] for name in OUTPUTS[:3]] == [{}, 0, 0]
    (read,) = fleet.iam_policy_document()["Statement"]
    assert read["Sid"] == "ReadNatGateways"


def test_the_policy_names_each_gateway_and_no_other_resource(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", TWO)
    document = fleet.iam_policy_document(partition="aws-cn", region="cn-north-1", account_id="123456789012")
    read, change = document["Statement"]
    assert read["Action"] == ["ec2:DescribeNatGateways", "ec2:DescribeSubnets"]
    assert change["Resource"] == [f"arn:aws-cn:ec2:cn-north-1:123456789012:natgateway/{it}" for it in (A, B)]
    json.dumps(document)


def test_an_interpolation_reaches_the_policy_unescaped(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", one("${var.it}"))
    (name,) = bench.resources()
    assert f"natgateway/${{natgw_secondary_private_ips.{name}.nat_gateway_id}}" in bench.outputs()["fleet_iam_policy"]


def test_both_kinds_of_gateway_have_totals_and_a_policy_for_each(bench: Bench) -> None:
    gateways = {"inside": one(A)["a"], "outside": PublicGateway(nat_gateway_id=B, allocation_ids=EIPS)}
    fleet = NatGatewayFleet(bench.stack, "fleet", gateways, max_drain=60)
    assert isinstance(fleet.gateways["outside"], NatGatewaySecondaryElasticIps)
    ((name, public),) = bench.resources(of_type="natgw_secondary_elastic_ips").items()
    assert public == {"nat_gateway_id": B, "allocation_ids": sorted(EIPS), "max_drain_duration_seconds": 60}
    outputs = bench.outputs()
    assert f"length(tolist(natgw_secondary_elastic_ips.{name}.allocation_ids))" in outputs["fleet_address_total"]
    assert f"natgw_secondary_elastic_ips.{name}.allocation_ids" in outputs["fleet_addresses"]["outside"]
    _, private, elastic = fleet.iam_policy_document()["Statement"]
    assert private["Action"][0] == "ec2:AssignPrivateNatGatewayAddress"
    assert elastic["Action"] == ["ec2:AssociateNatGatewayAddress", "ec2:DisassociateNatGatewayAddress"]
    assert fleet.gateway_ids("public") == [B]


# Mistakes

A_GATEWAY = (
    "Give Gateway(nat_gateway_id=..., addresses=[...]) or PublicGateway(nat_gateway_id=..., allocation_ids=[...])."
)


@pytest.mark.parametrize(
    ("gateways", "message"),
    [
        ({"a": {"nat_gateway_id": A}}, f"a: Wrong type. {{'nat_gateway_id': '{A}'}} is of type dict. {A_GATEWAY}"),
        ({"a": None}, f"a: Wrong type. None is of type NoneType. {A_GATEWAY}"),
        ({"a": A}, f"a: Wrong type. '{A}' is of type str. {A_GATEWAY}"),
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
    with pytest.raises(DeclarationError, match=r"^1 problem in the declaration of stack/fleet") as caught:
        NatGatewayFleet(bench.stack, "fleet", gateways)
    assert message in str(caught.value)


@pytest.mark.parametrize("setting", ["drain", "addresses", "nat_gateway_id"])
def test_what_is_no_setting_for_all_is_refused(bench: Bench, setting: str) -> None:
    unknown: dict[str, Any] = {setting: None}
    message = f'{setting}: Unknown argument. "{setting}" is not one of max_drain, wait_'
    with pytest.raises(DeclarationError, match=message):
        NatGatewayFleet(bench.stack, "fleet", {}, **unknown)


def test_every_kind_of_mistake_comes_in_the_same_message(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "other", TWO)
    wrong: Any = {
        "a": Gateway(nat_gateway_id="nat-0000000c", count=99),
        "b": {"nat_gateway_id": "nat-0000000c"},
        "c": Gateway(nat_gateway_id="nat-0000000c", count=1),
        "d": Gateway(nat_gateway_id=A, max_drain=0),
        "e": PublicGateway(nat_gateway_id="nat-0000000c", allocation_ids=EIPS),
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
        (("e", "nat_gateway_id"), "Gateway declared as private and as public"),
    ]
    assert "nat-0000000c is declared by stack/fleet/a already" in str(caught.value)
    assert "nat-0000000a is declared by stack/other/egress-a already" in str(caught.value)
    assert "max_drain is 0" in str(caught.value)


def test_a_fleet_that_failed_owns_no_gateway(bench: Bench) -> None:
    with pytest.raises(DeclarationError):
        NatGatewayFleet(bench.stack, "fleet", {**TWO, "egress-c": Gateway(nat_gateway_id="nat-0000000c", count=99)})
    assert bench.ids() == []
    NatGatewayFleet(bench.stack, "other", TWO)


def test_the_same_gateway_may_stand_in_another_app(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", TWO)
    NatGatewayFleet(bench.new_stack(), "fleet", TWO)
