"""Run by the build: compiles the regular expressions of a plan's modules and prints them as the package stores them.

Each entry has the full text and flags of a pattern as its key, and the arguments of `_sre.compile` as its value. The
compiler takes a third of a start. What is not in the table is compiled as always (`importer.py`).
"""

import marshal
import pkgutil
import re
import re._compiler as compiler
import sys
from importlib import import_module

import _sre

patterns: dict[tuple[str | bytes, int], tuple[object, ...]] = {}
make, compile_text = _sre.compile, compiler.compile


def record(text: str | bytes, flags: int = 0) -> "re.Pattern[str]":
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


re.purge()
compiler.compile = record
for package in ("natgw_provider.bridge", "natgw_provider.resources", "natgw_provider.engine", "natgw_provider.aws"):
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        import_module(module.name)
boto3 = import_module("boto3")
session = boto3.session.Session("key", "secret", region_name="eu-central-1")
for service in ("ec2", "sts"):
    session.client(service)
known = dict(sorted(patterns.items(), key=lambda item: (str(item[0][0]), item[0][1])))
sys.stdout.buffer.write(marshal.dumps({"magic": _sre.MAGIC, "patterns": known}))
