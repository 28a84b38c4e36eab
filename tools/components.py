"""What a self-contained package contains of others' work: its NOTICE, and its bill of materials (CycloneDX)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution
from importlib.metadata import distributions as installed_in
from pathlib import Path
from typing import Final

from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component as BomComponent
from cyclonedx.model.component import ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from bundle_package import Release
from bundle_parts import Machine, MissingError, debian_package_of, debian_root, wheels

_LICENCES: Final = {
    "boto3": "Apache-2.0",
    "botocore": "Apache-2.0 AND MPL-2.0",  # cacert.pem is Mozilla's list
    "cffi": "MIT-0",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "gcc-12-base": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "h2": "MIT",
    "hpack": "MIT",
    "hyperframe": "MIT",
    "jmespath": "MIT",
    "libbz2-1.0": "bzip2-1.0.6",
    "libc6": "LGPL-2.1-or-later",
    "libexpat1": "MIT",
    "libffi8": "MIT",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "liblzma5": "LicenseRef-public-domain",
    "libpython3.11-minimal": "Python-2.0",
    "libpython3.11-stdlib": "Python-2.0",
    "libssl3": "Apache-2.0",
    "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libuuid1": "BSD-3-Clause",
    "msgpack": "Apache-2.0",
    "musl-dev": "MIT",
    "protobuf": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "six": "MIT",
    "urllib3": "MIT",
    "zlib1g": "Zlib",
}
"""SPDX expressions, read in each one's own licence file; a component that is not here fails the build."""

_BUILD_ONLY: Final = frozenset({"pycparser", "s3transfer"})
"""Distributions that the provider's dependencies name and that the package does not contain."""

_COMMON_TEXTS: Final = ("Apache-2.0", "GPL-3", "LGPL-2.1", "MPL-2.0")
"""Files of Debian's base-files, to which the copyright files of its packages point."""

_NAMESPACE: Final = uuid.UUID("5b0b3a43-6b0c-5d5e-9d4c-6e1f0a6a3c11")

_INTRODUCTION: Final = """\
natgw {version} for {platform}

natgw itself is under the MIT licence. This package also contains the components below, each under its own licence; the
texts follow. glibc and its loader (LGPL) are separate files in lib/, and compatible ones may replace them. The source
of each Debian component is Debian 12's source package of the version that is named.

"""


@dataclass(frozen=True, slots=True)
class Component:
    """One component: `kind` is "pypi" or "deb", `licence` an SPDX expression, `texts` its licence files."""

    kind: str
    name: str
    version: str
    licence: str
    texts: tuple[Path, ...]


def components(machine: Machine, folder: Path) -> list[Component]:
    """Return what the package in `folder` contains, by kind and name; raises MissingError for an unknown licence."""
    found = {one.name: one for one in (*_debian_components(machine, folder), *_python_components(machine))}
    return sorted(found.values(), key=lambda one: (one.kind, one.name))


def _debian_components(machine: Machine, folder: Path) -> Iterator[Component]:
    libraries = [path.name for path in (folder / "lib").glob("lib*.so*")]
    # The others are linked statically or compiled into one file: the starter's C library, and Python with its modules.
    others = [
        machine.loader,
        "python3.11/os.py",
        "python3.11/asyncio/__init__.py",
        f"{machine.processor}-linux-musl/libc.a",
    ]
    for name in (*libraries, *others):
        title, version, text = debian_package_of(machine, name)
        yield Component("deb", title, version, _licence(title), (text,))


def _python_components(machine: Machine) -> Iterator[Component]:
    for distribution in installed_in(path=[str(wheels(machine))]):
        name = canonicalize_name(distribution.name)
        if name not in _BUILD_ONLY:
            yield Component("pypi", name, distribution.version, _licence(name, distribution), _texts(distribution))


def _licence(name: str, distribution: Distribution | None = None) -> str:
    known = _LICENCES.get(name)
    stated = distribution.metadata.json.get("license_expression") if distribution is not None else None
    if known is None or (stated is not None and stated != known):
        raise MissingError(
            f"the licence of {name} ({stated or 'not stated'}) is not the one in tools/components.py: read it"
        )
    return known


def _texts(distribution: Distribution) -> tuple[Path, ...]:
    files = [file for file in distribution.files or () if ".dist-info" in file.parts[0]]
    texts = [file for file in files if file.name.upper().startswith(("LICENSE", "NOTICE", "COPYING"))]
    return tuple(sorted(Path(str(distribution.locate_file(file))) for file in texts))


def write_notice(machine: Machine, release: Release, contained: list[Component], folder: Path) -> None:
    """Write NOTICE into a package: every component with its licence, then the licences' texts."""
    parts = [_INTRODUCTION.format(version=release.version, platform=machine.platform)]
    parts += [f"{one.name} {one.version} ({one.kind}): {one.licence}\n" for one in contained]
    common = debian_root(machine) / "usr/share/common-licenses"
    titled = {text: f"{one.name} {one.version}" for one in contained for text in one.texts}
    titled |= {common / name: f"The text of {name}" for name in _COMMON_TEXTS}
    seen = set[str]()
    for text, title in titled.items():
        content = text.read_text(encoding="utf-8", errors="replace")
        if content not in seen:
            seen.add(content)
            parts.append(f"\n{'=' * 80}\n{title}\n{'=' * 80}\n\n{content}")
    (folder / "NOTICE").write_text("".join(parts), encoding="utf-8")


def bill_of_materials(machine: Machine, release: Release, contained: list[Component], epoch: int) -> str:
    """Return the CycloneDX document of a package; `epoch` is the release's date in seconds."""
    itself = BomComponent(
        type=ComponentType.APPLICATION,
        name="terraform-provider-natgw",
        version=release.version,
        bom_ref=f"natgw-{machine.platform}",
        licenses=[LicenseExpression("MIT")],
    )
    listed = [_bom_component(machine, one) for one in contained]
    bom = Bom(
        serial_number=uuid.uuid5(_NAMESPACE, f"{release.source} {release.version} {machine.platform} {epoch}"),
        metadata=BomMetaData(component=itself, timestamp=datetime.fromtimestamp(epoch, UTC)),
        components=listed,
    )
    bom.register_dependency(itself, listed)
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def _bom_component(machine: Machine, one: Component) -> BomComponent:
    namespace, qualifiers = ("debian", {"arch": machine.architecture}) if one.kind == "deb" else (None, None)
    url = PackageURL(one.kind, namespace, one.name, one.version, qualifiers)
    return BomComponent(
        type=ComponentType.LIBRARY,
        name=one.name,
        version=one.version,
        bom_ref=str(url),
        purl=url,
        licenses=[LicenseExpression(one.licence)],
    )
