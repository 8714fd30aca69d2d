"""Find the centres of towns whose grids are too small for their codes, and room for a larger map of each.

A centre is the window in which most codes become legible, those most that are smallest on the map: for each township
all round scales and the windows about, and with edges on, its small grids are tried. A window without the smallest of
these is not the centre, however many others it has. Insets are put into the empty ground of the
map, largest first, near their town and close to what is there already, so that the ground left stays in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from maps.print.page_layout import ROUND_SCALES, Bounds, MapFrame, Rect

#: A grid is legible where the root of its area has room for its code: grids are wider than high as often as not.
_ROOM_FOR_CODE = 1.15
#: An inset is this much larger than the map, at least; it has so many codes that the map has no room for, at least.
_LEAST_ENLARGED, _LEAST_GRIDS = 2.0, 2
#: How much larger the window of a town of many small grids may be.
_MOST_LARGER = 1.8
#: Windows that are tried at each scale, spread over the grids where these are more.
_MOST_WINDOWS = 400
#: Windows whose left and lower edges are those of grids: of so many grids, the smallest.
_MOST_EDGES = 8
#: Grids that must be doubled at least this share as often as the smallest are as small as these.
_AS_SMALL = 0.5
#: Ground round the grids of a centre, as a share of its window.
_PADDING = 0.04
#: Size of the cells in which empty ground is looked for, and what stays free round an inset, in mm on A3.
_CELL_MM, _CLEAR_MM = 2.0, 1.6
#: Height of the line above an inset that names it, in mm on A3.
TITLE_MM = 4.6
#: Side of the square that has the number of an inset, in mm on A3.
TAG_MM = 3.8
#: What an inset is worth near its town against close to the edge of what is taken.
_NEAR, _CLOSE = 1.0, 0.7


@dataclass(frozen=True)
class TownCentre:
    """The window of one town: its name, its ground in metres, the scale to show it at, the rows of its grids."""

    name: str
    bounds: Bounds
    scale: int
    rows: tuple[int, ...]

    def size(self) -> tuple[float, float]:
        """Return its width and height on paper in mm."""
        west, south, east, north = self.bounds
        return (east - west) * 1000 / self.scale, (north - south) * 1000 / self.scale


@dataclass(frozen=True)
class Inset:
    """An inset as placed: the number that its box on the map has, its town, its map, its room with the title."""

    number: int
    town: TownCentre
    frame: MapFrame
    room: Rect

    def box_on(self, frame: MapFrame) -> Rect:
        """Return where its ground is on the map."""
        (left, bottom), (right, top) = frame.points(np.array([self.town.bounds[:2], self.town.bounds[2:]])).tolist()
        return Rect(left, bottom, right - left, top - bottom)

    def tag_on(self, frame: MapFrame, unit: float) -> Rect:
        """Return where the number of that box stands: at its upper right corner."""
        box = self.box_on(frame)
        return Rect(box.right, box.top, TAG_MM * unit, TAG_MM * unit)


def town_centres(
    sides: np.ndarray,
    middles: np.ndarray,
    boxes: np.ndarray,
    owner: Sequence[str],
    *,
    scale: float,
    needed_mm: float,
    most_mm: float,
    least_mm: float = 0.0,
) -> list[TownCentre]:
    """Return the centre of each town that has one, that of most grids first.

    Parameters
    ----------
    sides, middles, boxes
        Of each grid the root of its area, its inner point (n, 2) and its bounds (n, 4), in metres.
    owner
        Name of the town of each grid; grids of none have an empty one.
    scale
        Of the map, on which grids with less room than ``needed_mm`` for their code are too small.
    needed_mm
        Width of a code on paper.
    most_mm
        Side of the window of a usual town; one of many small grids has a larger one.
    least_mm
        Width of the narrowest inset, which has room for its title.
    """
    needed = needed_mm * _ROOM_FOR_CODE
    small = sides * 1000 / scale < needed
    # How many times a grid must be doubled until its code has room.
    weights = np.log2(needed / np.maximum(sides * 1000 / scale, 1e-9))
    names = np.asarray(owner, dtype=object)
    counts = dict(zip(*np.unique(names[small].astype(str), return_counts=True), strict=True))
    usual = float(np.median(list(counts.values()))) if counts else 1.0
    scales = [one for one in ROUND_SCALES if one * _LEAST_ENLARGED <= scale]
    found = []
    for name in dict.fromkeys(names[small].tolist()):
        rows = np.flatnonzero(small & (names == name))
        larger = min(_MOST_LARGER, max(1.0, (len(rows) / usual) ** 0.5))
        # One grid that is much smaller than all others is no centre.
        least = _AS_SMALL * float(np.sort(weights[rows])[-min(_LEAST_GRIDS, len(rows))])
        best: tuple[float, int, np.ndarray] | None = None
        for one in scales:
            legible = rows[sides[rows] * 1000 / one >= needed]
            side = larger * most_mm * one / 1000 / (1 + 2 * _PADDING)
            chosen = legible[_fullest_window(middles[legible], boxes[legible], weights[legible], side)]
            weight = float(weights[chosen].sum())
            enough_small = int((weights[chosen] >= least).sum()) >= _LEAST_GRIDS
            if enough_small and (best is None or weight > best[0]):
                best = weight, one, chosen
        if best is not None:
            _weight, enough, chosen = best
            # The grids found may fit the window at a larger scale than that whose window was about one of them.
            ground = _padded(boxes[chosen], 0.0)
            across = max(ground[2] - ground[0], ground[3] - ground[1])
            one = next((one for one in scales if across * 1000 / one <= larger * most_mm), enough)
            bounds = _padded(boxes[chosen], least_mm * one / 1000)
            found.append(TownCentre(str(name), bounds, one, tuple(chosen.tolist())))
    return sorted(found, key=lambda one: (-len(one.rows), one.name))


def _fullest_window(middles: np.ndarray, boxes: np.ndarray, weights: np.ndarray, side: float) -> np.ndarray:
    """Return which shapes lie wholly in the square of that side in which they weigh most.

    Squares about one of them are tried, and those with the edges of the heaviest, which hold more of few shapes.
    """
    if not len(middles):
        return np.empty(0, dtype=int)
    about = middles[:: max(1, len(middles) // _MOST_WINDOWS)] - side / 2
    heaviest = boxes[np.argsort(-weights, kind="stable")[:_MOST_EDGES]]
    edges = np.stack(np.meshgrid(heaviest[:, 0], heaviest[:, 1]), axis=-1).reshape(-1, 2)
    low = np.vstack([about, edges])[:, None]
    high = low + side
    inside = np.asarray(((boxes[None, :, :2] >= low) & (boxes[None, :, 2:] <= high)).all(axis=2))
    return np.flatnonzero(inside[int((inside @ weights).argmax())])


def _padded(boxes: np.ndarray, least: float) -> Bounds:
    """Return the ground of some boxes with a margin, at least so many metres wide."""
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    by = _PADDING * max(east - west, north - south)
    across = max(by, (least - (east - west)) / 2)
    return float(west - across), float(south - by), float(east + across), float(north + by)


class EmptyGround:
    """The part of a map on which nothing is drawn, in cells of a few mm.

    Parameters
    ----------
    frame
        The map.
    taken
        The shape that its subject takes, in page mm.
    unit
        The type factor of the paper.
    """

    def __init__(self, frame: MapFrame, taken: shapely.Geometry, unit: float) -> None:
        self._rect, self._cell = frame.rect.inset(_CLEAR_MM * unit), _CELL_MM * unit
        columns, rows = int(self._rect.width / self._cell), int(self._rect.height / self._cell)
        x = self._rect.x + (np.arange(columns) + 0.5) * self._cell
        y = self._rect.y + (np.arange(rows) + 0.5) * self._cell
        near = shapely.buffer(taken, (_CLEAR_MM * unit) + self._cell * 0.75)
        shapely.prepare(near)
        across, up = np.meshgrid(x, y)
        self._taken = np.asarray(shapely.contains_xy(near, across.ravel(), up.ravel())).reshape(rows, columns)

    def copy(self) -> EmptyGround:
        """Return the same ground, to be taken apart from this."""
        other = object.__new__(EmptyGround)
        other._rect, other._cell, other._taken = self._rect, self._cell, self._taken.copy()
        return other

    @property
    def area(self) -> float:
        """Return what is still empty, in mm2."""
        return float((~self._taken).sum()) * self._cell**2

    def place(self, width: float, height: float, near: tuple[float, float], clear: float) -> Rect | None:
        """Return the best free rectangle of a size in mm and take it with ``clear`` mm round it; None without any."""
        columns, rows = (int(np.ceil((side + clear) / self._cell)) for side in (width, height))
        if columns < 1 or rows < 1 or rows > self._taken.shape[0] or columns > self._taken.shape[1]:
            return None
        free = _sums(self._taken, rows, columns) == 0
        if not free.any():
            return None
        edge = np.pad(self._taken, 1, constant_values=True)
        touched = _sums(edge, rows + 2, columns + 2) / (2 * (rows + columns) + 4)
        at_row, at_column = np.nonzero(free)
        x = self._rect.x + at_column * self._cell
        y = self._rect.y + at_row * self._cell
        away = np.hypot(x + width / 2 - near[0], y + height / 2 - near[1])
        away /= np.hypot(self._rect.width, self._rect.height)
        best = int(np.argmin(_NEAR * away - _CLOSE * touched[free]))
        row, column = int(at_row[best]), int(at_column[best])
        self._taken[row : row + rows, column : column + columns] = True
        spare = (columns * self._cell - width) / 2, (rows * self._cell - height) / 2
        return Rect(float(x[best]) + spare[0], float(y[best]) + spare[1], width, height)


def _sums(cells: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the number of taken cells of each window of so many rows and columns, by its lower left cell."""
    total = np.pad(cells.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    return np.asarray(
        total[rows:, columns:] - total[:-rows, columns:] - total[rows:, :-columns] + total[:-rows, :-columns]
    )


def place_insets(
    ground: EmptyGround, towns: Sequence[TownCentre], frame: MapFrame, unit: float
) -> tuple[list[Inset], list[TownCentre]]:
    """Place an inset for each town, largest first; return those placed, by number, and the towns without room."""
    placed: list[tuple[TownCentre, Rect]] = []
    left = []
    for town in sorted(towns, key=lambda one: -one.size()[0] * one.size()[1]):
        width, height = town.size()
        west, south, east, north = town.bounds
        near = frame.points(np.array([[(west + east) / 2, (south + north) / 2]]))[0].tolist()
        title = TITLE_MM * unit
        room = ground.place(width, height + title, (near[0], near[1]), _CLEAR_MM * unit)
        if room is None:
            left.append(town)
        else:
            placed.append((town, room))
    # Numbers run as one reads the sheet: from the top, and from the left.
    placed.sort(key=lambda one: (-round(one[1].top / (20 * unit)), one[1].x))
    insets = []
    for number, (town, room) in enumerate(placed, 1):
        width, height = town.size()
        rect = Rect(room.x, room.y, width, height)
        insets.append(Inset(number, town, MapFrame(rect, town.scale, town.bounds[0], town.bounds[1]), room))
    return insets, left
