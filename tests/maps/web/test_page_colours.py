"""Check that the page has every colour it uses from the palette, in each theme and on paper."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from geo.catalog.palette import PAGE, PRINTED_PAGE
from maps.web import assets, pages
from maps.web.page_colours import page_colours
from tests.browser import opened
from tests.maps.county_data import county

STYLE_SHEET = assets.bundle_of(pages.STYLES, ".css")


def declared(selector: str) -> dict[str, str]:
    """Return the variables that one rule declares."""
    found = re.search(rf"{re.escape(selector)} {{([^{{}}]*)}}", page_colours())
    assert found, selector
    return dict(re.findall(r"--([\w-]+): ([^;]+);", found[1]))


def variables(colours: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): colour for name, colour in colours.items()}


def test_each_theme_has_every_colour_of_the_palette() -> None:
    assert declared(":root") == variables(asdict(PAGE["light"]))
    assert declared(':root[data-theme="dark"]') == variables(asdict(PAGE["dark"]))
    assert declared(':root:not([data-theme="light"])') == variables(asdict(PAGE["dark"]))
    assert declared(':root, :root[data-theme="dark"]') == PRINTED_PAGE
    assert set(PRINTED_PAGE) - {"frame"} < set(asdict(PAGE["light"]))


def test_the_style_sheet_uses_each_variable_and_no_other() -> None:
    own = set(re.findall(r"--([\w-]+):", STYLE_SHEET))
    assert own == {"shadow", "font"}
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE_SHEET)) - own == {*declared(":root"), *PRINTED_PAGE}
    paper = STYLE_SHEET[STYLE_SHEET.index("@media print") :]
    assert STYLE_SHEET.count("var(--frame)") == paper.count("var(--frame)") == 1, "only paper has this colour"


def test_both_pages_have_the_colours_under_their_nonce(tmp_path: Path) -> None:
    pages.write_map(county(gaps=30, cameras=40), tmp_path / "map.html")
    for text in ((tmp_path / "map.html").read_text(encoding="utf-8"), pages.page(nonce="n-0_n", lang="zh", run=None)):
        nonce = re.search(r'<style nonce="([\w-]+)">\n' + re.escape(page_colours()), text)
        assert nonce
        assert f'<script nonce="{nonce[1]}"' in text


@pytest.mark.parametrize(
    ("scheme", "chosen", "shown"),
    [("light", None, "light"), ("dark", None, "dark"), ("dark", "light", "light"), ("light", "dark", "dark")],
)
def test_the_browser_shows_the_colours_of_the_theme(
    chromium, tmp_path: Path, scheme: str, chosen: str | None, shown: str
) -> None:
    pages.write_map(county(gaps=30, cameras=40), tmp_path / "map.html")
    with opened(chromium, (tmp_path / "map.html").as_uri(), color_scheme=scheme) as tab:
        page = tab.open().page
        page.evaluate("theme => { if (theme) document.documentElement.dataset.theme = theme; }", chosen)
        root = "getComputedStyle(document.documentElement)"
        names = list(variables(asdict(PAGE["light"])))
        got = page.evaluate(f"names => names.map(name => {root}.getPropertyValue('--' + name).trim())", names)
        assert dict(zip(names, got, strict=True)) == variables(asdict(PAGE[shown]))
        assert page.evaluate(f"{root}.colorScheme") == shown
        page.emulate_media(media="print", color_scheme="light")
        assert page.evaluate(f"{root}.getPropertyValue('--text').trim()") == PRINTED_PAGE["text"]
