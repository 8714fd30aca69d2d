"""Test each row of the table of formats with a real file, and docs/import.md against the table."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import geopandas as gpd
import osmium
import pandas as pd
import pyogrio
import pytest
import shapely

from geo import crs
from geo.errors import BadValue, CrsMismatch, UnknownCrs, UnknownName, UnreadableFile
from geo.readers import formats
from geo.readers.format_types import Format
from geo.readers.formats import FORMAT_TABLE, SUFFIXES
from geo.readers.read_options import NamedOptions, ReadOptions
from geo.readers.reading import read_layer
from tests.geo.readers.workbook_files import Tab, write_ods, write_xls

ROOT = Path(__file__).resolve().parents[3]
#: Two cameras of 古浪: longitude, latitude in degrees (WGS-84).
LON, LAT = [102.90, 102.91], [37.50, 37.51]
#: The CRS in which a sample names its coordinates, where its format can.
SYSTEM = "EPSG:4543"
SHARED_SUFFIXES = [suffix for suffix in SUFFIXES if sum(suffix in row.suffixes for row in FORMAT_TABLE) > 1]


def _frame(system: str = SYSTEM) -> gpd.GeoDataFrame:
    x, y = crs.from_wgs84(LON, LAT, system)
    return gpd.GeoDataFrame({"id": ["a", "b"], "name": ["东门", "西门"]}, geometry=shapely.points(x, y), crs=system)


def _table() -> pd.DataFrame:
    return pd.DataFrame({"id": ["a", "b"], "name": ["东门", "西门"], "lon": LON, "lat": LAT})


def _gdal(driver: str, **options: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        pyogrio.write_dataframe(_frame(), path, driver=driver, **options)

    return write


def _shapefile_zip(path: Path) -> None:
    folder = path.parent / "parts"
    folder.mkdir(exist_ok=True)
    _gdal("ESRI Shapefile", encoding="GBK")(folder / "点位.shp")
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, part.name)


def _geojson(path: Path) -> None:
    # Members as of the 2008 draft: the only way in which GeoJSON names a CRS.
    path.write_text(_frame().to_json(drop_id=True).replace("{", f'{{"crs": {_crs_member()}, ', 1), encoding="utf-8")


def _crs_member() -> str:
    return json.dumps({"type": "name", "properties": {"name": f"urn:ogc:def:crs:{SYSTEM.replace(':', '::')}"}})


def _xlsx(path: Path) -> None:
    sheet = gpd.GeoDataFrame(_table().astype(str), geometry=[None, None]).drop(columns="geometry")
    # GDAL writes under its own suffix only.
    own = path.with_suffix(".xlsx")
    pyogrio.write_dataframe(sheet, own, driver="XLSX", layer="点位")
    own.replace(path)


def _tab() -> Tab:
    table = _table()
    return Tab("点位", [list(table.columns), *table.to_numpy().tolist()])


def _osm_pbf(path: Path) -> None:
    # osmium derives the format from the suffix, so write under its own and rename.
    own = path.with_name("sample.osm.pbf")
    with osmium.SimpleWriter(str(own), overwrite=True) as writer:
        for number, (lon, lat) in enumerate(zip(LON, LAT, strict=True), 1):
            tags = {"man_made": "surveillance", "name": "门"}
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=(lon, lat), tags=tags))
    own.replace(path)


def _overpass(path: Path) -> None:
    nodes = [
        {"type": "node", "id": n, "lon": lon, "lat": lat, "tags": {"man_made": "surveillance"}}
        for n, (lon, lat) in enumerate(zip(LON, LAT, strict=True), 1)
    ]
    path.write_text(json.dumps({"elements": nodes}))


def _cityjson(path: Path) -> None:
    x, y = (float(values[0]) for values in crs.from_wgs84(LON[:1], LAT[:1], SYSTEM))
    vertices = [[x + dx, y + dy, z] for z in (0, 9) for dx, dy in ((0, 0), (10, 0), (10, 8), (0, 8))]
    floor, roof = [[0, 3, 2, 1]], [[4, 5, 6, 7]]
    building = {
        "type": "Building",
        "geometry": [{"type": "MultiSurface", "lod": "1", "boundaries": [floor, roof]}],
    }
    model = {
        "type": "CityJSON",
        "version": "2.0",
        "metadata": {"referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{SYSTEM.partition(':')[2]}"},
        "CityObjects": {"b1": building},
        "vertices": vertices,
    }
    path.write_text(json.dumps(model))


def _kml_text() -> str:
    places = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
        for name, lon, lat in zip(("东门", "西门"), LON, LAT, strict=True)
    )
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Folder><name>点位</name>{places}</Folder></kml>'


def _kml(path: Path) -> None:
    path.write_text(_kml_text(), encoding="utf-8")


def _kmz(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", _kml_text())


def _esri_json(path: Path) -> None:
    features = [
        {"attributes": {"id": name, "name": name}, "geometry": {"x": point.x, "y": point.y}}
        for name, point in zip("ab", _frame().geometry, strict=True)
    ]
    wkid = int(SYSTEM.partition(":")[2])
    path.write_text(
        json.dumps({"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": wkid}, "features": features})
    )


def _amap(path: Path) -> None:
    places = [
        {"id": f"B{n}", "name": "门", "location": f"{lon},{lat}", "address": []}
        for n, (lon, lat) in enumerate(zip(LON, LAT, strict=True))
    ]
    path.write_text(json.dumps({"status": "1", "pois": places}))


def _mapinfo(path: Path) -> None:
    pyogrio.write_dataframe(_frame(), path, driver="MapInfo File", encoding="GBK")


def _dxf(path: Path) -> None:
    points = gpd.GeoDataFrame({"Layer": ["点位"] * 2}, geometry=gpd.points_from_xy(LON, LAT), crs=4326)
    pyogrio.write_dataframe(points, path, driver="DXF")


def _gpx(path: Path) -> None:
    points = "".join(f'<wpt lon="{lon}" lat="{lat}"><name>门</name></wpt>' for lon, lat in zip(LON, LAT, strict=True))
    path.write_text(f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{points}</gpx>', encoding="utf-8")


#: Name of a format -> writes a sample file.
SAMPLES: dict[str, Callable[[Path], None]] = {
    "GeoPackage": _gdal("GPKG", layer="点位"),
    "GeoJSON": _geojson,
    "Esri JSON": _esri_json,
    "Amap JSON": _amap,
    "JSON rows": lambda path: path.write_text(json.dumps({"code": 0, "data": {"rows": _table().to_dict("records")}})),
    "Shapefile": _gdal("ESRI Shapefile", encoding="GBK"),
    "Zip of any of these": _shapefile_zip,
    "FlatGeobuf": _gdal("FlatGeobuf"),
    "File GDB": _gdal("OpenFileGDB", layer="点位"),
    "MapInfo TAB": _mapinfo,
    "MapInfo MIF": _mapinfo,
    "DXF": _dxf,
    "GPX": _gpx,
    "GeoParquet": lambda path: _frame().to_parquet(path),
    "CSV": lambda path: _table().to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",", encoding="GBK"),
    "XLSX": _xlsx,
    "XLS": lambda path: write_xls(path, _tab()),
    "ODS": lambda path: write_ods(path, _tab()),
    "OpenStreetMap PBF": _osm_pbf,
    "Overpass JSON": _overpass,
    "KML": _kml,
    "KMZ": _kmz,
    "OVKML": _kml,
    "OVKMZ": _kmz,
    "CityJSON": _cityjson,
}


def _write(row: Format, folder: Path, suffix: str | None = None) -> Path:
    path = folder / f"sample{suffix or row.suffixes[0]}"
    SAMPLES[row.name](path)
    return path


def _layer(row: Format) -> str:
    return "obstacles" if row.name == "CityJSON" else "cameras"


def _options(row: Format) -> dict[str, str]:
    return {"crs": "wgs84"} if row.crs == "user" else {}


every_row = pytest.mark.parametrize("row", FORMAT_TABLE, ids=lambda row: row.name)


def test_each_format_has_a_sample() -> None:
    assert [row.name for row in FORMAT_TABLE] == list(SAMPLES)


@every_row
def test_each_suffix_of_a_format_is_read(tmp_path: Path, row: Format) -> None:
    for suffix in (*row.suffixes, *row.more_suffixes):
        result = read_layer(_write(row, tmp_path, suffix), _layer(row), **_options(row))
        assert result.rejects == []
        centres = shapely.centroid(result.frame.geometry.to_numpy())
        found = sorted(zip(shapely.get_x(centres).round(3), shapely.get_y(centres).round(3), strict=True))
        expected = list(zip(LON, LAT, strict=True))
        assert found == (expected[:1] if row.name == "CityJSON" else expected), suffix


@every_row
def test_no_other_row_takes_a_sample(tmp_path: Path, row: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its row in the table the sample is refused: no other row takes it."""
    path = _write(row, tmp_path)
    monkeypatch.setattr(formats, "FORMAT_TABLE", tuple(one for one in FORMAT_TABLE if one is not row))
    with pytest.raises(UnreadableFile):
        read_layer(path, _layer(row), **_options(row))


