"""What Terraform's CLI configuration says about where providers come from.

With any `provider_installation` block Terraform does not search `~/.terraform.d/plugins` and `./terraform.d/plugins`.
Only that block is understood here, in both of the forms that Terraform reads, HCL and JSON.
Source: developer.hashicorp.com/terraform/cli/config/config-file, "Provider Installation"; which files are read:
internal/command/cliconfig of hashicorp/terraform.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from natgw_provider import SOURCE

_BLOCK: Final = "provider_installation"
_HOST: Final = SOURCE.split("/")[0]
_OURS: Final = f"{_HOST}/*/*"
_DEFAULT_HOST: Final = "registry.terraform.io"
_TOKEN: Final = re.compile(
    r'(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)*(?:(?P<token>"(?:[^"\\\n]|\\.)*"|[\w.-]+|[{}\[\]=,])|$)', re.DOTALL
)
_OPEN, _CLOSE, _LIST, _LIST_END, _EQUALS, _COMMA, _END = "{", "}", "[", "]", "=", ",", ""


@dataclass(frozen=True, slots=True)
class Method:
    """One installation method: its name, such as `direct`, and its settings."""

    name: str
    settings: Mapping[str, Any]

    def covers_natgw(self) -> bool:
        """Whether Terraform asks it for natgw: included, and not excluded."""
        included = self.settings.get("include") or ["*/*/*"]
        return any(map(_matches, included)) and not any(map(_matches, self.settings.get("exclude") or []))


def search_trouble(mirror: Path, home: Path | None) -> str | None:
    """Return why `terraform init` does not search `mirror`, which it searches without a block; None if it does.

    The text names the file and the lines to add.
    """
    for file in _files(home):
        try:
            methods = _methods(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as problem:
            return f"{file} cannot be read, so it is not known where terraform searches: {problem}"
        if methods is not None and (lines := _missing_lines(methods, mirror)):
            return f"{file} has a {_BLOCK} block, and with it terraform does not search {mirror}. {lines}"
    return None


def _missing_lines(methods: list[Method], mirror: Path) -> str:
    """Return what has to be added to the block, with the lines; empty when nothing has to be."""
    asked = [method for method in methods if method.covers_natgw()]
    mirrors = [Path(str(it.settings.get("path", ""))) for it in asked if it.name == "filesystem_mirror"]
    parts = []
    if mirror.resolve() not in {path.resolve() for path in mirrors}:
        settings = f'    path    = "{mirror}"\n    include = ["{_OURS}"]\n'
        parts.append(f"Add to the block:\n\n  filesystem_mirror {{\n{settings}  }}\n")
    for direct in (method for method in asked if method.name == "direct"):
        excluded = json.dumps([*(direct.settings.get("exclude") or []), _OURS])
        parts.append(f"Its direct method asks {_HOST}, which does not exist. Set in it:\n\n    exclude = {excluded}\n")
    return "\n".join(parts)


def _matches(pattern: object) -> bool:
    parts = str(pattern).split("/")
    full = parts if len(parts) == len(SOURCE.split("/")) else [_DEFAULT_HOST, *parts]
    return all(part in ("*", of) for part, of in zip(full, SOURCE.split("/"), strict=False))


def _files(home: Path | None) -> Iterator[Path]:
    """Yield the configuration files that Terraform reads and that exist."""
    if chosen := os.environ.get("TF_CLI_CONFIG_FILE") or os.environ.get("TERRAFORM_CONFIG"):
        candidates = [Path(chosen)]
    elif home is not None:
        folder = home / ".terraform.d"
        candidates = [home / ".terraformrc", *sorted(folder.glob("*.tfrc")), *sorted(folder.glob("*.tfrc.json"))]
    else:
        candidates = []
    yield from filter(Path.is_file, candidates)


def _methods(text: str) -> list[Method] | None:
    """Return the methods of the `provider_installation` block; None without such a block. Raises ValueError."""
    body = _json_body(json.loads(text)) if text.lstrip().startswith("{") else _Hcl(text).body(_END)
    blocks = [block for name, block in body if name == _BLOCK and isinstance(block, list)]
    if not blocks:
        return None
    return [Method(kind, dict(settings)) for block in blocks for kind, settings in block if isinstance(settings, list)]


def _json_body(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return an object's names and values, a block as such a list again; a list of blocks is as many blocks."""
    pairs: list[tuple[str, Any]] = []
    for name, held in value.items():
        several = held if isinstance(held, list) and held and all(isinstance(it, dict) for it in held) else [held]
        pairs += [(name, _json_body(it) if isinstance(it, dict) else it) for it in several]
    return pairs


class _Hcl:
    """As much of HCL as a CLI configuration has: blocks with labels, and values of texts, words, lists and objects."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def body(self, end: str) -> list[tuple[str, Any]]:
        """Return the names and values up to the sign `end`; the value of a block or an object is such a list again."""
        pairs: list[tuple[str, Any]] = []
        while (token := self._next()) != end:
            if token == _COMMA:  # between the members of an object
                continue
            name = _plain(token)
            token = self._next()
            if token == _EQUALS:
                token = self._next()
            else:
                while token not in (_OPEN, _END):  # a block's labels
                    token = self._next()
            pairs.append((name, self._value(token)))
        return pairs

    def _value(self, token: str) -> Any:
        if token == _OPEN:
            return self.body(_CLOSE)
        if token != _LIST:
            return _plain(token)
        items = []
        while (item := self._next()) != _LIST_END:
            items += [] if item == _COMMA else [self._value(item)]
        return items

    def _next(self) -> str:
        """Return the next token, a text with its quotes; `_END` at the end."""
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise ValueError(f"it is not valid HCL near character {self._at}")
        self._at = found.end()
        return found["token"] or _END


def _plain(token: str) -> str:
    """Return a word, or a text without its quotes."""
    if token in (_OPEN, _CLOSE, _LIST, _LIST_END, _EQUALS, _END):
        raise ValueError(f"it is not valid HCL: {token or 'the end'} is not expected there")
    return str(json.loads(token)) if token.startswith('"') else token
