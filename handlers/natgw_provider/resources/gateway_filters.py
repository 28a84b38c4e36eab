"""The filters of a lookup and of a list: `filter` and `tags`, their check, and how EC2 takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from natgw_provider.bridge.schema import STRING, ListOf, NestedAttributes
from natgw_provider.bridge.values import UNKNOWN, Unknown
from natgw_provider.core.problems import Problem
from natgw_provider.resources.attributes import argument, members

_FILTER_NAME: Final = re.compile(r"nat-gateway-id|state|subnet-id|vpc-id|tag-key|tag:.+", re.DOTALL)
_FILTER_NAMES: Final = "nat-gateway-id, state, subnet-id, vpc-id, tag-key and tag:KEY (such as tag:Name)"
"""The filters of DescribeNatGateways (EC2 API reference). None of them is for the connectivity type."""

FILTER: Final = NestedAttributes(
    "list",
    members(
        argument(
            "name",
            STRING,
            "A filter of DescribeNatGateways: `nat-gateway-id`, `state`, `subnet-id`, `vpc-id`, `tag-key` "
            "or `tag:KEY`, such as `tag:Name`.",
            required=True,
        ),
        argument("values", ListOf(STRING), "Values, any of which matches.", required=True),
    ),
)


def problems_with_filters(
    filters: Sequence[Any], tags: Mapping[str, Any], taken: Iterable[str] = ()
) -> Iterator[Problem]:
    """Yield what is wrong with filters and tags; `taken` are the filters that other arguments stand for.

    A name given twice has to match both ways, which EC2 does not support.
    """
    seen = {*taken, *(f"tag:{key}" for key in tags)}
    for position, one in enumerate(filters):
        at = f"filter[{position}]"
        if one is None:
            yield _matches_nothing("filter", f"{at} is null")
        elif isinstance(one, dict):
            yield from _problems_with_name(at, one["name"], seen)
            yield from _problems_with_values(at, one["values"])
            seen |= {one["name"]} - {UNKNOWN}
    for key, value in tags.items():
        if value is None:
            yield _matches_nothing("tags", f"tags.{key} is null")


def _problems_with_name(at: str, name: str | Unknown | None, seen: set[str]) -> Iterator[Problem]:
    if name is None:
        yield _matches_nothing("filter", f"{at}.name is null")
    elif isinstance(name, str) and not _FILTER_NAME.fullmatch(name):
        detail = f'{at}.name is "{name}". DescribeNatGateways filters by {_FILTER_NAMES}.'
        yield Problem(("filter",), "Unknown filter", detail)
    elif name in seen:
        detail = f'{at} asks for "{name}" a second time. Give all its values in one filter.'
        yield Problem(("filter",), "Filter given twice", detail)


def _problems_with_values(at: str, values: Any) -> Iterator[Problem]:
    if values is None or values == ():
        yield _matches_nothing("filter", f"{at}.values is {'null' if values is None else 'empty'}")
    for index, value in enumerate(values if isinstance(values, tuple) else ()):
        if value is None:
            yield _matches_nothing("filter", f"{at}.values[{index}] is null")


def _matches_nothing(name: str, found: str) -> Problem:
    return nothing_to_match(name, f"{found}, which matches nothing.")


def nothing_to_match(name: str, found: str) -> Problem:
    """Return that an argument holds nothing that a gateway could match."""
    return Problem((name,), "Nothing to match", f"{found} Leave it out, or give a value.")


def ec2_filters(config: Any) -> Mapping[str, Sequence[str]]:
    """Return filters as EC2 takes them, from a lookup without problems."""
    tags = {f"tag:{key}": (value,) for key, value in (config["tags"] or {}).items()}
    return {**tags, **{one["name"]: tuple(one["values"]) for one in config["filter"] or ()}}
