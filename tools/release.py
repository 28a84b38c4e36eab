"""`python tools/release.py`: build what a release uploads, in the layout of the Terraform Registry.

`make release`: self-contained packages for Linux, packages with the Python launcher for macOS, the manifest, bills of
materials, wheel and sdist, the sums of all, and a static mirror. Two builds of one commit give the same bytes where
Debian's packages are the same. The Registry also wants `..._SHA256SUMS.sig`, which only the owner of the key makes.
Layout: developer.hashicorp.com/terraform/registry/providers/publishing.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from bundle_package import Release, build, list_files
from bundle_parts import MACHINES, ROOT, Machine, MissingError, require_tools
from components import bill_of_materials, components, write_notice
from natgw_provider import SOURCE, __version__
from natgw_provider.cli.install import PLATFORMS
from natgw_provider.cli.mirror import LAUNCHER, LAUNCHER_MODE, launcher_text

_NAME: Final = f"terraform-provider-natgw_{__version__}"
_MANIFEST: Final = {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
_EARLIEST: Final = 315619200
"""1980-01-02: a zip can hold no earlier day, in any time zone."""

_UNIX: Final = 3


def run(argv: list[str]) -> int:
    """Build into `--out` and print each file; 1 with one line when this machine cannot build."""
    parser = argparse.ArgumentParser(prog="python tools/release.py", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder to build into (default: dist)")
    parser.add_argument(
        "--source",
        metavar="HOST/NAMESPACE/natgw",
        default=SOURCE,
        help="the provider's source address (default: %(default)s)",
    )
    arguments = parser.parse_args(argv)
    out: Path = arguments.out.absolute()
    try:
        require_tools(list(MACHINES.values()))
        for path in build_all(out, arguments.source):
            print(path)
    except MissingError as problem:
        print(f"make release: {problem}.", file=sys.stderr)
        return 1
    return 0


def build_all(out: Path, source: str) -> list[Path]:
    """Build everything into `out`, and return the files that a release uploads and the folder of the mirror."""
    out.mkdir(parents=True, exist_ok=True)
    packages = python_packages(ROOT, out, source)
    zips, bills = {}, []
    with tempfile.TemporaryDirectory(prefix="natgw-release-") as scratch:
        wheel = Path(scratch, "wheel")
        shutil.unpack_archive(packages[0], wheel, "zip")
        release = Release(wheel, __version__, source)
        for platform in PLATFORMS:
            folder = None
            if machine := MACHINES.get(platform):
                folder = Path(scratch, platform)
                bills.append(out / f"{_NAME}_{platform}.cdx.json")
                bills[-1].write_text(self_contained(machine, release, folder), encoding="utf-8")
            zips[platform] = write_zip(out / f"{_NAME}_{platform}.zip", folder)
    manifest = out / f"{_NAME}_manifest.json"
    _write_json(manifest, _MANIFEST)
    files = [*zips.values(), manifest, *packages, *bills]
    sums = out / f"{_NAME}_SHA256SUMS"
    sums.write_text(_sums(files), encoding="utf-8")
    return [*files, sums, write_mirror(out / "mirror", source, __version__, zips)]


def self_contained(machine: Machine, release: Release, folder: Path) -> str:
    """Build one self-contained package into `folder`, and return its bill of materials."""
    build(machine, release, folder)
    contained = components(machine, folder)
    write_notice(machine, release, contained, folder)
    list_files(folder)
    return bill_of_materials(machine, release, contained, source_date())


def write_mirror(folder: Path, source: str, version: str, zips: Mapping[str, Path]) -> Path:
    """Write a version of the provider `source` below `folder`, `zips` by platform; return the provider's folder.

    Any web server or bucket can serve `folder` by Terraform's network mirror protocol.
    Source: developer.hashicorp.com/terraform/internals/provider-network-mirror-protocol.
    """
    place = folder / source
    place.mkdir(parents=True, exist_ok=True)
    for path in zips.values():
        shutil.copyfile(path, place / path.name)
    archives = {of: {"url": path.name, "hashes": hashes(path)} for of, path in sorted(zips.items())}
    _write_json(place / f"{version}.json", {"archives": archives})
    versions = sorted({version, *(path.stem for path in place.glob("*.json") if path.stem != "index")})
    _write_json(place / "index.json", {"versions": {one: {} for one in versions}})
    return place


def hashes(path: Path) -> list[str]:
    """Return both hashes of a package that a lock file may hold: of its contents (h1), and of the zip itself (zh).

    Source: docs/plugin-hashes in hashicorp/terraform, and golang.org/x/mod/sumdb/dirhash.
    """
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        lines = "".join(f"{_sha256(archive.read(name))}  {name}\n" for name in names)
    contents = base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()
    return [f"h1:{contents}", f"zh:{_sha256(path.read_bytes())}"]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def python_packages(root: Path, out: Path, source: str = SOURCE) -> list[Path]:
    """Build wheel and sdist of the checkout at `root` into `out` with the locked build backend, and return them.

    The wheel's provider and constructs have the address `source`. Raises SystemExit with the backend's output when it
    fails.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--target=wheel", "--target=sdist", f"--directory={out}"]
    environment = {**os.environ, "NATGW_SOURCE": source, "SOURCE_DATE_EPOCH": str(source_date())}
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [out / f"natgw-{__version__}-py3-none-any.whl", out / f"natgw-{__version__}.tar.gz"]


def source_date() -> int:
    """Return the date of every file in a release, in seconds: SOURCE_DATE_EPOCH, or the commit's."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    if not stated:
        words = ["git", "log", "-1", "--format=%ct"]
        stated = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True).stdout or "0"
    return max(int(stated), _EARLIEST)


def write_zip(path: Path, folder: Path | None) -> Path:
    """Write a package: a folder's files, or only the launcher. Order, dates and modes do not depend on the machine."""
    files = sorted(file for file in folder.rglob("*") if file.is_file()) if folder else []
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            mode = 0o755 if os.access(file, os.X_OK) else 0o644
            _add(archive, str(file.relative_to(folder or Path())), file.read_bytes(), mode)
        if folder is None:
            _add(archive, LAUNCHER, launcher_text().encode(), LAUNCHER_MODE)
    return path


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, time.gmtime(source_date())[:6])
    entry.create_system = _UNIX
    entry.external_attr = (0o100000 | mode) << 16
    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _sums(paths: Iterable[Path]) -> str:
    lines = [f"{_sha256(path.read_bytes())}  {path.name}\n" for path in paths]
    return "".join(sorted(lines, key=lambda line: line.split()[1]))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
