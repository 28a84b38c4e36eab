"""null is absent and unknown is not judged, for every argument beside every other, in validate, plan and configure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.aws.api import Subnet
from natgw_provider.bridge.diagnostics import Diagnostic, Severity
from natgw_provider.bridge.handlers import ImportRequest
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.nat_gateway import SCHEMA as LOOKUP
from natgw_provider.resources.nat_gateway import NatGatewayDataSource
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_block import SCHEMA as BLOCK
from support.resource import GATEWAY_ID, Driver, RememberingEngine, configuration, context, gateway

SET, COUNT = "secondary_private_ip_addresses", "secondary_private_ip_address_count"
NO_TIMES = {"create": None, "update": None, "delete": None}
RESOURCE: dict[str, Any] = {
    "nat_gateway_id": GATEWAY_ID,
    SET: ("10.0.0.21",),
    COUNT: 1,
    "max_drain_duration_seconds": 60,
    "wait_for_drain": False,
    "min_in_service_addresses": 1,
    "on_destroy": "retain",
    "timeouts": {**NO_TIMES, "create": "15m"},
}
"""A good value for each argument of the resource."""

DATA: dict[str, Any] = {
    "id": GATEWAY_ID,
    "filter": ({"name": "vpc-id", "values": ("vpc-1",)},),
    "tags": {"Name": "egress"},
}
ROLE = {"role_arn": "arn:aws:iam::123456789012:role/natgw"}


def nested(name: str, **values: Any) -> dict[str, Any]:
    inside = BLOCK.attribute(name).nested
    assert inside is not None
    return {**dict.fromkeys(attribute.name for attribute in inside.attributes), **values}


PROVIDER: dict[str, Any] = {
    **{a.name: True for a in BLOCK.attributes if a.name.startswith(("use_", "skip_", "check_"))},
    "region": "eu-central-1",
    "profile": "p",
    "access_key": "a",
    "secret_key": "b",
    "token": "c",
    "shared_config_files": ("f",),
    "shared_credentials_files": ("f",),
    "assume_role": nested("assume_role", **ROLE),
    "assume_role_with_web_identity": nested("assume_role_with_web_identity", **ROLE, web_identity_token="t"),  # noqa: S106
    "endpoints": nested("endpoints", ec2="http://localhost:1"),
    "allowed_account_ids": ("123456789012",),
    "forbidden_account_ids": ("210987654321",),
    "max_retries": 3,
    "retry_mode": "standard",
    "custom_ca_bundle": "f",
    "http_proxy": "http://proxy:1",
    "https_proxy": "http://proxy:1",
    "private_ip_address_quota": 8,
    "elastic_ip_quota": 2,
}
STATES = ("null", "known", "unknown")
PAIRS = list(itertools.product(STATES, repeat=2))


Rule: TypeAlias = Callable[[Mapping[str, str]], bool]
"""Whether arguments that depend on each other break what they have to keep to, by the state of each argument."""


def exactly_one_of_set_and_count(states: Mapping[str, str]) -> bool:
    return states[SET] == states[COUNT] != "unknown"


def a_key_takes_the_other(states: Mapping[str, str]) -> bool:
    pair = states["access_key"], states["secret_key"]
    return "null" in pair and "known" in (*pair, states["token"])


def one_list_of_accounts(states: Mapping[str, str]) -> bool:
    return states["allowed_account_ids"] == states["forbidden_account_ids"] == "known"


def values_of(good: dict[str, Any], states: dict[str, str]) -> dict[str, Any]:
    chosen = {"null": lambda _value: None, "known": lambda value: value, "unknown": lambda _value: UNKNOWN}
    return {name: chosen[state](good[name]) for name, state in states.items()}


def validate_lookup(values: dict[str, Any]) -> list[Diagnostic]:
    config = {**dict.fromkeys(LOOKUP.value_type.attributes), **values}
    return list(NatGatewayDataSource(lambda: None).validate(config, context()))


def validate_block(values: dict[str, Any]) -> list[Diagnostic]:
    return list(NatgwProvider().validate({**dict.fromkeys(BLOCK.value_type.attributes), **values}, context()))


def validate_resource(values: dict[str, Any]) -> list[Diagnostic]:
    return Driver(None).validate(**values)


KINDS: dict[str, tuple[Callable[[dict[str, Any]], list[Diagnostic]], dict[str, Any], list[Rule]]] = {
    "resource": (validate_resource, RESOURCE, [exactly_one_of_set_and_count]),
    "provider": (validate_block, PROVIDER, [a_key_takes_the_other, one_list_of_accounts]),
}


def test_every_argument_has_a_good_value_in_these_tests() -> None:
    for schema, good in ((LOOKUP, DATA), (BLOCK, PROVIDER)):
        assert {a.name for a in schema.attributes if a.optional or a.required} == set(good)
    assert set(configuration()) >= set(RESOURCE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_of_arguments_is_judged_by_what_is_known_of_it(kind: str) -> None:
    validate, good, rules = KINDS[kind]
    needed = {"nat_gateway_id": "known", SET: "known"} if kind == "resource" else {}
    for one, other in itertools.combinations(good, 2):
        for states in PAIRS:
            chosen = {**dict.fromkeys(good, "null"), **needed, one: states[0], other: states[1]}
            wrong = sum(rule(chosen) for rule in rules) + (chosen.get("nat_gateway_id") == "null")
            found = validate(values_of(good, chosen))
            assert len(found) == wrong, (one, other, states, found)
            assert all(problem.severity is Severity.ERROR and problem.path for problem in found)


MISTAKES = {
    "resource": {
        "nat_gateway_id": ["nat-123", None],
        SET: [("10.0.0.300",), ("10.0.0.21", UNKNOWN, "x"), (None,)],
        COUNT: [32, -1],
        "max_drain_duration_seconds": [0, 4001],
        "min_in_service_addresses": [0, 33],
        "on_destroy": ["keep"],
        "timeouts": [{**NO_TIMES, "create": "soon"}, {"create": UNKNOWN, "update": UNKNOWN, "delete": "0s"}],
    },
    "provider": {
        "region": ["eu central 1"],
        "access_key": ["a "],
        "max_retries": [-1],
        "retry_mode": ["legacy"],
        "private_ip_address_quota": [1],
        "elastic_ip_quota": [1],
        "allowed_account_ids": [("99", UNKNOWN), (UNKNOWN, None)],
        "forbidden_account_ids": [("99",)],
        "http_proxy": ["ftp://proxy"],
        "endpoints": [nested("endpoints", ec2="localhost", sts=UNKNOWN)],
        "assume_role": [nested("assume_role", role_arn="x"), nested("assume_role", role_arn=UNKNOWN, duration="1s")],
    },
}
"""Values that are wrong by themselves."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_that_is_known_is_found_however_much_around_it_is_not(kind: str) -> None:
    validate, good, _ = KINDS[kind]
    for name, wrong in MISTAKES[kind].items():
        for value in wrong:
            (found,) = validate({**dict.fromkeys(good, UNKNOWN), name: value})
            assert found.path[0] == name


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_any_mixture_of_null_known_and_unknown_has_one_error_for_each_broken_rule(
    kind: str, data: st.DataObject
) -> None:
    validate, good, rules = KINDS[kind]
    states = {name: data.draw(st.sampled_from(STATES), label=name) for name in good}
    wrong = sum(rule(states) for rule in rules) + (states.get("nat_gateway_id") == "null")
    assert len(validate(values_of(good, states))) == wrong


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ("5m", ['timeouts.update is "5m"', "350 s (5 min 50 s)", "950 s"]),
        ("soon", ['timeouts.update: "soon" is not a duration', "15m"]),
    ],
)
def test_an_error_inside_a_nested_argument_is_at_it_and_names_it(update: str, words: list[str]) -> None:
    (found,) = validate_resource({SET: (), "timeouts": {**NO_TIMES, "update": update}})
    assert found.path == ("timeouts", "update")
    assert [word for word in words if word not in found.detail] == []


