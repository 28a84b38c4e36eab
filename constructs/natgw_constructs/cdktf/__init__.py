"""The bindings for cdktf: the provider block, its resources and data sources.

Generated from the provider's schema by `python -m natgw_provider.cli.bindings`; do not edit.
"""

from natgw_constructs.cdktf.meta_arguments import MetaArguments
from natgw_constructs.cdktf.provider import NatgwProvider
from natgw_constructs.cdktf.secondary_private_ips import (
    SecondaryPrivateIps,
    SecondaryPrivateIpsLastChangeOutputReference,
)

__all__ = ["MetaArguments", "NatgwProvider", "SecondaryPrivateIps", "SecondaryPrivateIpsLastChangeOutputReference"]
