"""The engine: everything the resources ask of EC2, for one configured provider.

It owns the connection, the readers, the poller and the locks; how one change goes is `change_run`'s business. It keeps
nothing about a gateway from one call to the next but who claimed it.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.errors import Abandoned, Ec2Error
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.aws.snapshot import Subnet
from natgw_provider.aws.transport import Log
from natgw_provider.core import names
from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.operations import DESCRIBE, DESCRIBE_SUBNETS
from natgw_provider.ec2 import narration
from natgw_provider.ec2.change import ChangeRequest, Outcome, Report
from natgw_provider.ec2.change_run import ChangeRun
from natgw_provider.ec2.clock import Clock, SystemClock
from natgw_provider.ec2.failures import EngineError, Failure
from natgw_provider.ec2.in_flight import Limits, call, repeat
from natgw_provider.ec2.observer import Surroundings
from natgw_provider.ec2.preflight import Call, action_of, denied_calls, dry_run
from natgw_provider.ec2.reader import CoalescingReader
from natgw_provider.ec2.waiting import Poller

Found = TypeVar("Found")

ABSENT_AGAIN_SECONDS: Final = 1.0
"""A gateway that a read misses is asked for again after this long: it would be dropped from the state."""

LOCK_SECONDS: Final = 1.0
"""How often a change that waits for another one of the same gateway tries again."""


class Ec2Engine:
    """Reads gateways and changes them; safe to use from many threads. Changes of one gateway run one after the other.

    Raises EngineError wherever it has no answer; `carry_out` puts it into its Outcome instead.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        stop: threading.Event | None = None,
        report: Report | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """`stop` ends the reads and dry runs of plans; `report` gets a line when one is repeated."""
        self._connection = connection
        self._clock = clock or SystemClock()
        self._random = random or Random()  # noqa: S311 - it spreads waits
        self._stop = stop or threading.Event()
        self._report = report
        self._limits = Limits(self._clock, self._stop)
        self._reader = CoalescingReader[NatGateway](self._describe)
        self._subnets = CoalescingReader[Subnet](self._describe_subnets)
        self._cidr_blocks: dict[str, str] = {}
        self._surroundings = Surroundings(
            poller=Poller(self._describe_once, self._clock),
            clock=self._clock,
            random=self._random,
            read_attempts=connection.read_attempts,
        )
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._claimed: set[str] = set()
        self._registry = threading.Lock()

    def location(self) -> str:
        """Return where it looks, for messages: "region eu-central-1 of account 123456789012"."""
        return self._connection.location

    def read(self, nat_gateway_id: str) -> NatGateway | None:
        """Return the gateway as EC2 shows it, also a deleted one; None when there is none. Shares calls with others."""
        try:
            found = self._reader.read(nat_gateway_id)
            if found is None:
                self._clock.wait(self._stop, ABSENT_AGAIN_SECONDS)
                found = self._reader.read(nat_gateway_id)
        except Ec2Error as error:
            raise self._explained(error, nat_gateway_id) from error
        return found

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        """Return the gateways that match DescribeNatGateways' filters, such as {"tag:team": ["a", "b"]}, by id."""
        try:
            found = self._patiently(DESCRIBE, lambda: self._connection.calls.find(filters))
        except Ec2Error as error:
            raise self._explained(error, "the given filters") from error
        return tuple(sorted(found, key=lambda gateway: gateway.nat_gateway_id))

    def subnet(self, subnet_id: str | None) -> Subnet | None:
        """Return the subnet with its free addresses as of now; None when there is none."""
        return self._subnet(subnet_id, waits=True) if subnet_id else None

    def subnet_cidr_block(self, subnet_id: str | None) -> str | None:
        """Return the subnet's IPv4 CIDR block, asked for once since it never changes; None when there is none.

        Who asks has just read the gateway: if that was the only one ever read, nobody else asks now.
        """
        if not subnet_id:
            return None
        if subnet_id not in self._cidr_blocks:
            subnet = self._subnet(subnet_id, waits=self._reader.has_company)
            if subnet is None:
                return None
            self._cidr_blocks[subnet_id] = subnet.cidr_block
        return self._cidr_blocks[subnet_id]

    def preflight(self, nat_gateway_id: str, change: ChangePlan, max_drain_seconds: int) -> tuple[Failure, ...]:
        """Dry-run every call of `change`; return what is not permitted, or cannot work at all. Changes nothing."""
        api = self._connection.calls

        def check(planned: Call) -> None:
            self._patiently(action_of(planned), lambda: dry_run(api, nat_gateway_id, planned, max_drain_seconds))

        try:
            denials = denied_calls(change, check)
        except Ec2Error as error:
            return (self._explained(error, nat_gateway_id).failure,)
        return (narration.denied(denials, self._connection.natgw_arn(nat_gateway_id)),) if denials else ()

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Report) -> Outcome:
        """Make the change, or refuse; say what is true afterwards. Waits while another change of the gateway runs.

        `stop` ends it at the next moment at which nothing is left half done. `report` gets a line now and then.
        """
        gateway_id = request.nat_gateway_id
        if not request.is_release and not self._claim(gateway_id):
            return Outcome(gateway=None, failure=_claimed_twice(gateway_id))
        if request.release is None:
            return self._locked(request, stop, report)
        return self._move(request, request.release, stop, report)

    def _move(self, request: ChangeRequest, release: ChangeRequest, stop: threading.Event, report: Report) -> Outcome:
        """Release on one gateway, then change the other; release nothing while something is against the change."""
        began = self._clock.now()
        tried = self._run(request, stop, report).rehearse()
        if tried.failure is not None:
            return Outcome(gateway=None, failure=narration.before_release(tried.failure, release))
        released = self._locked(release, stop, report, spent=self._clock.now() - began)
        if released.failure is not None:
            return released
        outcome = self._locked(request, stop, report, spent=self._clock.now() - began)
        failure = outcome.failure
        return replace(
            outcome,
            gateway=outcome.gateway or tried.gateway,
            failure=failure and narration.half_moved(failure, release, request.nat_gateway_id),
            warnings=(*released.warnings, *outcome.warnings),
            has_left=True,
        )

    def _locked(self, request: ChangeRequest, stop: threading.Event, report: Report, *, spent: float = 0.0) -> Outcome:
        """Run the change once no other one of its gateway runs; `spent` seconds of its time are over, or waited for."""
        began = self._clock.now() - spent
        with self._registry:
            lock = self._locks[request.nat_gateway_id]
        while not lock.acquire(blocking=False):
            if self._clock.wait(stop, LOCK_SECONDS):
                return Outcome(gateway=None, failure=_stopped_before(request.nat_gateway_id))
            spent = self._clock.now() - began
            if spent >= request.timeout_seconds:
                return Outcome(gateway=None, failure=_timed_out_before(request))
        try:
            return self._run(request, stop, report, spent=spent).run()
        finally:
            lock.release()

    def _subnet(self, subnet_id: str, *, waits: bool) -> Subnet | None:
        try:
            return self._subnets.read(subnet_id, waits=waits)
        except Ec2Error as error:
            raise self._explained(error, subnet_id) from error

    def _run(self, request: ChangeRequest, stop: threading.Event, report: Report, *, spent: float = 0.0) -> ChangeRun:
        def arn() -> str:
            return self._connection.natgw_arn(request.nat_gateway_id)

        calls, around = self._connection.calls, self._surroundings
        return ChangeRun(request, calls, around, arn=arn, stop=stop, report=report, spent=spent)

    # The client is made when first used, so the readers must not take hold of it earlier.

    def _describe(self, nat_gateway_ids: Iterable[str]) -> Mapping[str, NatGateway]:
        return self._patiently(DESCRIBE, lambda: self._describe_once(nat_gateway_ids))

    def _describe_once(self, nat_gateway_ids: Iterable[str]) -> Mapping[str, NatGateway]:
        return self._connection.calls.describe(nat_gateway_ids)

    def _describe_subnets(self, subnet_ids: Iterable[str]) -> Mapping[str, Subnet]:
        return self._patiently(DESCRIBE_SUBNETS, lambda: self._connection.calls.describe_subnets(subnet_ids))

    def _patiently(self, action: str, work: Callable[[], Found]) -> Found:
        attempts = self._connection.read_attempts
        return repeat(action, work, self._limits, attempts=attempts, random=self._random, report=self._report)

    def _claim(self, nat_gateway_id: str) -> bool:
        with self._registry:
            is_free = nat_gateway_id not in self._claimed
            self._claimed.add(nat_gateway_id)
        return is_free

    def _explained(self, error: Ec2Error, subject: str) -> EngineError:
        return EngineError(narration.explain(error, subject, self._connection.natgw_arn(subject)))


