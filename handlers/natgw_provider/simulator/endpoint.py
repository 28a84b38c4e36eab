"""One EC2, STS and IAM endpoint without a socket: a request in, an answer out, or a dropped connection.

It applies the faults in force, lets the model or moto act, and logs the call. One lock makes calls take effect one
after the other; latency is waited for outside of it.
"""

from __future__ import annotations

import base64
import re
import threading
from http import HTTPStatus

from natgw_provider.simulator import (
    calls,
    errors,
    fast_moto,  # noqa: F401 # before anything else imports moto
    wire,
)
from natgw_provider.simulator.calls import Call, CallLog
from natgw_provider.simulator.clock import Clock
from natgw_provider.simulator.effects import Effects
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.fault_book import ErrorAnswer, FaultBook, Verdict
from natgw_provider.simulator.faults import FaultKind
from natgw_provider.simulator.guards import check_outside_call
from natgw_provider.simulator.http_messages import Answer, ConnectionDropped, Request
from natgw_provider.simulator.incoming import Incoming, check, understand
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.moto_identity import MotoIdentity
from natgw_provider.simulator.moto_surroundings import REGIONS, MotoAnswer, MotoSurroundings, answer_ec2
from natgw_provider.simulator.operations import perform
from natgw_provider.simulator.rate_limits import RateLimits
from natgw_provider.simulator.settings import Settings

_CODE = re.compile(rb"<Code>([^<]*)</Code>")


class Region:
    """The gateways of one region, and what moto keeps around them."""

    def __init__(self, name: str, account_id: str, clock: Clock, settings: Settings) -> None:
        self.name = name
        self.surroundings = MotoSurroundings(name, account_id)
        self.model = NatGatewayModel(self.surroundings, clock, settings)
        self.rate_limits = RateLimits()


