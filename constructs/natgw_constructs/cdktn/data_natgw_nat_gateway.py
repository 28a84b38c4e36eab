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
    Binding,
)
from natgw_constructs.cdktn.meta_arguments import MetaArguments
from natgw_constructs.kinds import Kind
from natgw_constructs.libraries import Resolvable
from natgw_constructs.structs import DATA_NATGW_NAT_GATEWAY, DataNatgwNatGatewayFilter


class DataNatgwNatGatewayAddressesOutputReference(cdktn.ComplexObject):
    """Every address with its status."""

    def __init__(self, parent: cdktn.IInterpolatingParent, name: str, index: int) -> None:
        super().__init__(parent, name, False, index)

    @property
    def private_ip_address(self) -> str:
        """The private address; null while an Elastic IP has none."""
        return self.get_string_attribute("private_ip_address")

    @property
    def allocation_id(self) -> str:
        """The allocation id of an Elastic IP; null on a private gateway."""
        return self.get_string_attribute("allocation_id")

    @property
    def association_id(self) -> str:
        """The id of an Elastic IP's association; null on a private gateway."""
        return self.get_string_attribute("association_id")

    @property
    def public_ip(self) -> str:
        """The public address of an Elastic IP; null on a private gateway."""
        return self.get_string_attribute("public_ip")

    @property
    def status(self) -> str:
        """`succeeded` or `failed`; on a private gateway `assigning` or `unassigning`, on a public one `associating` or
        `disassociating`; null where AWS names none.
        """
        return self.get_string_attribute("status")

    @property
    def is_primary(self) -> Resolvable:
        """Whether it is the primary."""
        return self.get_boolean_attribute("is_primary")

    @property
    def failure_message(self) -> str:
        """Why AWS could not assign or associate it."""
        return self.get_string_attribute("failure_message")


class DataNatgwNatGatewayAddressesList(cdktn.ComplexList):
    """Every address with its status."""

    def __init__(self, parent: cdktn.IInterpolatingParent, name: str) -> None:
        super().__init__(parent, name, False)
        self._parent, self._name = parent, name

    def get(self, index: int) -> DataNatgwNatGatewayAddressesOutputReference:
        """Return the element at a position, counted from 0."""
        return DataNatgwNatGatewayAddressesOutputReference(self._parent, self._name, index)


