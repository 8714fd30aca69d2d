"""Drive base maps on the page over the real server: a cross lies where it belongs, and a broken tile breaks nothing."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api.main import create_app
from api.representations.map_data_of_run import stored_map_data
from api.settings import Settings
from geo.basemaps.opening import BaseMapTiles
from geo.catalog.base_maps import BaseMap
from geo.storage.geopackage.store import open_store
from maps.web.pages import MAX_BYTES, write_map
from tests.browser import Tab, opened
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms
from tests.geo.basemaps.tile_hosts import hosting
from tests.serving import serving

#: In the county of tests/api/conftest.py; its arms are 120 m.
CROSS = (102.0021, 37.0019)
FACTS = {"attribution": "县自然资源局", "review_number": "甘S(2025)7号", "data_date": "2025-06"}


def tiles(*zooms: int) -> dict[tuple[int, int, int], bytes]:
    return {
        (z, *at): world.png(world.mercator_tile(z, *at, cross=CROSS))
        for z in zooms
        for at in world.around(world.tile_of(z, *CROSS), 3)
    }


@pytest.fixture(scope="module")
def home(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("ground")
    shutil.copyfile(drawn, folder / "workspace.gpkg")
    forms.folder(folder / "image", tiles(15, 16, 17))
    with hosting(lambda _: (500, {}, b"no")) as host:
        with open_store(folder / "workspace.gpkg") as store:
            store.save_base_map(BaseMap("影像", "xyz", "image", "3857", levels=(15, 17), **FACTS))
            store.save_base_map(BaseMap("坏图", "xyz", f"{host.url}/{{z}}/{{x}}/{{y}}.png", "3857"))
        with serving(create_app(Settings(workspace=folder / "workspace.gpkg"))) as url:
            yield f"{url}/"


@pytest.fixture
def tab(chromium, home: str) -> Iterator[Tab]:
    with opened(chromium, home, locale="zh-CN") as opened_tab:
        yield opened_tab


def bare(tab: Tab, zoom: float) -> None:
    """Take all data off the map, and put the cross into its middle."""
    tab.page.evaluate(
        "gridsight.colourBy(null);"
        "gridsight.update({shown: Object.fromEntries(Object.keys(gridsight.state.shown).map(n => [n, false]))});"
        f"gridsight.map.setView([{CROSS[1]}, {CROSS[0]}], {zoom}, {{animate: false}}) && 0"
    )


def came(tab: Tab) -> None:
    tab.until("document.querySelectorAll('.leaflet-ground-pane img').length > 3")
    tab.until("[...document.querySelectorAll('.leaflet-ground-pane img')].every(one => one.complete)")
    tab.page.wait_for_timeout(300)  # Leaflet fades tiles in


def off(tab: Tab) -> float:
    """Return how many pixels the middle of the cross is from the middle of the map."""
    box = tab.page.locator(".folium-map").bounding_box()
    x, y, half = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 64
    clip = {"x": round(x) - half, "y": round(y) - half, "width": 2 * half, "height": 2 * half}
    with Image.open(io.BytesIO(tab.page.screenshot(clip=clip))) as image:
        dark = np.asarray(image.convert("L")).astype(float) < 128
    assert dark.sum() > 200, "no cross to be seen"
    rows, columns = np.nonzero(dark)
    # Both arms reach beyond the clip in fine zooms: the middle of each is where it is thick.
    middle = np.median(columns) + 0.5 + clip["x"], np.median(rows) + 0.5 + clip["y"]
    return float(np.hypot(middle[0] - x, middle[1] - y))


@pytest.mark.parametrize("zoom", [16, 17, 17.5, 19])
def test_the_cross_is_where_it_belongs_and_said_whose_it_is(tab: Tab, zoom: float) -> None:
    page = tab.open().page
    tab.until("gridsight.state.bases.length")
    assert not [one for one in tab.requests if "/basemaps/" in one]  # nothing until it is chosen
    bare(tab, zoom)
    page.get_by_label("影像", exact=True).check(force=True)
    came(tab)
    assert off(tab) < 2
    credit = page.inner_text(".base-credit")
    assert all(one in credit for one in FACTS.values())
    assert page.evaluate("gridsight.state.base") == "影像"
    levels = {int(one.split("/basemaps/")[1].split("/")[1]) for one in tab.requests if "/basemaps/" in one}
    assert max(levels) <= 17  # beyond its finest level tiles are enlarged


def test_the_choice_is_kept_and_fills_let_it_through(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.state.bases.length")
    page.get_by_label("影像", exact=True).check(force=True)
    page.locator(".base-opacity").fill("40")
    page.locator(".base-opacity").dispatch_event("change")
    page.locator("input[value=base-grey]").check()
    assert page.evaluate("getComputedStyle(gridsight.map.getPane('ground')).opacity") == "0.4"
    assert "grayscale" in page.evaluate("getComputedStyle(gridsight.map.getPane('ground')).filter")
    assert page.evaluate("gridsight.veil()") < 1
    came(tab)
    page.goto("about:blank")
    tab.open()
    tab.until("gridsight.state.bases.length && document.querySelector('.leaflet-ground-pane img')")
    assert page.evaluate("[gridsight.state.base, gridsight.state.baseOpacity, gridsight.state.baseGrey]") == [
        "影像", 0.4, True,
    ]  # fmt: skip
    came(tab)
    page.locator("input[value='base:']").check(force=True)
    assert page.locator(".base-credit").is_hidden()
    page.locator("input[value=own-ground]").uncheck()
    assert page.evaluate("gridsight.veil()") == 1


def test_tiles_that_fail_are_told_once_and_break_nothing(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.state.bases.length")
    page.get_by_label("坏图", exact=True).check(force=True)
    tab.until("document.querySelector('.base-credit small')")
    tab.until("document.querySelector('.base-credit small').textContent.includes('500')")
    assert page.locator("#banner").is_hidden()
    page.click('#gap-list button[data-key="1"]')
    page.wait_for_selector(".leaflet-popup .pop")
    tab.page.evaluate("gridsight.update({base: null})")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert tab.complaints
    # What is on its way when the base map is switched off is given up by the browser.
    assert all("502" in one or one.startswith(f"failed {tab.home}basemaps/") for one in tab.complaints)
    tab.complaints.clear()


def test_the_ground_of_the_store_comes_after_the_page_and_is_switched_as_a_whole(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.state.shown.ground")
    page.evaluate(f"gridsight.map.setView([{CROSS[1]}, {CROSS[0]}], 17, {{animate: false}}) && 0")
    tab.rest()
    first = [one for one in tab.requests if "/ground/" in one or one.endswith("/basemaps")]
    assert first
    needed = [at for at, one in enumerate(tab.requests) if "/tiles/grids/" in one or "/rows/gaps" in one]
    assert tab.requests.index(first[0]) > needed[1]
    kinds = {one.split("/ground/")[1].split("/")[0] for one in tab.requests if "/ground/" in one}
    assert kinds == {"roads", "obstacles", "areas"}
    painted = (
        "(() => { const one = gridsight.map.getPane('ownground').querySelector('canvas'); if (!one.width) return false;"
        " const copy = Object.assign(document.createElement('canvas'), {width: one.width, height: one.height});"
        " const context = copy.getContext('2d', {willReadFrequently: true}); context.drawImage(one, 0, 0);"
        " return context.getImageData(0, 0, one.width, one.height).data.some(v => v); })()"
    )
    page.wait_for_timeout(200)
    assert page.evaluate(painted)
    page.locator("input[value=own-ground]").uncheck()
    page.wait_for_timeout(200)
    assert not page.evaluate(painted)
    assert page.evaluate("gridsight.veil()") == 1
    page.goto("about:blank")
    tab.open()
    tab.until("gridsight.state.shown.ground === false")


def test_a_one_file_map_carries_a_base_map(chromium, drawn: Path, tmp_path: Path) -> None:
    """The file stays within its bytes, says which levels it has, and the cross lies where it belongs."""
    forms.folder(tmp_path / "image", tiles(15, 16, 17, 18))
    base = BaseMap("影像", "xyz", "image", "3857", levels=(15, 18), **FACTS)
    opened_base = BaseMapTiles(base, tmp_path, is_bounded=True)
    with open_store(drawn, create=False) as store:
        data = replace(stored_map_data(store), base=base)
    write_map(data, tmp_path / "map.html", base=opened_base)
    assert (tmp_path / "map.html").stat().st_size <= MAX_BYTES
    with opened(chromium, (tmp_path / "map.html").as_uri()) as tab:
        page = tab.open().page
        tab.until("gridsight.state.bases.length")
        bare(tab, 17)
        page.get_by_label("影像", exact=True).check(force=True)
        came(tab)
        assert off(tab) < 2
        assert all(one in page.inner_text(".base-credit") for one in FACTS.values())
        page.click("#tab-export")
        assert "底图 影像 只含级别" in page.inner_text("#notes")
        bare(tab, 19)
        came(tab)
        assert off(tab) < 2


def test_nothing_is_asked_for_outside_of_what_a_base_map_covers(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.state.bases.length")
    bare(tab, 16)
    side = 360 / 2**16
    west, east = CROSS[0] - side / 4, CROSS[0] + side / 4
    page.evaluate(
        "extent => gridsight.update({ bases: gridsight.state.bases.map(one => Object.assign({}, one, { extent })) })",
        [west, CROSS[1] - side / 8, east, CROSS[1] + side / 8],
    )
    before = len(tab.requests)
    page.get_by_label("影像", exact=True).check(force=True)
    tab.until("document.querySelectorAll('.leaflet-ground-pane img').length")
    tab.page.wait_for_timeout(300)
    asked = [one for one in tab.requests[before:] if "/basemaps/" in one]
    columns = {int(one.split("/basemaps/")[1].split("/")[2]) for one in asked}
    assert columns <= {int((lon + 180) / side) for lon in (west, east)}
    page.evaluate(f"gridsight.map.setView([{CROSS[1]}, {CROSS[0] + 1}], 16, {{ animate: false }}) && 0")
    page.wait_for_timeout(300)
    assert [one for one in tab.requests[before:] if "/basemaps/" in one] == asked
