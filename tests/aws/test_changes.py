"""What each kind of address is changed with: the operation, and its parameters as the API reference names them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.stage import NOTHING
from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import Busy
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS, AddressKind
from natgw_provider.core.change_plan import Assign, Unassign
from natgw_provider.core.gateway import NatGatewayAddress

IP = "10.0.0.9"
DRAIN: dict[str, Any] = {"MaxDrainDurationSeconds": 60}
A, B = "eipalloc-0a1b2c3d4e5f67891", "eipalloc-0a1b2c3d4e5f67892"
PUBLIC = replace(
    NOTHING,
    connectivity_type="public",
    addresses=(NatGatewayAddress(key=A, association_id="eipassoc-1"), NatGatewayAddress(key=B)),
)


class Client:
    """A botocore client that remembers what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        def call(**parameters: Any) -> dict[str, Any]:
            self.asked.append((method, parameters))
            return {"NatGatewayAddresses": [], "ResponseMetadata": {"RequestId": "r-1"}}

        return call


@pytest.mark.parametrize(
    ("kind", "step", "method", "parameters"),
    [
        (PRIVATE_IPS, Assign((IP,)), "assign_private_nat_gateway_address", {"PrivateIpAddresses": [IP]}),
        (PRIVATE_IPS, Assign(count=2), "assign_private_nat_gateway_address", {"PrivateIpAddressCount": 2}),
        (PRIVATE_IPS, Unassign((IP,)), "unassign_private_nat_gateway_address", {"PrivateIpAddresses": [IP]} | DRAIN),
        (ELASTIC_IPS, Assign((A, B)), "associate_nat_gateway_address", {"AllocationIds": [A, B]}),
        (ELASTIC_IPS, Unassign((A,)), "disassociate_nat_gateway_address", {"AssociationIds": ["eipassoc-1"]} | DRAIN),
    ],
)
def test_each_change_is_one_call(
    kind: AddressKind, step: Assign | Unassign, method: str, parameters: dict[str, Any]
) -> None:
    client = Client()
    Ec2Api(client).change(kind, PUBLIC if kind is ELASTIC_IPS else NOTHING, step, 60)
    assert client.asked == [(method, {"NatGatewayId": NOTHING.nat_gateway_id, **parameters, "DryRun": False})]


def test_private_addresses_stand_in_the_order_of_their_elastic_ips() -> None:
    client = Client()
    Ec2Api(client).change(ELASTIC_IPS, PUBLIC, Assign((A, B)), private_ips={B: "10.0.0.8", A: "10.0.0.9"})
    ((_, parameters),) = client.asked
    assert (parameters["AllocationIds"], parameters["PrivateIpAddresses"]) == ([A, B], ["10.0.0.9", "10.0.0.8"])


def test_one_call_names_private_addresses_for_all_elastic_ips_or_for_none() -> None:
    client = Client()
    with pytest.raises(ValueError, match=f"one call cannot name private addresses for some of {A}, {B} only"):
        Ec2Api(client).change(ELASTIC_IPS, PUBLIC, Assign((A, B)), private_ips={B: "10.0.0.9"})
    assert client.asked == []


def test_an_elastic_ip_whose_association_is_not_shown_yet_is_waited_for() -> None:
    client = Client()
    with pytest.raises(Busy, match=f"AWS does not show the association of {B} yet"):
        Ec2Api(client).change(ELASTIC_IPS, PUBLIC, Unassign((A, B)))
    assert client.asked == []
