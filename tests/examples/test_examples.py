"""Every example does what its README says, with real Terraform against a simulated AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from natgw_provider.simulator.simulator import Simulator

FIRST, SECOND = "nat-0123456789abcdef0", "nat-0123456789abcdef1"

pytestmark = pytest.mark.terraform


EIPS = ["eipalloc-0123456789abcdef0", "eipalloc-0123456789abcdef1", "eipalloc-0123456789abcdef2"]


def secondaries(aws: Simulator, gateway: str, region: str = "eu-central-1") -> list[str]:
    """Return the addresses that a gateway has without the primary, of a public one the allocation ids."""
    (found,) = aws.client(region_name=region).describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    key = "AllocationId" if found["ConnectivityType"] == "public" else "PrivateIp"
    return sorted(a[key] for a in found["NatGatewayAddresses"] if not a["IsPrimary"])


@pytest.mark.parametrize("example", ["01-cdktf-minimal", "07-cdktn-from-cdktf"])
def test_a_minimal_app_assigns_what_it_declares(workshop: Any, aws: Simulator, example: str) -> None:
    aws.seed(nat_gateway_id=FIRST)
    terraform = workshop.terraform(workshop.synthesise(example))
    terraform.apply()
    assert secondaries(aws, FIRST) == ["10.0.0.20", "10.0.0.21"]
    terraform.assert_empty_plan()


def test_plain_hcl_shows_the_last_change(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST)
    terraform = workshop.terraform(workshop.copy("02-hcl-minimal"))
    terraform.apply()
    shown: dict[str, Any] = json.loads(terraform.ok("output", "-json", "last_change").output)
    assert shown["assign"] == "10.0.0.20, 10.0.0.21"
    terraform.assert_empty_plan()


def test_the_fleet_shows_its_totals(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST)
    aws.seed(nat_gateway_id=SECOND, cidr="10.1.0.0/24")
    terraform = workshop.terraform(workshop.synthesise("03-cdktf-fleet"))
    terraform.apply()
    shown = {name: it["value"] for name, it in json.loads(terraform.ok("output", "-json").output).items()}
    assert shown["fleet_addresses"] == {
        "zone-a": ["10.0.0.20", "10.0.0.21"],
        "zone-b": ["10.1.0.32", "10.1.0.33", "10.1.0.34", "10.1.0.35"],
    }
    assert shown["fleet_address_total"] == 6
    assert shown["fleet_connection_capacity"] == 8 * 55_000
    change = json.loads(shown["fleet_iam_policy"])["Statement"][1]
    assert change["Resource"] == [f"arn:aws:ec2:*:*:natgateway/{gateway}" for gateway in (FIRST, SECOND)]
    terraform.assert_empty_plan()


def test_the_aws_providers_gateway_is_taken_by_its_id_and_looks_away(workshop: Any) -> None:
    """Synthesis only: the AWS provider cannot be had here."""
    resources = workshop.json("04-cdktf-with-aws-provider")["resource"]
    (ips,) = resources["natgw_secondary_private_ips"].values()
    assert ips["nat_gateway_id"] == "${aws_nat_gateway.gateway.id}"
    ignored = resources["aws_nat_gateway"]["gateway"]["lifecycle"]["ignore_changes"]
    assert ignored == ["secondary_private_ip_addresses", "secondary_private_ip_address_count"]


def test_each_region_is_spoken_to_through_its_own_provider_block(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST, region="eu-central-1")
    aws.seed(nat_gateway_id=SECOND, region="us-east-1", cidr="10.1.0.0/24")
    terraform = workshop.terraform(workshop.synthesise("05-cdktf-multi-region"))
    terraform.apply()
    assert secondaries(aws, FIRST, "eu-central-1") == ["10.0.0.20", "10.0.0.21"]
    assert secondaries(aws, SECOND, "us-east-1") == ["10.1.0.20"]
    terraform.assert_empty_plan()


def test_leaving_the_inline_set_touches_no_address(workshop: Any, aws: Simulator) -> None:
    """Only natgw's half runs: the AWS provider cannot be had here, so that its gateway's id is written out."""
    aws.seed(nat_gateway_id=FIRST, secondaries=["10.0.0.20", "10.0.0.21"])
    folder = workshop.copy("06-migrate-from-inline")
    (folder / "aws.tf").unlink()
    ours = folder / "natgw.tf"
    ours.write_text(ours.read_text().replace("aws_nat_gateway.egress.id", f'"{FIRST}"'))
    terraform = workshop.terraform(folder)
    assert "1 to import, 0 to add, 0 to change, 0 to destroy" in terraform.plan().text
    terraform.apply()
    assert [call.action for call in aws.calls() if call.action.startswith(("Assign", "Unassign"))] == []
    terraform.assert_empty_plan()


def test_moving_to_cdktn_keeps_every_resource_where_it_is(workshop: Any) -> None:
    before, after = (workshop.json(name) for name in ("01-cdktf-minimal", "07-cdktn-from-cdktf"))
    assert before["resource"] == after["resource"]
    assert before["provider"] == after["provider"]


def test_a_gateway_found_by_its_tags_shows_its_addresses_and_is_left_alone(workshop: Any, aws: Simulator) -> None:
    aws.seed(primary="10.0.0.10", secondaries=["10.0.0.20"], tags={"Name": "egress-a"})
    terraform = workshop.terraform(workshop.copy("08-hcl-data-source"))
    terraform.apply()
    shown = {name: it["value"] for name, it in json.loads(terraform.ok("output", "-json").output).items()}
    assert shown == {"free_addresses_of_the_quota": 6, "addresses_in_service": ["10.0.0.10", "10.0.0.20"]}
    assert {call.action for call in aws.calls()} <= {"GetCallerIdentity", "DescribeNatGateways", "DescribeSubnets"}


def test_a_public_gateway_gets_its_elastic_ips(workshop: Any, aws: Simulator) -> None:
    aws.change_settings(elastic_ip_quota=4)
    aws.seed(nat_gateway_id=FIRST, connectivity="public", allocation_ids=EIPS)
    terraform = workshop.terraform(workshop.copy("10-hcl-public-gateway"))
    terraform.apply()
    assert secondaries(aws, FIRST) == EIPS[1:]
    shown: dict[str, Any] = json.loads(terraform.ok("output", "-json", "last_change").output)
    assert shown["assign"] == ", ".join(EIPS[1:])
    terraform.assert_empty_plan()


def test_private_and_public_gateways_stand_in_one_fleet(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST)
    aws.seed(nat_gateway_id=SECOND, cidr="10.1.0.0/24", connectivity="public", allocation_ids=EIPS[:2])
    terraform = workshop.terraform(workshop.synthesise("11-cdktf-public-gateways"))
    terraform.apply()
    shown = {name: it["value"] for name, it in json.loads(terraform.ok("output", "-json").output).items()}
    assert shown["fleet_addresses"] == {"partners": ["10.0.0.20", "10.0.0.21"], "internet": [EIPS[1]]}
    assert (shown["fleet_address_total"], shown["fleet_connection_capacity"]) == (3, 5 * 55_000)
    assert secondaries(aws, SECOND) == [EIPS[1]]
    terraform.assert_empty_plan()
