"""Runs the steps of a change plan on the model of AWS, and says what must hold of every such run.

The bridge between the core's types and `aws_model`, which knows none of them.
"""

from __future__ import annotations

from natgw_provider.core.change_plan import (
    Assign,
    ChangePlan,
    Step,
    Unassign,
    WaitForRelease,
    WaitUntilIdle,
    plan_change,
)
from natgw_provider.core.diff import Count, Diff, ExactSet
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway
from support.aws_model import ASSIGNING, DRAINING, FAILED, SERVING, ModelGateway, Pick
from support.strategies import Case, gateway_of, primary, secondary

_SUBNET = tuple(f"10.0.0.{host}" for host in range(4, 255))
_MEANING = {
    None: SERVING,
    AddressStatus.SUCCEEDED: SERVING,
    AddressStatus.ASSIGNING: ASSIGNING,
    AddressStatus.UNASSIGNING: DRAINING,
    AddressStatus.FAILED: FAILED,
}


def model_of(gateway: NatGateway, quota: int, pick: Pick = min) -> ModelGateway:
    """Return the model of AWS in the state that a snapshot shows."""
    shown = {address.key: _MEANING[address.status] for address in gateway.addresses if not address.is_primary}
    first = gateway.primary.key if gateway.primary else "10.0.0.4"
    return ModelGateway(
        primary=first,
        quota=quota,
        secondaries=shown,
        free=[address for address in _SUBNET if address != first],
        pick=pick,
        available=gateway.state is GatewayState.AVAILABLE,
    )


def snapshot_of(model: ModelGateway) -> NatGateway:
    """Return what a read of the model's gateway shows; the gateway is available."""
    status = {meaning: shown for shown, meaning in _MEANING.items() if shown}
    shown = [secondary(address, status[now]) for address, now in model.secondaries.items()]
    return gateway_of(primary(model.primary), *shown)


def diff_of(case: Case) -> Diff:
    """Return the difference between a case's gateway and what is declared for it."""
    if isinstance(case.wanted, int):
        return Count(case.wanted).diff(case.gateway)
    return ExactSet(tuple(case.wanted)).diff(case.gateway)


def change_of(case: Case, *, wait_for_drain: bool = True) -> ChangePlan:
    """Return the change plan of a case."""
    return plan_change(diff_of(case), case.gateway, quota=case.quota, wait_for_drain=wait_for_drain)


def run_step(model: ModelGateway, step: Step) -> None:
    """Do what the step's own documentation says. Raises RefusedError where AWS would reject a call."""
    match step:
        case WaitUntilIdle():
            model.settled()
        case Assign(addresses, count):
            model.assign(addresses, count)
            model.assigned()
        case Unassign(addresses):
            model.unassign(addresses)
        case WaitForRelease(addresses):
            model.released(addresses)


def run_change(model: ModelGateway, change: ChangePlan) -> None:
    """Run every step in order."""
    for step in change.steps:
        run_step(model, step)


def is_reached(model: ModelGateway, wanted: tuple[str, ...] | int) -> bool:
    """Whether what the gateway has, or is about to have, is what was declared."""
    has = model.having(SERVING, ASSIGNING)
    return len(has) == wanted if isinstance(wanted, int) else has == set(wanted)
