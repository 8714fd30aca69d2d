"""Find the heading rows of a table below its title, and join those of several rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from geo.catalog.heading_patterns import is_of_something_else
from geo.catalog.layers import Layer
from geo.errors import BadValue
from geo.readers.columns.column_mapping import COORDINATES, is_personal, map_columns, normalised_column_name
from geo.readers.columns.column_plan import ColumnPlan
from geo.readers.columns.profiles import PROFILES, recognised
from geo.readers.sheets.sheet_cells import LostCell, Merge, Row
from geo.readers.words.units import is_unit

#: Rows, empty ones not counted, among which the heading is looked for.
_MAX_SEARCHED = 40
_MAX_LEVELS = 4
#: A row of fewer known headings than this may as well be data.
_MIN_KNOWN = 2
_MAX_HEADING = 80
#: Texts of a row that may be a form that somebody filled in.
_MAX_FORM = 20
# A unit row may hold these as well, which no number is converted by.
_OTHER_UNITS = frozenset(
    ["十进制度", "万像素", "mp", "台", "套", "元", "万元", "年", "m2", "平方米", "亩", "公顷", "km2", "平方公里"]
)
_AROUND_UNIT = re.compile(r"[(\[]?(?:单位:?)?(.*?)[)\]]?")
#: What a template says below a heading.
_REQUIREMENTS = re.compile(
    r"[(（]?(?:必填|选填|必选|可选|非必填|必填项|选填项|文本|文字|字符|字符串|数字|数值|小数|整数|日期|required|optional|text|string|number|integer|date)[)）]?"
)
#: A form that is filled in: 填报人：张三, 填报单位（盖章）：综治中心.
_FILLED_IN = re.compile(r"[\u4e00-\u9fff)）]\s*[:：]\s*\S")
#: Share of the columns that a text is merged over where it is said of the whole table.
_WHOLE_WIDTH = 0.8
# What says what the table is, and of when.
_TITLE = re.compile(r"[表单册]$|台账|清单|明细|统计|登记|汇总|\d{4}\s*年|\d{4}-\d|日期|单位\s*[:：]")
# A place, a code or a date in a cell.
_DATA = re.compile(r"\d\s*[°º′'\":：]\s*\d|\d[.,，]\s*\d{2}|\d{5}|\b(?:POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Headings:
    """The headings of a table.

    Attributes
    ----------
    first, last
        Row numbers of the heading rows, from 1 as a spreadsheet shows them.
    columns
        Position from 0 of each column that has a heading.
    shown
        Its heading as a planner sees it, the levels joined by ``/``, a unit in brackets.
    known_as
        The part of it that fields are known by.
    known
        How many of them are known headings of the layer.
    filled
        Columns with a heading cell of their own; a row of one cell is a title.
    is_grouped
        Whether the first row has several groups, each merged over the headings below it.
    rows_above
        Numbers of rows of another table above, which are not read.
    """

    first: int
    last: int
    columns: list[int]
    shown: list[str]
    known_as: list[str]
    known: int
    filled: int = 0
    is_grouped: bool = False
    rows_above: tuple[int, ...] = ()


def find_headings(rows: Sequence[Row], merges: Sequence[Merge], plan: ColumnPlan, header_row: int | None) -> Headings:
    """Return the headings of a table: the rows with most headings that the layer knows, else the first full row.

    Parameters
    ----------
    rows
        The rows that are not empty, with their numbers.
    merges
        Merged regions, which a heading fills.
    plan
        The layer, and what the user said of its columns.
    header_row
        The number of the first heading row where the user named it.

    Raises
    ------
    BadValue
        Where that row is empty, or lies below the last.
    """
    searched = list(rows[:_MAX_SEARCHED])
    banners = _banner_rows(searched, merges)
    score = _scorer(plan)
    if header_row is not None:
        place = next((place for place, (number, _) in enumerate(rows) if number == header_row), None)
        if place is None:
            last = rows[-1][0]
            if header_row > last:
                raise BadValue(
                    f"没有第 {header_row} 行：最后一行是第 {last} 行",
                    f"there is no row {header_row}: the last is {last}",
                )
            raise BadValue(f"第 {header_row} 行是空的，不能作表头", f"row {header_row} is empty, and no heading")
        below = rows[place + 1 : place + _MAX_LEVELS]
        return _block([rows[place], *_before(below, banners)], merges, plan.layer, score)
    blocks = [
        _block(_before(searched[place : place + _MAX_LEVELS], banners), merges, plan.layer, score)
        for place, (number, cells) in enumerate(searched)
        if number not in banners and _may_be_heading(cells)
    ]
    # Of equal ones the shorter, or a title would count as a heading; but not where it leaves out headings above.
    best = max(blocks, key=_rank, default=None)
    if best is not None and best.known >= _MIN_KNOWN:
        read = [row for row in searched if row[0] not in banners]
        above = [one for one in blocks if one.last < best.first and _is_of_table(one, plan)]
        rows_of = {one.first: _rows_between(read, one.last, best.first) for one in above}
        is_read = (
            rows_of[one.first] if plan.keeps_rows else _has_rows_before(searched, one, best.first, plan.layer)
            for one in above
        )
        first = next((one for one, rows in zip(above, is_read, strict=True) if rows), None)
        if first is not None:
            return first
        return replace(best, rows_above=rows_of[above[0].first] if above else ())
    left = [row for row in searched if row[0] not in banners] or searched
    return _block([left[_first_full(left)]], merges, plan.layer, score)


def _is_of_table(one: Headings, plan: ColumnPlan) -> bool:
    """Return whether a row above the best headings may be the heading of a table of its own.

    Every row of a list that keeps its rows has an answer, so that less is asked of a heading there.
    """
    if plan.keeps_rows:
        return one.known >= 1 and 2 * one.known >= one.filled
    return one.known >= _MIN_KNOWN


def _rows_between(rows: Sequence[Row], above: int, below: int) -> tuple[int, ...]:
    """Return the numbers of the rows between two headings that have several cells, or a number or a place in one."""
    return tuple(
        number
        for number, cells in rows
        if above < number < below
        and (
            sum(cell_text(cell) != "" for cell in cells) >= _MIN_KNOWN
            or any(is_number_like(cell) or holds_data(cell) for cell in cells)
        )
    )


def _rank(one: Headings) -> tuple[int, int, bool, int, int]:
    return one.known, one.filled, one.is_grouped, one.first - one.last, -one.first


def _banner_rows(rows: Sequence[Row], merges: Sequence[Merge]) -> set[int]:
    """Return the numbers of the rows that speak of the whole table, as titles, notes and signatures do.

    They hold one text merged over nearly all columns, or the places of a form that somebody filled in. Such a text
    would be the heading of every column that it covers.
    """
    filled = {number: [place for place, cell in enumerate(cells) if cell_text(cell)] for number, cells in rows}
    width = max(map(len, filled.values()), default=0)
    wide = {
        (one.top, one.left)
        for one in merges
        if one.right > one.left and one.right - one.left + 1 >= _WHOLE_WIDTH * width
    }
    return {
        number
        for number, cells in rows
        if (len(filled[number]) == 1 and (number, filled[number][0]) in wide) or _is_filled_in(cells)
    }


def _before(rows: Sequence[Row], banners: Collection[int]) -> list[Row]:
    """Return the rows before the first one that speaks of the whole table."""
    return list(takewhile(lambda row: row[0] not in banners, rows))


def _is_filled_in(cells: Sequence[Any]) -> bool:
    """Return whether a row is of a form that somebody filled in: half of its texts, and the first, say what is what."""
    texts = list(dict.fromkeys(text for cell in cells if (text := cell_text(cell))))
    says = [
        not _is_unit(text) and (_FILLED_IN.search(text) is not None or (text[-1] in ":：" and is_personal(text)))
        for text in texts[:_MAX_FORM]
    ]
    return bool(says) and len(texts) <= _MAX_FORM and says[0] and 2 * sum(says) >= len(says)


def _has_rows_before(rows: Sequence[Row], headings: Headings, end: int, layer: Layer) -> bool:
    """Return whether rows with places stand between headings and the row of a second table, which has more of them."""
    fields = map_columns(headings.known_as, layer, coordinates=True).fields
    where = [headings.known_as.index(column) for field, column in fields.items() if field in COORDINATES]
    places = [headings.columns[place] for place in where]
    return bool(places) and any(
        all(place < len(cells) and (is_number_like(cells[place]) or holds_data(cells[place])) for place in places)
        for number, cells in rows
        if headings.last < number < end
    )


def cell_text(cell: Any) -> str:
    """Return the text of a cell as a heading has it: in one line, without spaces at its ends."""
    if cell is None or isinstance(cell, LostCell):
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return " ".join(str(cell).split())


def is_number_like(cell: Any) -> bool:
    """Return whether a cell is a number, or the text of one."""
    return isinstance(cell, float) or (isinstance(cell, str) and _NUMBER.fullmatch(cell.strip().casefold()) is not None)


def holds_data(cell: Any) -> bool:
    """Return whether a cell has a place, a code or a date in it, as no heading has."""
    return isinstance(cell, str) and _DATA.search(cell[:_MAX_HEADING]) is not None


def _scorer(plan: ColumnPlan) -> Callable[[Sequence[str]], int]:
    named = set(plan.explicit.values())
    columns: dict[str, list[str]] = {}
    for one in PROFILES.values():
        for field, words in one.columns.items():
            columns.setdefault(field, []).append(words)
    extra = {field: " ".join(words) for field, words in columns.items()}

    def score(headings: Sequence[str]) -> int:
        names = list(dict.fromkeys(headings))  # a merged text is one heading, however many columns it covers
        known = map_columns(names, plan.layer, extra=extra if plan.layer.name == "cameras" else {}, coordinates=True)
        profile = recognised(names, plan.layer.name)
        return len(known.fields) + len(known.dropped) + 2 * len(named.intersection(names)) + 2 * (profile is not None)

    return score


def _may_be_heading(cells: Sequence[Any]) -> bool:
    filled = [cell for cell in cells if cell is not None and cell != ""]
    texts = [cell for cell in filled if not is_number_like(cell) and len(cell_text(cell)) <= _MAX_HEADING]
    return bool(texts) and len(texts) >= 0.7 * len(filled)


def _first_full(rows: Sequence[Row]) -> int:
    """Return the place of the first row that fills half of the table, as a title does not."""
    counts = [sum(cell_text(cell) != "" for cell in cells) for _, cells in rows]
    enough = max(2, 0.5 * max(counts)) if max(counts) > 1 else 1
    return next(place for place, count in enumerate(counts) if count >= enough)


# --- headings of several rows ----------------------------------------------------------------------------------------


def _block(
    rows: Sequence[Row], merges: Sequence[Merge], layer: Layer, score: Callable[[Sequence[str]], int]
) -> Headings:
    """Return the headings of the first row, and of those below that go on with it."""
    levels = [_filled(rows[0], merges)]
    groups = sum(one.top == one.bottom == rows[0][0] and one.right > one.left for one in merges)
    is_title = any(_TITLE.search(text) is not None for text in levels[0])
    found = _join(rows[0][0], rows[0][0], levels, layer, score)
    for number, cells in rows[1:]:
        below = _filled((number, cells), merges)
        texts = [text for text in below if text]
        if not texts or not _may_be_heading(cells) or any(is_number_like(cell) or holds_data(cell) for cell in cells):
            break
        are_units = all(_is_unit(text) or _is_requirement(text) for text in texts)
        are_units = are_units and not _says_texts(below, found, layer)
        below = ["" if are_units and _is_requirement(text) else text for text in below]
        longer = _join(found.first, number, [*levels, below], layer, score)
        spans = any(one.top <= found.last < one.bottom and one.bottom == number for one in merges)
        are_names = score(texts) >= max(_MIN_KNOWN, 0.6 * len(texts))  # the same headings in another language
        if not (are_units or spans or are_names or longer.known > found.known):
            break
        levels.append(below)
        found = longer
    return replace(found, is_grouped=groups >= _MIN_KNOWN and found.last > found.first and not is_title)


def _says_texts(below: Sequence[str], above: Headings, layer: Layer) -> bool:
    """Return whether a row says what would be units below headings of texts: a key may be called m, or '."""
    fields = map_columns(above.known_as, layer, coordinates=True).fields
    kinds = {one.name: one.kind for one in layer.all_fields}
    known = {column: kinds.get(name) for name, column in fields.items()}
    kind_of = {place: known.get(name) for place, name in zip(above.columns, above.known_as, strict=True)}
    return any(text and kind_of.get(place) == "text" and not _is_requirement(text) for place, text in enumerate(below))


