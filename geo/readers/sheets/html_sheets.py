"""Read the tables of an HTML page, which web platforms save under the name .xls; nothing it links to is fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from geo.readers.sheets.sheet_cells import MAX_SHEET_COLUMNS, CellCounter, Merge, Row, Sheet, merges_within
from geo.readers.source import FileLimits, unreadable

_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_SILENT = {"script", "style", "title", "xml"}
_MAX_SPAN = 1 << 20
_MAX_DEPTH = 20


def is_html(head: bytes) -> bool:
    """Return whether a file begins as an HTML page or table does."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return plain.startswith(b"<") and re.search(rb"<(?:html|table|tr|meta|body|head)[\s>]", plain) is not None


def read_html(name: str, data: bytes, encoding: str | None, limits: FileLimits) -> list[Sheet]:
    """Return the tables of a page as sheets, named by their number; a single one by the file, as spreadsheets do.

    Raises
    ------
    UnreadableFile
        Where the text does not decode, there is no table, or it is over a bound.
    """
    reader = _TableReader(name, limits)
    reader.feed(_text(name, data, encoding))
    reader.close()
    reader.finish()
    tables = [one for one in reader.sheets if one.rows]
    if not tables:
        raise unreadable(name, "网页里没有表格", "the page has no table")
    for number, one in enumerate(tables, 1):
        one.name = str(number) if len(tables) > 1 else name.rpartition(".")[0]
        merges_within(one.merges, name, limits)
    return tables


def _text(name: str, data: bytes, encoding: str | None) -> str:
    declared = _DECLARED.search(data[:4096].replace(b"\0", b""))
    told = [declared[1].decode("ascii")] if declared is not None else []
    told = ["gb18030" if one.lower() in ("gb2312", "gbk") else one for one in told]
    first = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    for one in [encoding] if encoding is not None else [*first, *told, "utf-8-sig", "gb18030"]:
        try:
            return data.decode(one)
        except (UnicodeError, LookupError):
            continue
    raise unreadable(
        name, "文字编码读不出；请用 --encoding 指明", "its text does not decode; name its encoding with --encoding"
    )


class _TableReader(HTMLParser):
    """Collects the tables; a table within a cell is a table of its own."""

    def __init__(self, name: str, limits: FileLimits) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[Sheet] = []
        self._name, self._counter = name, CellCounter(name, limits)
        self._open: list[_Table] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent = tag
        elif tag == "table":
            if len(self._open) >= _MAX_DEPTH:
                raise unreadable(self._name, "表格嵌套过深", "its tables are nested too deeply")
            self._open.append(_Table(self._counter))
            self.sheets.append(self._open[-1].sheet)
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].begin_row()
        elif tag in ("td", "th"):
            told = dict(attrs)
            self._open[-1].begin_cell(_span(told.get("rowspan")), _span(told.get("colspan")))
        elif tag in ("br", "p", "div"):
            self._open[-1].text("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        elif not self._open:
            return
        elif tag == "table":
            self._open.pop().end_row()
        elif tag == "tr":
            self._open[-1].end_row()
        elif tag in ("td", "th"):
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent:
            self._open[-1].text(data)

    def finish(self) -> None:
        """End the tables that the page left open."""
        while self._open:
            self._open.pop().end_row()


class _Table:
    """One table that is being read."""

    def __init__(self, counter: CellCounter) -> None:
        self._counter = counter
        self._rows: list[Row] = []
        self._merges: list[Merge] = []
        self.sheet = Sheet("", self._rows, self._merges)
        self._number, self._cells, self._pieces = 0, list[Any](), list[str]()
        self._in_row = self._in_cell = False
        self._spans = (1, 1)
        #: Column -> last row that a cell above reaches into.
        self._reach: dict[int, int] = {}

    def begin_row(self) -> None:
        self.end_row()
        self._in_row, self._number, self._cells = True, self._number + 1, []

    def end_row(self) -> None:
        self.end_cell()
        if self._in_row and any(cell is not None for cell in self._cells):
            self._rows.append((self._number, self._cells))
        self._in_row = False

    def begin_cell(self, down: int, right: int) -> None:
        self.end_cell()
        if not self._in_row:
            self.begin_row()
        self._in_cell, self._spans, self._pieces = True, (down, right), []

    def text(self, data: str) -> None:
        if self._in_cell:
            self._pieces.append(data)

    def end_cell(self) -> None:
        if not self._in_cell:
            return
        self._in_cell = False
        while self._reach.get(len(self._cells), 0) >= self._number:
            self._take(None)
        (down, right), left = self._spans, len(self._cells)
        lines = (_SPACES.sub(" ", line).strip() for line in "".join(self._pieces).split("\n"))
        self._take("\n".join(line for line in lines if line) or None)
        for _ in range(right - 1):
            self._take(None)
        if down > 1 or right > 1:
            self._merges.append(Merge(self._number, left, self._number + down - 1, left + right - 1))
            for column in range(left, min(left + right, MAX_SHEET_COLUMNS)):
                self._reach[column] = self._number + down - 1

    def _take(self, cell: str | None) -> None:
        if len(self._cells) < MAX_SHEET_COLUMNS:
            self._counter.take(1)
            self._cells.append(cell)


def _span(text: str | None) -> int:
    plain = (text or "").strip()[:7]
    return max(1, min(int(plain), _MAX_SPAN)) if plain.isascii() and plain.isdigit() else 1
