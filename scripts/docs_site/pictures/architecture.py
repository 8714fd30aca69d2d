"""Draw the packages and which may use which: rows from the import contracts, arrows from the real imports."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import NamedTuple

import grimp

from scripts.docs_site.navigation import ROOT
from scripts.docs_site.pictures.svg import COMPUTING, MUTED, PANELS, PAPER, STORING, Drawing

PACKAGES = ("geo", "maps", "api", "migrations")


class Room(NamedTuple):
    """Say how a room of the engine is shown: its column from the left, and what it is for."""

    column: int
    zh: str
    en: str


#: Rooms of ``geo`` -> where they stand in their row; the row itself comes from the contracts. Modules have no arrows:
#: those at the bottom are used by all, ``kernels`` calls all.
ROOMS: Mapping[str, Room] = {
    "kernels": Room(0, "预先编译内核", "compile kernels ahead"),
    "studies": Room(1, "一个用户问题一个函数：读取、分析、存储", "one function a user question: read, analyse, store"),
    "demo": Room(0, "虚构县", "a fictional county"),
    "check": Room(1, "检查数据", "check the data"),
    "derivation": Room(1, "由道路派生部位", "places derived from roads"),
    "network": Room(2, "道路图：可达、巡查", "the graph of roads: reach, patrol"),
    "assessment": Room(1, "评价范围、指标、盲区、成因", "domain, figures, gaps"),
    "visibility": Room(1, "视域、通视、光学", "views, lines of sight, optics"),
    "planning": Room(1, "选址与划分", "siting, partition"),
    "overlay": Room(0, "逐块精确叠加", "exact overlay by tiles"),
    "registers": Room(1, "两份清单的配对", "pairs of two registers"),
    "statements": Room(2, "文字中关于地点的数字与声明", "what a text says of places"),
    "places": Room(2, "归属、地址", "owners, addresses"),
    "storage": Room(4, "两种库、历史、过滤", "two stores, history, filters"),
    "readers": Room(5, "读取任何文件", "read any file"),
    "basemaps": Room(3, "自有底图的瓦片", "tiles of own base maps"),
}

#: Modules and rooms that everything above may use -> what they are for.
FOUNDATION: Mapping[str, tuple[str, str]] = {
    "parallel": ("多核执行", "work on all cores"),
    "catalog": ("图层、字段、结果的声明", "layers, fields, results declared"),
    "crs": ("坐标系", "coordinate systems"),
    "crs_stored": ("存储的坐标系", "the stored CRS"),
    "crs_gcj": ("GCJ-02 与 BD-09", "GCJ-02 and BD-09"),
    "coordinate_values": ("文字里的坐标", "coordinates in texts"),
    "crs_words": ("坐标系的叫法", "words for CRSs"),
    "crs_cgcs2000": ("CGCS2000 分带", "zones of CGCS2000"),
    "crs_metric": ("计算坐标系", "computing CRS"),
    "crs_datum": ("基准的疑问", "doubt of datums"),
    "outliers": ("远处的行", "rows far away"),
    "angles": ("方向之间的角", "angles between directions"),
    "mixed_shapes": ("点线面兼有的图形", "shapes of several kinds"),
    "plain_words": ("名称与词的一种写法", "one form of names and words"),
    "row_keys": ("行的名称", "names of rows"),
    "types": ("分析结果", "results of analyses"),
    "bounds": ("输入界限", "bounds on input"),
    "files": ("整文件写入", "files written whole"),
    "figure_text": ("数字的写法", "how figures are written"),
    "errors": ("错误", "errors"),
    "sentences": ("两种语言的句子", "sentences of two languages"),
}

#: Rooms of the two packages above -> what they are for, by row.
ABOVE: Mapping[str, tuple[tuple[tuple[str, str, str], ...], ...]] = {
    "api": (
        (("commands", "命令行：一个命令一个问题", "one command a question"), ("routes", "HTTP 路由", "HTTP routes")),
        (
            ("representations", "回答的格式", "forms of answers"),
            ("schemas", "请求与接口文档", "requests, OpenAPI"),
            ("security", "身份与权限", "callers and rights"),
            ("jobs", "排队的分析", "queued analyses"),
            ("imports", "待确认的导入", "imports that wait"),
            ("tiles", "瓦片连接池", "connections for tiles"),
        ),
    ),
    "maps": (
        (
            ("web", "网页与单文件地图", "page, one-file map"),
            ("print", "矢量图纸 PDF", "vector sheets"),
            ("tiles", "矢量瓦片", "vector tiles"),
        ),
        (("style", "颜色、类别、文字", "colours, classes, words"), ("map_data", "一张图的内容", "content of a map")),
    ),
}
TITLES = {
    "api": "api：命令行与 HTTP 接口 · command line and HTTP",
    "maps": "maps：地图、图纸、瓦片 · maps, sheets, tiles",
    "geo": "geo：引擎，不知道 HTTP 与地图 · the engine, knows neither HTTP nor maps",
}


def rows() -> list[list[str]]:
    """Return the rooms of ``geo`` from the top to the bottom, as the contract in pyproject has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one.get("containers") == ["geo"])
    return [[name.strip() for name in row.split("|")] for row in layers]


