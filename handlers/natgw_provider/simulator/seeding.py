"""A VPC, a subnet and a private gateway in one go, with chosen ids and addresses, as if they had always been there."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

import moto.ec2.models.subnets
import moto.ec2.models.vpcs
from moto.core.exceptions import ServiceException

from natgw_provider.simulator.creation import GatewayRequest
from natgw_provider.simulator.endpoint import Region
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.lifecycle import Gateway

DEFAULT_GATEWAY_ID: Final = "nat-0a1b2c3d4e5f67890"
DEFAULT_CIDR: Final = "10.0.0.0/24"

_ids_in_hand = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What was seeded."""

    nat_gateway_id: str
    vpc_id: str
    subnet_id: str
    subnet_cidr_block: str
    network_interface_id: str
    primary_private_ip_address: str
    secondary_private_ip_addresses: tuple[str, ...]
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRequest:
    """What to seed; what is left out is chosen. An existing VPC or subnet named by id is used, not made again."""

    nat_gateway_id: str | None = None
    vpc_id: str | None = None
    subnet_id: str | None = None
    cidr: str = DEFAULT_CIDR
    """CIDR of the subnet, and of the VPC when it is made for it."""

    primary: str | None = None
    secondaries: Sequence[str] = ()
    tags: Mapping[str, str] | None = None


def seed(region: Region, request: SeedRequest) -> Seed:
    """Make what the request asks for. Raises ValueError for a bad or taken id or CIDR, ApiError as EC2 would."""
    gateway_id = request.nat_gateway_id or _free_gateway_id(region)
    _check_id("nat", gateway_id)
    if any(gateway.gateway_id == gateway_id for gateway in region.model.all()):
        raise ValueError(f"there is a NAT gateway {gateway_id} already")
    suffix = gateway_id.removeprefix("nat-")
    subnet_id = request.subnet_id or f"subnet-{suffix}"
    if region.surroundings.subnet(subnet_id) is None:
        _make_subnet(region, subnet_id, request.vpc_id or f"vpc-{suffix}", _cidr(request.cidr))
    gateway = region.model.create(
        GatewayRequest(
            subnet_id=subnet_id,
            primary=IPv4Address(request.primary) if request.primary else None,
            secondaries=tuple(IPv4Address(text) for text in request.secondaries),
            gateway_id=gateway_id,
            settled=True,
        )
    )
    region.surroundings.tag(gateway_id, request.tags or {})
    return _describe(region, gateway)


def _describe(region: Region, gateway: Gateway) -> Seed:
    subnet = region.surroundings.subnet(gateway.subnet_id)
    primary, *secondaries = (str(address.private_ip) for address in gateway.addresses)
    return Seed(
        nat_gateway_id=gateway.gateway_id,
        vpc_id=gateway.vpc_id,
        subnet_id=gateway.subnet_id,
        subnet_cidr_block=str(subnet.cidr) if subnet else "",
        network_interface_id=gateway.network_interface_id,
        primary_private_ip_address=primary,
        secondary_private_ip_addresses=tuple(secondaries),
        region=region.name,
    )


def _free_gateway_id(region: Region) -> str:
    taken = {gateway.gateway_id for gateway in region.model.all()}
    return region.model.new_id() if DEFAULT_GATEWAY_ID in taken else DEFAULT_GATEWAY_ID


def _cidr(text: str) -> str:
    try:
        return str(IPv4Network(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no IPv4 CIDR block: {error}") from None


def _make_subnet(region: Region, subnet_id: str, vpc_id: str, cidr: str) -> None:
    _check_id("subnet", subnet_id)
    backend = region.surroundings.backend
    if vpc_id not in backend.vpcs:
        _check_id("vpc", vpc_id)
        with _next_id(moto.ec2.models.vpcs, "random_vpc_id", vpc_id):
            backend.create_vpc(cidr)
    zones = backend.describe_availability_zones()
    with _next_id(moto.ec2.models.subnets, "random_subnet_id", subnet_id):
        backend.create_subnet(vpc_id, cidr, availability_zone=zones[0].name)


@contextlib.contextmanager
def _next_id(module: Any, generator: str, chosen: str) -> Iterator[None]:
    """Let moto give the next resource an id of our choice: it has no parameter for it."""
    with _ids_in_hand:
        original = getattr(module, generator)
        setattr(module, generator, lambda: chosen)
        try:
            yield
        except ServiceException as error:
            raise ApiError(error.code, error.message) from error
        finally:
            setattr(module, generator, original)


def _check_id(prefix: str, text: str) -> None:
    if not re.fullmatch(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", text):
        raise ValueError(f"{text!r} is no id: it takes {prefix}- and 8 or 17 of the characters 0-9 and a-f")
