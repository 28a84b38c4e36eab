"""The resource `natgw_secondary_private_ip`.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar, Unpack

import cdktn
from constructs import Construct

from natgw_constructs.bindings import (
    Binding,
    ImportableConfig,
    require_provider,
)
from natgw_constructs.cdktn.meta_arguments import MetaArguments
from natgw_constructs.kinds import Kind
from natgw_constructs.libraries import Resolvable
from natgw_constructs.structs import SECONDARY_PRIVATE_IP, SecondaryPrivateIpTimeouts


class SecondaryPrivateIpLastChangeOutputReference(cdktn.ComplexObject):
    """In a plan: what this apply will do, and it does nothing else for this resource. In the state: what the last
    change did. It stays as it is when nothing changes.
    """

    def __init__(self, parent: cdktn.IInterpolatingParent, name: str) -> None:
        super().__init__(parent, name, False)

    @property
    def summary(self) -> str:
        """The whole change in one sentence: `assign 10.0.0.21`, or `nothing`. For a move: `move from ID to ID: `, then
        `drain 10.0.0.21 on ID for up to TIME` or `leave 10.0.0.21 on ID`, then `assign 10.0.0.21 on ID`.
        """
        return self.get_string_attribute("summary")

    @property
    def assign(self) -> str:
        """The address assigned, or `none`."""
        return self.get_string_attribute("assign")

    @property
    def unassign(self) -> str:
        """What a move releases, such as `10.0.0.21 on nat-0a1b2c3d4e5f67890`; else `none`."""
        return self.get_string_attribute("unassign")

    @property
    def drain(self) -> str:
        """How long a move lets connections drain, such as `up to 350 s`, or `none`."""
        return self.get_string_attribute("drain")


class SecondaryPrivateIp(Binding, cdktn.TerraformResource):
    """One secondary address of a private NAT gateway. Several such resources share a gateway: what one apply changes
    of it goes in one call for all that are assigned and one for all that are unassigned, so connections drain once.
    `terraform plan` shows in `last_change` what will be done.
    """

    LIBRARY: ClassVar[ModuleType] = cdktn
    TF_RESOURCE_TYPE: ClassVar[str] = "natgw_secondary_private_ip"
    ARGUMENTS: ClassVar[Mapping[str, Kind]] = SECONDARY_PRIVATE_IP
    REQUIRED: ClassVar[tuple[str, ...]] = ("nat_gateway_id", "private_ip_address")

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        nat_gateway_id: str,
        private_ip_address: str,
        max_drain_duration_seconds: float | None = None,
        wait_for_drain: bool | Resolvable | None = None,
        on_destroy: str | None = None,
        timeouts: SecondaryPrivateIpTimeouts | Mapping[str, Any] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        super().__init__(
            scope,
            id,
            {
                "nat_gateway_id": nat_gateway_id,
                "private_ip_address": private_ip_address,
                "max_drain_duration_seconds": max_drain_duration_seconds,
                "wait_for_drain": wait_for_drain,
                "on_destroy": on_destroy,
                "timeouts": timeouts,
            },
            **meta,
        )

    @property
    def nat_gateway_id(self) -> str:
        """Id of a private NAT gateway. Another id moves the address in place: it is released on the old gateway, as
        `on_destroy` says, then assigned on the new one.
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
    def private_ip_address(self) -> str:
        """The secondary private IPv4 address. Another one replaces the resource."""
        return self.get_string_attribute("private_ip_address")

    @private_ip_address.setter
    def private_ip_address(self, value: str) -> None:
        self.assign_value("private_ip_address", value)

    @property
    def private_ip_address_input(self) -> str | None:
        """What was given for `private_ip_address`, None when nothing was."""
        value: str | None = self.given_value("private_ip_address")
        return value

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
    def on_destroy(self) -> str:
        """What destroy does: `"unassign"` (default) drains and unassigns the address, `"retain"` leaves the gateway as
        it is.
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
    def timeouts(self) -> SecondaryPrivateIpTimeouts | Mapping[str, Any] | None:
        """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""
        value: SecondaryPrivateIpTimeouts | Mapping[str, Any] | None = self.given_value("timeouts")
        return value

    @timeouts.setter
    def timeouts(self, value: SecondaryPrivateIpTimeouts | Mapping[str, Any] | None) -> None:
        self.assign_value("timeouts", value)

    @property
    def timeouts_input(self) -> SecondaryPrivateIpTimeouts | Mapping[str, Any] | None:
        """What was given for `timeouts`, None when nothing was."""
        value: SecondaryPrivateIpTimeouts | Mapping[str, Any] | None = self.given_value("timeouts")
        return value

    def put_timeouts(self, *, create: str | None = None, update: str | None = None, delete: str | None = None) -> None:
        """Declare `timeouts`."""
        self.assign_value("timeouts", SecondaryPrivateIpTimeouts(create=create, update=update, delete=delete))

    def reset_timeouts(self) -> None:
        """Take back what was given for `timeouts`."""
        self.assign_value("timeouts", None)

    @property
    def id(self) -> str:
        """The ids of the gateway and the address, such as `nat-0a1b2c3d4e5f67890/10.0.0.21`."""
        return self.get_string_attribute("id")

    @property
    def status(self) -> str:
        """The status that AWS shows: `succeeded`, `assigning`, `unassigning` or `failed`; null where it names none."""
        return self.get_string_attribute("status")

    @property
    def last_change(self) -> SecondaryPrivateIpLastChangeOutputReference:
        """In a plan: what this apply will do, and it does nothing else for this resource. In the state: what the last
        change did. It stays as it is when nothing changes.
        """
        return SecondaryPrivateIpLastChangeOutputReference(self, "last_change")

    @classmethod
    def generate_config_for_import(
        cls,
        scope: Construct,
        import_to_id: str,
        import_from_id: str,
        provider: cdktn.TerraformProvider | None = None,
    ) -> cdktn.ImportableResource:
        """Have `terraform plan -generate-config-out` write the configuration of what exists.

        Args:
            scope: the stack, or a construct in it.
            import_to_id: id that the construct will have.
            import_from_id: id to import by, as the resource's page says.
            provider: the provider block to use.
        """
        require_provider(cdktn, scope, import_to_id, provider)
        config = ImportableConfig.make(cdktn, cls.TF_RESOURCE_TYPE, import_from_id, provider)
        return cdktn.ImportableResource(scope, import_to_id, config)

    def import_from(self, id: str, provider: cdktn.TerraformProvider | None = None) -> None:
        """Import what exists into this resource at the next apply.

        Args:
            id: id to import by, as the resource's page says.
            provider: the provider block to use.
        """
        require_provider(cdktn, self, "", provider)
        super().import_from(id, provider)
