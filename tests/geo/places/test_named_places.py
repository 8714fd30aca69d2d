"""Named places as texts with a point: which rows, which points, in which order."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.places.named_places import at_all_grids, named_places, with_named_places

# A U: its centroid lies outside.
U = shapely.Polygon([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)])


def frame(*rows: tuple[str, object, object], **columns: object) -> gpd.GeoDataFrame:
    code, name, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"code": code, "name": pd.Series(name, dtype=object), **columns}, geometry=list(shapes), crs=4326
    )


def test_rows_with_a_name_and_a_shape_are_handed_over() -> None:
    places = frame(("a", "大院", U), ("b", None, U), ("c", " ", U), ("d", "无点", None), ("e", "空", shapely.Polygon()))
    found = named_places({"places": places, "facilities": frame(("f", "中心", shapely.Point(1, 2)))})
    assert found[["text", "layer", "code"]].values.tolist() == [["大院", "places", "a"], ["中心", "facilities", "f"]]
    assert found["aliases"].isna().all()
    assert U.contains(found.geometry.iloc[0])
    assert found.geometry.iloc[1] == shapely.Point(1, 2)


def test_derived_rows_are_left_out() -> None:
    found = named_places({"places": frame(("a", "路口", U), ("b", "学校", U), source=["derived", None])})
    assert found["text"].tolist() == ["学校"]


def test_a_layer_without_names_has_none() -> None:
    buildings = gpd.GeoDataFrame({"id": ["b1"]}, geometry=[U], crs=4326)
    found = named_places({"obstacles": buildings, "places": frame(("a", "学校", U)).iloc[:0]})
    assert (len(found), list(found.columns)) == (0, ["text", "aliases", "layer", "code", "polygon", "geometry"])


def test_points_are_in_degrees() -> None:
    metres = frame(("a", "学校", shapely.Point(500_000.0, 0.0))).set_crs(4547, allow_override=True)
    (point,) = named_places({"places": metres}).geometry
    assert (point.x, point.y) == pytest.approx((114.0, 0.0), abs=1e-6)


def test_addresses_come_first() -> None:
    addresses = gpd.GeoDataFrame({"text": ["甲路1号"], "grid": ["g"]}, geometry=[shapely.Point(1, 1)], crs=4326)
    named = named_places({"places": frame(("a", "学校", U))})
    assert with_named_places(addresses, named)["text"].tolist() == ["甲路1号", "学校"]
    assert with_named_places(addresses, named.iloc[:0]) is addresses
    assert with_named_places(addresses.iloc[:0], named)["text"].tolist() == ["学校"]


def test_a_place_in_several_grids_is_in_all_of_them() -> None:
    """Three grids of width 2 side by side; the last place reaches into the second one by a hundredth of itself."""
    columns = {"code": ["g1", "g2", "g3"], "kind": "general", "level": 1}
    grids = gpd.GeoDataFrame(columns, geometry=[shapely.box(x, 0, x + 2, 2) for x in (0, 2, 4)], crs=4326)
    rows = [
        ("a", "公园", shapely.box(1, 0, 5, 1)),
        ("b", "学校", U.buffer(0)),
        ("c", "广场", shapely.box(1, 1, 2.01, 2)),
    ]
    named = named_places({"places": frame(*rows), "facilities": frame(("f", "中心", shapely.Point(1, 2)))})
    found = at_all_grids(named, grids)
    inside = {
        (text, code)
        for text, point in zip(found["text"], found.geometry, strict=True)
        for code, grid in zip(grids["code"], grids.geometry, strict=True)
        if grid.covers(point)
    }
    assert {code for text, code in inside if text == "公园"} == {"g1", "g2", "g3"}
    assert {code for text, code in inside if text == "学校"} == {"g1", "g2"}
    assert (
        {code for text, code in inside if text == "广场"} == {code for text, code in inside if text == "中心"} == {"g1"}
    )
    assert at_all_grids(named, grids.iloc[:0]) is named
