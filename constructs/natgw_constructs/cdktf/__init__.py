"""The bindings for cdktf: the provider block, its resources and data sources.

Generated from the provider's schema by `make docs`; do not edit.
"""

from natgw_constructs.cdktf.data_natgw_nat_gateway import (
    DataNatgwNatGateway,
    DataNatgwNatGatewayAddressesList,
    DataNatgwNatGatewayAddressesOutputReference,
)
from natgw_constructs.cdktf.meta_arguments import MetaArguments
from natgw_constructs.cdktf.provider import NatgwProvider
from natgw_constructs.cdktf.secondary_elastic_ip import SecondaryElasticIp, SecondaryElasticIpLastChangeOutputReference
from natgw_constructs.cdktf.secondary_elastic_ips import (
    SecondaryElasticIps,
    SecondaryElasticIpsLastChangeOutputReference,
)
from natgw_constructs.cdktf.secondary_private_ip import SecondaryPrivateIp, SecondaryPrivateIpLastChangeOutputReference
from natgw_constructs.cdktf.secondary_private_ips import (
    SecondaryPrivateIps,
    SecondaryPrivateIpsLastChangeOutputReference,
)
from natgw_constructs.structs import (
    DataNatgwNatGatewayFilter,
    NatgwProviderAssumeRole,
    NatgwProviderAssumeRoleWithWebIdentity,
    NatgwProviderEndpoints,
    SecondaryElasticIpsTimeouts,
    SecondaryElasticIpTimeouts,
    SecondaryPrivateIpsTimeouts,
    SecondaryPrivateIpTimeouts,
)

__all__ = [
    "DataNatgwNatGateway",
    "DataNatgwNatGatewayAddressesList",
    "DataNatgwNatGatewayAddressesOutputReference",
    "DataNatgwNatGatewayFilter",
    "MetaArguments",
    "NatgwProvider",
    "NatgwProviderAssumeRole",
    "NatgwProviderAssumeRoleWithWebIdentity",
    "NatgwProviderEndpoints",
    "SecondaryElasticIp",
    "SecondaryElasticIpLastChangeOutputReference",
    "SecondaryElasticIpTimeouts",
    "SecondaryElasticIps",
    "SecondaryElasticIpsLastChangeOutputReference",
    "SecondaryElasticIpsTimeouts",
    "SecondaryPrivateIp",
    "SecondaryPrivateIpLastChangeOutputReference",
    "SecondaryPrivateIpTimeouts",
    "SecondaryPrivateIps",
    "SecondaryPrivateIpsLastChangeOutputReference",
    "SecondaryPrivateIpsTimeouts",
]
