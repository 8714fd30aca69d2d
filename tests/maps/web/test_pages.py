"""Check the page as text: size, policy, escaping, packing, notes; what it does is test_browser's."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnknownName
from maps.map_data import MapData
from maps.style import coverage_classes
from maps.style.words import WORDS, word
from maps.web import encoded_polylines, pages, payload
from tests.maps.county_data import county


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the one-file map of the whole county, made once."""
    path = tmp_path_factory.mktemp("map") / "map.html"
    pages.write_map(county(), path)
    return path


def embedded(text: str, name: str) -> dict:
    found = re.search(rf'<script type="application/json" id="gridsight-{name}">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def decoded(text: str) -> list[tuple[float, float]]:
    """Decode one ring by the format's own definition, as the page's script does; (lon, lat)."""
    numbers, value, shift = [], 0, 0
    for character in text:
        group = ord(character) - 63
        value |= (group & 0x1F) << shift
        shift += 5
        if group < 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    return [(lon / 1e6, lat / 1e6) for lat, lon in np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)]


def test_a_county_fits_in_five_megabytes(whole: Path) -> None:
    assert whole.stat().st_size <= pages.MAX_BYTES
    layers = embedded(whole.read_text(encoding="utf-8"), "data")["layers"]
    assert len(layers["grids"]["shapes"]) == 690
    assert len(layers["cameras"]["columns"]["id"]) == 7_071
    assert len(layers["gaps"]["columns"]["rank"]) == 9_000
    assert all(layers["gaps"]["shapes"])


def test_the_file_names_nothing_to_load(whole: Path) -> None:
    text = whole.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert "default-src &#39;none&#39;" in policy
    assert "connect-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    markup = re.sub(r"<(script|style)\b[^>]*>.*?</\1>", r"<\1>", text, flags=re.DOTALL)
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", markup)
    assert not re.search(r"""<script[^>]*\ssrc=""", text)
    assert " style=" not in markup
    assert not re.search(r"\son\w+=", markup)


def test_the_same_data_give_the_same_file(tmp_path: Path) -> None:
    data = county(gaps=30, cameras=40)
    for name in ("a.html", "b.html"):
        pages.write_map(data, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_names_of_strangers_never_become_markup(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    pages.write_map(county(gaps=30, cameras=40, hostile=True), path)
    text = path.read_text(encoding="utf-8")
    assert text.count("</script>") == len(re.findall(r"<script\b[^>]*>", text))
    assert "<img" not in text
    assert "<!--" not in text.replace("<\\!--", "")
    data = embedded(text, "data")
    assert data["layers"]["grids"]["columns"]["name"][0] == "</script><img src=x onerror=alert(1)>"
    assert data["layers"]["cameras"]["columns"]["id"][0] == "<img src=x onerror=alert(1)>"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnknownName, match="no language fr"):
        pages.write_map(county(gaps=30, cameras=40), path, lang="fr")
    assert path.read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_served_page_is_small_and_loads_from_this_host_only() -> None:
    text = pages.page(nonce="n-0_n", lang="en", run=None)
    assert len(text) < 60_000
    assert '<html lang="en">' in text
    assert "gridsight-data" not in text
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert all(one.startswith(("/static/", "/prints/", "data:", "#")) for one in sources), sources
    # Whatever runs carries the nonce; data blocks do not run.
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert 'nonce="n-0_n"' in tag or 'type="application/json"' in tag


@pytest.mark.parametrize("run", [None, "0198c3a2-7b1e-7c44-9d5a-3f1f6f0e2a11", "</script><script>alert(1)"])
def test_the_served_page_is_told_its_run(run: str | None) -> None:
    text = pages.page(nonce="n", lang="zh", run=run)
    config = embedded(text, "config")
    assert config["run"] == (run or "latest")
    assert config["mode"] == "served"
    assert '<html lang="zh-CN">' in text


def test_the_policy_allows_no_foreign_host_and_no_eval() -> None:
    policy = dict(part.strip().split(" ", 1) for part in pages.csp("abc").split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'nonce-abc'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in pages.csp("abc")
    assert "http" not in pages.csp("abc")


def test_every_word_the_page_uses_is_in_the_dictionary() -> None:
    page = pages.page(nonce="n", lang="zh", run=None)
    used = set(re.findall(r'data-(?:t|label|placeholder)="(\w+)"', page))
    for script in (pages.STATIC_DIR / "app").glob("*.js"):
        used |= set(re.findall(r'(?:gridsight\.t|\bt|tile)\("(\w+)"[,)]', script.read_text(encoding="utf-8")))
    assert len(used) > 80
    assert used <= set(WORDS), used - set(WORDS)


def test_both_languages_have_the_same_places_for_values() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh, key
        assert en, key
        assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en)), key
    assert word("gap", "zh") == "盲区"
    assert word("gap", "en") == "Gap"


