"""The example of the data source, which the Registry's page shows, does what its README says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from natgw_provider.simulator.simulator import Simulator

pytestmark = pytest.mark.terraform


def test_a_gateway_found_by_its_tags_shows_its_addresses_and_is_left_alone(workshop: Any, aws: Simulator) -> None:
    aws.seed(primary="10.0.0.10", secondaries=["10.0.0.20"], tags={"Name": "egress-a"})
    terraform = workshop.terraform(workshop.copy("08-hcl-data-source"))
    terraform.apply()
    shown = {name: it["value"] for name, it in json.loads(terraform.ok("output", "-json").output).items()}
    assert shown == {"free_addresses_of_the_quota": 6, "addresses_in_service": ["10.0.0.10", "10.0.0.20"]}
    assert {call.action for call in aws.calls()} <= {"GetCallerIdentity", "DescribeNatGateways", "DescribeSubnets"}
