"""What the data source refuses before AWS is asked, each with the place and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.gateway import NatGateway
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.nat_gateway import SCHEMA, NatGatewayDataSource
from support.resource import RememberingEngine, context, gateway

FINE = {"name": "vpc-id", "values": ("vpc-1",)}


def validate(**arguments: Any) -> list[Any]:
    config = {**dict.fromkeys(SCHEMA.value_type.attributes), **arguments}
    return list(NatGatewayDataSource(lambda: None).validate(config, context()))


def refused_by_read(**arguments: Any) -> list[Any]:
    """Return the errors of a read, which must come before anything is asked."""
    config = {**dict.fromkeys(SCHEMA.value_type.attributes), **arguments}
    nowhere: Any = Configured(engine=None, check_permissions_at_plan=False)  # type: ignore[arg-type]
    with pytest.raises(DiagnosticsError) as caught:
        NatGatewayDataSource(lambda: nowhere).read(config, context())
    return list(caught.value.diagnostics)


def test_an_id_beside_empty_tags_is_refused() -> None:
    (found,) = validate(id="nat-00000001", tags={})
    assert found.path == ("id",)


@pytest.mark.parametrize(
    "arguments",
    [
        {"filter": (UNKNOWN, {"name": UNKNOWN, "values": UNKNOWN}, {"name": "vpc-id", "values": (UNKNOWN,)})},
        {"tags": {"Name": UNKNOWN}},
    ],
)
def test_what_is_not_known_yet_in_a_filter_or_a_tag_is_fine(arguments: dict[str, Any]) -> None:
    assert validate(**arguments) == []


@pytest.mark.parametrize(
    ("arguments", "summary", "said"),
    [
        ({"filter": (FINE, None)}, "Nothing to match", "filter[1] is null"),
        ({"filter": ({"name": None, "values": ("a",)},)}, "Nothing to match", "filter[0].name is null"),
        ({"filter": ({"name": "vpc-id", "values": None},)}, "Nothing to match", "filter[0].values is null"),
        ({"filter": ({"name": "vpc-id", "values": ()},)}, "Nothing to match", "filter[0].values is empty"),
        ({"filter": ({"name": "vpc-id", "values": ("a", None)},)}, "Nothing to match", "filter[0].values[1] is null"),
        ({"tags": {"Name": None}}, "Nothing to match", "tags.Name is null"),
        ({"filter": (), "tags": None}, "Nothing to match", "filter is empty, so every gateway would match"),
        ({"tags": {}}, "Nothing to match", "tags is empty, so every gateway would match"),
        ({"filter": (FINE, FINE)}, "Filter given twice", 'filter[1] asks for "vpc-id" a second time'),
        (
            {"filter": ({"name": "tag:Name", "values": ("a",)},), "tags": {"Name": "b"}},
            "Filter given twice",
            'asks for "tag:Name" a second time',
        ),
        *(
            (
                {"filter": ({"name": name, "values": ("a",)},)},
                "Unknown filter",
                f'"{name}". DescribeNatGateways filters by nat-gateway-id, state, subnet-id, vpc-id, tag-key and tag:',
            )
            for name in ("vpcid", "connectivity-type", "tag:", "Tag:Name", "")
        ),
    ],
)
def test_a_filter_or_tag_that_cannot_match_is_refused_by_validate_and_by_read(
    arguments: dict[str, Any], summary: str, said: str
) -> None:
    for found in (validate(**arguments), refused_by_read(**arguments)):
        (diagnostic,) = found
        assert (diagnostic.path[0] in arguments, diagnostic.summary) == (True, summary)
        assert said in diagnostic.detail


@pytest.mark.parametrize("name", ["nat-gateway-id", "state", "subnet-id", "vpc-id", "tag-key", "tag:Name", "tag:a b"])
def test_the_filters_of_describe_nat_gateways_pass(name: str) -> None:
    assert validate(filter=({"name": name, "values": ("a",)},)) == []


def test_an_id_that_is_none_of_a_nat_gateway_is_refused() -> None:
    (diagnostic,) = validate(id="vpc-0a1b2c3d4e5f67890")
    assert (diagnostic.path, diagnostic.summary) == (("id",), "Not the id of a NAT gateway")


def test_gateways_are_listed_in_natural_order() -> None:
    class Several(RememberingEngine):
        def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
            return tuple(gateway(name=name) for name in ("gw1", "gw10", "gw2"))

    connected = Configured(engine=Several(None), check_permissions_at_plan=False)
    config = {**dict.fromkeys(SCHEMA.value_type.attributes), "tags": {"team": "blue"}}
    with pytest.raises(DiagnosticsError) as caught:
        NatGatewayDataSource(lambda: connected).read(config, context())
    (diagnostic,) = caught.value.diagnostics
    assert re.findall(r"\((gw\d+),", diagnostic.detail) == ["gw1", "gw2", "gw10"]
