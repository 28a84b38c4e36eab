"""`natgw provider --debug`: keep one provider process running under a debugger, and let Terraform come to it.

Terraform starts its own provider processes and kills them; this one outlives them, so breakpoints can be waited at.
"""

from __future__ import annotations

import argparse
import re

from natgw_provider.__main__ import natgw_provider
from natgw_provider.bridge.server import serve_debug
from natgw_provider.cli.install import SOURCE_HOSTS

_SOURCE = f"{SOURCE_HOSTS[0]}/local/natgw"
_LABEL = r"[a-z0-9]+(-[a-z0-9]+)*"
_HOST = rf"{_LABEL}(\.{_LABEL})*(:[0-9]{{1,5}})?"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--debug",
        action="store_true",
        required=True,
        help="print the value of TF_REATTACH_PROVIDERS to set where terraform runs, and serve until Ctrl-C; TF_LOG "
        "set here says what is logged here",
    )
    parser.add_argument(
        "--source",
        type=_address,
        default=_SOURCE,
        metavar="ADDRESS",
        help=f"the provider's full source address, HOST/NAMESPACE/TYPE: {_SOURCE} unless given, "
        f"{SOURCE_HOSTS[1]}/local/natgw for OpenTofu",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    return serve_debug(natgw_provider, arguments.source)


def _address(text: str) -> str:
    """Refuse what Terraform would only say that it cannot parse, without a word of where it comes from."""
    if not re.fullmatch(f"{_HOST}/{_LABEL}/{_LABEL}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no full source address: it takes HOST/NAMESPACE/TYPE in lower-case letters, digits and "
            f"dashes, as in {_SOURCE}"
        )
    return text
