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

#: Round a planner can divide in the head, for one decade; every decade has the same steps, from 1:200 on.
_STEPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5)
ROUND_SCALES: tuple[int, ...] = tuple(
    scale for power in range(2, 8) for step in _STEPS if (scale := round(step * 10**power)) >= 200
)

#: Free margin between the data and the edge of the map, and width of the border round it, in mm on A3.
_MARGIN, _BORDER = 4.0, 6.4
#: Width of a column at the right of the map, the least of it, and the most before it becomes two, in mm on A3.
_COLUMN_WIDTH, _LEAST_COLUMN = 96.0, 84.0
#: Height of the panel below the map where it has all blocks, and where the legend stands at the right, in mm on A3.
_PANEL_HEIGHT, _LEAST_STRIP = 99.0, 62.0
#: The least share of the page's body that the map has each way, however small or thin its subject is.
_LEAST_FRAME = (0.3, 0.25)
#: Papers for walls, read from two metres: their type is as large as the eye needs there (docs/maps.md).
_WALL_UNITS = {"A1": 1.9, "A0": 2.3}


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

        A4 has a larger factor: with the square root, running text would be below 6 points. So have papers for walls.
        """
        return _WALL_UNITS.get(self.name) or max(0.925, math.sqrt(min(self.width, self.height) / 297))

    @property
    def is_for_walls(self) -> bool:
        """Return whether the sheet hangs on a wall, to be read from two metres."""
        return self.name in _WALL_UNITS


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
        For legend and tables: those at the right of the map, then those below it. The first has the legend, the last
        the notes.
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


def page_layout(
    paper: Paper, *, below: bool = False, frame: tuple[float, float] | None = None, corner: bool = False
) -> Layout:
    """Divide a sheet: title above, small print below; legend and tables right of the map, below a wide one, or both.

    Parameters
    ----------
    below
        Whether the panel is below the map and not at its right.
    frame
        Width and height in mm that the frame of the map needs: the panel has the rest of its side. None for a panel of
        its usual size.
    corner
        Whether the panel is at the right and below, round a map of the size of ``frame``.
    """
    unit = paper.type_factor
    neatline = Rect(0, 0, paper.width, paper.height).inset(8 * unit)
    inner = neatline.inset(3 * unit)
    title_height, footer_height, gap = 15 * unit, 4.5 * unit, 3 * unit
    body = Rect(inner.x, inner.y + footer_height, inner.width, inner.height - footer_height - title_height)
    height = _PANEL_HEIGHT * unit if frame is None else body.height - frame[1] - gap
    width = _COLUMN_WIDTH * unit if frame is None else body.width - frame[0] - gap
    at_right = corner or not below
    map_width = body.width - width - gap if at_right else body.width
    foot = body.y + height + gap if below or corner else body.y
    area = Rect(body.x, foot, map_width, body.top - foot)
    columns: tuple[Rect, ...] = ()
    if at_right:
        columns += _columns(Rect(area.right + gap, body.y, width, body.height), _LEAST_COLUMN * unit, gap)
    if below or corner:
        strip = Rect(body.x, body.y, map_width, height)
        columns += _columns(strip, _COLUMN_WIDTH * 0.86 * unit, 2 * gap, least=1 if corner else 2)
    return Layout(
        paper=paper,
        unit=unit,
        neatline=neatline,
        title=Rect(inner.x, body.top, inner.width, title_height),
        frame=area,
        map=area.inset(_BORDER * unit),
        columns=columns,
        footer=Rect(inner.x, inner.y, inner.width, footer_height),
    )


def _columns(rect: Rect, narrowest: float, gutter: float, *, least: int = 1) -> tuple[Rect, ...]:
    """Divide a rectangle into as many columns of one width as it has room for, from ``least`` to five."""
    count = max(least, min(5, int((rect.width + gutter + 1e-6) / (narrowest + gutter))))
    width = (rect.width - gutter * (count - 1)) / count
    return tuple(Rect(rect.x + at * (width + gutter), rect.y, width, rect.height) for at in range(count))


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


def choose_layout(
    extent: Bounds, choices: list[Paper], *, corner: bool = True, scale: int | None = None
) -> tuple[Layout, MapFrame]:
    """Choose the orientation of the paper and the largest round scale that shows the whole extent.

    Parameters
    ----------
    extent
        In metres of the metric CRS.
    choices
        As ``paper_choices`` returns them. The orientation and division of the sheet with the largest scale is chosen;
        at the same scale, the one whose map the extent fills best: the panel has what the map does not need.
    corner
        Whether the panel may lie round a corner of the map, as long tables fill it.
    scale
        The scale to have instead, at most as large as ``fitting_scale`` returns; None for none.
    """
    west, south, east, north = extent
    width, height = max(east - west, 1e-9), max(north - south, 1e-9)
    if scale is None:
        scale = min(round_scale(width, height, room) for paper in choices for room in _subject_rooms(paper))
    needed = width * 1000 / scale, height * 1000 / scale
    layouts = [one for paper in choices for one in _divisions(paper, needed, corner=corner)]
    layout = min(layouts, key=lambda one: one.map.width * one.map.height / (one.paper.width * one.paper.height))
    return layout, centred_frame(extent, layout.map, scale)


def fitting_scale(extent: Bounds, choices: list[Paper]) -> int:
    """Return the largest scale (smallest denominator), round or not, at which an extent fits one of the papers."""
    west, south, east, north = extent
    rooms = [room for paper in choices for room in _subject_rooms(paper)]
    needed = min(max((east - west) / one.width, (north - south) / one.height, 1e-9) for one in rooms)
    return math.ceil(needed * 1000 * (1 - 1e-9))


def centred_frame(extent: Bounds, rect: Rect, scale: int) -> MapFrame:
    """Return the frame of a map that shows an extent in its middle, at a scale."""
    west, south, east, north = extent
    metres = scale / 1000
    left, bottom = (west + east - rect.width * metres) / 2, (south + north - rect.height * metres) / 2
    return MapFrame(rect=rect, scale=scale, left=left, bottom=bottom)


def cornered_frame(extent: Bounds, layout: Layout, scale: int) -> MapFrame:
    """Return the frame of a map that shows an extent at its upper left corner: the ground left is in one piece."""
    west, _south, _east, north = extent
    rect, metres = layout.map, scale / 1000
    margin = _MARGIN * layout.unit
    return MapFrame(rect, scale, west - margin * metres, north + (margin - rect.height) * metres)


def spread_layouts(paper: Paper) -> list[Layout]:
    """Return the layouts of a paper whose map is as large as it may be, with ground for more than its subject."""
    beside, above = _rooms(paper)
    return [page_layout(paper, frame=beside), page_layout(paper, below=True, frame=above)]


def largest_scale(width: float, height: float, layout: Layout) -> int:
    """Return the largest round scale at which a ground size in metres has its margin in the map of a layout."""
    return round_scale(width, height, layout.map.inset(_MARGIN * layout.unit))


def _subject_rooms(paper: Paper) -> list[Rect]:
    """Return the rooms that a subject may have on a paper: beside the narrowest panel, and above the lowest."""
    return [Rect(0, 0, *one).inset((_BORDER + _MARGIN) * paper.type_factor) for one in _rooms(paper)]


def _rooms(paper: Paper) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the most that a frame has, width and height in mm: beside a panel, and above one."""
    whole, unit = page_layout(paper, below=True), paper.type_factor
    width, height, gap = whole.frame.width, whole.frame.top - whole.columns[0].y, 3 * unit
    return (width - _LEAST_COLUMN * unit - gap, height), (width, height - _PANEL_HEIGHT * unit - gap)


def _divisions(paper: Paper, needed: tuple[float, float], *, corner: bool) -> list[Layout]:
    """Return the layouts of a paper whose map has room for a subject of so many mm, as small as it may be."""
    unit, gap = paper.type_factor, 3 * paper.type_factor
    beside, above = _rooms(paper)
    whole = above[0], beside[1]
    spare = 2 * (_BORDER + _MARGIN) * unit
    width, height = (
        max(wanted + spare, least * all_) for wanted, least, all_ in zip(needed, _LEAST_FRAME, whole, strict=True)
    )
    # The largest round scale was found by the same sums: a thousandth of a millimetre is rounding.
    fits = [width <= room[0] + 1e-3 and height <= room[1] + 1e-3 for room in (beside, above)]
    found = []
    if fits[0]:
        found.append(page_layout(paper, frame=(min(width, beside[0]), whole[1])))
    if fits[1]:
        found.append(page_layout(paper, below=True, frame=(whole[0], min(height, above[1]))))
    if corner and fits[0] and height <= whole[1] - _LEAST_STRIP * unit - gap:
        found.append(page_layout(paper, corner=True, frame=(min(width, beside[0]), height)))
    return found
