"""`natgw install`, its check, and `natgw uninstall`: each does what it says, and the second undoes the first."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from install.conftest import User, bare_python, launcher_in
from natgw_provider import SOURCE, __version__
from natgw_provider.cli import main
from natgw_provider.cli.install import PLATFORMS
from natgw_provider.cli.mirror import InstallLocation, terraform_platform, write_launchers, write_note
from natgw_provider.cli.uninstall import uninstall
from release import python_packages
from support.repository import ROOT


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below a folder with its text and mode."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(it.relative_to(folder)): (it.read_bytes(), stat.S_IMODE(it.stat().st_mode)) for it in files}


def test_installed_for_the_user_it_passes_the_check_and_uninstall_takes_all_of_it_away(user: User) -> None:
    installed = user.natgw("install")
    assert installed.returncode == 0, installed.stderr
    assert "run `terraform init`." in installed.stdout
    checked = user.natgw("install", "--check")
    assert checked.returncode == 0, checked.stdout
    assert "WRONG" not in checked.stdout
    assert user.natgw("uninstall").returncode == 0
    assert contents(user.plugins) == {}
    assert contents(user.home / ".local") == {}
    assert "nothing to remove" in user.natgw("uninstall").stdout


def test_the_cache_goes_with_the_users_own_install_only(user: User) -> None:
    cached = user.home / "caches" / "natgw" / "tls-1.pem"
    cached.parent.mkdir(parents=True)
    cached.touch()
    for words in (["--project"], ["--plugin-dir", "mirror"]):
        user.natgw("uninstall", *words, XDG_CACHE_HOME=str(user.home / "caches"))
        assert cached.exists()
    assert str(cached.parent) in user.natgw("uninstall", XDG_CACHE_HOME=str(user.home / "caches")).stdout
    assert list((user.home / "caches").iterdir()) == []


def test_the_check_says_that_nothing_is_installed_and_what_to_do(user: User) -> None:
    checked = user.natgw("install", "--check")
    assert checked.returncode == 1
    assert "it is not installed" in checked.stdout
    assert "this note does not exist" in checked.stdout
    assert "`natgw install` with the same options, without --check, repairs the files." in checked.stdout
    assert contents(user.home) == {}


def test_the_check_sees_what_is_changed_left_over_or_gone_and_install_puts_it_right(user: User) -> None:
    user.natgw("install")
    launcher_in(user.plugins).write_text("#!/bin/sh\nexit 0\n")
    checked = user.natgw("install", "--check")
    assert checked.returncode == 1
    assert f"is not the one of natgw {__version__}" in checked.stdout
    assert "it prints nothing" in checked.stdout
    user.natgw("install")
    (launcher_in(user.plugins).parent / "__pycache__").mkdir()
    assert "delete __pycache__" in user.natgw("install", "--check").stdout
    (launcher_in(user.plugins).parent / "__pycache__").rmdir()
    user.note.write_text("/gone/python\n")
    checked = user.natgw("install", "--check")
    assert checked.returncode == 1
    assert "this Python does not exist" in checked.stdout
    assert "there is no Python at /gone/python" in checked.stdout
    before = (launcher_in(user.plugins).stat().st_ino, launcher_in(user.plugins).parent.stat().st_mtime_ns)
    user.natgw("install")
    assert user.natgw("install", "--check").returncode == 0
    after = (launcher_in(user.plugins).stat().st_ino, launcher_in(user.plugins).parent.stat().st_mtime_ns)
    assert before == after, "what is right already stays untouched"


def test_a_launcher_that_has_lost_its_mode_is_not_taken_for_a_file_system_without_execution(user: User) -> None:
    user.natgw("install")
    launcher_in(user.plugins).chmod(0o644)
    checked = user.natgw("install", "--check")
    assert checked.returncode == 1
    assert "its mode does not allow execution: chmod 755" in checked.stdout
    assert "noexec" not in checked.stdout


def test_the_check_sees_a_python_that_lacks_what_natgw_needs(user: User, tmp_path: Path) -> None:
    """It has natgw, but none of its dependencies."""
    user.natgw("install")
    python = bare_python(tmp_path / "bare", ROOT / "handlers")
    checked = user.natgw("install", "--check", NATGW_PYTHON=str(python))
    assert checked.returncode == 1
    assert "bare/bin/python lacks boto3, botocore, cryptography, protobuf, h2, msgpack. Install" in checked.stdout
    assert f"install natgw {__version__} in it again, with its dependencies" in checked.stdout


def test_the_check_sees_a_package_that_is_damaged(user: User, tmp_path: Path) -> None:
    """It breaks after the handshake, where Terraform would only see its connection end."""
    user.natgw("install")
    (damaged := tmp_path / "first").mkdir()
    (damaged / "h2.py").write_text("raise ImportError('h2 is damaged')\n")
    python = bare_python(tmp_path / "damaged", damaged, ROOT / "handlers", sysconfig.get_path("purelib"))
    checked = user.natgw("install", "--check", NATGW_PYTHON=str(python))
    assert checked.returncode == 1
    assert "WRONG  start, as Terraform does it\n         ImportError: h2 is damaged\n" in checked.stdout


def test_a_mirror_of_its_own_has_its_note_beside_the_packages(user: User) -> None:
    mirror = user.home / "the mirror"
    assert f"terraform init -plugin-dir={mirror}" in user.natgw("install", "--plugin-dir", "the mirror").stdout
    noted = (mirror / f"natgw-{__version__}.python").read_text()
    assert Path(noted.removesuffix("\n")).parent.samefile(Path(sys.executable).parent), (
        "python, or python3.13, of this place"
    )
    assert user.natgw("install", "--check", "--plugin-dir", "the mirror").returncode == 0
    user.natgw("uninstall", "--plugin-dir", "the mirror")
    assert list(mirror.iterdir()) == []


def test_a_mirror_of_its_own_needs_no_home(user: User) -> None:
    mirror = str(user.home.parent / "mirror")
    installed = user.natgw("install", "--plugin-dir", mirror, HOME="/proc")
    assert installed.returncode == 0, installed.stderr
    assert user.natgw("install", "--check", "--plugin-dir", mirror, HOME="/proc").returncode == 0


def test_a_project_holds_nothing_that_is_true_for_one_machine_only(user: User) -> None:
    user.natgw("install", "--project", "--all-platforms")
    project = user.home / "terraform.d" / "plugins"
    assert {Path(name).parent.name for name in contents(project)} == set(PLATFORMS)
    assert not [name for name, (text, _) in contents(project).items() if str(user.home).encode() in text]
    assert user.natgw("install", "--check", "--project").returncode == 0
    user.natgw("install")
    user.natgw("uninstall", "--project")
    assert user.natgw("install", "--check").returncode == 0, "the note that the user's own install needs stays"


@pytest.mark.parametrize("options", [["--project"], ["--plugin-dir", "mirror"]], ids=["project", "mirror"])
def test_only_the_users_own_install_changes_the_python_that_the_user_has_chosen(user: User, options: list[str]) -> None:
    user.note.parent.mkdir(parents=True)
    chosen = user.home / "chosen python"
    chosen.symlink_to(sys.executable)
    user.note.write_text(f"{chosen}\n")
    installed = user.natgw("install", *options)
    assert installed.returncode == 0, installed.stderr
    assert user.note.read_text() == f"{chosen}\n"
    assert f"{chosen}, which {user.note} names" in installed.stdout
    chosen.unlink()
    user.natgw("install", *options)
    assert Path(user.note.read_text().strip()).exists(), "a Python that is gone is nobody's choice"


def test_uninstall_keeps_other_versions_and_other_providers(tmp_path: Path) -> None:
    location = InstallLocation(tmp_path, own_notes=(tmp_path / "note",))
    write_launchers(tmp_path, [terraform_platform()])
    write_note(tmp_path / "note")
    other = tmp_path / SOURCE / "9.9.9" / terraform_platform() / "launcher"
    other.parent.mkdir(parents=True)
    other.touch()
    list(uninstall(location))
    assert list(contents(tmp_path)) == [str(other.relative_to(tmp_path))]


def test_the_contents_are_the_same_for_each_platform_and_folder(tmp_path: Path) -> None:
    for name in ("here", "there and elsewhere"):
        write_launchers(tmp_path / name, PLATFORMS)
    assert len(set(contents(tmp_path).values())) == 1


@pytest.mark.parametrize("words", [["install"], ["install", "--check"], ["uninstall"]])
@pytest.mark.parametrize("home", [None, "", "not/absolute"])
def test_a_user_without_a_home_has_to_name_a_folder(
    words: list[str], home: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """B14: HOME is not set, as for a uid without a passwd entry in a container."""
    monkeypatch.delenv("HOME") if home is None else monkeypatch.setenv("HOME", home)
    assert main.run(words) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"natgw {words[0]}: HOME names no home directory. ")
    assert "`natgw install --plugin-dir DIR`, then `terraform init -plugin-dir=DIR`" in said
    assert said.count("\n") == 1


def test_a_home_that_cannot_be_written_is_one_line_that_names_another_place(user: User) -> None:
    """B14: HOME is / for a uid without a passwd entry; here it is a folder in which nobody can make one."""
    refused = user.natgw("install", HOME="/proc")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("natgw install: cannot write /proc/")
    assert "`natgw install --plugin-dir DIR`" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["install"], ["uninstall"], ["install", "--check"]], ids=" ".join)
@pytest.mark.parametrize(("output", "code"), [(">/dev/full", 1), ("| true", 141)])
def test_an_output_that_cannot_be_written_is_not_taken_for_a_folder_that_cannot(
    user: User, words: list[str], output: str, code: int
) -> None:
    user.natgw("install")
    natgw = Path(sys.executable).with_name("natgw")
    script = f'set -o pipefail; (sleep 0.2; exec "$0" "$@") {output}'
    ended = user.run(["bash", "-c", script, str(natgw), *words], {"PYTHONUNBUFFERED": "1"})
    said = f"natgw {words[0]}: No space left on device\n" if code == 1 else ""
    assert (ended.returncode, ended.stderr) == (code, said)
    assert (contents(user.plugins) == {}) == (words == ["uninstall"])
    assert user.note.exists() != (words == ["uninstall"]), "uninstall removes all, whoever reads what it prints"


@pytest.mark.parametrize("note", [b"\xff\xfe\0", b"/\0\n", b"/\n"], ids=["not text", "with NUL", "a folder"])
def test_a_note_that_names_no_program_is_wrong_and_written_anew(user: User, note: bytes) -> None:
    user.note.parent.mkdir(parents=True)
    user.note.write_bytes(note)
    checked = user.natgw("install", "--check", "--project")
    assert (checked.returncode, checked.stderr) == (1, "")
    assert "this Python does not exist" in checked.stdout
    assert user.natgw("install", "--project").returncode == 0
    assert Path(user.note.read_text().strip()).is_file()


@pytest.mark.parametrize("umask", [0o000, 0o002])
def test_nobody_else_can_change_what_is_installed_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """The note and the launcher say what runs."""
    before = os.umask(umask)
    try:
        write_launchers(tmp_path / "a" / "mirror", [terraform_platform()])
        write_note(tmp_path / "b" / "natgw" / "note")
    finally:
        os.umask(before)
    assert [path for path in tmp_path.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o022] == []


def test_install_runs_no_file_of_the_working_folder(user: User) -> None:
    for name in ("compileall", "struct", "natgw_provider", "json"):
        (user.home / f"{name}.py").write_text("raise SystemExit('trapped')")
    installed = user.natgw("install")
    assert installed.returncode == 0, installed.stderr
    assert "trapped" not in installed.stdout + installed.stderr
    assert "byte code" not in installed.stdout


def test_an_extra_is_added_with_pip_from_where_natgw_was_installed(tmp_path: Path) -> None:
    """B15: the printed command works where it is read, and names nothing of a package index."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "install", "--no-index"]
    subprocess.run([*pip, "--quiet", "--no-deps", str(python_packages(ROOT, tmp_path)[0])], check=True, timeout=120)
    said = subprocess.run([environment / "bin" / "natgw", "simulator"], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "is not installed. The simulator needs it: " in said.stderr
    python, *words = shlex.split(said.stderr.split(": ")[-1])
    assert Path(python).samefile(environment / "bin" / "python")
    assert words[:3] == ["-m", "pip", "install"]
    assert words[3] == f"{tmp_path}/natgw-{__version__}-py3-none-any.whl[simulator]"


@pytest.mark.parametrize("command", ["install", "uninstall"])
@pytest.mark.parametrize("name", ["", " "])
def test_the_empty_name_that_an_unset_variable_leaves_is_no_folder(user: User, command: str, name: str) -> None:
    refused = user.natgw(command, "--plugin-dir", name)
    assert refused.returncode == 2
    assert f"argument --plugin-dir: {name!r} names no folder: is a variable unset?" in refused.stderr
    assert contents(user.home) == {}


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_where_a_folder_is_needed_is_said_to_be_a_file(user: User, name: str) -> None:
    (user.home / "file").touch()
    refused = user.natgw("install", "--plugin-dir", name)
    assert refused.returncode == 1
    assert f"{user.home / 'file'} is a file and not a folder" in refused.stderr
    assert refused.stderr.count("\n") == 1
