"""Walk the records of a BIFF workbook (.xls, .et) before a parser does: passwords, its bounds, what no parser tells.

The container is a compound file (MS-CFB), the records are those of MS-XLS.
"""

from __future__ import annotations

import struct
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.errors import UnreadableFile
from geo.readers.sheets.sheet_cells import MAX_TEXT_BYTES, padded_width
from geo.readers.source import FileLimits, unreadable

COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFA  # this and above are no sectors
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _SST, _CONTINUE = 0x0809, 0x000A, 0x002F, 0x0085, 0x00FC, 0x003C
_LABELSST, _BOOLERR, _FORMULA, _LABEL, _RSTRING = 0x00FD, 0x0205, 0x0006, 0x0204, 0x00D6
_NUMBER, _RK, _MULRK = 0x0203, 0x027E, 0x00BD
_ROW, _FORMAT, _XF, _DIMENSIONS = 0x0208, 0x041E, 0x00E0, 0x0200
#: Flag of a ROW record whose height is none.
_IS_HIDDEN = 0x20
_BIFF8 = 0x0600
_CELLS = {_LABELSST, _BOOLERR, _FORMULA, _LABEL, _RSTRING, _NUMBER, _RK}
_NUMBERS = {_NUMBER, _RK, _MULRK, _FORMULA}
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
#: Rows and columns of a sheet, at most (MS-XLS 2.2.1).
_MAX_ROWS, _MAX_COLUMNS = 65_536, 256
#: Places without a cell between the first and the last of the sheets, at most: 80 bytes each.
_MAX_EMPTY = 5_000_000
_PASSWORD = ("工作簿有密码；去掉密码后再导入", "it needs a password: save it without one, import again")


