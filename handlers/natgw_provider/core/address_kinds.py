"""The kinds of secondary addresses: the operations on them, their attributes, their limits, and the words for them.

The rules, the engine and the resources know an address by its key only. What differs between kinds stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from natgw_provider.core import limits, names
from natgw_provider.core.operations import ASSIGN, ASSOCIATE, DISASSOCIATE, READS, UNASSIGN


@dataclass(frozen=True, slots=True)
class Verb:
    """AWS's verb for an operation, in the forms that messages use: "assign", "assigned", "assigning"."""

    base: str
    past: str
    ongoing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many addresses AWS allows for one gateway, the primary included.

    Attributes:
        argument: the argument of the provider block that holds it.
        default: what AWS allows unless it was raised.
        maximum: the most that natgw and AWS's calls can handle.
        code: AWS's code of the quota, for messages.
    """

    argument: str
    default: int
    maximum: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AddressKind:
    """One kind of secondary addresses, as one type of resource knows it.

    Attributes:
        connectivity: the connectivity type of the gateways that have them.
        noun: what one of them is called.
        nouns: what several are called.
        resource_type: the type of resource that manages them.
        single_type: the type of resource that declares one of them.
        argument: the argument that declares them.
        count_argument: the argument that says how many AWS is to pick; None where AWS cannot pick.
        single_argument: the argument of `single_type` that declares one.
        private_ips_argument: the argument that gives each one a private address; None where the key is that address.
        primary: the attribute that shows the primary address.
        draining: the attribute that shows the addresses that drain.
        assign: the operation that puts addresses into service.
        unassign: the operation that drains and releases them.
        add: the verb of `assign`.
        remove: the verb of `unassign`.
        quota: how many a gateway may have.
        passing_codes: errors about the gateway's or subnet's addresses, which an earlier step of a change may remove.
        hints: what to do about an error code, as a sentence that begins with a space.
        free_command: the AWS CLI's command that removes a failed address.
    """

    connectivity: str
    noun: str
    nouns: str
    resource_type: str
    single_type: str
    argument: str
    count_argument: str | None
    single_argument: str
    private_ips_argument: str | None
    primary: str
    draining: str
    assign: str
    unassign: str
    add: Verb
    remove: Verb
    quota: Quota
    passing_codes: frozenset[str]
    hints: Mapping[str, str]
    free_command: str

    @property
    def operations(self) -> tuple[str, ...]:
        """All operations whose permission can be missing, those that change something first."""
        return (self.assign, self.unassign, *READS)

    @property
    def is_bound_to_subnet(self) -> bool:
        """Whether a key means an address of one subnet, and not of the whole region."""
        return self.private_ips_argument is None

    @property
    def on_destroy_choices(self) -> tuple[str, str]:
        """What `on_destroy` can be, the default first."""
        return (self.remove.base, names.ON_DESTROY_RETAIN)


PRIVATE_IPS: Final = AddressKind(
    connectivity="private",
    noun="address",
    nouns="addresses",
    resource_type=names.PRIVATE_IPS_TYPE,
    single_type=names.SINGLE_PRIVATE_IP_TYPE,
    argument=names.ADDRESSES,
    count_argument=names.ADDRESS_COUNT,
    single_argument=names.PRIVATE_IP_ADDRESS,
    private_ips_argument=None,
    primary=names.PRIMARY,
    draining=names.DRAINING,
    assign=ASSIGN,
    unassign=UNASSIGN,
    add=Verb("assign", "assigned", "assigning"),
    remove=Verb("unassign", "unassigned", "unassigning"),
    quota=Quota(
        argument="private_ip_address_quota",
        default=limits.QUOTA_DEFAULT,
        maximum=limits.QUOTA_MAXIMUM,
        code="L-DFA99DE7",
    ),
    passing_codes=frozenset(
        {"PrivateIpAddressLimitExceeded", "InvalidIPAddress.InUse", "InsufficientFreeAddressesInSubnet"}
    ),
    hints={
        "PrivateIpAddressLimitExceeded": " AWS allows this gateway fewer addresses than the provider's "
        "private_ip_address_quota says (quota L-DFA99DE7): set it to AWS's value, and declare at most one less.",
        "InvalidIPAddress.InUse": " Something else in the subnet has the address: declare another, or free it. If it "
        "is the gateway's own failed address, free it with `aws ec2 unassign-private-nat-gateway-address`.",
        "InsufficientFreeAddressesInSubnet": " The subnet has no free address left: free some.",
    },
    free_command="aws ec2 unassign-private-nat-gateway-address",
)
"""The secondary private IPv4 addresses of a private NAT gateway; the key is the address."""

ELASTIC_IPS: Final = AddressKind(
    connectivity="public",
    noun="Elastic IP",
    nouns="Elastic IPs",
    resource_type=names.ELASTIC_IPS_TYPE,
    single_type=names.SINGLE_ELASTIC_IP_TYPE,
    argument=names.ALLOCATION_IDS,
    count_argument=None,
    single_argument=names.ALLOCATION_ID,
    private_ips_argument=names.PRIVATE_IP_ADDRESSES,
    primary=names.PRIMARY_ALLOCATION_ID,
    draining=names.DRAINING_ALLOCATION_IDS,
    assign=ASSOCIATE,
    unassign=DISASSOCIATE,
    add=Verb("associate", "associated", "associating"),
    remove=Verb("disassociate", "disassociated", "disassociating"),
    quota=Quota(
        argument="elastic_ip_quota",
        default=limits.ELASTIC_IP_QUOTA_DEFAULT,
        maximum=limits.QUOTA_MAXIMUM,
        code="L-5F53652F",
    ),
    passing_codes=frozenset(
        {
            "AddressLimitExceeded",
            "Resource.AlreadyAssociated",
            "InvalidIPAddress.InUse",
        }
    ),
    hints={
        "AddressLimitExceeded": " AWS allows this gateway fewer Elastic IPs than the provider's elastic_ip_quota says: "
        "set it to AWS's value, and declare at most one less.",
        "InvalidAllocationID.NotFound": " The account has no such Elastic IP in this region: correct the allocation "
        "id, or allocate it first.",
        "Resource.AlreadyAssociated": " Something else uses the Elastic IP: disassociate it there first, or declare "
        "another. If it is the gateway's own and failed, free it with `aws ec2 disassociate-nat-gateway-address`.",
        "InvalidIPAddress.InUse": " Something else uses the Elastic IP or the private address: free it, or declare "
        "another.",
    },
    free_command="aws ec2 disassociate-nat-gateway-address",
)
"""The secondary Elastic IPs of a public NAT gateway; the key is the allocation id."""

KINDS: Final = (PRIVATE_IPS, ELASTIC_IPS)
"""The kinds, as the resources that manage a full set know them."""

PRIVATE_IP: Final = replace(
    PRIVATE_IPS,
    resource_type=names.SINGLE_PRIVATE_IP_TYPE,
    argument=names.PRIVATE_IP_ADDRESS,
    count_argument=None,
)
"""`PRIVATE_IPS` as the resource that manages one address knows it: with its type and arguments."""

ELASTIC_IP: Final = replace(
    ELASTIC_IPS,
    resource_type=names.SINGLE_ELASTIC_IP_TYPE,
    argument=names.ALLOCATION_ID,
    private_ips_argument=names.PRIVATE_IP_ADDRESS,
)
"""`ELASTIC_IPS` as the resource that manages one address knows it."""

KIND_OF_TYPE: Final = {name: kind for kind in KINDS for name in (kind.resource_type, kind.single_type)}
"""The kind whose addresses a type of resource manages, by the type's name, as the full set knows it.

For code that reads a plan or a construct: it uses `single_argument` where the type is that of one address.
"""
