"""Drive both pages in Debian's chromium: nothing leaves the host, and every part does what it says."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geo.catalog.headings import RUN_NAMES, heading, run_fields
from maps.print.sheet import write_sheet
from maps.web import pages
from tests.browser import Tab, opened
from tests.maps.county_data import county
from tests.maps.web.served import Answers, serving

#: What both pages show.
DATA = county(gaps=600, cameras=500, hostile=True)


@pytest.fixture(scope="module")
def file_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("map") / "map.html"
    pages.write_map(DATA, path)
    return path.as_uri()


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(DATA)


@pytest.fixture(scope="module")
def served_home(answers: Answers) -> Iterator[str]:
    with serving(answers) as home:
        yield home


@pytest.fixture
def file_tab(chromium, file_home: str) -> Iterator[Tab]:
    with opened(chromium, file_home) as opened_tab:
        yield opened_tab


@pytest.fixture
def served_tab(chromium, served_home: str) -> Iterator[Tab]:
    with opened(chromium, served_home) as opened_tab:
        yield opened_tab


@pytest.fixture(params=["file", "served"])
def tab(request: pytest.FixtureRequest, chromium) -> Iterator[Tab]:
    """Open either page: what a test with this fixture asks of one holds for the other."""
    with opened(chromium, request.getfixturevalue(f"{request.param}_home")) as opened_tab:
        yield opened_tab


def click_map(tab: Tab, lat: float, lon: float) -> None:
    place = tab.page.evaluate(
        f"(() => {{ const p = gridsight.map.latLngToContainerPoint([{lat}, {lon}]);"
        " const b = gridsight.map.getContainer().getBoundingClientRect(); return [b.left + p.x, b.top + p.y]; })()"
    )
    tab.page.mouse.click(*place)


def ink(tab: Tab, pane: str) -> int:
    """Return how many pixels of a pane have something on them."""
    return tab.page.evaluate(f"""(() => {{
      const canvas = document.querySelector(".leaflet-{pane}-pane canvas");
      if (!canvas.width) return 0; // nothing of the pane is wanted
      const copy = document.createElement("canvas");
      [copy.width, copy.height] = [canvas.width, canvas.height];
      const context = copy.getContext("2d", {{ willReadFrequently: true }});
      context.drawImage(canvas, 0, 0);
      const found = context.getImageData(0, 0, copy.width, copy.height).data;
      let inked = 0;
      for (let at = 3; at < found.length; at += 4) inked += found[at] > 0;
      return inked;
    }})()""")


def test_the_page_shows_the_run(tab: Tab) -> None:
    page = tab.open().page
    kpis = page.inner_text("#kpis")
    for text in ("6,120", "311", "600", "25 px/m", "iec62676-4:2014", "道路路面", "27.1 %", "0.9 %"):
        assert text in kpis, text
    assert "0198c3a2" in page.inner_text("#meta")
    assert "内部规划用图" in page.inner_text(".foot")
    assert page.get_attribute("html", "lang") == "zh-CN"
    counts = page.eval_on_selector_all("#legend-classes b", "all => all.map(one => Number(one.textContent))")
    assert len(counts) == 7
    assert sum(counts) == 690
    assert page.locator(".leaflet-control-attribution").count() == 0
    assert page.locator("#gap-list button").count() == 200


def test_no_name_of_a_stranger_becomes_an_element(tab: Tab) -> None:
    page = tab.open().page
    page.fill("#search", "<img")
    page.wait_for_selector("#search-results [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert "<img src=x onerror=alert(1)>" in page.inner_text(".leaflet-popup")
    assert page.locator("img").count() == 0


def test_slash_focuses_the_search_and_enter_opens_the_first(tab: Tab) -> None:
    page = tab.open().page
    code = DATA.zones["grids"].code[300]
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type(code)
    tab.rest()
    assert code in page.inner_text("#search-results [role=option] >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert tab.selected() == f"grids:{code}"
    assert page.evaluate("gridsight.map.getBounds().contains(gridsight.shapes.bounds(gridsight.selection.shape))")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("镇7", "townships:"), ("第300网格", "grids:"), ("GL00042", "cameras:GL00042"), ("#17", "gaps:17")],
)
def test_search_finds_every_kind(file_tab: Tab, text: str, wanted: str) -> None:
    page = file_tab.open().page
    page.fill("#search", text)
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert (file_tab.selected() or "").startswith(wanted)


def test_coordinates_are_read_as_the_reader_says(file_tab: Tab) -> None:
    page = file_tab.open().page
    page.fill("#search", "103.1, 37.6")
    texts = page.locator("#search-results [role=option]").all_inner_texts()
    assert ["WGS-84" in texts[0], "CGCS2000" in texts[1], len(texts)] == [True, True, 2]
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    row = next(
        code
        for code, shape in zip(*_degrees(county(gaps=600, cameras=500, hostile=True)), strict=True)
        if shape.covers(_point(103.1, 37.6))
    )
    assert row in page.inner_text(".leaflet-popup")


def _degrees(data):
    grids = data.zones["grids"]
    return grids.code, grids.to_crs(4326).geometry


def _point(lon: float, lat: float):
    import shapely

    return shapely.Point(lon, lat)


def test_an_address_and_a_shifted_point_are_asked_of_the_server(served_tab: Tab, answers: Answers) -> None:
    page = served_tab.open().page
    page.fill("#search", "建设路 12 号")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert any(one.startswith("/locate?address=") for one in answers.asked)
    assert served_tab.selected() == f"grids:{answers.data.zones['grids'].code[5]}"
    page.fill("#search", "103.1 37.6")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    served_tab.until("gridsight.selection.layer === 'place'")
    assert "/locate?lon=103.1&lat=37.6&crs=gcj02" in answers.asked
    page.fill("#search", "无此处")
    page.keyboard.press("Enter")
    served_tab.until("document.querySelector('#search-status').textContent.includes('没有找到')")
    said = page.inner_text("#search-results")
    assert "地址库中没有 无此处" in said
    assert "网格" not in said, "an address that is not known is not outside every grid"


def test_an_ambiguous_address_lists_its_candidates_and_opens_none(served_tab: Tab, answers: Answers) -> None:
    page = served_tab.open().page
    before = served_tab.view()
    page.fill("#search", "文化中心")
    page.keyboard.press("Enter")
    served_tab.until("document.querySelector('#search-status').textContent.includes('不止一个可能')")
    codes = answers.data.zones["grids"].code[[7, 9]].tolist()
    texts = page.locator("#search-results [role=option]").all_inner_texts()
    assert [code in text for code, text in zip(codes, texts, strict=True)] == [True, True]
    assert all("镇2" in text for text in texts)
    assert (served_tab.selected(), served_tab.view()) == (None, before)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert served_tab.selected() == f"grids:{codes[1]}"


def test_a_row_flies_to_its_gap_and_a_gap_selects_its_row(tab: Tab) -> None:
    page = tab.open().page
    page.click('#gap-list button[data-key="40"]')
    page.wait_for_selector(".leaflet-popup .pop")
    assert tab.selected() == "gaps:40"
    assert page.get_attribute('#gap-list button[data-key="40"]', "aria-current") == "true"
    assert page.evaluate("gridsight.map.getBounds().contains(gridsight.shapes.bounds(gridsight.selection.shape))")
    # Now the other way: a gap outside the first 200, clicked on the map, gets its row.
    row = DATA.gaps[DATA.gaps["rank"] == 350].iloc[0]
    target = [float(row.lat), float(row.lon)]
    page.keyboard.press("Escape")
    assert tab.selected() is None
    assert page.locator('#gap-list button[data-key="350"]').count() == 0
    page.evaluate(f"void gridsight.map.setView({target}, 18, {{animate: false}})")
    tab.rest()
    click_map(tab, *target)
    tab.until("gridsight.selection && gridsight.selection.layer === 'gaps'")
    key = page.evaluate("gridsight.selection.key")
    assert page.get_attribute(f'#gap-list button[data-key="{key}"]', "aria-current") == "true"
    assert page.locator("#gap-list [aria-current]").count() == 1
    assert page.locator(".leaflet-popup .pop-cause").inner_text()


def test_the_list_is_worked_by_keys(file_tab: Tab) -> None:
    page = file_tab.open().page
    page.focus("#gap-list button")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.key") == "2"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.key") == "200"
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup .pop")
    assert file_tab.selected() == "gaps:1"
    assert "盲区 1" in page.inner_text("#announce")
    assert page.locator("#gap-list button[tabindex='0']").count() == 1


def test_the_list_is_filtered(file_tab: Tab) -> None:
    page = file_tab.open().page
    page.select_option("#gap-cause", "unknown")
    rows = page.locator("#gap-list button").all_inner_texts()
    assert rows
    assert all("参数不明" in one and "可能已覆盖" in one for one in rows)
    page.select_option("#gap-cause", "")
    code = page.evaluate("gridsight.model.rows('gaps')[250].values.grid")
    page.fill("#gap-filter", code)
    assert all(code in one for one in page.locator("#gap-list button").all_inner_texts())


@pytest.mark.parametrize("by", ["name", "code", "padded"])
def test_the_gaps_of_a_township_are_those_of_all_its_grids(tab: Tab, by: str) -> None:
    """The list holds as many as `gridsight gaps --zone` gives, though no grid has the township's name."""
    data = county(gaps=600, cameras=500, hostile=True)
    town = data.zones["townships"].iloc[6]
    text = {"name": town["name"], "code": town.code, "padded": f"{town.code}000"}[by]
    own = set(data.gaps["rank"][data.gaps.grid.str.startswith(town.code)])
    assert 5 < len(own) < 200
    page = tab.open().page
    tab.fill("#gap-filter", text)
    keys = page.eval_on_selector_all("#gap-list button", "all => all.map(one => Number(one.dataset.key))")
    assert set(keys) == own
    assert f"/ {len(own)}" in page.inner_text("#gap-count")
    page.click("#tab-zones")
    tab.rest()
    tab.fill("#table-filter", text)
    for layer, wanted in (("grids", data.zones["grids"]), ("villages", data.zones["villages"])):
        page.select_option("#table-layer", layer)
        tab.rest()
        found = page.eval_on_selector_all("#zone-table tbody tr[data-key]", "all => all.map(one => one.dataset.key)")
        assert set(found) == set(wanted.code[wanted.code.str.startswith(town.code)]), layer


