"""Place names and codes on a map without overlap; labels that do not fit are returned, not drawn.

Greedy point-feature labelling (Christensen, Marks and Shieber 1995, "An empirical study of algorithms for point-feature
label placement", doi:10.1145/212332.212334), in the order given: each label tries its sizes, largest first, at the pole
of inaccessibility of its shape, then at other positions inside, nearest first, and takes the first that is free.
Lengths are mm on the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from maps.print.page_layout import Rect

#: Left, bottom, right, top.
Box = tuple[float, float, float, float]
#: Text -> width and height in mm per point of type size.
TextMeasure = Callable[[str], tuple[float, float]]

#: Positions tried inside a shape besides its anchor.
_CANDIDATES = 16
#: How many of them a larger type size tries.
_CANDIDATES_OF_LARGER_SIZES = 6
#: Share of a label that must be in its own shape where the whole label does not fit.
_MIN_INSIDE_SHARE = 0.6
#: Points of a label that are tested for being in the shape: five across, three up.
_SAMPLES = np.stack(np.meshgrid(np.linspace(-0.5, 0.5, 5), np.linspace(-0.5, 0.5, 3)), axis=-1).reshape(-1, 2)
#: Candidate positions in a shape's bounding box, as shares of its width and height: a few, and many for names.
_GRID, _FINE_GRID = (
    np.stack(np.meshgrid(np.linspace(0, 1, count)[1:-1], np.linspace(0, 1, count)[1:-1]), axis=-1).reshape(-1, 2)
    for count in (9, 33)
)
#: Directions of a leader in degrees, the readable ones (right, above) first.
_LEADER_DIRECTIONS = (45, 0, 135, -45, 180, -135, 90, -90, 22, 67, -22, 157, 112, -67, -157, -112)


@dataclass(frozen=True)
class Label:
    """A text to be placed; ``sizes`` in points, largest first."""

    key: str
    text: str
    sizes: tuple[float, ...]


@dataclass(frozen=True)
class PlacedLabel:
    """A text and its position: centre in mm, size in points, box, end of its leader.

    ``whole`` is true where all of it is in its own shape.
    """

    key: str
    text: str
    x: float
    y: float
    size: float
    box: Box
    leader: tuple[float, float] | None = None
    whole: bool = True


class OccupancyGrid:
    """Occupied boxes in a spatial hash of cells a few mm wide."""

    def __init__(self, available: Rect, *, cell: float = 8.0) -> None:
        self.available = available
        self._cell = cell
        self._cells: dict[tuple[int, int], list[Box]] = {}

    def _touched(self, box: Box) -> Iterator[tuple[int, int]]:
        left, bottom, right, top = (math.floor(value / self._cell) for value in box)
        for column in range(left, right + 1):
            for row in range(bottom, top + 1):
                yield column, row

    def is_free(self, box: Box) -> bool:
        """Return whether the box is within the map and overlaps no occupied box."""
        left, bottom, right, top = box
        available = self.available
        if left < available.x or bottom < available.y or right > available.right or top > available.top:
            return False
        for cell in self._touched(box):
            for other in self._cells.get(cell, ()):
                if left < other[2] and right > other[0] and bottom < other[3] and top > other[1]:
                    return False
        return True

    def occupy(self, box: Box) -> None:
        """Mark the box as occupied."""
        for cell in self._touched(box):
            self._cells.setdefault(cell, []).append(box)


def _box(x: float, y: float, width: float, height: float, clearance: float) -> Box:
    across, up = width / 2 + clearance, height / 2 + clearance
    return x - across, y - up, x + across, y + up


def label_anchors(shapes: np.ndarray) -> np.ndarray:
    """Return the label anchor (n, 2) of each shape in mm: its pole of inaccessibility, farthest from its edge.

    NaN where a shape has no area.
    """
    positions = np.full((len(shapes), 2), np.nan)
    whole = (shapely.area(shapes) > 0) & np.isin(shapely.get_type_id(shapes), (3, 6))
    inscribed = shapely.maximum_inscribed_circle(shapes[whole], tolerance=0.25)
    positions[whole] = shapely.get_coordinates(shapely.get_point(inscribed, 0)).reshape(-1, 2)
    return positions


def _inside(shape: object, anchor: np.ndarray, *, is_fine: bool) -> np.ndarray:
    """Return the anchor and further positions inside the shape, nearest to the anchor first."""
    bounds = shapely.bounds(shape)
    grid = bounds[:2] + (_FINE_GRID if is_fine else _GRID) * (bounds[2:] - bounds[:2])
    grid = grid[shapely.contains_xy(shape, grid[:, 0], grid[:, 1])]
    away = grid - anchor
    order = np.argsort((away * away).sum(axis=1), kind="stable")[: len(grid) if is_fine else _CANDIDATES]
    return np.vstack([anchor, grid[order]])


def _shares(shape: object, positions: np.ndarray, width: float, height: float) -> np.ndarray:
    """Return which part of a label is in the shape, for each position of its centre."""
    samples = positions[:, None, :] + _SAMPLES * (width, height)
    within = shapely.contains_xy(shape, samples[..., 0].ravel(), samples[..., 1].ravel())
    return within.reshape(len(positions), -1).sum(axis=1) / len(_SAMPLES)


def place_inside(
    occupancy: OccupancyGrid,
    labels: Sequence[Label],
    shapes: np.ndarray,
    measure: TextMeasure,
    *,
    clearance: float = 0.25,
    is_fine: bool = False,
) -> tuple[list[PlacedLabel], list[Label]]:
    """Place each label inside its shape.

    Parameters
    ----------
    occupancy
        What is occupied; grows with every label placed.
    labels, shapes
        One shape per label, in the order of importance; shapes are polygons in page mm.
    measure
        Size of a text.
    clearance
        Free mm round every label.
    is_fine
        Whether all of a shape is searched, and for every size.

    Returns
    -------
    tuple
        Those placed and those left out. A label is wholly in its shape where possible; otherwise, at its smallest size,
        its centre and at least six tenths of it are.
    """
    placed: list[PlacedLabel] = []
    left_out: list[Label] = []
    if not len(labels):
        return placed, left_out
    shapes = np.asarray(shapes, dtype=object)
    shapely.prepare(shapes)
    anchors = label_anchors(shapes)
    whole_at_anchor = _whole_at(shapes, anchors, labels, measure)
    for at, (label, shape, anchor) in enumerate(zip(labels, shapes, anchors, strict=True)):
        found = (
            None
            if np.isnan(anchor).any()
            else _find(occupancy, label, shape, anchor, measure, clearance, whole_at_anchor[at], is_fine=is_fine)
        )
        if found is None:
            left_out.append(label)
        else:
            placed.append(found)
            occupancy.occupy(_grown(found.box, clearance))
    return placed, left_out


def _whole_at(shapes: np.ndarray, anchors: np.ndarray, labels: Sequence[Label], measure: TextMeasure) -> np.ndarray:
    """Return for each label and size (n, sizes) whether the label at its anchor is wholly in its shape.

    Most labels are placed at their anchor, so all of them are tested in one call.
    """
    most = max(len(label.sizes) for label in labels)
    sizes = np.array([label.sizes + label.sizes[-1:] * (most - len(label.sizes)) for label in labels])
    extent = np.array([measure(label.text) for label in labels])[:, None, :] * sizes[..., None]
    samples = anchors[:, None, None, :] + _SAMPLES * extent[:, :, None, :]
    return shapely.contains_xy(shapes[:, None, None], samples[..., 0], samples[..., 1]).all(axis=-1)


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _find(
    occupancy: OccupancyGrid,
    label: Label,
    shape: object,
    anchor: np.ndarray,
    measure: TextMeasure,
    clearance: float,
    whole_at_anchor: np.ndarray,
    *,
    is_fine: bool,
) -> PlacedLabel | None:
    others: np.ndarray | None = None
    across, up = measure(label.text)
    left, bottom, right, top = shapely.bounds(shape).tolist()
    for wanted, sizes in ((1.0, label.sizes), (_MIN_INSIDE_SHARE, label.sizes[-1:])):
        for at, size in enumerate(sizes):
            width, height = across * size, up * size
            if wanted == 1.0 and (width > right - left or height > top - bottom):
                continue
            place: tuple[float, float] | None = None
            if whole_at_anchor[at] and wanted == 1.0:
                x, y = anchor.tolist()
                place = (x, y) if occupancy.is_free(_box(x, y, width, height, clearance)) else None
            if place is None:
                others = _inside(shape, anchor, is_fine=is_fine) if others is None else others
                # The whole shape is searched for the smallest size only.
                tried = others if is_fine or size == label.sizes[-1] else others[:_CANDIDATES_OF_LARGER_SIZES]
                place = _first_free(occupancy, shape, tried, width, height, wanted, clearance)
            if place is not None:
                box = _box(*place, width, height, 0.0)
                return PlacedLabel(label.key, label.text, *place, size, box, whole=wanted == 1.0)
    return None


def _first_free(
    occupancy: OccupancyGrid,
    shape: object,
    positions: np.ndarray,
    width: float,
    height: float,
    wanted: float,
    clearance: float,
) -> tuple[float, float] | None:
    good = _shares(shape, positions, width, height) >= wanted - 1e-9
    for x, y in positions[good].tolist():
        if occupancy.is_free(_box(x, y, width, height, clearance)):
            return x, y
    return None


def place_beside(
    occupancy: OccupancyGrid,
    labels: Sequence[Label],
    points: np.ndarray,
    diameter: float,
    *,
    clearance: float = 0.3,
    letters: OccupancyGrid | None = None,
) -> tuple[list[PlacedLabel], list[Label]]:
    """Place each label, a disc, beside its point with a leader to it: nearest first, over unoccupied paper only.

    Parameters
    ----------
    occupancy, labels, clearance
        As for ``place_inside``.
    points
        Points (n, 2) in page mm, one per label.
    diameter
        Of the discs, in mm.
    letters
        What no leader may cross; without it, all that is occupied.
    """
    letters = letters or occupancy
    placed: list[PlacedLabel] = []
    left_out: list[Label] = []
    for label, (px, py) in zip(labels, np.asarray(points, float).reshape(-1, 2).tolist(), strict=True):
        found = _beside(occupancy, letters, px, py, diameter, clearance)
        if found is None:
            left_out.append(label)
            continue
        box = _box(*found, diameter, diameter, 0.0)
        placed.append(PlacedLabel(label.key, label.text, *found, label.sizes[0], box, (px, py)))
        for grid in {id(one): one for one in (occupancy, letters)}.values():
            grid.occupy(_grown(box, clearance))
            for step in _along(found, (px, py), diameter / 2):
                grid.occupy(step)
    return placed, left_out


def place_near(
    occupancy: OccupancyGrid, labels: Sequence[Label], points: np.ndarray, measure: TextMeasure, distance: float
) -> tuple[list[PlacedLabel], list[Label]]:
    """Place each label close to its point without a leader, in the first free of sixteen directions.

    Parameters
    ----------
    occupancy, labels, points, measure
        As for the other ways to place; labels have their smallest size.
    distance
        From the point to the nearest edge of the text, in mm.
    """
    placed: list[PlacedLabel] = []
    left_out: list[Label] = []
    for label, (px, py) in zip(labels, np.asarray(points, float).reshape(-1, 2).tolist(), strict=True):
        size = label.sizes[-1]
        width, height = (side * size for side in measure(label.text))
        for direction in _LEADER_DIRECTIONS:
            across, up = math.cos(math.radians(direction)), math.sin(math.radians(direction))
            x, y = px + across * (distance + width / 2), py + up * (distance + height / 2)
            box = _box(x, y, width, height, 0.0)
            if occupancy.is_free(box):
                placed.append(PlacedLabel(label.key, label.text, x, y, size, box))
                occupancy.occupy(_grown(box, 0.15))
                break
        else:
            left_out.append(label)
    return placed, left_out


def _beside(
    occupancy: OccupancyGrid, letters: OccupancyGrid, px: float, py: float, diameter: float, clearance: float
) -> tuple[float, float] | None:
    for distance in (1.0, 1.5, 2.1, 2.8, 3.6, 4.6, 6.0):
        for direction in _LEADER_DIRECTIONS:
            x = px + distance * diameter * math.cos(math.radians(direction))
            y = py + distance * diameter * math.sin(math.radians(direction))
            if occupancy.is_free(_box(x, y, diameter, diameter, clearance)) and all(
                letters.is_free(step) for step in _along((x, y), (px, py), diameter / 2)
            ):
                return x, y
    return None


def _along(start: tuple[float, float], end: tuple[float, float], skip: float) -> list[Box]:
    """Return small boxes along a leader, from the edge of its label to just before its end."""
    length = math.dist(start, end)
    steps = np.arange(skip + 0.4, length - 0.4, 0.5) / length if length else np.empty(0)
    return [_box(start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t, 0.3, 0.3, 0.0) for t in steps]
