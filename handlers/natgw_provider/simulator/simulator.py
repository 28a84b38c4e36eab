"""The simulator as Python code uses it: start and stop, seed, clock, faults, calls.

`control.py` offers the same over HTTP to other processes.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from http import HTTPStatus
from typing import Any, Final, Self

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse
from werkzeug.wrappers import Response

from natgw_provider.simulator import api_requests, calls, control
from natgw_provider.simulator.api_requests import ApiRequest
from natgw_provider.simulator.calls import CALLS_KEPT, Call
from natgw_provider.simulator.clock import ManualClock, ScaledClock
from natgw_provider.simulator.ec2 import Ec2
from natgw_provider.simulator.errors import ApiError, ConnectionDropped
from natgw_provider.simulator.faults import ERRORS, Fault, FaultKind, FaultsInForce, Hits
from natgw_provider.simulator.inputs import GatewayEnd, SeedRequest, Settings
from natgw_provider.simulator.lifecycle import End
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.seeding import Region, Seed, seed
from natgw_provider.simulator.transport import HttpServer, serve_in_process

DEFAULT_REGION: Final = "eu-central-1"


class Simulator:
    """A simulated EC2 (and STS and IAM) of one account. Safe for concurrent callers.

    Usable at once without a socket (`client`, `serve_in_process`), and over HTTP between `start` and `stop`; as a
    context manager it starts and stops. Any access key is accepted. Several simulators in one process share what moto
    keeps of STS and IAM, and nothing else. One lock makes calls take effect one after the other; latency is waited for
    outside of it.
    """

    def __init__(
        self,
        *,
        clock: ManualClock | None = None,
        settings: Settings | None = None,
        region: str = DEFAULT_REGION,
    ) -> None:
        self.clock: ManualClock = clock or ScaledClock()
        self.region = region
        self.account_id = DEFAULT_ACCOUNT_ID
        self.settings: Settings = settings or Settings()
        self._lock = threading.RLock()
        self._faults = FaultsInForce()
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._regions: dict[str, Region] = {}
        self._server: HttpServer | None = None
        self._region()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> str:
        """Serve on 127.0.0.1 and return the URL; 0 takes a free port. Raises OSError for a port in use."""
        if self._server is None:
            self._server = HttpServer(self.handle, port)
        return self._server.url

    def stop(self) -> None:
        """Stop serving; the resources stay. Does nothing when it is not serving."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def url(self) -> str:
        """Where it serves. Raises RuntimeError when it does not."""
        if self._server is None:
            raise RuntimeError("the simulator is not started")
        return self._server.url

    def client(self, service: str = "ec2", **options: Any) -> Any:
        """Return a boto3 client that talks to this simulator without a socket."""
        credentials = {"aws_access_key_id": "simulator", "aws_secret_access_key": "simulator"}
        client = boto3.session.Session().client(service, **{"region_name": self.region} | credentials | options)
        self.serve_in_process(client.meta.events)
        return client

    def serve_in_process(self, events: Any) -> None:
        """Answer every client behind `events` (a botocore session or `client.meta.events`) without a socket."""
        serve_in_process(self.handle, events)

    def change_settings(self, /, **changes: Any) -> Settings:
        """Change settings by name, from the next call on. Raises ValueError on a bad name or value."""
        with self._lock:
            self.settings = self.settings.change(changes)
            for region in self._regions.values():
                region.model.settings = self.settings
            return self.settings

    def model(self, region: str | None = None) -> NatGatewayModel:
        """Return the gateways of a region, for tests that need the true state."""
        return self._region(region).model

    def gateway_ids(self) -> list[str]:
        """Return the ids of the NAT gateways of all regions, deleted ones included."""
        with self._lock:
            return sorted(it.gateway_id for region in self._regions.values() for it in region.model.all())

    def seed(self, **parameters: Any) -> Seed:
        """Make a VPC, a subnet and an available gateway; parameters as of `SeedRequest`.

        Raises ValueError, or ApiError as EC2 would.
        """
        request = SeedRequest.check(parameters, "a seed")
        with self._lock:
            return seed(self._region(request.region), request)

    def add_fault(self, kind: FaultKind | str, **parameters: Any) -> str:
        """Put a fault in force and return its id; parameters as of `Fault`, sets as any list.

        Raises ValueError, also for a gateway that does not exist: such a fault would hit nothing.
        """
        fault = Fault.check({"kind": kind} | parameters, "a fault")
        with self._lock:
            existing = self.gateway_ids()
            unknown = sorted(fault.gateway_ids - set(existing))
            if unknown:
                listed = ", ".join(existing) or "none; seed one first"
                raise ValueError(f"no NAT gateway {', '.join(unknown)}; there are: {listed}")
            return self._faults.add(fault, self.clock.now())

    def clear_faults(self, fault_id: str | None = None) -> None:
        """Clear one fault, or all. Raises ValueError when no such fault is in force."""
        with self._lock:
            self._faults.clear(fault_id)

    def faults(self) -> dict[str, tuple[Fault, int]]:
        """Return the faults in force by id, with the number of calls that each has hit."""
        with self._lock:
            return self._faults.list(self.clock.now())

    def set_connections(self, nat_gateway_id: str, address: str, last: float | None) -> None:
        """Set how long (simulated seconds, None: for ever) connections of an address last once it drains.

        `address` is a private IP, or the allocation id of an Elastic IP. Raises ValueError for an address that the
        gateway does not have, or a gateway that does not exist.
        """
        with self._lock:
            self._model_of(nat_gateway_id).set_connections(nat_gateway_id, address, last)

    def end_connections(self, nat_gateway_id: str, address: str) -> None:
        """End the connections of an address now, and with them its drain. Raises as `set_connections` does."""
        self.set_connections(nat_gateway_id, address, 0)

    def end_gateway(self, nat_gateway_id: str, state: str = "deleted", **parameters: Any) -> None:
        """Let a gateway become `deleted` or `failed`; parameters as of `GatewayEnd`. Raises ValueError or ApiError."""
        request = GatewayEnd.check(
            {"nat_gateway_id": nat_gateway_id, "state": state} | parameters, "the end of a gateway"
        )
        moment = self.clock.now() + request.in_seconds
        failure = (request.code, request.message) if request.state == "failed" else ()
        with self._lock:
            self._model_of(nat_gateway_id).end(nat_gateway_id, End(moment, moment, *failure))

    def calls(self, action: str | None = None) -> list[Call]:
        """Return the calls so far, oldest first; only those of one action when it is named."""
        with self._lock:
            return [call for call in self._calls if action in {None, call.action}]

    def call_counts(self) -> dict[str, int]:
        """Return the number of calls of each action."""
        return dict(Counter(call.action for call in self.calls()))

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        with self._lock:
            self._calls.clear()

    def reset(self) -> None:
        """Forget every resource, fault and call; settings and clock stay."""
        with self._lock:
            self._regions.clear()
            self._faults.clear()
            self._calls.clear()
            iam_backends.pop(self.account_id, None)
            sts_backends.pop(self.account_id, None)

    def handle(self, http: Request) -> Response:
        """Answer an HTTP request: the control API under /_natgw, AWS everywhere else.

        Raises ConnectionDropped when a fault says so.
        """
        if http.path == control.PREFIX or http.path.startswith(f"{control.PREFIX}/"):
            return control.handle(self, http)
        request = api_requests.read(http, self.region)
        try:
            api_requests.check(request)
            answering = self._answering(request)
            request = api_requests.parse(request, answering)
            return self._answer(request, answering)
        except ConnectionDropped:
            raise
        except ApiError as refusal:
            error = refusal
        except Exception as failure:  # noqa: BLE001 # moto raises anything, and a server answers all the same
            message = f"The simulator failed: {failure!r}"
            error = ApiError("InternalError", message, HTTPStatus.INTERNAL_SERVER_ERROR)
        with self._lock:
            response = api_requests.error_response(request.service, error, self._next_number)
            self._log(request, error.code, error.status, error.message)
            return response

    def _answering(self, request: ApiRequest) -> BaseResponse:
        """Return moto's object that answers requests of a service."""
        if request.service == "ec2":
            return Ec2(self._region(request.region).model)
        return TokenResponse() if request.service == "sts" else IamResponse()

    def _answer(self, request: ApiRequest, answering: BaseResponse) -> Response:
        hits = self._hits(request)
        if hits.first(FaultKind.CONNECTION_RESET):
            self._log(request, calls.CONNECTION_RESET)
            raise ConnectionDropped(reset=True)
        failing, losing = hits.first(*ERRORS), hits.first(FaultKind.LOST_ANSWER)
        if failing is not None and not failing.after_acting:
            raise self._fault_error(failing, request)
        with self._lock:
            response = self._act(request, answering, hits)
            outcome = api_requests.outcome(response)
            if losing is not None:
                self._log(request, calls.ANSWER_LOST, message=f"was {outcome}")
                raise ConnectionDropped(reset=False, hang_seconds=losing.hang_seconds)
            if failing is not None:
                raise self._fault_error(failing, request)
            self._log(request, outcome, response.status_code)
            return response

    def _hits(self, request: ApiRequest) -> Hits:
        """Return the faults that hit a call, after their latency has passed. Raises ApiError over the rate limit."""
        with self._lock:
            now = self.clock.now()
            limited = self.settings.throttling and request.service == "ec2"
            if limited and not self._region(request.region).rate_limits.admit(request.action, now):
                raise ApiError(*ERRORS[FaultKind.THROTTLING])
            hits = self._faults.hit(request.action, request.gateway_ids, dry_run=request.dry_run, now=now)
        if hits.latency_seconds:
            self.clock.sleep(hits.latency_seconds)
        return hits

    def _act(self, request: ApiRequest, answering: BaseResponse, hits: Hits) -> Response:
        try:
            if isinstance(answering, Ec2):
                answering.prepare(request.action, hits)
            return api_requests.answer(request, answering, self._next_number)
        except ApiError as error:
            return api_requests.error_response(request.service, error, self._next_number)

    @property
    def _next_number(self) -> int:
        """The number of the next call in the log."""
        return self._calls[-1].number + 1 if self._calls else 1

    def _fault_error(self, fault: Fault, request: ApiRequest) -> ApiError:
        code, message, status = ERRORS[fault.kind]
        message = fault.message or message
        if fault.kind is FaultKind.DENIAL:
            message = f"{message} {api_requests.denial(request, self.account_id)}"
        return ApiError(fault.code or code or self.settings.busy_code, message, fault.status or status)

    def _log(self, request: ApiRequest, outcome: str, status: int | None = None, message: str | None = None) -> None:
        with self._lock:
            self._calls.append(
                Call(
                    number=self._next_number,
                    service=request.service,
                    action=request.action,
                    gateway_ids=request.gateway_ids,
                    parameters=request.parameters,
                    dry_run=request.dry_run,
                    at=self.clock.now(),
                    outcome=outcome,
                    status=status,
                    message=message,
                    user_agent=request.http.headers.get("User-Agent", ""),
                )
            )

    def _region(self, name: str | None = None) -> Region:
        """Return a region (default: the home region), made at first use. Raises ValueError if it does not exist."""
        wanted = name or self.region
        with self._lock:
            if wanted not in self._regions:
                self._regions[wanted] = Region(wanted, self.account_id, self.clock, self.settings)
            return self._regions[wanted]

    def _model_of(self, gateway_id: str) -> NatGatewayModel:
        """Return the model that has a gateway. Raises ValueError when it does not exist in any region."""
        for region in self._regions.values():
            if any(gateway.gateway_id == gateway_id for gateway in region.model.all()):
                return region.model
        raise ValueError(f"{gateway_id} was not found; NAT gateways: {', '.join(self.gateway_ids()) or 'none'}")
