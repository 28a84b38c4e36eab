"""The arguments that every resource and data source of cdktn takes besides its own.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import cdktn


class MetaArguments(TypedDict, total=False):
    """Terraform's meta-arguments."""

    connection: cdktn.SSHProvisionerConnection | cdktn.WinrmProvisionerConnection | dict[str, Any] | None
    """How provisioners reach a machine."""
    count: float | cdktn.TerraformCount | None
    """How many instances."""
    depends_on: Sequence[cdktn.ITerraformDependable] | None
    """What has to be there first."""
    for_each: cdktn.ITerraformIterator | None
    """One instance for each element."""
    lifecycle: cdktn.TerraformResourceLifecycle | dict[str, Any] | None
    """`create_before_destroy`, `prevent_destroy`, `ignore_changes`, `replace_triggered_by`, conditions."""
    provider: cdktn.TerraformProvider | None
    """The provider block to use; the default is the one without an alias."""
    provisioners: (
        Sequence[cdktn.FileProvisioner | cdktn.LocalExecProvisioner | cdktn.RemoteExecProvisioner | dict[str, Any]]
        | None
    )
    """What to run after creation or before destruction."""
