"""Look at what the page says of addresses it is not sure of, of other runs, of tiny figures, and what it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from geo.assessment.named_zones import ZoneName, find_zone
from maps.web import pages
from tests.browser import Tab, opened
from tests.maps.county_data import county
from tests.maps.web.served import Answers, serving

#: Ids of runs before and after that of ``county``.
OLDER, NEWER, NEWEST = "0198b000-0000-7000", "0198d000-0000-7000", "0198e000-0000-7000"


@pytest.fixture(scope="module")
def small():
    return county(gaps=30, cameras=30)


@pytest.fixture(scope="module")
def home(small) -> Iterator[str]:
    with serving(Answers(small)) as served:
        yield served


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home) as opened_tab:
        yield opened_tab.open()


def look_up(tab: Tab, text: str) -> None:
    tab.page.fill("#search", text)
    tab.page.keyboard.press("ArrowUp")  # the last choice looks the address up
    tab.page.keyboard.press("Enter")


# -- addresses ---------------------------------------------------------------------------------------------------------


def test_the_card_of_an_address_tells_its_faults_in_both_languages(tab: Tab) -> None:
    page = tab.page
    look_up(tab, "建设路1号对面")
    page.wait_for_selector(".leaflet-popup .faults")
    assert page.locator(".leaflet-popup .faults li").all_inner_texts() == [
        "所说的是这个地址旁近的地方（对面）",
        "地址与坐标不一致：地址在网格 g2，坐标在网格 g1",
    ]
    said = page.inner_text(".leaflet-popup .pop-cause")
    assert said.startswith("只能部分确定 · 建设路1号对面 只认出一部分")
    page.click("#lang")
    assert page.locator(".leaflet-popup .faults li").all_inner_texts() == [
        "the text means a place near this address (opposite)",
        "address and point disagree: the address is in grid g2, the point in grid g1",
    ]
    assert page.inner_text(".leaflet-popup .pop-cause").startswith("partial · Only part of 建设路1号对面 is known")


def test_an_ambiguous_address_opens_none_and_an_unknown_one_says_so_whatever_was_shown_before(tab: Tab) -> None:
    page = tab.page
    look_up(tab, "建设路1号对面")
    page.wait_for_selector(".leaflet-popup .pop")
    look_up(tab, "文化中心附近")
    tab.until("document.querySelector('#search-status').textContent.includes('不止一个可能')")
    texts = page.locator("#search-results [role=option]").all_inner_texts()
    assert len(texts) == 2
    assert all("镇2" in text and "旁近的地方" in text for text in texts)
    assert tab.selected() is None
    # The place of another address is no answer to this one.
    page.wait_for_selector(".leaflet-popup", state="detached")
    look_up(tab, "无此处9号")
    tab.until("document.querySelector('#search-status').textContent.includes('没有找到')")
    assert "地址库中没有 无此处9号" in page.inner_text("#search-results")
    assert (tab.selected(), page.locator(".leaflet-popup").count()) == (None, 0)


# -- other runs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "others", "published", "hints"),
    [
        ("admin", [], None, []),
        ("admin", [OLDER], None, []),
        ("admin", [NEWER], None, [("默认", NEWER)]),
        ("planner", [OLDER, NEWER], NEWER, [("已发布", NEWER)]),
        ("planner", [NEWER, NEWEST], NEWER, [("已发布", NEWER), ("更新", NEWEST)]),
        ("planner", [NEWER], OLDER, [("已发布", OLDER), ("更新", NEWER)]),
        ("viewer", [NEWER, NEWEST], NEWER, [("已发布", NEWER)]),
        ("public", [NEWER, NEWEST], NEWER, [("已发布", NEWER)]),
    ],
)
def test_a_link_to_another_run_than_the_published_one_says_so(
    chromium, small, role: str, others: list[str], published: str | None, hints: list[tuple[str, str]]
) -> None:
    """A newer run that is not published is told of to planners and admins only."""
    with (
        serving(Answers(small, others=others, published=published, role=role)) as home,
        opened(chromium, home, timezone_id="Asia/Shanghai") as tab,
    ):
        page = tab.open().page
        links = page.locator("#run-hint a")
        said = list(zip(links.all_inner_texts(), [one.get_attribute("title") for one in links.all()], strict=True))
        assert [run for _, run in said] == [run for _, run in hints]
        assert [word in text for (text, _), (word, _) in zip(said, hints, strict=True)] == [True] * len(hints)
        assert page.is_visible("#run-hint") == bool(hints)
        if hints and hints[0][1] in others:
            assert f"（2026-09-0{1 + others.index(hints[0][1])} 09:02）" in said[0][0]
            page.click("#lang")
            assert re.search(r"see the (published )?run of 2026-09-0\d 09:02", links.first.inner_text())
            before = page.evaluate("location.hash")
            # What is asked for: the made service answers with its one run, whose link the page then has.
            with page.expect_request(lambda request: request.is_navigation_request()) as asked:
                links.first.click()
            assert parse_qs(urlsplit(asked.value.url).query)["run"] == [hints[0][1]]
            page.wait_for_load_state()
            assert page.evaluate("location.hash") == before
            page.wait_for_selector('html[data-state="ready"]')
            page.evaluate("gridsight.source.behind || null")


# -- figures and prints ------------------------------------------------------------------------------------------------


def test_no_figure_but_zero_reads_as_zero(tab: Tab) -> None:
    def shown(form: str, *values: float) -> list[str]:
        return [tab.page.evaluate(f"gridsight.{form}({value!r})") for value in values]

    assert shown("number", 0, 0.0004, 0.0005, 0.12, 3.25, 12.34, 1234.5) == [
        "0", "<0.001", "0.001", "0.120", "3.25", "12.3", "1,235",
    ]  # fmt: skip
    assert shown("area", 0, 0.04, 0.05, 9.96, 12000) == ["0.0 m²", "<0.1 m²", "0.1 m²", "10.0 m²", "1.20 公顷"]
    assert shown("metres", 0, 0.04, 12.4) == ["0.0 m", "<0.1 m", "12 m"]
    assert shown("share", 0, 4e-9, 0.0004, 0.0006, 0.9999, 1) == [
        "0.0 %", "<0.1 %", "<0.1 %", "0.1 %", ">99.9 %", "100.0 %",
    ]  # fmt: skip


@pytest.mark.parametrize("served", [False, True])
def test_tiny_figures_stay_in_the_table_and_the_card(chromium, small, tmp_path: Path, served: bool) -> None:
    """0.0003 of demand and 0.02 m² are something: the one-file map must not round them away either."""
    grids = small.zones["grids"].copy()
    grids["domain_weight"], grids["gap_m2"] = 0.0003, 0.02
    data = replace(small, zones={**small.zones, "grids": grids})
    pages.write_map(data, tmp_path / "map.html")
    with (
        serving(Answers(data)) as home,
        opened(chromium, home if served else (tmp_path / "map.html").as_uri()) as tab,
    ):
        page = tab.open().page
        page.click("#tab-zones")
        tab.rest()
        names = page.eval_on_selector_all("#zone-table th[data-column]", "all => all.map(one => one.dataset.column)")
        cells = page.locator("#zone-table tbody tr >> nth=0 >> td").all_inner_texts()
        row = dict(zip(names[1:], cells, strict=True))
        assert (row["domain_weight"], row["gap_m2"]) == ("<0.001", "<0.1 m²")
        code = data.zones["grids"].code[0]
        page.evaluate(f"gridsight.select('grids', '{code}', {{}})")
        assert "<0.1 m²" in page.inner_text(".leaflet-popup")


def test_a_sheet_is_asked_for_by_layer_and_code(chromium, small) -> None:
    """A township and a grid of one code: each is printed by itself."""
    towns = small.zones["townships"].copy()
    same = str(small.zones["grids"].code.iloc[0])
    towns.loc[0, "code"] = same
    data = replace(small, zones={**small.zones, "townships": towns})
    zones = [ZoneName("grids", same), ZoneName("townships", same)]
    with serving(Answers(data)) as home, opened(chromium, home) as tab:
        page = tab.open().page
        tab.until("document.querySelectorAll('#print-zone option').length > 1")
        page.click("#tab-export")
        for layer in ("grids", "townships"):
            page.evaluate(f"gridsight.select('{layer}', '{same}', {{still: true}})")
            href = page.get_attribute("#print-sheet", "href")
            asked = page.evaluate(f"new URLSearchParams('{href.partition('?')[2]}').get('zone')")
            assert find_zone(zones, asked) == ZoneName(layer, same)
        page.select_option("#print-zone", index=0)
        assert "zone=" not in page.get_attribute("#print-sheet", "href")
