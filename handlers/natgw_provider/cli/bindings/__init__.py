"""Writes the constructs' bindings (`natgw_constructs.cdktf`, `.cdktn`) from the provider's own schema.

A developer's tool: `python -m natgw_provider.cli.bindings` writes them, with `--check` it only says whether they are
current. Text in, text out; the generated classes stand on `natgw_constructs.bindings`, which this does not import.
"""
