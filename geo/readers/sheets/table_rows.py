"""Take the rows of a table below its heading; skip totals, notes and signatures, and say which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from geo.catalog.examples import EXAMPLE_KEYS
from geo.plain_words import joined_word
from geo.readers.sheets.heading_rows import Headings, cell_text, is_number_like
from geo.readers.sheets.sheet_cells import LostCell, Merge, Row
from geo.sentences import sentence

TOTAL = ("合计行", "total rows")
NOTE = ("注释行", "rows of notes")
SIGNATURE = ("签名行", "rows of signatures")
REPEATED = ("重复的表头行", "repeated heading rows")
SECTION = ("分组标题行", "rows of section titles")
SERIAL = ("只有次序数字的行", "rows with a serial number only")
EXAMPLE = ("示例行", "example rows")
NUMBERING = ("列次行", "rows that number the columns")

#: Blank rows between two others that are kept at most: a stray cell far below is no list of a million rows.
_MAX_BLANK = 1_000
_TOTALS = r"合计|总计|小计|共计|累计|总数|总和|汇总|平均值?|均值"
_TOTAL = re.compile(rf"(?:{_TOTALS}|total|subtotal|sub-total|grandtotal|sum|average)[:]?")
#: What a row says of itself that shows how a form is filled in; it has a place, but no camera stands there.
_EXAMPLE = re.compile(
    r"(?:填写|填表|填报)?(?:示例|样例|范例)\d{0,2}(?:[:(].{0,40})?|例\d{0,2}(?:[:].{0,40})?|例如.{0,40}|examples?\d{0,2}"
)
_MARK = re.compile(r"[计总汇均例]|sum|total|average|example", re.IGNORECASE)
#: In a row without a place also with words around, as 土门镇小计 or 合计35个.
_TOTAL_WITHIN = re.compile(
    r".{0,16}(?:合计|总计|小计|共计)(?:[:(\d].{0,20})?|[总合]?共有?\d+.{0,12}|总\d{1,7}(?:个|台|处|路|套|条|户|人|点位?|座)?|(?:grand|sub)?-?totals?(?:[:(\d].{0,20})?"
)
_NOTE = re.compile(
    r"(?:注|备注|附注|说明|注意|注意事项|填表说明|填报说明|数据来源|来源|资料来源|notes?|remarks?|sources?)(?:\d{0,2}[:.、]|[:(]|\d+$).*"
    r"|[※*].*|(?:填表说明|填报说明|注意事项|备注|说明|注|notes?|remarks?)|第\d+页.*|page\d+.*"
)
_SIGNATURE = re.compile(
    r"(?:填表|制表|填报|审核|复核|审批|审定|批准|编制|编写|经办|校核|负责|制作|统计|录入|填写|上报|报送|汇总|测量|采集|调查|检查|核对|主管|分管|单位|部门|领导|联系)"
    r"(?:单位|部门|科室)?(?:人|人员|员|者|领导|负责人|主管|人签字|签字|签名|签章|盖章|日期|时间|电话|单位|部门|机构)?"
    r"(?:\([^)]{0,12}\))?:.*"
    r"|(?:填表人|制表人|填报人|审核人|复核人|审批人|批准人|编制人|经办人|校核人|统计人|制表日期|填表日期|填报日期|填报单位|单位负责人)(?:\([^)]{0,12}\))?.{0,40}"
    r"|.{0,20}\((?:公章|盖章|签字|签章|章)\).{0,20}|(?:签字|签名|签章|盖章|日期|时间|打印日期|打印时间|导出时间):.*"
    r"|(?:preparedby|filledinby|checkedby|approvedby|reviewedby|signature|signedby|date)[:].*"
)
#: The date beside or below a signature.
_DATE = re.compile(r"(?:\d{4}|_{2,})?(?:年|[-./])(?:\d{1,2}|_*)(?:月|[-./])(?:(?:\d{1,2}|_*)日?)?")
#: The beginning of a title of a section: 一、土门镇; alone in its cell where the title is in the next.
_SECTION = re.compile(r"\(?(?:第?[一二三四五六七八九十]{1,3}|[ivx]{1,4}|\d{1,2})(?:[、.)]|部分|章|片区).{1,30}")
_NUMERAL = re.compile(r"\(?[一二三四五六七八九十]{1,3}[、.)]?")
_SERIAL = re.compile(r"序号|编次|行号|no\.?|s/?n|serial(?:no\.?|number)?|#")
#: Columns that a form numbers in words before it counts the others.
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_MAX_LOOKED = 60
_NEXT_CELLS = 4
_OWN_EXAMPLES = {joined_word(key) for key in EXAMPLE_KEYS}
_MAX_LISTED = 12


@dataclass
class TableRows:
    """The rows of one table.

    Attributes
    ----------
    numbers
        Row number from 1, as a spreadsheet shows it, of each row.
    cells
        Cells of each row, from the first column of the sheet on.
    skipped
        What was skipped, as Chinese and English words -> row numbers.
    """

    numbers: list[int] = field(default_factory=list)
    cells: list[list[Any]] = field(default_factory=list)
    skipped: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def skip(self, what: tuple[str, str], number: int) -> None:
        """Record that the row of that number is no row of the layer."""
        self.skipped.setdefault(what, []).append(number)


def rows_below(
    rows: Iterable[Row], headings: Headings, merges: Sequence[Merge], places: Sequence[int], *, keeps_rows: bool = False
) -> TableRows:
    """Return the rows below the headings.

    Parameters
    ----------
    rows
        The rows that are not empty, merged cells filled down.
    merges
        Merged regions: one that spans half of the columns and more in a row by itself is the title of a section.
    places
        Positions from 0 of the columns that hold the place; a row with a place is kept, whatever its words.
    keeps_rows
        Whether all rows are kept, blank ones between others too.
    """
    found = TableRows()
    if keeps_rows:
        kept = list(_with_blank_rows([row for row in rows if row[0] > headings.last], headings.last))
        return TableRows([number for number, _ in kept], [cells for _, cells in kept])
    heading = {text for one in headings.shown for text in one.split("/")} | set(headings.known_as)
    serial = [
        column
        for column, name in zip(headings.columns, headings.known_as, strict=True)
        if _SERIAL.fullmatch(joined_word(name))
    ]
    titles = {one.top for one in merges if one.right - one.left + 1 >= max(3, 0.5 * len(headings.columns))}
    above: set[str] = set()
    moved: dict[int, int] = {}
    after_note = False
    for number, read in rows:
        if number <= headings.last:
            above.update(cell_text(cell) for cell in (read if number < headings.first else ()))
            continue
        cells = _at_their_columns(read, moved) if moved else read
        if not found.numbers and _is_numbering(cells, headings.columns):
            found.skip(NUMBERING, number)
            continue
        if _is_plain(cells, places):
            found.numbers.append(number)
            found.cells.append(cells)
            after_note = False
            continue
        filled = _first_filled(cells)
        if filled is None:
            continue
        what = None
        has_place = _has_place(cells, places)
        if not has_place or _is_marked(cells[filled]):
            what = _kind(cells, filled, has_place=has_place, after_note=after_note)
            if what is None and not has_place:
                what = _kind_of_lines(read, heading, serial, is_title=number in titles)
                if what == REPEATED:
                    moved = _moved_columns(read, headings) or moved
                elif what is None and all(cell_text(cell) in above for cell in read if cell is not None):
                    what = REPEATED  # the title above the heading, on each page
        if what is None:
            found.numbers.append(number)
            found.cells.append(cells)
        else:
            found.skip(what, number)
        after_note = what in (NOTE, SIGNATURE)
    return found


def _with_blank_rows(rows: Sequence[Row], above: int) -> Iterator[Row]:
    """Yield rows with the blank ones between them, so that answers stand beside their rows.

    A wide gap is none, and a list of which every other line is blank is spaced so.
    """
    numbers = [above, *(number for number, _ in rows)]
    gaps = [after - before - 1 for before, after in pairwise(numbers)]
    gaps = [gap if gap <= _MAX_BLANK else 0 for gap in gaps]
    is_spaced = 2 * sum(gap > 0 for gap in gaps) > len(rows)
    for (number, cells), gap in zip(rows, gaps, strict=True):
        if not is_spaced:
            yield from ((blank, []) for blank in range(number - gap, number))
        yield number, cells


def skipped_sentences(skipped: dict[tuple[str, str], list[str]]) -> dict[str, int]:
    """Return a sentence for each kind of row that was skipped, with its rows, and their number."""
    sentences = {}
    for (zh, en), labels in skipped.items():
        named = listed(labels)
        sentences[sentence(f"跳过{zh}：{named}", f"{en} skipped: {named}")] = len(labels)
    return sentences


def listed(labels: Sequence[str]) -> str:
    """Return the first labels of rows for a sentence, and a mark where there are more."""
    return ", ".join(labels[:_MAX_LISTED]) + (", …" if len(labels) > _MAX_LISTED else "")


def _is_numbering(cells: Sequence[Any], columns: Sequence[int]) -> bool:
    """Return whether a row below the heading counts its columns: 1, 2, 3 or 甲, 乙, 1, 2, all of them filled."""
    texts = [joined_word(cell_text(cells[place])).strip("()[]") for place in columns if place < len(cells)]
    if len(texts) < max(3, len(columns)):
        return False
    stems = 0
    while stems < len(texts) and texts[stems] == _STEMS[stems : stems + 1]:
        stems += 1
    return texts[stems:] == [str(number) for number in range(1, len(texts) - stems + 1)]


def _moved_columns(cells: Sequence[Any], headings: Headings) -> dict[int, int]:
    """Return where the columns of a second heading belong, by those of the first; empty where they are the same."""
    places: dict[str, list[int]] = {}
    for column, shown, known in zip(headings.columns, headings.shown, headings.known_as, strict=True):
        for text in dict.fromkeys([*shown.split("/"), known]):
            places.setdefault(text, []).append(column)
    moved: dict[int, int] = {}
    for place, cell in enumerate(cells):
        text = cell_text(cell)
        if text:
            left = [one for one in places.get(text, []) if one not in moved.values()]
            moved[place] = place if place in left or not left else left[0]
    return moved if any(place != column for place, column in moved.items()) else {}


def _at_their_columns(cells: Sequence[Any], moved: dict[int, int]) -> list[Any]:
    there: list[Any] = [None] * max(len(cells), *(one + 1 for one in moved.values()))
    for place, cell in enumerate(cells):
        column = moved.get(place, place)
        if place in moved or there[column] is None:
            there[column] = cell
    return there


def _is_plain(cells: Sequence[Any], places: Sequence[int]) -> bool:
    """Return quickly whether a row begins with a cell that is no total and has a place, as nearly all do."""
    if not places or places[0] >= len(cells):
        return False
    place, first = cells[places[0]], cells[0]
    if not (type(place) is float or (type(place) is str and place[:1].isdigit() and "年" not in place)):
        return False
    if type(first) is not str:
        return type(first) is float
    return first.isdigit() or (first > " " and _MARK.search(first) is None)


def _first_filled(cells: Sequence[Any]) -> int | None:
    for place, cell in enumerate(cells):
        if cell is not None and cell != "" and (not isinstance(cell, str) or not cell.isspace()):
            return place
    return None


def _is_marked(cell: Any) -> bool:
    # Asked of every row with a place: a million of them take a second.
    return isinstance(cell, str) and len(cell) <= _MAX_LOOKED and _MARK.search(cell) is not None


def _has_place(cells: Sequence[Any], places: Sequence[int]) -> bool:
    for column in places:
        cell = cells[column] if column < len(cells) else None
        if isinstance(cell, str):
            if any(mark.isdigit() for mark in cell[:_MAX_LOOKED]) and not _is_signed(cell):
                return True
        elif cell is not None and not isinstance(cell, LostCell):
            return True
    return False


def _is_signed(cell: str) -> bool:
    """Return whether a cell is a signature or its date, whatever column it stands below."""
    if not any(mark in cell for mark in ":：年"):
        return False
    plain = joined_word(cell[:_MAX_LOOKED])
    return _SIGNATURE.fullmatch(plain) is not None or ("年" in plain and _DATE.fullmatch(plain) is not None)


def _is_example(first: str) -> bool:
    # The example row of this project's templates is looked at cell by cell: who changed it meant it (own_tables).
    return _EXAMPLE.fullmatch(first) is not None and first not in _OWN_EXAMPLES


def _kind(cells: Sequence[Any], filled: int, *, has_place: bool, after_note: bool) -> tuple[str, str] | None:
    first = joined_word(cell_text(cells[filled])[:_MAX_LOOKED])
    of_itself = TOTAL if _TOTAL.fullmatch(first) else EXAMPLE if _is_example(first) else None
    if of_itself is not None or has_place:
        return of_itself
    texts = [joined_word(cell_text(cell)[:_MAX_LOOKED]) for cell in cells if cell is not None and cell != ""]
    words = [text for text in dict.fromkeys(texts) if text]
    if any(_TOTAL_WITHIN.fullmatch(text) for text in words[: 2 if is_number_like(first) else 1]):
        return TOTAL
    # Below the merged name of a township the word stands in the next cells.
    if any(_TOTAL.fullmatch(text) for text in words[1:_NEXT_CELLS]):
        return TOTAL
    if words and (_SIGNATURE.fullmatch(words[0]) or all(_DATE.fullmatch(text) for text in words)):
        return SIGNATURE
    if len(words) <= 2 and (_NOTE.fullmatch(first) or (after_note and len(words) == 1 and not is_number_like(first))):
        return NOTE
    return None


def _kind_of_lines(
    cells: Sequence[Any], heading: set[str], serial: Sequence[int], *, is_title: bool
) -> tuple[str, str] | None:
    texts = [(place, cell_text(cell)) for place, cell in enumerate(cells)]
    texts = [(place, text) for place, text in texts if text]
    if not texts:  # nothing but lost cells
        return None
    if len(texts) > 1 and all(text in heading for _, text in texts):
        return REPEATED
    if is_title and len({text for _, text in texts}) == 1:
        return SECTION
    first, last = joined_word(texts[0][1][:_MAX_LOOKED]), texts[-1][1]
    if (len(texts) == 1 and _SECTION.fullmatch(first)) or (
        len(texts) == 2 and _NUMERAL.fullmatch(first) and not is_number_like(last)
    ):
        return SECTION
    if serial and all(place in serial for place, _ in texts):
        return SERIAL
    return None
