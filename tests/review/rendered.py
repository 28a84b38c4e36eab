"""Markdown as an independent renderer of GitHub's flavour reads it, taken apart into what a reader and a forge see."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_CODE = ("code", "pre")
_ALONE = ("br", "hr", "img", "input")


@dataclass
class Rendered(HTMLParser):
    """What the HTML holds.

    Attributes:
        tags: every element's name, in order.
        cells: the number of cells of every table row.
        open_text: text outside code, in which a forge finds mentions, references and links.
        code_text: text inside code.
    """

    tags: list[str] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    open_text: str = ""
    code_text: str = ""
    _path: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1
        if tag not in _ALONE:
            self._path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._path.pop() == tag, f"{tag} is closed out of turn"

    def handle_data(self, data: str) -> None:
        if any(tag in _CODE for tag in self._path):
            self.code_text += data
        else:
            self.open_text += data


def render(markdown: str) -> Rendered:
    """Return what the HTML of `markdown` holds; asserts that every element is closed in turn."""
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)
    rendered = Rendered()
    rendered.feed(html)
    rendered.close()
    return rendered
