"""Drive what everybody needs of the page in Debian's chromium: keys alone, a phone, hints, paper, counts of the view.

The county is that of tests/api/conftest.py: c1 and c2 stand together at site p1, c3 at p2, c4 is offline at p3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.main import create_app
from api.settings import Settings
from tests.browser import Tab, opened
from tests.serving import serving

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def home(drawn: Path) -> Iterator[str]:
    with serving(create_app(Settings(workspace=drawn))) as url:
        yield f"{url}/"


@pytest.fixture(scope="module")
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN", is_first_visit=True) as made:
        yield made


def focused(tab: Tab) -> str:
    return tab.page.evaluate("document.activeElement.className + '#' + document.activeElement.id")


def test_hints_are_closed_once_and_stay_closed(tab: Tab) -> None:
    page = tab.open().page
    card = page.get_by_role("region", name="怎样使用")
    card.wait_for()
    page.click("#lang")
    page.get_by_role("button", name="Got it").click()
    assert not page.locator(".hints").is_visible()
    assert focused(tab).endswith("#help")
    tab.open()
    page.wait_for_timeout(200)
    assert page.locator(".hints").count() == 0
    page.click("#help")
    assert page.locator(".hints").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".hints").is_visible()


def test_a_grid_is_chosen_on_the_map_by_keys_alone(tab: Tab) -> None:
    page = tab.open().page
    assert page.locator(".folium-map").get_attribute("role") == "application"
    page.evaluate("gridsight.show('gaps', false)")
    page.evaluate("gridsight.map.setView([37.0025, 102.0005], 18, { animate: false }) && 0")
    tab.rest()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到地图"
    page.keyboard.press("Enter")
    assert page.locator(".crosshair").is_visible()
    tab.until("document.getElementById('announce').textContent.includes('十字线下')")
    assert "网格" in page.inner_text(".crosshair-list")
    first = page.locator(".crosshair-list button").first.inner_text()
    page.keyboard.press("ArrowRight")
    tab.until("document.querySelector('.crosshair-list button, .crosshair-list li')")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    assert page.locator(".crosshair-list button").first.inner_text() == first
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    tab.until("document.activeElement.classList.contains('leaflet-popup')")
    assert tab.selected().startswith("grids:")
    assert page.locator(".scope").is_visible()
    page.keyboard.press("Escape")
    tab.until("!gridsight.selection && !document.querySelector('.leaflet-popup')")
    assert "leaflet-container" in focused(tab), "the map has the keys again"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.crosshair-list') !== null"), focused(tab)
    page.keyboard.press("Enter")
    tab.until("gridsight.selection")
    page.keyboard.press("Escape")
    tab.until("!gridsight.state.scope")


def test_the_legend_counts_what_is_in_the_view_by_one_request_a_move(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.state.inView")
    assert page.evaluate("gridsight.state.inView.cameras.count") == 4
    before = len([one for one in tab.requests if "/counts?" in one])
    # Around c3 alone.
    page.evaluate("gridsight.map.setView([37.001, 102.003], 20, { animate: false }) && 0")
    tab.until("gridsight.state.inView.cameras.count === 1")
    assert len([one for one in tab.requests if "/counts?" in one]) == before + 1
    switch = page.locator(".overlays > li", has=page.locator("input[value=cameras]"))
    assert switch.locator("label b").inner_text() == "1"
    page.evaluate("gridsight.home()")
    tab.until("gridsight.state.inView.cameras.count === 4")


def test_the_page_as_shown_is_one_sheet_of_paper(tab: Tab) -> None:
    page = tab.open().page
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
    [box] = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert float(box[0]) > float(box[1]), "A4 on its side"
    assert not page.evaluate("document.documentElement.classList.contains('printing')"), "the page is as it was"
    # The button waits for all that the sheet shows.
    page.evaluate("window.print = () => { window.printed = document.documentElement.className; }")
    page.click("#tab-export")
    page.click("#print-page")
    tab.until("window.printed === 'printing'")
    tab.until("!document.documentElement.classList.contains('printing')")
    page.click("#tab-gaps")


def test_on_a_phone_the_map_comes_first_and_panels_are_pulled_up(chromium, home: str) -> None:
    with opened(chromium, home, locale="zh-CN", is_first_visit=True, **PHONE) as tab:
        page = tab.open().page
        page.get_by_role("button", name="知道了").tap()
        side, chart = page.locator("#side"), page.locator(".folium-map")
        assert page.locator("#top").bounding_box()["height"] <= 100
        assert chart.bounding_box()["height"] > 600
        assert side.bounding_box()["height"] < 120
        cards = [one.bounding_box() for one in page.locator(".kpi:visible").all()]
        assert len(cards) == 3
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in cards)
        for lang in ("zh", "en"):
            cut = [one for one in page.locator("#title, .kpi dt, .kpi strong, .tabs button").all() if is_cut(one)]
            assert cut == [], lang
            page.click("#lang")
        page.evaluate("gridsight.select('cameras', 'c1').then(() => 0)")
        tab.until("gridsight.selection")
        page.get_by_role("tab", name="区域表").tap()
        tab.until("document.getElementById('side').offsetHeight > 400")
        # The map ends where the panel begins, so the county and what is chosen are still in view.
        tab.until("gridsight.map.getSize().y < 400")
        ends = chart.bounding_box()
        assert ends["y"] + ends["height"] <= side.bounding_box()["y"] + 1
        assert ends["height"] > 300
        chosen = "[gridsight.selection.values.lat, gridsight.selection.values.lon]"
        assert page.evaluate(f"gridsight.map.getBounds().contains({chosen})")
        page.evaluate("gridsight.unselect()")
        pull = page.get_by_role("button", name="上拉或下拉面板")
        assert pull.get_attribute("aria-expanded") == "true"
        pull.tap()
        tab.until("document.getElementById('side').offsetHeight > 750")
        pull.press("ArrowDown")
        tab.until("document.getElementById('side').offsetHeight < 500")
        drag(tab, pull, 500)
        tab.until("document.getElementById('side').offsetHeight < 120")
        drag(tab, pull, -300)
        tab.until("document.getElementById('side').offsetHeight > 400")
        # A row of a list is looked at on the map: the panels are down again, with their tabs in view.
        page.get_by_role("tab", name="区域表").tap()
        page.locator(".cell-link").first.tap()
        tab.until("document.getElementById('side').offsetHeight < 170 && gridsight.selection")
        assert page.evaluate("document.getElementById('side').scrollTop") == 0
        assert page.get_by_role("tab", name="盲区").bounding_box()["y"] < 820
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate("document.documentElement.scrollHeight") == 844


def test_by_touch_a_camera_is_dragged_and_its_popup_is_closed(chromium, home: str) -> None:
    with opened(chromium, home, locale="zh-CN", is_first_visit=True, **PHONE) as tab:
        page = tab.open().page
        page.get_by_role("button", name="知道了").tap()
        page.evaluate("gridsight.select('cameras', 'c1', { fly: true }).then(() => 0)")
        close = page.locator(".leaflet-popup-close-button")
        close.wait_for()
        page.wait_for_timeout(400)
        close.tap()  # fails where anything lies over it
        tab.until("!document.querySelector('.leaflet-popup')")
        page.get_by_role("tab", name="变更").tap()
        tab.until("gridsight.state.editing === 'c1'")
        page.locator(".pull").press("ArrowDown")
        page.wait_for_timeout(400)
        drag(tab, page.locator(".change-handle"), -60, touch=True)
        tab.until("gridsight.state.edits.list.length === 1")
        [one] = page.evaluate("gridsight.state.edits.list")
        assert one["geometry"]["coordinates"][1] > 37.001, "dragged to the north"
        tab.until("!gridsight.trial.isWaiting()")
        page.wait_for_load_state("networkidle")


def is_cut(one) -> bool:
    """Tell whether a word is longer than its place, or leaves the screen of a phone."""
    return one.evaluate(
        "(one) => one.clientWidth > 0 && (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 2"
        " || one.getBoundingClientRect().right > 391)"
    )


def drag(tab: Tab, one, down: int, *, touch: bool = False) -> None:
    """Drag an element by a finger, straight down or up."""
    box = one.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + min(8, box["height"] / 2)
    if touch:
        y = box["y"] + box["height"] / 2
    session = tab.page.context.new_cdp_session(tab.page)
    for step in range(7):
        kind = "touchStart" if step == 0 else "touchMove"
        points = [{"x": x, "y": y + down * step / 6}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        tab.page.wait_for_timeout(30)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
