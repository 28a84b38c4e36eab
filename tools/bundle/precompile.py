"""Run by the build: compiles what a plan's start would compile, and writes it into a folder as the package stores it.

* `patterns.bin`: regular expressions. The key is the full text and flags, the value the arguments of `_sre.compile`.
* `methods.bin`: methods of dataclasses. The key is the full source text, the value its marshalled code.

Both are a third of a start. What is not in the tables is compiled as always (`importer.py`).
"""

import dataclasses
import marshal
import pkgutil
import re
import re._compiler as compiler
import sys
from importlib import import_module
from pathlib import Path

import _sre

patterns: dict[tuple[str | bytes, int], tuple[object, ...]] = {}
methods: dict[str, bytes] = {}
make, compile_text = _sre.compile, compiler.compile


def record_pattern(text: str | bytes, flags: int = 0) -> "re.Pattern[str]":
    """Compile a pattern as `re` does, and note it."""

    def note(pattern: str | bytes, all_flags: int, code: list[int], *rest: object) -> "re.Pattern[str]":
        plain = (pattern, int(all_flags), [int(word) for word in code], *rest)
        patterns[text, int(flags)] = plain
        return make(*plain)

    _sre.compile = note
    try:
        return compile_text(text, flags)
    finally:
        _sre.compile = make


def record_method(text: str, *names: object) -> None:
    """Compile the source of a dataclass's method, note it, and execute it as `dataclasses` does."""
    code = compile(text, "<string>", "exec", dont_inherit=True)
    methods[text] = marshal.dumps(code)
    exec(code, *names)


re.purge()
compiler.compile = record_pattern
dataclasses.exec = record_method
for package in ("natgw_provider.bridge", "natgw_provider.resources", "natgw_provider.engine", "natgw_provider.aws"):
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        import_module(module.name)
boto3 = import_module("boto3")
session = boto3.session.Session("key", "secret", region_name="eu-central-1")
for service in ("ec2", "sts"):
    session.client(service)
folder = Path(sys.argv[1])
known = dict(sorted(patterns.items(), key=lambda item: (str(item[0][0]), item[0][1])))
(folder / "patterns.bin").write_bytes(marshal.dumps({"magic": _sre.MAGIC, "patterns": known}))
(folder / "methods.bin").write_bytes(marshal.dumps(dict(sorted(methods.items()))))
