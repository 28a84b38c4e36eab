"""Sets and single addresses, of private and of public gateways: what holds for the construct of each resource."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations_with_replacement
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import pytest

from natgw_constructs import (
    DeclarationError,
    NatGatewaySecondaryElasticIp,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
)
from support.constructs_bench import Bench

ID, OTHER_ID = "nat-0000000a", "nat-0000000b"
EIP, OTHER_EIP = "eipalloc-0000000a", "eipalloc-0000000b"
PRIVATE_POLICY = ["ec2:AssignPrivateNatGatewayAddress", "ec2:UnassignPrivateNatGatewayAddress"]
PUBLIC_POLICY = ["ec2:AssociateNatGatewayAddress", "ec2:DisassociateNatGatewayAddress"]

Made = tuple[Any, dict[str, Any]]
PRIVATE_SET: Made = (NatGatewaySecondaryIps, {"addresses": ["10.0.0.20"]})
PUBLIC_SET: Made = (NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP]})
PRIVATE_SINGLE: Made = (NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.20"})
OTHER_PRIVATE_SINGLE: Made = (NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.21"})
PUBLIC_SINGLE: Made = (NatGatewaySecondaryElasticIp, {"allocation_id": EIP})
OTHER_PUBLIC_SINGLE: Made = (NatGatewaySecondaryElasticIp, {"allocation_id": OTHER_EIP})

KINDS = {
    "natgw_secondary_private_ips": (PRIVATE_SET, "secondary_private_ip_addresses", PRIVATE_POLICY),
    "natgw_secondary_elastic_ips": (PUBLIC_SET, "allocation_ids", PUBLIC_POLICY),
    "natgw_secondary_private_ip": (PRIVATE_SINGLE, "private_ip_address", PRIVATE_POLICY),
    "natgw_secondary_elastic_ip": (PUBLIC_SINGLE, "allocation_id", PUBLIC_POLICY),
}

every_kind = pytest.mark.parametrize("resource_type", KINDS)


def declare(bench: Bench, made: Made, name: str = "egress", **more: Any) -> Any:
    construct, arguments = made
    return construct(bench.stack, name, **{"nat_gateway_id": ID, **arguments, **more})


def warnings_of(construct: Any) -> list[str]:
    return [entry.data for entry in construct.node.metadata if entry.type == "@cdktf/warn"]


@every_kind
def test_each_argument_becomes_an_attribute_of_its_one_resource(bench: Bench, resource_type: str) -> None:
    """The tree's shape is a contract: it makes the resource's address in Terraform's state."""
    made, attribute, _ = KINDS[resource_type]
    west = bench.bindings.NatgwProvider(bench.stack, "west", region="us-west-2", alias="west")
    construct = declare(
        bench,
        made,
        max_drain=timedelta(minutes=2),
        wait_for_drain=False,
        on_destroy="retain",
        timeouts={"create": "15m"},
        provider=west,
    )
    assert construct.node.children == [construct.resource]
    assert construct.node.default_child is construct.resource
    assert construct.resource.node.path == "stack/egress/Resource"
    (value,) = made[1].values()
    assert bench.resources(of_type=resource_type) == {
        "egress_552EBF08": {
            "nat_gateway_id": ID,
            attribute: value,
            "max_drain_duration_seconds": 120,
            "wait_for_drain": False,
            "on_destroy": "retain",
            "timeouts": {"create": "15m"},
            "provider": "natgw.west",
        }
    }


@pytest.mark.parametrize(
    ("arguments", "declared"),
    [
        ({"count": 3}, {"secondary_private_ip_address_count": 3}),
        ({"addresses": []}, {"secondary_private_ip_addresses": []}),
        ({"addresses": {"10.0.0.10", "10.0.0.9"}}, {"secondary_private_ip_addresses": ["10.0.0.9", "10.0.0.10"]}),
        ({"count": 0, "wait_for_drain": None}, {"secondary_private_ip_address_count": 0}),
    ],
)
def test_what_is_not_given_is_left_to_the_provider_and_pythons_own_types_are_taken(
    bench: Bench, arguments: dict[str, Any], declared: dict[str, Any]
) -> None:
    NatGatewaySecondaryIps(bench.stack, "egress", nat_gateway=SimpleNamespace(id=ID), **arguments)
    assert bench.resource() == {"nat_gateway_id": ID, **declared}


@every_kind
def test_it_reads_as_tokens_and_can_be_depended_on(bench: Bench, resource_type: str) -> None:
    made, attribute, _ = KINDS[resource_type]
    first = declare(bench, made, "first")
    declare(bench, made, "second", nat_gateway_id=OTHER_ID, depends_on=[first])
    for name in (attribute, "nat_gateway_id", "last_change.summary"):
        bench.core.TerraformOutput(bench.stack, name.replace(".", "_"), value=attrgetter(name)(first))
    assert all(f"{resource_type}.first_" in value for value in bench.outputs().values())
    depended = [it["depends_on"] for it in bench.resources(of_type=resource_type).values() if "depends_on" in it]
    (address,) = (name for name in bench.resources(of_type=resource_type) if name.startswith("first_"))
    assert depended == [[f"{resource_type}.{address}"]]


@every_kind
def test_the_policy_permits_the_calls_of_its_kind_on_its_gateway(bench: Bench, resource_type: str) -> None:
    made, _, actions = KINDS[resource_type]
    construct = declare(bench, made)
    read, change = construct.iam_policy_document(account_id="123456789012")["Statement"]
    assert (read["Resource"], change["Action"]) == ("*", actions)
    gateway, *besides = [arn.removeprefix("arn:aws:ec2:*:123456789012:") for arn in change["Resource"]]
    assert gateway == f"natgateway/{ID}"
    assert besides == (["elastic-ip/*", "network-interface/*"] if actions is PUBLIC_POLICY else [])
    assert re.match(rf"\$\{{jsonencode\(.*arn:aws:ec2:\*:\*:natgateway/{ID}", bench.output(construct.iam_policy))