def test_map_sheet_and_table_agree_on_the_classes(chromium, tmp_path: Path) -> None:
    """Shares beside the edges of classes: two of 0.000004 are seen a little, not "wholly uncovered"."""
    data = county(gaps=30, cameras=50)
    grids = data.zones["grids"].copy()
    beside = [4e-6, 4e-6, 0.0, 0.2, 0.2000001, 0.3999999, 0.4000001, 0.6000004, 0.8000001, 0.999999, 1.0]
    grids.loc[: len(beside) - 1, "sure_share"] = beside
    grids.loc[len(beside) :, "sure_share"] = 0.5
    data = replace(data, zones={"grids": grids, "all": data.zones["all"]})
    report = write_sheet(data, tmp_path / "sheet.pdf")
    wanted = {5: 3, 4: 1, 3: 690 - 11 + 1, 2: 2, 1: 3, 0: 1}
    assert {int(key[6:]): count for key, count in report.legend.items() if key.startswith("class:")} == wanted
    pages.write_map(data, tmp_path / "map.html")
    with serving(Answers(data)) as home:
        for address in ((tmp_path / "map.html").as_uri(), home):
            with opened(chromium, address) as tab:
                page = tab.open().page
                counts = page.eval_on_selector_all("#legend-classes b", "all => all.map(one => +one.textContent)")
                assert dict(zip((5, 4, 3, 2, 1, 0, -1), counts, strict=True)) == {**wanted, -1: 0}
                page.click("#tab-zones")
                tab.rest()
                cells = page.locator("#zone-table tbody tr td:nth-child(2)").all_inner_texts()
                assert [cells[0], cells[1], cells[2], cells[3]] == ["0.0 %", "<0.1 %", "<0.1 %", "20.0 %"]
                page.click('#zone-table th[data-column="sure_share"] button')
                tab.rest()
                cells = page.locator("#zone-table tbody tr td:nth-child(2)").all_inner_texts()
                assert cells[:2] == ["100.0 %", ">99.9 %"]


