"""Make files that mean harm, small on disk, by name; each says what must become of it."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

REFUSED, REJECTED, READ = "refused", "rejected", "read"
#: File name, layer, what must become of it, and who makes it.
Case = tuple[str, str, str, Callable[[Path], None]]
CASES: list[Case] = []
_SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def case(name: str, expected: str, layer: str = "grids") -> Callable[[Callable[[], bytes | str]], Callable[[], Any]]:
    """Register a file by the function that gives its content."""

    def register(make: Callable[[], bytes | str]) -> Callable[[], Any]:
        def write(path: Path) -> None:
            content = make()
            path.write_bytes(content.encode() if isinstance(content, str) else content)

        CASES.append((name, layer, expected, write))
        return make

    return register


def drawn(name: str, expected: str, layer: str = "grids") -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Register a file by the function that writes it."""

    def register(write: Callable[[Path], None]) -> Callable[[Path], None]:
        CASES.append((name, layer, expected, write))
        return write

    return register


# --- JSON ------------------------------------------------------------------------------------------------------------


def _features(*geometries: Any, **properties: Any) -> str:
    made = [
        {"type": "Feature", "properties": {"code": f"g{place}", **properties}, "geometry": geometry}
        for place, geometry in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": made})


def zigzag(count: int, seed: int = 1) -> list[list[float]]:
    """Return a ring whose segments all cross: GEOS checks it in time that grows with their pairs."""
    x = np.random.default_rng(seed).random(count)
    ring = np.column_stack([x, np.arange(count) % 2]).tolist()
    return [*ring, ring[0]]


@case("deep-collections.geojson", REFUSED)
def _() -> str:
    inner = '{"type":"Point","coordinates":[0,0]}'
    return '{"type":"GeometryCollection","geometries":[' * 50_000 + inner + "]}" * 50_000


@case("deep-lists.geojson", REFUSED)
def _() -> str:
    return '{"type":"Polygon","coordinates":' + "[" * 1_000_000 + "]" * 1_000_000 + "}"


@case("deep-properties.geojson", REFUSED)
def _() -> str:
    return '{"type":"Feature","geometry":null,"properties":{"code":' + '{"a":' * 900 + "1" + "}" * 900 + "}}"


@case("collections-of-five.geojson", REJECTED)
def _() -> str:
    shape: Any = {"type": "Polygon", "coordinates": [_SQUARE]}
    for _ in range(5):
        shape = {"type": "GeometryCollection", "geometries": [shape]}
    return _features(shape)


@case("many-members.geojson", REJECTED)
def _() -> str:
    return _features({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0, 0]}] * 20_000})


@case("huge-ring.geojson", REJECTED)
def _() -> str:
    return '{"type":"Polygon","coordinates":[[' + "[0,0]," * 1_100_000 + "[0,0]]]}"


@case("zigzag.geojson", REJECTED)
def _() -> str:
    return _features(
        {"type": "Polygon", "coordinates": [zigzag(60_000)]},
        *({"type": "Polygon", "coordinates": [zigzag(2_000, seed)]} for seed in range(20)),
    )


@case("bow-ties.geojson", REJECTED)
def _() -> str:
    tie = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    return _features({"type": "MultiPolygon", "coordinates": [[[[x + k, y] for x, y in tie]] for k in range(170)]})


@case("nan.geojson", REFUSED)
def _() -> str:
    return '{"type":"Point","coordinates":[NaN,0]}'


@case("infinity.geojson", REFUSED)
def _() -> str:
    return '{"type":"Point","coordinates":[Infinity,0]}'


@case("beyond-floats.geojson", REFUSED)
def _() -> str:
    return '{"type":"Point","coordinates":[1e309,-1e309]}'


@case("long-integer.geojson", REFUSED)
def _() -> str:
    return '{"type":"Point","coordinates":[' + "9" * 10_000 + ",0]}"


@case("beyond-64-bits.geojson", REJECTED)
def _() -> str:
    ring = [[2**64, 0], [2**70, 0], [2**70, 1], [2**64, 0]]
    return _features({"type": "Polygon", "coordinates": [ring]})


@case("half-surrogate.geojson", REFUSED)
def _() -> str:
    return _features({"type": "Polygon", "coordinates": [_SQUARE]}, name="\ud800")


