"""Build the documentation site without a network and walk through it: pages, links, references, search."""

from __future__ import annotations

import json
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import geo
from api.cli import COMMANDS
from scripts.docs_site import http_reference, links, navigation
from scripts.docs_site.search import split
from tests.processes import Processes

ROOT = navigation.ROOT
#: What is not on this machine may not be asked for while a site is built.
OFFLINE = """
import socket, runpy, sys
def refuse(*_):
    raise AssertionError("the site is built without a network")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
sys.argv = ["scripts.docs_site", "--keep-pictures", "--out", sys.argv[1]]
runpy.run_module("scripts.docs_site", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def site(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "docs"
    done = processes.run(sys.executable, "-c", OFFLINE, out, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return out


def page(site: Path, name: str) -> str:
    """Return a page of the site by the name of its source."""
    return (site / re.sub(r"\.(md|ipynb)$", ".html", name)).read_text(encoding="utf-8")


def headings(html: str) -> set[str]:
    """Return the texts of the headings of a page."""
    found = re.findall(r"<h[23]>(.*?)<a class=\"headerlink\"", html, re.S)
    return {unescape(re.sub(r"<[^>]+>", "", one)) for one in found}


def test_no_request_leaves_the_site_and_every_link_leads_somewhere(site: Path) -> None:
    assert links.problems(site) == []
    assert sum(1 for _ in site.rglob("*.html")) > 40


def test_every_page_is_in_the_navigation() -> None:
    assert navigation.listed() == navigation.pages()


def test_the_navigation_is_in_both_languages_and_on_every_page(site: Path) -> None:
    sections = navigation.sections((ROOT / navigation.INDEX).read_text(encoding="utf-8"))
    titles = [title for section in sections for title, _ in section.entries]
    assert len(titles) == len(set(titles)) > 40
    for words in (*titles, *(section.caption for section in sections)):
        assert re.search(r"[\u4e00-\u9fff].* · .*[A-Za-z]{3}", words), words
    for name in ("README.md", "docs/seeing.md", "docs/examples/coverage.ipynb"):
        sidebar = re.search(r'<div class="sidebar-tree">(.*?)\n</div>', page(site, name), re.S)
        assert sidebar is not None
        for title in titles:
            assert f">{title}</a>" in sidebar[1], title


def test_the_folder_opens_at_the_index(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    assert "url=docs/README.html" in front
    assert (site / "docs/README.html").is_file()


def test_references_name_everything_that_is_public(site: Path) -> None:
    python = page(site, "docs/reference/python.md")
    for name in geo.__all__:
        assert f'id="geo.{name}"' in python, name
    commands = page(site, "docs/reference/cli.md")
    for name in COMMANDS:
        assert f"gridsight {name}" in headings(commands), name
    assert {"gridsight db restore", "gridsight keys revoke"} <= headings(commands)
    assert "--target-height</span>" in commands
    assert "\b" not in commands
    routes = page(site, "docs/reference/http.md")
    for path, operations in http_reference.document()["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in headings(routes), path


def test_the_notebook_shows_its_results(site: Path) -> None:
    shown = page(site, "docs/examples/coverage.ipynb")
    assert shown.count('<div class="cell-output">') >= 4
    assert "streets: 5109 m2" in shown
    assert "<svg" in shown.split("Picture(")[-1] or shown.count("<svg") > 1


def test_the_index_finds_chinese_by_pairs_and_english_by_stems(site: Path) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    names = index["docnames"]

    def found(*words: str) -> set[str]:
        places = []
        for word in words:
            where = [*_listed(index["terms"].get(word, [])), *_listed(index["titleterms"].get(word, []))]
            places.append({names[one] for one in where})
        return set.intersection(*places)

    assert "docs/gaps" in found(*split("盲区"))
    assert "docs/decisions/row_level_security" in found(*split("行级权限"))
    assert "docs/tutorial" not in found(*split("行级权限"))
    assert "docs/gaps" in found("gap")


def _listed(where: int | list[int]) -> list[int]:
    return where if isinstance(where, list) else [where]


def test_chinese_is_cut_into_pairs() -> None:
    assert split("盲区排名 by rank_2, 杆 A3") == ["盲区", "区排", "排名", "by", "rank_2", "杆", "A3"]
    assert split("") == []


def test_a_page_opened_from_a_folder_is_searched_in_chinese_and_asks_nobody(chromium: Any, site: Path) -> None:
    tab = chromium.new_page()
    asked: list[str] = []
    faults: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto((site / "index.html").as_uri())
    tab.wait_for_url("**/docs/README.html")
    tab.get_by_role("textbox").first.fill("行级权限")
    tab.keyboard.press("Enter")
    tab.locator("#search-results li a").first.wait_for()
    titles = tab.locator("#search-results li a").all_inner_texts()
    tab.goto((site / "search.html").as_uri() + "?q=outage")
    tab.locator("#search-results li a").first.wait_for()
    tab.close()
    assert any("行级权限" in title for title in titles)
    assert faults == []
    assert all(url.startswith(("file:", "data:")) for url in asked), asked


# --- the check of links can fail --------------------------------------------------------------------------------------

GOOD = '<html><body><a id="here" href="#here">x</a> <a href="https://example.org/">people follow this</a></body></html>'


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<script src="https://cdn.example.org/a.js"></script>', "a.html fetches https://cdn.example.org/a.js"),
        ('<link rel="stylesheet" href="//fonts.example.org/f.css">', "a.html fetches //fonts.example.org/f.css"),
        ("<style>@import 'https://example.org/x.css'</style>", "a.html fetches https://example.org/x.css"),
        ('<p style="background: url(http://example.org/p.png)">', "a.html fetches http://example.org/p.png"),
        ('<img src="gone.png">', "a.html fetches gone.png, which is not there"),
        ('<a href="gone.html">', "a.html links to gone.html, which is not there"),
        ('<a href="#gone">', "a.html links to #gone, which has no such anchor"),
        ('<a href="b.html#gone">', "a.html links to b.html#gone, which has no such anchor"),
    ],
)
def test_what_the_check_says_of_a_broken_page(tmp_path: Path, html: str, said: str) -> None:
    (tmp_path / "b.html").write_text(GOOD, encoding="utf-8")
    assert links.problems(tmp_path) == []
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    assert links.problems(tmp_path) == [said]


def test_scripts_and_styles_that_ask_elsewhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("fetch('https://example.org/data.json')", encoding="utf-8")
    (tmp_path / "a.css").write_text("body { background: url(//example.org/p.png) }", encoding="utf-8")
    (tmp_path / "b.js").write_text("// see https://example.org/\nfetch('page.html')", encoding="utf-8")
    assert sorted(links.problems(tmp_path)) == [
        "a.css fetches //example.org/p.png",
        "a.js fetches fetch('https://example.org/data.json",
    ]