def test_tiles_that_fail_are_told_of_and_not_asked_for_again_and_again(served_tab: Tab) -> None:
    page = served_tab.open().page
    problem = {"status": 503, "content_type": "application/problem+json", "body": '{"detail": "库正忙"}'}
    page.route("**/tiles/roads/**", lambda route: route.fulfill(**problem))
    page.check("#legend input[value=roads]")
    served_tab.until("document.querySelector('#banner').textContent.includes('库正忙')")
    page.wait_for_timeout(700)
    asked = [one for one in served_tab.requests if "/tiles/roads/" in one]
    assert 0 < len(asked) == len(set(asked))
    assert page.locator("#gap-list button").count() == 200, "the rest of the page is as it was"
    served_tab.complaints.clear()  # of the browser, on each of these answers


def test_a_zone_that_does_not_exist_has_no_gaps_and_says_so(tab: Tab) -> None:
    page = tab.open().page
    tab.fill("#gap-filter", "镇77")
    assert page.locator("#gap-list button").count() == 0
    assert page.inner_text("#gap-count").startswith("没有找到")


def test_a_name_of_two_villages_lists_both_and_shows_neither(chromium, tmp_path: Path) -> None:
    data = county(gaps=300, cameras=50)
    villages = data.zones["villages"].copy()
    villages.loc[[3, 40], "name"] = "东街村"
    path = tmp_path / "map.html"
    pages.write_map(replace(data, zones={**data.zones, "villages": villages}), path)
    with opened(chromium, path.as_uri()) as tab:
        page = tab.open().page
        page.fill("#gap-filter", "东街村")
        assert "有 2 个" in page.inner_text("#gap-count")
        texts = page.locator("#gap-list button").all_inner_texts()
        assert [code in text for code, text in zip(villages.code[[3, 40]], texts, strict=True)] == [True, True]
        page.click(f'#gap-list button[data-zone="villages:{villages.code[40]}"]')
        keys = page.eval_on_selector_all("#gap-list button", "all => all.map(one => Number(one.dataset.key))")
        assert set(keys) == set(data.gaps["rank"][data.gaps.grid.str.startswith(villages.code[40])])


