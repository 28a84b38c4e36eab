"""The bindings check the types of what they are given, read as tokens, and offer what every resource has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bindings import bound_class
from gateway_source import gateway_source
from natgw_constructs import DeclarationError
from natgw_constructs.structs import NatgwProviderAssumeRole, SecondaryPrivateIpsTimeouts
from natgw_provider import __version__
from natgw_provider.bridge.schema import NUMBER, STRING, Attribute
from natgw_provider.resources.provider import NatgwProvider
from support.constructs_bench import Bench

SET = "SecondaryPrivateIps"
ROLE: Any = {"role_arn": "a"}


def resource(bench: Bench, **arguments: Any) -> Any:
    given: dict[str, Any] = {"nat_gateway_id": "nat-00000001", **arguments}
    return bench.bindings.SecondaryPrivateIps(bench.stack, "it", **given)


def test_an_attribute_added_to_the_schema_is_an_argument_of_every_construct() -> None:
    schema = NatgwProvider().resources["natgw_secondary_private_ips"].schema
    setting = Attribute(name="pause_seconds", type=NUMBER, optional=True, description="How long.")
    reading = Attribute(name="owner", type=STRING, computed=True, description="Who.")
    longer = replace(schema, attributes=[*schema.attributes, setting, reading])
    of = bound_class("natgw_secondary_private_ips", SET, "TerraformResource", longer)
    module: dict[str, Any] = {"__name__": "natgw_constructs.gateway"}
    exec(gateway_source([of]), module)  # noqa: S102 - our own generator's text
    assert module["Gateway"](pause_seconds=timedelta(seconds=5)).pause_seconds.total_seconds() == 5
    assert "pause_seconds" in module["GatewaySettings"].__annotations__
    assert module["GatewayAttributes"].owner.__doc__ == "Who."


def test_the_provider_is_required_in_this_very_version(bench: Bench) -> None:
    bench.bindings.NatgwProvider(bench.stack, "natgw")
    required = bench.synth()["terraform"]["required_providers"]
    assert required == {"natgw": {"source": "terraform.local/natgw/natgw", "version": __version__}}


@pytest.mark.parametrize(
    ("binding", "arguments", "message"),
    [
        (SET, {"nat_gateway_id": None}, "nat_gateway_id: Missing argument. nat_gateway_id is None, and it is required"),
        (SET, {"nat_gateway_id": 7}, "it\n  nat_gateway_id: Wrong type. 7 is of type int. Give a string"),
        (SET, {"max_drain_duration_seconds": "5"}, "max_drain_duration_seconds: Wrong type"),
        (SET, {"wait_for_drain": 1}, "wait_for_drain: Wrong type. 1 is of type int. Give True or False"),
        (SET, {"secondary_private_ip_addresses": {"10.0.0.4"}}, "of type set. Give a list of strings"),
        (SET, {"timeouts": {"create": 5}}, "timeouts.create: Wrong type. 5 is of type int"),
        (SET, {"timeouts": object()}, "timeouts: Wrong type"),
        (SET, {"timeouts": {1: "15m"}}, "timeouts: Wrong type"),
        ("NatgwProvider", {"assume_role": {}}, 'assume_role.role_arn: Missing argument. "role_arn" is required'),
        ("NatgwProvider", {"assume_role": {**ROLE, "arn": "b"}}, "assume_role.arn: Unknown argument"),
        ("NatgwProvider", {"assume_role": {**ROLE, "tags": {"team": 1}}}, "assume_role.tags.team: Wrong type"),
        ("NatgwProvider", {"assume_role": NatgwProviderAssumeRole(**ROLE, tags={"t": 1})}, "assume_role.tags.t: Wrong"),  # type: ignore[dict-item]
        ("NatgwProvider", {"endpoints": "http://localhost"}, "endpoints: Wrong type"),
        ("NatgwProvider", {"region": ["eu"]}, "region: Wrong type"),
        ("DataNatgwNatGateway", {"filter": [{"name": "state"}]}, "filter.0.values: Missing argument"),
        ("DataNatgwNatGateway", {"filter": [{"name": "state", "values": "x"}]}, "filter.0.values: Wrong type"),
        ("DataNatgwNatGateway", {"filter": [None]}, "filter.0: Wrong type. None is not a value"),
        ("DataNatgwNatGateway", {"filter": {"name": "state", "values": []}}, "filter: Wrong type"),
    ],
)
def test_a_wrong_type_is_named_with_its_path(
    bench: Bench, binding: str, arguments: dict[str, Any], message: str
) -> None:
    required = {"nat_gateway_id": "nat-00000001"} if binding == SET else {}
    with pytest.raises(DeclarationError) as caught:
        getattr(bench.bindings, binding)(bench.stack, "it", **{**required, **arguments})
    assert message in str(caught.value)


def test_an_attribute_can_be_assigned_where_it_is_an_argument_and_is_checked_then(bench: Bench) -> None:
    it = resource(bench)
    it.max_drain_duration_seconds = 60
    assert bench.resource()["max_drain_duration_seconds"] == 60
    with pytest.raises(DeclarationError, match="stack/it\n  max_drain_duration_seconds: Wrong type"):
        it.max_drain_duration_seconds = "60"
    with pytest.raises(DeclarationError, match="nat_gateway_id: Missing argument"):
        it.nat_gateway_id = None
    with pytest.raises(AttributeError, match=r"vpc_id.*has no setter"):
        it.vpc_id = "vpc-1"
    provider = bench.bindings.NatgwProvider(bench.stack, "natgw", region="eu-west-1")
    assert (provider.region, provider.profile) == ("eu-west-1", None)


@pytest.mark.parametrize("take_back", ["reset", "None"])
def test_an_argument_can_be_taken_back(bench: Bench, take_back: str) -> None:
    it = resource(bench, max_drain_duration_seconds=60)
    assert it.max_drain_duration_seconds_input == 60
    if take_back == "reset":
        it.reset_max_drain_duration_seconds()
    else:
        it.max_drain_duration_seconds = None
    assert it.max_drain_duration_seconds_input is None
    assert "max_drain_duration_seconds" not in bench.resource()


@pytest.mark.parametrize("timeouts", [SecondaryPrivateIpsTimeouts(create="15m"), {"create": "15m"}])
def test_in_hcl_a_nested_attribute_is_no_block(bench: Bench, timeouts: Any) -> None:
    """The bindings of `cdktf get` write a block there, which Terraform refuses."""
    resource(bench, secondary_private_ip_addresses=["10.0.0.4"], timeouts=timeouts, wait_for_drain=True)
    hcl = " ".join(bench.core.Testing.synth_hcl(bench.stack).split())
    assert 'timeouts = { create = "15m" }' in hcl
    assert 'secondary_private_ip_addresses = [ "10.0.0.4" ]' in hcl
    assert "wait_for_drain = true" in hcl


def test_both_libraries_offer_the_same_names() -> None:
    from natgw_constructs import cdktf, cdktn  # noqa: PLC0415 - after the conftest has set up jsii

    assert cdktf.__all__ == cdktn.__all__


def test_a_type_name_finds_the_resource_in_the_librarys_own_assertions(bench: Bench) -> None:
    it = resource(bench)
    synthesised = bench.core.Testing.synth(bench.stack)
    assert bench.core.Testing.to_have_resource_with_properties(
        synthesised, it.TF_RESOURCE_TYPE, {"nat_gateway_id": "nat-00000001"}
    )
