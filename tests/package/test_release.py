"""A release: the same bytes each time, and everything in it that a stranger checks."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from bundle_parts import MACHINES
from natgw_provider import __version__
from natgw_provider.cli.mirror import launcher_text
from release import python_packages
from support.package import EXECUTABLE, SOURCE, build_release, zip_name
from support.repository import ROOT

pytestmark = pytest.mark.package

NAME = f"terraform-provider-natgw_{__version__}"


def sums(folder: Path) -> dict[str, str]:
    lines = (folder / f"{NAME}_SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_two_builds_of_one_commit_are_equal(release: Path, tmp_path: Path) -> None:
    """Whatever the folder, the time zone, the language and the seed of hashes."""
    again = build_release(tmp_path / "another folder", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="7")
    assert sums(again) == sums(release)


def test_the_sums_are_those_of_every_file(release: Path) -> None:
    found = {path.name: path for path in release.iterdir() if path.is_file() and not path.name.endswith("SHA256SUMS")}
    assert sums(release) == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}
    kinds = {name.removeprefix(NAME).removeprefix(f"natgw-{__version__}") for name in found}
    linux = {f"_{platform}{ending}" for platform in MACHINES for ending in (".zip", ".cdx.json")}
    launchers = {"_darwin_amd64.zip", "_darwin_arm64.zip"}
    assert kinds == linux | launchers | {"_manifest.json", "-py3-none-any.whl", ".tar.gz"}
    manifest = json.loads(found[f"{NAME}_manifest.json"].read_text())
    assert manifest == {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}


@pytest.mark.parametrize("platform", MACHINES)
def test_a_package_is_small_and_holds_no_path_of_the_builder(release: Path, platform: str) -> None:
    archive = release / zip_name(platform)
    assert archive.stat().st_size < 20_000_000
    with zipfile.ZipFile(archive) as opened:
        assert {EXECUTABLE, "NOTICE", "lib/ld.so", "lib/files"} <= set(opened.namelist())
        for name in opened.namelist():
            assert str(Path.home()).encode() + b"/" not in opened.read(name), name
            assert b"build/parts" not in opened.read(name), name


@pytest.mark.parametrize("platform", MACHINES)
def test_the_notice_has_the_licence_of_each_component_in_the_bill_of_materials(release: Path, platform: str) -> None:
    bill = json.loads((release / f"{NAME}_{platform}.cdx.json").read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["version"]) == ("CycloneDX", __version__)
    with zipfile.ZipFile(release / zip_name(platform)) as opened:
        notice = opened.read("NOTICE").decode()
    named = {component["name"]: component for component in bill["components"]}
    libraries = {"libc6", "libexpat1", "libssl3", "libpython3.11-minimal", "musl-dev", "zlib1g"}
    assert {"boto3", "botocore", "protobuf", *libraries} <= named.keys()
    for name, component in named.items():
        expression = component["licenses"][0]["expression"]
        assert f"{name} {component['version']} " in notice
        assert re.search(rf"^{re.escape(name)} .*: {re.escape(expression)}$", notice, flags=re.MULTILINE)
    for text in ("GNU LESSER GENERAL PUBLIC LICENSE", "GCC RUNTIME LIBRARY EXCEPTION", "Mozilla Public License"):
        assert text.lower() in notice.lower()


def test_the_mirror_lists_each_package_with_both_hashes(release: Path) -> None:
    place = release / "mirror" / SOURCE
    assert json.loads((place / "index.json").read_text()) == {"versions": {__version__: {}}}
    archives = json.loads((place / f"{__version__}.json").read_text())["archives"]
    assert archives.keys() == {"darwin_amd64", "darwin_arm64", *MACHINES}
    for platform, archive in archives.items():
        assert archive["url"] == zip_name(platform)
        assert f"zh:{sums(release)[archive['url']]}" in archive["hashes"]
        assert (place / archive["url"]).read_bytes() == (release / archive["url"]).read_bytes()


def test_the_macos_package_holds_the_executable_launcher_alone(release: Path) -> None:
    with zipfile.ZipFile(release / zip_name("darwin_arm64")) as archive:
        (entry,) = archive.infolist()
        assert archive.read(entry) == launcher_text().encode()
    assert (entry.filename, entry.external_attr >> 16) == (EXECUTABLE, 0o100755)


def test_a_wheel_can_be_built_for_another_source(tmp_path: Path) -> None:
    with zipfile.ZipFile(python_packages(ROOT, tmp_path, "registry.terraform.io/acme/natgw")[0]) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        code = archive.read("natgw_provider/__init__.py").decode()
        texts = [archive.read(name).decode() for name in names if name.endswith((".py", ".sh"))]
    assert 'SOURCE = "registry.terraform.io/acme/natgw"' in code
    assert f'__version__ = "{__version__}"' in code
    assert not [text for text in texts if f'"{SOURCE}"' in text], "it stands in one constant"


@pytest.mark.parametrize("source", ["acme/natgw", "registry.terraform.io/acme/other", 'a.b/c/natgw"\nimport os #'])
def test_what_is_no_source_address_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(SystemExit, match="is not a source address: give HOST/NAMESPACE/natgw"):
        python_packages(ROOT, tmp_path, source)
