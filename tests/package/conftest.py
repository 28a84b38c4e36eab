"""The release that these tests are about, and its package for this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from natgw_provider.cli.mirror import terraform_platform
from support.package import shared_release, zip_name
from support.terraform import unpack


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_release(tmp_path_factory)


@pytest.fixture(scope="session")
def package_zip(release: Path) -> Path:
    archive = release / zip_name(terraform_platform())
    if not archive.exists():
        pytest.skip(f"a release has no package for {terraform_platform()}")
    return archive


@pytest.fixture(scope="session")
def package(package_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(package_zip, tmp_path_factory.mktemp("package"))
