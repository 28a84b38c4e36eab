"""The provider block: its arguments, named as users know them from the AWS provider, and their checks.

Nothing is called here. Unknown values are not judged: Terraform checks again once they are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from natgw_provider.aws.settings import RETRY_MODES
from natgw_provider.bridge.handlers import Object
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, NestedAttributes, Schema, SetOf, Type
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.problems import AttributePath, Problem
from natgw_provider.resources.attributes import Check, Row, Table, argument, members

_SESSION_SECONDS: Final = (900, 43_200)
_RETRIES_MAXIMUM: Final = 100
_REGION: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
"""A host label, as botocore demands: a region is part of a host's name."""
_ROLE_ARN: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+")
_ACCOUNT_ID: Final = re.compile(r"\d{12}", re.ASCII)
_ROLE: Final = "arn:aws:iam::123456789012:role/natgw"
_HOST: Final = "ec2.eu-central-1.amazonaws.com"
_SCHEME: Final = re.compile(r"https?://")
"""botocore knows them in small letters only."""
_LATE_AT: Final = re.compile(r"[/?#].*@")
_PROXY: Final = "http://proxy.example.com:3128"


def check_provider_block(config: Object) -> tuple[Problem, ...]:
    """Return what is wrong with a provider block by itself."""
    return (*TABLE.problems(config), *_check_keys(config), *_check_accounts(config), *_check_nulls((), config))


def _whole(name: str, lowest: int, highest: int) -> Check:
    """Return the check of a whole number."""

    def check(number: Any) -> tuple[Problem, ...]:
        if number is None or (lowest <= number <= highest and number == int(number)):
            return ()
        detail = f"{name} is {number}. Allowed: whole numbers from {lowest} to {highest}."
        return (Problem((name,), "Number out of range", detail),)

    return check


def _check_region(region: str | None) -> tuple[Problem, ...]:
    if not region or _REGION.fullmatch(region):
        return ()
    detail = f'region is "{region}". Write it as AWS does, such as "eu-central-1".'
    return (Problem(("region",), "Not an AWS region", detail),)


def _check_retry_mode(mode: str | None) -> tuple[Problem, ...]:
    if mode is None or mode in RETRY_MODES:
        return ()
    allowed = " and ".join(f'"{choice}"' for choice in RETRY_MODES)
    return (Problem(("retry_mode",), "Unknown retry mode", f'retry_mode is "{mode}". Allowed: {allowed}.'),)


def _check_keys(config: Object) -> tuple[Problem, ...]:
    pair = ("access_key", "secret_key")
    given = [name for name in (*pair, "token") if config[name] not in (None, "")]
    missing = [name for name in pair if name not in given]
    if not missing or all(config[name] is UNKNOWN for name in given):
        return ()
    return (
        Problem(
            (given[0],),
            "Incomplete static credentials",
            f"{given[0]} is set and {missing[0]} is not. Set access_key and secret_key both, or neither and let AWS_* "
            "variables, a profile or the machine's role provide them.",
        ),
    )


def _account_ids(name: str) -> Check:
    """Return the check of a set of account ids."""

    def check(account_ids: Sequence[Any] | None) -> tuple[Problem, ...]:
        wrong = [f'"{one}"' for one in account_ids or () if isinstance(one, str) and not _ACCOUNT_ID.fullmatch(one)]
        if not wrong:
            return ()
        detail = (
            f"{name} holds {', '.join(wrong)}. The id of an AWS account has 12 digits; write it in quotation marks, "
            "since a number loses its leading zeros."
        )
        return (Problem((name,), "Not the id of an AWS account", detail),)

    return check


def _check_accounts(config: Object) -> tuple[Problem, ...]:
    if any(
        config[name] is None or config[name] is UNKNOWN for name in ("allowed_account_ids", "forbidden_account_ids")
    ):
        return ()
    return (
        Problem(
            ("forbidden_account_ids",),
            "Account ids both allowed and forbidden",
            "allowed_account_ids and forbidden_account_ids are both set. With a list of allowed ids every other "
            "account is refused already: remove forbidden_account_ids, or allowed_account_ids.",
        ),
    )


def _check_nulls(path: AttributePath, arguments: Any) -> Iterator[Problem]:
    """Terraform lets null be an element of any list, set or map; here it never means anything."""
    for name, value in arguments.items():
        at = (*path, name)
        if not path and isinstance(value, dict):  # a nested block: null is an argument that is left out
            yield from _check_nulls(at, value)
            continue
        elements = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
        if None in elements:
            detail = f"{'.'.join(map(str, at))} holds null, which stands for nothing. Remove it, or give it a value."
            yield Problem(at, "An element is null", detail)


