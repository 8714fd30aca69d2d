"""Measure text in the print font: available characters, widths, line breaks, outlines.

ReportLab reads the metrics and later embeds the characters a page uses; fontTools gives the outlines. The font is
committed unmodified under ``static/vendor`` and read once per process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont as OutlineFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

#: Noto Sans SC Regular (OFL-1.1): all of GB 2312 and nearly every character of Chinese place names.
FONT_PATH = Path(__file__).parent.parent / "static" / "vendor" / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"

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
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
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
        """Return whether the font can draw the character."""
        return self._glyphs.get(ord(char), 0) != 0

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Return the visible characters of the texts that the font cannot draw, each once, in code order."""
        chars = set().union(*map(set, texts))
        return sorted(one for one in chars if not one.isspace() and one.isprintable() and not self.has(one))

    def width(self, text: str, size: float = 1.0) -> float:
        """Return the width of the text in the unit of ``size``; characters without a glyph count as an empty box."""
        widths, default = self._widths, self._default
        return size * sum(widths.get(ord(char), default) for char in text) / 1000

    def ink_extent(self, text: str) -> tuple[float, float]:
        """Return a bound on the ink below and above the baseline, in em, for placing labels."""
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

    def outline(self, char: str) -> tuple[Command, ...]:
        """Return the closed contours of one character as lines and cubic curves, in em; empty where it has none."""
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
    return Font(FONT_PATH, _NAME)


_UPRIGHT = set("0123456789ABCDEFGHIJKLMNOPRSTUVWXYZ.-° ")
_CLOSING = set("，。、；：！？）》」』】〉·…,.;:!?)]}%°′″")
_OPENING = set("（《「『【〈([{")


def _is_cjk(char: str) -> bool:
    return ord(char) >= 0x2E80


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
