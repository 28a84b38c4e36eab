"""Terraform starts a provider three to five times per command: each start loads what it is asked for, and no more."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.plugin_client import Plugin, started
from generate import schema_answer
from natgw_provider.__main__ import SCHEMA_FILE
from natgw_provider.aws.trimmed_models import trimmed_models_folder
from natgw_provider.core import names
from natgw_provider.resources.address_set import PRIVATE_IP_SET
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_block import SCHEMA

OURS = (sys.executable, "-X", "importtime", "-m", "natgw_provider")
SERVE_FILE = """
from natgw_provider.__main__ import natgw_provider
from natgw_provider.bridge.server import serve
serve(natgw_provider, {!r})
"""

PLANS_AND_APPLIES = {
    "natgw_provider.resources.planning",
    "natgw_provider.resources.applying",
    "natgw_provider.core.change_plan",
}


def packed(**known: Any) -> oracle.DynamicValue:
    return oracle.DynamicValue(msgpack=msgpack.packb(known))


def ask_for_the_schema(plugin: Plugin) -> None:
    assert not plugin.call("GetProviderSchema").diagnostics


def validate(plugin: Plugin) -> None:
    block = dict.fromkeys(SCHEMA.value_type.attributes)
    assert not plugin.call("ValidateProviderConfig", config=packed(**block)).diagnostics
    resource = PRIVATE_IP_SET.table.empty | {names.NAT_GATEWAY_ID: "nat-0a1b2c3d4e5f67890"}
    resource[names.ADDRESS_COUNT] = 2
    answer = plugin.call("ValidateResourceConfig", type_name=names.PRIVATE_IPS_TYPE, config=packed(**resource))
    assert not answer.diagnostics


@pytest.mark.parametrize(
    ("asked", "unneeded"),
    [
        (ask_for_the_schema, {"google.protobuf", "msgpack", "natgw_provider.resources.provider", "botocore", "boto3"}),
        (validate, {"botocore", "boto3", "cryptography", *PLANS_AND_APPLIES}),
    ],
)
def test_a_start_loads_nothing_that_it_is_not_asked_for(
    asked: Callable[[Plugin], None], unneeded: set[str], tmp_path: Path
) -> None:
    with started(tmp_path, command=OURS) as first:
        ask_for_the_schema(first)  # makes the certificate, which takes cryptography
    with started(tmp_path, command=OURS) as plugin:
        asked(plugin)
        plugin.shut_down()
        assert plugin.wait() == 0
    loaded = set(re.findall(r"\|\s+([\w.]+)$", (tmp_path / "stderr").read_text(), re.MULTILINE))
    assert "natgw_provider.bridge.process" in loaded
    assert loaded & unneeded == set()


def test_the_prepared_schema_is_the_one_that_the_provider_works_out() -> None:
    assert Path(SCHEMA_FILE).read_bytes() == schema_answer()


def test_terraform_is_given_the_prepared_schema(tmp_path: Path) -> None:
    prepared = oracle.GetProviderSchema.Response(provider=oracle.Schema(version=99)).SerializeToString()
    (tmp_path / "prepared").write_bytes(prepared)
    command = (sys.executable, "-c", SERVE_FILE.format(str(tmp_path / "prepared")))
    with started(tmp_path, command=command) as plugin:
        assert plugin.call("GetProviderSchema").provider.version == 99


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
def test_without_a_prepared_schema_it_is_worked_out(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "prepared").write_bytes(content)
    command = (sys.executable, "-c", SERVE_FILE.format(str(tmp_path / "prepared")))
    with started(tmp_path, command=command) as plugin:
        answer = plugin.call("GetProviderSchema")
        assert answer == oracle.GetProviderSchema.Response.FromString(schema_answer())
        assert set(answer.resource_schemas) == set(NatgwProvider().resources)


def test_a_start_keeps_nothing_but_the_certificate(tmp_path: Path) -> None:
    with started(tmp_path, command=OURS) as plugin:
        block = dict.fromkeys(SCHEMA.value_type.attributes)
        block |= {"region": "eu-central-1", "access_key": "a", "secret_key": "a", "skip_credentials_validation": True}
        assert not plugin.call("ConfigureProvider", terraform_version="1.11.4", config=packed(**block)).diagnostics
        plugin.shut_down()
        assert plugin.wait() == 0
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert [path.suffix for path in kept] == [".pem"]


def test_a_start_makes_clients_from_trimmed_models(tmp_path: Path) -> None:
    """Otherwise the last start of each command parses 4.4 MB of JSON: run `make setup` after a change of operations."""
    assert trimmed_models_folder().is_dir()