def imports() -> set[tuple[str, str]]:
    """Return which room imports which, in all four packages."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    pairs = (
        (_room(module), _room(other))
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
    )
    return {pair for pair in pairs if pair[0] != pair[1]}


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def arrows() -> list[tuple[str, str]]:
    """Return which rooms of ``geo`` import which, without what follows from the other arrows."""
    rooms = {f"geo.{name}" for name in ROOMS if name != "kernels"}
    direct = {pair for pair in imports() if set(pair) <= rooms}
    indirect = {(a, d) for a, b in direct for c, d in _closure(direct) if b == c}
    return sorted((a.removeprefix("geo."), b.removeprefix("geo.")) for a, b in direct - indirect)


def _closure(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    out = set(pairs)
    while more := {(a, d) for a, b in out for c, d in out if b == c} - out:
        out |= more
    return out


# --- the picture ------------------------------------------------------------------------------------------------------

_WIDTH, _LEFT, _INNER = 1356, 24, 1076
_COLUMN, _STEP, _BOX, _GAP = 168, 176, 54, 26
_SPAN = {"studies": 5}  # the one room that brings analyses and stores together is as wide as both


def draw() -> str:
    """Return the picture as SVG."""
    picture = Drawing(_WIDTH, "格眼的架构：包、方向、两种库 / Gridsight: packages, direction, two stores")
    y = 22.0
    _outside(picture, y)
    y += 58
    top = y
    for name in ABOVE:
        y = _above(picture, y, name) + 34
        picture.arrow([(_LEFT + _INNER / 2, y - 34), (_LEFT + _INNER / 2, y - 4)])
    # Commands and routes use the engine directly too.
    right = _LEFT + _INNER
    picture.arrow([(right, top + 40), (right + 22, top + 40), (right + 22, y + 60), (right + 3, y + 60)])
    return picture.finish(_engine(picture, y) + 22)


def _outside(picture: Drawing, y: float) -> None:
    names = ("浏览器 · browser", "QGIS、GDAL、OWSLib", "命令行 · terminal", "其他系统 · other systems")
    width = (_INNER - 3 * 16) / 4
    for k, name in enumerate(names):
        x = _LEFT + k * (width + 16)
        picture.box(x, y, width, 32, PANELS["outside"][0], stroke=PANELS["outside"][1], radius=16)
        picture.text(x + width / 2, y + 21, name, 13, anchor="middle", fill=MUTED)
        picture.arrow([(x + width / 2, y + 32), (x + width / 2, y + 55)])


def _panel(picture: Drawing, y: float, height: float, name: str) -> None:
    fill, stroke = PANELS[name]
    picture.box(_LEFT, y, _INNER, height, fill, stroke=stroke, radius=10)
    picture.text(_LEFT + 14, y + 23, TITLES[name], 14, bold=True)


def _card(picture: Drawing, x: float, y: float, width: float, name: str, said: tuple[str, str], stroke: str) -> None:
    picture.box(x, y, width, _BOX, PAPER, stroke=stroke)
    picture.text(x + 10, y + 18, name, 13, bold=True, code=True)
    if width > 1.5 * _COLUMN:
        picture.text(x + 10, y + 37, f"{said[0]} · {said[1]}", 11.5, fill=MUTED)
        return
    picture.text(x + 10, y + 33, said[0], 11.5, fill=MUTED)
    picture.text(x + 10, y + 47, said[1], 11.5, fill=MUTED)


def _above(picture: Drawing, y: float, name: str) -> float:
    """Draw the panel of one of the two packages above the engine; return where it ends."""
    panel_rows = ABOVE[name]
    height = 34 + len(panel_rows) * (_BOX + 8) + 6
    _panel(picture, y, height, name)
    for k, row in enumerate(panel_rows):
        width = (_INNER - 28 - 8 * (len(row) - 1)) / len(row)
        for n, (room, *said) in enumerate(row):
            x, here = _LEFT + 14 + n * (width + 8), y + 34 + k * (_BOX + 8)
            _card(picture, x, here, width, room, (said[0], said[1]), PANELS[name][1])
    return y + height


def _engine(picture: Drawing, y: float) -> float:
    """Draw the engine, its stores beside it, and the migrations; return where it ends."""
    known = {name for row in rows() for name in row}
    assert known <= {*ROOMS, *FOUNDATION}, f"a room has no place in the picture: {known - {*ROOMS, *FOUNDATION}}"
    above = [row for row in rows() if set(row) <= set(ROOMS)]
    below = [name for row in rows() if not set(row) <= set(ROOMS) for name in row]
    levels = _levels(above)
    depth = max(levels.values()) + 1
    step = _BOX + _GAP
    height = 38 + depth * step + _foundation_height(below) + 12
    _panel(picture, y, height, "geo")
    places: dict[str, tuple[float, float, float]] = {
        name: (_LEFT + 14 + ROOMS[name].column * _STEP, y + 38 + level * step, _width(name))
        for name, level in levels.items()
    }
    for upper, lower in arrows():
        _connect(picture, places[upper], places[lower])
    for name, (x, here, width) in places.items():
        stroke = STORING if name in {"storage", "readers", "basemaps", "studies"} else COMPUTING
        _card(picture, x, here, width, name, (ROOMS[name].zh, ROOMS[name].en), stroke)
    _foundation(picture, y + 38 + depth * step, below)
    _stores(picture, places, step)
    return y + height


def _width(name: str) -> float:
    return _COLUMN + (_SPAN.get(name, 1) - 1) * _STEP


def _levels(above: list[list[str]]) -> dict[str, int]:
    """Return the line that each room is drawn in: a row of the contract, shared with the one above where both fit."""
    out: dict[str, int] = {}
    pairs = set(arrows())
    level, taken = 0, set[int]()
    for row in above:
        columns = {ROOMS[name].column + k for name in row for k in range(_SPAN.get(name, 1))}
        here = {name for name, line in out.items() if line == level}
        if taken & columns or any((upper, name) in pairs for upper in here for name in row):
            level, taken = level + 1, set()
        taken |= columns
        out |= dict.fromkeys(row, level)
    return out


def _connect(picture: Drawing, upper: tuple[float, float, float], lower: tuple[float, float, float]) -> None:
    """Draw one import: straight down where the lower room stands beneath, else aside past the rooms between."""
    (x0, y0, width0), (x1, y1, width1) = upper, lower
    end = x1 + width1 / 2
    if x0 <= end <= x0 + width0:
        picture.arrow([(end, y0 + _BOX), (end, y1 - 2)])
    else:
        side = x0 if end < x0 else x0 + width0
        picture.arrow([(side, y0 + _BOX / 2), (end, y0 + _BOX / 2), (end, y1 - 2)])


_FOUNDATION_COLUMNS = 4


def _foundation_height(names: list[str]) -> float:
    return 30 + -(-len(names) // _FOUNDATION_COLUMNS) * (_BOX + 8) + 4


def _foundation(picture: Drawing, y: float, names: list[str]) -> None:
    fill, stroke = PANELS["foundation"]
    picture.box(_LEFT + 10, y, _INNER - 20, _foundation_height(names), fill, stroke=stroke, radius=8)
    picture.text(_LEFT + 24, y + 20, "以上各处都可使用 · used by all above", 12.5, bold=True)
    width = (_INNER - 48 - 8 * (_FOUNDATION_COLUMNS - 1)) / _FOUNDATION_COLUMNS
    for k, name in enumerate(names):
        line, column = divmod(k, _FOUNDATION_COLUMNS)
        x, here = _LEFT + 24 + column * (width + 8), y + 30 + line * (_BOX + 8)
        _card(picture, x, here, width, name, FOUNDATION[name], stroke)


def _stores(picture: Drawing, places: dict[str, tuple[float, float, float]], step: float) -> None:
    """Draw what stands outside: files, the two stores, and the migrations that build the database."""
    x, width = _LEFT + _INNER + 52, 180
    stored, read = places["storage"], places["readers"]
    y = stored[1]
    server, embedded = y - 2 * step + 4, y - step + 4
    fill, stroke = PANELS["migrations"]
    picture.box(x, y - 3 * step, width, _BOX, fill, stroke=stroke)
    picture.text(x + 10, y - 3 * step + 18, "migrations", 13, bold=True, code=True)
    picture.text(x + 10, y - 3 * step + 33, "带日期的升级步骤", 11.5, fill=MUTED)
    picture.text(x + 10, y - 3 * step + 47, "dated steps", 11.5, fill=MUTED)
    picture.arrow([(x + width / 2, y - 3 * step + _BOX), (x + width / 2, server - 2)])
    for top, name, said, line in (
        (server, "PostgreSQL + PostGIS", "服务器模式 · server mode", stroke),
        (embedded, "workspace.gpkg", "嵌入模式 · embedded mode", STORING),
    ):
        picture.cylinder(x, top, width, _BOX + 6, PAPER, line)
        picture.text(x + width / 2, top + 33, name, 13, bold=True, anchor="middle")
        picture.text(x + width / 2, top + 49, said, 11.5, fill=MUTED, anchor="middle")
    picture.box(x, y + 4, width, _BOX - 8, PAPER, stroke=PANELS["outside"][1])
    picture.text(x + 10, y + 22, "数据文件 · files", 13, bold=True)
    picture.text(x + 10, y + 39, "GPKG SHP CSV XLSX PBF …", 11.5, fill=MUTED)
    picture.arrow([(x, read[1] + _BOX / 2), (read[0] + read[2] + 2, read[1] + _BOX / 2)])
    for k, top in enumerate((embedded, server)):
        up, target = stored[0] + stored[2] - 20 - 18 * k, top + (_BOX + 6) / 2
        picture.arrow([(up, stored[1]), (up, target), (x - 2, target)], colour=STORING)
