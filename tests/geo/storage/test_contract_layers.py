"""Hold every store to reading and writing layers (docs/contract.md section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.catalog.layers import LAYERS
from geo.errors import BadGeometry, BadValue, Conflict, UnknownCrs, UnknownName
from geo.storage.protocol import Store
from geo.storage.records import WriteCounts
from tests.geo.storage.sample_layers import cameras, feature, squares

SHAPES = {
    "point": shapely.Point(103, 37),
    "line": shapely.LineString([(103, 37), (103.1, 37.1)]),
    "polygon": shapely.Polygon(
        [(103, 37), (103.4, 37), (103.4, 37.4), (103, 37.4)], [[(103.1, 37.1), (103.2, 37.1), (103.2, 37.2)]]
    ),
    "parts": shapely.MultiPolygon([shapely.box(103, 37, 103.1, 37.1), shapely.box(103.2, 37, 103.3, 37.1)]),
    "lines": shapely.MultiLineString([[(103, 37), (103.1, 37)], [(103, 37.2), (103.1, 37.2)]]),
}
FITS = {"point": ("point",), "line": ("line", "lines"), "polygon": ("polygon", "parts")}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_gives_back_what_was_written(store: Store, name: str) -> None:
    layer = LAYERS[name]
    values = {"text": ["甲", None], "number": [0.1, None], "integer": [7, None], "date": ["2026-01-31", None]}
    kinds = [one for shape in layer.shapes for one in FITS[shape]]
    for kind in kinds:
        data = {one.name: values[one.kind] for one in layer.all_fields if one.name != layer.key}
        frame = gpd.GeoDataFrame({layer.key: ["a", "b"], **data}, geometry=[SHAPES[kind]] * 2, crs="EPSG:4326")
        frame["valid_to"] = None
        store.write(name, frame, "replace", actor="me")
        back = store.read(name, at=(None, None))
        assert list(back.columns) == [*layer.names, "geometry"]
        assert back.crs == "EPSG:4326"
        assert back.geometry.geom_type.tolist() == frame.geometry.geom_type.tolist()
        assert back.geometry.geom_equals_exact(frame.geometry, 0).all()
        for one in layer.fields:
            if one.name != layer.key:
                assert back[one.name].iloc[0] == values[one.kind][0]
                assert pd.isna(back[one.name].iloc[1])
                assert str(back[one.name].dtype) == {"number": "float64", "integer": "Int64"}.get(one.kind, "str")


def test_a_table_without_places_keeps_its_rows_without_a_shape(store: Store) -> None:
    """Rows of claims have no place, in frames with and without a column for it; a shape is refused."""
    plain = pd.DataFrame({"claim": ["a", "b"], "level": ["detect", None], "share": [0.5, None]})
    assert store.write("claims", plain, "upsert", actor="me") == WriteCounts(2, 0)
    assert store.write("claims", plain.assign(share=[0.9, None]), "upsert", actor="me") == WriteCounts(0, 2, 1)
    back = store.read("claims")
    assert back.geometry.isna().all()
    assert back["share"].tolist()[0] == 0.9
    assert store.versions("claims").history["share"].tolist() == [0.5]
    assert store.write("claims", back, "upsert", actor="me") == WriteCounts(0, 2, 2), "what was read is what is stored"
    assert (store.extent("claims"), store.count("claims"), len(store.read("claims", bbox=(0, 0, 180, 90)))) == (
        None, 2, 0,
    )  # fmt: skip
    feature, version = store.get("claims", "a")
    assert (feature["geometry"], version) == (None, 2)
    store.put("claims", "a", {**feature, "properties": {"level": "observe"}}, if_version=2, actor="me")
    store.delete("claims", "b", if_version=None, actor="me")
    assert store.read("claims")["level"].tolist() == ["observe"]
    with pytest.raises(BadGeometry):
        store.write("claims", back.set_geometry([SHAPES["point"]] * 2, crs="EPSG:4326"), "upsert", actor="me")
    with pytest.raises(BadGeometry):
        store.put(
            "claims",
            "a",
            {**feature, "geometry": {"type": "Point", "coordinates": [103, 37]}},
            if_version=3,
            actor="me",
        )


def test_an_empty_layer_reads_as_an_empty_frame(store: Store) -> None:
    frame = store.read("cameras")
    assert len(frame) == 0
    assert list(frame.columns) == [*LAYERS["cameras"].names, "geometry"]
    assert str(frame["class"].dtype) == "Int64"
    assert store.extent("cameras") is None
    assert store.count("cameras") == 0


def test_upsert_counts_and_changes_nothing_twice(store: Store) -> None:
    first = cameras("b", "a", kind=["ptz", "fixed"])
    assert store.write("cameras", first, "upsert", actor="me") == WriteCounts(2, 0)
    revision = store.revision("cameras")
    assert store.write("cameras", first, "upsert", actor="me") == WriteCounts(0, 2, unchanged=2)
    assert store.revision("cameras") == revision
    assert store.get("cameras", "a")[1] == 1
    assert store.write("cameras", cameras("b", "c", kind=["fixed", None]), "upsert", actor="me") == WriteCounts(1, 1)
    assert store.read("cameras")["id"].tolist() == ["a", "b", "c"]
    assert store.read("cameras")["kind"].isna().tolist() == [False, False, True]
    assert store.revision("cameras") > revision


def test_replace_leaves_the_frame_and_nothing_else(store: Store) -> None:
    store.write("cameras", cameras("a", "b", "c"), "upsert", actor="me")
    counts = store.write("cameras", cameras("c", "d", x=103.02), "replace", actor="me")
    assert counts == WriteCounts(2, 0, unchanged=1, removed=2)
    assert store.read("cameras")["id"].tolist() == ["c", "d"]
    assert store.get("cameras", "c")[1] == 1
    store.write("cameras", cameras(), "replace", actor="me")
    assert store.count("cameras") == 0


def test_append_refuses_known_keys_and_writes_nothing(store: Store) -> None:
    store.write("cameras", cameras("a", "b"), "append", actor="me")
    with pytest.raises(Conflict) as error:
        store.write("cameras", cameras("c", "b"), "append", actor="me")
    assert [(fault.row, fault.value) for fault in error.value.rows] == [("2", "b")]
    assert "already has 1 of these keys, first b; 1 more are new and were not written either" in error.value.en
    assert store.read("cameras")["id"].tolist() == ["a", "b"]


def test_writing_brings_any_known_crs_to_degrees_and_refuses_none(store: Store) -> None:
    degrees = cameras("a")
    store.write("cameras", degrees.to_crs("EPSG:4544"), "upsert", actor="me")
    assert store.read("cameras").geometry.iloc[0].distance(degrees.geometry.iloc[0]) < 1e-9
    with pytest.raises(UnknownCrs):
        store.write("cameras", degrees.set_crs(None, allow_override=True), "upsert", actor="me")


@pytest.mark.parametrize("column", ["ip", "password", "mac", "fid", "geom"])
def test_no_column_beyond_the_schema_is_ever_stored(store: Store, column: str) -> None:
    with pytest.raises(UnknownName, match=column):
        store.write("cameras", cameras("a", **{column: ["192.0.2.1"]}), "upsert", actor="me")
    with pytest.raises(UnknownName, match=column):
        store.put("cameras", "a", feature(**{column: "x"}), if_version=None, actor="me")
    assert store.count("cameras") == 0


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"azimuth": ["north", 1.0]}, "azimuth"),
        ({"azimuth": [float("inf"), 1.0]}, "azimuth"),
        ({"class": [1.5, 2]}, "class"),
        ({"class": [True, 2]}, "class"),
        ({"class": [2**70, 2]}, "class"),
        ({"name": [["a"], "b"]}, "name"),
        ({"valid_from": ["31.1.2026", None]}, "valid_from"),
        ({"valid_from": ["2026-02-01", None], "valid_to": ["2026-02-01", None]}, "valid_to"),
    ],
)
def test_a_value_of_another_kind_is_named_and_nothing_written(store: Store, columns: dict, field: str) -> None:
    with pytest.raises(BadValue) as error:
        store.write("cameras", cameras("a", "b", **columns), "upsert", actor="me")
    assert [(fault.row, fault.field) for fault in error.value.rows] == [("a", field)]
    assert store.count("cameras") == 0


def test_values_of_kin_kinds_are_taken_as_meant(store: Store) -> None:
    when = [dt.date(2026, 1, 2), pd.Timestamp("2026-01-03"), np.datetime64("2026-01-04"), "2026-01-05"]
    frame = cameras(
        "a", "b", "c", "d",
        name=[620622.0, 5, "", np.nan], valid_from=pd.Series(when, dtype=object),
        **{"class": [1.0, np.int64(2), None, 3]},
    )  # fmt: skip
    store.write("cameras", frame, "upsert", actor="me")
    back = store.read("cameras")
    assert back["name"].tolist()[:2] == ["620622", "5"]
    assert back["name"].isna().tolist() == [False, False, True, True]
    assert back["valid_from"].tolist() == ["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"]
    assert back["class"].fillna(0).tolist() == [1, 2, 0, 3]


def test_keys_must_be_there_once_each(store: Store) -> None:
    with pytest.raises(BadValue) as error:
        store.write("cameras", cameras("a", "a", ""), "upsert", actor="me")
    assert [(fault.row, fault.field) for fault in error.value.rows] == [("a", "id"), ("3", "id")]
    with pytest.raises(BadValue):
        store.write("cameras", cameras("a").drop(columns="id"), "upsert", actor="me")


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Point(),
        shapely.Point(np.nan, 37),
        shapely.Point(np.inf, 37),
        shapely.Point(181, 37),
        shapely.Point(103, -91),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiPoint([(103, 37), (104, 37)]),
        shapely.GeometryCollection([shapely.Point(103, 37)]),
    ],
)
def test_a_shape_that_cannot_be_a_camera_is_named(store: Store, shape: shapely.Geometry | None) -> None:
    frame = cameras("a", "b")
    frame.loc[1, "geometry"] = shape
    with pytest.raises(BadGeometry) as error:
        store.write("cameras", frame, "upsert", actor="me")
    assert [fault.row for fault in error.value.rows] == ["b"]
    assert store.count("cameras") == 0


def test_heights_of_vertices_are_dropped_and_one_part_is_single(store: Store) -> None:
    frame = cameras("a", "b")
    frame["geometry"] = [shapely.Point(103, 37, 1520), shapely.MultiPoint([(104, 37)])]
    store.write("cameras", frame, "upsert", actor="me")
    assert [one.wkt for one in store.read("cameras").geometry] == ["POINT (103 37)", "POINT (104 37)"]


def test_unknown_names_are_refused(store: Store) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.read("pipes"),
        lambda: store.count("pipes"),
        lambda: store.extent("pipes"),
        lambda: store.get("pipes", "a"),
        lambda: store.revision("pipes"),
        lambda: store.write("pipes", cameras("a"), "upsert", actor="me"),
        lambda: store.delete("pipes", "a", if_version=None, actor="me"),
        lambda: store.write("cameras", cameras("a"), "merge", actor="me"),
    ]
    for call in calls:
        with pytest.raises(UnknownName):
            call()


def test_a_write_needs_its_actor(store: Store) -> None:
    with pytest.raises(BadValue):
        store.write("cameras", cameras("a"), "upsert", actor="")


def test_text_that_is_no_unicode_is_refused(store: Store) -> None:
    with pytest.raises(BadValue):
        store.write("cameras", cameras("a", name=pd.Series(["\ud800"], dtype=object)), "upsert", actor="me")
    assert store.count("cameras") == 0
    with pytest.raises(BadValue):
        store.get("cameras", "\ud800")


def test_text_of_any_script_and_quote_comes_back(store: Store) -> None:
    texts = ['O\'Hara "x"', "'; DROP TABLE cameras; --", "𠮷野家", "a\nb\tc", "%_\\"]
    frame = cameras(*[f"k{i}" for i in range(5)], name=texts)
    store.write("cameras", frame, "upsert", actor="'; --")
    assert store.read("cameras")["name"].tolist() == texts


# -- pages -------------------------------------------------------------------------------------------------------------


def test_pages_by_key_give_every_row_once(store: Store) -> None:
    keys = [f"{i:02d}" for i in range(25)] + ["é", "甲", "Z", "a"]
    store.write("cameras", cameras(*keys), "upsert", actor="me")
    seen: list[str] = []
    while True:
        page = store.read("cameras", after=seen[-1] if seen else None, limit=7)
        seen += page["id"].tolist()
        if len(page) < 7:
            break
    assert seen == sorted(keys)  # code point order
    assert len(store.read("cameras", limit=0)) == 0


@pytest.mark.parametrize("limit", [-1, True, 2.5, "7", 2**40])
def test_an_impossible_limit_is_refused(store: Store, limit: object) -> None:
    with pytest.raises(BadValue):
        store.read("cameras", limit=limit)


# -- boxes -------------------------------------------------------------------------------------------------------------


def test_a_box_finds_what_meets_it_borders_included(store: Store) -> None:
    store.write("grids", squares("a", "b", "c"), "upsert", actor="me")

    def found(*bbox: float) -> list[str]:
        assert store.count("grids", bbox=bbox) == len(store.read("grids", bbox=bbox))
        return store.read("grids", bbox=bbox)["code"].tolist()

    assert found(103.001, 37.001, 103.002, 37.002) == ["a"]
    assert found(103.01, 37.0, 103.01, 37.01) == ["a", "b"]  # the border they share
    assert found(100.0, 30.0, 110.0, 40.0) == ["a", "b", "c"]
    assert found(103.03, 37.01, 104.0, 38.0) == ["c"]  # one corner
    assert found(103.0301, 37.0, 104.0, 38.0) == []


def test_a_box_is_met_by_the_shape_not_by_its_envelope(store: Store) -> None:
    triangle = gpd.GeoDataFrame({"code": ["t"]}, geometry=[shapely.Polygon([(0, 0), (10, 0), (0, 10)])], crs=4326)
    store.write("grids", triangle, "upsert", actor="me")
    assert store.count("grids", bbox=(6, 6, 9, 9)) == 0
    assert store.count("grids", bbox=(5, 5, 9, 9)) == 1  # touches the long side


def test_a_box_is_exact_where_single_precision_is_not(store: Store) -> None:
    x = 103.123456789
    store.write("cameras", cameras("a", x=x), "upsert", actor="me")
    assert store.count("cameras", bbox=(x + 1e-9, 36, 104, 38)) == 0
    assert store.count("cameras", bbox=(x, 36, 104, 38)) == 1
    assert store.extent("cameras") == (x, 37.0, x, 37.0)


def test_a_box_may_cross_the_antimeridian(store: Store) -> None:
    frame = cameras("east", "west", "home")
    frame["geometry"] = [shapely.Point(179.5, 0), shapely.Point(-179.5, 0), shapely.Point(103, 0)]
    store.write("cameras", frame, "upsert", actor="me")
    assert store.read("cameras", bbox=(179, -1, -179, 1))["id"].tolist() == ["east", "west"]
    assert store.read("cameras", bbox=(-180, -90, 180, 90))["id"].tolist() == ["east", "home", "west"]


@pytest.mark.parametrize(
    "bbox",
    [(0, 1, 1, 0), (0, 0, float("nan"), 1), (0, 0, float("inf"), 1), (0, 0, 1), ("a", 0, 1, 1), (500, 0, -200, 1)],
)
def test_an_impossible_box_is_refused(store: Store, bbox: tuple) -> None:
    with pytest.raises(BadValue):
        store.read("cameras", bbox=bbox)


def test_extent_follows_the_current_shapes(store: Store) -> None:
    store.write("grids", squares("a", "b", "c"), "upsert", actor="me")
    assert store.extent("grids") == pytest.approx((103.0, 37.0, 103.03, 37.01), abs=1e-12)
    store.delete("grids", "c", if_version=None, actor="me")
    assert store.extent("grids") == pytest.approx((103.0, 37.0, 103.02, 37.01), abs=1e-12)


# -- filters -----------------------------------------------------------------------------------------------------------


def prop(name: str) -> dict:
    return {"property": name}


TALL = {"op": ">", "args": [prop("height"), 3.5]}


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ({"op": "=", "args": [prop("kind"), "ptz"]}, ["b"]),
        ({"op": "<>", "args": [prop("kind"), "ptz"]}, ["a"]),
        ({"op": "isNull", "args": [prop("kind")]}, ["c"]),
        ({"op": "not", "args": [{"op": "isNull", "args": [prop("kind")]}]}, ["a", "b"]),
        ({"op": "in", "args": [prop("class"), [1, 3]]}, ["a", "c"]),
        ({"op": ">=", "args": [prop("height"), 4]}, ["b", "c"]),
        ({"op": ">", "args": [4, prop("height")]}, ["a"]),
        ({"op": "<", "args": [prop("height"), prop("max_range")]}, ["a"]),
        (
            {"op": "and", "args": [TALL, {"op": "<=", "args": [prop("class"), 2]}]},
            ["b"],
        ),
        ({"op": "or", "args": [{"op": "=", "args": [prop("id"), k]} for k in "abc"]}, ["a", "b", "c"]),
        ({"op": "=", "args": [prop("valid_from"), {"date": "2026-02-01"}]}, ["b"]),
        ({"op": "<", "args": [prop("valid_from"), "2026-02-02"]}, ["b"]),
        ({"op": "=", "args": [prop("kind"), "' OR 1=1 --"]}, []),
    ],
)
def test_filters_answer_as_on_paper(store: Store, where: dict, keys: list[str]) -> None:
    frame = cameras(
        "a", "b", "c",
        kind=["fixed", "ptz", None], height=[3.5, 4.0, 6.0], max_range=[50.0, None, 6.0],
        valid_from=[None, "2026-02-01", None], **{"class": [1, 2, 3]},
    )  # fmt: skip
    store.write("cameras", frame, "upsert", actor="me")
    assert store.read("cameras", where=where)["id"].tolist() == keys
    assert store.count("cameras", where=where) == len(keys)


def test_filter_box_and_page_work_together(store: Store) -> None:
    store.write("cameras", cameras(*"abcdef", kind=["ptz", "fixed"] * 3), "upsert", actor="me")
    page = store.read(
        "cameras",
        where={"op": "=", "args": [prop("kind"), "ptz"]},
        bbox=(103.0, 36, 103.045, 38),
        after="a",
        limit=1,
    )
    assert page["id"].tolist() == ["c"]


def test_outdated_rows_go_in_the_same_write(store: Store) -> None:
    store.write("cameras", cameras("a", "b", "c"), "upsert", actor="me")
    counts = store.write("cameras", cameras("b", "d"), "upsert", actor="me", outdated=["a", "b", "never"])
    assert counts == WriteCounts(imported=1, updated=1, unchanged=counts.unchanged, removed=1)
    assert store.read("cameras")["id"].tolist() == ["b", "c", "d"]
    assert store.versions("cameras").history["id"].tolist()[:1] == ["a"]
