"""The launcher starts the right Python, or says in one line on stdout, which Terraform shows, why it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from install.conftest import User, bare_python, launcher_in
from natgw_provider import __version__
from natgw_provider.cli.mirror import launcher_text, terraform_platform, write_launchers

STARTED = "This is a Terraform provider."
SHELLS = [shell for shell in ("sh", "dash", "bash", "ksh", "zsh", "busybox") if shutil.which(shell)]


@pytest.fixture
def launcher(user: User) -> Path:
    """Return a launcher that no note points to a Python for."""
    (launcher,) = write_launchers(user.plugins, [terraform_platform()])
    return launcher


def write_script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_runs_it(user: User, launcher: Path, shell: str) -> None:
    words = [shell, "sh"] if shell == "busybox" else [shell]
    assert STARTED in user.run([*words, str(launcher)], {"NATGW_PYTHON": sys.executable}).stderr


@pytest.mark.parametrize("linked", [False, True])
def test_a_mirrors_own_note_wins_over_the_users(user: User, linked: bool) -> None:
    """Terraform starts it through a link to the package folder."""
    mirror = user.home.parent / "mirror"
    user.natgw("install", "--plugin-dir", str(mirror))
    user.note.write_text(f"{write_script(user.home / 'other python', '#!/bin/sh')}\n")
    launcher = launcher_in(mirror)
    link = user.home / "link"
    link.symlink_to(launcher.parent)
    assert STARTED in user.launch(link / launcher.name if linked else launcher).stderr


def planted(user: User, folder: Path) -> None:
    """Put a note into a folder that holds packages, which names a program that must not run."""
    trap = write_script(user.home / "trap", "#!/bin/sh\necho trapped\n")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"natgw-{__version__}.python").write_text(f"{trap}\n")


@pytest.mark.parametrize(
    ("packages", "is_linked", "variables"),
    [
        (".terraform/providers", False, {}),
        ("plugin-cache", True, {}),
        ("vendor/terraform", False, {}),
        ("../checkout/ci/plugin-cache", False, {}),
        ("../data/providers", False, {"TF_DATA_DIR": "../data"}),
    ],
)
def test_a_note_in_the_working_folder_is_never_obeyed(
    user: User, packages: str, is_linked: bool, variables: dict[str, str]
) -> None:
    """D9: Terraform unpacks a packed mirror there, and a repository may have committed the note beside it.

    Nor is one in Terraform's data folder or in a repository, where Terraform may run in a folder below.
    """
    user.natgw("install")
    (user.home.parent / "checkout" / ".git").mkdir(parents=True)
    unpacked = launcher_in((user.home / packages).resolve())
    unpacked.parent.mkdir(parents=True)
    shutil.copy(launcher_in(user.plugins), unpacked)
    planted(user, user.home / packages)
    relative = user.home / "link" if is_linked else unpacked.parent
    if is_linked:
        relative.symlink_to(unpacked.parent)
    for launcher in (unpacked, Path(os.path.relpath(relative / unpacked.name, user.home))):
        started = user.launch(launcher, **variables)
        assert STARTED in started.stderr, started
        assert "trapped" not in started.stdout


@pytest.mark.parametrize(
    ("folder", "variables"),
    [
        ("data/natgw", {"XDG_DATA_HOME": "data"}),
        (".local/share/natgw", {"HOME": "."}),
        (".local/share/natgw", {"XDG_DATA_HOME": "", "HOME": ""}),
    ],
)
def test_a_relative_folder_of_notes_is_never_searched(
    user: User, launcher: Path, folder: str, variables: dict[str, str]
) -> None:
    planted(user, user.home / folder)
    (user.home / folder / f"natgw-{__version__}.python").rename(user.home / folder / f"{__version__}.python")
    said = refusal(user.launch(launcher, **variables))
    assert "it is not installed for this user" in said
    assert f"Install natgw {__version__} in a Python 3.11 or newer and run its 'natgw install'" in said


def test_a_fifo_in_place_of_a_note_is_not_waited_for(user: User, launcher: Path) -> None:
    user.note.parent.mkdir(parents=True)
    os.mkfifo(user.note)
    assert "it is not installed for this user" in refusal(user.launch(launcher))


def test_a_mirrors_note_of_another_machine_gives_way_to_the_users(user: User) -> None:
    user.natgw("install", "--plugin-dir", "mirror")
    (user.home / "mirror" / f"natgw-{__version__}.python").write_text("/somewhere/else/python\n")
    user.natgw("install")
    assert STARTED in user.launch(launcher_in(user.home / "mirror")).stderr


def test_the_notes_may_stand_where_xdg_says(user: User) -> None:
    data = str(user.home / "the data")
    user.natgw("install", XDG_DATA_HOME=data)
    assert STARTED in user.launch(launcher_in(user.plugins), XDG_DATA_HOME=data).stderr


def test_nothing_in_the_working_folder_or_the_environment_changes_what_runs(user: User) -> None:
    user.natgw("install")
    trap = user.home / "natgw_provider"
    trap.mkdir()
    (trap / "__init__.py").write_text("raise SystemExit('trapped')")
    for name in ("runpy.py", "h2.py"):
        (user.home / name).write_text("raise SystemExit('trapped')")
    assert STARTED in user.launch(launcher_in(user.plugins), PYTHONPATH=str(user.home)).stderr


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that Terraform will show."""
    assert result.returncode == 1
    assert result.stderr == ""
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"natgw {__version__} cannot start: ")
    assert "|" not in line  # Terraform would take it for a handshake
    return line


