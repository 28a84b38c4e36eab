"""Every fuzz target, by name."""

from __future__ import annotations

from collections.abc import Mapping

from fuzz import aws_targets, bridge_targets, resource_targets, text_targets
from fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    target.name: target
    for group in (bridge_targets, resource_targets, text_targets, aws_targets)
    for target in group.TARGETS
}
