"""AWS's side: the connection, the gateway as EC2 shows it, and the engine that carries a change out.

The only layer that imports boto3 or botocore. It stands on `core` alone and knows nothing of Terraform's values.
`settings` and `change` are cheap to import; `connection` loads the AWS libraries and belongs into ConfigureProvider.
"""
