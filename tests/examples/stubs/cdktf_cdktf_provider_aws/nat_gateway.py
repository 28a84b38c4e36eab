"""The resource `aws_nat_gateway`."""

from cdktf_cdktf_provider_aws.resource import AwsResource


class NatGateway(AwsResource):
    TYPE = "aws_nat_gateway"
