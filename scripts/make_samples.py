"""Write the sample files of `samples/`: a small fictional town as a county keeps it. The same bytes every time.

Run `python scripts/make_samples.py [FOLDER]`. Nothing is random and no library writes the files but Python's own, so
that `tests/test_samples.py` can compare what is written with what is kept.
"""

from __future__ import annotations

import csv
import io
import json
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from geo.crs_gcj import gcj02_from_wgs84

Point = tuple[float, float]
Ring = Sequence[Point]
Row = Mapping[str, object]

# The town is drawn in metres from its south-west corner, x east and y north; one degree is so many metres there.
_LON, _LAT = 103.45, 37.6
_METRES_LON, _METRES_LAT = 88_345.0, 110_990.0

COUNTY = "990121"
TOWN, RURAL = f"{COUNTY}190", f"{COUNTY}290"
WEST, EAST, VILLAGE = f"{TOWN}001", f"{TOWN}002", f"{RURAL}201"
_TOWN_NAME, _RURAL_NAME = "柳河镇", "东坪乡"

# WGS 84 and CGCS2000 agree to centimetres; a GIS office keeps the latter.
_CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def degrees(point: Point) -> Point:
    """Return longitude and latitude of a point in metres, to a centimetre."""
    return round(_LON + point[0] / _METRES_LON, 7), round(_LAT + point[1] / _METRES_LAT, 7)


def box(west: float, south: float, east: float, north: float) -> list[Point]:
    """Return a closed ring, clockwise as Shapefiles have outer rings."""
    return [(west, south), (west, north), (east, north), (east, south), (west, south)]


def wkt(ring: Ring) -> str:
    """Return a ring in metres as a polygon in degrees."""
    return f"POLYGON ({_ring(ring)})"


# --- the town --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Street:
    """A road: its line in metres, how wide it is, and what addresses on it are called."""

    id: str
    name: str
    kind: str
    width: float | None
    line: Sequence[Point]


STREETS = (
    Street("R01", "南街", "tertiary", 12.0, ((0, 100), (1200, 100))),
    Street("R02", "中街", "secondary", 18.0, ((0, 400), (1200, 400))),
    Street("R03", "北街", "tertiary", 12.0, ((0, 700), (1200, 700))),
    Street("R04", "西路", "residential", None, ((150, 0), (150, 800))),
    Street("R05", "中路", "secondary", 18.0, ((600, 0), (600, 800))),
    Street("R06", "东路", "residential", None, ((1050, 0), (1050, 800))),
    Street("R07", "柳坪公路", "tertiary", 9.0, ((1200, 400), (1500, 420), (1800, 400), (2000, 380))),
    Street("R08", "河边步道", "footway", None, ((0, 780), (400, 760), (600, 770))),
)


@dataclass(frozen=True)
class Building:
    """A house: its footprint in metres, storeys or None where nobody wrote them down, and its address."""

    id: str
    ring: Ring
    storeys: int | None
    address: str
    door: Point


def buildings() -> Iterator[Building]:
    """Yield the houses: two rows along each of the three streets of the town, and a row in the village."""
    number = 0
    for street, y, width in (("南街", 100, 12), ("中街", 400, 18), ("北街", 700, 12)):
        for side, odd in ((1, 1), (-1, 0)):
            for k in range(16):
                x = 25 + k * 72.0
                if any(abs(x + 22 - cross) < 40 for cross in (150, 600, 1050)):
                    continue  # no house on a crossing
                number += 1
                near = y + side * (width / 2 + 8)
                far = near + side * (14 + 4 * (k % 3))
                ring = box(x, min(near, far), x + 44, max(near, far))
                storeys = None if number % 17 == 0 else 2 + (number * 7) % 5
                house = 2 * k + 2 - odd
                yield Building(f"B{number:03d}", ring, storeys, f"{_TOWN_NAME}{street}{house}号", (x + 22, near))
    for k in range(10):
        number += 1
        x = 1540 + k * 40.0
        yield Building(f"B{number:03d}", box(x, 440, x + 24, 452), 1, f"{_RURAL_NAME}东坪村{k + 1}号", (x + 12, 440))


# --- what the county keeps -------------------------------------------------------------------------------------------


