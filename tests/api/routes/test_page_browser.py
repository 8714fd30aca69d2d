"""Drive the planner's page over the real application in Debian's chromium: strict policy, nothing leaves the host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.main import create_app
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.settings import Settings
from tests.api.conftest import G1, G2, M1, T1
from tests.browser import Tab, opened
from tests.serving import serving


@pytest.fixture(scope="module")
def home(drawn: Path) -> Iterator[str]:
    """Serve the county by the real server on a free port of this machine."""
    with serving(create_app(Settings(workspace=drawn))) as url:
        yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home) as opened_tab:
        yield opened_tab


def test_the_page_shows_the_run_of_the_store(tab: Tab) -> None:
    page = tab.open().page
    assert page.locator("#gap-list button").count() > 0
    assert tab.page.evaluate("gridsight.source.summary('grids').count") == 4
    assert tab.page.evaluate("gridsight.source.summary('cameras').count") == 4
    paths = {url.removeprefix(tab.home).split("?")[0] for url in tab.requests}
    assert "runs/latest" in paths
    # No whole layer is loaded: tiles for what is drawn, pages for what is listed.
    assert not [one for one in paths if re.match(r"runs/.*/(zones/grids|gaps|views)$|ogc/collections/cameras", one)]
    assert [one for one in paths if "/tiles/grids/" in one]


def test_search_finds_a_grid_and_an_address(tab: Tab) -> None:
    page = tab.open().page
    page.fill("#search", G2)
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert tab.selected() == f"grids:{G2}"
    page.keyboard.press("Escape")
    tab.fill("#search", "南镇南村东街2号")
    page.keyboard.press("Enter")
    tab.until("gridsight.selection")
    assert any("/locate?address=" in url for url in tab.requests)
    assert G2 in (tab.selected() or "") or G2 in page.inner_text(".leaflet-popup")


def test_the_search_box_suggests_places_by_pinyin_and_lists_the_grids_of_a_street(tab: Tab) -> None:
    """东街 1 is in G1's microgrid and 东街 2 in G2: the street is in several grids, and each is told with why."""
    page = tab.open().page
    page.fill("#search", "nanz")
    tab.until("document.querySelector('#search-results').innerText.includes('南镇 (试验县)')")
    first = page.locator("#search-results [role=option]").first
    assert first.inner_text().startswith("南镇 (试验县)")
    assert first.get_attribute("id") == page.get_attribute("#search", "aria-activedescendant")
    page.keyboard.press("Enter")
    tab.until("gridsight.selection")
    assert tab.selected() == f"townships:{T1}"
    page.fill("#search", "dongj")
    tab.until("document.querySelector('#search-results').innerText.includes('东街')")
    page.keyboard.press("Enter")
    tab.until("document.querySelector('#search-status').textContent.includes('ambiguous')")
    texts = page.locator("#search-results [role=option]").all_inner_texts()
    assert any(G2 in text for text in texts)
    assert all("score" in text for text in texts)


def test_a_gap_is_found_both_ways_and_the_permalink_restores_it(tab: Tab) -> None:
    page = tab.open().page
    page.click('#gap-list button[data-key="1"]')
    page.wait_for_selector(".leaflet-popup .pop")
    chosen = tab.selected()
    assert chosen.startswith("gaps:")
    tab.until("location.hash.includes('/gaps:')")
    link = page.evaluate("location.hash")
    page.goto("about:blank")
    tab.open(link)
    assert tab.selected() == chosen


def test_a_link_to_a_deleted_run_leads_to_the_run_of_now_and_what_messengers_add_is_let_pass(tab: Tab) -> None:
    page = tab.open("?from=singlemessage&isappinstalled=0").page
    page.goto("about:blank")
    page.goto(f"{tab.home}?run=20250101T000000-gone#15/37.00100/102.00100/grids:{G1}/en")
    page.wait_for_selector('html[data-state="failed"]')
    said = page.locator("#banner")
    assert "There is no run 20250101T000000-gone here" in said.inner_text()
    assert "gridsight runs" not in said.inner_text()
    assert said.get_by_text("Load again").count() == 0
    said.get_by_role("link", name="See the run of now").click()
    page.wait_for_selector('html[data-state="ready"]')
    assert tab.selected() == f"grids:{G1}"
    assert all("404" in one for one in tab.complaints)
    tab.complaints.clear()


def test_the_page_of_a_workspace_with_keys_signs_people_in_and_out(chromium, workspace: Path) -> None:
    key = ApiKeys(FileKeyStore.for_workspace(workspace)).create("王规划", "planner", by="test")[0]
    with serving(create_app(Settings(workspace=workspace))) as url, opened(chromium, f"{url}/") as tab:
        page = tab.open().page
        assert tab.page.evaluate("gridsight.source.summary('grids').count") == 4
        assert page.inner_text("#gap-count") == "Sign in to see gaps and cameras"
        assert not [url for url in tab.requests if "/ogc/" in url or "/gaps" in url or "/cameras" in url]
        page.click("#account")
        page.fill("#key", key)
        page.click("button")
        page.wait_for_selector('html[data-state="ready"]')
        assert tab.page.evaluate("gridsight.source.summary('cameras').count") == 4
        assert page.inner_text("#account") == "王规划"
        assert page.locator("#gap-list button").count() > 0
        assert "gridsight_session" not in page.evaluate("document.cookie")
        page.click("#account")
        page.click("form button")
        page.wait_for_selector("#key")
        tab.open()
        assert page.inner_text("#account") == "Sign in"


@pytest.mark.parametrize("path", ["docs", "problems/bad-value", "problems"])
def test_the_other_pages_stay_at_home_too(chromium, home: str, path: str) -> None:
    with opened(chromium, home) as tab:
        tab.page.goto(home + path)
        tab.page.wait_for_load_state("networkidle")
        if path == "docs":
            tab.page.wait_for_selector(".opblock", timeout=60_000)


def test_downloads_are_served_from_here(tab: Tab) -> None:
    tab.open()
    for rest, begin in (("runs/latest/zones/grids?f=csv", "\ufeffcode"), ("runs/latest/gaps?f=geojson", "{")):
        script = "b => new TextDecoder('utf-8', {ignoreBOM: true}).decode(b)"
        text = tab.page.evaluate(f"fetch('/{rest}').then(one => one.arrayBuffer()).then({script})")
        assert text.startswith(begin)
    assert json.loads(text)["features"]
    assert M1.startswith(G1)
