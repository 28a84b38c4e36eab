"""Settings, and what a caller may send: pydantic models, and errors that say what was found and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from natgw_provider.core import limits

Seconds = Annotated[float, Field(ge=0)]
"""A duration in simulated seconds."""

Ipv4 = Annotated[IPv4Address, Field(strict=False)]
"""An IPv4 address, written as text."""


def _address_name(text: str) -> str:
    if text.startswith("eipalloc-"):
        return text
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise PydanticCustomError("address", "Input is neither an IPv4 address nor an allocation id") from None


AddressName = Annotated[str, AfterValidator(_address_name)]
"""An address of a gateway: its private IPv4 address, or the allocation id of its Elastic IP."""


def _id(prefix: str) -> AfterValidator:
    """Return the check of an id as AWS gives them."""

    def check(text: str) -> str:
        if not re.fullmatch(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", text):
            raise PydanticCustomError("id", f"Input takes {prefix}- and 8 or 17 of the characters 0-9 and a-f")
        return text

    return AfterValidator(check)


def one_or_more(value: Any) -> Any:
    """Return a single text as a list, for sets that mostly have one member."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[frozenset[str], Field(strict=False), BeforeValidator(one_or_more)]
AddressNames = Annotated[frozenset[AddressName], Field(strict=False), BeforeValidator(one_or_more)]


class Checked(BaseModel):
    """Values that are checked; types are strict: neither "7" nor NaN is a number."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def check(cls, values: Mapping[str, Any], what: str) -> Self:
        """Return the checked values. Raises ValueError, which begins with `what`: the name of the request."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ValueError(f"{what}{cls._explain(error)}") from None

    @classmethod
    def _explain(cls, error: ValidationError) -> str:
        problems = error.errors(include_url=False)
        unknown = [str(it["loc"][0]) for it in problems if it["type"] == "extra_forbidden"]
        if unknown:
            return f" takes no {', '.join(unknown)}; it takes: {', '.join(cls.model_fields) or 'nothing'}"
        missing = [str(it["loc"][0]) for it in problems if it["type"] == "missing"]
        if missing:
            return f" needs {', '.join(missing)}"
        first = problems[0]
        name = ".".join(str(part) for part in first["loc"])
        if not name:
            return f": {first['msg'].removeprefix('Value error, ')}"
        message = first["msg"].replace("Input", name, 1).replace("frozenset", "list")
        return f": {message} (found {first['input']!r})"