@every_row
def test_content_has_to_fit_the_suffix(tmp_path: Path, row: Format) -> None:
    if not row.magic:
        return
    path = _write(row, tmp_path)
    content = path.read_bytes()
    assert content.startswith(row.magic)
    path.write_bytes(b"<!--" + content)
    with pytest.raises(UnreadableFile, match=re.escape(f"its content is no {row.suffixes[0]} file")):
        read_layer(path, _layer(row), **_options(row))


@every_row
def test_gdal_reads_it_by_the_named_driver_or_not_at_all(tmp_path: Path, row: Format) -> None:
    if row.driver:
        path = _write(row, tmp_path)
        source = f"/vsizip/{path}" if row.suffixes == (".zip",) else str(path)
        assert pyogrio.read_info(source)["driver"] == row.driver


@every_row
def test_the_crs_comes_from_where_the_table_says(tmp_path: Path, row: Format) -> None:
    path, layer = _write(row, tmp_path), _layer(row)
    if row.crs == "user":
        with pytest.raises(UnknownCrs, match="--crs"):
            read_layer(path, layer)
    elif row.crs == "wgs84":
        assert read_layer(path, layer).crs == crs.STORAGE_CRS
        with pytest.raises(CrsMismatch):
            read_layer(path, layer, crs=SYSTEM)
    elif row.crs == "standard":
        assert read_layer(path, layer).crs == crs.STORAGE_CRS
        assert read_layer(path, layer, crs="gcj02").crs == "gcj02"
    elif row.driver == "MapInfo File":
        assert read_layer(path, layer).native.crs.is_projected, "it has numbers of its own for projections"
    else:
        assert read_layer(path, layer).crs == SYSTEM


