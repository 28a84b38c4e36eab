"""natgw: secondary private IPv4 addresses of AWS private NAT gateways, as a Terraform provider.

This module is imported at every start of the provider; it must import nothing.
"""

__version__ = "0.1.0"
