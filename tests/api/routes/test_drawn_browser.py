"""Draw a scope in Debian's chromium, over the real application: all of the page is of it, and the link carries it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from api.main import create_app
from api.settings import Settings
from tests.browser import Tab, opened
from tests.serving import serving

#: The first grid of the county, as the corners are typed.
CORNERS = ("102, 37", "102.002, 37", "102.002, 37.002", "102, 37.002")
KEY = "drawn:102_37~102.002_37~102.002_37.002~102_37.002"


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


def draw(tab: Tab) -> None:
    page = tab.page
    page.locator(".map-tools").get_by_role("button", name="画一个范围").click()
    card = page.get_by_role("region", name="画一个范围")
    for one in CORNERS:
        card.get_by_role("textbox").fill(one)
        page.keyboard.press("Enter")
    card.get_by_role("button", name="用作范围").click()
    tab.until("gridsight.state.scope && gridsight.state.scopeGaps !== null")
    tab.rest()


def listed(tab: Tab) -> list[str]:
    tab.rest()
    return tab.page.eval_on_selector_all("#gap-list button", "all => all.map(one => one.dataset.key)")


def test_a_drawn_zone_rules_the_page_and_its_link(tab: Tab) -> None:
    page = tab.open().page
    everything = page.inner_text("#kpis"), listed(tab)
    draw(tab)
    assert page.inner_text("#scope").startswith("范围：画出的范围")
    day = page.evaluate("gridsight.model.meta.data_date")
    assert f"按数据日期 {day} 的数据计算" in page.inner_text("#scope")
    grid = page.evaluate("fetch('/runs/latest/zones/grids').then(r => r.json()).then(all => all.grids[0])")
    assert f"{grid['sure_share'] * 100:.1f} %" in page.inner_text("#kpis .kpi-wide")
    own = page.evaluate(f"fetch('/runs/latest/gaps?zone={KEY}').then(r => r.json()).then(all => all.gaps)")
    assert listed(tab) == [str(one["rank"]) for one in own]
    assert page.locator(".measure").is_hidden()
    page.click("#tab-export")
    files = page.eval_on_selector_all("#downloads a", "all => all.map(one => one.href)")
    zones = {parse_qs(urlsplit(one).query)["zone"][0] for one in files if "/rates" not in one}
    assert zones == {KEY}
    assert parse_qs(urlsplit(page.get_attribute("#print-sheet", "href")).query)["zone"] == [KEY]
    # The link, opened anew, shows the same.
    figures, link = page.inner_text("#kpis"), page.url
    assert "scope=drawn" in link
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector('html[data-state="ready"]')
    tab.until("gridsight.state.scopeGaps !== null")
    assert page.evaluate("gridsight.scopeKey()") == KEY
    assert page.inner_text("#kpis") == figures
    page.click("#scope-clear")
    page.click("#tab-gaps")
    assert (page.inner_text("#kpis"), listed(tab)) == everything


def test_what_the_service_refuses_is_said_in_the_card(tab: Tab) -> None:
    page = tab.open().page
    page.locator(".map-tools").get_by_role("button", name="画一个范围").click()
    page.evaluate("""[[102, 37], [102.002, 37.002], [102, 37.002], [102.002, 37]]
      .forEach(at => gridsight.measure.add({ lon: at[0], lat: at[1] }))""")
    page.get_by_role("button", name="用作范围").click()
    page.get_by_role("region", name="画一个范围").get_by_text("边线自相交").wait_for()
    assert page.evaluate("gridsight.state.scope") is None
    assert page.get_by_role("button", name="用作范围").is_enabled()
    # The other tool measures again.
    page.locator(".map-tools").get_by_role("button", name="测量").click()
    assert page.get_by_role("region", name="测量").get_by_role("radio", name="长度").is_checked()
    assert page.evaluate("gridsight.state.measure.points") == []
    tab.complaints[:] = [one for one in tab.complaints if "400" not in one]


def test_a_link_to_a_zone_that_cannot_be_says_so(tab: Tab, home: str) -> None:
    page = tab.open("#17/37.001/102.001/-/zh/scope=drawn%3A1_2").page
    assert "画出的范围" in page.inner_text("#banner")
    tab.complaints[:] = [one for one in tab.complaints if "400" not in one]
