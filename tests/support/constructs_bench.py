"""A library of constructs under test: what every synthesis test needs of cdktf or of cdktn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Bench:
    """A library with its bindings, and a stack to put constructs into."""

    core: ModuleType
    bindings: ModuleType
    stack: Any

    def new_stack(self) -> Any:
        return self.core.TerraformStack(self.core.Testing.app(), "stack")

    def synth(self, stack: Any = None) -> dict[str, Any]:
        text = self.core.Testing.synth(stack or self.stack)
        synthesised: dict[str, Any] = json.loads(text)
        return synthesised

    def resources(self, stack: Any = None, of_type: str = "natgw_secondary_private_ips") -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.synth(stack)["resource"][of_type]
        return found

    def outputs(self, stack: Any = None) -> dict[str, Any]:
        return {name: output["value"] for name, output in self.synth(stack)["output"].items()}

    def ids(self) -> list[str]:
        """Return the ids of what is in the stack."""
        return [child.node.id for child in self.stack.node.children]

    def output(self, value: Any) -> Any:
        """Return what an output of `value` becomes."""
        self.core.TerraformOutput(self.stack, "output", value=value)
        return self.outputs()["output"]

    def variable(self, kind: str) -> Any:
        return self.core.TerraformVariable(self.stack, "variable", type=kind)

    def resource(self, of_type: str = "natgw_secondary_private_ips") -> dict[str, Any]:
        (only,) = self.resources(of_type=of_type).values()
        return only
