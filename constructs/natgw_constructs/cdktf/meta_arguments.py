"""The arguments that every resource and data source of cdktf takes besides its own.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import cdktf


class MetaArguments(TypedDict, total=False):
    """Terraform's meta-arguments."""

    connection: cdktf.SSHProvisionerConnection | cdktf.WinrmProvisionerConnection | dict[str, Any] | None
    """How provisioners reach a machine."""
    count: float | cdktf.TerraformCount | None
    """How many instances."""
    depends_on: Sequence[cdktf.ITerraformDependable] | None
    """What has to be there first."""
    for_each: cdktf.ITerraformIterator | None
    """One instance for each element."""
    lifecycle: cdktf.TerraformResourceLifecycle | dict[str, Any] | None
    """`create_before_destroy`, `prevent_destroy`, `ignore_changes`, `replace_triggered_by`, conditions."""
    provider: cdktf.TerraformProvider | None
    """The provider block to use; the default is the one without an alias."""
    provisioners: (
        Sequence[cdktf.FileProvisioner | cdktf.LocalExecProvisioner | cdktf.RemoteExecProvisioner | dict[str, Any]]
        | None
    )
    """What to run after creation or before destruction."""
