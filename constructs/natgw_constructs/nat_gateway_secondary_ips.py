"""The construct that declares the full set of secondary addresses of one private NAT gateway.

It adds what a binding cannot know: the rules of `natgw_provider.core` at synthesis, Python's own types, one owner for
each gateway, and one class for both libraries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Self, Unpack

from constructs import Construct

from natgw_constructs.declarations import Owners, construct_path, raise_problems, removed_on_failure
from natgw_constructs.gateway import KEYWORDS, Gateway, GatewayArguments, GatewayAttributes, Settings, Target
from natgw_constructs.gateway_declaration import (
    address_block,
    advice_on,
    attributes_of,
    check_lookup,
    check_owner,
    known_id,
    problems_of,
)
from natgw_constructs.iam import HasIamPolicy
from natgw_constructs.libraries import implementing, library_of
from natgw_provider.core.problems import Problem


class NatGatewaySecondaryIps(GatewayAttributes, HasIamPolicy, Construct):
    """The full set of secondary private IPv4 addresses of a private NAT gateway.

    Addresses that are on the gateway and not declared are drained and unassigned. Works in stacks of cdktf and of
    cdktn. Can stand in `depends_on`. Its one child, `Resource`, is the resource itself.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope. It is part of the resource's address in Terraform: under a new one the resource is
            destroyed and created again, unless it is moved.
        declaration: the arguments of `Gateway`, such as `nat_gateway_id` and `addresses`.

    Raises:
        DeclarationError: with everything that is wrong, at synthesis.
    """

    def __new__(cls, scope: Construct, *_arguments: Any, **_keywords: Any) -> Self:
        """Make an object that the library of `scope` takes in `depends_on`."""
        made: Self = object.__new__(implementing(cls, library_of(scope).core.ITerraformDependable))
        return made

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        **declaration: Unpack[GatewayArguments],
    ) -> None:
        library, gateway, path = library_of(scope), Gateway(**declaration), construct_path(scope, id)
        owners = Owners.within(scope.node.root)
        problems = [*problems_of(gateway, library, scope), *check_owner(gateway, library, owners, path)]
        raise_problems(path, problems, KEYWORDS)
        with removed_on_failure(scope, id):
            super().__init__(scope, id)
            make = library.bindings.SecondaryPrivateIps
            attributes = attributes_of(gateway)
            self._resource = make(
                self, "Resource", **attributes, provider=gateway.provider, depends_on=gateway.depends_on
            )
            self._resource.declared_with(KEYWORDS)
            for warning in advice_on(self._resource):
                library.core.Annotations.of(self).add_warning(warning)
        if gateway_id := known_id(gateway, library):
            owners.add(path, gateway_id)

    @classmethod
    def from_cidr(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        cidr: str,
        **declaration: Unpack[Target],
    ) -> Self:
        """Declare every address of a CIDR block as the set, such as the 8 addresses of "10.0.0.16/29".

        Args:
            scope: the stack, or a construct in it.
            id: id in the scope.
            cidr: the block, known at synthesis, of at most 31 addresses.
            declaration: the other arguments of `Gateway`.

        Raises:
            DeclarationError: with everything that is wrong.
        """
        try:
            addresses = address_block(cidr)
        except ValueError as error:
            raise_problems(construct_path(scope, id), [Problem(("cidr",), "No usable block", str(error))])
            raise
        return cls(scope, id, addresses=addresses, **declaration)

    @classmethod
    def from_lookup(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        tags: Mapping[str, str] | None = None,
        filters: Mapping[str, Sequence[str]] | None = None,
        addresses: Sequence[str] | AbstractSet[str] | None = None,
        count: float | None = None,
        **settings: Unpack[Settings],
    ) -> Self:
        """Declare the set of a gateway that exists already, found by its tags at plan.

        The data source stands beside the construct, as `<id>-lookup`. A plan fails unless exactly one gateway matches.

        Args:
            scope: the stack, or a construct in it.
            id: id in the scope.
            tags: tags that the gateway has, all of them. Give these, or `filters`, or both.
            filters: filters of DescribeNatGateways by name, such as `{"subnet-id": ["subnet-1"]}`.
            addresses: the full set. Give this or `count`.
            count: how many secondaries.
            settings: the other arguments of `Gateway`.

        Raises:
            DeclarationError: with everything that is wrong.
        """
        library = library_of(scope)
        raise_problems(construct_path(scope, id), list(check_lookup(tags, filters, library.is_unknown)))
        with removed_on_failure(scope, f"{id}-lookup", id):
            found = library.bindings.DataNatgwNatGateway(
                scope,
                f"{id}-lookup",
                tags=tags,
                filter=filters and [{"name": name, "values": values} for name, values in filters.items()],
                provider=settings.get("provider"),
            )
            return cls(scope, id, nat_gateway=found, addresses=addresses, count=count, **settings)

    @property
    def resource(self) -> Any:
        """The resource itself, `SecondaryPrivateIps` of the stack's library: for `lifecycle`, overrides, moves."""
        return self._resource

    @property
    def fqn(self) -> str:
        """The resource's address in Terraform, as `depends_on` needs it."""
        return self._resource.fqn

    def gateway_ids(self) -> list[str]:
        """Return the id of the gateway, known or as a token."""
        library, given = library_of(self), str(self._resource.nat_gateway_id_input)
        # In a function of the library a written "${var.id}" would be escaped; the resource's own id is a token.
        is_written = library.is_unknown(given) and not library.core.Token.is_unresolved(given)
        return [self._resource.nat_gateway_id if is_written else given]
