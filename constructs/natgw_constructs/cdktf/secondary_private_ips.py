"""The resource `natgw_secondary_private_ips`.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar, Unpack

import cdktf
from constructs import Construct

from natgw_constructs.bindings import (
    PROVIDER_NAME,
    PROVIDER_VERSION_CONSTRAINT,
    Attribute,
    Binding,
    Computed,
    ImportableConfig,
    Input,
    Reset,
    Setting,
)
from natgw_constructs.cdktf.meta_arguments import MetaArguments
from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRING_SET, Nested
from natgw_constructs.libraries import Resolvable
from natgw_constructs.structs import SECONDARY_PRIVATE_IPS_TIMEOUTS, SecondaryPrivateIpsTimeouts


class SecondaryPrivateIpsLastChangeOutputReference(cdktf.ComplexObject):
    """In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the last change
    did. It stays as it is when nothing changes.
    """

    library: ClassVar[ModuleType] = cdktf

    def __init__(self, parent: cdktf.IInterpolatingParent, name: str) -> None:
        super().__init__(parent, name, False)

    summary = Computed(STRING)
    """The whole change in one sentence, in the order in which it happens."""
    assign = Computed(STRING_SET)
    """Addresses assigned; known after apply where AWS picks them."""
    unassign = Computed(STRING_SET)
    """Addresses drained and unassigned, all in one call."""
    order = Computed(STRING)
    """`assign_first` (make before break), `staged` (assign what fits, drain, assign the rest), `unassign_first` (the
    gateway is full), `assign_only`, `unassign_only` or `none`.
    """
    drain_windows = Computed(NUMBER)
    """How many times connections drain: 0 or 1."""
    max_drain_duration_seconds = Computed(NUMBER)
    """Longest time the drain may take, in seconds."""
    in_service_before = Computed(NUMBER)
    """Addresses that take new connections before, primary included."""
    in_service_low = Computed(NUMBER)
    """The fewest that do at any moment of the change."""
    in_service_after = Computed(NUMBER)
    """Those that do afterwards."""


class SecondaryPrivateIps(Binding, cdktf.TerraformResource):
    """The secondary private IPv4 addresses of a private NAT gateway, as one exclusive set: addresses that are not
    declared are drained and unassigned. `terraform plan` shows in `last_change` what will be assigned and
    unassigned, in which order and how far capacity drops; apply does precisely that.
    """

    library: ClassVar[ModuleType] = cdktf
    tf_resource_type: ClassVar[str] = "natgw_secondary_private_ips"

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        nat_gateway_id: str,
        secondary_private_ip_addresses: Sequence[str] | None = None,
        secondary_private_ip_address_count: float | None = None,
        max_drain_duration_seconds: float | None = None,
        wait_for_drain: bool | Resolvable | None = None,
        min_in_service_addresses: float | None = None,
        on_destroy: str | None = None,
        timeouts: SecondaryPrivateIpsTimeouts | Mapping[str, Any] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        self._declare(
            scope,
            id,
            {
                "nat_gateway_id": nat_gateway_id,
                "secondary_private_ip_addresses": secondary_private_ip_addresses,
                "secondary_private_ip_address_count": secondary_private_ip_address_count,
                "max_drain_duration_seconds": max_drain_duration_seconds,
                "wait_for_drain": wait_for_drain,
                "min_in_service_addresses": min_in_service_addresses,
                "on_destroy": on_destroy,
                "timeouts": timeouts,
            },
        )
        super().__init__(
            scope,
            id,
            terraform_resource_type="natgw_secondary_private_ips",
            terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(
                provider_name=PROVIDER_NAME, provider_version_constraint=PROVIDER_VERSION_CONSTRAINT
            ),
            **meta,
        )

    nat_gateway_id = Attribute(STRING)
    """Id of a private NAT gateway. Changing it replaces the resource."""
    secondary_private_ip_addresses = Attribute(STRING_SET)
    """The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is unassigned; `[]`
    removes every secondary. Exactly one of this and `secondary_private_ip_address_count` is required.
    """
    secondary_private_ip_address_count = Attribute(NUMBER)
    """How many secondary addresses the gateway has, 0 to 31. On growth AWS picks the addresses; on shrinking the
    numerically highest are unassigned, and the plan names them.
    """
    max_drain_duration_seconds = Attribute(NUMBER)
    """Longest time, in seconds, that existing connections may drain before an address is released by force, 1 to 4000.
    Default: 350, as long as NAT keeps an idle TCP connection. A change of this alone makes no API call.
    """
    wait_for_drain = Attribute(BOOL)
    """Whether apply waits until drained addresses are released. Default: true. With false it returns once the drain
    has begun; a change that assigns after the drain waits all the same.
    """
    min_in_service_addresses = Attribute(NUMBER)
    """Fewest addresses, the primary included, that must take new connections at any moment of a change; a plan that
    would leave fewer fails. Default: 1, the primary. Destroying is not held to it.
    """
    on_destroy = Attribute(STRING)
    """What destroy does: `"unassign"` (default) drains and unassigns the managed addresses, `"retain"` leaves the
    gateway as it is.
    """
    timeouts = Setting(SECONDARY_PRIVATE_IPS_TIMEOUTS)
    """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""
    id = Computed(STRING)
    """The id of the NAT gateway."""
    primary_private_ip_address = Computed(STRING)
    """The gateway's primary address, which is never touched."""
    subnet_id = Computed(STRING)
    """The subnet of the gateway."""
    subnet_cidr_block = Computed(STRING)
    """The subnet's IPv4 CIDR block, which every address has to be in."""
    vpc_id = Computed(STRING)
    """The VPC of the gateway."""
    network_interface_id = Computed(STRING)
    """The network interface of the gateway."""
    draining_private_ip_addresses = Computed(STRING_SET)
    """Addresses that are being released: they keep their connections and take no new ones."""
    last_change = Computed(Nested(SecondaryPrivateIpsLastChangeOutputReference))
    """In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the last change
    did. It stays as it is when nothing changes.
    """

    nat_gateway_id_input = Input(nat_gateway_id)
    secondary_private_ip_addresses_input = Input(secondary_private_ip_addresses)
    reset_secondary_private_ip_addresses = Reset(secondary_private_ip_addresses)
    secondary_private_ip_address_count_input = Input(secondary_private_ip_address_count)
    reset_secondary_private_ip_address_count = Reset(secondary_private_ip_address_count)
    max_drain_duration_seconds_input = Input(max_drain_duration_seconds)
    reset_max_drain_duration_seconds = Reset(max_drain_duration_seconds)
    wait_for_drain_input = Input(wait_for_drain)
    reset_wait_for_drain = Reset(wait_for_drain)
    min_in_service_addresses_input = Input(min_in_service_addresses)
    reset_min_in_service_addresses = Reset(min_in_service_addresses)
    on_destroy_input = Input(on_destroy)
    reset_on_destroy = Reset(on_destroy)
    timeouts_input = Input(timeouts)
    reset_timeouts = Reset(timeouts)

    @classmethod
    def generate_config_for_import(
        cls,
        scope: Construct,
        import_to_id: str,
        import_from_id: str,
        provider: cdktf.TerraformProvider | None = None,
    ) -> cdktf.ImportableResource:
        """Have `terraform plan -generate-config-out` write the configuration of what exists.

        Args:
            scope: the stack, or a construct in it.
            import_to_id: id that the construct will have.
            import_from_id: id of the NAT gateway.
            provider: the provider block to use.
        """
        config = ImportableConfig.make(cdktf, cls.tf_resource_type, import_from_id, provider)
        return cdktf.ImportableResource(scope, import_to_id, config)
