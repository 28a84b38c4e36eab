"""What a self-contained package is made of, for one kind of machine: Debian's packages and Python's wheels.

Both are downloaded into `build/parts/` and unpacked there; nothing is installed on the building machine, and every kind
of machine is built the same way. Debian's packages are the newest of the machine's package sources, which have to be
those of Debian 12; wheels are those of requirements.lock, with its hashes.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = "python3.11"
"""The Python of the package, and the one that compiles its modules."""

_DEBIAN_PACKAGES: Final = (
    *(f"lib{PYTHON}-dev", f"lib{PYTHON}-minimal", f"lib{PYTHON}-stdlib", "libc6", "libc6-dev", "linux-libc-dev"),
    *("libexpat1", "libexpat1-dev", "zlib1g", "zlib1g-dev", "libssl3", "libffi8", "libbz2-1.0", "liblzma5"),
    *("libuuid1", "libcrypt1", "gcc-12-base", "libgcc-s1", "libstdc++6", "musl", "musl-dev", "base-files"),
)
"""All that is compiled against, linked or copied, with those of their dependencies that the package needs."""

_FLOOR, _CEILING = 17, 36
"""The glibc 2.x that a wheel may ask for: from manylinux2014's to the one of the package."""

_APT_SETTINGS: Final = """\
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "root";
Dir::State "{folder}/state";
Dir::State::status "{folder}/state/status";
Dir::Cache "{folder}/cache";
Debug::NoLocking "true";
"""


class MissingError(Exception):
    """This machine lacks something; the message says what and how to get it, in one line."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of machine.

    Attributes:
        platform: as Terraform writes it.
        architecture: as Debian writes it.
        processor: as compilers and wheels write it.
        loader: file name of its dynamic loader.
    """

    platform: str
    architecture: str
    processor: str
    loader: str

    @property
    def triplet(self) -> str:
        """As Debian's folders and cross compilers have it, such as `x86_64-linux-gnu`."""
        return f"{self.processor}-linux-gnu"

    def tool(self, name: str) -> str:
        """Return the program of the binary utilities for this machine, such as `x86_64-linux-gnu-strip`."""
        return f"{self.triplet}-{name}"


MACHINES: Final = {
    "linux_amd64": Machine("linux_amd64", "amd64", "x86_64", "ld-linux-x86-64.so.2"),
    "linux_arm64": Machine("linux_arm64", "arm64", "aarch64", "ld-linux-aarch64.so.1"),
}


def require_tools(machines: list[Machine]) -> None:
    """Raise MissingError unless this machine can build for `machines`."""
    needed = [
        "apt-get",
        "dpkg-deb",
        *(machine.tool(name) for machine in machines for name in ("gcc", "strip", "readelf")),
    ]
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        packages = sorted({f"gcc-{machine.triplet.replace('_', '-')}" for machine in machines})
        raise MissingError(
            f"a self-contained package is built on Debian 12, and {', '.join(missing)} is missing here: "
            f"apt-get install {' '.join(packages)}"
        )
    if f"python{sys.version_info.major}.{sys.version_info.minor}" != PYTHON:
        found = sys.version.split()[0]
        raise MissingError(
            f"a self-contained package is built with {PYTHON}, and this is Python {found}: "
            f"make clean release PYTHON={PYTHON}"
        )


def debian_root(machine: Machine) -> Path:
    """Return a folder with Debian's packages for a machine, unpacked; raises MissingError where they cannot be had."""
    folder = ROOT / "build" / "parts" / machine.platform / "debian"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("state/lists/partial", "cache/archives/partial", "packages", "root"):
            (folder / part).mkdir(parents=True)
        (folder / "state" / "status").touch()
        (folder / "apt.conf").write_text(_APT_SETTINGS.format(architecture=machine.architecture, folder=folder))
        _apt(folder, "update")
        _apt(folder, "download", *_DEBIAN_PACKAGES)
        for package in sorted((folder / "packages").glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "root")], check=True)
        _make_links_relative(folder / "root")
        (folder / "done").touch()
    return folder / "root"


def _make_links_relative(root: Path) -> None:
    """Make absolute links lead below `root`: of a library whose link leads nowhere, the linker takes the static one."""
    for link in [path for path in root.rglob("*") if path.is_symlink() and path.readlink().is_absolute()]:
        target = root / link.readlink().relative_to("/")
        link.unlink()
        link.symlink_to(os.path.relpath(target, link.parent))


def _apt(folder: Path, *words: str) -> None:
    environment = {**os.environ, "APT_CONFIG": str(folder / "apt.conf"), "LC_ALL": "C"}
    command = ["apt-get", "-qq", *words]
    done = subprocess.run(
        command, cwd=folder / "packages", env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it prints nothing"])[0]
        raise MissingError(f"`apt-get {words[0]}` has to find Debian 12's packages: {reason}")


def debian_package_of(machine: Machine, name: str) -> tuple[str, str, Path]:
    """Return the package that a file came from, its version, and its copyright file; `name` ends the file's path."""
    root = debian_root(machine)
    for package in sorted((root.parent / "packages").glob("*.deb")):
        if any(path.endswith(f"/{name}") for path in _paths(package)):
            title, version = _control(package)
            return title, version, root / "usr/share/doc" / title / "copyright"
    raise MissingError(f"no Debian package of the build has {name}")


@cache
def _paths(package: Path) -> list[str]:
    words = ["dpkg-deb", "-c", str(package)]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split(maxsplit=5)[5].partition(" -> ")[0] for line in lines]


@cache
def _control(package: Path) -> tuple[str, str]:
    words = ["dpkg-deb", "-W", "--showformat=${Package}\n${Version}\n", str(package)]
    name, version = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    return name, version


def wheels(machine: Machine) -> Path:
    """Return a folder in which the packages that the provider needs are installed, for a machine."""
    locked = "".join(_locked(distributions("natgw") - {"natgw"}))
    folder = ROOT / "build" / "parts" / machine.platform / f"wheels-{hashlib.sha256(locked.encode()).hexdigest()[:12]}"
    if not folder.exists():
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        (draft / "requirements.txt").write_text(locked)
        tags = [f"--platform=manylinux_2_{minor}_{machine.processor}" for minor in range(_CEILING, _FLOOR - 1, -1)]
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "install", "--no-compile"),
                *("--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=3.11", *tags),
                *(f"--platform=manylinux2014_{machine.processor}", f"--target={draft}"),
                f"--requirement={draft / 'requirements.txt'}",
            ],
            check=True,
        )
        draft.rename(folder)
    return folder


def _locked(names: set[str]) -> Iterator[str]:
    """Yield the entries of requirements.lock for these distributions."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for entry in re.split(r"^(?=\S+==)", text, flags=re.MULTILINE):
        if canonicalize_name(entry.partition("==")[0]) in names:
            yield entry


def distributions(name: str) -> set[str]:
    """Return the canonical names of the distributions that `name` needs, itself included, without any extra."""
    found, todo = set[str](), [canonicalize_name(name)]
    while todo:
        current = todo.pop()
        if current not in found:
            found.add(current)
            needed = map(Requirement, importlib.metadata.requires(current) or ())
            todo += [canonicalize_name(it.name) for it in needed if not it.marker or it.marker.evaluate({"extra": ""})]
    return found
