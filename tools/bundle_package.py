"""Builds the self-contained provider: one folder that runs on any Linux kernel of its processor.

The folder holds a static starter, the dynamic loader and C library, Python on `libpython3.11.a`, the code of all
modules in one file, extension modules with their shared libraries, and the data files that are read at run time.
`tools/bundle/` has the parts that are not Python modules; decision 0015 says why it is built like this.
"""

from __future__ import annotations

import marshal
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions as installed_in
from pathlib import Path
from types import CodeType
from typing import Final

from bundle_parts import PYTHON, Machine, debian_root, require_tools, wheels

PARTS: Final = Path(__file__).resolve().parent / "bundle"

_LEFT_OUT_OF_THE_STANDARD_LIBRARY: Final = re.compile(
    r"test|idlelib|tkinter|turtle|turtledemo|lib2to3|ensurepip|venv|pydoc|pydoc_data|distutils|unittest|doctest|pdb|bdb"
    r"|curses|dbm|sqlite3|xmlrpc|wsgiref|msilib|antigravity|this|config-.*|lib-dynload|sitecustomize|__pycache__"
    r"|imaplib|nntplib|poplib|smtplib|smtpd|telnetlib|ftplib|mailbox|cgi|cgitb|webbrowser|tabnanny|trace|pickletools"
    r"|crypt|cProfile|profile|pstats|timeit|zipapp|pyclbr|mailcap|chunk|sndhdr|sunau|wave|aifc|imghdr|xdrlib|uu|pipes|rlcompleter"
)
"""Parts of the standard library that no provider imports; tests/package checks that nothing in the package does."""

_LEFT_OUT_EXTENSIONS: Final = re.compile(
    r"_test.*|_?xx.*|_ctypes_test|_tkinter|_curses.*|_dbm|_gdbm|_sqlite3|readline|nis|ossaudiodev|audioop|_lsprof"
    r"|_codecs_.*|_multibytecodec|_crypt"
)
_LEFT_OUT_MODULES: Final = re.compile(
    r"natgw_constructs(\..*)?|natgw_provider\.(simulator|cli|review)(\..*)?|.*\.tests?(\..*)?|dateutil\.zoneinfo\..*"
    r"|pycparser(\..*)?|cffi(\..*)?|s3transfer\..*|botocore\.vendored\.requests\..*ssl.*"
    r"|urllib3\.http2\.connection|boto(3|core)\.docs\.(?!utils).*"
)
_REPLACED: Final = {
    "s3transfer": b"",
    "s3transfer.manager": b"class TransferConfig:\n    UNSET_DEFAULT = None\n",
    "urllib3.http2": b"",
    "boto3.docs": b"",
    "boto3.docs.docstring": b"ActionDocstring = None\n",
    "botocore.docs": b"",
    "botocore.docs.docstring": (
        b"def ClientMethodDocstring(**_): pass\nPaginatorDocstring = WaiterDocstring = ClientMethodDocstring\n"
    ),
}
"""Code in place of a library's that each start imports and never uses: S3's transfers, HTTP/2, text for `help()`."""

_DATA: Final = (
    "botocore/cacert.pem",
    "botocore/data/*.json",
    "botocore/data/sso/*/[es]*",
    "botocore/data/sso-oidc/*/[es]*",
    "botocore/data/sts/*/[es]*",
    "natgw_provider/bridge/**/*.binpb",
    "natgw_provider/resources/**/*.binpb",
    "natgw_provider/**/*.json",
    "natgw_provider/**/*.json.gz",
)
"""Files that are read at run time, as patterns below a folder of packages."""

_START: Final = b"from natgw_provider.__main__ import main\nmain()\n"


@dataclass(frozen=True, slots=True)
class Release:
    """What is packed: the unpacked wheel, its version, and its source address."""

    wheel: Path
    version: str
    source: str

    @property
    def executable(self) -> str:
        """File name of what Terraform starts."""
        return f"terraform-provider-natgw_v{self.version}"


def build(machine: Machine, release: Release, folder: Path) -> None:
    """Build the package into `folder`, which is made anew; raises MissingError where this machine cannot."""
    require_tools([machine])
    shutil.rmtree(folder, ignore_errors=True)
    library = folder / "lib"
    (library / "ext").mkdir(parents=True)
    _compile(machine, release, folder)
    packages = wheels(machine)
    modules = {**dict(_standard_modules(machine)), **dict(_package_modules(release.wheel, packages))}
    _write_modules(modules, library)
    for name, path in modules.items():
        if path.suffix == ".so":
            shutil.copyfile(path, library / "ext" / f"{name}.so")
    _precompile(machine, release, library)
    _copy_data([release.wheel, packages], library)
    _copy_libraries(machine, library, [library / "natgw", *sorted((library / "ext").iterdir())])
    for path in [*folder.rglob("*.so*"), library / "natgw"]:
        subprocess.run([machine.tool("strip"), "--strip-unneeded", str(path)], check=True)
        path.chmod(0o644)
    for path in (library / "ld.so", folder / release.executable):
        path.chmod(0o755)


