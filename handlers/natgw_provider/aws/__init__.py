"""AWS: credentials and clients as the provider block asks for them, and botocore's errors sorted into ours.

The only user of boto3 and botocore. It stands on `core` alone and knows nothing of Terraform's values. `client` is the
way in, `api` the EC2 calls. `settings` is cheap to import; all else loads the AWS libraries, in ConfigureProvider.
"""
