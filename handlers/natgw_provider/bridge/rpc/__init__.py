"""What each RPC of the plugin protocol does, as plain functions from message to message; no gRPC, no socket."""
