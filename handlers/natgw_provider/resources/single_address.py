"""The resource types `natgw_secondary_private_ip` and `natgw_secondary_elastic_ip`: one address of a shared gateway.

Several such resources share a gateway. The engine carries out those of one apply as one change, so a plan of one does
not depend on what else is on the gateway: another resource may change that at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from natgw_provider.bridge.schema import STRING, IdentityAttribute, IdentitySchema, Schema
from natgw_provider.core import names
from natgw_provider.core.address_kinds import ELASTIC_IP, PRIVATE_IP, AddressKind
from natgw_provider.core.diff import Part
from natgw_provider.core.gateway import LEAVING, AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.resources.attributes import Observation, Row, Table, argument, computed
from natgw_provider.resources.resource_type import (
    TIMEOUTS_ROW,
    ResourceType,
    gateway_identity,
    last_change_row,
    setting_rows,
)

_NOT_HELD: Final = (*map(str, LEAVING), str(AddressStatus.FAILED))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SingleAddress(ResourceType):
    """The resource type of one address of a kind."""

    is_single: bool = True

    def declared(self, config: Any) -> Any:
        """Return the declared address, as a set of one."""
        key = config[self.argument]
        return None if key is None else (key,)

    def declared_private_ips(self, config: Any) -> dict[str, Any]:
        """Return the private address that is declared for an Elastic IP, by allocation id."""
        name = self.kind.private_ips_argument
        key, private_ip = config[self.argument], config[name] if name else None
        return {key: private_ip} if isinstance(key, str) and private_ip is not None else {}

    def target(self, addresses: tuple[str, ...]) -> Part:
        """Return what the gateway is to have: the address, beside whatever else it has."""
        return Part(add=frozenset(addresses))

    def held(self, state: Any) -> tuple[Any, ...]:
        """Return the address, unless the state shows it as draining or failed."""
        return () if state[names.STATUS] in _NOT_HELD else (state[self.argument],)

    def draining(self, state: Any) -> tuple[Any, ...]:
        """Return the address if the state shows it as draining."""
        return (state[self.argument],) if state[names.STATUS] in map(str, LEAVING) else ()

    def own(self, state: Any, gateway: NatGateway) -> tuple[NatGatewayAddress, ...]:
        """Return the address, if the gateway has it as a secondary."""
        key = state[self.argument]
        return tuple(address for address in gateway.addresses if address.key == key and not address.is_primary)

    def judged(self, gateway: NatGateway, addresses: tuple[str, ...]) -> NatGateway:
        """Return the gateway with the primary and this address alone, as if nothing were in transition."""
        attached = set(gateway.attached).intersection(addresses)
        own = tuple(one for one in gateway.addresses if one.key in attached)
        primary = tuple(replace(one, status=None) for one in gateway.addresses if one.is_primary)
        state = GatewayState.AVAILABLE if gateway.state is GatewayState.PENDING else gateway.state
        return replace(gateway, state=state, addresses=(*primary, *own))


def _single(kind: AddressKind, example: str, description: str, *more: Row) -> SingleAddress:
    """Return the resource type of one address of a kind, such as `example`; `more` are rows of this kind alone."""
    table = Table(
        (
            argument(
                names.NAT_GATEWAY_ID,
                STRING,
                f"Id of a {kind.connectivity} NAT gateway. Another id moves the {kind.noun} in place: it is released "
                f"on the old gateway, as `{names.ON_DESTROY}` says, then {kind.add.past} on the new one.",
                required=True,
                show=lambda observed: observed.gateway.nat_gateway_id,
            ),
            argument(kind.argument, STRING, f"{description} Another one replaces the resource.", required=True),
            *more,
            *setting_rows(kind, is_single=True),
            TIMEOUTS_ROW,
            computed(
                names.ID,
                STRING,
                f"The ids of the gateway and the {kind.noun}, such as `nat-0a1b2c3d4e5f67890/{example}`.",
                lambda observed: observed.gateway.nat_gateway_id,
            ),
            computed(
                names.STATUS,
                STRING,
                f"The status that AWS shows: `succeeded`, `{kind.add.ongoing}`, `{kind.remove.ongoing}` or `failed`; "
                "null where it names none.",
                _show_status,
            ),
            _last_change(kind, example),
        )
    )
    about = (
        f"One secondary {kind.noun} of a {kind.connectivity} NAT gateway. Several such resources share a gateway: what "
        f"one apply changes of it goes in one call for all that are {kind.add.past} and one for all that are "
        f"{kind.remove.past}, so connections drain once. `terraform plan` shows in `last_change` what will be done."
    )
    address = IdentityAttribute(name=kind.argument, type=STRING, description=description)
    return SingleAddress(
        kind=kind,
        table=table,
        schema=Schema(0, about, table.attributes),
        identity_schema=IdentitySchema(0, (gateway_identity(kind), address)),
    )


def _show_status(observed: Observation) -> str | None:
    status = observed.address.status if observed.address else None
    return status.value if status else None


def _last_change(kind: AddressKind, example: str) -> Row:
    return last_change_row(
        "In a plan: what this apply will do, and it does nothing else for this resource. In the state: what the last "
        "change did. It stays as it is when nothing changes.",
        summary=f"The whole change in one sentence: `{kind.add.base} {example}`, or `nothing`. For a move: `move from "
        f"ID to ID: `, then `drain {example} on ID for up to TIME` or `leave {example} on ID`, then "
        f"`{kind.add.base} {example} on ID`.",
        assign=f"The {kind.noun} {kind.add.past}, or `none`.",
        unassign=f"What a move releases, such as `{example} on nat-0a1b2c3d4e5f67890`; else `none`.",
        drain="How long a move lets connections drain, such as `up to 350 s`, or `none`.",
    )


SINGLE_PRIVATE_IP: Final = _single(PRIVATE_IP, "10.0.0.21", "The secondary private IPv4 address.")

SINGLE_ELASTIC_IP: Final = _single(
    ELASTIC_IP,
    "eipalloc-0a1b2c3d4e5f67890",
    "The allocation id of the secondary Elastic IP.",
    argument(
        names.PRIVATE_IP_ADDRESS,
        STRING,
        "The private IPv4 address of the Elastic IP; left out, AWS picks it. It cannot change while the Elastic IP "
        "stays.",
        show=lambda observed: (observed.address.private_address or None) if observed.address else None,
    ),
    computed(
        "public_ip",
        STRING,
        "The public address of the Elastic IP.",
        lambda observed: observed.address.public_ip if observed.address else None,
    ),
)
