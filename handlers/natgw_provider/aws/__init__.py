"""AWS: credentials and clients as the provider block asks for them, and botocore's errors sorted into ours.

The only user of boto3 and botocore. It stands on `core` alone and knows nothing of Terraform's values. `settings` and
`errors` are cheap to import; `client` loads the AWS libraries and is imported in ConfigureProvider.
"""