def test_cameras_of_unknown_status_have_a_symbol_a_word_and_possible_views(tab: Tab) -> None:
    """U1: half filled, so known without colour; counted in the legend; what they may see is drawn as possible only."""
    page = tab.open().page
    status = county(gaps=600, cameras=500, hostile=True).cameras.status
    assert (status == "unknown").sum() > 3
    legend = page.eval_on_selector_all("#legend .overlays .swatches li", "all => all.map(one => one.innerText)")
    assert f"状态未知\n{(status == 'unknown').sum()}" in [one.replace("\t", "\n") for one in legend]
    shades = page.evaluate("""() => ["online", "offline", "planned", "unknown", "待修"].map((status) => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 20;
      const context = canvas.getContext("2d");
      gridsight.draw.camera(context, { class: "1", status }, 10, 10, 8);
      const seen = context.getImageData(0, 0, 20, 20).data;
      return [6, 14].map((y) => seen[4 * (20 * y + 10) + 1] > 128);
    })""")
    assert shades == [[False, False], [True, True], [True, True], [True, False], [True, False]]
    cameras = DATA.cameras.to_crs(4326).set_index("id")
    seen = {}
    for name in ("views", "possible"):
        page.check(f"#legend input[value={name}]")
        for one in ("online", "offline", "planned", "unknown"):
            place = cameras[status.to_numpy() == one].geometry.iloc[1]
            page.evaluate(f"void gridsight.map.setView([{place.y}, {place.x}], 18, {{animate: false}})")
            tab.rest()
            tab.until(f"gridsight.painting.counts.{name} !== undefined")
            page.wait_for_timeout(60)  # the next picture
            seen[name, one] = page.evaluate(f"gridsight.painting.counts.{name}") > 0
        page.uncheck(f"#legend input[value={name}]")
    assert {one for one, is_there in seen.items() if is_there} == {
        ("views", "online"), ("possible", "online"), ("possible", "unknown"),
    }  # fmt: skip
    key = cameras.index[status.to_numpy() == "unknown"][0]
    page.evaluate("key => gridsight.select('cameras', key, { fly: false })", key)
    page.wait_for_selector(".leaflet-popup .pop")
    assert "未知" in page.inner_text(".leaflet-popup")