@dataclass
class SheetRecords:
    """What the records of one sheet tell besides the values of cells.

    Attributes
    ----------
    errors
        (Row, column) from 0 -> error as a spreadsheet shows it.
    widths
        (Row, column) from 0 -> digits to which the format of a number fills with zeros in front.
    hidden_rows
        Numbers from 1 of the rows that are not shown.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    widths: dict[tuple[int, int], int] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)


def check_records(name: str, data: bytes, limits: FileLimits) -> list[SheetRecords]:
    """Return what the records of each sheet tell, in the order of the BOUNDSHEET records.

    Raises
    ------
    UnreadableFile
        For a password, damage, or more than the bounds.
    """
    try:
        streams = _streams(data)
    except (struct.error, IndexError, ValueError):
        raise unreadable(name, "工作簿损坏", "the workbook is damaged") from None
    if "EncryptedPackage" in streams:
        raise unreadable(name, *_PASSWORD)
    stream = streams.get("Workbook") or streams.get("Book")
    if stream is None:
        raise unreadable(name, "不是电子表格", "it is no spreadsheet")
    try:
        return _walk(name, stream, limits)
    except UnreadableFile:
        raise
    except (struct.error, IndexError, ValueError):
        raise unreadable(name, "工作簿损坏", "the workbook is damaged") from None


# --- the container ---------------------------------------------------------------------------------------------------


def _streams(data: bytes) -> dict[str, bytes]:
    """Return the streams of a compound file that matter here; of a package only that it is there."""
    sector, mini = 1 << struct.unpack_from("<H", data, 30)[0], 1 << struct.unpack_from("<H", data, 32)[0]
    if sector not in (512, 4096) or mini != 64:
        raise ValueError(sector)
    start, _, cutoff, mini_start, _, more, more_count = struct.unpack_from("<IIIIIII", data, 48)
    count = len(data) // sector

    def block(number: int) -> bytes:
        if number >= count:
            raise ValueError(number)
        return data[(number + 1) * sector : (number + 2) * sector]

    tables = [one for one in struct.unpack_from("<109I", data, 76) if one < _FREE]
    for _ in range(min(more_count, count)):
        if more >= _FREE:
            break
        *listed, more = np.frombuffer(block(more), dtype="<u4").tolist()
        tables += [one for one in listed if one < _FREE]
    if len(tables) > count:
        raise ValueError(len(tables))
    fat = np.frombuffer(b"".join(block(one) for one in tables), dtype="<u4")
    directory = b"".join(block(one) for one in _chain(fat, start, count))
    entries = [directory[place : place + 128] for place in range(0, len(directory) - 127, 128)]
    found: dict[str, bytes] = {}
    root = entries[0]
    for entry in entries:
        length = min(struct.unpack_from("<H", entry, 64)[0], 64)
        title = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        if title == "EncryptedPackage":
            found[title] = b""
        elif title in ("Workbook", "Book") and entry[66] == 2:
            first, size = struct.unpack_from("<I", entry, 116)[0], struct.unpack_from("<I", entry, 120)[0]
            if size >= cutoff:
                stream = b"".join(block(one) for one in _chain(fat, first, count))
            else:
                stream = _mini_stream(fat, first, mini_start, struct.unpack_from("<I", root, 116)[0], block, count)
            found[title] = stream[:size]
    return found


def _mini_stream(
    fat: np.ndarray, first: int, table: int, root: int, block: Callable[[int], bytes], count: int
) -> bytes:
    small = np.frombuffer(b"".join(block(one) for one in _chain(fat, table, count)), dtype="<u4")
    whole = b"".join(block(one) for one in _chain(fat, root, count))
    return b"".join(whole[one * 64 : one * 64 + 64] for one in _chain(small, first, len(small)))


def _chain(table: np.ndarray, first: int, count: int) -> Iterator[int]:
    """Yield the sectors of a chain; a chain that is longer than the file runs in a circle."""
    for _ in range(count + 1):
        if first >= _FREE:
            return
        yield first
        first = int(table[first])
    raise ValueError(first)


# --- the records -----------------------------------------------------------------------------------------------------


def _walk(name: str, stream: bytes, limits: FileLimits) -> list[SheetRecords]:
    walk = _Walk(name, stream)
    for place, kind, body, length in _records(stream):
        walk.take(place, kind, body, length)
    if walk.depth > 0 or not walk.starts:
        raise ValueError(walk.depth)
    limit = f"{limits.xlsx_cells:,}"
    if walk.cells > limits.xlsx_cells:
        raise unreadable(name, f"单元格超过 {limit}", f"it has more than {limit} cells")
    # The parser makes a cell of every place between the first and the last of a sheet, and ends the process where it
    # finds no memory for them.
    places = sum(one.area(stream) for one in walk.spans.values())
    limit = f"{min(limits.xlsx_cells, _MAX_EMPTY):,}"
    if places > limits.xlsx_cells or places - walk.cells > _MAX_EMPTY:
        raise unreadable(
            name, f"从首格到末格空着的格太多，超过 {limit}", f"too many places without a cell: more than {limit}"
        )
    used, sizes = np.array(walk.uses, dtype=np.int64), np.array(_text_sizes(walk.texts), dtype=np.int64)
    if int(sizes[used[used < len(sizes)]].sum()) > MAX_TEXT_BYTES:
        raise unreadable(name, "单元格的文字过多", "its cells have too much text")
    return [walk.sheets[start] for start in walk.starts]


class _Walk:
    """What is gathered on the way through the records."""

    def __init__(self, name: str, stream: bytes) -> None:
        #: Where each sheet begins, in the order of their tabs; what is told of it.
        self.starts: list[int] = []
        self.sheets: defaultdict[int, SheetRecords] = defaultdict(SheetRecords)
        self.texts: list[bytes] = []
        self.uses: list[int] = []
        self.cells, self.depth = 0, 0
        self.spans: defaultdict[int, _Span] = defaultdict(_Span)
        self._name, self._stream, self._here = name, stream, 0
        self._formats = _PaddedFormats(stream)

    def take(self, place: int, kind: int, body: int, length: int) -> None:
        """Take one record."""
        if kind == _FILEPASS:
            raise unreadable(self._name, *_PASSWORD)
        if kind in (_BOF, _EOF):
            self._here = place if kind == _BOF and self.depth == 0 else self._here
            self.depth += 1 if kind == _BOF else -1
        elif kind == _BOUNDSHEET:
            self.starts.append(struct.unpack_from("<I", self._stream, body)[0])
        elif kind == _SST:
            self.texts.append(self._stream[body : body + length])
        elif kind in (_FORMAT, _XF):
            self._formats.take(kind, body, length)
        elif kind == _DIMENSIONS:
            _check_dimensions(self._stream, body, length)
        elif kind == _ROW:
            if struct.unpack_from("<H", self._stream, body + 12)[0] & _IS_HIDDEN:
                self.sheets[self._here].hidden_rows.add(struct.unpack_from("<H", self._stream, body)[0] + 1)
        else:
            self._take_cells(kind, body, length)

    def _take_cells(self, kind: int, body: int, length: int) -> None:
        stream = self._stream
        if kind == _LABELSST:
            self.uses.append(struct.unpack_from("<I", stream, body + 6)[0])
        elif kind in (_BOOLERR, _FORMULA):
            shown = _error(stream, body, kind)
            if shown is not None:
                self.sheets[self._here].errors[struct.unpack_from("<HH", stream, body)] = shown
        if self._formats.widths and kind in _NUMBERS:
            self.sheets[self._here].widths.update(self._formats.cells(kind, body, length))
        if kind in _CELLS or kind == _MULRK:
            self.spans[self._here].take(body, (length - 6) // 6 if kind == _MULRK else 1)
        self.cells += length // 6 if kind == _MULRK else kind in _CELLS


class _Span:
    """The cells of a sheet by where their records are, of each how many are side by side."""

    def __init__(self) -> None:
        self._bodies, self._counts = array("Q"), array("H")

    def take(self, body: int, count: int) -> None:
        """Take the cells of one record."""
        self._bodies.append(body)
        self._counts.append(max(count, 0))

    def area(self, stream: bytes) -> int:
        """Return how many places there are from the first row and column to the last."""
        at, octets = np.array(self._bodies, dtype=np.int64), np.frombuffer(stream, np.uint8)
        row, column = (octets[at + k].astype(np.int64) + 256 * octets[at + k + 1].astype(np.int64) for k in (0, 2))
        width = (column + np.array(self._counts, dtype=np.int64)).max() - column.min()
        return int((row.max() - row.min() + 1) * width)


class _PaddedFormats:
    """The number formats that fill with zeros in front, by the styles that have them."""

    def __init__(self, stream: bytes) -> None:
        #: Position of a style -> digits.
        self.widths: dict[int, int] = {}
        self._stream, self._styles = stream, 0
        self._is_wide = struct.unpack_from("<H", stream, 4)[0] == _BIFF8
        self._formats: dict[int, int] = {}

    def take(self, kind: int, body: int, length: int) -> None:
        """Take a FORMAT or XF record."""
        number = struct.unpack_from("<H", self._stream, body + (2 if kind == _XF else 0))[0]
        if kind == _XF:
            width = self._formats.get(number, 0)
            if width:
                self.widths[self._styles] = width
            self._styles += 1
            return
        # A text of BIFF8 has its length in two bytes and a byte of flags, before that it has one byte.
        text = self._stream[body + (5 if self._is_wide else 3) : body + length]
        is_utf16 = self._is_wide and length > 4 and self._stream[body + 4] & 1
        self._formats[number] = padded_width(text.decode("utf-16-le" if is_utf16 else "latin-1", "replace"))

    def cells(self, kind: int, body: int, length: int) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield row, column and digits of the cells of a record of numbers that have such a style."""
        row, column, style = struct.unpack_from("<HHH", self._stream, body)
        for place in range((length - 6) // 6 if kind == _MULRK else 1):
            if place:
                style = struct.unpack_from("<H", self._stream, body + 4 + 6 * place)[0]
            if style in self.widths:
                yield (row, column + place), self.widths[style]


def _records(stream: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield place, kind, place of the body and its length of each record; what goes on with texts counts as texts."""
    place, last = 0, 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if place + 4 + length > len(stream):
            raise ValueError(place)
        if kind == _CONTINUE and last == _SST:
            kind = _SST
        yield place, kind, place + 4, length
        last, place = kind, place + 4 + length


def _check_dimensions(stream: bytes, body: int, length: int) -> None:
    """Raise ValueError where a sheet is said to be larger than one can be, or to end before it begins."""
    begin, end, left, right = struct.unpack_from("<IIHH" if length >= 14 else "<HHHH", stream, body)
    if end and right and not (begin <= end <= _MAX_ROWS and left <= right <= _MAX_COLUMNS):
        raise ValueError(end)


def _error(stream: bytes, body: int, kind: int) -> str | None:
    if kind == _BOOLERR and stream[body + 7] == 1:
        return _ERRORS.get(stream[body + 6], "#ERROR")
    if kind == _FORMULA and stream[body + 12 : body + 14] == b"\xff\xff" and stream[body + 6] == 2:
        return _ERRORS.get(stream[body + 8], "#ERROR")
    return None


def _text_sizes(parts: Sequence[bytes]) -> list[int]:
    """Return the bytes of each shared text; its characters may go on in the next record, after a byte of flags."""
    sizes: list[int] = []
    if not parts:
        return sizes
    number, place = 0, 8
    while number < len(parts):
        if place >= len(parts[number]):
            number, place = number + 1, 0
            continue
        part = parts[number]
        characters, flags = struct.unpack_from("<HB", part, place)
        place += 3
        runs = struct.unpack_from("<H", part, place)[0] if flags & 8 else 0
        place += 2 if flags & 8 else 0
        extra = struct.unpack_from("<I", part, place)[0] if flags & 4 else 0
        place += 4 if flags & 4 else 0
        sizes.append(3 * characters)
        while characters:
            width = 2 if flags & 1 else 1
            fit = min(characters, (len(parts[number]) - place) // width)
            characters, place = characters - fit, place + fit * width
            if characters:
                number, place = number + 1, 1
                flags = (flags & ~1) | (parts[number][0] & 1)
        rest = 4 * runs + extra
        while rest:
            fit = min(rest, len(parts[number]) - place)
            rest, place = rest - fit, place + fit
            if rest:
                number, place = number + 1, 0
    return sizes
