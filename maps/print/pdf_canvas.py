"""Draw on a page in millimetres from its lower left corner: shapes, symbols, hatching and searchable text.

ReportLab writes the file: fonts, text, opacity, bookmarks. Paths go in as whole hundredths of a millimetre, a fifth of
what a printer resolves (``maps.print.pdf_paths``). Whole layers are one path; thousands of cameras are one
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
from reportlab.pdfgen.canvas import Canvas as Pdf

from geo.catalog.palette import SHEET
from maps.print.drawing_steps import Link, NextPage, Opacity, Picture, RestoreState, SaveState, TextLine
from maps.print.fonts import Font
from maps.print.map_reference import MapReference
from maps.print.pdf_file import POINTS_PER_MM, Bookmarks, write_pages
from maps.print.pdf_paths import FILE_UNITS_PER_MM, file_units, polygon_path, rgb, rings_path
from maps.print.right_to_left import in_visual_order

#: Millimetres per typographic point.
MM_PER_POINT = 25.4 / 72

Anchor = Literal["left", "middle", "right"]
PagePoint = tuple[float, float]
Points = np.ndarray
#: Parallel lines: colour, spacing in mm, line width in mm, angle in degrees.
HatchPattern = tuple[str, float, float, float]


class Canvas:
    """Collect drawing operators of pages; lengths and positions in mm, type sizes in points."""

    def __init__(self, width: float, height: float, font: Font) -> None:
        self.width, self.height, self.font = width, height, font
        #: Where its maps lie on the ground.
        self.maps: list[MapReference] = []
        # What to draw, in order: operators as text, and calls where the library keeps a register (fonts, opacity).
        # The file is created in write(), which knows its language and date.
        self._ops: list[str | Callable[[Pdf], None]] = [
            f"{POINTS_PER_MM / FILE_UNITS_PER_MM:.8f} 0 0 {POINTS_PER_MM / FILE_UNITS_PER_MM:.8f} 0 0 cm 1 J 1 j"
        ]

    def next_page(self) -> None:
        """Go on with another page of the same size; clips and colours begin anew."""
        self._ops += [NextPage(), self._ops[0]]

    # ------------------------------------------------------------------------------------------------- shapes

    def _paint(
        self,
        path: str,
        fill: str | None,
        edge: str | None,
        width: float,
        hatch: HatchPattern | None = None,
        alpha: float = 1.0,
        cap: int = 1,
        dash: Sequence[float] = (),
    ) -> None:
        if not path:
            return
        # The library writes an opacity only where it is another than before: it must know that Q takes it back.
        self._ops.append("q" if alpha >= 1 else SaveState())
        if alpha < 1:
            self._ops.append(Opacity(alpha))
        if hatch:
            self._hatch(path, hatch, fill)
            fill = None
        state = []
        if edge:
            state.append(f"{rgb(edge)} RG {max(1, file_units(width))} w {cap} J")
        if dash:
            state.append(f"[{' '.join(str(max(1, file_units(one))) for one in dash)}] 0 d")
        if fill:
            state.append(f"{rgb(fill)} rg")
        if fill or edge:
            self._ops += [" ".join(state), path, ("B" if edge else "f") if fill else "S"]
        self._ops.append("Q" if alpha >= 1 else RestoreState())

    def _hatch(self, path: str, hatch: HatchPattern, ground: str | None) -> None:
        """Draw parallel lines, over ``ground`` if given, inside the path only.

        The lines start at the corner of the page, so that the hatching of neighbours is continuous.
        """
        colour, spacing, width, angle = hatch
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        corners = np.array([(0, 0), (self.width, 0), (0, self.height), (self.width, self.height)])
        along, across = corners @ (cos, sin), corners @ (-sin, cos)
        rows = np.arange(math.floor(across.min() / spacing), math.ceil(across.max() / spacing) + 1) * spacing
        ends = np.array([along.min(), along.max()])
        x = np.rint((ends * cos - rows[:, None] * sin) * FILE_UNITS_PER_MM).astype(int)
        y = np.rint((ends * sin + rows[:, None] * cos) * FILE_UNITS_PER_MM).astype(int)
        lines = "%d %d m %d %d l\n" * len(rows) % tuple(np.stack([x, y], axis=-1).ravel().tolist())
        fill = f"{rgb(ground)} rg 0 0 {file_units(self.width)} {file_units(self.height)} re f" if ground else ""
        self._ops += ["q", path, f"W n {fill} {rgb(colour)} RG {width * FILE_UNITS_PER_MM:.1f} w 0 J", lines, "S Q"]

    def rings(
        self,
        rings: np.ndarray,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.1,
        hatch: HatchPattern | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Draw closed rings, in mm, as one path: outer rings in one direction, holes in the other.

        A ring that collapses to a line or a point is still visible by its edge.
        """
        self._paint(rings_path(rings, closed=True), fill, edge, width, hatch, alpha)

    def polygons(
        self,
        shapes: Sequence[object] | np.ndarray,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 0.1,
        alpha: float = 1.0,
    ) -> None:
        """Draw polygons, in mm, as one path."""
        self._paint(polygon_path(shapes), fill, edge, width, None, alpha)

    def lines(
        self,
        shapes: Sequence[object] | np.ndarray,
        *,
        edge: str,
        width: float = 0.1,
        alpha: float = 1.0,
        cap: int = 1,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw lines, or the edges of polygons, in mm, as one path; ``dash`` are strokes and spaces in mm."""
        parts = shapely.get_parts(np.asarray(shapes, dtype=object))
        kinds = shapely.get_type_id(parts)
        path = rings_path(parts[(kinds == 1) | (kinds == 2)], closed=False)
        cap = 0 if dash else cap  # round ends would fill the spaces
        self._paint(path + polygon_path(parts[kinds == 3]), None, edge, width, None, alpha, cap, dash)

    def polyline(self, points: Sequence[PagePoint], *, edge: str, width: float = 0.1) -> None:
        """Draw one line through the points, with flat ends."""
        self.lines([shapely.LineString(points)], edge=edge, width=width, cap=0)

    def polygon(
        self,
        points: Sequence[PagePoint],
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
        hatch: HatchPattern | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Draw a rectangle by its lower left corner; ``line`` is the width of its edge."""
        path = f"{file_units(x)} {file_units(y)} {file_units(width)} {file_units(height)} re"
        self._paint(path, fill, edge, line, hatch, alpha)

    def circle(
        self, x: float, y: float, radius: float, *, fill: str | None = None, edge: str | None = None, width: float = 0.1
    ) -> None:
        """Draw a circle as four cubic curves."""
        k = 0.5522847498 * radius
        corners = [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)]
        ops = [f"{file_units(x + radius)} {file_units(y)} m"]
        for cos, sin, cos2, sin2 in corners:
            curve = (
                x + cos * radius + cos2 * k,
                y + sin * radius + sin2 * k,
                x + cos2 * radius + cos * k,
                y + sin2 * radius + sin * k,
                x + cos2 * radius,
                y + sin2 * radius,
            )
            ops.append(" ".join(str(file_units(one)) for one in curve) + " c")
        self._paint(" ".join(ops) + " h", fill, edge, width)

    def dots(self, positions: Points, *, diameter: float, colour: str) -> None:
        """Draw a dot at each position (n, 2): lines of length zero with round ends, all in one path."""
        whole = np.rint(np.asarray(positions, float).reshape(-1, 2) * FILE_UNITS_PER_MM).astype(np.int64)
        path = "%d %d m %d %d l\n" * len(whole) % tuple(np.hstack([whole, whole]).ravel().tolist())
        self._paint(path, None, colour, diameter)

    def symbols(
        self, positions: Points, shape: Points, *, fill: str | None = None, edge: str | None = None, width: float = 0.1
    ) -> None:
        """Draw the polygon ``shape`` (k, 2), mm about its centre, at each position (n, 2), all in one path."""
        positions = np.asarray(positions, float).reshape(-1, 1, 2)
        whole = np.rint((positions + np.asarray(shape, float)) * FILE_UNITS_PER_MM).astype(np.int64)
        verbs = "%d %d m\n" + "%d %d l\n" * (len(shape) - 1) + "h\n"
        self._paint(verbs * len(positions) % tuple(whole.ravel().tolist()), fill, edge, width)

    @contextmanager
    def clipped(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Draw only inside a rectangle until the block ends."""
        self._ops.append(f"q {file_units(x)} {file_units(y)} {file_units(width)} {file_units(height)} re W n")
        try:
            yield
        finally:
            self._ops.append("Q")

    @contextmanager
    def clipped_to(self, rings: np.ndarray) -> Iterator[None]:
        """Draw only inside closed rings, in mm, until the block ends; holes are rings of the other direction."""
        self._ops.append(f"q {rings_path(rings, closed=True)} W n")
        try:
            yield
        finally:
            self._ops.append("Q")

    def picture(self, x: float, y: float, width: float, height: float, jpeg: bytes) -> None:
        """Draw a picture in a rectangle by its lower left corner; the file has its JPEG as it is."""
        self._ops.append(Picture(x, y, width, height, jpeg))

    def link(self, x: float, y: float, width: float, height: float, name: str, told: str) -> None:
        """Let a rectangle by its lower left corner lead to the page of that name; ``told`` says where to."""
        self._ops.append(Link(x, y, width, height, name, told))

    # ------------------------------------------------------------------------------------------------- text

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: str = SHEET.text,
        anchor: Anchor = "left",
        angle: float = 0.0,
        bold: bool = False,
        halo: tuple[str, float] | None = None,
        spacing: float = 0.0,
        invisible_prefix: str = "",
    ) -> float:
        """Write one line with its baseline at ``y`` and return its width in mm.

        Parameters
        ----------
        size
            In points.
        angle
            Degrees counter-clockwise about the anchor.
        bold
            Thicken the strokes, instead of a second weight of the font, which takes 10 MB.
        halo
            Colour and width in mm of a halo below the text. It is drawn as outlines, so that the text is in the file
            once and a search finds it once.
        spacing
            Extra distance between characters in mm.
        invisible_prefix
            Characters before the text that a search and a copy find, in the invisible text rendering mode.
        """
        text = " ".join(text.split())
        if not text:
            return 0.0
        logical, text = text, in_visual_order(text)
        em = size * MM_PER_POINT
        run = self.font.width(text, em) + spacing * (len(text) - 1)
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        back = {"left": 0.0, "middle": run / 2, "right": run}[anchor]
        x, y = x - back * cos, y - back * sin
        if halo:
            self._halo(x, y, text, em, (cos, sin), spacing, halo)
        origin = (cos, sin, -sin, cos, x * FILE_UNITS_PER_MM, y * FILE_UNITS_PER_MM)
        look = f"q {rgb(colour)} rg"
        if bold:
            look += f" 2 Tr {rgb(colour)} RG {em * 0.032 * FILE_UNITS_PER_MM:.1f} w"
        if spacing:
            look += f" {spacing * FILE_UNITS_PER_MM:.1f} Tc"
        self._ops += [look, TextLine(self.font, text, logical, em, origin, spacing, invisible_prefix), "Q"]
        return run

    def _halo(
        self,
        x: float,
        y: float,
        text: str,
        em: float,
        direction: tuple[float, float],
        spacing: float,
        halo: tuple[str, float],
    ) -> None:
        cos, sin = direction
        colour, width = halo
        ops: list[str] = []
        for char in text:
            for verb, *numbers in self.font.outline(char):
                for gx, gy in zip(numbers[::2], numbers[1::2], strict=True):
                    ops.append(
                        f"{file_units(x + (gx * cos - gy * sin) * em)} {file_units(y + (gx * sin + gy * cos) * em)}"
                    )
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
        bookmarks: Bookmarks = (),
    ) -> None:
        """Write the pages as a PDF; the same drawing gives the same bytes.

        Parameters
        ----------
        out
            A binary file open for writing.
        info
            Title, Author, SheetContent, Keywords, Creator.
        made
            The creation date in UTC; None for the library's fixed one.
        lang
            BCP 47 language of the text.
        bookmarks
            Title, left and top in mm.
        """
        write_pages(out, [(self, bookmarks)], font=self.font.name, info=info, made=made, lang=lang)

    @property
    def steps(self) -> Sequence[str | Callable[[Pdf], None]]:
        """Return what is drawn, in order: path operators as text, and ``maps.print.drawing_steps``."""
        return self._ops

    def draw_on(self, pdf: Pdf) -> None:
        """Draw the page, as collected so far, as the next page of a file."""
        for one in self._ops:
            if isinstance(one, str):
                pdf.addLiteral(one)
            else:
                one(pdf)
