"""Why something could not be read or done, in the user's words.

Types only and nothing beneath them: every start of the provider imports this.
"""

from __future__ import annotations

from dataclasses import dataclass

from natgw_provider.core.problems import AttributePath


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be done (or, as a warning, what to know about it).

    Attributes:
        summary: the failure in a few words.
        detail: what was asked, what was found, how the gateway stands now, what to do next.
        path: the attribute it belongs to; empty when it is none in particular.
    """

    summary: str
    detail: str
    path: AttributePath = ()


class EngineError(Exception):
    """Something could not be read or checked; `failure` says what and why, in the user's words."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure
