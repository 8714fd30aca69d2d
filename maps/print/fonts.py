"""Measure text in the print font: available characters, widths, line breaks, outlines.

ReportLab reads the metrics and later embeds the characters a page uses; fontTools gives the outlines. The font is
committed unmodified under ``static/vendor`` and read once per process.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont as OutlineFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from maps.print.right_to_left import in_visual_order

_VENDOR = Path(__file__).parent.parent / "static" / "vendor"
#: Noto Sans SC Regular (OFL-1.1): all of GB 2312 and nearly every character of Chinese place names.
FONT_PATH = _VENDOR / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"


@dataclass(frozen=True)
class Fallback:
    """A font for characters of these ranges (first and last code point) that the first font lacks."""

    name: str
    path: Path
    ranges: tuple[tuple[int, int], ...]


#: All OFL-1.1, of one family with the first; each is read when a text first needs it.
FALLBACKS = (
    Fallback(
        "NotoSans",
        _VENDOR / "noto-sans" / "NotoSans_400Regular.ttf",
        ((0x80, 0x52F), (0x1C80, 0x1CFF), (0x1D00, 0x2BFF), (0xA640, 0xA69F), (0xA720, 0xA7FF), (0xAB30, 0xAB6F)),
    ),
    Fallback("NotoSansThai", _VENDOR / "noto-sans-thai" / "NotoSansThai_400Regular.ttf", ((0x0E00, 0x0E7F),)),
    Fallback(
        "NotoSansArabic", _VENDOR / "noto-sans-arabic" / "NotoSansArabic_400Regular.ttf",
        ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    ),
    Fallback(
        "NotoSansKR",
        _VENDOR / "noto-sans-kr" / "NotoSansKR_400Regular.ttf",
        ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xFFA0, 0xFFDC)),
    ),
)  # fmt: skip

#: A drawing command in em: ``("m" | "l", x, y)``, ``("c", x1, y1, x2, y2, x, y)`` or ``("h",)``.
Command = tuple[str, *tuple[float, ...]]

_NAME = "NotoSansSC"
_GLYPH_LOCK = threading.Lock()  # fontTools reads glyphs lazily from one open file


class Font:
    """Metrics and outlines of one TrueType font; lengths are in em unless stated otherwise.

    Parameters
    ----------
    path
        A TrueType file with quadratic outlines.
    name
        What the PDF library calls it; registered there once.
    fallbacks
        Fonts for what it lacks.
    """

    def __init__(self, path: Path, name: str, fallbacks: Sequence[Fallback] = ()) -> None:
        self.name = name
        self._path = path
        self._fallbacks = tuple(fallbacks)
        self._print = TTFont(name, str(path))
        pdfmetrics.registerFont(self._print)
        face = self._print.face
        self._widths: dict[int, float] = face.charWidths
        self._glyphs: dict[int, int] = face.charToGlyph
        self._default: float = face.defaultWidth
        self.cap_height: float = face.capHeight / 1000
        self._seen: dict[str, tuple[Command, ...]] = {}

    @cached_property
    def _outlines(self) -> tuple[OutlineFont, dict[int, str], float]:
        font = OutlineFont(self._path, lazy=True)
        return font, font.getBestCmap(), 1 / font["head"].unitsPerEm

    def has(self, char: str) -> bool:
        """Return whether the font, or one that stands in for it, can draw the character."""
        return self._own(char) or self._font_of(char) is not self

    def _own(self, char: str) -> bool:
        return self._glyphs.get(ord(char), 0) != 0

    def _font_of(self, char: str) -> Font:
        """Return the font that draws a character; the first where none can, as an empty box."""
        if self._own(char):
            return self
        code = ord(char)
        for one in self._fallbacks:
            if any(low <= code <= high for low, high in one.ranges):
                font = _fallback_font(one)
                if font._own(char):
                    return font
        return self

    def runs(self, text: str) -> list[tuple[str, str]]:
        """Return the text as runs of one font each: name of the font, characters."""
        return [(name, "".join(chars)) for name, chars in groupby(text, key=lambda char: self._font_of(char).name)]

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Return the characters of the texts that no font can draw, each once, in code order.

        Characters for private use are among them: old Chinese tables keep rare characters of names there.
        """
        chars = set().union(*map(set, texts))
        return sorted(one for one in chars if not one.isspace() and not _is_invisible(one) and not self.has(one))

    def width(self, text: str, size: float = 1.0) -> float:
        """Return the width of the text in the unit of ``size``; characters without a glyph count as an empty box."""
        try:
            return size * sum(map(self._widths.__getitem__, map(ord, text))) / 1000
        except KeyError:
            fonts = [(char, self._font_of(char)) for char in in_visual_order(text)]
            return size * sum(font._widths.get(ord(char), font._default) for char, font in fonts) / 1000

    def ink_extent(self, text: str) -> tuple[float, float]:
        """Return a bound on the ink below and above the baseline, in em, for placing labels."""
        if not all(map(self._own, text)):
            return 0.35, 1.05  # stacked accents, vowels above and below, Arabic descenders
        if any(_is_cjk(char) for char in text):
            return 0.12, 0.88
        if all(char in _UPRIGHT for char in text):
            return 0.015, self.cap_height + 0.015
        return 0.23, 0.80

    def shorten(self, text: str, size: float, width: float) -> str:
        """Return the text, or its beginning with an ellipsis where it is wider than ``width``."""
        if self.width(text, size) <= width:
            return text
        available = width - self.width("…", size)
        for end, char in enumerate(text):
            available -= self.width(char, size)
            if available < 0:
                return text[:end].rstrip() + "…"
        return text  # pragma: no cover - the loop returns first whenever the text is too wide

    def shorten_middle(self, text: str, size: float, width: float) -> str:
        """Return the text, or both its ends with an ellipsis between them where it is wider than ``width``.

        The end has two thirds of the room: it says what a title is of.
        """
        if self.width(text, size) <= width:
            return text
        available = max(0.0, width - self.width("…", size))
        start = self.shorten(text, size, available / 3 + self.width("…", size)).removesuffix("…")
        at = len(text)
        available -= self.width(start, size)
        while at > len(start) and self.width(text[at - 1], size) <= available:
            at -= 1
            available -= self.width(text[at], size)
        return f"{start}…{text[at:].lstrip()}"

    def wrap(self, text: str, size: float, width: float) -> list[str]:
        """Break the text into lines no wider than ``width``: between words, or after any Chinese character.

        A closing mark never begins a line (Chinese typesetting).
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

    def wrap_within(self, text: str, size: float, width: float) -> list[str]:
        """Break the text into lines as ``wrap`` does, and a word wider than ``width`` where the line ends."""
        lines: list[str] = []
        for line in self.wrap(text, size, width):
            rest = line
            while self.width(rest, size) > width and len(rest) > 1:
                end = next(k for k in range(len(rest), 0, -1) if k == 1 or self.width(rest[:k], size) <= width)
                lines.append(rest[:end])
                rest = rest[end:]
            lines.append(rest)
        return lines

    def outline(self, char: str) -> tuple[Command, ...]:
        """Return the closed contours of one character as lines and cubic curves, in em; empty where it has none."""
        font = self._font_of(char)
        if font is not self:
            return font.outline(char)
        if char not in self._seen:
            with _GLYPH_LOCK:
                self._seen[char] = tuple(self._traced(char))
        return self._seen[char]

    def _traced(self, char: str) -> list[Command]:
        font, names, em = self._outlines
        if ord(char) not in names:
            return []
        glyphs = font.getGlyphSet()
        pen = DecomposingRecordingPen(glyphs)
        glyphs[names[ord(char)]].draw(pen)
        commands: list[Command] = []
        at = (0.0, 0.0)
        for verb, points in pen.value:
            scaled = [(x * em, y * em) for x, y in (one or (0, 0) for one in points)]
            if verb in ("moveTo", "lineTo"):
                commands.append(("m" if verb == "moveTo" else "l", *scaled[0]))
            elif verb == "qCurveTo":
                commands += _cubics(at, scaled)
            elif verb == "closePath":
                commands.append(("h",))
            at = scaled[-1] if scaled else at
        return commands


def _cubics(start: tuple[float, float], points: list[tuple[float, float]]) -> list[Command]:
    """Return the cubic curves of one TrueType spline, with implied on-curve points half way between off-curve ones."""
    curves: list[Command] = []
    x0, y0 = start
    offs, last = points[:-1], points[-1]
    if not offs:
        return [("l", *last)]
    for at, (cx, cy) in enumerate(offs):
        x, y = last if at == len(offs) - 1 else ((cx + offs[at + 1][0]) / 2, (cy + offs[at + 1][1]) / 2)
        curves.append(
            ("c", x0 + 2 / 3 * (cx - x0), y0 + 2 / 3 * (cy - y0), x + 2 / 3 * (cx - x), y + 2 / 3 * (cy - y), x, y)
        )
        x0, y0 = x, y
    return curves


@lru_cache(maxsize=1)
def print_font() -> Font:
    """Return the vendored print font, read once per process."""
    return Font(FONT_PATH, _NAME, FALLBACKS)


@lru_cache(maxsize=len(FALLBACKS))
def _fallback_font(one: Fallback) -> Font:
    return Font(one.path, one.name)


def character_name(char: str) -> str:
    """Return a character that cannot be drawn by letters that can: its code point and its name in Unicode."""
    kinds = {"Co": "PRIVATE USE", "Cn": "UNASSIGNED", "Cs": "SURROGATE"}
    return f"U+{ord(char):04X} {unicodedata.name(char, kinds.get(unicodedata.category(char), 'UNNAMED'))}"


def _is_invisible(char: str) -> bool:
    is_variation_selector = 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF
    return is_variation_selector or unicodedata.category(char) in ("Cc", "Cf")


_UPRIGHT = set("0123456789ABCDEFGHIJKLMNOPRSTUVWXYZ.-° ")
_CLOSING = set("，。、；：！？）》」』】〉·…,.;:!?)]}%°′″")
_OPENING = set("（《「『【〈([{")


def _is_cjk(char: str) -> bool:
    code = ord(char)
    return code >= 0x2E80 and not (0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFF)  # joined forms of Arabic


def _pieces(text: str) -> list[str]:
    """Split a text where a line may break."""
    pieces: list[str] = []
    for char in text:
        previous = pieces[-1][-1] if pieces else ""
        glued = (
            char in _CLOSING
            or previous in _OPENING
            or (char == " ")
            or (previous not in ("", " ") and not _is_cjk(char) and not _is_cjk(previous))
        )
        if pieces and glued:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces
