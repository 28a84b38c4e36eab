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
    Binding,
    ImportableConfig,
    require_provider,
)
from natgw_constructs.cdktf.meta_arguments import MetaArguments
from natgw_constructs.kinds import Kind
from natgw_constructs.libraries import Resolvable
from natgw_constructs.structs import SECONDARY_PRIVATE_IPS, SecondaryPrivateIpsTimeouts


class SecondaryPrivateIpsLastChangeOutputReference(cdktf.ComplexObject):
    """In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the last change
    did. It stays as it is when nothing changes. Each part is a text that stands for itself, since Terraform shows
    it beside that of the previous change; for programs, `natgw review --format json` has the same as data.
    """

    def __init__(self, parent: cdktf.IInterpolatingParent, name: str) -> None:
        super().__init__(parent, name, False)

    @property
    def summary(self) -> str:
        """The whole change in one sentence, its steps in the order in which they happen and joined by `, then `: `wait
        until the gateway is idle`, `assign ADDRESSES`, `assign N that AWS picks`, `drain ADDRESSES for up to TIME`;
        or `nothing`. For a move: `move from ID to ID: `, then the steps, `on ID` behind the addresses, `leave
        ADDRESSES on ID` for those that are retained.
        """
        return self.get_string_attribute("summary")

    @property
    def assign(self) -> str:
        """The addresses assigned, such as `10.0.0.21, 10.0.0.22`, or `none`; known after apply where AWS picks them."""
        return self.get_string_attribute("assign")

    @property
    def unassign(self) -> str:
        """The addresses drained and unassigned, all in one call, or `none`. A move adds the gateway that releases
        them, such as `10.0.0.21, 10.0.0.22 on nat-0a1b2c3d4e5f67890`.
        """
        return self.get_string_attribute("unassign")

    @property
    def in_service(self) -> str:
        """How many addresses take new connections, the primary included, such as `3 now, 2 at the lowest, 3 after`:
        before the change, the fewest at any moment of it, and when it is done.
        """
        return self.get_string_attribute("in_service")

    @property
    def drain(self) -> str:
        """How long connections may drain, such as `up to 350 s`, or `none`."""
        return self.get_string_attribute("drain")


