"""What the provider offers: its configuration, one module for each resource and data source, and what they share.

This layer speaks Terraform (plain values, diagnostics) on one side and `core` and `ec2` on the other. It imports
neither boto3 nor protocol types, and `ec2` only once the provider is configured: most starts never get there.
"""
