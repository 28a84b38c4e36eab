"""All NAT gateways of one region: the rules of the five operations, on an injected clock.

Needs no moto and no sockets, so that thousands of runs take seconds. It checks what depends on state (quota, free
addresses, busy gateways); the syntax of requests is checked in `operations.py`. Not safe for concurrent callers: the
endpoint holds a lock around every request.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from ipaddress import IPv4Address
from math import inf

from natgw_provider.core import limits
from natgw_provider.core.gateway import GatewayState
from natgw_provider.simulator import errors
from natgw_provider.simulator.clock import Clock
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

    def create(
        self,
        subnet_id: str,
        *,
        connectivity: str = PRIVATE,
        primary: IPv4Address | None = None,
        secondaries: Sequence[IPv4Address] = (),
        count: int = 0,
        allocation_ids: Sequence[str] = (),
        gateway_id: str | None = None,
        settled: bool = False,
    ) -> Gateway:
        """Create a gateway.

        `settled` makes it available at once, with its addresses in service, as if it had always been there (seeding).
        `allocation_ids` are a public gateway's elastic IPs: the primary's, then the secondaries'. Raises ApiError.
        """
        now = self.clock.now()
        subnet = self._subnet(subnet_id)
        named = tuple(secondaries if primary is None else [primary, *secondaries])
        self._check_free(subnet, named)
        unnamed = (0 if primary else 1) + count
        wanted = len(named) + unnamed
        new_id = gateway_id or self.new_id()
        if connectivity == PRIVATE and wanted > self.settings.quota:
            raise errors.quota_exceeded(new_id, self.settings.quota, 0, wanted)
        picked = self._pick(subnet, unnamed, named)
        ips = named + picked if primary else (picked[0], *named, *picked[1:])
        interface = self.surroundings.new_interface(subnet, new_id, ips[0])
        available_at = now if settled else now + self.settings.gateway_pending_seconds
        settled_at = available_at if settled else available_at + self.settings.addresses_lag_seconds
        elastics = [self.surroundings.associate(allocation, interface) for allocation in allocation_ids]
        addresses = tuple(
            Address(
                ip,
                assigned_at=-inf if settled else now,
                settled_at=settled_at if index else available_at,
                is_primary=index == 0,
                elastic=elastics[index] if index < len(elastics) else None,
            )
            for index, ip in enumerate(ips)
        )
        gateway = Gateway(
            new_id, subnet_id, subnet.vpc_id, interface, now, available_at, addresses, connectivity=connectivity
        )
        self._timelines[new_id] = Timeline(gateway, -inf if settled else now)
        return gateway

    def assign(
        self,
        gateway_id: str,
        *,
        addresses: Sequence[IPv4Address] = (),
        count: int = 0,
        failure: str | None = None,
        commit: bool = True,
    ) -> tuple[Address, ...]:
        """Assign `addresses`, or `count` free ones; return the new ones; with a `failure` they end `failed`.

        Raises ApiError: not found, busy, not usable, in use, over quota, subnet full. Without `commit` it only checks.
        """
        now = self.clock.now()
        gateway = self._changeable(gateway_id, now)
        subnet = self._subnet(gateway.subnet_id)
        attached = len(gateway.attached(now))
        asked = len(addresses) or count
        if attached + asked > self.settings.quota:
            raise errors.quota_exceeded(gateway_id, self.settings.quota, attached, asked)
        self._check_free(subnet, addresses)
        ips = tuple(addresses) or self._pick(subnet, count)
        settles = now + self.settings.assigning_seconds
        new = tuple(Address(ip, assigned_at=now, settled_at=settles, failure=failure) for ip in ips)
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
                lasts = None if last is None else max(last, now - held.drain.began_at)
                drain = Drain(held.drain.began_at, held.drain.max_seconds, lasts)
                self._timelines[gateway_id].record(gateway.begin_drain({address: drain}, now), now)

    def end_connections(self, gateway_id: str, address: IPv4Address) -> None:
        """End an address's connections now: a running drain is over, a later one is over at once."""
        self.set_connections(gateway_id, address, 0)

    def forget(self, gateway_ids: Iterable[str]) -> None:
        """Drop gateways as if they had never been there."""
        for gateway_id in gateway_ids:
            self._timelines.pop(gateway_id, None)

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
        if address.status(now) == "failed":
            return 0
        return self._connections.get((gateway_id, address.private_ip), self.settings.connections_end_after)

    def _subnet(self, subnet_id: str) -> Subnet:
        subnet = self.surroundings.subnet(subnet_id)
        if subnet is None:
            raise errors.subnet_not_found(subnet_id)
        return subnet

    def _used(self, subnet: Subnet) -> set[IPv4Address]:
        return self.held_in(subnet.subnet_id) | set(self.surroundings.taken(subnet.subnet_id))

    def _check_free(self, subnet: Subnet, addresses: Sequence[IPv4Address]) -> None:
        used = self._used(subnet) if addresses else set()
        for address in addresses:
            if address not in subnet.cidr:
                raise errors.invalid_value(f"Address {address} is not in subnet {subnet.subnet_id} ({subnet.cidr})")
            if not subnet.usable(address):
                raise errors.invalid_value(f"Address {address} is reserved in subnet {subnet.subnet_id}")
            if address in used:
                raise errors.address_in_use(address)

    def _pick(self, subnet: Subnet, count: int, besides: Sequence[IPv4Address] = ()) -> tuple[IPv4Address, ...]:
        if count == 0:
            return ()
        used = self._used(subnet) | set(besides)
        usable = range(int(subnet.lowest), int(subnet.highest) + 1)
        taken = {int(address) for address in used}
        free = len(usable) - len(taken.intersection(usable))
        if free < count:
            raise errors.subnet_full(subnet.subnet_id, count, free)
        candidates = usable if self.settings.pick == "lowest" else self._random.sample(usable, len(usable))
        found = (IPv4Address(number) for number in candidates if number not in taken)
        return tuple(address for _, address in zip(range(count), found, strict=False))

    def _still_visible(self, gateway: Gateway, at: float) -> bool:
        return gateway.end is None or at < gateway.end.over_at + self.settings.deleted_visible_seconds
