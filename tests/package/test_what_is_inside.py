"""What runs in a package is complete, is the package's own, and says what is wrong in one line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bridge.plugin_client import Identity
from natgw_provider.bridge.server import COOKIE, COOKIE_NAME
from support.package import EXECUTABLE, SOURCE, copy_of, run_inside, start

pytestmark = pytest.mark.package

NEVER_IMPORTED = frozenset(
    {
        # for other systems, in branches that Linux does not take
        *("_overlapped", "_scproxy", "_winapi", "msvcrt", "nt", "winreg", "ctypes.macholib.dyld"),
        # by programs, self-tests and interactive use of a module
        *("doctest", "pydoc", "readline", "rlcompleter", "timeit", "unittest"),
        # by parts of the standard library that the provider does not use: shelve, logging to mail, urllib's FTP,
        # multiprocessing's managers, an alias of setuptools, East Asian codecs that no AWS API speaks
        *("dbm", "smtplib", "ftplib", "xmlrpc.client", "distutils.command.install", "distutils.errors"),
        *("distutils.command.install_egg_info", "distutils.sysconfig", "_multibytecodec"),
        *("_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr", "_codecs_tw"),
    }
)
"""What code in the package would import and the package does not have."""

MISSING_IMPORTS = """
import dis, marshal, os, sys, types
(finder,) = (one for one in sys.meta_path if hasattr(one, "index"))
index = finder.index
assert sys.path == []
def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)
ours = sys.stdlib_module_names | {"natgw_provider", "cffi", "pycparser"}
missing = set()
for module, (kind, _, _) in index.items():
    if kind == "extension":
        continue
    package = module if kind == "package" else module.rpartition(".")[0]
    for code in codes(finder.get_code(module)):
        steps = list(dis.get_instructions(code))
        for position, step in enumerate(steps):
            if step.opname != "IMPORT_NAME":
                continue
            level, name = steps[position - 2].argval, step.argval
            if level:
                name = ".".join(filter(None, (package.rsplit(".", level - 1)[0] if level > 1 else package, name)))
            known = name in index or name in sys.builtin_module_names or name in sys.modules
            if name.split(".")[0] in ours and not known:
                missing.add(name)
print("\\n".join(sorted(missing)))
"""


def test_whatever_code_in_it_may_import_is_in_it(package: Path, tmp_path: Path) -> None:
    """Paths that a plain run never takes included: SSO, roles, processes, metadata, proxies."""
    done = run_inside(package, tmp_path, MISSING_IMPORTS)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= NEVER_IMPORTED


COMPILED_AHEAD = """
import dataclasses, re, sys
sources = []
sys.addaudithook(lambda event, names: event == "compile" and sources.append(str(names[0])))
import natgw_provider.aws.client, natgw_provider.bridge.rpc.dispatch, natgw_provider.engine.engine
import natgw_provider.resources.provider
assert not [text for text in sources if "__create_fn__" in text], sources
@dataclasses.dataclass(frozen=True)
class New:
    natgw_test: int = 5
assert (New(), New(6).natgw_test) == (New(5), 6)
assert [text for text in sources if "natgw_test" in text]
assert re.fullmatch("new (pattern|text)", "new text")[1] == "text"
"""


def test_dataclasses_of_a_plan_are_compiled_ahead_and_others_as_always(package: Path, tmp_path: Path) -> None:
    done = run_inside(package, tmp_path, COMPILED_AHEAD)
    assert done.returncode == 0, done.stderr


def test_a_terraform_that_hashes_nothing_is_told_which_file_is_missing(package: Path, tmp_path: Path) -> None:
    for name in ("lib/libssl.so.3", "lib/modules.bin", "lib/ext/_ssl.so", "lib/ld.so", "lib/files"):
        damaged = copy_of(package, tmp_path / Path(name).name)
        (damaged / name).unlink()
        refused = start(damaged)
        (line,) = refused.stdout.splitlines()
        assert f"{damaged}/{name}: No such file or directory. Install the whole package again" in line


def test_a_file_that_is_cut_short_is_named(package: Path, tmp_path: Path) -> None:
    damaged = copy_of(package, tmp_path / "damaged")
    (damaged / "lib/modules.bin").unlink()
    (damaged / "lib/modules.bin").write_bytes((package / "lib/modules.bin").read_bytes()[:-100])
    assert "lib/modules.bin: the file has the wrong size. Install the whole package again" in start(damaged).stdout


def test_a_person_who_starts_it_is_told_how_to_install_the_package(package: Path) -> None:
    done = subprocess.run([package / EXECUTABLE], env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Terraform starts it by itself" in done.stderr
    assert f"~/.terraform.d/plugins/{SOURCE}/" in done.stderr
    assert "natgw install" not in done.stderr


def test_ps_shows_its_name(package: Path, tmp_path: Path) -> None:
    environment = {
        COOKIE_NAME: COOKIE,
        "PLUGIN_CLIENT_CERT": Identity.fresh().certificate.decode(),
        "TMPDIR": str(tmp_path),
    }
    with subprocess.Popen([package / EXECUTABLE], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"1|6|unix|")
        listed = subprocess.run(
            ["ps", "-o", "comm=", "-p", str(process.pid)], capture_output=True, text=True, check=True
        )
        process.kill()
    assert listed.stdout.strip() == "natgw"
