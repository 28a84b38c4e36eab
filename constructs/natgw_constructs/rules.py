"""What makes a rule: an Aspect that judges natgw's resources, wherever above them it is attached.

cdktf and cdktn run the Aspects of a stack and of what is in it. Those of the app, or of a construct that holds stacks,
they take and never run, without a word. A rule for a whole app belongs there, so each resource carries an Aspect of its
own that runs the rules from above its stack.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from constructs import IConstruct

from natgw_constructs.libraries import implementing, loaded_libraries
from natgw_provider.core import names

if TYPE_CHECKING:
    from natgw_constructs.bindings import Binding


class _Aspect(ABC):
    """An Aspect of every library that is loaded."""

    def __new__(cls, *_arguments: Any, **_keywords: Any) -> Self:
        """Make an object that `Aspects.add` takes. Raises TypeError when no library is loaded to take it."""
        interfaces = [module.IAspect for module in loaded_libraries().values()]
        if not interfaces:
            raise TypeError(
                f"Import cdktf or cdktn before you make {cls.__name__}(...): it becomes an Aspect of these."
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
        complaint = self.complaint(resource)
        if complaint is not None:
            resource.add_error(complaint)

    @abstractmethod
    def complaint(self, resource: Binding) -> str | None:
        """Return what is wrong with the resource, what is allowed and what to do; None when nothing is."""


class _RulesFromAbove(_Aspect):
    """Runs the rules that stand above the stack of the resource it is attached to."""

    def visit(self, node: IConstruct) -> None:
        """Look for the rules now, for they may be attached after the resource is made."""
        resource: Any = node
        for scope in resource.node.scopes:
            if isinstance(scope, resource.library.TerraformStack):
                return
            for aspect in resource.library.Aspects.of(scope).all:
                if isinstance(aspect, Rule):
                    aspect.judge(resource)


def is_judged(construct: object) -> bool:
    """Whether rules judge the construct: the resource of either library, as natgw's own bindings make it."""
    return getattr(construct, "tf_resource_type", None) == names.RESOURCE_TYPE and hasattr(construct, "known_value")


def heed_rules_from_above(resource: Binding) -> None:
    """Have the synthesis of the resource's stack run the rules that stand above it."""
    resource.library.Aspects.of(resource).add(_rules_from_above(resource.library.__name__))


@cache
def _rules_from_above(_library: str) -> _RulesFromAbove:
    """Make one for each library: an Aspect made before a library is loaded is none of its Aspects."""
    return _RulesFromAbove()
