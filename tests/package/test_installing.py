"""A package is installed with `natgw install`, by copying its zip, or from the static mirror; bad files are refused."""

from __future__ import annotations

import functools
import os
import re
import shutil
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from install.conftest import User
from natgw_provider import __version__
from natgw_provider.cli.install import PLATFORMS
from natgw_provider.cli.mirror import terraform_platform
from support.https import certificate_for
from support.package import EXECUTABLE, SOURCE, copy_of, zip_name
from support.terraform import Terraform, terraform_environment

pytestmark = [pytest.mark.terraform, pytest.mark.package]

CONFIGURATION = f'terraform {{\n  required_providers {{\n    natgw = {{ source = "{SOURCE}" }}\n  }}\n}}\n'
PLATFORM = terraform_platform()
OTHER = "linux_arm64" if PLATFORM == "linux_amd64" else "linux_amd64"


@pytest.fixture
def user(tmp_path: Path) -> User:
    home = tmp_path / "a home"
    home.mkdir()
    return User(home)


@pytest.fixture
def terraform(user: User, tmp_path: Path) -> Terraform:
    folder = tmp_path / "work"
    folder.mkdir()
    one = Terraform(folder, tmp_path / "mirror", terraform_environment(user.home))
    one.write(CONFIGURATION)
    return one


def test_it_is_installed_for_the_user_and_taken_away_again(user: User, terraform: Terraform, package_zip: Path) -> None:
    installed = user.natgw("install", "--package", str(package_zip))
    assert installed.returncode == 0, installed.stderr
    assert "Next: declare source" in installed.stdout
    terraform.ok("init")
    assert "natgw_secondary_private_ips" in terraform.ok("providers", "schema", "-json").output
    checked = user.natgw("install", "--check")
    assert checked.returncode == 0, checked.stdout
    assert "Python" not in checked.stdout
    assert user.natgw("uninstall").returncode == 0
    assert not user.plugins.exists() or not any(user.plugins.iterdir())


def test_the_launcher_and_the_package_replace_each_other(user: User, package_zip: Path) -> None:
    folder = user.plugins / SOURCE / __version__ / PLATFORM
    for words, names in [
        ((), {EXECUTABLE}),
        (("--package", str(package_zip)), {EXECUTABLE, "lib", "NOTICE"}),
        ((), {EXECUTABLE}),
    ]:
        assert user.natgw("install", *words).returncode == 0
        assert {path.name for path in folder.iterdir()} == names
        assert user.natgw("install", "--check").returncode == 0


def test_without_natgw_the_zip_is_copied(user: User, terraform: Terraform, package_zip: Path) -> None:
    place = user.plugins / SOURCE
    place.mkdir(parents=True)
    shutil.copy(package_zip, place)
    terraform.ok("init")
    assert "natgw_secondary_private_ips" in terraform.ok("providers", "schema", "-json").output
    checked = user.natgw("install", "--check")
    assert checked.returncode == 0, checked.stdout
    (place / package_zip.name).write_bytes(package_zip.read_bytes()[:100_000])
    assert "Download it again" in user.natgw("install", "--check").stdout