class DataNatgwNatGateway(Binding, cdktn.TerraformDataSource):
    """One NAT gateway with its addresses, found by id, or by filters and tags that match exactly one."""

    LIBRARY: ClassVar[ModuleType] = cdktn
    TF_RESOURCE_TYPE: ClassVar[str] = "natgw_nat_gateway"
    ARGUMENTS: ClassVar[Mapping[str, Kind]] = DATA_NATGW_NAT_GATEWAY
    REQUIRED: ClassVar[tuple[str, ...]] = ()

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
        super().__init__(
            scope,
            id_,
            {
                "id": id,
                "filter": filter,
                "tags": tags,
            },
            **meta,
        )

    @property
    def id(self) -> str:
        """Id of the gateway. Give it, or `filter` or `tags`."""
        return self.get_string_attribute("id")

    @id.setter
    def id(self, value: str | None) -> None:
        self.assign_value("id", value)

    @property
    def id_input(self) -> str | None:
        """What was given for `id`, None when nothing was."""
        value: str | None = self.given_value("id")
        return value

    def reset_id(self) -> None:
        """Take back what was given for `id`."""
        self.assign_value("id", None)

    @property
    def filter(self) -> Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]] | None:
        """Filters that the gateway has to match, all of them. Gateways that are deleted, being deleted or failed are
        passed over unless a filter names their `state`.
        """
        value: Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]] | None = self.given_value("filter")
        return value

    @filter.setter
    def filter(self, value: Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]] | None) -> None:
        self.assign_value("filter", value)

    @property
    def filter_input(self) -> Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]] | None:
        """What was given for `filter`, None when nothing was."""
        value: Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]] | None = self.given_value("filter")
        return value

    def put_filter(self, value: Sequence[DataNatgwNatGatewayFilter | Mapping[str, Any]]) -> None:
        """Declare `filter`."""
        self.assign_value("filter", value)

    def reset_filter(self) -> None:
        """Take back what was given for `filter`."""
        self.assign_value("filter", None)

    @property
    def tags(self) -> Mapping[str, str]:
        """Tags that the gateway has to have, all of them."""
        return self.get_string_map_attribute("tags")

    @tags.setter
    def tags(self, value: Mapping[str, str] | None) -> None:
        self.assign_value("tags", value)

    @property
    def tags_input(self) -> Mapping[str, str] | None:
        """What was given for `tags`, None when nothing was."""
        value: Mapping[str, str] | None = self.given_value("tags")
        return value

    def reset_tags(self) -> None:
        """Take back what was given for `tags`."""
        self.assign_value("tags", None)

    @property
    def name(self) -> str:
        """The tag `Name`."""
        return self.get_string_attribute("name")

    @property
    def state(self) -> str:
        """The gateway's state, such as `available`."""
        return self.get_string_attribute("state")

    @property
    def connectivity_type(self) -> str:
        """`private` or `public`."""
        return self.get_string_attribute("connectivity_type")

    @property
    def vpc_id(self) -> str:
        """The VPC of the gateway."""
        return self.get_string_attribute("vpc_id")

    @property
    def subnet_id(self) -> str:
        """The subnet of the gateway."""
        return self.get_string_attribute("subnet_id")

    @property
    def subnet_cidr_block(self) -> str:
        """The subnet's IPv4 CIDR block."""
        return self.get_string_attribute("subnet_cidr_block")

    @property
    def subnet_available_ip_address_count(self) -> float:
        """Free addresses of the subnet."""
        return self.get_number_attribute("subnet_available_ip_address_count")

    @property
    def network_interface_id(self) -> str:
        """The network interface of the gateway."""
        return self.get_string_attribute("network_interface_id")

    @property
    def primary_private_ip_address(self) -> str:
        """The primary private address."""
        return self.get_string_attribute("primary_private_ip_address")

    @property
    def secondary_private_ip_addresses(self) -> list[str]:
        """The secondary private addresses, in service or on their way there."""
        return cdktn.Fn.tolist(self.get_list_attribute("secondary_private_ip_addresses"))

    @property
    def draining_private_ip_addresses(self) -> list[str]:
        """Private addresses that are being released."""
        return cdktn.Fn.tolist(self.get_list_attribute("draining_private_ip_addresses"))

    @property
    def primary_allocation_id(self) -> str:
        """The allocation id of the primary Elastic IP; null on a private gateway."""
        return self.get_string_attribute("primary_allocation_id")

    @property
    def allocation_ids(self) -> list[str]:
        """The allocation ids of the secondary Elastic IPs, in service or on their way there; empty on a private
        gateway.
        """
        return cdktn.Fn.tolist(self.get_list_attribute("allocation_ids"))

    @property
    def draining_allocation_ids(self) -> list[str]:
        """The allocation ids of Elastic IPs that are being released; empty on a private gateway."""
        return cdktn.Fn.tolist(self.get_list_attribute("draining_allocation_ids"))

    @property
    def addresses(self) -> DataNatgwNatGatewayAddressesList:
        """Every address with its status."""
        return DataNatgwNatGatewayAddressesList(self, "addresses")

    @property
    def private_ip_address_quota(self) -> float:
        """Addresses that a private gateway may have, the primary included, as the provider block says; null for
        another one.
        """
        return self.get_number_attribute("private_ip_address_quota")

    @property
    def elastic_ip_quota(self) -> float:
        """Elastic IPs that a public gateway may have, the primary included, as the provider block says; null for
        another one.
        """
        return self.get_number_attribute("elastic_ip_quota")

    @property
    def in_service_addresses(self) -> float:
        """How many addresses take new connections, the primary included."""
        return self.get_number_attribute("in_service_addresses")

    @property
    def connection_capacity(self) -> float:
        """Simultaneous connections to one destination: 55000 for each address in service."""
        return self.get_number_attribute("connection_capacity")
