"""Every example does what its README says, with real Terraform against a simulated AWS."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from natgw_provider.simulator.simulator import Simulator

FIRST, SECOND = "nat-0123456789abcdef0", "nat-0123456789abcdef1"

pytestmark = pytest.mark.terraform


EIPS, MORE_EIPS = ([f"eipalloc-{number}123456789abcdef{it}" for it in range(3)] for number in (0, 1))


def secondaries(aws: Simulator, gateway: str, region: str = "eu-central-1") -> list[str]:
    """Return the addresses that a gateway has without the primary, of a public one the allocation ids."""
    (found,) = aws.client(region_name=region).describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    key = "AllocationId" if found["ConnectivityType"] == "public" else "PrivateIp"
    return sorted(a[key] for a in found["NatGatewayAddresses"] if not a["IsPrimary"])


def applied(workshop: Any, example: str) -> dict[str, Any]:
    """Apply an example, whose second plan is then empty, and return its outputs."""
    is_app = "cdkt" in example
    terraform = workshop.terraform(workshop.synthesise(example) if is_app else workshop.copy(example))
    terraform.apply()
    terraform.assert_empty_plan()
    return {name: it["value"] for name, it in json.loads(terraform.ok("output", "-json").output).items()}


@pytest.mark.parametrize("example", ["01-cdktf-minimal", "02-hcl-minimal", "07-cdktn-from-cdktf"])
def test_a_minimal_example_assigns_what_it_declares(workshop: Any, aws: Simulator, example: str) -> None:
    aws.seed(nat_gateway_id=FIRST)
    shown = applied(workshop, example)
    assert secondaries(aws, FIRST) == ["10.0.0.20", "10.0.0.21"]
    if example == "02-hcl-minimal":
        assert shown["last_change"]["assign"] == "10.0.0.20, 10.0.0.21"


def test_the_fleet_shows_its_totals(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST)
    aws.seed(nat_gateway_id=SECOND, cidr="10.1.0.0/24")
    shown = applied(workshop, "03-cdktf-fleet")
    assert shown["fleet_addresses"] == {
        "zone-a": ["10.0.0.20", "10.0.0.21"],
        "zone-b": ["10.1.0.32", "10.1.0.33", "10.1.0.34", "10.1.0.35"],
    }
    assert shown["fleet_address_total"] == 6
    assert shown["fleet_connection_capacity"] == 8 * 55_000
    change = json.loads(shown["fleet_iam_policy"])["Statement"][1]
    assert change["Resource"] == [f"arn:aws:ec2:*:*:natgateway/{gateway}" for gateway in (FIRST, SECOND)]


def test_the_aws_providers_gateway_is_taken_by_its_id_and_ignores_the_addresses(workshop: Any) -> None:
    """Synthesis only: the AWS provider cannot be had here."""
    resources = workshop.json("04-cdktf-with-aws-provider")["resource"]
    (ips,) = resources["natgw_secondary_private_ips"].values()
    assert ips["nat_gateway_id"] == "${aws_nat_gateway.gateway.id}"
    ignored = resources["aws_nat_gateway"]["gateway"]["lifecycle"]["ignore_changes"]
    assert ignored == ["secondary_private_ip_addresses", "secondary_private_ip_address_count"]


def test_an_elastic_ip_of_the_aws_provider_is_destroyed_after_the_set_has_changed(workshop: Any) -> None:
    """Synthesis only: the AWS provider cannot be had here. Example 13 runs, with a stand-in for it."""
    resources = workshop.json("15-cdktf-elastic-ip-leaves")["resource"]
    (ips,) = resources["natgw_secondary_elastic_ips"].values()
    assert ips["allocation_ids"] == ["${aws_eip.egress-a.id}", "${aws_eip.egress-b.id}"]
    assert all(eip["lifecycle"] == {"create_before_destroy": True} for eip in resources["aws_eip"].values())


def test_each_region_is_spoken_to_through_its_own_provider_block(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST, region="eu-central-1")
    aws.seed(nat_gateway_id=SECOND, region="us-east-1", cidr="10.1.0.0/24")
    applied(workshop, "05-cdktf-multi-region")
    assert secondaries(aws, FIRST, "eu-central-1") == ["10.0.0.20", "10.0.0.21"]
    assert secondaries(aws, SECOND, "us-east-1") == ["10.1.0.20"]


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
    shown = applied(workshop, "08-hcl-data-source")
    assert shown == {"free_addresses_of_the_quota": 6, "addresses_in_service": ["10.0.0.10", "10.0.0.20"]}
    assert {call.action for call in aws.calls()} <= {"GetCallerIdentity", "DescribeNatGateways", "DescribeSubnets"}


def test_a_public_gateway_gets_its_elastic_ips(workshop: Any, aws: Simulator) -> None:
    aws.change_settings(elastic_ip_quota=4)
    aws.seed(nat_gateway_id=FIRST, connectivity="public", allocation_ids=EIPS)
    shown = applied(workshop, "10-hcl-public-gateway")
    assert secondaries(aws, FIRST) == EIPS[1:]
    assert shown["last_change"]["assign"] == ", ".join(EIPS[1:])


def test_private_and_public_gateways_stand_in_one_fleet(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST)
    aws.seed(nat_gateway_id=SECOND, cidr="10.1.0.0/24", connectivity="public", allocation_ids=EIPS[:2])
    shown = applied(workshop, "11-cdktf-public-gateways")
    assert shown["fleet_addresses"] == {"partners": ["10.0.0.20", "10.0.0.21"], "internet": [EIPS[1]]}
    assert (shown["fleet_address_total"], shown["fleet_connection_capacity"]) == (3, 5 * 55_000)
    assert secondaries(aws, SECOND) == [EIPS[1]]


def calls(aws: Simulator, *verbs: str) -> list[str]:
    """Return the names of the calls that change something, in their order."""
    return [call.action for call in aws.calls() if call.action.startswith(verbs) and call.outcome == "ok"]


def test_two_modules_share_a_gateway_with_one_call_for_each_change(workshop: Any, aws: Simulator) -> None:
    aws.seed(nat_gateway_id=FIRST, secondaries=["10.0.0.40"])
    folder = workshop.copy("12-hcl-shared-gateway")
    terraform = workshop.terraform(folder)
    terraform.apply()
    assert secondaries(aws, FIRST) == ["10.0.0.20", "10.0.0.21", "10.0.0.30", "10.0.0.40"]
    terraform.assert_empty_plan()
    ours = folder / "main.tf"
    ours.write_text(ours.read_text().replace('"10.0.0.20", ', "").replace('["10.0.0.30"]', "[]"))
    terraform.apply()
    assert secondaries(aws, FIRST) == ["10.0.0.21", "10.0.0.40"]
    assert calls(aws, "Assign", "Unassign") == ["AssignPrivateNatGatewayAddress", "UnassignPrivateNatGatewayAddress"]


def test_two_teams_share_a_public_gateway(workshop: Any, aws: Simulator) -> None:
    aws.change_settings(elastic_ip_quota=3)
    aws.seed(nat_gateway_id=FIRST, connectivity="public", allocation_ids=EIPS)
    applied(workshop, "14-cdktf-shared-gateway")
    assert secondaries(aws, FIRST) == EIPS[1:]
    assert calls(aws, "Associate", "Disassociate") == ["AssociateNatGatewayAddress"]


STAND_IN = """
resource "terraform_data" "{name}" {{
  for_each = {{ {pairs} }}
  input    = each.value
{lifecycle}
  provisioner "local-exec" {{
    when    = destroy
    command = "{python} {release} ${{self.input}}"
  }}
}}
"""
"""A stand-in for aws_eip, which cannot be had here: an Elastic IP that exists, and is released when it is destroyed."""

RELEASE = """
import sys, botocore.session
endpoint, allocation_id = sys.argv[1:]
ec2 = botocore.session.get_session().create_client("ec2", "eu-central-1", endpoint_url=endpoint)
ec2.release_address(AllocationId=allocation_id)
"""


def stand_in_for_aws(workshop: Any, aws: Simulator, folder: Path, names: str, lifecycle: str) -> None:
    """Write aws.tf with stand-ins for the Elastic IPs of these names."""
    script = folder / "release.py"
    script.write_text(RELEASE)
    release = f"{script} {aws.url}"
    groups = {"partners": (lifecycle, EIPS[1:]), "crawler": ("", MORE_EIPS[1:])}
    (folder / "aws.tf").write_text(
        "".join(
            STAND_IN.format(
                name=group,
                pairs=", ".join(f'{name} = "{eip}"' for name, eip in zip("ab", eips, strict=True) if name in names),
                lifecycle=needed,
                python=sys.executable,
                release=release,
            )
            for group, (needed, eips) in groups.items()
        )
    )


def test_an_elastic_ip_that_leaves_with_its_aws_eip_is_released_after_the_drain_in_one_apply(
    workshop: Any, aws: Simulator
) -> None:
    aws.change_settings(elastic_ip_quota=3)
    aws.seed(nat_gateway_id=FIRST, connectivity="public", allocation_ids=EIPS)
    aws.seed(nat_gateway_id=SECOND, cidr="10.1.0.0/24", connectivity="public", allocation_ids=MORE_EIPS)
    folder = workshop.copy("13-hcl-elastic-ip-leaves")
    lifecycle = re.search(r"\n  lifecycle \{.*?\n  \}\n", (folder / "aws.tf").read_text(), re.DOTALL)
    assert lifecycle, "the example shows the lifecycle that a set needs"
    ours = folder / "natgw.tf"
    ours.write_text(ours.read_text().replace("aws_eip.", "terraform_data.").replace("eip.id", "eip.output"))
    ours.write_text(ours.read_text().replace("each.value.id", "each.value.output"))
    stand_in_for_aws(workshop, aws, folder, "ab", lifecycle[0])
    terraform = workshop.terraform(folder)
    terraform.apply()
    stand_in_for_aws(workshop, aws, folder, "a", lifecycle[0])
    terraform.apply()
    assert (secondaries(aws, FIRST), secondaries(aws, SECOND)) == ([EIPS[1]], [MORE_EIPS[1]])
    remaining = {it["AllocationId"] for it in aws.client(region_name="eu-central-1").describe_addresses()["Addresses"]}
    assert {EIPS[2], MORE_EIPS[2]}.isdisjoint(remaining)
    terraform.assert_empty_plan()
