"""Zone layers: names, levels, keys, repairs and owners (rules D4, D5, L1), on squares and by brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.zones import owning_rows, rows_by_id, sort_zone_layers, split_layers, valid_shapes
from geo.errors import CrsMismatch, UnknownCrs, UnknownName
from geo.row_keys import row_keys
from tests.geo.ascii_drawing import at, rect, zone_frame

SQUARE = zone_frame({"s": rect(0, 0, 10, 10)})
BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


def test_a_frame_is_the_grids_and_a_mapping_is_in_the_order_of_the_layers() -> None:
    assert list(split_layers(SQUARE)) == ["grids"]
    assert list(split_layers({"townships": SQUARE, "grids": SQUARE, "villages": None})) == ["grids", "townships"]


def test_counties_are_zones_where_there_are_several() -> None:
    one, two = (SQUARE.iloc[[0]].assign(code=code, level="county") for code in ("990101", "990102"))
    town = SQUARE.iloc[[0]].assign(code="990101101", level="township")
    assert list(split_layers({"divisions": pd.concat([one, town])})) == ["townships"]
    found = split_layers({"divisions": pd.concat([one, two, town])})
    assert {name: frame["code"].tolist() for name, frame in found.items()} == {
        "townships": ["990101101"], "counties": ["990101", "990102"],
    }  # fmt: skip
    assert split_layers(None) == {}
    with pytest.raises(UnknownName, match="parks"):
        split_layers({"parks": SQUARE})


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ([1, 2, 2], {"grids": ["a"], "microgrids": ["b", "c"]}),
        (["1", " 2", "2.0"], {"grids": ["a"], "microgrids": ["b", "c"]}),
        ([None, None, 2], {"grids": ["a", "b"], "microgrids": ["c"]}),
        ([2, 2, 2], {"grids": ["a", "b", "c"]}),  # nothing else to be inside of: they are the grids
        ([1, 1, 1], {"grids": ["a", "b", "c"]}),
    ],
)
def test_level_two_rows_of_grids_are_microgrids(level: list, expected: dict[str, list[str]]) -> None:
    frame = zone_frame({name: rect(0, 0, 1, 1) for name in "abc"}, level=pd.Series(level, dtype=object))
    assert {name: layer["code"].tolist() for name, layer in split_layers(frame).items()} == expected


def test_townships_are_those_of_the_divisions() -> None:
    frame = zone_frame({"c": rect(0, 0, 9, 9), "t": rect(0, 0, 3, 3)}, level=["county", "township"])
    assert split_layers({"divisions": frame})["townships"]["code"].tolist() == ["t"]
    assert len(split_layers({"divisions": frame.drop(columns="level")})["townships"]) == 0


def test_rows_that_are_no_polygons_are_left_out_with_a_note() -> None:
    frame = zone_frame({"dot": at(0, 0), "none": None, "square": rect(0, 0, 10, 10)})
    zones = sort_zone_layers(frame, frame.crs)
    assert zones.frames["grids"]["code"].tolist() == ["none", "square"]
    assert [shape and shape.area for shape in zones.shapes["grids"]] == [None, 100]
    assert len(zones.notes) == 1
    assert "1 rows" in zones.notes[0]
    none = sort_zone_layers(frame.iloc[:1], frame.crs)
    assert (dict(none.frames), none.all_zone_layer) == ({}, "")


def test_broken_shapes_are_repaired_and_reported_by_their_keys() -> None:
    frame = zone_frame({"good": rect(0, 0, 1, 1), "tie": BOW_TIE})
    zones = sort_zone_layers({"villages": frame}, frame.crs)
    assert [(fault.where, fault.row) for fault in zones.repaired] == [("villages", "tie")]
    assert shapely.area(zones.shapes["villages"]) == pytest.approx([1, 2])
    shapes, faults = valid_shapes(np.array([BOW_TIE, None], object), "x", np.array(["k", "l"]))
    assert (shapes[0].area, shapes[1], [fault.row for fault in faults]) == (2, None, ["k"])


def test_shapes_are_in_the_computing_crs_and_frames_as_given() -> None:
    degrees = SQUARE.to_crs(4326)
    zones = sort_zone_layers(degrees, SQUARE.crs)
    assert zones.frames["grids"].crs == degrees.crs
    assert shapely.area(zones.shapes["grids"]) == pytest.approx([100], rel=1e-6)


def test_layers_are_in_one_crs() -> None:
    with pytest.raises(CrsMismatch):
        sort_zone_layers({"grids": SQUARE, "villages": SQUARE.to_crs(4326)}, SQUARE.crs)
    with pytest.raises(CrsMismatch):
        sort_zone_layers(SQUARE, SQUARE.crs, required_crs=SQUARE.to_crs(4326).crs)
    with pytest.raises(UnknownCrs):
        sort_zone_layers(SQUARE.set_crs(None, allow_override=True), SQUARE.crs)


def test_keys_are_codes_or_positions_and_orders_are_of_ids() -> None:
    frame = gpd.GeoDataFrame({"code": ["7", None, 8]}, geometry=[None] * 3)
    assert row_keys(frame, "code").tolist() == ["7", "1", "8"]
    assert row_keys(frame[["geometry"]], "code").tolist() == ["0", "1", "2"]
    assert rows_by_id(frame, "code").tolist() == [1, 0, 2]
    assert rows_by_id(frame).tolist() == [0, 1, 2]
    assert rows_by_id(pd.DataFrame({"id": ["b", "a", "b", "a"]})).tolist() == [1, 3, 0, 2]


def test_a_point_on_a_border_belongs_to_the_first_row() -> None:
    squares = gpd.GeoDataFrame(geometry=[rect(10, 0, 20, 10), rect(0, 0, 10, 10), None])
    points = gpd.GeoSeries([at(10, 5), at(5, 5), at(20, 10), at(0, 0), at(30, 5), None])
    assert owning_rows(squares, points).tolist() == [0, 1, 0, 1, -1, -1]
    assert owning_rows(squares.iloc[:0], points).tolist() == [-1] * 6


lattice = st.integers(0, 6)
boxes = st.lists(st.tuples(lattice, lattice, st.integers(1, 4), st.integers(1, 4)), max_size=6)


@settings(max_examples=60)
@given(boxes)
def test_owners_agree_with_a_plain_search(drawn: list[tuple[int, int, int, int]]) -> None:
    """Points on every corner, border and middle of a lattice: the first box that covers each, border included."""
    frame = gpd.GeoDataFrame(geometry=[shapely.box(x, y, x + w, y + h) for x, y, w, h in drawn])
    x, y = (values.ravel() for values in np.meshgrid(np.arange(0, 11) / 1.0, np.arange(0, 21) / 2))
    expected = [
        next((i for i, (a, b, w, h) in enumerate(drawn) if a <= px <= a + w and b <= py <= b + h), -1)
        for px, py in zip(x, y, strict=True)
    ]
    assert owning_rows(frame, gpd.GeoSeries(shapely.points(x, y))).tolist() == expected
