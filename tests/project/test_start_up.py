"""Terraform starts a provider three to five times per command: each start loads what it is asked for, and no more."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.plugin_client import Plugin, started
from generate import schema_answer
from natgw_provider.__main__ import SCHEMA_FILE
from natgw_provider.byte_code import keep_byte_code
from natgw_provider.core import names
from natgw_provider.resources.provider_schema import SCHEMA
from natgw_provider.resources.secondary_private_ips_schema import SCHEMA as RESOURCE_SCHEMA

OURS = (sys.executable, "-X", "importtime", "-m", "natgw_provider")
START = "from natgw_provider.__main__ import main; main()"
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
    resource = dict.fromkeys(RESOURCE_SCHEMA.value_type.attributes) | {names.NAT_GATEWAY_ID: "nat-0a1b2c3d4e5f67890"}
    resource[names.ADDRESS_COUNT] = 2
    answer = plugin.call("ValidateResourceConfig", type_name=names.RESOURCE_TYPE, config=packed(**resource))
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
        assert set(answer.resource_schemas) == {names.RESOURCE_TYPE}


class TestByteCode:
    @pytest.fixture
    def read_only(self, tmp_path: Path) -> tuple[str, ...]:
        """Return the command of an installation beside whose modules no byte code can be kept."""
        installed = tmp_path / "installed" / "natgw_provider"
        shutil.copytree(Path(SCHEMA_FILE).parents[1], installed, ignore=shutil.ignore_patterns("__pycache__"))
        for folder in [installed, *(path for path in installed.rglob("*") if path.is_dir())]:
            (folder / "__pycache__").touch()  # not a folder: nothing can be written into it, not even by root
        program = f"import sys; sys.path.insert(0, {str(installed.parent)!r}); {START}"
        return (sys.executable, "-E", "-c", program)

    def start(self, world: Path, command: tuple[str, ...]) -> dict[Path, int]:
        """Start and stop a provider; return our byte code in the cache with the times it was written."""
        with started(world, command=command) as plugin:
            ask_for_the_schema(plugin)
            plugin.shut_down()
            assert plugin.wait() == 0
        ours = (world / "cache" / "natgw" / "byte-code").glob("**/natgw_provider/**/*.pyc")
        return {file: file.stat().st_mtime_ns for file in ours}

    def test_that_cannot_be_kept_beside_the_modules_is_kept_in_the_users_cache(
        self, read_only: tuple[str, ...], tmp_path: Path
    ) -> None:
        kept = self.start(tmp_path, read_only)
        assert len(kept) > 10
        assert self.start(tmp_path, read_only) == kept

    def test_is_not_kept_where_others_can_write(self, read_only: tuple[str, ...], tmp_path: Path) -> None:
        for shared in (tmp_path / "cache" / "natgw", tmp_path / "cache" / "natgw" / "byte-code"):
            shared.mkdir(parents=True, exist_ok=True)
            shared.chmod(0o777)
            assert self.start(tmp_path, read_only) == {}
            shared.chmod(0o700)

    def test_stays_where_it_is_when_python_may_write_none(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setattr(sys, "pycache_prefix", None)
        absent = ModuleSpec("absent", None, origin=str(tmp_path / "absent.py"))
        absent.has_location = True
        keep_byte_code(absent, {"XDG_CACHE_HOME": str(tmp_path)})
        assert sys.pycache_prefix is None
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        keep_byte_code(absent, {"XDG_CACHE_HOME": str(tmp_path)})
        assert sys.pycache_prefix == str(tmp_path / "natgw" / "byte-code")

    def test_stays_beside_the_modules_where_it_can(self, tmp_path: Path) -> None:
        assert self.start(tmp_path, (sys.executable, "-E", "-m", "natgw_provider")) == {}
