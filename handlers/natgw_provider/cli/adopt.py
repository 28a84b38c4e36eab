"""`natgw adopt`: from the NAT gateways of an account to configuration that imports them.

It uses the provider's connection, calls only GetCallerIdentity and DescribeNatGateways (and what a profile needs to get
credentials), and never overwrites a file. `adopt_formats` makes the texts.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from natgw_provider.cli import CommandError, adopt_formats
from natgw_provider.cli.adopt_formats import Inventory, Located, gateways_in_words
from natgw_provider.cli.connection import LONGEST_MESSAGE, aws_error, connection_settings, debug_log, in_one_line
from natgw_provider.cli.review import read_text, write_text
from natgw_provider.core.gateway import GatewayState, NatGateway
from natgw_provider.core.plan_checks import check_gateway
from natgw_provider.core.problems import ProblemError
from natgw_provider.review.escape import visible
from natgw_provider.review.owners import ASSOCIATION_TYPE, ID_ATTRIBUTES, INLINE_ARGUMENTS, Owner, owners_in
from natgw_provider.review.plan_document import InputError

USAGE: Final = 2
"""Exit code of wrong usage, the same as argparse's."""

NOTHING: Final = 3
"""Exit code when no gateway is left to write; no file was made."""

PATIENCE_SECONDS: Final = 2.0
"""After so many seconds of a read, stderr says how long it takes; then again after each doubling of that time."""

_TABLE: Final = "table"
_RENDERERS: Final[Mapping[str, Callable[[Inventory], str]]] = {
    "hcl": adopt_formats.to_hcl,
    "cdktf": adopt_formats.to_cdktf,
    "json": adopt_formats.to_json,
}
_EPILOG: Final = """\
Credentials, profile, region and endpoints are found as the provider finds them.
exit codes: 0 gateways were found, and written if requested; 1 AWS or a file cannot be read, or the output file cannot
be written; 2 wrong usage; 3 no gateway is left to write.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `natgw adopt`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument(
        "--region", action="append", type=_given, metavar="REGION", help="may be repeated (default: the environment's)"
    )
    parser.add_argument("--profile", type=_given, metavar="NAME", help="profile of the shared AWS files")
    parser.add_argument("--vpc-id", action="append", type=_vpc_id, metavar="ID", help="only of this VPC; repeatable")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        type=_tag,
        metavar="KEY=VALUE",
        help="only with this tag; * matches any text; repeatable: several values of one key mean any, several keys all",
    )
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        type=_given,
        metavar="FILE",
        help="a state or plan as JSON, - for standard input: what it manages already is left out; repeatable",
    )
    parser.add_argument(
        "--format",
        choices=(_TABLE, *_RENDERERS),
        default=_TABLE,
        help="hcl: resource and import blocks; cdktf: a Python module for cdktf and cdktn (default: %(default)s)",
    )
    parser.add_argument(
        "--out", type=_given, metavar="FILE", help="a new file for the output (default: standard output)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Read, report and write; the report is written to stderr when the configuration is written to standard output."""
    if arguments.out and arguments.format == _TABLE:
        raise CommandError("--out needs --format hcl, cdktf or json: a table is not written to a file.", USAGE)
    try:
        _check_free(arguments.out)
        owners = [owner for file in arguments.state for owner in owners_in(read_text(file), file)]
        inventory = _inventory(arguments, owners)
        report = write_text if arguments.out or arguments.format == _TABLE else sys.stderr.write
        report(_report(inventory, owners))
        if not inventory.adopted:
            raise CommandError(in_one_line(_nothing(inventory, arguments)), NOTHING)
        if arguments.format != _TABLE:
            _write(_RENDERERS[arguments.format](inventory), arguments.out)
        report(_next_step(inventory, arguments))
    except ProblemError as error:
        raise aws_error(error) from error
    except InputError as error:
        raise CommandError(in_one_line(str(error))) from error
    return 0


# Reading


