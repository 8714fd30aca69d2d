"""Test OpenStreetMap tags, PBF and Overpass files, and CityJSON buildings (docs/contract.md section 1, import)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import osmium
import pytest
import shapely

from geo.errors import UnknownName, UnreadableFile
from geo.readers.reading import ReadResult, read_layer

CAMERA = {"man_made": "surveillance"}
SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
INNER = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]


def overpass(folder: Path, elements: list[dict[str, Any]], layer: str, **options: Any) -> ReadResult:
    path = folder / "o.json"
    path.write_text(json.dumps({"version": 0.6, "elements": elements}))
    return checked(read_layer(path, layer, **options))


def checked(reading: ReadResult) -> ReadResult:
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    return reading


def node(number: int, tags: dict[str, str] | None = None, lon: float = 24.9, lat: float = 60.2) -> dict[str, Any]:
    return {"type": "node", "id": number, "lon": lon, "lat": lat, **({"tags": tags} if tags is not None else {})}


def inline(points: list[tuple[float, float]], *, close: bool = True) -> list[dict[str, float]]:
    return [{"lon": lon, "lat": lat} for lon, lat in (points + points[:1] if close else points)]


def way(number: int, tags: dict[str, str], points: list[tuple[float, float]], *, close: bool = True) -> dict[str, Any]:
    return {"type": "way", "id": number, "tags": tags, "geometry": inline(points, close=close)}


@pytest.mark.parametrize(
    ("tags", "fields"),
    [
        ({"camera:type": "fixed"}, {"kind": "fixed"}),
        ({"camera:type": "dome"}, {"kind": "ptz"}),
        ({"camera:type": "panning"}, {"kind": "ptz"}),
        ({"camera:type": "360"}, {"kind": "panoramic"}),
        ({"camera:type": "dome;fixed"}, {"kind": "fixed"}),
        ({}, {"kind": None}),  # missing: rule U4 fills and names it
        ({"camera:direction": "100"}, {"azimuth": 100}),
        ({"direction": "se"}, {"azimuth": 135}),
        ({"camera:direction": "10", "direction": "20"}, {"azimuth": 10}),
        ({"camera:direction": "338-23"}, {"azimuth": 0.5, "hfov": 45}),
        ({"camera:direction": "360"}, {"azimuth": None, "hfov": None}),
        ({"camera:direction": "0 - 360"}, {"azimuth": None, "hfov": None}),
        ({"camera:angle": "15°"}, {"tilt": 15}),
        ({"camera:angle": "90"}, {"tilt": None}),
        ({"camera:angle": "0"}, {"tilt": None}),
        ({"camera:angle": "wide"}, {"tilt": None}),
        ({"height": "2,5 m"}, {"height": 2.5}),
        ({"camera:height": "12'6\""}, {"height": pytest.approx(3.81)}),
        ({"surveillance": "indoor"}, {"place_type": "indoor"}),
        ({"indoor": "yes", "surveillance:zone": "shop"}, {"place_type": "indoor"}),
        ({"surveillance:zone": "traffic"}, {"place_type": "traffic"}),
        ({"operator": "City", "name": "Gate"}, {"owner": "City", "name": "Gate"}),
    ],
)
def test_camera_tags(tmp_path: Path, tags: dict[str, str], fields: dict[str, Any]) -> None:
    reading = overpass(tmp_path, [node(7, {**CAMERA, **tags})], "cameras")
    assert reading.rejects == []
    row = reading.frame.astype(object).where(reading.frame.notna(), None).iloc[0]
    assert {name: row[name] for name in fields} == fields
    assert (row["id"], row["site"]) == ("7", "7")


def test_angles_that_are_no_tilt_are_a_finding(tmp_path: Path) -> None:
    rows = [node(n, {**CAMERA, "camera:angle": angle}) for n, angle in enumerate(["15", "0", "120", "360", "89.9"])]
    reading = overpass(tmp_path, rows, "cameras")
    assert [count for sentence, count in reading.assumed.items() if "camera:angle" in sentence] == [3]


@pytest.mark.parametrize(
    ("tags", "field"),
    [
        ({"surveillance:type": "guard"}, "surveillance:type"),
        ({"surveillance:type": "gunshot_detector"}, "surveillance:type"),
        ({"surveillance": "fake"}, "surveillance"),
    ],
)
def test_what_is_no_camera_is_rejected(tmp_path: Path, tags: dict[str, str], field: str) -> None:
    reading = overpass(tmp_path, [node(1, CAMERA), node(2, {**CAMERA, **tags})], "cameras")
    assert reading.frame["id"].tolist() == ["1"]
    (fault,) = reading.rejects
    assert (fault.row, fault.field) == ("node/2", field)


@pytest.mark.parametrize(
    ("tags", "field"),
    [
        ({"camera:direction": "forward"}, "azimuth"),
        ({"height": "high"}, "height"),
        ({"height": "0"}, "height"),
    ],
)
def test_a_tag_that_cannot_be_read_is_a_finding(tmp_path: Path, tags: dict[str, str], field: str) -> None:
    reading = overpass(tmp_path, [node(1, CAMERA), node(2, {**CAMERA, **tags})], "cameras")
    assert reading.frame["id"].tolist() == ["1", "2"]
    (finding,) = reading.findings
    assert (finding.field, finding.value, finding.rows) == (field, next(iter(tags.values())), ("node/2",))


def test_tags_nobody_reads_are_listed(tmp_path: Path) -> None:
    rows = [node(1, {**CAMERA, "note": "x", "colour": "red", "phone": "1"}), node(2, {**CAMERA, "colour": "blue"})]
    reading = overpass(tmp_path, rows, "cameras")
    assert reading.unused_columns == ["colour", "note"]
    assert reading.dropped_columns == ["phone"]


def test_several_directions_share_a_site(tmp_path: Path) -> None:
    reading = overpass(tmp_path, [node(5, {**CAMERA, "direction": "355;175"})], "cameras")
    assert reading.frame[["id", "site", "azimuth"]].to_numpy().tolist() == [["5#1", "5", 355], ["5#2", "5", 175]]


def test_only_tagged_elements_of_the_layer_are_features(tmp_path: Path) -> None:
    rows = [node(1, CAMERA), node(2), node(3, {"amenity": "bench"}), {"type": "count", "id": 0}, node(4, CAMERA)]
    reading = overpass(tmp_path, rows, "cameras")
    assert reading.read == 2
    assert reading.features.tolist() == [1, 2]


def test_a_camera_drawn_as_a_way_stands_in_its_middle(tmp_path: Path) -> None:
    rows = [way(1, CAMERA, SQUARE), way(2, CAMERA, [(0, 0), (2, 0)], close=False)]
    rows.append({"type": "way", "id": 3, "tags": CAMERA, "center": {"lon": 5.0, "lat": 6.0}})
    rows.append({"type": "way", "id": 4, "tags": CAMERA})
    reading = overpass(tmp_path, rows, "cameras")
    assert reading.frame["id"].tolist() == ["way/1", "way/2", "way/3"]
    assert [(point.x, point.y) for point in reading.frame.geometry] == [(0.5, 0.5), (1.0, 0.0), (5.0, 6.0)]
    assert [fault.row for fault in reading.rejects] == ["way/4"]


def test_buildings_with_heights_levels_holes_and_references(tmp_path: Path) -> None:
    corners = [node(n, None, *point) for n, point in enumerate(SQUARE, 10)]
    rows = [
        way(1, {"building": "yes", "height": "12.13 m", "building:levels": "9"}, SQUARE),
        way(2, {"building": "yes", "building:levels": "2.5"}, SQUARE),
        way(3, {"building": "no"}, SQUARE),
        way(4, {"building": "yes"}, SQUARE, close=False),
        {"type": "way", "id": 5, "tags": {"building": "yes", "height": "0"}, "nodes": [10, 11, 12, 13, 10]},
        {
            "type": "relation",
            "id": 6,
            "tags": {"building": "yes", "type": "multipolygon"},
            "members": [
                {"type": "way", "ref": 60, "role": "outer", "geometry": inline(SQUARE[:3], close=False)},
                {"type": "way", "ref": 61, "role": "outer", "geometry": inline([*SQUARE[2:], SQUARE[0]], close=False)},
                {"type": "way", "ref": 62, "role": "inner", "geometry": inline(INNER)},
            ],
        },
        {"type": "relation", "id": 7, "tags": {"building": "yes"}, "members": [{"type": "way", "ref": 99, "role": ""}]},
        *corners,
    ]
    reading = overpass(tmp_path, rows, "obstacles")
    assert reading.frame["id"].tolist() == ["way/1", "way/2", "way/5", "relation/6"]
    assert reading.frame["height"].fillna(-1).tolist() == [12.13, 7.5, -1, -1]
    assert shapely.area(reading.frame.geometry.to_numpy()).tolist() == [1.0, 1.0, 1.0, 0.75]
    assert [fault.row for fault in reading.rejects] == ["way/4", "relation/7"]


def test_roads(tmp_path: Path) -> None:
    line = [(0.0, 0.0), (1.0, 0.0)]
    rows = [
        way(1, {"highway": "residential", "width": "6 m", "name": "Katu"}, line, close=False),
        way(2, {"highway": "service", "tunnel": "yes"}, line, close=False),
        way(3, {"highway": "service", "tunnel": "building_passage", "width": "narrow"}, line, close=False),
        way(4, {"highway": "pedestrian", "area": "yes"}, SQUARE),
        way(5, {"highway": "service"}, SQUARE),
        node(6, {"highway": "crossing"}),
    ]
    reading = overpass(tmp_path, rows, "roads")
    assert reading.frame["class"].tolist() == ["residential", "tunnel", "service", "service"]
    assert reading.frame["width"].fillna(-1).tolist() == [6.0, -1, -1, -1]
    assert [fault.row for fault in reading.rejects] == ["way/4"]
    assert reading.read == 5


def test_addresses(tmp_path: Path) -> None:
    street = {"addr:street": "Katu", "addr:housenumber": "5 A", "addr:city": "Helsinki", "addr:postcode": "00100"}
    chinese = {"addr:city": "古浪县", "addr:street": "泰和路", "addr:housenumber": "12号", "addr:housename": "泰和苑"}
    rows = [node(1, street), way(2, {**chinese, "building": "yes"}, SQUARE), node(3, {"addr:street": "Katu"})]
    frame = overpass(tmp_path, rows, "addresses").frame
    assert frame["text"].tolist() == ["Katu 5 A", "泰和路12号"]
    assert frame["standard"].tolist() == ["Katu 5 A, 00100 Helsinki", "古浪县泰和路12号"]
    assert frame["aliases"].fillna("").tolist() == ["", "泰和苑"]
    assert frame["building"].fillna("").tolist() == ["", "way/2"]
    assert frame.geometry.iloc[1].equals(shapely.Point(0.5, 0.5))


def test_personal_tags_are_dropped_and_listed(tmp_path: Path) -> None:
    tags = {**CAMERA, "contact:phone": "1", "contact:webcam": "http://x", "operator": "City"}
    reading = overpass(tmp_path, [node(1, tags)], "cameras")
    assert reading.dropped_columns == ["contact:phone", "contact:webcam"]


def test_a_tag_may_be_mapped_by_hand(tmp_path: Path) -> None:
    rows = [node(1, {**CAMERA, "ref": "K1", "contact:phone": "1"})]
    assert overpass(tmp_path, rows, "cameras", mapping={"name": "ref"}).frame["name"].tolist() == ["K1"]
    for wrong in ({"name": "nothing"}, {"name": "contact:phone"}):
        with pytest.raises(UnknownName):
            overpass(tmp_path, rows, "cameras", mapping=wrong)


def test_layers_openstreetmap_does_not_give(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="OpenStreetMap"):
        overpass(tmp_path, [node(1, CAMERA)], "grids")


@pytest.mark.parametrize("form", ["tags", "flat", "id"])
def test_geojson_of_nodes(tmp_path: Path, form: str) -> None:
    tags = {**CAMERA, "direction": "57-102", "camera:type": "fixed"}
    properties = {"tags": {"id": 69, "tags": tags}, "flat": {"@id": "node/69", **tags}, "id": tags}[form]
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    if form == "id":
        feature["id"] = "node/69"
    path = tmp_path / "n.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    row = checked(read_layer(path, "cameras")).frame.iloc[0]
    assert row[["id", "azimuth", "hfov", "kind"]].tolist() == ["69", 79.5, 45.0, "fixed"]


# --- PBF -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pbf(tmp_path: Path) -> Path:
    """Write two squares within each other, one cut way, one broken relation, cameras, roads, addresses."""
    path = tmp_path / "t.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    for number, point in enumerate([*SQUARE, *INNER], 1):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=point, version=1))
    tagged = [
        (20, {**CAMERA, "camera:direction": "90;270"}),
        (21, {"addr:street": "Katu", "addr:housenumber": "1"}),
        (22, {"building": "yes"}),
    ]
    for number, tags in tagged:
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(0.1, 0.1), tags=tags, version=1))
    building = {"building": "yes", "building:levels": "3"}
    ways = [
        (1, [1, 2, 3, 4, 1], {**building, "addr:street": "Katu", "addr:housenumber": "9"}),
        (2, [5, 6, 7, 8, 5], {}),
        (3, [1, 2, 999, 4, 1], {"building": "yes"}),
        (4, [1, 2, 999, 3, 4], {"highway": "service"}),
        (5, [1, 999], {"highway": "service"}),
        (6, [1, 2, 3, 4, 1], {}),
    ]
    for number, nodes, tags in ways:
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags, version=1))
    for number, members in ((7, [("w", 6, "outer"), ("w", 2, "inner")]), (8, [("w", 777, "outer")])):
        tags = {"type": "multipolygon", "building": "yes"}
        writer.add_relation(osmium.osm.mutable.Relation(id=number, members=members, tags=tags, version=1))
    writer.close()
    return path


def test_pbf_buildings(pbf: Path) -> None:
    reading = checked(read_layer(pbf, "obstacles"))
    assert reading.frame["id"].tolist() == ["way/1", "relation/7"]
    assert reading.frame["height"].fillna(-1).tolist() == [9.0, -1]
    assert shapely.area(reading.frame.geometry.to_numpy()).tolist() == pytest.approx([1.0, 0.75])
    assert {fault.row: fault.reason.split(" / ")[1].split(",")[0] for fault in reading.rejects} == {
        "node/22": "wrong kind of geometry",
        "way/3": "outline incomplete",
        "relation/8": "the area cannot be assembled from its members",
    }


def test_pbf_cameras_roads_and_addresses(pbf: Path) -> None:
    cameras = checked(read_layer(pbf, "cameras"))
    assert cameras.frame["id"].tolist() == ["20#1", "20#2"]
    roads = checked(read_layer(pbf, "roads"))
    assert roads.frame["id"].tolist() == ["way/4"]
    assert roads.frame.geometry.iloc[0].geom_type == "MultiLineString"  # cut where a node is missing
    assert [fault.row for fault in roads.rejects] == ["way/5"]
    addresses = checked(read_layer(pbf, "addresses"))
    assert addresses.frame["id"].tolist() == ["21", "way/1"]
    assert addresses.frame.geometry.iloc[1].distance(shapely.Point(0.5, 0.5)) < 1e-9


# --- CityJSON --------------------------------------------------------------------------------------------------------


def cube(kind: str) -> dict[str, Any]:
    """Return a city of one cube of 10 x 10 x 6 m, its corner at (85000, 447000), stored in centimetres."""
    corners = [[x, y, z] for z in (0, 600) for x, y in ((0, 0), (1000, 0), (1000, 1000), (0, 1000))]
    faces = [[[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[1, 2, 6, 5]], [[2, 3, 7, 6]], [[3, 0, 4, 7]]]
    geometry: dict[str, Any] = {"type": "MultiSurface", "lod": "2", "boundaries": faces}
    if kind == "solid":
        geometry = {"type": "Solid", "lod": "2", "boundaries": [faces]}
    if kind == "ground":
        surfaces = [{"type": "GroundSurface"}, {"type": "WallSurface"}]
        geometry["semantics"] = {"surfaces": surfaces, "values": [0, 1, 1, 1, 1, None]}
    building: dict[str, Any] = {"type": "Building", "geometry": [geometry]}
    objects: dict[str, Any] = {"b": building, "tree": {"type": "PlantCover", "geometry": []}}
    if kind == "part":
        objects = {
            "b": {"type": "Building", "children": ["p"]},
            "p": {"type": "BuildingPart", "parents": ["b"], "geometry": [geometry]},
        }
    if kind == "attribute":
        building["attributes"] = {"measuredHeight": 7.5}
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.01, 0.01, 0.01], "translate": [85000.0, 447000.0, -1.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "CityObjects": objects,
        "vertices": corners,
    }


@pytest.mark.parametrize("kind", ["plain", "solid", "ground", "part", "attribute"])
def test_cityjson_cube(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "city.json"
    path.write_text(json.dumps(cube(kind)))
    reading = checked(read_layer(path, "obstacles"))
    assert reading.crs == "EPSG:28992"
    assert reading.frame["id"].tolist() == ["b"]
    assert reading.frame["height"].tolist() == [7.5 if kind == "attribute" else 6.0]
    assert reading.native.geometry.iloc[0].equals(shapely.box(85000, 447000, 85010, 447010))
    assert 4.3 < reading.frame.geometry.iloc[0].centroid.x < 4.4


def test_cityjson_broken_buildings_cost_a_row(tmp_path: Path) -> None:
    city = cube("plain")
    city["CityObjects"]["bad"] = {
        "type": "Building",
        "geometry": [{"type": "MultiSurface", "lod": "2", "boundaries": [[[0, 1, 99]]]}],
    }
    city["CityObjects"]["none"] = {"type": "Building"}
    path = tmp_path / "city.json"
    path.write_text(json.dumps(city))
    reading = checked(read_layer(path, "obstacles"))
    assert reading.frame["id"].tolist() == ["b"]
    assert [(fault.row, fault.value) for fault in reading.rejects] == [("2", "bad"), ("3", "none")]
    with pytest.raises(UnknownName, match="obstacles"):
        read_layer(path, "cameras")


def test_a_broken_pbf_is_told_by_name_whatever_the_letters_of_its_suffix(tmp_path: Path) -> None:
    for name in ("broken.osm.pbf", "BROKEN.OSM.PBF"):
        (tmp_path / name).write_bytes(b"\xff" * 3000)
        with pytest.raises(UnreadableFile) as caught:
            read_layer(tmp_path / name, "roads")
        assert name in caught.value.en
        assert str(tmp_path) not in str(caught.value)


def test_a_pbf_in_capitals_is_read(tmp_path: Path) -> None:
    path = tmp_path / "R.OSM.PBF"
    writer = osmium.SimpleWriter(str(tmp_path / "r.osm.pbf"))
    for number in (1, 2):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(102.0 + number / 1000, 37.0)))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"highway": "primary"}))
    writer.close()
    (tmp_path / "r.osm.pbf").rename(path)
    assert len(read_layer(path, "roads").frame) == 1


PLACES = [
    node(1, {"amenity": "school", "name": "Primary"}),
    node(2, {"highway": "crossing"}),
    node(3, {"amenity": "bench"}),
    node(4, {"place": "hamlet", "name:zh": "小村", "name": "Xiaocun"}),
    way(5, {"place": "square", "highway": "pedestrian", "name": "Market Square"}, SQUARE),
    way(6, {"man_made": "bridge"}, SQUARE[:2], close=False),
    way(7, {"highway": "residential"}, SQUARE, close=False),
    way(8, {"landuse": "residential"}, INNER),
]
KINDS = {
    "1": ("school", "Primary", "Point"),
    "2": ("crossing", None, "Point"),
    "4": ("village", "小村", "Point"),
    "way/5": ("square", "Market Square", "Polygon"),
    "way/6": ("bridge", None, "LineString"),
    "way/8": ("estate", None, "Polygon"),
}


def kinds_of(reading: ReadResult) -> dict[str, tuple[str, str | None, str]]:
    frame = reading.frame
    names = frame["name"].astype(object).where(frame["name"].notna(), None)
    return {row: tuple(rest) for row, *rest in zip(frame["code"], frame["kind"], names, frame.geom_type, strict=True)}


def test_facilities_are_points_with_their_kinds(tmp_path: Path) -> None:
    """A police post, and a fire station drawn as an area; schools are none."""
    drawn = [
        node(1, {"amenity": "police", "name:zh": "城关派出所"}),
        node(2, {"amenity": "school"}),
        way(3, {"amenity": "fire_station", "building": "yes", "name": "Station 1"}, SQUARE),
        node(4, {"emergency": "assembly_point"}),
    ]
    assert kinds_of(overpass(tmp_path, drawn, "facilities")) == {
        "1": ("police_station", "城关派出所", "Point"),
        "way/3": ("fire_station", "Station 1", "Point"),
        "4": ("shelter", None, "Point"),
    }


def test_places_keep_the_shape_they_are_drawn_with(tmp_path: Path) -> None:
    """Schools, squares, crossings, estates as nodes, ways and areas; benches and streets are none."""
    reading = overpass(tmp_path, PLACES, "places")
    assert kinds_of(reading) == KINDS
    assert (reading.rejects, reading.findings, set(reading.frame["source"])) == ([], [], {"OpenStreetMap"})


def test_places_of_a_pbf_file_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "places.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    number = 100
    ways = []
    for one in PLACES:
        if one["type"] == "node":
            location = (one["lon"], one["lat"])
            writer.add_node(osmium.osm.mutable.Node(id=one["id"], location=location, tags=one["tags"]))
            continue
        nodes, first = [], {}
        for point in one["geometry"]:
            key = (point["lon"], point["lat"])
            if key not in first:
                number += 1
                first[key] = number
                writer.add_node(osmium.osm.mutable.Node(id=number, location=key))
            nodes.append(first[key])
        ways.append(osmium.osm.mutable.Way(id=one["id"], nodes=nodes, tags=one["tags"]))
    for one in ways:
        writer.add_way(one)
    writer.close()
    assert kinds_of(checked(read_layer(path, "places"))) == KINDS
