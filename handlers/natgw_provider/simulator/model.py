"""All NAT gateways of one region: the rules of the operations on them, on an injected clock.

It checks what depends on state (quota, free addresses, busy gateways); the syntax of requests is checked in `ec2.py`.
Not safe for concurrent callers: the endpoint holds a lock around every request.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from itertools import zip_longest
from math import inf

from natgw_provider.core import limits
from natgw_provider.core.gateway import AddressStatus, GatewayState
from natgw_provider.simulator import errors
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.inputs import Settings
from natgw_provider.simulator.lifecycle import (
    PRIVATE,
    PUBLIC,
    Address,
    AddressKey,
    Drain,
    ElasticIp,
    End,
    Gateway,
)
from natgw_provider.simulator.network import ALREADY_ASSOCIATED, Network, Subnet


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRequest:
    """A gateway to create, for CreateNatGateway or for a seed."""

    subnet_id: str
    connectivity: str = PRIVATE
    primary: IPv4Address | None = None
    """None: the model picks a free one."""

    secondaries: tuple[IPv4Address, ...] = ()
    count: int = 0
    """Secondaries to pick in addition to the named ones."""

    allocation_ids: tuple[str, ...] = ()
    """A public gateway's Elastic IPs: the primary's, then one for each secondary."""

    token: str | None = None
    """ClientToken: the same request with the same token makes no second gateway."""

    gateway_id: str | None = None
    settled: bool = False
    """Available at once, with its addresses in service (seeding)."""


class NatGatewayModel:
    """The gateways of one region. `settings` may be replaced at any time and counts from the next request on."""

    def __init__(self, network: Network, clock: ManualClock, settings: Settings | None = None) -> None:
        self.network = network
        self.clock = clock
        self.settings = settings or Settings()
        self._random = random.Random(self.settings.seed)  # noqa: S311 # repeatable on purpose, no secret
        self._versions: dict[str, list[tuple[float, Gateway]]] = {}
        """Each gateway as it was from the moment of a request on, for stale reads; the newest is last."""

        self._created_by: dict[str | None, str] = {}
        """The gateway that was created with a client token."""

        self._connections: dict[tuple[str, str], float | None] = {}

    def all(self) -> Iterator[Gateway]:
        """Yield every gateway, deleted ones included, as the last request left it."""
        return (versions[-1][1] for versions in self._versions.values())

    def visible(
        self, stale_seconds: Callable[[str], float] = lambda _: 0, gateway_ids: Collection[str] = ()
    ) -> list[tuple[Gateway, float]]:
        """Return what DescribeNatGateways shows, in order of creation: each gateway and the moment it is shown at.

        `stale_seconds` says how long ago that is; `gateway_ids` limits the answer when it names any.
        """
        now = self.clock.now()
        moments = {id_: now - stale_seconds(id_) for id_ in self._versions if not gateway_ids or id_ in gateway_ids}
        found = ((self._as_of(gateway_id, at), at) for gateway_id, at in moments.items())
        kept = self.settings.deleted_visible_seconds
        return [(it, at) for it, at in found if it and (it.end is None or at < it.end.over_at + kept)]

    def get(self, gateway_id: str) -> Gateway:
        """Return a gateway that is not deleted. Raises ApiError when it does not exist."""
        now = self.clock.now()
        gateway = self._as_of(gateway_id, now)
        if gateway is None or gateway.state(now) is GatewayState.DELETED:
            raise errors.not_found(self.settings.not_found_code, gateway_id)
        return gateway

    def create(self, request: GatewayRequest) -> Gateway:
        """Create a gateway. Raises ApiError: no such subnet, address not usable or in use, over quota, subnet full."""
        if request.token in self._created_by:
            return self.get(self._created_by[request.token])
        now = self.clock.now()
        subnet = self.network.subnet(request.subnet_id)
        gateway_id = request.gateway_id or self.new_id()
        ips = self._choose_first(request, subnet)
        elastic_ips, end = self._elastic_ips_of(request)
        interface_id = self.network.create_interface(subnet, gateway_id, ips[0])
        since = -inf if request.settled else now
        available_at = -inf if request.settled else now + self.settings.gateway_pending_seconds
        settles = available_at + self.settings.addresses_lag_seconds
        primary, *secondaries = _joining(ips, elastic_ips, since, settles)
        primary = replace(primary, is_primary=True, settled_at=available_at)
        gateway = Gateway(
            gateway_id=gateway_id,
            subnet_id=subnet.subnet_id,
            vpc_id=subnet.vpc_id,
            network_interface_id=interface_id,
            created_at=now,
            available_at=available_at,
            addresses=(primary, *secondaries),
            connectivity=request.connectivity,
            end=end,
        )
        self._versions[gateway_id] = [(since, gateway)]
        if request.token:
            self._created_by[request.token] = gateway_id
        return gateway

    def assign(
        self,
        gateway_id: str,
        *,
        addresses: Sequence[IPv4Address] = (),
        count: int = 0,
        allocation_ids: Sequence[str] = (),
        failure_of: Callable[[Address], str | None] = lambda _: None,
        commit: bool = True,
    ) -> tuple[Address, ...]:
        """Assign `addresses`, or `count` free ones; return the new ones; those with a `failure_of` end `failed`.

        On a public gateway, associate Elastic IPs by their `allocation_ids`, each with one of the addresses. Raises
        ApiError: not found, busy, not usable, in use, over quota, subnet full. Without `commit` it only checks.
        """
        now = self.clock.now()
        gateway = self._changeable(gateway_id, PUBLIC if allocation_ids else PRIVATE, now)
        subnet = self.network.subnet(gateway.subnet_id)
        count = count or (0 if addresses else len(allocation_ids))
        self._check_quota(gateway.connectivity, len(gateway.attached(now)) + len(addresses) + count)
        ips = self._choose(subnet, addresses, count)
        new = _joining(ips, self.network.elastic_ips(allocation_ids), now, now + self.settings.assigning_seconds)
        new = tuple(replace(it, failure=failure_of(it) or it.failure) for it in new)
        if commit:
            self._record(gateway.add(new, now))
        return new

    def unassign(
        self,
        gateway_id: str,
        keys: Sequence[AddressKey],
        max_drain: float = limits.DRAIN_SECONDS_DEFAULT,
        *,
        connectivity: str = PRIVATE,
        commit: bool = True,
    ) -> tuple[Address, ...]:
        """Begin to drain addresses of a gateway of this `connectivity`, for at most `max_drain` seconds; return them.

        Raises ApiError: not found, busy, the primary, not on this gateway. Without `commit` it only checks.
        """
        now = self.clock.now()
        gateway = self._changeable(gateway_id, connectivity, now)
        held = {address.key: address for address in gateway.attached(now)}
        unknown = ", ".join(str(key) for key in keys if key not in held)
        if unknown and connectivity == PUBLIC:
            message = f"The association ID '{unknown}' does not exist on NAT gateway {gateway_id}"
            raise ApiError(self.settings.association_not_found_code, message)
        if unknown:
            raise errors.invalid_value(f"{unknown}: not assigned to NAT gateway {gateway_id}")
        if any(held[key].is_primary for key in keys):
            raise errors.invalid_value(f"The primary address of {gateway_id} cannot be unassigned or disassociated")
        drains = {key: Drain(now, max_drain, self._connections_of(gateway_id, held[key], now)) for key in keys}
        changed = gateway.begin_drain(drains, now)
        if commit:
            self._record(changed)
        return tuple(address for address in changed.addresses if address.key in drains)

    def delete(self, gateway_id: str, *, commit: bool = True) -> None:
        """Delete a gateway, also while addresses drain; deleting it again is accepted. Raises ApiError if not found."""
        now = self.clock.now()
        gateway = self.get(gateway_id)
        if commit and (gateway.end is None or now < gateway.end.began_at):
            self.end(gateway_id, End(now, now + self.settings.gateway_deleting_seconds))

    def end(self, gateway_id: str, end: End) -> None:
        """Set a gateway's end, now or at a later time. Raises ApiError if not found."""
        self._record(replace(self.get(gateway_id), end=end))

    def set_connections(self, gateway_id: str, address: str, last: float | None) -> None:
        """Set how long connections of an address last once it drains (None: for ever), also for a running drain.

        The time counts from the start of the drain; connections that would be over by now end now. Raises ApiError if
        the gateway is not found, ValueError if it does not have the address.
        """
        now = self.clock.now()
        gateway = self.get(gateway_id)
        held = gateway.attached(now)
        found = next((it for it in held if it.is_named(address)), None)
        if found is None:
            raise ValueError(f"{gateway_id} does not have {address}; it has: {', '.join(it.name for it in held)}")
        self._connections[gateway_id, found.name] = last
        if found.drain is not None:
            self._record(gateway.begin_drain({found.key: replace(found.drain, connections_last=last)}, now))

    def new_id(self) -> str:
        """Return an id for a new gateway, repeatable by the seed of the settings."""
        return f"nat-0{self._random.getrandbits(64):016x}"

    def _record(self, gateway: Gateway) -> None:
        self._versions[gateway.gateway_id].append((self.clock.now(), gateway))

    def _as_of(self, gateway_id: str, at: float) -> Gateway | None:
        """Return a gateway as it was at a time; None before it was created."""
        return next((it for since, it in reversed(self._versions.get(gateway_id, ())) if since <= at), None)

    def _changeable(self, gateway_id: str, connectivity: str, now: float) -> Gateway:
        """Return a gateway of this connectivity whose addresses may be changed now. Raises ApiError."""
        gateway = self.get(gateway_id)
        if gateway.connectivity != connectivity:
            message = f"NAT gateway {gateway_id} is {gateway.connectivity}"
            raise errors.invalid_value(f"{message}; the operation is for {connectivity} NAT gateways")
        state = gateway.state(now)
        if state is not GatewayState.AVAILABLE:
            code = self.settings.busy_code if state is GatewayState.PENDING else "IncorrectState"
            raise ApiError(code, f"NAT gateway {gateway_id} is {state}")
        busy = gateway.in_transition(now)
        if busy:
            status = busy[0].status(now)
            names = (address.name for address in busy if address.status(now) is status)
            raise ApiError(self.settings.busy_code, busy[0].transitions.busy(status, names))
        return gateway

    def _connections_of(self, gateway_id: str, address: Address, now: float) -> float | None:
        if address.status(now) is AddressStatus.FAILED:
            return 0
        return self._connections.get((gateway_id, address.name), self.settings.connections_end_after)

    def _elastic_ips_of(self, request: GatewayRequest) -> tuple[Sequence[ElasticIp], End | None]:
        """Return the Elastic IPs of a new gateway, or its end: one that is in use makes it a failed gateway."""
        try:
            return self.network.elastic_ips(request.allocation_ids), None
        except ApiError as error:
            if error.code != ALREADY_ASSOCIATED:
                raise
            now = self.clock.now()
            return (), End(now, now, error.code, error.message)

    def _choose_first(self, request: GatewayRequest, subnet: Subnet) -> tuple[IPv4Address, ...]:
        """Return the addresses of a new gateway, named and picked, the primary first."""
        named = (*(() if request.primary is None else (request.primary,)), *request.secondaries)
        total = len(request.allocation_ids) or 1 + len(request.secondaries) + request.count
        self._check_quota(request.connectivity, total)
        chosen = self._choose(subnet, named, total - len(named))
        if request.primary is None:
            return (chosen[len(named)], *named, *chosen[len(named) + 1 :])
        return chosen

    def _choose(self, subnet: Subnet, named: Sequence[IPv4Address], count: int) -> tuple[IPv4Address, ...]:
        """Return the named addresses and `count` free ones. Raises ApiError: not usable, in use, subnet full."""
        self.network.update(self.all(), self.clock.now())
        used = self.network.taken(subnet.subnet_id)
        _check_free(subnet, used, named)
        return (*named, *self._pick(subnet, used.union(named), count))

    def _check_quota(self, connectivity: str, wanted: int) -> None:
        """Raise ApiError when a gateway would have more addresses than the quota of its kind."""
        settings = self.settings
        quota, code, noun = settings.quota, "PrivateIpAddressLimitExceeded", "private IPv4 addresses"
        if connectivity == PUBLIC:
            quota, code, noun = settings.elastic_ip_quota, settings.elastic_ip_limit_code, "Elastic IP addresses"
        if wanted > quota:
            raise ApiError(code, f"A NAT gateway can have {quota} {noun}; this one would have {wanted}")

    def _pick(self, subnet: Subnet, used: Collection[IPv4Address], count: int) -> tuple[IPv4Address, ...]:
        """Return `count` free addresses, as the settings say. Raises ApiError when too few are free."""
        taken = set(map(int, used))
        free = [number for number in subnet.usable if number not in taken]
        if len(free) < count:
            message = f"{count} addresses were requested, and {subnet.subnet_id} has {len(free)} free"
            raise ApiError("InsufficientFreeAddressesInSubnet", message)
        chosen = self._random.sample(free, count) if self.settings.pick == "random" else free[:count]
        return tuple(map(IPv4Address, chosen))


def _joining(
    ips: Sequence[IPv4Address], elastic_ips: Sequence[ElasticIp], since: float, settles: float
) -> tuple[Address, ...]:
    """Return new addresses, each with its Elastic IP on a public gateway."""
    return tuple(
        Address(
            ip,
            assigned_at=since,
            settled_at=settles,
            elastic=elastic,
            failure=None if elastic is None else elastic.failure,
        )
        for ip, elastic in zip_longest(ips, elastic_ips)
    )


def _check_free(subnet: Subnet, used: Collection[IPv4Address], addresses: Sequence[IPv4Address]) -> None:
    """Raise ApiError when one of `addresses` is outside the subnet, AWS's own, in use, or named twice."""
    if len(set(addresses)) < len(addresses):
        raise errors.invalid_value("An address is named twice")
    for address in addresses:
        if address not in subnet.cidr:
            raise errors.invalid_value(f"Address {address} is not in subnet {subnet.subnet_id} ({subnet.cidr})")
        if int(address) not in subnet.usable:
            raise errors.invalid_value(f"Address {address} is reserved in subnet {subnet.subnet_id}")
        if address in used:
            raise errors.address_in_use(address)
