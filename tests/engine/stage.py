"""What the engine's tests act on: a simulated AWS, a clock that nobody waits for, and short ways to ask for changes.

The tests speak of private addresses. On a public gateway, the Elastic IP `elastic_ip(address)` stands for each, and
`Stage` translates what goes in and what comes out: so each test runs with both kinds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from random import Random
from typing import Any

import pytest
from moto.core.request import Request
from werkzeug.wrappers import Response

from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.client import Connection
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS, AddressKind
from natgw_provider.core.addresses import is_allocation_id
from natgw_provider.core.change_plan import plan_change
from natgw_provider.core.diff import Approval, Count, ExactSet, Part, Rules, Target
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import ChangeSettings
from natgw_provider.engine.change import ChangeRequest, Outcome
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.simulator.calls import Call
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.inputs import Settings
from natgw_provider.simulator.lifecycle import ElasticIp
from natgw_provider.simulator.simulator import Simulator
from support.either_kind import elastic_ip, plain

GATEWAY = "nat-0a1b2c3d4e5f67890"
OTHER = "nat-0000000000000beef"
ARN = f"arn:aws:ec2:eu-central-1:123456789012:natgateway/{GATEWAY}"
DESCRIBE = "DescribeNatGateways"
ASSIGN = "AssignPrivateNatGatewayAddress"
UNASSIGN = "UnassignPrivateNatGatewayAddress"
ONE_ATTEMPT = {"mode": "standard", "total_max_attempts": 1}


PRIVATE_ONLY = pytest.mark.parametrize("stage", [PRIVATE_IPS], indirect=True)
"""Marks a test that is the same for every kind, or needs what public gateways do not have."""


def ip(*hosts: int) -> tuple[str, ...]:
    return tuple(f"10.0.0.{host}" for host in hosts)


class Relay:
    """Hands a client's requests to whatever simulator is tested now."""

    client: Any
    simulator: Simulator

    def handle(self, request: Request) -> Response:
        return self.simulator.handle(request)


class SoloClock:
    """The simulator's clock for one thread at a time: waiting moves it. `at` calls something when a time is reached."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self._lock = threading.RLock()
        self._due: list[tuple[float, Callable[[], object]]] = []

    def now(self) -> float:
        return self.clock.now()

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Call `action` `seconds` from now."""
        self._due.append((self.now() + seconds, action))

    def forget(self) -> None:
        """Call nothing of what is still due."""
        self._due.clear()

    def skip(self) -> None:
        """Wait for what is due next, if anything is."""
        if self._due:
            self.wait(threading.Event(), min(due for due, _ in self._due) - self.now())

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self._lock:
            return self._wait(event, seconds)

    def _wait(self, event: threading.Event, seconds: float) -> bool:
        end = self.now() + seconds
        while not event.is_set() and (due := [entry for entry in self._due if entry[0] <= end]):
            entry = min(due, key=lambda entry: entry[0])
            self._due.remove(entry)
            self.clock.advance(max(0.0, entry[0] - self.now()))
            entry[1]()
        if not event.is_set():
            self.clock.advance(max(0.0, end - self.now()))
        return event.is_set()


class CrowdClock:
    """The simulator's clock for several threads: it moves when all of them wait, to where the first one wants to be."""

    def __init__(self, clock: ManualClock, threads: int) -> None:
        self.clock = clock
        self._threads = threads
        self._condition = threading.Condition()
        self._waiting: dict[int, float] = {}

    def now(self) -> float:
        return self.clock.now()

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def leave(self) -> None:
        """Say that one thread will not wait any more."""
        with self._condition:
            self._threads -= 1
            self._move()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        me = threading.get_ident()
        with self._condition:
            end = self.now() + seconds
            self._waiting[me] = end
            self._move()
            while self.now() < end and not event.is_set():
                self._condition.wait(timeout=5)
            del self._waiting[me]
        return event.is_set()

    def _move(self) -> None:
        if self._waiting and len(self._waiting) >= self._threads:
            self.clock.advance(max(0.0, min(self._waiting.values()) - self.now()))
            self._condition.notify_all()


