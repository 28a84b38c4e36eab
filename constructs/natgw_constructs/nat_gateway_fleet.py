"""Many gateways from one mapping: one resource each, shared defaults, and totals as outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Unpack

from constructs import Construct

from natgw_constructs.arguments import KEYWORDS, Gateway, Settings
from natgw_constructs.iam import ArnScope, policy_document
from natgw_constructs.libraries import Library, library_of
from natgw_constructs.nat_gateway_secondary_ips import NatGatewaySecondaryIps
from natgw_constructs.problems import construct_path, keyword_named, raise_problems
from natgw_provider.core.limits import CONNECTIONS_PER_ADDRESS
from natgw_provider.core.problems import Problem


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
        declared = {name: gateway.with_defaults(settings) for name, gateway in gateways.items()}
        raise_problems(construct_path(scope, id), list(_problems(declared, library)))
        super().__init__(scope, id)
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


def _problems(declared: Mapping[str, Gateway], library: Library) -> Iterator[Problem]:
    for name, gateway in declared.items():
        for problem in gateway.problems(library):
            named = keyword_named(problem, KEYWORDS)
            yield Problem((name, *named.path), named.summary, named.detail)


def _keywords(gateway: Gateway) -> dict[str, Any]:
    return {field.name: getattr(gateway, field.name) for field in fields(gateway)}
