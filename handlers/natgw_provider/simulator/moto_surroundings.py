"""moto's EC2 as the surroundings of our gateways, and moto's answers for every EC2 action that is not ours.

Each simulator has EC2 backends of its own, outside moto's registry, so simulators in one process share nothing.
moto's HTTP server, its dashboard and its reset API are not used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.responses import EC2Response

from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.lifecycle import ElasticIp, Gateway
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.surroundings import Interface, Subnet

REGIONS: Final = tuple(sorted(RegionsAndZonesBackend.zones))
"""The regions that moto knows, and that are served."""

MotoAnswer = tuple[int, dict[str, Any], str | bytes]


class _Backend(EC2Backend):
    """moto's EC2 without the thousand machine images that it loads otherwise, which take longer than all the rest."""

    def _load_amis(self) -> None:
        pass


class MotoSurroundings:
    """moto's VPCs, subnets, network interfaces, elastic IPs and tags of one account and region.

    Raises ValueError when there is no such region.
    """

    def __init__(self, region: str, account_id: str) -> None:
        if region not in REGIONS:
            raise ValueError(f"there is no region {region!r}; there are: {', '.join(REGIONS)}")
        self.backend: Any = _Backend(region, account_id=account_id)

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return moto's subnet, or None."""
        found = self._find_subnet(subnet_id)
        if found is None:
            return None
        return Subnet(found.id, found.vpc_id, IPv4Network(found.cidr_block), found.availability_zone)

    def taken(self, subnet_id: str) -> Collection[IPv4Address]:
        """Return what other network interfaces than those of our gateways hold."""
        return {
            IPv4Address(entry["PrivateIpAddress"])
            for interface in self.backend.enis.values()
            if interface.subnet.id == subnet_id and interface.interface_type != "nat_gateway"
            for entry in interface.private_ip_addresses
        }

    def new_interface(
        self, subnet: Subnet, gateway_id: str, primary: IPv4Address, allocation_ids: Sequence[str]
    ) -> Interface:
        """Create moto's network interface for a gateway, looking as AWS's does, with moto's elastic IPs."""
        self._check_allocations(allocation_ids)
        interface = self.backend.create_network_interface(
            self._find_subnet(subnet.subnet_id), str(primary), description=f"Interface for NAT Gateway {gateway_id}"
        )
        interface.interface_type = "nat_gateway"
        interface.requester_managed = True
        interface.status = "in-use"
        associated = (self.backend.associate_address(eni=interface, allocation_id=id_) for id_ in allocation_ids)
        return Interface(
            interface.id, tuple(ElasticIp(eip.allocation_id, eip.association_id, eip.public_ip) for eip in associated)
        )

    def tags(self, resource_id: str) -> Mapping[str, str]:
        """Return moto's tags, CreateTags included."""
        tags: Mapping[str, str] = self.backend.tags.get(resource_id, {})
        return tags

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Add to moto's tags."""
        if tags:
            self.backend.create_tags([resource_id], dict(tags))

    def reflect(self, model: NatGatewayModel) -> None:
        """Bring moto's network interfaces, and the gateways its routes may name, up to the model's present."""
        now = model.clock.now()
        for gateway in model.all():
            self.backend.nat_gateways[gateway.gateway_id] = _Routable(gateway.gateway_id)
            interface = self.backend.enis.get(gateway.network_interface_id)
            if interface is not None and gateway.holds_addresses(now):
                interface.private_ip_addresses = [
                    {"PrivateIpAddress": str(address.private_ip), "Primary": address.is_primary}
                    for address in gateway.attached(now)
                ]
            elif interface is not None:
                self._release(gateway)

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
        return next((subnets[subnet_id] for subnets in zones if subnet_id in subnets), None)


class _Routable:
    """What moto's routes need of a gateway."""

    def __init__(self, gateway_id: str) -> None:
        self.id = gateway_id


class _Ec2(EC2Response):
    """moto's EC2 actions on our own backend."""

    def __init__(self, backend: Any) -> None:
        super().__init__()
        self._backend = backend

    @property
    def ec2_backend(self) -> Any:
        return self._backend

    def serialized(self, action_result: ActionResult) -> MotoAnswer:
        status, headers, body = super().serialized(action_result)
        if getattr(action_result.result, "code", None) == "DryRunOperation":
            status = HTTPStatus.PRECONDITION_FAILED
        return status, headers, body


def answer_ec2(surroundings: MotoSurroundings, environ: dict[str, Any]) -> MotoAnswer:
    """Let moto answer an EC2 request. Raises NotImplementedError for an action that moto does not know."""
    return dispatch(_Ec2(surroundings.backend), environ)


def dispatch(response: Any, environ: dict[str, Any]) -> MotoAnswer:
    """Let one of moto's response classes answer."""
    answer: MotoAnswer = response._dispatch(Request(environ))  # noqa: SLF001 # `dispatch` builds the response itself
    return answer
