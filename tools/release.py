"""`python tools/release.py`: build what a release uploads, in the layout of the Terraform Registry.

`make release`: the wheel, one zip for each platform, the manifest and the sums of both. Two builds
of one commit give the same bytes. The Registry also wants `..._SHA256SUMS.sig`, which only the owner of the key makes.
Layout: developer.hashicorp.com/terraform/registry/providers/publishing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import natgw_provider
from natgw_provider import SOURCE, __version__
from natgw_provider.cli.install import LAUNCHER, LAUNCHER_MODE, PLATFORMS, launcher_text

_NAME: Final = f"terraform-provider-natgw_{__version__}"
_MANIFEST: Final = {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: a release does not depend on when it was built."""

_UNIX: Final = 3


def run(argv: list[str]) -> int:
    """Build into `--out` and print each file."""
    root = Path(natgw_provider.__file__).parents[2]
    parser = argparse.ArgumentParser(prog="python tools/release.py", description=__doc__)
    parser.add_argument("--out", type=Path, default=root / "dist", help="folder to build into (default: dist)")
    parser.add_argument(
        "--source",
        metavar="HOST/NAMESPACE/natgw",
        default=SOURCE,
        help="the provider's source address in the wheel (default: %(default)s)",
    )
    arguments = parser.parse_args(argv)
    out: Path = arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    for path in [*registry_files(out), wheel(root, out, arguments.source)]:
        print(path)
    return 0


def registry_files(out: Path) -> list[Path]:
    """Write the zips, the manifest and the sums into `out`, and return them."""
    manifest = out / f"{_NAME}_manifest.json"
    manifest.write_text(json.dumps(_MANIFEST, indent=2) + "\n", encoding="utf-8")
    listed = [*(_zip(out / f"{_NAME}_{platform}.zip") for platform in PLATFORMS), manifest]
    sums = out / f"{_NAME}_SHA256SUMS"
    sums.write_text(_sums(listed), encoding="utf-8")
    return [*listed, sums]


def wheel(root: Path, out: Path, source: str = SOURCE) -> Path:
    """Build the wheel of the checkout at `root` into `out` with the locked build backend, and return it.

    Its provider and constructs have the address `source`. Raises SystemExit with the backend's output when it fails.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    environment = {**os.environ, "NATGW_SOURCE": source}
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return out / f"natgw-{__version__}-py3-none-any.whl"


def _zip(path: Path) -> Path:
    """Write a package: the launcher alone, uncompressed, since compressors differ from machine to machine."""
    entry = zipfile.ZipInfo(LAUNCHER, _EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = (0o100000 | LAUNCHER_MODE) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, launcher_text())
    return path


def _sums(paths: Iterable[Path]) -> str:
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths]
    return "".join(sorted(lines, key=lambda line: line.split()[1]))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
