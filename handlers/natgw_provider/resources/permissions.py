"""`check_permissions_at_plan`: the dry runs that apply always makes, made at plan already. It changes nothing."""

from __future__ import annotations

from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.core import limits, names
from natgw_provider.resources.declaration import Declaration
from natgw_provider.resources.diagnostics import errors
from natgw_provider.resources.engine import Configured
from natgw_provider.resources.planned_state import PlannedChange


def permission_errors(declaration: Declaration, planned: PlannedChange, configured: Configured) -> list[Diagnostic]:
    """Return an error for each planned call that AWS would deny."""
    seconds = declaration.setting(names.MAX_DRAIN) or limits.DRAIN_SECONDS_DEFAULT  # no permission depends on it
    return errors(configured.engine.preflight(planned.gateway.nat_gateway_id, planned.change, seconds))
