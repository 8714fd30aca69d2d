"""Find the encoding of the texts in a .dbf file: its .cpg, its language byte, and what the texts themselves read as."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geo.readers.source import unreadable
from geo.readers.words.chinese_texts import looks_chinese
from geo.sentences import sentence

#: What GDAL is told, in its spelling: every byte becomes the character of its number, and is decoded here.
BYTES = "ISO-8859-1"

_SAMPLE_BYTES, _SAMPLE_WORDS = 4 << 20, 20_000
_NAME_BYTES = 10
_LEAST_FIT = 0.9
_GB = "gb18030"
# The language byte of a .dbf, as dBASE and ESRI define it -> code page.
_CODE_PAGES = {
    0x01: 437, 0x02: 850, 0x03: 1252, 0x13: 932, 0x26: 866, 0x4D: 936, 0x4E: 949, 0x4F: 950, 0x50: 874, 0x57: 1252,
    0x58: 1252, 0x59: 1252, 0x64: 852, 0x65: 866, 0x78: 950, 0x79: 949, 0x7A: 936, 0x7B: 932, 0x7C: 874, 0x7D: 1255,
    0x7E: 1256, 0xC8: 1250, 0xC9: 1251, 0xCA: 1254, 0xCB: 1253,
}  # fmt: skip
# Parts of the spellings of an encoding in .cpg files, its numbers, and its name here.
_SPELLINGS = (
    (("utf8",), ("65001",), "utf-8"),
    (("gb", "simplifiedchinese", "simpchinese"), ("936", "20936", "54936"), _GB),
    (("big5", "tradchinese"), ("950",), "cp950"),
    (("jis",), ("932",), "cp932"),
)
_CUT_SAID = "文字在字段宽度处截断了半个字，已去掉 / texts cut within a character at the width of their column"
_OTHER_SAID = "文字的编码与其余各行不同 / texts in another encoding than the rest"
DOUBTED = (
    "没有写明编码，按 GB 18030 读出的文字不像中文；不对时用 --encoding 指明（如 Big5、cp1252）重新导入"
    " / no encoding is named, and read as GB 18030 the texts do not look like Chinese: where they are wrong, import"
    " again with --encoding, such as Big5 or cp1252"
)
UNREAD = "文字的编码读不出；用 --encoding 指明 / text in an unknown encoding: name it with --encoding"


@dataclass
class DbfTexts:
    """Decode the texts of one .dbf file.

    Attributes
    ----------
    encoding
        A name that Python knows.
    said
        Sentences ``中文 / English`` on how the encoding was found, where that is no matter of course.
    cut_names
        Names of columns that fill the 10 bytes that a .dbf has for them, so that a heading may go on.
    widths
        Bytes that each column has for a text.
    is_doubted
        Whether nothing names the encoding and the texts do not look like Chinese in it.
    """

    encoding: str
    said: list[str] = field(default_factory=list)
    cut_names: list[str] = field(default_factory=list)
    row_notes: dict[str, list[int]] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)
    is_doubted: bool = False

    def name(self, text: str) -> str:
        """Return the name of a column, given as characters of its bytes."""
        raw = text.encode(BYTES, "replace")
        found = _decoded(raw, self.encoding) or (raw.decode(self.encoding, "ignore"), 0)
        return found[0].strip()

    def column(self, name: str, cells: Sequence[object]) -> tuple[list[object], list[int]]:
        """Return the texts of the column of that name, and the rows whose text reads in no encoding."""
        out: list[object] = []
        lost: list[int] = []
        for row, cell in enumerate(cells):
            if not isinstance(cell, str) or cell.isascii():
                out.append(cell)
                continue
            word = Word(cell.encode(BYTES, "replace"), len(cell) >= self.widths.get(name, 0))
            text, said = self._text(word)
            out.append(text)
            if text is None:
                lost.append(row)
            elif said:
                self.row_notes.setdefault(said, []).append(row)
        return out, lost

    def _text(self, word: Word) -> tuple[str | None, str]:
        found = word.decoded(self.encoding)
        if found is not None and (found[1] == 0 or word.is_full):
            plain = word.decoded("utf-8") if self.encoding == _GB else None
            # UTF-8 is often valid GB 18030; GB 18030 with two Chinese characters in UTF-8 is hardly ever.
            if plain is not None and plain[1] == 0 and sum(letter >= "\u4e00" for letter in plain[0]) > 1:
                return plain[0], _OTHER_SAID
            return found[0], _CUT_SAID if found[1] else ""
        for other in ("utf-8", _GB):
            found = word.decoded(other)
            if found is not None and (found[1] == 0 or word.is_full):
                return found[0], _OTHER_SAID
        return None, ""


def texts_of(dbf: Path, cpg: Path | None, name: str, given: str | None) -> DbfTexts:
    """Return how to decode the texts of a .dbf file.

    Parameters
    ----------
    dbf, cpg
        The files; ``cpg`` None where there is none.
    name
        Of the Shapefile, for messages.
    given
        The encoding that the user named; None for none.

    Raises
    ------
    UnreadableFile
        Where the encoding is unknown, or no encoding fits the texts.
    """
    language, names, words = _sample(dbf, name)
    declared = cpg.read_bytes()[:100].decode("ascii", "replace").strip() if cpg is not None else ""
    if given is not None:
        try:
            codecs.lookup(given)
        except LookupError:
            raise unreadable(name, f"没有编码 {given}", f"there is no encoding {given}") from None
        if _fit(words, given) < _LEAST_FIT:
            raise unreadable(name, f"文字不是 {given} 编码", f"its texts are not {given}; name another with --encoding")
        found = DbfTexts(given)
    else:
        found = _chosen(name, encoding_named(declared), declared, _page(_CODE_PAGES.get(language)), words)
    for raw, width in names.items():
        found.widths[found.name(raw.decode(BYTES))] = width
        if len(raw) >= _NAME_BYTES - (0 if raw.isascii() else 1):
            found.cut_names.append(found.name(raw.decode(BYTES)))
    return found


def encoding_named(text: str) -> str | None:
    """Return the encoding that a .cpg file names in any spelling, None where it names none that is known.

    Examples
    --------
    >>> [encoding_named(one) for one in ("ANSI 936", "OEM 936", "GBK", "cp936", "UTF8", "ISO 88591", "Big5", "ANSI")]
    ['gb18030', 'gb18030', 'gb18030', 'gb18030', 'utf-8', 'iso8859-1', 'cp950', None]
    """
    plain = re.sub(r"[^a-z0-9]", "", text.casefold())
    digits = "".join(re.findall(r"\d+", plain))
    for words, numbers, encoding in _SPELLINGS:
        if digits in numbers or any(word in plain for word in words):
            return encoding
    iso = f"iso8859-{digits[4:] or 1}" if digits.startswith("8859") else ""
    for one in (iso, f"cp{digits}", plain):
        try:
            return codecs.lookup(one).name
        except LookupError:
            continue
    return None


def _page(number: int | None) -> str | None:
    return None if number is None else _GB if number == 936 else f"cp{number}"


def _chosen(name: str, declared: str | None, spelled: str, by_byte: str | None, words: Sequence[Word]) -> DbfTexts:
    if not words:
        return DbfTexts(declared or "utf-8")
    # Names that a program cut and numbered (行政区_1) read in no encoding, so that texts are believed before names.
    cells = [word for word in words if not word.is_name]
    if declared in (None, "utf-8") and _fit(words, "utf-8") < 1.0 and encoding_of(cells) == "utf-8" and cells:
        return DbfTexts("utf-8")
    fits = {one: _fit(words, one) for one in dict.fromkeys((declared, "utf-8", _GB, by_byte)) if one is not None}
    reads_as = _by_content(words, fits)
    if declared is not None and fits[declared] == 1.0 and (reads_as is None or not _is_one_byte(declared)):
        return DbfTexts(declared)
    said_zh, said_en = (f".cpg 写的是 {spelled}，", f"the .cpg says {spelled}, ") if spelled and declared else ("", "")
    if reads_as is not None:
        said = sentence(f"{said_zh}文字按 {reads_as} 读", f"{said_en}texts read as {reads_as}")
        return DbfTexts(reads_as, [said] if said_zh else [])
    if by_byte is not None and fits[by_byte] == 1.0:
        said = sentence(
            f"{said_zh}文字按 .dbf 语言字节所指的 {by_byte} 读",
            f"{said_en}texts read as {by_byte}, by its language byte",
        )
        return DbfTexts(by_byte, [said])
    best = max(fits, key=lambda one: fits[one])
    if fits[best] < _LEAST_FIT:
        tried = "、".join(fits)
        raise unreadable(
            name,
            f"文字不是 {tried} 编码；请用 --encoding 指明",
            f"its texts are not {', '.join(fits)}; name their encoding with --encoding",
        )
    said = sentence(f"{said_zh}文字按 {best} 读", f"{said_en}texts read as {best}")
    # Nothing names GB 18030 here, and what reads in it does not look like it.
    whole = [word for word in words if (word.decoded(_GB) or ("", 1))[1] == 0]
    is_doubted = best == _GB and _GB not in (declared, by_byte) and not is_chinese(whole)
    return DbfTexts(best, [said] if said_zh or fits[best] < 1.0 else [], is_doubted=is_doubted)


def encoding_of(words: Sequence[Word]) -> str | None:
    """Return UTF-8 or GB 18030 where all texts read as sensible ones in it, None otherwise."""
    return _by_content(words, {one: _fit(words, one) for one in ("utf-8", _GB)})


def _by_content(words: Sequence[Word], fits: Mapping[str, float]) -> str | None:
    """Return UTF-8 or GB 18030 where all texts read as sensible ones in it, None otherwise."""
    reads_chinese = fits[_GB] == 1.0 and is_chinese(words)
    if fits["utf-8"] == 1.0:
        # A few short words of GBK are valid UTF-8 too, but then Latin letters and signs.
        wide = any(letter >= "\u2e80" for word in words for letter in (word.decoded("utf-8") or ("", 0))[0])
        return _GB if reads_chinese and not wide else "utf-8"
    return _GB if reads_chinese else None


def is_chinese(words: Sequence[Word]) -> bool:
    """Return whether texts, read as GB 18030, are of the characters that Chinese is written with."""
    found = [word.decoded(_GB) or ("", 1) for word in words]
    misfits = sum(1 for (_, cut), word in zip(found, words, strict=True) if cut and not word.is_full)
    return looks_chinese("".join(text for text, _ in found), misfits)


def _is_one_byte(encoding: str) -> bool:
    """Return whether every byte is a character of an encoding, so that any text fits it."""
    return len(bytes(range(0xA1, 0xFF)).decode(encoding, "ignore")) > 80


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """The bytes of one text that is not ASCII; whether it fills its column, so that it may be cut; if it is a name."""

    raw: bytes
    is_full: bool
    is_name: bool = False

    def decoded(self, encoding: str) -> tuple[str, int] | None:
        """Return the text without a cut last character, and the bytes of that; None where it does not read."""
        return _decoded(self.raw, encoding)


def _decoded(raw: bytes, encoding: str) -> tuple[str, int] | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(raw)
        return text, len(decoder.getstate()[0])
    except UnicodeDecodeError:
        return None


def _fit(words: Sequence[Word], encoding: str) -> float:
    """Return the share of texts that read in an encoding; one may end within a character where it fills its column."""
    good = 0
    for word in words:
        found = word.decoded(encoding)
        good += found is not None and (found[1] == 0 or word.is_full)
    return good / len(words) if words else 1.0


def _sample(dbf: Path, name: str) -> tuple[int, dict[bytes, int], list[Word]]:
    """Return the language byte, the widths of the columns, and texts of the first megabytes that are not ASCII."""
    with dbf.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            raise unreadable(name, "文件损坏或不完整", "its .dbf file is cut short")
        header, record = struct.unpack_from("<HH", head, 8)
        fields = file.read(max(header - 32, 0))
        rows = file.read(_SAMPLE_BYTES)
    names: dict[bytes, int] = {}
    columns, start = [], 1
    for at in range(0, len(fields) - 31, 32):
        if fields[at] == 0x0D:
            break
        is_text = fields[at + 11 : at + 12] == b"C"
        width = fields[at + 16] + (256 * fields[at + 17] if is_text else 0)
        names[fields[at : at + 11].partition(b"\0")[0][:_NAME_BYTES]] = width
        if is_text:
            columns.append((start, width))
        start += width
    words = [Word(raw, len(raw) >= _NAME_BYTES - 1, is_name=True) for raw in names if not raw.isascii()]
    for word in _cells(rows, record, columns):
        words.append(word)
        if len(words) >= _SAMPLE_WORDS:
            break
    return head[29], names, words


def _cells(rows: bytes, record: int, columns: Sequence[tuple[int, int]]) -> Iterator[Word]:
    seen: set[bytes] = set()
    for begin in range(0, len(rows) - record + 1, record) if record > 0 else ():
        for start, width in columns:
            raw = rows[begin + start : begin + start + width].rstrip(b" \0")
            if raw and not raw.isascii() and raw not in seen:
                seen.add(raw)
                yield Word(raw, len(raw) == width)
