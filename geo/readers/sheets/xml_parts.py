"""Check the XML parts of a workbook against their bounds, and send them to handlers as a stream."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.parsers import expat

from geo import bounds
from geo.errors import UnreadableFile
from geo.readers.source import FileLimits, unreadable


@contextmanager
def opened_workbook(path: Path, limits: FileLimits) -> Iterator[zipfile.ZipFile]:
    """Open the archive of a workbook within its bounds; whatever fails while it is read is told in one sentence.

    Raises
    ------
    UnreadableFile
        For a damaged workbook, and one over a bound of docs/bounds.md.
    """
    try:
        with bounds.open_zip(
            path, max_entries=limits.zip_entries, max_bytes=limits.xlsx_bytes, max_ratio=limits.zip_ratio, nested=True
        ) as archive:
            yield archive
    except (expat.ExpatError, KeyError, ValueError, IndexError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise unreadable(path.name, "工作簿损坏", "the workbook is damaged") from None


def check_parts(name: str, archive: zipfile.ZipFile, limits: FileLimits) -> None:
    """Refuse a workbook whose parts declare entities, or have more cells, rows and texts than the limit."""
    for entry in archive.infolist():
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_part(name, bounds.stream(archive, entry), limits)


def _check_part(name: str, pieces: Iterable[bytes], limits: FileLimits) -> None:
    tail, cells = b"", 0
    for piece in pieces:
        try:
            bounds.check_xml(tail + piece)
        except UnreadableFile as error:
            raise unreadable(name, error.zh, error.en) from None
        cells += piece.count(b"<c ") + piece.count(b"<c>") + piece.count(b"<row") + piece.count(b"<si")
        if cells > limits.xlsx_cells:
            raise unreadable(name, f"单元格超过 {limits.xlsx_cells:,}", f"it has more than {limits.xlsx_cells:,} cells")
        tail = piece[-64:]


def parse(archive: zipfile.ZipFile, part: str, start: Any, end: Any = None, text: Any = None) -> None:
    """Send the elements of a part to handlers, names without prefix."""
    parser = parser_of(start, end, text)
    for piece in bounds.stream(archive, archive.getinfo(part)):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def parser_of(start: Any, end: Any = None, text: Any = None) -> expat.XMLParserType:
    """Return a parser that sends elements to handlers, names without prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    names: dict[str, str] = {}

    def local(tag: str) -> str:
        return names.get(tag) or names.setdefault(tag, tag.rpartition(":")[2])

    def first(tag: str, attributes: dict[str, str]) -> None:
        # Millions of elements follow: without a prefix they go to the handlers as they are.
        plain = ":" not in tag
        parser.StartElementHandler = start if plain else lambda tag, attributes: start(local(tag), attributes)
        if end is not None:
            parser.EndElementHandler = end if plain else lambda tag: end(local(tag))
        start(local(tag), attributes)

    parser.StartElementHandler = first
    if text is not None:
        parser.CharacterDataHandler = text
    return parser