@every_kind
def test_a_token_is_left_to_terraform(bench: Bench, resource_type: str) -> None:
    """Two resources whose addresses are not known yet may differ; the plan says whether they do."""
    (construct, arguments), attribute, _ = KINDS[resource_type]
    ((argument, value),) = arguments.items()
    variable = bench.variable("any")
    token = variable.list_value if isinstance(value, list) else variable.string_value
    for name in ("first", "second"):
        gateway = "${each.value.id}" if isinstance(value, list) else ID
        construct(bench.stack, name, nat_gateway_id=gateway, **{argument: token})
    assert [it[attribute] for it in bench.resources(of_type=resource_type).values()] == ["${var.variable}"] * 2


def test_an_elastic_ip_that_is_not_known_yet_can_be_given_a_private_address(bench: Bench) -> None:
    eip = bench.variable("string").string_value
    declare(bench, (NatGatewaySecondaryElasticIps, {}), allocation_ids=[eip], private_ip_addresses={eip: "10.0.0.9"})
    assert bench.resource("natgw_secondary_elastic_ips")["private_ip_addresses"] == {"${var.variable}": "10.0.0.9"}


@pytest.mark.parametrize("resource_type", ["natgw_secondary_private_ips", "natgw_secondary_elastic_ips"])
def test_a_gateway_can_be_looked_up_by_tags_and_filters(bench: Bench, resource_type: str) -> None:
    (construct, arguments), _, _ = KINDS[resource_type]
    west = bench.bindings.NatgwProvider(bench.stack, "west", region="us-west-2", alias="west")
    lookup: dict[str, Any] = {"tags": {"Name": "egress-a"}, "filters": {"vpc-id": ["vpc-1"]}}
    made = construct.from_lookup(bench.stack, "egress", **lookup, **arguments, provider=west)
    assert bench.synth()["data"]["natgw_nat_gateway"]["egress-lookup"] == {
        "tags": {"Name": "egress-a"},
        "filter": [{"name": "vpc-id", "values": ["vpc-1"]}],
        "provider": "natgw.west",
    }
    assert bench.resource(resource_type)["nat_gateway_id"] == "${data.natgw_nat_gateway.egress-lookup.id}"
    assert bench.resource(resource_type)["provider"] == "natgw.west"
    assert "natgateway/${data.natgw_nat_gateway.egress-lookup.id}" in bench.output(made.iam_policy)


SIDE_BY_SIDE = [(PRIVATE_SINGLE, OTHER_PRIVATE_SINGLE), (PUBLIC_SINGLE, OTHER_PUBLIC_SINGLE)]
ALL = [PRIVATE_SET, PUBLIC_SET, PRIVATE_SINGLE, OTHER_PRIVATE_SINGLE, PUBLIC_SINGLE, OTHER_PUBLIC_SINGLE]


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(ALL, 2)))
def test_a_gateway_has_one_set_or_different_single_addresses_of_one_kind(
    bench: Bench, first: Made, second: Made
) -> None:
    declare(bench, first, "first")
    if (first, second) in SIDE_BY_SIDE:
        declare(bench, second, "second")
    else:
        with pytest.raises(DeclarationError, match=f"(10.0.0.20 on |{EIP} on )?{ID}.* is declared by stack/first"):
            declare(bench, second, "second")
    declare(bench, second, "elsewhere", nat_gateway_id=OTHER_ID)


@pytest.mark.parametrize(
    ("made", "quota", "warned"),
    [
        (PUBLIC_SET, {}, ""),
        (
            (NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP, OTHER_EIP]}),
            {},
            "3 Elastic IPs with the primary are more than AWS's default quota of 2.*set elastic_ip_quota = 3",
        ),
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP, OTHER_EIP]}), {"elastic_ip_quota": 3}, ""),
        ((NatGatewaySecondaryIps, {"count": 9}), {"private_ip_address_quota": 9}, "10 addresses with the primary"),
        ((NatGatewaySecondaryIps, {"count": 9}), {"private_ip_address_quota": 10}, ""),
    ],
)
@pytest.mark.parametrize("way", ["default", "given"])
def test_a_set_over_the_quota_of_its_provider_block_is_warned_of(
    bench: Bench, made: Made, quota: dict[str, Any], warned: str, way: str
) -> None:
    block = bench.bindings.NatgwProvider(bench.stack, "natgw", alias="it" if way == "given" else None, **quota)
    construct = declare(bench, made, provider=block if way == "given" else None)
    warnings = warnings_of(construct)
    assert len(warnings) == bool(warned)
    assert all(re.search(warned, text) for text in warnings)


def test_the_quota_of_a_block_with_an_alias_is_not_that_of_the_stack(bench: Bench) -> None:
    bench.bindings.NatgwProvider(bench.stack, "west", alias="west", private_ip_address_quota=16)
    assert len(warnings_of(declare(bench, (NatGatewaySecondaryIps, {"count": 9})))) == 1


@every_kind
def test_an_apply_that_does_not_wait_is_warned_of(bench: Bench, resource_type: str) -> None:
    made, _, actions = KINDS[resource_type]
    (warning,) = warnings_of(declare(bench, made, wait_for_drain=False))
    assert "apply returns while addresses still drain" in warning
    assert ("aws_eip" in warning) is (actions is PUBLIC_POLICY)
