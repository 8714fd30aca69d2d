"""Settle cameras that stand in or on buildings: to the wall, on the roof, or seeing nothing (rules B1-B3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit

from geo.visibility.scene import Field

#: Rule B1, metres: footprints closer than this touch; a camera is set this far off; no further than this from the wall.
TOUCHING = 0.10
OFF_WALL = 0.05
DEEPEST = 3.0

# A camera already set off the wall stays where it is.
_SLACK = 1e-6
# Arcs of the offset are chords within 4e-6 m; what is closer than this is a tie.
_ARC_SEGMENTS = 64
_TIE = 1e-5


@dataclass(frozen=True)
class Settled:
    """Hold where cameras are taken to stand.

    Attributes
    ----------
    x, y
        Metres in the CRS of the field.
    blind
        Whether the camera sees nothing (B3).
    notes
        (row, what was decided), for ``assumed``.
    """

    x: np.ndarray
    y: np.ndarray
    blind: np.ndarray
    notes: list[tuple[int, str]]


def settle(x: np.ndarray, y: np.ndarray, height: np.ndarray, indoor: np.ndarray, field: Field) -> Settled:
    """Apply rules B1 to B3.

    Parameters
    ----------
    x, y
        Places of the cameras, metres.
    height
        The lenses, metres above the ground.
    indoor
        Whether the record says that the camera is indoors: never moved, sees nothing.
    field
        The obstacles, in the same CRS.
    """
    new_x, new_y, blind = x.copy(), y.copy(), indoor.copy()
    notes = [(int(i), "indoor: sees nothing") for i in np.flatnonzero(indoor)]
    for i in np.flatnonzero(_at_walls(field, x, y, OFF_WALL - _SLACK) & ~indoor):
        place = _to_the_wall(field, float(x[i]), float(y[i]))
        if place is not None:
            new_x[i], new_y[i] = place
            distance = np.hypot(place[0] - x[i], place[1] - y[i])
            notes.append((int(i), f"moved {distance:.2f} m to the wall"))
        elif not _on_the_roof(field, float(x[i]), float(y[i]), float(height[i])):
            blind[i] = True
            notes.append((int(i), "inside an obstacle: sees nothing"))
    return Settled(new_x, new_y, blind, notes)


def _to_the_wall(field: Field, x: float, y: float) -> tuple[float, float] | None:
    """Return the nearest place off the union of touching footprints; None where its boundary is too far (B1)."""
    solid = _solid(field, x, y)
    grown = solid.buffer(OFF_WALL, quad_segs=_ARC_SEGMENTS)
    closed = grown.buffer(-OFF_WALL, quad_segs=_ARC_SEGMENTS)
    if closed.boundary.distance(shapely.Point(x, y)) > DEEPEST + _SLACK:
        return None
    return _nearest(grown, x, y)


def _solid(field: Field, x: float, y: float) -> shapely.Geometry:
    """Return the union of the footprints that touch the camera's, as far as it can matter to the camera."""
    # Footprints joined only beyond this window are 0.10 m apart within it, so joining them here would change nothing.
    window = shapely.box(x - 2 * DEEPEST, y - 2 * DEEPEST, x + 2 * DEEPEST, y + 2 * DEEPEST)
    local = [_footprint(field, o).intersection(window) for o in _near(field, x, y, 2 * DEEPEST)]
    local = [one for one in local if not one.is_empty]
    camera = shapely.Point(x, y)
    waiting = [k for k, one in enumerate(local) if one.distance(camera) <= OFF_WALL]
    joined = set(waiting)
    while waiting:
        k = waiting.pop()
        touching = {m for m in range(len(local)) if m not in joined and local[m].distance(local[k]) < TOUCHING}
        joined |= touching
        waiting.extend(touching)
    return shapely.union_all([local[k] for k in sorted(joined)])


def _footprint(field: Field, o: int) -> shapely.Geometry:
    """Return an obstacle as a valid shape; where its rings overlap, what an odd number of them holds is inside."""
    rings = [
        np.column_stack([field.x[a:b], field.y[a:b]])
        for a, b in zip(field.ring[field.part[o] : field.part[o + 1]], field.ring[field.part[o] + 1 :], strict=False)
    ]
    shape = shapely.Polygon()
    for ring in rings:
        shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return shape


