"""One owner for each gateway in an app: two sets for one gateway would undo each other at every apply.

Only ids that are known at synthesis can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from constructs import Construct

from natgw_constructs.libraries import Library
from natgw_provider.core import names
from natgw_provider.core.problems import Problem

Owners: TypeAlias = dict[str, str]
"""The path of the construct that declares a gateway, by the gateway's id."""

_OWNERS: Final[dict[str, Owners]] = {}
"""The owners in each app, by its reference in jsii.

The Python object of an app will not do as a key: jsii makes a new one when nobody holds the old.
"""


def owners_in(scope: Construct) -> Owners:
    """Return who declares which gateway in the app of `scope`, to be looked at and added to."""
    app: Any = scope.node.root
    return _OWNERS.setdefault(app.__jsii_ref__.ref, {})


def claim(owners: Owners, path: str, attributes: Mapping[str, Any], library: Library) -> tuple[Problem, ...]:
    """Note the gateway as declared by the construct about to be made at `path`, or return who declares it already."""
    gateway_id = attributes[names.NAT_GATEWAY_ID]
    if not isinstance(gateway_id, str) or library.is_token(gateway_id):
        return ()
    owner = owners.setdefault(gateway_id, path)
    if owner == path:
        return ()
    detail = (
        f"{gateway_id} is declared by {owner} already. A declaration is the gateway's full set, so that two would undo "
        "each other at every apply. Declare all addresses in one place."
    )
    return (Problem((names.NAT_GATEWAY_ID,), "Gateway declared twice", detail),)
