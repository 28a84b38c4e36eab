"""Shows Markdown as GitHub would, in a real headless browser: for the screenshot, and to see Mermaid take our chart.

Needs Chromium, and a folder with the npm packages marked, mermaid and github-markdown-css:

    npm install --prefix build/render marked mermaid github-markdown-css
    NATGW_RENDER_MODULES=build/render/node_modules python tests/review/browser.py comment.md docs/images/review.png
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 920

_PAGE = """<!doctype html><meta charset="utf-8">
<style>{css}</style>
<script>{marked}</script>
<script>{mermaid}</script>
<style>
body {{ margin: 24px; background: #fff }}
.alert {{ border-left: .25em solid; padding: 8px 16px; margin-bottom: 16px }}
.alert b {{ display: block; margin-bottom: 8px }}
.CAUTION {{ border-color: #d1242f }} .CAUTION b {{ color: #d1242f }}
.WARNING {{ border-color: #9a6700 }} .WARNING b {{ color: #9a6700 }}
.NOTE {{ border-color: #0969da }} .NOTE b {{ color: #0969da }}
.goes {{ color: #82071e; background: #ffebe9 }} .comes {{ color: #116329; background: #dafbe1 }}
.hunk {{ color: #8250df; font-weight: 600 }}
</style>
<article class="markdown-body"></article>
<script>
const article = document.querySelector("article");
article.innerHTML = marked.parse({markdown}, {{gfm: true}});
for (const quote of article.querySelectorAll("blockquote")) {{
  const kind = quote.innerText.match(/^\\s*\\[!(\\w+)\\]/);
  if (!kind) continue;
  quote.innerHTML = quote.innerHTML.replace("[!" + kind[1] + "]", "");
  const box = document.createElement("div");
  box.className = "alert " + kind[1];
  box.innerHTML = "<b>" + kind[1][0] + kind[1].slice(1).toLowerCase() + "</b>" + quote.innerHTML;
  quote.replaceWith(box);
}}
const kinds = {{"-": "goes", "+": "comes", "@": "hunk"}};
for (const block of article.querySelectorAll("code.language-diff")) {{
  block.innerHTML = block.innerHTML.split("\\n").map(
    line => '<span class="' + (kinds[line[0]] || "") + '">' + line + "</span>").join("\\n");
}}
if ({open}) for (const one of article.querySelectorAll("details")) one.open = true;
for (const block of article.querySelectorAll("code.language-mermaid")) {{
  const chart = document.createElement("div");
  chart.className = "mermaid";
  chart.textContent = block.textContent;
  block.parentElement.replaceWith(chart);
}}
mermaid.initialize({{startOnLoad: false}});
mermaid.run().then(() => document.title = "drawn", problem => document.title = "failed: " + problem.message);
</script>
"""


def modules() -> Path | None:
    """Return the folder of npm packages, if there is one."""
    folder = Path(os.environ.get("NATGW_RENDER_MODULES", ROOT / "build" / "render" / "node_modules"))
    return folder.resolve() if (folder / "mermaid").is_dir() else None


def chromium() -> str | None:
    """Return the browser, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def page(markdown: str, *, unfold: bool) -> str:
    """Return a page that shows `markdown`; its title is "drawn" when every chart is."""
    literal = json.dumps(markdown).replace("<", "\\u003c")
    folder = modules() or ROOT
    # Inlined, because a screenshot does not wait for files that are still loading.
    return _PAGE.format(
        css=(folder / "github-markdown-css" / "github-markdown-light.css").read_text(encoding="utf-8"),
        marked=(folder / "marked" / "lib" / "marked.umd.js").read_text(encoding="utf-8"),
        mermaid=(folder / "mermaid" / "dist" / "mermaid.min.js").read_text(encoding="utf-8"),
        markdown=literal,
        open=str(unfold).lower(),
    )


def drawn(markdown: str) -> str:
    """Return the page as the browser made it, with everything unfolded."""
    return _browse(page(markdown, unfold=True), "--dump-dom")


def screenshot(markdown: str, image: Path, *, height: int, unfold: bool = False) -> None:
    """Write a picture of the comment."""
    _browse(page(markdown, unfold=unfold), f"--screenshot={image}", f"--window-size={WIDTH},{height}")


def _browse(html: str, *options: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        done = subprocess.run(
            [
                chromium() or "chromium",
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                "--virtual-time-budget=15000",
                *options,
                f"file://{file}",
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return done.stdout


if __name__ == "__main__":
    if modules() is None or chromium() is None:
        raise SystemExit(__doc__)
    screenshot(
        Path(sys.argv[1]).read_text(encoding="utf-8"),
        Path(sys.argv[2]).resolve(),
        height=int(sys.argv[3]) if len(sys.argv) > 3 else 1150,
        unfold="--unfold" in sys.argv,
    )