@every_row
def test_a_layer_of_several_can_be_chosen(tmp_path: Path, row: Format) -> None:
    if row.has_layers:
        path, name = _write(row, tmp_path), "waypoints" if row.name == "GPX" else "点位"
        assert read_layer(path, "cameras", source_layer=name, **_options(row)).read == 2
        with pytest.raises(UnknownName, match=name):
            read_layer(path, "cameras", source_layer="别的", **_options(row))


def test_options_by_name_are_those_of_the_one_value() -> None:
    assert get_type_hints(NamedOptions) == get_type_hints(ReadOptions)


@every_row
def test_only_tables_have_a_row_of_headings(tmp_path: Path, row: Format) -> None:
    path, layer = _write(row, tmp_path), _layer(row)
    if row.has_sheets and row.name != "Zip of any of these":  # of a zip the file in it tells
        assert read_layer(path, layer, header_row=1, **_options(row)).read == 2
    else:
        with pytest.raises(BadValue, match="no table"):
            read_layer(path, layer, header_row=1, **_options(row))


@every_row
def test_texts_in_another_encoding_are_read(tmp_path: Path, row: Format) -> None:
    if row.has_encodings:
        path = _write(row, tmp_path)
        for encoding in (None, "GBK"):
            names = read_layer(path, "cameras", encoding=encoding, **_options(row)).frame["name"].tolist()
            assert names == ["东门", "西门"]
        with pytest.raises(UnreadableFile):
            read_layer(path, "cameras", encoding="klingon", **_options(row))


def test_formats_that_share_a_suffix_are_told_apart_by_content() -> None:
    assert SHARED_SUFFIXES == [".json"]
    for value in (
        {"type": "CityJSON"},
        {"elements": []},
        {"type": "FeatureCollection"},
        {"type": "Topology"},
        [],
        [{"a": 1}],
        {"data": [{"a": 1}]},
    ):
        assert sum(row.recognises(value) for row in FORMAT_TABLE if row.recognises is not None) == 1, value
    for value in (1, "x", None, [1]):
        assert not any(row.recognises(value) for row in FORMAT_TABLE if row.recognises is not None), value


def test_an_unknown_suffix_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "f.docx").write_text("x")
    with pytest.raises(UnreadableFile, match=re.escape(" ".join(SUFFIXES))):
        read_layer(tmp_path / "f.docx", "cameras")


# --- docs/import.md --------------------------------------------------------------------------------------------------

CRS_WORDS = {
    "file": ("文件写明", "in the file"),
    "wgs84": ("WGS-84", "WGS-84"),
    "standard": ("WGS-84，或 `--crs`", "WGS-84, or `--crs`"),
    "user": ("`--crs`", "`--crs`"),
}


@pytest.mark.parametrize("language", [0, 1])
def test_the_docs_list_the_table(language: int) -> None:
    half = (ROOT / "docs" / "import.md").read_text(encoding="utf-8").split("\n## English\n")[language]
    head = ("| 格式 | 后缀 | 坐标系 | 选项 |", "| Format | Suffixes | CRS | Options |")[language]
    listed = half.partition(head)[2].partition("\n\n")[0].splitlines()[2:]
    assert listed == [
        "| "
        + " | ".join(
            (
                row.name,
                " ".join(f"`{suffix}`" for suffix in row.suffixes),
                CRS_WORDS[row.crs][language],
                " ".join(
                    option
                    for option, applies in (("`--source-layer`", row.has_layers), ("`--encoding`", row.has_encodings))
                    if applies
                )
                or "-",
            )
        )
        + " |"
        for row in FORMAT_TABLE
    ]
