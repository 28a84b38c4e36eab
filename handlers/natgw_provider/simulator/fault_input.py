"""A fault from plain values (JSON, or keyword arguments), with an error that says what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final

from natgw_provider.simulator import wire
from natgw_provider.simulator.control_input import FLAG, NUMBER, TEXT_OR_NULL, Kind
from natgw_provider.simulator.faults import Fault, FaultKind
from natgw_provider.simulator.incoming import SERVICES
from natgw_provider.simulator.operations import OPERATIONS

_WHOLE: Final = Kind("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool))
_WHOLE_OR_NULL: Final = Kind("a whole number or null", lambda value: value is None or _WHOLE.accepts(value))
_KINDS: Final[Mapping[str, Kind]] = {
    "skip": _WHOLE,
    "times": _WHOLE_OR_NULL,
    "status": _WHOLE_OR_NULL,
    "seconds": NUMBER,
    "hang_seconds": NUMBER,
    "for_seconds": Kind("a number or null", lambda value: value is None or NUMBER.accepts(value)),
    "dry_run": Kind("true, false or null", lambda value: value is None or FLAG.accepts(value)),
    "after_acting": FLAG,
    "code": TEXT_OR_NULL,
    "message": TEXT_OR_NULL,
}
_SETS: Final = frozenset({"actions", "gateway_ids", "addresses"})


def fault_from(plain: Mapping[str, Any]) -> Fault:
    """Return the fault that `plain` describes, by the names of Fault's fields; sets are lists, or one string.

    Raises ValueError for an unknown kind or name, a wrong type, or what Fault itself refuses.
    """
    names = sorted(field.name for field in fields(Fault))
    unknown = sorted(set(plain) - set(names))
    if unknown:
        raise ValueError(f"a fault has no {', '.join(unknown)}; it has: {', '.join(names)}")
    values = {name: _value(name, value) for name, value in plain.items() if name != "kind"}
    return Fault(kind=_kind(plain.get("kind")), **values)


def _kind(text: object) -> FaultKind:
    if text not in set(FaultKind):
        raise ValueError(f"no fault of kind {text!r}; there are: {', '.join(FaultKind)}")
    return FaultKind(str(text))


def _value(name: str, value: Any) -> Any:
    if name in _SETS:
        return _words(name, value)
    if not _KINDS[name].accepts(value):
        raise ValueError(f"{name} of a fault is {_KINDS[name].words}, not {value!r}")
    return value


def _words(name: str, value: Any) -> frozenset[Any]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Iterable):
        raise ValueError(f"{name} of a fault is a list, not {value!r}")  # noqa: TRY004 # bad input is one kind of error
    read = {"addresses": _address, "actions": _action}.get(name, str)
    return frozenset(read(str(word)) for word in words)


def _address(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise ValueError(f"addresses of a fault are IPv4 addresses, not {text!r}") from None


def _action(text: str) -> str:
    # EC2 first: it is nearly always meant, and its names are at hand.
    if any(text in wire.actions(service) for service in SERVICES):
        return text
    known = {name.lower(): name for service in SERVICES for name in wire.actions(service)}
    close = difflib.get_close_matches(text.lower(), known, n=1)
    hint = f"did you mean {known[close[0]]}?" if close else f"those of NAT gateways are {', '.join(OPERATIONS)}."
    raise ValueError(f"no action {text!r}: a fault takes the actions of EC2, STS and IAM by their API names; {hint}")
