"""Which library a construct belongs to: cdktf, or its successor cdktn.

The two cannot be mixed in one app, and neither is forced on users of the other: this module imports neither. Whoever
has made a stack has imported the stack's library, so a look at the loaded modules is enough.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from math import isfinite
from types import ModuleType
from typing import Any, Final, Protocol, TypeVar

import jsii
from constructs import Construct

LIBRARY_NAMES: Final = ("cdktf", "cdktn")
"""Import names of the supported libraries."""

AnyConstruct = TypeVar("AnyConstruct", bound=Construct)


class Resolvable(Protocol):
    """A token that is no string, number or list: `IResolvable` of either library."""

    @property
    def creation_stack(self) -> list[str]:
        """Where the token was made."""

    def to_string(self) -> str:
        """Return the token as text that synthesis replaces."""


@dataclass(frozen=True, slots=True)
class Library:
    """cdktf or cdktn: the library itself, and this package's bindings for it."""

    core: ModuleType
    bindings: ModuleType

    def is_token(self, value: object) -> bool:
        """Whether `value` is known only to Terraform, wholly or in part."""
        return is_token(self.core, value)


def is_token(core: ModuleType, value: object) -> bool:
    """Whether `value` is known only to Terraform, to the library `core`.

    Only what jsii can carry is asked about: it dies of other objects. A list or a map is a token as a whole when its
    one entry is; tokens among several entries make it none.
    """
    return _can_be_token(value) and bool(core.Token.is_unresolved(value))


def _can_be_token(value: object) -> bool:
    """Rule out plain values here, for to ask costs a round trip to Node: text without a brace, whole numbers."""
    if isinstance(value, str):
        return "{" in value
    if isinstance(value, list | dict):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        plain = all(isinstance(part, str | int | float) for part in parts)
        return plain and len(value) == 1 and any(_can_be_token(part) for part in parts)
    if isinstance(value, float):
        return isfinite(value)  # NaN is no JSON: Node ends at it
    return hasattr(value, "__jsii_ref__")


def library_of(scope: Construct) -> Library:
    """Return the library of the stack that `scope` is or stands in. Raises TypeError when there is no stack."""
    for construct in reversed(scope.node.scopes):
        for name, module in loaded_libraries().items():
            if isinstance(construct, module.TerraformStack):
                return library_named(name)
    raise TypeError(
        f"{scope.node.path or 'the app'} is not inside a TerraformStack. Pass a TerraformStack of cdktf or cdktn, "
        "or a construct inside one, as the scope."
    )


def loaded_libraries() -> dict[str, ModuleType]:
    """Return the libraries that this process has imported."""
    modules = {name: sys.modules.get(name) for name in LIBRARY_NAMES}
    return {name: module for name, module in modules.items() if module is not None}


@cache
def library_named(name: str) -> Library:
    """Return one of `LIBRARY_NAMES`. Raises ImportError when it is not installed."""
    return Library(import_module(name), import_module(f"natgw_constructs.{name}"))


@cache
def implementing(plain_class: Any, *interfaces: Any) -> Any:
    """Return a subclass of `plain_class` whose objects jsii takes for `interfaces`.

    jsii has to know the interfaces when it first sees the object; a construct that is none of its kind is silently
    ignored, for instance in `depends_on`.
    """
    subclass = type(plain_class)(plain_class.__name__, (plain_class,), {"__doc__": plain_class.__doc__})
    return jsii.implements(*interfaces)(subclass)
