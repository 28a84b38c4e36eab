"""Files of every kind that a pipeline may hand over: a clear answer, never a traceback."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.address_kinds import KIND_OF_TYPE
from natgw_provider.review.judging import parse_limits
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.plan_document import InputError, parse_events, parse_plan
from natgw_provider.review.review import review_plans
from review.plans_and_reviews import change_of, only, plain_plan, plan_of, plan_text, review_of, review_plain

EMPTY_PLAN = '{"format_version": "1.2", "planned_values": {"root_module": {}}, "configuration": {"root_module": {}}}'
STATE = '{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ('{"a": 1} trailing', "other text after the JSON: 'trailing'.*alone into the file"),
        (f"{EMPTY_PLAN}\n{EMPTY_PLAN}\n", "several JSON documents.*a file of its own"),
        (f"[network] {EMPTY_PLAN}", r"other text before the JSON, such as the prefix of a log: '\[network\]"),
        (f"2026-11-28T10:00:00Z {EMPTY_PLAN}", "other text before the JSON.*alone into the file"),
        (f"Initializing...\n{EMPTY_PLAN}\n", "other text before the JSON"),
        (f"[command]/opt/terraform-bin show -json tfplan\n{EMPTY_PLAN}\n", "wrapper.*terraform_wrapper: false"),
        (f"{EMPTY_PLAN}\n::debug::Terraform exited with code 0.\n", "wrapper.*terraform_wrapper: false"),
        ("[" * 100_000, "is not JSON"),
        ("PK\x03\x04", "saved plan file"),
        ("[]", "no object"),
        (f"[{EMPTY_PLAN}]", "is JSON but no object"),
        ("1 2", "is JSON but no object"),
        ("{}", "is no plan: it holds neither planned_values nor resource_changes, only nothing"),
        ('{"planned_values": {}}', "no format_version"),
        ('{"format_version": "2.0", "planned_values": {}}', "known are 0.x and 1.x"),
        ('{"format_version": 1, "planned_values": {}}', "expected is a text"),
        (STATE, "is no plan: .* only format_version, terraform_version, values"),
        ('{"format_version": "1.0", "valid": true, "error_count": 0}', "only format_version, valid, error_count"),
        ('{"format_version": "1.0", "provider_schemas": {}}', "only format_version, provider_schemas"),
        (
            '{"terraform_version": "1.11.4", "platform": "linux_amd64"}',
            "is no plan: .* only terraform_version, platform",
        ),
        ('{"version": 4, "serial": 1, "lineage": "x", "resources": []}', "only version, serial, lineage, resources"),
        ('{"format_version": "1.2", "planned_values": null, "resource_changes": null}', "neither planned_values nor"),
        ('{"format_version": "1.2", "planned_values": []}', "expected is an object"),
        ('{"@level": "info", "type": "version"}', "--events"),
        ('{"@level": "info"}\n{"@level": "info"}\n', "--events"),
        ('{"format_version": "1.2", "resource_changes": {}}', "expected is a list"),
        ('{"format_version": "1.2", "resource_changes": [1]}', "expected is an object"),
        ('{"format_version": "1.2", "resource_changes": [{"address": "\\ud800"}]}', "not valid Unicode"),
    ],
)
def test_what_is_no_plan_is_named_for_what_it_is(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        parse_plan(text, "prod")
    if "is no plan" in str(refused.value):
        assert "terraform plan -out=tfplan" in str(refused.value)
        assert "terraform show -json tfplan > plan.json" in str(refused.value)


def test_a_plan_without_any_change_is_a_plan_even_when_it_does_not_say_who_wrote_it() -> None:
    """Of a configuration without resources Terraform leaves `resource_changes` out."""
    assert parse_plan(EMPTY_PLAN, "").changes == ()
    assert parse_plan(plan_text("swap").replace("\n", "\r\n"), "").changes


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.2", "1.99"])
def test_older_and_newer_format_versions_of_a_known_major_are_read(version: str) -> None:
    plain = {**plain_plan("swap"), "format_version": version, "a_later_member": {"x": [1]}}
    assert review_plain(plain).digest == review_of("swap").digest


def test_an_older_plan_without_the_later_members_is_read() -> None:
    plain = plain_plan("swap")
    for later in ("errored", "complete", "applyable", "relevant_attributes", "resource_drift"):
        plain.pop(later, None)
    assert len(review_plain(plain).changes) == 2


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("after", "last_change", "unassign"), "not-an-address", "no address that natgw manages"),
        (("after", "last_change", "unassign"), ["10.0.1.22"], "expected is a text"),
        (("after", "last_change", "summary"), "sideways", "another natgw"),
        (("after", "last_change", "in_service"), "3", "another natgw"),
        (("after", "last_change"), [], "expected is an object"),
        (("after", "timeouts"), {"update": "soon"}, "not a duration"),
        (("before", "secondary_private_ip_addresses"), "10.0.0.1", "expected is a list"),
        (("after", "max_drain_duration_seconds"), True, "a whole number"),
    ],
)
def test_an_attribute_of_another_shape_is_named(path: tuple[str, ...], value: object, says: str) -> None:
    plain = plain_plan("swap")
    place: Any = change_of(plain, "swap")["change"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(InputError, match=says):
        review_plain(plain)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from(["delete", "create"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)
_WHOLE = only(plain_plan("swap"), "swap")
_SWAP = change_of(_WHOLE, "swap")
_ATTRIBUTES = [*sorted(_SWAP["change"]["after"]), "allocation_id", "allocation_ids", "status"]
_PLACES = (
    [(member,) for member in sorted(_WHOLE)]
    + [("change", member) for member in ("actions", "before", "after", "before_sensitive")]
    + [("change", side, name) for side in ("before", "after") for name in _ATTRIBUTES]
)


@given(kind=st.sampled_from(sorted(KIND_OF_TYPE)), edits=st.lists(st.tuples(st.sampled_from(_PLACES), _JSON)))
def test_whatever_stands_in_a_plan_is_reviewed_or_refused_never_a_crash(
    kind: str, edits: list[tuple[tuple[str, ...], object]]
) -> None:
    address = "10.0.1.21" if "private" in kind else "eipalloc-00000001"
    named = {"private_ip_address": address, "allocation_id": address, "allocation_ids": [address]}
    changes = [copy.deepcopy(_SWAP) | {"type": kind, "address": f"{kind}.it[{number}]"} for number in (0, 1)]
    plain: dict[str, Any] = {**_WHOLE, "resource_changes": changes}
    for change in changes:
        for side in ("before", "after"):
            change["change"][side] |= named
    for number, (path, value) in enumerate(edits):
        place: Any = plain if len(path) == 1 else changes[number % 2]
        for name in path[:-1]:
            place = place[name] if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[path[-1]] = value
    with contextlib.suppress(InputError):
        render_markdown(review_plans([plan_of(plain)]))


@pytest.mark.parametrize(
    ("diagnostic", "says"),
    [
        ('{"severity": "error", "summary": "\\ud800"}', "events, line 2.*not valid Unicode"),
        ("1", "events, line 2"),
    ],
)
def test_a_broken_diagnostic_is_refused_with_its_line(diagnostic: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_events(f'\n{{"type": "diagnostic", "diagnostic": {diagnostic}}}', "events")


def test_events_pass_over_other_output_and_tell_each_diagnostic_once() -> None:
    event = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "No", "detail": "why"}}
    text = f"Initializing...\n{{broken\n{json.dumps(event)}\n{json.dumps(event)}\n[1]\n"
    assert [found.summary for found in parse_events(text, "events")] == ["No"]


@pytest.mark.parametrize(
    ("summary", "address", "is_reported"),
    [
        ("nat-1: 10.0.0.9 failed", "natgw_secondary_private_ips.this", True),
        ("nat-1 drains 2 addresses", "natgw_secondary_private_ips.this", False),
        ("nat-1 drains eipalloc-1", "natgw_secondary_elastic_ip.this", False),
        ("nat-1 keeps 10.0.0.21", "natgw_secondary_private_ip.this", False),
        ("nat-1: Elastic IPs known only after apply", "natgw_secondary_elastic_ips.this", False),
        ("nat-1/eipalloc-1: allocation_id known only after apply", "natgw_secondary_elastic_ip.this", False),
        ("nat-1: eipalloc-1 failed", "natgw_secondary_elastic_ip.this", True),
        ("Deprecated", "aws_vpc.this", False),
    ],
)
def test_warnings_are_reported_when_they_are_ours_and_not_in_the_table_already(
    summary: str, address: str, is_reported: bool
) -> None:
    event = {"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": summary, "address": address}}
    assert bool(parse_events(json.dumps(event), "events")) is is_reported


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max_window_seconds = ", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
        ("max_window = 3", "sets max_window; a review knows max_window_seconds"),
        ("max_window_seconds = 4001", "0 to 4000 seconds"),
        ('min_in_service = "3"', "'3'"),
        ("max_drained_percent = true", "True"),
        ("min_in_service = 0", "1 to 32"),
    ],
)
def test_limits_that_make_no_sense_are_refused_with_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_limits(text, "natgw-review.toml")


def test_limits_are_read_from_a_table_of_a_larger_file() -> None:
    text = "[tool.natgw.review]\nmin_in_service = 3\n[tool.other]\nx = 1\n"
    assert parse_limits(text, "pyproject.toml", ("tool", "natgw", "review")) == {"min_in_service": 3}
    assert parse_limits("[tool]\n", "pyproject.toml", ("tool", "natgw", "review")) == {}
