"""`terraform query` finds the gateways of an account, and what it generates is imported without a change."""

from __future__ import annotations

import json

import pytest

from compat.conftest import since
from support.repository import ROOT
from support.terraform import interrupt
from support.waiting import wait_for
from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

NAMES = ["gw10", "gw2", 'a"b${c}%{d}\n\u2603']
LIST = 'list "natgw_secondary_private_ips" "all" {\n  provider = natgw\n}\n'


@pytest.fixture
def account(world: World) -> World:
    """Return a world with some gateways more, and a query for all of them."""
    for number, name in enumerate(NAMES, 1):
        addresses = [f"10.{number}.0.{host}" for host in range(21, 21 + number)]
        tags = {"Name": name, "team": "net"}
        world.aws.seed(
            nat_gateway_id=f"nat-{number:017x}", cidr=f"10.{number}.0.0/24", secondaries=addresses, tags=tags
        )
    query(world, LIST)
    return world


def query(world: World, text: str) -> None:
    world.terraform.write(text, "all.tfquery.hcl")


def events(world: World, kind: str) -> list[dict[str, object]]:
    """Return the events of one type that a query reports as JSON."""
    lines = map(json.loads, world.terraform.ok("query", "-json").output.splitlines())
    return [line[kind] for line in lines if line["type"] == kind]


@since((1, 14))
def test_a_query_lists_identities_and_names(account: World) -> None:
    found = events(account, "list_resource_found")
    assert [one["identity"] for one in found] == [
        {"nat_gateway_id": it} for it in (GATEWAY, f"nat-{3:017x}", f"nat-{2:017x}", f"nat-{1:017x}")
    ]
    assert [one["display_name"] for one in found][-2:] == [f"gw2 (nat-{2:017x})", f"gw10 (nat-{1:017x})"]
    assert "gw2 (nat-00000000000000002)" in account.terraform.ok("query").text


@since((1, 14))
def test_filters_and_the_limit_are_applied(account: World) -> None:
    query(account, LIST.replace("}", '  limit = 2\n  config {\n    tags = { team = "net" }\n  }\n}'))
    assert len(events(account, "list_resource_found")) == 2


@since((1, 14))
def test_the_example_finds_the_gateways_of_a_team(account: World) -> None:
    query(account, (ROOT / "examples" / "09-hcl-query" / "gateways.tfquery.hcl").read_text(encoding="utf-8"))
    assert len(events(account, "list_resource_found")) == 0
    query(account, LIST.replace("}", '  config {\n    filter = [{ name = "tag:team", values = ["net"] }]\n  }\n}'))
    assert len(events(account, "list_resource_found")) == len(NAMES)


@since((1, 14))
def test_an_interrupt_ends_a_query_at_once_with_an_error_in_plain_words(account: World) -> None:
    account.aws.add_fault("error", actions="DescribeNatGateways", code="RequestLimitExceeded", status=503)
    process = account.terraform.start("query", "-no-color")
    wait_for(lambda: account.aws.call_counts().get("DescribeNatGateways"), "a call")
    interrupt(process)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "Stopped on request" in output
    assert "rpc error" not in output


@since((1, 14))
def test_the_generated_configuration_imports_everything_and_changes_nothing(account: World) -> None:
    terraform = account.terraform
    terraform.ok("query", "-generate-config-out=generated.tf")
    (terraform.folder / "all.tfquery.hcl").unlink()
    assert "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy." in terraform.plan().text
    terraform.apply()
    terraform.assert_empty_plan()
    assert account.mutations() == []
    generated = (terraform.folder / "generated.tf").read_text(encoding="utf-8")
    assert "secondary_private_ip_address_count" not in generated
    assert "max_drain_duration_seconds" not in generated


@since((1, 14))
def test_a_wrong_argument_and_a_refused_call_are_errors_in_plain_words(account: World) -> None:
    query(account, LIST.replace("}", '  config {\n    vpc_id = "egress"\n  }\n}'))
    for command in ("validate", "query"):
        refused = account.terraform.run(command, *(("-query",) if command == "validate" else ()))
        assert refused.exit_code == 1
        assert 'vpc_id is "egress"' in refused.text
    query(account, LIST)
    account.aws.add_fault("error", actions="DescribeNatGateways", code="UnauthorizedOperation", status=403)
    refused = account.terraform.run("query", "-no-color")
    assert refused.exit_code == 1
    assert "ec2:DescribeNatGateways" in refused.text
    assert "rpc error" not in refused.text


@since((1, 6), before=(1, 14))
def test_an_older_terraform_works_beside_a_query_file(account: World) -> None:
    account.declare_set("10.0.0.21")
    account.terraform.ok("validate")
    account.terraform.apply()
    account.terraform.assert_empty_plan()
