"""moto's EC2 as the surroundings of our gateways, and moto's answers for every action that is not ours.

The one module that knows moto. Each simulator has EC2 backends of its own, outside moto's registry, so simulators in
one process share nothing there; IAM and STS are moto's own and kept apart by account. moto's HTTP server, its
dashboard and its reset API are not used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.lifecycle import ElasticIp
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.surroundings import Subnet

MotoAnswer = tuple[int, dict[str, Any], str | bytes]

_ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"


class MotoSurroundings:
    """moto's VPCs, subnets, network interfaces, elastic IPs and tags of one account and region."""

    def __init__(self, region: str, account_id: str) -> None:
        self.backend: Any = EC2Backend(region, account_id=account_id)

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

    def new_interface(self, subnet: Subnet, gateway_id: str, primary: IPv4Address) -> str:
        """Create moto's network interface for a gateway, looking as AWS's does."""
        description = f"Interface for NAT Gateway {gateway_id}"
        interface = self.backend.create_network_interface(
            self._find_subnet(subnet.subnet_id), str(primary), description=description
        )
        interface.interface_type = "nat_gateway"
        interface.requester_managed = True
        interface.status = "in-use"
        return str(interface.id)

    def associate(self, allocation_id: str, interface_id: str) -> ElasticIp:
        """Associate moto's elastic IP. Raises ApiError when there is no such allocation."""
        interface = self.backend.get_network_interface(interface_id)
        try:
            address = self.backend.associate_address(eni=interface, allocation_id=allocation_id, reassociate=False)
        except ServiceException as error:
            raise ApiError(error.code, error.message) from error
        return ElasticIp(allocation_id, address.association_id, address.public_ip)

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
            if interface is None:
                continue
            if not gateway.holds_addresses(now):
                del self.backend.enis[gateway.network_interface_id]
                continue
            interface.private_ip_addresses = [
                {"PrivateIpAddress": str(address.private_ip), "Primary": address.is_primary}
                for address in gateway.attached(now)
            ]

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
    return _dispatch(_Ec2(surroundings.backend), environ)


def answer_sts(environ: dict[str, Any], account_id: str) -> MotoAnswer:
    """Let moto answer an STS request: as `account_id`, or as the account of a role's temporary key."""
    return _answer_global(TokenResponse(), environ, account_id)


def answer_iam(environ: dict[str, Any], account_id: str) -> MotoAnswer:
    """Let moto answer an IAM request."""
    return _answer_global(IamResponse(), environ, account_id)


def forget_account(account_id: str) -> None:
    """Drop what moto keeps of an account's IAM and STS."""
    iam_backends.pop(account_id, None)
    sts_backends.pop(account_id, None)


def _answer_global(response: Any, environ: dict[str, Any], account_id: str) -> MotoAnswer:
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    known = (
        account
        for account, partitions in list(iam_backends.items())
        for backend in list(partitions.values())
        if any(f"={key}/" in authorization for key in backend.access_keys)
    )
    return _dispatch(response, {**environ, _ACCOUNT_HEADER: next(known, account_id)})


def _dispatch(response: Any, environ: dict[str, Any]) -> MotoAnswer:
    answer: MotoAnswer = response._dispatch(Request(environ))  # noqa: SLF001 # `dispatch` builds the response itself
    return answer
