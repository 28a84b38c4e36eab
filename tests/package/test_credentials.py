"""Every way to credentials works in the package, where an import that a plain run never makes could be missing."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from aws.test_every_call import GIVEN, PROFILES, ROLE, WAYS, metadata
from bridge.plugin_client import Identity, Plugin
from natgw_provider.bridge.server import COOKIE, COOKIE_NAME
from natgw_provider.resources.provider_block import SCHEMA
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from support.https import RefusingProxy, certificate_for, tls_front
from support.package import EXECUTABLE

pytestmark = pytest.mark.package


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A machine with profiles, a token, a credential process, and metadata of a container and an instance."""
    (tmp_path / "config").write_text(PROFILES.replace("FOLDER", str(tmp_path)))
    (tmp_path / "token").write_text("a-web-token")
    (tmp_path / "process.py").write_text(f"print({json.dumps(json.dumps({'Version': 1, **GIVEN}))})")
    with metadata() as url:
        yield {
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path),
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/container",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
        }


def configure(package: Path, environment: dict[str, str], url: str | None, **block: Any) -> list[str]:
    """Configure the packaged provider and return the details of its errors."""
    identity = Identity.fresh()
    started = {COOKIE_NAME: COOKIE, "PLUGIN_CLIENT_CERT": identity.certificate.decode(), **environment}
    whole: dict[str, Any] = dict.fromkeys(SCHEMA.value_type.attributes) | {"region": "eu-central-1", "max_retries": 0}
    whole |= {"endpoints": {"ec2": url, "sts": url} if url else None, **block}
    with subprocess.Popen([package / EXECUTABLE], env=started, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        plugin = Plugin(process, process.stdout.readline().decode(), identity)
        config = oracle.DynamicValue(msgpack=msgpack.packb(whole))
        answer = plugin.call("ConfigureProvider", terraform_version="1.11.4", config=config)
        plugin.shut_down()
        process.wait()
        plugin.channel.close()
    return [diagnostic.detail for diagnostic in answer.diagnostics]


@pytest.mark.parametrize(("profile", "calls"), [*WAYS, ("process", [])])
def test_a_profile(package: Path, environment: dict[str, str], aws: Simulator, profile: str, calls: list[str]) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"} if profile == "environment" else {}
    assert configure(package, {**environment, **keys}, aws.url, profile=profile) == []
    assert [call.action for call in aws.calls()] == [*calls, "GetCallerIdentity"]


def test_keys_and_a_role_of_the_block_over_tls(
    package: Path, environment: dict[str, str], aws: Simulator, tmp_path: Path
) -> None:
    pem = certificate_for("localhost", tmp_path / "both.pem")
    keys = {"access_key": "AKIA", "secret_key": "s", "custom_ca_bundle": str(pem)}
    role = {**_empty_role(), "role_arn": ROLE}
    with tls_front(aws.url, pem) as front:
        assert configure(package, environment, front.url, **keys, assume_role=role) == []
        (refused,) = configure(package, environment, front.url, **{**keys, "custom_ca_bundle": None})
    assert "certificate" in refused.lower()
    assert aws.call_counts() == {"AssumeRole": 1, "GetCallerIdentity": 1}


@pytest.mark.parametrize("legacy", [True, False])
def test_sso_asks_its_portal(package: Path, environment: dict[str, str], tmp_path: Path, *, legacy: bool) -> None:
    """By way of a proxy that refuses: there is no stand-in for the portal's address."""
    start = "https://example.awsapps.com/start"
    section = f"[sso-session s]\nsso_start_url = {start}\nsso_region = eu-west-1\n[profile new]\nsso_session = s\n"
    (tmp_path / "config").write_text(f"{PROFILES}{section}sso_account_id = 123456789012\nsso_role_name = natgw\n")
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    name = hashlib.sha1((start if legacy else "s").encode()).hexdigest()  # noqa: S324 - as AWS names the file
    token = {"startUrl": start, "region": "eu-west-1", "accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}
    (cache / f"{name}.json").write_text(json.dumps(token))
    proxy = RefusingProxy()
    profile = "sso" if legacy else "new"
    (refused,) = configure(package, environment, None, profile=profile, https_proxy=proxy.url)
    proxy.close()
    assert proxy.hosts == ["portal.sso.eu-west-1.amazonaws.com"]
    assert "403 Forbidden" in refused


def test_a_region_and_an_account_of_aws_itself_are_known(package: Path, environment: dict[str, str]) -> None:
    """Endpoint rules and certificate bundle are read from the package."""
    keys = {"access_key": "AKIA", "secret_key": "s"}
    proxy = RefusingProxy()
    for region, host in [
        ("eu-central-1", "sts.eu-central-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"),
    ]:
        configure(package, environment, None, region=region, https_proxy=proxy.url, **keys)
        assert proxy.hosts[-1] == host
    proxy.close()


def _empty_role() -> dict[str, None]:
    nested = SCHEMA.attribute("assume_role").nested
    assert nested is not None
    return dict.fromkeys(attribute.name for attribute in nested.attributes)
