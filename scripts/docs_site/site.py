"""Extend Sphinx for this site: navigation from the index, references, notebooks, search in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from myst_parser.parsers.sphinx_ import MystParser

from scripts.docs_site import cli_reference, http_reference, navigation, notebooks, python_reference
from scripts.docs_site.search import SearchBothLanguages

#: Page -> what writes its body, in place of the mark ``<!-- generated -->``.
GENERATED = {
    "docs/reference/python": python_reference.page,
    "docs/reference/cli": cli_reference.page,
    "docs/reference/http": http_reference.page,
}
MARK = "<!-- generated -->"


class NotebookParser(MystParser):
    """Run a notebook and read it as Markdown."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: Any) -> None:  # noqa: ARG002 (the file is read where it is run)
        """Parse a notebook's page."""
        super().parse(notebooks.markdown(notebooks.run(Path(document["source"]))), document)


def link_own_anchors(_app: Any, _page: str, source: list[str]) -> None:
    """Let a link to an anchor that the page itself writes as HTML be HTML too: MyST would look for it elsewhere."""
    for name in re.findall(r'<a id="([\w-]+)">', source[0]):
        source[0] = re.sub(rf"\[([^\]\n]+)\]\(#{name}\)", rf'<a href="#{name}">\1</a>', source[0])


def add_bodies(_app: Any, page: str, source: list[str]) -> None:
    """Give the index its toctrees and the reference pages their bodies."""
    if page == navigation.INDEX.removesuffix(".md"):
        source[0] += navigation.toctrees(source[0])
    if page in GENERATED:
        assert source[0].count(MARK) == 1, f"{page} has one mark {MARK}"
        source[0] = source[0].replace(MARK, GENERATED[page]())


def setup(app: Any) -> dict[str, Any]:
    """Register all of it."""
    app.add_search_language(SearchBothLanguages)
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    app.connect("source-read", add_bodies)
    app.connect("source-read", link_own_anchors)
    return {"parallel_read_safe": True}
