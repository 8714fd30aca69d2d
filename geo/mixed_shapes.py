"""Flatten collections of points, lines and areas, and part them by what they are made of."""

from __future__ import annotations

import numpy as np
import shapely

_COLLECTION = 7
_MAX_CHECKED = 20_000
_MANY = {0: shapely.MultiPoint, 1: shapely.MultiLineString, 2: shapely.MultiPolygon}


def single_parts(shape: shapely.Geometry) -> np.ndarray:
    """Return the points, lines and polygons that a shape is made of, none of them empty.

    Examples
    --------
    >>> nested = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1), GEOMETRYCOLLECTION (MULTIPOINT (2 2, 3 3)))")
    >>> [one.wkt for one in single_parts(nested)]
    ['POINT (1 1)', 'POINT (2 2)', 'POINT (3 3)']
    """
    parts = np.asarray(shapely.get_parts(shape), object)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = np.asarray(shapely.get_parts(parts), object)
    return np.asarray(parts[~shapely.is_empty(parts)], object)


def flat_mixtures(shapes: np.ndarray) -> np.ndarray:
    """Return the shapes with each collection of one level, or of no collection where its parts are of one kind.

    Polygons that overlap stay a collection: as one shape of several polygons they would be invalid.

    Examples
    --------
    >>> one = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1), GEOMETRYCOLLECTION (POINT (2 2)))")
    >>> two = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1), MULTILINESTRING ((0 0, 9 9)))")
    >>> [shape.wkt for shape in flat_mixtures(np.array([one, two]))]
    ['MULTIPOINT ((1 1), (2 2))', 'GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 9 9))']
    """
    rows = np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION)
    if not len(rows):
        return shapes
    out = shapes.copy()
    for row in rows:
        out[row] = _flat(shapes[row])
    return out


def _flat(shape: shapely.Geometry) -> shapely.Geometry:
    parts = single_parts(shape)
    if len(parts) == 1:
        return parts[0]
    dimensions = set(shapely.get_dimensions(parts).tolist())
    if len(dimensions) == 1:
        many = _MANY[dimensions.pop()](list(parts))
        # A shape of many vertices may take GEOS long to check: its reader bounds that first.
        if many.geom_type != "MultiPolygon" or (_count(many) <= _MAX_CHECKED and shapely.is_valid(many)):
            return many
    return shapely.GeometryCollection(list(parts))


def _count(shape: shapely.Geometry) -> int:
    return int(shapely.get_num_coordinates(shape))


def parts_by_dimension(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what shapes are made of, one for each shape and dimension, the highest first, and which shape each is of.

    Areas of a collection are united, so that no ground is there twice. A shape that is missing or empty stays as it is.

    Examples
    --------
    >>> mixed = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1), POINT (2 2), POLYGON ((0 0, 2 0, 2 2, 0 0)))")
    >>> parts, row = parts_by_dimension(np.array([shapely.Point(5, 5), mixed]))
    >>> [one.geom_type for one in parts], row.tolist()
    (['Point', 'Polygon', 'MultiPoint'], [0, 1, 1])
    """
    is_mixed = shapely.get_type_id(shapes) == _COLLECTION
    if not is_mixed.any():
        return shapes, np.arange(len(shapes))
    out: list[shapely.Geometry | None] = []
    rows: list[int] = []
    for row, shape in enumerate(shapes):
        some = _by_dimension(shape) if is_mixed[row] else [shape]
        out += some
        rows += [row] * len(some)
    found = np.empty(len(out), object)
    found[:] = out
    return found, np.array(rows, np.int64)


def _by_dimension(shape: shapely.Geometry) -> list[shapely.Geometry]:
    parts = single_parts(shape)
    dimension = shapely.get_dimensions(parts)
    found = [parts[dimension == one] for one in (2, 1, 0) if (dimension == one).any()]
    return [some[0] if len(some) == 1 else shapely.union_all(some) for some in found] or [shape]
