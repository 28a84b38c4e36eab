"""A look at AWS ends when Terraform is told to stop, whatever AWS does."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.handlers import Context, ImportRequest, PlanRequest, ReadRequest
from natgw_provider.bridge.log import Log
from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.gateway import NatGateway
from natgw_provider.ec2.failures import Failure
from natgw_provider.resources import looking
from natgw_provider.resources.engine import Configured
from natgw_provider.resources.looking import look
from natgw_provider.resources.nat_gateway import NatGatewayDataSource
from natgw_provider.resources.nat_gateway_schema import SCHEMA as LOOKUP_SCHEMA
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_schema import SCHEMA as PROVIDER_SCHEMA
from natgw_provider.resources.secondary_private_ips import SecondaryPrivateIps
from support.resource import GATEWAY_ID, RememberingEngine, configuration, gateway, proposed


@pytest.fixture
def context() -> Context:
    return Context(stop=threading.Event(), terraform_version="1.11.4", log=Log())


def test_what_is_found_is_returned_and_what_is_raised_is_raised(context: Context) -> None:
    assert look(context, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        look(context, lambda: 1 // 0)


def test_what_is_there_already_is_returned_though_told_to_stop(context: Context) -> None:
    context.stop.set()
    assert look(context, lambda: 7) == 7


def test_how_long_it_takes_is_told_now_and_then(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_TICK", 0.001)
    monkeypatch.setattr(looking, "_PROGRESS", 0.0)
    logged, enough = io.StringIO(), threading.Event()

    class Counting(Log):
        def info(self, message: str, **fields: object) -> None:
            super().info(message, **fields)
            if logged.getvalue().count("\n") == 3:
                enough.set()

    assert look(replace(context, log=Counting("info", "natgw", logged)), lambda: enough.wait(20))
    told = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert told[0]["@message"] == "waiting for AWS's answer"
    assert told[0]["seconds"] == "0"


class Silent(RememberingEngine):
    """Does not answer until the test is over."""

    def __init__(self) -> None:
        super().__init__(gateway())
        self.asked, self.over = threading.Event(), threading.Event()

    def read(self, nat_gateway_id: str) -> NatGateway | None:
        self.asked.set()
        self.over.wait(20)
        return super().read(nat_gateway_id)

    def preflight(self, nat_gateway_id: str, change: ChangePlan, max_drain_seconds: int) -> tuple[Failure, ...]:
        self.asked.set()
        self.over.wait(20)
        return ()


class TestAStop:
    @pytest.fixture
    def silent(self) -> Iterator[Silent]:
        engine = Silent()
        yield engine
        engine.over.set()

    def interrupted(self, context: Context, silent: Silent, work: Any) -> None:
        def stop_when_asked() -> None:
            silent.asked.wait(20)
            context.stop.set()

        threading.Thread(target=stop_when_asked).start()
        with pytest.raises(DiagnosticsError) as raised:
            work()
        (told,) = raised.value.diagnostics
        assert told.summary == "Interrupted"
        assert not silent.over.is_set()

    @pytest.fixture
    def configured(self, silent: Silent) -> Configured:
        return Configured(engine=silent, quota=8, check_permissions_at_plan=False)

    def test_ends_a_refresh_a_plan_and_an_import(
        self, context: Context, silent: Silent, configured: Configured
    ) -> None:
        resource = SecondaryPrivateIps(lambda: configured)
        config = configuration(secondary_private_ip_addresses=("10.0.0.21",))
        plan = PlanRequest(prior_state=None, proposed_new_state=proposed(config, None), config=config)
        for work in (
            lambda: resource.read(ReadRequest(config), context),
            lambda: resource.plan(plan, context),
            lambda: resource.import_state(ImportRequest(GATEWAY_ID), context),
        ):
            context.stop.clear()
            silent.asked.clear()
            self.interrupted(context, silent, work)

    def test_ends_the_dry_runs_of_a_plan(self, context: Context, silent: Silent) -> None:
        checking = Configured(engine=silent, quota=8, check_permissions_at_plan=True)
        resource = SecondaryPrivateIps(lambda: checking)
        silent.over.set()
        config = configuration(secondary_private_ip_addresses=("10.0.0.21",))
        state = resource.read(ReadRequest(configuration(last_change=None)), context)
        silent.over.clear()
        silent.asked.clear()
        plan = PlanRequest(
            prior_state=state.state,
            proposed_new_state=proposed(config, state.state),
            config=config,
            prior_private=state.private or {},
        )
        self.interrupted(context, silent, lambda: resource.plan(plan, context))

    def test_ends_a_lookup(self, context: Context, silent: Silent, configured: Configured) -> None:
        config = {**{a.name: None for a in LOOKUP_SCHEMA.attributes}, "id": GATEWAY_ID}
        data_source = NatGatewayDataSource(lambda: configured)
        self.interrupted(context, silent, lambda: data_source.read(config, context))

    def test_ends_the_connecting(self, context: Context, silent: Silent) -> None:
        def connect(*_: Any) -> Any:
            silent.read(GATEWAY_ID)

        block = dict.fromkeys(PROVIDER_SCHEMA.value_type.attributes)
        provider = NatgwProvider(connect)
        self.interrupted(context, silent, lambda: provider.configure(block, context))
