"""Rules for a whole app, as Aspects: what a platform team asks of every gateway, whoever declares it.

`Aspects.of(app).add(RequireMinimumDrain(300))` visits the resources of either library and annotates errors, which stop
the synthesis. A token is not judged. The defaults that a rule assumes are the provider's, from `natgw_provider.core`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from constructs import IConstruct

from natgw_constructs.bindings import Binding
from natgw_constructs.libraries import implementing, loaded_libraries
from natgw_provider.core import limits, names


class _Rule(ABC):
    """An Aspect of every library that is loaded; a rule says what is wrong with one resource."""

    def __new__(cls, *_arguments: Any, **_keywords: Any) -> Self:
        """Make an object that `Aspects.add` takes."""
        interfaces = [module.IAspect for module in loaded_libraries().values()]
        made: Self = object.__new__(implementing(cls, *interfaces))
        return made

    def visit(self, node: IConstruct) -> None:
        """Annotate an error where the rule is broken; called for every construct at synthesis."""
        if not isinstance(node, Binding) or getattr(node, "tf_resource_type", None) != names.RESOURCE_TYPE:
            return
        complaint = self.complaint(node)
        if complaint is not None:
            node.library.Annotations.of(node).add_error(complaint)

    @abstractmethod
    def complaint(self, resource: Binding) -> str | None:
        """Return what is wrong with the resource, what is allowed and what to do; None when nothing is."""


class RequireMinimumDrain(_Rule):
    """Existing connections must be granted at least so many seconds to drain.

    Args:
        seconds: the least `max_drain_duration_seconds` that is allowed.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def complaint(self, resource: Binding) -> str | None:
        """Compare the declared drain, or the default."""
        drain = resource.known_value(names.MAX_DRAIN, limits.DRAIN_SECONDS_DEFAULT)
        if drain is None or drain >= self._seconds:
            return None
        return (
            f"{names.MAX_DRAIN} is {drain}, but this app asks for at least {self._seconds} (RequireMinimumDrain). "
            f"Raise it to {self._seconds} to {limits.DRAIN_SECONDS_MAXIMUM}."
        )


class RequireMinInService(_Rule):
    """A change must never be allowed to leave fewer addresses than so many, the primary included.

    Args:
        addresses: the least `min_in_service_addresses` that is allowed.
    """

    def __init__(self, addresses: int) -> None:
        self._addresses = addresses

    def complaint(self, resource: Binding) -> str | None:
        """Compare the declared number, or the default."""
        least = resource.known_value(names.MIN_IN_SERVICE, limits.MIN_IN_SERVICE_DEFAULT)
        if least is None or least >= self._addresses:
            return None
        return (
            f"{names.MIN_IN_SERVICE} is {least}, but this app asks for at least {self._addresses} "
            f"(RequireMinInService). Set it to {self._addresses} or more, so that no change can leave fewer."
        )


class ForbidCount(_Rule):
    """Addresses must be named: with a count, AWS picks them, and nobody can review which."""

    def complaint(self, resource: Binding) -> str | None:
        """Look for a count, known or not."""
        if resource.given_value(names.ADDRESS_COUNT) is None:
            return None
        return (
            f"{names.ADDRESS_COUNT} is set, but this app asks for named addresses (ForbidCount). "
            f"Name the full set in {names.ADDRESSES} instead."
        )
