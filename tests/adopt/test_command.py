"""`natgw adopt` as a person runs it: what it finds, what it leaves out and why, and what it never does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adopt.conftest import Adopt, seed
from natgw_provider.cli import adopt as command
from natgw_provider.simulator.simulator import Simulator


def test_it_prints_a_table_in_natural_order_and_calls_each_operation_once(adopt: Adopt, aws: Simulator) -> None:
    seed(aws, 1, 21, name="gw10")
    seed(aws, 2, 21, 22, name="gw2")
    seed(aws, 3)
    code, out, err = adopt()
    assert (code, err) == (0, "")
    assert [call.action for call in aws.calls()] == ["GetCallerIdentity", "DescribeNatGateways"]
    lines = out.splitlines()
    assert lines[0] == "3 NAT gateways to manage in region eu-central-1 of account 123456789012."
    table = [line.split()[:2] for line in lines[3:6]]
    assert table == [
        ["gw2", "nat-00000000000000002"],
        ["gw10", "nat-00000000000000001"],
        ["nat-00000000000000003"] * 2,
    ]
    assert lines[3].endswith("10.2.0.21, 10.2.0.22")
    assert lines[5].endswith("none")


def test_it_names_what_it_leaves_out_and_why(adopt: Adopt, aws: Simulator) -> None:
    seed(aws, 1, 21, name="kept")
    deleted, failed = seed(aws, 2, name="old"), seed(aws, 3)
    aws.end_gateway(nat_gateway_id=failed, state="failed")
    ec2 = aws.client()
    ec2.delete_nat_gateway(NatGatewayId=deleted)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    public = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    _, out, _ = adopt()
    left_out = out.partition("Left out:\n")[2]
    assert f"{deleted} (old) in eu-central-1: deleted" in left_out
    assert f"{failed} in eu-central-1: failed: Network interface could not be attached" in left_out
    assert "2 NAT gateways to manage" in out
    assert public not in left_out
    address = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]["PublicIp"]
    (row,) = (line.split() for line in out.splitlines() if line.startswith(public))
    assert row[-3:] == [allocation, f"({address})", "none"]


def test_a_draining_address_is_shown_and_not_written(adopt: Adopt, aws: Simulator) -> None:
    gateway = seed(aws, 1, 21, 22, name="egress")
    aws.client().unassign_private_nat_gateway_address(NatGatewayId=gateway, PrivateIpAddresses=["10.1.0.22"])
    code, out, err = adopt("--format", "hcl")
    assert code == 0
    assert "10.1.0.21; draining 10.1.0.22" in err
    assert 'secondary_private_ip_addresses = ["10.1.0.21"]' in out


def test_filters_are_sent_to_ec2(adopt: Adopt, aws: Simulator) -> None:
    seed(aws, 1, name="a")
    wanted = aws.seed(cidr="10.2.0.0/24", tags={"Name": "b", "team": "net"})
    options = ["--vpc-id", wanted.vpc_id, "--tag", "Name=a", "--tag", "Name=b", "--tag", "team=net", "--format", "json"]
    _, out, _ = adopt(*options)
    assert [it["nat_gateway_id"] for it in json.loads(out)["gateways"]] == [wanted.nat_gateway_id]


def test_several_regions_are_read_and_each_gateway_says_where_it_is(adopt: Adopt, aws: Simulator) -> None:
    seed(aws, 1, 21, name="egress")
    seed(aws, 2, 21, name="egress", region="us-east-1")
    options = ["--region", "us-east-1", "--region", "eu-central-1", "--region", "us-east-1"]
    _, out, _ = adopt(*options)
    assert [line.split()[2] for line in out.splitlines() if "nat-" in line] == ["eu-central-1", "us-east-1"]
    _, out, _ = adopt(*options, "--format", "hcl")
    assert 'natgw_secondary_private_ips" "egress_nat-00000000000000001" {\n  provider ' in out
    assert " = natgw.us-east-1\n" in out
    assert '#     alias  = "us-east-1"' in out


def test_two_with_one_name_are_pointed_out(adopt: Adopt, aws: Simulator) -> None:
    for number in (1, 2):
        seed(aws, number, name="egress")
    seed(aws, 3, name="other")
    _, out, _ = adopt()
    assert "Several gateways have the Name egress, so their ids are part of their names here." in out


def test_a_file_is_written_once_and_never_over_another(adopt: Adopt, aws: Simulator, tmp_path: Path) -> None:
    seed(aws, 1, 21)
    out = tmp_path / "egress.tf"
    code, report, _ = adopt("--format", "hcl", "--out", str(out))
    assert code == 0
    assert f"Wrote {out}. " in report
    assert '"1 to import, 0 to add, 0 to change, 0 to destroy"' in report
    written = out.read_text()
    calls = len(aws.calls())
    code, _, err = adopt("--format", "cdktf", "--out", str(out))
    assert (code, out.read_text(), len(aws.calls())) == (1, written, calls)
    assert f"{out} is there already and is not overwritten" in err
    dangling = tmp_path / "link.tf"
    dangling.symlink_to(tmp_path / "elsewhere")
    assert adopt("--format", "hcl", "--out", str(dangling))[0] == 1
    assert not (tmp_path / "elsewhere").exists()


def test_without_a_gateway_it_says_where_it_looked_and_writes_nothing(
    adopt: Adopt, aws: Simulator, tmp_path: Path
) -> None:
    out = tmp_path / "egress.tf"
    code, _, err = adopt("--format", "hcl", "--out", str(out), "--tag", "Name=x")
    assert (code, out.exists()) == (3, False)
    assert "no NAT gateway with tag Name = x was found in region eu-central-1 of account 123456789012" in err
    aws.client().delete_nat_gateway(NatGatewayId=seed(aws, 1))
    code, _, err = adopt("--format", "hcl", "--out", str(out))
    assert (code, out.exists()) == (3, False)
    assert "every NAT gateway in region eu-central-1 of account 123456789012 is left out" in err


def test_without_credentials_it_says_what_to_set_up(adopt: Adopt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, out, err = adopt()
    assert (code, out) == (1, "")
    assert err.startswith("natgw adopt: No AWS credentials. ")
    assert "aws sso login" in err


def test_a_mistyped_profile_is_a_line_and_no_traceback(adopt: Adopt) -> None:
    code, _, err = adopt("--profile", "nobody")
    assert code == 1
    assert "nobody" in err
    assert "Here, give it with --profile." in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tag", "Name"], "'Name' is not KEY=VALUE"),
        (["--vpc-id", "egress"], "'egress' is not the id of a VPC"),
        (["--region", ""], "an empty value"),
        (["--out", "x.tf"], "--out needs --format"),
        (["--format", "yaml"], "invalid choice: 'yaml'"),
    ],
)
def test_wrong_usage_is_exit_code_2_before_anything_is_called(
    adopt: Adopt, aws: Simulator, options: list[str], said: str
) -> None:
    code, _, err = adopt(*options)
    assert code == 2
    assert said in err
    assert not aws.calls()


def test_a_read_that_takes_long_says_so_on_stderr(
    adopt: Adopt, aws: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(aws, 1)
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 0.2)
    aws.add_fault("error", actions="DescribeNatGateways", code="RequestLimitExceeded", status=503, times=1)
    code, _, err = adopt()
    assert code == 0
    assert "reading the NAT gateways, 0 s so far ..." in err
    assert "RequestLimitExceeded" in err
