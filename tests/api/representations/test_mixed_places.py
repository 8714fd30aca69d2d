"""Write places of several points and mixed ones in every format and both maps, and read them back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from api.representations.downloads import DOWNLOAD_FORMATS, encode_frame
from api.representations.tables import TableOptions
from geo.errors import UnreadableFile
from geo.readers.reading import read_layer
from maps.web import encoded_polylines

GATES = shapely.MultiPoint([(103.0, 37.0), (103.5, 37.25)])
ESTATE, ROAD, GATE = (
    shapely.box(103.0, 37.0, 103.25, 37.25), shapely.LineString([(103.5, 37.5), (103.75, 37.5)]), shapely.Point(104, 38)
)  # fmt: skip
MIXED = shapely.GeometryCollection([ESTATE, ROAD, GATE])


@pytest.fixture
def places() -> gpd.GeoDataFrame:
    columns = {"code": ["p1", "p2", "p3"], "name": ["四门", "东小区", "南门"]}
    return gpd.GeoDataFrame(columns, geometry=[GATES, MIXED, GATE], crs="EPSG:4326")


@pytest.mark.parametrize("form", [name for name in DOWNLOAD_FORMATS if name != "shp"])
def test_every_format_brings_them_back(tmp_path: Path, places: gpd.GeoDataFrame, form: str) -> None:
    path = tmp_path / f"places{DOWNLOAD_FORMATS[form].suffix}"
    path.write_bytes(encode_frame(places, form, layer="places", options=TableOptions("zh")))
    reading = read_layer(path, "places", crs=None if form in ("kml", "gpkg", "geojson") else "wgs84")
    assert reading.rejects == []
    back = reading.frame.set_index("code").geometry
    assert back.index.tolist() == ["p1", "p2", "p3"]
    for code, shape in zip(places["code"], places.geometry, strict=True):
        assert back[code].geom_type == shape.geom_type
        assert shapely.normalize(back[code]).equals_exact(shapely.normalize(shape), 1e-7)


def test_a_shapefile_has_a_mixed_place_in_the_file_of_each_kind(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    with zipfile.ZipFile(io.BytesIO(encode_frame(places, "shp", layer="places"))) as archive:
        archive.extractall(tmp_path)
    found = {path.stem: pyogrio.read_dataframe(path) for path in sorted(tmp_path.glob("*.shp"))}
    codes = {name: frame["code"].tolist() for name, frame in found.items()}
    assert codes == {
        "places_line": ["p2"], "places_multipoint": ["p1"], "places_point": ["p2", "p3"], "places_polygon": ["p2"]
    }  # fmt: skip
    assert found["places_polygon"].geometry.iloc[0].equals(ESTATE)
    assert found["places_line"].geometry.iloc[0].equals(ROAD)
    assert found["places_multipoint"].geometry.iloc[0].equals(GATES)


def test_the_one_file_map_draws_each_part() -> None:
    shapes = np.array([GATES, MIXED, GATE, None], object)
    packed = encoded_polylines.pack(shapes, is_mixed=True)
    # Two corners alone; an area, a line, a corner alone; a point, whose place is in lon and lat; nothing.
    assert [len(one) for one in packed] == [2, 3, 0, 0]
    assert encoded_polylines.pack(np.array([ESTATE, ROAD]))[0] == [packed[1][0]]
    assert [len(one) for one in encoded_polylines.pack(shapes)] == [0, 1, 0, 0], "of results only areas are drawn"


@pytest.mark.parametrize("layer", ["grids", "cameras", "roads", "demand"])
def test_other_layers_refuse_mixtures_by_row(tmp_path: Path, layer: str) -> None:
    path = tmp_path / "f.csv"
    key = "code" if layer == "grids" else "id"
    path.write_text(f'{key},wkt\na,"{MIXED.wkt}"\n', "utf-8")
    try:
        reading = read_layer(path, layer, crs="wgs84")
    except UnreadableFile:
        return  # a file without a usable row
    assert [one.row for one in reading.rejects] == ["1"]
    assert "wrong kind" in reading.rejects[0].reason


@pytest.mark.parametrize(
    ("wkt", "read"),
    [
        ("GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1,2 1,2 2,1 2,1 1,0 1,0 0)),POINT(3 3))", 2.0),  # a ring touches itself
        ("GEOMETRYCOLLECTION(POLYGON((0 0,1 1,1 0,0 1,0 0)),POINT(3 3))", None),  # one crosses itself
        ("GEOMETRYCOLLECTION(POLYGON((0 0,2 0,2 2,0 2,0 0)),POLYGON((1 0,3 0,3 2,1 2,1 0)))", 8.0),  # areas overlap
        ("GEOMETRYCOLLECTION(POINT EMPTY,LINESTRING EMPTY)", None),
        ("MULTIPOINT(1 1,2 2)", 0.0),
    ],
)
def test_broken_parts_are_repaired_or_cost_their_row(tmp_path: Path, wkt: str, read: float | None) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f'code,wkt\na,"{wkt}"\nb,"POINT(1 1)"\n', "utf-8")
    reading = read_layer(path, "places", crs="wgs84")
    assert reading.frame["code"].tolist() == (["b"] if read is None else ["a", "b"])
    if read is not None:
        assert reading.frame.geometry.iloc[0].area == pytest.approx(read)
        assert reading.frame.geometry.is_valid.all()