def _role(name: str) -> Check:
    """Return the check of a block that names a role to assume."""

    def check(session: dict[str, Any] | None) -> tuple[Problem, ...]:
        return () if session is None else (*_check_role(name, session), *_check_session(name, session))

    return check


def _check_role(name: str, session: dict[str, Any]) -> tuple[Problem, ...]:
    arn = session["role_arn"]
    if arn is UNKNOWN or _ROLE_ARN.fullmatch(arn or ""):
        return ()
    remedy = f'Write the ARN of the role to assume, such as "{_ROLE}", or leave {name} out.'
    if not arn:
        return (Problem((name, "role_arn"), "No role to assume", f"No role_arn is given. {remedy}"),)
    return (Problem((name, "role_arn"), "Not the ARN of a role", f'{name}.role_arn is "{arn}". {remedy}'),)


def _check_session(name: str, session: dict[str, Any]) -> tuple[Problem, ...]:
    if not isinstance(session["duration"], str):
        return ()
    path: AttributePath = (name, "duration")
    lowest, highest = _SESSION_SECONDS
    try:
        seconds = parse_duration(session["duration"])
    except ValueError:
        seconds = 0
    if lowest <= seconds <= highest:
        return ()
    detail = f'{name}.duration is "{session["duration"]}". Allowed: durations from 15m to 12h, such as "1h".'
    return (Problem(path, "Session duration out of range", detail),)


def _check_web_identity(session: dict[str, Any] | None) -> tuple[Problem, ...]:
    return (*_role("assume_role_with_web_identity")(session), *_check_token(session))


def _check_token(session: dict[str, Any] | None) -> tuple[Problem, ...]:
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


def _has_blanks(text: str) -> bool:
    """Return whether there is white space, a control character or another one that nobody sees in `text`."""
    return any(char.isspace() or not char.isprintable() for char in text)


def _secret(name: str) -> Check:
    """Return the check of a key or a token, which never shows its value: botocore quotes what it cannot send."""

    def check(value: str | None) -> tuple[Problem, ...]:
        if not value or not _has_blanks(value):
            return ()
        detail = (
            f"{name} holds white space or a control character (it is secret and not shown), which no key or token of "
            "AWS has. Usually it is the line break at the end of a file: wrap the value in trimspace(), or chomp(), as "
            'in trimspace(file("path")).'
        )
        return (Problem((name,), "White space in a secret", detail),)

    return check


def _proxy(name: str) -> Check:
    """Return the check of a proxy's URL, which never shows it: it may hold a password."""

    def check(url: str | None) -> tuple[Problem, ...]:
        flaw = _flaw(url) if url else None
        if flaw is None:
            return ()
        detail = (
            f"{name} cannot be used (it may hold a password and is not shown): {flaw}. Write a URL with http or https, "
            f'a host and a port, such as "{_PROXY}".'
        )
        return (Problem((name,), "Not the URL of a proxy", detail),)

    return check


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
        return "its host or port is not valid; a port is a number from 1 to 65535"
    if not parts.hostname:
        return "it names no host"
    return "its port is 0; a port is a number from 1 to 65535" if port == 0 else None


def _nested(*rows: Row) -> NestedAttributes:
    return NestedAttributes("single", members(*rows))


def _optional(
    name: str, kind: Type | NestedAttributes, description: str, check: Check | None = None, *, sensitive: bool = False
) -> Row:
    return argument(name, kind, description, sensitive=sensitive, check=check)


def _quota(kind: AddressKind) -> Row:
    quota, nouns = kind.quota, kind.nouns
    return _optional(
        quota.argument,
        NUMBER,
        f"{nouns[0].upper()}{nouns[1:]} for each {kind.connectivity} NAT gateway in this account, primary included "
        f"(quota {quota.code}). Default: {quota.default}, at most {quota.maximum}.",
        _whole(quota.argument, 2, quota.maximum),
    )


_SESSION: Final = (
    argument("role_arn", STRING, "ARN of the role to assume.", required=True),
    _optional("session_name", STRING, "Name of the session, as CloudTrail shows it. Default: `natgw`."),
    _optional("duration", STRING, "How long the session lasts, such as `1h`; 15 minutes to 12 hours."),
    _optional("policy", STRING, "IAM policy (JSON) that further restricts the session."),
    _optional("policy_arns", SetOf(STRING), "ARNs of IAM policies that further restrict the session."),
)