def test_a_click_on_a_grid_selects_its_table_row(tab: Tab) -> None:
    page = tab.open().page
    page.click("#tab-zones")
    page.select_option("#table-layer", "grids")
    tab.rest()
    code = DATA.zones["grids"].code[345]
    spot = page.evaluate(
        "code => gridsight.source.row('grids', code).then((row) => gridsight.shapes.middle(row.shape))", code
    )
    for name in ("gaps", "cameras"):
        page.uncheck(f"#legend input[value={name}]")
    click_map(tab, *spot)
    page.wait_for_selector(".leaflet-popup .pop")
    assert tab.selected() == f"grids:{code}"
    assert page.get_attribute("#zone-table tr[aria-current]", "data-key") == code


def test_the_table_sorts_and_holds_every_figure(file_tab: Tab) -> None:
    page = file_tab.open().page
    page.click("#tab-zones")
    file_tab.rest()
    assert page.locator("#zone-table thead th").count() == 16
    assert "可能" in page.inner_text("#zone-table thead")
    assert page.inner_text("#zone-table tbody tr >> nth=0 >> td >> nth=0") == "0.0 %"
    page.click('#zone-table th[data-column="sure_share"] button')
    best = page.inner_text("#zone-table tbody tr >> nth=0 >> td >> nth=0")
    assert float(best.split()[0]) > 90
    assert page.get_attribute('#zone-table th[data-column="sure_share"]', "aria-sort") == "descending"
    page.select_option("#table-layer", "townships")
    assert page.locator("#zone-table tbody tr").count() == 20
    page.select_option("#table-layer", "grids")
    page.click("#zone-table .more button")
    assert page.locator("#zone-table tbody tr[data-key]").count() == 400


#: Whether the legend of a served page has the counts of the view.
COUNTED = """location.protocol === "file:" || performance.getEntriesByType("resource").some((one) => {
  const box = gridsight.map.getBounds();
  const degrees = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((each) => each.toFixed(4));
  return one.name.includes("/counts?") && one.name.includes(degrees.join("%2C"));
})"""


