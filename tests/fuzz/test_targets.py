"""Every fuzz target holds for its seeds and for damaged seeds; `make fuzz` tries more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS


@pytest.mark.parametrize("name", [*TARGETS])
def test_its_seeds_pass(name: str) -> None:
    for seed in TARGETS[name].seeds():
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.check is None])
@settings(max_examples=60)
@given(data=st.data())
def test_its_seeds_pass_when_their_bytes_are_damaged(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    seed = data.draw(st.sampled_from(target.seeds())) if data.draw(st.booleans()) else b""
    at = data.draw(st.integers(0, len(seed)))
    target.run(seed[:at] + data.draw(st.binary(max_size=8)) + seed[at + data.draw(st.integers(0, 8)) :])


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.check is not None])
def test_it_holds_for_values_of_its_type(name: str) -> None:
    check = TARGETS[name].check
    assert check is not None
    check()
