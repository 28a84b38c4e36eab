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
from moto.ec2.utils import random_eip_association_id

from natgw_provider.core import limits
from natgw_provider.simulator.errors import ApiError, address_in_use
from natgw_provider.simulator.lifecycle import Address, ElasticIp, Gateway

REGIONS: Final = tuple(sorted(RegionsAndZonesBackend.zones))
"""The regions that moto knows, and that are served."""

ALREADY_ASSOCIATED: Final = "Resource.AlreadyAssociated"

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


@dataclass
class _GatewayInterface:
    """What moto shows of a NAT gateway's interface at one of its Elastic IPs, whose private IP may be a secondary."""

    id: str
    owner_id: str
    private_ip_address: str
    instance: None = None
    public_ip: None = None


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
        """Return the addresses that network interfaces hold in a subnet, those of NAT gateways included."""
        return {
            IPv4Address(entry["PrivateIpAddress"])
            for interface in self.backend.enis.values()
            if interface.subnet.id == subnet_id
            for entry in interface.private_ip_addresses
        }

    def elastic_ips(self, allocation_ids: Sequence[str]) -> list[ElasticIp]:
        """Return free Elastic IPs, each with the id of a new association; one of another network border group fails.

        Raises ApiError: not found, or in use.
        """
        allocated = {address.allocation_id: address for address in self.backend.addresses}
        for id_ in allocation_ids:
            if id_ not in allocated:
                raise ApiError("InvalidAllocationID.NotFound", f"The allocation ID '{id_}' does not exist")
            if allocated[id_].association_id:
                raise ApiError(ALREADY_ASSOCIATED, f"Elastic IP address [{id_}] is already associated")
        return [
            ElasticIp(id_, random_eip_association_id(), allocated[id_].public_ip, self._mismatch(allocated[id_]))
            for id_ in allocation_ids
        ]

    def allocate(self, allocation_id: str) -> None:
        """Allocate an Elastic IP with this id, unless it exists."""
        if all(address.allocation_id != allocation_id for address in self.backend.addresses):
            address = self.backend.allocate_address("vpc")
            address.allocation_id = address.id = allocation_id

    def create_interface(self, subnet: Subnet, gateway_id: str, primary: IPv4Address) -> str:
        """Create a gateway's interface; return its id."""
        interface = self.backend.create_network_interface(
            self._find_subnet(subnet.subnet_id), str(primary), description=f"Interface for NAT Gateway {gateway_id}"
        )
        interface.interface_type = "nat_gateway"
        interface.requester_managed = True
        interface.status = "in-use"
        interface_id: str = interface.id
        return interface_id

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
        """Bring moto's interfaces and Elastic IPs, and the gateways that its routes may name, up to date."""
        associated: dict[str, tuple[Gateway, Address]] = {}
        for gateway in gateways:
            associated |= {it.name: (gateway, it) for it in gateway.attached(now) if it.elastic is not None}
            self.backend.nat_gateways[gateway.gateway_id] = SimpleNamespace(id=gateway.gateway_id)
            interface = self.backend.enis.get(gateway.network_interface_id)
            if interface is not None and gateway.holds_addresses(now):
                interface.private_ip_addresses = [
                    {"PrivateIpAddress": str(address.private_ip), "Primary": address.is_primary}
                    for address in gateway.attached(now)
                ]
            elif interface is not None:
                del self.backend.enis[gateway.network_interface_id]
        for elastic in self.backend.addresses:
            if elastic.allocation_id in associated:
                self._associate(elastic, *associated[elastic.allocation_id])
            elif isinstance(elastic.eni, _GatewayInterface):
                elastic.eni = elastic.association_id = None

    def check_call(self, action: str, parameters: Mapping[str, Any]) -> None:
        """Raise ApiError for a call that moto would accept, and AWS would not."""
        self._check_elastic_ip(action, parameters)
        taken = self.taken(parameters.get("SubnetId", ""))
        if action == "DeleteSubnet" and taken:
            message = f"The subnet '{parameters['SubnetId']}' has dependencies and cannot be deleted."
            raise ApiError("DependencyViolation", message)
        wanted = parameters.get("PrivateIpAddress", "")
        if action == "CreateNetworkInterface" and wanted in map(str, taken):
            raise address_in_use(wanted)

    def _mismatch(self, elastic: Any) -> str | None:
        """Say that an Elastic IP is of another network border group than the zones of this region."""
        group, ours = getattr(elastic, "network_border_group", None), self.backend.region_name
        if group in {None, ours}:
            return None
        return f"The network border group of {elastic.id} is {group}, and that of the NAT gateway's zone is {ours}"

    def _associate(self, elastic: Any, gateway: Gateway, address: Address) -> None:
        if address.elastic is not None and elastic.association_id != address.elastic.association_id:
            elastic.eni = _GatewayInterface(
                gateway.network_interface_id, self.backend.account_id, str(address.private_ip)
            )
            elastic.association_id = address.elastic.association_id

    def _check_elastic_ip(self, action: str, parameters: Mapping[str, Any]) -> None:
        """Raise ApiError for the release of an Elastic IP in use, and for taking one away from a NAT gateway."""
        named = {parameters.get(name) for name in ("AllocationId", "AssociationId", "PublicIp")} - {None}
        for it in self.backend.addresses:
            if not it.association_id or named.isdisjoint({it.allocation_id, it.association_id, it.public_ip}):
                continue
            if action == "ReleaseAddress":
                raise address_in_use(it.public_ip)
            if action in {"AssociateAddress", "DisassociateAddress"} and isinstance(it.eni, _GatewayInterface):
                raise ApiError("AuthFailure", "You do not have permission to access the specified resource.")

    def _find_subnet(self, subnet_id: str) -> Any:
        zones = self.backend.subnets.values()
        return next((there[subnet_id] for there in zones if subnet_id in there), None)


@contextlib.contextmanager
def _next_id(module: Any, generator: str, chosen: str) -> Iterator[None]:
    """Give moto's next resource a chosen id; moto has no parameter for it."""
    with _one_id_at_a_time:
        original = getattr(module, generator)
        setattr(module, generator, lambda: chosen)
        try:
            yield
        except ServiceException as error:
            raise ApiError(error.code, error.message) from error
        finally:
            setattr(module, generator, original)
