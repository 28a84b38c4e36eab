"""What is declared for a gateway or an address, and what the construct gives to read.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias, TypedDict

from natgw_constructs.libraries import Addressable, HasId, Resolvable
from natgw_constructs.structs import (
    SecondaryElasticIpsTimeouts,
    SecondaryElasticIpTimeouts,
    SecondaryPrivateIpsTimeouts,
    SecondaryPrivateIpTimeouts,
)

if TYPE_CHECKING:
    from natgw_constructs import cdktf, cdktn

    AnyProvider: TypeAlias = cdktf.NatgwProvider | cdktn.NatgwProvider

OnDestroy: TypeAlias = Literal["unassign", "disassociate", "retain"]
"""What destroying does: release the addresses, in the verb of their kind, or leave the gateway as it is."""

KEYWORDS: Final[Mapping[str, str]] = {
    "secondary_private_ip_addresses": "addresses",
    "secondary_private_ip_address_count": "count",
    "max_drain_duration_seconds": "max_drain",
    "min_in_service_addresses": "min_in_service",
}
"""The constructs' keyword arguments by the resource's attributes, where they differ."""


class GatewaySettings(TypedDict, total=False):
    """How a change is made. `Gateway` says what each argument means."""

    max_drain: float | timedelta | None
    wait_for_drain: bool | Resolvable | None
    min_in_service: float | None
    on_destroy: OnDestroy | None
    timeouts: Mapping[str, str | timedelta] | SecondaryPrivateIpsTimeouts | None
    provider: AnyProvider | None
    depends_on: Sequence[Addressable | str] | None


class GatewayTarget(GatewaySettings, total=False):
    """The declaration without its addresses. `Gateway` says what each argument means."""

    nat_gateway_id: str | None
    nat_gateway: HasId | None


class GatewayAddresses(GatewaySettings, total=False):
    """The declaration without its gateway. `Gateway` says what each argument means."""

    addresses: Sequence[str] | AbstractSet[str] | None
    count: float | None


class GatewayArguments(GatewayTarget, total=False):
    """The whole declaration. `Gateway` says what each argument means."""

    addresses: Sequence[str] | AbstractSet[str] | None
    count: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The declaration of one `SecondaryPrivateIps`. An argument that is None counts as left out.

    Attributes:
        nat_gateway_id: Id of a private NAT gateway. Another id moves the set in place: the addresses are released on
            the old gateway, as `on_destroy` says, then assigned on the new one, where nothing is unassigned. Give this
            or `nat_gateway`.
        nat_gateway: The gateway as any object with an `id`, such as the AWS provider's `NatGateway`.
        addresses: The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is
            unassigned; `[]` removes every secondary. Exactly one of this and `count` is required.
        count: How many secondary addresses the gateway has, 0 to 31. On growth AWS picks the addresses; on shrinking
            the numerically highest are unassigned, and the plan names them.
        max_drain: Longest time, in seconds, that existing connections may drain before an address is released by force,
            1 to 4000. Default: 350, as long as NAT keeps an idle TCP connection. A change of this alone makes no API
            call. Also as a timedelta.
        wait_for_drain: Whether apply waits until drained addresses are released. Default: true. With false it returns
            once the drain has begun; a change that assigns after the drain waits all the same.
        min_in_service: Fewest addresses, the primary included, that must take new connections at any moment of a
            change; a plan that would leave fewer fails. Default: 1, the primary. Destroying is not held to it.
        on_destroy: What destroy does: `"unassign"` (default) drains and unassigns the managed addresses, `"retain"`
            leaves the gateway as it is.
        timeouts: How long apply may take, as durations like `90s`, `15m` or `1h30m`. Also as a timedelta.
        provider: The provider block to use. Default: the one without an alias.
        depends_on: What Terraform creates first: constructs, or the `fqn` of these.
    """

    BINDING: ClassVar[str] = "SecondaryPrivateIps"

    nat_gateway_id: str | None = None
    nat_gateway: HasId | None = None
    addresses: Sequence[str] | AbstractSet[str] | None = None
    count: float | None = None
    max_drain: float | timedelta | None = None
    wait_for_drain: bool | Resolvable | None = None
    min_in_service: float | None = None
    on_destroy: OnDestroy | None = None
    timeouts: Mapping[str, str | timedelta] | SecondaryPrivateIpsTimeouts | None = None
    provider: AnyProvider | None = None
    depends_on: Sequence[Addressable | str] | None = None


