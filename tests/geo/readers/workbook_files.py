"""Write small workbooks for tests: XLSX, BIFF8 and ODS, byte by byte, with what no writing library lets one do."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def _override(part: str, kind: str) -> str:
    content = f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"
    return f'<Override PartName="/xl/{part}.xml" ContentType="{content}"/>'


@dataclass(frozen=True)
class Formula:
    """A formula; without a value it was never computed."""

    value: float | None = None


@dataclass(frozen=True)
class Error:
    """A cell in error."""

    shown: str = "#N/A"


@dataclass(frozen=True)
class Styled:
    """A number in format 1 (a date) or 2 (six digits)."""

    value: float
    style: int


@dataclass
class Tab:
    """A sheet: its rows, its merged regions as A1:B2, and whether it is hidden."""

    name: str
    rows: Sequence[Sequence[Any]]
    merges: Sequence[str] = ()
    hidden: bool = False
    #: Row number from 1 of each row where they are not in sequence.
    numbers: Sequence[int] = field(default_factory=tuple)
    #: Row numbers from 1 of the rows that are not shown.
    hidden_rows: Sequence[int] = ()


def letters(column: int) -> str:
    """Return the name of a column, given from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _cell(cell: Any, where: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c r="{where}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, Formula):
        value = "" if cell.value is None else f"<v>{cell.value}</v>"
        return f'<c r="{where}"><f>A1*2</f>{value}</c>'
    if isinstance(cell, Error):
        return f'<c r="{where}" t="e"><v>{cell.shown}</v></c>'
    if isinstance(cell, Styled):
        return f'<c r="{where}" s="{cell.style}"><v>{cell.value}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{where}"><v>{cell}</v></c>'
    return f'<c r="{where}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'


def write_xlsx(path: Path, *tabs: Tab, extra: dict[str, str] | None = None) -> Path:
    """Write an XLSX workbook, and further parts of it."""
    parts = {
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="yyyy/m/d;@"/>'
        '<numFmt numFmtId="171" formatCode="000000"/></numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>',
    }
    listed = relations = types = ""
    for number, tab in enumerate(tabs, 1):
        rows = ""
        for place, cells in enumerate(tab.rows):
            row = tab.numbers[place] if tab.numbers else place + 1
            shown = ' hidden="1"' if row in tab.hidden_rows else ""
            rows += (
                f'<row r="{row}"{shown}>{"".join(_cell(c, f"{letters(k)}{row}") for k, c in enumerate(cells))}</row>'
            )
        merged = "".join(f'<mergeCell ref="{one}"/>' for one in tab.merges)
        merged = f"<mergeCells>{merged}</mergeCells>" if merged else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{merged}</worksheet>'
        )
        state = ' state="hidden"' if tab.hidden else ""
        listed += f'<sheet name="{escape(tab.name)}" sheetId="{number}" r:id="r{number}"{state}/>'
        relations += (
            f'<Relationship Id="r{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
    parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'
    types += _override("workbook", "sheet.main") + _override("styles", "styles")
    relation = f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    default = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    parts["_rels/.rels"] = f'<Relationships xmlns="{_PACKAGE}">{relation}</Relationships>'
    parts["[Content_Types].xml"] = f'<Types xmlns="{_TYPES}">{default}{types}</Types>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (parts | (extra or {})).items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return path


# --- ODS -------------------------------------------------------------------------------------------------------------

_ODS = " ".join(
    f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in ("office", "table", "text", "style")
)


def _ods_cell(cell: Any, span: str) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, Formula):
        value = "" if cell.value is None else f' office:value-type="float" office:value="{cell.value}"'
        return f'<table:table-cell table:formula="of:=1"{value}/>'
    if isinstance(cell, Error):
        kind = 'office:value-type="string" calcext:value-type="error"'
        return f"<table:table-cell {kind}><text:p>{cell.shown}</text:p></table:table-cell>"
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"{span}><text:p/></table:table-cell>'
    return f'<table:table-cell office:value-type="string"{span}><text:p>{escape(cell)}</text:p></table:table-cell>'