class Endpoint:
    """The simulated services of one account. Safe for concurrent callers."""

    def __init__(self, *, region: str, account_id: str, clock: Clock, settings: Settings) -> None:
        self.home = region
        self.account_id = account_id
        self.clock = clock
        self.lock = threading.RLock()
        self.faults = FaultBook()
        self.calls = CallLog()
        self._identity = MotoIdentity(account_id)
        self._settings = settings
        self._regions: dict[str, Region] = {}

    @property
    def settings(self) -> Settings:
        """How the simulated service behaves; may be replaced at any time."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        with self.lock:
            self._settings = settings
            for region in self._regions.values():
                region.model.settings = settings

    def region(self, name: str | None = None) -> Region:
        """Return a region (default: the home region), made at first use."""
        wanted = name or self.home
        with self.lock:
            if wanted not in self._regions:
                self._regions[wanted] = Region(wanted, self.account_id, self.clock, self._settings)
            return self._regions[wanted]

    def regions(self) -> list[Region]:
        """Return the regions that were used so far."""
        with self.lock:
            return list(self._regions.values())

    def reset(self) -> None:
        """Forget every resource, fault and call; settings and clock stay."""
        with self.lock:
            self._regions.clear()
            self.faults.clear()
            self.calls.clear()
            self._identity.forget()

    def handle(self, request: Request) -> Answer:
        """Answer a request. Raises ConnectionDropped when a fault says so."""
        incoming = understand(request, self.home)
        try:
            incoming = check(incoming, REGIONS)
            return self._answer(incoming)
        except ApiError as error:
            return self._refuse(incoming, error)
        except ConnectionDropped:
            raise
        except Exception as error:  # noqa: BLE001 # moto raises anything, and a server answers all the same
            message = f"The simulator failed: {error!r}"
            return self._refuse(incoming, ApiError("InternalError", message, HTTPStatus.INTERNAL_SERVER_ERROR))

    def _answer(self, incoming: Incoming) -> Answer:
        verdict = self._judge(incoming)
        if verdict.reset:
            self._log(incoming, calls.CONNECTION_RESET, None)
            raise ConnectionDropped(reset=True)
        if verdict.error is not None and not verdict.error.after_acting:
            raise self._fault_error(verdict.error, incoming)
        with self.lock:
            answer = self._act(incoming, verdict.effects)
            if verdict.lost:
                self._log(incoming, calls.ANSWER_LOST, None, f"was {_outcome(answer)}")
                raise ConnectionDropped(reset=False, hang_seconds=verdict.hang_seconds)
            if verdict.error is not None:
                raise self._fault_error(verdict.error, incoming)
            self._log(incoming, _outcome(answer), answer.status)
            return answer

    def _judge(self, incoming: Incoming) -> Verdict:
        with self.lock:
            if self.settings.throttling and incoming.service == "ec2":
                limits = self.region(incoming.region).rate_limits
                if not limits.admit(incoming.action, self.clock.now()):
                    raise errors.throttled()
            verdict = self.faults.judge(
                incoming.action, incoming.gateway_ids, dry_run=incoming.dry_run, now=self.clock.now()
            )
        if verdict.latency_seconds:
            self.clock.sleep(verdict.latency_seconds)
        return verdict

    def _act(self, incoming: Incoming, effects: Effects) -> Answer:
        try:
            if incoming.service != "ec2":
                return _from_moto(self._identity.answer(incoming.service, incoming.environ))
            region = self.region(incoming.region)
            if incoming.ours:
                result = perform(region.model, incoming.action, incoming.parameters, effects)
                return _xml(HTTPStatus.OK, wire.serialize(incoming.action, result, self._request_id()))
            check_outside_call(region.model, incoming.action, incoming.parameters)
            region.surroundings.reflect(region.model)
            return _from_moto(answer_ec2(region.surroundings, incoming.environ))
        except NotImplementedError:
            error = ApiError("UnsupportedOperation", f"The simulator does not implement {incoming.action}")
        except ApiError as refusal:
            error = refusal
        return self._render(incoming, error)

    def _fault_error(self, error: ErrorAnswer, incoming: Incoming) -> ApiError:
        message = error.message
        if error.kind is FaultKind.DENIAL:
            message = f"{message} {_denial(incoming, self.account_id)}"
        return ApiError(error.code or self.settings.busy_code, message, error.status)

    def _refuse(self, incoming: Incoming, error: ApiError) -> Answer:
        answer = self._render(incoming, error)
        self._log(incoming, error.code, error.status, error.message)
        return answer

    def _render(self, incoming: Incoming, error: ApiError) -> Answer:
        return _xml(error.status, wire.serialize_error(error, self._request_id(), incoming.service))

    def _log(self, incoming: Incoming, outcome: str, status: int | None, message: str | None = None) -> None:
        with self.lock:
            self.calls.record(
                Call(
                    number=self.calls.next_number(),
                    service=incoming.service,
                    action=incoming.action,
                    gateway_ids=incoming.gateway_ids,
                    parameters=incoming.parameters,
                    dry_run=incoming.dry_run,
                    at=self.clock.now(),
                    outcome=outcome,
                    status=status,
                    message=message,
                    user_agent=incoming.request.headers.get("user-agent", ""),
                )
            )

    def _request_id(self) -> str:
        return f"00000000-0000-4000-8000-{self.calls.next_number():012x}"


def _denial(incoming: Incoming, account_id: str) -> str:
    action = f"{incoming.service}:{incoming.action}"
    arn = f"arn:aws:ec2:{incoming.region}:{account_id}:natgateway/"
    resources = ", ".join(f"{arn}{gateway_id}" for gateway_id in incoming.gateway_ids) or "*"
    encoded = base64.urlsafe_b64encode(f"{action} {resources}".encode()).decode()
    return (
        f"User: arn:aws:iam::{account_id}:user/simulated is not authorized to perform: {action} on resource: "
        f"{resources} because no identity-based policy allows the {action} action. "
        f"Encoded authorization failure message: {encoded}"
    )


def _from_moto(answer: MotoAnswer) -> Answer:
    status, headers, body = answer
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in {"status", "date"}}
    return Answer(status, body.encode() if isinstance(body, str) else body, {"Content-Type": wire.XML_TYPE} | kept)


def _xml(status: int, body: str) -> Answer:
    return Answer(int(status), body.encode(), {"Content-Type": wire.XML_TYPE})


def _outcome(answer: Answer) -> str:
    found = _CODE.search(answer.body) if answer.status >= HTTPStatus.BAD_REQUEST else None
    return found.group(1).decode() if found else calls.OK
