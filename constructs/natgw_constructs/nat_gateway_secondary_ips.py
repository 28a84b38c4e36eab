"""The construct that declares the full set of secondary addresses of one private NAT gateway.

It adds what a binding cannot know: the rules of `natgw_provider.core` at synthesis, Python's own types, one owner for
each gateway, and one class for both libraries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self, Unpack

from constructs import Construct

from natgw_constructs.address_blocks import address_block
from natgw_constructs.advice import advice_on
from natgw_constructs.arguments import KEYWORDS, Addresses, Gateway, HasId, OnDestroy, Settings, check_filters
from natgw_constructs.iam import ArnScope, policy_document
from natgw_constructs.libraries import Resolvable, implementing, library_of
from natgw_constructs.ownership import claim, owners_in
from natgw_constructs.problems import construct_path, raise_problems
from natgw_provider.core.problems import Problem

if TYPE_CHECKING:
    from natgw_constructs import cdktf, cdktn
    from natgw_constructs.arguments import AnyProvider, Timeouts


class NatGatewaySecondaryIps(Construct):
    """The full set of secondary private IPv4 addresses of a private NAT gateway.

    Addresses that are on the gateway and not declared are drained and unassigned. Works in stacks of cdktf and of
    cdktn. Can stand in `depends_on`. Its one child, `Resource`, is the resource itself.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope. It is part of the resource's address in Terraform: under a new one the resource is
            destroyed and created again, unless it is moved.
        nat_gateway_id: id of the gateway, or a token of it. Give this or `nat_gateway`.
        nat_gateway: the gateway as any object with an `id`, such as the AWS provider's `NatGateway`.
        addresses: the full set; empty removes every secondary. Give this or `count`.
        count: how many secondaries, 0 to 31; AWS picks them.
        max_drain: longest time that connections may drain, 1 to 4000 seconds. Default: 350 seconds.
        wait_for_drain: whether apply waits until drained addresses are released. Default: True.
        min_in_service: fewest addresses, primary included, that must take new connections at any moment of a change;
            a plan that would leave fewer fails. Default: 1.
        on_destroy: "unassign" (default) drains and unassigns the addresses, "retain" leaves the gateway as it is.
        timeouts: longest time for "create", "update" and "delete". Default: the drain and ten minutes.
        provider: the provider block to use. Default: the one without an alias.

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
        *,
        nat_gateway_id: str | None = None,
        nat_gateway: HasId | None = None,
        addresses: Addresses | None = None,
        count: float | None = None,
        max_drain: float | timedelta | None = None,
        wait_for_drain: bool | Resolvable | None = None,
        min_in_service: float | None = None,
        on_destroy: OnDestroy | None = None,
        timeouts: Timeouts | None = None,
        provider: AnyProvider | None = None,
    ) -> None:
        declared = Gateway(
            nat_gateway_id=nat_gateway_id,
            nat_gateway=nat_gateway,
            addresses=addresses,
            count=count,
            max_drain=max_drain,
            wait_for_drain=wait_for_drain,
            min_in_service=min_in_service,
            on_destroy=on_destroy,
            timeouts=timeouts,
            provider=provider,
        )
        library = library_of(scope)
        attributes = declared.attributes()
        path = construct_path(scope, id)
        owners = owners_in(scope)
        with_this = dict(owners)  # a copy, for a declaration that fails owns nothing
        raise_problems(path, [*declared.problems(library), *claim(with_this, path, attributes, library)], KEYWORDS)
        owners.update(with_this)
        super().__init__(scope, id)
        make = library.bindings.SecondaryPrivateIps
        self._resource: cdktf.SecondaryPrivateIps | cdktn.SecondaryPrivateIps = make(
            self, "Resource", **attributes, provider=provider
        )
        self._resource.declared_with(KEYWORDS)
        for warning in advice_on(self._resource):
            library.core.Annotations.of(self).add_warning(warning)

    @classmethod
    def from_cidr(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        cidr: str,
        nat_gateway_id: str | None = None,
        nat_gateway: HasId | None = None,
        **settings: Unpack[Settings],
    ) -> Self:
        """Declare every address of a CIDR block as the set, such as the 8 addresses of "10.0.0.16/29".

        Args:
            scope: the stack, or a construct in it.
            id: id in the scope.
            cidr: the block, known at synthesis, of at most 31 addresses.
            nat_gateway_id: id of the gateway. Give this or `nat_gateway`.
            nat_gateway: the gateway as any object with an `id`.
            settings: the other arguments of the constructor.

        Raises:
            DeclarationError: with everything that is wrong.
        """
        try:
            addresses = address_block(cidr)
        except ValueError as error:
            raise_problems(construct_path(scope, id), [Problem(("cidr",), "No usable block", str(error))])
            raise
        return cls(scope, id, nat_gateway_id=nat_gateway_id, nat_gateway=nat_gateway, addresses=addresses, **settings)

    @classmethod
    def from_lookup(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        tags: Mapping[str, str] | None = None,
        filters: Mapping[str, Sequence[str]] | None = None,
        addresses: Addresses | None = None,
        count: float | None = None,
        **settings: Unpack[Settings],
    ) -> Self:
        """Declare the set of a gateway that exists already, found by its tags at plan.

        The data source stands beside the construct, as `<id>-lookup`. A plan fails unless exactly one gateway matches.

        Args:
            scope: the stack, or a construct in it.
            id: id in the scope.
            tags: tags that the gateway has, all of them.
            filters: filters of DescribeNatGateways by name, such as `{"subnet-id": ["subnet-1"]}`.
            addresses: the full set. Give this or `count`.
            count: how many secondaries.
            settings: the other arguments of the constructor.

        Raises:
            DeclarationError: with everything that is wrong.
        """
        raise_problems(construct_path(scope, id), list(check_filters(filters, library_of(scope).is_token)))
        found = library_of(scope).bindings.DataNatgwNatGateway(
            scope,
            f"{id}-lookup",
            tags=tags,
            filter=filters and [{"name": name, "values": values} for name, values in filters.items()],
            provider=settings.get("provider"),
        )
        return cls(scope, id, nat_gateway=found, addresses=addresses, count=count, **settings)

    @property
    def resource(self) -> cdktf.SecondaryPrivateIps | cdktn.SecondaryPrivateIps:
        """The resource itself, for what this construct does not offer: `lifecycle`, overrides, moves."""
        return self._resource

    @property
    def fqn(self) -> str:
        """The resource's address in Terraform, as `depends_on` needs it."""
        return self._resource.fqn

    @property
    def nat_gateway_id(self) -> str:
        """Token: the id of the NAT gateway."""
        return self._resource.nat_gateway_id

    @property
    def secondary_private_ip_addresses(self) -> list[str]:
        """Token: the gateway's secondary addresses, also those that AWS picked."""
        return self._resource.secondary_private_ip_addresses

    @property
    def secondary_private_ip_address_count(self) -> float:
        """Token: how many they are."""
        return self._resource.secondary_private_ip_address_count

    @property
    def draining_private_ip_addresses(self) -> list[str]:
        """Token: addresses that keep their connections and take no new ones."""
        return self._resource.draining_private_ip_addresses

    @property
    def primary_private_ip_address(self) -> str:
        """Token: the gateway's primary address, which is never touched."""
        return self._resource.primary_private_ip_address

    @property
    def subnet_id(self) -> str:
        """Token: the subnet of the gateway."""
        return self._resource.subnet_id

    @property
    def subnet_cidr_block(self) -> str:
        """Token: the subnet's IPv4 CIDR block."""
        return self._resource.subnet_cidr_block

    @property
    def vpc_id(self) -> str:
        """Token: the VPC of the gateway."""
        return self._resource.vpc_id

    @property
    def network_interface_id(self) -> str:
        """Token: the network interface of the gateway."""
        return self._resource.network_interface_id

    @property
    def last_change(
        self,
    ) -> cdktf.SecondaryPrivateIpsLastChangeOutputReference | cdktn.SecondaryPrivateIpsLastChangeOutputReference:
        """Object of tokens: what the planned or last apply does to the gateway."""
        return self._resource.last_change

    @property
    def iam_policy(self) -> str:
        """JSON: the least-privilege IAM policy for what Terraform does to this gateway, in any region and account."""
        document = self.iam_policy_document()
        text: str = library_of(self).core.Fn.jsonencode(document)
        return text

    def iam_policy_document(
        self, *, partition: str = "aws", region: str = "*", account_id: str = "*"
    ) -> dict[str, Any]:
        """Return the same policy as a dictionary, its ARN limited to a partition, region and account."""
        scope = ArnScope(partition=partition, region=region, account_id=account_id)
        return policy_document([str(self._resource.nat_gateway_id_input)], scope)
