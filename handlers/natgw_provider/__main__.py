"""What Terraform starts, by way of the installed launcher, which calls `main`.

It runs three to five times per Terraform command, so it imports the bridge and what the handshake needs, nothing else.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from natgw_provider.bridge.handlers import Provider


SCHEMA_FILE: Final = os.path.join(os.path.dirname(__file__), "resources", "provider_schema.binpb")
"""The prepared answer to GetProviderSchema; `make docs` writes it."""


PACKAGES: Final = {
    "boto3": "boto3",
    "botocore": "botocore",
    "cryptography": "cryptography",
    "google": "protobuf",
    "h2": "h2",
    "msgpack": "msgpack",
}
"""The modules that a plan imports sooner or later, and the package that has each."""


def missing() -> list[str]:
    """Return the packages that are not installed; none of them is imported.

    The launcher asks before Terraform is told to connect: an import that failed later would be a lost connection.
    """
    return [package for module, package in PACKAGES.items() if find_spec(module) is None]


def natgw_provider() -> Provider:
    """Return the provider; its schemas are imported here, when Terraform asks for them."""
    from natgw_provider.resources.provider import NatgwProvider  # noqa: PLC0415 - kept off the way to the handshake

    return NatgwProvider()


def main() -> NoReturn:
    """Serve the Terraform that started this process, and end it."""
    from natgw_provider.bridge.server import serve  # noqa: PLC0415 - the launcher asks `missing` before

    code = serve(natgw_provider, SCHEMA_FILE)
    sys.stderr.flush()
    os._exit(code)  # with botocore loaded, Python's own way out takes a tenth of a second


if __name__ == "__main__":
    main()
