"""Read the text of a document: plain text, or the paragraphs and tables of a Word file in their order."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path
from typing import Any
from xml.parsers import expat

from geo import bounds
from geo.errors import UnreadableFile
from geo.readers.source import FileLimits, plain_file, unreadable

#: Formats by suffix.
DOCUMENTS = (".txt", ".docx")
#: Bytes of a file, of the parts of a Word file unpacked and of its text; characters of the text; depth of its XML.
MAX_FILE_BYTES, MAX_UNPACKED_BYTES, MAX_PART_BYTES = 20_000_000, 200_000_000, 50_000_000
MAX_CHARACTERS, _MAX_DEPTH = 100_000, 200
_MAIN_PART = "word/document.xml"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Text that a reader of the document does not see, or sees twice: deleted, moved away, the fallback of a drawing.
_SKIPPED = {"del", "moveFrom", "Fallback", "instrText", "delText", "delInstrText", "txbxContent"}


def document_text(path: Path, *, name: str = "") -> str:
    """Return the text of a .txt or .docx file.

    In a Word file each paragraph ends a line; a row of a table is a line, with tabs between its cells. Headers,
    footers, notes, text boxes and deleted text are left out.

    Parameters
    ----------
    name
        Name of the file for messages, where it is not that of the path.

    Raises
    ------
    UnreadableFile
        For another format, a damaged file, and one over a bound of docs/bounds.md.
    """
    shown = name or path.name
    plain_file(path, FileLimits(file_bytes=MAX_FILE_BYTES))
    suffix = path.suffix.lower()
    if suffix not in DOCUMENTS:
        listed = "、".join(DOCUMENTS)
        raise unreadable(shown, f"只读 {listed}", f"only {', '.join(DOCUMENTS)} are read")
    return _word_text(path, shown) if suffix == ".docx" else plain_text(path.read_bytes(), shown)


def plain_text(data: bytes, name: str) -> str:
    r"""Return the text of bytes in UTF-8, UTF-16 with a mark, or GB 18030.

    Examples
    --------
    >>> plain_text("690个网格".encode("gbk"), "a.txt"), plain_text(b"\xef\xbb\xbf690", "a.txt")
    ('690个网格', '690')
    """
    marked = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _bounded(text, name)
    raise unreadable(name, "不是 UTF-8 或 GB 18030 文本", "it is no text in UTF-8 or GB 18030")


def _bounded(text: str, name: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise unreadable(name, f"文字超过 {MAX_CHARACTERS:,} 个", f"it has more than {MAX_CHARACTERS:,} characters")
    if not bounds.is_storable(text):
        raise unreadable(name, "含无效字符，不是文本", "it holds characters that no text has")
    return text


def _word_text(path: Path, name: str) -> str:
    damaged = unreadable(name, "不是完好的 Word 文件（.docx）", "it is no sound Word file (.docx)")
    try:
        with bounds.open_zip(path, max_bytes=MAX_UNPACKED_BYTES, nested=True) as archive:
            entries = {one.filename: one for one in archive.infolist()}
            if _MAIN_PART not in entries:
                raise damaged
            if entries[_MAIN_PART].file_size > MAX_PART_BYTES:
                raise unreadable(name, "正文过大", "its text part is too large")
            return _bounded(_text_of(archive, entries[_MAIN_PART], name), name)
    except (expat.ExpatError, UnicodeDecodeError):
        raise damaged from None
    except UnreadableFile as error:
        raise error if name in error.zh else unreadable(name, error.zh, error.en) from None


def _text_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> str:
    data = b"".join(bounds.stream(archive, entry))
    bounds.check_xml(data)
    body = _Body(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = body.start
    parser.EndElementHandler = body.end
    parser.CharacterDataHandler = body.characters
    parser.Parse(data, True)
    return "".join(body.pieces)


class _Body:
    """Collect the text of the body as expat meets it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pieces: list[str] = []
        self.length = 0
        self.depth = self.skipped = self.cells = self.runs = 0
        self.is_text = self.is_first_paragraph = False

    def start(self, tag: str, _attributes: Any) -> None:
        """Open an element."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise unreadable(self.name, "XML 嵌套过深", "XML nested too deep")
        local = tag.rpartition(":")[2]
        if self.skipped or local in _SKIPPED:
            self.skipped += 1
        elif local == "t":
            self.is_text = True
        elif local == "r":
            self.runs += 1
        elif local in ("tab", "br", "cr") and self.runs:  # outside runs a tab is a stop of the ruler
            self._add(" " if self.cells else "\t" if local == "tab" else "\n")
        elif local == "tc":
            self.cells += 1
            self.is_first_paragraph = True
        elif local == "p":
            if self.cells and not self.is_first_paragraph:
                self._add(" ")  # another paragraph of a cell stays in its line
            self.is_first_paragraph = False

    def end(self, tag: str) -> None:
        """Close an element."""
        self.depth -= 1
        local = tag.rpartition(":")[2]
        if self.skipped:
            self.skipped -= 1
        elif local == "t":
            self.is_text = False
        elif local == "r":
            self.runs -= 1
        elif local == "tc":
            self.cells -= 1
            self._add("\t" if not self.cells else " ")
        elif local in ("p", "tr") and not self.cells:
            self._add("\n")

    def characters(self, text: str) -> None:
        """Keep the text of runs."""
        if self.is_text and not self.skipped:
            self._add(text)

    def _add(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_CHARACTERS + 1:
            raise unreadable(
                self.name, f"文字超过 {MAX_CHARACTERS:,} 个", f"it has more than {MAX_CHARACTERS:,} characters"
            )
        self.pieces.append(text)
