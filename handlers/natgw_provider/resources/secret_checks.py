"""What is wrong with those arguments of the provider block that are secret or may hold a password: never their values.

botocore quotes what it cannot send or parse, so what it could not use is refused here, before it gets any.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from natgw_provider.core.problems import Problem

_KEYS = ("access_key", "secret_key", "token")
_PROXIES = ("http_proxy", "https_proxy")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LATE_AT = re.compile(r"[/?#].*@")
_PROXY = "http://proxy.example.com:3128"


def check_secrets(known: dict[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with keys, token and proxies; unknown ones are None in `known`."""
    keys = (_check_key(name, known[name]) for name in _KEYS)
    proxies = (_check_proxy(name, known[name]) for name in _PROXIES)
    return tuple(problem for problem in (*keys, *proxies) if problem)


def has_blanks(text: str) -> bool:
    """Return whether there is white space, a control character or another one that nobody sees in `text`."""
    return any(char.isspace() or not char.isprintable() for char in text)


def _check_key(name: str, value: str | None) -> Problem | None:
    if not value or not has_blanks(value):
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
    if has_blanks(url):
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
