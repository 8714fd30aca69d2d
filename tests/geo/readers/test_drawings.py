"""Test drawings and files of other programs: DXF, File GDB, MapInfo, GPX, and zips of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from geo.errors import UnknownCrs, UnknownName, UnreadableFile
from geo.readers.geodata.drawn_shapes import CLOSED_LINES
from geo.readers.reading import ReadResult, read_layer

#: A corner in CGCS2000 / 3-degree Gauss-Kruger CM 102E (EPSG:4543), metres.
EAST, NORTH = 580_000, 4_152_000
_HEAD = "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1018\n0\nENDSEC\n0\nSECTION\n2\nBLOCKS\n"
_BLOCK = (
    "0\nBLOCK\n8\n0\n2\n球机\n10\n0\n20\n0\n0\nCIRCLE\n8\n0\n10\n0\n20\n0\n40\n1\n0\nENDBLK\n8\n0\n"
    "0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
)


def square(west: float, side: float = 100) -> list[tuple[float, float]]:
    return [(west, 0), (west + side, 0), (west + side, side), (west, side)]


def polyline(layer: str, points: list[tuple[float, float]], *, closed: bool) -> str:
    listed = "".join(f"10\n{EAST + x}\n20\n{NORTH + y}\n" for x, y in points)
    return (
        f"0\nLWPOLYLINE\n100\nAcDbEntity\n8\n{layer}\n100\nAcDbPolyline\n90\n{len(points)}\n70\n{int(closed)}\n{listed}"
    )


def text(layer: str, x: float, y: float, words: str) -> str:
    at = f"10\n{EAST + x}\n20\n{NORTH + y}\n40\n2.5\n1\n{words}\n100\nAcDbText\n"
    return f"0\nTEXT\n100\nAcDbEntity\n8\n{layer}\n100\nAcDbText\n{at}"


def insert(layer: str, x: float, y: float) -> str:
    at = f"10\n{EAST + x}\n20\n{NORTH + y}\n"
    return f"0\nINSERT\n100\nAcDbEntity\n8\n{layer}\n100\nAcDbBlockReference\n2\n球机\n{at}"


def drawing(path: Path, *entities: str, encoding: str = "gbk") -> Path:
    path.write_bytes(f"{_HEAD}{_BLOCK}{''.join(entities)}0\nENDSEC\n0\nEOF\n".encode(encoding))
    return path


def checked(reading: ReadResult) -> ReadResult:
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    return reading


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_layer_of_a_drawing_gives_areas_named_by_their_texts(tmp_path: Path, encoding: str) -> None:
    path = drawing(
        tmp_path / "d.dxf",
        polyline("网格线", square(0), closed=True),
        polyline("网格线", [*square(200), square(200)[0]], closed=False),
        polyline("网格线", square(400), closed=False),
        text("注记", 50, 50, "第一网格"),
        text("注记", 220, 20, "甲"),
        text("注记", 240, 20, "乙"),
        insert("监控", 10, 10),
        encoding=encoding,
    )
    grids = checked(read_layer(path, "grids", source_layer="网格线", crs="EPSG:4543"))
    assert grids.native.geometry.area.round(6).tolist() == [10_000.0, 10_000.0]
    assert grids.frame["name"].astype(object).where(grids.frame["name"].notna(), None).tolist() == ["第一网格", None]
    assert [fault.value for fault in grids.rejects] == ["LineString"], "an open line is no area"
    assert grids.assumed[CLOSED_LINES] == 2
    assert any("several texts" in sentence for sentence in grids.assumed)
    cameras = checked(read_layer(path, "cameras", source_layer="监控", crs="EPSG:4543"))
    assert shapely.get_coordinates(cameras.native.geometry.to_numpy()).round(6).tolist() == [[EAST + 10, NORTH + 10]]
    assert cameras.frame["name"].tolist() == ["球机"]
    roads = checked(read_layer(path, "roads", source_layer="网格线", crs="EPSG:4543"))
    assert len(roads.frame) == 3


def test_a_drawing_needs_its_layer_and_its_crs(tmp_path: Path) -> None:
    path = drawing(tmp_path / "d.dxf", polyline("甲", square(0), closed=True), polyline("乙", square(0), closed=True))
    with pytest.raises(UnknownName, match="甲, 乙"):
        read_layer(path, "grids", crs="EPSG:4543")
    with pytest.raises(UnknownName, match="甲, 乙"):
        read_layer(path, "grids", crs="EPSG:4543", source_layer="丙")
    with pytest.raises(UnknownCrs, match="lack the zone"):
        read_layer(path, "grids", source_layer="甲")


@pytest.mark.parametrize(
    "content", ["", "AutoCAD Binary DXF\r\n\x1a", "<kml/>", "0\nSECTION\n2\nENTITIES\n0\nLINE\n8\n"]
)
def test_a_broken_drawing_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "d.dxf").write_text(content)
    with pytest.raises(UnreadableFile):
        read_layer(tmp_path / "d.dxf", "grids", crs="EPSG:4543")


def grids(count: int = 2) -> gpd.GeoDataFrame:
    shapes = [shapely.box(102.9 + k / 100, 37.5, 102.905 + k / 100, 37.505) for k in range(count)]
    columns = {"code": [f"g{k}" for k in range(count)], "name": [f"网格{k}" for k in range(count)]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def geodatabase(path: Path, count: int = 2) -> Path:
    pyogrio.write_dataframe(grids(count), path, driver="OpenFileGDB", layer="网格")
    return path


def write_workbook(path: Path, rows: Sequence[Sequence[object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def packed(path: Path, folder: Path, *more: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.rglob("*")):
            if one.is_file():
                archive.write(one, str(one.relative_to(folder)))
        for name in more:
            archive.writestr(name, b"\0\5\x16\7")
    return path


def test_a_file_gdb_is_read_as_a_folder_and_as_a_zip(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    folder = geodatabase(tmp_path / "in" / "古浪.gdb")
    assert checked(read_layer(folder, "grids")).frame["name"].tolist() == ["网格0", "网格1"]
    archive = packed(tmp_path / "g.zip", tmp_path / "in", "__MACOSX/._古浪.gdb")
    assert checked(read_layer(archive, "grids")).frame["name"].tolist() == ["网格0", "网格1"]
    with pytest.raises(UnknownName, match="网格"):
        read_layer(folder, "grids", source_layer="别的")


def test_a_damaged_file_gdb_is_refused_in_one_sentence(tmp_path: Path) -> None:
    folder = geodatabase(tmp_path / "a.gdb", 20)
    tables = sorted(folder.glob("*.gdbtablx"), key=lambda one: one.name)
    for one in tables:
        one.write_bytes(one.read_bytes()[: one.stat().st_size // 3])
    with pytest.raises(UnreadableFile) as told:
        read_layer(folder, "grids")
    assert str(told.value).count("\n") == 0
    for empty in ("b.gdb", "c.gdb"):
        (tmp_path / empty).mkdir()
    (tmp_path / "c.gdb" / "a00000001.gdbtable").write_bytes(b"x" * 100)
    (tmp_path / "d.gdb").write_bytes(b"x")
    for name in ("b.gdb", "c.gdb", "d.gdb"):
        with pytest.raises(UnreadableFile):
            read_layer(tmp_path / name, "grids")
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(UnreadableFile, match="link"):
        read_layer(folder, "grids")


@pytest.mark.parametrize("suffix", [".gdbtable", ".gdbtablx"])
@pytest.mark.parametrize("spoil", [lambda data: data[: len(data) // 2], lambda data: bytes(len(data))])
def test_a_layer_whose_table_or_index_is_broken_is_refused_and_not_empty(
    tmp_path: Path, suffix: str, spoil: Callable[[bytes], bytes]
) -> None:
    folder = geodatabase(tmp_path / "a.gdb", 20)
    # The tables of the system come first.
    last = sorted(folder.glob(f"*{suffix}"))[-1]
    last.write_bytes(spoil(last.read_bytes()))
    with pytest.raises(UnreadableFile) as told:
        read_layer(folder, "grids")
    assert str(told.value).count("\n") == 0
    assert "/" not in told.value.en, "no path of a library's own sources"
    empty = tmp_path / "e.gdb"
    pyogrio.write_dataframe(grids(0), empty, driver="OpenFileGDB", layer="网格", geometry_type="Polygon")
    assert read_layer(empty, "grids").read == 0


def test_mapinfo_lines_that_close_are_areas_and_tables_of_tables_are_refused(tmp_path: Path) -> None:
    lines = grids().set_geometry(grids().geometry.exterior)
    pyogrio.write_dataframe(lines, tmp_path / "g.mif", driver="MapInfo File", encoding="GBK")
    reading = checked(read_layer(tmp_path / "g.mif", "grids"))
    assert (reading.frame["name"].tolist(), reading.assumed[CLOSED_LINES]) == (["网格0", "网格1"], 2)
    (tmp_path / "g.mid").unlink()
    with pytest.raises(UnreadableFile, match=r"\.mid file"):
        read_layer(tmp_path / "g.mif", "grids")
    (tmp_path / "v.tab").write_text('!table\n!version 100\nopen table "/etc/x"\ncreate view v as select * from x\n')
    with pytest.raises(UnreadableFile, match="no plain table"):
        read_layer(tmp_path / "v.tab", "grids")


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("WindowsSimpChinese", "gbk"),
        ("Neutral", "gbk"),
        ("Neutral", "utf-8"),
        ("WindowsLatin1", "gbk"),
        ("UTF-8", "utf-8"),
    ],
)
def test_texts_of_mapinfo_are_read_in_the_encoding_they_have(tmp_path: Path, charset: str, encoding: str) -> None:
    head = f'Version 300\nCharset "{charset}"\nDelimiter ","\nCoordSys Earth Projection 1, 104\n'
    columns = "Columns 2\n  编号 Char(20)\n  名称 Char(40)\nData\n\nPoint 102.9 37.5\n"
    (tmp_path / "c.mif").write_bytes(f"{head}{columns}".encode(encoding))
    (tmp_path / "c.mid").write_bytes('"C1","东街口球机"\n'.encode(encoding))
    reading = checked(read_layer(tmp_path / "c.mif", "cameras"))
    assert reading.frame[["id", "name"]].values.tolist() == [["C1", "东街口球机"]]
    assert any("windowslatin1" in sentence for sentence in reading.assumed) == (charset == "WindowsLatin1")


@pytest.mark.parametrize(("part", "kept"), [("mif", 0.7), ("mid", 0.5), ("mid", 0.95)])
def test_a_mif_that_is_cut_short_is_refused(tmp_path: Path, part: str, kept: float) -> None:
    points = [shapely.Point(102.9 + k / 100, 37.5) for k in range(3)]
    columns = {"id": ["1", "2", "3"], "name": ["a,b", "c", "d"], "height": [4.0, 5.0, 6.0]}
    gpd.GeoDataFrame(columns, geometry=points, crs=4326).to_file(
        tmp_path / "c.mif", driver="MapInfo File", FORMAT="MIF"
    )
    assert checked(read_layer(tmp_path / "c.mif", "cameras")).frame["name"].tolist() == ["a,b", "c", "d"]
    path = tmp_path / f"c.{part}"
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data)) - 2])
    with pytest.raises(UnreadableFile):
        read_layer(tmp_path / "c.mif", "cameras")


def test_a_cut_flatgeobuf_is_refused_in_a_sentence_that_is_whole(tmp_path: Path) -> None:
    grids(5).to_file(tmp_path / "g.fgb")
    data = (tmp_path / "g.fgb").read_bytes()
    for part in (0.3, 0.6, 0.9):
        (tmp_path / "g.fgb").write_bytes(data[: int(part * len(data))])
        with pytest.raises(UnreadableFile):
            read_layer(tmp_path / "g.fgb", "grids")


def test_texts_that_are_latin_stay_so(tmp_path: Path) -> None:
    cameras = gpd.GeoDataFrame(
        {"id": ["1"], "name": ["Façade Königstraße"]}, geometry=[shapely.Point(24, 60)], crs=4326
    )
    cameras.to_file(tmp_path / "c.mif", driver="MapInfo File", FORMAT="MIF", encoding="cp1252")
    text = (tmp_path / "c.mif").read_bytes().replace(b'"Neutral"', b'"WindowsLatin1"')
    (tmp_path / "c.mif").write_bytes(text)
    assert read_layer(tmp_path / "c.mif", "cameras").frame["name"].tolist() == ["Façade Königstraße"]


def test_attributes_of_blocks_are_columns_and_personal_ones_are_not_read(tmp_path: Path) -> None:
    listed = {"编号": "C1", "方位角": "朝南", "电话": "1"}
    block = insert("监控", 0, 0).replace("2\n球机", "66\n1\n2\n球机")
    at = f"10\n{EAST}\n20\n{NORTH}\n40\n2.5\n"
    for tag, value in listed.items():
        block += f"0\nATTRIB\n100\nAcDbEntity\n8\n监控\n100\nAcDbText\n{at}1\n{value}\n100\nAcDbAttribute\n2\n{tag}\n"
    path = drawing(tmp_path / "d.dxf", block + "0\nSEQEND\n8\n监控\n")
    reading = checked(read_layer(path, "cameras", crs="EPSG:4543"))
    assert reading.frame[["id", "azimuth"]].values.tolist() == [["C1", 180.0]]
    assert (reading.dropped_columns, reading.unused_columns) == (["电话"], ["BlockName"])


def test_a_layer_of_texts_alone_gives_points_and_other_texts_are_told(tmp_path: Path) -> None:
    path = drawing(tmp_path / "d.dxf", text("村名", 0, 0, "杨柳沟村"), text("村名", 500, 0, "土门村"))
    villages = checked(read_layer(path, "villages", crs="EPSG:4543"))
    assert villages.frame["name"].tolist() == ["杨柳沟村", "土门村"]
    assert any("layer of texts alone" in sentence for sentence in villages.assumed)
    path = drawing(tmp_path / "e.dxf", insert("监控", 0, 0), text("监控", 1, 1, "东街口"))
    cameras = checked(read_layer(path, "cameras", crs="EPSG:4543"))
    assert [count for sentence, count in cameras.assumed.items() if "not read" in sentence] == [1]


def test_the_paper_of_a_drawing_is_no_ground(tmp_path: Path) -> None:
    frame = polyline("网格", square(0), closed=True).replace("AcDbEntity\n", "AcDbEntity\n67\n1\n", 1)
    path = drawing(tmp_path / "d.dxf", polyline("网格", square(0), closed=True), frame)
    reading = checked(read_layer(path, "grids", crs="EPSG:4543"))
    assert (reading.read, [one for one in reading.assumed if "paper space" in one] != []) == (1, True)


def test_tracks_of_gpx_are_lines_and_areas_and_waypoints_points(tmp_path: Path) -> None:
    def at(tag: str, *points: tuple[float, float]) -> str:
        return "".join(f'<{tag} lat="{lat}" lon="{lon}"/>' for lon, lat in points)

    ring = [(102.9, 37.5), (102.91, 37.5), (102.91, 37.51), (102.9, 37.5)]
    track = f"<trk><name>巡逻</name><trkseg>{at('trkpt', *ring)}</trkseg></trk>"
    path = tmp_path / "t.gpx"
    path.write_text(
        f'<gpx version="1.1">{at("wpt", (102.9, 37.5))}<wpt lat="x" lon="1"/>{track}</gpx>', encoding="utf-8"
    )
    points = checked(read_layer(path, "cameras"))
    assert (len(points.frame), len(points.rejects)) == (1, 1)
    assert any("another kind" in sentence for sentence in points.assumed)
    assert read_layer(path, "roads").frame.geometry.iloc[0].geom_type == "LineString"
    assert read_layer(path, "grids").frame.geometry.iloc[0].equals(shapely.Polygon(ring))
    with pytest.raises(UnknownName, match="waypoints"):
        read_layer(path, "cameras", source_layer="x")


def test_attributes_in_extensions_of_gpx_are_columns(tmp_path: Path) -> None:
    cameras = gpd.GeoDataFrame(
        {"编号": ["C1"], "方位角": [90.0], "电话": ["1"]}, geometry=[shapely.Point(102.9, 37.5)], crs=4326
    )
    cameras.to_file(tmp_path / "c.gpx", driver="GPX", layer="waypoints", GPX_USE_EXTENSIONS="YES")
    reading = checked(read_layer(tmp_path / "c.gpx", "cameras"))
    assert reading.frame[["id", "azimuth"]].values.tolist() == [["C1", 90.0]]
    assert reading.dropped_columns == ["电话"]


def test_a_zip_holds_anything_that_is_read(tmp_path: Path) -> None:
    for name, write in {
        "a.csv": lambda path: path.write_text('code,name,wkt\n1,一,"POLYGON((102 37,103 37,103 38,102 37))"\n'),
        "b.geojson": lambda path: grids(1).to_file(path),
        "c.gpkg": lambda path: grids(1).to_file(path),
        "d.fgb": lambda path: grids(1).to_file(path),
        "e/f/网格.shp": lambda path: grids(1).to_file(path, encoding="GBK"),
    }.items():
        folder = tmp_path / Path(name).suffix
        (folder / name).parent.mkdir(parents=True)
        write(folder / name)
        path = packed(
            tmp_path / f"z{Path(name).suffix}.zip", folder, f"__MACOSX/._{Path(name).name}", ".DS_Store", "._x.shp"
        )
        reading = checked(read_layer(path, "grids", crs="wgs84"))
        assert (len(reading.frame), reading.source) == (1, path.name)


def test_a_kmz_may_be_in_a_zip_and_no_other_archive(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    point = "<Placemark><Point><coordinates>102.9,37.5</coordinates></Point></Placemark>"
    with zipfile.ZipFile(tmp_path / "in" / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", f"<kml>{point}</kml>")
    assert len(read_layer(packed(tmp_path / "z.zip", tmp_path / "in"), "cameras").frame) == 1
    (tmp_path / "in" / "a.kmz").rename(tmp_path / "in" / "a.zip")
    with pytest.raises(UnreadableFile, match="archive within"):
        read_layer(packed(tmp_path / "y.zip", tmp_path / "in"), "cameras")


def test_a_zip_of_several_asks_which_and_knows_the_themes_of_geofabrik(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("东片", "西片"):
        grids(1).assign(name=name).to_file(folder / f"{name}.geojson")
    path = packed(tmp_path / "z.zip", folder)
    with pytest.raises(UnknownName, match="东片, 西片"):
        read_layer(path, "grids")
    assert read_layer(path, "grids", source_layer="西片").frame["name"].tolist() == ["西片"]
    for theme in ("gis_osm_roads_free_1", "gis_osm_buildings_a_free_1"):
        grids(1).assign(osm_id="1", fclass="building", type="house").to_file(folder / f"{theme}.shp")
    assert len(read_layer(packed(tmp_path / "y.zip", folder), "obstacles").frame) == 1


def test_files_of_one_name_in_a_zip_are_told_apart_and_those_not_read_are_named(tmp_path: Path) -> None:
    for place in ("东", "西"):
        (tmp_path / "in" / place).mkdir(parents=True)
        grids(1).drop(columns="code").assign(name=place).to_file(tmp_path / "in" / place / "网格.shp", encoding="GBK")
    path = packed(tmp_path / "z.zip", tmp_path / "in")
    with pytest.raises(UnknownName, match="东/网格, 西/网格"):
        read_layer(path, "grids")
    east, west = (read_layer(path, "grids", source_layer=f"{place}/网格") for place in ("东", "西"))
    assert (east.frame["name"].tolist(), west.frame["name"].tolist()) == (["东"], ["西"])
    assert (east.frame["code"].tolist(), west.frame["code"].tolist()) == (["z.zip:东/网格:1"], ["z.zip:西/网格:1"])
    # One beside the folders has no spelling that is its own but its path.
    grids(1).assign(name="中").to_file(tmp_path / "in" / "网格.shp", encoding="GBK")
    path = packed(tmp_path / "x.zip", tmp_path / "in")
    with pytest.raises(UnknownName, match=r"网格\.shp"):
        read_layer(path, "grids")
    assert read_layer(path, "grids", source_layer="网格.shp").frame["name"].tolist() == ["中"]
    for one in (tmp_path / "in").glob("网格.*"):
        one.unlink()
    grids(1).to_file(tmp_path / "in" / "grids.geojson")
    (tmp_path / "in" / "台账.json").write_text("{}")
    reading = read_layer(packed(tmp_path / "y.zip", tmp_path / "in"), "grids")
    assert reading.source == "y.zip:grids"
    assert any("东/网格, 西/网格, 台账.json" in sentence for sentence in reading.assumed)


def test_two_geodatabases_of_one_name_in_a_zip_are_told_apart(tmp_path: Path) -> None:
    for place in ("甲", "乙"):
        (tmp_path / "in" / place).mkdir(parents=True)
        geodatabase(tmp_path / "in" / place / "x.gdb", 1 if place == "甲" else 2)
    path = packed(tmp_path / "z.zip", tmp_path / "in")
    with pytest.raises(UnknownName, match="乙/x, 甲/x"):
        read_layer(path, "grids")
    assert len(read_layer(path, "grids", source_layer="乙/x").frame) == 2
    pyogrio.write_dataframe(grids(3), tmp_path / "in" / "乙" / "x.gdb", driver="OpenFileGDB", layer="另", append=True)
    path = packed(tmp_path / "y.zip", tmp_path / "in")
    with pytest.raises(UnknownName, match=r"网格, 另 \(as 乙/x:LAYER\)"):
        read_layer(path, "grids", source_layer="乙/x")
    assert len(read_layer(path, "grids", source_layer="乙/x:另").frame) == 3


@pytest.mark.parametrize(("name", "told"), [("a.dwg", r"\.dxf"), ("a.rar", r"\.zip"), ("a.dbf", r"\.shp")])
def test_files_that_are_not_read_say_what_to_do(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UnreadableFile, match=rf"，.*{told}.*可读"):
        read_layer(tmp_path / name, "grids")


def test_layers_of_a_file_that_were_not_read_are_named(tmp_path: Path) -> None:
    for layer in ("grids", "道路"):
        pyogrio.write_dataframe(grids(1), tmp_path / "g.gpkg", layer=layer)
    reading = read_layer(tmp_path / "g.gpkg", "grids")
    assert [sentence for sentence in reading.assumed if "道路" in sentence]
    assert not [one for one in read_layer(tmp_path / "g.gpkg", "grids", source_layer="grids").assumed if "道路" in one]


def test_workbooks_of_two_zips_have_keys_of_their_own(tmp_path: Path) -> None:
    write_workbook(tmp_path / "in" / "台账.xlsx", [["名称", "经度", "纬度"], ["东街", 102.9, 37.5]])
    keys = [
        read_layer(packed(tmp_path / name, tmp_path / "in"), "cameras", crs="wgs84").frame["id"].tolist()
        for name in ("a.zip", "b.zip")
    ]
    assert keys == [["a.zip:2"], ["b.zip:2"]]


def test_messages_on_a_file_in_a_zip_name_the_zip(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    grids(1).to_file(tmp_path / "in" / "a.shp")
    (tmp_path / "in" / "a.shx").unlink()
    with pytest.raises(UnreadableFile, match=r"cannot read z\.zip: "):
        read_layer(packed(tmp_path / "z.zip", tmp_path / "in"), "grids")


def test_names_in_gbk_within_a_zip_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("east", "west"):
        grids(1).assign(name=name).to_file(folder / f"{name}.geojson")
    data = packed(tmp_path / "z.zip", folder).read_bytes().replace(b"west.geojson", "西片".encode("gbk") + b".geojson")
    (tmp_path / "z.zip").write_bytes(data)
    assert read_layer(tmp_path / "z.zip", "grids", source_layer="西片").frame["name"].tolist() == ["west"]