def _inventory(arguments: argparse.Namespace, owners: Sequence[Owner]) -> Inventory:
    """Read every region, and separate the gateways to write from those to leave out."""
    regions, locations, found = [], [], list[Located]()
    for wanted in dict.fromkeys(arguments.region or [None]):
        with _progress(f"reading {f'region {wanted}' if wanted else 'the NAT gateways'}"):
            region, location, gateways = _read(wanted, arguments.profile, _filters(arguments))
        regions.append(region)
        locations.append(location)
        found += [Located(region=region, gateway=gateway) for gateway in gateways]
    # An owner that declares the addresses wins over one that does not.
    by_gateway = {owner.nat_gateway_id: owner for owner in sorted(owners, key=lambda it: it.declares_addresses)}
    judged = [
        replace(it, left_out_because=_reason(it.gateway, by_gateway.get(it.gateway.nat_gateway_id)))
        for it in adopt_formats.in_natural_order(found)
    ]
    usable = {it.gateway.nat_gateway_id: it for it in found if not check_gateway(it.kind, it.gateway)}
    return Inventory(
        locations=tuple(locations),
        regions=tuple(regions),
        profile=arguments.profile,
        adopted=adopt_formats.named([it for it in judged if not it.left_out_because]),
        left_out=tuple(it for it in judged if it.left_out_because),
        to_ignore={
            owner.address: INLINE_ARGUMENTS[usable[owner.nat_gateway_id].kind]
            for owner in owners
            if owner.type in ID_ATTRIBUTES and owner.nat_gateway_id in usable
        },
    )


def _filters(arguments: argparse.Namespace) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {"vpc-id": arguments.vpc_id} if arguments.vpc_id else {}
    for key, value in arguments.tag:
        filters.setdefault(f"tag:{key}", []).append(value)
    return filters


def _read(
    region: str | None, profile: str | None, filters: Mapping[str, Sequence[str]]
) -> tuple[str, str, tuple[NatGateway, ...]]:
    """Return a region's name, its location in words, and its gateways. Raises ProblemError."""
    # boto3 takes half a second to load: --help and a wrong option do not need it.
    from natgw_provider.aws.client import connect  # noqa: PLC0415
    from natgw_provider.engine.engine import GatewayEngine  # noqa: PLC0415

    connection = connect(connection_settings(region, profile), debug_log())
    engine = GatewayEngine(connection, report=lambda line: _note(visible(line, LONGEST_MESSAGE)))
    return connection.region, connection.location, engine.find(filters)


def _reason(gateway: NatGateway, owner: Owner | None) -> str:
    """Return why a gateway is not written; empty when it is."""
    if gateway.is_regional:
        return "regional; natgw manages zonal gateways"
    if gateway.state is GatewayState.PENDING:
        return "pending; run again when it is available"
    if gateway.is_gone:
        return gateway.state.value + (f": {gateway.failure_message}" if gateway.failure_message else "")
    if owner and owner.is_natgw:
        return f"managed by {owner.address} already"
    if owner and owner.type == ASSOCIATION_TYPE:
        return f"an Elastic IP of it is managed by {owner.address}"
    return f"its addresses are managed inline by {owner.address}" if owner and owner.declares_addresses else ""


# Reporting


def _report(inventory: Inventory, owners: Sequence[Owner]) -> str:
    """Return what was found, in words."""
    parts = [f"{gateways_in_words(len(inventory.adopted))} to manage in {' and '.join(inventory.locations)}.\n"]
    parts += [adopt_formats.to_table(inventory)] if inventory.adopted else []
    tags = Counter(it.gateway.name for it in inventory.adopted.values() if it.gateway.name)
    if shared := [visible(tag) for tag, count in tags.items() if count > 1]:
        parts.append(
            f"Several gateways have the Name {', '.join(shared)}, so their ids are part of their names here.\n"
        )
    if inventory.left_out:
        parts.append("Left out:\n" + "".join(map(_left_out_line, inventory.left_out)))
    if inventory.to_ignore:
        parts.append(_ignore_changes(inventory.to_ignore, owners))
    return "\n".join(parts)


