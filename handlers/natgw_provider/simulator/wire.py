"""EC2's query protocol: form fields in, XML out, driven by botocore's model of the service.

Of requests it checks what EC2's front end checks: unknown parameters, and the spelling of numbers and booleans.
Shapes and protocol: Smithy's "AWS EC2 query protocol".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import OperationModel, Shape

from natgw_provider.simulator import errors
from natgw_provider.simulator.errors import ApiError

XML_TYPE: Final = "text/xml;charset=UTF-8"
_COMMON_FIELDS: Final = frozenset({"Action", "Version"})
_QUERY_NAMESPACES: Final[Mapping[str, str]] = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
}
_NO_XML = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Tree = dict[str, "Tree | str"]


@functools.cache
def operation(action: str) -> OperationModel:
    """Return botocore's model of an EC2 action. Raises botocore's OperationNotFoundError."""
    return _service("ec2").operation_model(action)


@functools.cache
def actions(service: str) -> tuple[str, ...]:
    """Return the names of a service's actions, as botocore knows them."""
    return tuple(_service(service).operation_names)


def parse(action: str, fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return an action's parameters from its form fields.

    Raises ApiError for an unknown parameter, or a value that is not of its parameter's type.
    """
    tree: Tree = {}
    for name, value in fields:
        if name not in _COMMON_FIELDS:
            _plant(tree, name.split("."), value)
    parsed = _parse_structure(operation(action).input_shape, tree, "")
    return dict(parsed)


def serialize(action: str, result: Mapping[str, Any], request_id: str) -> str:
    """Return the XML answer of an action."""
    shape = operation(action).output_shape
    members = "" if shape is None else _members(shape, result)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/{_service("ec2").api_version}/">'
        f"<requestId>{request_id}</requestId>{members}</{action}Response>"
    )


def serialize_error(error: ApiError, request_id: str, service: str = "ec2") -> str:
    """Return the XML of an error answer: EC2's, or that of the AWS query protocol, which STS and IAM speak."""
    said = f"<Code>{_plain(error.code)}</Code><Message>{_plain(error.message)}</Message>"
    if service in _QUERY_NAMESPACES:
        whose = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
        answer = (
            f'<ErrorResponse xmlns="{_QUERY_NAMESPACES[service]}"><Error><Type>{whose}</Type>{said}</Error>'
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        answer = f"<Response><Errors><Error>{said}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{answer}'


@functools.cache
def _service(name: str) -> Any:
    return botocore.session.Session().get_service_model(name)


def _plant(tree: Tree, path: list[str], value: str) -> None:
    for name in path[:-1]:
        below = tree.setdefault(name, {})
        if isinstance(below, str):
            raise _unknown(".".join(path))
        tree = below
    tree[path[-1]] = value


def _parse_structure(shape: Shape, tree: Tree, path: str) -> dict[str, Any]:
    names = {_input_name(member, name): name for name, member in shape.members.items()}
    unknown = next((name for name in tree if name not in names), None)
    if unknown is not None:
        raise _unknown(path + unknown)
    members = {names[field]: (field, branch) for field, branch in tree.items()}
    return {
        name: _parse_value(shape.members[name], branch, f"{path}{field}") for name, (field, branch) in members.items()
    }


def _parse_value(shape: Shape, branch: Tree | str, path: str) -> Any:
    if shape.type_name in {"structure", "list"}:
        if isinstance(branch, str):
            raise _unknown(path)
        if shape.type_name == "structure":
            return _parse_structure(shape, branch, f"{path}.")
        return _parse_list(shape, branch, path)
    if not isinstance(branch, str):
        raise _unknown(path)
    return _parse_scalar(shape.type_name, branch, path)


def _parse_list(shape: Shape, tree: Tree, path: str) -> list[Any]:
    unknown = next((name for name in tree if not name.isdecimal()), None)
    if unknown is not None:
        raise _unknown(f"{path}.{unknown}")
    return [_parse_value(shape.member, tree[index], f"{path}.{index}") for index in sorted(tree, key=int)]


def _parse_scalar(type_name: str, text: str, path: str) -> Any:
    if type_name == "boolean":
        if text.lower() not in {"true", "false"}:
            raise errors.invalid_value(f"Invalid value '{text}' for {path}: must be true or false")
        return text.lower() == "true"
    if type_name in {"integer", "long"}:
        try:
            return int(text)
        except ValueError:
            raise errors.invalid_value(f"Invalid value '{text}' for {path}: must be an integer") from None
    return text


def _input_name(shape: Shape, member: str) -> str:
    if "queryName" in shape.serialization:
        return str(shape.serialization["queryName"])
    name = str(shape.serialization.get("name", member))
    return name[0].upper() + name[1:]


def _unknown(name: str) -> ApiError:
    return ApiError("UnknownParameter", f"The parameter {name} is not recognized")


def _plain(text: str) -> str:
    """Escape text for XML; characters that XML cannot hold at all become the replacement character."""
    return escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _members(shape: Shape, value: Mapping[str, Any]) -> str:
    return "".join(
        _element(member.serialization.get("name", name), member, value[name])
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _element(tag: str, shape: Shape, value: Any) -> str:
    if shape.type_name == "structure":
        content = _members(shape, value)
    elif shape.type_name == "list":
        content = "".join(_element("item", shape.member, item) for item in value)
    else:
        content = _plain(_text(value))
    return f"<{tag}>{content}</{tag}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    return str(value)
