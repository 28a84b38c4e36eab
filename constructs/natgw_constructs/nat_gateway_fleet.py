"""Many gateways from one mapping: one resource each, shared defaults, and totals as outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any, Final, Unpack

from constructs import Construct

from natgw_constructs.declarations import (
    Claim,
    Claims,
    construct_path,
    in_path,
    keyword_named,
    raise_problems,
    removed_on_failure,
    unknown_arguments,
    wrong_type,
)
from natgw_constructs.gateway import KEYWORDS, Gateway, GatewaySettings, PublicGateway
from natgw_constructs.gateway_declaration import Declared, claimed_already
from natgw_constructs.iam import HasIamPolicy
from natgw_constructs.libraries import Library, lazy_value, library_of
from natgw_constructs.secondary_addresses import NatGatewaySecondaryElasticIps, NatGatewaySecondaryIps
from natgw_provider.core import names
from natgw_provider.core.address_kinds import KIND_OF_TYPE
from natgw_provider.core.limits import CONNECTIONS_PER_ADDRESS
from natgw_provider.core.problems import Problem

_A_GATEWAY: Final = "Gateway(nat_gateway_id=..., addresses=[...])"
_A_PUBLIC_GATEWAY: Final = "PublicGateway(nat_gateway_id=..., allocation_ids=[...])"
_CONSTRUCTS: Final = {
    Gateway.BINDING: NatGatewaySecondaryIps,
    PublicGateway.BINDING: NatGatewaySecondaryElasticIps,
}
_OUTPUTS: Final = ("addresses", "address_total", "connection_capacity", "iam_policy")


class NatGatewayFleet(HasIamPolicy, Construct):
    """One `NatGatewaySecondaryIps` or `NatGatewaySecondaryElasticIps` for each gateway of a mapping, by its name.

    A name is the construct's id and so part of the resource's address in Terraform: add and remove others freely, but
    renaming one destroys and creates. Outputs: `_addresses` (name to set, of a public gateway the allocation ids),
    `_address_total`, `_connection_capacity` (connections to one destination, primaries included), `_iam_policy`. In
    front of each stand the ids of the fleet and of the constructs around it, joined by `_`, without the characters that
    Terraform does not take in a name.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope.
        gateways: each gateway's declaration by its name, `Gateway` or `PublicGateway`.
        outputs: whether the outputs are made. Default: True.
        settings: defaults for all gateways: the arguments of both, except those that name the gateway and its
            addresses.

    Raises:
        DeclarationError: with everything that is wrong with any of them, at synthesis.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        gateways: Mapping[str, Gateway | PublicGateway],
        *,
        outputs: bool = True,
        **settings: Unpack[GatewaySettings],
    ) -> None:
        library, path = library_of(scope), construct_path(scope, id)
        declared = _with_defaults(gateways, settings)
        stack = library.core.TerraformStack.of(scope)
        prefix, output_names = _output_prefix(stack, path), Claims.within(stack)
        problems = [
            *_misfits(gateways, settings),
            *_problems(scope, path, declared),
            *(_check_outputs(gateways, path, prefix, output_names) if outputs else ()),
        ]
        raise_problems(path, problems)
        with removed_on_failure(scope, id):
            super().__init__(scope, id)
            self._gateways: dict[str, NatGatewaySecondaryIps | Any] = {
                name: _CONSTRUCTS[it.BINDING](self, name, **_keywords(it)) for name, it in declared.items()
            }
            if outputs:
                self._add_outputs(library, prefix)
                output_names.add(prefix, Claim(path))

    @property
    def gateways(self) -> Mapping[str, NatGatewaySecondaryIps | Any]:
        """The constructs by name; that of a public gateway is a `NatGatewaySecondaryElasticIps`."""
        return dict(self._gateways)

    @property
    def addresses(self) -> dict[str, list[str]]:
        """Tokens: each gateway's secondary addresses by name, of a public gateway the allocation ids."""
        return {
            name: getattr(it.resource, KIND_OF_TYPE[it.resource.TF_RESOURCE_TYPE].argument)
            for name, it in self._gateways.items()
        }

    @property
    def address_total(self) -> float:
        """Token: how many secondary addresses all gateways have together; 0 without gateways."""
        if not self._gateways:
            return 0
        core = library_of(self).core
        total: float = core.Token.as_number(core.Fn.sum([_count(core, it.resource) for it in self._gateways.values()]))
        return total

    @property
    def connection_capacity(self) -> float:
        """Token: how many simultaneous connections to one destination all addresses carry, primaries included."""
        if not self._gateways:
            return 0
        core = library_of(self).core
        addresses = core.Op.add(self.address_total, len(self._gateways))
        capacity: float = core.Token.as_number(core.Op.mul(addresses, CONNECTIONS_PER_ADDRESS))
        return capacity

    def gateway_ids(self, connectivity: str | None = None) -> list[str]:
        """Return the ids of the gateways, known or as tokens: all, or only the `private` or `public` ones."""
        return [gateway_id for it in self._gateways.values() for gateway_id in it.gateway_ids(connectivity)]

    def _add_outputs(self, library: Library, prefix: str) -> None:
        # Lazily: to read an attribute fixes the name of the resource, and the user may still rename it.
        for name in _OUTPUTS:
            value = lazy_value(library.core, partial(self._output, name))
            output = library.core.TerraformOutput(self, name, value=value)
            output.override_logical_id(f"{prefix}_{name}")

    def _output(self, name: str, _context: Any) -> Any:
        return getattr(self, name)


