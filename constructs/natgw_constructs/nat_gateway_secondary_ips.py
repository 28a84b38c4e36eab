"""The construct that declares the full set of secondary addresses of one private NAT gateway.

It adds what a binding cannot know: the rules of `natgw_provider.core` at synthesis, Python's own types for durations,
and one class for both libraries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Self

from constructs import Construct

from natgw_constructs.declaration import check_declaration, go_durations, in_order, seconds_of
from natgw_constructs.libraries import Resolvable, implementing, library_of
from natgw_constructs.problems import construct_path, raise_problems
from natgw_provider.core import names
from natgw_provider.core.problems import Problem

if TYPE_CHECKING:
    from natgw_constructs import cdktf, cdktn

OnDestroy = Literal["unassign", "retain"]
"""What destroying does to the gateway."""

KEYWORDS: Final = MappingProxyType(
    {
        names.ADDRESSES: "addresses",
        names.ADDRESS_COUNT: "count",
        names.MAX_DRAIN: "max_drain",
        names.MIN_IN_SERVICE: "min_in_service",
    }
)
"""The construct's keyword arguments by the resource's attributes, where they differ."""


class HasId(Protocol):
    """Anything with an id, such as `NatGateway` of the AWS provider's bindings."""

    @property
    def id(self) -> str:
        """The id of the NAT gateway, usually a token."""


class NatGatewaySecondaryIps(Construct):
    """The full set of secondary private IPv4 addresses of a private NAT gateway.

    Addresses that are on the gateway and not declared are drained and unassigned. Works in stacks of cdktf and of
    cdktn. Can stand in `depends_on`. Its one child, `Resource`, is the resource itself.

    Args:
        scope: the stack, or a construct in it.
        id: id in the scope; changing it moves the resource in Terraform's state.
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
        addresses: Sequence[str] | AbstractSet[str] | None = None,
        count: float | None = None,
        max_drain: float | timedelta | None = None,
        wait_for_drain: bool | Resolvable | None = None,
        min_in_service: float | None = None,
        on_destroy: OnDestroy | None = None,
        timeouts: Mapping[str, str | timedelta] | None = None,
        provider: cdktf.NatgwProvider | cdktn.NatgwProvider | None = None,
    ) -> None:
        library = library_of(scope)
        given = {
            names.NAT_GATEWAY_ID: nat_gateway_id if nat_gateway is None else nat_gateway.id,
            names.ADDRESSES: in_order(addresses),
            names.ADDRESS_COUNT: count,
            names.MAX_DRAIN: seconds_of(max_drain),
            names.WAIT_FOR_DRAIN: wait_for_drain,
            names.MIN_IN_SERVICE: min_in_service,
            names.ON_DESTROY: on_destroy,
            names.TIMEOUTS: go_durations(timeouts),
        }
        make = library.bindings.SecondaryPrivateIps
        problems = make.check_types(given)
        ill_typed = {problem.path[0] for problem in problems if len(problem.path) == 1}
        problems += _check_one_gateway(nat_gateway_id, nat_gateway)
        problems += check_declaration(given, library.is_token, ill_typed=ill_typed)
        raise_problems(construct_path(scope, id), problems, KEYWORDS)
        super().__init__(scope, id)
        self._resource: cdktf.SecondaryPrivateIps | cdktn.SecondaryPrivateIps = make(
            self, "Resource", **given, provider=provider
        )

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


def _check_one_gateway(nat_gateway_id: str | None, nat_gateway: HasId | None) -> tuple[Problem, ...]:
    if (nat_gateway_id is None) != (nat_gateway is None):
        return ()
    found = "Neither is given" if nat_gateway_id is None else "Both are given"
    detail = f"{found}. Give {names.NAT_GATEWAY_ID}, or nat_gateway as any object with an id, not both and not neither."
    return (Problem((names.NAT_GATEWAY_ID,), "Exactly one gateway is required", detail),)