def test_the_permalink_restores_view_selection_and_language(tab: Tab) -> None:
    page = tab.open().page
    page.click("#lang")
    page.click('#gap-list button[data-key="3"]')
    page.wait_for_selector(".leaflet-popup .pop")
    tab.until("location.hash.includes('/gaps:') && location.hash.endsWith('/en')")
    before, link = tab.view(), page.evaluate("location.search + location.hash")
    assert re.fullmatch(r"(\?run=0198c3a2[-\w]+)?#[\d.]+/[\d.]+/[\d.]+/gaps:\d+x*%40[\d.]+%2C[\d.]+/en", link)
    assert link.startswith("?run=") == tab.home.startswith("http")
    tab.until(COUNTED)  # else a request would be left without its answer
    page.goto("about:blank")
    tab.open(link)
    assert tab.view() == pytest.approx(before, abs=2e-5)
    assert tab.selected() == "gaps:3"
    assert page.get_attribute('#gap-list button[data-key="3"]', "aria-current") == "true"
    assert page.get_attribute("html", "lang") == "en"


def test_a_link_to_a_gap_holds_in_a_run_that_ranks_it_otherwise(chromium, tmp_path: Path) -> None:
    data = county(gaps=60, cameras=20)
    later = data.gaps.iloc[::-1].reset_index(drop=True)
    later["rank"] = range(1, len(later) + 1)
    path = tmp_path / "map.html"
    pages.write_map(data, path)
    with opened(chromium, path.as_uri()) as tab:
        page = tab.open().page
        page.click('#gap-list button[data-key="3"]')
        tab.until("location.hash.includes('/gaps:')")
        link = page.evaluate("location.hash")
        pages.write_map(replace(data, gaps=later), path)
        page.goto("about:blank")
        tab.open(link)
        assert tab.selected() == "gaps:58"
        pages.write_map(replace(data, gaps=later[later["rank"] != 58]), path)
        page.goto("about:blank")
        tab.open(link)
        assert tab.selected() is None, "never another gap"
        assert "不在本批次中" in page.inner_text("#banner")
        page.goto("about:blank")
        tab.open("#12/37.6/103.1/gaps:5/zh")
        assert tab.selected() == "gaps:5", "a link of an earlier version"


@pytest.mark.parametrize("link", ["#", "#x/y/z", "#12/99/400", "#12/37.6/103.1/gaps:%E0%A4%A/zh", "#1e999/0/0", "#a"])
def test_a_broken_permalink_is_no_error(file_tab: Tab, link: str) -> None:
    file_tab.open(link)
    assert file_tab.page.locator("#gap-list button").count() == 200


def test_both_languages_are_whole(tab: Tab) -> None:
    page = tab.open().page
    page.click('#gap-list button[data-key="5"]')
    page.wait_for_selector(".leaflet-popup .pop")
    page.click("#lang")
    for tab_name in ("gaps", "zones", "export"):
        page.click(f"#tab-{tab_name}")
        text = page.inner_text("body")
        # Names of places and cameras are data; the rest is English now.
        left = re.sub(r"第\d+网格|[镇村]\d+|路口\d+|<i>镇</i>|中文|古浪县公共区域监控覆盖图", "", text)
        assert not re.search(r"[\u4e00-\u9fff]", left), re.findall(r"[^\n]*[\u4e00-\u9fff][^\n]*", left)
    page.click("#lang")
    assert "盲区" in page.inner_text("#tab-gaps")


def test_layers_are_switched_and_loaded_when_asked_for(tab: Tab) -> None:
    page = tab.open().page
    # Near enough that a single view is more than a pixel.
    place = DATA.cameras.to_crs(4326).geometry.iloc[7]
    page.evaluate(f"void gridsight.map.setView([{place.y}, {place.x}], 13.5, {{animate: false}})")
    tab.rest()
    for name in ("coverage", "views", "possible", "roads"):
        asked = len([one for one in tab.requests if f"/tiles/{name}/" in one])
        assert not asked, "a layer that is not shown is not loaded"
        before = ink(tab, "seen")
        page.check(f"#legend input[value={name}]")
        tab.rest()
        page.wait_for_timeout(100)  # the next picture
        assert ink(tab, "seen") > before, name
        page.uncheck(f"#legend input[value={name}]")
        page.wait_for_timeout(100)
        assert ink(tab, "seen") == 0, name
    page.check("#legend input[value=townships]", force=True)
    counts = page.eval_on_selector_all("#legend-classes b", "all => all.map(one => Number(one.textContent))")
    assert sum(counts) == 20
    page.select_option("#figure", "possible_share")
    page.check("#legend input[value=none]", force=True)
    assert page.locator("#legend-classes").count() == 0


