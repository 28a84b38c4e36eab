"""Runs `natgw` and the installed launcher as a user of their own, in a home of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from natgw_provider import __version__
from natgw_provider.cli.mirror import LAUNCHER, terraform_platform, version_folder


@dataclass(frozen=True)
class User:
    """A user whose home has a space in its path, and who has nothing of ours in the environment."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home)}

    @property
    def plugins(self) -> Path:
        return self.home / ".terraform.d" / "plugins"

    @property
    def note(self) -> Path:
        """The note that says which Python runs."""
        return self.home / ".local" / "share" / "natgw" / f"{__version__}.python"

    def natgw(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run([str(Path(sys.executable).with_name("natgw")), *words], environment)

    def launch(self, launcher: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run([str(launcher)], environment)

    def run(self, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.home,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def user(tmp_path: Path) -> User:
    home = tmp_path / "a home"
    home.mkdir()
    return User(home)


def launcher_in(mirror: Path) -> Path:
    """Return this machine's launcher in a mirror."""
    return version_folder(mirror) / terraform_platform() / LAUNCHER


def bare_python(folder: Path, *paths: str | Path) -> Path:
    """Make a Python that has nothing but its standard library and what `paths` hold; return its executable."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "paths.pth").write_text("".join(f"{path}\n" for path in paths))
    return folder / "bin" / "python"