@case("nul-key.geojson", REJECTED)
def _() -> str:
    return _features({"type": "Polygon", "coordinates": [_SQUARE]}, code="a\0b")


@case("long-key.geojson", REJECTED)
def _() -> str:
    return _features({"type": "Polygon", "coordinates": [_SQUARE]}, code="k" * 100_000)


@case("overlong-utf8.geojson", REFUSED)
def _() -> bytes:
    return b'{"type":"Feature","properties":{"code":"\xe0\x80\xaf"},"geometry":null}'


@case("counts-beyond-64-bits.geojson", READ)
def _() -> str:
    return _features({"type": "Polygon", "coordinates": [_SQUARE]}, households=2**63)


@case("list-ids.json", READ, "cameras")
def _() -> str:
    nodes = [{"type": "node", "id": [k], "lat": 1, "lon": 1, "tags": {"man_made": "surveillance"}} for k in range(3)]
    return json.dumps({"elements": nodes})


@case("far-nodes.json", REJECTED, "cameras")
def _() -> str:
    node = {"type": "node", "id": 1, "lat": 10**300, "lon": 1e300, "tags": {"man_made": "surveillance"}}
    return json.dumps({"elements": [node]})


@case("own-children.json", REJECTED, "obstacles")
def _() -> str:
    # Each names the other as its child ten times: ten to the fourth visits, not for ever.
    one = {"type": "Building", "children": ["b"] * 10, "geometry": []}
    other = {"type": "Building", "children": ["a"] * 10, "geometry": []}
    vertices = [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    return json.dumps({"type": "CityJSON", "CityObjects": {"a": one, "b": other}, "vertices": vertices})


@case("deep-solids.json", REFUSED, "obstacles")
def _() -> str:
    boundaries = "[" * 500 + "0" + "]" * 500
    building = '{"type":"Building","geometry":[{"type":"Solid","lod":"1","boundaries":' + boundaries + "}]}"
    return '{"type":"CityJSON","CityObjects":{"a":' + building + '},"vertices":[[0,0,0]]}'


@case("vertices-that-are-not-there.json", REJECTED, "obstacles")
def _() -> str:
    geometry = {"type": "MultiSurface", "lod": "1", "boundaries": [[[10**18, -1, 2**70]]]}
    building = {"type": "Building", "geometry": [geometry]}
    return json.dumps({"type": "CityJSON", "CityObjects": {"a": building}, "vertices": [[0, 0, 0]]})


# --- tables ----------------------------------------------------------------------------------------------------------


def _wkt(*cells: str) -> str:
    return "code,wkt\n" + "".join(f'g{place},"{cell}"\n' for place, cell in enumerate(cells))


@case("deep-wkt.csv", REJECTED)
def _() -> str:
    return _wkt("GEOMETRYCOLLECTION(" * 50_000 + "POINT(0 0)" + ")" * 50_000)


@case("odd-wkt.csv", REJECTED)
def _() -> str:
    return _wkt(
        "SRID=4326;SRID=4326;POLYGON((0 0,1 0,1 1,0 0))", "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))",
        "TIN(((0 0,1 0,1 1,0 0)))", "0103000000" + "00" * 50, "POLYGON((0 0,1 0,1 inf,0 0))", "POLYGON((" * 10_000,
        "POLYGON((0 0,1 0,1e400 1,0 0))", "(" * 100_000, "POLYGON((0 0,1 0,1 1,0 0)) " + "x" * 100_000, "\0",
        "POLYGON((" + "0" * 100_000 + " 0,1 0,1 1,0 0))x",
    )  # fmt: skip


@case("huge-wkt.csv", REJECTED)
def _() -> str:
    return _wkt("POLYGON((" + "0 0," * 1_100_000 + "0 0))")


@case("huge-cell.csv", REFUSED, "cameras")
def _() -> str:
    return "id,lon,lat\n" + "a" * (65 << 20) + ",1,2\n"


@case("open-quote.csv", REFUSED, "cameras")
def _() -> str:
    return 'id,lon,lat\n"' + "a,1,2\n" * 100_000


@case("many-columns.csv", REFUSED, "cameras")
def _() -> str:
    return "id,lon,lat," + ",".join(["x"] * 50_000) + "\na,1,2\n"


@case("odd-numbers.csv", REJECTED, "cameras")
def _() -> str:
    odd = ["nan", "inf", "-inf", "1e309", "9" * 10_000, "1_0", "０x10", "٣", "0x1p3", "1e", "--1", "1\u20282"]
    return "id,lon,lat\n" + "".join(f'a{place},"{cell}",x\n' for place, cell in enumerate(odd))


@case("dates.csv", READ, "cameras")
def _() -> str:
    odd = ["10000-01-01", "0000-01-01", "2026-02-30", "9" * 5_000, "2026-01-01" + "-1" * 5_000, "٢٠٢٦-٠١-٠١x"]
    return "id,lon,lat,valid_from\n" + "".join(f'a{place},1,2,"{cell}"\n' for place, cell in enumerate(odd))


@case("slow-patterns.csv", READ, "cameras")
def _() -> str:
    # Against every pattern that reads a cell: a long run of what begins a match, then what ends none.
    runs = [
        "1 " * 30_000,
        "1,1" * 20_000,
        "1." * 30_000,
        " " * 60_000 + "x",
        "a" * 60_000,
        "1-" * 30_000,
        "东" * 30_000,
    ]
    runs += [
        "东向" * 20_000,
        "9" * 60_000 + "x",
        "(" * 60_000,
        "1°" * 30_000,
        "2026 " * 10_000,
        "'" * 50_000,
        "°" * 50_000,
    ]
    rows = "".join(f'a{place},1,2,"{cell}","{cell}","{cell}","{cell}"\n' for place, cell in enumerate(runs))
    return "id,lon,lat,azimuth,height,valid_from,class\nz,1,2,,,,\n" + rows


@case("slow-header.csv", READ, "cameras")
def _() -> str:
    return (
        "id,lon,lat," + "(" * 50_000 + "," + "[" * 50_000 + "x," + "Ab" * 30_000 + "," + "mobile_" * 9_000 + "\na,1,2\n"
    )


# --- packed ----------------------------------------------------------------------------------------------------------


def _zip(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


@case("bomb.zip", REFUSED)
def _() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.shp", "w") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    return out.getvalue()


@case("lying-bomb.zip", REFUSED)
def _() -> bytes:
    data = bytearray(_zip(("a.shp", bytes(50 << 20)), ("a.shx", b""), ("a.dbf", b"")))
    # The directory and the entry itself say that it unpacks to 1,000 bytes.
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(mark)
        data[at + place : at + place + 4] = struct.pack("<I", 1_000)
    return bytes(data)


@case("overlapping.zip", REFUSED)
def _() -> bytes:
    data = bytearray(_zip(*((f"a{place}.txt", bytes(np.random.default_rng(0).bytes(9_000))) for place in range(20))))
    at = data.index(b"PK\x01\x02")
    while at >= 0:  # every entry is the first one
        data[at + 42 : at + 46] = struct.pack("<I", 0)
        data[at + 20 : at + 24] = struct.pack("<I", 200_000)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


@case("endless-list.zip", REFUSED)
def _() -> bytes:
    data = bytearray(_zip(("a.shp", b"x")))
    at = data.index(b"PK\x01\x02")
    entry = bytes(data[at : data.index(b"PK\x05\x06")])
    count = 40_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) * count, at, 0)
    return bytes(data[:at]) + entry * count + end


