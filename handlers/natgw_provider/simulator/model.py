"""All NAT gateways of one region: the rules of the five operations, on an injected clock.

Needs no moto and no sockets, so that thousands of runs take seconds. It checks what depends on state (quota, free
addresses, busy gateways); the syntax of requests is checked in `operations.py`. Not safe for concurrent callers: the
endpoint holds a lock around every request.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from math import inf

from natgw_provider.core import limits
from natgw_provider.core.gateway import AddressStatus, GatewayState
from natgw_provider.simulator import errors
from natgw_provider.simulator.address_pool import AddressPool
from natgw_provider.simulator.clock import Clock
from natgw_provider.simulator.creation import GatewayRequest, build_gateway
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.history import Timeline
from natgw_provider.simulator.lifecycle import PRIVATE, Address, Drain, End, Gateway
from natgw_provider.simulator.settings import Settings
from natgw_provider.simulator.surroundings import Subnet, Surroundings


class NatGatewayModel:
    """The gateways of one region. `settings` may be replaced at any time and counts from the next request on."""

    def __init__(self, surroundings: Surroundings, clock: Clock, settings: Settings | None = None) -> None:
        self.surroundings = surroundings
        self.clock = clock
        self.settings = settings or Settings()
        self._random = random.Random(self.settings.seed)  # noqa: S311 # repeatable on purpose, no secret
        self._timelines: dict[str, Timeline] = {}
        self._made: dict[str, tuple[GatewayRequest, str]] = {}
        self._connections: dict[tuple[str, IPv4Address], float | None] = {}

    def all(self) -> Iterator[Gateway]:
        """Yield every gateway that is still remembered, as the last request left it."""
        return (timeline.latest for timeline in self._timelines.values())

    def visible(
        self, stale_seconds: Callable[[str], float] = lambda _: 0, gateway_ids: Collection[str] = ()
    ) -> list[tuple[Gateway, float]]:
        """Return what DescribeNatGateways shows, in order of creation: each gateway and the moment it is shown at.

        `stale_seconds` says how long ago that is; `gateway_ids` limits the answer when there are any.
        """
        now = self.clock.now()
        moments = {id_: now - stale_seconds(id_) for id_ in self._timelines if not gateway_ids or id_ in gateway_ids}
        found = ((self._timelines[gateway_id].as_of(at), at) for gateway_id, at in moments.items())
        return [(gateway, at) for gateway, at in found if gateway is not None and self._still_visible(gateway, at)]

    def get(self, gateway_id: str) -> Gateway:
        """Return a gateway that is not deleted. Raises ApiError when there is none."""
        now = self.clock.now()
        timeline = self._timelines.get(gateway_id)
        if timeline is None or timeline.latest.state(now) is GatewayState.DELETED:
            raise errors.not_found(self.settings.not_found_code, gateway_id)
        return timeline.latest

    def create(self, request: GatewayRequest) -> Gateway:
        """Create a gateway. Raises ApiError: no such subnet, address not usable or in use, over quota, subnet full."""
        made = self._made.get(request.token) if request.token else None
        if made is not None:
            if made[0] != request:
                raise errors.token_reused(request.token or "")
            return self._timelines[made[1]].latest
        subnet = self._subnet(request.subnet_id)
        gateway_id = request.gateway_id or self.new_id()
        ips = self._choose(request, subnet, gateway_id)
        interface = self.surroundings.new_interface(subnet, gateway_id, ips[0], request.allocation_ids)
        gateway = build_gateway(
            request,
            subnet=subnet,
            gateway_id=gateway_id,
            ips=ips,
            interface=interface,
            settings=self.settings,
            now=self.clock.now(),
        )
        self._timelines[gateway_id] = Timeline(gateway, -inf if request.settled else gateway.created_at)
        if request.token:
            self._made[request.token] = (request, gateway_id)
        return gateway

    def assign(
        self,
        gateway_id: str,
        *,
        addresses: Sequence[IPv4Address] = (),
        count: int = 0,
        failure_of: Callable[[IPv4Address], str | None] = lambda _: None,
        commit: bool = True,
    ) -> tuple[Address, ...]:
        """Assign `addresses`, or `count` free ones; return the new ones; those with a `failure_of` end `failed`.

        Raises ApiError: not found, busy, not usable, in use, over quota, subnet full. Without `commit` it only checks.
        """
        now = self.clock.now()
        gateway = self._changeable(gateway_id, now)
        subnet = self._subnet(gateway.subnet_id)
        attached = len(gateway.attached(now))
        asked = len(addresses) or count
        if attached + asked > self.settings.quota:
            raise errors.quota_exceeded(gateway_id, self.settings.quota, attached, asked)
        pool = self._pool(subnet)
        pool.check(addresses)
        ips = tuple(addresses) or self._pick(pool, count)
        settles = now + self.settings.assigning_seconds
        new = tuple(Address(ip, assigned_at=now, settled_at=settles, failure=failure_of(ip)) for ip in ips)
        if commit:
            self._timelines[gateway_id].record(gateway.add(new, now), now)
        return new

    def unassign(
        self,
        gateway_id: str,
        addresses: Sequence[IPv4Address],
        max_drain: float = limits.DRAIN_SECONDS_DEFAULT,
        *,
        commit: bool = True,
    ) -> tuple[Address, ...]:
        """Begin to drain `addresses` for at most `max_drain` seconds; return them.

        Raises ApiError: not found, busy, the primary, not on this gateway. Without `commit` it only checks.
        """
        now = self.clock.now()
        gateway = self._changeable(gateway_id, now)
        held = {address.private_ip: address for address in gateway.attached(now)}
        unknown = [str(ip) for ip in addresses if ip not in held]
        if unknown:
            raise errors.invalid_value(f"{', '.join(unknown)}: not assigned to NAT gateway {gateway_id}")
        if any(held[ip].is_primary for ip in addresses):
            raise errors.invalid_value(f"The primary private IP address of {gateway_id} cannot be unassigned")
        drains = {ip: Drain(now, max_drain, self._connections_of(gateway_id, held[ip], now)) for ip in addresses}
        changed = gateway.begin_drain(drains, now)
        if commit:
            self._timelines[gateway_id].record(changed, now)
        return tuple(address for address in changed.addresses if address.private_ip in drains)

    def delete(self, gateway_id: str, *, commit: bool = True) -> None:
        """Delete a gateway, whatever its addresses do; deleting it again is accepted. Raises ApiError if not found."""
        now = self.clock.now()
        gateway = self.get(gateway_id)
        if commit and (gateway.end is None or now < gateway.end.began_at):
            self.end(gateway_id, End(now, now + self.settings.gateway_deleting_seconds))

    def end(self, gateway_id: str, end: End) -> None:
        """Decide a gateway's end, now or for a later moment. Raises ApiError if not found."""
        gateway = self.get(gateway_id)
        self._timelines[gateway_id].record(gateway.stop(end), self.clock.now())

    def set_connections(self, gateway_id: str, address: IPv4Address, last: float | None) -> None:
        """Set how long connections of an address last once it drains (None: for ever), also for a running drain.

        Counted from the drain's beginning; what would have ended already ends now. Raises ApiError if not found.
        """
        now = self.clock.now()
        gateway = self.get(gateway_id)
        self._connections[gateway_id, address] = last
        for held in gateway.attached(now):
            if held.private_ip == address and held.drain is not None:
                drain = replace(held.drain, connections_last=last)
                self._timelines[gateway_id].record(gateway.begin_drain({address: drain}, now), now)

    def end_connections(self, gateway_id: str, address: IPv4Address) -> None:
        """End an address's connections now: a running drain is over, a later one is over at once."""
        self.set_connections(gateway_id, address, 0)

    def held_in(self, subnet_id: str) -> set[IPv4Address]:
        """Return the addresses of a subnet that NAT gateways hold."""
        now = self.clock.now()
        gateways = (gateway for gateway in self.all() if gateway.subnet_id == subnet_id)
        return {address.private_ip for gateway in gateways for address in gateway.attached(now)}

    def new_id(self) -> str:
        """Return an id for a new gateway, repeatable by the seed of the settings."""
        return f"nat-0{self._random.getrandbits(64):016x}"

    def _changeable(self, gateway_id: str, now: float) -> Gateway:
        gateway = self.get(gateway_id)
        if gateway.connectivity != PRIVATE:
            raise errors.invalid_value(f"NAT gateway {gateway_id} is public; the operation is for private NAT gateways")
        state = gateway.state(now)
        if state is not GatewayState.AVAILABLE:
            code = self.settings.busy_code if state is GatewayState.PENDING else "IncorrectState"
            raise ApiError(code, f"NAT gateway {gateway_id} is {state}")
        busy = gateway.in_transition(now)
        if busy:
            raise self._busy(busy, now)
        return gateway

    def _busy(self, busy: Sequence[Address], now: float) -> ApiError:
        status = busy[0].status(now)
        listed = ", ".join(str(address.private_ip) for address in busy if address.status(now) is status)
        return ApiError(
            self.settings.busy_code, f"Service is currently {status.upper()} the following private IPs: [{listed}]"
        )

    def _connections_of(self, gateway_id: str, address: Address, now: float) -> float | None:
        if address.status(now) is AddressStatus.FAILED:
            return 0
        return self._connections.get((gateway_id, address.private_ip), self.settings.connections_end_after)

    def _subnet(self, subnet_id: str) -> Subnet:
        subnet = self.surroundings.subnet(subnet_id)
        if subnet is None:
            raise errors.subnet_not_found(subnet_id)
        return subnet

    def _pool(self, subnet: Subnet) -> AddressPool:
        return AddressPool(subnet, self.held_in(subnet.subnet_id) | set(self.surroundings.taken(subnet.subnet_id)))

    def _pick(self, pool: AddressPool, count: int) -> tuple[IPv4Address, ...]:
        return pool.pick(count, None if self.settings.pick == "lowest" else self._random)

    def _choose(self, request: GatewayRequest, subnet: Subnet, gateway_id: str) -> tuple[IPv4Address, ...]:
        if request.connectivity == PRIVATE and request.addresses > self.settings.quota:
            raise errors.quota_exceeded(gateway_id, self.settings.quota, 0, request.addresses)
        pool = self._pool(subnet)
        pool.check(request.named)
        picked = self._pick(AddressPool(subnet, {*pool.used, *request.named}), request.addresses - len(request.named))
        return request.in_order(picked)

    def _still_visible(self, gateway: Gateway, at: float) -> bool:
        return gateway.end is None or at < gateway.end.over_at + self.settings.deleted_visible_seconds
