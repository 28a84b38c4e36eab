"""The resource `aws_eip`."""

from cdktf_cdktf_provider_aws.resource import AwsResource


class Eip(AwsResource):
    TYPE = "aws_eip"