@case("slip.zip", REFUSED)
def _() -> bytes:
    return _zip(("../../etc/a.shp", b"x"))


@case("absolute.zip", REFUSED)
def _() -> bytes:
    return _zip(("/etc/a.shp", b"x"))


@case("drive.zip", REFUSED)
def _() -> bytes:
    return _zip(("C:\\windows\\a.shp", b"x"))


@case("backslash.zip", REFUSED)
def _() -> bytes:
    return _zip(("..\\..\\a.shp", b"x"))


@case("link.zip", REFUSED)
def _() -> bytes:
    link = zipfile.ZipInfo("a.shp")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    return _zip((link, b"/etc/passwd"))


@case("within.zip", REFUSED)
def _() -> bytes:
    return _zip(("a.shp", b"x"), ("b.zip", _zip(("c.shp", b"x"))))


@case("lzma.zip", REFUSED)
def _() -> bytes:
    return _zip(("a.shp", b"x"), method=zipfile.ZIP_LZMA)


@case("no-archive.zip", REFUSED)
def _() -> bytes:
    return b"PK\x03\x04" + bytes(10_000)


# --- workbooks -------------------------------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@cache
def _sound_workbook() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.xlsx"
        pyogrio.write_dataframe(pd.DataFrame({"id": ["a"]}), path)
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def workbook(sheet: str, strings: str = "", *, prolog: str = "") -> bytes:
    """Return a workbook of one sheet, given the XML within its sheetData and its table of texts."""
    texts = f'<?xml version="1.0"?>{prolog}<sst xmlns="{_MAIN}">{strings}</sst>'
    data = f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
    parts = {"xl/sharedStrings.xml": texts.encode(), "xl/worksheets/sheet1.xml": data.encode()}
    return _zip(*(_sound_workbook() | parts).items())


