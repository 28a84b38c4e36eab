"""A VPC, a subnet, Elastic IPs and a gateway in one go, with chosen ids, as if they had always been there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from natgw_provider.simulator.calls import RateLimits
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.inputs import SeedRequest, Settings
from natgw_provider.simulator.lifecycle import PUBLIC, Gateway
from natgw_provider.simulator.model import GatewayRequest, NatGatewayModel
from natgw_provider.simulator.network import Network

DEFAULT_GATEWAY_ID: Final = "nat-0a1b2c3d4e5f67890"


class Region:
    """The gateways of one region, and the network around them. Raises ValueError for a region that does not exist."""

    def __init__(self, name: str, account_id: str, clock: ManualClock, settings: Settings) -> None:
        self.name = name
        self.network = Network(name, account_id)
        self.model = NatGatewayModel(self.network, clock, settings)
        self.rate_limits = RateLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What was seeded."""

    nat_gateway_id: str
    vpc_id: str
    subnet_id: str
    subnet_cidr_block: str
    network_interface_id: str
    connectivity: str
    primary_private_ip_address: str
    secondary_private_ip_addresses: tuple[str, ...]
    primary_allocation_id: str | None
    secondary_allocation_ids: tuple[str, ...]
    secondary_association_ids: tuple[str, ...]
    free_allocation_ids: tuple[str, ...]
    """Elastic IPs that were named for the seed and are not associated."""

    region: str


def seed(region: Region, request: SeedRequest) -> Seed:
    """Create a seed's resources. Raises ValueError for a bad id, CIDR or id in use, ApiError as EC2 would."""
    existing = {gateway.gateway_id for gateway in region.model.all()}
    free_id = region.model.new_id() if DEFAULT_GATEWAY_ID in existing else DEFAULT_GATEWAY_ID
    gateway_id = request.nat_gateway_id or free_id
    if gateway_id in existing:
        raise ValueError(f"the NAT gateway {gateway_id} exists already")
    suffix = gateway_id.removeprefix("nat-")
    subnet_id = request.subnet_id or f"subnet-{suffix}"
    _make_subnet(region, subnet_id, request.vpc_id or f"vpc-{suffix}", str(request.cidr))
    wanted = 1 + len(request.secondaries) if request.connectivity == PUBLIC else 0
    allocation_ids = tuple(request.allocation_ids) or _numbered_ids(suffix, wanted)
    _allocate(region, allocation_ids, wanted)
    gateway = region.model.create(
        GatewayRequest(
            subnet_id=subnet_id,
            connectivity=request.connectivity,
            allocation_ids=allocation_ids[:wanted],
            primary=request.primary,
            secondaries=tuple(request.secondaries),
            gateway_id=gateway_id,
            settled=True,
        )
    )
    region.network.tag(gateway_id, request.tags or {})
    return _describe(region, gateway, allocation_ids[wanted:])


def _numbered_ids(suffix: str, count: int) -> tuple[str, ...]:
    """Return allocation ids that follow from the gateway's id."""
    return tuple(f"eipalloc-{number:02x}{suffix[2:]}" for number in range(1, count + 1))


def _allocate(region: Region, allocation_ids: Sequence[str], wanted: int) -> None:
    """Allocate Elastic IPs, unless they exist. Raises ValueError for fewer than `wanted`, or a bad id."""
    if len(allocation_ids) < wanted:
        raise ValueError(f"a gateway with {wanted} addresses takes {wanted} allocation_ids, not {len(allocation_ids)}")
    for allocation_id in allocation_ids:
        region.network.allocate(allocation_id)


def _describe(region: Region, gateway: Gateway, free_allocation_ids: tuple[str, ...]) -> Seed:
    primary, *secondaries = gateway.addresses
    elastic = [address.elastic for address in secondaries if address.elastic is not None]
    return Seed(
        nat_gateway_id=gateway.gateway_id,
        vpc_id=gateway.vpc_id,
        subnet_id=gateway.subnet_id,
        subnet_cidr_block=str(region.network.subnet(gateway.subnet_id).cidr),
        network_interface_id=gateway.network_interface_id,
        connectivity=gateway.connectivity,
        primary_private_ip_address=str(primary.private_ip),
        secondary_private_ip_addresses=tuple(str(address.private_ip) for address in secondaries),
        primary_allocation_id=primary.elastic.allocation_id if primary.elastic else None,
        secondary_allocation_ids=tuple(it.allocation_id for it in elastic),
        secondary_association_ids=tuple(it.association_id for it in elastic),
        free_allocation_ids=free_allocation_ids,
        region=region.name,
    )


def _make_subnet(region: Region, subnet_id: str, vpc_id: str, cidr: str) -> None:
    """Create a subnet, and its VPC, unless they exist."""
    try:
        region.network.subnet(subnet_id)
    except ApiError:
        region.network.create_subnet(subnet_id, vpc_id, cidr)
