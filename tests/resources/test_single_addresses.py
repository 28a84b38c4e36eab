"""Resources of one address, of both kinds: what a plan of one shows and asks for, whatever else is on its gateway."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.handlers import (
    ApplyRequest,
    ImportRequest,
    ImportResponse,
    PlanRequest,
    PlanResponse,
    ReadRequest,
    ReadResponse,
)
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.address_kinds import ELASTIC_IPS, KINDS, PRIVATE_IPS, AddressKind
from natgw_provider.core.diff import Approval, Part
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway
from natgw_provider.resources.address_resource import AddressResource
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.private_state import kept_approval
from natgw_provider.resources.resource_type import ResourceType
from natgw_provider.resources.single_address import SINGLE_ELASTIC_IP, SINGLE_PRIVATE_IP
from support.either_kind import EitherKind, elastic_ip
from support.resource import GATEWAY_ID, RememberingEngine, configuration, configured_with, context, gateway, proposed

A, B, C = "10.0.0.21", "10.0.0.22", "10.0.0.23"
OTHER = "nat-00000001"


@dataclass
class Single:
    """One resource, or several of one run, on a gateway that only remembers."""

    kind: AddressKind
    engine: RememberingEngine
    configured: Configured

    @property
    def declared(self) -> ResourceType:
        return SINGLE_ELASTIC_IP if self.kind is ELASTIC_IPS else SINGLE_PRIVATE_IP

    @property
    def resource(self) -> AddressResource:
        return AddressResource(self.declared, lambda: self.configured)

    def key(self, address: str) -> str:
        return elastic_ip(address) if self.kind is ELASTIC_IPS else address

    def on(self, *addresses: str, **changes: Any) -> NatGateway:
        """Put these on the gateway, and begin a new run."""
        self.configured = configured_with(self.engine)
        self.engine.gateway = EitherKind(self.kind).gateway(gateway(*addresses, **changes))
        assert self.engine.gateway is not None
        return self.engine.gateway

    def status(self, address: str, status: AddressStatus) -> None:
        """Let the gateway show an address in a status, or not at all."""
        found = self.engine.gateway
        assert found is not None
        addresses = [replace(it, status=status) if it.key == self.key(address) else it for it in found.addresses]
        self.engine.gateway = replace(found, addresses=tuple(addresses))

    def config(self, address: Any, **arguments: Any) -> dict[str, Any]:
        return configuration(
            self.declared,
            **{self.declared.argument: self.key(address) if isinstance(address, str) else address},
            **arguments,
        )

    def plan(self, address: Any, prior: ReadResponse | None = None, **arguments: Any) -> PlanResponse:
        config = self.config(address, **arguments)
        state = prior.state if prior else None
        proposal = proposed(config, state, self.declared)
        return self.resource.plan(PlanRequest(state, proposal, config, (prior and prior.private) or {}), context())

    def destroy(self, prior: ReadResponse) -> PlanResponse:
        return self.resource.plan(PlanRequest(prior.state, None, None), context())

    def refreshed(self, address: str, **arguments: Any) -> ReadResponse:
        state = {**self.config(address, **arguments), "last_change": None}
        return self.resource.read(ReadRequest(state), context())

    def imported(self, **given: Any) -> ImportResponse:
        return self.resource.import_state(ImportRequest(given.get("id"), given.get("identity")), context())


@pytest.fixture(params=KINDS, ids=lambda kind: kind.connectivity)
def single(request: pytest.FixtureRequest) -> Single:
    return single_of(request.param)


def single_of(kind: AddressKind) -> Single:
    """Return a resource of a kind, on a gateway without secondaries."""
    engine = RememberingEngine(None)
    single = Single(kind, engine, configured_with(engine))
    single.on()
    return single


def state(response: PlanResponse | ReadResponse) -> dict[str, Any]:
    found = response.planned_state if isinstance(response, PlanResponse) else response.state
    assert found is not None, response.diagnostics
    return found


def test_creating_says_what_is_assigned_and_nothing_of_the_rest_of_the_gateway(single: Single) -> None:
    planned = state(single.plan(A))
    add, key = single.kind.add.base, single.key(A)
    change = {"summary": f"{add} {key}", "assign": key, "unassign": "none", "drain": "none"}
    assert planned["last_change"] == change
    assert planned["id"] == f"{GATEWAY_ID}/{key}"
    assert planned["status"] is UNKNOWN


@pytest.mark.parametrize("status", [*AddressStatus])
def test_a_plan_is_the_same_whatever_else_the_gateway_has_by_then(single: Single, status: AddressStatus) -> None:
    """Terraform plans again during apply, when other resources change the same gateway."""
    before = single.plan(A)
    single.on(*(f"10.0.0.{host}" for host in range(30, 37)), state=GatewayState.PENDING)
    single.status("10.0.0.30", status)
    after = single.plan(A)
    assert after.planned_state == before.planned_state
    assert after.planned_private == before.planned_private


def test_what_is_on_the_gateway_already_is_adopted_without_a_change(single: Single) -> None:
    single.on(A)
    response = single.plan(A)
    assert state(response)["last_change"]["summary"] == "nothing"
    approval = kept_approval(response.planned_private or {})
    assert approval is not None
    assert (approval.assign, approval.unassign) == (frozenset(), frozenset())


def test_a_change_of_settings_changes_nothing_else_and_approves_nothing(single: Single) -> None:
    single.on(A)
    prior = single.refreshed(A)
    response = single.plan(A, prior, max_drain_duration_seconds=60, on_destroy="retain")
    changed = {name for name, value in state(response).items() if value != state(prior)[name]}
    assert changed == {"max_drain_duration_seconds", "on_destroy"}
    assert response.requires_replace == ()
    assert "approved" not in (response.planned_private or {})
    assert state(single.plan(A, prior)) == state(prior)


def test_another_address_replaces_the_resource_and_warns_of_the_drain(single: Single) -> None:
    single.on(A)
    response = single.plan(B, single.refreshed(A, max_drain_duration_seconds=90))
    assert response.requires_replace == (single.declared.argument,)
    (diagnostic,) = response.diagnostics
    assert diagnostic.summary == f"{GATEWAY_ID} drains {single.key(A)}"
    assert "Replacing" in diagnostic.detail
    assert "90 s" in diagnostic.detail


def test_another_address_on_another_gateway_replaces_the_resource(single: Single) -> None:
    """Terraform plans such a resource twice: as an update first, then as a new one."""
    single.on(A, nat_gateway_id=OTHER)
    prior = single.refreshed(A, nat_gateway_id=OTHER)
    single.on()
    assert single.plan(B, prior).requires_replace == (single.declared.argument,)
    assert state(single.plan(B))["id"] == f"{GATEWAY_ID}/{single.key(B)}"


def test_an_unknown_address_replaces_the_resource_and_says_that_it_can_be_the_same(single: Single) -> None:
    single.on(A)
    response = single.plan(UNKNOWN, single.refreshed(A))
    assert response.requires_replace == (single.declared.argument,)
    drains, unknown = response.diagnostics
    assert drains.summary == f"{GATEWAY_ID} drains {single.key(A)}"
    assert "drains for nothing" in unknown.detail
    assert "-target" in unknown.detail


def test_an_unknown_address_of_a_new_resource_is_planned_without_a_warning(single: Single) -> None:
    single.on(B)
    response = single.plan(UNKNOWN)
    planned = state(response)
    assert not response.diagnostics
    assert (planned["id"], planned["last_change"]["assign"]) == (UNKNOWN, UNKNOWN)
    assert (planned["last_change"]["unassign"], planned["last_change"]["drain"]) == ("none", "none")


def test_destroying_warns_of_the_address_its_gateway_and_the_window(single: Single) -> None:
    single.on(A, B)
    (diagnostic,) = single.destroy(single.refreshed(A)).diagnostics
    assert diagnostic.summary == f"{GATEWAY_ID} drains {single.key(A)}"
    assert "350 s" in diagnostic.detail
    (diagnostic,) = single.destroy(single.refreshed(A, on_destroy="retain")).diagnostics
    assert diagnostic.summary == f"{GATEWAY_ID} keeps {single.key(A)}"


class TestMoving:
    """Another gateway for the same address: in place, as for a set, so that an unknown id never drains for nothing."""

    @pytest.fixture
    def prior(self, single: Single) -> ReadResponse:
        single.on(A, B, nat_gateway_id=OTHER)
        prior = single.refreshed(A, nat_gateway_id=OTHER)
        single.on()
        return prior

    def test_says_both_halves(self, single: Single, prior: ReadResponse) -> None:
        response = single.plan(A, prior)
        key, add = single.key(A), single.kind.add.base
        assert response.requires_replace == ()
        assert state(response)["id"] == f"{GATEWAY_ID}/{key}"
        assert state(response)["last_change"] == {
            "summary": f"move from {OTHER} to {GATEWAY_ID}: drain {key} on {OTHER} for up to 350 s (5 min 50 s), then "
            f"{add} {key} on {GATEWAY_ID}",
            "assign": key,
            "unassign": f"{key} on {OTHER}",
            "drain": "up to 350 s",
        }
        assert [diagnostic.summary for diagnostic in response.diagnostics] == [f"{OTHER} drains {key}"]

    def test_to_an_unknown_gateway_calls_nothing_if_it_is_the_same(self, single: Single, prior: ReadResponse) -> None:
        response = single.plan(A, prior, nat_gateway_id=UNKNOWN)
        assert response.requires_replace == ()
        (diagnostic,) = response.diagnostics
        assert diagnostic.summary == f"{OTHER}/{single.key(A)}: the gateway is known only after apply"
        assert "If it is the same gateway, apply calls nothing, and nothing drains." in diagnostic.detail
        same = single.plan(A, prior, nat_gateway_id=OTHER)
        assert state(same) == prior.state

    def test_releases_its_own_address_only(self, single: Single, prior: ReadResponse) -> None:
        planned = single.plan(A, prior)
        config = single.config(A)
        request = ApplyRequest(prior.state, planned.planned_state, config, planned.planned_private or {})
        single.resource.apply(request, context())
        (sent,) = single.engine.requests
        assert sent.release is not None
        assert sent.release.target == Part(remove=frozenset({single.key(A)}))
        assert sent.target == Part(add=frozenset({single.key(A)}))
        assert sent.shares_gateway
        assert sent.release.shares_gateway


def test_apply_asks_for_its_own_address_and_shares_the_gateway(single: Single) -> None:
    single.on(B)
    planned, key = single.plan(A), single.key(A)
    request = ApplyRequest(None, planned.planned_state, single.config(A), planned.planned_private or {})
    single.on(A, B)
    response = single.resource.apply(request, context())
    (sent,) = single.engine.requests
    assert (sent.target, sent.shares_gateway) == (Part(add=frozenset({key})), True)
    assert (sent.approval.assign, sent.approval.unassign) == (frozenset({key}), frozenset())
    assert response.new_state is not None
    assert response.new_state["status"] == "succeeded"


def test_destroy_asks_to_remove_its_own_address(single: Single) -> None:
    single.on(A, B)
    prior, key = single.refreshed(A), single.key(A)
    single.resource.apply(ApplyRequest(prior.state, None, None), context())
    (sent,) = single.engine.requests
    assert (sent.target, sent.shares_gateway) == (Part(remove=frozenset({key})), True)
    assert sent.approval == Approval(unassign=frozenset({key}), assign=frozenset())


def test_an_address_that_the_gateway_lost_leaves_the_state_with_a_warning(single: Single) -> None:
    single.on(B)
    response = single.refreshed(A)
    assert response.state is None
    assert [one.summary for one in response.diagnostics] == [f"{GATEWAY_ID} does not have {single.key(A)}"]


def test_an_address_that_drains_stays_in_the_state_and_is_planned_anew(single: Single) -> None:
    """It stays, so that a destroy that was interrupted waits for its drain when it is run again."""
    single.on(A)
    ongoing = AddressStatus(single.kind.remove.ongoing)
    single.status(A, ongoing)
    prior = single.refreshed(A)
    assert state(prior)["status"] == ongoing.value
    planned = state(single.plan(A, prior))
    assert planned["last_change"]["assign"] == single.key(A)
    assert not single.destroy(prior).diagnostics
    single.resource.apply(ApplyRequest(prior.state, None, None), context())
    assert single.engine.requests[0].approval.unassign == {single.key(A)}


def test_an_address_that_failed_is_reported_with_its_reason_and_planned_anew(single: Single) -> None:
    single.on(A, B)
    single.status(A, AddressStatus.FAILED)
    single.status(B, AddressStatus.FAILED)
    prior = single.refreshed(A)
    assert [diagnostic.summary for diagnostic in prior.diagnostics] == [f"{GATEWAY_ID}: {single.key(A)} failed"]
    assert state(single.plan(A, prior))["last_change"]["assign"] == single.key(A)


@pytest.mark.parametrize("by", ["id", "identity"])
def test_it_is_imported_by_the_ids_of_gateway_and_address(single: Single, by: str) -> None:
    single.on(A)
    key = single.key(A)
    identity = {"nat_gateway_id": GATEWAY_ID, single.declared.argument: key}
    response = single.imported(**{"id": f"{GATEWAY_ID}/{key}"} if by == "id" else {"identity": identity})
    assert response.identity == identity
    read = single.resource.read(ReadRequest(response.state or {}), context())
    assert state(read)["id"] == f"{GATEWAY_ID}/{key}"
    assert state(single.plan(A, read)) == state(read)


@pytest.mark.parametrize(
    ("suffix", "said"), [("", '""'), (f"/{B}", "not a secondary"), ("/x", '"x"'), ("/10.0.0.10", "not")]
)
def test_what_is_no_secondary_of_the_gateway_is_not_imported(single: Single, suffix: str, said: str) -> None:
    single.on(A)
    response = single.imported(id=f"{GATEWAY_ID}{suffix}")
    assert response.state is None
    (diagnostic,) = response.diagnostics
    assert diagnostic.path == (single.declared.argument,)
    assert said in diagnostic.detail


class TestWhatIsRefused:
    def refused(self, single: Single, address: Any, **arguments: Any) -> Any:
        try:
            (diagnostic,) = single.plan(address, **arguments).diagnostics
        except DiagnosticsError as error:
            (diagnostic,) = error.diagnostics
        return diagnostic

    def test_the_primary(self, single: Single) -> None:
        diagnostic = self.refused(single, "10.0.0.10")
        assert diagnostic.path == (single.declared.argument,)
        assert "primary" in diagnostic.detail

    def test_a_gateway_of_the_other_kind(self, single: Single) -> None:
        single.on(connectivity_type="public")
        diagnostic = self.refused(single, A)
        assert diagnostic.path == ("nat_gateway_id",)
        assert single.declared.name in diagnostic.detail

    def test_one_address_twice(self, single: Single) -> None:
        single.plan(A)
        single.plan(B)
        diagnostic = self.refused(single, A)
        assert diagnostic.path == (single.declared.argument,)
        assert "managed already" in diagnostic.summary

    def test_replacing_it_by_itself(self, single: Single) -> None:
        single.on(A)
        single.plan(A, single.refreshed(A))
        assert "leave `-replace` out" in self.refused(single, A).detail

    def test_but_not_addresses_that_are_unknown(self, single: Single) -> None:
        assert not single.plan(UNKNOWN).diagnostics
        assert not single.plan(UNKNOWN).diagnostics

    @pytest.mark.parametrize("address", [None, "10.0.0.x", "eipalloc-x"])
    def test_what_is_no_address(self, single: Single, address: str | None) -> None:
        config = {**single.config(None), single.declared.argument: address}
        (diagnostic,) = single.resource.validate(config, context())
        assert diagnostic.path == (single.declared.argument,)


def test_a_private_address_has_to_be_in_the_subnet_of_the_gateway() -> None:
    (diagnostic,) = single_of(PRIVATE_IPS).plan("10.0.1.20").diagnostics
    assert diagnostic.path == ("private_ip_address",)
    assert "10.0.0.4 to 10.0.0.254" in diagnostic.detail


class TestThePrivateAddressOfAnElasticIp:
    @pytest.fixture
    def single(self) -> Single:
        return single_of(ELASTIC_IPS)

    def test_goes_to_the_engine(self, single: Single) -> None:
        planned = single.plan(A, private_ip_address=A)
        request = ApplyRequest(None, planned.planned_state, single.config(A), planned.planned_private or {})
        single.on(A)
        response = single.resource.apply(request, context())
        assert single.engine.requests[0].rules.private_ips == {single.key(A): A}
        assert response.new_state is not None
        assert (response.new_state["private_ip_address"], response.new_state["public_ip"]) == (A, "203.0.113.21")

    def test_is_shown_when_aws_picks_it(self, single: Single) -> None:
        assert state(single.plan(A))["private_ip_address"] is UNKNOWN
        single.on(A)
        assert state(single.refreshed(A))["private_ip_address"] == A

    def test_cannot_change(self, single: Single) -> None:
        single.on(A)
        (diagnostic,) = single.plan(A, single.refreshed(A), private_ip_address=B).diagnostics
        assert diagnostic.path == ("private_ip_address",)
        assert "cannot change" in diagnostic.summary

    def test_has_to_be_in_the_subnet(self, single: Single) -> None:
        (diagnostic,) = single.plan(A, private_ip_address="10.0.1.20").diagnostics
        assert diagnostic.path == ("private_ip_address",)