_ASSUME_ROLE: Final = (
    *_SESSION,
    _optional("external_id", STRING, "External id that the role's trust policy asks for."),
    _optional("source_identity", STRING, "Source identity that the role's trust policy asks for."),
    _optional("tags", MapOf(STRING), "Session tags."),
    _optional("transitive_tag_keys", SetOf(STRING), "Session tags that are passed on to further roles."),
)

_WEB_IDENTITY: Final = (
    *_SESSION,
    _optional("web_identity_token", STRING, "The OpenID Connect token itself.", sensitive=True),
    _optional("web_identity_token_file", STRING, "File that holds the token, read at each renewal."),
)

_ENDPOINTS: Final = (
    _optional("ec2", STRING, "URL of the EC2 endpoint."),
    _optional("sts", STRING, "URL of the STS endpoint."),
)

TABLE: Final = Table(
    (
        _optional(
            "region",
            STRING,
            "AWS region. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or the EC2 instance's.",
            _check_region,
        ),
        _optional("profile", STRING, "Profile in the shared files. Also `AWS_PROFILE`."),
        _optional("access_key", STRING, "Access key id. Needs `secret_key`.", _secret("access_key"), sensitive=True),
        _optional("secret_key", STRING, "Secret access key.", _secret("secret_key"), sensitive=True),
        _optional("token", STRING, "Session token of temporary credentials.", _secret("token"), sensitive=True),
        _optional("shared_config_files", ListOf(STRING), "Shared config files. Default: `~/.aws/config`."),
        _optional("shared_credentials_files", ListOf(STRING), "Shared credentials files."),
        _optional("assume_role", _nested(*_ASSUME_ROLE), "Role to assume before any call.", _role("assume_role")),
        _optional(
            "assume_role_with_web_identity",
            _nested(*_WEB_IDENTITY),
            "Role to assume with an OpenID Connect token, such as that of a CI job.",
            _check_web_identity,
        ),
        _optional(
            "endpoints",
            _nested(*_ENDPOINTS),
            "Endpoints to use instead of AWS's own, such as VPC endpoints or `natgw simulator`.",
            _check_endpoints,
        ),
        _optional(
            "allowed_account_ids",
            SetOf(STRING),
            "Ids of the accounts that the provider may work in. In any other account it stops with an error.",
            _account_ids("allowed_account_ids"),
        ),
        _optional(
            "forbidden_account_ids",
            SetOf(STRING),
            "Ids of accounts that the provider must not work in. In such an account it stops with an error.",
            _account_ids("forbidden_account_ids"),
        ),
        _optional(
            "max_retries",
            NUMBER,
            "How many times a throttled or failed read is tried again. Default: 25.",
            _whole("max_retries", 0, _RETRIES_MAXIMUM),
        ),
        _optional(
            "retry_mode", STRING, "Retry mode of the AWS SDK: `standard` (default) or `adaptive`.", _check_retry_mode
        ),
        _optional("custom_ca_bundle", STRING, "File of CA certificates (PEM) to trust. Also `AWS_CA_BUNDLE`."),
        _optional("use_fips_endpoint", BOOL, "Use FIPS endpoints. Also `AWS_USE_FIPS_ENDPOINT`."),
        _optional("use_dualstack_endpoint", BOOL, "Use dual-stack endpoints. Also `AWS_USE_DUALSTACK_ENDPOINT`."),
        _optional(
            "http_proxy",
            STRING,
            "Proxy for HTTP, and for HTTPS where neither `https_proxy` nor `HTTPS_PROXY` is set. Also `HTTP_PROXY`.",
            _proxy("http_proxy"),
            sensitive=True,
        ),
        _optional(
            "https_proxy",
            STRING,
            "Proxy for HTTPS; `NO_PROXY` names hosts to reach directly. Also `HTTPS_PROXY`.",
            _proxy("https_proxy"),
            sensitive=True,
        ),
        _optional(
            "skip_credentials_validation",
            BOOL,
            "Whether not to ask STS whose the credentials are. Default: false.",
        ),
        *map(_quota, KINDS),
        _optional(
            "check_permissions_at_plan",
            BOOL,
            "Whether plan, too, checks by dry runs that AWS permits the planned calls. Default: false. Apply always "
            "checks before its first change.",
        ),
    )
)
"""Every argument of the provider block; all are optional."""

SCHEMA: Final = Schema(
    0,
    "natgw manages the secondary addresses of AWS NAT gateways, private and public. Credentials and region are found "
    "as the AWS provider finds them: this block, then `AWS_*` environment variables, then the shared files, then the "
    "machine's role.",
    TABLE.attributes,
)