def divisions() -> str:
    """Return 区划.geojson: the county, its two townships and their villages."""
    rows = (
        (COUNTY, "青岚县", "县", "", box(0, 0, 2000, 800)),
        (TOWN, _TOWN_NAME, "乡镇", COUNTY, box(0, 0, 1200, 800)),
        (RURAL, _RURAL_NAME, "乡镇", COUNTY, box(1200, 0, 2000, 800)),
        (WEST, "西街社区", "社区", TOWN, box(0, 0, 600, 800)),
        (EAST, "东街社区", "社区", TOWN, box(600, 0, 1200, 800)),
        (VILLAGE, "东坪村", "村", RURAL, box(1200, 0, 2000, 800)),
    )
    features = [
        feature({"区划代码": code, "名称": name, "级别": level, "上级代码": above or None}, "Polygon", [ring])
        for code, name, level, above, ring in rows
    ]
    return geojson(features)


#: The school has a grid of its own (专属网格), cut out of the general one around it.
_SCHOOL = box(900, 150, 1040, 300)


def grids() -> list[Row]:
    """Return the rows of 网格.xlsx: five general grids and a dedicated one."""
    around = [(600, 0), (600, 400), (1200, 400), (1200, 0), (600, 0)]
    general = f"POLYGON ({_ring(around)}, {_ring(_SCHOOL)})"
    rows = (
        (f"{WEST}001", "西街社区第一网格", "综合网格", WEST, 386, 1102, 2, wkt(box(0, 0, 600, 400))),
        (f"{WEST}002", "西街社区第二网格", "综合网格", WEST, 412, 1175, 2, wkt(box(0, 400, 600, 800))),
        (f"{EAST}001", "东街社区第一网格", "综合网格", EAST, 365, 1048, 2, general),
        (f"{EAST}002", "东街社区第二网格", "综合网格", EAST, 398, 1139, 2, wkt(box(600, 400, 1200, 800))),
        (f"{EAST}003", "柳河镇学校专属网格", "专属网格", EAST, 0, 0, 1, wkt(_SCHOOL)),
        (f"{VILLAGE}001", "东坪村第一网格", "综合网格", VILLAGE, 121, 377, 1, wkt(box(1200, 0, 2000, 800))),
    )
    names = (
        "网格编码",
        "网格名称",
        "网格类型",
        "所属村社区",
        "户数",
        "人口数",
        "网格员人数",
        "几何",
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def _ring(ring: Ring) -> str:
    return f"({', '.join('{} {}'.format(*degrees(point)) for point in ring)})"


def villages() -> list[Row]:
    """Return the rows of 村社区.csv."""
    rows = (
        (WEST, "西街社区", 798, 2277, wkt(box(0, 0, 600, 800))),
        (EAST, "东街社区", 763, 2187, wkt(box(600, 0, 1200, 800))),
        (VILLAGE, "东坪村", 121, 377, wkt(box(1200, 0, 2000, 800))),
    )
    return [dict(zip(("村编码", "村名", "户数", "人口数", "几何"), row, strict=True)) for row in rows]


#: Pole, its place, and the cameras on it: class, kind, azimuth, field of view, mounting height, status.
_POLES: Sequence[tuple[str, str, Point, Sequence[tuple[str, str, object, object, object, str]]]] = (
    ("P001", "南街西路口", (158, 92), (("一类点", "枪机", 45, 60, 6, "在线"), ("一类点", "枪机", 135, 60, 6, "在线"))),
    (
        "P002",
        "中街西路口",
        (158, 412),
        (("一类点", "球机", "", 60, 6.5, "在线"), ("一类点", "枪机", 90, 45, 6.5, "在线")),
    ),
    ("P003", "北街西路口", (158, 692), (("一类点", "枪机", 90, 60, 6, "离线"),)),
    ("P004", "南街中路口", (612, 90), (("一类点", "枪机", 0, 50, 6, "在线"), ("一类点", "枪机", 270, 50, 6, "在线"))),
    (
        "P005",
        "中街中路口",
        (614, 414),
        (("一类点", "全景", "", 360, 8, "在线"), ("一类点", "枪机", 180, 40, 8, "在线")),
    ),
    ("P006", "北街中路口", (612, 690), (("一类点", "枪机", 270, 60, 6, "在线"), ("一类点", "枪机", 90, 60, 6, "在线"))),
    ("P007", "南街东路口", (1058, 92), (("一类点", "枪机", 0, 60, 6, "在线"),)),
    (
        "P008",
        "中街东路口",
        (1058, 412),
        (("一类点", "枪机", 270, 45, 6, "在线"), ("一类点", "枪机", 90, 45, 6, "在线")),
    ),
    ("P009", "北街东路口", (1058, 692), (("一类点", "枪机", 225, 60, 6, "拟建"),)),
    ("P010", "学校大门", (898, 160), (("二类点", "半球", 180, 90, 3.5, "在线"),)),
    ("P011", "学校南墙", (970, 149), (("二类点", "枪机", 180, 70, 4, "在线"),)),
    ("P012", "西街社区居委会", (330, 382), (("二类点", "枪机", "", "", "", "在线"),)),
    ("P013", "老粮站院内", (478, 124), (("三类点", "枪机", 180, 80, 3, "在线"),)),
    ("P014", "东坪村口", (1520, 428), (("一类点", "枪机", 260, 60, 6, "在线"), ("一类点", "枪机", 95, 60, 6, "在线"))),
    ("P015", "东坪村委会", (1700, 438), (("二类点", "枪机", 180, 80, 4, "正常"),)),
)

_CAMERA_COLUMNS = (
    "设备编码", "点位名称", "杆位编号", "点位类别", "设备类型", "经度", "纬度", "方位角", "水平视场角",
    "安装高度（米）", "图像宽度", "图像高度", "设备状态", "所属单位", "IP地址",
)  # fmt: skip


def cameras() -> list[Row]:
    """Return the rows of 摄像机登记表.xlsx, in GCJ-02 as picked from a web map; the last six are odd."""
    rows: list[Row] = []
    for pole, name, place, held in _POLES:
        lon, lat = gcj02(place)
        for k, (rank, kind, azimuth, hfov, height, status) in enumerate(held, 1):
            number = len(rows) + 1
            label = name if len(held) == 1 else f"{name}{k}"
            owner = "青岚县公安局" if rank == "一类点" else f"{_RURAL_NAME if place[0] > 1200 else _TOWN_NAME}人民政府"
            # 192.0.2.0/24 is set aside for documents (RFC 5737): the column shows that addresses are left out.
            values = (
                f"9901211900132{number:07d}", label, pole, rank, kind, lon, lat, azimuth, hfov, height,
                2560, 1440, status, owner, f"192.0.2.{number}",
            )  # fmt: skip
            rows.append(dict(zip(_CAMERA_COLUMNS, values, strict=True)))
    return [*rows, *_bad_cameras(rows)]


def _bad_cameras(rows: Sequence[Row]) -> Iterator[Row]:
    good = rows[0]
    changes: Sequence[Row] = (
        {"设备编码": rows[3]["设备编码"], "点位名称": "重复登记"},
        {"点位名称": "坐标被改坏", "经度": "103.456.78"},
        {"点位名称": "经纬度颠倒", "经度": good["纬度"], "纬度": good["经度"]},
        {"点位名称": "视场角不可能", "水平视场角": 500},
        {"点位名称": "没有坐标", "经度": "", "纬度": ""},
        {"点位名称": "已拆除", "设备状态": "已拆除"},
    )
    for k, change in enumerate(changes, 1):
        yield {**good, "设备编码": f"99012119001329{k:06d}", "IP地址": f"192.0.2.{200 + k}", **change}


def gcj02(point: Point) -> Point:
    """Return GCJ-02 degrees of a point in metres, to a decimetre as a form has them."""
    lon, lat = degrees(point)
    x, y = gcj02_from_wgs84(np.array([lon]), np.array([lat]))
    return round(float(x[0]), 6), round(float(y[0]), 6)


def addresses() -> list[Row]:
    """Return the rows of 地址.csv: the door of every house, and what people call some of them."""
    known = {f"{_TOWN_NAME}南街13号": "老粮站", f"{_TOWN_NAME}中街16号": "镇政府"}
    return [
        {
            "地址编号": f"A{house.id[1:]}",
            "详细地址": f"青岚县{house.address}",
            "别名": known.get(house.address, ""),
            "楼栋编号": house.id,
            "经度": degrees(house.door)[0],
            "纬度": degrees(house.door)[1],
        }
        for house in buildings()
    ]


def roads() -> str:
    """Return 道路.geojson."""
    features = [
        feature({"道路编号": one.id, "路名": one.name, "等级": one.kind, "宽度": one.width}, "LineString", one.line)
        for one in STREETS
    ]
    return geojson(features)


# --- file formats ----------------------------------------------------------------------------------------------------


def feature(properties: Row, kind: str, coordinates: Sequence[object]) -> dict[str, object]:
    """Return a GeoJSON feature of rings or of one line in metres; outer rings anticlockwise (RFC 7946)."""
    if kind == "Polygon":
        shape: object = [[degrees(point) for point in reversed(ring)] for ring in coordinates]
    else:
        shape = [degrees(point) for point in coordinates]
    return {"type": "Feature", "properties": dict(properties), "geometry": {"type": kind, "coordinates": shape}}


def geojson(features: Iterable[Mapping[str, object]]) -> str:
    """Return a FeatureCollection, one feature a line."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def as_csv(rows: Sequence[Row]) -> str:
    """Return rows as comma-separated text with the line ends of spreadsheets."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_xlsx(rows: Sequence[Row], sheet: str) -> bytes:
    """Return rows as a workbook of one sheet; codes are texts, measures numbers."""
    lines = [dict(zip(rows[0], rows[0], strict=True)), *rows]
    cells = "".join(
        f'<row r="{r}">{"".join(_cell(f"{_letters(c)}{r}", value) for c, value in enumerate(line.values()))}</row>'
        for r, line in enumerate(lines, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        f'"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override '
        f'PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="{sheet}" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    return as_zip({name: (head + text).encode() for name, text in parts.items()})


def _letters(column: int) -> str:
    return chr(ord("A") + column)


def _cell(place: str, value: object) -> str:
    if value in ("", None):
        return ""
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def as_zip(files: Mapping[str, bytes]) -> bytes:
    """Return an archive without times and without compression, which differs from one zlib to the next."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 0
            archive.writestr(info, content)
    return out.getvalue()


def as_shapefile(name: str, rings: Sequence[Ring], fields: Mapping[str, int], rows: Sequence[Sequence[str]]) -> bytes:
    """Return a zipped Shapefile of polygons (ESRI white paper of 1998) with texts in GBK, and no .cpg that says so."""
    records, index, offset = b"", b"", 50
    for number, ring in enumerate(rings, 1):
        points = [degrees(point) for point in ring]
        content = struct.pack("<i4d3i", 5, *_bounds(points), 1, len(points), 0)
        content += b"".join(struct.pack("<2d", *point) for point in points)
        words = len(content) // 2
        records += struct.pack(">2i", number, words) + content
        index += struct.pack(">2i", offset, words)
        offset += 4 + words
    bounds = _bounds([degrees(point) for ring in rings for point in ring])
    parts = {"shp": (records, 50 + len(records) // 2), "shx": (index, 50 + len(index) // 2)}
    files = {
        f"{name}.{suffix}": struct.pack(">7i", 9994, 0, 0, 0, 0, 0, size)
        + struct.pack("<2i8d", 1000, 5, *bounds, 0, 0, 0, 0)
        + body
        for suffix, (body, size) in parts.items()
    }
    return as_zip({**files, f"{name}.dbf": _dbf(fields, rows), f"{name}.prj": _CGCS2000.encode()})


def _bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _dbf(fields: Mapping[str, int], rows: Sequence[Sequence[str]]) -> bytes:
    """Return a dBASE III table of texts."""
    head = b"".join(
        name.encode("gbk").ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
        for name, width in fields.items()
    )
    body = b"".join(
        b" " + b"".join(cell.encode("gbk").ljust(width) for cell, width in zip(row, fields.values(), strict=True))
        for row in rows
    )
    sizes = struct.pack("<I2H", len(rows), 33 + len(head), 1 + sum(fields.values()))
    return bytes([3, 126, 1, 1]) + sizes + bytes(20) + head + b"\r" + body + b"\x1a"


# --- writing ---------------------------------------------------------------------------------------------------------


def files() -> dict[str, bytes]:
    """Return name -> content of every file."""
    houses = list(buildings())
    # The last footprint crosses itself, as a slip of the hand leaves it.
    crossed = [(700, 560), (740, 590), (740, 560), (700, 590), (700, 560)]
    rings = [*(house.ring for house in houses), crossed]
    table = [(house.id, str(house.storeys or ""), house.address) for house in houses] + [("B999", "3", "画错的楼")]
    return {
        "区划.geojson": divisions().encode(),
        "网格.xlsx": as_xlsx(grids(), "网格"),
        "村社区.csv": as_csv(villages()).encode("utf-8-sig"),
        "摄像机登记表.xlsx": as_xlsx(cameras(), "登记表"),
        "建筑.zip": as_shapefile("jianzhu", rings, {"楼栋编号": 8, "层数": 4, "坐落": 40}, table),
        "道路.geojson": roads().encode(),
        "地址.csv": as_csv(addresses()).encode("gbk"),
    }


def main(folder: Path) -> None:
    """Write every file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
        print(f"{folder / name}: {len(content):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "samples")
