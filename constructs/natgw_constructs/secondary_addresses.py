"""The constructs that declare secondary addresses of one NAT gateway, as a full set or one at a time.

They add what a binding cannot know: the rules of `natgw_provider.core` at synthesis, Python's own types, one owner for
each gateway, and one class for both libraries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Self, Unpack, cast

from constructs import Construct

from natgw_constructs.declarations import construct_path, raise_problems, removed_on_failure, unknown_arguments
from natgw_constructs.gateway import (
    KEYWORDS,
    Declaration,
    ElasticIp,
    ElasticIpArguments,
    ElasticIpAttributes,
    Gateway,
    GatewayAddresses,
    GatewayArguments,
    GatewayAttributes,
    GatewayTarget,
    PrivateIp,
    PrivateIpArguments,
    PrivateIpAttributes,
    PublicGateway,
    PublicGatewayAddresses,
    PublicGatewayArguments,
    PublicGatewayAttributes,
)
from natgw_constructs.gateway_declaration import Declared, address_block, check_lookup
from natgw_constructs.iam import HasIamPolicy
from natgw_constructs.libraries import implementing, library_of
from natgw_provider.core.address_kinds import KIND_OF_TYPE
from natgw_provider.core.problems import Problem


class SecondaryAddresses(HasIamPolicy, Construct):
    """A construct around one resource of natgw, which is its only child, `Resource`."""

    _resource: Any

    def __new__(cls, scope: Construct, *_arguments: Any, **_keywords: Any) -> Self:
        """Make an object that the library of `scope` takes in `depends_on`."""
        made: Self = object.__new__(implementing(cls, library_of(scope).core.ITerraformDependable))
        return made

    def __init__(
        self, scope: Construct, construct_id: str, declares: type[Declaration], arguments: Mapping[str, Any]
    ) -> None:
        """Check what is declared and make its resource. Raises DeclarationError with everything that is wrong."""
        path = construct_path(scope, construct_id)
        raise_problems(path, list(unknown_arguments(arguments, [field.name for field in fields(declares)])))
        declared = Declared.within(scope, declares(**arguments))
        raise_problems(path, declared.problems(path), KEYWORDS)
        super().__init__(scope, construct_id)
        self._resource = declared.make_resource(self, "Resource")
        for warning in declared.advice():
            declared.library.core.Annotations.of(self).add_warning(warning)
        declared.add_claim(path)

    @property
    def resource(self) -> Any:
        """The resource itself, of the stack's library: for `lifecycle`, overrides, moves."""
        return self._resource

    @property
    def fqn(self) -> str:
        """The resource's address in Terraform, as `depends_on` needs it."""
        address: str = self._resource.fqn
        return address

    def gateway_ids(self, connectivity: str | None = None) -> list[str]:
        """Return the id of the gateway, known or as a token; none when it is not `private` or `public` as asked."""
        if connectivity not in (None, KIND_OF_TYPE[self._resource.TF_RESOURCE_TYPE].connectivity):
            return []
        library, given = library_of(self), str(self._resource.nat_gateway_id_input)
        # In a function of the library a written "${var.id}" would be escaped; the resource's own id is a token.
        is_written = library.is_unknown(given) and not library.core.Token.is_unresolved(given)
        return [self._resource.nat_gateway_id if is_written else given]

    @classmethod
    def _from_lookup(
        cls,
        scope: Construct,
        construct_id: str,
        tags: Mapping[str, str] | None,
        filters: Mapping[str, Sequence[str]] | None,
        declaration: Mapping[str, object],
    ) -> Self:
        library, make = library_of(scope), cast("Any", cls)
        raise_problems(construct_path(scope, construct_id), list(check_lookup(tags, filters, library.is_unknown)))
        with removed_on_failure(scope, f"{construct_id}-lookup", construct_id):
            found = library.bindings.DataNatgwNatGateway(
                scope,
                f"{construct_id}-lookup",
                tags=tags,
                filter=filters and [{"name": name, "values": values} for name, values in filters.items()],
                provider=declaration.get("provider"),
            )
            made: Self = make(scope, construct_id, nat_gateway=found, **declaration)
            return made


