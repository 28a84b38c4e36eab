"""A bare environment, a simulated AWS over HTTP, and the settings of provider blocks."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from support.https import RefusingProxy

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/natgw"
SECRET = "plantedSECRET"  # noqa: S105 - planted, to be found if it leaks
KEYS = {"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": SECRET}


def settings(url: str | None, **more: Any) -> ConnectionSettings:
    """Return those of a block with keys, a region, and both endpoints at `url`; a None in `more` takes one away."""
    endpoints = {"ec2": url, "sts": url} if url else {}
    plain: dict[str, Any] = {"region": "eu-central-1", "endpoints": endpoints, **KEYS}
    return ConnectionSettings(**(plain | more))


def keyless(url: str | None, **more: Any) -> ConnectionSettings:
    """Return those of a block that leaves the credentials to environment, profile and machine."""
    return settings(url, access_key=None, secret_key=None, **more)


def offline(**more: Any) -> ConnectionSettings:
    """Return those of a block whose connection calls nothing."""
    return settings(None, **{"skip_credentials_validation": True, **more})


def problem_of(wanted: ConnectionSettings) -> Problem:
    """Return why there is no connection; neither the problem nor its traceback holds a secret."""
    with pytest.raises(ProblemError) as caught:
        connect(wanted)
    problem = caught.value.problem
    assert SECRET not in f"{problem} {''.join(traceback.format_exception(caught.value))}"
    return problem


def keys_of(connection: Connection) -> tuple[str, str, str | None]:
    """Return the credentials that the calls of a connection are signed with."""
    found = connection.calls._client._request_signer._credentials.get_frozen_credentials()
    return found.access_key, found.secret_key, found.token


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
