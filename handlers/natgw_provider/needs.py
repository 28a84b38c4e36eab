"""The packages without which no start of the provider gets far, looked for before Terraform is told to connect.

An import that failed afterwards would reach the user as a broken connection.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

PACKAGES: Final = {
    "boto3": "boto3",
    "botocore": "botocore",
    "cryptography": "cryptography",
    "google": "protobuf",
    "h2": "h2",
    "msgpack": "msgpack",
}
"""What is imported at some point of a plan, and the package that has it."""


def missing() -> list[str]:
    """Return the packages that are not there; none of them is imported."""
    return [package for module, package in PACKAGES.items() if find_spec(module) is None]
