"""Test that plain rows read by their pattern are what the XML parser finds, and that all else is left to it."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnreadableFile
from geo.readers.sheets import CellCounter, LostCell
from geo.readers.source import FileLimits
from geo.readers.xlsx_rows import PlainRows
from geo.readers.xlsx_sheets import _SheetReader, formatter

TEXTS = ["东门", "", "a&amp;b"]
FORMATS = {"1": formatter("yyyy/m/d", "164"), "2": formatter("000000", "165")}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="x"><cols><col min="1"/></cols><sheetData>'
TAIL = '</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>'


def _reader() -> _SheetReader:
    formats = {style: one for style, one in FORMATS.items() if one is not None}
    return _SheetReader(TEXTS, formats, CellCounter("f.xlsx", FileLimits(xlsx_cells=1000)))


def _found(xml: str, size: int, *, by_parser: bool) -> Any:
    """Return rows and merged regions of a sheet that comes in blocks of that size, or the kind of its fault."""
    data = xml.encode("utf-8", "surrogatepass")
    reader = _reader()
    if by_parser:
        reader._take_plain = lambda *_: False  # type: ignore[method-assign]
    try:
        reader.read(data[place : place + size] for place in range(0, len(data), size))
    except (expat.ExpatError, ValueError, KeyError, IndexError, UnreadableFile) as error:
        return UnreadableFile if isinstance(error, UnreadableFile) else ValueError
    return reader.sorted_rows(), reader.merges


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
]
ODD_CELLS = [
    '<c r="A1" r="A1"><v>1</v></c>',
    '<c s="1" r="A1"><v>1</v></c>',
    '<c r="a1"><v>1</v></c>',
    '<c r="ZZZ1"><v>1</v></c>',
    "<c r='A1'><v>1</v></c>",
    '<c r="A1" ><v>1</v></c>',
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
ROWS = ['<row r="{n}">', "<row>", '<row r="{n}" spans="1:9" ht="14.25" x:dy="0.2">', '<row r="2" r="3">', '<row r="0">']
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
@given(_sheets(PLAIN_CELLS * 3 + ODD_CELLS, [*ROWS[:3] * 4, *ROWS]), st.sampled_from([40, 400, 1 << 20]))
def test_rows_are_what_the_parser_finds_in_plain_and_odd_sheets(xml: str, size: int) -> None:
    assert _found(xml, size, by_parser=False) == _found(xml, size, by_parser=True)


@pytest.mark.parametrize("cell", ODD_CELLS)
def test_an_odd_cell_among_plain_rows_is_what_the_parser_finds(cell: str) -> None:
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c>{1}</row>'
    for size in (100, 1 << 20):
        xml = HEAD + "".join(row.format(n, cell if n == 3 else "") for n in range(1, 9)) + TAIL
        assert _found(xml, size, by_parser=False) == _found(xml, size, by_parser=True)


@settings(max_examples=100, deadline=None)
@given(_sheets(PLAIN_CELLS, ROWS[:3]))
def test_plain_rows_need_no_parser(xml: str) -> None:
    reader = _reader()
    chunk = xml.removeprefix(HEAD).removesuffix(TAIL).rstrip()
    found = PlainRows(reader._value, reader._column_of).rows(chunk.encode(), 0)
    assert found is not None
    assert (found[0], reader.merges) == (_found(xml, 1 << 20, by_parser=True)[0], [])


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
    assert _found(prefixed, 50, by_parser=False)[0] == [(1, ["é"])]


def test_cells_are_counted_and_errors_are_told_apart() -> None:
    cells = "".join(PLAIN_CELLS[9:13])
    (row,) = _found(f'{HEAD}<row r="4">{cells}</row>{TAIL}', 1 << 20, by_parser=False)[0]
    assert [cell.shown for cell in row[1] if isinstance(cell, LostCell)] == ["#N/A"]
    many = "".join(f'<row r="{n}"><c r="J{n}"><v>1</v></c></row>' for n in range(1, 102))
    assert _found(HEAD + many + TAIL, 1 << 20, by_parser=False) is UnreadableFile
