"""Test JSON of other makers: bare arrays, lines, rows of platforms, Amap, DataV and Esri."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import UnknownCrs, UnreadableFile
from geo.readers.geodata.drawn_shapes import RINGS_CLOSED
from geo.readers.reading import ReadResult, read_layer

RING = [[102.9, 37.5], [102.91, 37.5], [102.91, 37.51], [102.9, 37.5]]
FEATURE = {
    "type": "Feature",
    "properties": {"code": "1", "name": "一"},
    "geometry": {"type": "Polygon", "coordinates": [RING]},
}
SECOND = {**FEATURE, "properties": {"code": "2", "name": "二"}}


def read(folder: Path, content: Any, layer: str = "grids", suffix: str = ".json", **options: str) -> ReadResult:
    path = folder / f"f{suffix}"
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    path.write_bytes(data)
    reading = read_layer(path, layer, **options)
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    return reading


@pytest.mark.parametrize(
    "content",
    [
        [FEATURE, SECOND],
        [{"type": "FeatureCollection", "features": [FEATURE]}, SECOND],
        "\n".join(map(json.dumps, (FEATURE, SECOND))).encode(),
        "".join(f"\x1e{json.dumps(one)}\n" for one in (FEATURE, SECOND)).encode(),
        "".join(f"\x1e{json.dumps(one, indent=1)}\n" for one in (FEATURE, SECOND)).encode(),
        json.dumps([FEATURE, SECOND], ensure_ascii=False).encode("utf-16"),
        json.dumps([FEATURE, SECOND], ensure_ascii=False).encode("gbk"),
        "\n".join(json.dumps(one, ensure_ascii=False) for one in (FEATURE, SECOND)).encode("gb18030"),
    ],
    ids=["array", "array of collections", "lines", "sequence", "indented sequence", "utf-16", "gbk", "lines in gbk"],
)
@pytest.mark.parametrize("suffix", [".json", ".geojson", ".geojsonl"])
def test_features_without_a_collection_are_read(tmp_path: Path, content: Any, suffix: str) -> None:
    reading = read(tmp_path, content, suffix=suffix)
    assert reading.frame[["code", "name"]].values.tolist() == [["1", "一"], ["2", "二"]]
    assert reading.crs == "EPSG:4326"


def test_a_datav_file_without_a_crs_is_a_finding_that_names_gcj02(tmp_path: Path) -> None:
    properties = {
        "adcode": 620622,
        "name": "古浪县",
        "level": "district",
        "parent": {"adcode": 620600},
        "acroutes": [1],
    }
    told = read(tmp_path, [{**FEATURE, "properties": properties}], "divisions", crs="gcj02")
    assert told.findings == []
    row = told.frame[["code", "name", "level", "parent"]].iloc[0]
    assert row.tolist() == ["620622", "古浪县", "county", "620600"]
    untold = read(tmp_path, [{**FEATURE, "properties": properties}], "divisions")
    assert ["--crs gcj02" in one.reason for one in untold.findings] == [True]
    told_otherwise = read(tmp_path, [{**FEATURE, "properties": properties}], "divisions", crs="wgs84")
    assert told_otherwise.findings == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([FEATURE], 1),
        ({"type": "FeatureCollection", "features": [{**FEATURE, "properties": {"adcode": 1, "name": "一"}}]}, 1),
        ({"type": "FeatureCollection", "features": [FEATURE]}, 0),
        ("\n".join(map(json.dumps, (FEATURE, SECOND))).encode(), 0),
        ([{**FEATURE, "geometry": {"type": "Polygon", "coordinates": [[[x - 80, y] for x, y in RING]]}}], 0),
    ],
    ids=["bare array", "adcode alone", "collection", "lines", "bare array abroad"],
)
def test_what_nothing_vouches_to_be_wgs84_is_a_finding_in_china(tmp_path: Path, content: Any, expected: int) -> None:
    assert ["--crs gcj02" in one.reason for one in read(tmp_path, content).findings] == [True] * expected


@pytest.mark.parametrize(("text", "encoding"), [("Façade Königstraße", "latin-1"), ("信義里大安區", "big5")])
def test_json_in_another_encoding_is_refused_and_not_garbled(tmp_path: Path, text: str, encoding: str) -> None:
    content = json.dumps({**FEATURE, "properties": {"name": text}}, ensure_ascii=False).encode(encoding)
    with pytest.raises(UnreadableFile):
        read(tmp_path, content)


def test_a_broken_line_costs_its_row(tmp_path: Path) -> None:
    content = "\n".join([json.dumps(FEATURE), '{"type": "Fea', json.dumps(SECOND)]).encode()
    reading = read(tmp_path, content, suffix=".geojsonl")
    assert reading.frame["code"].tolist() == ["1", "2"]
    assert [(one.row, one.value) for one in reading.rejects] == [("2", '{"type": "Fea')]
    rows = b'{"id": "1", "lon": 102, "lat": 37}\n{"id"\n{"id": "3", "lon": 102, "lat": 37}'
    assert read(tmp_path, rows, "cameras", suffix=".jsonl", crs="wgs84").frame["id"].tolist() == ["1", "3"]


def test_rows_of_a_platform_have_paths_or_coordinates(tmp_path: Path) -> None:
    rows = [{"code": "1", "name": "一", "path": RING[:3]}, {"code": "2", "name": "二", "path": RING}]
    reading = read(tmp_path, {"code": 200, "data": {"list": rows}}, crs="wgs84")
    assert [one.equals(shapely.Polygon(RING)) for one in reading.frame.geometry] == [True, True]
    assert (reading.mapping["wkt"], reading.assumed[RINGS_CLOSED]) == ("path", 1)
    cameras = read(tmp_path, [{"id": "c", "position": {"lng": 102.9, "lat": 37.5}}], "cameras", crs="wgs84")
    assert shapely.get_coordinates(cameras.frame.geometry.to_numpy()).tolist() == [[102.9, 37.5]]
    with pytest.raises(UnknownCrs):
        read(tmp_path, rows)


def test_amap_districts_are_divisions_and_ask_for_their_crs(tmp_path: Path) -> None:
    outline = "102.9,37.5;102.91,37.5;102.91,37.51|103.9,37.5;103.91,37.5;103.91,37.51;103.9,37.5"
    district = {"adcode": "620622", "name": "古浪县", "center": "102.9,37.5", "level": "district", "districts": []}
    answer = {"status": "1", "districts": [{**district, "polyline": outline}]}
    with pytest.raises(UnknownCrs, match="Amap's coordinates are GCJ-02"):
        read(tmp_path, answer, "divisions")
    reading = read(tmp_path, answer, "divisions", crs="gcj02")
    assert reading.frame[["code", "name", "level"]].values.tolist() == [["620622", "古浪县", "county"]]
    assert len(reading.native.geometry.iloc[0].geoms) == 2
    nested = {"districts": [{"adcode": "620600", "name": "武威市", "districts": [{**district, "polyline": outline}]}]}
    assert read(tmp_path, nested, "divisions", crs="gcj02").frame["parent"].tolist() == ["620600"]


def test_amap_places_are_points_without_their_telephones(tmp_path: Path) -> None:
    place = {"id": "B1", "name": "学校", "location": "102.9,37.5", "tel": "0935", "address": []}
    reading = read(tmp_path, {"status": "1", "pois": [place]}, "demand", crs="gcj02")
    assert reading.frame[["id", "name"]].values.tolist() == [["B1", "学校"]]
    assert reading.dropped_columns == ["tel"]


def esri(geometry: Any, kind: str = "Polygon", **reference: int) -> dict[str, Any]:
    features = [{"attributes": {"code": "1"}, "geometry": geometry}]
    return {"geometryType": f"esriGeometry{kind}", "spatialReference": reference, "features": features}


def test_esri_rings_are_areas_by_their_direction(tmp_path: Path) -> None:
    outer = [[100, 0], [100, 10], [110, 10], [110, 0], [100, 0]]  # clockwise
    hole = [[102, 2], [104, 2], [104, 4], [102, 4], [102, 2]]  # the other way
    apart = [[120, 0], [120, 5], [125, 5], [125, 0]]  # open
    reading = read(tmp_path, esri({"rings": [outer, hole, apart]}, wkid=4326))
    assert reading.frame.geometry.iloc[0].area == 100 - 4 + 25
    assert reading.assumed[RINGS_CLOSED] == 1
    turned = read(tmp_path, esri({"rings": [outer[::-1]]}, wkid=4326))
    assert turned.frame.geometry.iloc[0].area == 100


def test_esri_json_names_its_crs_by_wkid(tmp_path: Path) -> None:
    paths = esri({"paths": [[[11_000_000, 4_500_000], [11_000_100, 4_500_000]]]}, "Polyline", wkid=102100)
    assert read(tmp_path, paths, "roads").crs == "EPSG:3857"
    with pytest.raises(UnknownCrs):
        read(tmp_path, esri({"rings": [RING]}))


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"rings": []},
        {"rings": [[[0, 0], [1, 1]]]},
        {"rings": "x"},
        {"curveRings": []},
        {"rings": [[["a", "b"]] * 4]},
    ],
)
def test_a_bad_esri_shape_costs_its_row(tmp_path: Path, geometry: Any) -> None:
    reading = read(tmp_path, esri(geometry, wkid=4326))
    assert (len(reading.frame), len(reading.rejects)) == (0, 1)


@pytest.mark.parametrize("content", [[1, 2], {"data": []}, {"a": [{"b": 1}]}, b'{"a": 1}\n{"b"', b"\xff\xff"])
def test_other_json_is_refused_in_one_sentence(tmp_path: Path, content: Any) -> None:
    with pytest.raises(UnreadableFile):
        read(tmp_path, content, crs="wgs84")


POINT = {"type": "Feature", "properties": {"id": "1"}, "geometry": {"type": "Point", "coordinates": [102.9, 37.5]}}
ROWS = [{"id": "1", "lon": 102.9, "lat": 37.5}]
POI = {"id": "1", "name": "一", "location": "102.9,37.5"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"type": "FeatureCollection", "features": [POINT], "numberMatched": 2}, "numberMatched=2"),
        ({"type": "FeatureCollection", "features": [POINT], "properties": {"exceededTransferLimit": True}}, "exceeded"),
        ({**esri({"x": 102.9, "y": 37.5}, "Point", wkid=4326), "exceededTransferLimit": True}, "exceeded"),
        ({"code": 0, "data": {"total": 853, "rows": ROWS}}, "total=853"),
        ({"status": "1", "count": "800", "pois": [POI]}, "count=800"),
        ({"elements": [], "remark": "runtime error: Query timed out"}, "runtime error"),
        ({"code": 0, "data": {"total": 1, "rows": ROWS}}, ""),
        ({"type": "FeatureCollection", "features": [POINT], "numberMatched": 1}, ""),
        ({**POINT, "properties": {"count": 5, "id": "1"}}, ""),
    ],
    ids=["ogc", "arcgis geojson", "esri", "platform", "amap", "overpass", "whole platform", "whole ogc", "feature"],
)
def test_one_page_of_several_is_a_finding(tmp_path: Path, content: Any, said: str) -> None:
    options = {} if "elements" in content else {"crs": "wgs84"}
    found = [one for one in read(tmp_path, content, "cameras", **options).findings if "page" in one.reason]
    assert [said in one.value for one in found] == ([True] if said else [])


def test_members_of_an_object_within_a_row_are_of_that_object(tmp_path: Path) -> None:
    row = {
        "deviceId": "k1",
        "region": {"name": "古浪镇", "code": "620622100"},
        "position": {"lng": 102.9, "lat": 37.4},
        "building": {"height": 20},
        "attributes": {"name": "东门", "height": 5},
        "pole": {"编号": "p1", "owner": {"name": "县局"}},
    }
    found = read(tmp_path, [row], "cameras", crs="wgs84")
    assert found.frame[["id", "name", "height"]].iloc[0].tolist() == ["k1", "东门", 5.0]
    assert {"region/name", "region/code", "building/height", "pole/编号", "pole/owner"} <= set(found.unused_columns)


def test_a_list_within_an_object_is_a_cell(tmp_path: Path) -> None:
    row = {"code": "g1", "shape": {"path": [[102.8, 37.4], [102.81, 37.4], [102.81, 37.41]]}}
    found = read(tmp_path, [row], "grids", crs="wgs84")
    assert found.frame.geometry.iloc[0].geom_type == "Polygon"
