"""Walk the ring pieces that a sweep leaves into valid polygons (stage 3 of the sweep)."""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

# ruff: noqa: ANN001, ANN202, C901
# mypy: disable-error-code="no-untyped-def"

#: Rings below this area (m2) are rounding artefacts.
MIN_RING_M2 = 1e-6


def assemble_polygons(
    sweep_result: tuple[np.ndarray, ...], x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return one valid polygon or multipolygon per camera, and which cameras have rings that do not close.

    Parameters
    ----------
    sweep_result
        Ring pieces and nodes of all cameras, and the first piece and node of each camera
        (`geo.visibility.view_polygons.sweep`).
    x, y
        Positions of the cameras, metres.

    Returns
    -------
    Shapes, empty where a camera sees nothing, and a boolean array.
    """
    pieces, nodes, first_piece, first_node = sweep_result[:4]
    largest = int(max(np.diff(first_piece).max(initial=0), np.diff(first_node).max(initial=0)))
    xy, ring, part, camera, broken = _assemble(pieces, nodes, first_piece, first_node, x, y, largest + 2)
    shapes = np.full(len(x), shapely.Polygon(), dtype=object)
    count = np.diff(camera)
    parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (ring, part))
    single = count == 1
    shapes[single] = parts[camera[:-1][single]]
    for i in np.flatnonzero(count > 1):
        shapes[i] = shapely.multipolygons(parts[camera[i] : camera[i + 1]])
    return repaired(shapes), broken


def repaired(shapes: np.ndarray) -> np.ndarray:
    """Return the shapes with the rare invalid ones (rounding of large coordinates) made valid.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> repaired(np.array([bow_tie]))[0].area
    2.0
    """
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if len(bad):
        shapes[bad] = [_only_areas(shape) for shape in shapely.make_valid(shapes[bad])]
    return shapes


def _only_areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a repaired shape, without the lines that repair may leave."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


@njit(cache=True, nogil=True)
def _signed_area(nodes, walked, a, b):
    """Return the signed area of the ring of nodes ``walked[a:b]``, square metres, counter-clockwise positive."""
    area = 0.0
    px, py = nodes[walked[b - 1]].x, nodes[walked[b - 1]].y
    for k in range(a, b):
        x, y = nodes[walked[k]].x, nodes[walked[k]].y
        area += px * y - py * x
        px, py = x, y
    return area / 2


@njit(cache=True, nogil=True)
def _trace_rings(pieces, nodes, done, position, walked, ring_nodes, ring_start, area):
    """Walk the pieces into simple rings; return their number, -1 where a walk does not close.

    A node that the walk meets a second time closes the ring of the nodes since the first.
    """
    for p in range(len(pieces)):
        done[p] = False
    for node in range(len(nodes)):
        position[node] = -1
    count, end = 0, 0
    for first in range(len(pieces)):
        p, n = first, np.int64(0)
        while not (n == 0 and done[p]):
            node = pieces[p].node
            if node < 0:
                return -1
            back = position[node]
            if back >= 0:
                ring_area = _signed_area(nodes, walked, back, n)
                if n - back >= 3 and abs(ring_area) >= MIN_RING_M2:
                    ring_start[count], area[count] = end, ring_area
                    count += 1
                    for k in range(back, n):
                        ring_nodes[end] = walked[k]
                        end += 1
                for k in range(back, n):
                    position[walked[k]] = -1
                n = back
            if done[p]:
                break
            position[node], walked[n], done[p] = n, node, True
            n += 1
            p = pieces[p].next
            if p < 0:
                return -1
        for k in range(n):
            position[walked[k]] = -1
    ring_start[count] = end
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _shell_of_hole(nodes, ring_nodes, ring_start, area, count, hole):
    """Return the smallest shell that contains the midpoint of the first side of a hole; -1 for none."""
    a, b = nodes[ring_nodes[ring_start[hole]]], nodes[ring_nodes[ring_start[hole] + 1]]
    x, y = (a.x + b.x) / 2, (a.y + b.y) / 2
    smallest, found = np.inf, -1
    for s in range(count):
        if area[s] <= 0 or area[s] < -area[hole] or area[s] >= smallest:
            continue
        inside = False
        last = nodes[ring_nodes[ring_start[s + 1] - 1]]
        px, py = last.x, last.y
        for k in range(ring_start[s], ring_start[s + 1]):
            qx, qy = nodes[ring_nodes[k]].x, nodes[ring_nodes[k]].y
            if (py > y) != (qy > y) and x < (qx - px) * (y - py) / (qy - py) + px:
                inside = not inside
            px, py = qx, qy
        if inside:
            smallest, found = area[s], s
    return found


@njit(cache=True, nogil=True)
def _assemble(pieces, nodes, first_piece, first_node, x, y, capacity):
    """Return coordinates, ring, polygon and camera offsets, and the cameras whose rings do not close."""
    n = len(x)
    done, position = np.empty(capacity, np.bool_), np.empty(capacity, np.int64)
    walked, ring_nodes, ring_start = (
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
    )
    area, shell = np.empty(capacity), np.empty(capacity, np.int64)
    total = len(pieces) + 2
    xy = np.empty((2 * total, 2))
    ring, part = np.zeros(total, np.int64), np.zeros(total, np.int64)
    camera, broken = np.zeros(n + 1, np.int64), np.zeros(n, np.bool_)
    end, rings, parts = 0, 0, 0
    for j in range(n):
        # 1. rings: shells are counter-clockwise, holes clockwise
        own_pieces = pieces[first_piece[j] : first_piece[j + 1]]
        own_nodes = nodes[first_node[j] : first_node[j + 1]]
        count = _trace_rings(own_pieces, own_nodes, done, position, walked, ring_nodes, ring_start, area)
        broken[j] = count < 0
        for h in range(count):
            shell[h] = _shell_of_hole(own_nodes, ring_nodes, ring_start, area, count, h) if area[h] < 0 else -1
        # 2. polygons: each shell, then its holes
        for s in range(count):
            if area[s] <= 0:
                continue
            for h in range(-1, count):
                if h >= 0 and shell[h] != s:
                    continue
                g = s if h < 0 else h
                begin = end
                for k in range(ring_start[g], ring_start[g + 1]):
                    node = own_nodes[ring_nodes[k]]
                    xy[end, 0], xy[end, 1] = x[j] + node.x, y[j] + node.y
                    end += 1
                xy[end, 0], xy[end, 1] = xy[begin, 0], xy[begin, 1]
                end += 1
                rings += 1
                ring[rings] = end
            parts += 1
            part[parts] = rings
        camera[j + 1] = parts
    return xy[:end], ring[: rings + 1], part[: parts + 1], camera, broken
