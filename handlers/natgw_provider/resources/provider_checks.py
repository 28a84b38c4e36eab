"""What is wrong with the provider block by itself, before anything is called.

Unknown values are not judged: Terraform checks again once they are known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from natgw_provider.bridge.handlers import Object
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import limits
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.problems import AttributePath, Problem

_RETRY_MODES = ("standard", "adaptive")
_SESSION_SECONDS = (900, 43_200)
_RETRIES_MAXIMUM = 100
_BLOCKS = ("assume_role", "assume_role_with_web_identity", "endpoints")
_REGION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
"""A host label, as botocore demands: a region is part of a host's name."""
_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+")
_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_ROLE = "arn:aws:iam::123456789012:role/natgw"
_HOST = "ec2.eu-central-1.amazonaws.com"
_KEYS = ("access_key", "secret_key", "token")
_PROXIES = ("http_proxy", "https_proxy")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LATE_AT = re.compile(r"[/?#].*@")
_PROXY = "http://proxy.example.com:3128"


def check_provider_block(config: Object) -> tuple[Problem, ...]:
    """Return what is wrong with a provider block."""
    known: dict[str, Any] = {name: None if value is UNKNOWN else value for name, value in config.items()}
    return (
        *_check_number(known, "max_retries", 0, _RETRIES_MAXIMUM),
        *_check_number(known, "private_ip_address_quota", 2, limits.QUOTA_MAXIMUM),
        *_check_region(known["region"]),
        *_check_retry_mode(known["retry_mode"]),
        *_check_key_pair(config),
        *_check_secrets(known),
        *_check_account_ids("allowed_account_ids", known["allowed_account_ids"]),
        *_check_account_ids("forbidden_account_ids", known["forbidden_account_ids"]),
        *_check_accounts(known),
        *_check_nulls((), config),
        *_check_role("assume_role", known["assume_role"]),
        *_check_role("assume_role_with_web_identity", known["assume_role_with_web_identity"]),
        *_check_session("assume_role", known["assume_role"]),
        *_check_session("assume_role_with_web_identity", known["assume_role_with_web_identity"]),
        *_check_web_identity(known["assume_role_with_web_identity"]),
        *_check_endpoints(known["endpoints"]),
    )


def _check_number(known: dict[str, Any], name: str, lowest: int, highest: int) -> tuple[Problem, ...]:
    number = known[name]
    if number is None or (lowest <= number <= highest and number == int(number)):
        return ()
    detail = f"{name} is {number}. Allowed are whole numbers from {lowest} to {highest}."
    return (Problem((name,), "Number out of range", detail),)


def _check_region(region: str | None) -> tuple[Problem, ...]:
    if not region or _REGION.fullmatch(region):
        return ()
    detail = f'region is "{region}". Write it as AWS does, such as "eu-central-1".'
    return (Problem(("region",), "Not an AWS region", detail),)


def _check_retry_mode(mode: str | None) -> tuple[Problem, ...]:
    if mode is None or mode in _RETRY_MODES:
        return ()
    allowed = " and ".join(f'"{choice}"' for choice in _RETRY_MODES)
    return (Problem(("retry_mode",), "Unknown retry mode", f'retry_mode is "{mode}". Allowed are {allowed}.'),)


def _check_key_pair(config: Object) -> tuple[Problem, ...]:
    pair = ("access_key", "secret_key")
    given = [name for name in pair if config[name] is not None]
    if len(given) != 1 or config[given[0]] is UNKNOWN:
        return ()
    (missing,) = set(pair) - set(given)
    return (
        Problem(
            (given[0],),
            "Half a pair of credentials",
            f"{given[0]} is set and {missing} is not. Set both, or neither and let AWS_* variables, a profile or the "
            "machine's role provide them.",
        ),
    )


def _check_account_ids(name: str, account_ids: Sequence[Any] | None) -> tuple[Problem, ...]:
    wrong = [f'"{one}"' for one in account_ids or () if isinstance(one, str) and not _ACCOUNT_ID.fullmatch(one)]
    if not wrong:
        return ()
    detail = f"{name} holds {', '.join(wrong)}. The id of an AWS account has 12 digits; write it in quotation marks, "
    detail += "since a number loses its leading zeros."
    return (Problem((name,), "Not the id of an AWS account", detail),)


def _check_accounts(known: dict[str, Any]) -> tuple[Problem, ...]:
    if known["allowed_account_ids"] is None or known["forbidden_account_ids"] is None:
        return ()
    return (
        Problem(
            ("forbidden_account_ids",),
            "Account ids both allowed and forbidden",
            "allowed_account_ids and forbidden_account_ids are both set. With a list of allowed ids every other "
            "account is refused already: remove forbidden_account_ids, or allowed_account_ids.",
        ),
    )


