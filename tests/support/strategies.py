"""Hypothesis strategies for gateways, declarations and quotas, for every test folder.

Addresses come from one /24, so that numerical and alphabetical order differ ("10.0.0.9" < "10.0.0.10") and clashes are
frequent. Everything shrinks to an available gateway with a primary alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from hypothesis import settings
from hypothesis import strategies as st

from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.limits import QUOTA_DEFAULT, QUOTA_MAXIMUM

SUBNET = "10.0.0.0/24"
GATEWAY_ID = "nat-0123456789abcdef0"

PRIVATE_STATUSES: tuple[AddressStatus | None, ...] = (
    AddressStatus.SUCCEEDED,
    None,
    AddressStatus.UNASSIGNING,
    AddressStatus.ASSIGNING,
    AddressStatus.FAILED,
)
"""What an address of a private gateway can show; the other two belong to Elastic IPs, so to public gateways."""


def times(factor: int) -> settings:
    """Return settings for `factor` times the examples of the profile in use, so that `soak` scales them all."""
    return settings(max_examples=factor * settings().max_examples)


def gateway_of(*addresses: NatGatewayAddress, state: GatewayState = GatewayState.AVAILABLE) -> NatGateway:
    """Return a private gateway in `SUBNET` with exactly these addresses, the primary included."""
    return NatGateway(
        nat_gateway_id=GATEWAY_ID,
        state=state,
        connectivity_type="private",
        vpc_id="vpc-0123456789abcdef0",
        subnet_id="subnet-0123456789abcdef0",
        addresses=addresses,
    )


def primary(private_ip: str = "10.0.0.4", status: AddressStatus | None = AddressStatus.SUCCEEDED) -> NatGatewayAddress:
    """Return a primary address."""
    return NatGatewayAddress(key=private_ip, status=status, is_primary=True)


def secondary(private_ip: str, status: AddressStatus | None = AddressStatus.SUCCEEDED) -> NatGatewayAddress:
    """Return a secondary address."""
    return NatGatewayAddress(key=private_ip, status=status)


def subnets() -> st.SearchStrategy[IPv4Network]:
    """Every IPv4 network of a size that AWS gives a subnet, /16 to /28."""
    return st.builds(
        lambda base, prefix: IPv4Network((base, prefix), strict=False),
        st.integers(0, 2**32 - 1),
        st.integers(16, 28),
    )


def addresses() -> st.SearchStrategy[str]:
    """Any canonical IPv4 address."""
    return st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number)))


def subnet_addresses() -> st.SearchStrategy[str]:
    """An address that a gateway in `SUBNET` can have."""
    return st.integers(4, 254).map(lambda host: f"10.0.0.{host}")


def quotas() -> st.SearchStrategy[int]:
    """A quota of private addresses: small ones, where orders differ, AWS's default, and up to the most there is."""
    return st.one_of(st.integers(1, 5), st.just(QUOTA_DEFAULT), st.integers(1, QUOTA_MAXIMUM))


@st.composite
def gateways(
    draw: st.DrawFn,
    *,
    statuses: Sequence[AddressStatus | None] = PRIVATE_STATUSES,
    states: Sequence[GatewayState] = (GatewayState.AVAILABLE,),
    max_secondaries: int = QUOTA_MAXIMUM - 1,
) -> NatGateway:
    """A private gateway in `SUBNET`: a serving primary, and secondaries of any of `statuses` in any order."""
    one = st.tuples(subnet_addresses(), st.sampled_from(statuses))
    drawn = draw(st.lists(one, unique_by=lambda pair: pair[0], min_size=1, max_size=1 + max_secondaries))
    first = draw(st.integers(0, len(drawn) - 1))
    shown = [secondary(*pair) if at != first else primary(pair[0]) for at, pair in enumerate(drawn)]
    return gateway_of(*shown, state=draw(st.sampled_from(states)))


@st.composite
def declared_sets(draw: st.DrawFn, gateway: NatGateway, *, quota: int) -> tuple[str, ...]:
    """A set to declare for `gateway` that fits `quota`: some of what it has in any status, and some that is new."""
    present = [address.key for address in gateway.addresses if not address.is_primary]
    taken = {address.key for address in gateway.addresses}
    kept = draw(st.lists(st.sampled_from(present), unique=True, max_size=quota - 1)) if present else []
    new = draw(
        st.lists(subnet_addresses().filter(lambda ip: ip not in taken), unique=True, max_size=quota - 1 - len(kept))
    )
    return tuple(draw(st.permutations(kept + new)))


@dataclass(frozen=True, slots=True)
class Case:
    """A gateway, what is declared for it, and the quota that both stand under."""

    gateway: NatGateway
    wanted: tuple[str, ...] | int
    quota: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any start, any target that fits the quota, as a set or as a count; the start may be over the quota."""
    quota = draw(quotas())
    gateway = draw(gateways(max_secondaries=min(QUOTA_MAXIMUM - 1, quota + 2)))
    wanted = st.one_of(declared_sets(gateway, quota=quota), st.integers(0, quota - 1))
    return Case(gateway, draw(wanted), quota)
