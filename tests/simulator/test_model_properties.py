"""The model under random use: what must hold whatever is asked for, in whatever order, at whatever time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from ipaddress import IPv4Address

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from natgw_provider.core.gateway import AddressStatus, GatewayState
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.inputs import Settings
from natgw_provider.simulator.lifecycle import Address, AddressKey, Gateway
from natgw_provider.simulator.model import GatewayRequest, NatGatewayModel
from natgw_provider.simulator.network import Network

SUBNET = "subnet-12345678"
USABLE = [IPv4Address(f"10.0.0.{last}") for last in range(4, 31)]
ELASTIC_IPS = [f"eipalloc-{number:08x}" for number in range(32)]
MOMENTS_COMPARED = 8

addresses = st.integers(0, 33).map(lambda offset: IPv4Address("10.0.0.0") + offset)
address_lists = st.lists(addresses, min_size=1, max_size=5)
durations = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, 60.0, 349.0, 350.0, 4000.0])
connections = st.none() | durations

Picture = tuple[tuple[str, GatewayState, tuple[tuple[IPv4Address, AddressStatus], ...]], ...]


def picture(seen: list[tuple[Gateway, float]]) -> Picture:
    """What a description would show."""
    return tuple(
        (gateway.gateway_id, gateway.state(at), tuple((a.private_ip, a.status(at)) for a in gateway.listed(at)))
        for gateway, at in seen
    )


class ModelMachine(RuleBasedStateMachine):
    """Two gateways of one kind in a small subnet, someone else who takes addresses, and time."""

    @initialize(
        connectivity=st.sampled_from(["private", "public"]),
        quota=st.integers(2, 12),
        assigning=durations,
        deleting=durations,
        pick=st.sampled_from(["lowest", "random"]),
    )
    def start(self, connectivity: str, quota: int, assigning: float, deleting: float, pick: str) -> None:
        self.connectivity = connectivity
        self.clock = ManualClock()
        self.network = Network("eu-central-1", "123456789012")
        self.network.create_subnet(SUBNET, "vpc-12345678", "10.0.0.0/27")
        how = Settings(
            quota=quota,
            elastic_ip_quota=quota,
            assigning_seconds=assigning,
            gateway_deleting_seconds=deleting,
            pick=pick,
            seed=quota,
        )
        self.model = NatGatewayModel(self.network, self.clock, how)
        for allocation_id in ELASTIC_IPS if connectivity == "public" else ():
            self.network.allocate(allocation_id)
        requests = (
            GatewayRequest(
                subnet_id=SUBNET, connectivity=connectivity, allocation_ids=self.elastic_ips([number]), settled=True
            )
            for number in (0, 1)
        )
        self.primaries = {it.gateway_id: it.addresses[0].private_ip for it in map(self.model.create, requests)}
        self.occupied: set[IPv4Address] = set()
        self.seen: dict[float, Picture] = {}

    def gateway_id(self, first: bool) -> str:
        return list(self.primaries)[0 if first else 1]

    def elastic_ips(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Return Elastic IPs by number; none for private gateways."""
        return tuple(ELASTIC_IPS[number] for number in numbers) if self.connectivity == "public" else ()

    def keys(self, first: bool, wanted: list[IPv4Address]) -> list[AddressKey]:
        """Return what a removal names these addresses by, whether the gateway has them or not."""
        held = {it.private_ip: it.key for it in self.model.get(self.gateway_id(first)).attached(self.clock.now())}
        missing = {address: f"eipassoc-{address}" if self.connectivity == "public" else address for address in wanted}
        return [held.get(address, missing[address]) for address in wanted]

    def truth(self) -> Picture:
        return picture(self.model.visible())

    def busy(self, gateway_id: str) -> bool:
        return bool(self.model.get(gateway_id).in_transition(self.clock.now()))

    def try_change(self, first: bool, change: str, *arguments: object, **named: object) -> tuple[Address, ...] | None:
        """Make a call; a refusal must change nothing, and a busy gateway must refuse."""
        gateway_id = self.gateway_id(first)
        before = self.truth()
        try:
            was_busy = self.busy(gateway_id)
            touched: tuple[Address, ...] = getattr(self.model, change)(gateway_id, *arguments, **named)
        except ApiError:
            assert self.truth() == before
            return None
        assert not was_busy
        return touched

    @rule(first=st.booleans(), wanted=address_lists)
    def assign_named(self, first: bool, wanted: list[IPv4Address]) -> None:
        ids = self.elastic_ips(int(address) % 32 for address in wanted)
        touched = self.try_change(first, "assign", addresses=wanted, allocation_ids=ids)
        assert touched is None or [address.private_ip for address in touched] == wanted

    @rule(first=st.booleans(), count=st.integers(1, 12))
    def assign_count(self, first: bool, count: int) -> None:
        ids = self.elastic_ips(range(2, 2 + count))
        touched = self.try_change(first, "assign", count=0 if ids else count, allocation_ids=ids)
        assert touched is None or len({address.private_ip for address in touched}) == count

    @rule(first=st.booleans(), wanted=address_lists, drain=durations)
    def unassign_any(self, first: bool, wanted: list[IPv4Address], drain: float) -> None:
        self.try_unassign(first, wanted, drain)

    def try_unassign(self, first: bool, wanted: list[IPv4Address], drain: float) -> None:
        with contextlib.suppress(ApiError):  # the gateway is deleted
            keys = self.keys(first, wanted)
            self.try_change(first, "unassign", keys, drain, connectivity=self.connectivity)

    @rule(first=st.booleans(), data=st.data(), drain=durations)
    def unassign_held(self, first: bool, data: st.DataObject, drain: float) -> None:
        try:
            held = self.model.get(self.gateway_id(first)).attached(self.clock.now())
        except ApiError:
            return
        secondaries = [address.private_ip for address in held if not address.is_primary]
        if secondaries:
            wanted = data.draw(st.lists(st.sampled_from(secondaries), min_size=1, unique=True))
            self.try_unassign(first, wanted, drain)

    @rule(seconds=durations)
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(first=st.booleans(), address=addresses, last=connections)
    def set_connections(self, first: bool, address: IPv4Address, last: float | None) -> None:
        with contextlib.suppress(ApiError, ValueError):
            self.model.set_connections(self.gateway_id(first), str(address), last)

    @rule(address=st.sampled_from(USABLE))
    def someone_else_takes(self, address: IPv4Address) -> None:
        self.network.update(self.model.all(), self.clock.now())
        if address not in self.network.taken(SUBNET):
            subnet = self.network.backend.get_subnet(SUBNET)
            self.network.backend.create_network_interface(subnet, str(address))
            self.occupied.add(address)

    @precondition(lambda self: self.clock.now() > 1_750_000_400)
    @rule(first=st.booleans())
    def delete(self, first: bool) -> None:
        self.try_delete(self.gateway_id(first))

    def try_delete(self, gateway_id: str) -> None:
        try:
            self.model.delete(gateway_id)
        except ApiError as error:
            assert error.code == "NatGatewayNotFound"  # noqa: PT017 # what raises depends on the history

    @invariant()
    def no_gateway_loses_its_primary(self) -> None:
        now = self.clock.now()
        for gateway in self.model.all():
            if gateway.holds_addresses(now):
                [primary] = [address for address in gateway.attached(now) if address.is_primary]
                assert primary.private_ip == self.primaries[gateway.gateway_id]
                assert primary.status(now) is AddressStatus.SUCCEEDED

    @invariant()
    def no_gateway_exceeds_the_quota(self) -> None:
        now = self.clock.now()
        assert all(len(gateway.attached(now)) <= self.model.settings.quota for gateway in self.model.all())

    @invariant()
    def every_address_is_usable_and_held_once(self) -> None:
        now = self.clock.now()
        held = [address.private_ip for gateway in self.model.all() for address in gateway.attached(now)]
        assert len(set(held)) == len(held)
        assert set(held) <= set(USABLE)
        assert not self.occupied & set(held)

    @invariant()
    def what_is_held_is_what_is_accounted_for(self) -> None:
        now = self.clock.now()
        held = {address.private_ip for gateway in self.model.all() for address in gateway.attached(now)}
        self.network.update(self.model.all(), now)
        assert self.network.taken(SUBNET) == held | self.occupied

    @invariant()
    def an_elastic_ip_is_in_use_exactly_while_a_gateway_has_it(self) -> None:
        now = self.clock.now()
        self.network.update(self.model.all(), now)
        shown = {
            it.allocation_id: (it.association_id, it.private_ip_address)
            for it in self.network.backend.addresses
            if it.association_id
        }
        held = [address for gateway in self.model.all() for address in gateway.attached(now) if address.elastic]
        assert shown == {address.name: (address.key, str(address.private_ip)) for address in held}

    @invariant()
    def no_drain_outlasts_its_window(self) -> None:
        now = self.clock.now()
        drains = [a.drain for gateway in self.model.all() for a in gateway.attached(now) if a.drain is not None]
        assert all(drain.began_at <= now < drain.began_at + drain.max_seconds for drain in drains)

    @invariant()
    def a_stale_read_shows_what_a_read_showed_then(self) -> None:
        now = self.clock.now()
        self.seen[now] = self.truth()
        self.seen = dict(list(self.seen.items())[-MOMENTS_COMPARED:])
        for then, shown in self.seen.items():
            ago = now - then
            assert picture(self.model.visible(dict.fromkeys(self.primaries, ago).__getitem__)) == shown


TestModel = ModelMachine.TestCase
TestModel.settings = settings(stateful_step_count=30)