_HEADER = "".join(f'<c r="{cell}1" t="s"><v>{place}</v></c>' for place, cell in enumerate("ABC"))
_NAMES = "<si><t>id</t></si><si><t>lon</t></si><si><t>lat</t></si>"
_ROW = '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>102.5</v></c><c r="C2"><v>37.5</v></c></row>'


@case("good.xlsx", READ, "cameras")
def _() -> bytes:
    return workbook(f'<row r="1">{_HEADER}</row>{_ROW}', _NAMES)


@case("laughs.xlsx", REFUSED, "cameras")
def _() -> bytes:
    laughs = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    prolog = f'<!DOCTYPE sst [<!ENTITY l0 "lol">{laughs}]>'
    return workbook(f'<row r="1">{_HEADER}</row>', f"<si><t>&l9;</t></si>{_NAMES}", prolog=prolog)


@case("external-entity.xlsx", REFUSED, "cameras")
def _() -> bytes:
    prolog = f'<!--{"-x" * 40_000}--><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return workbook(f'<row r="1">{_HEADER}</row>', f"<si><t>&x;</t></si>{_NAMES}", prolog=prolog)


@case("far-row.xlsx", READ, "cameras")
def _() -> bytes:
    return workbook(f'<row r="1">{_HEADER}</row>{_ROW}<row r="1048576"><c r="A1048576"><v>1</v></c></row>', _NAMES)


@case("far-column.xlsx", READ, "cameras")
def _() -> bytes:
    return workbook(f'<row r="1">{_HEADER}</row>{_ROW}<row r="3"><c r="XFD3"><v>1</v></c></row>', _NAMES)


@case("many-cells.xlsx", REFUSED, "cameras")
def _() -> bytes:
    return workbook(f'<row r="1">{_HEADER}</row>' + "<row>" + "<c/>" * 9_000_000 + "</row>", _NAMES)


@case("no-text-of-that-number.xlsx", REJECTED, "cameras")
def _() -> bytes:
    return workbook(f'<row r="1">{_HEADER}</row><row r="2"><c r="A2" t="s"><v>99999999999</v></c></row>', _NAMES)


# --- databases -------------------------------------------------------------------------------------------------------


