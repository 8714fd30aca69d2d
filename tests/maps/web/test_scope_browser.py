"""Drive what one choice of a zone rules on both pages: figures, list, tables, marks, downloads, print, link."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from maps.web import pages
from tests.browser import Tab, opened
from tests.maps.county_data import county
from tests.maps.web.served import Answers, serving

DATA = county(gaps=600, cameras=500)
TOWN = DATA.zones["townships"].iloc[6]
KEY = f"townships:{TOWN.code}"
OWN_GAPS = set(DATA.gaps["rank"][DATA.gaps.grid.str.startswith(TOWN.code)])


@pytest.fixture(scope="module")
def file_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("map") / "map.html"
    pages.write_map(DATA, path)
    return path.as_uri()


@pytest.fixture(scope="module")
def served_home() -> Iterator[str]:
    with serving(Answers(DATA)) as home:
        yield home


@pytest.fixture(params=["file", "served"])
def tab(request: pytest.FixtureRequest, chromium) -> Iterator[Tab]:
    with opened(chromium, request.getfixturevalue(f"{request.param}_home")) as opened_tab:
        yield opened_tab


@pytest.fixture
def served_tab(chromium, served_home: str) -> Iterator[Tab]:
    with opened(chromium, served_home) as opened_tab:
        yield opened_tab


@pytest.fixture(scope="module")
def file_page(chromium, file_home: str) -> Iterator:
    with opened(chromium, file_home) as opened_tab:
        yield opened_tab.open().page


def listed(tab: Tab) -> set[int]:
    tab.rest()
    return set(tab.page.eval_on_selector_all("#gap-list button", "all => all.map(one => Number(one.dataset.key))"))


def choose_town(tab: Tab) -> None:
    tab.fill("#search", str(TOWN.code))
    tab.page.keyboard.press("Enter")
    tab.until("gridsight.state.scope && gridsight.state.scopeGaps !== null")


def test_a_chosen_township_rules_figures_list_and_tables_and_is_taken_back(tab: Tab) -> None:
    page = tab.open().page
    whole = page.inner_text("#kpis")
    choose_town(tab)
    assert page.inner_text("#scope").startswith(f"范围：{TOWN['name']}")
    assert f"{TOWN.sure_share * 100:.1f} %" in page.inner_text("#kpis .kpi-wide")
    assert str(len(OWN_GAPS)) in page.inner_text("#kpis")
    assert listed(tab) == OWN_GAPS
    # A gap of the list is chosen in it, and leaves it as it is.
    page.click(f'#gap-list button[data-key="{min(OWN_GAPS)}"]')
    page.wait_for_selector(".leaflet-popup .pop")
    assert page.evaluate("gridsight.scopeKey()") == KEY
    page.focus("#tab-zones")
    page.keyboard.press("Enter")
    for layer in ("grids", "villages"):
        page.select_option("#table-layer", layer)
        tab.rest()
        found = page.eval_on_selector_all("#zone-table tbody tr[data-key]", "all => all.map(one => one.dataset.key)")
        codes = DATA.zones[layer].code
        assert set(found) == set(codes[codes.str.startswith(TOWN.code)]), layer
    page.focus("#tab-zones")
    page.keyboard.press("Escape")
    assert tab.selected() is None
    assert page.evaluate("gridsight.scopeKey()") == KEY, "the gap was taken back, not the township"
    page.keyboard.press("Escape")
    assert page.is_hidden("#scope")
    assert page.inner_text("#kpis") == whole
    assert len(listed(tab)) == 200


def test_the_scope_says_its_name_in_both_languages_and_its_button_takes_it_back(tab: Tab) -> None:
    page = tab.open().page
    page.evaluate("code => gridsight.select('grids', code)", str(DATA.zones["grids"].code[3]))
    tab.until("gridsight.state.scope")
    page.click("#lang")
    assert page.inner_text("#scope").startswith("Scope: ")
    page.get_by_role("button", name="Clear the scope").click()
    assert (tab.selected(), page.evaluate("gridsight.scopeKey()")) == (None, "")


def test_downloads_and_the_sheet_are_of_the_scope(served_tab: Tab) -> None:
    page = served_tab.open().page
    choose_town(served_tab)
    page.click("#tab-export")
    links = page.eval_on_selector_all("#downloads a", "all => all.map(one => one.getAttribute('href'))")
    assert links
    assert {parse_qs(urlsplit(link).query)["zone"][0] for link in links} == {KEY}
    assert parse_qs(urlsplit(page.get_attribute("#print-sheet", "href")).query)["zone"] == [KEY]
    page.click("#scope-clear")
    served_tab.until("!document.querySelector('#downloads a').getAttribute('href').includes('zone=')")
    assert "zone" not in page.get_attribute("#print-sheet", "href")


@pytest.mark.parametrize("layer", ["grids", "gaps"])
def test_the_one_file_map_downloads_the_rows_of_the_scope(chromium, file_home: str, layer: str) -> None:
    with opened(chromium, file_home) as tab:
        tab.open()
        choose_town(tab)
        rows = tab.page.evaluate("name => gridsight.csv(name).trim().split('\\r\\n').length - 1", layer)
        grids = DATA.zones["grids"].code
        assert rows == {"gaps": len(OWN_GAPS), "grids": int(grids.str.startswith(TOWN.code).sum())}[layer]


def test_a_link_carries_scope_tab_layers_and_figure_and_opens_the_same(tab: Tab) -> None:
    page = tab.open().page
    choose_town(tab)
    page.evaluate("rank => gridsight.select('gaps', rank, { still: true })", str(min(OWN_GAPS)))
    tab.until("gridsight.selection && gridsight.selection.layer === 'gaps'")
    page.uncheck("#legend input[value=cameras]")
    page.evaluate("gridsight.colourBy('villages', 'possible_share')")
    page.click("#tab-export")
    tab.until("location.hash.includes('tab=export')")
    link = page.evaluate("location.search + location.hash")
    tab.rest()
    page.goto("about:blank")
    tab.open(link)
    shown = "[gridsight.scopeKey(), gridsight.state.tab, gridsight.state.zoneLayer, gridsight.state.figure]"
    assert page.evaluate(shown) == [KEY, "export", "villages", "possible_share"]
    assert page.evaluate("[gridsight.state.shown.cameras, gridsight.state.shown.gaps]") == [False, True]
    assert tab.selected() == f"gaps:{min(OWN_GAPS)}"
    assert page.evaluate("location.search + location.hash") == link
    # The address of the page as it begins, and one of a zone that the run does not have.
    page.evaluate("location.hash = '#11/37.5/102.9/-/zh'")
    tab.until("gridsight.state.tab === 'gaps' && !gridsight.state.scope && gridsight.state.shown.cameras")
    page.evaluate("location.hash = '#11/37.5/102.9/-/zh/scope=townships%3A1&on=gaps%2Cbenches&tab=zones&x=%E0'")
    tab.until("gridsight.state.tab === 'zones'")
    told = page.inner_text("#banner")
    assert "townships:1" in told
    assert "benches" in told
    assert len(listed(tab)) == 200
    # The browser itself writes down that the service has no such zone.
    tab.complaints[:] = [one for one in tab.complaints if "404" not in one]


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("102.875, 37.475", 102.875, 37.475),
        ("37.475 102.875", 102.875, 37.475),
        ("37°28′30″N 102°52′30″E", 102.875, 37.475),
        ("E102°52'30\", N37°28'30\"", 102.875, 37.475),
        ("东经102度52分30秒，北纬37度28分30秒", 102.875, 37.475),
        ("37 28 30 N, 102 52 30 E", 102.875, 37.475),
        ("37 28.5 102 52.5", 102.875, 37.475),
        ("37.475N102.875E", 102.875, 37.475),
        ("lat: 37.475 lon: 102.875", 102.875, 37.475),
        ("33.45S 70.66W", -70.66, -33.45),
        ("３７．４７５，１０２．８７５", 102.875, 37.475),
    ],
)
def test_degrees_are_read_in_any_spelling(file_page, text: str, lon: float, lat: float) -> None:
    found = file_page.evaluate("text => gridsight.readCoordinates(text)", text)
    assert (found["lon"], found["lat"]) == pytest.approx((lon, lat))


@pytest.mark.parametrize("text", ["37 61 0 N 102 0 0 E", "37N 38N", "102.8", "200, 95", "人民路 12, 3", "620622107"])
def test_what_is_no_pair_of_coordinates_is_not_read_as_one(file_page, text: str) -> None:
    assert file_page.evaluate("text => gridsight.readCoordinates(text)", text) is None


def test_metres_are_read_in_both_orders_with_the_systems_they_may_be_of(file_page) -> None:
    """4543 is CGCS2000 with the meridian 102, in which the county was computed; zone 34 of three degrees is 102 too."""
    read = "text => gridsight.readCoordinates(text)"
    for text in ("577000 4150000", "4150000, 577000", "X=577000 Y=4150000"):
        found = file_page.evaluate(read, text)
        assert (found["x"], found["y"], found["systems"][0]) == (577000, 4150000, "EPSG:4543"), text
    assert file_page.evaluate(read, "34577000 4150000")["systems"] == ["EPSG:4522"]
    assert file_page.evaluate(read, "17577000 4150000")["systems"] == ["EPSG:4495"]


def test_metres_are_asked_of_the_service_by_the_system_named(served_tab: Tab) -> None:
    page = served_tab.open().page
    # The page says whether its run is older than the layers, once it can be used.
    served_tab.until("!document.getElementById('run-age').hidden")
    assert "网格在此批次之后改过" in page.inner_text("#run-age")
    served_tab.fill("#search", "577000 4150000")
    assert "EPSG:4543" in page.inner_text("#search-results [role=option] >> nth=0")
    with page.expect_request(lambda request: "/locate?" in request.url) as asked:
        page.keyboard.press("Enter")
    assert "lon=577000&lat=4150000&crs=EPSG:4543" in asked.value.url
    served_tab.complaints.clear()  # the made-up place lies nowhere
