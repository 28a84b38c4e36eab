"""The bridge: Terraform's plugin protocol 6, served in Python.

A provider implements `handlers`, declares its attributes with `schema`, receives and returns `values`, reports errors
and warnings as `diagnostics`, and is started with `server.serve`. Protobuf, gRPC, msgpack and TLS stop here: no other
package sees them, and this package knows nothing of AWS. This file imports nothing, because every import delays the
handshake that Terraform waits for.
"""
