"""`natgw watch`: show the addresses of NAT gateways while an apply, or anything else, changes them.

Read-only: one DescribeNatGateways per poll for all gateways, with the credentials that the provider would find. AWS
does not return when a drain began or how long it may take. So the output shows since when it was seen, and with
`--max-drain` when it ends at the latest.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final

from natgw_provider.cli import CommandError
from natgw_provider.cli.connection import LONGEST_MESSAGE, aws_error, connection_settings, debug_log
from natgw_provider.core import limits
from natgw_provider.core.declaration_checks import check_nat_gateway_id
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.gateway import ARRIVING, LEAVING, AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.polling import PollInterval
from natgw_provider.review.escape import visible

if TYPE_CHECKING:
    from natgw_provider.engine.engine import GatewayEngine

IDLE, FAILED, UNUSABLE, STILL_BUSY, IDLE_WITH_FAILURES = range(5)
"""The exit codes."""

IDLE_SECONDS: Final = 5.0
"""`--until-idle` ends when reads have shown nothing in transition for so many seconds: a read may be stale."""

INTERVAL_MAXIMUM: Final = 15.0
"""Seconds between two polls at most, so that a change that begins later is seen soon enough."""

GATEWAYS_MAXIMUM: Final = 200
"""Values that one filter of DescribeNatGateways takes (EC2 API reference, "Filter")."""

_EPILOG: Final = """\
exit codes: 0 nothing is in transition (without --until-idle: when the timeout is over); 1 the gateways cannot be read;
2 usage; 3 the timeout is over and something is still in transition; 4 nothing is in transition, but a gateway is gone
or an address failed; 130 Ctrl-C.
Region and credentials are found as the provider finds them. The only permission needed is ec2:DescribeNatGateways.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `natgw watch`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("gateways", nargs="+", type=_gateway_id, metavar="NAT_GATEWAY_ID")
    parser.add_argument("--region", help="default: as the provider finds it")
    parser.add_argument("--profile", help="a profile of the shared configuration files")
    parser.add_argument("--until-idle", action="store_true", help="end when nothing is in transition")
    parser.add_argument("--timeout", type=_duration, metavar="DURATION", help='end after this time, such as "15m"')
    parser.add_argument(
        "--max-drain",
        type=_drain_seconds,
        metavar="SECONDS",
        help="max_drain_duration_seconds of the change, to show when a drain ends at the latest; AWS does not show it",
    )
    parser.add_argument("--json", action="store_true", help="a line of JSON for each gateway whenever it changes")


def run(arguments: argparse.Namespace) -> int:
    """Watch until the gateways are idle, the timeout is over or Ctrl-C; return the exit code."""
    if len(set(arguments.gateways)) > GATEWAYS_MAXIMUM:
        raise CommandError(f"one call reads {GATEWAYS_MAXIMUM} gateways at most, and more are named", UNUSABLE)
    stop = threading.Event()
    if arguments.timeout:
        timer = threading.Timer(arguments.timeout, stop.set)
        timer.daemon = True
        timer.start()
    try:
        return _watch(arguments, _connect(arguments, stop), stop)
    except ProblemError as failure:
        if stop.is_set():
            raise CommandError("the timeout is over, and AWS has not answered", STILL_BUSY) from failure
        raise aws_error(failure) from failure


def _connect(arguments: argparse.Namespace, stop: threading.Event) -> GatewayEngine:
    """Return an engine, which is used for reads alone. Raises ProblemError."""
    from natgw_provider.engine.engine import connect_engine  # noqa: PLC0415 - it loads boto3, and --help is quick

    return connect_engine(connection_settings(arguments.region, arguments.profile), stop, debug_log())


