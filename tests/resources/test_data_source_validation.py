"""What the data source refuses before anybody is asked, each with the place and the remedy."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from natgw_provider.bridge.handlers import Context
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.resources.nat_gateway import NatGatewayDataSource
from natgw_provider.resources.nat_gateway_schema import SCHEMA

FINE = {"name": "vpc-id", "values": ("vpc-1",)}


def validate(**arguments: Any) -> list[Any]:
    config = {**dict.fromkeys(SCHEMA.value_type.attributes), **arguments}
    return list(NatGatewayDataSource(lambda: None).validate(config, Context(threading.Event(), "", Log("off"))))


@pytest.mark.parametrize("arguments", [{}, {"id": "nat-00000001", "tags": {}}, {"id": UNKNOWN, "filter": ()}])
def test_either_an_id_or_something_to_match_is_asked_for(arguments: dict[str, Any]) -> None:
    (found,) = validate(**arguments)
    assert found.path == ("id",)


@pytest.mark.parametrize(
    "arguments",
    [
        {"id": "nat-00000001"},
        {"filter": (FINE,), "tags": {"Name": "egress"}},
        {"filter": UNKNOWN},
        {"filter": (UNKNOWN, {"name": UNKNOWN, "values": UNKNOWN}, {"name": "vpc-id", "values": (UNKNOWN,)})},
        {"tags": UNKNOWN},
        {"tags": {"Name": UNKNOWN}},
    ],
)
def test_what_is_complete_or_not_known_yet_is_fine(arguments: dict[str, Any]) -> None:
    assert validate(**arguments) == []


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"filter": (FINE, None)}, ("filter", 1)),
        ({"filter": ({"name": None, "values": ("a",)},)}, ("filter", 0, "name")),
        ({"filter": ({"name": "vpc-id", "values": None},)}, ("filter", 0, "values")),
        ({"filter": ({"name": "vpc-id", "values": ("a", None)},)}, ("filter", 0, "values", 1)),
        ({"tags": {"Name": None}}, ("tags", "Name")),
    ],
)
def test_null_inside_a_filter_or_a_tag_matches_nothing_and_is_refused(
    arguments: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    (found,) = validate(**arguments)
    assert found.path == path
    assert found.summary == "Nothing to match"
    assert "Leave it out" in found.detail


def test_an_id_that_is_none_of_a_nat_gateway_is_refused() -> None:
    (told,) = validate(id="vpc-0a1b2c3d4e5f67890")
    assert (told.path, told.summary) == (("id",), "Not the id of a NAT gateway")
