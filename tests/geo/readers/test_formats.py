"""Test that every format gives the same rows, and that files that are no plain files are refused."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import crs
from geo.catalog.layers import layer
from geo.errors import CrsMismatch, GeoError, UnknownCrs, UnknownName, UnreadableFile
from geo.readers.reading import FileLimits, ReadResult, read_layer
from geo.readers.rows.rejects_file import write_rejects

# Three cameras of 古浪, degrees.
LON, LAT = [102.90, 102.91, 102.92], [37.50, 37.51, 37.52]
ROWS = {
    "编号": ["a", "b", "c"],
    "名称": ["东门", "西门", "车站"],
    "方位角": [0.0, 90.0, 270.5],
    "电话": ["1", "2", "3"],
}


def frame(system: str = "EPSG:4326") -> gpd.GeoDataFrame:
    x, y = crs.from_wgs84(LON, LAT, system)
    return gpd.GeoDataFrame(ROWS, geometry=gpd.points_from_xy(x, y), crs=system)


def table(path: Path, lon: str = "经度", lat: str = "纬度", system: str = "wgs84", encoding: str = "utf-8") -> Path:
    x, y = crs.from_wgs84(LON, LAT, system)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*ROWS, lon, lat])
        writer.writerows(zip(*ROWS.values(), x, y, strict=True))
    return path


def agrees(reading: ReadResult) -> None:
    assert reading.frame["id"].tolist() == ["a", "b", "c"]
    assert reading.frame["site"].tolist() == ["a", "b", "c"]
    assert reading.frame["name"].tolist() == ["东门", "西门", "车站"]
    assert reading.frame["azimuth"].tolist() == [0.0, 90.0, 270.5]
    assert reading.frame.geometry.x.to_numpy() == pytest.approx(np.array(LON), abs=1e-7)
    assert reading.frame.geometry.y.to_numpy() == pytest.approx(np.array(LAT), abs=1e-7)
    assert crs.crs_name(reading.frame.crs) == "EPSG:4326"
    assert list(reading.frame.columns) == [*layer("cameras").names, "geometry"]
    assert (reading.read, reading.rejects, reading.features.tolist()) == (3, [], [1, 2, 3])
    assert reading.mapping["azimuth"] == "方位角"
    assert reading.dropped_columns == ["电话"]


def test_parquet_without_shapes_is_a_table_with_columns_of_coordinates(tmp_path: Path) -> None:
    path = tmp_path / "points.parquet"
    pd.DataFrame({"id": ["a"], "安装高度": [3.0], "lon": [102.9], "lat": [37.5], "别的": [1]}).to_parquet(path)
    result = read_layer(path, "cameras", crs="wgs84")
    assert result.mapping == {"id": "id", "height": "安装高度", "lon": "lon", "lat": "lat"}
    assert (result.frame.geometry.x.tolist(), result.unused_columns) == ([102.9], ["别的"])


@pytest.mark.parametrize("system", ["EPSG:4326", "EPSG:4543", "EPSG:4522"])
@pytest.mark.parametrize("name", ["f.gpkg", "f.shp", "f.fgb", "f.parquet"])
def test_files_that_carry_their_crs(tmp_path: Path, name: str, system: str) -> None:
    path = tmp_path / name
    if name.endswith(".parquet"):
        frame(system).to_parquet(path)
    else:
        frame(system).to_file(path, **({"encoding": "UTF-8"} if name.endswith(".shp") else {}))
    reading = read_layer(path, "cameras")
    assert sorted(reading.frame["id"]) == ["a", "b", "c"]
    if name.endswith(".fgb"):  # its index stores features in another order
        return
    agrees(reading)
    assert reading.crs == system
    assert crs.crs_name(reading.native.crs) == system
    x, _ = crs.from_wgs84(LON, LAT, system)
    assert reading.native.geometry.x.to_numpy() == pytest.approx(x, abs=1e-6)


def test_geojson_is_wgs84_by_its_standard(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "f.geojson")
    agrees(read_layer(tmp_path / "f.geojson", "cameras"))


def test_geojson_of_the_2008_draft_names_its_crs(tmp_path: Path) -> None:
    frame("EPSG:4543").to_file(tmp_path / "f.geojson", RFC7946="NO")
    assert "crs" in json.loads((tmp_path / "f.geojson").read_text())
    reading = read_layer(tmp_path / "f.geojson", "cameras")
    agrees(reading)
    assert reading.crs == "EPSG:4543"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09", "cgcs2000"])
def test_csv_in_any_encoding_and_shift(tmp_path: Path, encoding: str, system: str) -> None:
    reading = read_layer(table(tmp_path / "f.csv", system=system, encoding=encoding), "cameras", crs=system)
    agrees(reading)
    assert reading.crs == {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}.get(system, system)
    assert reading.mapping["lon"] == "经度"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_csv_separators(tmp_path: Path, separator: str) -> None:
    path = table(tmp_path / "f.csv")
    path.write_text(path.read_text("utf-8").replace(",", separator), "utf-8")
    agrees(read_layer(path, "cameras", crs="wgs84"))


def test_csv_with_projected_columns(tmp_path: Path) -> None:
    agrees(read_layer(table(tmp_path / "f.csv", "x", "y", "EPSG:4543"), "cameras", crs="EPSG:4543"))


def test_survey_tables_write_x_north(tmp_path: Path) -> None:
    # x and y exchanged as a whole: only that fits the CRS, so it is read so, and said.
    reading = read_layer(table(tmp_path / "f.csv", "Y坐标", "X坐标", "EPSG:4543"), "cameras", crs="EPSG:4543")
    agrees(reading)
    assert any("northing" in sentence for sentence in reading.assumed)


@pytest.mark.parametrize("columns", [("x", "y"), ("y", "x")])
def test_zone_prefixed_eastings_choose_their_zone(tmp_path: Path, columns: tuple[str, str]) -> None:
    reading = read_layer(table(tmp_path / "f.csv", *columns, "EPSG:4522"), "cameras", crs="cgcs2000")
    agrees(reading)
    assert reading.crs == "EPSG:4522"
    assert any("zone told from the eastings" in sentence for sentence in reading.assumed)


def test_a_file_whose_crs_lacks_the_zone_prefix(tmp_path: Path) -> None:
    prefixed = frame("EPSG:4522").set_crs("EPSG:4543", allow_override=True)
    prefixed.to_file(tmp_path / "f.gpkg")
    reading = read_layer(tmp_path / "f.gpkg", "cameras")
    agrees(reading)
    assert reading.crs == "EPSG:4522"


def test_csv_with_wkt_polygons(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text('网格编码,网格名称,户数,wkt\n620622001001,一格,"1,200","POLYGON((0 0,1 0,1 1,0 1,0 0))"\n', "utf-8")
    reading = read_layer(path, "grids", crs="wgs84")
    assert reading.frame[["code", "name", "households"]].iloc[0].tolist() == ["620622001001", "一格", 1200]
    assert shapely.equals(reading.frame.geometry.iloc[0], shapely.box(0, 0, 1, 1))


def test_xlsx_keeps_long_codes_and_decimals(tmp_path: Path) -> None:
    columns = {**ROWS, "编号": ["34020000001320000001", "b", "c"], "经度": LON, "纬度": ["37.50", "37.51", "37.52"]}
    sheet = gpd.GeoDataFrame(columns, geometry=[None] * 3).drop(columns="geometry")
    import pyogrio

    pyogrio.write_dataframe(sheet, tmp_path / "f.xlsx", driver="XLSX", layer="点位")
    reading = read_layer(tmp_path / "f.xlsx", "cameras", crs="wgs84")
    assert reading.frame["id"].tolist() == ["34020000001320000001", "b", "c"]
    assert reading.frame.geometry.x.tolist() == LON
    assert reading.dropped_columns == ["电话"]
    assert read_layer(tmp_path / "f.xlsx", "cameras", crs="wgs84", source_layer="点位").read == 3
    with pytest.raises(UnknownName, match="点位"):
        read_layer(tmp_path / "f.xlsx", "cameras", crs="wgs84", source_layer="别的")


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("told", ["cpg", "given", "detected"])
def test_shapefile_encodings(tmp_path: Path, encoding: str, told: str) -> None:
    path = tmp_path / "点位.shp"
    frame("EPSG:4543").to_file(path, encoding=encoding)
    if told != "cpg":
        path.with_suffix(".cpg").unlink()
    agrees(read_layer(path, "cameras", encoding=encoding if told == "given" else None))


def test_zipped_shapefile(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "点位.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "f.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in tmp_path.glob("点位.*"):
            archive.write(part, f"资料/{part.name}")
    reading = read_layer(tmp_path / "f.zip", "cameras")
    agrees(reading)
    assert reading.source == "f.zip"


def test_a_file_of_several_layers(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "f.gpkg", layer="one")
    frame().to_file(tmp_path / "f.gpkg", layer="two")
    with pytest.raises(UnknownName, match="--source-layer"):
        read_layer(tmp_path / "f.gpkg", "cameras")
    reading = read_layer(tmp_path / "f.gpkg", "cameras", source_layer="two")
    assert reading.source == "f.gpkg:two"
    frame().to_file(tmp_path / "f.gpkg", layer="cameras")
    assert read_layer(tmp_path / "f.gpkg", "cameras").source == "f.gpkg:cameras"
    with pytest.raises(UnknownName, match="three"):
        read_layer(tmp_path / "f.gpkg", "cameras", source_layer="three")


def test_what_a_workspace_layer_holds_comes_back(tmp_path: Path) -> None:
    first = read_layer(table(tmp_path / "f.csv"), "cameras", crs="wgs84")
    first.frame.to_file(tmp_path / "f.gpkg", layer="cameras")
    again = read_layer(tmp_path / "f.gpkg", "cameras")
    assert again.frame.drop(columns="geometry").equals(first.frame.drop(columns="geometry"))
    assert shapely.equals(again.frame.geometry, first.frame.geometry).all()


# --- CRS -------------------------------------------------------------------------------------------------------------


def test_no_crs_no_import(tmp_path: Path) -> None:
    with pytest.raises(UnknownCrs, match="--crs"):
        read_layer(table(tmp_path / "f.csv"), "cameras")
    bare = frame().set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        bare.to_file(tmp_path / "f.shp", encoding="UTF-8")
    with pytest.raises(UnknownCrs, match="--crs"):
        read_layer(tmp_path / "f.shp", "cameras")
    agrees(read_layer(tmp_path / "f.shp", "cameras", crs="wgs84"))
    with pytest.warns(UserWarning, match="crs"):
        bare.to_file(tmp_path / "f.gpkg")
    with pytest.raises(UnknownCrs, match="--crs"):
        read_layer(tmp_path / "f.gpkg", "cameras")


def test_the_default_serves_only_files_that_name_none(tmp_path: Path) -> None:
    agrees(read_layer(table(tmp_path / "f.csv", "x", "y", "EPSG:4543"), "cameras", default_crs="EPSG:4543"))
    frame().to_file(tmp_path / "f.gpkg")
    agrees(read_layer(tmp_path / "f.gpkg", "cameras", default_crs="EPSG:4543"))


def test_the_user_word_beats_the_file_and_is_said(tmp_path: Path) -> None:
    lon, lat = crs.from_wgs84(LON, LAT, "gcj02")
    gpd.GeoDataFrame(ROWS, geometry=gpd.points_from_xy(lon, lat), crs=4326).to_file(tmp_path / "f.gpkg")
    reading = read_layer(tmp_path / "f.gpkg", "cameras", crs="gcj02")
    agrees(reading)
    assert reading.crs == "gcj02"
    assert crs.crs_name(reading.native.crs) == "EPSG:4326"
    assert any("as told" in sentence for sentence in reading.assumed)


def test_openstreetmap_is_wgs84_whatever_is_told(tmp_path: Path) -> None:
    node = {"type": "node", "id": 1, "lat": 37.5, "lon": 102.9, "tags": {"man_made": "surveillance"}}
    (tmp_path / "o.json").write_text(json.dumps({"elements": [node]}))
    with pytest.raises(CrsMismatch, match="WGS-84"):
        read_layer(tmp_path / "o.json", "cameras", crs="gcj02")
    assert read_layer(tmp_path / "o.json", "cameras", crs="wgs84").frame["id"].tolist() == ["1"]


# --- what is refused -------------------------------------------------------------------------------------------------


def _vrt(folder: Path) -> Path:
    path = folder / "f.vrt"
    path.write_text("<OGRVRTDataSource></OGRVRTDataSource>")
    return path


def _disguised(folder: Path) -> Path:
    path = folder / "f.gpkg"
    path.write_text("<OGRVRTDataSource></OGRVRTDataSource>")
    return path


def _truncated(folder: Path) -> Path:
    path = folder / "f.gpkg"
    frame().to_file(path)
    path.write_bytes(path.read_bytes()[:5000])
    return path


def _lone_shp(folder: Path) -> Path:
    frame().to_file(folder / "f.shp", encoding="UTF-8")
    (folder / "f.shx").unlink()
    return folder / "f.shp"


def _deep(folder: Path) -> Path:
    path = folder / "f.geojson"
    path.write_text("[" * 5000 + "]" * 5000)
    return path


def _open_quote(folder: Path) -> Path:
    path = folder / "f.csv"
    path.write_text('id,lon,lat\n"a,1,2\nb,3,4\n')
    return path


def _no_coordinates(folder: Path) -> Path:
    path = folder / "f.csv"
    path.write_text("id,name\na,b\n")
    return path


def _latin(folder: Path) -> Path:
    path = folder / "f.csv"
    path.write_bytes(b"id,lon,lat\n\xff\x80\xff,1,2\n")
    return path


def _empty(folder: Path) -> Path:
    path = folder / "f.csv"
    path.touch()
    return path


def _text(name: str, text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_text(text)
        return path

    return make


def _zip(*entries: tuple[str, bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "f.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        return folder / "f.zip"

    return make


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: folder,
        lambda folder: folder / "absent.gpkg",
        lambda folder: "/vsizip/f.zip",
        lambda folder: "https://example.org/f.geojson",
        lambda folder: "\0",
        _vrt,
        _disguised,
        _truncated,
        _lone_shp,
        _deep,
        _open_quote,
        _no_coordinates,
        _latin,
        _empty,
        _text("f.docx", "x"),
        _text("f.json", "{"),
        _text("f.json", "1"),
        _text("f.json", '{"type": "Topology"}'),
        _text("f.geojson", '{"type": "FeatureCollection", "features": {}}'),
        _text("f.parquet", "PAR1xxxx"),
        _text("f.xlsx", "PK\3\4xxxx"),
        _text("f.osm.pbf", "no pbf"),
        _text("f.fgb", "fgb"),
        _zip(("a.txt", b"x")),
        _zip(("../f.shp", b"x")),
        _zip(("/f.shp", b"x")),
        _zip(("f.shp", b"\0" * 50_000_000)),
    ],
)
def test_unreadable_files_are_refused_in_one_sentence(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_layer(make(tmp_path), "cameras", crs="wgs84")
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value) or "not a file" in str(caught.value) or "no such" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        *((name, FileLimits(file_bytes=10)) for name in ("f.csv", "f.geojson", "f.gpkg")),
        *((name, FileLimits(features=2)) for name in ("f.csv", "f.geojson", "f.gpkg")),
        *((name, FileLimits(json_bytes=10)) for name in ("f.csv", "f.geojson")),  # a GeoPackage is not read whole
    ],
)
def test_limits_hold(tmp_path: Path, name: str, limits: FileLimits) -> None:
    path = table(tmp_path / name) if name == "f.csv" else tmp_path / name
    if name != "f.csv":
        frame().to_file(path)
    with pytest.raises(UnreadableFile):
        read_layer(path, "cameras", crs="wgs84", limits=limits)


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "f.csv")
    for wrong in ({"layer": "cats"}, {"profile": "x"}, {"mapping": {"id": "x"}}, {"mapping": {"x1": "编号"}}):
        with pytest.raises(UnknownName):
            read_layer(path, **{"layer": "cameras", "crs": "wgs84", **wrong})
    with pytest.raises(GeoError):
        read_layer(path, "cameras", crs="wgs84", encoding="klingon")


# --- the rejects file ------------------------------------------------------------------------------------------------


def test_rejects_are_written_whole_and_inert(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,lon,lat,height\na,461.993.881,37,3\nb,102,=1+1,3\nc,102,-500,3\nd,102,37,3\n")
    reading = read_layer(path, "cameras", crs="wgs84")
    out = tmp_path / "rejects.csv"
    write_rejects(reading.rejects, out)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [tuple(row) for row in rows] == [("source", "row", "field", "reason", "value")] * 3
    assert [(row["row"], row["field"], row["value"]) for row in rows] == [
        ("1", "lon", "461.993.881"),
        ("2", "lat", "'=1+1"),
        ("3", "geometry", "102 -500"),
    ]
    assert not list(tmp_path.glob("*.part"))
