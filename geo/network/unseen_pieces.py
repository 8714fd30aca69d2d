"""Cut from the centre lines of roads what no online camera surely sees: the pieces of a patrol (rule P8)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.road_graph import RoadLines

#: Pieces shorter than this (m) are none: the border of a view is certain to 0.10 m on either side (rule C2).
LEAST_PIECE_M = 0.2


def unseen_pieces(lines: RoadLines, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pieces: which line each is of, and from where to where along it (m), in the order of the lines.

    Parameters
    ----------
    lines
        The roads.
    seen
        Polygons that online cameras surely see, in the CRS of the roads; missing and empty ones count as none.

    Examples
    --------
    Of a road of 10 m the part between 4 and 6 m is seen:

    >>> lines = RoadLines(shapely.from_wkt(["LINESTRING (0 0, 5 0, 10 0)"]), np.array([0]))
    >>> [part.tolist() for part in unseen_pieces(lines, np.array([shapely.box(4, -1, 6, 1)]))]
    [[0, 0], [0.0, 6.0], [4.0, 10.0]]
    """
    seen = np.asarray(seen, object)
    seen = seen[~(shapely.is_missing(seen) | shapely.is_empty(seen))] if len(seen) else seen
    line, begin, end = _seen_intervals(lines, seen)
    order = np.lexsort((end, begin, line))
    line, begin, end = line[order], begin[order], end[order]
    total = shapely.length(lines.shape) if len(lines.shape) else np.empty(0)
    bounds = np.searchsorted(line, np.arange(len(total) + 1))
    out: list[tuple[int, float, float]] = []
    for k, length in enumerate(total.tolist()):
        at = 0.0
        for i in range(int(bounds[k]), int(bounds[k + 1])):
            if begin[i] - at >= LEAST_PIECE_M:
                out.append((k, at, float(begin[i])))
            at = max(at, float(end[i]))
        if length - at >= LEAST_PIECE_M:
            out.append((k, at, length))
    rows = np.array(out, float).reshape(-1, 3)
    return rows[:, 0].astype(np.int64), rows[:, 1], rows[:, 2]


def _seen_intervals(lines: RoadLines, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is seen of each line, segment by segment, where distances along it are plain: intervals (m)."""
    if not len(seen) or not len(lines.shape):
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    at, of = shapely.get_coordinates(lines.shape, return_index=True)
    same = np.flatnonzero(of[1:] == of[:-1])
    segment = shapely.linestrings(np.stack([at[same], at[same + 1]], axis=1))
    length = np.hypot(*(at[same + 1] - at[same]).T)
    line = of[same]
    is_first = np.r_[True, line[1:] != line[:-1]]
    before = np.cumsum(length) - length
    offset = before - np.repeat(before[is_first], np.diff(np.r_[np.flatnonzero(is_first), len(line)]))
    view, which = shapely.STRtree(segment).query(seen, predicate="intersects")
    inside, pair = shapely.get_parts(shapely.intersection(segment[which], seen[view]), return_index=True)
    kept = shapely.get_type_id(inside) == 1  # a touch in a point sees no length
    inside, which = inside[kept], which[pair[kept]]
    ends = [shapely.get_coordinates(shapely.get_point(inside, k)) for k in (0, -1)]
    near, far = (offset[which] + np.hypot(*(one - at[same[which]]).T) for one in ends)
    return line[which], np.minimum(near, far), np.maximum(near, far)
