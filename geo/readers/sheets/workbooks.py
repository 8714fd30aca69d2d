"""Read the sheets of a workbook into one table, whatever its suffix says: the content decides.

All sheets of one shape are read. Sheets that are left out, and rows that are no rows of the layer, are named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geo import bounds
from geo.errors import BadValue, UnknownName
from geo.plain_words import folded_word
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.columns.part_headings import part_columns
from geo.readers.sheets.biff_records import COMPOUND_MAGIC
from geo.readers.sheets.biff_sheets import read_biff
from geo.readers.sheets.heading_rows import Headings, find_headings, is_number_like
from geo.readers.sheets.html_sheets import is_html, read_html
from geo.readers.sheets.ods_sheets import read_ods
from geo.readers.sheets.sheet_cells import Sheet
from geo.readers.sheets.sheet_table import SheetTable, source_of_tables
from geo.readers.sheets.xlsx_sheets import read_xlsx
from geo.readers.source import FileLimits, SourceTable, check_size, no_share, unreadable
from geo.sentences import within
from geo.types import CellFinding

_ZIP_MAGIC = b"PK\x03\x04"
#: First bytes of workbooks before Excel 5, without a container.
_OLD_MAGICS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_PLACES = ("lon", "lat", "x", "y", "wkt")
_NOTES_SHEET = re.compile(r"说明|须知|字典|注释|readme|notes?\b|instructions?", re.IGNORECASE)
_LEFT_OUT = (
    "工作表没有读：表头与所读的工作表不同；可用 --sheet 指明"
    " / a sheet that was not read, as its headings differ: name it with --sheet"
)
_LEFT_OUT_NAMED = (
    "指明的工作表没有读：表头与其他的不同；请单独导入"
    " / a sheet that was named and not read, as its headings differ: import it by itself"
)
_LEFT_OUT_HIDDEN = "隐藏的工作表没有读；可用 --sheet 指明 / a hidden sheet that was not read: name it with --sheet"
_NO_TABLE = "没有读的说明工作表：{0} / sheets of notes, not read: {0}"
_NO_TABLE_HIDDEN = "没有读的隐藏工作表：{0} / hidden sheets, not read: {0}"


def is_workbook(head: bytes) -> bool:
    """Return whether a file begins as a zip or compound file does, which no text does."""
    return head.startswith((_ZIP_MAGIC, COMPOUND_MAGIC))


def read_sheets(
    path: Path, encoding: str | None, limits: FileLimits, progress: Callable[[float], None] = no_share
) -> list[Sheet] | None:
    """Return the sheets of a file by its content; None where it is plain text.

    Parameters
    ----------
    progress
        Called with the share of a workbook that is read.

    Raises
    ------
    UnreadableFile
        For content that is no workbook, a damaged one, or one over a bound.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(COMPOUND_MAGIC):
        return read_biff(path, limits)
    if head.startswith(_ZIP_MAGIC):
        return _read_zip(path, limits, progress)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head or head.lstrip()[:13].lower() == b"mime-version:":
        raise unreadable(
            path.name,
            "是 XML 表格或单个文件网页；另存为 .xlsx 后再导入",
            "it is an XML spreadsheet or a web archive: save it as .xlsx",
        )
    if is_html(head):
        check_size(path.name, path.stat().st_size, limits.xls_bytes)
        return read_html(path.name, path.read_bytes(), encoding, limits)
    if head.startswith(_OLD_MAGICS):
        raise unreadable(
            path.name, "是 Excel 4 以前的格式；另存为 .xlsx 后再导入", "it is older than Excel 5: save it as .xlsx"
        )
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise unreadable(path.name, "内容不是工作簿", "its content is no workbook")
    return None


def _read_zip(path: Path, limits: FileLimits, progress: Callable[[float], None]) -> list[Sheet]:
    with bounds.open_zip(
        path, max_entries=limits.zip_entries, max_bytes=limits.xlsx_bytes, max_ratio=limits.zip_ratio, nested=True
    ) as archive:
        names = set(archive.namelist())
    if any(one.startswith("xl/") and one.endswith(".xml") for one in names) and "xl/workbook.bin" not in names:
        return read_xlsx(path, limits, progress)
    if "content.xml" in names:
        return read_ods(path, limits)
    if "xl/workbook.bin" in names:
        raise unreadable(path.name, "是 .xlsb；另存为 .xlsx 后再导入", "it is an .xlsb workbook: save it as .xlsx")
    raise unreadable(path.name, "不是工作簿", "it is no workbook")


