"""Shows a review as GitHub would, in a real headless browser: for the picture in the documents, and to look at it.

Needs Chromium and GitHub's style sheet:

    npm install --prefix build/render github-markdown-css
    python tests/review/browser.py comment.md docs/images/review.png [height] [--unfold]
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "build" / "render" / "node_modules" / "github-markdown-css" / "github-markdown-light.css"
WIDTH = 920

_PAGE = """<!doctype html><meta charset="utf-8">
<style>{css}</style>
<style>
body {{ margin: 24px; background: #fff }}
.alert {{ border-left: .25em solid; padding: 8px 16px; margin-bottom: 16px }}
.alert > b {{ display: block; margin-bottom: 8px }}
.alert > p:last-of-type {{ margin-bottom: 0 }}
.CAUTION {{ border-color: #d1242f }} .CAUTION > b {{ color: #d1242f }}
.WARNING {{ border-color: #9a6700 }} .WARNING > b {{ color: #9a6700 }}
.NOTE {{ border-color: #0969da }} .NOTE > b {{ color: #0969da }}
.goes {{ color: #82071e; background: #ffebe9 }} .comes {{ color: #116329; background: #dafbe1 }}
.hunk {{ color: #8250df; font-weight: 600 }}
</style>
<article class="markdown-body">{html}</article>
"""
_KINDS = {"-": "goes", "+": "comes", "@": "hunk"}


def page(markdown: str, *, unfold: bool) -> str:
    """Return a page that shows `markdown` with GitHub's alerts and colours of a diff."""
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)
    html = re.sub(
        r"<blockquote>\s*<p>\[!(\w+)\]\n?(.*?)</blockquote>",
        lambda found: f'<div class="alert {found[1]}"><b>{found[1].title()}</b><p>{found[2]}</div>',
        html,
        flags=re.DOTALL,
    )
    html = re.sub(r'(<code class="language-diff">)(.*?)(</code>)', _coloured, html, flags=re.DOTALL)
    if unfold:
        html = html.replace("<details>", "<details open>")
    return _PAGE.format(css=STYLE.read_text(encoding="utf-8"), html=html)


def _coloured(block: re.Match[str]) -> str:
    lines = (f'<span class="{_KINDS.get(line[:1], "")}">{line}</span>' for line in block[2].split("\n"))
    return block[1] + "\n".join(lines) + block[3]


def screenshot(markdown: str, image: Path, *, height: int, unfold: bool = False) -> None:
    """Write a picture of the comment."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page(markdown, unfold=unfold), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        options += [f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{height}", f"--screenshot={image}"]
        command = [shutil.which("chromium") or "google-chrome", *options, f"file://{file}"]
        subprocess.run(command, capture_output=True, timeout=120, check=True)


if __name__ == "__main__":
    if len(sys.argv) < 3 or not STYLE.is_file():
        raise SystemExit(__doc__)
    screenshot(
        Path(sys.argv[1]).read_text(encoding="utf-8"),
        Path(sys.argv[2]).resolve(),
        height=int(sys.argv[3]) if sys.argv[3:] and sys.argv[3].isdigit() else 1150,
        unfold="--unfold" in sys.argv,
    )