class GatewayAttributes:
    """What the construct gives to read: the attributes of its resource, as tokens."""

    _resource: cdktf.SecondaryPrivateIps | cdktn.SecondaryPrivateIps

    @property
    def nat_gateway_id(self) -> str:
        """Id of a private NAT gateway. Another id moves the set in place: the addresses are released on the old
        gateway, as `on_destroy` says, then assigned on the new one, where nothing is unassigned.
        """
        return self._resource.nat_gateway_id

    @property
    def secondary_private_ip_addresses(self) -> list[str]:
        """The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is unassigned;
        `[]` removes every secondary. Exactly one of this and `secondary_private_ip_address_count` is required.
        """
        return self._resource.secondary_private_ip_addresses

    @property
    def secondary_private_ip_address_count(self) -> float:
        """How many secondary addresses the gateway has, 0 to 31. On growth AWS picks the addresses; on shrinking the
        numerically highest are unassigned, and the plan names them.
        """
        return self._resource.secondary_private_ip_address_count

    @property
    def primary_private_ip_address(self) -> str:
        """The gateway's primary address, which is never touched."""
        return self._resource.primary_private_ip_address

    @property
    def subnet_id(self) -> str:
        """The subnet of the gateway."""
        return self._resource.subnet_id

    @property
    def subnet_cidr_block(self) -> str:
        """The subnet's IPv4 CIDR block, which every private address has to be in."""
        return self._resource.subnet_cidr_block

    @property
    def vpc_id(self) -> str:
        """The VPC of the gateway."""
        return self._resource.vpc_id

    @property
    def network_interface_id(self) -> str:
        """The network interface of the gateway."""
        return self._resource.network_interface_id

    @property
    def draining_private_ip_addresses(self) -> list[str]:
        """Addresses that are being released: they keep their connections and take no new ones."""
        return self._resource.draining_private_ip_addresses

    @property
    def last_change(
        self,
    ) -> cdktf.SecondaryPrivateIpsLastChangeOutputReference | cdktn.SecondaryPrivateIpsLastChangeOutputReference:
        """In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the last
        change did. It stays as it is when nothing changes. Each part is a text that stands for itself, since
        Terraform shows it beside that of the previous change; for programs, `natgw review --format json` has the
        same as data.
        """
        return self._resource.last_change


class PublicGatewaySettings(TypedDict, total=False):
    """How a change is made. `PublicGateway` says what each argument means."""

    max_drain: float | timedelta | None
    wait_for_drain: bool | Resolvable | None
    min_in_service: float | None
    on_destroy: OnDestroy | None
    timeouts: Mapping[str, str | timedelta] | SecondaryElasticIpsTimeouts | None
    provider: AnyProvider | None
    depends_on: Sequence[Addressable | str] | None


class PublicGatewayTarget(PublicGatewaySettings, total=False):
    """The declaration without its addresses. `PublicGateway` says what each argument means."""

    nat_gateway_id: str | None
    nat_gateway: HasId | None


class PublicGatewayAddresses(PublicGatewaySettings, total=False):
    """The declaration without its gateway. `PublicGateway` says what each argument means."""

    allocation_ids: Sequence[str] | AbstractSet[str] | None
    private_ip_addresses: Mapping[str, str] | None


