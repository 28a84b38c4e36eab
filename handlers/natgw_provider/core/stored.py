"""Reading back what natgw itself wrote as JSON: whoever changed or damaged it meanwhile is found out here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Kinds: TypeAlias = Mapping[str, type | tuple[type, ...]]
"""What `isinstance` holds each field against, by the field's name."""


def stored_fields(plain: object, kinds: Kinds) -> dict[str, Any]:
    """Return the fields of a JSON object that `kinds` names.

    Raises ValueError when it is none, lacks one, or has one of another kind: `true` is no number, and half a character
    (a lone surrogate, which JSON can escape) no text. The message holds no values.
    """
    if not isinstance(plain, Mapping):
        raise ValueError(f"not an object but {type(plain).__name__}")  # noqa: TRY004 - the data are wrong, not a caller
    for name, kind in kinds.items():
        if name not in plain:
            raise ValueError(f"{name} is missing")
        value = plain[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"{name} is {type(value).__name__}")
        if isinstance(value, str) and not _is_unicode(value):
            raise ValueError(f"{name} is not valid Unicode")
    return {name: plain[name] for name in kinds}


def _is_unicode(text: str) -> bool:
    return text.encode(errors="replace").decode() == text


def stored_texts(name: str, values: object) -> tuple[str, ...]:
    """Return a list of texts. Raises ValueError when it holds anything else."""
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} holds more than texts")
    return tuple(values)