class SecondaryPrivateIps(Binding, cdktf.TerraformResource):
    """The secondary private IPv4 addresses of a private NAT gateway, as one exclusive set: addresses that are not
    declared are drained and unassigned. `terraform plan` shows in `last_change` what will be assigned and
    unassigned, in which order and how far capacity drops; apply does precisely that.
    """

    LIBRARY: ClassVar[ModuleType] = cdktf
    TF_RESOURCE_TYPE: ClassVar[str] = "natgw_secondary_private_ips"
    ARGUMENTS: ClassVar[Mapping[str, Kind]] = SECONDARY_PRIVATE_IPS
    REQUIRED: ClassVar[tuple[str, ...]] = ("nat_gateway_id",)

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
        super().__init__(
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
            **meta,
        )

    @property
    def nat_gateway_id(self) -> str:
        """Id of a private NAT gateway. Another id moves the set in place: the addresses are released on the old
        gateway, as `on_destroy` says, then assigned on the new one, where nothing is unassigned.
        """
        return self.get_string_attribute("nat_gateway_id")

    @nat_gateway_id.setter
    def nat_gateway_id(self, value: str) -> None:
        self.assign_value("nat_gateway_id", value)

    @property
    def nat_gateway_id_input(self) -> str | None:
        """What was given for `nat_gateway_id`, None when nothing was."""
        value: str | None = self.given_value("nat_gateway_id")
        return value

    @property
    def secondary_private_ip_addresses(self) -> list[str]:
        """The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is unassigned;
        `[]` removes every secondary. Exactly one of this and `secondary_private_ip_address_count` is required.
        """
        return cdktf.Fn.tolist(self.get_list_attribute("secondary_private_ip_addresses"))

    @secondary_private_ip_addresses.setter
    def secondary_private_ip_addresses(self, value: Sequence[str] | None) -> None:
        self.assign_value("secondary_private_ip_addresses", value)

    @property
    def secondary_private_ip_addresses_input(self) -> Sequence[str] | None:
        """What was given for `secondary_private_ip_addresses`, None when nothing was."""
        value: Sequence[str] | None = self.given_value("secondary_private_ip_addresses")
        return value

    def reset_secondary_private_ip_addresses(self) -> None:
        """Take back what was given for `secondary_private_ip_addresses`."""
        self.assign_value("secondary_private_ip_addresses", None)

    @property
    def secondary_private_ip_address_count(self) -> float:
        """How many secondary addresses the gateway has, 0 to 31. On growth AWS picks the addresses; on shrinking the
        numerically highest are unassigned, and the plan names them.
        """
        return self.get_number_attribute("secondary_private_ip_address_count")

    @secondary_private_ip_address_count.setter
    def secondary_private_ip_address_count(self, value: float | None) -> None:
        self.assign_value("secondary_private_ip_address_count", value)

    @property
    def secondary_private_ip_address_count_input(self) -> float | None:
        """What was given for `secondary_private_ip_address_count`, None when nothing was."""
        value: float | None = self.given_value("secondary_private_ip_address_count")
        return value

    def reset_secondary_private_ip_address_count(self) -> None:
        """Take back what was given for `secondary_private_ip_address_count`."""
        self.assign_value("secondary_private_ip_address_count", None)

    @property
    def max_drain_duration_seconds(self) -> float:
        """Longest time, in seconds, that existing connections may drain before an address is released by force, 1 to
        4000. Default: 350, as long as NAT keeps an idle TCP connection. A change of this alone makes no API call.
        """
        return self.get_number_attribute("max_drain_duration_seconds")

    @max_drain_duration_seconds.setter
    def max_drain_duration_seconds(self, value: float | None) -> None:
        self.assign_value("max_drain_duration_seconds", value)

    @property
    def max_drain_duration_seconds_input(self) -> float | None:
        """What was given for `max_drain_duration_seconds`, None when nothing was."""
        value: float | None = self.given_value("max_drain_duration_seconds")
        return value

    def reset_max_drain_duration_seconds(self) -> None:
        """Take back what was given for `max_drain_duration_seconds`."""
        self.assign_value("max_drain_duration_seconds", None)

    @property
    def wait_for_drain(self) -> Resolvable:
        """Whether apply waits until drained addresses are released. Default: true. With false it returns once the
        drain has begun; a change that assigns after the drain waits all the same.
        """
        return self.get_boolean_attribute("wait_for_drain")

    @wait_for_drain.setter
    def wait_for_drain(self, value: bool | Resolvable | None) -> None:
        self.assign_value("wait_for_drain", value)

    @property
    def wait_for_drain_input(self) -> bool | Resolvable | None:
        """What was given for `wait_for_drain`, None when nothing was."""
        value: bool | Resolvable | None = self.given_value("wait_for_drain")
        return value

    def reset_wait_for_drain(self) -> None:
        """Take back what was given for `wait_for_drain`."""
        self.assign_value("wait_for_drain", None)

    @property
    def min_in_service_addresses(self) -> float:
        """Fewest addresses, the primary included, that must take new connections at any moment of a change; a plan
        that would leave fewer fails. Default: 1, the primary. Destroying is not held to it.
        """
        return self.get_number_attribute("min_in_service_addresses")

    @min_in_service_addresses.setter
    def min_in_service_addresses(self, value: float | None) -> None:
        self.assign_value("min_in_service_addresses", value)

    @property
    def min_in_service_addresses_input(self) -> float | None:
        """What was given for `min_in_service_addresses`, None when nothing was."""
        value: float | None = self.given_value("min_in_service_addresses")
        return value

    def reset_min_in_service_addresses(self) -> None:
        """Take back what was given for `min_in_service_addresses`."""
        self.assign_value("min_in_service_addresses", None)

    @property
    def on_destroy(self) -> str:
        """What destroy does: `"unassign"` (default) drains and unassigns the managed addresses, `"retain"` leaves the
        gateway as it is.
        """
        return self.get_string_attribute("on_destroy")

    @on_destroy.setter
    def on_destroy(self, value: str | None) -> None:
        self.assign_value("on_destroy", value)

    @property
    def on_destroy_input(self) -> str | None:
        """What was given for `on_destroy`, None when nothing was."""
        value: str | None = self.given_value("on_destroy")
        return value

    def reset_on_destroy(self) -> None:
        """Take back what was given for `on_destroy`."""
        self.assign_value("on_destroy", None)

    @property
    def timeouts(self) -> SecondaryPrivateIpsTimeouts | Mapping[str, Any] | None:
        """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""
        value: SecondaryPrivateIpsTimeouts | Mapping[str, Any] | None = self.given_value("timeouts")
        return value

    @timeouts.setter
    def timeouts(self, value: SecondaryPrivateIpsTimeouts | Mapping[str, Any] | None) -> None:
        self.assign_value("timeouts", value)

    @property
    def timeouts_input(self) -> SecondaryPrivateIpsTimeouts | Mapping[str, Any] | None:
        """What was given for `timeouts`, None when nothing was."""
        value: SecondaryPrivateIpsTimeouts | Mapping[str, Any] | None = self.given_value("timeouts")
        return value

    def put_timeouts(self, *, create: str | None = None, update: str | None = None, delete: str | None = None) -> None:
        """Declare `timeouts`."""
        self.assign_value("timeouts", SecondaryPrivateIpsTimeouts(create=create, update=update, delete=delete))

    def reset_timeouts(self) -> None:
        """Take back what was given for `timeouts`."""
        self.assign_value("timeouts", None)

    @property
    def id(self) -> str:
        """The id of the NAT gateway."""
        return self.get_string_attribute("id")

    @property
    def primary_private_ip_address(self) -> str:
        """The gateway's primary address, which is never touched."""
        return self.get_string_attribute("primary_private_ip_address")

    @property
    def subnet_id(self) -> str:
        """The subnet of the gateway."""
        return self.get_string_attribute("subnet_id")

    @property
    def subnet_cidr_block(self) -> str:
        """The subnet's IPv4 CIDR block, which every private address has to be in."""
        return self.get_string_attribute("subnet_cidr_block")

    @property
    def vpc_id(self) -> str:
        """The VPC of the gateway."""
        return self.get_string_attribute("vpc_id")

    @property
    def network_interface_id(self) -> str:
        """The network interface of the gateway."""
        return self.get_string_attribute("network_interface_id")

    @property
    def draining_private_ip_addresses(self) -> list[str]:
        """Addresses that are being released: they keep their connections and take no new ones."""
        return cdktf.Fn.tolist(self.get_list_attribute("draining_private_ip_addresses"))

    @property
    def last_change(self) -> SecondaryPrivateIpsLastChangeOutputReference:
        """In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the last
        change did. It stays as it is when nothing changes. Each part is a text that stands for itself, since
        Terraform shows it beside that of the previous change; for programs, `natgw review --format json` has the
        same as data.
        """
        return SecondaryPrivateIpsLastChangeOutputReference(self, "last_change")

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
            import_from_id: id to import by, as the resource's page says.
            provider: the provider block to use.
        """
        require_provider(cdktf, scope, import_to_id, provider)
        config = ImportableConfig.make(cdktf, cls.TF_RESOURCE_TYPE, import_from_id, provider)
        return cdktf.ImportableResource(scope, import_to_id, config)

    def import_from(self, id: str, provider: cdktf.TerraformProvider | None = None) -> None:
        """Import what exists into this resource at the next apply.

        Args:
            id: id to import by, as the resource's page says.
            provider: the provider block to use.
        """
        require_provider(cdktf, self, "", provider)
        super().import_from(id, provider)
