"""The query protocol, with botocore's own serializer and parser on the other side."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

import botocore.session
import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core import limits
from natgw_provider.simulator import wire
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.operations import OPERATIONS

SERVICE = botocore.session.Session().get_service_model("ec2")
text = st.text(max_size=20)
printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def sent(action: str, parameters: dict[str, Any]) -> list[tuple[str, str]]:
    request = create_serializer("ec2", include_validation=False).serialize_to_request(
        parameters, SERVICE.operation_model(action)
    )
    return parse_qsl(urlencode(request["body"]), keep_blank_values=True)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "NatGatewayIds": st.lists(text, min_size=1, max_size=12),
            "Filter": st.lists(
                st.fixed_dictionaries({"Name": text, "Values": st.lists(text, min_size=1, max_size=12)}),
                min_size=1,
                max_size=3,
            ),
            "MaxResults": st.integers(-5, 2000),
            "NextToken": text,
            "DryRun": st.booleans(),
        },
    )
)
def test_whatever_botocore_sends_is_read_back(parameters: dict[str, Any]) -> None:
    assert wire.parse("DescribeNatGateways", sent("DescribeNatGateways", parameters)) == parameters


def test_nested_parameters_are_read_back() -> None:
    parameters = {
        "SubnetId": "subnet-1",
        "ConnectivityType": "private",
        "SecondaryPrivateIpAddresses": ["10.0.0.9"],
        "TagSpecifications": [
            {"ResourceType": "natgateway", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]}
        ],
        "ClientToken": "once",
    }
    assert wire.parse("CreateNatGateway", sent("CreateNatGateway", parameters)) == parameters


@given(st.lists(st.tuples(st.text("AFNDM.1x", max_size=8) | st.sampled_from(["Filter.1.Name", "DryRun"]), text)))
def test_no_request_breaks_the_parser(fields: list[tuple[str, str]]) -> None:
    try:
        wire.parse("DescribeNatGateways", fields)
    except ApiError as error:
        assert error.code in {"UnknownParameter", "InvalidParameterValue"}  # noqa: PT017 # most requests are bad


@given(printable, st.booleans(), st.floats(0, 4_000_000_000))
def test_whatever_is_answered_botocore_reads(value: str, flag: bool, seconds: float) -> None:
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    gateway = {
        "NatGatewayId": value,
        "CreateTime": moment,
        "NatGatewayAddresses": [{"PrivateIp": value, "IsPrimary": flag}],
        "Tags": [],
    }
    body = wire.serialize("DescribeNatGateways", {"NatGateways": [gateway], "NextToken": None}, "id-1")
    shape = SERVICE.operation_model("DescribeNatGateways").output_shape
    parsed = create_parser("ec2").parse({"body": body.encode(), "headers": {}, "status_code": 200}, shape)
    assert parsed["ResponseMetadata"]["RequestId"] == "id-1"
    [read] = parsed["NatGateways"]
    assert abs((read.pop("CreateTime") - moment).total_seconds()) < 0.002
    assert read == {key: gateway[key] for key in ("NatGatewayId", "NatGatewayAddresses", "Tags")}


@given(text, text)
def test_every_error_is_well_formed_xml(code: str, message: str) -> None:
    root = ET.fromstring(wire.serialize_error(ApiError(code, message), "id-1"))  # noqa: S314 # our own text
    assert root.find("Errors/Error/Code") is not None


@pytest.mark.parametrize("action", OPERATIONS)
def test_every_operation_of_ours_is_one_of_ec2(action: str) -> None:
    assert wire.operation(action).name == action


def test_the_limits_are_those_of_the_service_model() -> None:
    drain = SERVICE.operation_model("UnassignPrivateNatGatewayAddress").input_shape.members["MaxDrainDurationSeconds"]
    count = SERVICE.operation_model("AssignPrivateNatGatewayAddress").input_shape.members["PrivateIpAddressCount"]
    page = SERVICE.operation_model("DescribeNatGateways").input_shape.members["MaxResults"]
    assert (drain.metadata["min"], drain.metadata["max"]) == (1, 4000)
    assert (count.metadata["min"], count.metadata["max"]) == (1, limits.SECONDARY_ADDRESSES_MAXIMUM)
    assert (page.metadata["min"], page.metadata["max"]) == (5, 1000)
