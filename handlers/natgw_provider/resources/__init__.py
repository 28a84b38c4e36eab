"""What the provider offers: its block, its resource types and data source, and the handlers that they share.

`provider` is the way in and `address_resource` has the handlers; `planning`, `moving` and `applying` do their work.
This layer speaks Terraform (plain values, diagnostics) on one side and `core` and `engine` on the other. It imports
neither boto3 nor protocol types, and what needs boto3 in `engine` only once the provider is configured: most starts
never get there.
"""