def test_the_page_classes_are_those_of_the_sheet() -> None:
    config = embedded(pages.page(nonce="n", lang="zh", run=None), "config")
    assert config["edges"] == list(coverage_classes.EDGES)
    assert [one["code"] for one in config["classes"]] == [one.code for one in coverage_classes.CLASSES]


def test_own_scripts_use_neither_eval_nor_html_text_nor_newer_syntax() -> None:
    for script in sorted((pages.STATIC_DIR / "app").glob("*.js")):
        text = script.read_text(encoding="utf-8")
        assert script.stem in pages.SCRIPTS
        assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\(|new Function|https?:", text), (
            script.name
        )
        # ES2017, for the older browsers of office machines.
        assert not re.search(r"\?\.[\w\[(]|\?\?|\{\s*\.\.\.", text), script.name


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-179.9, 179.9), st.floats(-89.9, 89.9)), min_size=3, max_size=12, unique=True))
def test_packed_lines_come_back_to_a_tenth_of_a_metre(points: list[tuple[float, float]]) -> None:
    [[[text]]] = encoded_polylines.pack(np.array([shapely.LineString(points)]))
    wanted = [tuple(one) for one in np.rint(np.array(points) * 1e6) / 1e6]
    kept = [one for place, one in enumerate(wanted) if place == 0 or one != wanted[place - 1]]
    assert np.allclose(decoded(text), kept, rtol=0, atol=1e-9)


def test_packed_polygons_keep_holes_and_parts() -> None:
    holed = shapely.Polygon(
        [(0, 0), (10, 0), (10, 10), (0, 10)], [[(1, 1), (2, 1), (2, 2)], [(5, 5), (6, 5), (6, 6), (5, 6)]]
    )
    many = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), holed])
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    packed = encoded_polylines.pack(
        np.array([holed, None, many, shapely.Polygon(), mixed, shapely.Point(1, 1)], dtype=object)
    )
    assert [[len(part) for part in one] for one in packed] == [[3], [], [1, 3], [], [1], []]
    assert decoded(packed[0][0][0]) == [(0, 0), (10, 0), (10, 10), (0, 10)]
    assert decoded(packed[0][0][1]) == [(1, 1), (2, 1), (2, 2)]
    back = shapely.Polygon(decoded(packed[2][1][0]), [decoded(one) for one in packed[2][1][1:]])
    assert back.equals(holed)


def test_packed_text_is_the_published_example() -> None:
    # The three points of the format's own description, there with five decimals: here a tenth of their degrees.
    line = shapely.LineString([(-12.02, 3.85), (-12.095, 4.07), (-12.6453, 4.3252)])
    assert encoded_polylines.pack(np.array([line])) == [[["_p~iF~ps|U_ulLnnqC_mqNvxq`@"]]]


def test_neighbours_keep_one_border_when_simplified() -> None:
    grids = encoded_polylines.degrees(county(gaps=30, cameras=40).zones["grids"])
    simple = encoded_polylines.simplified(grids, 200.0)
    assert shapely.get_num_coordinates(simple).sum() < 0.7 * shapely.get_num_coordinates(grids).sum()
    assert shapely.coverage_is_valid(simple)


