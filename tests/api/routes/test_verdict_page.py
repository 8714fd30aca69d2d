"""Show places by their verdict on the page and in the one-file map: marks, shapes, popups, the choice of a claim."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.main import create_app
from api.representations.map_data_of_run import stored_map_data
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from geo.storage.records import Caller
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from maps.web.pages import write_map
from tests.api.conftest import CRS, frames
from tests.browser import Tab, opened
from tests.serving import serving

ESTATES, GATES = "小区全覆盖", "校门全覆盖"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Analyse an estate about c1 for two claims, a gate at the offline c4, a street, and a square of no claim."""
    path = tmp_path_factory.mktemp("places") / "workspace.gpkg"
    layers = frames()
    first, offline = layers["cameras"].geometry.iloc[0], layers["cameras"].geometry.iloc[3]
    street = layers["roads"].geometry.iloc[0]
    rows = {
        "code": ["e1", "g1", "s1", "q1"],
        "name": ["东苑", "北门", "大街", "广场"],
        "kind": ["estate", "gate", "section", "market_hall"],
        "claim": [f"{ESTATES};{GATES}", GATES, ESTATES, None],
        "share": [None, None, 0.99, None],
    }
    shapes = [first.buffer(0.0002), offline, street, shapely.Point(offline.x, offline.y + 0.0001)]
    layers["places"] = gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)
    store = open_store(path)
    for name, frame in layers.items():
        store.write(name, frame, "upsert", actor="test")
    analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    return path


@pytest.fixture(scope="module")
def file_home(county: Path) -> str:
    store = open_store(county)
    write_map(stored_map_data(store), county.with_name("map.html"), lang="en")
    store.close()
    return county.with_name("map.html").as_uri()


@pytest.fixture(scope="module")
def served_home(county: Path) -> Iterator[str]:
    with serving(create_app(Settings(workspace=county))) as url:
        yield f"{url}/"


@pytest.fixture(params=["file", "served"])
def tab(request: pytest.FixtureRequest, chromium) -> Iterator[Tab]:
    with opened(chromium, request.getfixturevalue(f"{request.param}_home")) as opened_tab:
        yield opened_tab


def shown(tab: Tab) -> dict[str, str]:
    tab.until("gridsight.drawn.verdicts")
    rows = tab.page.evaluate("gridsight.verdicts.chosen().map((row) => [row.key, row.values.verdict])")
    return dict(rows)