def _watch(arguments: argparse.Namespace, engine: GatewayEngine, stop: threading.Event) -> int:
    """Poll and show the gateways; return the exit code. Raises ProblemError."""
    ids = tuple(dict.fromkeys(arguments.gateways))
    expected = float(arguments.max_drain or limits.DRAIN_SECONDS_DEFAULT)
    interval = PollInterval(expected, is_known=arguments.max_drain is not None, random=Random())  # noqa: S311 - no secret
    show = _output(arguments)
    views = _first_views(engine, ids, arguments.max_drain)
    changed_at = time.monotonic()
    while True:
        show(views)
        unchanged_for = time.monotonic() - changed_at
        is_idle = all(view.is_idle for view in views)
        if arguments.until_idle and is_idle and unchanged_for >= IDLE_SECONDS:
            return IDLE_WITH_FAILURES if any(view.has_failed for view in views) else IDLE
        if _wait(min(INTERVAL_MAXIMUM, interval.seconds(unchanged_for)), stop, partial(show, views)):
            return STILL_BUSY if arguments.until_idle or not is_idle else IDLE
        found, now = _read(engine, ids), datetime.now(UTC)
        newer = [view.next(found.get(view.nat_gateway_id), now) for view in views]
        if newer != views:
            views, changed_at = newer, time.monotonic()


def _first_views(engine: GatewayEngine, ids: Sequence[str], max_drain: int | None) -> list[View]:
    """Return what the first read shows. Raises ProblemError, and CommandError for a gateway that does not exist."""
    found, now = _read(engine, ids), datetime.now(UTC)
    missing = ", ".join(nat_gateway_id for nat_gateway_id in ids if nat_gateway_id not in found)
    if missing:
        where = f"{missing} does not exist in {engine.location()}"
        raise CommandError(f"NAT gateway not found. {where}. Check the id, --region and --profile.", FAILED)
    return [View(nat_gateway_id, None, {}, max_drain).next(found[nat_gateway_id], now) for nat_gateway_id in ids]


def _read(engine: GatewayEngine, ids: Sequence[str]) -> dict[str, NatGateway]:
    return {gateway.nat_gateway_id: gateway for gateway in engine.find({"nat-gateway-id": ids})}


def _wait(seconds: float, stop: threading.Event, show: Callable[[], None]) -> bool:
    """Wait, and show once a second how long drains take; return whether the timeout is over."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stop.wait(min(1.0, left)):
            return True
        show()
    return stop.is_set()


@dataclass(frozen=True, slots=True)
class View:
    """One gateway as a read showed it.

    Attributes:
        gateway: None where AWS does not show it any more.
        seen_draining: for each address that drains, the time of the first read that showed it.
        max_drain: how many seconds a drain may take, if the user gave it.
    """

    nat_gateway_id: str
    gateway: NatGateway | None
    seen_draining: Mapping[str, datetime]
    max_drain: int | None

    def next(self, gateway: NatGateway | None, now: datetime) -> View:
        """Return the view of a later read."""
        seen = {key: self.seen_draining.get(key, now) for key in (gateway.draining if gateway else ())}
        return replace(self, gateway=gateway, seen_draining=seen)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in transition: no address, and not the gateway itself."""
        if self.gateway is None:
            return True
        is_changing = self.gateway.state in (GatewayState.PENDING, GatewayState.DELETING)
        return not is_changing and not any(a.status in (*ARRIVING, *LEAVING) for a in self.gateway.addresses)

    @property
    def has_failed(self) -> bool:
        """Whether the gateway is gone or an address of it failed."""
        return self.gateway is None or self.gateway.is_gone or bool(self.gateway.failed)

    def lines(self, now: datetime | None = None) -> dict[str, str]:
        """Return a text for each address, and for the gateway under ""; with `now`, the seconds of each drain."""
        if self.gateway is None:
            return {"": "does not exist any more"}
        name = f" ({visible(self.gateway.name)})" if self.gateway.name else ""
        lines = {address.label: self._line(address, now) for address in self.gateway.addresses}
        return {"": f"{self.gateway.state.value}{name}"} | lines

    def _line(self, address: NatGatewayAddress, now: datetime | None) -> str:
        if seen := self.seen_draining.get(address.key):
            when = f"for {(now - seen).total_seconds():.0f} s" if now else f"since {_time(seen)}"
            return f"draining, seen {when}{self._until(seen)}"
        if address.status is AddressStatus.FAILED:
            return f"failed: {visible(address.failure_message or 'AWS gives no reason', LONGEST_MESSAGE)}"
        status = "in service" if address.status in (None, AddressStatus.SUCCEEDED) else str(address.status)
        return f"{status}, primary" if address.is_primary else status

    def _until(self, seen: datetime) -> str:
        # A drain that began before it was seen ends before this time, so the text is true for it too.
        return f", until {_time(seen + timedelta(seconds=self.max_drain))} at the latest" if self.max_drain else ""

    def as_json(self) -> dict[str, Any]:
        """Return the view for programs; states and statuses are AWS's own."""
        addresses = self.gateway.addresses if self.gateway else ()
        return {
            "nat_gateway_id": self.nat_gateway_id,
            "name": self.gateway.name if self.gateway else None,
            "state": self.gateway.state.value if self.gateway else None,
            "idle": self.is_idle,
            "addresses": [
                {
                    "address": address.key,
                    "public_ip": address.public_ip,
                    "status": (address.status or AddressStatus.SUCCEEDED).value,
                    "is_primary": address.is_primary,
                    "failure_message": address.failure_message,
                    "seen_draining_since": _iso(self.seen_draining.get(address.key)),
                    "drain_ends_by": _iso(self.seen_draining.get(address.key), self.max_drain),
                }
                for address in addresses
            ],
        }


