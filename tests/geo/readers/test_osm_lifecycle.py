"""Test what OpenStreetMap says of things that are gone, planned or out of use, and of buildings without walls."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import pytest
import shapely

from geo.readers.reading import ReadResult, read_layer
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_file
from tests.geo.readers.test_osm import CAMERA, SQUARE, node, overpass, way

YES = {"building": "yes"}


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ({**CAMERA, "disused": "yes"}, "offline"),
        ({**CAMERA, "abandoned": "yes"}, "offline"),
        ({**CAMERA, "disused": "no"}, None),
        ({"disused:man_made": "surveillance"}, "offline"),
        ({"abandoned:man_made": "surveillance"}, "offline"),
        ({**CAMERA, "operational_status": "broken"}, "offline"),
        ({**CAMERA, "operational_status": "Out of order"}, "offline"),
        ({**CAMERA, "operational_status": "operational"}, "online"),
        ({**CAMERA, "operational_status": "hm"}, "unknown"),
        ({**CAMERA, "proposed": "yes"}, "planned"),
        ({**CAMERA, "construction": "yes"}, "planned"),
        ({"proposed:man_made": "surveillance"}, "planned"),
        ({"construction:man_made": "surveillance"}, "planned"),
        ({**CAMERA, "operational_status": "under_construction"}, "planned"),
    ],
)
def test_cameras_out_of_use_are_offline_and_planned_ones_planned(
    tmp_path: Path, tags: dict[str, str], status: str | None
) -> None:
    frame = overpass(tmp_path, [node(1, tags)], "cameras").frame
    assert frame["status"].astype(object).where(frame["status"].notna(), None).tolist() == [status]


@pytest.mark.parametrize(
    "tags",
    [
        {**CAMERA, "razed": "yes"},
        {**CAMERA, "demolished": "2024"},
        {"removed:man_made": "surveillance"},
        {"demolished:man_made": "surveillance", "disused": "yes"},
        {**CAMERA, "operational_status": "dismantled"},
    ],
)
def test_cameras_that_are_gone_are_kept_as_removed(tmp_path: Path, tags: dict[str, str]) -> None:
    reading = overpass(tmp_path, [node(1, tags), node(2, CAMERA)], "cameras")
    assert reading.frame[["id", "status"]].values.tolist()[0] == ["1", "removed"]
    assert (len(reading.frame), reading.rejects) == (2, [])


NO_WALLS: list[dict[str, str]] = [
    {**YES, "razed": "yes"},
    {**YES, "demolished": "yes"},
    {**YES, "proposed": "yes"},
    {"building": "proposed"},
    {"building": "roof"},
    {"building": "carport"},
    {**YES, "location": "underground"},
    {**YES, "layer": "-1"},
    {**YES, "building:levels": "0", "building:levels:underground": "3"},
    {**YES, "min_height": "4 m"},
    {**YES, "building:min_level": "1"},
    {**YES, "wall": "no"},
    {"building": "underground"},
]
WALLS: list[dict[str, str]] = [
    YES,
    {**YES, "layer": "1"},
    {**YES, "layer": "0"},
    {**YES, "razed": "no"},
    {**YES, "min_height": "1.5"},
    {**YES, "min_height": "low"},
    {**YES, "building:min_level": "0"},
    {**YES, "abandoned": "yes"},
    {**YES, "disused": "yes"},
    {"building": "construction"},
    {**YES, "building:levels": "0"},
    {**YES, "building:levels": "2", "building:levels:underground": "3"},
]


@pytest.mark.parametrize("tags", NO_WALLS, ids=str)
def test_what_is_no_wall_at_eye_height_is_left_out_and_said(tmp_path: Path, tags: dict[str, str]) -> None:
    reading = overpass(tmp_path, [way(1, tags, SQUARE), way(2, YES, SQUARE)], "obstacles")
    assert reading.frame["id"].tolist() == ["way/2"]
    assert (reading.read, reading.rejects, reading.findings) == (1, [], [])
    assert [one.rows for one in reading.left_out] == [("way/1",)]
    assert reading.assumed[reading.left_out[0].reason] == 1


@pytest.mark.parametrize("tags", WALLS, ids=str)
def test_what_stands_stays(tmp_path: Path, tags: dict[str, str]) -> None:
    reading = overpass(tmp_path, [way(1, tags, SQUARE)], "obstacles")
    assert (reading.read, reading.left_out) == (1, ())
    assert reading.frame["id"].tolist() == ["way/1"]


def test_a_start_above_the_ground_that_is_not_read_is_said(tmp_path: Path) -> None:
    reading = overpass(tmp_path, [way(1, {**YES, "min_height": "low"}, SQUARE), way(2, YES, SQUARE)], "obstacles")
    assert [count for sentence, count in reading.assumed.items() if "taken from the ground" in sentence] == [1]


def test_left_out_rows_are_in_the_findings_file_and_the_sum_holds(tmp_path: Path) -> None:
    elements = [way(number, tags, SQUARE) for number, tags in enumerate([*NO_WALLS, *WALLS], 1)]
    overpass(tmp_path, elements, "obstacles")
    with open_store(tmp_path / "w.gpkg") as store:
        report = import_file(store, tmp_path / "o.json", "obstacles", findings=tmp_path / "f.csv")
    assert report.read == report.imported + report.updated + report.rejected == len(WALLS)
    with (tmp_path / "f.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["row"] for row in csv.DictReader(file) if "obstacle" in row["reason"]}
    assert listed == {f"way/{number}" for number in range(1, len(NO_WALLS) + 1)}


def test_roads_that_are_gone_are_left_out_and_planned_ones_keep_their_class(tmp_path: Path) -> None:
    line = [(0.0, 0.0), (0.1, 0.0)]
    kinds = ["residential", "proposed", "construction", "razed", "abandoned"]
    elements = [way(number, {"highway": kind}, line, close=False) for number, kind in enumerate(kinds, 1)]
    reading = overpass(tmp_path, elements, "roads")
    assert reading.frame["class"].tolist() == kinds[:3]
    assert sum(one.count for one in reading.left_out) == 2


def test_a_pbf_file_gives_cameras_known_by_a_prefix_only(tmp_path: Path) -> None:
    path = tmp_path / "c.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, tags in enumerate(({"disused:man_made": "surveillance"}, CAMERA, {"man_made": "mast"}), 1):
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=(24.9, 60.2), tags=tags))
    frame = read_layer(path, "cameras").frame
    assert frame["id"].tolist() == ["1", "2"]
    assert frame["status"].tolist()[0] == "offline"


# --- columns of converters -------------------------------------------------------------------------------------------


def table(
    folder: Path, layer: str, shapes: list[shapely.Geometry], suffix: str = ".gpkg", **columns: Any
) -> ReadResult:
    path = folder / f"t{suffix}"
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    reading = read_layer(path, layer)
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    return reading


POINTS = [shapely.Point(24.9, 60.2), shapely.Point(24.91, 60.2)]
AREAS = [shapely.box(24.9 + k / 100, 60.2, 24.905 + k / 100, 60.205) for k in range(4)]
LINES = [shapely.LineString([(24.9, 60.2 + k / 100), (24.91, 60.2)]) for k in range(4)]


@pytest.mark.parametrize(
    "packed", ['"camera:direction"=>"90","disused"=>"yes"', '{"camera:direction": "90", "disused": "yes"}']
)
def test_other_tags_of_ogr2ogr_are_tags(tmp_path: Path, packed: str) -> None:
    columns = {"osm_id": ["1", "2"], "name": [None, "a"], "man_made": ["surveillance", None]}
    reading = table(tmp_path, "cameras", POINTS, **columns, other_tags=[packed, '"amenity"=>"bank"'])
    assert reading.frame[["id", "azimuth", "status"]].values.tolist() == [["1", 90.0, "offline"]]
    assert any("other kinds left out" in sentence for sentence in reading.assumed)


def test_polygons_of_ogr2ogr_are_buildings_where_they_have_that_key(tmp_path: Path) -> None:
    columns = {"osm_id": [None, "7", None, None], "osm_way_id": ["5", None, "6", "8"]}
    other = ['"building:levels"=>"2"', None, None, '"layer"=>"-2"']
    reading = table(tmp_path, "obstacles", AREAS, **columns, building=["yes", "yes", None, "yes"], other_tags=other)
    assert reading.frame["id"].tolist() == ["way/5", "relation/7"]
    assert reading.frame["height"].tolist()[0] == 6.0
    assert [one.rows for one in reading.left_out] == [("4",)]


def test_a_choice_of_columns_without_ids_is_known_by_keys_that_nobody_else_has(tmp_path: Path) -> None:
    columns = {"building": ["roof", "yes", "yes", "yes"], "min_height": [None, "6", None, None]}
    reading = table(tmp_path, "obstacles", AREAS, **columns)
    assert (reading.read, sum(one.count for one in reading.left_out)) == (2, 2)


def test_geofabrik_shapefiles_are_read_by_fclass(tmp_path: Path) -> None:
    base: dict[str, Any] = {"osm_id": ["1", "2"], "code": [1, 2]}
    roads = table(tmp_path, "roads", LINES[:2], ".shp", **base, fclass=["primary", "track"], tunnel=["T", "F"])
    assert roads.frame["class"].tolist() == ["tunnel", "track"]
    cameras = table(tmp_path, "cameras", POINTS, ".shp", **base, fclass=["camera_surveillance", "bank"])
    assert cameras.frame["id"].tolist() == ["1"]


def test_osmnx_streets_have_one_row_each_and_their_first_class(tmp_path: Path) -> None:
    columns = {
        "u": [1, 2, 2],
        "v": [2, 1, 3],
        "key": [0, 0, 0],
        "osmid": ["10", "10", "[11, 12]"],
        "highway": ["residential", "residential", "['service', 'track']"],
        "reversed": [False, True, False],
    }
    reading = table(tmp_path, "roads", LINES[:3], **columns)
    assert reading.frame[["id", "class"]].values.tolist() == [["1-2-0", "residential"], ["2-3-0", "service"]]
    assert any("way back" in sentence for sentence in reading.assumed)


def test_overture_buildings_and_roads_are_read(tmp_path: Path) -> None:
    base = {"id": ["a", "b"], "version": [1, 1], "sources": [[{"dataset": "OpenStreetMap"}]] * 2}
    houses = table(
        tmp_path, "obstacles", AREAS[:2], ".parquet", **base, height=[None, 9.0], num_floors=[3, None],
        is_underground=[False, True],
    )  # fmt: skip
    assert houses.frame[["id", "height"]].values.tolist() == [["a", 9.0]]
    roads = table(
        tmp_path, "roads", LINES[:2], ".parquet", **base, subtype=["road", "rail"], **{"class": ["primary", "tram"]},
        names=[{"primary": "Main"}, None], connectors=[["x"], ["y"]], road_flags=[[{"values": ["is_tunnel"]}], None],
    )  # fmt: skip
    assert roads.frame[["id", "class", "name"]].values.tolist() == [["a", "tunnel", "Main"]]


def test_rows_left_out_take_their_coordinate_system_with_them(tmp_path: Path) -> None:
    file = tmp_path / "houses.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["osm_id", "building", "height", "crs", "wkt"])
        writer.writerow(["1", "roof", "3", "gcj02", AREAS[0].wkt])
        writer.writerow(["2", "house", "6", "wgs84", AREAS[1].wkt])
    reading = read_layer(file, "obstacles")
    assert (reading.read, reading.crs, reading.rejects) == (1, "EPSG:4326", [])
    assert reading.frame.geometry.iloc[0].equals(AREAS[1])
    assert [(one.rows, one.value) for one in reading.left_out] == [(("1",), "roof")]
