"""Draw on a page in millimetres from its lower left corner: shapes, symbols, hatching and searchable text.

ReportLab writes the file: fonts, text, opacity, bookmarks. Paths go in as whole hundredths of a millimetre, a fifth of
what a printer resolves: exact to measure, short to store. Whole layers are one path; thousands of cameras are one
operator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, Literal

import numpy as np
import shapely
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas as Pdf

from maps.print.fonts import Font

#: Points per millimetre.
POINTS = 72 / 25.4
#: Units of the file's coordinates per millimetre.
UNITS = 100
#: Millimetres per typographic point.
PT = 25.4 / 72

Anchor = Literal["left", "middle", "right"]
Place = tuple[float, float]
Points = np.ndarray
#: Line colour, spacing in mm, line width in mm, angle in degrees.
Hatch = tuple[str, float, float, float]


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3g}" for at in (1, 3, 5))


def _units(value: float) -> int:
    return round(value * UNITS)


def rings_path(rings: np.ndarray, *, closed: bool) -> str:
    """Return the path operators of many linear rings or lines, in file units; points that fall together are dropped."""
    points, owner = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return ""
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
    return "".join(verbs) % tuple(whole.ravel().tolist())


def _polygon_path(shapes: Sequence[object] | np.ndarray) -> str:
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    parts = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    # Outer rings one way round, holes the other: then overlapping polygons of one layer fill their union.
    return rings_path(shapely.get_rings(shapely.orient_polygons(parts)), closed=True)


class Canvas:
    """Collect drawing operators of one page; lengths and places in mm, type sizes in points."""

    def __init__(self, width: float, height: float, font: Font) -> None:
        self.width, self.height, self.font = width, height, font
        # What to draw, in order: operators as text, and calls where the library keeps account (fonts, opacity). The
        # file is begun only when it is written, since its language and date are said then.
        self._ops: list[str | Callable[[Pdf], None]] = [f"{POINTS / UNITS:.8f} 0 0 {POINTS / UNITS:.8f} 0 0 cm 1 J 1 j"]

    # ------------------------------------------------------------------------------------------------- shapes

    def _paint(
        self,
        path: str,
        fill: str | None,
        edge: str | None,
        width: float,
        hatch: Hatch | None = None,
        alpha: float = 1.0,
        dash: Sequence[float] = (),
        cap: int = 1,
    ) -> None:
        if not path:
            return
        self._ops.append("q")
        if alpha < 1:
            self._ops.append(lambda pdf: _see_through(pdf, alpha))
        if hatch:
            self._hatch(path, hatch, fill)
            fill = None
        state = []
        if edge:
            state.append(f"{_rgb(edge)} RG {max(1, _units(width))} w {cap} J")
        if dash:
            state.append(f"[{' '.join(str(_units(one)) for one in dash)}] 0 d")
        if fill:
            state.append(f"{_rgb(fill)} rg")
        if fill or edge:
            self._ops += [" ".join(state), path, ("B" if edge else "f") if fill else "S"]
        self._ops.append("Q")

    def _hatch(self, path: str, hatch: Hatch, ground: str | None) -> None:
        """Draw parallel lines, over ``ground`` if given, inside the path only.

        The lines are laid from the corner of the page, so that the hatching of neighbours runs on.
        """
        colour, spacing, width, angle = hatch
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        corners = np.array([(0, 0), (self.width, 0), (0, self.height), (self.width, self.height)])
        along, across = corners @ (cos, sin), corners @ (-sin, cos)
        rows = np.arange(math.floor(across.min() / spacing), math.ceil(across.max() / spacing) + 1) * spacing
        ends = np.array([along.min(), along.max()])
        x = np.rint((ends * cos - rows[:, None] * sin) * UNITS).astype(int)
        y = np.rint((ends * sin + rows[:, None] * cos) * UNITS).astype(int)
        lines = "%d %d m %d %d l\n" * len(rows) % tuple(np.stack([x, y], axis=-1).ravel().tolist())
        fill = f"{_rgb(ground)} rg 0 0 {_units(self.width)} {_units(self.height)} re f" if ground else ""
        self._ops += ["q", path, f"W n {fill} {_rgb(colour)} RG {width * UNITS:.1f} w 0 J", lines, "S Q"]

    def rings(
        self,
        rings: np.ndarray,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.1,
        hatch: Hatch | None = None,
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
        hatch: Hatch | None = None,
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
        hatch: Hatch | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Draw a rectangle by its lower left corner; ``line`` is the width of its edge."""
        path = f"{_units(x)} {_units(y)} {_units(width)} {_units(height)} re"
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
        self._paint(" ".join(ops) + " h", fill, edge, width)

    def dots(self, places: Points, *, diameter: float, colour: str) -> None:
        """Draw a dot at each place (n, 2): lines of no length with round ends, all in one path."""
        whole = np.rint(np.asarray(places, float).reshape(-1, 2) * UNITS).astype(np.int64)
        path = "%d %d m %d %d l\n" * len(whole) % tuple(np.hstack([whole, whole]).ravel().tolist())
        self._paint(path, None, colour, diameter)

    def symbols(
        self, places: Points, shape: Points, *, fill: str | None = None, edge: str | None = None, width: float = 0.1
    ) -> None:
        """Draw the polygon ``shape`` (k, 2), mm about its centre, at each place (n, 2), all in one path."""
        places = np.asarray(places, float).reshape(-1, 1, 2)
        whole = np.rint((places + np.asarray(shape, float)) * UNITS).astype(np.int64)
        verbs = "%d %d m\n" + "%d %d l\n" * (len(shape) - 1) + "h\n"
        self._paint(verbs * len(places) % tuple(whole.ravel().tolist()), fill, edge, width)

    @contextmanager
    def clipped(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Draw only inside a rectangle until the block ends."""
        self._ops.append(f"q {_units(x)} {_units(y)} {_units(width)} {_units(height)} re W n")
        try:
            yield
        finally:
            self._ops.append("Q")

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
            Characters before the text that a search and a copy find but no eye sees: narrow, in the invisible mode.
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
        origin = (cos, sin, -sin, cos, x * UNITS, y * UNITS)
        look = f"q {_rgb(colour)} rg"
        if bold:
            look += f" 2 Tr {_rgb(colour)} RG {em * 0.032 * UNITS:.1f} w"
        if spacing:
            look += f" {spacing * UNITS:.1f} Tc"
        self._ops += [look, self._line(text, em, origin, unseen), "Q"]
        return run

    def _line(self, text: str, em: float, origin: tuple[float, ...], unseen: str) -> Callable[[Pdf], None]:
        """Return the call that writes one line: only the library knows which part of the font holds a character."""

        def write(pdf: Pdf) -> None:
            line = pdf.beginText()
            *turn, x, y = origin
            line.setFont(self.font.name, em * UNITS)
            if unseen:
                # In the same text object and ending where the text begins, or readers take it for a word of its own; a
                # fifth as wide and no less, or they take a digit for the shadow of its like before it.
                before = self.font.width(unseen, em) * 0.2 * UNITS
                line.setTextTransform(*turn, x - before * turn[0], y - before * turn[1])
                line.setTextRenderMode(3)
                line.setHorizScale(20)
                line.textOut(unseen)
                line.setTextRenderMode(0)
                line.setHorizScale(100)
            else:
                line.setTextTransform(*origin)
            line.textOut(text)
            pdf.drawText(line)

        return write

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
        for char in text:
            for verb, *numbers in self.font.outline(char):
                for gx, gy in zip(numbers[::2], numbers[1::2], strict=True):
                    ops.append(f"{_units(x + (gx * cos - gy * sin) * em)} {_units(y + (gx * sin + gy * cos) * em)}")
                ops.append(verb)
            step = self.font.width(char, em) + spacing
            x, y = x + step * cos, y + step * sin
        self._paint(" ".join(ops), None, colour, 2 * width)

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
        """Write the page as a PDF; the same drawing gives the same bytes.

        Parameters
        ----------
        out
            A binary file open for writing.
        info
            Title, Author, Subject, Keywords, Creator.
        made
            The creation date in UTC; None leaves the library's fixed one.
        lang
            BCP 47 language of the text.
        bookmarks
            Title, left and top in mm.
        """
        size = (self.width * POINTS, self.height * POINTS)
        rl_config.useA85 = 0  # the library's one switch for it: binary streams, a fifth smaller and seconds quicker
        pdf = Pdf(out, pagesize=size, invariant=1, pageCompression=1, lang=lang, initialFontName=self.font.name)
        for name, value in info.items():
            getattr(pdf, f"set{name}")(value)
        pdf.setProducer("Gridsight")
        if made is not None:
            pdf.setDateFormatter(lambda *_now: made.strftime("D:%Y%m%d%H%M%S+00'00'"))
        pdf.setViewerPreference("DisplayDocTitle", "true")
        for number, (title, left, top) in enumerate(bookmarks):
            pdf.bookmarkPage(str(number), fit="XYZ", left=left * POINTS, top=top * POINTS)
            pdf.addOutlineEntry(title, str(number))
        for one in self._ops:
            if isinstance(one, str):
                pdf.addLiteral(one)
            else:
                one(pdf)
        pdf.showPage()
        pdf.save()


def _see_through(pdf: Pdf, alpha: float) -> None:
    pdf.setFillAlpha(alpha)
    pdf.setStrokeAlpha(alpha)
