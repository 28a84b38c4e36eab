"""A fault from plain values (JSON, or keyword arguments), with an error that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from ipaddress import IPv4Address
from typing import Any, Final

from natgw_provider.simulator.faults import Fault, FaultKind

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "skip": (int,),
    "times": (int, type(None)),
    "status": (int, type(None)),
    "seconds": (int, float),
    "hang_seconds": (int, float),
    "for_seconds": (int, float, type(None)),
    "dry_run": (bool, type(None)),
    "after_acting": (bool,),
    "code": (str, type(None)),
    "message": (str, type(None)),
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
    wanted = _TYPES[name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise ValueError(f"{name} of a fault cannot be {value!r}")
    return value


def _words(name: str, value: Any) -> frozenset[Any]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Iterable):
        raise ValueError(f"{name} of a fault is a list, not {value!r}")  # noqa: TRY004 # bad input is one kind of error
    return frozenset(IPv4Address(str(word)) if name == "addresses" else str(word) for word in words)
