"""What is wrong with a declaration by itself, before any gateway is read.

Constructs run `check_declaration` at synthesis, the provider at validate; both say the same words. The other checks
take None for what is not known yet, and do not judge it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.addresses import canonical_address, check_addresses, check_allocation_ids
from natgw_provider.core.durations import format_seconds, parse_duration
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import SETTINGS, check_max_drain, check_min_in_service, check_whole

_GATEWAY_ID: Final = re.compile("nat-(?:[0-9a-f]{8}|[0-9a-f]{17})")
"""AWS's ids have 8 or 17 characters after the prefix (EC2 user guide, "Resource IDs")."""

_MOCKED_ID: Final = re.compile("[0-9a-z]{8}")
"""What `terraform test` makes up for a string of a mocked provider."""


def check_declaration(
    kind: AddressKind, given: Mapping[str, Any], is_unknown: Callable[[object], bool]
) -> tuple[Problem, ...]:
    """Return what is wrong with the declaration of a set, or of one address, in the order in which a user reads it.

    `given` holds its arguments by name, None for what is left out: those of a set or those of one address of the kind.
    What `is_unknown`, wherever it stands (a token, a value known only after apply), is not judged.
    """
    known = {name: None if is_unknown(value) else value for name, value in given.items()}
    drain = limits.DRAIN_SECONDS_DEFAULT if given[names.MAX_DRAIN] is None else known[names.MAX_DRAIN]
    timeouts = known[names.TIMEOUTS] or {}
    check_addresses_of = _check_single if kind.single_argument in given else _check_set
    return (
        *((null_gateway_id(kind),) if given[names.NAT_GATEWAY_ID] is None else ()),
        *check_nat_gateway_id(known[names.NAT_GATEWAY_ID], kind=kind),
        *check_addresses_of(kind, given, known, is_unknown),
        *chain.from_iterable(it.check(kind, known[name]) for name, it in SETTINGS.items() if name in known),
        *check_timeouts({name: None if is_unknown(text) else text for name, text in timeouts.items()}, drain),
    )


def _check_set(
    kind: AddressKind, given: Mapping[str, Any], known: Mapping[str, Any], is_unknown: Callable[[object], bool]
) -> tuple[Problem, ...]:
    declared: Sequence[Any] = known[kind.argument] or ()
    keys = [key for key in declared if not is_unknown(key)]
    is_set_known = not is_unknown(given[kind.argument]) and len(keys) == len(declared)
    private_ips = known[kind.private_ips_argument] or {} if kind.private_ips_argument else {}
    return (
        *_check_count(kind, given, is_unknown),
        *_KEY_CHECKS[kind.connectivity](keys, kind.argument),
        *check_private_ips(private_ips, keys if is_set_known else None, is_unknown),
        *check_enough_declared(known[names.MIN_IN_SERVICE], _secondaries(kind, known, declared, keys)),
    )


def _check_single(
    kind: AddressKind, given: Mapping[str, Any], known: Mapping[str, Any], _is_unknown: Callable[[object], bool]
) -> tuple[Problem, ...]:
    name, key, private_ip = kind.single_argument, known[kind.single_argument], known[names.PRIVATE_IP_ADDRESS]
    problems = [_null_address(kind)] if given[name] is None else []
    if key is not None:
        problems += _KEY_CHECKS[kind.connectivity]([key], name)
    if kind.private_ips_argument and private_ip is not None and canonical_address(private_ip) != private_ip:
        problems.append(_not_a_private_ip(names.PRIVATE_IP_ADDRESS, key, private_ip))
    return tuple(problems)


def _check_count(
    kind: AddressKind, given: Mapping[str, Any], is_unknown: Callable[[object], bool]
) -> tuple[Problem, ...]:
    """Where AWS can pick, either the set or the count is declared; elsewhere the set is."""
    keys_given = None if is_unknown(given[kind.argument]) else given[kind.argument] is not None
    if kind.count_argument is None:
        return (_set_required(kind),) if keys_given is False else ()
    count = given[kind.count_argument]
    count_given = None if is_unknown(count) else count is not None
    return (
        *check_one_of(addresses_given=keys_given, count_given=count_given),
        *check_address_count(None if is_unknown(count) else count),
    )


def _secondaries(
    kind: AddressKind, known: Mapping[str, Any], declared: Sequence[Any], keys: Sequence[Any]
) -> int | None:
    """Return how many secondaries are declared; None while that is not known, or is no number of addresses."""
    if known[kind.argument] is not None:
        return len(set(keys)) if len(keys) == len(declared) else None
    count = known[kind.count_argument] if kind.count_argument else None
    return None if check_address_count(count) else count