def test_the_one_file_map_makes_its_downloads_itself(file_tab: Tab, tmp_path: Path) -> None:
    page = file_tab.open().page
    page.click("#tab-export")
    with page.expect_download() as waiting:
        page.click("#downloads .download >> nth=0 >> button >> nth=0")
    waiting.value.save_as(tmp_path / "grids.csv")
    data = (tmp_path / "grids.csv").read_bytes()
    assert waiting.value.suggested_filename == "grids.csv"
    assert data.decode("utf-8-sig").startswith("代码,名称,确定覆盖率,可能覆盖率")
    assert data.count(b"\r\n") == 691
    with page.expect_download() as waiting:
        page.click("#downloads .download >> nth=3 >> button >> nth=1")
    waiting.value.save_as(tmp_path / "gaps.geojson")
    value = json.loads((tmp_path / "gaps.geojson").read_text(encoding="utf-8"))
    assert len(value["features"]) == 600
    ring = value["features"][0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]


def test_tables_of_the_one_file_map_have_the_headings_of_the_service(file_tab: Tab) -> None:
    page = file_tab.open().page
    # The first gap as an analysis gives it: with causes by share.
    page.evaluate("""() => {
        gridsight.model.rows("gaps")[0].values.causes = { aim: 1 / 3, range: 2 / 3 };
        gridsight.model.rows("gaps")[0].values.cause = "range";
    }""")
    for index, lang in enumerate(("zh", "en")):
        if page.evaluate("gridsight.lang()") != lang:
            page.click("#lang")
        for name in ("gaps", "grids"):
            text = page.evaluate("name => gridsight.csv(name)", name).removeprefix("\ufeff")
            head, *rows = csv.reader(io.StringIO(text))
            known = {heading(one, lang) for one in run_fields(name).values()}
            beside = {(one.zh, one.en)[index] for one in RUN_NAMES[name]}
            assert set(head) <= known | beside
            assert len(rows) == {"gaps": 600, "grids": 690}[name]
            if name == "gaps":
                first = dict(zip(head, rows[0], strict=True))
                assert first[("成因", "Cause")[index]] == ("超出距离", "out of range")[index]
                assert (
                    first[("成因构成", "Causes")[index]]
                    == (("朝向不对 0.3333; 超出距离 0.6667", "aimed elsewhere 0.3333; out of range 0.6667")[index])
                )
                assert first[("所属网格名称", "Grid name")[index]]


def test_the_served_page_links_to_the_downloads_and_the_sheet(served_tab: Tab) -> None:
    page = served_tab.open().page
    page.wait_for_selector("#panel-gaps button.row")
    served_tab.until("document.querySelectorAll('#print-zone option').length > 1")
    page.click("#tab-export")
    links = page.eval_on_selector_all("#downloads a", "all => all.map(one => one.getAttribute('href'))")
    run = "/runs/0198c3a2-7b1e-7c44-9d5a-3f1f6f0e2a11"
    assert {f"{run}/gaps?f={fmt}&lang=zh" for fmt in ("csv", "xlsx", "kml", "shp")} <= set(links)
    assert {f"{run}/gaps?f={fmt}" for fmt in ("geojson", "gpkg")} <= set(links)
    assert f"{run}/zones/grids?f=gpkg" in links
    page.select_option("#paper", "A1")
    page.select_option("#print-zone", index=2)
    zone = page.evaluate("document.querySelector('#print-zone').value")
    assert zone.startswith("townships:")
    assert page.get_attribute("#print-sheet", "href") == (
        f"/prints/sheet.pdf?paper=A1&run={run.rsplit('/', 1)[1]}&lang=zh&zone={zone.replace(':', '%3A')}"
    )


