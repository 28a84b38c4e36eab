"""What the formats show of a row in the same words: its name, its action, its counts, its address lines.

Plain text; each format escapes it its own way.
"""

from __future__ import annotations

from collections.abc import Iterator

from natgw_provider.review.gateway_change import Action, GatewayChange
from natgw_provider.review.sentences import window
from natgw_provider.review.wording import counted

_DOES = {
    Action.NONE: "stays",
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.DELETE: "destroy",
    Action.FORGET: "forget",
}


def action(change: GatewayChange) -> str:
    """Return what Terraform does with the resource."""
    return f"{_DOES[change.action]} (replacement)" if change.is_replacement else _DOES[change.action]


def gateway(change: GatewayChange) -> str:
    """Return the gateway's id."""
    return change.nat_gateway_id or "gateway known at apply"


def counts(change: GatewayChange) -> str:
    """Return how many addresses stay, come and go."""
    if not change.is_decided:
        return "known at apply, none drains"
    parts = [f"{len(change.kept)} kept"] if change.kept else []
    parts += [f"{change.assign_count} assigned"] if change.assign_count else []
    parts += [f"{len(change.unassign)} drained"] if change.unassign else []
    return ", ".join(parts) or "none"


def address_lines(change: GatewayChange) -> Iterator[str]:
    """Yield the addresses of a row as lines of a diff: "-" goes, "+" comes, a space stays."""
    if change.is_sensitive:
        yield f"! {counts(change)}; Terraform holds the addresses back as sensitive"
        return
    if not change.is_decided:
        yield "! known at apply; none drains"
        return
    if change.primary and change.nat_gateway_id:
        yield f"  {change.primary:<15}  primary, {'goes with the gateway' if change.gateway_fate else 'stays'}"
    for address in change.kept or ():
        yield f"  {address:<15}  {'goes with the gateway' if change.gateway_fate else 'stays'}"
    for address in change.draining:
        yield f"  {address:<15}  drains already"
    yield from _going(change)
    yield from _coming(change)


def _going(change: GatewayChange) -> Iterator[str]:
    came = "was there before" if change.action is Action.CREATE else "added outside Terraform"
    for address in change.unassign:
        note = f", {came}" if address in change.unmanaged else ""
        yield f"- {address:<15}  drains {window(change)}{note}"


def _coming(change: GatewayChange) -> Iterator[str]:
    if change.assign is None and change.assign_count:
        yield f"+ {counted(change.assign_count, 'address', 'addresses')} that AWS picks"
    for address in change.assign or ():
        yield f"+ {address:<15}  assigned"