def _check_nulls(path: AttributePath, arguments: Any) -> tuple[Problem, ...]:
    """Terraform lets null be an element of any list, set or map; here it never means anything."""
    problems: list[Problem] = []
    for name, value in arguments.items():
        at = (*path, name)
        if not path and name in _BLOCKS and isinstance(value, dict):
            problems += _check_nulls(at, value)
            continue
        elements = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
        if None in elements:
            detail = f"{'.'.join(map(str, at))} holds null, which stands for nothing. Remove it, or give it a value."
            problems.append(Problem(at, "An element is null", detail))
    return tuple(problems)


def _check_role(name: str, session: dict[str, Any] | None) -> tuple[Problem, ...]:
    arn = None if session is None else session["role_arn"]
    if session is None or arn is UNKNOWN or _ROLE_ARN.fullmatch(arn or ""):
        return ()
    remedy = f'Write the ARN of the role to assume, such as "{_ROLE}", or leave {name} out.'
    if not arn:
        return (Problem((name, "role_arn"), "No role to assume", f"No role_arn is given. {remedy}"),)
    return (Problem((name, "role_arn"), "Not the ARN of a role", f'{name}.role_arn is "{arn}". {remedy}'),)


def _check_session(name: str, session: dict[str, Any] | None) -> tuple[Problem, ...]:
    if session is None or not isinstance(session["duration"], str):
        return ()
    path: AttributePath = (name, "duration")
    lowest, highest = _SESSION_SECONDS
    try:
        seconds = parse_duration(session["duration"])
    except ValueError:
        seconds = 0
    if lowest <= seconds <= highest:
        return ()
    detail = f'{name}.duration is "{session["duration"]}". Allowed are durations from 15m to 12h, such as "1h".'
    return (Problem(path, "Session duration out of range", detail),)


def _check_web_identity(session: dict[str, Any] | None) -> tuple[Problem, ...]:
    names = ("web_identity_token", "web_identity_token_file")
    if session is None or UNKNOWN in [session[name] for name in names]:
        return ()
    given = [name for name in names if session[name] is not None]
    if len(given) == 1:
        return ()
    found = "both are set" if given else "neither is set"
    detail = f"Exactly one of web_identity_token and web_identity_token_file is required; {found}."
    return (Problem(("assume_role_with_web_identity",), "Exactly one web identity token is required", detail),)


def _check_endpoints(endpoints: dict[str, Any] | None) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    for name, url in (endpoints or {}).items():
        if isinstance(url, str) and not _is_url(url):
            detail = f'endpoints.{name} is "{url}". Write a URL with scheme and host, such as "https://{_HOST}".'
            problems.append(Problem(("endpoints", name), "Not a URL", detail))
    return tuple(problems)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not _has_blanks(text)


def _check_secrets(known: dict[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with keys, token and proxies, never with their values; unknown ones are None in `known`.

    botocore quotes what it cannot send or parse, so what it could not use is refused here.
    """
    keys = (_check_key(name, known[name]) for name in _KEYS)
    proxies = (_check_proxy(name, known[name]) for name in _PROXIES)
    return tuple(problem for problem in (*keys, *proxies) if problem)


def _has_blanks(text: str) -> bool:
    """Return whether there is white space, a control character or another one that nobody sees in `text`."""
    return any(char.isspace() or not char.isprintable() for char in text)


def _check_key(name: str, value: str | None) -> Problem | None:
    if not value or not _has_blanks(value):
        return None
    return Problem(
        (name,),
        "White space in a secret",
        f"{name} holds white space or a control character (it is secret and not shown), which no key or token of AWS "
        "has. Usually it is the line break at the end of a file: wrap the value in trimspace(), or chomp(), as in "
        'trimspace(file("path")).',
    )


def _check_proxy(name: str, url: str | None) -> Problem | None:
    flaw = _flaw(url) if url else None
    if flaw is None:
        return None
    return Problem(
        (name,),
        "Not the URL of a proxy",
        f"{name} cannot be used (it may hold a password and is not shown): {flaw}. Write a URL with http or https, a "
        f'host and a port, such as "{_PROXY}".',
    )


def _flaw(url: str) -> str | None:
    if _has_blanks(url):
        return "it holds white space or a control character"
    if "://" not in url:
        url = f"http://{url}"  # as botocore does
    scheme = _SCHEME.match(url)
    if not scheme:
        return "it begins with neither http:// nor https://"
    if _LATE_AT.search(url, scheme.end()):
        return 'there is a "/", "?" or "#" before its "@"; in a name or password these are written %2F, %3F and %23'
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "its host or port is none; a port is a number from 1 to 65535"
    if not parts.hostname:
        return "it names no host"
    return "its port is 0; a port is a number from 1 to 65535" if port == 0 else None
