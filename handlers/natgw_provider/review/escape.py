"""Text from outside, made harmless: in Markdown, in code blocks, in a terminal.

A resource key, a tag or a provider's message may hold anything: pipes, backticks, HTML, mentions, quick actions, escape
sequences, letters that turn the direction of writing. None of it may leave its cell or block, notify a user or hide
anything.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 160
_PLAIN_CODE = re.compile(r"[A-Za-z0-9 ._:/=+,\[\]\"'(){}$*%-]+")
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories that show nothing, or change how the rest is shown."""

_MARKUP = re.compile(r"[\\`*\[\]~!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;"}
_BREAK: Final = "&#8203;"
"""A space of no width: it takes apart what a forge would turn into a mention, a reference or a link."""

_REFERENCES = re.compile(r"[@#](?=\w)|!(?=\d)|GH(?=-\d)|:(?=//)|www(?=\.)|(?:mailto|xmpp)(?=:)", re.IGNORECASE)
_BLOCK_START = re.compile(r"(\d*)([-+#=.)])")
"""What would begin a list, a heading or a rule at the start of a line."""


def visible(text: str, longest: int = _LONGEST) -> str:
    """Return `text` on one line with everything unseen spelled out by its number, cut at `longest` characters."""
    shown = "".join(_spelled(letter) for letter in text[: longest + 1])
    return shown if len(text) <= longest else f"{shown[:longest]}..."


def code(text: str) -> str:
    """Return `text` as inline code for a Markdown table or a sentence."""
    shown = visible(text)
    if _PLAIN_CODE.fullmatch(shown) and shown == shown.strip():
        return f"`{shown}`"
    return "<code>" + "".join(letter if letter.isalnum() else f"&#{ord(letter)};" for letter in shown) + "</code>"


def prose(text: str, longest: int = 600) -> str:
    """Return `text` as a Markdown sentence that reads the same and does nothing."""
    shown = visible(" ".join(text.split()), longest)
    parts: list[str] = []
    position = 0
    for match in _REFERENCES.finditer(shown):
        parts += [_literal(shown[position : match.end()]), _BREAK]
        position = match.end()
    sentence = "".join([*parts, _literal(shown[position:])])
    start = _BLOCK_START.match(sentence)
    return f"{start[1]}\\{sentence[start.start(2) :]}" if start else sentence


def fence(lines: list[str], language: str) -> str:
    """Return a fenced code block around lines that went through `visible`."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return "\n".join([f"{ticks}{language}", *lines, ticks])


def comment_value(text: str) -> str:
    """Return `text`, JSON already, so that it cannot end an HTML comment."""
    return text.replace("--", "-\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")


def _literal(text: str) -> str:
    escaped = _MARKUP.sub(lambda match: f"\\{match.group()}", text)
    return "".join(_ENTITIES.get(letter, letter) for letter in escaped)


def _spelled(letter: str) -> str:
    if letter == "\n":
        return "\\n"
    number = ord(letter)
    if unicodedata.category(letter) in _UNSEEN:
        return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"  # noqa: PLR2004 - one byte
    return letter
