"""Find the polygon that owns a point, exactly and fast (rules L1 and L2).

`geo.places._parity` explains the search and names its sources. Polygons near a point are found by an R-tree
(Leutenegger et al. 1997, "STR: a simple and efficient algorithm for R-tree packing", doi:10.1109/ICDE.1997.582015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.errors import BadGeometry, BadValue, RowFault
from geo.places import _few_points

# GRS 80, which WGS-84 and CGCS2000 share to a tenth of a millimetre: semi-major axis in metres, squared eccentricity.
_AXIS_M = 6_378_137.0
_ECC2 = 0.006694380022901
# Cells per part and edges per cell that measured fastest on 11,683 polygons of 7 and of 192 vertices.
_CELLS_PER_PART = 128
_EDGES_PER_CELL = 2
_MAX_CELLS = 6_000_000
# Least size of a cell as a part of the greatest coordinate: a millionth of the cell is still many roundings of that.
_LEAST_CELL = 1e-8


@dataclass(frozen=True)
class BorderDistances:
    """Distances of points to borders, one entry per point.

    Attributes
    ----------
    border_m
        Metres to the nearest border of the owner; NaN where there is none.
    neighbours
        Rows within the accuracy of the point, without the owner, nearest first; empty where the border is farther than
        that (rule L2).
    """

    border_m: np.ndarray
    neighbours: list[list[int]]


class Locator:
    """Index of which polygon owns a point; read only after construction.

    Edges are straight in longitude and latitude as stored. A point on a border or in overlapping polygons belongs to
    the first row (rule L1). Holes and multiple parts are respected; empty shapes own nothing.

    Examples
    --------
    Two squares of one degree side by side; the second point is on their common border:

    >>> import shapely
    >>> squares = Locator([shapely.box(102, 37, 103, 38), shapely.box(103, 37, 104, 38)])
    >>> squares.locate([102.5, 103.0, 103.5, 105.0], [37.5, 37.5, 37.5, 37.5]).tolist()
    [0, 0, 1, -1]
    """

    def __init__(
        self, polygons: gpd.GeoDataFrame | gpd.GeoSeries | np.ndarray | list[Any], *, few_points: bool = False
    ) -> None:
        """Build the index.

        Parameters
        ----------
        polygons
            Polygons and multipolygons in degrees (any geographic CRS); rows in the order of precedence.
        few_points
            For a handful of points: the same results without cells and compiled kernels, which take longer to load.

        Raises
        ------
        BadGeometry
            Where a row is neither polygon nor empty, or has a coordinate that is not finite; names the rows.
        """
        shapes = _valid_polygons(polygons)
        parts, part_row = shapely.get_parts(shapes, return_index=True)
        keep = ~shapely.is_empty(parts)
        self._parts = parts[keep]
        self._rows = part_row[keep].astype(np.int32)
        self._tree = shapely.STRtree(self._parts)
        self._flatten_parts()
        self._few_points = few_points
        self._cells: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None
        if not few_points:
            self._build_cells()

    def locate(self, lon: Any, lat: Any) -> np.ndarray:
        """Return the row of the polygon that owns each point.

        Parameters
        ----------
        lon, lat
            Degrees, in the CRS of the polygons; scalars or arrays of one shape. NaN is in no polygon.

        Returns
        -------
        numpy.ndarray
            Integer row positions in the shape of the input, -1 where no polygon covers the point.

        Examples
        --------
        >>> import shapely
        >>> int(Locator([shapely.box(0, 0, 1, 1)]).locate(0.5, 0.5))
        0
        """
        if self._cells and isinstance(lon, float) and isinstance(lat, float):
            return np.array(self._locate_one(lon, lat, *self._cells))
        px, py = _coordinate_arrays(lon, lat)
        out = np.full(px.shape, -1, np.int64)
        if self._few_points:
            point, row = self.covering(px, py)
            lowest = np.unique(point, return_index=True)
            out.ravel()[lowest[0]] = row[lowest[1]]
        elif self._cells:
            from geo.places import _parity  # noqa: PLC0415 (a few points need no kernels)

            _parity.locate(px.ravel(), py.ravel(), *self._cells, out.ravel())
        return out

    def covering(self, lon: Any, lat: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return every (point, row) pair where the polygon of the row covers the point, in the order of point and row.

        Examples
        --------
        >>> import shapely
        >>> overlapping = Locator([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
        >>> [values.tolist() for values in overlapping.covering([1.5, 2.5], [1.5, 2.5])]
        [[0, 0, 1], [0, 1, 1]]
        """
        px, py = _coordinate_arrays(lon, lat)
        px, py = px.ravel(), py.ravel()
        point, part = self._parts_within(px, py, np.zeros_like(px), np.zeros_like(py))
        _, inside = self._measure(px, py, point, part)
        pairs = np.unique(np.column_stack([point, self._rows[part]])[inside], axis=0)
        return pairs[:, 0], pairs[:, 1]

    def borders(self, lon: Any, lat: Any, rows: Any, *, accuracy: float = 20.0) -> BorderDistances:
        """Return the distance to the border of each point's owner, and the polygons within the accuracy (rule L2).

        Parameters
        ----------
        lon, lat
            Degrees, one-dimensional.
        rows
            The owner of each point, as `locate` returns it; -1 for none.
        accuracy
            Accuracy of the points, metres.

        Raises
        ------
        BadValue
            Where the accuracy is negative or not a number.

        Examples
        --------
        On the equator 0.0001 degrees are 11.13 m; the point is that far west of the border of the two squares:

        >>> import shapely
        >>> squares = Locator([shapely.box(0, -1, 1, 1), shapely.box(1, -1, 2, 1)])
        >>> found = squares.borders([0.9999], [0.0], [0], accuracy=20.0)
        >>> found.border_m.round(2).tolist(), found.neighbours
        ([11.13], [[1]])
        """
        if not 0.0 <= accuracy <= 1e6:
            raise BadValue("精度必须是 0 到 1,000,000 米之间的数", "accuracy must be between 0 and 1,000,000 metres")
        px, py = (np.atleast_1d(a) for a in _coordinate_arrays(lon, lat))
        owner = np.atleast_1d(np.asarray(rows, np.int64))
        border = self._own_border(px, py, owner)
        near = (border <= accuracy).nonzero()[0]
        neighbours: list[list[int]] = [[] for _ in range(len(px))]
        if len(near):
            metres = _metres_per_degree(py[near])
            half_lat = accuracy / metres[:, 1] * 1.01
            cosine = np.maximum(np.cos(np.radians(np.abs(py[near]) + half_lat)), 1e-9)
            point, part = self._parts_within(px[near], py[near], accuracy / (metres[:, 0] * cosine) * 1.01, half_lat)
            point = near[point]
            distance, inside = self._measure(px, py, point, part)
            distance[inside] = 0.0
            for k in np.lexsort((self._rows[part], distance)):
                row, at = int(self._rows[part[k]]), point[k]
                if distance[k] <= accuracy and row != owner[at] and row not in neighbours[at]:
                    neighbours[at].append(row)
        return BorderDistances(border, neighbours)

    def _own_border(self, px: np.ndarray, py: np.ndarray, owner: np.ndarray) -> np.ndarray:
        border = np.full(len(px), np.nan)
        owned = (owner >= 0).nonzero()[0]
        if not len(owned):
            return border
        first = np.searchsorted(self._rows, owner[owned], "left")
        counts = np.searchsorted(self._rows, owner[owned], "right") - first
        point = np.repeat(owned, counts)
        within = np.arange(len(point)) - np.repeat(np.cumsum(counts) - counts, counts)
        distance, _ = self._measure(px, py, point, np.repeat(first, counts) + within)
        border[owned] = np.inf
        np.minimum.at(border, point, distance)
        return border

    def _parts_within(
        self, px: np.ndarray, py: np.ndarray, wide: np.ndarray, high: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the (point, part) pairs whose boxes meet; a point's box extends by `wide` and `high` to each side."""
        known = (np.isfinite(px) & np.isfinite(py)).nonzero()[0]
        x, y, wide, high = px[known], py[known], wide[known], high[known]
        point, part = self._tree.query(shapely.box(x - wide, y - high, x + wide, y + high))
        return known[point], part

    def _measure(
        self, px: np.ndarray, py: np.ndarray, point: np.ndarray, part: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        parts, metres = part.astype(np.int64), _metres_per_degree(py[point])
        pairs = (px[point], py[point], parts, self._x, self._y, self._rings, self._part_start)
        if self._few_points:
            return _few_points.pair_distances(*pairs, metres)
        from geo.places import _border_distances, _parity  # noqa: PLC0415 (a few points need no kernels)

        return _border_distances.pair_distances(*pairs, metres), _parity.pairs_covered(*pairs)

    def _flatten_parts(self) -> None:
        """Concatenate the vertices of all parts, with the ring of each vertex."""
        rings, ring_part = shapely.get_rings(self._parts, return_index=True)
        xy, ring_of = shapely.get_coordinates(rings, return_index=True)
        self._x = np.ascontiguousarray(xy[:, 0])
        self._y = np.ascontiguousarray(xy[:, 1])
        self._rings = ring_of.astype(np.int32)
        part_of_vertex = ring_part[ring_of] if len(ring_of) else np.empty(0, np.int64)
        self._part_start = np.searchsorted(part_of_vertex, np.arange(len(self._parts) + 1)).astype(np.int64)

    def _build_cells(self) -> None:
        """Build the index grid: owners of cells without edges, and the polylines of edges of the others."""
        if not len(self._parts):
            return
        from geo.places import _cell_polylines, _parity  # noqa: PLC0415 (a few points need no kernels)

        every = np.flatnonzero(self._rings[:-1] == self._rings[1:])
        grid, shape = _choose_index_grid(self._x, self._y, len(self._parts), len(every))
        edges = _cell_polylines.edges_in_cells(self._x, self._y, every, grid, shape)
        owner = np.full(shape[0] * shape[1], -1, np.int32)
        flat = (self._x, self._y, self._rings)
        centred = _parity.find_plain_cells(*flat, self._part_start, self._rows, grid, shape, edges[0], owner)
        part = np.repeat(np.arange(len(self._parts), dtype=np.int32), np.diff(self._part_start))
        words = np.empty(0, np.int64)
        for _ in range(2):  # count, then write
            given = (*flat, part, self._rows, grid, shape, edges, centred, owner, words, words.view(np.float64))
            count = _cell_polylines.write_cells(*given)
            words = words if len(words) else np.empty(count, np.int64)
        _parity.count_below(grid, shape, owner, words, words.view(np.float64))
        self._locate_one = _parity.locate_one
        lookup = np.concatenate([grid[:2], 1.0 / grid[2:4], grid[4:], shape])
        self._cells = (lookup, owner, words, words.view(np.float64))


def _valid_polygons(polygons: Any) -> np.ndarray:
    if isinstance(polygons, gpd.GeoDataFrame):
        polygons = polygons.geometry
    shapes = np.asarray(polygons, dtype=object)
    kinds = shapely.get_type_id(shapes)
    finite = np.ones(len(shapes), bool)
    coords, index = shapely.get_coordinates(shapes, return_index=True)
    finite[index[~np.isfinite(coords).all(axis=1)]] = False
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = np.flatnonzero(~(np.isin(kinds, (3, 6)) | empty) | ~finite)
    if len(wrong):
        reason = "不是多边形或坐标无效 / not a polygon, or a coordinate is not finite"
        rows = [RowFault("polygons", str(k), "geometry", reason) for k in wrong[:10]]
        raise BadGeometry(f"{len(wrong)} 行不是有效多边形", f"{len(wrong)} rows are no usable polygons", rows=rows)
    return shapes


def _coordinate_arrays(lon: Any, lat: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both as writable float arrays of one shape: read-only ones would trigger another compilation."""
    px, py = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if px.shape != py.shape:
        px, py = np.broadcast_arrays(px, py)
    return np.require(px, requirements=["C", "W"]), np.require(py, requirements=["C", "W"])


def _choose_index_grid(x: np.ndarray, y: np.ndarray, parts: int, edges: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the index grid: origin, cell size and upper corner in degrees, and its columns and rows."""
    x0, x1, y0, y1 = x.min(), x.max(), y.min(), y.max()
    wide, high = max(x1 - x0, 1e-9), max(y1 - y0, 1e-9)
    cells = min(max(_CELLS_PER_PART * parts, edges // _EDGES_PER_CELL, 64), _MAX_CELLS)
    most_x, most_y = (max(size / (_LEAST_CELL * max(np.abs(v).max(), 1.0)), 1.0) for size, v in ((wide, x), (high, y)))
    nx = int(np.clip(np.sqrt(cells * wide / high), 1, min(cells, most_x)))
    ny = int(np.clip(cells / nx, 1, min(cells, most_y)))
    return np.array([x0, y0, wide / nx, high / ny, x1, y1]), (nx, ny)


def _metres_per_degree(lat: np.ndarray) -> np.ndarray:
    """Return metres per degree of longitude before the cosine, and of latitude, at each latitude in degrees.

    The radii of curvature in the prime vertical and in the meridian (Snyder 1987, Map projections: a working manual,
    doi:10.3133/pp1395).
    """
    w2 = 1.0 - _ECC2 * np.sin(np.radians(lat)) ** 2
    normal = _AXIS_M / np.sqrt(w2)
    return np.column_stack([normal, normal * (1.0 - _ECC2) / w2]) * (np.pi / 180.0)
