"""What `terraform query` lists: the gateways that can be imported, read page by page, each as a read would show it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any

import pytest

from natgw_provider.aws import api
from natgw_provider.aws.client import connect
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.handlers import Context, ImportRequest, ListEvent, ListRequest, ReadRequest
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.resources.address_list import TABLE, AddressList
from natgw_provider.resources.address_resource import AddressResource
from natgw_provider.resources.address_set import PRIVATE_IP_SET
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.provider import RESOURCE_TYPES
from natgw_provider.resources.resource_type import ResourceType
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from support.resource import context


@dataclass
class Account:
    """A simulated account with a connected provider."""

    aws: Simulator
    configured: Configured
    context: Context
    declared: ResourceType = PRIVATE_IP_SET

    def seed(self, number: int, name: str | None = None, **more: Any) -> str:
        tags = {"Name": name} if name else {}
        seeded = self.aws.seed(
            nat_gateway_id=f"nat-{number:017x}",
            cidr=f"10.{number}.0.0/24",
            secondaries=[f"10.{number}.0.21"],
            tags=tags,
            **more,
        )
        return seeded.nat_gateway_id

    def list(self, *, include_resource: bool = False, **config: Any) -> Iterator[ListEvent]:
        request = ListRequest({**TABLE.empty, **config}, include_resource)
        return AddressList(self.declared, lambda: self.configured).list(request, self.context)

    def ids(self, **config: Any) -> list[Any]:
        return [(event.identity or {})["nat_gateway_id"] for event in self.list(**config)]

    def calls(self) -> list[str]:
        return [call.action for call in self.aws.calls()]


@pytest.fixture
def account() -> Iterator[Account]:
    with Simulator(clock=ManualClock()) as aws:
        settings = ConnectionSettings(
            region=aws.region,
            access_key="simulator",
            secret_key="simulator",  # noqa: S106 - the simulator takes any
            endpoints={"ec2": aws.url},
            skip_credentials_validation=True,
        )
        configured = Configured(engine=GatewayEngine(connect(settings)), check_permissions_at_plan=False)
        yield Account(aws, configured, context())


def test_private_gateways_that_live_are_listed_in_natural_order(account: Account) -> None:
    ten, two, nameless = account.seed(1, "gw10"), account.seed(2, "gw2"), account.seed(3)
    ec2 = account.aws.client()
    ec2.delete_nat_gateway(NatGatewayId=account.seed(4))
    account.aws.end_gateway(nat_gateway_id=account.seed(5), state="failed")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])
    assert [(event.identity, event.display_name, event.resource) for event in account.list()] == [
        ({"nat_gateway_id": nameless}, nameless, None),
        ({"nat_gateway_id": two}, f"gw2 ({two})", None),
        ({"nat_gateway_id": ten}, f"gw10 ({ten})", None),
    ]


def test_a_name_with_control_characters_stays_on_its_line(account: Account) -> None:
    gateway = account.seed(1, "a\n\u202eb")
    (event,) = account.list()
    assert event.display_name == f"a b ({gateway})"


@pytest.mark.parametrize("declared", RESOURCE_TYPES, ids=lambda declared: declared.name)
def test_what_is_listed_of_each_type_is_what_an_import_and_a_read_return(
    account: Account, declared: ResourceType
) -> None:
    account.declared = declared
    for number, connectivity in enumerate(("private", "public", "private", "public"), start=1):
        account.seed(number, connectivity=connectivity)
    events = list(account.list(include_resource=True))
    assert len(events) == 2
    resource = AddressResource(declared, lambda: account.configured)
    for event in events:
        assert event.identity is not None
        assert event.display_name == declared.id_of(event.identity)
        for asked in (ImportRequest(None, event.identity), ImportRequest(declared.id_of(event.identity))):
            start = resource.import_state(asked, account.context)
            assert start.identity == event.identity
            assert start.state is not None
            assert event.resource == resource.read(ReadRequest(start.state), account.context).state


def test_pages_are_read_as_they_are_needed_and_subnets_once_for_each(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_PAGE", 5)
    expected = {account.seed(number) for number in range(1, 13)}
    events = account.list()
    assert len(list(islice(events, 5))) == 5
    events.close()  # type: ignore[attr-defined]
    assert account.calls() == ["DescribeNatGateways"]
    assert set(account.ids()) == expected
    assert account.calls() == ["DescribeNatGateways"] * 4
    assert len(list(account.list(include_resource=True))) == 12
    assert account.calls()[4:] == ["DescribeNatGateways", "DescribeSubnets"] * 3


def test_a_page_that_is_throttled_is_read_again_and_nothing_is_listed_twice(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_PAGE", 5)
    expected = [account.seed(number) for number in range(1, 9)]
    events = account.list()
    first = next(events)
    account.aws.add_fault("error", actions="DescribeNatGateways", code="RequestLimitExceeded", status=503, times=1)
    assert sorted((it.identity or {})["nat_gateway_id"] for it in (first, *events)) == expected
    assert account.calls() == ["DescribeNatGateways"] * 3


def test_a_stop_ends_it_between_two_attempts(account: Account) -> None:
    account.aws.add_fault("error", actions="DescribeNatGateways", code="RequestLimitExceeded", status=503)
    threading.Timer(0.3, account.context.stop.set).start()
    begun = monotonic()
    with pytest.raises(DiagnosticsError):
        list(account.list())
    assert monotonic() - begun < 3


def test_every_argument_narrows_it_down(account: Account) -> None:
    account.seed(1)
    wanted = account.aws.seed(cidr="10.2.0.0/24", tags={"team": "net"})
    for config in (
        {"vpc_id": wanted.vpc_id},
        {"subnet_id": wanted.subnet_id},
        {"tags": {"team": "net"}},
        {"filter": ({"name": "nat-gateway-id", "values": ("nat-1", wanted.nat_gateway_id)},)},
    ):
        assert account.ids(**config) == [wanted.nat_gateway_id]


@pytest.mark.parametrize("declared", RESOURCE_TYPES, ids=lambda declared: declared.name)
def test_when_nothing_matches_a_warning_names_the_type_and_what_was_passed_over(
    account: Account, declared: ResourceType
) -> None:
    account.declared = declared
    account.aws.client().delete_nat_gateway(NatGatewayId=account.seed(1))
    (event,) = account.list()
    (found,) = event.diagnostics
    assert f"{declared.kind.connectivity} NAT gateway matches" in found.summary
    passed_over = {"private": "public", "public": "private and regional"}[declared.kind.connectivity]
    assert f"1 that match are {passed_over}, failed or deleted" in found.detail


@pytest.mark.parametrize(
    ("config", "path", "said"),
    [
        ({"vpc_id": "egress"}, ("vpc_id",), 'vpc_id is "egress". Give an id that begins with vpc-'),
        ({"subnet_id": ""}, ("subnet_id",), 'subnet_id is ""'),
        ({"filter": ({"name": "vpc-id", "values": ("x",)},), "vpc_id": "vpc-1"}, ("filter",), "a second time"),
    ],
)
def test_a_wrong_argument_is_refused_at_its_place(
    account: Account, config: dict[str, Any], path: tuple[str], said: str
) -> None:
    whole = {**TABLE.empty, **config}
    (found,) = AddressList(PRIVATE_IP_SET, lambda: None).validate(whole, account.context)
    assert found.path == path
    assert said in found.detail
    with pytest.raises(DiagnosticsError):
        next(account.list(**config))
    assert account.calls() == []


def test_what_is_not_known_yet_is_not_judged(account: Account) -> None:
    for value in (None, UNKNOWN):
        whole: Any = dict.fromkeys(TABLE.empty, value)
        assert list(AddressList(PRIVATE_IP_SET, lambda: None).validate(whole, account.context)) == []


def test_a_provider_block_that_is_not_known_yet_is_an_error_in_words(account: Account) -> None:
    request = ListRequest(TABLE.empty)
    with pytest.raises(DiagnosticsError) as caught:
        next(AddressList(PRIVATE_IP_SET, lambda: None).list(request, account.context))
    assert caught.value.diagnostics[0].summary == "The provider block is not fully known"