class PublicGatewayArguments(PublicGatewayTarget, total=False):
    """The whole declaration. `PublicGateway` says what each argument means."""

    allocation_ids: Sequence[str] | AbstractSet[str] | None
    private_ip_addresses: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicGateway:
    """The declaration of one `SecondaryElasticIps`. An argument that is None counts as left out.

    Attributes:
        nat_gateway_id: Id of a public NAT gateway. Another id moves the set in place: the Elastic IPs are released on
            the old gateway, as `on_destroy` says, then associated on the new one, where nothing is disassociated. Give
            this or `nat_gateway`.
        nat_gateway: The gateway as any object with an `id`, such as the AWS provider's `NatGateway`.
        allocation_ids: The full set of secondary Elastic IPs, by allocation id. What is on the gateway and not in the
            set is disassociated; `[]` removes every secondary.
        private_ip_addresses: The private IPv4 address of each Elastic IP, by allocation id: for each of them, or left
            out, and AWS picks them. It is used when an Elastic IP is associated, and cannot change while it stays.
        max_drain: Longest time, in seconds, that existing connections may drain before an Elastic IP is released by
            force, 1 to 4000. Default: 350, as long as NAT keeps an idle TCP connection. A change of this alone makes no
            API call. Also as a timedelta.
        wait_for_drain: Whether apply waits until drained Elastic IPs are released. Default: true. With false it returns
            once the drain has begun; a change that associates after the drain waits all the same.
        min_in_service: Fewest Elastic IPs, the primary included, that must take new connections at any moment of a
            change; a plan that would leave fewer fails. Default: 1, the primary. Destroying is not held to it.
        on_destroy: What destroy does: `"disassociate"` (default) drains and disassociates the managed Elastic IPs,
            `"retain"` leaves the gateway as it is.
        timeouts: How long apply may take, as durations like `90s`, `15m` or `1h30m`. Also as a timedelta.
        provider: The provider block to use. Default: the one without an alias.
        depends_on: What Terraform creates first: constructs, or the `fqn` of these.
    """

    BINDING: ClassVar[str] = "SecondaryElasticIps"

    nat_gateway_id: str | None = None
    nat_gateway: HasId | None = None
    allocation_ids: Sequence[str] | AbstractSet[str] | None = None
    private_ip_addresses: Mapping[str, str] | None = None
    max_drain: float | timedelta | None = None
    wait_for_drain: bool | Resolvable | None = None
    min_in_service: float | None = None
    on_destroy: OnDestroy | None = None
    timeouts: Mapping[str, str | timedelta] | SecondaryElasticIpsTimeouts | None = None
    provider: AnyProvider | None = None
    depends_on: Sequence[Addressable | str] | None = None


class PublicGatewayAttributes:
    """What the construct gives to read: the attributes of its resource, as tokens."""

    _resource: cdktf.SecondaryElasticIps | cdktn.SecondaryElasticIps

    @property
    def nat_gateway_id(self) -> str:
        """Id of a public NAT gateway. Another id moves the set in place: the Elastic IPs are released on the old
        gateway, as `on_destroy` says, then associated on the new one, where nothing is disassociated.
        """
        return self._resource.nat_gateway_id

    @property
    def allocation_ids(self) -> list[str]:
        """The full set of secondary Elastic IPs, by allocation id. What is on the gateway and not in the set is
        disassociated; `[]` removes every secondary.
        """
        return self._resource.allocation_ids

    @property
    def private_ip_addresses(self) -> Mapping[str, str]:
        """The private IPv4 address of each Elastic IP, by allocation id: for each of them, or left out, and AWS picks
        them. It is used when an Elastic IP is associated, and cannot change while it stays.
        """
        return self._resource.private_ip_addresses

    @property
    def primary_allocation_id(self) -> str:
        """The allocation id of the gateway's primary Elastic IP, which is never touched."""
        return self._resource.primary_allocation_id

    @property
    def primary_private_ip_address(self) -> str:
        """The private address of the primary Elastic IP."""
        return self._resource.primary_private_ip_address

    @property
    def subnet_id(self) -> str:
        """The subnet of the gateway."""
        return self._resource.subnet_id

    @property
    def subnet_cidr_block(self) -> str:
        """The subnet's IPv4 CIDR block, which every private address has to be in."""
        return self._resource.subnet_cidr_block

    @property
    def vpc_id(self) -> str:
        """The VPC of the gateway."""
        return self._resource.vpc_id

    @property
    def network_interface_id(self) -> str:
        """The network interface of the gateway."""
        return self._resource.network_interface_id

    @property
    def draining_allocation_ids(self) -> list[str]:
        """Elastic IPs that are being released: they keep their connections and take no new ones."""
        return self._resource.draining_allocation_ids

    @property
    def last_change(
        self,
    ) -> cdktf.SecondaryElasticIpsLastChangeOutputReference | cdktn.SecondaryElasticIpsLastChangeOutputReference:
        """In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the last
        change did. It stays as it is when nothing changes. Each part is a text that stands for itself, since
        Terraform shows it beside that of the previous change; for programs, `natgw review --format json` has the
        same as data.
        """
        return self._resource.last_change