def _package(path: Path, *statements: str) -> None:
    gpd.GeoDataFrame({"code": ["a"], "name": ["x"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_file(
        path, layer="grids"
    )
    with sqlite3.connect(path) as conn:
        for statement in statements:
            conn.execute(statement)
    conn.close()


_REGISTER = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('{0}', 'features', '{0}', 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES ('{0}', 'geom', 'POLYGON', 4326, 0, 0)",
    "DELETE FROM gpkg_geometry_columns WHERE table_name = 'grids'",
    "DELETE FROM gpkg_contents WHERE table_name = 'grids'",
)


@drawn("endless-view.gpkg", REFUSED)
def _(path: Path) -> None:
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, geom, code FROM n, grids"
    )
    _package(path, f"CREATE VIEW v AS {endless}", *(one.format("v") for one in _REGISTER))


@drawn("bloated-column.gpkg", REFUSED)
def _(path: Path) -> None:
    _package(path, "ALTER TABLE grids ADD COLUMN village TEXT AS (hex(zeroblob(400000000))) VIRTUAL")


@drawn("other-file.gpkg", REFUSED)
def _(path: Path) -> None:
    _package(path, "PRAGMA writable_schema = ON", "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, "
             "'CREATE VIRTUAL TABLE v USING VirtualText(''/etc/passwd'', ''UTF-8'', 0)')",
             *(one.format("v") for one in _REGISTER[:2]))  # fmt: skip


@drawn("lying-count.gpkg", REFUSED)
def _(path: Path) -> None:
    _package(path, "UPDATE gpkg_ogr_contents SET feature_count = 2000000000")


@drawn("short-count.gpkg", REFUSED)
def _(path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": [f"g{k}" for k in range(50)]}, geometry=[shapely.box(0, 0, 1, 1)] * 50, crs=4326)
    frame.to_file(path, layer="grids")
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
    conn.close()


@drawn("deep-blob.gpkg", REJECTED)
def _(path: Path) -> None:
    _package(path)
    deep = b"".join(struct.pack("<BII", 1, 7, 1) for _ in range(50_000)) + struct.pack("<BIdd", 1, 1, 0, 0)
    _with_blob(path, deep)


@drawn("lying-blob.gpkg", REJECTED)
def _(path: Path) -> None:
    _package(path)
    _with_blob(path, struct.pack("<BIIIdd", 1, 3, 0x7FFFFFFF, 0x7FFFFFFF, 0, 0))


def _with_blob(path: Path, body: bytes) -> None:
    with sqlite3.connect(path) as conn:
        for name in [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            conn.execute(f'DROP TRIGGER "{name}"')
        head = b"GP\0\1" + struct.pack("<i", 4326)
        conn.execute("UPDATE grids SET geom = ?", (head + body,))
    conn.close()


@drawn("torn.gpkg", REFUSED)
def _(path: Path) -> None:
    _package(path)
    path.write_bytes(path.read_bytes()[:20_000])


@case("only-a-name.gpkg", REFUSED)
def _() -> bytes:
    return b"SQLite format 3\0" + bytes(4_000)


def _reference(target: str) -> str:
    layer = f"<OGRVRTLayer name='grids'><SrcDataSource>{target}</SrcDataSource></OGRVRTLayer>"
    return f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"


@case("references.gpkg", REFUSED)
def _() -> str:
    return _reference("/etc/passwd")


@case("references.shp", REFUSED)
def _() -> str:
    return _reference("/vsicurl/http://127.0.0.1/")


# --- other binaries --------------------------------------------------------------------------------------------------


@drawn("nul-key.parquet", REJECTED)
def _(path: Path) -> None:
    gpd.GeoDataFrame({"code": ["a\0b"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_parquet(path)


@drawn("deep.parquet", REJECTED)
def _(path: Path) -> None:
    deep = b"".join(struct.pack("<BII", 1, 7, 1) for _ in range(50_000)) + struct.pack("<BIdd", 1, 1, 0, 0)
    about = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    _parquet(path, pd.DataFrame({"code": ["a"], "geometry": [deep]}), about)


def repeating_parquet(path: Path) -> None:
    """Write 2,000 rows of one text of 100 kB: an entry of a dictionary on disk, 200 MB as a column."""
    about = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    point = shapely.to_wkb(shapely.Point(0, 0))
    _parquet(path, pd.DataFrame({"code": ["k" * 100_000] * 2_000, "geometry": [point] * 2_000}), about)


@drawn("odd-description.parquet", REFUSED)
def _(path: Path) -> None:
    _parquet(path, pd.DataFrame({"code": ["a"], "geometry": [b""]}), {"primary_column": ["x"], "columns": []})


def _parquet(path: Path, frame: pd.DataFrame, about: Any) -> None:
    _write(path, pa.Table.from_pandas(frame, preserve_index=False), about)


def _write(path: Path, table: pa.Table, about: Any) -> None:
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), path)


@case("torn.fgb", REFUSED)
def _() -> bytes:
    return b"fgb\x03fgb\x00" + struct.pack("<I", 0x7FFFFFF0) + bytes(1_000)


@case("torn.osm.pbf", REFUSED, "obstacles")
def _() -> bytes:
    return struct.pack(">I", 0x7FFFFFFF) + bytes(1_000)


@case("bomb.osm.pbf", REFUSED, "obstacles")
def _() -> bytes:
    packed = zlib.compress(bytes(40 << 20))
    blob = b"\x10" + _varint(40 << 20) + b"\x1a" + _varint(len(packed)) + packed
    header = b"\x0a\x09OSMHeader\x18" + _varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