def test_all_mistakes_are_reported_at_once() -> None:
    found = validate_resource({SET: ("x", "y"), "max_drain_duration_seconds": 0, "on_destroy": "z"})
    assert [problem.path[0] for problem in found] == [SET, SET, "max_drain_duration_seconds", "on_destroy"]


@pytest.mark.parametrize("states", list(itertools.product(STATES, repeat=3)), ids="-".join)
def test_a_lookup_is_by_id_or_by_filter_and_tags_as_far_as_known(states: tuple[str, str, str]) -> None:
    by_id, *by_match = states
    both = by_id == "known" and "known" in by_match
    none = states == ("null",) * 3
    found = validate_lookup(values_of(DATA, dict(zip(("id", "filter", "tags"), states, strict=True))))
    assert [problem.path for problem in found] == [("id",)] * (both or none)


@pytest.mark.parametrize("states", PAIRS, ids="-".join)
def test_a_web_identity_takes_one_token_as_far_as_known(states: tuple[str, str]) -> None:
    good = {"web_identity_token": "t", "web_identity_token_file": "f"}
    tokens = values_of(good, dict(zip(good, states, strict=True)))
    role = nested("assume_role_with_web_identity", role_arn=UNKNOWN, **tokens)
    found = validate_block({"assume_role_with_web_identity": role})
    assert len(found) == (states in (("null", "null"), ("known", "known")))


@pytest.mark.parametrize("states", PAIRS, ids="-".join)
def test_a_timeout_is_held_to_the_drain_that_is_known(states: tuple[str, str]) -> None:
    times = {**NO_TIMES, **values_of({"update": "1m"}, {"update": states[1]})}
    drain = values_of({"max_drain_duration_seconds": 600}, {"max_drain_duration_seconds": states[0]})
    found = validate_resource({SET: (), "timeouts": times, **drain})
    assert [problem.path[0] for problem in found] == ["timeouts"] * (states[0] != "unknown" and states[1] == "known")


