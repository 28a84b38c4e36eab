"""The command `natgw`: finds the subcommand and runs it.

Each subcommand is a module with `add_arguments(parser)` and `run(arguments) -> int`. Only the one that is asked for is
imported, so that `--help` is quick and a subcommand may need an optional extra.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import MappingProxyType
from typing import Protocol

from natgw_provider import __version__
from natgw_provider.cli import CommandError


class Subcommand(Protocol):
    """What a module in `cli/` offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do the work and return the exit code."""


SUBCOMMANDS = MappingProxyType(
    {
        "install": "put the provider where `terraform init` finds it",
        "uninstall": "remove what `natgw install` put there",
        "simulator": "serve an EC2 endpoint with NAT gateways, for rehearsals and tests",
        "adopt": "write configuration and imports for the NAT gateways that an account has",
        "review": "say what a plan does to the addresses of NAT gateways: for pull requests and pipelines",
        "watch": "show the addresses of NAT gateways and their drains while an apply runs; changes nothing",
        "provider": "run the provider in a process of its own, for debugging",
        "demo": "play the whole job, from declaration to destroy, against the simulator",
    }
)
"""Name of each subcommand (and of its module, with `-` as `_`) and its line in `natgw --help`."""


def run(argv: Sequence[str] | None = None) -> int:
    """Run `natgw` with `argv` (default: the process's own) and return the exit code.

    Usage errors exit with 2, or as the subcommand's own parser has it.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="natgw", description="Secondary addresses of AWS NAT gateways, as code.")
    parser.add_argument("--version", action="version", version=f"natgw {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in SUBCOMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == chosen:
            _load(name).add_arguments(subparser)
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        subparsers.choices[arguments.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return _load(arguments.command).run(arguments)
    except CommandError as error:
        print(f"natgw {arguments.command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of standard output has left, as `head` does. Python would write to it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:  # such as a full disk
        file = f"{error.filename}: " if error.filename else ""
        print(f"natgw {arguments.command}: {file}{error.strerror or error}", file=sys.stderr)
        return 1


def _load(name: str) -> Subcommand:
    module: Subcommand = importlib.import_module(f"natgw_provider.cli.{name.replace('-', '_')}")
    return module
