"""The control API: what `Simulator` offers to Python, as JSON over HTTP under /_natgw, for other processes.

Answers are JSON objects; a bad request is answered with HTTP 400 (or 404 for an unknown path) and `{"error": "..."}`,
which says what was found and what is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from moto.core.request import Request
from werkzeug.wrappers import Response

from natgw_provider import __version__
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.faults import Fault, FaultKind
from natgw_provider.simulator.inputs import (
    Checked,
    ClockMove,
    ConnectionsChange,
    GatewayEnd,
    Nothing,
    SeedRequest,
    Settings,
)

if TYPE_CHECKING:
    from natgw_provider.simulator.simulator import Simulator

PREFIX: Final = "/_natgw"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One request: what it does, how it is answered, and what its body takes."""

    help: str
    answer: Callable[[Simulator, Body, str], Any]
    """Takes the body, checked, and what follows the first part of the path."""

    takes: type[Checked] = Nothing

    @property
    def summary(self) -> str:
        """What it does and takes, in a line."""
        names = ", ".join(self.takes.model_fields)
        return f"{self.help} Takes: {names}." if names else self.help


def handle(simulator: Simulator, request: Request) -> Response:
    """Answer a request under PREFIX; never raises."""
    name, _, rest = request.path.removeprefix(PREFIX).strip("/").partition("/")
    route = ROUTES.get((request.method, name))
    if route is None:
        offered = ", ".join(title(*it) for it in ROUTES)
        return _refuse(HTTPStatus.NOT_FOUND, f"no {request.method} {request.path}; there are: {offered}")
    try:
        body = _read_body(request.get_data())
        route.takes.check(body, title(request.method, name))
        return _json(HTTPStatus.OK, route.answer(simulator, body, rest) or {})
    except (ValueError, ApiError) as error:
        return _refuse(HTTPStatus.BAD_REQUEST, str(error))
    except Exception as error:  # noqa: BLE001 # a server answers whatever happens
        return _refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"the simulator failed: {error!r}")


def _clock(simulator: Simulator, body: Body) -> Any:
    simulator.clock.advance(body.get("advance", 0))
    return {"now": simulator.clock.now(), "runs": simulator.clock.describe()}


def _health(simulator: Simulator) -> Any:
    return {"status": "ok", "version": __version__, "region": simulator.region, "account_id": simulator.account_id}


def _faults(simulator: Simulator) -> Any:
    listed = simulator.faults().items()
    return {"faults": {id_: fault.model_dump(mode="json") | {"hits": hits} for id_, (fault, hits) in listed}}


def _connections(simulator: Simulator, body: Body) -> Any:
    change = ConnectionsChange(**body)
    last = 0 if change.end_now else change.last
    return simulator.set_connections(change.nat_gateway_id, change.address, last)


def _calls(simulator: Simulator, action: str) -> Any:
    return {"calls": [asdict(call) for call in simulator.calls(action or None)], "counts": simulator.call_counts()}


ROUTES: Final[Mapping[tuple[str, str], Route]] = {
    ("GET", ""): Route("This list.", lambda _s, _b, _rest: {title(*it): ROUTES[it].summary for it in ROUTES}),
    ("GET", "health"): Route("Whether it serves, and as which account and region.", lambda s, _b, _rest: _health(s)),
    ("GET", "clock"): Route("The simulated time.", lambda s, _b, _rest: _clock(s, {})),
    ("POST", "clock"): Route("Move the simulated time, by seconds.", lambda s, body, _rest: _clock(s, body), ClockMove),
    ("POST", "seed"): Route(
        "Create a NAT gateway, with a VPC and a subnet where none are named.",
        lambda s, body, _rest: asdict(s.seed(**body)),
        SeedRequest,
    ),
    ("GET", "faults"): Route("The faults in force, with the calls that each has hit.", lambda s, _b, _rest: _faults(s)),
    ("POST", "faults"): Route(
        f"Put a fault in force, of the kind {', '.join(FaultKind)}.",
        lambda s, body, _rest: {"id": s.add_fault(**body)},
        Fault,
    ),
    ("DELETE", "faults"): Route(
        "Clear all faults, or the one whose id follows.", lambda s, _b, rest: s.clear_faults(rest or None)
    ),
    ("GET", "settings"): Route("The settings.", lambda s, _b, _rest: s.settings.model_dump()),
    ("POST", "settings"): Route(
        "Change the settings in the body.", lambda s, body, _rest: s.change_settings(**body).model_dump(), Settings
    ),
    ("POST", "connections"): Route(
        "Set when the connections of an address end: some time after its drain begins, never, or now.",
        lambda s, body, _rest: _connections(s, body),
        ConnectionsChange,
    ),
    ("POST", "end-gateway"): Route(
        "Let a gateway become deleted or failed.", lambda s, body, _rest: s.end_gateway(**body), GatewayEnd
    ),
    ("GET", "calls"): Route(
        "The calls so far and their counts; only one action's calls when its name follows.",
        lambda s, _b, rest: _calls(s, rest),
    ),
    ("DELETE", "calls"): Route("Forget the calls so far.", lambda s, _b, _rest: s.clear_calls()),
    ("POST", "reset"): Route("Forget every resource, fault and call.", lambda s, _b, _rest: s.reset()),
}
"""Method and first path segment of everything that the control API offers."""


def _read_body(text: bytes) -> Body:
    """Return the JSON object of a body; an empty body is an empty object."""
    try:
        body = json.loads(text or b"{}")
    except ValueError as error:  # also raised for bytes that are not UTF-8
        shown = text[:60].decode("utf-8", "replace")
        raise ValueError(f'the body is not JSON: {shown!r} ({error}); send an object such as {{"name": 1}}') from None
    if not isinstance(body, dict):
        raise ValueError(f"the body is not a JSON object, but {json.dumps(body)[:60]}")  # noqa: TRY004 # bad input
    return body


def title(method: str, name: str) -> str:
    """Return how a request is written."""
    return f"{method} {PREFIX}/{name}".rstrip("/")


def _json(status: HTTPStatus, body: Any) -> Response:
    return Response(json.dumps(body, default=str), status, content_type="application/json")


def _refuse(status: HTTPStatus, reason: str) -> Response:
    return _json(status, {"error": reason})
