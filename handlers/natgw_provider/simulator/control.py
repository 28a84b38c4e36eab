"""The control API: what `Simulator` offers to Python, as JSON over HTTP under /_natgw, for other processes.

Answers are JSON objects; a bad request is answered with HTTP 400 (or 404) and `{"error": "..."}`, which says what was
found and what is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from natgw_provider import __version__
from natgw_provider.simulator import control_input as takes
from natgw_provider.simulator.control_input import Body, Kind, check_body, check_present, read_body
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.faults import Fault, FaultKind
from natgw_provider.simulator.http_messages import Answer, Request
from natgw_provider.simulator.settings import SETTING_NAMES

if TYPE_CHECKING:
    from natgw_provider.simulator.simulator import Simulator

PREFIX: Final = "/_natgw"


class NotThereError(Exception):
    """The path names something that there is not."""


@dataclass(frozen=True, slots=True)
class Route:
    """One request: what it does, in the user's words, and the names that its body takes."""

    says: str
    answer: Callable[[Simulator, Body, str], Any]
    takes: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """What it does and takes, in a line."""
        return f"{self.says} Takes: {', '.join(self.takes)}." if self.takes else self.says


class Control:
    """Answers the requests under PREFIX."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def concerns(self, request: Request) -> bool:
        """Whether a request is for the control API."""
        return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")

    def handle(self, request: Request) -> Answer:
        """Answer a request; never raises."""
        name, _, rest = request.path.removeprefix(PREFIX).strip("/").partition("/")
        route = ROUTES.get((request.method, name))
        if route is None:
            offered = ", ".join(_index(self._simulator, {}, ""))
            return _refuse(HTTPStatus.NOT_FOUND, f"no {request.method} {request.path}; there are: {offered}")
        try:
            body = read_body(request.body)
            if name != "settings":  # which checks its names and values itself, in Python too
                check_body(_shown(request.method, name), body, route.takes)
            return _json(HTTPStatus.OK, route.answer(self._simulator, body, rest))
        except NotThereError as error:
            return _refuse(HTTPStatus.NOT_FOUND, str(error))
        except (ValueError, TypeError, ApiError) as error:
            return _refuse(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:  # noqa: BLE001 # a server answers whatever happens
            return _refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"the simulator failed: {error!r}")


def _index(_simulator: Simulator, _body: Body, _rest: str) -> Any:
    return {_shown(method, name): route.summary for (method, name), route in ROUTES.items()}


def _health(simulator: Simulator, _body: Body, _rest: str) -> Any:
    return {"status": "ok", "version": __version__, "region": simulator.region, "account_id": simulator.account_id}


def _clock(simulator: Simulator, body: Body, _rest: str) -> Any:
    if "advance" in body:
        simulator.clock.advance(body["advance"])
    return {"now": simulator.clock.now(), "runs": simulator.clock.describe()}


def _seed(simulator: Simulator, body: Body, _rest: str) -> Any:
    return asdict(simulator.seed(**body))


def _list_faults(simulator: Simulator, _body: Body, _rest: str) -> Any:
    return {
        "faults": {fault_id: _fault(fault) | {"hits": hits} for fault_id, (fault, hits) in simulator.faults().items()}
    }


def _add_fault(simulator: Simulator, body: Body, _rest: str) -> Any:
    with_kind: Body = {"kind": None} | body
    return {"id": simulator.add_fault(**with_kind)}


def _clear_faults(simulator: Simulator, _body: Body, rest: str) -> Any:
    try:
        simulator.clear_faults(rest or None)
    except KeyError:
        raise NotThereError(f"no fault {rest} is in force; in force: {_listed(simulator.faults())}") from None
    return {}


def _settings(simulator: Simulator, body: Body, _rest: str) -> Any:
    return asdict(simulator.change_settings(**body))


def _connections(simulator: Simulator, body: Body, _rest: str) -> Any:
    request = _shown("POST", "connections")
    gateway_id = _gateway_id(simulator, request, body, "address")
    if bool(body.get("end_now")) is ("last" in body):
        raise ValueError(f"{request} needs either last (seconds, or null for never) or end_now (true)")
    if "last" in body:
        simulator.set_connections(gateway_id, body["address"], body["last"], region=body.get("region"))
    else:
        simulator.end_connections(gateway_id, body["address"], region=body.get("region"))
    return {}


def _end_gateway(simulator: Simulator, body: Body, _rest: str) -> Any:
    _gateway_id(simulator, _shown("POST", "end-gateway"), body)
    simulator.end_gateway(**body)
    return {}


def _gateway_id(simulator: Simulator, request: str, body: Body, *others: str) -> str:
    """Return the gateway that a body names, which there is. Raises ValueError, also when it lacks one of `others`."""
    check_present(request, body, "nat_gateway_id", *others)
    region = body.get("region") or simulator.region
    there = simulator.gateway_ids(region)
    if body["nat_gateway_id"] not in there:
        raise ValueError(f"{body['nat_gateway_id']} was not found in {region}; NAT gateways there: {_listed(there)}")
    return str(body["nat_gateway_id"])


def _calls(simulator: Simulator, _body: Body, rest: str) -> Any:
    return {"calls": [asdict(call) for call in simulator.calls(rest or None)], "counts": simulator.call_counts()}


def _clear_calls(simulator: Simulator, _body: Body, _rest: str) -> Any:
    simulator.clear_calls()
    return {}


def _reset(simulator: Simulator, _body: Body, _rest: str) -> Any:
    simulator.reset()
    return {}


_REGION: Final[dict[str, Kind]] = {"region": takes.TEXT_OR_NULL}
_SEED: Final[dict[str, Kind]] = {
    "nat_gateway_id": takes.TEXT_OR_NULL,
    "vpc_id": takes.TEXT_OR_NULL,
    "subnet_id": takes.TEXT_OR_NULL,
    "cidr": takes.TEXT,
    "primary": takes.ADDRESS_OR_NULL,
    "secondaries": takes.ADDRESSES,
    "tags": takes.TAGS,
}
_CONNECTIONS: Final[dict[str, Kind]] = {
    "nat_gateway_id": takes.TEXT,
    "address": takes.ADDRESS,
    "last": takes.SECONDS_OR_NULL,
    "end_now": takes.FLAG,
}
_END: Final[dict[str, Kind]] = {
    "nat_gateway_id": takes.TEXT,
    "state": takes.TEXT,
    "in_seconds": takes.SECONDS,
    "code": takes.TEXT,
    "message": takes.TEXT,
}

ROUTES: Final[Mapping[tuple[str, str], Route]] = {
    ("GET", ""): Route("This list.", _index),
    ("GET", "health"): Route("Whether it serves, and as which account and region.", _health),
    ("GET", "clock"): Route("The simulated time.", _clock),
    ("POST", "clock"): Route("Move the simulated time, by seconds.", _clock, {"advance": takes.NUMBER}),
    ("POST", "seed"): Route(
        "Make a private gateway, with a VPC and a subnet where none are named.", _seed, _SEED | _REGION
    ),
    ("GET", "faults"): Route("The faults in force, with the calls that each has hit.", _list_faults),
    ("POST", "faults"): Route(
        f"Put a fault in force, of the kind {', '.join(FaultKind)}.",
        _add_fault,
        {field.name: takes.ANYTHING for field in fields(Fault)},
    ),
    ("DELETE", "faults"): Route("Clear all faults, or the one whose id follows.", _clear_faults),
    ("GET", "settings"): Route("The settings.", _settings),
    ("POST", "settings"): Route(
        "Change the settings in the body.", _settings, dict.fromkeys(SETTING_NAMES, takes.ANYTHING)
    ),
    ("POST", "connections"): Route(
        "Say when the connections of an address end: so long after its drain begins, never, or now.",
        _connections,
        _CONNECTIONS | _REGION,
    ),
    ("POST", "end-gateway"): Route("Let a gateway go deleted or failed.", _end_gateway, _END | _REGION),
    ("GET", "calls"): Route("The log of calls and their counts; only one action's when its name follows.", _calls),
    ("DELETE", "calls"): Route("Forget the calls so far.", _clear_calls),
    ("POST", "reset"): Route("Forget every resource, fault and call.", _reset),
}
"""Method and first path segment of everything that the control API offers."""


def _shown(method: str, name: str) -> str:
    return f"{method} {PREFIX}/{name}".rstrip("/")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _fault(fault: Fault) -> dict[str, Any]:
    sets = {"actions": fault.actions, "gateway_ids": fault.gateway_ids, "addresses": map(str, fault.addresses)}
    return asdict(fault) | {name: sorted(values) for name, values in sets.items()}


def _json(status: HTTPStatus, body: Any) -> Answer:
    return Answer(int(status), json.dumps(body, default=str).encode(), {"Content-Type": "application/json"})


def _refuse(status: HTTPStatus, reason: str) -> Answer:
    return _json(status, {"error": reason})
