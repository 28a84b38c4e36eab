"""A configuration of secondary addresses as one typed value, defaults filled in.

The rules it is held to stand in `core`. Values that Terraform does not know yet stay UNKNOWN here,
and nowhere further down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from natgw_provider.bridge.handlers import Object
from natgw_provider.bridge.values import UNKNOWN, is_wholly_known
from natgw_provider.core import names
from natgw_provider.core.declaration_checks import (
    check_declaration,
    check_ignored,
    default_timeout_seconds,
    null_gateway_id,
)
from natgw_provider.core.diff import Approval, Count, ExactSet, Part, Rules, Target
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import ChangeSettings
from natgw_provider.engine.change import ChangeRequest
from natgw_provider.resources.resource_type import ResourceType


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the user declared, in a configuration or in a state.

    Where both set and count are there (in a state, under `ignore_changes`, or while one is unknown), the set decides.
    """

    type: ResourceType
    config: Object

    @property
    def nat_gateway_id(self) -> Any:
        """The id of the declared gateway, or UNKNOWN; None only in a configuration that `problems_with` refuses."""
        return self.config[names.NAT_GATEWAY_ID]

    @property
    def addresses(self) -> Any:
        """The declared addresses as a tuple, or UNKNOWN, as each of them can be; None where a count is declared."""
        return self.type.declared(self.config)

    @property
    def count(self) -> Any:
        """How many addresses are declared, or UNKNOWN; None where addresses are."""
        name = self.type.kind.count_argument
        return self.config[name] if name and self.addresses is None else None

    @property
    def settings(self) -> ChangeSettings:
        """How a change is to be made, defaults filled in."""
        return ChangeSettings.of(self.type.table.with_defaults(self.config), lambda value: value is UNKNOWN)

    @property
    def is_set_known(self) -> bool:
        """Whether it is known which addresses, or how many, are declared."""
        return is_wholly_known(self.addresses) and self.count is not UNKNOWN

    @property
    def known_addresses(self) -> tuple[str, ...] | None:
        """The declared addresses; None while any is unknown, and when a count is declared."""
        if self.addresses is None or not is_wholly_known(self.addresses):
            return None
        return tuple(map(str, self.addresses))

    @property
    def secondaries(self) -> int | None:
        """How many secondaries are declared; None while unknown."""
        known = self.known_addresses
        if known is not None:
            return len(known)
        return self.count if isinstance(self.count, int) else None

    def timeout_seconds(self, operation: str) -> float:
        """Return how long an operation may take, in seconds. The declaration has been validated."""
        timeouts = self.config[names.TIMEOUTS]
        text = timeouts.get(operation) if isinstance(timeouts, dict) else None
        if isinstance(text, str):
            return parse_duration(text)
        return default_timeout_seconds(self.settings.drain_seconds)

    @property
    def target(self) -> ExactSet | Part | Count | None:
        """What the gateway is to have; None while that is not known."""
        if self.known_addresses is not None:
            return self.type.target(self.known_addresses)
        return Count(self.count) if isinstance(self.count, int) else None

    def require_target(self) -> ExactSet | Part | Count:
        """Return `target`. Raises ValueError while it is not known."""
        if self.target is None:
            raise ValueError("the declared set is not known yet")
        return self.target

    def rules(self, quota: int, subnet_cidr_block: str | None) -> Rules:
        """Return what a change must keep to."""
        declared = self.type.declared_private_ips(self.config)
        private_ips = {key: ip for key, ip in declared.items() if isinstance(ip, str)}
        return Rules(quota=quota, subnet_cidr_block=subnet_cidr_block, private_ips=private_ips)

    def request(
        self, nat_gateway_id: str, target: Target, approval: Approval, rules: Rules, operation: str
    ) -> ChangeRequest:
        """Return a change of a gateway, made as the settings say; `operation` is whose timeout holds."""
        return ChangeRequest(
            nat_gateway_id=nat_gateway_id,
            kind=self.type.kind,
            shares_gateway=self.type.is_single,
            target=target,
            approval=approval,
            rules=rules,
            settings=self.settings,
            timeout_seconds=self.timeout_seconds(operation),
            operation=operation,
        )


def problems_with(declared: ResourceType, config: Object) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration by itself; null is absent, and what is not known yet is not judged."""
    return (
        *check_declaration(
            declared.kind, {**config, **declared.table.with_defaults(config)}, lambda value: value is UNKNOWN
        ),
        *declared.table.problems(config),
    )


def problems_at_plan(declared: ResourceType, config: Object, prior: Object | None) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration that Terraform completed for a plan.

    `validate` has seen the configuration as it is written. Under `ignore_changes` a plan gets the prior value of an
    argument as if it were configured, so set and count may both be there, and must agree then.
    """
    if config[names.NAT_GATEWAY_ID] is None:
        return (null_gateway_id(declared.kind),)
    addresses, count = config[declared.argument], config.get(names.ADDRESS_COUNT)
    if not isinstance(addresses, tuple) or not isinstance(count, int):
        return ()
    if prior is None or not is_wholly_known(addresses):
        return ()
    ignored = names.ADDRESS_COUNT if count == prior[names.ADDRESS_COUNT] else names.ADDRESSES
    return check_ignored(len(addresses), count, ignored)
