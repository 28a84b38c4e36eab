"""Many gateways from one mapping: one resource each, shared defaults, and totals as outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final, Unpack

from constructs import Construct

from natgw_constructs.arguments import KEYWORDS, Gateway, Settings, wrong_type
from natgw_constructs.iam import ArnScope, policy_document
from natgw_constructs.libraries import Library, library_of
from natgw_constructs.nat_gateway_secondary_ips import NatGatewaySecondaryIps
from natgw_constructs.ownership import claim, owners_in
from natgw_constructs.problems import construct_path, keyword_named, raise_problems
from natgw_provider.core.limits import CONNECTIONS_PER_ADDRESS
from natgw_provider.core.problems import Problem

_A_GATEWAY: Final = "Gateway(nat_gateway_id=..., addresses=[...])"


class NatGatewayFleet(Construct):
    """One `NatGatewaySecondaryIps` for each gateway of a mapping, by its name.

    A name is the construct's id and so part of the resource's address in Terraform: add and remove others freely, but
    renaming one destroys and creates. Outputs, with the fleet's id in front: `_addresses` (name to set),
    `_address_total`, `_connection_capacity` (connections to one destination, primaries included), `_iam_policy`.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope.
        gateways: each gateway's declaration by its name.
        outputs: whether the outputs are made. Default: True.
        settings: defaults for all gateways: `max_drain`, `wait_for_drain`, `min_in_service`, `on_destroy`, `timeouts`,
            `provider`.

    Raises:
        DeclarationError: with everything that is wrong with any of them, at synthesis.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        gateways: Mapping[str, Gateway],
        *,
        outputs: bool = True,
        **settings: Unpack[Settings],
    ) -> None:
        library = library_of(scope)
        path = construct_path(scope, id)
        raise_problems(path, [*_misfits(gateways, settings), *_problems(scope, path, gateways, settings)])
        super().__init__(scope, id)
        declared = _with_defaults(gateways, settings)
        self._gateways = {name: NatGatewaySecondaryIps(self, name, **_keywords(it)) for name, it in declared.items()}
        if outputs:
            self._add_outputs(library)

    @property
    def gateways(self) -> Mapping[str, NatGatewaySecondaryIps]:
        """The constructs by name."""
        return dict(self._gateways)

    @property
    def addresses(self) -> dict[str, list[str]]:
        """Tokens: each gateway's secondary addresses, by name."""
        return {name: ips.secondary_private_ip_addresses for name, ips in self._gateways.items()}

    @property
    def address_total(self) -> float:
        """Token: how many secondary addresses all gateways have together."""
        counts = [ips.secondary_private_ip_address_count for ips in self._gateways.values()]
        total: float = library_of(self).core.Token.as_number(library_of(self).core.Fn.sum(counts or [0]))
        return total

    @property
    def connection_capacity(self) -> float:
        """Token: how many simultaneous connections to one destination all addresses carry, primaries included."""
        core = library_of(self).core
        addresses = core.Op.add(self.address_total, len(self._gateways))
        capacity: float = core.Token.as_number(core.Op.mul(addresses, CONNECTIONS_PER_ADDRESS))
        return capacity

    @property
    def iam_policy(self) -> str:
        """JSON: the least-privilege IAM policy for what Terraform does to these gateways."""
        text: str = library_of(self).core.Fn.jsonencode(self.iam_policy_document())
        return text

    def iam_policy_document(
        self, *, partition: str = "aws", region: str = "*", account_id: str = "*"
    ) -> dict[str, Any]:
        """Return the same policy as a dictionary, its ARNs limited to a partition, region and account."""
        ids = [str(ips.resource.nat_gateway_id_input) for ips in self._gateways.values()]
        return policy_document(ids, ArnScope(partition=partition, region=region, account_id=account_id))

    def _add_outputs(self, library: Library) -> None:
        values = {
            "addresses": self.addresses,
            "address_total": self.address_total,
            "connection_capacity": self.connection_capacity,
            "iam_policy": self.iam_policy,
        }
        for name, value in values.items():
            output = library.core.TerraformOutput(self, name, value=value)
            output.override_logical_id(f"{self.node.id}_{name}")


def _misfits(gateways: object, settings: Settings) -> Iterator[Problem]:
    """Yield what is no gateway, no name and no setting."""
    known = ", ".join(Settings.__annotations__)
    for setting in (name for name in settings if name not in Settings.__annotations__):
        yield Problem((setting,), "Unknown argument", f'"{setting}" is none of {known}. Correct or remove it.')
    if not isinstance(gateways, Mapping):
        yield wrong_type(("gateways",), gateways, f'Give a mapping by name, such as {{"egress-a": {_A_GATEWAY}}}.')
        return
    for name, gateway in gateways.items():
        if not isinstance(name, str) or not name:
            yield wrong_type(("gateways",), name, 'Give each gateway a name, such as "egress-a".')
        if not isinstance(gateway, Gateway):
            yield wrong_type((str(name),), gateway, f"Give {_A_GATEWAY}.")


def _problems(scope: Construct, path: str, gateways: object, settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with each gateway, also that another one is the same."""
    library, owners = library_of(scope), dict(owners_in(scope))
    for name, gateway in _with_defaults(gateways, settings).items():
        claimed = claim(owners, f"{path}/{name}", gateway.attributes(), library)
        for problem in (*gateway.problems(library), *claimed):
            named = keyword_named(problem, KEYWORDS)
            yield Problem((str(name), *named.path), named.summary, named.detail)


def _with_defaults(gateways: object, settings: Settings) -> dict[str, Gateway]:
    """Return the declarations by name; what is none is left out."""
    declared = gateways.items() if isinstance(gateways, Mapping) else ()
    known: Any = {name: value for name, value in settings.items() if name in Settings.__annotations__}
    return {name: gateway.with_defaults(known) for name, gateway in declared if isinstance(gateway, Gateway)}


def _keywords(gateway: Gateway) -> dict[str, Any]:
    return {field.name: getattr(gateway, field.name) for field in fields(gateway)}
