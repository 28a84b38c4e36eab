"""The simulator as Python code uses it: start and stop, seed, clock, faults, calls.

`control.py` offers the same over HTTP to other processes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from types import TracebackType
from typing import Any, Final, Self

import boto3

from natgw_provider.simulator import in_process
from natgw_provider.simulator.calls import Call
from natgw_provider.simulator.clock import Clock, ScaledClock
from natgw_provider.simulator.control import Control
from natgw_provider.simulator.endpoint import Endpoint
from natgw_provider.simulator.fault_input import fault_from
from natgw_provider.simulator.faults import Fault, FaultKind
from natgw_provider.simulator.http_messages import Answer, Request
from natgw_provider.simulator.http_server import HttpServer
from natgw_provider.simulator.lifecycle import End
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.seeding import DEFAULT_CIDR, Seed, SeedRequest, seed
from natgw_provider.simulator.settings import Settings

DEFAULT_REGION: Final = "eu-central-1"
DEFAULT_ACCOUNT_ID: Final = "123456789012"


class Simulator:
    """A simulated EC2 (and STS and IAM) of one account.

    Usable at once without a socket (`client`, `serve_in_process`), and over HTTP between `start` and `stop`; as a
    context manager it starts and stops. Any access key is accepted. Several simulators in one process share nothing,
    except that those of one account share moto's IAM and STS.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        settings: Settings | None = None,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
    ) -> None:
        if not re.fullmatch(r"\d{12}", account_id):
            raise ValueError(f"an account id is 12 digits, not {account_id!r}")
        self.clock: Clock = clock or ScaledClock()
        self.region = region
        self.account_id = account_id
        self._endpoint = Endpoint(
            region=region, account_id=account_id, clock=self.clock, settings=settings or Settings()
        )
        self._endpoint.region()
        self._control = Control(self)
        self._server: HttpServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, port: int = 0) -> str:
        """Serve on 127.0.0.1 and return the URL; 0 takes a free port. Raises PortBusyError at once."""
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

    @property
    def settings(self) -> Settings:
        """How the simulated service behaves; `change_settings` changes it."""
        return self._endpoint.settings

    def change_settings(self, /, **changes: Any) -> Settings:
        """Change settings by name, from the next call on. Raises ValueError on a bad name or value."""
        self._endpoint.settings = self._endpoint.settings.change(changes)
        return self._endpoint.settings

    def handle(self, request: Request) -> Answer:
        """Answer an HTTP request: the control API under /_natgw, AWS everywhere else."""
        if self._control.concerns(request):
            return self._control.handle(request)
        return self._endpoint.handle(request)

    def model(self, region: str | None = None) -> NatGatewayModel:
        """Return the gateways of a region, for tests that look behind the API."""
        return self._endpoint.region(region).model

    def gateway_ids(self, region: str | None = None) -> list[str]:
        """Return the ids of the NAT gateways that are still remembered, in one region or in all."""
        with self._endpoint.lock:
            found = self._endpoint.regions() if region is None else [self._endpoint.region(region)]
            return sorted(gateway.gateway_id for it in found for gateway in it.model.all())

    def client(self, service: str = "ec2", **options: Any) -> Any:
        """Return a boto3 client that talks to this simulator without a socket."""
        credentials = {"aws_access_key_id": "simulator", "aws_secret_access_key": "simulator"}
        client = boto3.session.Session().client(service, **{"region_name": self.region} | credentials | options)
        self.serve_in_process(client.meta.events)
        return client

    def serve_in_process(self, events: Any) -> None:
        """Answer every client behind `events` (a botocore session or `client.meta.events`) without a socket."""
        in_process.serve(self.handle, events)

    def seed(
        self,
        *,
        nat_gateway_id: str | None = None,
        vpc_id: str | None = None,
        subnet_id: str | None = None,
        cidr: str = DEFAULT_CIDR,
        primary: str | None = None,
        secondaries: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        region: str | None = None,
    ) -> Seed:
        """Make a VPC, a subnet and an available private gateway; see SeedRequest. Raises ValueError or ApiError."""
        request = SeedRequest(
            nat_gateway_id=nat_gateway_id,
            vpc_id=vpc_id,
            subnet_id=subnet_id,
            cidr=cidr,
            primary=primary,
            secondaries=secondaries,
            tags=tags,
        )
        with self._endpoint.lock:
            return seed(self._endpoint.region(region), request)

    def add_fault(self, kind: FaultKind | str, **parameters: Any) -> str:
        """Put a fault in force and return its id; parameters as of `Fault`, sets as any list.

        Raises ValueError, also for a gateway that there is not: such a fault would hit nothing.
        """
        fault = fault_from({"kind": kind} | parameters)
        with self._endpoint.lock:
            unknown = sorted(fault.gateway_ids - set(self.gateway_ids()))
            if unknown:
                there = ", ".join(self.gateway_ids()) or "none; seed one first"
                raise ValueError(f"there is no NAT gateway {', '.join(unknown)}; there are: {there}")
            return self._endpoint.faults.add(fault, self.clock.now())

    def clear_faults(self, fault_id: str | None = None) -> None:
        """Clear one fault, or all. Raises KeyError when there is no such fault."""
        with self._endpoint.lock:
            self._endpoint.faults.clear(fault_id)

    def faults(self) -> dict[str, tuple[Fault, int]]:
        """Return the faults in force by id, with the number of calls that each has hit."""
        with self._endpoint.lock:
            return self._endpoint.faults.list(self.clock.now())

    def set_connections(
        self, nat_gateway_id: str, address: str, last: float | None, *, region: str | None = None
    ) -> None:
        """Set how long (simulated seconds, None: for ever) connections of an address last once it drains.

        Raises ValueError for an address that the gateway does not have, ApiError when there is no such gateway.
        """
        with self._endpoint.lock:
            self._check_held(nat_gateway_id, address, region)
            self.model(region).set_connections(nat_gateway_id, IPv4Address(address), last)

    def end_connections(self, nat_gateway_id: str, address: str, *, region: str | None = None) -> None:
        """End an address's connections now: a running drain is over, a later one is over at once.

        Raises as `set_connections` does.
        """
        with self._endpoint.lock:
            self._check_held(nat_gateway_id, address, region)
            self.model(region).end_connections(nat_gateway_id, IPv4Address(address))

    def end_gateway(
        self,
        nat_gateway_id: str,
        state: str = "deleted",
        *,
        in_seconds: float = 0,
        code: str = "InternalError",
        message: str = "Network interface could not be attached",
        region: str | None = None,
    ) -> None:
        """Let a gateway go `deleted` or `failed`, now or in some simulated seconds. Raises ValueError or ApiError."""
        if state not in {"deleted", "failed"}:
            raise ValueError(f"a gateway ends deleted or failed, not {state!r}")
        moment = self.clock.now() + in_seconds
        end = End(moment, moment) if state == "deleted" else End(moment, moment, code, message)
        with self._endpoint.lock:
            self.model(region).end(nat_gateway_id, end)

    def calls(self, action: str | None = None) -> list[Call]:
        """Return the calls so far, oldest first; only those of one action when it is named."""
        with self._endpoint.lock:
            return self._endpoint.calls.list(action)

    def call_counts(self) -> dict[str, int]:
        """Return the number of calls of each action."""
        with self._endpoint.lock:
            return self._endpoint.calls.counts()

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        with self._endpoint.lock:
            self._endpoint.calls.clear()

    def reset(self) -> None:
        """Forget every resource, fault and call; settings and clock stay."""
        self._endpoint.reset()

    def _check_held(self, nat_gateway_id: str, address: str, region: str | None) -> None:
        held = [str(it.private_ip) for it in self.model(region).get(nat_gateway_id).attached(self.clock.now())]
        if str(IPv4Address(address)) not in held:
            raise ValueError(f"{nat_gateway_id} does not have {address}; it has: {', '.join(held)}")
