"""The bridge: Terraform's plugin protocol 6, served in Python.

A provider is written against `handlers` (what to implement), `schema` (what it declares), `values` (what it gets and
returns) and `diagnostics` (what it tells the user), and started with `server.serve`. Protobuf, gRPC, msgpack and TLS
stop here: nothing outside this package sees them, and this package knows nothing of AWS. It imports nothing by itself,
because every import stands between Terraform's start of the process and the handshake.
"""
