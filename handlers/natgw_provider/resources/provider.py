"""The provider: its block, its types, and the engine that they share once it is configured.

`aws.client`, and with it boto3, is imported in `configure` and nowhere earlier.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.bridge.handlers import Context, DataSource, ListResource, Object, Provider, Resource
from natgw_provider.bridge.values import is_wholly_known
from natgw_provider.core import names
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.resources.address_list import AddressList
from natgw_provider.resources.address_resource import AddressResource
from natgw_provider.resources.address_set import ELASTIC_IP_SET, PRIVATE_IP_SET
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.diagnostics import errors, explained
from natgw_provider.resources.nat_gateway import NatGatewayDataSource
from natgw_provider.resources.provider_block import SCHEMA, check_provider_block
from natgw_provider.resources.single_address import SINGLE_ELASTIC_IP, SINGLE_PRIVATE_IP

if TYPE_CHECKING:
    from natgw_provider.engine.engine import GatewayEngine

RESOURCE_TYPES: Final = (PRIVATE_IP_SET, ELASTIC_IP_SET, SINGLE_PRIVATE_IP, SINGLE_ELASTIC_IP)

EngineMaker = Callable[[ConnectionSettings, Context], "GatewayEngine"]
"""Connects to EC2, with the log for its calls and the stop that ends its reads. Raises ProblemError."""


class NatgwProvider(Provider):
    """The provider natgw."""

    schema = SCHEMA

    def __init__(self, make_engine: EngineMaker | None = None) -> None:
        self._make_engine = make_engine or connect_engine
        self._configured: Configured | None = None
        self.resources: Mapping[str, Resource] = {
            declared.name: AddressResource(declared, lambda: self._configured) for declared in RESOURCE_TYPES
        }
        self.data_sources: Mapping[str, DataSource] = {
            names.DATA_SOURCE_TYPE: NatGatewayDataSource(lambda: self._configured),
        }
        self.list_resources: Mapping[str, ListResource] = {
            declared.name: AddressList(declared, lambda: self._configured) for declared in RESOURCE_TYPES
        }

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Check the block by itself; nothing is contacted."""
        return errors(check_provider_block(config))

    def configure(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Connect to EC2. With unknown values in the block nothing can be read yet, and plans leave more unknown."""
        if not is_wholly_known(config):
            context.log.info("the provider block is not fully known yet: no gateway can be read in this run")
            self._configured = None
            return ()
        agent = f"Terraform/{context.terraform_version} {os.environ.get('TF_APPEND_USER_AGENT', '')}"
        settings = ConnectionSettings.of_block(config, user_agent_extra=agent.strip())
        with explained():
            engine = self._make_engine(settings, context)
        self._configured = Configured(
            engine=engine,
            quotas={kind.connectivity: _quota(config, kind) for kind in KINDS},
            check_permissions_at_plan=bool(config["check_permissions_at_plan"]),
        )
        return ()


def _quota(config: Object, kind: AddressKind) -> int:
    quota = config[kind.quota.argument]
    return kind.quota.default if quota is None else int(quota)  # type: ignore[arg-type]


def connect_engine(settings: ConnectionSettings, context: Context) -> GatewayEngine:
    """Return the real engine, on a real connection."""
    from natgw_provider.engine.engine import connect_engine as connect  # noqa: PLC0415 - see the module's docstring

    return connect(settings, context.stop, context.log.debug)
