"""Check every download format by reading it back."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from api.representations.downloads import DOWNLOAD_FORMATS, encode_frame
from api.representations.responses import frame_response
from api.representations.tables import TableOptions, plain_table
from geo.errors import BadValue, UnknownName
from geo.readers.reading import read_layer

SQUARE = shapely.box(102.0, 37.0, 102.01, 37.01)


@pytest.fixture
def zones() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": ["620622001001000001", "620622001001000002", "3"],
            "name": ["古浪镇, 东", '=HYPERLINK("x")', None],
            "sure_share": [0.25, np.nan, 1.0],
            "cameras": pd.array([1, None, 3], dtype="Int64"),
            "assumed": [["hfov=80", "height=4"], [], ["a"]],
            "valid_from": [date(2026, 8, 1), None, None],
        },
        geometry=[SQUARE, None, shapely.MultiPolygon([SQUARE])],
        crs="EPSG:4326",
    ).to_crs("EPSG:4543")


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_opens_in_a_spreadsheet(zones: gpd.GeoDataFrame) -> None:
    data = encode_frame(zones, "csv", layer="grids")
    assert data.startswith(b"\xef\xbb\xbfcode,name")
    assert b"\r\n" in data
    rows = read_csv(data)
    assert rows[0] == ["code", "name", "sure_share", "cameras", "assumed", "valid_from", "wkt"]
    assert rows[1][:-1] == ["620622001001000001", "古浪镇, 东", "0.25", "1", "hfov=80; height=4", "2026-08-01"]
    assert rows[2][1] == '\'=HYPERLINK("x")'
    assert rows[2][2:4] == ["", ""]
    assert [one[-1].partition(" ")[0] for one in rows[1:]] == ["POLYGON", "", "MULTIPOLYGON"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [("-12.5", "-12.5"), ("+86", "+86"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), ("a=b", "a=b"), ("\tx", "'\tx")],
)
def test_csv_text_never_begins_a_formula(text: str, safe: str) -> None:
    assert read_csv(encode_frame(pd.DataFrame({"name": [text]}), "csv", layer="t"))[1] == [safe]


def test_xlsx_keeps_long_codes_as_text(zones: gpd.GeoDataFrame, tmp_path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(encode_frame(zones, "xlsx", layer="grids"))
    assert pyogrio.list_layers(path)[0][0] == "grids"
    back = pyogrio.read_dataframe(path)
    assert list(back.code) == list(zones.code)
    assert back.name[1] == '=HYPERLINK("x")'
    assert back.sure_share[0] == 0.25
    assert np.isnan(back.sure_share[1])


def test_geojson_is_in_degrees_with_null_for_nothing(zones: gpd.GeoDataFrame) -> None:
    value = json.loads(encode_frame(zones, "geojson", layer="grids"))
    first, second, _ = value["features"]
    assert value["type"] == "FeatureCollection"
    assert "crs" not in value
    ring = shapely.from_geojson(json.dumps(first["geometry"])).exterior
    assert ring.is_ccw
    assert shapely.hausdorff_distance(ring, SQUARE.exterior) < 2e-7
    assert second["geometry"] is None
    assert second["properties"]["sure_share"] is None
    assert first["properties"]["name"] == "古浪镇, 东"


def test_geopackage_keeps_the_frames_crs(zones: gpd.GeoDataFrame, tmp_path) -> None:
    path = tmp_path / "t.gpkg"
    path.write_bytes(encode_frame(zones, "gpkg", layer="grids"))
    back = pyogrio.read_dataframe(path, layer="grids")
    assert back.crs.to_epsg() == 4543
    assert back.geometry.area.sum() == pytest.approx(zones.geometry.area.sum(), rel=1e-12)


def test_points_get_their_place_in_tables() -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(102.5, 37.25)], crs="EPSG:4326")
    assert plain_table(frame.to_crs("EPSG:4543")).iloc[0].to_dict() == {"id": "a", "lon": 102.5, "lat": 37.25}


def test_a_named_index_is_a_column_and_a_counting_one_is_not() -> None:
    table = pd.DataFrame({"n": [1]}, index=pd.Index(["a"], name="id"))
    assert list(plain_table(table).columns) == ["id", "n"]
    assert list(plain_table(table.reset_index(drop=True)).columns) == ["n"]


@pytest.mark.parametrize("form", list(DOWNLOAD_FORMATS))
def test_an_empty_layer_still_is_a_file(zones: gpd.GeoDataFrame, form: str) -> None:
    assert len(encode_frame(zones.iloc[:0], form, layer="grids")) > 30


def test_unknown_formats_are_refused(zones: gpd.GeoDataFrame) -> None:
    with pytest.raises(UnknownName, match="csv, xlsx, geojson, gpkg"):
        encode_frame(zones, "pdf", layer="grids")
    with pytest.raises(UnknownName, match="no shapes"):
        encode_frame(pd.DataFrame({"a": [1]}), "gpkg", layer="t")


def named(text: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": ["v1"], "name": [text]}, geometry=[shapely.Point(103, 37)], crs="EPSG:4326")


@pytest.mark.parametrize("text", ["<b>&amp;</b> ]]>", "a\rb", "a\r\nb\tc", "\"'"])
def test_marks_and_line_ends_come_back_from_kml(text: str, tmp_path) -> None:
    path = tmp_path / "v.kml"
    path.write_bytes(encode_frame(named(text), "kml", layer="villages"))
    assert read_layer(path, "villages").frame["name"].tolist() == [text]


@pytest.mark.parametrize("text", ["a\x01", "\x0b", "a\ufffe"])
def test_what_xml_cannot_hold_is_named_instead_of_a_broken_kml(text: str) -> None:
    with pytest.raises(BadValue, match=f"name.*U\\+{ord(text[-1]):04X}"):
        encode_frame(named(text), "kml", layer="villages")


def test_a_number_that_a_shapefile_would_cut_is_named() -> None:
    frame = gpd.GeoDataFrame({"id": ["a"], "weight": [1e25]}, geometry=[shapely.Point(103, 37)], crs="EPSG:4326")
    with pytest.raises(BadValue, match=r"weight.*1e\+25"):
        encode_frame(frame, "shp", layer="demand")


@pytest.mark.parametrize(("encoding", "charset"), [("utf-8", "utf-8"), ("gbk", "gbk")])
def test_the_media_type_names_the_encoding_of_the_text(encoding: str, charset: str) -> None:
    options = TableOptions("zh", encoding)
    answer = frame_response(named("土门"), "csv", layer="villages", name="v", extra_members={}, options=options)
    assert answer.headers["content-type"] == f"text/csv; charset={charset}"
    assert "土门" in answer.body.decode(charset)
