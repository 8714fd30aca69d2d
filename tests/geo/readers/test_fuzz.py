"""Feed malformed JSON and tables: the answer is a reading that accounts for every feature, or one clear error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.readers.reading import read_layer

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


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=FILES, layer=st.sampled_from(["cameras", "obstacles", "roads", "addresses", "grids"]))
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: Any, layer: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    path.write_text(json.dumps(data))
    try:
        reading = read_layer(path, layer, default_crs="wgs84")
    except GeoError:
        return
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    assert reading.frame.iloc[:, 0].is_unique


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.lists(CELLS, max_size=40),
    layer=st.sampled_from(["cameras", "obstacles"]),
)
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: list[str], layer: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_text("id,lon,lat,wkt\n" + "".join(text), "utf-8", newline="")
    try:
        reading = read_layer(path, layer, crs="wgs84")
    except GeoError:
        return
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
