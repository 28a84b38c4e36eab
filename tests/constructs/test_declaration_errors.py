"""What is declared wrongly stops at synthesis, with everything that is wrong in one message; tokens are not judged."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from natgw_constructs import DeclarationError, NatGatewaySecondaryIps
from support.constructs_bench import Bench


def declare(bench: Bench, **arguments: Any) -> NatGatewaySecondaryIps:
    given: dict[str, Any] = {"nat_gateway_id": "nat-00000001", **arguments}
    return NatGatewaySecondaryIps(bench.stack, "egress", **given)


def error_of(bench: Bench, **arguments: Any) -> str:
    with pytest.raises(DeclarationError) as caught:
        declare(bench, **arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"addresses": ["10.0.0.300"]}, 'addresses: Not an IPv4 address. "10.0.0.300" is not'),
        ({"addresses": ["10.0.0.4", "10.0.0.4"]}, "addresses: Address named twice. 10.0.0.4 is named 2 times"),
        ({"addresses": "10.0.0.4"}, "addresses: Wrong type. '10.0.0.4' is of type str. Give a list of strings"),
        ({"addresses": [4]}, "addresses.0: Wrong type. 4 is of type int. Give a string"),
        ({"addresses": [None]}, "addresses.0: Wrong type. None is no value."),
        (
            {},
            "addresses: Exactly one of addresses and count is required. Neither is set. Set exactly one: addresses",
        ),
        ({"addresses": [], "count": 0}, "count lets AWS pick."),
        ({"count": 32}, "count: Address count out of range. count is 32. Allowed:"),
        ({"count": True}, "count: Wrong type. True is of type bool. Give a number"),
        ({"count": 1, "max_drain": 0}, "max_drain: Drain time out of range. max_drain is 0. Allowed:"),
        ({"count": 1, "max_drain": timedelta(hours=2)}, "max_drain is 7200"),
        ({"count": 1, "max_drain": "350"}, "max_drain: Wrong type. '350' is of type str. Give a number"),
        (
            {"addresses": [], "min_in_service": 2},
            "min_in_service is 2, but the primary and the declared secondaries are",
        ),
        ({"count": 1, "on_destroy": "keep"}, 'on_destroy: Unknown choice for on_destroy. on_destroy is "keep"'),
        ({"count": 1, "wait_for_drain": "no"}, "wait_for_drain: Wrong type. 'no' is of type str. Give True or False"),
        ({"count": 1, "timeouts": {"create": "5m"}}, "350 s (5 min 50 s) (max_drain)"),
        ({"count": 1, "timeouts": {"read": "15m"}}, 'timeouts.read: Unknown argument. "read" is not one of create'),
        ({"count": 1, "timeouts": "15m"}, "timeouts: Wrong type. '15m' is of type str"),
        ({"count": 1, "nat_gateway_id": None}, "nat_gateway_id: Exactly one gateway is required. Neither is given"),
        (
            {"count": 1, "nat_gateway": SimpleNamespace(id="nat-00000002")},
            "Exactly one gateway is required. Both are given",
        ),
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
        ({"count": 1, "provider": "natgw"}, "provider: Wrong type. 'natgw' is of type str. Give a provider block"),
        ({"count": 1, "max_drain": float("nan")}, "max_drain is nan. Allowed: whole numbers"),
    ],
)
def test_the_message_names_argument_value_and_fix(bench: Bench, arguments: dict[str, Any], message: str) -> None:
    assert message in error_of(bench, **arguments)


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
    declare(bench, count=1, timeouts=bench.bindings.SecondaryPrivateIpsTimeouts(create="15m"))
    assert bench.resource()["timeouts"] == {"create": "15m"}
    assert 'timeouts.create: Not a duration. "soon" is not' in error_of(
        bench, count=1, timeouts=bench.bindings.SecondaryPrivateIpsTimeouts(create="soon")
    )


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (["subnet-id"], "filters: Wrong type. ['subnet-id'] is of type list. Give lists of values by name"),
        ({"subnet-id": "subnet-1"}, "filters.subnet-id: Wrong type. 'subnet-1' is of type str. Give a list of strings"),
        ({"subnet-id": None}, "filters.subnet-id: Wrong type. None is of type NoneType. Give a list of strings"),
        ({1: ["subnet-1"]}, "filters.1: Wrong type. 1 is of type int. Give a string"),
    ],
)
def test_a_lookup_takes_lists_of_values_by_name(bench: Bench, filters: Any, message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", filters=filters, count=1)
    assert message in str(caught.value)


def test_a_declaration_that_failed_leaves_nothing_in_the_tree_and_owns_no_gateway(bench: Bench) -> None:
    error_of(bench, count=99)
    assert [child.node.id for child in bench.stack.node.children] == []
    NatGatewaySecondaryIps(bench.stack, "other", nat_gateway_id="nat-00000001", count=1)


def test_all_problems_come_in_one_message_with_the_path(bench: Bench) -> None:
    text = error_of(bench, addresses=["10.0.0.4", "ten", 7], max_drain=5000, wait_for_drain="no", on_destroy="keep")
    assert text.splitlines()[0] == "5 problems in the declaration of stack/egress"
    for argument in (
        "addresses: Not an IPv4 address",
        "addresses.2: ",
        "max_drain: ",
        "wait_for_drain: ",
        "on_destroy: ",
    ):
        assert argument in text


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("addresses", "list"),
        ("count", "number"),
        ("max_drain", "number"),
        ("min_in_service", "number"),
        ("nat_gateway_id", "string"),
        ("on_destroy", "string"),
        ("wait_for_drain", "any"),
    ],
)
def test_a_token_is_left_to_terraform(bench: Bench, argument: str, kind: str) -> None:
    variable = bench.core.TerraformVariable(bench.stack, "variable", type=kind)
    token = {
        "list": variable.list_value,
        "number": variable.number_value,
        "string": variable.string_value,
        "any": variable.boolean_value,
    }[kind]
    both = {} if argument in ("addresses", "count") else {"count": 1}
    declare(bench, **{**both, argument: token})
    assert "${var.variable}" in bench.resource().values()


def test_a_token_among_addresses_is_skipped_and_the_others_are_judged(bench: Bench) -> None:
    token = bench.core.TerraformVariable(bench.stack, "variable", type="string").string_value
    text = error_of(bench, addresses=[token, "10.0.0.4", f"10.0.{token}.5", "ten"], min_in_service=32)
    assert text.splitlines()[0].startswith("1 problem ")
    assert '"ten"' in text


def test_a_timeout_is_held_against_the_declared_drain_unless_only_terraform_knows_it(bench: Bench) -> None:
    NatGatewaySecondaryIps(
        bench.stack, "it", nat_gateway_id="nat-00000002", count=1, max_drain=60, timeouts={"create": "5m"}
    )
    token = bench.core.TerraformVariable(bench.stack, "variable", type="number").number_value
    declare(bench, count=1, max_drain=token, timeouts={"create": "5m"})
