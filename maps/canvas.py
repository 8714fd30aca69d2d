"""Draw on a page in millimetres from its lower left corner: shapes, symbols, hatching and searchable text.

Coordinates go into the file as whole hundredths of a millimetre, a fifth of what a printer resolves: exact to measure,
short to store. Whole layers are drawn as one path; thousands of cameras are one operator.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, Literal

import numpy as np
import shapely

from maps.fonts import Font
from maps.pdf import POINTS, Bookmark, EmbeddedFont, write_page

#: Units of the file's coordinates per millimetre.
UNITS = 100
#: Millimetres per typographic point.
PT = 25.4 / 72

Anchor = Literal["left", "middle", "right"]
Place = tuple[float, float]
Points = np.ndarray


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3g}" for at in (1, 3, 5))


def _units(value: float) -> int:
    return round(value * UNITS)


def rings_path(rings: np.ndarray, *, closed: bool) -> bytes:
    """Return the path operators of many linear rings or lines, in file units; points that fall together are dropped."""
    points, owner = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return b""
    whole = np.rint(points * UNITS).astype(np.int64)
    if closed:  # the last point of a ring repeats the first; closing the path says the same
        last = np.append(owner[1:] != owner[:-1], True)
        whole, owner = whole[~last], owner[~last]
    first = np.append(True, owner[1:] != owner[:-1])
    keep = first | np.append(True, (whole[1:] != whole[:-1]).any(axis=1))
    whole, owner, first = whole[keep], owner[keep], first[keep]
    last = np.append(first[1:], True)
    verbs = np.where(first, "%d %d m\n", "%d %d l\n").astype(object)
    if closed:
        verbs[last] = verbs[last] + "h\n"
    else:  # a line that shrank to a point is still a dot under round caps
        lonely = np.flatnonzero(first & last)
        verbs[lonely] = [f"%d %d m\n{x} {y} l\n" for x, y in whole[lonely].tolist()]
    return ("".join(verbs) % tuple(whole.ravel().tolist())).encode()


def _polygon_path(shapes: Sequence[object] | np.ndarray) -> bytes:
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    parts = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    # Outer rings one way round, holes the other: then overlapping polygons of one layer fill their union.
    return rings_path(shapely.get_rings(shapely.orient_polygons(parts)), closed=True)


class Canvas:
    """Collect drawing operators of one page; lengths and places in mm, type sizes in points."""

    def __init__(self, width: float, height: float, font: Font) -> None:
        self.width, self.height, self.font = width, height, font
        scale = POINTS / UNITS
        self._ops: list[bytes] = [b"%.8f 0 0 %.8f 0 0 cm 1 J 1 j\n" % (scale, scale)]
        self._text = EmbeddedFont(font)
        self._alphas: dict[float, str] = {}
        self._patterns: dict[str, bytes] = {}
        self._hatches: dict[tuple[object, ...], str] = {}

    def _emit(self, text: str) -> None:
        self._ops.append(text.encode())

    # ------------------------------------------------------------------------------------------------- shapes

    def _paint(
        self,
        path: bytes,
        fill: str | None,
        edge: str | None,
        width: float,
        hatch: tuple[str, float, float, float] | None = None,
        alpha: float = 1.0,
        dash: Sequence[float] = (),
        cap: int = 1,
    ) -> None:
        if not path:
            return
        state = ["q"]
        if alpha < 1:
            state.append(f"/{self._alphas.setdefault(alpha, f'A{len(self._alphas)}')} gs")
        if edge:
            state.append(f"{_rgb(edge)} RG {max(1, _units(width))} w {cap} J")
        if dash:
            state.append(f"[{' '.join(str(_units(one)) for one in dash)}] 0 d")
        verb = b"S"
        if hatch:
            state.append(f"/Pattern cs /{self._hatch(*hatch, fill)} scn")
        elif fill:
            state.append(f"{_rgb(fill)} rg")
        if fill or hatch:
            verb = b"B" if edge else b"f"
        self._ops += [" ".join(state).encode(), b"\n", path, verb, b" Q\n"]

    def _hatch(self, colour: str, spacing: float, width: float, angle: float, ground: str | None) -> str:
        """Return the name of a tiling pattern of parallel lines ``spacing`` apart, over ``ground`` if given."""
        key = (colour, spacing, width, angle, ground)
        if key not in self._hatches:
            name = f"H{len(self._hatches)}"
            # Lines at 45 degrees repeat along x and y; a turned pattern matrix gives every other angle.
            turn, scale = math.radians(angle), POINTS
            cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
            tile = spacing * 8
            lines = " ".join(
                f"-1 {(row + 0.5) * spacing:.4f} m {tile + 1:.4f} {(row + 0.5) * spacing:.4f} l" for row in range(8)
            )
            ground_ops = f"{_rgb(ground)} rg 0 0 {tile:.4f} {tile:.4f} re f " if ground else ""
            body = f"{ground_ops}{_rgb(colour)} RG {width:.4f} w {lines} S".encode()
            self._patterns[name] = (
                b"<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 %.4f %.4f] /XStep %.4f "
                b"/YStep %.4f /Resources << >> /Matrix [%.6f %.6f %.6f %.6f 0 0] /Length %d >>\nstream\n%s\nendstream"
                % (tile, tile, tile, tile, cos, sin, -sin, cos, len(body), body)
            )
            self._hatches[key] = name
        return self._hatches[key]

    def rings(
        self,
        rings: np.ndarray,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.1,
        hatch: tuple[str, float, float, float] | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Draw closed rings, in mm, outer ones one way round and holes the other, as one path.

        A ring that has shrunk to a line or a point still shows by its edge.
        """
        self._paint(rings_path(rings, closed=True), fill, edge, width, hatch, alpha)

    def polygons(
        self,
        shapes: Sequence[object] | np.ndarray,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.1,
        hatch: tuple[str, float, float, float] | None = None,
        alpha: float = 1.0,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw polygons, in mm, as one path; ``hatch`` is line colour, spacing mm, line width mm, angle in degrees."""
        self._paint(_polygon_path(shapes), fill, edge, width, hatch, alpha, dash)

    def lines(
        self,
        shapes: Sequence[object] | np.ndarray,
        *,
        edge: str,
        width: float = 0.1,
        alpha: float = 1.0,
        dash: Sequence[float] = (),
        cap: int = 1,
    ) -> None:
        """Draw lines, or the edges of polygons, in mm, as one path."""
        parts = shapely.get_parts(np.asarray(shapes, dtype=object))
        kinds = shapely.get_type_id(parts)
        path = rings_path(parts[(kinds == 1) | (kinds == 2)], closed=False)
        self._paint(path + _polygon_path(parts[kinds == 3]), None, edge, width, None, alpha, dash, cap)

    def polyline(self, points: Sequence[Place], *, edge: str, width: float = 0.1, dash: Sequence[float] = ()) -> None:
        """Draw one line through the points, with flat ends."""
        self.lines([shapely.LineString(points)], edge=edge, width=width, dash=dash, cap=0)

    def polygon(
        self,
        points: Sequence[Place],
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.1,
    ) -> None:
        """Draw one polygon through the points."""
        self.polygons([shapely.Polygon(points)], fill=fill, edge=edge, width=width)

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str | None = None,
        edge: str | None = None,
        line: float = 0.1,
        hatch: tuple[str, float, float, float] | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Draw a rectangle by its lower left corner; ``line`` is the width of its edge."""
        path = b"%d %d %d %d re\n" % (_units(x), _units(y), _units(width), _units(height))
        self._paint(path, fill, edge, line, hatch, alpha)

    def circle(
        self, x: float, y: float, radius: float, *, fill: str | None = None, edge: str | None = None, width: float = 0.1
    ) -> None:
        """Draw a circle as four cubic curves."""
        k = 0.5522847498 * radius
        corners = [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)]
        ops = [f"{_units(x + radius)} {_units(y)} m"]
        for cos, sin, cos2, sin2 in corners:
            curve = (
                x + cos * radius + cos2 * k,
                y + sin * radius + sin2 * k,
                x + cos2 * radius + cos * k,
                y + sin2 * radius + sin * k,
                x + cos2 * radius,
                y + sin2 * radius,
            )
            ops.append(" ".join(str(_units(one)) for one in curve) + " c")
        self._paint((" ".join(ops) + " h\n").encode(), fill, edge, width)

    def dots(self, places: Points, *, diameter: float, colour: str) -> None:
        """Draw a dot at each place (n, 2): lines of no length with round ends, all in one path."""
        whole = np.rint(np.asarray(places, float).reshape(-1, 2) * UNITS).astype(np.int64)
        path = "%d %d m %d %d l\n" * len(whole) % tuple(np.hstack([whole, whole]).ravel().tolist())
        self._paint(path.encode(), None, colour, diameter)

    def symbols(
        self, places: Points, shape: Points, *, fill: str | None = None, edge: str | None = None, width: float = 0.1
    ) -> None:
        """Draw the polygon ``shape`` (k, 2), mm about its centre, at each place (n, 2), all in one path."""
        places = np.asarray(places, float).reshape(-1, 1, 2)
        whole = np.rint((places + np.asarray(shape, float)) * UNITS).astype(np.int64)
        verbs = "%d %d m\n" + "%d %d l\n" * (len(shape) - 1) + "h\n"
        self._paint((verbs * len(places) % tuple(whole.ravel().tolist())).encode(), fill, edge, width)

    @contextmanager
    def clipped(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Draw only inside a rectangle until the block ends."""
        self._ops.append(b"q %d %d %d %d re W n\n" % (_units(x), _units(y), _units(width), _units(height)))
        try:
            yield
        finally:
            self._ops.append(b"Q\n")

    # ------------------------------------------------------------------------------------------------- text

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: str = "#000000",
        anchor: Anchor = "left",
        angle: float = 0.0,
        bold: bool = False,
        halo: tuple[str, float] | None = None,
        spacing: float = 0.0,
        unseen: str = "",
    ) -> float:
        """Write one line with its baseline at ``y`` and return its width in mm.

        Parameters
        ----------
        size
            In points.
        angle
            Degrees counter-clockwise about the anchor.
        bold
            Thicken the strokes: one weight of the font is 10 MB, a second is not worth carrying.
        halo
            Colour and width in mm of a rim beneath. It is drawn as outlines, so the text stands in the file once and
            a search finds it once.
        spacing
            Extra distance between characters in mm.
        unseen
            Characters before the text that a search and a copy find but no eye sees: a hundredth of their width, in
            the invisible mode.
        """
        text = " ".join(text.split())
        if not text:
            return 0.0
        em = size * PT
        run = self.font.width(text, em) + spacing * (len(text) - 1)
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        back = {"left": 0.0, "middle": run / 2, "right": run}[anchor]
        x, y = x - back * cos, y - back * sin
        if halo:
            self._halo(x, y, text, em, (cos, sin), spacing, halo)
        turn = f"{cos:.6f} {sin:.6f} {-sin:.6f} {cos:.6f} {x * UNITS:.1f} {y * UNITS:.1f} Tm"
        look = f"{_rgb(colour)} rg"
        if bold:
            look += f" 2 Tr {_rgb(colour)} RG {em * 0.032 * UNITS:.1f} w"
        if spacing:
            look += f" {spacing * UNITS:.1f} Tc"
        isolated = bold or bool(spacing)
        self._emit(f"{'q ' if isolated else ''}{look} BT /F {em * UNITS:.2f} Tf {turn} ")
        if unseen:
            self._ops += [b"3 Tr 1 Tz ", self._text.encode(unseen), b" Tj 0 Tr 100 Tz "]
        self._ops += [self._text.encode(text), b" Tj ET", b" Q\n" if isolated else b"\n"]
        return run

    def _halo(
        self,
        x: float,
        y: float,
        text: str,
        em: float,
        turn: tuple[float, float],
        spacing: float,
        rim: tuple[str, float],
    ) -> None:
        cos, sin = turn
        colour, width = rim
        ops: list[str] = []
        scale = em / self.font.units_per_em
        for char in text:
            for contour in self.font.outline(self.font.glyph(char)):
                for verb, *numbers in contour:
                    places = []
                    for gx, gy in zip(numbers[::2], numbers[1::2], strict=True):
                        places += [
                            str(_units(x + (gx * cos - gy * sin) * scale)),
                            str(_units(y + (gx * sin + gy * cos) * scale)),
                        ]
                    ops.append(" ".join(places) + f" {verb}")
                ops.append("h")
            step = self.font.width(char, em) + spacing
            x, y = x + step * cos, y + step * sin
        self._paint("\n".join(ops).encode() + b"\n", None, colour, 2 * width)

    # ------------------------------------------------------------------------------------------------- file

    def write(
        self,
        out: BinaryIO,
        *,
        info: Mapping[str, str],
        made: datetime | None,
        lang: str,
        bookmarks: Sequence[tuple[str, float, float]] = (),
    ) -> None:
        """Write the page; ``bookmarks`` are title, left and top in mm, the rest as in ``pdf.write_page``."""
        write_page(
            out,
            size=(self.width * POINTS, self.height * POINTS),
            content=b"".join(self._ops),
            font=self._text,
            alphas=self._alphas,
            patterns=self._patterns,
            info=info,
            made=made,
            lang=lang,
            bookmarks=[Bookmark(title, left * POINTS, top * POINTS) for title, left, top in bookmarks],
        )