@dataclass(frozen=True)
class _Candidate:
    """A sheet with its headings and the fields they were understood as."""

    sheet: Sheet
    headings: Headings
    chosen: ChosenColumns

    @property
    def columns(self) -> Mapping[str, str]:
        """Field -> heading."""
        return self.chosen.fields

    @property
    def rank(self) -> tuple[bool, int]:
        """What the sheet that decides the shape has most of: a place, then rows by the square of what they say.

        A small sheet with one heading more is not the table, nor a long one of which little is known.
        """
        fields = self.columns
        has_place = "wkt" in fields or all(one in fields for one in _PLACES[:2]) or all(one in fields for one in "xy")
        return has_place or self._says_places, self.rows_below * (len(fields) + len(self._parts)) ** 2

    @property
    def rows_below(self) -> int:
        """Number of rows below the headings."""
        return sum(number > self.headings.last for number, _ in self.sheet.rows)

    @property
    def is_table(self) -> bool:
        """Whether headings of the layer stand above rows: two of them, or that by which alone its rows are known."""
        enough = len(self.columns) + len(self._parts) > 1 or self._says_places
        return enough and self.rows_below > 0

    @property
    def _parts(self) -> Sequence[str]:
        """Columns that no field is read of, and an address is made of."""
        if self.chosen.layer.name != "addresses":
            return []
        taken = set(self.columns.values())
        return [name for name, _ in part_columns(self.headings.shown) if name not in taken]

    @property
    def _says_places(self) -> bool:
        """Whether its words say where the places are."""
        return self.chosen.layer.name == "addresses" and ("text" in self.columns or len(self._parts) > 1)

    def is_like(self, other: _Candidate) -> bool:
        """Return whether both have their places and shared fields under the same headings."""
        mine, theirs = self.columns, other.columns
        shared = set(mine) & set(theirs)
        places = [one for one in _PLACES if one in mine or one in theirs]
        return (
            bool(shared)
            and all(mine.get(one) == theirs.get(one) for one in places)
            and all(mine[one] == theirs[one] for one in shared)
            and 2 * len(shared) >= len(theirs)
        )


def read_workbook(
    path: Path,
    sheets: Sequence[Sheet],
    plan: ColumnPlan,
    limits: FileLimits,
    *,
    names: Sequence[str],
    header_row: int | None,
) -> tuple[SourceTable, ChosenColumns]:
    """Return the rows of all sheets of one shape, and the columns that the plan chose.

    Parameters
    ----------
    names
        The sheets that the user named; empty for all that a spreadsheet program shows.
    header_row
        Row number of the first heading row, from 1, where the user named it.

    Raises
    ------
    UnknownName
        Where there is no sheet of a name given.
    """
    named = {_sheet_named(name, sheets) for name in names}
    asked = [one for one in sheets if one.rows and (one.name in named if named else not one.is_hidden)]
    if not asked:
        raise unreadable(
            path.name,
            "要读的工作表里没有文字或数字（只有图片，或是隐藏的）",
            "the sheets to read hold no text or number, only pictures, or are hidden",
        )
    candidates = _candidates(asked, plan, header_row)
    main = max(candidates, key=lambda one: one.rank)
    alike = [one for one in candidates if one is main or one.is_like(main)]
    tables = [SheetTable(one.sheet, one.headings) for one in alike]
    shown = path.name if len(sheets) == 1 or len(alike) > 1 else f"{path.name}:{main.sheet.name}"
    source, chosen = source_of_tables(path.name, shown, tables, plan, limits)
    known = replace(plan, profile=chosen.profile)
    hidden_tables = [] if named else _hidden_tables(sheets, known, header_row, main)
    apart = [one.sheet.name for one in candidates if one.is_table]
    _name_left_out(source, sheets, [one.sheet for one in alike], named, hidden_tables, apart)
    return source, chosen


