"""Word what is doubtful in a text that says a place by a code, coordinates or roads."""

from __future__ import annotations

from collections.abc import Sequence

from geo.places.address.address_faults import Fault
from geo.places.address.cited_words import cited, shortened
from geo.places.address.text_coordinates import TextPoint
from geo.sentences import sentence

#: Characters of a text that a fault cites.
_MAX_CITED = 20
NO_CRS: Fault = {
    "code": "no_crs",
    "text": sentence(
        "坐标没有写明坐标系（WGS-84、CGCS2000、GCJ-02、BD-09），请注明",
        "the coordinates name no CRS: name it (WGS-84, CGCS2000, GCJ-02, BD-09)",
    ),
}
AXIS_ORDER: Fault = {
    "code": "axis_order",
    "text": sentence("看不出哪个数是经度、哪个是纬度，请注明", "which number is the longitude is not clear: say so"),
}


def datum_fault(crs: str, doubt_m: float) -> Fault:
    """Return the fault of a point whose datum has no parameters.

    Examples
    --------
    >>> datum_fault("EPSG:4610", 100.0)["code"]
    'datum'
    """
    text = sentence(
        f"坐标系 {crs} 的基准转换参数不足，点位偏差可达约 {doubt_m:g} 米",
        f"the datum shift of {crs} is not known well: the point may be off by about {doubt_m:g} m",
    )
    return {"code": "datum", "text": text}


def coarse_point(metres: float) -> Fault:
    """Return the fault of coordinates whose last digit is worth so many metres, where another grid is as near.

    Examples
    --------
    >>> coarse_point(1113.2)["text"].split(" / ")[0]
    '坐标只写到约 1100 米，可能在邻近的网格里'
    """
    about = f"{float(f'{metres:.2g}'):.0f}"
    text = sentence(
        f"坐标只写到约 {about} 米，可能在邻近的网格里",
        f"the coordinates are written to about {about} m only: the place may be in a grid beside it",
    )
    return {"code": "coarse_point", "text": text}


def fault_of_point(point: TextPoint) -> Fault | None:
    """Return why coordinates cannot be placed; None where they can.

    Examples
    --------
    >>> (fault_of_point(TextPoint(0, 9, (102.9, 37.4), 102.9, 37.4, None)) or {})["code"]
    'no_crs'
    """
    if point.lon is None or point.lat is None:
        return AXIS_ORDER
    return NO_CRS if point.crs is None else None


def unknown_code(code: str) -> Fault:
    """Return the fault of a code that no grid has.

    Examples
    --------
    >>> unknown_code("x9")["text"]
    '没有编码为 x9 的网格 / there is no grid of the code x9'
    """
    return {
        "code": "unknown_code",
        "text": sentence(f"没有编码为 {code} 的网格", f"there is no grid of the code {code}"),
    }


def old_code(code: str, today: Sequence[str], *, day: str = "") -> Fault:
    """Return the fault of a code of a grid that is no more, with the codes of its ground today, or on another day.

    Examples
    --------
    >>> old_code("x1", ["x7", "x8"])["text"]
    '编码 x1 已停用，今天是 x7、x8 / the code x1 is no longer used: today it is x7, x8'
    """
    text = sentence(
        f"编码 {code} 已停用，{f'{day} ' if day else '今天'}是 {'、'.join(today)}",
        f"the code {code} is no longer used: {f'on {day}' if day else 'today'} it is {', '.join(today)}",
    )
    return {"code": "old_code", "text": text}


def old_name(name: str, today: Sequence[str], *, day: str = "") -> Fault:
    """Return the fault of a name of a grid that is no more, with the codes of its ground today, or on another day.

    Examples
    --------
    >>> old_name("甲村第二网格", ["x7", "x8"])["text"].split(" / ")[0]
    '网格“甲村第二网格”已停用，今天是 x7、x8'
    """
    text = sentence(
        f"网格“{name}”已停用，{f'{day} ' if day else '今天'}是 {'、'.join(today)}",
        f"the grid “{name}” is no more: {f'on {day} it is' if day else 'it is now'} {', '.join(today)}",
    )
    return {"code": "old_code", "text": text}


def future_code(code: str, since: str, day: str, then: Sequence[str]) -> Fault:
    """Return the fault of a code that is not yet used on a day, with the codes that its ground had.

    Examples
    --------
    >>> future_code("x7", "2025-01-01", "2024-06-01", ["x1"])["text"]
    '编码 x7 自 2025-01-01 起才使用，2024-06-01 是 x1 / the code x7 is used since 2025-01-01: on 2024-06-01 it was x1'
    """
    zh, en = (f"{day} 是 {'、'.join(then)}", f"it was {', '.join(then)}") if then else (f"{day} 还没有", "it was none")
    text = sentence(f"编码 {code} 自 {since} 起才使用，{zh}", f"the code {code} is used since {since}: on {day} {en}")
    return {"code": "future_code", "text": text}


