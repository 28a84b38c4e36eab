"""One EC2, STS and IAM endpoint without a socket: a request in, an answer out, or a dropped connection.

It finds out which service and region a request means, applies the faults in force, lets the model or moto act, and
logs the call. One lock makes calls take effect one after the other; latency is waited for outside of it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.model import OperationNotFoundError

from natgw_provider.simulator import calls, moto_surroundings, wire
from natgw_provider.simulator.calls import Call, CallLog
from natgw_provider.simulator.clock import Clock
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.faults import ErrorAnswer, FaultBook, FaultKind, Verdict
from natgw_provider.simulator.http_messages import Answer, ConnectionDropped, Request
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.moto_surroundings import MotoSurroundings
from natgw_provider.simulator.operations import OPERATIONS, named_gateways, perform
from natgw_provider.simulator.settings import Settings

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
_UNSIGNED_STS: Final = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})


class Region:
    """The gateways of one region, and what moto keeps around them."""

    def __init__(self, name: str, account_id: str, clock: Clock, settings: Settings) -> None:
        self.name = name
        self.surroundings = MotoSurroundings(name, account_id)
        self.model = NatGatewayModel(self.surroundings, clock, settings)


class Endpoint:
    """The simulated services of one account. Safe for concurrent callers."""

    def __init__(self, *, region: str, account_id: str, clock: Clock, settings: Settings) -> None:
        self.home = region
        self.account_id = account_id
        self.clock = clock
        self.lock = threading.RLock()
        self.faults = FaultBook()
        self.calls = CallLog()
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

    def reset(self) -> None:
        """Forget every resource, fault and call; settings and clock stay."""
        with self.lock:
            self._regions.clear()
            self.faults.clear()
            self.calls.clear()
            moto_surroundings.forget_account(self.account_id)

    def handle(self, request: Request) -> Answer:
        """Answer a request. Raises ConnectionDropped when a fault says so."""
        return _Exchange(self, request).run()


class _Exchange:
    """One call on its way through the endpoint."""

    def __init__(self, endpoint: Endpoint, request: Request) -> None:
        scope = _SCOPE.search(request.headers.get("authorization", ""))
        fields = dict(request.fields)
        self.endpoint = endpoint
        self.request = request
        self.action = fields.get("Action", "")
        unsigned_service = "sts" if self.action in _UNSIGNED_STS else "ec2"
        self.region = scope.group(1) if scope else endpoint.home
        self.service = scope.group(2) if scope else unsigned_service
        self.ours = self.service == "ec2" and self.action in OPERATIONS
        self.parameters: Mapping[str, Any] = {
            name: value for name, value in fields.items() if name not in {"Action", "Version"}
        }
        self.dry_run = fields.get("DryRun", "").lower() == "true"

    def run(self) -> Answer:
        try:
            self._check()
            verdict = self._judge()
            return self._answer(verdict)
        except ApiError as error:
            return self._answer_error(error)
        except ConnectionDropped:
            raise
        except Exception as error:  # noqa: BLE001 # moto raises anything; a server answers all the same
            return self._answer_error(ApiError("InternalError", f"The simulator failed: {error!r}", 500))

    def _check(self) -> None:
        if self.service not in {"ec2", "sts", "iam"}:
            raise ApiError("UnsupportedOperation", f"The simulator serves ec2, sts and iam, not {self.service}")
        if self.service == "ec2":
            try:
                wire.operation(self.action)
            except OperationNotFoundError:
                message = f"The action {self.action} is not valid for this web service."
                raise ApiError("InvalidAction", message) from None
        if self.ours:
            self.parameters = wire.parse(self.action, self.request.fields)

    def _judge(self) -> Verdict:
        endpoint = self.endpoint
        with endpoint.lock:
            verdict = endpoint.faults.judge(
                self.action, named_gateways(self.parameters), dry_run=self.dry_run, now=endpoint.clock.now()
            )
        if verdict.latency_seconds:
            endpoint.clock.sleep(verdict.latency_seconds)
        if verdict.reset:
            self._log(calls.CONNECTION_RESET, None)
            raise ConnectionDropped(reset=True)
        return verdict

    def _answer(self, verdict: Verdict) -> Answer:
        if verdict.error is not None and not verdict.error.after_acting:
            raise self._error(verdict.error)
        with self.endpoint.lock:
            try:
                answer = self._act(verdict)
            except ApiError as error:
                if not verdict.lost:
                    raise
                answer = self._answer_error(error)
            else:
                self._log_outcome(verdict, answer)
        if verdict.lost:
            raise ConnectionDropped(reset=False, hang_seconds=verdict.hang_seconds)
        if verdict.error is not None:
            return self._render_error(self._error(verdict.error))
        return answer

    def _act(self, verdict: Verdict) -> Answer:
        if self.service == "sts":
            return self._moto(lambda environ: moto_surroundings.answer_sts(environ, self.endpoint.account_id))
        if self.service == "iam":
            return self._moto(lambda environ: moto_surroundings.answer_iam(environ, self.endpoint.account_id))
        region = self.endpoint.region(self.region)
        if not self.ours:
            region.surroundings.reflect(region.model)
            return self._moto(lambda environ: moto_surroundings.answer_ec2(region.surroundings, environ))
        result = perform(region.model, self.action, self.parameters, verdict.effects)
        body = wire.serialize(self.action, result, self._request_id())
        return _xml(200, body)

    def _moto(self, answer: Callable[[dict[str, Any]], moto_surroundings.MotoAnswer]) -> Answer:
        try:
            status, headers, body = answer(self.request.environ(f"{self.service}.{self.region}.amazonaws.com"))
        except NotImplementedError:
            raise ApiError("UnsupportedOperation", f"The simulator does not implement {self.action}") from None
        kept = {name: str(value) for name, value in headers.items() if name.lower() not in {"status", "date"}}
        return Answer(status, body.encode() if isinstance(body, str) else body, {"Content-Type": wire.XML_TYPE} | kept)

    def _error(self, error: ErrorAnswer) -> ApiError:
        code = error.code or self.endpoint.settings.busy_code
        if error.kind is not FaultKind.DENIAL:
            return ApiError(code, error.message, error.status)
        resources = [
            f"arn:aws:ec2:{self.region}:{self.endpoint.account_id}:natgateway/{gateway_id}"
            for gateway_id in named_gateways(self.parameters)
        ]
        message = (
            f"{error.message} User: arn:aws:iam::{self.endpoint.account_id}:user/simulated is not authorized to "
            f"perform: {self.service}:{self.action} on resource: {', '.join(resources) or '*'} because no identity-based policy "
            f"allows the {self.service}:{self.action} action. "
            "Encoded authorization failure message: c2ltdWxhdGVkLWRlbmlhbA"
        )
        return ApiError(code, message, error.status)

    def _answer_error(self, error: ApiError) -> Answer:
        answer = self._render_error(error)
        self._log(error.code, error.status, error.message)
        return answer

    def _render_error(self, error: ApiError) -> Answer:
        return _xml(error.status, wire.serialize_error(error, self._request_id()))

    def _log_outcome(self, verdict: Verdict, answer: Answer) -> None:
        if verdict.lost:
            self._log(calls.ANSWER_LOST, None)
        elif verdict.error is not None:
            self._log(verdict.error.code, verdict.error.status, verdict.error.message)
        else:
            failed = answer.status >= HTTPStatus.BAD_REQUEST
            found = re.search(rb"<Code>([^<]*)</Code>", answer.body) if failed else None
            self._log(found.group(1).decode() if found else calls.OK, answer.status)

    def _log(self, outcome: str, status: int | None, message: str | None = None) -> None:
        endpoint = self.endpoint
        with endpoint.lock:
            endpoint.calls.record(
                Call(
                    number=endpoint.calls.next_number(),
                    service=self.service,
                    action=self.action,
                    gateway_ids=named_gateways(self.parameters),
                    parameters=self.parameters,
                    dry_run=self.dry_run,
                    at=endpoint.clock.now(),
                    outcome=outcome,
                    status=status,
                    message=message,
                    user_agent=self.request.headers.get("user-agent", ""),
                )
            )

    def _request_id(self) -> str:
        return f"00000000-0000-4000-8000-{self.endpoint.calls.next_number():012x}"


def _xml(status: int, body: str) -> Answer:
    return Answer(status, body.encode(), {"Content-Type": wire.XML_TYPE})
