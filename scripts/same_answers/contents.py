"""Tell what a file holds as text that is the same for the same content: workbooks, databases, pages, sheets, tiles."""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pypdf
import pypdfium2
import shapely
from pypdf.generic import IndirectObject, StreamObject

#: Bytes of a cell that are shown; of more the hash.
_SHOWN = 64
_SCRIPT = re.compile(r"<script(?P<tag>[^>]*)>(?P<text>.*?)</script>", re.S)
_STYLE = re.compile(r"<style(?P<tag>[^>]*)>(?P<text>.*?)</style>", re.S)
_ID = re.compile(r'id="([^"]+)"')


def digest(data: bytes) -> str:
    """Return the length and the SHA-256 of bytes."""
    return f"{len(data)} bytes sha256 {hashlib.sha256(data).hexdigest()}"


def workbook(data: bytes) -> str:
    """Return the parts of an XLSX file, a line a row of cells; only the packing is left out."""
    parts = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist()):
            text = archive.read(name).decode("utf-8", "replace")
            parts.append(f"=== {name}\n" + text.replace("<row", "\n<row").replace("<si>", "\n<si>"))
    return "\n".join(parts)


def database(path: Path) -> dict[str, str]:
    """Return the rows of every table of a SQLite file by table, and under ``schema`` how they are declared.

    Tables of the spatial index are read through it; cells are named, so that the order of columns is told by the schema
    alone. Geometries are their bytes, long ones by hash and box.
    """
    found: dict[str, str] = {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        # So that a read needs no journal beside the file.
        made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        found["schema"] = "\n".join(f"{kind} {name}: {sql}" for kind, name, sql in made)
        for kind, name, sql in made:
            inner = re.match(r"rtree_.*_(node|parent|rowid)$", name)
            if kind not in ("table", "view") or inner or name.startswith("sqlite_stat"):
                continue
            order = " ORDER BY id" if "USING rtree" in (sql or "") else ""
            found[name] = "\n".join(_rows(connection.execute(f'SELECT * FROM "{name}"{order}')))
    connection.close()
    return found


def _rows(cursor: sqlite3.Cursor) -> Iterator[str]:
    names = [column[0] for column in cursor.description]
    for row in cursor:
        cells = sorted(zip(names, row, strict=True))
        yield " | ".join(f"{name}={_cell(value)}" for name, value in cells if value is not None)


def _cell(value: Any) -> str:
    if not isinstance(value, bytes):
        return repr(value)
    if value[:2] == b"PK":
        return f"npz {_arrays(value)}"
    if len(value) <= _SHOWN:
        return value.hex()
    box = ""
    if value[:2] == b"GP":
        box = f" {shapely.from_wkb(value[8 + _envelope(value[3]) :]).bounds}"
    return digest(value) + box


def _envelope(flags: int) -> int:
    """Return how many bytes the box in the head of a GeoPackage geometry takes."""
    return {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[flags >> 1 & 7]


def _arrays(data: bytes) -> str:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        told = [(name, arrays[name]) for name in sorted(arrays.files)]
    return "; ".join(f"{name} {one.dtype} {one.shape} {digest(one.tobytes())}" for name, one in told)


def page(text: str) -> dict[str, str]:
    """Return the parts of an HTML page by name: the page without its code, each JSON it holds, and its code."""
    parts: dict[str, str] = {}
    code: list[str] = []

    def script(found: re.Match[str]) -> str:
        named = _ID.search(found["tag"])
        if "application/json" in found["tag"] and named:
            parts[f"{named[1]}.json"] = found["text"]
            return f"<script{found['tag']}>{named[1]}</script>"
        if found["text"]:
            code.append(f"script: {found['text']}")
        return f"<script{found['tag']}></script>"

    def style(found: re.Match[str]) -> str:
        code.append(f"style: {found['text']}")
        return f"<style{found['tag']}></style>"

    parts["page.html"] = _STYLE.sub(style, _SCRIPT.sub(script, text))
    parts["code.txt"] = "\n".join(code)
    return parts


def sheet(data: bytes) -> str:
    """Return what a PDF holds: its text, then every object, streams of drawing unpacked, others by hash."""
    lines = []
    document = pypdfium2.PdfDocument(data)
    for number, one in enumerate(document, 1):
        lines.append(f"=== page {number}, {one.get_size()}")
        lines += one.get_textpage().get_text_bounded().splitlines()
    document.close()
    reader = pypdf.PdfReader(io.BytesIO(data))
    for number in sorted(reader.xref[0]):
        found = reader.get_object(IndirectObject(number, 0, reader))
        lines.append(f"=== object {number}")
        if isinstance(found, StreamObject):
            content = found.get_data()
            told = {name: found.raw_get(name) for name in found if name not in ("/Length", "/Filter", "/DecodeParms")}
            lines.append(_pdf(told))
            lines.append(digest(content) if b"\0" in content else content.decode("latin-1"))
        else:
            lines.append(_pdf(found))
    return "\n".join(lines)


def _pdf(value: Any) -> str:
    if isinstance(value, IndirectObject):
        return f"{value.idnum} R"
    if isinstance(value, Mapping):
        items = sorted((str(name), value.raw_get(name) if hasattr(value, "raw_get") else value[name]) for name in value)
        return "{" + ", ".join(f"{name}: {_pdf(one)}" for name, one in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_pdf(one) for one in list.__iter__(value)) + "]"
    return str(value)


def tile(data: bytes) -> str:
    """Return the features of a vector tile, a line each, and the hash of its bytes."""
    lines = [digest(data)]
    for name, layer in mapbox_vector_tile.decode(data, default_options={"y_coord_down": True}).items():
        lines.append(f"=== {name} extent {layer['extent']} version {layer['version']}")
        lines += [f"{one['geometry']} {one['properties']}" for one in layer["features"]]
    return "\n".join(lines)