def test_a_shape_too_small_to_simplify_stays() -> None:
    speck = shapely.box(0, 0, 1e-6, 1e-6)
    [[[text]]] = encoded_polylines.pack(np.array([speck]), metres=4.0)
    assert set(decoded(text)) == {(0, 0), (1e-6, 0), (1e-6, 1e-6), (0, 1e-6)}


def test_a_line_is_simplified_within_its_tolerance() -> None:
    wave = shapely.LineString([(x / 1e4, 2e-6 * (x % 2)) for x in range(100)])
    [[[text]]] = encoded_polylines.pack(np.array([wave]), metres=1.0)
    assert decoded(text) == [(0, 0), (0.0099, 2e-6)]


@pytest.mark.parametrize("budget", [2_600_000, 1_500_000, 700_000])
def test_a_smaller_budget_is_held_and_told(budget: int) -> None:
    data = county()
    value = payload.payload(data, budget=budget)
    assert len(payload.dumps(value).encode("utf-8")) <= budget
    assert value["layers"]["grids"]["columns"]["code"]
    notes = {one["key"]: one["values"] for one in value["notes"]}
    missing = {"views", "possible", "coverage", "cameras"} - set(value["layers"])
    assert {f"layer_{one}" for one in missing} <= set(notes["note_left_out"]["layers"])
    gaps = value["layers"]["gaps"]
    assert len(gaps["shapes"]) == len(gaps["columns"]["rank"])
    assert ("note_gap_rows" in notes) == (len(gaps["shapes"]) < 9_000)
    if not all(gaps["shapes"]):
        drawn = notes["note_gap_shapes"]["n"]
        assert all(gaps["shapes"][:drawn])
        assert not any(gaps["shapes"][drawn:])


def test_figures_are_plain_and_null_stays_null() -> None:
    data = county(gaps=30, cameras=40)
    table = payload.payload(data, budget=3_000_000)["layers"]["grids"]["columns"]
    shares = data.zones["grids"].sure_share.to_numpy()
    assert [one is None for one in table["sure_share"]] == np.isnan(shares).tolist()
    given_ = np.array([np.nan if one is None else one for one in table["sure_share"]], dtype=float)
    assert np.allclose(given_, shares, atol=6e-6, equal_nan=True)
    assert all(isinstance(one, int) for one in table["cameras"])


def test_totals_are_the_runs_own_else_the_row_of_all() -> None:
    data = county(gaps=30, cameras=40)
    assert payload.totals(data)["cameras"] == 6_120
    bare = dataclasses.replace(data, summary={})
    assert payload.totals(bare)["sure_share"] == pytest.approx(data.zones["all"].sure_share.iloc[0])
    assert payload.totals(dataclasses.replace(bare, zones={})) == {}


def test_a_map_of_cameras_alone_is_a_map(tmp_path: Path) -> None:
    data = county(gaps=30, cameras=40)
    empty: MapData = dataclasses.replace(
        data, zones={}, gaps=data.gaps.iloc[:0], views=None, possible=None, coverage=None, reference={}
    )
    pages.write_map(empty, tmp_path / "map.html")
    layers = embedded((tmp_path / "map.html").read_text(encoding="utf-8"), "data")["layers"]
    assert set(layers) == {"gaps", "cameras"}


def test_keys_may_stand_in_the_index(tmp_path: Path) -> None:
    data = county(gaps=30, cameras=40)
    indexed = dataclasses.replace(
        data,
        cameras=data.cameras.set_index("id"),
        views=data.views.set_index("id"),
        zones={"grids": data.zones["grids"].set_index("code")},
    )
    value = payload.payload(indexed, budget=3_000_000)["layers"]
    assert value["cameras"]["columns"]["id"][0] == "GL00001"
    assert value["views"]["columns"]["id"][0] == "GL00001"
    assert value["grids"]["columns"]["code"][0] == data.zones["grids"].code[0]
    assert isinstance(indexed.cameras, gpd.GeoDataFrame)
