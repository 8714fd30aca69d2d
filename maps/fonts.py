"""Read the print font: which characters it has, how wide they are, their outlines, and a subset to embed.

The font is a TrueType file with quadratic outlines (``glyf``), committed unmodified under ``static/vendor``. A page
holds a few hundred characters of its 30,898 glyphs, so only those are embedded; the file is read once per process.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

#: Noto Sans SC Regular (OFL-1.1): all of GB 2312 and nearly every character met in Chinese place names.
FONT_PATH = Path(__file__).parent / "static" / "vendor" / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"

# Flags of a composite glyph's parts (OpenType specification, table glyf).
_WORDS, _XY, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 0x1, 0x2, 0x8, 0x20, 0x40, 0x80

#: A closed contour as drawing commands: ``("m" | "l", x, y)`` or ``("c", x1, y1, x2, y2, x, y)`` in font units.
Command = tuple[str, *tuple[float, ...]]


class Font:
    """Answer questions about one TrueType font; lengths are in em unless said otherwise.

    Parameters
    ----------
    data
        The bytes of a TrueType file with a ``glyf`` table.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._tables = {
            data[at : at + 4]: struct.unpack(">II", data[at + 8 : at + 16])
            for at in range(12, 12 + 16 * struct.unpack(">H", data[4:6])[0], 16)
        }
        head = self._table(b"head")
        hhea = self._table(b"hhea")
        self.units_per_em: int = struct.unpack(">H", head[18:20])[0]
        self.bounds: tuple[int, ...] = struct.unpack(">4h", head[36:44])
        self.ascent, self.descent = (value / self.units_per_em for value in struct.unpack(">2h", hhea[4:8]))
        self.cap_height: float = struct.unpack(">h", self._table(b"OS/2")[88:90])[0] / self.units_per_em
        metrics = struct.unpack(">H", hhea[34:36])[0]
        self._advances = np.frombuffer(self._table(b"hmtx"), ">u2", metrics * 2)[::2]
        offsets = np.frombuffer(self._table(b"loca"), ">u4" if struct.unpack(">h", head[50:52])[0] else ">u2")
        self._loca = offsets.astype(np.int64) * (1 if offsets.dtype.itemsize == 4 else 2)

    def _table(self, tag: bytes) -> bytes:
        offset, length = self._tables[tag]
        return self._data[offset : offset + length]

    @cached_property
    def _cmap(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return first code, last code and first glyph of every run of the full Unicode table (format 12)."""
        table = self._table(b"cmap")
        for at in range(4, 4 + 8 * struct.unpack(">H", table[2:4])[0], 8):
            offset = struct.unpack(">I", table[at + 4 : at + 8])[0]
            if struct.unpack(">H", table[offset : offset + 2])[0] == 12:
                count = struct.unpack(">I", table[offset + 12 : offset + 16])[0]
                runs = np.frombuffer(table, ">u4", count * 3, offset + 16).reshape(-1, 3).astype(np.int64)
                return runs[:, 0], runs[:, 1], runs[:, 2]
        raise ValueError("the font has no full Unicode table")  # pragma: no cover - a fault of the vendored file

    @cached_property
    def _seen(self) -> dict[str, tuple[int, float]]:
        return {}

    def _look_up(self, char: str) -> tuple[int, float]:
        found = self._seen.get(char)
        if found is None:
            first, last, glyph = self._cmap
            code = ord(char)
            run = int(np.searchsorted(first, code, "right")) - 1
            index = int(glyph[run] + code - first[run]) if run >= 0 and code <= last[run] else 0
            advance = int(self._advances[min(index, len(self._advances) - 1)]) / self.units_per_em
            found = self._seen[char] = (index, advance)
        return found

    def glyph(self, char: str) -> int:
        """Return the glyph number of one character, 0 where the font has none."""
        return self._look_up(char)[0]

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Return the visible characters of the texts that the font cannot draw, each once, in code order."""
        chars = set().union(*map(set, texts))
        return sorted(one for one in chars if not one.isspace() and one.isprintable() and not self.glyph(one))

    def width(self, text: str, size: float = 1.0) -> float:
        """Return how far the text runs, in the unit of ``size``; characters without a glyph count as an empty box."""
        return size * sum(self._look_up(char)[1] for char in text)

    def ink(self, text: str) -> tuple[float, float]:
        """Return how far below and above the baseline the text is inked, in em: a bound good for placing labels."""
        if any(_is_wide(char) for char in text):
            return 0.12, 0.88
        if all(char in _UPRIGHT for char in text):
            return 0.015, self.cap_height + 0.015
        return 0.23, 0.80

    def shorten(self, text: str, size: float, width: float) -> str:
        """Return the text, or its beginning with an ellipsis where it would run wider than ``width``."""
        if self.width(text, size) <= width:
            return text
        room = width - self.width("…", size)
        for end, char in enumerate(text):
            room -= self.width(char, size)
            if room < 0:
                return text[:end].rstrip() + "…"
        return text  # pragma: no cover - the loop ends first whenever the text is too wide

    def wrap(self, text: str, size: float, width: float) -> list[str]:
        """Break the text into lines no wider than ``width``: between words, or after any Chinese character.

        A closing mark never begins a line, as Chinese typesetting asks.
        """
        lines: list[str] = []
        line = ""
        for piece in _pieces(text):
            if line and self.width((line + piece).rstrip(), size) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        if line.strip():
            lines.append(line.rstrip())
        return lines

    # ------------------------------------------------------------------------------------------------- outlines

    def _glyf(self, index: int) -> bytes:
        start = self._tables[b"glyf"][0]
        return self._data[start + int(self._loca[index]) : start + int(self._loca[index + 1])]

    def outline(self, index: int) -> list[list[Command]]:
        """Return the closed contours of a glyph as lines and cubic curves, in font units."""
        data = self._glyf(index)
        if not data:
            return []
        if struct.unpack(">h", data[:2])[0] >= 0:
            return [_commands(points, on) for points, on in _simple(data)]
        contours = []
        for _at, part, matrix in _parts(data):
            contours += [[_moved(command, matrix) for command in one] for one in self.outline(part)]
        return contours

    # ------------------------------------------------------------------------------------------------- subset

    def subset(self, glyphs: Sequence[int]) -> bytes:
        """Return a TrueType file of glyph 0 followed by the given glyphs in order, for embedding in a PDF.

        A glyph may be named twice; parts of composite glyphs are appended. Only the tables that ISO 32000-1 section
        9.9 asks of a CIDFontType2 program are written.
        """
        order = [0, *glyphs]
        place = {glyph: at for at, glyph in reversed(list(enumerate(order)))}
        bodies: list[bytes] = []
        at = 0
        while at < len(order):
            body = bytearray(self._glyf(order[at]))
            if body and struct.unpack(">h", body[:2])[0] < 0:
                for offset, part, _matrix in _parts(bytes(body)):
                    if part not in place:
                        place[part] = len(order)
                        order.append(part)
                    body[offset : offset + 2] = struct.pack(">H", place[part])
            bodies.append(bytes(body) + b"\0" * (-len(body) % 4))
            at += 1
        return self._assemble(order, bodies)

    def _assemble(self, order: Sequence[int], bodies: Sequence[bytes]) -> bytes:
        head = bytearray(self._table(b"head"))
        head[8:12] = b"\0\0\0\0"
        head[50:52] = struct.pack(">h", 1)
        hhea = self._table(b"hhea")[:34] + struct.pack(">H", len(order))
        maxp = bytearray(self._table(b"maxp"))
        maxp[4:6] = struct.pack(">H", len(order))
        ends = np.concatenate([[0], np.cumsum([len(body) for body in bodies])])
        last = len(self._advances) - 1
        hmtx = b"".join(
            struct.pack(">Hh", int(self._advances[min(glyph, last)]), struct.unpack(">h", body[2:4])[0] if body else 0)
            for glyph, body in zip(order, bodies, strict=True)
        )
        tables = {
            b"glyf": b"".join(bodies),
            b"head": bytes(head),
            b"hhea": hhea,
            b"hmtx": hmtx,
            b"loca": ends.astype(">u4").tobytes(),
            b"maxp": bytes(maxp),
        }
        for tag in (b"cvt ", b"fpgm", b"prep"):
            if tag in self._tables:
                tables[tag] = self._table(tag)
        return _file(dict(sorted(tables.items())))


@lru_cache(maxsize=1)
def print_font() -> Font:
    """Return the vendored print font, read once per process."""
    return Font(FONT_PATH.read_bytes())


_UPRIGHT = set("0123456789ABCDEFGHIJKLMNOPRSTUVWXYZ.-° ")
_CLOSING = set("，。、；：！？）》」』】〉·…,.;:!?)]}%°′″")
_OPENING = set("（《「『【〈([{")


def _is_wide(char: str) -> bool:
    return ord(char) >= 0x2E80


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may break."""
    pieces: list[str] = []
    for char in text:
        previous = pieces[-1][-1] if pieces else ""
        glued = (
            char in _CLOSING
            or previous in _OPENING
            or (char == " ")
            or (previous not in ("", " ") and not _is_wide(char) and not _is_wide(previous))
        )
        if pieces and glued:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _checksum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    return int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64) & 0xFFFFFFFF)


def _file(tables: dict[bytes, bytes]) -> bytes:
    """Write a TrueType file of these tables, with its directory and checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    top = struct.pack(">IHHHH", 0x00010000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    at = len(top) + 16 * count
    directory, bodies, head_at = b"", b"", 0
    for tag, data in tables.items():
        if tag == b"head":
            head_at = at + 8
        directory += struct.pack(">4sIII", tag, _checksum(data), at, len(data))
        padded = data + b"\0" * (-len(data) % 4)
        bodies += padded
        at += len(padded)
    whole = bytearray(top + directory + bodies)
    whole[head_at : head_at + 4] = struct.pack(">I", (0xB1B0AFBA - _checksum(bytes(whole))) & 0xFFFFFFFF)
    return bytes(whole)


Matrix = tuple[float, float, float, float, float, float]


def _parts(data: bytes) -> list[tuple[int, int, Matrix]]:
    """Return of each part of a composite glyph: where its glyph number stands, that number, its matrix."""
    parts: list[tuple[int, int, Matrix]] = []
    at, flags = 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack(">HH", data[at : at + 4])
        where = at + 2
        at += 4
        dx, dy = struct.unpack(">hh" if flags & _WORDS else ">bb", data[at : at + (4 if flags & _WORDS else 2)])
        at += 4 if flags & _WORDS else 2
        a, b, c, d = 1.0, 0.0, 0.0, 1.0
        if flags & _SCALE:
            a = d = struct.unpack(">h", data[at : at + 2])[0] / 16384
            at += 2
        elif flags & _XY_SCALE:
            a, d = (value / 16384 for value in struct.unpack(">2h", data[at : at + 4]))
            at += 4
        elif flags & _TWO_BY_TWO:
            a, b, c, d = (value / 16384 for value in struct.unpack(">4h", data[at : at + 8]))
            at += 8
        # Parts placed by matching points rather than by an offset do not occur in this font.
        parts.append((where, glyph, (a, b, c, d, float(dx), float(dy)) if flags & _XY else (a, b, c, d, 0.0, 0.0)))
    return parts


def _moved(command: Command, matrix: Matrix) -> Command:
    a, b, c, d, dx, dy = matrix
    numbers = [float(value) for value in command[1:]]
    moved: list[float] = []
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        moved += [a * x + c * y + dx, b * x + d * y + dy]
    return (command[0], *moved)


def _simple(data: bytes) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return points (n, 2) and on-curve flags of each contour of a simple glyph."""
    contours = struct.unpack(">h", data[:2])[0]
    ends = struct.unpack(f">{contours}H", data[10 : 10 + 2 * contours])
    at = 10 + 2 * contours
    at += 2 + struct.unpack(">H", data[at : at + 2])[0]
    count = ends[-1] + 1 if ends else 0
    flags: list[int] = []
    while len(flags) < count:
        flag = data[at]
        at += 1
        repeat = 1
        if flag & 8:
            repeat += data[at]
            at += 1
        flags += [flag] * repeat
    axes = []
    for short, same in ((2, 16), (4, 32)):
        steps = np.zeros(count, np.int64)
        for point, flag in enumerate(flags):
            if flag & short:
                steps[point] = data[at] if flag & same else -data[at]
                at += 1
            elif not flag & same:
                steps[point] = struct.unpack(">h", data[at : at + 2])[0]
                at += 2
        axes.append(np.cumsum(steps))
    points = np.column_stack(axes)
    on = np.array(flags, np.int64) & 1 == 1
    starts = (0, *(end + 1 for end in ends[:-1]))
    return [(points[a : b + 1], on[a : b + 1]) for a, b in zip(starts, ends, strict=True) if b >= a]


def _commands(points: np.ndarray, on: np.ndarray) -> list[Command]:
    """Turn one contour of quadratic splines into lines and cubic curves."""
    full: list[tuple[float, float, bool]] = []
    count = len(points)
    for at in range(count):
        x, y = (float(value) for value in points[at])
        full.append((x, y, bool(on[at])))
        after = (at + 1) % count
        if not on[at] and not on[after]:  # two controls in a row: the point between them is on the curve
            full.append(((x + float(points[after, 0])) / 2, (y + float(points[after, 1])) / 2, True))
    start = next((at for at, one in enumerate(full) if one[2]), 0)
    full = full[start:] + full[: start + 1]
    commands: list[Command] = [("m", full[0][0], full[0][1])]
    at = 1
    while at < len(full):
        x, y, is_on = full[at]
        px, py = full[at - 1][:2]
        if is_on:
            commands.append(("l", x, y))
            at += 1
            continue
        ex, ey = full[at + 1][:2]
        commands.append(
            ("c", px + (x - px) * 2 / 3, py + (y - py) * 2 / 3, ex + (x - ex) * 2 / 3, ey + (y - ey) * 2 / 3, ex, ey)
        )
        at += 2
    return commands
