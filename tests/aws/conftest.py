"""Fixtures: an environment without the machine's own AWS settings, and a simulated AWS over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from support.https import RefusingProxy


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own AWS settings reaches a test."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture(scope="package")
def served() -> Iterator[Simulator]:
    with Simulator(clock=ManualClock()) as aws:
        yield aws


@pytest.fixture
def aws(served: Simulator) -> Simulator:
    served.reset()
    served.clear_calls()
    return served


@pytest.fixture
def proxy() -> Iterator[RefusingProxy]:
    proxy = RefusingProxy()
    yield proxy
    proxy.close()
