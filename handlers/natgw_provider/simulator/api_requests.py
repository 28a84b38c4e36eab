"""Requests and answers of EC2, STS and IAM over HTTP.

Service and region are read from the credential scope of the signature, as AWS does. The signature is not verified, so
any access key is accepted. moto parses parameters, serialises results, and answers what is not about NAT gateways: the
rest of EC2, STS and IAM.
"""

from __future__ import annotations

import base64
import io
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import xmltodict
from moto.core.parse import EC2QueryParser
from moto.core.request import Request
from moto.core.responses import ActionResult
from moto.core.serialize import EC2Serializer, SerializationContext
from moto.core.utils import get_service_model
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse
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
_IDENTITY: Final = {"sts": TokenResponse, "iam": IamResponse}
_inner_accounts = itertools.count(900_000_000_001)
_UNSIGNED_STS: Final = frozenset({"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})


class ConnectionDropped(ConnectionError):  # noqa: N818 # it is what happens to the client, not an error of ours
    """The client gets no answer: the connection is reset, or closed after `hang_seconds` of real time."""

    def __init__(self, *, reset: bool, hang_seconds: float = 0.0) -> None:
        super().__init__("connection reset" if reset else "answer lost")
        self.reset = reset
        self.hang_seconds = hang_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One call of an AWS API."""

    http: Request
    service: str
    region: str
    action: str
    parameters: Mapping[str, Any]
    """By API names for the NAT gateway actions, once they are parsed; plain form fields for moto's actions."""

    gateway_ids: tuple[str, ...]
    dry_run: bool

    @property
    def for_nat_gateways(self) -> bool:
        """Whether `ec2` answers it, and not moto."""
        return self.service == "ec2" and self.action in ec2.ACTIONS


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


def check(request: ApiRequest) -> ApiRequest:
    """Return the request with its parameters parsed.

    Raises ApiError for a service, a region or an action that does not exist, and for a value of the wrong type.
    """
    if request.service not in SERVICES:
        served = ", ".join(SERVICES)
        raise ApiError("UnsupportedOperation", f"The simulator serves {served}, not {request.service}")
    if request.region not in REGIONS:
        allowed = f"There are: {', '.join(REGIONS)}"
        message = f"Credential should be scoped to a valid region, not '{request.region}'. {allowed}"
        raise ApiError("SignatureDoesNotMatch", message, HTTPStatus.FORBIDDEN)
    if not request.action:
        raise ApiError("MissingAction", "The request names no Action. The simulator's own API is under /_natgw.")
    if request.service == "ec2" and request.action not in get_service_model("ec2").operation_names:
        raise ApiError("InvalidAction", f"The action {request.action} is not valid for this web service.")
    if not request.for_nat_gateways:
        return request
    parser = EC2QueryParser(get_service_model("ec2").operation_model(request.action))
    try:
        parameters = parser.parse({"values": request.http.values})  # type: ignore[typeddict-item] # all that EC2 uses
    except ValueError as error:
        raise invalid_value(f"A parameter is not of its type: {error}") from None
    return replace(request, parameters=parameters, gateway_ids=ec2.named_gateways(parameters))


def result_response(action: str, result: Mapping[str, Any], number: int) -> Response:
    """Return the answer of an action of `ec2`; its request id follows from the call's number."""
    operation = get_service_model("ec2").operation_model(action)
    serialized = EC2Serializer(operation, SerializationContext(_REQUEST_ID.format(number))).serialize(result)
    return Response(serialized["body"], content_type=XML)


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


def answer_ec2(backend: Any, request: Request, region: str) -> Response:
    """Let moto answer an EC2 request. Raises ApiError for an action that moto does not know."""
    return _dispatch(_Ec2(backend), request, f"ec2.{region}.amazonaws.com", request.get_data())


class Identity:
    """STS and IAM of one simulator, whose clients see the account `account_id`.

    moto keeps both in one registry by account. So that simulators share nothing, each has an account of its own there,
    which is replaced by `account_id` in answers, and the other way round in requests.
    """

    def __init__(self, account_id: str) -> None:
        self._outer = account_id
        self._inner = str(next(_inner_accounts))

    def answer(self, service: str, request: Request, region: str) -> Response:
        """Let moto answer: as this simulator's account, or as the account of a role's temporary key."""
        body = request.get_data().replace(self._outer.encode(), self._inner.encode())
        account = self._account_of(request.headers.get("Authorization", ""))
        response = _dispatch(_IDENTITY[service](), request, f"{service}.{region}.amazonaws.com", body, account)
        response.set_data(response.get_data().replace(self._inner.encode(), self._outer.encode()))
        return response

    def forget(self) -> None:
        """Drop everything of this simulator's account."""
        iam_backends.pop(self._inner, None)
        sts_backends.pop(self._inner, None)

    def _account_of(self, authorization: str) -> str:
        known = (
            account
            for account, partitions in list(iam_backends.items())
            for backend in list(partitions.values())
            if any(f"={key}/" in authorization for key in backend.access_keys)
        )
        return next(known, self._inner)


class _Ec2(EC2Response):
    """moto's EC2 actions on a backend of our own."""

    def __init__(self, backend: Any) -> None:
        super().__init__()
        self._backend = backend

    @property
    def ec2_backend(self) -> Any:
        return self._backend

    def allocate_address(self) -> ActionResult:
        """Let moto allocate, and keep the network border group, which moto ignores."""
        answer: dict[str, Any] = super().allocate_address().result  # type: ignore[assignment] # it is a dict
        group = self._get_param("NetworkBorderGroup") or self._backend.region_name
        address = next(it for it in self._backend.addresses if it.public_ip == answer["PublicIp"])
        address.network_border_group = group
        return ActionResult({**answer, "NetworkBorderGroup": group})

    def serialized(self, action_result: ActionResult) -> tuple[int, dict[str, Any], str | bytes]:
        status, headers, body = super().serialized(action_result)
        if getattr(action_result.result, "code", None) == "DryRunOperation":
            status = HTTPStatus.PRECONDITION_FAILED
        return status, headers, body


def _dispatch(service: Any, request: Request, host: str, body: bytes, account: str | None = None) -> Response:
    """Let one of moto's response classes answer a request, as if it had come to the host that AWS has for it."""
    environ = request.environ | {"HTTP_HOST": host, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    if account:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    try:
        status, headers, text = service._dispatch(Request(environ))  # noqa: SLF001 # `dispatch` makes its own instance
    except NotImplementedError:
        action = request.values.get("Action")
        raise ApiError("UnsupportedOperation", f"The simulator does not implement {action}") from None
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in {"status", "date", "server"}}
    return Response(text, status, {"Content-Type": "text/xml"} | kept)
