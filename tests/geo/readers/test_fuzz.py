"""Feed spoiled JSON, tables and bytes: the answer is a reading that accounts for every feature, or one clear error."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.readers.reading import ReadResult, read_layer
from tests.geo.readers.workbook_files import Tab, write_xlsx

WORDS = st.sampled_from(["", "x", "90;180", "node", "1.2.3", "surveillance", "yes", "3 m"])
LEAF = st.one_of(st.none(), st.booleans(), st.integers(-400, 400), st.floats(-200, 200), WORDS)
KEYS = st.sampled_from("ab")
ANY = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner), max_leaves=8)
PAIR = st.lists(st.one_of(st.integers(-190, 190), LEAF), min_size=1, max_size=3)
LINE = st.lists(PAIR, max_size=5)
TAG = st.sampled_from(["man_made", "building", "height", "building:levels", "camera:direction", "camera:angle"])
TAGS = st.dictionaries(TAG, LEAF)
GEOMETRY = st.one_of(
    ANY,
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "GeometryCollection", "x"])},
        optional={
            "coordinates": st.one_of(ANY, PAIR, LINE, st.lists(LINE, max_size=2)),
            "geometries": ANY,
        },
    ),
)
PROPERTIES = st.one_of(ANY, TAGS, TAGS.map(lambda tags: {"tags": tags}))
FEATURE = st.one_of(
    ANY, st.fixed_dictionaries({"type": st.just("Feature"), "geometry": GEOMETRY, "properties": PROPERTIES})
)
PLACE = st.one_of(ANY, st.fixed_dictionaries({"lon": LEAF, "lat": LEAF}))
MEMBER = st.fixed_dictionaries({"type": st.just("way"), "ref": LEAF, "geometry": ANY})
ELEMENT = st.one_of(
    ANY,
    st.fixed_dictionaries(
        {"type": st.sampled_from(["node", "way", "relation"]), "id": LEAF, "tags": st.one_of(TAGS, ANY)},
        optional={
            "lon": LEAF,
            "lat": LEAF,
            "center": PLACE,
            "geometry": st.one_of(ANY, st.lists(PLACE)),
            "nodes": ANY,
            "members": st.one_of(ANY, st.lists(MEMBER)),
        },
    ),
)
BUILDING = st.fixed_dictionaries(
    {"type": st.just("Building")}, optional={"geometry": ANY, "children": ANY, "attributes": ANY}
)
CITY = st.fixed_dictionaries(
    {"type": st.just("CityJSON"), "CityObjects": st.one_of(ANY, st.dictionaries(KEYS, BUILDING))},
    optional={
        "vertices": st.one_of(ANY, st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3))),
        "transform": ANY,
        "metadata": ANY,
    },
)
COLLECTION = {"type": st.just("FeatureCollection"), "features": st.one_of(ANY, st.lists(FEATURE, max_size=5))}
FILES = st.one_of(
    ANY,
    st.fixed_dictionaries(COLLECTION, optional={"crs": ANY}),
    st.fixed_dictionaries({"elements": st.one_of(ANY, st.lists(ELEMENT, max_size=5))}),
    CITY,
)
CELLS = st.sampled_from(["id", "lon", ",", "\n", '"', "102.9", "37.5", "a", ";", "\t", " ", "é", "\0"])

quick = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
LAYERS = ["cameras", "obstacles", "roads", "addresses", "grids"]


def account_for(path: Path, layer: str, **options: str) -> ReadResult | None:
    """Read a file; every feature of it is kept or rejected, once. None where the whole file is refused."""
    try:
        reading = read_layer(path, layer, **options)
    except GeoError:
        return None
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    assert reading.frame.iloc[:, 0].is_unique
    return reading


@quick
@given(data=FILES, layer=st.sampled_from(LAYERS))
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: Any, layer: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    path.write_text(json.dumps(data))
    account_for(path, layer, default_crs="wgs84")


@quick
@given(text=st.lists(CELLS, max_size=40), layer=st.sampled_from(["cameras", "obstacles"]))
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: list[str], layer: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_text("id,lon,lat,wkt\n" + "".join(text), "utf-8", newline="")
    account_for(path, layer, crs="wgs84")


# --- one part of a good file is spoiled ------------------------------------------------------------------------------


def feature(layer: str, number: int) -> dict[str, Any]:
    """Return a feature that its layer takes as it is."""
    x, y = 102.9 + 0.01 * number, 37.5
    key = {"grids": "code"}.get(layer, "id")
    if layer in ("cameras", "addresses"):
        geometry = {"type": "Point", "coordinates": [x, y]}
    elif layer == "roads":
        geometry = {"type": "LineString", "coordinates": [[x, y], [x + 0.001, y]]}
    else:
        ring = [[x, y], [x + 0.001, y], [x + 0.001, y + 0.001], [x, y]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
    properties = {key: f"key {number}", "name": "东门", "height": 4.5, "text": f"民主街{number + 1}号"}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def places_in(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every part of a value of JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([way] if way else []), *(one for key, part in inner for one in places_in(part, (*way, key)))]


def test_a_spoiled_part_of_a_feature_costs_no_other(tmp_path: Path) -> None:
    told: Counter[str] = Counter()

    @quick
    @given(data=st.data(), layer=st.sampled_from(LAYERS), count=st.integers(2, 5))
    def read(data: st.DataObject, layer: str, count: int) -> None:
        features = [feature(layer, number) for number in range(count)]
        whole = copy.deepcopy(features)
        spoiled = data.draw(st.integers(0, count - 1))
        *way, last = data.draw(st.sampled_from(places_in(features[spoiled])))
        part: Any = features[spoiled]
        for key in way:
            part = part[key]
        part[last] = data.draw(ANY)
        path = tmp_path / "spoiled.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        reading = account_for(path, layer)
        told["refused" if reading is None else "read"] += 1
        if reading is not None:
            told["rejected"] += bool(reading.rejects)
            assert reading.read == count
            key = reading.frame.columns[0]
            others = {one["properties"][key] for place, one in enumerate(whole) if place != spoiled}
            assert others <= set(reading.frame[key])

    read()
    assert told["read"] >= 60, told
    assert told["rejected"] >= 10, told


def test_a_spoiled_cell_costs_no_other_row(tmp_path: Path) -> None:
    told: Counter[str] = Counter()

    @quick
    @given(
        spoil=st.lists(CELLS, max_size=4).map("".join),
        row=st.integers(0, 3),
        column=st.integers(0, 3),
        layer=st.sampled_from(["cameras", "addresses"]),
    )
    def read(spoil: str, row: int, column: int, layer: str) -> None:
        rows = [[f"key {number}", f"{102.9 + 0.01 * number:.2f}", "37.5", "民主街1号"] for number in range(4)]
        rows[row][column] = spoil
        path = tmp_path / "spoiled.csv"
        lines = ["id,lon,lat,text", *map(",".join, rows)]
        path.write_text("\n".join(lines), "utf-8", newline="")
        reading = account_for(path, layer, crs="wgs84")
        told["refused" if reading is None else "read"] += 1
        if reading is not None and not set(spoil) & set('"\n,;\t\0'):  # no mark that makes other cells of it
            told["in one cell"] += 1
            assert {f"key {number}" for number in range(4) if number != row} <= set(reading.frame["id"])

    read()
    assert told["read"] >= 60, told
    assert told["in one cell"] >= 15, told


# --- bytes of a good file are cut and flipped ------------------------------------------------------------------------


def good_file(suffix: str, path: Path) -> bytes:
    """Return the bytes of a file of six cameras."""
    features = [feature("cameras", number) for number in range(6)]
    rows = [[one["properties"]["id"], *one["geometry"]["coordinates"]] for one in features]
    if suffix == ".xlsx":
        return write_xlsx(path, Tab("甲", [["id", "lon", "lat"], *rows])).read_bytes()
    if suffix == ".csv":
        return "\n".join(["id,lon,lat", *(",".join(map(str, row)) for row in rows)]).encode()
    if suffix == ".kml":
        placemark = "<Placemark><name>{}</name><Point><coordinates>{},{}</coordinates></Point></Placemark>"
        inner = "".join(placemark.format(*row) for row in rows)
        return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inner}</Document></kml>'.encode()
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".kml", ".xlsx"])
def test_cut_and_flipped_bytes_are_read_or_refused(suffix: str, tmp_path: Path) -> None:
    data = good_file(suffix, tmp_path / f"good{suffix}")
    path = tmp_path / f"bytes{suffix}"
    path.write_bytes(data)
    good = account_for(path, "cameras", crs="wgs84")
    assert good is not None
    assert len(good.frame) == 6
    told: Counter[str] = Counter()
    places = st.integers(0, len(data) - 1)
    bits = st.sampled_from([1, 2, 4, 8]) | st.integers(1, 255)  # low bits make other digits and letters
    ends = st.one_of(st.just(len(data)), st.just(len(data)), st.just(len(data)), places)

    @settings(quick, max_examples=40)
    @given(flips=st.lists(st.tuples(places, bits), max_size=2), end=ends)
    def read(flips: list[tuple[int, int]], end: int) -> None:
        spoiled = bytearray(data)
        for place, flipped in flips:
            spoiled[place] ^= flipped
        path.write_bytes(spoiled[:end])
        reading = account_for(path, "cameras", crs="wgs84")
        told["refused" if reading is None else "kept" if len(reading.frame) else "empty"] += 1

    read()
    assert told["kept"] >= 2, told
