"""Read the navigation of the site from the tables of docs/README.md: what the index lists is what the sidebar shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
INDEX = "docs/README.md"

_SECTION = re.compile(r"^## (.+)$", re.M)
#: A row of an index table: its first cell is a link to a page of this repository.
_ROW = re.compile(r"^\| \[([^\]]+)\]\(([^)#:]+\.(?:md|ipynb))\) \|", re.M)


class Section(NamedTuple):
    """Hold one part of the navigation: its caption, and title and page (relative to docs/) of each entry."""

    caption: str
    entries: list[tuple[str, str]]


def sections(index: str) -> list[Section]:
    """Return the sections of the index page that list pages, in their order."""
    parts = _SECTION.split(index)[1:]
    found = (Section(caption, _ROW.findall(body)) for caption, body in zip(parts[::2], parts[1::2], strict=True))
    return [section for section in found if section.entries]


def toctrees(index: str) -> str:
    """Return the hidden toctrees that Sphinx builds its sidebar from, as MyST."""
    out = []
    for section in sections(index):
        # Written after the page's text: a toctree is in the sidebar wherever it stands.
        lines = [f"{title} <{page.rsplit('.', 1)[0]}>" for title, page in section.entries]
        out += ["", "```{toctree}", ":hidden:", f":caption: {section.caption}", "", *lines, "```", ""]
    return "\n".join(out)


def listed(root: Path = ROOT) -> set[str]:
    """Return the pages in the navigation, relative to the repository, the index itself among them."""
    text = (root / INDEX).read_text(encoding="utf-8")
    home = (root / INDEX).parent
    pages = {page for section in sections(text) for _, page in section.entries}
    return {INDEX} | {(home / page).resolve().relative_to(root.resolve()).as_posix() for page in pages}


def pages(root: Path = ROOT) -> set[str]:
    """Return every page that the site is made of: those of docs/ and the ones that stand at the top by custom."""
    found = {path.relative_to(root).as_posix() for kind in ("*.md", "*.ipynb") for path in (root / "docs").rglob(kind)}
    return found | {"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}
