"""From `aws_nat_gateway.secondary_private_ip_addresses` to natgw, as the guide shows it; what states and plans say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adopt.conftest import Adopt, mutating_calls, seed
from natgw_provider.core.address_kinds import KIND_OF_TYPE
from natgw_provider.review.owners import Owner, owners_in
from natgw_provider.review.plan_document import InputError
from natgw_provider.simulator.simulator import Simulator
from support.terraform import Terraform

PROVIDERS = """terraform {
  required_providers {
    natgw = { source = "terraform.local/natgw/natgw" }
    aws   = { source = "hashicorp/aws" }
  }
}
"""
IGNORE = "ignore_changes = [secondary_private_ip_addresses, secondary_private_ip_address_count]"


def aws_gateway(identity: str, body: str) -> str:
    """Return the AWS provider's resource with its import; the stand-in's ids are id, subnet and name."""
    return f"""{PROVIDERS}
resource "aws_nat_gateway" "egress" {{
  subnet_id         = "subnet-1"
  connectivity_type = "private"
  tags              = {{ Name = "egress" }}
  {body}
}}
import {{
  to = aws_nat_gateway.egress
  id = "{identity}/subnet-1/egress"
}}
"""


@pytest.mark.terraform
def test_an_inline_set_moves_to_natgw_without_touching_an_address(
    adopt: Adopt, aws: Simulator, terraform: Terraform
) -> None:
    gateway = seed(aws, 1, 21, 22, name="egress")
    folder = terraform.folder
    inline = 'secondary_private_ip_addresses = ["10.1.0.21", "10.1.0.22"]'
    terraform.write(aws_gateway(gateway, inline))
    terraform.init()
    terraform.apply()
    state, plan, out = folder / "state.json", folder / "plan.json", folder / "adopted.tf"
    write = ("--format", "hcl", "--out", str(out))

    state.write_text(terraform.ok("show", "-json").output)
    plan.write_text(planned(terraform))
    for file in (state, plan):
        code, report, _ = adopt(*write, "--state", str(file))
        assert (code, out.exists()) == (3, False)
        assert (
            f"{gateway} (egress) in eu-central-1: its addresses are managed inline by aws_nat_gateway.egress" in report
        )
        assert IGNORE in report
        assert "delete the argument in the same commit" in " ".join(report.split())

    terraform.write(aws_gateway(gateway, f"lifecycle {{\n    {IGNORE}\n  }}"))
    plan.write_text(planned(terraform))
    code, report, _ = adopt(*write, "--state", str(plan))
    assert code == 0
    assert IGNORE in report
    terraform.init()
    assert "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy." in terraform.plan().text
    terraform.apply()
    terraform.assert_empty_plan()
    assert mutating_calls(aws) == []

    state.write_text(terraform.ok("state", "pull").output)
    code, report, _ = adopt("--state", str(state))
    assert code == 3
    assert f"{gateway} (egress) in eu-central-1: managed by natgw_secondary_private_ips.egress already" in report


def planned(terraform: Terraform) -> str:
    """Return a plan without changes as JSON."""
    assert terraform.plan("-out=tfplan").exit_code == 0
    return terraform.ok("show", "-json", "tfplan").output


def stored(kind: str, **attributes: Any) -> dict[str, Any]:
    instance = {"attributes": {"id": "nat-1", "nat_gateway_id": "nat-1"} | attributes}
    one = {"mode": "managed", "type": kind, "name": "it", "instances": [instance]}
    return {"version": 4, "terraform_version": "1.11.4", "resources": [one]}


def owned(address: str, *, natgw: bool = False, declares: bool = True) -> tuple[Owner, ...]:
    kind = address.removeprefix("module.net.").partition(".")[0]
    return (Owner(address=address, type=kind, nat_gateway_id="nat-1", is_natgw=natgw, declares_addresses=declares),)


def test_a_stored_state_names_owners_in_modules_and_with_keys() -> None:
    document = stored("aws_nat_gateway", secondary_private_ip_addresses=["10.0.0.1"])
    document["resources"][0] |= {"module": "module.net"}
    document["resources"][0]["instances"][0]["index_key"] = "a"
    assert owners_in(json.dumps(document), "s") == owned('module.net.aws_nat_gateway.it["a"]')


@pytest.mark.parametrize(
    ("document", "owners"),
    [
        (stored("aws_nat_gateway", secondary_private_ip_addresses=[]), owned("aws_nat_gateway.it", declares=False)),
        (stored("awscc_ec2_nat_gateway", secondary_private_ip_address_count=2), owned("awscc_ec2_nat_gateway.it")),
        *((stored(kind), owned(f"{kind}.it", natgw=True)) for kind in KIND_OF_TYPE),
        (stored("aws_nat_gateway_eip_association"), owned("aws_nat_gateway_eip_association.it")),
        (stored("aws_nat_gateway", secondary_allocation_ids=["eipalloc-1"]), owned("aws_nat_gateway.it")),
        (stored("aws_subnet"), ()),
        ({"format_version": "1.0"}, ()),
        ({"version": 4, "resources": []}, ()),
    ],
)
def test_an_owner_is_ours_or_of_another_provider(document: dict[str, Any], owners: object) -> None:
    assert owners_in(json.dumps(document), "s") == owners


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "s is not JSON"),
        ("[]", "s is JSON but no object"),
        ("{}", "is no plan"),
        ('{"version": 4, "resources": 1}', "expected is a list"),
        (
            '{"version": 4, "resources": [{"mode": "managed", "type": "aws_nat_gateway", "instances": [1]}]}',
            "an object",
        ),
        ('{"values": []}', "expected is an object"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        owners_in(text, "s")


def test_of_two_owners_the_one_that_declares_the_addresses_counts(adopt: Adopt, aws: Simulator, tmp_path: Path) -> None:
    gateway = seed(aws, 1, 21)
    files = []
    for addresses in (["10.1.0.21"], []):
        files += ["--state", str(tmp_path / f"{len(files)}.json")]
        state = stored("aws_nat_gateway", id=gateway, secondary_private_ip_addresses=addresses)
        Path(files[-1]).write_text(json.dumps(state))
    code, report, _ = adopt(*files)
    assert code == 3
    assert "its addresses are managed inline by aws_nat_gateway.it" in report


def test_a_state_that_cannot_be_read_ends_the_command_before_aws_is_called(
    adopt: Adopt, aws: Simulator, tmp_path: Path
) -> None:
    saved = tmp_path / "tfplan"
    saved.write_bytes(b"PK\x03\x04\xff")
    for file, said in ((saved, "terraform show -json tfplan > plan.json"), (tmp_path / "none", "cannot read")):
        code, _, err = adopt("--state", str(file))
        assert code == 1
        assert said in err
    assert not aws.calls()