def list_files(folder: Path) -> None:
    """Write the list by which the starter and `natgw install` find out that a file is missing or cut short."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "files")
    lines = [f"{path.stat().st_size} {path.relative_to(folder)}\n" for path in files]
    (folder / "lib" / "files").write_text("".join(lines), encoding="utf-8")


def _compile(machine: Machine, release: Release, folder: Path) -> None:
    root = debian_root(machine)
    gcc = machine.tool("gcc")
    musl = root / "usr/lib" / f"{machine.processor}-linux-musl"
    starter = [
        *(gcc, "-Os", "-s", "-static", "-no-pie", "-nostdlib", "-nostdinc", "-fno-stack-protector"),
        *("-Wl,--build-id=none", "-isystem", str(root / "usr/include" / musl.name), f'-DVERSION="{release.version}"'),
        *(f'-DSOURCE="{release.source}"', "-o", str(folder / release.executable)),
        *(str(musl / "crt1.o"), str(musl / "crti.o"), str(PARTS / "starter.c"), str(musl / "libc.a"), "-lgcc"),
        str(musl / "crtn.o"),
    ]
    library = root / "usr/lib" / PYTHON / f"config-3.11-{machine.triplet}" / f"lib{PYTHON}.a"
    python = [
        *(gcc, f"--sysroot={root}", "-O2", "-no-pie", "-Wl,--export-dynamic", "-Wl,--build-id=none"),
        *(f"-I{root / 'usr/include' / PYTHON}", "-o", str(folder / "lib" / "natgw"), str(PARTS / "python.c")),
        *(str(library), "-lexpat", "-lz", "-lm", "-ldl", "-lpthread", "-lutil"),
    ]
    for command in (starter, python):
        subprocess.run(command, check=True)


def _standard_modules(machine: Machine) -> Iterator[tuple[str, Path]]:
    top = debian_root(machine) / "usr/lib" / PYTHON
    for path in sorted(top.rglob("*.py")):
        parts = path.relative_to(top).with_suffix("").parts
        if not any(_LEFT_OUT_OF_THE_STANDARD_LIBRARY.fullmatch(part) for part in parts):
            yield _module_name(parts), path
    for path in sorted((top / "lib-dynload").glob("*.so")):
        name = path.name.partition(".")[0]
        if not _LEFT_OUT_EXTENSIONS.fullmatch(name):
            yield name, path


def _package_modules(wheel: Path, packages: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(wheel.rglob("*.py")):
        yield from _named(wheel, path.relative_to(wheel))
    for distribution in installed_in(path=[str(packages)]):
        for file in distribution.files or ():
            if file.suffix in (".py", ".so"):
                yield from _named(packages, Path(file))


def _named(root: Path, path: Path) -> Iterator[tuple[str, Path]]:
    name = _module_name((*path.parts[:-1], path.name.partition(".")[0]))
    is_left_out = _LEFT_OUT_MODULES.fullmatch(name) and name not in _REPLACED
    if not is_left_out and ".." not in path.parts:
        yield name, root / path


def _module_name(parts: tuple[str, ...]) -> str:
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _write_modules(modules: Mapping[str, Path], library: Path) -> None:
    """Write the code of all modules and its index, and what runs before and after the first of them."""
    index: dict[str, tuple[str, int | str, int]] = {}
    packages = {name.rpartition(".")[0] for name in modules}
    with (library / "modules.bin").open("wb") as file:
        for name, path in sorted(modules.items()):
            if path.suffix == ".so":
                index[name] = ("extension", f"ext/{name}.so", 0)
                continue
            code = _compiled(_REPLACED.get(name, path.read_bytes()), name)
            index[name] = ("package" if path.name == "__init__.py" else "module", file.tell(), len(code))
            file.write(code)
        empty = _compiled(b"", "namespace")
        for name in sorted(packages - index.keys() - {""}):
            index[name] = ("package", file.tell(), len(empty))
            file.write(empty)
        start = file.tell()
        file.write(marshal.dumps(index) + start.to_bytes(8, "little"))
    (library / "importer.bin").write_bytes(_compiled((PARTS / "importer.py").read_bytes(), "importer"))
    (library / "start.bin").write_bytes(_compiled(_START, "start"))


def _compiled(source: bytes, name: str) -> bytes:
    # Relative names: two builds in different folders are to be equal, and a traceback needs no path of the builder's.
    code: CodeType = compile(source, f"natgw/{name}", "exec", dont_inherit=True, optimize=0)
    return marshal.dumps(code)


def _precompile(machine: Machine, release: Release, library: Path) -> None:
    """Write the regular expressions and dataclass methods of a plan, compiled; they are equal on every processor."""
    # The package's own standard library: the building machine's may be another patch release.
    path = f"{release.wheel}:{debian_root(machine) / 'usr/lib' / PYTHON}"
    environment = {"PYTHONPATH": path, "PYTHONHASHSEED": "0", "AWS_EC2_METADATA_DISABLED": "true"}
    subprocess.run([sys.executable, str(PARTS / "precompile.py"), str(library)], env=environment, check=True)


def _copy_data(roots: Iterable[Path], library: Path) -> None:
    for root in roots:
        for path in sorted({path for pattern in _DATA for path in root.glob(pattern) if path.is_file()}):
            if not _LEFT_OUT_MODULES.fullmatch(".".join(path.relative_to(root).parts)):
                target = library / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


def _copy_libraries(machine: Machine, library: Path, binaries: Iterable[Path]) -> None:
    """Copy the loader, and every shared library that the binaries need, and that these need."""
    root = debian_root(machine)
    folders = (root / "lib" / machine.triplet, root / "usr/lib" / machine.triplet)
    shutil.copyfile(folders[0] / machine.loader, library / "ld.so")
    todo, done = list(binaries), {machine.loader}
    while todo:
        for name in _needed(machine, todo.pop()) - done:
            done.add(name)
            shutil.copyfile(next(path / name for path in folders if (path / name).exists()), library / name)
            todo.append(library / name)


def _needed(machine: Machine, path: Path) -> set[str]:
    words = [machine.tool("readelf"), "-d", str(path)]
    listed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", listed))