def connect_engine(settings: ConnectionSettings, stop: threading.Event, log: Log) -> Ec2Engine:
    """Connect to AWS and return an engine for it. Raises ConnectionProblem, and EngineError when it is stopped."""
    limits = Limits(SystemClock(), stop)
    try:
        # No limit for all of it: a credential_process may ask a person.
        connection = call("GetCallerIdentity", lambda: connect(settings, log), limits, seconds=math.inf)
    except Abandoned as error:
        raise EngineError(narration.UNANSWERED) from error
    return Ec2Engine(connection, stop=stop, report=log.debug)


def _claimed_twice(nat_gateway_id: str) -> Failure:
    return Failure(
        "Two resources manage one NAT gateway",
        f"Another {names.RESOURCE_TYPE} in this configuration has just set the secondary addresses of "
        f"{nat_gateway_id}. Each declares the full set, so they would undo each other on every apply. Nothing was "
        "changed by this one. Declare all addresses of the gateway in one resource.",
        (names.NAT_GATEWAY_ID,),
    )


def _timed_out_before(request: ChangeRequest) -> Failure:
    failure = narration.timed_out(request.timeout_seconds, operation=request.operation)
    still = f"Nothing was changed: another change of {request.nat_gateway_id} was still running."
    return replace(failure, detail=f"{failure.detail} {still}")


def _stopped_before(nat_gateway_id: str) -> Failure:
    return Failure(
        "Interrupted",
        f"Stopped on request, before anything was changed: another change of {nat_gateway_id} was still running.",
    )
