"""Write the names of roads along them, each once, where they are straight enough and nothing stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from maps.print.page_layout import Rect

#: Places tried on a road, as shares of its length, the middle first.
_TRIED = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
#: The chord below a name is at least this share of the way along the road.
_STRAIGHT = 0.985


@dataclass(frozen=True)
class RoadName:
    """A name with the middle of its baseline, in mm, and its angle in degrees counter-clockwise."""

    text: str
    x: float
    y: float
    angle: float


class Taken:
    """What stands on a map, as shapes in mm."""

    def __init__(self, rect: Rect) -> None:
        self._whole = shapely.box(rect.x, rect.y, rect.right, rect.top)
        self._shapes: list[shapely.Geometry] = []

    def is_free(self, shape: shapely.Geometry) -> bool:
        """Return whether a shape lies in the map and meets nothing."""
        if not self._whole.covers(shape):
            return False
        return not self._shapes or not bool(shapely.intersects(np.array(self._shapes, object), shape).any())

    def add(self, shape: shapely.Geometry) -> None:
        """Take a shape's place."""
        self._shapes.append(shape)


def place_road_names(
    names: Sequence[str], lines: np.ndarray, rect: Rect, taken: Taken, width: Callable[[str], float], height: float
) -> list[RoadName]:
    """Return where names of roads stand; a name without room is left out, its road still has its line.

    Parameters
    ----------
    names, lines
        A name, empty for none, and a line in mm for each piece of road.
    rect
        The map.
    taken
        What stands there; grows with every name.
    width, height
        Of a text, and of its letters, in mm.
    """
    pieces: dict[str, list[shapely.Geometry]] = {}
    clipped = shapely.clip_by_rect(lines, rect.x, rect.y, rect.right, rect.top) if len(lines) else lines
    for name, line in zip(names, clipped, strict=True):
        if name and not line.is_empty:
            pieces.setdefault(name, []).append(line)
    ways = {}
    for name, parts in pieces.items():
        merged = shapely.line_merge(shapely.union_all(np.array(parts, object)))
        ways[name] = max(shapely.get_parts(merged), key=lambda one: one.length)
    out = []
    for name, way in sorted(ways.items(), key=lambda one: (-one[1].length, one[0])):
        found = _on(name, way, taken, width(name), height)
        if found is not None:
            out.append(found)
    return out


def _on(name: str, way: shapely.LineString, taken: Taken, width: float, height: float) -> RoadName | None:
    if way.geom_type != "LineString" or way.length < width * 1.1:
        return None
    for share in _TRIED:
        middle = way.length * share
        ends = [middle - width / 2, middle + width / 2]
        if ends[0] < 0 or ends[1] > way.length:
            continue
        (ax, ay), (bx, by) = (way.interpolate(one).coords[0] for one in ends)
        chord = float(np.hypot(bx - ax, by - ay))
        if chord < width * _STRAIGHT:
            continue
        angle = float(np.degrees(np.arctan2(by - ay, bx - ax)))
        angle = (angle + 90.0) % 180.0 - 90.0
        x, y = (ax + bx) / 2, (ay + by) / 2
        box = _turned_box(x, y, width, height, angle)
        if taken.is_free(box):
            taken.add(box)
            sin, cos = np.sin(np.radians(angle)), np.cos(np.radians(angle))
            return RoadName(name, x + 0.36 * height * sin, y - 0.36 * height * cos, angle)
    return None


def _turned_box(x: float, y: float, width: float, height: float, angle: float) -> shapely.Polygon:
    across, up = width / 2 + 0.4, height / 2 + 0.3
    corners = np.array([(-across, -up), (across, -up), (across, up), (-across, up)])
    sin, cos = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    return shapely.Polygon(corners @ np.array([[cos, sin], [-sin, cos]]) + (x, y))
