"""The control API: what `Simulator` offers to Python, as JSON over HTTP under /_natgw, for other processes.

Answers are JSON objects; a bad request is answered with HTTP 400 (or 404) and `{"error": "..."}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from natgw_provider import __version__
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.faults import Fault
from natgw_provider.simulator.http_messages import Answer, Request

if TYPE_CHECKING:
    from natgw_provider.simulator.simulator import Simulator

PREFIX: Final = "/_natgw"

Body = dict[str, Any]
Route = Callable[["Simulator", Body, str], Any]


class Control:
    """Answers the requests under PREFIX."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def concerns(self, request: Request) -> bool:
        """Whether a request is for the control API."""
        return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")

    def handle(self, request: Request) -> Answer:
        """Answer a request; never raises."""
        method = request.method
        name, _, rest = request.path.removeprefix(PREFIX).strip("/").partition("/")
        route = ROUTES.get((method, name))
        if route is None:
            offered = _index(self._simulator, {}, "")
            return _json(
                HTTPStatus.NOT_FOUND, {"error": f"no {method} {request.path}; there are: {', '.join(offered)}"}
            )
        try:
            return _json(HTTPStatus.OK, route(self._simulator, _read(request), rest))
        except KeyError as error:
            return _json(HTTPStatus.NOT_FOUND, {"error": f"missing or unknown: {error.args[0]}"})
        except (ValueError, TypeError, ApiError) as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        except Exception as error:  # noqa: BLE001 # a server answers whatever happens
            return _json(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"the simulator failed: {error!r}"})


def _read(request: Request) -> Body:
    body = json.loads(request.body or b"{}")
    if not isinstance(body, dict):
        raise TypeError("the body is not a JSON object")
    return body


def _index(_simulator: Simulator, _body: Body, _rest: str) -> Any:
    """This list."""
    return {f"{method} {PREFIX}/{name}".rstrip("/"): route.__doc__ for (method, name), route in ROUTES.items()}


def _health(simulator: Simulator, _body: Body, _rest: str) -> Any:
    """Whether it serves, and as which account and region."""
    return {"status": "ok", "version": __version__, "region": simulator.region, "account_id": simulator.account_id}


def _clock(simulator: Simulator, body: Body, _rest: str) -> Any:
    """The simulated time; {"advance": SECONDS} moves it."""
    if "advance" in body:
        simulator.clock.advance(float(body["advance"]))
    return {"now": simulator.clock.now(), "runs": simulator.clock.describe()}


def _seed(simulator: Simulator, body: Body, _rest: str) -> Any:
    """Make a VPC, a subnet and a private gateway: nat_gateway_id, cidr, primary, secondaries, ... (see SeedRequest)."""
    return asdict(simulator.seed(**body))


def _list_faults(simulator: Simulator, _body: Body, _rest: str) -> Any:
    """The faults in force, with the calls that each has hit."""
    return {
        "faults": {fault_id: _fault(fault) | {"hits": hits} for fault_id, (fault, hits) in simulator.faults().items()}
    }


def _add_fault(simulator: Simulator, body: Body, _rest: str) -> Any:
    """Put a fault in force: kind, and what else a Fault has."""
    return {"id": simulator.add_fault(**body)}


def _clear_faults(simulator: Simulator, _body: Body, rest: str) -> Any:
    """Clear all faults, or the one whose id follows."""
    simulator.clear_faults(rest or None)
    return {}


def _settings(simulator: Simulator, body: Body, _rest: str) -> Any:
    """The settings; those in the body are changed."""
    return asdict(simulator.change_settings(**body))


def _connections(simulator: Simulator, body: Body, _rest: str) -> Any:
    """Set when an address's connections end: nat_gateway_id, address, and last (seconds or null) or end_now."""
    gateway_id, address = body["nat_gateway_id"], body["address"]
    if body.get("end_now"):
        simulator.end_connections(gateway_id, address, region=body.get("region"))
    else:
        simulator.set_connections(gateway_id, address, body["last"], region=body.get("region"))
    return {}


def _end_gateway(simulator: Simulator, body: Body, _rest: str) -> Any:
    """Let a gateway end: nat_gateway_id, state (deleted, failed), in_seconds, code, message."""
    simulator.end_gateway(**body)
    return {}


def _calls(simulator: Simulator, _body: Body, rest: str) -> Any:
    """The log of calls and their counts; only one action's when its name follows."""
    return {"calls": [asdict(call) for call in simulator.calls(rest or None)], "counts": simulator.call_counts()}


def _clear_calls(simulator: Simulator, _body: Body, _rest: str) -> Any:
    """Forget the calls so far."""
    simulator.clear_calls()
    return {}


def _reset(simulator: Simulator, _body: Body, _rest: str) -> Any:
    """Forget every resource, fault and call."""
    simulator.reset()
    return {}


ROUTES: Final[Mapping[tuple[str, str], Route]] = {
    ("GET", ""): _index,
    ("GET", "health"): _health,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("POST", "seed"): _seed,
    ("GET", "faults"): _list_faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _settings,
    ("POST", "connections"): _connections,
    ("POST", "end-gateway"): _end_gateway,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _clear_calls,
    ("POST", "reset"): _reset,
}
"""Method and first path segment of everything that the control API offers."""


def _fault(fault: Fault) -> dict[str, Any]:
    sets = {"actions": fault.actions, "gateway_ids": fault.gateway_ids, "addresses": map(str, fault.addresses)}
    return asdict(fault) | {name: sorted(values) for name, values in sets.items()}


def _json(status: HTTPStatus, body: Any) -> Answer:
    return Answer(int(status), json.dumps(body, default=str).encode(), {"Content-Type": "application/json"})