@pytest.fixture
def served(release: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve the release's static mirror over TLS; yield its URL and the certificate to trust."""
    pem = certificate_for("localhost", tmp_path / "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), functools.partial(Handler, directory=str(release / "mirror"))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"https://localhost:{server.server_port}/", pem
        server.shutdown()


def with_network_mirror(terraform: Terraform, served: tuple[str, Path]) -> Terraform:
    url, pem = served
    settings = terraform.folder / "settings.tfrc"
    settings.write_text(f'provider_installation {{\n  network_mirror {{\n    url = "{url}"\n  }}\n}}\n')
    more = {"TF_CLI_CONFIG_FILE": str(settings), "SSL_CERT_FILE": str(pem)}
    return Terraform(terraform.folder, terraform.mirror, {**terraform.environment, **more})


def lock_file(terraform: Terraform) -> set[str]:
    return set(re.findall(r'"((?:h1|zh):[^"]+)"', (terraform.folder / ".terraform.lock.hcl").read_text()))


def test_one_lock_file_serves_every_platform_of_a_release(
    terraform: Terraform, served: tuple[str, Path], release: Path, tmp_path: Path
) -> None:
    """Written once, from the mirror's URL or from the release's folder, and then right for every installation."""
    url, _ = served
    platforms = [f"-platform={one}" for one in ("linux_amd64", "linux_arm64", "darwin_arm64")]
    online = with_network_mirror(terraform, served)
    online.ok("providers", "lock", f"-net-mirror={url}", *platforms)
    from_the_net = lock_file(terraform)
    (terraform.folder / ".terraform.lock.hcl").unlink()
    terraform.ok("providers", "lock", f"-fs-mirror={release / 'mirror'}", *platforms)
    locked = lock_file(terraform)
    assert {one for one in from_the_net if one.startswith("h1:")} == {one for one in locked if one.startswith("h1:")}
    assert len({one for one in locked if one.startswith("h1:")}) == 3
    online.ok("init", "-lockfile=readonly")
    assert lock_file(terraform) == locked
    assert "natgw_secondary_private_ips" in online.ok("providers", "schema", "-json").output


def test_a_lock_file_with_a_macos_platform_holds_for_the_launcher_everywhere(
    user: User, terraform: Terraform, release: Path
) -> None:
    """The launcher's hash is the same on every platform, and another one than the package's."""
    mirror = f"-fs-mirror={release / 'mirror'}"
    user.natgw("install")
    terraform.ok("providers", "lock", mirror, f"-platform={PLATFORM}")
    refused = terraform.run("init", "-lockfile=readonly", "-no-color")
    assert (refused.exit_code, "checksum" in refused.text) == (1, True)
    terraform.ok("providers", "lock", mirror, f"-platform={PLATFORM}", "-platform=darwin_arm64")
    terraform.ok("init", "-lockfile=readonly")
    user.natgw("install", "--plugin-dir", "mirror", "--all-platforms")
    before = lock_file(terraform)
    terraform.ok("providers", "lock", f"-fs-mirror={user.home / 'mirror'}", *(f"-platform={one}" for one in PLATFORMS))
    assert lock_file(terraform) == before, "an installed launcher has the hash of a released one"


def refusal(user: User, *words: str) -> str:
    refused = user.natgw("install", *words)
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    return line


def test_a_package_for_another_platform_is_refused_here_and_taken_for_a_mirror(user: User, release: Path) -> None:
    archive = str(release / zip_name(OTHER))
    assert f"is for {OTHER}, and this machine is {PLATFORM}. Use the release's zip" in refusal(
        user, "--package", archive
    )
    mirrored = user.natgw("install", "--package", archive, "--plugin-dir", "mirror")
    assert mirrored.returncode == 0, mirrored.stderr
    assert (user.home / "mirror" / SOURCE / __version__ / OTHER / EXECUTABLE).is_file()


def test_a_broken_zip_is_refused_and_what_was_installed_stays(user: User, package_zip: Path) -> None:
    assert user.natgw("install").returncode == 0
    broken = user.home / package_zip.name
    content = package_zip.read_bytes()
    for bad in (content[: len(content) // 2], b"<html>404</html>", _with_a_flipped_byte(content)):
        broken.write_bytes(bad)
        assert "Download it again" in refusal(user, "--package", str(broken))
    assert user.natgw("install", "--check").returncode == 0


def _with_a_flipped_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_a_zip_that_lacks_a_file_is_refused(user: User, package: Path, package_zip: Path, tmp_path: Path) -> None:
    thinner = copy_of(package, tmp_path / "thinner")
    (thinner / "lib/libssl.so.3").unlink()
    with zipfile.ZipFile(user.home / package_zip.name, "w") as archive:
        for path in sorted(thinner.rglob("*")):
            archive.write(path, str(path.relative_to(thinner)))
    assert "lib/libssl.so.3 is missing or has the wrong size" in refusal(user, "--package", package_zip.name)


def test_a_zip_that_is_not_the_one_in_the_sums_is_refused(user: User, release: Path, package_zip: Path) -> None:
    shutil.copy(release / zip_name("darwin_arm64"), user.home / package_zip.name)
    shutil.copy(next(release.glob("*_SHA256SUMS")), user.home)
    assert "is not the one in" in refusal(user, "--package", package_zip.name)


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.zip", "is not a file"), ("natgw.zip", "Keep the file's name"), ("", "is not a file")],
)
def test_what_is_no_package_is_refused(user: User, name: str, words: str) -> None:
    (user.home / "natgw.zip").write_bytes(b"PK")
    assert words in refusal(user, "--package", name)


def test_the_launchers_zip_is_told_apart(user: User, release: Path) -> None:
    archive = str(release / zip_name("darwin_arm64"))
    assert "contains only the launcher" in refusal(user, "--package", archive, "--plugin-dir", "mirror")


def test_a_folder_that_does_not_allow_execution_is_named(user: User, package_zip: Path) -> None:
    folder = user.home / "noexec"
    folder.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "x", folder], check=False).returncode:
        pytest.skip("only root can mount a file system with noexec")
    try:
        line = refusal(user, "--package", str(package_zip), "--plugin-dir", "noexec")
    finally:
        subprocess.run(["umount", folder], check=True)
    assert "does not allow execution (noexec). Name a folder on another one" in line