def check_private_ips(
    private_ips: Mapping[str, Any], declared: Sequence[str | None] | None, is_unknown: Callable[[object], bool]
) -> tuple[Problem, ...]:
    """The private addresses of a set of Elastic IPs name each of them, or none; `declared` is None while not known.

    AWS takes the private addresses as a list beside that of the Elastic IPs, so one call cannot leave some out.
    """
    if not private_ips:
        return ()
    known = {key: text for key, text in private_ips.items() if not is_unknown(text)}
    problems = [
        _not_a_private_ip(names.PRIVATE_IP_ADDRESSES, key, text)
        for key, text in known.items()
        if text is None or canonical_address(text) != text
    ]
    keys = None if declared is None else {key for key in declared if key is not None}
    if keys is not None and keys != private_ips.keys():
        problems.append(_not_all_named(sorted(keys ^ private_ips.keys())))
    texts = [text for text in known.values() if text is not None]
    if repeated := {text for text in texts if texts.count(text) > 1}:
        problems.append(_private_ip_twice(sorted(repeated)))
    return tuple(problems)


def check_nat_gateway_id(
    nat_gateway_id: str | None, name: str = names.NAT_GATEWAY_ID, *, kind: AddressKind | None = None
) -> tuple[Problem, ...]:
    """The id has to look like one of a NAT gateway; `name` is the argument's, `kind` the resource's."""
    if nat_gateway_id is None or _GATEWAY_ID.fullmatch(nat_gateway_id):
        return ()
    wanted = f"Give that of a {kind.connectivity} NAT gateway." if kind else "Give the id of a NAT gateway."
    mocked = ""
    if _MOCKED_ID.fullmatch(nat_gateway_id):
        mocked = (
            " If this is a generated value of a mock_provider in terraform test, set an id in its mock_data or "
            "mock_resource defaults."
        )
    return (
        Problem(
            (name,),
            "Not the id of a NAT gateway",
            f'{name} is "{nat_gateway_id}". The id of a NAT gateway is nat- followed by 8 or 17 of the characters 0-9 '
            f'and a-f, such as "nat-0a1b2c3d4e5f67890". {wanted}{mocked}',
        ),
    )


def null_gateway_id(kind: AddressKind) -> Problem:
    """Return the problem of a required id that is null, as a variable or an optional field can make it."""
    return Problem(
        (names.NAT_GATEWAY_ID,),
        "The id of the NAT gateway is null",
        f"{names.NAT_GATEWAY_ID} is null, and the resource needs a gateway. Give the id of a "
        f"{kind.connectivity} NAT gateway; where there may be none, leave the whole resource out with count or "
        "for_each.",
    )


def check_one_of(*, addresses_given: bool | None, count_given: bool | None) -> tuple[Problem, ...]:
    """Exactly one of the set and the count has to be declared; None is not known yet, and not judged."""
    if addresses_given is None or count_given is None or addresses_given != count_given:
        return ()
    found = "Both are set" if addresses_given else "Neither is set"
    return (
        Problem(
            (names.ADDRESSES,),
            "Exactly one of addresses and count is required",
            f"{found}. Set exactly one: {names.ADDRESSES} names the full set ([] removes every secondary), "
            f"{names.ADDRESS_COUNT} lets AWS pick.",
        ),
    )


def check_ignored(addresses: int, count: int, ignored: str) -> tuple[Problem, ...]:
    """Set and count have to agree where `ignore_changes` makes Terraform hand on both.

    `addresses` is how many the set holds; `ignored` names the argument whose value comes from the state.
    """
    if addresses == count:
        return ()
    declared = names.ADDRESSES if ignored == names.ADDRESS_COUNT else names.ADDRESS_COUNT
    size = {names.ADDRESSES: addresses, names.ADDRESS_COUNT: count}
    return (
        Problem(
            (declared,),
            "ignore_changes holds the other argument at its old value",
            f"{declared} asks for {size[declared]} secondary addresses, but ignore_changes in the lifecycle block "
            f"keeps {ignored} as it is in the state, which is {size[ignored]}. The two have to agree. Remove {ignored} "
            f"from ignore_changes: it follows from {declared}.",
        ),
    )


