"""A release has what the Registry asks for, the same bytes each time, and packages that hash like an install."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from install.conftest import User
from natgw_provider import SOURCE, __version__
from natgw_provider.cli.install import LAUNCHER, PLATFORMS, launcher_text
from release import python_packages, registry_files
from support.repository import ROOT

NAME = f"terraform-provider-natgw_{__version__}"
LOCKED_PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_arm64")
CONFIGURATION = 'terraform {\n  required_providers {\n    natgw = { source = "terraform.local/natgw/natgw" }\n  }\n}\n'


def test_it_has_the_registrys_files(tmp_path: Path) -> None:
    zips = [f"{NAME}_{platform}.zip" for platform in PLATFORMS]
    assert {path.name for path in registry_files(tmp_path)} == {*zips, f"{NAME}_manifest.json", f"{NAME}_SHA256SUMS"}
    manifest = json.loads((tmp_path / f"{NAME}_manifest.json").read_text())
    assert manifest == {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}


def test_the_sums_are_those_of_the_other_files(tmp_path: Path) -> None:
    *listed, sums = registry_files(tmp_path)
    stated = {tuple(line.split("  ")) for line in sums.read_text().splitlines()}
    assert stated == {(hashlib.sha256(path.read_bytes()).hexdigest(), path.name) for path in listed}


def test_a_package_holds_the_executable_launcher_alone(tmp_path: Path) -> None:
    registry_files(tmp_path)
    with zipfile.ZipFile(tmp_path / f"{NAME}_linux_arm64.zip") as archive:
        (entry,) = archive.infolist()
        assert archive.read(entry) == launcher_text().encode()
    assert (entry.filename, stat.S_IMODE(entry.external_attr >> 16)) == (LAUNCHER, 0o755)


def test_two_builds_are_the_same(tmp_path: Path) -> None:
    builds = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        builds.append([(path.name, path.read_bytes()) for path in registry_files(tmp_path / name)])
    assert builds[0] == builds[1]


def locked_hashes(user: User, folder: Path, mirror: Path) -> set[str]:
    """Return the hashes of the package's contents that `terraform providers lock` notes for each platform."""
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    platforms = [f"-platform={platform}" for platform in LOCKED_PLATFORMS]
    terraform = shutil.which("terraform") or "terraform"
    words = [terraform, f"-chdir={folder}", "providers", "lock", f"-fs-mirror={mirror}", *platforms]
    locked = user.run(words, {"CHECKPOINT_DISABLE": "1"})
    assert locked.returncode == 0, locked.stderr
    return set(re.findall(r'"(h1:[^"]+)"', (folder / ".terraform.lock.hcl").read_text()))


@pytest.mark.terraform
def test_one_hash_in_the_lock_file_holds_for_every_platform_installed_or_released(user: User) -> None:
    user.natgw("install", "--plugin-dir", "mirror", "--all-platforms")
    installed = locked_hashes(user, user.home / "a", user.home / "mirror")
    packed = user.home / "packed" / SOURCE
    packed.mkdir(parents=True)
    registry_files(packed)
    released = locked_hashes(user, user.home / "b", user.home / "packed")
    assert len(installed) == 1
    assert released == installed


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