class Ended(Outcome):
    """An outcome as tests ask about it: "" where nothing failed; it has to have a gateway where they ask for that."""

    __slots__ = ()

    @property
    def summary(self) -> str:
        return self.failure.summary if self.failure else ""

    @property
    def detail(self) -> str:
        return self.failure.detail if self.failure else ""

    @property
    def seen(self) -> NatGateway:
        assert self.gateway is not None
        return self.gateway

    @property
    def attached(self) -> tuple[str, ...]:
        return self.seen.attached

    @property
    def draining(self) -> tuple[str, ...]:
        return self.seen.draining


def at_once(tasks: Sequence[Callable[[], Any]], then: Callable[[], object] = lambda: None) -> list[Any]:
    """Run all of them, each in a thread that calls `then` at its end; return what each returned or raised."""

    def run(task: Callable[[], Any]) -> Any:
        try:
            return task()
        finally:
            then()

    with ThreadPoolExecutor(len(tasks)) as threads:
        futures = [threads.submit(run, task) for task in tasks]
    return [future.exception() or future.result() for future in futures]


def connection_of(api: Any) -> Connection:
    """Return a connection whose calls all go through `api`."""
    return Connection(api, "eu-central-1", "aws", "123456789012", read_attempts=5)


class Stage:
    """A simulated AWS with a gateway, and the engine."""

    def __init__(self, relay: Relay, kind: AddressKind = PRIVATE_IPS) -> None:
        self.kind = kind
        self.is_public = kind is ELASTIC_IPS
        self.manual = ManualClock()
        self.aws = relay.simulator = Simulator(clock=self.manual)
        self.clock = SoloClock(self.manual)
        self.api = Ec2Api(relay.client)
        self.engine = self.new_engine()
        self.stop = threading.Event()
        self.lines: list[str] = []
        self._associations: dict[str, str] = {}
        if self.is_public:
            self.settings(quota=8)
            self._note_associations()

    def _note_associations(self) -> None:
        network = self.aws.model().network
        elastic_ips = network.elastic_ips

        def noting(allocation_ids: Sequence[str]) -> list[ElasticIp]:
            found = elastic_ips(allocation_ids)
            self._associations |= {it.association_id: it.allocation_id for it in found}
            return found

        network.elastic_ips = noting

    # Between what the tests speak of and the kind of the gateway.

    def key(self, address: str) -> str:
        """Return the key that stands for an address; its Elastic IP is allocated then."""
        if not self.is_public:
            return address
        self.aws.model().network.allocate(elastic_ip(address))
        return elastic_ip(address)

    def keys(self, addresses: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.key, addresses))

    def plain_keys(self, keys: Iterable[object]) -> tuple[str, ...]:
        """Return the addresses that keys stand for, those of associations included."""
        texts = map(str, keys)
        return tuple(self.plain(self._associations.get(key, key)) for key in texts)

    def plain(self, text: str) -> str:
        """Return a text as it reads of private addresses."""
        return plain(text) if self.is_public else text

    def plain_outcome(self, outcome: Outcome) -> Ended:
        """Return an outcome as it reads of private addresses."""
        gateway, failure, assigned = outcome.gateway, outcome.failure, tuple(map(self.plain, outcome.assigned))
        if self.is_public and gateway is not None:
            gateway = replace(gateway, addresses=tuple(map(self._plain_address, gateway.addresses)))
        if self.is_public and failure is not None:
            path = tuple(PRIVATE_IPS.argument if it == self.kind.argument else it for it in failure.path)
            failure = Problem(path, self.plain(failure.summary), self.plain(failure.detail))
        return Ended(gateway=gateway, failure=failure, assigned=assigned, has_left=outcome.has_left)

    def _plain_address(self, address: NatGatewayAddress) -> NatGatewayAddress:
        assert address.status not in (AddressStatus.ASSIGNING, AddressStatus.UNASSIGNING), "those of private addresses"
        assert not is_allocation_id(address.private_address)
        status = address.status and AddressStatus(self.plain(address.status))
        return NatGatewayAddress(
            key=self.plain(address.key),
            status=status,
            is_primary=address.is_primary,
            network_interface_id=address.network_interface_id,
            failure_message=address.failure_message,
        )

    def new_engine(self, clock: Any = None, api: Any = None) -> GatewayEngine:
        """Another process, so to speak."""
        return GatewayEngine(connection_of(api or self.api), clock=clock or self.clock, random=Random(7))  # noqa: S311 - it spreads waits

    def seed(self, *hosts: int, gateway: str = GATEWAY, primary: int = 4, **more: Any) -> str:
        """Make a gateway with these secondaries, in service."""
        if self.is_public:
            more |= {"connectivity": "public", "allocation_ids": list(self.keys(ip(primary, *hosts)))}
        seed = self.aws.seed(nat_gateway_id=gateway, primary=f"10.0.0.{primary}", secondaries=list(ip(*hosts)), **more)
        return seed.nat_gateway_id

    def seed_beside(self, *hosts: int) -> None:
        """Make the gateway OTHER with these secondaries, in the subnet of the first one."""
        subnet = self.api.describe([GATEWAY])[GATEWAY].subnet_id
        self.seed(*hosts, gateway=OTHER, primary=5, subnet_id=subnet)

    def create(self, *hosts: int) -> str:
        """Make a gateway that is new, in the subnet of the seeded one, as a client does; return its id."""
        subnet = self.api.describe([GATEWAY])[GATEWAY].subnet_id
        wanted = {"ConnectivityType": "private", "SecondaryPrivateIpAddresses": list(ip(*hosts))}
        if self.is_public:
            first, *others = self.keys(ip(5, *hosts))
            wanted = {"ConnectivityType": "public", "AllocationId": first, "SecondaryAllocationIds": others}
        made = self.aws.client().create_nat_gateway(SubnetId=subnet, **wanted)
        return str(made["NatGateway"]["NatGatewayId"])

    def settings(self, **changes: Any) -> Settings:
        if self.is_public and "quota" in changes:
            changes["elastic_ip_quota"] = changes.pop("quota")
        return self.aws.change_settings(**changes)

    def fault(self, kind: str, **parameters: Any) -> str:
        if "actions" in parameters:
            own = {ASSIGN: self.kind.assign, UNASSIGN: self.kind.unassign}
            given = parameters["actions"]
            parameters["actions"] = [
                own.get(action, action) for action in ([given] if isinstance(given, str) else given)
            ]
        if "addresses" in parameters:
            parameters["addresses"] = list(self.keys(parameters["addresses"]))
        return self.aws.add_fault(kind, **parameters)

    def calls(self, *actions: str) -> list[Call]:
        """Return the calls in order, or those of some actions, under the names of the actions on private addresses."""
        named = [replace(call, action=self.plain(call.action)) for call in self.aws.calls()]
        return [call for call in named if not actions or call.action in actions]

    def mutations(self) -> list[tuple[str, tuple[str, ...] | int, str]]:
        """Return the calls that change something, dry runs left out: action, addresses or count, outcome."""
        return [self._mutation(call) for call in self.calls(ASSIGN, UNASSIGN) if not call.dry_run]

    def _mutation(self, call: Call) -> tuple[str, tuple[str, ...] | int, str]:
        given = call.parameters
        named = given.get("AllocationIds", ()) or given.get("AssociationIds", ()) or given.get("PrivateIpAddresses", ())
        keys = self.plain_keys(named)
        return call.action, keys or int(given["PrivateIpAddressCount"]), call.outcome

    def effective(self, action: str) -> list[tuple[str, ...] | int]:
        """Return what the calls of an action that took effect were about."""
        return [what for name, what, outcome in self.mutations() if name == action and outcome in ("ok", "AnswerLost")]

    def count(self, action: str) -> int:
        """Return how many calls of an action were made, dry runs included."""
        return len(self.calls(action))

    def truth(self, gateway: str = GATEWAY, *, at: float | None = None) -> dict[str, str]:
        """Return the secondaries and their statuses as they are (or were, `at` a time), whatever reads show."""
        moment = self.manual.now() if at is None else at
        listed = self.aws.model().get(gateway).listed(moment)
        secondaries = [address for address in listed if not address.is_primary]
        return {self.plain(address.name): self.plain(address.status(moment).value) for address in secondaries}

    def outside(
        self, action: str, *hosts: int, drain: int = 350, gateway: str = GATEWAY, names_private_ips: bool = False
    ) -> None:
        """Someone else assigns or unassigns, unhindered by faults.

        With `names_private_ips` an Elastic IP gets the private address that it stands for, else one that AWS picks.
        """
        model = self.aws.model()
        if self.is_public:
            keys = self.keys(ip(*hosts))
            held = {it.name: it.key for it in model.get(gateway).addresses}
        else:
            keys = tuple(IPv4Address(address) for address in ip(*hosts))
        if action == ASSIGN:
            named = {"addresses": tuple(map(IPv4Address, ip(*hosts)))} if names_private_ips else {}
            model.assign(gateway, **({**named, "allocation_ids": keys} if self.is_public else {"addresses": keys}))
        elif self.is_public:
            model.unassign(gateway, [held.get(key, key) for key in keys], drain, connectivity="public")
        else:
            model.unassign(gateway, keys, drain)

    def request(self, wanted: Iterable[str] | int, **overrides: Any) -> ChangeRequest:
        """Return a request for a set or a number of secondaries, approved as planned on what is true now."""
        if isinstance(wanted, int) and self.is_public:
            pytest.skip("AWS picks no Elastic IPs")
        drain: int = overrides.pop("max_drain_seconds", 60)
        gateway_id = overrides.get("nat_gateway_id", GATEWAY)
        target: Target = Count(wanted) if isinstance(wanted, int) else ExactSet(self.keys(wanted))
        for name in ("approved_unassign", "approved_assign"):
            if isinstance(overrides.get(name), frozenset):
                overrides[name] = frozenset(self.keys(overrides[name]))
        planned_on = overrides.pop("planned_on", None) or self.api.describe([gateway_id])[gateway_id]
        rules = Rules(quota=overrides.pop("quota", 8))
        change = plan_change(target.diff(planned_on), planned_on, quota=rules.quota)
        approval = Approval(
            unassign=overrides.pop("approved_unassign", frozenset(change.diff.unassign)),
            assign=overrides.pop(
                "approved_assign",
                change.diff.assign_count if isinstance(wanted, int) else frozenset(change.diff.assign),
            ),
            in_service_low=overrides.pop("in_service_low", change.in_service_low),
        )
        defaults: dict[str, Any] = {
            "nat_gateway_id": gateway_id,
            "kind": self.kind,
            "target": target,
            "approval": approval,
            "rules": rules,
            "settings": ChangeSettings(
                max_drain_duration_seconds=drain,
                wait_for_drain=overrides.pop("wait_for_drain", True),
                min_in_service_addresses=overrides.pop("min_in_service", None),
            ),
            "timeout_seconds": drain + 600.0,
        }
        return ChangeRequest(**(defaults | overrides))

    def destroy_request(self, *hosts: int, **overrides: Any) -> ChangeRequest:
        """Return the request of a destroy of these."""
        held = frozenset(ip(*hosts))
        release = {
            "planned_on": NOTHING,
            "target": Part(remove=frozenset(self.keys(held))),
            "approved_unassign": held,
            "in_service_low": None,
        }
        return self.request((), **(release | overrides))

    def carry_out(self, request: ChangeRequest, engine: GatewayEngine | None = None) -> Ended:
        report = lambda line: self.lines.append(self.plain(line))  # noqa: E731
        return self.plain_outcome((engine or self.engine).carry_out(request, self.stop, report))

    def change(self, wanted: Iterable[str] | int, **overrides: Any) -> Ended:
        """Ask for a set or a number of secondaries, and carry it out in a process of its own."""
        request = self.request(wanted, **overrides)
        self.aws.clear_calls()
        return self.carry_out(request, self.new_engine())


CALLING = {ASSIGN: ": assigning ", UNASSIGN: ": unassigning "}
"""What the line of progress says just before a call."""


class Lines(list[str]):
    """Progress lines; calls `then` when one first speaks of `word`, which is just before what it speaks of."""

    def __init__(self, word: str, then: Callable[[], object]) -> None:
        super().__init__()
        self._word = word
        self._then: Callable[[], object] | None = then

    def append(self, line: str) -> None:
        super().append(line)
        if self._then is not None and self._word in line:
            then, self._then = self._then, None
            then()


def _nothing() -> NatGateway:
    primary = NatGatewayAddress(key="10.0.0.4", is_primary=True)
    return NatGateway(
        nat_gateway_id=GATEWAY,
        state=GatewayState.AVAILABLE,
        connectivity_type="private",
        vpc_id="vpc-1",
        subnet_id="subnet-1",
        addresses=(primary,),
    )


NOTHING = _nothing()
"""A gateway without secondaries."""
