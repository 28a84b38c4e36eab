"""EC2 with private NAT gateways, simulated on moto: for the demo, for tests, and for rehearsing a change.

`simulator.Simulator` is what Python code uses; `control` offers the same over HTTP. A request comes in through
`transport`, is read and checked in `api_requests`, meets the `faults` in force, and is answered by `ec2` on the `model`
(the NAT gateways, whose life is in `lifecycle`) or by moto; `network` holds moto's VPCs, subnets and interfaces.

While moto is imported it makes several botocore sessions, and each parses EC2's whole service model again only to list
the regions. For that moment they share here what the first has read, which saves a third of the start; afterwards
botocore is as it was.
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
    import moto.ec2.responses  # noqa: F401 # imported for its effect
