"""Build hook: prepares what a wheel, and in part an editable install, has besides the files that git tracks.

* botocore's service models, cut to what natgw uses. The cut only saves time: without it (an unknown layout of a newer
  botocore) the package works, and `natgw install --check` says that it is slower.
* Another source address for the provider, where `NATGW_SOURCE` names one (`make release SOURCE=...`).
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PreparedFilesHook(BuildHookInterface[Any]):
    """Writes the service models into the source tree, where git ignores them, and adds to a wheel what is prepared."""

    PLUGIN_NAME = "custom"
    _scratch: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepare a build; `version` is "standard" for a wheel with the package in it, or "editable"."""
        package = Path(self.root, "handlers", "natgw_provider")
        models = self._trimmed_models(package)
        if version != "standard":
            return
        if models is not None:
            build_data["force_include"][str(models)] = str(models.relative_to(package.parent))
        if source := os.environ.get("NATGW_SOURCE"):
            changed = _with_source((package / "__init__.py").read_text(encoding="utf-8"), source)
            self._scratch = tempfile.TemporaryDirectory(prefix="natgw-build-")
            file = Path(self._scratch.name, "__init__.py")
            file.write_text(changed, encoding="utf-8")
            build_data["force_include"][str(file)] = "natgw_provider/__init__.py"

    def finalize(self, *_: Any) -> None:
        """Remove what only this build needed."""
        if self._scratch is not None:
            self._scratch.cleanup()

    def _trimmed_models(self, package: Path) -> Path | None:
        sys.path.insert(0, str(package.parent))
        try:
            from natgw_provider.aws.trimmed_models import write_trimmed_models  # noqa: PLC0415 - from this source tree

            return write_trimmed_models()
        except (ImportError, OSError, KeyError, AttributeError, TypeError) as problem:
            self.app.display_warning(f"AWS's service models are not cut, so that starts are slower: {problem!r}")
            return None
        finally:
            sys.path.pop(0)


def _with_source(code: str, source: str) -> str:
    """Return the package's first module with another source address. Raises ValueError when `source` is none."""
    label = r"[a-z0-9]+(-[a-z0-9]+)*"
    if not re.fullmatch(rf"{label}(\.{label})*(:\d{{1,5}})?/{label}/natgw", source):
        raise ValueError(
            f"{source!r} is not a source address: give HOST/NAMESPACE/natgw, as registry.terraform.io/acme/natgw"
        )
    changed, count = re.subn(r'^SOURCE = ".*"$', f'SOURCE = "{source}"', code, flags=re.MULTILINE)
    if count != 1:
        raise ValueError("SOURCE is not in one line of natgw_provider/__init__.py")
    return changed
