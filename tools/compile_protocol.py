"""Compiles the protocol's `.proto` files: `python tools/compile_protocol.py [DIRECTORY]`.

Needs grpcio-tools (a development dependency). What protoc writes is changed in two places: the messages go into the
package's own descriptor pool, and the check that the protobuf runtime is at least as new as protoc is dropped, because
natgw supports older runtimes than its developers' compiler (these files use no feature younger than proto3 itself).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

PROTOCOL: Final = Path(__file__).resolve().parent.parent / "handlers" / "natgw_provider" / "bridge" / "protocol"
"""The folder of the `.proto` files and of what is compiled from them."""

_POOL_IMPORT: Final = "from natgw_provider.bridge.protocol import POOL as _POOL"
_VERSION_CHECK: Final = re.compile(
    r"^from google\.protobuf import runtime_version .*?\n|^_runtime_version\.Validate\w+\(.*?\n\)\n",
    re.MULTILINE | re.DOTALL,
)

_BARE_MAPPING: Final = re.compile(r"\b_Mapping(?=\])")
"""protoc leaves the type arguments out, which mypy's strict mode refuses."""


def compile_all(target: Path) -> None:
    """Write `*_pb2.py` and `*_pb2.pyi` of every `.proto` file into `target`; raises RuntimeError when protoc fails."""
    from grpc_tools import protoc  # noqa: PLC0415 - a development dependency that an installation lacks

    for source in sorted(PROTOCOL.glob("*.proto")):
        words = ["protoc", f"--proto_path={PROTOCOL}", f"--python_out={target}", f"--pyi_out={target}", source.name]
        if protoc.main(words):
            raise RuntimeError(f"protoc could not compile {source.name}")
        module = target / f"{source.stem}_pb2.py"
        module.write_text(use_own_pool(module.read_text()))
        stub = module.with_suffix(".pyi")
        stub.write_text(_BARE_MAPPING.sub("_Mapping[str, object]", stub.read_text()))


def use_own_pool(code: str) -> str:
    """Return protoc's Python output changed to load into `POOL`; raises RuntimeError when its shape is unknown."""
    code, pools = re.subn(r"\b_descriptor_pool\.Default\(\)", "_POOL", _VERSION_CHECK.sub("", code))
    code, imports = re.subn(
        r"^from google\.protobuf import descriptor_pool .*$", _POOL_IMPORT, code, flags=re.MULTILINE
    )
    if (pools, imports) != (1, 1) or "runtime_version" in code:
        raise RuntimeError("protoc's output has a new shape: adapt use_own_pool")
    return code


if __name__ == "__main__":
    compile_all(Path(sys.argv[1]) if len(sys.argv) > 1 else PROTOCOL)
