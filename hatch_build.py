"""Build hook: cuts botocore's service models to what natgw uses, for a wheel and for an editable install alike.

The cut only saves time. Without it (an unknown layout of a newer botocore) the package works, and says so at
`natgw install --check`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TrimmedModelsHook(BuildHookInterface[Any]):
    """Writes the data into the source tree, where git ignores them, and adds those of this botocore to a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepare a build; `version` is "standard" for a wheel with the package in it, or "editable"."""
        root = Path(self.root)
        sys.path.insert(0, str(root / "handlers"))
        try:
            from natgw_provider.aws.trimmed_models import write_trimmed_models  # noqa: PLC0415 - from this source tree

            folder = write_trimmed_models()
        except (ImportError, OSError, KeyError, AttributeError, TypeError) as problem:
            self.app.display_warning(f"AWS's service models are not cut, so that starts are slower: {problem!r}")
            return
        finally:
            sys.path.pop(0)
        if version == "standard":
            build_data["force_include"][str(folder)] = str(folder.relative_to(root / "handlers"))