def check_address_count(count: float | None) -> tuple[Problem, ...]:
    """The number of secondaries has to be one that AWS accepts."""
    return check_whole(
        names.ADDRESS_COUNT,
        count,
        lowest=0,
        highest=limits.SECONDARY_ADDRESSES_MAXIMUM,
        summary="Address count out of range",
        unit=" secondary addresses",
        fix=f"Under the default quota {limits.QUOTA_DEFAULT - 1} fit besides the primary.",
    )


def check_enough_declared(minimum: float | None, secondaries: int | None) -> tuple[Problem, ...]:
    """The least number in service has to be possible with the `secondaries` declared (None: not known yet)."""
    if minimum is None or check_min_in_service(minimum) or secondaries is None or minimum <= secondaries + 1:
        return ()
    return (
        Problem(
            (names.MIN_IN_SERVICE,),
            "Fewer addresses declared than must be in service",
            f"{names.MIN_IN_SERVICE} is {minimum}, but the primary and the declared secondaries are only "
            f"{secondaries + 1}. Declare more addresses, or lower it to at most {secondaries + 1}.",
        ),
    )


def default_timeout_seconds(max_drain: float) -> float:
    """Return how many seconds an operation may take whose declaration sets no timeout: the drain and a margin."""
    return float(max_drain + limits.TIMEOUT_MARGIN_SECONDS)


def check_timeouts(timeouts: Mapping[str, str | None], max_drain: float | None) -> tuple[Problem, ...]:
    """Explicit timeouts have to be durations that are not shorter than the drain.

    A timeout that is None is not declared, or not known yet. `max_drain` is the drain time that will apply, so the
    default where none is declared; None while it is not known.
    """
    problems: list[Problem] = []
    for operation, text in timeouts.items():
        if text is not None:
            problems.extend(_check_timeout(operation, text, max_drain))
    return tuple(problems)


def _check_timeout(operation: str, text: str, max_drain: float | None) -> tuple[Problem, ...]:
    path = (names.TIMEOUTS, operation)
    try:
        seconds = parse_duration(text)
    except ValueError:
        detail = f'"{text}" is not a duration above zero. Write hours, minutes and seconds, such as "15m" or "1h30m".'
        return (Problem(path, "Not a duration", detail),)
    if max_drain is None or check_max_drain(max_drain) or seconds >= max_drain:
        return ()
    needed = default_timeout_seconds(max_drain)
    return (
        Problem(
            path,
            "Timeout shorter than the drain",
            f'timeouts.{operation} is "{text}", but connections may drain for '
            f"{format_seconds(max_drain)} ({names.MAX_DRAIN}). Allow at least that; the default is the drain and "
            f"ten minutes, here {format_seconds(needed)}. Raise the timeout, remove it, or shorten the drain.",
        ),
    )


def _set_required(kind: AddressKind) -> Problem:
    return Problem(
        (kind.argument,),
        f"{kind.argument} is required",
        f"{kind.argument} is null. Give the full set of secondary {kind.nouns}; [] removes every secondary.",
    )


def _null_address(kind: AddressKind) -> Problem:
    return Problem(
        (kind.single_argument,),
        f"{kind.single_argument} is required",
        f"{kind.single_argument} is null, and the resource declares one {kind.noun}. Give it; where there may be none, "
        "leave the whole resource out with count or for_each.",
    )


def _not_a_private_ip(name: str, key: str | None, text: str | None) -> Problem:
    found = "null" if text is None else f'"{text}"'
    return Problem(
        (name,),
        "Not an IPv4 address",
        f"The private address of {key or 'the Elastic IP'} is {found}. It has to be an IPv4 address of the gateway's "
        'subnet as AWS writes it, such as "10.0.0.10". Correct it.',
    )


def _not_all_named(missing: Sequence[str]) -> Problem:
    return Problem(
        (names.PRIVATE_IP_ADDRESSES,),
        "Private addresses do not match the Elastic IPs",
        f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} in only one of {names.ALLOCATION_IDS} and "
        f"{names.PRIVATE_IP_ADDRESSES}. Give a private address for each Elastic IP, or leave "
        f"{names.PRIVATE_IP_ADDRESSES} out to let AWS pick them.",
    )


def _private_ip_twice(repeated: Sequence[str]) -> Problem:
    return Problem(
        (names.PRIVATE_IP_ADDRESSES,),
        "Private address given twice",
        f"{', '.join(repeated)} is given to more than one Elastic IP. Give each its own.",
    )


_KEY_CHECKS: Final = {"private": check_addresses, "public": check_allocation_ids}
