"""Lay out a sheet: paper sizes, round scales, positions of its parts, metres to millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj
import shapely

from geo.catalog.papers import PAPERS
from geo.errors import UnknownName
from maps.print.map_reference import MapReference

Orientation = Literal["landscape", "portrait"]
#: Smallest x, smallest y, largest x, largest y.
Bounds = tuple[float, float, float, float]

#: Round a planner can divide in the head, for one decade; beyond the first, every decade has the same steps.
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5)
ROUND_SCALES: tuple[int, ...] = (
    1_000,
    2_000,
    2_500,
    5_000,
    7_500,
    *(round(step * 10**power) for power in range(4, 8) for step in _STEPS),
)

#: Free margin between the data and the edge of the map, in mm on A3.
_MARGIN = 4.0
#: Width of the panel at the right, height of the one below, in mm on A3.
_COLUMN_WIDTH, _PANEL_HEIGHT = 96.0, 99.0


@dataclass(frozen=True)
class Paper:
    """One sheet of paper; ``width`` and ``height`` in mm in its orientation."""

    name: str
    orientation: Orientation
    width: float
    height: float

    @property
    def type_factor(self) -> float:
        """Return the size of type and furniture relative to A3: the square root of the ratio of the short sides.

        A4 has a larger factor: with the square root, running text would be below 6 points.
        """
        return max(0.925, math.sqrt(min(self.width, self.height) / 297))


@dataclass(frozen=True)
class Rect:
    """A rectangle on the page in mm from its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of the right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Return the y of the top edge."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Return the centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, by: float) -> Rect:
        """Return the rectangle shrunk by ``by`` on every side."""
        return Rect(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True)
class Layout:
    """Positions of the parts of a sheet, in mm.

    Attributes
    ----------
    unit
        The type factor of the paper: furniture sizes are A3 sizes times this.
    neatline
        The line round everything.
    title, footer
        Bands for the title above and the small print below.
    columns
        For legend and tables: one at the right of the map, or two to five below it.
    frame
        The map with its two border strips (graticule labels, index letters).
    map
        The map itself.
    """

    paper: Paper
    unit: float
    neatline: Rect
    title: Rect
    frame: Rect
    map: Rect
    columns: tuple[Rect, ...]
    footer: Rect


def paper_choices(text: str) -> list[Paper]:
    """Return the orientations of a paper named such as ``A3``, ``a3-portrait`` or ``A3-landscape``.

    Raises
    ------
    UnknownName
        For any other name.
    """
    name, _, orientation = text.strip().partition("-")
    size = PAPERS.get(name.upper())
    ways: tuple[Orientation, ...] = ("landscape", "portrait")
    if (
        size is None
        or (orientation and orientation.lower() not in ways)
        or (not orientation and text.strip().endswith("-"))
    ):
        known = "、".join(PAPERS)
        raise UnknownName(
            f"没有纸张 {text}，可用：{known}，可加 -portrait 或 -landscape",
            f"no paper {text}; there are {', '.join(PAPERS)}, optionally with -portrait or -landscape",
        )
    short, long = size
    both = [Paper(name.upper(), "landscape", long, short), Paper(name.upper(), "portrait", short, long)]
    return [one for one in both if not orientation or one.orientation == orientation.lower()]


def page_layout(paper: Paper, *, below: bool = False) -> Layout:
    """Divide a sheet: title above, small print below; legend and tables right of the map, or below a wide one."""
    unit = paper.type_factor
    neatline = Rect(0, 0, paper.width, paper.height).inset(8 * unit)
    inner = neatline.inset(3 * unit)
    title_height, footer_height, gap = 15 * unit, 4.5 * unit, 3 * unit
    body = Rect(inner.x, inner.y + footer_height, inner.width, inner.height - footer_height - title_height)
    if below:
        height = _PANEL_HEIGHT * unit
        frame = Rect(body.x, body.y + height + gap, body.width, body.height - height - gap)
        gutter = 2 * gap
        count = max(2, min(5, int((body.width + gutter) / (_COLUMN_WIDTH * 0.86 * unit + gutter))))
        width = (body.width - gutter * (count - 1)) / count
        columns = tuple(Rect(body.x + at * (width + gutter), body.y, width, height) for at in range(count))
    else:
        width = _COLUMN_WIDTH * unit
        frame = Rect(body.x, body.y, body.width - width - gap, body.height)
        columns = (Rect(frame.right + gap, body.y, width, body.height),)
    return Layout(
        paper=paper,
        unit=unit,
        neatline=neatline,
        title=Rect(inner.x, body.top, inner.width, title_height),
        frame=frame,
        map=frame.inset(6.4 * unit),
        columns=columns,
        footer=Rect(inner.x, inner.y, inner.width, footer_height),
    )


