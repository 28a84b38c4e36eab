"""What the provider offers: its configuration, one module for each resource and data source, and what they share.

This layer speaks Terraform (plain values, diagnostics) on one side and `core` and `engine` on the other. It imports
neither boto3 nor protocol types, and what needs boto3 in `engine` only once the provider is configured: most starts
never get there.
"""