def test_places_are_marked_by_their_verdict_and_switched_by_claim(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.model.layers.verdicts")
    everything = shown(tab)
    assert set(everything) == {"e1", "g1", "s1"}
    assert everything["g1"] == "not_covered"
    # an area and a line as their own shapes with a mark each, a point as its mark
    tab.rest()
    tab.until("gridsight.painting.counts.places === 2")
    assert page.evaluate("gridsight.drawn.verdicts.getLayers().length") == 3
    page.select_option("#claim", GATES)
    assert set(shown(tab)) == {"e1", "g1"}
    page.select_option("#claim", "-")
    assert set(shown(tab)) == {"q1"}
    page.select_option("#claim", "")
    assert shown(tab) == everything
    assert not tab.foreign()
    assert not tab.complaints


def test_many_places_far_out_are_few_marks_with_their_counts(tab: Tab) -> None:
    """Three hundred stretches of one road, 50 m apart: a chain of marks would hide the map."""
    page = tab.open().page
    shown(tab)
    page.evaluate("gridsight.map.setView([37.0, 102.0], 9, { animate: false }) && 0")
    page.evaluate(
        """gridsight.model.set("verdicts", gridsight.verdicts.rowsOf(Array.from({ length: 300 }, (_, at) => ({
          code: "r" + at, name: "r", verdict: "not_covered", unit: "m", claim: null, lat: 37, lon: 102 + at * 0.0005,
        }))))"""
    )
    page.evaluate('gridsight.update({ arrived: "verdicts" })')
    # What is shown of many places takes no square of their number.
    assert page.evaluate(
        """() => {
          const place = { name: "r", verdict: "not_covered", unit: "m", claim: null, lat: 37, lon: 102 };
          const row = (at) => Object.assign({ code: "r" + at }, place);
          const kept = gridsight.model.rows("verdicts");
          gridsight.model.set("verdicts", gridsight.verdicts.rowsOf(Array.from({ length: 20000 }, (_, at) => row(at))));
          const begin = performance.now();
          const shown = gridsight.verdicts.chosen().length;
          const took = performance.now() - begin;
          gridsight.model.set("verdicts", kept);
          return shown === 20000 && took < 5000;
        }"""
    )
    counts = "gridsight.drawn.verdicts.getLayers().map((one) => one.options.n)"
    far = page.evaluate(counts)
    assert sum(far) == 300
    assert len(far) <= 3, "13 km are 55 pixels at this zoom, of which 64 are a cell"
    # A mark of several places leads nearer; from zoom 14 on each place has its own.
    page.evaluate(
        """() => {
          const one = gridsight.drawn.verdicts.getLayers()[0];
          gridsight.drawn.verdicts.fire("click", { propagatedFrom: one, latlng: one.getLatLng() });
        }"""
    )
    tab.until("gridsight.map.getZoom() === 11")
    assert sum(page.evaluate(counts)) == 300
    page.evaluate("gridsight.map.setZoom(14, { animate: false }) && 0")
    assert page.evaluate(counts) == [1] * 300


def test_a_popup_has_both_counts_side_by_side(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.model.layers.verdicts")
    page.evaluate("gridsight.speak('en')")
    page.evaluate("gridsight.select('verdicts', 'e1', {})")
    text = page.inner_text(".leaflet-popup .pop")
    assert text.count("It is seen") == text.count("A camera stands there") == 2  # once for each of its claims
    assert ESTATES in text
    assert GATES in text
    page.evaluate("gridsight.select('verdicts', 'g1', {})")
    tab.until("document.querySelectorAll('.leaflet-popup').length === 1")  # the other one fades
    text = page.inner_text(".leaflet-popup .pop")
    assert "not covered" in text
    page.evaluate("gridsight.speak('zh')")
    assert "看得见" in page.inner_text(".leaflet-popup .pop")


def test_the_legend_tells_whether_a_claim_holds_and_counts(tab: Tab) -> None:
    page = tab.open().page
    tab.until("gridsight.model.layers.verdicts && document.getElementById('claim')")
    page.evaluate("gridsight.speak('zh')")
    tab.until("document.getElementById('claim').innerText.includes('不成立')")
    options = page.locator("#claim option").all_inner_texts()
    assert options[0].startswith("全部声明")
    assert any(one.startswith(GATES) and one.endswith("不成立") for one in options)


def test_who_may_not_know_of_cameras_gets_verdicts_without_them(county: Path) -> None:
    store = open_store(county)
    viewer = stored_map_data(store, caller=Caller("vera", "viewer"))
    assert viewer.verdicts is not None
    assert "near" not in viewer.verdicts
    assert viewer.claims["counted"].sum() > 0
    store.close()


def test_the_public_page_has_points_of_places_and_no_counts_of_cameras(chromium, county: Path) -> None:
    keys = ApiKeys(FileKeyStore.for_workspace(county))
    keys.create("root", "admin", by="test")
    with serving(create_app(Settings(workspace=county))) as url, opened(chromium, f"{url}/") as tab:
        page = tab.open().page
        tab.until("gridsight.model.layers.verdicts")
        assert page.evaluate(
            "gridsight.model.rows('verdicts').every((row) => !('near' in row.values) && !('counted' in row.values))"
        )
        assert page.evaluate("gridsight.drawn.verdicts.getLayers().length") == 3
        page.evaluate("gridsight.speak('en')")
        page.evaluate("gridsight.select('verdicts', 'e1', {})")
        assert "A camera stands there" not in page.inner_text(".leaflet-popup .pop")