def no_grids_on(day: str, *, first: str = "", last: str = "") -> Fault:
    """Return the fault of an answer of a day before the first grid, or after the last day of the last one.

    Examples
    --------
    >>> no_grids_on("2019-01-01", first="2020-01-01")["text"]
    '2019-01-01 还没有网格，最早的自 2020-01-01 起 / no grid was in use on 2019-01-01: the first begins on 2020-01-01'
    >>> no_grids_on("2026-01-01", last="2025-01-01")["text"].split(" / ")[0]
    '2026-01-01 已没有网格，最后的到 2025-01-01 为止'
    """
    zh, en = (
        (f"还没有网格，最早的自 {first} 起", f"the first begins on {first}")
        if first
        else (f"已没有网格，最后的到 {last} 为止", f"the last ended on {last}")
    )
    return {"code": "no_grid", "text": sentence(f"{day} {zh}", f"no grid was in use on {day}: {en}")}


def no_crossing(first: str, second: str) -> Fault:
    """Return the fault of two known roads that do not meet.

    Examples
    --------
    >>> no_crossing("昌灵路", "民主街")["text"]
    '昌灵路、民主街在图上不相交 / 昌灵路, 民主街 do not meet on the map'
    """
    text = sentence(f"{first}、{second}在图上不相交", f"{first}, {second} do not meet on the map")
    return {"code": "no_crossing", "text": text}


def outside_division(name: str, what: str = "") -> Fault:
    """Return the fault of a position, or of a road, that is not in the division that the text names.

    Examples
    --------
    >>> outside_division("土门镇")["text"], outside_division("土门镇", "昌灵路")["text"].split(" / ")[0]
    ('这个位置不在土门镇之内 / the position is outside 土门镇', '昌灵路不在土门镇之内')
    """
    zh, en = what or "这个位置", what or "the position"
    return {"code": "outside", "text": sentence(f"{zh}不在{name}之内", f"{en} is outside {name}")}


def beside_position(words: str) -> Fault:
    """Return the fault of words that say that the place is near a position.

    Examples
    --------
    >>> beside_position("对面")["text"].split(" / ")[0]
    '所说的是这个位置旁近的地方（对面）'
    """
    said = words[:_MAX_CITED]
    text = sentence(f"所说的是这个位置旁近的地方（{said}）", f"the text means a place near this position ({said})")
    return {"code": "nearby", "text": text}


def unread_cell(column: str, words: str) -> Fault:
    """Return the fault of a cell beside an address that was not understood; a person in it is not cited.

    Examples
    --------
    >>> unread_cell("楼号", "待补")["text"].split(" / ")[0]
    '没有读懂“楼号”一列的“待补”'
    """
    of, said = shortened(column), cited(words)
    text = sentence(f"没有读懂“{of}”一列的“{said}”", f"“{said}” of the column {of} was not understood")
    return {"code": "unread", "text": text}


def unread_column(column: str, zh: str, en: str) -> Fault:
    """Return the fault of a cell that has no value to be read, and why.

    Examples
    --------
    >>> unread_column("路", "不是文字", "no text")["text"]
    '“路”一列没有读：不是文字 / the column 路 is not read: no text'
    """
    of = shortened(column)
    return {"code": "unread", "text": sentence(f"“{of}”一列没有读：{zh}", f"the column {of} is not read: {en}")}


def unknown_code_in(column: str, code: str) -> Fault:
    """Return the fault of a cell with a code that no grid has.

    Examples
    --------
    >>> unknown_code_in("新网格编码", "x9")["text"].split(" / ")[0]
    '“新网格编码”一列写的是“x9”，没有这个编码的网格'
    """
    of, said = shortened(column), cited(code)
    text = sentence(
        f"“{of}”一列写的是“{said}”，没有这个编码的网格", f"the column {of} says “{said}”, which is the code of no grid"
    )
    return {"code": "unknown_code", "text": text}


def unknown_road(name: str) -> Fault:
    """Return the fault of a road that is not known.

    Examples
    --------
    >>> unknown_road("火星路")["code"]
    'unknown_road'
    """
    return {"code": "unknown_road", "text": sentence(f"道路图层里没有{name}", f"no road named {name} is known")}
