"""`natgw provider --debug`: keep one provider process running under a debugger, and let Terraform come to it.

Terraform starts its own provider processes and kills them; this one outlives them, so breakpoints can be waited at.
"""

from __future__ import annotations

import argparse

from natgw_provider import SOURCE
from natgw_provider.__main__ import natgw_provider
from natgw_provider.bridge.server import serve_debug


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--debug",
        action="store_true",
        required=True,
        help="print the value of TF_REATTACH_PROVIDERS to set where terraform runs, and serve until Ctrl-C; TF_LOG "
        "set here says what is logged here",
    )


def run(_: argparse.Namespace) -> int:
    """Serve until interrupted."""
    return serve_debug(natgw_provider, SOURCE)
