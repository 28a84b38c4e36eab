"""What is declared wrongly stops at synthesis, with everything that is wrong in one message; tokens are not judged."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from natgw_constructs import (
    DeclarationError,
    NatGatewaySecondaryElasticIp,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
    RequireMinimumDrain,
)
from support.constructs_bench import Bench

EIP, OTHER_EIP = "eipalloc-0000000a", "eipalloc-0000000b"


def declare(bench: Bench, construct: Any = NatGatewaySecondaryIps, **arguments: Any) -> Any:
    return construct(bench.stack, "egress", **{"nat_gateway_id": "nat-00000001", **arguments})


def error_of(bench: Bench, construct: Any = NatGatewaySecondaryIps, **arguments: Any) -> str:
    with pytest.raises(DeclarationError) as caught:
        declare(bench, construct, **arguments)
    assert bench.ids() == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"addresses": ["10.0.0.300"]}, 'addresses: Not an IPv4 address. "10.0.0.300" is not'),
        ({"addresses": ["10.0.0.4", "10.0.0.4"]}, "addresses: Address named twice. 10.0.0.4 is named 2 times"),
        ({"addresses": "10.0.0.4"}, "addresses: Wrong type. '10.0.0.4' is of type str. Give a list of strings"),
        ({"addresses": [4]}, "addresses.0: Wrong type. 4 is of type int. Give a string"),
        ({"addresses": [None]}, "addresses.0: Wrong type. None is not a value."),
        ({}, "addresses: Exactly one of addresses and count is required. Neither is set. Set exactly one: addresses"),
        ({"addresses": [], "count": 0}, "count lets AWS pick."),
        ({"count": 32}, "count: Address count out of range. count is 32. Allowed:"),
        ({"count": True}, "count: Wrong type. True is of type bool. Give a number"),
        ({"count": 1, "max_drain": 0}, "max_drain: Drain time out of range. max_drain is 0. Allowed:"),
        ({"count": 1, "max_drain": timedelta(hours=2)}, "max_drain is 7200"),
        ({"count": 1, "max_drain": "350"}, "max_drain: Wrong type. '350' is of type str. Give a number"),
        ({"count": 1, "max_drain": float("nan")}, "max_drain is nan. Allowed: whole numbers"),
        ({"addresses": [], "min_in_service": 2}, "min_in_service is 2, but the primary and the declared secondaries"),
        ({"count": 1, "on_destroy": "keep"}, 'on_destroy: Unknown choice for on_destroy. on_destroy is "keep"'),
        ({"count": 1, "wait_for_drain": "no"}, "wait_for_drain: Wrong type. 'no' is of type str. Give True or False"),
        ({"count": 1, "timeouts": {"create": "5m"}}, "350 s (5 min 50 s) (max_drain)"),
        ({"count": 1, "timeouts": {"read": "15m"}}, 'timeouts.read: Unknown argument. "read" is not one of create'),
        ({"count": 1, "timeouts": "15m"}, "timeouts: Wrong type. '15m' is of type str"),
        ({"count": 1, "nat_gateway_id": None}, "nat_gateway_id: Exactly one gateway is required. Neither is given"),
        ({"count": 1, "nat_gateway": SimpleNamespace(id="x")}, "Exactly one gateway is required. Both are given"),
        (
            {"count": 1, "nat_gateway_id": "igw-1"},
            'nat_gateway_id is "igw-1". The id of a NAT gateway is nat- followed',
        ),
        ({"count": 1, "nat_gateway_id": 7}, "nat_gateway_id: Wrong type. 7 is of type int. Give a string"),
        (
            {"count": 1, "nat_gateway_id": None, "nat_gateway": "nat-00000002"},
            "nat_gateway: Wrong type. 'nat-00000002' is of type str",
        ),
        ({"count": 1, "nat_gateway_id": None, "nat_gateway": SimpleNamespace(id=None)}, "Give any object with an id"),
        (
            {"count": 1, "max_drain_duration_seconds": 300},
            'Unknown argument. "max_drain_duration_seconds" is not one of nat_gateway_id, nat_gateway, addresses, ',
        ),
        ({"count": 1, "provider": "natgw"}, "provider: Wrong type. 'natgw' is of type str. Give a provider block"),
    ],
)
def test_the_message_names_argument_value_and_fix(bench: Bench, arguments: dict[str, Any], message: str) -> None:
    assert message in error_of(bench, **arguments)


ELASTIC_IPS = NatGatewaySecondaryElasticIps
ELASTIC_IP = NatGatewaySecondaryElasticIp


@pytest.mark.parametrize(
    ("construct", "arguments", "message"),
    [
        (ELASTIC_IPS, {"allocation_ids": ["3.3.3.3"]}, "allocation_ids: Not the allocation id"),
        (ELASTIC_IPS, {"allocation_ids": [7]}, "allocation_ids.0: Wrong type. 7 is of type int"),
        (ELASTIC_IPS, {"allocation_ids": EIP}, "allocation_ids: Wrong type. "),
        (ELASTIC_IPS, {}, "allocation_ids is required"),
        (
            ELASTIC_IPS,
            {"allocation_ids": [EIP], "private_ip_addresses": {OTHER_EIP: "10.0.0.9"}},
            "private_ip_addresses: Private addresses do not match the Elastic IPs",
        ),
        (
            ELASTIC_IPS,
            {"allocation_ids": [EIP], "private_ip_addresses": {EIP: 9}},
            f"private_ip_addresses.{EIP}: Wrong type. 9 is of type int",
        ),
        (ELASTIC_IPS, {"allocation_ids": [EIP], "on_destroy": "unassign"}, '"disassociate"'),
        (ELASTIC_IPS, {"allocation_ids": [EIP], "min_in_service": 3}, "min_in_service: Fewer"),
        (ELASTIC_IP, {}, "allocation_id: "),
        (ELASTIC_IP, {"allocation_id": "3.3.3.3"}, "allocation_id: Not the allocation id"),
        (ELASTIC_IP, {"allocation_id": EIP, "private_ip_address": "ten"}, "private_ip_address: Not an IPv4 address"),
        (NatGatewaySecondaryIp, {}, "private_ip_address: "),
        (NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.300"}, "private_ip_address: Not an IPv4 address"),
        (NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.4", "max_drain": 0}, "max_drain: Drain time out of"),
        (NatGatewaySecondaryIp, {"private_ip_address": "10.0.0.4", "nat_gateway_id": "igw-1"}, "nat_gateway_id: Not"),
        (
            NatGatewaySecondaryIp,
            {"private_ip_address": "10.0.0.4", "timeouts": {"create": "5m"}},
            "timeouts.create: Timeout shorter than the drain",
        ),
    ],
)
def test_the_other_kinds_are_judged_alike(
    bench: Bench, construct: Any, arguments: dict[str, Any], message: str
) -> None:
    text = error_of(bench, construct, **arguments)
    assert text.startswith("1 problem in the declaration of stack/egress")
    assert message in text


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"addresses": [], "count": 0},
        {"addresses": ["10.0.0.04", "ten", 7], "max_drain": 0, "min_in_service": 0, "timeouts": {"create": "1s"}},
        {"count": 99, "max_drain": 60, "min_in_service": 99, "timeouts": {"create": "1s"}, "on_destroy": "keep"},
        {"count": 1, "min_in_service": 3},
    ],
)
def test_no_message_names_an_argument_as_only_hcl_does(bench: Bench, arguments: dict[str, Any]) -> None:
    assert not re.search(r"secondary_private|max_drain_duration|min_in_service_addresses", error_of(bench, **arguments))


def test_timeouts_may_be_the_struct_of_the_bindings(bench: Bench) -> None:
    timeouts = bench.bindings.SecondaryPrivateIpsTimeouts
    wrong = error_of(bench, count=1, timeouts=timeouts(create="soon"))
    assert 'timeouts.create: Not a duration. "soon" is not' in wrong
    declare(bench, count=1, timeouts=timeouts(create="15m"))
    assert bench.resource()["timeouts"] == {"create": "15m"}


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (["subnet-id"], "filters: Wrong type. ['subnet-id'] is of type list. Give lists of values by name"),
        ({"subnet-id": "subnet-1"}, "filters.subnet-id: Wrong type. 'subnet-1' is of type str. Give a list of strings"),
        ({"subnet-id": None}, "filters.subnet-id: Wrong type. None is not a value. Give lists of values by name"),
        ({1: ["subnet-1"]}, "filters: Wrong type. {1: ['subnet-1']} is of type dict. Give lists of values by name"),
        ({}, "tags: Nothing to look for"),
        (None, "tags: Nothing to look for"),
    ],
)
def test_a_lookup_takes_tags_or_lists_of_values_by_name(bench: Bench, filters: Any, message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", filters=filters, count=1)
    assert message in str(caught.value)


def test_a_declaration_that_failed_owns_no_gateway(bench: Bench) -> None:
    error_of(bench, count=99)
    NatGatewaySecondaryIps(bench.stack, "other", nat_gateway_id="nat-00000001", count=1)


def test_all_problems_come_in_one_message_with_the_path(bench: Bench) -> None:
    wrong: dict[str, Any] = {"addresses": ["10.0.0.4", "ten", 7], "max_drain": 5000, "wait_for_drain": "no"}
    with pytest.raises(DeclarationError, match="7 problems in the declaration of stack/egress") as caught:
        declare(bench, **wrong, on_destroy="keep", provider="natgw", depends_on=[7])
    found = [".".join(map(str, problem.path)) for problem in caught.value.problems]
    arguments = ["addresses", "addresses.2", "depends_on.0", "max_drain", "on_destroy", "provider", "wait_for_drain"]
    assert sorted(found) == arguments


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("addresses", "list"),
        ("count", "number"),
        ("max_drain", "number"),
        ("min_in_service", "number"),
        ("nat_gateway_id", "string"),
        ("on_destroy", "string"),
        ("wait_for_drain", "boolean"),
    ],
)
def test_a_token_is_left_to_terraform(bench: Bench, argument: str, kind: str) -> None:
    token = getattr(bench.variable("any"), f"{kind}_value")
    declare(bench, **{**({} if argument in ("addresses", "count") else {"count": 1}), argument: token})
    assert "${var.variable}" in bench.resource().values()


@pytest.mark.parametrize("text", ["${var.it}", "${each.value.it}", "%{ if var.on }nat-1%{ endif }", "x-${var.it}"])
@pytest.mark.parametrize(
    "argument",
    ["nat_gateway_id", "addresses", "count", "max_drain", "min_in_service", "wait_for_drain", "on_destroy", "timeouts"],
)
def test_a_text_with_an_interpolation_is_left_to_terraform(bench: Bench, argument: str, text: str) -> None:
    bench.core.Aspects.of(bench.stack).add(RequireMinimumDrain(350))
    declare(bench, **{**({} if argument == "addresses" else {"count": 1}), argument: text})
    assert text in bench.resource().values()


def test_an_interpolation_inside_a_list_or_a_timeout_is_left_to_terraform(bench: Bench) -> None:
    declare(bench, addresses=["${var.it}", "10.0.0.4"], timeouts={"create": "${var.it}"}, min_in_service=3)
    assert bench.resource()["secondary_private_ip_addresses"] == ["${var.it}", "10.0.0.4"]


@pytest.mark.parametrize("text", ["$${var.it}", "%%{ if }", "{}", "$", "nat-{a}"])
def test_a_text_that_only_resembles_an_interpolation_is_judged(bench: Bench, text: str) -> None:
    assert "Not the id of a NAT gateway" in error_of(bench, nat_gateway_id=text, count=1)


def test_a_token_that_may_be_null_beside_the_other_is_not_judged(bench: Bench) -> None:
    declare(bench, addresses=bench.core.Token.null_value(), count=2)
    assert bench.resource()["secondary_private_ip_address_count"] == 2


def test_a_list_token_among_other_addresses_is_refused_with_the_function_that_joins_them(bench: Bench) -> None:
    variable = bench.variable("list(string)")
    with pytest.raises(DeclarationError, match=r"addresses\.0: .*Fn\.concat"):
        declare(bench, addresses=[*variable.list_value, "10.0.0.4"])


@pytest.mark.parametrize(
    ("argument", "given", "message"),
    [
        ("nat_gateway_id", lambda them: them, "Wrong type. ['#{TfToken[TOKEN."),
        ("nat_gateway_id", lambda them: them[0], "This is the token of a whole list. Use Fn.element(list, 0)"),
        ("count", lambda them: them, "is of type list. Give a number, or a token of one."),
        ("timeouts", lambda them: them, "is of type list. Give SecondaryPrivateIpsTimeouts("),
        ("addresses", lambda them: [them], "addresses.0: Wrong type. ['#{TfToken[TOKEN."),
    ],
)
def test_a_list_token_is_no_token_of_one_value(bench: Bench, argument: str, given: Any, message: str) -> None:
    """Also when it is indexed in Python, which takes the text that stands for the whole list."""
    token = given(bench.variable("list(string)").list_value)
    with pytest.raises(DeclarationError, match=f"1 problem.*\n  {argument}") as caught:
        declare(bench, **{**({} if argument == "addresses" else {"count": 1}), argument: token})
    assert message in str(caught.value)


def test_a_token_among_addresses_is_skipped_and_the_others_are_judged(bench: Bench) -> None:
    token = bench.variable("string").string_value
    with pytest.raises(DeclarationError, match=r'1 problem (?s:.*)"ten"'):
        declare(bench, addresses=[token, "10.0.0.4", f"10.0.{token}.5", "ten"], min_in_service=32)


def test_a_timeout_is_held_against_the_declared_drain_unless_only_terraform_knows_it(bench: Bench) -> None:
    timeouts = {"create": "5m"}
    NatGatewaySecondaryIps(bench.stack, "it", nat_gateway_id="nat-00000002", count=1, max_drain=60, timeouts=timeouts)
    declare(bench, count=1, max_drain=bench.variable("number").number_value, timeouts=timeouts)
