"""Encode shapes as short text for the one-file map: rings as encoded polylines of six decimals.

The encoding is the public "encoded polyline algorithm format" with precision 6 (0.11 m): whole millionths of a degree,
latitude before longitude, as differences, in characters from ``?`` to ``~``: a quarter of the bytes of GeoJSON.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import STORAGE_CRS

#: Metres per degree of latitude; tolerances in metres are divided by it, so along x they are never coarser.
METRES_PER_DEGREE = 111_320.0
SCALE = 1_000_000

#: Kinds of shape by their numbers in GEOS: a point, and what may hold several of them.
_POINT, _SEVERAL_POINTS = 0, (4, 7)

Packed = list  # of parts, each a list of ring or line texts; empty where there is no shape


def degrees(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return the shapes of a frame in longitude and latitude (EPSG:4326)."""
    series = frame.geometry if frame.crs is None else frame.geometry.to_crs(STORAGE_CRS)
    return series.to_numpy()


def simplified(shapes: np.ndarray, metres: float) -> np.ndarray:
    """Return zones with fewer corners, neighbours keeping their common border.

    Parameters
    ----------
    shapes
        Shapes in degrees that tile an area.
    metres
        A corner is removed while the triangle it spans is below half of ``metres`` squared; 0 changes nothing.
    """
    if metres <= 0 or shapely.is_empty(shapes).any() or not np.isin(shapely.get_type_id(shapes), (3, 6)).all():
        return shapes
    return shapely.coverage_simplify(shapes, metres / METRES_PER_DEGREE)


def pack(shapes: np.ndarray, *, metres: float = 0.0, is_mixed: bool = False) -> list[Packed]:
    """Return each polygon or line as parts of encoded rings; None, empty and other shapes give an empty list.

    Parameters
    ----------
    shapes
        Shapes in degrees.
    metres
        The largest shift of a line when each ring is simplified by itself (Douglas-Peucker); a ring that would collapse
        keeps its full form. Rings may then cross, which is not visible on a map; full topology checks are expensive.
    is_mixed
        Whether lines and points of collections are drawn too, and several points of one shape: each is a part of one
        corner. Else only the areas of collections are.
    """
    kinds = shapely.get_type_id(shapes)
    parts, owner = shapely.get_parts(shapes if is_mixed else _areas_of_collections(shapes), return_index=True)
    if (shapely.get_type_id(parts) > 3).any():  # of collections
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    parts, owner = parts[~shapely.is_empty(parts)], owner[~shapely.is_empty(parts)]
    out: list[Packed] = [[] for _ in range(len(shapes))]
    kind = shapely.get_type_id(parts)
    polygon, line = kind == 3, kind == 1
    rings, ring_of = shapely.get_rings(parts[polygon], return_index=True)
    groups: list[list[str]] = [[] for _ in range(int(polygon.sum()))]
    for text, index in zip(_encoded(_simplified_rings(rings, metres), closed=True), ring_of, strict=True):
        groups[index].append(text)
    for group, index in zip(groups, owner[polygon], strict=True):
        out[index].append(group)
    lines = _simplified_rings(parts[line], metres)
    for text, index in zip(_encoded(lines, closed=False), owner[line], strict=True):
        out[index].append([text])
    if is_mixed:
        point = (kind == _POINT) & np.isin(kinds[owner], _SEVERAL_POINTS)
        for text, index in zip(_encoded(parts[point], closed=False), owner[point], strict=True):
            out[index].append([text])
    return out


def _simplified_rings(lines: np.ndarray, metres: float) -> np.ndarray:
    if metres <= 0 or len(lines) == 0:
        return lines
    simple = shapely.simplify(lines, metres / METRES_PER_DEGREE, preserve_topology=False)
    least = np.where(shapely.get_type_id(lines) == 2, 4, 2)
    return np.where(shapely.get_num_coordinates(simple) < least, lines, simple)


def _areas_of_collections(shapes: np.ndarray) -> np.ndarray:
    # Overlay sometimes returns collections; only their areas are drawn.
    shapes = np.asarray(shapes, dtype=object)
    mixed = shapely.get_type_id(shapes) == 7
    if not mixed.any():
        return shapes
    kept = shapes.copy()
    for index in np.flatnonzero(mixed):
        inner = shapely.get_parts(shapes[index])
        kept[index] = shapely.multipolygons(inner[shapely.get_type_id(inner) == 3])
    return kept


def _encoded(lines: np.ndarray, *, closed: bool) -> list[str]:
    if len(lines) == 0:
        return []
    coords, owner = shapely.get_coordinates(lines, return_index=True)
    whole = np.rint(coords[:, ::-1] * SCALE).astype(np.int64)
    first = np.r_[True, owner[1:] != owner[:-1]]
    last = np.r_[owner[1:] != owner[:-1], True]
    steps = np.diff(whole, axis=0, prepend=0)
    steps[first] = whole[first]
    # The decoder closes rings; points that coincide after rounding are dropped.
    keep = (first | (steps != 0).any(axis=1)) & ~(last & closed)
    steps, owner = steps[keep], owner[keep]
    values = ((steps << 1) ^ (steps >> 63)).ravel()
    data, lengths = _chunks(values)
    per_point = lengths.reshape(-1, 2).sum(axis=1)
    ends = np.cumsum(np.bincount(owner, weights=per_point, minlength=len(lines)).astype(np.int64))
    starts = np.r_[0, ends[:-1]]
    return [data[start:end] for start, end in zip(starts, ends, strict=True)]


def _chunks(values: np.ndarray) -> tuple[str, np.ndarray]:
    """Return non-negative integers as 5-bit groups, low group first, and how many characters each took."""
    count = np.ones(len(values), dtype=np.int64)
    for group in range(1, 7):
        count += values >= (1 << (5 * group))
    starts = np.cumsum(count) - count
    out = np.empty(int(count.sum()), dtype=np.uint8)
    for group in range(int(count.max())):
        here = count > group
        more = np.where(count[here] > group + 1, 0x20, 0)
        out[starts[here] + group] = (((values[here] >> (5 * group)) & 0x1F) | more) + 63
    return out.tobytes().decode("ascii"), count
