"""Another author's compiled messages of the plugin protocol, in a descriptor pool of their own.

They are read, not imported: protobuf's default pool holds each name once, and `tfplugin_proto` is in it.
"""

from __future__ import annotations

import ast
from importlib.metadata import distribution

from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP


def _published(package: str, file: str) -> FileDescriptor:
    """Return a compiled file (`*_pb2.py`) of an installed package."""
    pool = DescriptorPool()
    pool.AddSerializedFile(TIMESTAMP.serialized_pb)
    for node in ast.walk(ast.parse(distribution(package).locate_file(file).read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".AddSerializedFile"):
            loaded: FileDescriptor = pool.AddSerializedFile(ast.literal_eval(node.args[0]))
            return loaded
    raise LookupError("not a file that protobuf's compiler wrote")


THEIRS = _published("pyvider", "pyvider/protocols/tfprotov6/protobuf/tfplugin6_pb2.py")
"""A protocol 6 that is newer than ours: it also has state stores and actions."""


def messages(file: FileDescriptor) -> dict[str, Descriptor]:
    """Return every message of a file, nested ones too, by its name within the file's package."""
    found: dict[str, Descriptor] = {}
    pending = list(file.message_types_by_name.values())
    while pending:
        message = pending.pop()
        found[message.full_name.removeprefix(f"{file.package}.")] = message
        pending += message.nested_types
    return found
