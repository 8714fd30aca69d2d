"""Test KML and KMZ, of Ovital too: shapes, columns, folders, encodings and the CRS that the version decides."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely

from geo.errors import UnknownCrs, UnknownName, UnreadableFile
from geo.readers.geodata.drawn_shapes import CLOSED_LINES, RINGS_CLOSED
from geo.readers.reading import ReadResult, read_layer

SQUARE = "102.9,37.5,0 102.91,37.5,0 102.91,37.51,0 102.9,37.51,0"
CLOSED = f"{SQUARE} 102.9,37.5,0"


def kml(path: Path, *placemarks: str, encoding: str = "utf-8", declared: str = "UTF-8") -> Path:
    text = f'<?xml version="1.0" encoding="{declared}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_bytes(f"{text}<name>全县</name>{''.join(placemarks)}</Document></kml>".encode(encoding))
    return path


def placemark(name: str, shape: str, more: str = "") -> str:
    return f"<Placemark><name>{name}</name>{more}{shape}</Placemark>"


def point(at: str = "102.9,37.5,1500") -> str:
    return f"<Point><coordinates>{at}</coordinates></Point>"


def line(points: str) -> str:
    return f"<LineString><coordinates>{points}</coordinates></LineString>"


def polygon(outer: str, *inner: str) -> str:
    rings = "".join(
        f"<innerBoundaryIs><LinearRing><coordinates>{one}</coordinates></LinearRing></innerBoundaryIs>" for one in inner
    )
    ring = f"<outerBoundaryIs><LinearRing><coordinates>\n{outer}\n</coordinates></LinearRing></outerBoundaryIs>"
    return f"<Polygon>{ring}{rings}</Polygon>"


def data(**cells: str) -> str:
    listed = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in cells.items())
    return f"<ExtendedData>{listed}</ExtendedData>"


def checked(reading: ReadResult) -> ReadResult:
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    return reading


def test_placemarks_are_cameras_at_their_points(tmp_path: Path) -> None:
    path = kml(
        tmp_path / "c.kml", placemark("东门", point(), data(编号="C1", 安装高度="6")), placemark("西门", point())
    )
    reading = checked(read_layer(path, "cameras"))
    assert reading.crs == "EPSG:4326"
    assert reading.frame[["id", "name", "height"]].iloc[0].tolist() == ["C1", "东门", 6.0]
    assert shapely.get_coordinates(reading.frame.geometry.iloc[:1].to_numpy()).tolist() == [[102.9, 37.5]]


@pytest.mark.parametrize("where", ["ExtendedData", "SchemaData", "description"])
def test_attributes_come_from_every_place_that_programs_put_them(tmp_path: Path, where: str) -> None:
    cells = {
        "ExtendedData": data(网格编码="620622001", 户数="300"),
        "SchemaData": "<ExtendedData><SchemaData schemaUrl='#s'><SimpleData name='网格编码'>620622001</SimpleData>"
        "<SimpleData name='户数'>300</SimpleData></SchemaData></ExtendedData>",
        "description": "<description><![CDATA[<table border='1'><tr bgcolor='#eee'><td>网格编码</td><td>620622001</td>"
        "</tr><tr><td><b>户数</b></td><td>300</td></tr></table>]]></description>",
    }[where]
    reading = checked(read_layer(kml(tmp_path / "g.kml", placemark("一", polygon(CLOSED), cells)), "grids"))
    assert reading.frame[["code", "name", "households"]].values.tolist() == [["620622001", "一", 300]]


def test_open_rings_and_closed_lines_become_areas_and_that_is_said(tmp_path: Path) -> None:
    path = kml(
        tmp_path / "g.kml",
        placemark("open ring", polygon(SQUARE)),
        placemark("closed line", line(CLOSED)),
        placemark("open line", line(SQUARE)),
        placemark("two", f"<MultiGeometry>{polygon(CLOSED)}{polygon(CLOSED.replace('102.', '103.'))}</MultiGeometry>"),
    )
    reading = checked(read_layer(path, "grids"))
    assert reading.frame["name"].tolist() == ["open ring", "closed line", "two"]
    assert [one.geom_type for one in reading.frame.geometry] == ["Polygon", "Polygon", "MultiPolygon"]
    assert (reading.assumed[RINGS_CLOSED], reading.assumed[CLOSED_LINES]) == (1, 1)
    assert [fault.value for fault in reading.rejects] == ["LineString"]


def test_lines_stay_lines_where_the_layer_has_lines_and_holes_stay_holes(tmp_path: Path) -> None:
    hole = "102.902,37.502 102.908,37.502 102.908,37.508 102.902,37.502"
    at = "<gx:coord>102.9 37.5 0</gx:coord><gx:coord>102.91 37.5 0</gx:coord>"
    track = f"<gx:Track><when>2026-01-01</when>{at}</gx:Track>"
    roads = read_layer(kml(tmp_path / "r.kml", placemark("r", line(CLOSED)), placemark("t", track)), "roads")
    assert [len(one.coords) for one in roads.frame.geometry] == [5, 2]
    grids = read_layer(kml(tmp_path / "g.kml", placemark("g", polygon(CLOSED, hole))), "grids")
    assert len(grids.frame.geometry.iloc[0].interiors) == 1


def test_bad_placemarks_cost_their_rows_only(tmp_path: Path) -> None:
    bad = [point("east,north"), point(""), point("102.9"), "", polygon("102.9,37.5 102.91,37.5"), point("nan,1")]
    path = kml(tmp_path / "g.kml", placemark("good", point()), *(placemark("bad", one) for one in bad))
    reading = checked(read_layer(path, "cameras"))
    assert reading.frame["name"].tolist() == ["good"]
    assert len(reading.rejects) == len(bad)
    assert all(" / " in fault.reason for fault in reading.rejects)


def test_a_folder_is_chosen_like_a_layer(tmp_path: Path) -> None:
    parts = [f"<Folder><name>{name}</name>{placemark(name + '1', point())}</Folder>" for name in ("东片", "西片")]
    path = kml(tmp_path / "c.kml", *parts)
    assert read_layer(path, "cameras").frame["name"].tolist() == ["东片1", "西片1"]
    assert read_layer(path, "cameras", source_layer="西片").frame["name"].tolist() == ["西片1"]
    with pytest.raises(UnknownName, match="东片, 西片"):
        read_layer(path, "cameras", source_layer="南片")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "UTF-8"), ("gbk", "GBK"), ("gb18030", "GB2312"), ("gbk", "UTF-8"), ("utf-16", "UTF-16")],
)
def test_texts_are_read_in_the_encoding_they_have(tmp_path: Path, encoding: str, declared: str) -> None:
    path = kml(tmp_path / "c.kml", placemark("古浪东门", point()), encoding=encoding, declared=declared)
    assert read_layer(path, "cameras").frame["name"].tolist() == ["古浪东门"]


def test_kml_is_wgs84_by_its_standard_and_the_user_may_know_better(tmp_path: Path) -> None:
    path = kml(tmp_path / "c.kml", placemark("a", point()))
    assert read_layer(path, "cameras").crs == "EPSG:4326"
    told = read_layer(path, "cameras", crs="gcj02")
    assert told.crs == "gcj02"
    assert any("read as" in one for one in told.assumed)


@pytest.mark.parametrize("suffix", [".ovkml", ".ovkmz"])
def test_ovitals_own_files_are_refused_without_a_crs_naming_the_version(tmp_path: Path, suffix: str) -> None:
    path = kml(tmp_path / "c.ovkml", placemark("a", point()))
    if suffix == ".ovkmz":
        path = packed(tmp_path / "c.ovkmz", "doc.kml", path)
    with pytest.raises(UnknownCrs, match=r"9\.3\.0 .* GCJ-02 .*9\.3\.0"):
        read_layer(path, "cameras")
    assert read_layer(path, "cameras", crs="gcj02").read == 1


def packed(path: Path, name: str, content: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(content, name)
        archive.writestr("files/icon.png", b"x")
    return path


def test_a_kmz_holds_one_document(tmp_path: Path) -> None:
    content = kml(tmp_path / "c.kml", placemark("a", point()))
    assert read_layer(packed(tmp_path / "a.kmz", "doc.kml", content), "cameras").read == 1
    assert read_layer(packed(tmp_path / "b.kmz", "点位.kml", content), "cameras").read == 1
    with pytest.raises(UnreadableFile, match=r"0 \.kml files"):
        read_layer(packed(tmp_path / "c.kmz", "a.txt", content), "cameras")


def test_links_to_content_elsewhere_are_refused_by_name(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1/x.kml</href></Link></NetworkLink>"
    with pytest.raises(UnreadableFile, match="NetworkLink"):
        read_layer(kml(tmp_path / "c.kml", placemark("a", point()), link), "cameras")


def test_no_text_of_a_placemark_is_lost_unsaid(tmp_path: Path) -> None:
    more = f"{data(name='东街口', 电话='1')}<address>东街 1 号</address><phoneNumber>1</phoneNumber>"
    reading = checked(read_layer(kml(tmp_path / "c.kml", placemark("P1", point(), more)), "cameras"))
    assert reading.frame["name"].tolist() == ["P1"]
    assert sorted(reading.unused_columns) == ["address", "name#2"]
    assert sorted(reading.dropped_columns) == ["phoneNumber", "电话"]


def test_heading_cells_of_a_table_in_a_description_name_its_values(tmp_path: Path) -> None:
    rows = "<thead></thead><tr><th>编号</th><td>C9</td></tr><tr><td>方位角</td><td>90</td></tr>"
    more = f"<description><![CDATA[<table>{rows}</table>]]></description>"
    reading = checked(read_layer(kml(tmp_path / "c.kml", placemark("东门", point(), more)), "cameras"))
    assert reading.frame[["id", "azimuth"]].values.tolist() == [["C9", 90.0]]


def test_an_ovkml_named_kml_is_none(tmp_path: Path) -> None:
    path = tmp_path / "o.kml"
    path.write_text(f"<ovkml><Document>{placemark('东门', point())}</Document></ovkml>", encoding="utf-8")
    with pytest.raises(UnknownCrs, match="9\\.3\\.0"):
        read_layer(path, "cameras")
    assert read_layer(path, "cameras", crs="gcj02").crs == "gcj02"


def test_what_else_a_kmz_holds_is_said_and_an_ovkml_in_it_is_ovitals(tmp_path: Path) -> None:
    text = f"<kml><Document>{placemark('东门', point())}</Document></kml>"
    files = {"a.kmz": ("doc.kml", "files/more.kml"), "b.kmz": ("x.kml", "y.kml"), "c.kmz": ("x.ovkml",)}
    for name, held in files.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for one in held:
                archive.writestr(one, text)
    assert any("files/more.kml" in sentence for sentence in read_layer(tmp_path / "a.kmz", "cameras").assumed)
    with pytest.raises(UnreadableFile, match=r"x\.kml, y\.kml"):
        read_layer(tmp_path / "b.kmz", "cameras")
    with pytest.raises(UnknownCrs, match=r"9\.3\.0"):
        read_layer(tmp_path / "c.kmz", "cameras")


def test_the_shown_name_of_a_cell_is_its_heading(tmp_path: Path) -> None:
    cell = '<Data name="BH"><displayName>编号</displayName><value>C1</value></Data>'
    more = f"<ExtendedData>{cell}</ExtendedData>"
    reading = checked(read_layer(kml(tmp_path / "c.kml", placemark("东门", point(), more)), "cameras"))
    assert reading.frame["id"].tolist() == ["C1"]
