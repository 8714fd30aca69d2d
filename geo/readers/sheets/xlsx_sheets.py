"""Read the sheets of an XLSX workbook as a stream of XML, which is checked before.

GDAL and calamine were tried: both give cells in error and formulas without a saved value as empty ones and numbers
without their digits, and hold every cell between the first and the last of a sheet. The standard parser tells them
apart and holds what is there; plain rows are read by one pattern, which is twice as quick.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from geo import bounds
from geo.readers.sheets.number_formats import EPOCH_1900, EPOCH_1904, Formatter, formats_of_styles
from geo.readers.sheets.sheet_cells import (
    ERROR_CELL,
    LONG_TEXT,
    MAX_SHEET_COLUMNS,
    MAX_SHEET_ROWS,
    NO_VALUE,
    CellCounter,
    DateText,
    LostCell,
    Merge,
    Row,
    Sheet,
    merges_within,
    number_cell,
    put_cell,
)
from geo.readers.sheets.xlsx_rows import TRUE, PlainRows
from geo.readers.sheets.xml_parts import check_parts, opened_workbook, parse, parser_of
from geo.readers.source import FileLimits, no_share, unreadable

_DAMAGED = "文本在文件里缺失，作空 / its text is missing in the file: left empty"
_FIRST_ROW, _ROW_END = b"<sheetData>", b"</row>"
#: Bytes in which a row ends, or the parser takes the rest.
_MAX_ROW_BYTES = 4 << 20
#: An XML declaration that names another encoding than UTF-8, in the first bytes.
_DECLARATION = 200
_OTHER_ENCODING = re.compile(rb"encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
#: Longest text of a cell; a spreadsheet holds 32,767 characters.
_MAX_CHARS = 1 << 16
#: Cells that have a style only, of which a sheet may have millions, before another cell that says where it is.
_EMPTY = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")? ?(?:/>|></c>)(?=\s*(?:<c r="|</row>))')
#: One of these is in a text that holds such a cell.
_ENDS_OF_EMPTY = (b"/>", b'"></c>')
#: Kinds of cells that are no number and no text: truth, error and date.
_RARE_KINDS = frozenset("bed")
#: How a workbook writes a character that XML cannot hold, such as a carriage return: ECMA-376 part 1, 22.9.2.19.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def read_xlsx(path: Path, limits: FileLimits, progress: Callable[[float], None] = no_share) -> list[Sheet]:
    """Return the sheets of a workbook, charts left out.

    Parameters
    ----------
    progress
        Called with the share of the file that is read.

    Raises
    ------
    UnreadableFile
        For a damaged workbook, and one over a bound of docs/bounds.md.
    """
    with opened_workbook(path, limits) as archive:
        check_parts(path.name, archive, limits)
        return _sheets(path.name, archive, limits, progress)


def _sheets(name: str, archive: zipfile.ZipFile, limits: FileLimits, progress: Callable[[float], None]) -> list[Sheet]:
    listed, epoch, is_uncomputed = _listed(archive)
    if not listed:
        raise unreadable(name, "没有工作表", "it has no sheet")
    parts = {one.casefold(): one for one in archive.namelist()}
    texts = _shared_texts(name, archive, parts)
    formats = formats_of_styles(archive, parts, epoch)
    counter = CellCounter(name, limits)
    found = []
    done, total = 0, sum(entry.file_size for entry in archive.infolist())
    for title, part, is_hidden in listed:
        actual = parts.get(part.casefold())
        if actual is None or "/chartsheets/" in part or "/dialogsheets/" in part:
            continue
        reader = _SheetReader(texts, formats, counter, is_uncomputed=is_uncomputed)
        entry = archive.getinfo(actual)
        reader.read(_told(bounds.stream(archive, entry), done, total, progress))
        done += entry.file_size
        merges = merges_within(reader.merges, name, limits)
        found.append(Sheet(title, reader.sorted_rows(), merges, is_hidden, reader.hidden_rows))
    if not found:
        raise unreadable(name, "没有工作表", "it has no sheet")
    return found


def _told(pieces: Iterable[bytes], done: int, total: int, progress: Callable[[float], None]) -> Iterator[bytes]:
    """Yield the pieces of a part, and tell the share of the bytes of the file that is read."""
    for piece in pieces:
        yield piece
        done += len(piece)
        progress(min(done / total, 1.0))


def _listed(archive: zipfile.ZipFile) -> tuple[list[tuple[str, str, bool]], datetime, bool]:
    """Return title, part and whether it is hidden of each sheet, the day from which dates count, and the last flag.

    It tells whether formulas are to be computed when the workbook is opened: who wrote it did not, and wrote zeros.
    """
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str, bool]] = []
    epoch, is_uncomputed = EPOCH_1900, False

    main = _main_part(archive)
    folder, _, file = main.rpartition("/")

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join(folder, attributes["Target"])).lstrip("/")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        nonlocal epoch, is_uncomputed
        if tag == "sheet":
            key = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            if key in targets:
                sheets.append((attributes["name"], targets[key], attributes.get("state", "visible") != "visible"))
        elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch = EPOCH_1904
        elif tag == "calcPr":
            is_uncomputed = attributes.get("fullCalcOnLoad") in ("1", "true")

    parse(archive, f"{folder}/_rels/{file}.rels", relation)
    parse(archive, main, sheet)
    return sheets, epoch, is_uncomputed


def _main_part(archive: zipfile.ZipFile) -> str:
    """Return the part that lists the sheets: nearly always ``xl/workbook.xml``, but the package says so."""
    found = ["xl/workbook.xml"]

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(posixpath.normpath(attributes["Target"]).lstrip("/"))

    if found[0] not in archive.namelist():
        parse(archive, "_rels/.rels", relation)
    return found[-1]


def _shared_texts(name: str, archive: zipfile.ZipFile, parts: dict[str, str]) -> list[str]:
    texts: list[str] = []
    pieces: list[str] = []
    is_text, aside, size = False, 0, 0

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal is_text, aside, size
        if tag == "si":
            pieces.clear()
            size = 0
        aside += tag == "rPh"  # how the text is pronounced
        is_text = tag == "t" and not aside

    def end(tag: str) -> None:
        nonlocal is_text, aside
        is_text = False
        aside -= tag == "rPh"
        if tag == "si":
            texts.append(unescaped("".join(pieces)))

    def text(data: str) -> None:
        nonlocal size
        if is_text:
            pieces.append(data)
            size += len(data)
            if size > _MAX_CHARS:
                raise unreadable(name, "一个单元格的文字过长", "the text of one cell is too long")

    part = parts.get("xl/sharedstrings.xml")
    if part is not None:
        parse(archive, part, start, end, text)
    return texts


def unescaped(text: str) -> str:
    r"""Return a text of a workbook with the characters that it writes as their numbers.

    Examples
    --------
    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_"), unescaped("_xD83D__xDE00_") == chr(0x1F600)
    ('a\rb', '_x000D_', True)
    """
    if "_x" not in text:
        return text
    read = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    # Two halves of a character beyond 16 bits are joined; a half alone cannot be stored and is told of as such.
    return read.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


# --- cells -----------------------------------------------------------------------------------------------------------


class _SheetReader:
    """Handlers that collect rows and merged regions of one sheet."""

    def __init__(
        self, texts: list[str], formats: dict[str, Formatter], counter: CellCounter, *, is_uncomputed: bool
    ) -> None:
        self.merges: list[Merge] = []
        self.hidden_rows: set[int] = set()
        self._rows: list[Row] = []
        self._texts, self._formats, self._counter = texts, formats, counter
        self._is_uncomputed = is_uncomputed
        self._columns: dict[str, int] = {}
        self._number, self._column, self._cells = 0, -1, list[Any]()
        self._kind, self._style, self._text = "n", "0", ""
        self._collects, self._is_formula, self._aside = False, False, 0
        self._is_between_rows = False

    def read(self, pieces: Iterable[bytes]) -> None:
        """Read the XML of the sheet: chunks of plain rows by their pattern, all else by the parser."""
        parser = parser_of(self.start, self.end, self.text)
        plain = PlainRows(self._value, self._column_of)
        left = iter(pieces)
        first = next(left, b"")
        begin = first.index(_FIRST_ROW) + len(_FIRST_ROW) if _FIRST_ROW in first else 0
        parser.Parse(first[:begin], False)
        # The parser is between rows unless what looks like their beginning is in a comment.
        is_plain = self._is_between_rows and _OTHER_ENCODING.search(first[:_DECLARATION]) is None
        rest = first[begin:]
        for piece in chain((b"",), left):
            rest += piece
            end = rest.rfind(_ROW_END) + len(_ROW_END)
            if is_plain and end < len(_ROW_END) and len(rest) < _MAX_ROW_BYTES:
                continue
            chunk, rest = (rest[:end], rest[end:]) if is_plain and end >= len(_ROW_END) else (rest, b"")
            if any(one in chunk for one in _ENDS_OF_EMPTY):
                chunk = _EMPTY.sub(b"", chunk)
            if not (is_plain and self._take_plain(plain, chunk)):
                parser.Parse(chunk, False)
                is_plain = is_plain and self._is_between_rows and b"<!" not in chunk and b"<?" not in chunk
        parser.Parse(rest, True)

    def _take_plain(self, plain: PlainRows, chunk: bytes) -> bool:
        """Take the rows of a chunk; return whether it holds nothing but plain ones, else take none."""
        text_left = self._counter.text_left
        found = plain.rows(chunk, self._number)
        if found is None:
            self._counter.text_left = text_left
            return False
        self._number = found.last
        self._counter.take(sum(len(cells) for _, cells in found.rows))
        self._rows.extend(found.rows)
        self.hidden_rows.update(found.hidden)
        return True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else self._column_of(reference)
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._is_formula = False
        elif tag in ("v", "t"):
            self._collects = not self._aside
        elif tag == "f":
            self._is_formula = True
        elif tag == "row":
            self._number = int(attributes.get("r", self._number + 1))
            if not 0 < self._number <= MAX_SHEET_ROWS:
                raise ValueError(self._number)
            self._column, self._cells, self._is_between_rows = -1, [], False
            if attributes.get("hidden") in TRUE:
                self.hidden_rows.add(self._number)
        elif tag == "sheetData":
            self._is_between_rows = True
        elif tag == "mergeCell":
            self._merge(attributes["ref"])
        elif tag == "rPh":
            self._aside += 1

    def text(self, data: str) -> None:
        if self._collects:
            self._text += data
            if len(self._text) > _MAX_CHARS:
                raise ValueError(self._number)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._collects = False
        elif tag == "c":
            text, self._text = self._text, ""
            if text or self._is_formula:
                value = self._value(self._kind, self._style, text, self._is_formula)
                if value is not None:
                    put_cell(self._cells, self._column, value)
        elif tag == "row":
            self._is_between_rows = True
            if self._cells:
                self._counter.take(len(self._cells))
                self._rows.append((self._number, self._cells))
        elif tag == "rPh":
            self._aside -= 1

    def sorted_rows(self) -> list[Row]:
        """Return the rows in the order of their numbers."""
        return sorted(self._rows, key=lambda row: row[0])

    def _value(self, kind: str, style: str, text: str, is_formula: bool) -> Any:
        # Called for each of some million cells: a call more takes a second.
        if kind == "s":
            return self._shared(int(text))
        if kind == "n":
            text = text.strip()
            if not text:
                return LostCell(NO_VALUE) if is_formula else None
            number = float(text)
            if is_formula and self._is_uncomputed and number == 0:
                return LostCell(NO_VALUE)
            made = self._formats.get(style)
            return number_cell(number) if made is None else made(number)
        if kind in _RARE_KINDS:
            return self._rare(kind, text)
        if len(text) > LONG_TEXT:
            self._counter.take_text(text)
        return (unescaped(text) if "_x" in text else text) or None

    def _rare(self, kind: str, text: str) -> Any:
        if kind == "b":
            return "true" if text.strip() == "1" else "false" if text else LostCell(NO_VALUE)
        if kind == "e":
            return LostCell(ERROR_CELL, text)
        self._counter.take_text(text)
        return DateText(text.replace("T", " ").removesuffix("Z").removesuffix(" 00:00:00"))

    def _shared(self, place: int) -> Any:
        if not 0 <= place < len(self._texts):
            return LostCell(_DAMAGED)
        text = self._texts[place]
        if len(text) > LONG_TEXT:
            self._counter.take_text(text)
        return text or None

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters.replace("$", ""):
                column = column * 26 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter.upper()) + 1
            if not 0 < column <= MAX_SHEET_COLUMNS:
                raise ValueError(reference[:20])
            column -= 1
            self._columns[letters] = column
        return column

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        ends = [(int(re.sub(r"\D", "", one)), self._column_of(one)) for one in (first, last or first)]
        (top, left), (bottom, right) = ends
        if 0 < top <= bottom <= MAX_SHEET_ROWS and left <= right:
            self.merges.append(Merge(top, left, bottom, right))