def _filled(row: Row, merges: Sequence[Merge]) -> list[str]:
    number, cells = row
    texts = [cell_text(cell) for cell in cells]
    for one in merges:
        if one.top == number and one.right > one.left and one.left < len(texts) and texts[one.left]:
            texts.extend([""] * (min(one.right, one.left + 200) + 1 - len(texts)))
            for column in range(one.left + 1, min(one.right, one.left + 200) + 1):
                texts[column] = texts[column] or texts[one.left]
    return texts


def _join(
    first: int, last: int, levels: Sequence[Sequence[str]], layer: Layer, score: Callable[[Sequence[str]], int]
) -> Headings:
    columns, shown, known_as, loosely = [], [], [], []
    above = _groups(levels)
    own = {place for level in levels if len(places := _own_places(level)) > 1 for place in places}
    for column in range(max(map(len, levels))):
        parts = list(dict.fromkeys(level[column] for level in levels if column < len(level) and level[column]))
        if not parts:
            continue
        words = [part for place, part in enumerate(parts) if place == 0 or not _is_unit(part)]
        unit = "".join(f"({part.strip('()（）[]')})" for part in parts[1:] if _is_unit(part))
        columns.append(column)
        shown.append("/".join(words) + unit)
        loose = _known_part(words, layer)
        loosely.append(loose + unit)
        known_as.append((_part_of_row(words, above[column], layer) or loose) + unit)
    return Headings(first, last, columns, shown, known_as, score(loosely), len(own))