def test_the_served_page_holds_its_policy_and_says_whose_it_is(served_tab: Tab, answers: Answers) -> None:
    page = served_tab.open().page
    served_tab.until("gridsight.state.ready")
    assert "unsafe" not in answers.policy
    # Later, as what the driver itself runs is exempt from the policy.
    tried = "try { eval('1'); done('ran'); } catch (error) { done(error.name); }"
    assert page.evaluate(f"new Promise((done) => setTimeout(() => {{ {tried} }}, 0))") == "EvalError"
    page.evaluate(
        "setTimeout(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); fetch('http://127.0.0.2:9/').catch(() => { window.refused = true; }); }, 0)"
    )
    served_tab.until("window.refused")
    assert page.evaluate("window.ran === undefined")
    # These attempts are reported, and nothing else is.
    assert len(served_tab.complaints) >= 2
    assert all("Content Security Policy" in one or "127.0.0.2" in one for one in served_tab.complaints)
    served_tab.complaints.clear()
    served_tab.requests[:] = [one for one in served_tab.requests if "127.0.0.2" not in one]


@pytest.mark.parametrize("width", [360, 768])
def test_a_phone_scrolls_one_way_only(chromium, file_home: str, width: int) -> None:
    with opened(chromium, file_home, viewport={"width": width, "height": 740}, has_touch=True) as tab:
        page = tab.open().page
        for name in ("gaps", "zones", "export"):
            page.click(f"#tab-{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.click("#tab-gaps")
        page.click('#gap-list button[data-key="2"]')
        page.wait_for_selector(".leaflet-popup .pop")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_enough(file_tab: Tab) -> None:
    page = file_tab.open().page
    for name in ("gaps", "zones", "export"):
        page.click(f"#tab-{name}")
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, select, input[type=search], a.button, .choice, summary')]
              .filter(one => one.offsetParent && !one.classList.contains('skip'))
              .map(one => [one.id || one.textContent.slice(0, 20), one.getBoundingClientRect().height])
              .filter(one => one[1] < 36)"""
        )
        assert small == []


def test_dark_follows_the_system_and_the_button(chromium, file_home: str) -> None:
    with opened(chromium, file_home, color_scheme="dark") as tab:
        page = tab.open().page
        background = "getComputedStyle(document.querySelector('.top')).backgroundColor"
        assert page.evaluate(background) == "rgb(18, 23, 29)"
        assert page.evaluate("gridsight.theme()") == "dark"
        page.click("#theme")
        assert page.evaluate(background) == "rgb(255, 255, 255)"
        assert page.evaluate("gridsight.theme()") == "light"


def test_the_map_has_paint_on_it(file_tab: Tab) -> None:
    page = file_tab.open().page
    colours = page.evaluate(
        """() => { const seen = new Set();
          document.querySelectorAll('.leaflet-fills-pane canvas').forEach(canvas => {
            const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 0; i < d.length; i += 388)
              if (d[i + 3]) seen.add([d[i] >> 4, d[i + 1] >> 4, d[i + 2] >> 4].join());
          }); return seen.size; }"""
    )
    assert colours >= 7


def test_the_page_prints(file_tab: Tab, tmp_path: Path) -> None:
    page = file_tab.open().page
    view = file_tab.view()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for name in ("#search", "#side", ".map-tools", ".leaflet-popup"):
        assert not page.is_visible(name), name
    for name in ("#kpis", ".legend", ".leaflet-control-scale", ".sheet-north", ".sheet-facts"):
        assert page.is_visible(name), name
    facts = page.inner_text(".sheet-facts")
    assert page.evaluate("gridsight.model.meta.run_id") in facts
    assert page.evaluate("gridsight.model.meta.data_date") in facts
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.is_visible("#side")
    assert file_tab.view() == view
