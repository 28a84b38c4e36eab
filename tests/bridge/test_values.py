"""The one value Python lacks."""

from __future__ import annotations

import copy
import pickle

import pytest

from natgw_provider.bridge.values import UNKNOWN, Unknown, is_wholly_known


def test_unknown_has_one_instance() -> None:
    assert Unknown() is UNKNOWN
    assert copy.copy(UNKNOWN) is UNKNOWN
    assert copy.deepcopy({"a": [UNKNOWN]})["a"][0] is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN  # noqa: S301 - our own bytes


def test_unknown_refuses_to_be_tested_or_measured() -> None:
    with pytest.raises(TypeError, match="value is UNKNOWN"):
        bool(UNKNOWN)
    with pytest.raises(TypeError, match="value is UNKNOWN"):
        len(UNKNOWN)


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (None, True),
        ("", True),
        (0, True),
        ((), True),
        (("a", None), True),
        ({"a": ({"b": 1},)}, True),
        (UNKNOWN, False),
        (("a", UNKNOWN), False),
        ({"a": ({"b": UNKNOWN},)}, False),
    ],
)
def test_a_value_is_wholly_known_when_nothing_in_it_is_unknown(value: object, known: bool) -> None:
    assert is_wholly_known(value) is known  # type: ignore[arg-type]
