"""Drive the sheet of rows in Debian's chromium, over the real application and the county of tests/api/conftest.py."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.main import create_app
from api.settings import Settings
from tests.api.conftest import G1, G3, G4, T1
from tests.browser import Tab, opened
from tests.serving import serving


@pytest.fixture(scope="module")
def home(drawn: Path) -> Iterator[str]:
    with serving(create_app(Settings(workspace=drawn))) as url:
        yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as made:
        yield made
        made.rest()
        made.page.wait_for_load_state("networkidle")
        # The page asks for the stored view of cameras that see nothing: the run has no such rows.
        made.complaints[:] = [one for one in made.complaints if "404" not in one]


def opened_at(tab: Tab, layer: str) -> None:
    page = tab.open().page
    page.locator(".map-tools").get_by_role("button", name="表格").click()
    page.get_by_label("列表", exact=True).select_option(layer)
    tab.rest()


def keys(tab: Tab) -> list[str]:
    tab.page.wait_for_timeout(300)  # the pause after the last key
    tab.rest()
    return tab.page.eval_on_selector_all(".sheet tbody tr", "all => all.map(one => one.dataset.key)")


def chosen(tab: Tab) -> list[str]:
    return tab.page.eval_on_selector_all(".sheet tr[aria-selected=true]", "all => all.map(one => one.dataset.key)")


def test_cameras_are_filtered_sorted_and_downloaded_as_shown(tab: Tab) -> None:
    opened_at(tab, "cameras")
    page = tab.page
    grid = page.get_by_role("grid", name="表格")
    assert keys(tab) == ["c1", "c2", "c3", "c4"]
    assert grid.get_attribute("aria-rowcount") == "6"
    page.get_by_label("过滤 名称").fill("号")
    page.get_by_label("过滤 状态").select_option("online")
    page.get_by_label("方位角（度） 不小于").fill("80")
    assert keys(tab) == ["c1", "c2"]
    header = page.get_by_role("columnheader", name="方位角")
    header.get_by_role("button").click()
    header.get_by_role("button").click()
    assert keys(tab) == ["c2", "c1"]
    assert header.get_attribute("aria-sort") == "descending"
    page.locator(".sheet-choose summary").click()
    for name in ("点位", "图像宽度"):
        page.locator(".sheet-columns").get_by_label(name, exact=False).first.uncheck()
    page.locator(".sheet-choose summary").click()
    assert page.get_by_role("columnheader", name="点位").count() == 0
    assert keys(tab) == ["c2", "c1"], "filters of other columns stay"
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载 CSV").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [one["名称"] for one in rows] == ["二号", "一号"]
    assert [one["方位角（度）"] for one in rows] == ["270", "90"], "numbers have their unit in the heading"
    assert {one["状态"] for one in rows} == {"在线"}
    assert "点位" not in rows[0]
    # A page of rows that does not come is told; nothing is written.
    page.evaluate("""() => {
      const fetched = window.fetch;
      window.fetch = () => (window.fetch = fetched) && Promise.reject(new TypeError("lost"));
    }""")
    page.get_by_role("button", name="下载 CSV").click()
    tab.until("document.querySelector('#banner').textContent.includes('lost')")
    page.locator("#banner").get_by_role("button", name="关闭").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("gridsight.announce('')")
    page.locator(".sheet").get_by_role("button", name="复制").click()
    tab.until("document.querySelector('#announce').textContent")
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert [line.split("\t")[0] for line in lines[1:]] == ["c2", "c1"]
    page.get_by_role("button", name="清除过滤").click()
    assert len(keys(tab)) == 4
    page.evaluate("gridsight.speak('en')")
    assert page.get_by_role("columnheader", name="Azimuth").is_visible()


def test_rows_and_map_choose_each_other(tab: Tab) -> None:
    opened_at(tab, "cameras")
    page = tab.page
    rows = page.locator(".sheet tbody tr")
    rows.nth(1).click()
    tab.until("gridsight.selection && gridsight.selection.key === 'c2'")
    assert chosen(tab) == ["c2"]
    page.evaluate("gridsight.select('cameras', 'c4', { still: true }).then(() => 0)")
    assert chosen(tab) == ["c4"]
    rows.nth(0).click(modifiers=["Control"])
    assert chosen(tab) == ["c1", "c4"]
    rows.nth(2).click(modifiers=["Shift"])
    assert chosen(tab) == ["c1", "c2", "c3"]
    # By keys: down to the last row, which Enter chooses.
    rows.nth(2).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab.until("gridsight.selection.key === 'c4'")
    assert chosen(tab) == ["c4"]
    # What the filters leave out is shown all the same where the map chooses it.
    page.get_by_label("过滤 名称").fill("一")
    assert keys(tab) == ["c4", "c1"]


def test_zones_and_gaps_follow_the_scope(tab: Tab) -> None:
    opened_at(tab, "gaps")
    page = tab.page
    everywhere = keys(tab)
    page.evaluate(f"gridsight.restoreScope('townships:{T1}').then(() => 0)")
    inside = keys(tab)
    assert 0 < len(inside) < len(everywhere)
    page.get_by_label("列表", exact=True).select_option("grids")
    found = keys(tab)
    assert G1 in found
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载 CSV").click()
    (head, *rest) = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert "盲区面积（平方米）" in head.split(",")
    assert len(rest) == len(found)
    page.locator(f".sheet tbody tr[data-key='{G1}']").click()
    tab.until("gridsight.state.scope && gridsight.state.scope.layer === 'grids'")
    assert keys(tab) == found, "a zone that is chosen among those shown leaves them"
    page.get_by_role("region", name="表格").get_by_role("button", name="关闭").click()
    assert page.locator(".sheet").is_hidden()


def test_on_a_phone_it_is_the_whole_screen_and_gives_way_to_the_map(chromium, home: str) -> None:
    with opened(chromium, home, viewport={"width": 390, "height": 844}, locale="en-US") as made:
        page = made.open().page
        page.evaluate("gridsight.speak('en')")
        page.locator(".map-tools").get_by_role("button", name="Sheet").click()
        made.rest()
        box = page.locator(".sheet").bounding_box()
        assert (box["width"], box["height"]) == (390, 844)
        page.locator(".sheet tbody tr").first.click()
        made.until("gridsight.selection")
        assert page.locator(".sheet").is_hidden()
        made.rest()
        page.wait_for_load_state("networkidle")


def test_fingers_choose_several_areas_in_the_sheet_and_on_the_map(chromium, home: str) -> None:
    with opened(chromium, home, viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN") as made:
        opened_at(made, "grids")
        page = made.page
        page.get_by_role("button", name="多选").tap()
        rows = page.locator(".sheet tbody tr")
        for at in (0, 1, 2, 1):
            rows.nth(at).tap()
        assert chosen(made) == [G1, G3]
        assert page.locator(".sheet").is_visible(), "it does not give way while several are chosen"
        assert page.evaluate("gridsight.selection") is None
        page.get_by_role("region", name="表格").get_by_role("button", name="关闭").tap()
        page.evaluate("gridsight.map.setView([37.002, 102.002], 15, { animate: false }) && 0")
        made.rest()
        at = page.evaluate("gridsight.map.latLngToContainerPoint([37.0035, 102.0035])")
        box = page.locator(".leaflet-container").bounding_box()
        page.touchscreen.tap(box["x"] + at["x"], box["y"] + at["y"])
        made.until("gridsight.state.sheet.keys.length === 3")
        assert page.evaluate("gridsight.state.sheet.keys") == [G1, G3, G4]
        page.locator(".map-tools").get_by_role("button", name="表格").click()
        assert chosen(made) == [G1, G3, G4]
        # Off again the last one is left, and a touch shows its row on the map.
        page.get_by_role("button", name="多选").tap()
        assert chosen(made) == [G4]
        made.rest()
        page.wait_for_load_state("networkidle")