def _groups(levels: Sequence[Sequence[str]]) -> list[str]:
    """Return the group above each column; a blank cell goes on with that to its left, which has headings below it.

    Tables of text do not tell of merged cells.
    """
    width = max(map(len, levels))
    padded = [[*level, *[""] * (width - len(level))] for level in levels]
    groups = []
    group = ""
    for column in range(width):
        texts = [level[column] for level in padded]
        if padded[0][column]:
            group = texts[0] if len(set(filter(None, texts))) > 1 else ""
        groups.append(group)
    return groups


def _part_of_row(words: Sequence[str], group: str, layer: Layer) -> str | None:
    """Return the heading in full where its group is of something else and it says no more than 高度; None elsewhere."""
    if not group or _is_unit(words[-1]):
        return None
    last = normalised_column_name(words[-1])
    if not is_of_something_else(layer.name, normalised_column_name(group), last):
        return None
    together = group + words[-1]
    if map_columns([together], layer, coordinates=True).fields:
        return together
    return f"{group}/{words[-1]}" if len(words) == 1 or words[0] == group else "/".join(words)


def _own_places(level: Sequence[str]) -> list[int]:
    """Return where a heading row has a text that it does not share with the column before, as merged cells do."""
    return [place for place, text in enumerate(level) if text and (place == 0 or text != level[place - 1])]


def _known_part(words: Sequence[str], layer: Layer) -> str:
    """Return the heading that fields are known by: the lowest level, or levels together, that the layer knows."""
    whole = "/".join(words)
    if len(words) == 1 or is_personal(whole):
        return whole
    for one in ("".join(words[-2:]), words[-1], "".join(words), *words[-2::-1]):
        if map_columns([one], layer, coordinates=True).fields:
            return one
    return whole


def _is_unit(text: str) -> bool:
    # The degree sign that is a letter for ordinals (º) would become the letter o.
    plain = unicodedata.normalize("NFKC", text.replace("º", "°")).casefold().replace(" ", "")
    found = _AROUND_UNIT.fullmatch(plain)
    return found is not None and (found[1] in _OTHER_UNITS or is_unit(found[1]))


def _is_requirement(text: str) -> bool:
    return _REQUIREMENTS.fullmatch(text.casefold()) is not None
