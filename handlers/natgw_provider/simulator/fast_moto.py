"""Importing this module imports moto's EC2, in two thirds of the time that it takes otherwise.

While moto is imported it makes several botocore sessions, and each parses EC2's whole service model again only to list
the regions. For that moment they share what the first has read; afterwards botocore is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.loaders import JSONFileLoader


@contextmanager
def _shared_files() -> Iterator[None]:
    read: dict[str, Any] = {}
    load_file = JSONFileLoader.load_file

    def load_once(loader: JSONFileLoader, path: str) -> Any:
        if path not in read:
            read[path] = load_file(loader, path)
        return read[path]

    JSONFileLoader.load_file = load_once
    try:
        yield
    finally:
        JSONFileLoader.load_file = load_file


with _shared_files():
    import moto.ec2.models  # noqa: F401 # imported for its effect
