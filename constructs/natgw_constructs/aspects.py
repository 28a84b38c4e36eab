"""Rules for a whole app, as Aspects: what a platform team asks of every gateway, whoever declares it.

`Aspects.of(app).add(RequireMinimumDrain(300))` judges the resources of every stack, made before or after, and annotates
errors, which stop the synthesis. Attached to one stack or construct a rule judges what is in it. A token is not judged.
The defaults that a rule assumes are the provider's, from `natgw_provider.core`.
"""

from __future__ import annotations

from natgw_constructs.bindings import Binding
from natgw_constructs.rules import Rule
from natgw_provider.core import limits, names


class RequireMinimumDrain(Rule):
    """Existing connections must be granted at least so many seconds to drain.

    An Aspect: attach it to the app, for every stack of it, or to one stack or construct. An error stops the synthesis.

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


class RequireMinInService(Rule):
    """A change must never be allowed to leave fewer addresses than so many, the primary included.

    An Aspect: attach it to the app, for every stack of it, or to one stack or construct. An error stops the synthesis.

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


class ForbidCount(Rule):
    """Addresses must be named: with a count, AWS picks them, and nobody can review which.

    An Aspect: attach it to the app, for every stack of it, or to one stack or construct. An error stops the synthesis.
    """

    def complaint(self, resource: Binding) -> str | None:
        """Look for a count, known or not."""
        if resource.given_value(names.ADDRESS_COUNT) is None:
            return None
        return (
            f"{names.ADDRESS_COUNT} is set, but this app asks for named addresses (ForbidCount). "
            f"Name the full set in {names.ADDRESSES} instead."
        )
