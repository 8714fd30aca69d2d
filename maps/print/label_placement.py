"""Place names and codes on a map so that none covers another; what does not fit is handed back, never squeezed in.

Greedy, in the order given: each label tries its sizes, largest first, at the pole of inaccessibility of its shape and
then at other places inside, nearest first, and keeps the first that meets nothing taken. Lengths are mm on the page.
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
Measure = Callable[[str], tuple[float, float]]

#: Places tried inside a shape besides its pole.
_CANDIDATES = 16
#: How many of them a larger size tries.
_NEAR = 6
#: Share of a label that must lie in its own shape when it fits nowhere whole.
_MOSTLY = 0.6
#: Places of a label at which it is asked whether they lie in the shape: five across, three up.
_SAMPLES = np.stack(np.meshgrid(np.linspace(-0.5, 0.5, 5), np.linspace(-0.5, 0.5, 3)), axis=-1).reshape(-1, 2)
#: Places of a shape's bounding box at which a label is tried, as shares of its width and height.
_GRID = np.stack(np.meshgrid(np.linspace(0, 1, 9)[1:-1], np.linspace(0, 1, 9)[1:-1]), axis=-1).reshape(-1, 2)
#: Directions a leader may take, the readable ones (right, above) first.
_TURNS = (45, 0, 135, -45, 180, -135, 90, -90, 22, 67, -22, 157, 112, -67, -157, -112)


@dataclass(frozen=True)
class Label:
    """A text that wants a place; ``sizes`` in points, largest first."""

    key: str
    text: str
    sizes: tuple[float, ...]


@dataclass(frozen=True)
class Placed:
    """A text and the place it got: its middle in mm, its size in points, what it covers, the end of its leader.

    ``whole`` tells whether all of it lies in its own shape.
    """

    key: str
    text: str
    x: float
    y: float
    size: float
    box: Box
    leader: tuple[float, float] | None = None
    whole: bool = True


class Board:
    """Remember what is taken, in a hash of cells a few mm wide."""

    def __init__(self, room: Rect, *, cell: float = 8.0) -> None:
        self.room = room
        self._cell = cell
        self._cells: dict[tuple[int, int], list[Box]] = {}

    def _touched(self, box: Box) -> Iterator[tuple[int, int]]:
        left, bottom, right, top = (math.floor(value / self._cell) for value in box)
        for column in range(left, right + 1):
            for row in range(bottom, top + 1):
                yield column, row

    def free(self, box: Box) -> bool:
        """Tell whether the box lies in the room and meets nothing taken."""
        left, bottom, right, top = box
        room = self.room
        if left < room.x or bottom < room.y or right > room.right or top > room.top:
            return False
        for cell in self._touched(box):
            for other in self._cells.get(cell, ()):
                if left < other[2] and right > other[0] and bottom < other[3] and top > other[1]:
                    return False
        return True

    def take(self, box: Box) -> None:
        """Keep the box for what has been drawn there."""
        for cell in self._touched(box):
            self._cells.setdefault(cell, []).append(box)


def _box(x: float, y: float, width: float, height: float, clearance: float) -> Box:
    across, up = width / 2 + clearance, height / 2 + clearance
    return x - across, y - up, x + across, y + up


def poles(shapes: np.ndarray) -> np.ndarray:
    """Return the pole of inaccessibility (n, 2) of each shape: the place inside farthest from its edge, in mm.

    NaN where a shape has no area.
    """
    places = np.full((len(shapes), 2), np.nan)
    whole = (shapely.area(shapes) > 0) & np.isin(shapely.get_type_id(shapes), (3, 6))
    inscribed = shapely.maximum_inscribed_circle(shapes[whole], tolerance=0.25)
    places[whole] = shapely.get_coordinates(shapely.get_point(inscribed, 0)).reshape(-1, 2)
    return places


def _inside(shape: object, pole: np.ndarray) -> np.ndarray:
    """Return the pole and further places inside the shape, nearest to the pole first."""
    bounds = shapely.bounds(shape)
    grid = bounds[:2] + _GRID * (bounds[2:] - bounds[:2])
    grid = grid[shapely.contains_xy(shape, grid[:, 0], grid[:, 1])]
    away = grid - pole
    order = np.argsort((away * away).sum(axis=1), kind="stable")[:_CANDIDATES]
    return np.vstack([pole, grid[order]])


def _shares(shape: object, places: np.ndarray, width: float, height: float) -> np.ndarray:
    """Return which part of a label lies in the shape, for each place of its middle."""
    samples = places[:, None, :] + _SAMPLES * (width, height)
    within = shapely.contains_xy(shape, samples[..., 0].ravel(), samples[..., 1].ravel())
    return within.reshape(len(places), -1).sum(axis=1) / len(_SAMPLES)


def place_inside(
    board: Board, labels: Sequence[Label], shapes: np.ndarray, measure: Measure, *, clearance: float = 0.25
) -> tuple[list[Placed], list[Label]]:
    """Place each label inside its shape.

    Parameters
    ----------
    board
        What is taken; grows with every label placed.
    labels, shapes
        One shape per label, in the order of importance; shapes are polygons in page mm.
    measure
        How much room a text takes.
    clearance
        Free mm kept round every label.

    Returns
    -------
    tuple
        Those placed and those left out. A label lies wholly in its shape where it can; else, at its smallest size, its
        middle and at least six tenths of it do.
    """
    placed: list[Placed] = []
    left_out: list[Label] = []
    if not len(labels):
        return placed, left_out
    shapes = np.asarray(shapes, dtype=object)
    shapely.prepare(shapes)
    middles = poles(shapes)
    whole_at_pole = _whole_at(shapes, middles, labels, measure)
    for at, (label, shape, pole) in enumerate(zip(labels, shapes, middles, strict=True)):
        found = (
            None if np.isnan(pole).any() else _find(board, label, shape, pole, measure, clearance, whole_at_pole[at])
        )
        if found is None:
            left_out.append(label)
        else:
            placed.append(found)
            board.take(_grown(found.box, clearance))
    return placed, left_out


def _whole_at(shapes: np.ndarray, middles: np.ndarray, labels: Sequence[Label], measure: Measure) -> np.ndarray:
    """Return for each label and size (n, sizes) whether the label at the pole lies wholly in its shape.

    Most labels end here, so all of them are asked in one call.
    """
    most = max(len(label.sizes) for label in labels)
    sizes = np.array([label.sizes + label.sizes[-1:] * (most - len(label.sizes)) for label in labels])
    room = np.array([measure(label.text) for label in labels])[:, None, :] * sizes[..., None]
    samples = middles[:, None, None, :] + _SAMPLES * room[:, :, None, :]
    return shapely.contains_xy(shapes[:, None, None], samples[..., 0], samples[..., 1]).all(axis=-1)


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _find(
    board: Board,
    label: Label,
    shape: object,
    pole: np.ndarray,
    measure: Measure,
    clearance: float,
    whole_at_pole: np.ndarray,
) -> Placed | None:
    others: np.ndarray | None = None
    across, up = measure(label.text)
    left, bottom, right, top = shapely.bounds(shape).tolist()
    for wanted, sizes in ((1.0, label.sizes), (_MOSTLY, label.sizes[-1:])):
        for at, size in enumerate(sizes):
            width, height = across * size, up * size
            if wanted == 1.0 and (width > right - left or height > top - bottom):
                continue
            place = None
            if whole_at_pole[at] and wanted == 1.0:
                x, y = pole.tolist()
                place = (x, y) if board.free(_box(x, y, width, height, clearance)) else None
            if place is None:
                others = _inside(shape, pole) if others is None else others
                # Only the smallest size is worth a search of the whole shape.
                tried = others if size == label.sizes[-1] else others[:_NEAR]
                place = _first_free(board, shape, tried, width, height, wanted, clearance)
            if place is not None:
                box = _box(*place, width, height, 0.0)
                return Placed(label.key, label.text, *place, size, box, whole=wanted == 1.0)
    return None


def _first_free(
    board: Board, shape: object, places: np.ndarray, width: float, height: float, wanted: float, clearance: float
) -> tuple[float, float] | None:
    good = _shares(shape, places, width, height) >= wanted - 1e-9
    for x, y in places[good].tolist():
        if board.free(_box(x, y, width, height, clearance)):
            return x, y
    return None


def place_beside(
    board: Board, labels: Sequence[Label], points: np.ndarray, diameter: float, *, clearance: float = 0.3
) -> tuple[list[Placed], list[Label]]:
    """Place each label, a disc, beside its point with a leader to it: nearest first, over free paper only.

    Parameters
    ----------
    board, labels, clearance
        As for ``place_inside``.
    points
        Page places (n, 2) in mm, one per label.
    diameter
        Of the discs, in mm.
    """
    placed: list[Placed] = []
    left_out: list[Label] = []
    for label, (px, py) in zip(labels, np.asarray(points, float).reshape(-1, 2).tolist(), strict=True):
        found = _beside(board, px, py, diameter, clearance)
        if found is None:
            left_out.append(label)
            continue
        box = _box(*found, diameter, diameter, 0.0)
        placed.append(Placed(label.key, label.text, *found, label.sizes[0], box, (px, py)))
        board.take(_grown(box, clearance))
        for step in _along(found, (px, py), diameter / 2):
            board.take(step)
    return placed, left_out


def _beside(board: Board, px: float, py: float, diameter: float, clearance: float) -> tuple[float, float] | None:
    for distance in (1.0, 1.5, 2.1, 2.8, 3.6, 4.6, 6.0, 8.0):
        for turn in _TURNS:
            x = px + distance * diameter * math.cos(math.radians(turn))
            y = py + distance * diameter * math.sin(math.radians(turn))
            if board.free(_box(x, y, diameter, diameter, clearance)) and all(
                board.free(step) for step in _along((x, y), (px, py), diameter / 2)
            ):
                return x, y
    return None


def _along(start: tuple[float, float], end: tuple[float, float], skip: float) -> list[Box]:
    """Return small boxes along a leader, from the rim of its label to just before its end."""
    length = math.dist(start, end)
    steps = np.arange(skip + 0.4, length - 0.4, 0.5) / length if length else []
    return [_box(start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t, 0.3, 0.3, 0.0) for t in steps]
