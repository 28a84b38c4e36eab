"""The pull-request review: what a Terraform plan does to the addresses of NAT gateways, for a person with two minutes.

Pure: plan JSON becomes a `Review`, and a review becomes Markdown, JSON or text. The package uses `core` alone, calls
nothing, and reads no clock and no file. It shows what the provider decided, as `last_change` says it.
"""