class Settings(Checked):
    """How the simulated service behaves; every duration is in simulated seconds.

    What AWS documents is not a setting. What is undocumented is one, so that a test can try the other reading. Errors
    on request are faults (`faults.py`).
    """

    quota: Annotated[int, Field(ge=1, le=limits.QUOTA_MAXIMUM)] = limits.QUOTA_DEFAULT
    """Private addresses of one private gateway, primary included (quota L-DFA99DE7); AWS's default is 8."""

    elastic_ip_quota: Annotated[int, Field(ge=1, le=limits.QUOTA_MAXIMUM)] = limits.ELASTIC_IP_QUOTA_DEFAULT
    """Elastic IPs of one public gateway, the primary's included; AWS's default is 2."""

    elastic_ip_limit_code: Literal["AddressLimitExceeded", "PrivateIpAddressLimitExceeded"] = "AddressLimitExceeded"
    """Error code over `elastic_ip_quota`. Undocumented; both codes exist in EC2, for other limits."""

    gateway_pending_seconds: Seconds = 0.0
    """From CreateNatGateway to `available`. AWS needs a minute or two, too long to wait for in a test."""

    gateway_deleting_seconds: Seconds = 0.0
    """From DeleteNatGateway to `deleted`; the same."""

    addresses_lag_seconds: Seconds = 0.0
    """How long a new gateway's secondary addresses stay `assigning` after it is available (seen: 15 to 30 s)."""

    assigning_seconds: Seconds = 1.0
    """From Assign or Associate to `succeeded`. Undocumented; long enough that a poller sees it."""

    connections_end_after: Seconds | None = None
    """When the connections of a draining address end, after its drain began; None: never, so drains take the full
    MaxDrainDurationSeconds, which is the case a client has to plan for. It can also be set for each address."""

    deleted_visible_seconds: Seconds = 3600.0
    """How long a deleted or failed gateway is still described; AWS says about an hour."""

    busy_code: Literal["OperationInProgress", "IncorrectState"] = "OperationInProgress"
    """Error code while addresses are in transition: seen for public gateways, likeliest for private ones."""

    association_not_found_code: Literal["InvalidParameter", "InvalidAssociationID.NotFound"] = "InvalidParameter"
    """Error code for an association id that the gateway does not have. The first is what the AWS provider for Terraform
    expects, the second is EC2's for other associations."""

    not_found_code: Literal["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"] = "NatGatewayNotFound"
    """Error code for a gateway that does not exist; older clients know the second spelling."""

    answer_only_touched_addresses: bool = True
    """Whether a change answers just the addresses it touched, or all of the gateway. Undocumented."""

    answer_names_new_addresses: bool = True
    """Whether Assign and Associate answer what AWS picks for an address: PrivateIp, PublicIp and AssociationId. The
    examples of the AWS CLI show answers without them; the service model has them."""

    dry_run_checks_state: bool = False
    """Whether a DryRun also fails for a busy gateway, a full quota and the like. Undocumented; AWS only promises to
    check permissions."""

    throttling: bool = False
    """Whether calls are throttled as AWS documents it (`calls.py`). Off, because a manual clock that stands still
    never refills a bucket, and because most rehearsals are not about it."""

    pick: Literal["lowest", "random"] = "lowest"
    """Which free addresses AWS picks for a count. Undocumented."""

    seed: int = 0
    """Start of the generator behind `random` picks and new gateway ids, so that a run can be repeated."""

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """Return a copy with `changes` applied. Raises ValueError with the name, the value and what is allowed."""
        return self.check(self.model_dump() | dict(changes), "settings")


class Nothing(Checked):
    """A request without parameters."""


class ClockMove(Checked):
    """How far to move the clock."""

    advance: float = 0


class SeedRequest(Checked):
    """What to seed; what is left out is chosen. A VPC or subnet that exists is used, not created again."""

    nat_gateway_id: Annotated[str, _id("nat")] | None = None
    vpc_id: Annotated[str, _id("vpc")] | None = None
    subnet_id: Annotated[str, _id("subnet")] | None = None
    cidr: Annotated[IPv4Network, Field(strict=False)] = IPv4Network("10.0.0.0/24")
    """CIDR of the subnet, and of the VPC when it is made for it."""

    primary: Ipv4 | None = None
    secondaries: Annotated[list[Ipv4], Field(strict=False)] = []
    connectivity: Literal["private", "public"] = "private"
    allocation_ids: list[Annotated[str, _id("eipalloc")]] = []
    """Elastic IPs of a public gateway: the primary's, one for each of `secondaries`, and more that stay free. Those
    that do not exist are allocated."""

    tags: dict[str, str] | None = None
    region: str | None = None


class ConnectionsChange(Checked):
    """When the connections of an address end: `last` seconds after its drain begins (null: never), or now."""

    nat_gateway_id: str
    address: AddressName
    last: Seconds | None = None
    end_now: bool = False

    def model_post_init(self, _context: Any, /) -> None:
        """Raise ValueError unless exactly one of the two is set."""
        if self.end_now is ("last" in self.model_fields_set):
            raise ValueError("it needs either last (seconds, or null for never) or end_now (true)")


class GatewayEnd(Checked):
    """How a gateway ends, now or in some simulated seconds."""

    nat_gateway_id: str
    state: Literal["deleted", "failed"] = "deleted"
    in_seconds: Seconds = 0
    code: str = "InternalError"
    message: str = "Network interface could not be attached"
