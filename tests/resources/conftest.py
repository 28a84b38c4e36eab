"""The engine's own stage: a simulated AWS on a manual clock."""

from __future__ import annotations

from engine.conftest import relay, stage

__all__ = ["relay", "stage"]
