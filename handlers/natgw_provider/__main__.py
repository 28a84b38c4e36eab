"""What Terraform starts, by way of the installed launcher: `python -m natgw_provider`.

It runs three to five times per Terraform command, so it imports the bridge and what the handshake needs, nothing else.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from natgw_provider.bridge.server import serve

if TYPE_CHECKING:
    from natgw_provider.bridge.handlers import Provider


def natgw_provider() -> Provider:
    """Return the provider; its schemas are imported here, when Terraform asks for them."""
    from natgw_provider.resources.provider import NatgwProvider  # noqa: PLC0415 - kept off the way to the handshake

    return NatgwProvider()


if __name__ == "__main__":
    code = serve(natgw_provider)
    sys.stderr.flush()
    os._exit(code)  # with botocore loaded, Python's own way out takes a tenth of a second
