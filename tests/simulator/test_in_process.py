"""Clients without a socket: whole sessions, retries, and the log of calls."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator


def test_every_client_of_a_session_is_served(simulator: Simulator, seed: Seed) -> None:
    session = botocore.session.Session()
    session.set_credentials("any", "key")
    simulator.serve_in_process(session)
    ec2 = session.create_client("ec2", "eu-central-1")
    sts = session.create_client("sts", "eu-central-1")
    assert ec2.describe_nat_gateways()["NatGateways"][0]["NatGatewayId"] == seed.nat_gateway_id
    assert sts.get_caller_identity()["Account"] == "123456789012"
    ec2.close()
    sts.close()


def test_botocores_own_retries_are_seen_as_calls(simulator: Simulator, seed: Seed) -> None:
    client = simulator.client(config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    simulator.add_fault("throttling", times=1)
    simulator.add_fault("connection_reset", times=1)
    client.describe_nat_gateways()
    client.close()
    assert [call.outcome for call in simulator.calls()] == ["RequestLimitExceeded", "ConnectionReset", "ok"]


def test_the_log_says_what_each_call_sent_and_how_it_ended(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    ec2.describe_nat_gateways(Filter=[{"Name": "nat-gateway-id", "Values": [seed.nat_gateway_id]}])
    with pytest.raises(ClientError):
        ec2.unassign_private_nat_gateway_address(
            NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.10"], DryRun=True
        )
    ec2.describe_subnets(SubnetIds=[seed.subnet_id])
    first, second, third = simulator.calls()
    assert (first.number, first.service, first.action) == (1, "ec2", "DescribeNatGateways")
    assert (first.gateway_ids, first.dry_run, first.outcome, first.status) == ((seed.nat_gateway_id,), False, "ok", 200)
    assert (second.gateway_ids, second.dry_run) == ((seed.nat_gateway_id,), True)
    assert (second.outcome, second.status) == ("DryRunOperation", 412)
    assert second.parameters == {
        "NatGatewayId": seed.nat_gateway_id,
        "PrivateIpAddresses": ["10.0.0.10"],
        "DryRun": True,
    }
    assert (third.action, third.outcome, third.parameters) == ("DescribeSubnets", "ok", {"SubnetIds": [seed.subnet_id]})
    assert "Botocore" in third.user_agent
    assert third.at == simulator.clock.now()
    assert simulator.call_counts() == {
        "DescribeNatGateways": 1,
        "UnassignPrivateNatGatewayAddress": 1,
        "DescribeSubnets": 1,
    }
    assert simulator.calls("DescribeSubnets") == [third]
    simulator.clear_calls()
    assert (simulator.calls(), simulator.call_counts()) == ([], {})
