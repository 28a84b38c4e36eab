"""Diagnostics: errors and warnings for the user, with the attribute that they are about.

Pure. A handler returns diagnostics, or raises `DiagnosticsError` from any depth; it never formats for a terminal.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Path: TypeAlias = "tuple[str | int, ...]"
"""The path of a value from the root of its object: attribute names and map keys (str), list positions (int).

Terraform is sent the first step alone: before version 1.15 it marks a wrong line for a longer path.
"""


class Severity(enum.Enum):
    """An error fails the operation, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message to the user.

    Terraform shows `summary` as the headline (and folds warnings of equal summary into one), `detail` below it, and
    quotes the configuration at `path` unless it is empty.
    """

    severity: Severity
    summary: str
    detail: str = ""
    path: Path = ()


class DiagnosticsError(Exception):
    """Ends a handler with `diagnostics`, which the user sees as they are; one of them should be an error."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(diagnostic.summary for diagnostic in self.diagnostics))


def error(summary: str, detail: str = "", path: Path = ()) -> Diagnostic:
    """Return an error."""
    return Diagnostic(Severity.ERROR, summary, detail, path)


def warning(summary: str, detail: str = "", path: Path = ()) -> Diagnostic:
    """Return a warning."""
    return Diagnostic(Severity.WARNING, summary, detail, path)


def has_error(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of `diagnostics` is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
