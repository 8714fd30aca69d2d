"""Read plain rows in the XML of a sheet by one pattern; a chunk with anything else is left to the XML parser.

A parser calls its handlers for each of some million elements, which is most of the time of a large register. Nearly all
rows are written in one plain form by every program. What is accepted here is well-formed and means what the parser
finds in it; comments, rich texts, entities other than the five of XML, and whatever is rare are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.parsers import expat

from geo.readers.sheets.sheet_cells import MAX_SHEET_ROWS, Row, put_cell

_ATTRIBUTES = r'(?: [A-Za-z][A-Za-z0-9:]{0,40}="[^"<>&\x00-\x1f]{0,200}")*'
_OF_FORMULA = r'(?: t="[A-Za-z]{1,20}")?(?: ref="[A-Z0-9:$]{1,40}")?(?: ca="[01]")?(?: si="[0-9]{1,10}")?'
_TEXT = r"[^<]{0,60000}"
_ROW = re.compile(rf'<row(?: r="([0-9]{{1,7}})")?({_ATTRIBUTES})(/?)>')
_CELL = re.compile(
    rf'<c(?: r="([A-Z]{{1,3}})[0-9]{{1,7}}")?({_ATTRIBUTES})'
    rf"(?:/>|>(<f{_OF_FORMULA}(?:/>|>{_TEXT}</f>))?"
    rf'(?:<v>({_TEXT})</v>|<is><t(?: xml:space="preserve")?>({_TEXT})</t></is>)?</c>)'
)
_ROW_END = "</row>"
#: What XML forbids, or a parser changes at the end of a line, and what may not be in a text.
_FORBIDDEN = bytes({*range(32)} - {9, 10})
_FORBIDDEN_IN_TEXT = ("\ufffe", "\uffff", "]]>")
_ENTITY = re.compile("&(amp|lt|gt|quot|apos);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
#: How an attribute says yes.
TRUE = ("1", "true")
#: Distinct attributes that are remembered: styles and kinds of cells, heights of rows.
_MAX_KNOWN = 4096


class Chunk(NamedTuple):
    """What a chunk of plain rows holds: the rows with a value, the numbers of those not shown and of the last one."""

    rows: list[Row]
    hidden: list[int]
    last: int


class PlainRows:
    """Reader of the plain rows of one sheet.

    Parameters
    ----------
    value
        Returns the value of a cell of that kind, style and text, and whether it has a formula; None for no value.
    column
        Returns the place from 0 of the column of those letters.
    """

    def __init__(self, value: Callable[[str, str, str, bool], Any], column: Callable[[str], int]) -> None:
        self._value, self._column = value, column
        self._columns: dict[str, int] = {}
        self._known: dict[str, tuple[str, str, bool]] = {}

    def rows(self, chunk: bytes, number: int) -> Chunk | None:
        """Return what a chunk of whole rows holds.

        Parameters
        ----------
        chunk
            UTF-8, from the beginning of a row to the end of one.
        number
            The row number before the chunk.

        Returns
        -------
        None where the chunk holds anything but plain rows.
        """
        try:
            return self._rows(_checked(chunk), number)
        except _NotPlain:
            return None

    def _rows(self, chunk: str, number: int) -> Chunk:
        found: list[Row] = []
        hidden: list[int] = []
        before, *parts = _ROW.split(chunk)
        _require(not before or before.isspace())
        for row, attributes, is_empty, body in zip(*(parts[group::4] for group in range(4)), strict=True):
            _, _, is_hidden = self._known.get(attributes) or self._kind(attributes)
            number = number + 1 if row is None else int(row)
            _require(0 < number <= MAX_SHEET_ROWS)
            if is_hidden:
                hidden.append(number)
            text = body.rstrip()
            if is_empty:
                _require(not text)
                continue
            _require(text.endswith(_ROW_END))
            cells = self._cells(text[: -len(_ROW_END)])
            if cells:
                found.append((number, cells))
        return Chunk(found, hidden, number)

    def _cells(self, body: str) -> list[Any]:
        cells: list[Any] = []
        known, columns, value_of = self._known, self._columns, self._value
        parts = _CELL.split(body)
        _require(not parts[-1] or parts[-1].isspace())
        place = -1
        # Six texts a cell, taken in turn from one iterator; the last is what follows the last cell.
        for gap, letters, attributes, formula, value, text in zip(*[iter(parts)] * 6, strict=False):
            if gap:
                _require(gap.isspace())
            if letters is None:
                place += 1
            else:
                place = columns.get(letters, -1)
                if place < 0:
                    place = columns[letters] = self._column(letters)
            shown = value or text or ""
            if not shown and formula is None:
                continue
            kind, style, _ = known.get(attributes) or self._kind(attributes)
            if "&" in shown:
                shown = _ENTITY.sub(lambda one: _ENTITIES[one[1]], shown)
            cell = value_of(kind, style, shown, formula is not None)
            if cell is None:
                continue
            if place == len(cells):
                cells.append(cell)
            else:
                put_cell(cells, place, cell)
        return cells

    def _kind(self, attributes: str) -> tuple[str, str, bool]:
        """Return kind and style, which a cell has, and whether it is hidden, which a row may be."""
        found: dict[str, str] = {}
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda _tag, read: found.update(read)
        try:
            parser.Parse(f"<c{attributes}/>", True)
        except expat.ExpatError:
            raise _NotPlain from None
        _require("r" not in found)
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        made = found.get("t", "n"), found.get("s", "0"), found.get("hidden") in TRUE
        return self._known.setdefault(attributes, made)


class _NotPlain(Exception):
    """The parser is to read the chunk."""


def _require(is_plain: bool) -> None:
    if not is_plain:
        raise _NotPlain


def _checked(chunk: bytes) -> str:
    """Return the text of a chunk, whose characters and entities are all plain."""
    _require(len(chunk.translate(None, _FORBIDDEN)) == len(chunk))
    try:
        text = chunk.decode()
    except UnicodeDecodeError:
        raise _NotPlain from None
    _require(not any(one in text for one in _FORBIDDEN_IN_TEXT))
    _require("&" not in text or text.count("&") == len(_ENTITY.findall(text)))
    return text
