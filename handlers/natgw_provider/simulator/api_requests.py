"""Requests and answers of EC2, STS and IAM over HTTP.

Service and region are read from the credential scope of the signature, as AWS does. The signature is not verified, so
any access key is accepted. moto parses parameters and serialises answers.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import xmltodict
from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.core.responses import ActionResult, BaseResponse
from moto.core.serialize import EC2Serializer, SerializationContext
from moto.core.utils import camelcase_to_underscores, get_service_model
from werkzeug.wrappers import Response

from natgw_provider.simulator import ec2
from natgw_provider.simulator.calls import OK
from natgw_provider.simulator.errors import ApiError, invalid_value
from natgw_provider.simulator.faults import SERVICES
from natgw_provider.simulator.network import REGIONS

XML: Final = "text/xml;charset=UTF-8"

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
_REQUEST_ID: Final = "00000000-0000-4000-8000-{:012x}"
_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_UNSIGNED_STS: Final = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One call of an AWS API."""

    http: Request
    service: str
    region: str
    action: str
    parameters: Mapping[str, Any]
    """By API names; plain form fields until they are parsed."""

    gateway_ids: tuple[str, ...]
    dry_run: bool


def read(http: Request, home_region: str) -> ApiRequest:
    """Read service, region, action and gateway of a request, as far as they are there. Never raises."""
    http.get_data()  # kept by the request, for moto to read it again
    scope = _SCOPE.search(http.headers.get("Authorization", ""))
    fields = http.values.to_dict()
    action = fields.pop("Action", "")
    unsigned_service = "sts" if action in _UNSIGNED_STS else "ec2"
    return ApiRequest(
        http=http,
        service=scope.group(2) if scope else unsigned_service,
        region=scope.group(1) if scope else home_region,
        action=action,
        parameters={name: value for name, value in fields.items() if name != "Version"},
        gateway_ids=(fields["NatGatewayId"],) if "NatGatewayId" in fields else (),
        dry_run=fields.get("DryRun", "").lower() == "true",
    )


def check(request: ApiRequest) -> None:
    """Raise ApiError for a service, a region or an action that does not exist."""
    if request.service not in SERVICES:
        served = ", ".join(SERVICES)
        raise ApiError("UnsupportedOperation", f"The simulator serves {served}, not {request.service}")
    if request.region not in REGIONS:
        allowed = f"There are: {', '.join(REGIONS)}"
        message = f"Credential should be scoped to a valid region, not '{request.region}'. {allowed}"
        raise ApiError("SignatureDoesNotMatch", message, HTTPStatus.FORBIDDEN)
    if not request.action:
        raise ApiError("MissingAction", "The request names no Action. The simulator's own API is under /_natgw.")
    if request.action not in get_service_model(request.service).operation_names:
        raise ApiError("InvalidAction", f"The action {request.action} is not valid for this web service.")


def parse(request: ApiRequest, answering: BaseResponse) -> ApiRequest:
    """Let `answering` parse a request, as if it had come to the host that AWS has for it; return it with parameters.

    Raises ApiError for a value of the wrong type.
    """
    try:
        host = f"https://{request.service}.{request.region}.amazonaws.com"
        answering.setup_class(request.http, f"{host}{request.http.full_path}")
    except ValueError as error:
        raise invalid_value(f"A parameter is not of its type: {error}") from None
    parameters = answering.params
    gateway_ids = _named_gateways(parameters) if request.service == "ec2" else ()
    return replace(request, parameters=parameters, gateway_ids=gateway_ids)


def _named_gateways(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the gateway ids that a request is about, whatever its action."""
    one = parameters.get("NatGatewayId")
    filtered = (it.get("Values", []) for it in parameters.get("Filter", []) if it.get("Name") == "nat-gateway-id")
    return (*([one] if one else []), *parameters.get("NatGatewayIds", []), *(id_ for ids in filtered for id_ in ids))


def answer(request: ApiRequest, answering: BaseResponse, number: int) -> Response:
    """Perform the action of a parsed request. Raises ApiError for what is refused here, or that moto does not know."""
    unsupported = ApiError("UnsupportedOperation", f"The simulator does not implement {request.action}")
    action = getattr(answering, camelcase_to_underscores(request.action), None)
    if action is None:
        raise unsupported
    try:
        result: ActionResult = action()
    except ServiceException as error:
        result = ActionResult(error)
    except NotImplementedError as error:  # moto knows the action, but not one of its filters or values
        raise unsupported from error
    if request.action not in ec2.ACTIONS:
        status, _, body = answering.serialized(result)
        return Response(body, status, content_type=XML)
    # Not by `serialized`, which takes most of a call's time to look for members under other names.
    operation = get_service_model("ec2").operation_model(request.action)
    context = SerializationContext(_REQUEST_ID.format(number))
    return Response(EC2Serializer(operation, context).serialize(result.result)["body"], content_type=XML)


def error_response(service: str, error: ApiError, number: int) -> Response:
    """Return an error: EC2's, or that of the AWS query protocol, which STS and IAM speak."""
    request_id = _REQUEST_ID.format(number)
    details = {"Code": error.code, "Message": error.message}
    tree: dict[str, Any] = {"Response": {"Errors": {"Error": details}, "RequestID": request_id}}
    if service in {"sts", "iam"}:
        fault = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
        namespace = get_service_model(service).metadata["xmlNamespace"]
        query_error = {"@xmlns": namespace, "Error": {"Type": fault} | details, "RequestId": request_id}
        tree = {"ErrorResponse": query_error}
    return Response(xmltodict.unparse(tree, encoding="UTF-8"), error.status, content_type=XML)


def denial(request: ApiRequest, account_id: str) -> str:
    """Return EC2's message for a call that no policy allows: user, action, resource, and the encoded message."""
    action = f"{request.service}:{request.action}"
    arn = f"arn:aws:ec2:{request.region}:{account_id}:natgateway/"
    resources = ", ".join(f"{arn}{gateway_id}" for gateway_id in request.gateway_ids) or "*"
    encoded = base64.urlsafe_b64encode(f"{action} {resources}".encode()).decode()
    return (
        f"User: arn:aws:iam::{account_id}:user/simulated is not authorized to perform: {action} on resource: "
        f"{resources} because no identity-based policy allows the {action} action. "
        f"Encoded authorization failure message: {encoded}"
    )


def outcome(response: Response) -> str:
    """Return `ok`, or the error code of a response."""
    found = _CODE.search(response.get_data()) if response.status_code >= HTTPStatus.BAD_REQUEST else None
    return found.group(1).decode() if found else OK
