"""What natgw keeps of a gateway from one call to the next: the snapshot that refresh saw, and what a plan approves.

Both carry the version of their format. A version or a shape that is not understood is no error by itself: the gateway
is read anew, and an approval approves nothing. Nothing here reads AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from natgw_provider.bridge.handlers import Object, Private
from natgw_provider.core import names
from natgw_provider.core.addresses import address_order, subnet_network
from natgw_provider.core.diff import Approval
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.problems import Problem, ProblemError

if TYPE_CHECKING:
    from natgw_provider.core.change_plan import ChangePlan
    from natgw_provider.resources.resource_type import ResourceType

SNAPSHOT_VERSION: Final = 2
APPROVAL_VERSION: Final = 1

_SNAPSHOT: Final = "gateway"
_APPROVAL: Final = "approved"
_VERSION: Final = "version"

_Kinds: TypeAlias = Mapping[str, type | tuple[type, ...]]
"""What `isinstance` holds each field against, by the field's name."""

_STORED: Final[_Kinds] = {
    "str": str,
    "bool": bool,
    "str | None": (str, type(None)),
    "GatewayState": str,
    "AddressStatus | None": (str, type(None)),
    "tuple[NatGatewayAddress, ...]": (list, tuple),
}
"""What JSON holds for a field of a snapshot, by the field's type."""


def keep_snapshot(gateway: NatGateway) -> Private:
    """Return private state that holds a snapshot, and approves nothing."""
    return {_SNAPSHOT: {_VERSION: SNAPSHOT_VERSION, **asdict(gateway)}}


def has_snapshot(private: Private) -> bool:
    """Whether private state holds a snapshot, understood or not."""
    return private.get(_SNAPSHOT) is not None


def kept_snapshot(private: Private) -> NatGateway | None:
    """Return the snapshot that private state holds; None when it holds none that is understood."""
    try:
        values = _values(private.get(_SNAPSHOT), _kinds_of(NatGateway), SNAPSHOT_VERSION)
        values["state"] = GatewayState(values["state"])
        values["addresses"] = tuple(_address(address) for address in values["addresses"])
    except ValueError:
        return None
    return NatGateway(**values)


def snapshot_of_state(declared: ResourceType, state: Any) -> NatGateway:
    """Return what the attributes alone tell of a gateway. Raises ProblemError when they are damaged."""
    kind, interface = declared.kind, state.get(names.NETWORK_INTERFACE_ID)
    listed = [NatGatewayAddress(key=key) for key in declared.held(state)]
    leaving = AddressStatus(kind.remove.ongoing)
    draining = [NatGatewayAddress(key=key, status=leaving) for key in declared.draining(state)]
    first = [state[kind.primary]] if state.get(kind.primary) is not None else []
    primary = [NatGatewayAddress(key=key, is_primary=True, network_interface_id=interface) for key in first]
    for address in (*primary, *listed, *draining):
        _require_key(address.key)
    return NatGateway(
        nat_gateway_id=state[names.NAT_GATEWAY_ID],
        state=GatewayState.AVAILABLE,
        connectivity_type=kind.connectivity,
        vpc_id=state.get(names.VPC_ID),
        subnet_id=state.get(names.SUBNET_ID),
        addresses=(*primary, *listed, *draining),
    )


def known_cidr_block(state: Object) -> str | None:
    """Return the subnet's block that a state holds; None when it holds none."""
    block = state.get(names.SUBNET_CIDR_BLOCK)
    if not isinstance(block, str):
        return None
    try:
        subnet_network(block)
    except ValueError:
        return None
    return block


def approve(change: ChangePlan) -> Private:
    """Return planned private state that approves a change, and nothing else."""
    diff = change.diff
    return keep_approval(
        Approval(
            unassign=frozenset(diff.unassign),
            assign=diff.assign_count or frozenset(diff.assign),
            in_service_low=change.in_service_low,
        )
    )


def keep_approval(approval: Approval) -> Private:
    """Return planned private state that holds an approval."""
    assign = approval.assign if isinstance(approval.assign, int) else sorted(approval.assign)
    return {
        _APPROVAL: {
            _VERSION: APPROVAL_VERSION,
            "unassign": sorted(approval.unassign),
            "assign": assign,
            "in_service_low": approval.in_service_low,
        }
    }


def without_approval(private: Private) -> Private:
    """Return private state that approves nothing, for a plan that shows no change of the gateway."""
    return {name: value for name, value in private.items() if name != _APPROVAL}


def kept_approval(planned_private: Private) -> Approval | None:
    """Return what the plan approved; None when it showed no change of the gateway.

    Raises ProblemError when it is not understood: then nothing is approved.
    """
    kept = planned_private.get(_APPROVAL)
    if kept is None:
        return None
    kinds = {"unassign": (list, tuple), "assign": (list, tuple, int), "in_service_low": (int, type(None))}
    try:
        values = _values(kept, kinds, APPROVAL_VERSION)
        assign = values["assign"]
        return Approval(
            unassign=_texts(values["unassign"]),
            assign=assign if isinstance(assign, int) else _texts(assign),
            in_service_low=values["in_service_low"],
        )
    except ValueError as problem:
        detail = (
            f"What the plan approved is not understood: {problem}. It is damaged, or another version of natgw wrote "
            "it. Nothing was changed. Plan again."
        )
        raise ProblemError(Problem((), "natgw cannot read what the plan approved", detail)) from problem


def _address(plain: object) -> NatGatewayAddress:
    values = _values(plain, _kinds_of(NatGatewayAddress))
    address_order(values["key"])
    if values["status"] is not None:
        values["status"] = AddressStatus(values["status"])
    return NatGatewayAddress(**values)


def _kinds_of(snapshot: type[NatGateway | NatGatewayAddress]) -> _Kinds:
    return {field.name: _STORED[str(field.type)] for field in fields(snapshot)}


def _require_key(key: Any) -> None:
    try:
        address_order(key)
    except (TypeError, ValueError) as problem:
        detail = f"It is damaged: {problem}. Plan again without -refresh=false: the refresh writes it anew."
        raise ProblemError(Problem((), "natgw cannot read a resource's state", detail)) from problem


def _values(plain: object, kinds: _Kinds, version: int | None = None) -> dict[str, Any]:
    """Return the values of a JSON object that `kinds` names.

    Raises ValueError when it is no object, has another version, lacks a field, or has one of another kind: `true` is
    no number, and half a character (a lone surrogate, which JSON can escape) no text. The message holds no values.
    """
    if not isinstance(plain, Mapping):
        raise ValueError(f"not an object but {type(plain).__name__}")  # noqa: TRY004 - the data are wrong, not a caller
    if version is not None and (plain.get(_VERSION) != version or isinstance(plain[_VERSION], bool)):
        raise ValueError(f"its version is not {version}")
    for name, kind in kinds.items():
        if name not in plain:
            raise ValueError(f"{name} is missing")
        value = plain[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{name} is {type(value).__name__}")
        if isinstance(value, str) and not _is_unicode(value):
            raise ValueError(f"{name} is not valid Unicode")
    return {name: plain[name] for name in kinds}


def _is_unicode(text: str) -> bool:
    return text.encode(errors="replace").decode() == text


def _texts(values: Any) -> frozenset[str]:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("a list holds more than texts")
    return frozenset(values)