class PrivateIpSettings(TypedDict, total=False):
    """How a change is made. `PrivateIp` says what each argument means."""

    max_drain: float | timedelta | None
    wait_for_drain: bool | Resolvable | None
    on_destroy: OnDestroy | None
    timeouts: Mapping[str, str | timedelta] | SecondaryPrivateIpTimeouts | None
    provider: AnyProvider | None
    depends_on: Sequence[Addressable | str] | None


class PrivateIpTarget(PrivateIpSettings, total=False):
    """The declaration without its addresses. `PrivateIp` says what each argument means."""

    nat_gateway_id: str | None
    nat_gateway: HasId | None


class PrivateIpAddresses(PrivateIpSettings, total=False):
    """The declaration without its gateway. `PrivateIp` says what each argument means."""

    private_ip_address: str | None


class PrivateIpArguments(PrivateIpTarget, total=False):
    """The whole declaration. `PrivateIp` says what each argument means."""

    private_ip_address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateIp:
    """The declaration of one `SecondaryPrivateIp`. An argument that is None counts as left out.

    Attributes:
        nat_gateway_id: Id of a private NAT gateway. Another id moves the address in place: it is released on the old
            gateway, as `on_destroy` says, then assigned on the new one. Give this or `nat_gateway`.
        nat_gateway: The gateway as any object with an `id`, such as the AWS provider's `NatGateway`.
        private_ip_address: The secondary private IPv4 address. Another one replaces the resource.
        max_drain: Longest time, in seconds, that existing connections may drain before an address is released by force,
            1 to 4000. Default: 350, as long as NAT keeps an idle TCP connection. A change of this alone makes no API
            call. Also as a timedelta.
        wait_for_drain: Whether apply waits until drained addresses are released. Default: true. With false it returns
            once the drain has begun; a change that assigns after the drain waits all the same.
        on_destroy: What destroy does: `"unassign"` (default) drains and unassigns the address, `"retain"` leaves the
            gateway as it is.
        timeouts: How long apply may take, as durations like `90s`, `15m` or `1h30m`. Also as a timedelta.
        provider: The provider block to use. Default: the one without an alias.
        depends_on: What Terraform creates first: constructs, or the `fqn` of these.
    """

    BINDING: ClassVar[str] = "SecondaryPrivateIp"

    nat_gateway_id: str | None = None
    nat_gateway: HasId | None = None
    private_ip_address: str | None = None
    max_drain: float | timedelta | None = None
    wait_for_drain: bool | Resolvable | None = None
    on_destroy: OnDestroy | None = None
    timeouts: Mapping[str, str | timedelta] | SecondaryPrivateIpTimeouts | None = None
    provider: AnyProvider | None = None
    depends_on: Sequence[Addressable | str] | None = None


class PrivateIpAttributes:
    """What the construct gives to read: the attributes of its resource, as tokens."""

    _resource: cdktf.SecondaryPrivateIp | cdktn.SecondaryPrivateIp

    @property
    def nat_gateway_id(self) -> str:
        """Id of a private NAT gateway. Another id moves the address in place: it is released on the old gateway, as
        `on_destroy` says, then assigned on the new one.
        """
        return self._resource.nat_gateway_id

    @property
    def private_ip_address(self) -> str:
        """The secondary private IPv4 address. Another one replaces the resource."""
        return self._resource.private_ip_address

    @property
    def status(self) -> str:
        """The status that AWS shows: `succeeded`, `assigning`, `unassigning` or `failed`; null where it names none."""
        return self._resource.status

    @property
    def last_change(
        self,
    ) -> cdktf.SecondaryPrivateIpLastChangeOutputReference | cdktn.SecondaryPrivateIpLastChangeOutputReference:
        """In a plan: what this apply will do, and it does nothing else for this resource. In the state: what the last
        change did. It stays as it is when nothing changes.
        """
        return self._resource.last_change


class ElasticIpSettings(TypedDict, total=False):
    """How a change is made. `ElasticIp` says what each argument means."""

    max_drain: float | timedelta | None
    wait_for_drain: bool | Resolvable | None
    on_destroy: OnDestroy | None
    timeouts: Mapping[str, str | timedelta] | SecondaryElasticIpTimeouts | None
    provider: AnyProvider | None
    depends_on: Sequence[Addressable | str] | None