def _output(arguments: argparse.Namespace) -> Callable[[Sequence[View]], None]:
    """Return the function that shows views: it writes what changed, or redraws a table on a terminal."""
    if arguments.json:
        return _Lines(lambda before, view: [] if view == before else [json.dumps({"at": _now()} | view.as_json())]).show
    return _Table().show if sys.stdout.isatty() else _Lines(_changes).show


class _Lines:
    """Writes lines for what changed, which `describe` makes from a gateway's last view (or None) and its new one."""

    def __init__(self, describe: Callable[[View | None, View], list[str]]) -> None:
        self._describe = describe
        self._shown: dict[str, View] = {}

    def show(self, views: Sequence[View]) -> None:
        """Write the lines."""
        for view in views:
            for line in self._describe(self._shown.get(view.nat_gateway_id), view):
                print(line, flush=True)
            self._shown[view.nat_gateway_id] = view


def _changes(before: View | None, view: View) -> list[str]:
    old, new = before.lines() if before else {}, view.lines()
    changed = [f"{key} {text}".strip() for key, text in new.items() if old.get(key) != text]
    released = [f"{key} released" for key in old if key not in new]
    return [f"{_time(datetime.now(UTC))} {view.nat_gateway_id} {line}" for line in changed + released]


class _Table:
    """A table on a terminal that replaces the previous one."""

    def __init__(self) -> None:
        self._height = 0

    def show(self, views: Sequence[View]) -> None:
        """Draw the table."""
        now, size = datetime.now(UTC), shutil.get_terminal_size()
        lines = [(view, key, text) for view in views for key, text in view.lines(now).items()]
        width = max(len(key) for _, key, _ in lines)
        rows = [
            f"  {key:<{width}}  {text}" if key else f"{view.nat_gateway_id}  {text}, {_time(now)}"
            for view, key, text in lines
        ]
        # A line that wraps, or one that scrolls away, could not be drawn over.
        fitting = [row[: size.columns - 1] for row in rows[: max(1, size.lines - 2)]]
        if len(fitting) < len(rows):
            fitting[-1] = f"... {len(rows) - len(fitting) + 1} more lines; a higher terminal shows them"
        print(f"\x1b[{self._height}F\x1b[J" * bool(self._height) + "\n".join(fitting), flush=True)
        self._height = len(fitting)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _iso(seen: datetime | None, seconds: int | None = 0) -> str | None:
    """Return so many seconds after a moment, where both are known."""
    if seen is None or seconds is None:
        return None
    return (seen + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"


def _gateway_id(text: str) -> str:
    for problem in check_nat_gateway_id(text, "NAT_GATEWAY_ID"):
        raise argparse.ArgumentTypeError(problem.detail)
    return text


def _duration(text: str) -> float:
    with suppress(ValueError):
        return parse_duration(text)
    raise argparse.ArgumentTypeError(f'"{text}": must be a duration such as "90s", "15m" or "1h"')


def _drain_seconds(text: str) -> int:
    with suppress(ValueError):
        if limits.DRAIN_SECONDS_MINIMUM <= int(text) <= limits.DRAIN_SECONDS_MAXIMUM:
            return int(text)
    allowed = f"{limits.DRAIN_SECONDS_MINIMUM} to {limits.DRAIN_SECONDS_MAXIMUM}"
    raise argparse.ArgumentTypeError(f'"{text}": must be a whole number of seconds, {allowed}')
