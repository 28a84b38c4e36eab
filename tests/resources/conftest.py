"""The engine's own stage: a simulated AWS on a manual clock."""

from __future__ import annotations

from engine.conftest import pytest_generate_tests, relay, stage

__all__ = ["pytest_generate_tests", "relay", "stage"]