def _left_out_line(it: Located) -> str:
    name = f" ({visible(it.gateway.name)})" if it.gateway.name else ""
    reason = visible(it.left_out_because, LONGEST_MESSAGE)
    return f"  {visible(it.gateway.nat_gateway_id)}{name} in {it.region}: {reason}\n"


_IGNORE: Final = """\
These resources of another provider manage gateways above. Each needs in its configuration:
{addresses}
    lifecycle {{
      ignore_changes = [{arguments}]
    }}
"""
_DELETE_INLINE: Final = """
Where one of them sets an argument of its ignore_changes, delete the
argument in the same commit. Then run natgw adopt again, with a new plan of that configuration for --state,
or without --state.
"""


def _ignore_changes(to_ignore: Mapping[str, tuple[str, ...]], owners: Sequence[Owner]) -> str:
    """Return what to change in the configuration of another provider's NAT gateways, and what to do after that."""
    parts = []
    for arguments in dict.fromkeys(to_ignore.values()):
        addresses = "".join(f"  {visible(it)}\n" for it, ignored in to_ignore.items() if ignored == arguments)
        parts.append(_IGNORE.format(addresses=addresses, arguments=", ".join(arguments)))
    if any(owner.declares_addresses and owner.address in to_ignore for owner in owners):
        parts[-1] += _DELETE_INLINE
    return "\n".join(parts)


def _nothing(inventory: Inventory, arguments: argparse.Namespace) -> str:
    asked = [f"VPC {' or '.join(arguments.vpc_id)}"] if arguments.vpc_id else []
    asked += [f"tag {key} = {value}" for key, value in arguments.tag]
    matching = f" with {', '.join(asked)}" if asked else ""
    place = " and ".join(inventory.locations)
    if inventory.left_out:
        return f"every NAT gateway{matching} in {place} is left out, for the reasons above. Nothing was written"
    return (
        f"no NAT gateway{matching} was found in {place}. Check --region, --profile, --vpc-id and --tag. "
        "Nothing was written"
    )


def _next_step(inventory: Inventory, arguments: argparse.Namespace) -> str:
    if arguments.format == _TABLE:
        return "\nTo write their configuration, use --format hcl or --format cdktf, and --out FILE.\n"
    wrote = f"Wrote {arguments.out}. " if arguments.out else ""
    if arguments.format == "json":
        return f"\n{wrote}\n" if wrote else ""
    return f'\n{wrote}Its head says how to use it. The plan has to say "{adopt_formats.expected_plan(inventory)}".\n'


@contextmanager
def _progress(activity: str) -> Iterator[None]:
    """Say on stderr how long the body takes, when that is long."""
    done = threading.Event()

    def report() -> None:
        seconds = pause = PATIENCE_SECONDS
        while not done.wait(pause):
            _note(f"{activity}, {seconds:.0f} s so far ...")
            seconds, pause = seconds + pause, seconds

    threading.Thread(target=report, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _note(line: str) -> None:
    print(f"natgw adopt: {line}", file=sys.stderr, flush=True)


# Writing


def _check_free(out: str | None) -> None:
    if out and os.path.lexists(out):
        raise InputError(f"{out} is there already and is not overwritten. Name another file with --out, or move it.")


def _write(text: str, out: str | None) -> None:
    """Write to standard output, or to a file that must not exist."""
    if out is None:
        write_text(text)
        return
    try:
        with Path(out).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        _check_free(out)
    except OSError as problem:
        raise InputError(f"cannot write {out}: {problem.strerror}.") from None


# Options


def _given(text: str) -> str:
    if not text.strip():  # a variable that is not set
        raise argparse.ArgumentTypeError("an empty value; give one, or leave the option out")
    return text


def _vpc_id(text: str) -> str:
    if not re.fullmatch(r"vpc-[0-9a-f]{8}(?:[0-9a-f]{9})?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the id of a VPC: vpc- and 8 or 17 hex digits")
    return text


def _tag(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not key or not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE, such as Name=egress-a")
    return key, value
