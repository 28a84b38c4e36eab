"""Writes a static mirror for Terraform's network mirror protocol, for any web server or bucket to serve.

Source: developer.hashicorp.com/terraform/internals/provider-network-mirror-protocol; the hashes: docs/plugin-hashes in
hashicorp/terraform and golang.org/x/mod/sumdb/dirhash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path


def write_mirror(folder: Path, source: str, version: str, zips: Mapping[str, Path]) -> Path:
    """Write a version of the provider `source` below `folder`, `zips` by platform; return the provider's folder."""
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
    """Return both hashes of a package that a lock file may hold: of its contents (h1), and of the zip itself (zh)."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        lines = "".join(f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\n" for name in names)
    contents = base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()
    return [f"h1:{contents}", f"zh:{hashlib.sha256(path.read_bytes()).hexdigest()}"]


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
