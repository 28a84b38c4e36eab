"""Sets and single addresses, of private and of public gateways: what holds for the construct of each resource."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations_with_replacement
from operator import attrgetter
from typing import Any

import pytest

from natgw_constructs import (
    DeclarationError,
    ForbidCount,
    Gateway,
    NatGatewayFleet,
    NatGatewaySecondaryElasticIp,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
    PublicGateway,
    RequireMinimumDrain,
    RequireMinInService,
)
from support.constructs_bench import Bench

ID = "nat-0000000a"
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
    made, attribute, _ = KINDS[resource_type]
    construct = declare(
        bench,
        made,
        max_drain=timedelta(minutes=2),
        wait_for_drain=False,
        on_destroy="retain",
        timeouts={"create": "15m"},
    )
    assert [child.node.id for child in construct.node.children] == ["Resource"]
    (value,) = made[1].values()
    assert bench.resource(resource_type) == {
        "nat_gateway_id": ID,
        attribute: value,
        "max_drain_duration_seconds": 120,
        "wait_for_drain": False,
        "on_destroy": "retain",
        "timeouts": {"create": "15m"},
    }


@every_kind
def test_it_reads_as_tokens_and_can_be_depended_on(bench: Bench, resource_type: str) -> None:
    made, attribute, _ = KINDS[resource_type]
    first = declare(bench, made, "first")
    declare(bench, made, "second", nat_gateway_id="nat-0000000b", depends_on=[first])
    for name in (attribute, "nat_gateway_id", "last_change.summary"):
        bench.core.TerraformOutput(bench.stack, name.replace(".", "_"), value=attrgetter(name)(first))
    outputs = {name: output["value"] for name, output in bench.synth()["output"].items()}
    assert all(f"{resource_type}.first_" in value for value in outputs.values()), outputs
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


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": ["3.3.3.3"]}), "allocation_ids: Not the allocation id"),
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": [7]}), "allocation_ids.0: Wrong type. 7 is of type int"),
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": EIP}), "allocation_ids: Wrong type. "),
        ((NatGatewaySecondaryElasticIps, {}), "allocation_ids is required"),
        (
            (NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP], "private_ip_addresses": {OTHER_EIP: "10.0.0.9"}}),
            "private_ip_addresses: Private addresses do not match the Elastic IPs",
        ),
        (
            (NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP], "private_ip_addresses": {EIP: 9}}),
            f"private_ip_addresses.{EIP}: Wrong type. 9 is of type int",
        ),
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP], "on_destroy": "unassign"}), '"disassociate"'),
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP], "min_in_service": 3}), "min_in_service: Fewer"),
        ((NatGatewaySecondaryElasticIp, {}), "allocation_id: "),
        ((NatGatewaySecondaryElasticIp, {"allocation_id": "3.3.3.3"}), "allocation_id: Not the allocation id"),
        (
            (NatGatewaySecondaryElasticIp, {"allocation_id": EIP, "private_ip_address": "ten"}),
            "private_ip_address: Not an IPv4 address",
        ),
        ((NatGatewaySecondaryIp, {}), "private_ip_address: "),
        ((NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.300"}), "private_ip_address: Not an IPv4 address"),
        ((NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.4", "max_drain": 0}), "max_drain: Drain time out of"),
        ((NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.4", "nat_gateway_id": "igw-1"}), "nat_gateway_id: Not"),
        (
            (NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.4", "timeouts": {"create": "5m"}}),
            "timeouts.create: Timeout shorter than the drain",
        ),
    ],
)
def test_what_is_wrong_is_named_at_synthesis_in_cores_words(bench: Bench, made: Made, message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        declare(bench, made)
    assert str(caught.value).startswith("1 problem in the declaration of stack/egress"), caught.value
    assert message in str(caught.value)


@every_kind
def test_a_token_is_left_to_terraform(bench: Bench, resource_type: str) -> None:
    (construct, arguments), attribute, _ = KINDS[resource_type]
    ((argument, value),) = arguments.items()
    variable = bench.core.TerraformVariable(bench.stack, "variable", type="any")
    token = variable.list_value if isinstance(value, list) else variable.string_value
    construct(bench.stack, "egress", nat_gateway_id="${each.value.id}", **{argument: token})
    assert bench.resource(resource_type)[attribute] == "${var.variable}"


def test_an_elastic_ip_that_is_not_known_yet_can_be_given_a_private_address(bench: Bench) -> None:
    eip = bench.core.TerraformVariable(bench.stack, "eip", type="string").string_value
    declare(bench, (NatGatewaySecondaryElasticIps, {}), allocation_ids=[eip], private_ip_addresses={eip: "10.0.0.9"})
    assert bench.resource("natgw_secondary_elastic_ips")["private_ip_addresses"] == {"${var.eip}": "10.0.0.9"}


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
    declare(bench, second, "elsewhere", nat_gateway_id="nat-0000000b")


def test_a_fleet_takes_both_kinds_with_totals_and_a_policy_for_each(bench: Bench) -> None:
    fleet = NatGatewayFleet(
        bench.stack,
        "fleet",
        {
            "inside": Gateway(nat_gateway_id=ID, count=3),
            "outside": PublicGateway(nat_gateway_id="nat-0000000b", allocation_ids={OTHER_EIP, EIP}),
        },
        max_drain=60,
    )
    assert isinstance(fleet.gateways["outside"], NatGatewaySecondaryElasticIps)
    (public,) = bench.resources(of_type="natgw_secondary_elastic_ips").items()
    assert public[1] == {
        "nat_gateway_id": "nat-0000000b",
        "allocation_ids": [EIP, OTHER_EIP],
        "max_drain_duration_seconds": 60,
    }
    outputs = {name: output["value"] for name, output in bench.synth()["output"].items()}
    assert f"length(tolist(natgw_secondary_elastic_ips.{public[0]}.allocation_ids))" in outputs["fleet_address_total"]
    assert f"natgw_secondary_elastic_ips.{public[0]}.allocation_ids" in outputs["fleet_addresses"]["outside"]
    _, private, elastic = fleet.iam_policy_document()["Statement"]
    assert (private["Action"], elastic["Action"]) == (PRIVATE_POLICY, PUBLIC_POLICY)
    assert fleet.gateway_ids("public") == ["nat-0000000b"]


def test_one_gateway_of_a_fleet_cannot_be_of_both_kinds(bench: Bench) -> None:
    both = {
        "a": Gateway(nat_gateway_id=ID, count=1),
        "b": PublicGateway(nat_gateway_id=ID, allocation_ids=[EIP]),
    }
    with pytest.raises(DeclarationError, match=r"b\.nat_gateway_id: Gateway declared as private and as public"):
        NatGatewayFleet(bench.stack, "fleet", both)


@pytest.mark.parametrize(
    ("rule", "broken_by"),
    [
        (lambda: RequireMinimumDrain(351), list(KINDS)),
        (lambda: RequireMinInService(2), ["natgw_secondary_private_ips", "natgw_secondary_elastic_ips"]),
        (ForbidCount, []),
    ],
)
def test_a_rule_judges_every_kind_that_has_the_setting(bench: Bench, rule: Any, broken_by: list[str]) -> None:
    bench.core.Aspects.of(bench.stack).add(rule())
    bench.bindings.NatgwProvider(bench.stack, "natgw")
    for number, (resource_type, (made, _, _)) in enumerate(KINDS.items()):
        declare(bench, made, resource_type, nat_gateway_id=f"nat-0000000{number}")
    if not broken_by:
        bench.core.Testing.full_synth(bench.stack)
        return
    with pytest.raises(RuntimeError) as caught:
        bench.core.Testing.full_synth(bench.stack)
    assert [name for name in KINDS if f"stack/{name}/Resource]" in str(caught.value)] == broken_by


@pytest.mark.parametrize(
    ("made", "quota", "warned"),
    [
        ((NatGatewaySecondaryElasticIps, {"allocation_ids": [EIP]}), {}, ""),
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


@every_kind
def test_an_apply_that_does_not_wait_is_warned_of(bench: Bench, resource_type: str) -> None:
    made, _, actions = KINDS[resource_type]
    (warning,) = (
        it.data for it in declare(bench, made, wait_for_drain=False).node.metadata if it.type == "@cdktf/warn"
    )
    assert "apply returns while addresses still drain" in warning
    assert ("aws_eip" in warning) is (actions is PUBLIC_POLICY)


def test_the_quota_of_a_block_with_an_alias_is_not_that_of_the_stack(bench: Bench) -> None:
    bench.bindings.NatgwProvider(bench.stack, "west", alias="west", private_ip_address_quota=16)
    construct = declare(bench, (NatGatewaySecondaryIps, {"count": 9}))
    assert len(warnings_of(construct)) == 1
