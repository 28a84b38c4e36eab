"""What cannot get better is final after one attempt, for sts, reads and dry runs, and the error says what to do."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random

import pytest

from aws.conftest import SECRET, keyless, problem_of, settings
from engine.stage import ASSIGN, DESCRIBE, GATEWAY, NOTHING
from natgw_provider.aws.client import connect
from natgw_provider.aws.errors import Ec2Error, Rejected
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.change_plan import Assign
from natgw_provider.engine.calls import Limits, SystemClock, repeat
from natgw_provider.simulator.simulator import Simulator
from support.https import TlsFront, certificate_for, tls_front


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: pytest.fail("tried again"))


def errors_of_all_calls(wanted: ConnectionSettings) -> list[Ec2Error]:
    """Return how a read, a dry run and a mutating call end."""
    connection = connect(wanted)
    calls, limits, random = connection.calls, Limits(SystemClock(), threading.Event()), Random(7)  # noqa: S311
    attempts = (
        lambda: repeat(DESCRIBE, lambda: calls.describe([GATEWAY]), limits, attempts=5, random=random),
        lambda: repeat(
            ASSIGN,
            lambda: calls.change(PRIVATE_IPS, NOTHING, Assign(count=1), dry_run=True),
            limits,
            attempts=5,
            random=random,
        ),
        lambda: calls.change(PRIVATE_IPS, NOTHING, Assign(count=1)),
    )
    found = []
    for attempt in attempts:
        with pytest.raises(Ec2Error) as caught:
            attempt()
        found.append(caught.value)
    return found


@pytest.mark.parametrize(
    ("certified", "words"),
    [
        ("localhost", ["custom_ca_bundle", "AWS_CA_BUNDLE", "inspects TLS"]),
        ("other.example.com", ["for another host", "endpoints"]),
    ],
)
def test_a_certificate_that_does_not_verify(aws: Simulator, tmp_path: Path, certified: str, words: list[str]) -> None:
    """One handshake for each call, whether the certificate's authority is unknown or its host another one."""
    pem = certificate_for(certified, tmp_path / "both.pem")
    trusted = {} if certified == "localhost" else {"custom_ca_bundle": str(pem)}

    def check(detail: str, front: TlsFront, handshakes: int) -> None:
        assert front.connections == handshakes
        assert "skip_credentials_validation" not in detail
        for word in words:
            assert word in detail

    with tls_front(aws.url, pem) as front:
        detail = problem_of(settings(front.url, **trusted)).detail
        check(detail, front, 1)
        assert "GetCallerIdentity" in detail
        for error in errors_of_all_calls(settings(front.url, skip_credentials_validation=True, **trusted)):
            assert type(error) is Rejected
            check(error.message, front, front.connections)
        assert front.connections == 4


@pytest.mark.parametrize("variable", ["AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"])
def test_a_key_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch, aws: Simulator, variable: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv(variable, f"{SECRET}\nline")
    found = errors_of_all_calls(keyless(aws.url, skip_credentials_validation=True))
    for words in (problem_of(keyless(aws.url)).detail, *(error.message for error in found)):
        assert "line break" in words
        assert "AWS_SESSION_TOKEN" in words
        assert SECRET not in words
        assert "skip_credentials_validation" not in words
    assert {type(error) for error in found} == {Rejected}
    assert aws.call_counts() == {}


def test_a_ca_bundle_that_cannot_be_parsed(aws: Simulator, tmp_path: Path) -> None:
    pem = certificate_for("localhost", tmp_path / "both.pem")
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with tls_front(aws.url, pem) as front:
        assert "X509" in problem_of(settings(front.url, custom_ca_bundle=str(damaged))).detail
