"""Rules for every gateway of an app, as Aspects.

`Aspects.of(app).add(RequireMinimumDrain(300))` judges the resources of every stack, made before or after, and annotates
errors, which stop the synthesis. Attached to one stack or construct, a rule judges what is in it. What only Terraform
knows is not judged. The defaults that a rule assumes are the provider's, from `natgw_provider.core`.

cdktf and cdktn run the Aspects of a stack and of what is in it. They accept those of the app, or of a construct that
holds stacks, and never run them. A rule for a whole app belongs there, so each resource has an Aspect of its own that
runs the rules from above its stack.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from constructs import IConstruct

from natgw_constructs.libraries import implementing, loaded_libraries
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import KIND_OF_TYPE

if TYPE_CHECKING:
    from natgw_constructs.bindings import Binding


class _Aspect(ABC):
    """An Aspect of every library that is loaded."""

    def __new__(cls, *_arguments: Any, **_keywords: Any) -> Self:
        """Make an object that `Aspects.add` takes. Raises TypeError when no library is loaded to take it."""
        interfaces = [module.IAspect for module in loaded_libraries().values()]
        if not interfaces:
            raise TypeError(
                f"Import cdktf or cdktn before you make {cls.__name__}(...): it becomes an Aspect of these libraries."
            )
        made: Self = object.__new__(implementing(cls, *interfaces))
        return made

    @abstractmethod
    def visit(self, node: IConstruct) -> None:
        """Look at one construct; called for every construct below at synthesis."""


class Rule(_Aspect):
    """Says what is wrong with one resource."""

    def visit(self, node: IConstruct) -> None:
        """Annotate an error where the rule is broken; called for every construct at synthesis."""
        if is_judged(node):
            resource: Any = node
            self.judge(resource)

    def judge(self, resource: Binding) -> None:
        """Annotate an error when the resource breaks the rule."""
        violation = self._violation(resource)
        if violation is not None:
            resource.add_error(violation)

    @abstractmethod
    def _violation(self, resource: Binding) -> str | None:
        """Return what is wrong with the resource, what is allowed and what to do; None when nothing is."""


class _AtLeast(Rule):
    """An argument, declared or by default, must not be below a number. A resource without it is not judged."""

    _argument: str
    _default: int
    _fix: str
    """What to do; the number is filled in."""

    def __init__(self, least: float) -> None:
        self._least = least

    def _violation(self, resource: Binding) -> str | None:
        """Compare what is declared, or the default."""
        if self._argument not in resource.ARGUMENTS:
            return None
        value = resource.known_value(self._argument, self._default)
        if value is None or value >= self._least:
            return None
        asked = f"this app asks for at least {self._least} ({type(self).__name__})"
        return f"{self._argument} is {value}, but {asked}. {self._fix.format(self._least)}"


class RequireMinimumDrain(_AtLeast):
    """Existing connections must have at least this many seconds to drain.

    An Aspect: attach it to the app, for every stack of it, or to one stack or construct. An error stops the synthesis.

    Args:
        seconds: the least `max_drain_duration_seconds` that is allowed.
    """

    _argument = names.MAX_DRAIN
    _default = limits.DRAIN_SECONDS_DEFAULT
    _fix = f"Raise it to {{}} to {limits.DRAIN_SECONDS_MAXIMUM}."

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)


class RequireMinInService(_AtLeast):
    """No change may leave fewer addresses in service than this many, the primary included.

    An Aspect: attach it to the app, for every stack of it, or to one stack or construct. An error stops the synthesis.
    Single addresses have no such setting, and are not judged.

    Args:
        addresses: the least `min_in_service_addresses` that is allowed.
    """

    _argument = names.MIN_IN_SERVICE
    _default = limits.MIN_IN_SERVICE_DEFAULT
    _fix = "Set it to {} or more, so that no change can leave fewer."

    def __init__(self, addresses: int) -> None:
        super().__init__(addresses)


class ForbidCount(Rule):
    """Addresses must be named. With a count AWS picks them, and a review cannot show which.

    An Aspect: attach it to the app, for every stack of it, or to one stack or construct. An error stops the synthesis.
    """

    def _violation(self, resource: Binding) -> str | None:
        """Look for a count, known or not."""
        if resource.given_value(names.ADDRESS_COUNT) is None:
            return None
        return (
            f"{names.ADDRESS_COUNT} is set, but this app asks for named addresses (ForbidCount). "
            f"Name the full set in {names.ADDRESSES} instead."
        )


class _RulesFromAbove(_Aspect):
    """Runs the rules that are attached above the stack of its resource."""

    def visit(self, node: IConstruct) -> None:
        """Run the rules. They are looked for now, since they may be attached after the resource is made."""
        resource: Any = node
        for scope in resource.node.scopes:
            if isinstance(scope, resource.LIBRARY.TerraformStack):
                return
            for aspect in resource.LIBRARY.Aspects.of(scope).all:
                if isinstance(aspect, Rule):
                    aspect.judge(resource)


def is_judged(construct: object) -> bool:
    """Whether rules judge the construct: a resource that natgw's own bindings made, in either library."""
    return getattr(construct, "TF_RESOURCE_TYPE", None) in KIND_OF_TYPE and hasattr(construct, "known_value")


def run_rules_from_above(resource: Binding) -> None:
    """Make the synthesis of the resource's stack run the rules that are attached above that stack."""
    resource.LIBRARY.Aspects.of(resource).add(_rules_from_above(resource.LIBRARY.__name__))


@cache
def _rules_from_above(_library: str) -> _RulesFromAbove:
    """Return one for each library: an object made before a library is loaded is not an Aspect of it."""
    return _RulesFromAbove()