def write_ods(path: Path, *tabs: Tab, spans: dict[tuple[int, int], tuple[int, int]] | None = None) -> Path:
    """Write an ODS workbook; ``spans`` are rows and columns spanned by a cell at row, column from 0."""
    tables = ""
    for tab in tabs:
        rows = ""
        for number, cells in enumerate(tab.rows):
            made = ""
            for place, cell in enumerate(cells):
                down, right = (spans or {}).get((number, place), (1, 1))
                span = f' table:number-rows-spanned="{down}" table:number-columns-spanned="{right}"'
                made += _ods_cell(cell, span if down > 1 or right > 1 else "")
            shown = ' table:visibility="filter"' if number + 1 in tab.hidden_rows else ""
            rows += f"<table:table-row{shown}>{made}</table:table-row>"
        # What every program writes below the last row.
        rows += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        tables += f'<table:table table:name="{escape(tab.name)}">{rows}</table:table>'
    text = (
        f'<office:document-content {_ODS} xmlns:calcext="urn:org:documentfoundation:names:experimental:calc">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", text)
    return path


# --- BIFF8 -----------------------------------------------------------------------------------------------------------


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _biff_cell(row: int, column: int, cell: Any, texts: list[str]) -> bytes:
    style = cell.style if isinstance(cell, Styled) else 0
    head = struct.pack("<HHH", row, column, style)
    if isinstance(cell, bool | Error):
        return _record(0x0205, head + (bytes([42, 1]) if isinstance(cell, Error) else bytes([cell, 0])))
    if isinstance(cell, Formula):
        return _record(0x0006, head + struct.pack("<dHIH", cell.value or 0.0, 0, 0, 3) + b"\x1e\x01\x00")
    if isinstance(cell, int | float | Styled):
        return _record(0x0203, head + struct.pack("<d", cell.value if isinstance(cell, Styled) else cell))
    texts.append(cell)
    return _record(0x00FD, head + struct.pack("<I", len(texts) - 1))


def _cells_of(reference: str) -> tuple[int, int, int, int]:
    ends = []
    for one in reference.split(":"):
        name = one.rstrip("0123456789")
        column = 0
        for letter in name:
            column = column * 26 + ord(letter) - 64
        ends.append((int(one[len(name) :]) - 1, column - 1))
    (top, left), (bottom, right) = ends
    return top, bottom, left, right


def biff_stream(*tabs: Tab, password: bool = False) -> bytes:
    """Return the records of a BIFF8 workbook."""
    texts: list[str] = []
    bodies = []
    for tab in tabs:
        body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        for number, cells in enumerate(tab.rows):
            row = tab.numbers[number] - 1 if tab.numbers else number
            if row + 1 in tab.hidden_rows:
                body += _record(0x0208, struct.pack("<HHHHHHI", row, 0, len(cells), 300, 0, 0, 0x120))
            body += b"".join(_biff_cell(row, k, c, texts) for k, c in enumerate(cells) if c is not None)
        if tab.merges:
            ranges = [struct.pack("<HHHH", *_cells_of(one)) for one in tab.merges]
            body += _record(0x00E5, struct.pack("<H", len(ranges)) + b"".join(ranges))
        bodies.append(body + _record(0x000A))
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    head += _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if password else b""
    head += _record(0x0042, struct.pack("<H", 1200))
    head += _record(0x041E, struct.pack("<H", 170) + _text("yyyy/m/d"))
    head += _record(0x041E, struct.pack("<H", 171) + _text("000000"))
    for number in (0, 170, 171):
        head += _record(0x00E0, struct.pack("<HHH", 0, number, 0) + bytes(14))
    shared = _record(0x00FC, struct.pack("<II", len(texts), len(texts)) + b"".join(map(_text, texts)))
    names = [struct.pack("<BB", len(tab.name), 1) + tab.name.encode("utf-16-le") for tab in tabs]
    size = len(head) + sum(4 + 6 + len(name) for name in names) + len(shared) + 4
    for tab, name, body in zip(tabs, names, bodies, strict=True):
        head += _record(0x0085, struct.pack("<IBB", size, int(tab.hidden), 0) + name)
        size += len(body)
    return head + shared + _record(0x000A) + b"".join(bodies)


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file of streams, each filled up to 4,096 bytes so that none is a small one."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def add(data: bytes) -> int:
        first = len(sectors)
        blocks = [data[k : k + 512].ljust(512, b"\0") for k in range(0, len(data), 512)]
        sectors.extend(blocks)
        fat.extend([*range(first + 1, first + len(blocks)), 0xFFFFFFFE])
        return first

    def entry(name: str, kind: int, child: int, right: int, first: int, size: int) -> bytes:
        title = name.encode("utf-16-le") + b"\0\0"
        tree = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, right, child)
        return (
            title.ljust(64, b"\0") + struct.pack("<H", len(title)) + tree + bytes(36) + struct.pack("<IQ", first, size)
        )

    names = list(streams)
    entries = [entry("Root Entry", 5, 1, 0xFFFFFFFF, 0xFFFFFFFE, 0)]
    for number, name in enumerate(names, 1):
        data = streams[name].ljust(4096, b"\0")
        right = number + 1 if number < len(names) else 0xFFFFFFFF
        entries.append(entry(name, 2, 0xFFFFFFFF, right, add(data), len(data)))
    directory = add(b"".join(entries).ljust(512, b"\0"))
    tables = 1
    while tables * 128 < len(sectors) + tables:
        tables += 1
    first = len(sectors)
    fat.extend([0xFFFFFFFD] * tables)
    raw = struct.pack(f"<{len(fat)}I", *fat).ljust(tables * 512, b"\xff")
    sectors.extend(raw[k : k + 512] for k in range(0, len(raw), 512))
    listed = [*range(first, first + tables), *[0xFFFFFFFF] * (109 - tables)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, tables, directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", *listed) + b"".join(sectors)


def write_xls(path: Path, *tabs: Tab, password: bool = False) -> Path:
    """Write a BIFF8 workbook in its compound file, as Excel 97 to 2003 and WPS (.et) do."""
    path.write_bytes(compound({"Workbook": biff_stream(*tabs, password=password)}))
    return path


def write_html(path: Path, *tabs: Tab, encoding: str = "gbk") -> Path:
    """Write a page with tables, as web platforms do under the name .xls."""
    tables = ""
    for tab in tabs:
        rows = ""
        for cells in tab.rows:
            shown = ["" if cell is None else escape(str(cell)) for cell in cells]
            rows += "<tr>" + "".join(f"<td>{one}</td>" for one in shown) + "</tr>"
        tables += f"<table border=1>{rows}</table>"
    head = f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{encoding}"></head>'
    path.write_bytes(f"{head}<body>{tables}</body></html>".encode(encoding))
    return path
