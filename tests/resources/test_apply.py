"""What an apply makes of a plan when the gateway, or what was unknown, turned out other than the plan saw it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from engine.stage import GATEWAY, UNASSIGN, Stage, ip
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.settings import SETTINGS, ChangeSettings
from natgw_provider.engine.change import ChangeRequest, Outcome
from support.mini_terraform import Inconsistent, MiniTerraform
from support.resource import RememberingEngine, gateway

ADDRESSES = "secondary_private_ip_addresses"
COUNT = "secondary_private_ip_address_count"
DRAIN = "max_drain_duration_seconds"


def applied(stage: Stage, **arguments: Any) -> MiniTerraform:
    """Return a Terraform that has applied these arguments."""
    stage.keys(ip(*range(10, 24)))
    terraform = MiniTerraform(stage.new_engine, stage.kind)
    assert terraform.apply(terraform.plan(**arguments), **arguments) == []
    return terraform


def set_of(terraform: MiniTerraform, name: str = ADDRESSES) -> tuple[str, ...]:
    assert terraform.state is not None
    return tuple(sorted(terraform.state[name]))


class TestDestroy:
    def test_run_again_after_an_interruption_waits_for_the_drain_it_began(self, stage: Stage) -> None:
        """What comes next is the gateway's own deletion, which cuts what still drains."""
        stage.seed(10, 11)
        terraform = applied(stage, **{ADDRESSES: ip(10, 11)})
        stop = threading.Event()
        stage.clock.at(40, stop.set)
        assert terraform.destroy(stop)
        assert (set_of(terraform), set_of(terraform, "draining_private_ip_addresses")) == ((), ip(10, 11))
        assert terraform.destroy() == []
        assert terraform.state is None
        assert stage.truth() == {}

    def test_that_a_long_drain_outlasts_says_where_its_time_is_set(self, stage: Stage) -> None:
        stage.seed(10)
        terraform = applied(stage, **{ADDRESSES: ip(10)})
        stage.outside(UNASSIGN, 10, drain=4000)
        (diagnostic,) = terraform.destroy()
        assert diagnostic.summary == "Timed out"
        assert "destroy again once the drain is over, or apply a longer timeouts.delete first" in diagnostic.detail
        assert terraform.state is not None

    def test_run_again_does_not_wait_when_it_was_not_to_wait(self, stage: Stage) -> None:
        stage.seed(10, 11)
        terraform = applied(stage, **{ADDRESSES: ip(10, 11), "wait_for_drain": False})
        stage.outside(UNASSIGN, 10, drain=300)
        terraform.refresh()
        stage.manual.advance(250)
        begun = stage.manual.now()
        assert terraform.destroy() == []
        assert stage.manual.now() - begun < 100


class TestShrinkingByCount:
    @pytest.mark.parametrize(("hosts", "count"), [((10, 11, 12), 2), ((10, 11, 12, 13), 2)])
    def test_is_refused_when_an_address_that_was_to_stay_is_gone(
        self, stage: Stage, hosts: tuple[int, ...], count: int
    ) -> None:
        stage.seed(*hosts)
        stage.manual.advance(60)
        terraform = applied(stage, **{COUNT: len(hosts)})
        plan = terraform.plan(**{COUNT: count})
        stage.outside(UNASSIGN, 10, drain=1)
        stage.manual.advance(30)
        (refusal,) = terraform.apply(plan, **{COUNT: count})
        assert "plan again" in refusal.detail.lower()
        assert set_of(terraform) == ip(*hosts[1:])
        assert set(stage.truth()) == set(ip(*hosts[1:]))
        assert terraform.apply(terraform.plan(**{COUNT: count}), **{COUNT: count}) == []
        assert set_of(terraform) == tuple(sorted(stage.truth()))

    def test_goes_on_when_one_that_was_to_go_is_gone_already(self, stage: Stage) -> None:
        stage.seed(10, 11, 12, 13)
        stage.manual.advance(60)
        terraform = applied(stage, **{COUNT: 4})
        plan = terraform.plan(**{COUNT: 2})
        stage.outside(UNASSIGN, 13, drain=1)
        stage.manual.advance(30)
        assert terraform.apply(plan, **{COUNT: 2}) == []
        assert set_of(terraform) == ip(10, 11)


@pytest.mark.parametrize(
    ("grown", "planned"), [({ADDRESSES: ip(20, 21)}, "10.0.0.21"), ({COUNT: 2}, "one that AWS picks")]
)
def test_a_success_that_leaves_other_addresses_than_planned_is_an_error_with_the_true_state(
    grown: dict[str, Any], planned: str
) -> None:
    """Whatever the engine made of it: what others build on the state must not be wrong."""

    class Careless(RememberingEngine):
        def carry_out(self, request: ChangeRequest, *_: Any) -> Outcome:
            return Outcome(gateway=gateway(*ip(22, 23)))

    engine = RememberingEngine(gateway(*ip(20)))
    terraform = MiniTerraform(lambda: engine)
    assert terraform.apply(terraform.plan(**{ADDRESSES: ip(20)}), **{ADDRESSES: ip(20)}) == []
    engine = Careless(gateway(*ip(20)))
    (diagnostic,) = terraform.apply(terraform.plan(**grown), **grown)
    assert diagnostic.summary == "The gateway is not as declared"
    assert f"should now be 10.0.0.20, {planned}, and are 10.0.0.22, 10.0.0.23" in diagnostic.detail
    assert set_of(terraform) == ip(22, 23)


