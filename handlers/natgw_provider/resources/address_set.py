"""The resource types `natgw_secondary_private_ips` and `natgw_secondary_elastic_ips`: the full set of one kind.

The attributes are what users read in the docs, the editor and `terraform plan`. The rules that the constructs check as
well stand in `core.declaration_checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from natgw_provider.bridge.schema import NUMBER, STRING, IdentitySchema, MapOf, Schema, SetOf
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS, AddressKind
from natgw_provider.core.diff import ExactSet
from natgw_provider.core.gateway import NatGateway, NatGatewayAddress
from natgw_provider.resources.attributes import Row, Table, argument, computed
from natgw_provider.resources.resource_type import (
    ID_ROW,
    TIMEOUTS_ROW,
    ResourceType,
    gateway_identity,
    last_change_row,
    setting_rows,
    show_network_interface,
    show_primary,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AddressSet(ResourceType):
    """The resource type of the full set of one kind."""

    is_single: bool = False

    def declared(self, config: Any) -> Any:
        """Return the declared set; None where a count is declared."""
        return config[self.argument]

    def declared_private_ips(self, config: Any) -> dict[str, Any]:
        """Return the private addresses that are declared for Elastic IPs, by allocation id."""
        given = config[self.kind.private_ips_argument] if self.kind.private_ips_argument else None
        return given if isinstance(given, dict) else {}

    def target(self, addresses: tuple[str, ...]) -> ExactSet:
        """Return what the gateway is to have: the set, and nothing else."""
        return ExactSet(addresses)

    def judged(self, gateway: NatGateway, addresses: tuple[str, ...]) -> NatGateway:
        """Return the whole gateway."""
        return gateway

    def own(self, state: Any, gateway: NatGateway) -> tuple[NatGatewayAddress, ...]:
        """Return every secondary."""
        return tuple(address for address in gateway.addresses if not address.is_primary)

    def held(self, state: Any) -> tuple[Any, ...]:
        """Return the addresses that a state holds: those in service or on their way there."""
        return tuple(state[self.kind.argument] or ())

    def draining(self, state: Any) -> tuple[Any, ...]:
        """Return the addresses that a state shows as draining."""
        return tuple(state[self.kind.draining] or ())


def _table(kind: AddressKind, declares: tuple[Row, ...], primary: tuple[Row, ...]) -> Table:
    """Return the attributes of a set; `declares` says what is in it, `primary` shows the primary."""
    return Table(
        (
            _nat_gateway_id(kind),
            *declares,
            *setting_rows(kind, is_single=False),
            TIMEOUTS_ROW,
            ID_ROW,
            *primary,
            computed(names.SUBNET_ID, STRING, "The subnet of the gateway.", lambda it: it.gateway.subnet_id),
            computed(
                names.SUBNET_CIDR_BLOCK,
                STRING,
                "The subnet's IPv4 CIDR block, which every private address has to be in.",
                lambda observed: observed.subnet_cidr_block,
            ),
            computed(names.VPC_ID, STRING, "The VPC of the gateway.", lambda observed: observed.gateway.vpc_id),
            computed(
                names.NETWORK_INTERFACE_ID, STRING, "The network interface of the gateway.", show_network_interface
            ),
            computed(
                kind.draining,
                SetOf(STRING),
                f"{kind.nouns[0].upper()}{kind.nouns[1:]} that are being released: they keep their connections and "
                "take no new ones.",
                lambda observed: observed.gateway.draining,
            ),
            _last_change(kind),
        )
    )


def _nat_gateway_id(kind: AddressKind) -> Row:
    return argument(
        names.NAT_GATEWAY_ID,
        STRING,
        f"Id of a {kind.connectivity} NAT gateway. Another id moves the set in place: the {kind.nouns} "
        f"are released on the old gateway, as `{names.ON_DESTROY}` says, then {kind.add.past} on the new one, where "
        f"nothing is {kind.remove.past}.",
        required=True,
        show=lambda observed: observed.gateway.nat_gateway_id,
    )


def _last_change(kind: AddressKind) -> Row:
    nouns, add, picks = kind.nouns, kind.add, kind.count_argument is not None
    upper, example = kind.nouns.upper(), _EXAMPLES[kind]
    return last_change_row(
        "In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the "
        "last change did. It stays as it is when nothing changes. Each part is a text that stands for itself, since "
        "Terraform shows it beside that of the previous change; for programs, `natgw review --format json` has the "
        "same as data.",
        summary="The whole change in one sentence, its steps in the order in which they happen and joined by `, then "
        f"`: `wait until the gateway is idle`, `{add.base} {upper}`, "
        f"{f'`{add.base} N that AWS picks`, ' if picks else ''}`drain {upper} "
        "for up to TIME`; or `nothing`. For a move: `move from ID to ID: `, then the steps, `on ID` behind "
        f"the {nouns}, `leave {upper} on ID` for those that are retained.",
        assign=f"The {nouns} {add.past}, such as `{example}`, or `none`"
        f"{'; known after apply where AWS picks them' if picks else ''}.",
        unassign=f"The {nouns} drained and {kind.remove.past}, all in one call, or `none`. A move adds the gateway "
        f"that releases them, such as `{example} on nat-0a1b2c3d4e5f67890`.",
        in_service=f"How many {nouns} take new connections, the primary included, such as `3 now, 2 at the lowest, 3 "
        "after`: before the change, the fewest at any moment of it, and when it is done.",
        drain="How long connections may drain, such as `up to 350 s`, or `none`.",
    )


_EXAMPLES: Final = {
    PRIVATE_IPS: "10.0.0.21, 10.0.0.22",
    ELASTIC_IPS: "eipalloc-0a1b2c3d4e5f67890",
}


def _set(kind: AddressKind, version: int, what: str, declares: tuple[Row, ...], primary: tuple[Row, ...]) -> AddressSet:
    """Return the resource type of a set of `what`; `declares` are the rows of what is in it.

    Its identity is the gateway's id alone, which AWS gives out once. Account and region would take a call on every
    start, and the identity would change with the answer.
    """
    table = _table(kind, declares, primary)
    about = (
        f"The secondary {what} of a {kind.connectivity} NAT gateway, as one exclusive set: {kind.nouns} that are not "
        f"declared are drained and {kind.remove.past}. `terraform plan` shows in `last_change` what will be "
        f"{kind.add.past} and {kind.remove.past}, in which order and how far capacity drops; apply does precisely that."
    )
    return AddressSet(
        kind=kind,
        table=table,
        schema=Schema(version, about, table.attributes),
        identity_schema=IdentitySchema(0, (gateway_identity(kind),)),
    )


PRIVATE_IP_SET: Final = _set(
    PRIVATE_IPS,
    1,
    "private IPv4 addresses",
    declares=(
        argument(
            names.ADDRESSES,
            SetOf(STRING),
            "The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is "
            "unassigned; `[]` removes every secondary. Exactly one of this and "
            f"`{names.ADDRESS_COUNT}` is required.",
            show=lambda observed: observed.gateway.attached,
        ),
        argument(
            names.ADDRESS_COUNT,
            NUMBER,
            f"How many secondary addresses the gateway has, 0 to {limits.SECONDARY_ADDRESSES_MAXIMUM}. On "
            "growth AWS picks the addresses; on shrinking the numerically highest are unassigned, and the plan names "
            "them.",
            show=lambda observed: len(observed.gateway.attached),
        ),
    ),
    primary=(computed(names.PRIMARY, STRING, "The gateway's primary address, which is never touched.", show_primary),),
)
"""State version 1. In version 0 the parts of `last_change` were sets and numbers."""

ELASTIC_IP_SET: Final = _set(
    ELASTIC_IPS,
    0,
    "Elastic IPs",
    declares=(
        argument(
            names.ALLOCATION_IDS,
            SetOf(STRING),
            "The full set of secondary Elastic IPs, by allocation id. What is on the gateway and not in the set is "
            "disassociated; `[]` removes every secondary.",
            required=True,
            show=lambda observed: observed.gateway.attached,
        ),
        argument(
            names.PRIVATE_IP_ADDRESSES,
            MapOf(STRING),
            "The private IPv4 address of each Elastic IP, by allocation id: for each of them, or left out, and AWS "
            "picks them. It is used when an Elastic IP is associated, and cannot change while it stays.",
        ),
    ),
    primary=(
        computed(
            names.PRIMARY_ALLOCATION_ID,
            STRING,
            "The allocation id of the gateway's primary Elastic IP, which is never touched.",
            lambda observed: observed.gateway.primary.key if observed.gateway.primary else None,
        ),
        computed(names.PRIMARY, STRING, "The private address of the primary Elastic IP.", show_primary),
    ),
)
