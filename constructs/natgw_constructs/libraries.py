"""Which library a construct belongs to: cdktf, or its successor cdktn.

The two cannot be mixed in one app, and users of one need not install the other: this module imports neither. A stack
exists only where its library has been imported, so a look at the loaded modules is enough.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from math import isfinite
from types import ModuleType
from typing import Any, Final, Protocol

import jsii
from constructs import Construct

LIBRARY_NAMES: Final = ("cdktf", "cdktn")
"""Import names of the supported libraries."""

_INTERPOLATION: Final = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
"""What Terraform evaluates in a text, string tokens included. `$${` and `%%{` are the escaped characters."""


class Resolvable(Protocol):
    """A token that is not a string, a number or a list: `IResolvable` of either library."""

    @property
    def creation_stack(self) -> list[str]:
        """Where the token was made."""

    def to_string(self) -> str:
        """Return the token as text that synthesis replaces."""


class HasId(Protocol):
    """Anything with an id, such as `NatGateway` of the AWS provider's bindings."""

    @property
    def id(self) -> str:
        """The id of the NAT gateway, usually a token."""


class Addressable(Protocol):
    """Anything with an address in Terraform: a resource, a data source, a module, one of our constructs."""

    @property
    def fqn(self) -> str:
        """The address, as a token."""


@dataclass(frozen=True, slots=True)
class Library:
    """cdktf or cdktn: the library itself, and this package's bindings for it."""

    core: ModuleType
    bindings: ModuleType

    def is_unknown(self, value: object) -> bool:
        """Whether only Terraform knows `value`, wholly or in part."""
        return is_unknown(self.core, value)


def is_unknown(core: ModuleType, value: object) -> bool:
    """Whether only Terraform knows `value`: a token of the library `core`, or text with an interpolation.

    A list or a map is unknown as a whole when its one entry is the token of a list or a map. Unknown items among others
    do not make it unknown. Texts are judged by how both libraries write tokens in them, since a call of the library is
    a round trip to Node.
    """
    if isinstance(value, str):
        return _INTERPOLATION.search(value) is not None
    if isinstance(value, list | dict):
        (only,) = value if len(value) == 1 else (None,)
        return is_token_of_many(only)
    return _is_number_token(core, value) or (hasattr(value, "__jsii_ref__") and bool(core.Token.is_unresolved(value)))


def is_token_of_many(text: object) -> bool:
    """Whether `text` is how a library writes the token of a whole list or map, as its only item or key."""
    return isinstance(text, str) and text.startswith(("#{TfToken[", "&{TfToken["))


def _is_number_token(core: ModuleType, value: object) -> bool:
    # JSON has no NaN and no infinity: the Node process ends when it is asked about them.
    return isinstance(value, float) and isfinite(value) and bool(core.Token.is_unresolved(value))


def library_of(scope: Construct) -> Library:
    """Return the library of the stack that `scope` is, or is in. Raises TypeError outside a stack."""
    if not hasattr(scope, "node"):
        raise TypeError(f"scope must be a construct, such as a TerraformStack; got {type(scope).__name__}")
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

    jsii has to know the interfaces when it first sees the object. The library ignores a construct without its
    interface silently, for instance in `depends_on`.
    """
    subclass = type(plain_class)(plain_class.__name__, (plain_class,), {"__doc__": plain_class.__doc__})
    return jsii.implements(*interfaces)(subclass)


class _Producer:
    """Calls a function when the library resolves a lazy value."""

    def __init__(self, produce: Callable[[Any], Any]) -> None:
        self._produce = produce

    def produce(self, context: Any) -> Any:
        """Return the value; called by the library at synthesis."""
        return self._produce(context)


def lazy_value(core: ModuleType, produce: Callable[[Any], Any]) -> Any:
    """Return a token of what `produce` returns at synthesis, when it is called with the library's context."""
    return core.Lazy.any_value(implementing(_Producer, core.IAnyProducer)(produce))


def lazy_text(core: ModuleType, produce: Callable[[Any], str]) -> str:
    """Return a string token of what `produce` returns at synthesis, when it is called with the library's context."""
    text: str = core.Lazy.string_value(implementing(_Producer, core.IStringProducer)(produce))
    return text
