"""The pull-request review: what a Terraform plan does to the addresses of NAT gateways, for a person with two minutes.

Pure: plan JSON in, a `Review` out, and from that Markdown, JSON or text. It stands on `core` alone, calls nothing,
reads no clock and no file, and decides nothing that the provider decides: what will be done is what `last_change` says.
"""
