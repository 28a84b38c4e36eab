"""The messages of the plugin protocol, compiled from the `.proto` files beside them.

`*_pb2.py` and `*_pb2.pyi` are checked in, so that an installation needs no compiler; `tools/compile_protocol.py` writes
them, and a test compares them with the `.proto` files. They load into `POOL`, not into protobuf's default pool: another
package in the same process may carry messages of the same published names (the tests' oracles do), and the default pool
holds each name once.
"""

from google.protobuf.descriptor_pool import DescriptorPool

POOL = DescriptorPool()
"""The home of natgw's compiled messages."""