def _sheet_named(name: str, sheets: Sequence[Sheet]) -> str:
    """Return the name of a sheet as it is on its tab; spaces around it, width and case may differ."""
    there = [one.name for one in sheets]
    if name in there:
        return name
    found = [one for one in there if folded_word(one) == folded_word(name)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(there)
    raise UnknownName(f"没有工作表 {name}；有：{listed}", f"no sheet {name}; there are: {listed}")


def _candidates(sheets: Sequence[Sheet], plan: ColumnPlan, header_row: int | None) -> list[_Candidate]:
    """Return the sheets with their headings; those without a row of the number given only where all are."""
    found = []
    refused: list[tuple[int, BadValue]] = []
    for one in sheets:
        try:
            found.append(_candidate(one, plan, header_row))
        except BadValue as error:
            refused.append((one.rows[-1][0], error))
    if refused and not found:
        raise max(refused, key=lambda pair: pair[0])[1]  # of the longest sheet
    return found


def _hidden_tables(sheets: Sequence[Sheet], plan: ColumnPlan, header_row: int | None, main: _Candidate) -> list[Sheet]:
    """Return the hidden sheets that hold a table like the one that is read."""
    hidden = [one for one in sheets if one.is_hidden and one.rows]
    with suppress(BadValue):
        return [one.sheet for one in _candidates(hidden, plan, header_row) if one.is_like(main)]
    return []


def _candidate(sheet: Sheet, plan: ColumnPlan, header_row: int | None) -> _Candidate:
    headings = find_headings(sheet.rows, sheet.merges, plan, header_row)
    try:
        chosen = plan.choose(headings.shown, headings.known_as, with_coordinates=True)
    except UnknownName:  # it lacks a column that the user named: another sheet may have it
        others = replace(plan, explicit={})
        chosen = others.choose(headings.shown, headings.known_as, with_coordinates=True)
    return _Candidate(sheet, headings, chosen)


def _name_left_out(
    source: SourceTable,
    sheets: Sequence[Sheet],
    read: Sequence[Sheet],
    named: Collection[str],
    hidden: Sequence[Sheet],
    tables: Collection[str],
) -> None:
    """List the sheets in their order with those that were not read; one that looks like a table is a finding.

    Parameters
    ----------
    named
        The sheets that the user named; empty for none.
    hidden
        The hidden sheets that hold such a table.
    tables
        Names of the sheets with headings of the layer above rows: words alone, as addresses are, make no notes.
    """
    order = {one.name: place for place, one in enumerate(sheets)}
    places = np.array([order[name] for name in source.sheets], dtype=int)
    if source.sheet_of_row is not None:
        source.sheet_of_row = places[source.sheet_of_row]
    source.sheets = tuple(order)
    notes: dict[str, list[str]] = {}
    for one in sheets:
        if any(one is other for other in read) or not one.rows:
            continue
        source.rows_left_out[one.name] = len(one.rows)
        reason = ""
        if named:
            reason = _LEFT_OUT_NAMED if one.name in named else ""
        elif one.is_hidden and not any(one is other for other in hidden):
            notes.setdefault(_NO_TABLE_HIDDEN, []).append(one.name)  # a list of words to choose from
        elif one.is_hidden:
            reason = _LEFT_OUT_HIDDEN
        elif _is_notes(one, is_table=one.name in tables):
            notes.setdefault(_NO_TABLE, []).append(one.name)
        else:
            reason = _LEFT_OUT
        if reason:
            source.file_findings.append(CellFinding("", reason, one.name, (), len(one.rows)))
    for sentence, titles in notes.items():
        source.notes[sentence.format(within(", ".join(titles)))] += sum(source.rows_left_out[name] for name in titles)


def _is_notes(sheet: Sheet, *, is_table: bool) -> bool:
    """Return whether a sheet explains others: by its name, or as it is no table and has no number beside a cell."""
    if _NOTES_SHEET.search(sheet.name):
        return True
    if is_table:
        return False
    for _, cells in sheet.rows:
        filled = [cell for cell in cells if cell is not None and cell != ""]
        if len(filled) > 1 and any(is_number_like(cell) for cell in filled):
            return False
    return True