class NatGatewaySecondaryIps(GatewayAttributes, SecondaryAddresses):
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

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        **declaration: Unpack[GatewayArguments],
    ) -> None:
        super().__init__(scope, id, Gateway, declaration)

    @classmethod
    def from_cidr(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        cidr: str,
        **declaration: Unpack[GatewayTarget],
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
        **declaration: Unpack[GatewayAddresses],
    ) -> Self:
        """Declare the set of a gateway that exists already, found by its tags at plan.

        The data source stands beside the construct, as `<id>-lookup`. A plan fails unless exactly one gateway matches.

        Args:
            scope: the stack, or a construct in it.
            id: id in the scope.
            tags: tags that the gateway has, all of them. Give these, or `filters`, or both.
            filters: filters of DescribeNatGateways by name, such as `{"subnet-id": ["subnet-1"]}`.
            declaration: the arguments of `Gateway` besides the gateway, such as `addresses`.

        Raises:
            DeclarationError: with everything that is wrong.
        """
        return cls._from_lookup(scope, id, tags, filters, declaration)


class NatGatewaySecondaryElasticIps(PublicGatewayAttributes, SecondaryAddresses):
    """The full set of secondary Elastic IPs of a public NAT gateway.

    Elastic IPs that are on the gateway and not declared are drained and disassociated. Works in stacks of cdktf and of
    cdktn. Can stand in `depends_on`. Its one child, `Resource`, is the resource itself.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope. It is part of the resource's address in Terraform: under a new one the resource is
            destroyed and created again, unless it is moved.
        declaration: the arguments of `PublicGateway`, such as `nat_gateway_id` and `allocation_ids`.

    Raises:
        DeclarationError: with everything that is wrong, at synthesis.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        **declaration: Unpack[PublicGatewayArguments],
    ) -> None:
        super().__init__(scope, id, PublicGateway, declaration)

    @classmethod
    def from_lookup(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        tags: Mapping[str, str] | None = None,
        filters: Mapping[str, Sequence[str]] | None = None,
        **declaration: Unpack[PublicGatewayAddresses],
    ) -> Self:
        """Declare the set of a gateway that exists already, found by its tags at plan.

        The data source stands beside the construct, as `<id>-lookup`. A plan fails unless exactly one gateway matches.

        Args:
            scope: the stack, or a construct in it.
            id: id in the scope.
            tags: tags that the gateway has, all of them. Give these, or `filters`, or both.
            filters: filters of DescribeNatGateways by name, such as `{"subnet-id": ["subnet-1"]}`.
            declaration: the arguments of `PublicGateway` besides the gateway, such as `allocation_ids`.

        Raises:
            DeclarationError: with everything that is wrong.
        """
        return cls._from_lookup(scope, id, tags, filters, declaration)


class NatGatewaySecondaryIp(PrivateIpAttributes, SecondaryAddresses):
    """One secondary private IPv4 address of a private NAT gateway that several modules or teams share.

    Other addresses of the gateway are left alone. Works in stacks of cdktf and of cdktn. Can stand in `depends_on`. Its
    one child, `Resource`, is the resource itself.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope, a part of the resource's address in Terraform.
        declaration: the arguments of `PrivateIp`, such as `nat_gateway_id` and `private_ip_address`.

    Raises:
        DeclarationError: with everything that is wrong, at synthesis.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        **declaration: Unpack[PrivateIpArguments],
    ) -> None:
        super().__init__(scope, id, PrivateIp, declaration)


class NatGatewaySecondaryElasticIp(ElasticIpAttributes, SecondaryAddresses):
    """One secondary Elastic IP of a public NAT gateway that several modules or teams share.

    Other Elastic IPs of the gateway are left alone. Works in stacks of cdktf and of cdktn. Can stand in `depends_on`.
    Its one child, `Resource`, is the resource itself.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope, a part of the resource's address in Terraform.
        declaration: the arguments of `ElasticIp`, such as `nat_gateway_id` and `allocation_id`.

    Raises:
        DeclarationError: with everything that is wrong, at synthesis.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        **declaration: Unpack[ElasticIpArguments],
    ) -> None:
        super().__init__(scope, id, ElasticIp, declaration)
