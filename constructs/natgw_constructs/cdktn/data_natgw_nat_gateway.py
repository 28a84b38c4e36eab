"""The data source `natgw_nat_gateway`.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar, Unpack

import cdktn
from constructs import Construct

from natgw_constructs.bindings import (
    PROVIDER_NAME,
    PROVIDER_VERSION_CONSTRAINT,
    Attribute,
    Binding,
    Computed,
    Input,
    Reset,
    Setting,
)
from natgw_constructs.cdktn.meta_arguments import MetaArguments
from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRING_MAP, STRING_SET, Nested
from natgw_constructs.structs import DATA_NATGW_NAT_GATEWAY_FILTER, DataNatgwNatGatewayFilter


class DataNatgwNatGatewayAddressesOutputReference(cdktn.ComplexObject):
    """Every address with its status."""

    library: ClassVar[ModuleType] = cdktn

    def __init__(self, parent: cdktn.IInterpolatingParent, name: str, index: int) -> None:
        super().__init__(parent, name, False, index)

    private_ip_address = Computed(STRING)
    """The address."""
    status = Computed(STRING)
    """`succeeded`, `assigning`, `unassigning` or `failed`; null where AWS names none."""
    is_primary = Computed(BOOL)
    """Whether it is the primary."""
    failure_message = Computed(STRING)
    """Why its assignment failed."""


class DataNatgwNatGatewayAddressesList(cdktn.ComplexList):
    """Every address with its status."""

    def __init__(self, parent: cdktn.IInterpolatingParent, name: str) -> None:
        super().__init__(parent, name, False)
        self._parent, self._name = parent, name

    def get(self, index: int) -> DataNatgwNatGatewayAddressesOutputReference:
        """Return the element at a position, counted from 0."""
        return DataNatgwNatGatewayAddressesOutputReference(self._parent, self._name, index)


class DataNatgwNatGateway(Binding, cdktn.TerraformDataSource):
    """One private NAT gateway with its addresses, found by id, or by filters and tags that match exactly one."""

    library: ClassVar[ModuleType] = cdktn
    tf_resource_type: ClassVar[str] = "natgw_nat_gateway"

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        id: str | None = None,
        filter: Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]] | None = None,
        tags: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        self._declare(
            scope,
            id_,
            {
                "id": id,
                "filter": filter,
                "tags": tags,
            },
        )
        super().__init__(
            scope,
            id_,
            terraform_resource_type="natgw_nat_gateway",
            terraform_generator_metadata=cdktn.TerraformProviderGeneratorMetadata(
                provider_name=PROVIDER_NAME, provider_version_constraint=PROVIDER_VERSION_CONSTRAINT
            ),
            **meta,
        )

    id = Attribute(STRING)
    """Id of the gateway. Give it, or `filter` or `tags`."""
    filter = Setting(DATA_NATGW_NAT_GATEWAY_FILTER)
    """Filters that the gateway has to match, all of them. Gateways that are deleted, being deleted or failed are
    passed over unless a filter names their `state`.
    """
    tags = Attribute(STRING_MAP)
    """Tags that the gateway has to have, all of them."""
    name = Computed(STRING)
    """The tag `Name`."""
    state = Computed(STRING)
    """The gateway's state, such as `available`."""
    connectivity_type = Computed(STRING)
    """`private` or `public`."""
    vpc_id = Computed(STRING)
    """The VPC of the gateway."""
    subnet_id = Computed(STRING)
    """The subnet of the gateway."""
    subnet_cidr_block = Computed(STRING)
    """The subnet's IPv4 CIDR block."""
    subnet_available_ip_address_count = Computed(NUMBER)
    """Free addresses of the subnet."""
    network_interface_id = Computed(STRING)
    """The network interface of the gateway."""
    primary_private_ip_address = Computed(STRING)
    """The primary address."""
    secondary_private_ip_addresses = Computed(STRING_SET)
    """The secondary addresses, in service or on their way there."""
    draining_private_ip_addresses = Computed(STRING_SET)
    """Addresses that are being released."""
    addresses = Computed(Nested(DataNatgwNatGatewayAddressesList))
    """Every address with its status."""
    private_ip_address_quota = Computed(NUMBER)
    """Addresses that the gateway may have, the primary included, as the provider block says."""
    in_service_addresses = Computed(NUMBER)
    """How many addresses take new connections, the primary included."""
    connection_capacity = Computed(NUMBER)
    """Simultaneous connections to one destination that these carry: 55000 each."""

    id_input = Input(id)
    reset_id = Reset(id)
    filter_input = Input(filter)
    reset_filter = Reset(filter)
    tags_input = Input(tags)
    reset_tags = Reset(tags)