@pytest.mark.parametrize("at", [at for at in PAIRS if at not in (("null", "null"), ("known", "known"))], ids="-".join)
def test_a_plan_promises_only_what_holds_whatever_the_unknown_turns_out_to_be(at: tuple[str, str]) -> None:
    driver = Driver(RememberingEngine(gateway("10.0.0.22")))
    given_values = values_of({SET: ("10.0.0.21",), COUNT: 1}, dict(zip((SET, COUNT), at, strict=True)))
    for prior in (None, driver.refreshed(**{SET: ("10.0.0.22",)})):
        planned = driver.plan(prior, **given_values).planned_state
        assert planned is not None
        for name, value in given_values.items():
            assert value is None or planned[name] == value or planned[name] is value
        if at[0] == "unknown":
            assert planned["last_change"]["unassign"] == "none"  # type: ignore[index,call-overload]


def test_a_null_gateway_id_plans_nothing() -> None:
    driver = Driver(RememberingEngine(gateway("10.0.0.21")))
    prior = driver.refreshed(**{SET: ("10.0.0.21",)})
    response = driver.plan(prior, nat_gateway_id=None, **{SET: ("10.0.0.21",)})
    assert [(d.severity, d.path) for d in response.diagnostics] == [(Severity.ERROR, ("nat_gateway_id",))]
    assert response.requires_replace == ()
    assert response.planned_state == prior.state


@pytest.mark.parametrize(
    ("config", "at", "removed"),
    [
        ({SET: ("10.0.0.21", "10.0.0.22"), COUNT: 1}, SET, COUNT),
        ({SET: (), COUNT: 1}, SET, COUNT),
        ({SET: ("10.0.0.21",), COUNT: 2}, COUNT, SET),
        ({SET: ("10.0.0.21",), COUNT: 0}, COUNT, SET),
    ],
)
def test_a_prior_value_that_ignore_changes_gives_as_configured_has_to_agree(
    config: dict[str, Any], at: str, removed: str
) -> None:
    driver = Driver(RememberingEngine(gateway("10.0.0.21")))
    response = driver.plan(driver.refreshed(**{SET: ("10.0.0.21",)}), **config)
    (diagnostic,) = response.diagnostics
    assert (diagnostic.severity, diagnostic.path) == (Severity.ERROR, (at,))
    assert f"Remove {removed} from ignore_changes" in diagnostic.detail


@pytest.mark.parametrize("config", [{SET: ("10.0.0.21",), COUNT: 1}, {SET: ("10.0.0.22",), COUNT: 1}])
def test_a_prior_value_that_agrees_is_as_good_as_none(config: dict[str, Any]) -> None:
    driver = Driver(RememberingEngine(gateway("10.0.0.21")))
    prior = driver.refreshed(**{SET: ("10.0.0.21",)})
    response, alone = driver.plan(prior, **config), driver.plan(prior, **{SET: config[SET]})
    assert response.planned_state == alone.planned_state


REGIONAL = gateway(connectivity_type="public", subnet_id=None, vpc_id="vpc-1")


class NoSubnet(RememberingEngine):
    """An engine that must not be asked about a subnet, except by the data source, which says that there is none."""

    def subnet_cidr_block(self, subnet_id: str | None) -> str | None:
        pytest.fail(f"asked about subnet {subnet_id}")

    def subnet(self, subnet_id: str | None) -> Subnet | None:
        assert subnet_id is None
        return None


def test_a_regional_gateway_is_refused_for_what_it_is_before_any_subnet_is_asked_for() -> None:
    response = Driver(NoSubnet(REGIONAL)).plan(**{SET: ()})
    assert [d.summary for d in response.diagnostics] == ["Not a private NAT gateway"]


def test_a_regional_gateway_is_no_import() -> None:
    driver = Driver(NoSubnet(REGIONAL))
    response = driver.resource.import_state(ImportRequest(GATEWAY_ID), driver.context)
    assert [d.summary for d in response.diagnostics] == ["Not a private NAT gateway"]


def test_a_lookup_shows_a_regional_gateway_with_null_for_what_it_does_not_have() -> None:
    connected = Configured(engine=NoSubnet(REGIONAL), check_permissions_at_plan=False)
    config = {**dict.fromkeys(LOOKUP.value_type.attributes), "id": GATEWAY_ID}
    shown = NatGatewayDataSource(lambda: connected).read(config, context()).state
    assert shown is not None
    assert shown["connectivity_type"] == "public"
    assert [shown[n] for n in ("subnet_id", "subnet_cidr_block", "subnet_available_ip_address_count")] == [None] * 3
