"""Hypothesis strategies for Terraform's types and values, and what their wire form must be, written a second time."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from natgw_provider.bridge.values import UNKNOWN, Value

Texts: TypeAlias = st.SearchStrategy[str]
Numbers: TypeAlias = st.SearchStrategy[Any]

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), max_size=6)
numbers: Numbers = st.one_of(
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
)


def types() -> st.SearchStrategy[Type]:
    """Any type, nested a few levels deep."""
    return st.recursive(
        st.sampled_from([STRING, NUMBER, BOOL]),
        lambda inner: st.one_of(
            st.builds(ListOf, inner),
            st.builds(SetOf, inner),
            st.builds(MapOf, inner),
            st.builds(ObjectOf, st.dictionaries(names, inner, max_size=3)),
        ),
        max_leaves=4,
    )


def values(type_: Type, texts: Texts = texts, numbers: Numbers = numbers) -> st.SearchStrategy[Value]:
    """Any value of `type_`, null and unknown included."""
    return st.sampled_from([None, UNKNOWN]) | present(type_, texts, numbers)


def present(type_: Type, texts: Texts = texts, numbers: Numbers = numbers) -> st.SearchStrategy[Any]:
    """The same, but neither null nor unknown as a whole."""
    match type_:
        case ListOf(element) | SetOf(element):
            return st.lists(values(element, texts, numbers), max_size=9).map(tuple)
        case MapOf(element):
            return st.dictionaries(texts, values(element, texts, numbers), max_size=3)
        case ObjectOf(attributes):
            return st.fixed_dictionaries({n: values(member, texts, numbers) for n, member in attributes.items()})
    return {STRING: texts, NUMBER: numbers, BOOL: st.booleans()}[type_]


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[Type, Value]:
    """A type and a value of it."""
    type_ = draw(types())
    return type_, draw(values(type_))


def canonical(type_: Type, value: Any) -> Any:
    """Return what two values of `type_` share exactly when Terraform holds them equal."""
    if value is None or value is UNKNOWN:
        return value
    match type_:
        case ListOf(element):
            return [canonical(element, inner) for inner in value]
        case SetOf(element):
            distinct = {repr(canonical(element, inner)) for inner in value if inner is not UNKNOWN}
            return sorted(distinct), sum(inner is UNKNOWN for inner in value)
        case MapOf(element):
            return {key: canonical(element, value[key]) for key in sorted(value)}
        case ObjectOf(attributes):
            return {name: canonical(attributes[name], value[name]) for name in sorted(attributes)}
    return Decimal(value).normalize(_EXACT) if type_ is NUMBER else value


_EXACT = Context(prec=1200, Emax=MAX_EMAX, Emin=MIN_EMIN)
