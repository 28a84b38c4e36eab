"""Other authors' compiled messages of the plugin protocol, each in a descriptor pool of its own.

They are read, never imported: all of them register the same published names in protobuf's default pool, which holds a
name once.
"""

from __future__ import annotations

import ast
from importlib.metadata import distribution

from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.empty_pb2 import DESCRIPTOR as EMPTY
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP


def published(package: str, *files: str) -> FileDescriptor:
    """Return the last of the compiled files (`*_pb2.py`) of an installed package."""
    pool = DescriptorPool()
    for common in (EMPTY, TIMESTAMP):
        pool.AddSerializedFile(common.serialized_pb)
    for file in files:
        source = distribution(package).locate_file(file).read_text()
        loaded: FileDescriptor = pool.AddSerializedFile(_serialized(source))
    return loaded


def _serialized(source: str) -> bytes:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".AddSerializedFile"):
            data = ast.literal_eval(node.args[0])
            assert isinstance(data, bytes)
            return data
    raise LookupError("not a file that protobuf's compiler wrote")


OLDER = published("tfplugin-proto-all", "tfplugin_proto/tfplugin6_5_pb2.py")
"""Protocol 6.5, of March 2024: nothing newer."""

NEWER = published("pyvider", "pyvider/protocols/tfprotov6/protobuf/tfplugin6_pb2.py")
"""A protocol 6 that is newer than ours: it has state stores, actions, lists and generated configuration too."""


def messages(file: FileDescriptor) -> dict[str, Descriptor]:
    """Return every message of a file, nested ones too, by its name within the file's package."""
    found: dict[str, Descriptor] = {}
    pending = list(file.message_types_by_name.values())
    while pending:
        message = pending.pop()
        found[message.full_name.removeprefix(f"{file.package}.")] = message
        pending += message.nested_types
    return found
