"""The network around the gateways: moto's VPCs, subnets, network interfaces, Elastic IPs and tags of one region.

Each simulator has EC2 backends of its own, outside moto's registry, so simulators in one process share nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from types import SimpleNamespace
from typing import Any, Final

from moto.core.exceptions import ServiceException
from moto.ec2.models import EC2Backend, subnets, vpcs
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from natgw_provider.core import limits
from natgw_provider.simulator.errors import ApiError, address_in_use
from natgw_provider.simulator.lifecycle import ElasticIp, Gateway

REGIONS: Final = tuple(sorted(RegionsAndZonesBackend.zones))
"""The regions that moto knows, and that are served."""

_one_id_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet with what a NAT gateway needs of it."""

    subnet_id: str
    vpc_id: str
    cidr: IPv4Network

    @property
    def usable(self) -> range:
        """The addresses that AWS hands out, as integers."""
        first, last = int(self.cidr[0]), int(self.cidr[-1])
        return range(first + limits.RESERVED_FIRST_ADDRESSES, last - limits.RESERVED_LAST_ADDRESSES + 1)


class _Backend(EC2Backend):
    """moto's EC2 without the thousand machine images that it loads otherwise, which take longer than all the rest."""

    def _load_amis(self) -> None:
        pass


class Network:
    """moto's EC2 of one account and region. Raises ValueError for a region that does not exist."""

    def __init__(self, region: str, account_id: str) -> None:
        if region not in REGIONS:
            raise ValueError(f"no such region: {region!r}; there are: {', '.join(REGIONS)}")
        self.backend: Any = _Backend(region, account_id=account_id)

    def subnet(self, subnet_id: str) -> Subnet:
        """Return a subnet. Raises ApiError when it does not exist."""
        found = self._find_subnet(subnet_id)
        if found is None:
            raise ApiError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
        return Subnet(found.id, found.vpc_id, IPv4Network(found.cidr_block))

    def taken(self, subnet_id: str) -> set[IPv4Address]:
        """Return what other network interfaces than those of NAT gateways hold in a subnet."""
        return {
            IPv4Address(entry["PrivateIpAddress"])
            for interface in self.backend.enis.values()
            if interface.subnet.id == subnet_id and interface.interface_type != "nat_gateway"
            for entry in interface.private_ip_addresses
        }

    def create_interface(
        self, subnet: Subnet, gateway_id: str, primary: IPv4Address, allocation_ids: Sequence[str]
    ) -> tuple[str, list[ElasticIp]]:
        """Create a gateway's interface; return its id and its Elastic IPs. Raises ApiError and creates nothing."""
        self._check_allocations(allocation_ids)
        interface = self.backend.create_network_interface(
            self._find_subnet(subnet.subnet_id), str(primary), description=f"Interface for NAT Gateway {gateway_id}"
        )
        interface.interface_type = "nat_gateway"
        interface.requester_managed = True
        interface.status = "in-use"
        associated = (self.backend.associate_address(eni=interface, allocation_id=id_) for id_ in allocation_ids)
        return interface.id, [ElasticIp(eip.allocation_id, eip.association_id, eip.public_ip) for eip in associated]

    def create_subnet(self, subnet_id: str, vpc_id: str, cidr: str) -> None:
        """Create a subnet with this id, and its VPC unless it exists. Raises ApiError as EC2 would."""
        if vpc_id not in self.backend.vpcs:
            with _next_id(vpcs, "random_vpc_id", vpc_id):
                self.backend.create_vpc(cidr)
        zone = self.backend.describe_availability_zones()[0].name
        with _next_id(subnets, "random_subnet_id", subnet_id):
            self.backend.create_subnet(vpc_id, cidr, availability_zone=zone)

    def tags(self, resource_id: str) -> Mapping[str, str]:
        """Return a resource's tags, those of CreateTags included."""
        tags: Mapping[str, str] = self.backend.tags.get(resource_id, {})
        return tags

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource."""
        if tags:
            self.backend.create_tags([resource_id], dict(tags))

    def update(self, gateways: Iterable[Gateway], now: float) -> None:
        """Bring moto's network interfaces, and the gateways that its routes may name, up to date."""
        for gateway in gateways:
            self.backend.nat_gateways[gateway.gateway_id] = SimpleNamespace(id=gateway.gateway_id)
            interface = self.backend.enis.get(gateway.network_interface_id)
            if interface is not None and gateway.holds_addresses(now):
                interface.private_ip_addresses = [
                    {"PrivateIpAddress": str(address.private_ip), "Primary": address.is_primary}
                    for address in gateway.attached(now)
                ]
            elif interface is not None:
                self._release(gateway)

    def check_call(self, action: str, fields: Mapping[str, str], held: set[IPv4Address]) -> None:
        """Raise ApiError for a call that moto would accept although NAT gateways hold the addresses `held` there."""
        if action == "DeleteSubnet" and held:
            message = f"The subnet '{fields.get('SubnetId')}' has dependencies and cannot be deleted."
            raise ApiError("DependencyViolation", message)
        wanted = fields.get("PrivateIpAddress", "") if action == "CreateNetworkInterface" else ""
        if wanted in {str(address) for address in held}:
            raise address_in_use(wanted)

    def _release(self, gateway: Gateway) -> None:
        del self.backend.enis[gateway.network_interface_id]
        for address in gateway.addresses:
            if address.elastic is not None:
                self.backend.disassociate_address(association_id=address.elastic.association_id)

    def _check_allocations(self, allocation_ids: Sequence[str]) -> None:
        try:
            addresses = self.backend.address_by_allocation(list(allocation_ids)) if allocation_ids else []
        except ServiceException as error:
            raise ApiError(error.code, error.message) from error
        for address in addresses:
            if address.association_id:
                raise ApiError("Resource.AlreadyAssociated", f"{address.allocation_id} is already associated")

    def _find_subnet(self, subnet_id: str) -> Any:
        zones = self.backend.subnets.values()
        return next((there[subnet_id] for there in zones if subnet_id in there), None)


@contextlib.contextmanager
def _next_id(module: Any, generator: str, chosen: str) -> Iterator[None]:
    """Let moto give the next resource an id of our choice: it has no parameter for it."""
    with _one_id_at_a_time:
        original = getattr(module, generator)
        setattr(module, generator, lambda: chosen)
        try:
            yield
        except ServiceException as error:
            raise ApiError(error.code, error.message) from error
        finally:
            setattr(module, generator, original)
