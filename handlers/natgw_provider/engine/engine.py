"""The engine: everything the resources ask of EC2, for one configured provider.

It owns the connection, the readers, the poller and the locks; `converge` is how one change goes. Between two calls it
keeps nothing about a gateway but which resource changed it in this run.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from random import Random
from typing import Final, TypeVar

from natgw_provider.aws.api import Subnet
from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.errors import Abandoned, Ec2Error
from natgw_provider.aws.session import Log
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.change_plan import Assign, ChangePlan
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.operations import DESCRIBE, DESCRIBE_SUBNETS
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.engine import messages
from natgw_provider.engine.calls import Clock, CoalescingReader, Limits, SystemClock, call, repeat
from natgw_provider.engine.change import Caller, ChangeRequest, Outcome, Report, Stopped, TimedOut
from natgw_provider.engine.claims import Claims
from natgw_provider.engine.coalescing import LOCK_SECONDS, Coalescer
from natgw_provider.engine.converge import Change
from natgw_provider.engine.outcome import outcome_of
from natgw_provider.engine.polling import Poller
from natgw_provider.engine.sending import Call, denied_calls, one_call, operation_of
from natgw_provider.engine.watcher import Shared

Found = TypeVar("Found")

ABSENT_AGAIN_SECONDS: Final = 1.0
"""A gateway that a read does not find is read again after this long: it would be dropped from the state."""


class GatewayEngine:
    """Reads gateways and changes them; safe to use from many threads. Changes of one gateway run one after the other.

    Raises ProblemError wherever it has no answer; `carry_out` puts it into its Outcome instead.
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
        self._gateways = CoalescingReader[NatGateway](self._describe)
        self._subnets = CoalescingReader[Subnet](self._describe_subnets)
        self._cidr_blocks: dict[str, str] = {}
        poller = Poller(connection.calls.describe, self._clock)
        self._shared = Shared(connection=connection, poller=poller, clock=self._clock, random=self._random)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registry = threading.Lock()
        self._claims = Claims()
        self._coalescer = Coalescer(self._shared, self._lock_of)

    def location(self) -> str:
        """Return where it reads, for messages: "region eu-central-1 of account 123456789012"."""
        return self._connection.location

    def read(self, nat_gateway_id: str) -> NatGateway | None:
        """Return the gateway as EC2 shows it, also a deleted one; None when it does not exist. Shares calls."""
        try:
            found = self._gateways.read(nat_gateway_id)
            if found is None:
                self._clock.wait(self._stop, ABSENT_AGAIN_SECONDS)
                found = self._gateways.read(nat_gateway_id)
        except Ec2Error as error:
            raise self._explained(error, nat_gateway_id) from error
        return found

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        """Return the gateways that match DescribeNatGateways' filters, such as {"tag:team": ["a", "b"]}, by id."""
        found = chain.from_iterable(self.find_pages(filters, self._stop))
        return tuple(sorted(found, key=lambda gateway: gateway.nat_gateway_id))

    def find_pages(
        self, filters: Mapping[str, Sequence[str]], stop: threading.Event
    ) -> Iterator[tuple[NatGateway, ...]]:
        """Yield what `find` returns page by page, each read when it is asked for; `stop` ends the reading."""
        limits = Limits(self._clock, stop)
        tokens: list[str] = []
        is_last = False
        while not is_last:
            read = partial(self._connection.calls.find_page, filters, tuple(tokens))
            try:
                page, token = self._repeat(DESCRIBE, read, limits)
            except Ec2Error as error:
                raise self._explained(error, "the given filters") from error
            yield page
            is_last = token is None
            tokens += [token] if token else []

    def subnet_cidr_blocks(self, subnet_ids: Iterable[str]) -> dict[str, str]:
        """Return the IPv4 CIDR blocks of those subnets that exist, by id; one call for each 200."""
        try:
            found = self._describe_subnets(subnet_ids)
        except Ec2Error as error:
            raise self._explained(error, "the gateways' subnets") from error
        return {subnet_id: subnet.cidr_block for subnet_id, subnet in found.items()}

    def subnet(self, subnet_id: str | None, *, waits: bool = True) -> Subnet | None:
        """Return the subnet with its free addresses as of now; None when it does not exist.

        With `waits` false no other reader is expected to ask at the same moment.
        """
        if not subnet_id:
            return None
        try:
            return self._subnets.read(subnet_id, waits=waits)
        except Ec2Error as error:
            raise self._explained(error, subnet_id) from error

    def subnet_cidr_block(self, subnet_id: str | None) -> str | None:
        """Return the subnet's IPv4 CIDR block, read once since it never changes; None when it cannot be known.

        The gateway has just been read: if no other one ever was, no other reader comes now.
        """
        if subnet_id and subnet_id not in self._cidr_blocks:
            subnet = self.subnet(subnet_id, waits=self._gateways.has_company)
            if subnet is not None:
                self._cidr_blocks[subnet_id] = subnet.cidr_block
        return self._cidr_blocks.get(subnet_id or "")

    def preflight(
        self,
        kind: AddressKind,
        gateway: NatGateway,
        change: ChangePlan,
        max_drain_seconds: int,
        private_ips: Mapping[str, str] | None = None,
    ) -> tuple[Problem, ...]:
        """Dry-run every call of `change`; return what is not permitted, or cannot work at all. Changes nothing.

        `private_ips` are the private addresses to give to Elastic IPs, by key.
        """
        api, arn = self._connection.calls, self._connection.natgw_arn(gateway.nat_gateway_id)
        private_ips = private_ips or {}

        def dry_run(planned: Call) -> object:
            step = one_call(planned, private_ips) if isinstance(planned, Assign) else planned
            return self._repeat(
                operation_of(kind, planned),
                lambda: api.change(kind, gateway, step, max_drain_seconds, private_ips=private_ips, dry_run=True),
            )

        try:
            denials = denied_calls(kind, change, dry_run)
        except Ec2Error as error:
            return (messages.explain(error, gateway.nat_gateway_id, arn, kind),)
        return (messages.denied(denials, arn),) if denials else ()

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Report) -> Outcome:
        """Make the change, or refuse; say what is true afterwards. Waits while another change of the gateway runs.

        `stop` ends it at the next moment at which nothing is left half done. `report` gets a line now and then.
        """
        if (problem := self._claims.claim(request)) is not None:
            return Outcome(gateway=None, failure=problem)
        caller = Caller(stop, self._clock.now() + request.timeout_seconds, report)
        try:
            if request.release is None:
                return self._run(request, caller)
            return self._move(request, request.release, caller)
        finally:
            self._claims.end(request)

    def _move(self, request: ChangeRequest, release: ChangeRequest, caller: Caller) -> Outcome:
        """Release on one gateway, then change the other; release nothing while something is against the change."""
        rehearsed = outcome_of(request, Change(request, self._shared, caller).rehearse())
        if rehearsed.failure is not None:
            return Outcome(gateway=None, failure=messages.before_release(rehearsed.failure, release))
        released = self._run(release, caller)
        if released.failure is not None:
            return released
        outcome = self._run(request, caller)
        failure = outcome.failure
        return replace(
            outcome,
            gateway=outcome.gateway or rehearsed.gateway,
            failure=failure and messages.half_moved(failure, release, request.nat_gateway_id),
            has_left=True,
        )

    def _run(self, request: ChangeRequest, caller: Caller) -> Outcome:
        """Run a change, with others of its gateway or once no other one runs."""
        lock = self._lock_of(request.nat_gateway_id)
        if lock.locked():
            caller.report(messages.waiting_for_change(request.nat_gateway_id))
        if request.shares_gateway:
            return self._coalescer.carry_out(request, caller)
        # Not a plain acquire: a stop and the deadline have to end this wait, too.
        while not lock.acquire(blocking=False):
            if self._clock.wait(caller.stop, LOCK_SECONDS):
                return Outcome(gateway=None, failure=messages.not_begun(request, Stopped()))
            if self._clock.now() >= caller.deadline:
                return Outcome(gateway=None, failure=messages.not_begun(request, TimedOut()))
        try:
            return outcome_of(request, Change(request, self._shared, caller).run())
        finally:
            lock.release()

    def _lock_of(self, nat_gateway_id: str) -> threading.Lock:
        with self._registry:
            return self._locks[nat_gateway_id]

    def _describe(self, nat_gateway_ids: Iterable[str]) -> Mapping[str, NatGateway]:
        return self._repeat(DESCRIBE, lambda: self._connection.calls.describe(nat_gateway_ids))

    def _describe_subnets(self, subnet_ids: Iterable[str]) -> Mapping[str, Subnet]:
        return self._repeat(DESCRIBE_SUBNETS, lambda: self._connection.calls.describe_subnets(subnet_ids))

    def _repeat(self, operation: str, work: Callable[[], Found], limits: Limits | None = None) -> Found:
        attempts, limits = self._connection.read_attempts, limits or self._limits
        return repeat(operation, work, limits, attempts=attempts, random=self._random, report=self._report)

    def _explained(self, error: Ec2Error, subject: str) -> ProblemError:
        return ProblemError(messages.explain(error, subject, self._connection.natgw_arn(subject)))


def connect_engine(settings: ConnectionSettings, stop: threading.Event, log: Log) -> GatewayEngine:
    """Connect to AWS and return an engine for it. Raises ProblemError, also when it is stopped."""
    limits = Limits(SystemClock(), stop)
    try:
        # No limit for all of it: a credential_process may ask a person.
        connection = call("GetCallerIdentity", lambda: connect(settings, log), limits, seconds=math.inf)
    except Abandoned as error:
        raise ProblemError(messages.UNANSWERED) from error
    return GatewayEngine(connection, stop=stop, report=log)