def test_the_engine_gets_every_setting_as_it_is_declared_or_by_default() -> None:
    engine = RememberingEngine(gateway(*ip(20)))
    terraform = MiniTerraform(lambda: engine)
    declared = {ADDRESSES: ip(20, 21), DRAIN: 60, "wait_for_drain": False}
    terraform.apply(terraform.plan(**declared), **declared)
    (request,) = engine.requests
    defaults = ChangeSettings(**{name: setting.default_for(PRIVATE_IPS) for name, setting in SETTINGS.items()})
    assert (defaults.min_in_service_addresses, defaults.on_destroy) == (1, "unassign")
    assert request.settings == replace(defaults, max_drain_duration_seconds=60, wait_for_drain=False)


class TestAddressesUnknownAtPlan:
    def undecided(self, terraform: MiniTerraform, **final: Any) -> list[Any]:
        plan = terraform.plan(**{**final, ADDRESSES: UNKNOWN})
        return terraform.apply(plan, **final)

    @pytest.mark.parametrize("settings", [{}, {DRAIN: 60}], ids=["alone", "while the drain time changes"])
    @pytest.mark.parametrize("before", [ip(10, 11), ip(10)], ids=["stay", "grow"])
    def test_may_stay_or_grow(self, stage: Stage, before: tuple[str, ...], settings: dict[str, Any]) -> None:
        stage.seed(10)
        terraform = applied(stage, **{ADDRESSES: before})
        assert self.undecided(terraform, **{ADDRESSES: ip(10, 11)}, **settings) == []
        assert set_of(terraform) == ip(10, 11)

    def test_may_not_shrink(self, stage: Stage) -> None:
        stage.seed(10, 11)
        terraform = applied(stage, **{ADDRESSES: ip(10, 11)})
        with pytest.raises(Inconsistent):
            self.undecided(terraform, **{ADDRESSES: ip(10)})
        assert set(stage.truth()) == set(ip(10, 11))

    def test_after_a_drain_the_reviewer_reads_what_terraform_will_not_take(self, stage: Stage) -> None:
        """The state keeps that drain as the last change, so an apply in which nothing changes cannot promise none."""
        stage.seed(10, 11)
        terraform = applied(stage, **{ADDRESSES: ip(10)})
        (diagnostic,) = terraform.plan(**{ADDRESSES: UNKNOWN}).diagnostics
        assert "or if nothing has to change" in diagnostic.detail
        assert "terraform apply -target=" in diagnostic.detail


class TestMoving:
    OTHER = "nat-00000000000000aa1"

    @pytest.fixture
    def terraform(self, stage: Stage) -> MiniTerraform:
        """A set of one, and another gateway in the subnet."""
        stage.seed(10)
        subnet = stage.api.describe([GATEWAY])[GATEWAY].subnet_id
        stage.seed(12, gateway=self.OTHER, primary=5, subnet_id=subnet)
        return applied(stage, **{ADDRESSES: ip(10)})

    def test_keeps_its_timeout_over_both_halves(self, stage: Stage, terraform: MiniTerraform) -> None:
        stage.outside(UNASSIGN, 12, drain=4000, gateway=self.OTHER)
        timeouts = {"create": None, "update": "3m", "delete": None}
        move: dict[str, Any] = {"nat_gateway_id": self.OTHER, ADDRESSES: ip(11), DRAIN: 100, "timeouts": timeouts}
        begun = stage.manual.now()
        (diagnostic,) = terraform.apply(terraform.plan(**move), **move)
        assert diagnostic.summary == "Timed out"
        assert "not complete after 180 s" in diagnostic.detail
        assert f"The move from {GATEWAY} is half done" in diagnostic.detail
        assert 179 <= stage.manual.now() - begun <= 190
        assert (terraform.state or {})["nat_gateway_id"] == self.OTHER
        stage.manual.advance(4000)
        assert terraform.apply(terraform.plan(**move), **move) == []
        assert stage.truth(self.OTHER) == {ip(11)[0]: "succeeded"}

    def test_waits_for_the_drain_of_what_the_other_gateway_is_to_have_whatever_the_settings_say(
        self, stage: Stage, terraform: MiniTerraform
    ) -> None:
        """An address has to be free before it can be assigned again."""
        move: dict[str, Any] = {
            "nat_gateway_id": self.OTHER,
            ADDRESSES: ip(10, 12),
            DRAIN: 100,
            "wait_for_drain": False,
        }
        assert terraform.apply(terraform.plan(**move), **move) == []
        assert stage.truth(self.OTHER) == dict.fromkeys(ip(10, 12), "succeeded")

    def test_to_a_gateway_that_another_resource_has_taken_meanwhile_releases_nothing(
        self, stage: Stage, terraform: MiniTerraform
    ) -> None:
        """Both ids were unknown at plan, so nothing saw it before."""
        engine = stage.new_engine()
        stage.carry_out(stage.request(ip(12), nat_gateway_id=self.OTHER), engine)
        terraform.make_engine = lambda: engine
        move: dict[str, Any] = {"nat_gateway_id": self.OTHER, ADDRESSES: ip(12, 13)}
        (diagnostic,) = terraform.apply(terraform.plan(**{**move, "nat_gateway_id": UNKNOWN}), **move)
        assert diagnostic.summary == "Two resources manage one NAT gateway"
        assert set(stage.truth()) == set(ip(10))
        assert (terraform.state or {})["nat_gateway_id"] == GATEWAY