def test_a_noted_python_that_is_gone_is_named_with_its_note(user: User) -> None:
    user.natgw("install")
    user.note.write_text("/gone/bin/python\n")
    said = refusal(user.launch(launcher_in(user.plugins)))
    assert f"there is no Python at /gone/bin/python, which {user.note} names" in said
    assert "Run 'natgw install' again" in said


@pytest.mark.parametrize("wrong", ["/gone/python", "no-such-python", "/"])
def test_natgw_python_that_is_no_program_is_named(user: User, launcher: Path, wrong: str) -> None:
    said = refusal(user.launch(launcher, NATGW_PYTHON=wrong))
    assert f"there is no Python at {wrong}, which NATGW_PYTHON names" in said


def test_a_python_without_natgw_says_so(user: User, launcher: Path, tmp_path: Path) -> None:
    python = str(bare_python(tmp_path / "bare"))
    assert f"it is not installed in {python}" in refusal(user.launch(launcher, NATGW_PYTHON=python))


def test_a_python_with_another_version_says_so(user: User, tmp_path: Path) -> None:
    launcher = write_script(tmp_path / "launcher", launcher_text().replace(__version__, "7.0.0"))
    result = user.launch(launcher, NATGW_PYTHON=sys.executable)
    assert result.stdout.startswith(
        f'natgw 7.0.0 cannot start: {sys.executable} has natgw {__version__}. Run "natgw install"'
    )
    assert result.returncode == 1


def test_a_python_that_is_too_old_says_so(user: User, launcher: Path, tmp_path: Path) -> None:
    """It calls itself 3.9 before the launcher's code runs: old ones are not on every machine."""
    older = f'exec "{sys.executable}" -E -c "import sys; sys.version_info = (3, 9, 1); exec(sys.argv[1])" "$3"\n'
    python = write_script(tmp_path / "python3.9", f"#!/bin/sh\n{older}")
    assert "is Python 3.9, and natgw needs 3.11 or newer" in refusal(user.launch(launcher, NATGW_PYTHON=str(python)))


OLD_PYTHONS = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin/python"))


@pytest.mark.parametrize("python", [p for p in OLD_PYTHONS if p.parts[-3].startswith(("2.", "3.6", "3.9", "3.10"))])
def test_a_really_old_python_can_say_so(user: User, launcher: Path, python: Path) -> None:
    assert "natgw needs 3.11 or newer" in refusal(user.launch(launcher, NATGW_PYTHON=str(python)))


@pytest.mark.parametrize("python", ["", "/gone/python", shutil.which("python3", path="/usr/bin") or sys.executable])
def test_terraform_has_read_the_refusal_before_the_process_ends(user: User, launcher: Path, python: str) -> None:
    """Terraform may lose the line of a process that ends at once; it kills one that wrote no handshake."""
    launcher.write_text(launcher.read_text().replace(__version__, "7.0.0"))
    environment = {**user.environment, "NATGW_PYTHON": python, "TF_PLUGIN_MAGIC_COOKIE": "any"}
    with subprocess.Popen([launcher], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("natgw 7.0.0 cannot start: ")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.kill()