@dataclass(frozen=True)
class MapFrame:
    """The map's rectangle on paper and its position in the metric CRS; grid north is up.

    Attributes
    ----------
    rect
        The map on the page, in mm.
    scale
        The denominator: one mm on paper is this many mm on the ground. Round on a sheet, any number on an inset map.
    left, bottom
        The lower left corner of the map in the metric CRS, m.
    """

    rect: Rect
    scale: float
    left: float
    bottom: float

    @property
    def bounds(self) -> Bounds:
        """Return what the map shows, in metres of the CRS."""
        return (
            self.left,
            self.bottom,
            self.left + self.metres(self.rect.width),
            self.bottom + self.metres(self.rect.height),
        )

    def metres(self, millimetres: float) -> float:
        """Return the ground length of a length on paper."""
        return millimetres * self.scale / 1000

    def millimetres(self, metres: float) -> float:
        """Return the length on paper of a ground length."""
        return metres * 1000 / self.scale

    def points(self, metres: np.ndarray) -> np.ndarray:
        """Return points (n, 2) of the metric CRS in page mm."""
        at = np.asarray(metres, dtype=float).reshape(-1, 2)
        return (at - (self.left, self.bottom)) * (1000 / self.scale) + (self.rect.x, self.rect.y)

    def shapes(self, geometries: np.ndarray) -> np.ndarray:
        """Return shapes of the metric CRS in page mm."""
        return shapely.transform(np.asarray(geometries, dtype=object), self.points)

    def reference(self, crs: pyproj.CRS) -> MapReference:
        """Return where the map lies on the ground; ``crs`` is that of ``left`` and ``bottom``."""
        rect = self.rect
        return MapReference(rect.x, rect.y, rect.width, rect.height, self.left, self.bottom, self.scale, crs)

    def columns(self) -> int:
        """Return the number of columns of index squares: 8 (A to H), or 6 where the map is upright."""
        return 8 if self.rect.width >= self.rect.height else 6

    def rows(self) -> int:
        """Return the number of rows of index squares: 6, or 8 where the map is upright."""
        return 6 if self.rect.width >= self.rect.height else 8

    def square(self, x: float, y: float) -> str:
        """Return the index square of a point on the page, such as ``C4``: letters from the left, numbers from the top.

        Empty for a point outside the map.
        """
        column = math.floor((x - self.rect.x) / self.rect.width * self.columns())
        row = math.floor((self.rect.top - y) / self.rect.height * self.rows())
        column -= x == self.rect.right
        row -= y == self.rect.y
        if not (0 <= column < self.columns() and 0 <= row < self.rows()):
            return ""
        return f"{chr(65 + column)}{row + 1}"


def round_scale(width: float, height: float, available: Rect) -> int:
    """Return the largest round scale (smallest denominator) at which a ground size in metres fits ``available`` mm."""
    needed = max(width / available.width, height / available.height) * 1000
    fitting = [one for one in ROUND_SCALES if one >= needed * (1 - 1e-9)]
    if fitting:
        return fitting[0]
    power = 10 ** math.floor(math.log10(needed))
    return math.ceil(needed / power) * power


def choose_layout(extent: Bounds, choices: list[Paper]) -> tuple[Layout, MapFrame]:
    """Choose the orientation of the paper and the largest round scale that shows the whole extent.

    Parameters
    ----------
    extent
        In metres of the metric CRS.
    choices
        As ``paper_choices`` returns them. The orientation and division of the sheet with the largest scale is chosen;
        at the same scale, the one whose map the extent fills better.
    """
    west, south, east, north = extent
    width, height = max(east - west, 1e-9), max(north - south, 1e-9)
    tried: list[tuple[int, float, int, Layout]] = []
    for layout in (page_layout(paper, below=below) for paper in choices for below in (False, True)):
        scale = round_scale(width, height, layout.map.inset(_MARGIN * layout.unit))
        across, up = width / layout.map.width, height / layout.map.height
        tried.append((scale, max(across, up) / min(across, up), len(tried), layout))
    scale, _filled, _order, layout = min(tried)
    metres = scale / 1000
    frame = MapFrame(
        rect=layout.map,
        scale=scale,
        left=(west + east - layout.map.width * metres) / 2,
        bottom=(south + north - layout.map.height * metres) / 2,
    )
    return layout, frame
