"""CDKTF constructs for the secondary addresses of AWS NAT gateways, private and public.

The constructs here work in apps of cdktf and of its successor cdktn: each uses the library of the stack that it is in.
The bindings for each library, generated from the provider's schema, are in `natgw_constructs.cdktf` and
`natgw_constructs.cdktn`.
"""

if __name__ != "natgw_constructs":
    # The library `constructs` extends its import path over every folder of that name, ours included.
    raise ImportError(f"import natgw_constructs, not {__name__}")

from natgw_constructs.aspects import ForbidCount, RequireMinimumDrain, RequireMinInService
from natgw_constructs.declarations import DeclarationError
from natgw_constructs.gateway import Gateway, OnDestroy, PublicGateway
from natgw_constructs.gateway_declaration import address_block, address_range
from natgw_constructs.nat_gateway_fleet import NatGatewayFleet
from natgw_constructs.secondary_addresses import (
    NatGatewaySecondaryElasticIp,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
)

__all__ = [
    "DeclarationError",
    "ForbidCount",
    "Gateway",
    "NatGatewayFleet",
    "NatGatewaySecondaryElasticIp",
    "NatGatewaySecondaryElasticIps",
    "NatGatewaySecondaryIp",
    "NatGatewaySecondaryIps",
    "OnDestroy",
    "PublicGateway",
    "RequireMinInService",
    "RequireMinimumDrain",
    "address_block",
    "address_range",
]
