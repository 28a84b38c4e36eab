"""What a request asks for: which service, region and action, with which parameters, about which gateways.

Service and region stand in the credential scope of the signature, as AWS's own front ends read them; the signature
itself is not verified, so any access key will do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from botocore.model import OperationNotFoundError

from natgw_provider.simulator import errors, wire
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.http_messages import Request
from natgw_provider.simulator.operations import OPERATIONS, named_gateways

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
_UNSIGNED_STS: Final = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})
SERVICES: Final = ("ec2", "sts", "iam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One call as it arrived; `parameters` are form fields until `check` has parsed those of our own actions."""

    request: Request
    service: str
    region: str
    action: str
    parameters: Mapping[str, Any]
    gateway_ids: tuple[str, ...]
    dry_run: bool

    @property
    def ours(self) -> bool:
        """Whether the model answers it, and not moto."""
        return self.service == "ec2" and self.action in OPERATIONS

    @property
    def environ(self) -> dict[str, Any]:
        """The WSGI environment, addressed to the host that AWS has for the service and region."""
        return self.request.environ(f"{self.service}.{self.region}.amazonaws.com")


def understand(request: Request, home_region: str) -> Incoming:
    """Read what can be read of any request. Never raises."""
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    fields = dict(request.fields)
    action = fields.pop("Action", "")
    unsigned_service = "sts" if action in _UNSIGNED_STS else "ec2"
    return Incoming(
        request=request,
        service=scope.group(2) if scope else unsigned_service,
        region=scope.group(1) if scope else home_region,
        action=action,
        parameters={name: value for name, value in fields.items() if name != "Version"},
        gateway_ids=(fields["NatGatewayId"],) if "NatGatewayId" in fields else (),
        dry_run=fields.get("DryRun", "").lower() == "true",
    )


def check(incoming: Incoming, regions: Collection[str]) -> Incoming:
    """Return the call with its parameters parsed.

    Raises ApiError for a service, a region, an action or parameters that there are not.
    """
    if incoming.service not in SERVICES:
        served = ", ".join(SERVICES)
        raise ApiError("UnsupportedOperation", f"The simulator serves {served}, not {incoming.service}")
    if incoming.region not in regions:
        raise errors.wrong_region(incoming.region, regions)
    if not incoming.action:
        raise ApiError("MissingAction", "The request names no Action. The simulator's own API is under /_natgw.")
    if incoming.service == "ec2":
        _check_action(incoming.action)
    if not incoming.ours:
        return incoming
    parameters = wire.parse(incoming.action, incoming.request.fields)
    return replace(incoming, parameters=parameters, gateway_ids=named_gateways(parameters))


def _check_action(action: str) -> None:
    try:
        wire.operation(action)
    except OperationNotFoundError:
        raise ApiError("InvalidAction", f"The action {action} is not valid for this web service.") from None
