"""Test that plain rows read by their pattern are what the XML parser finds, and that all else is left to it."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnreadableFile
from geo.readers.sheets.number_formats import formatter
from geo.readers.sheets.sheet_cells import NO_VALUE, CellCounter, LostCell, Row
from geo.readers.sheets.xlsx_rows import PlainRows
from geo.readers.sheets.xlsx_sheets import _SheetReader
from geo.readers.sheets.xml_parts import parser_of
from geo.readers.source import FileLimits

TEXTS = ["东门", "", "a&amp;b", "长" * 2000]
FORMATS = {"1": formatter("yyyy/m/d", "164"), "2": formatter("000000", "165")}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="x"><cols><col min="1"/></cols><sheetData>'
TAIL = '</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>'


def _reader(*, is_uncomputed: bool = False, counter: CellCounter | None = None) -> _SheetReader:
    formats = {style: one for style, one in FORMATS.items() if one is not None}
    counter = counter or CellCounter("f.xlsx", FileLimits(xlsx_cells=1000))
    return _SheetReader(TEXTS, formats, counter, is_uncomputed=is_uncomputed)


def _typed(rows: list[Row]) -> list[Any]:
    """Return rows with the kind of each cell: a date that is a text equals another text."""
    return [(number, [(type(cell), cell) for cell in cells]) for number, cells in rows]


def _found(xml: str, size: int, *, by_parser: bool, is_uncomputed: bool = False) -> Any:
    """Return what is read of a sheet that comes in blocks of that size, or the kind of its fault."""
    data = xml.encode("utf-8", "surrogatepass")
    counter = CellCounter("f.xlsx", FileLimits(xlsx_cells=1000))
    reader = _reader(is_uncomputed=is_uncomputed, counter=counter)
    try:
        if by_parser:
            parser_of(reader.start, reader.end, reader.text).Parse(data, True)
        else:
            reader.read(data[place : place + size] for place in range(0, len(data), size))
    except (expat.ExpatError, ValueError, KeyError, IndexError, UnreadableFile) as error:
        return UnreadableFile if isinstance(error, UnreadableFile) else ValueError
    return _typed(reader.sorted_rows()), reader.merges, reader.hidden_rows, counter.text_left


PLAIN_CELLS = [
    '<c r="A1"><v>3.5</v></c>',
    '<c r="B2" s="1"><v>43832</v></c>',
    '<c r="C3" s="2" t="n"><v>622</v></c>',
    '<c r="AB7" t="s"><v>0</v></c>',
    '<c r="D1" t="s"><v>1</v></c>',
    '<c r="D1" t="s"><v>9</v></c>',
    '<c t="inlineStr"><is><t>西门</t></is></c>',
    '<c r="E5" t="inlineStr"><is><t xml:space="preserve"> a&amp;lt; </t></is></c>',
    '<c r="F6" s="3"/>',
    '<c r="G7"><f>A1&amp;"x"</f></c>',
    '<c r="G7"><f t="shared" ref="G7:G9" si="0">A1</f><v>2</v></c>',
    '<c r="H8" t="e"><v>#N/A</v></c>',
    '<c r="I9" t="b"><v>1</v></c>',
    '<c r="J9" t="str"><f>B2</f><v>北门</v></c>',
    '<c r="A1"><v>62062200001320000001</v></c>',
    '<c r="K1" s="12"/>',
    '<c r="L1"></c>',
    '<c r="M2"><f>A1</f><v>0</v></c>',
    '<c r="N2" s="1"><f>A1</f><v>0.0</v></c>',
    '<c r="O3"><v>0</v></c>',
    '<c r="P3" t="d"><v>2024-01-12T00:00:00Z</v></c>',
    '<c r="Q3" t="str"><v>a_x000D_b_x005F_c_xD83D__xDE00_</v></c>',
    '<c r="R4" t="inlineStr"><is><t>#REF!</t></is></c>',
    '<c r="S4" t="e"><f>A1/0</f><v>#DIV/0!</v></c>',
    '<c r="T4" t="s"><v>3</v></c>',
    f'<c r="U5" t="str"><v>{"字" * 1500}</v></c>',
]
ODD_CELLS = [
    '<c r="A1" r="A1"><v>1</v></c>',
    '<c s="1" r="A1"><v>1</v></c>',
    '<c r="a1"><v>1</v></c>',
    '<c r="ZZZ1"><v>1</v></c>',
    "<c r='A1'><v>1</v></c>",
    '<c r="A1" ><v>1</v></c>',
    '<c r="V1" s="1" />',
    '<c r="V1" s="1"></c><c><v>1</v></c>',
    '<c r="V1" s="1"/>\n<c s="2"><v>7</v></c>',
    '<c r="A1"><v>x</v></c>',
    '<c r="A1" t="str"><v>a]]>b</v></c>',
    '<c r="A1" t="str"><v>a>b</v></c>',
    '<c r="A1" t="str"><v>a&#20013;b</v></c>',
    '<c r="A1" t="str"><v>a&b</v></c>',
    '<c r="A1" t="str"><v>a\x01b</v></c>',
    '<c r="A1" t="str"><v>a\r\nb</v></c>',
    '<c r="A1" t="str"><v>\ufffe</v></c>',
    '<c r="A1" t="str"><v>\ud800</v></c>',
    '<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
    '<c r="A1"><!-- <v>1</v></c></row> --><v>2</v></c>',
    '<c r="A1" t="str"><v><![CDATA[</v></c></row>]]></v></c>',
    '<c r="A1"><v>1</c></v>',
    "文",
    "</row>",
    "<row>",
    "<?x </row> ?>",
    f'<c r="A1" t="str"><v>{"a" * 70_000}</v></c>',
]
ROWS = [
    '<row r="{n}">',
    "<row>",
    '<row r="{n}" spans="1:9" ht="14.25" x:dy="0.2">',
    '<row r="{n}" hidden="1">',
    '<row hidden="true" ht="0">',
    '<row r="{n}0" hidden="1"/><row r="{n}" hidden="0">',
    '<row r="2" r="3">',
    '<row r="0">',
    "<row hidden='1'>",
]
PLAIN_ROWS = ROWS[:6]
GAPS = st.sampled_from(["", "", "\n  ", "\t"])


def _sheets(cells: list[str], rows: list[str]) -> st.SearchStrategy[str]:
    row = st.tuples(st.sampled_from(rows), st.lists(st.sampled_from(cells), max_size=5), GAPS)
    made = st.lists(row, max_size=6)
    return made.map(
        lambda found: (
            HEAD
            + "".join(
                f"{begin.format(n=n)}{gap}{gap.join(inside)}</row>{gap}"
                for n, (begin, inside, gap) in enumerate(found, 1)
            )
            + TAIL
        )
    )


@settings(max_examples=300, deadline=None)
@given(
    _sheets(PLAIN_CELLS * 3 + ODD_CELLS, [*PLAIN_ROWS * 4, *ROWS]), st.sampled_from([40, 400, 1 << 20]), st.booleans()
)
def test_rows_are_what_the_parser_finds_in_plain_and_odd_sheets(xml: str, size: int, is_uncomputed: bool) -> None:
    plain = _found(xml, size, by_parser=False, is_uncomputed=is_uncomputed)
    assert plain == _found(xml, size, by_parser=True, is_uncomputed=is_uncomputed)


@pytest.mark.parametrize("cell", ODD_CELLS)
def test_an_odd_cell_among_plain_rows_is_what_the_parser_finds(cell: str) -> None:
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c>{1}</row>'
    for size in (100, 1 << 20):
        xml = HEAD + "".join(row.format(n, cell if n == 3 else "") for n in range(1, 9)) + TAIL
        assert _found(xml, size, by_parser=False) == _found(xml, size, by_parser=True)


@settings(max_examples=100, deadline=None)
@given(_sheets(PLAIN_CELLS, PLAIN_ROWS), st.booleans())
def test_plain_rows_need_no_parser(xml: str, is_uncomputed: bool) -> None:
    reader = _reader(is_uncomputed=is_uncomputed)
    chunk = xml.removeprefix(HEAD).removesuffix(TAIL).rstrip()
    found = PlainRows(reader._value, reader._column_of).rows(chunk.encode(), 0)
    assert found is not None
    rows, _, hidden, _ = _found(xml, 1 << 20, by_parser=True, is_uncomputed=is_uncomputed)
    assert (_typed(sorted(found.rows, key=itemgetter(0))), set(found.hidden), reader.merges) == (rows, hidden, [])


def test_hidden_rows_and_formulas_not_computed_are_told_by_plain_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = '<c r="A1" s="4"/><c r="B1" s="4"></c><c><f>X1</f><v>0</v></c><c r="D1"><v>0</v></c>'
    xml = f'<row r="1">{cells}</row><row r="2" hidden="1"><c t="str"><v>a_x000D_</v></c></row><row r="3" hidden="1"/>'
    reader = _reader(is_uncomputed=True)
    monkeypatch.setattr(reader, "_take_plain", _must_be_plain(reader._take_plain))
    reader.read([f"{HEAD}{xml}<row></row>".encode(), TAIL.encode()])
    assert reader.sorted_rows() == [(1, [None, None, LostCell(NO_VALUE), 0.0]), (2, ["a\r"])]
    assert reader.hidden_rows == {2, 3}


def _must_be_plain(take: Callable[[PlainRows, bytes], bool]) -> Callable[[PlainRows, bytes], bool]:
    def checked(plain: PlainRows, chunk: bytes) -> bool:
        is_plain = take(plain, chunk)
        assert is_plain or b"<row" not in chunk
        return is_plain

    return checked


def test_a_comment_that_hides_rows_before_and_among_them_hides_them() -> None:
    hidden = HEAD.replace("<sheetData>", "<!-- <sheetData>") + '<row r="1"><c><v>1</v></c></row> --><sheetData>' + TAIL
    assert _found(hidden, 1 << 20, by_parser=False)[0] == []
    rows = [f'<row r="{n}"><c><v>{n}</v></c></row>' for n in range(1, 5)]
    within = f"{HEAD}{rows[0]}<!-- {rows[1]}{' ' * 50}{rows[2]} -->{rows[3]}{TAIL}"
    for size in (60, 120, 1 << 20):
        assert [number for number, _ in _found(within, size, by_parser=False)[0]] == [1, 4]


def test_other_encodings_and_prefixes_are_left_to_the_parser() -> None:
    row = '<row r="1"><c t="str"><v>é</v></c></row>'
    xml = (HEAD.replace("UTF-8", "iso-8859-1") + row + TAIL).encode("iso-8859-1")
    reader = _reader()
    reader.read([xml])
    assert reader.sorted_rows() == [(1, ["é"])]
    prefixed = (HEAD + row + TAIL).replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
    assert _found(prefixed, 50, by_parser=False)[0] == [(1, [(str, "é")])]


def test_cells_are_counted_and_errors_are_told_apart() -> None:
    cells = "".join(PLAIN_CELLS[9:13])
    (row,) = _found(f'{HEAD}<row r="4">{cells}</row>{TAIL}', 1 << 20, by_parser=False)[0]
    assert [cell.shown for kind, cell in row[1] if kind is LostCell] == ["#N/A"]
    many = "".join(f'<row r="{n}"><c r="J{n}"><v>1</v></c></row>' for n in range(1, 102))
    assert _found(HEAD + many + TAIL, 1 << 20, by_parser=False) is UnreadableFile