def _count(core: Any, resource: Any) -> Any:
    """Return how many addresses a set has, as a token. A count is known at plan, when its addresses are not."""
    kind = KIND_OF_TYPE[resource.TF_RESOURCE_TYPE]
    count, addresses = kind.count_argument, kind.argument
    return getattr(resource, count) if count else core.Fn.length_of(getattr(resource, addresses))


def _output_prefix(stack: Any, path: str) -> str:
    """Return what the names of a fleet's outputs begin with: the ids below the stack, as the library writes them."""
    ids = path.removeprefix(f"{stack.node.path}/").split("/")
    return "_".join(re.sub(r"[^A-Za-z0-9_-]", "", construct_id) for construct_id in ids)


def _check_outputs(gateways: object, path: str, prefix: str, taken: Claims) -> Iterator[Problem]:
    """Yield what stands in the way of the outputs: other outputs of their names, and gateways called like one."""
    for name in _OUTPUTS:
        if isinstance(gateways, Mapping) and name in gateways:
            detail = f'"{name}" is the name of an output of the fleet. Give the gateway another name, or outputs=False.'
            yield Problem((name,), "Name of an output", detail)
    other = taken.against(prefix, Claim(path))
    if other is not None:
        detail = (
            f"{prefix}_{_OUTPUTS[0]} and so on are outputs of {other.path} already. Give another id, or outputs=False."
        )
        yield Problem(("outputs",), "Output named twice", detail)


def _misfits(gateways: object, settings: GatewaySettings) -> Iterator[Problem]:
    """Yield what is not a gateway, a name or a setting."""
    yield from unknown_arguments(settings, GatewaySettings.__annotations__)
    if not isinstance(gateways, Mapping):
        yield wrong_type(("gateways",), gateways, f'Give a mapping by name, such as {{"egress-a": {_A_GATEWAY}}}.')
        return
    for name, gateway in gateways.items():
        if not isinstance(name, str) or not name:
            yield wrong_type(("gateways",), name, 'Give each gateway a name, such as "egress-a".')
        if not isinstance(gateway, Gateway | PublicGateway):
            yield wrong_type((str(name),), gateway, f"Give {_A_GATEWAY} or {_A_PUBLIC_GATEWAY}.")


def _problems(scope: Construct, path: str, gateways: Mapping[str, Gateway | PublicGateway]) -> Iterator[Problem]:
    """Yield what is wrong with each gateway, also that another one is the same."""
    first: dict[str, Claim] = {}
    for name, gateway in gateways.items():
        own_path, declared = f"{path}/{in_path(name)}", Declared.within(scope, gateway)
        problems, gateway_id = declared.problems(own_path), declared.known(names.NAT_GATEWAY_ID)
        own = declared.claim(own_path)
        if gateway_id and first.setdefault(gateway_id, own) is not own:
            problems.append(claimed_already(gateway_id, own, first[gateway_id]))
        for problem in problems:
            named = keyword_named(problem, KEYWORDS)
            yield Problem((str(name), *named.path), named.summary, named.detail)


def _with_defaults(gateways: object, settings: GatewaySettings) -> dict[str, Gateway | PublicGateway]:
    """Return the declarations by name, with the settings where they say nothing; what is not one is left out."""
    declared = gateways.items() if isinstance(gateways, Mapping) else ()
    known: Any = {name: value for name, value in settings.items() if name in GatewaySettings.__annotations__}
    return {
        name: replace(gateway, **{setting: it for setting, it in known.items() if getattr(gateway, setting) is None})
        for name, gateway in declared
        if isinstance(gateway, Gateway | PublicGateway)
    }


def _keywords(gateway: Gateway | PublicGateway) -> dict[str, Any]:
    return {field.name: getattr(gateway, field.name) for field in fields(gateway)}
