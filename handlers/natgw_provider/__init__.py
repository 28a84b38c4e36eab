"""natgw: the secondary addresses of AWS NAT gateways, as a Terraform provider.

This module is imported at every start of the provider; it must import nothing.
"""

__version__ = "0.1.0"

SOURCE = "terraform.local/natgw/natgw"
"""The provider's full source address, as `required_providers` names it: HOST/NAMESPACE/TYPE.

A host under `.local` has no public certificate, so nobody can serve a provider there. Where natgw is not installed,
`terraform init` says at once that it cannot reach this host.
"""
