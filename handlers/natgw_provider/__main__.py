"""What Terraform starts, by way of the installed launcher, which calls `main`.

It runs three to five times per Terraform command, so it imports the bridge and what the handshake needs, nothing else.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import natgw_provider as package
from natgw_provider.byte_code import keep_byte_code

if TYPE_CHECKING:
    from natgw_provider.bridge.handlers import Provider


SCHEMA_FILE: Final = os.path.join(os.path.dirname(__file__), "resources", "provider_schema.binpb")
"""The prepared answer to GetProviderSchema; `make docs` writes it."""


def natgw_provider() -> Provider:
    """Return the provider; its schemas are imported here, when Terraform asks for them."""
    from natgw_provider.resources.provider import NatgwProvider  # noqa: PLC0415 - kept off the way to the handshake

    return NatgwProvider()


def main() -> NoReturn:
    """Serve the Terraform that started this process, and end it."""
    keep_byte_code(package.__spec__, os.environ)
    from natgw_provider.bridge.server import serve  # noqa: PLC0415 - its byte code may have to be kept elsewhere

    code = serve(natgw_provider, SCHEMA_FILE)
    sys.stderr.flush()
    os._exit(code)  # with botocore loaded, Python's own way out takes a tenth of a second


if __name__ == "__main__":
    main()