def _near(field: Field, x: float, y: float, reach: float) -> Iterable[int]:
    """Return the obstacles whose box comes within reach, in row order."""
    c0, c1 = (int(np.clip((x + s * reach - field.west) // field.cell, 0, field.columns - 1)) for s in (-1, 1))
    r0, r1 = (int(np.clip((y + s * reach - field.south) // field.cell, 0, field.rows - 1)) for s in (-1, 1))
    cells = (np.arange(r0, r1 + 1)[:, None] * field.columns + np.arange(c0, c1 + 1)).ravel()
    found = np.unique(np.concatenate([field.item[field.start[c] : field.start[c + 1]] for c in cells]))
    box = field.box[found]
    meets = (box[:, 0] <= x + reach) & (box[:, 2] >= x - reach) & (box[:, 1] <= y + reach) & (box[:, 3] >= y - reach)
    return (int(o) for o in found[meets])


def _nearest(grown: shapely.Geometry, x: float, y: float) -> tuple[float, float]:
    """Return the boundary point nearest to a place; of equally near ones that of lowest x, then y."""
    best = []
    for line in shapely.get_parts(shapely.get_parts(grown.boundary)):
        xy = shapely.get_coordinates(line)
        a, d = xy[:-1], np.diff(xy, axis=0)
        length = np.maximum((d * d).sum(axis=1), 1e-30)
        share = np.clip(((np.array([x, y]) - a) * d).sum(axis=1) / length, 0.0, 1.0)
        best.extend([a + share[:, None] * d, a])
    points = np.concatenate(best)
    distance = np.hypot(points[:, 0] - x, points[:, 1] - y)
    ties = points[distance <= distance.min() + _TIE]
    lowest = ties[ties[:, 0] <= ties[:, 0].min() + _TIE]
    place = lowest[np.argmin(lowest[:, 1])]
    return float(place[0]), float(place[1])


def _on_the_roof(field: Field, x: float, y: float, height: float) -> bool:
    """Tell whether the camera is above the known height of every footprint it stands on (B2)."""
    camera = shapely.Point(x, y)
    under = [o for o in _near(field, x, y, OFF_WALL) if _footprint(field, o).distance(camera) < OFF_WALL]
    return bool(np.all(field.height[under] < height))


@njit(cache=True, nogil=True, error_model="numpy")
def _at_walls(field, x, y, off):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return which places lie inside a footprint or closer than ``off`` to one."""
    hit = np.zeros(len(x), np.bool_)
    for i in range(len(x)):
        c0, c1 = int((x[i] - off - field.west) / field.cell), int((x[i] + off - field.west) / field.cell)
        r0, r1 = int((y[i] - off - field.south) / field.cell), int((y[i] + off - field.south) / field.cell)
        for r in range(max(r0, 0), min(r1, field.rows - 1) + 1):
            for c in range(max(c0, 0), min(c1, field.columns - 1) + 1):
                for k in range(field.start[r * field.columns + c], field.start[r * field.columns + c + 1]):
                    if not hit[i]:
                        hit[i] = _at_wall(field, field.item[k], x[i], y[i], off)
    return hit


@njit(cache=True, nogil=True, error_model="numpy")
def _at_wall(field, o, x, y, off):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell whether a place lies inside footprint ``o`` or closer than ``off`` to it."""
    w, s, e, n = field.box[o, 0], field.box[o, 1], field.box[o, 2], field.box[o, 3]
    if x < w - off or x > e + off or y < s - off or y > n + off:
        return False
    inside = False
    for g in range(field.part[o], field.part[o + 1]):
        for v in range(field.ring[g], field.ring[g + 1] - 1):
            ax, ay, bx, by = field.x[v] - x, field.y[v] - y, field.x[v + 1] - x, field.y[v + 1] - y
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length > 0 else 0.0
            if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 < off * off:
                return True
            if (ay > 0) != (by > 0) and (ax * by - ay * bx > 0) == (by > ay):
                inside = not inside
    return inside