class ElasticIpTarget(ElasticIpSettings, total=False):
    """The declaration without its addresses. `ElasticIp` says what each argument means."""

    nat_gateway_id: str | None
    nat_gateway: HasId | None


class ElasticIpAddresses(ElasticIpSettings, total=False):
    """The declaration without its gateway. `ElasticIp` says what each argument means."""

    allocation_id: str | None
    private_ip_address: str | None


class ElasticIpArguments(ElasticIpTarget, total=False):
    """The whole declaration. `ElasticIp` says what each argument means."""

    allocation_id: str | None
    private_ip_address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticIp:
    """The declaration of one `SecondaryElasticIp`. An argument that is None counts as left out.

    Attributes:
        nat_gateway_id: Id of a public NAT gateway. Another id moves the Elastic IP in place: it is released on the old
            gateway, as `on_destroy` says, then associated on the new one. Give this or `nat_gateway`.
        nat_gateway: The gateway as any object with an `id`, such as the AWS provider's `NatGateway`.
        allocation_id: The allocation id of the secondary Elastic IP. Another one replaces the resource.
        private_ip_address: The private IPv4 address of the Elastic IP; left out, AWS picks it. It cannot change while
            the Elastic IP stays.
        max_drain: Longest time, in seconds, that existing connections may drain before an Elastic IP is released by
            force, 1 to 4000. Default: 350, as long as NAT keeps an idle TCP connection. A change of this alone makes no
            API call. Also as a timedelta.
        wait_for_drain: Whether apply waits until drained Elastic IPs are released. Default: true. With false it returns
            once the drain has begun; a change that associates after the drain waits all the same.
        on_destroy: What destroy does: `"disassociate"` (default) drains and disassociates the Elastic IP, `"retain"`
            leaves the gateway as it is.
        timeouts: How long apply may take, as durations like `90s`, `15m` or `1h30m`. Also as a timedelta.
        provider: The provider block to use. Default: the one without an alias.
        depends_on: What Terraform creates first: constructs, or the `fqn` of these.
    """

    BINDING: ClassVar[str] = "SecondaryElasticIp"

    nat_gateway_id: str | None = None
    nat_gateway: HasId | None = None
    allocation_id: str | None = None
    private_ip_address: str | None = None
    max_drain: float | timedelta | None = None
    wait_for_drain: bool | Resolvable | None = None
    on_destroy: OnDestroy | None = None
    timeouts: Mapping[str, str | timedelta] | SecondaryElasticIpTimeouts | None = None
    provider: AnyProvider | None = None
    depends_on: Sequence[Addressable | str] | None = None


class ElasticIpAttributes:
    """What the construct gives to read: the attributes of its resource, as tokens."""

    _resource: cdktf.SecondaryElasticIp | cdktn.SecondaryElasticIp

    @property
    def nat_gateway_id(self) -> str:
        """Id of a public NAT gateway. Another id moves the Elastic IP in place: it is released on the old gateway, as
        `on_destroy` says, then associated on the new one.
        """
        return self._resource.nat_gateway_id

    @property
    def allocation_id(self) -> str:
        """The allocation id of the secondary Elastic IP. Another one replaces the resource."""
        return self._resource.allocation_id

    @property
    def private_ip_address(self) -> str:
        """The private IPv4 address of the Elastic IP; left out, AWS picks it. It cannot change while the Elastic IP
        stays.
        """
        return self._resource.private_ip_address

    @property
    def public_ip(self) -> str:
        """The public address of the Elastic IP."""
        return self._resource.public_ip

    @property
    def status(self) -> str:
        """The status that AWS shows: `succeeded`, `associating`, `disassociating` or `failed`; null where it names
        none.
        """
        return self._resource.status

    @property
    def last_change(
        self,
    ) -> cdktf.SecondaryElasticIpLastChangeOutputReference | cdktn.SecondaryElasticIpLastChangeOutputReference:
        """In a plan: what this apply will do, and it does nothing else for this resource. In the state: what the last
        change did. It stays as it is when nothing changes.
        """
        return self._resource.last_change


Declaration: TypeAlias = Gateway | PublicGateway | PrivateIp | ElasticIp
"""The declaration of any resource."""
