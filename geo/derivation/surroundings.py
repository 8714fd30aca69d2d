"""Derive what lies round places: rings within so many metres, and gates where roads meet their border (rule P5)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.derivation.driven_roads import chosen_roads
from geo.network.groups import touching
from geo.network.road_graph import JOIN_M, single_lines
from geo.visibility.circles import quadrant_segments

_AREAS, _POINTS, _LINES = (3, 6), (0, 4), (1, 2, 5)
# Points that GEOS computes on a line lie this near to it (m).
_ON_BORDER_M = 1e-6


def rings(places: gpd.GeoDataFrame, radius: float, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return what lies within a radius (m) of each place, without it (rule P5).

    Parameters
    ----------
    places
        Rows of layer ``places``; those without a shape have no ring.
    radius
        Metres.
    crs
        The computing CRS.

    Returns
    -------
    rings
        ``of`` (code of the place), ``name`` (its name), and the ring.

    Examples
    --------
    Round a square of 100 m: four sides of 100 m by 50 m, and four quarters of a circle of 50 m.

    >>> school = gpd.GeoDataFrame({"code": ["s"], "name": ["一小"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=4547)
    >>> found = rings(school, 50.0, school.crs)
    >>> found["of"].tolist(), float(round(found.area.iloc[0] / (4 * 5_000 + np.pi * 50**2), 2))
    (['s'], 1.0)
    """
    shapes = shapely.make_valid(shapely.force_2d(places.geometry.to_crs(crs).to_numpy()))
    row = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    around = shapely.buffer(shapes[row], radius, quad_segs=quadrant_segments(radius))
    is_area = np.isin(shapely.get_type_id(shapes[row]), (*_AREAS, 7))
    around[is_area] = shapely.difference(around[is_area], shapes[row[is_area]])
    return gpd.GeoDataFrame(_named(places, row), geometry=list(around), crs=crs)


def gates(places: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return where driven and service roads meet the border of each place that is a polygon, holes too (rule P5).

    A road that runs along the border meets it where it turns inside. What lies as near as roads meet, at most 0.5 m
    apart, is one gate.

    Parameters
    ----------
    places
        Rows of layer ``places``; points and lines have no gates.
    roads
        Rows of layer ``roads``.
    crs
        The computing CRS.

    Returns
    -------
    gates
        ``of`` (code of the place), ``name`` (its name), and the point.

    Examples
    --------
    A road through an estate, and one that ends inside: three gates.

    >>> estate = gpd.GeoDataFrame({"code": ["e"], "name": ["东苑"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=4547)
    >>> lines = [shapely.LineString([(-50, 50), (150, 50)]), shapely.LineString([(20, -50), (20, 30)])]
    >>> roads = gpd.GeoDataFrame({"class": ["residential", "service"]}, geometry=lines, crs=4547)
    >>> sorted(shapely.get_coordinates(gates(estate, roads, roads.crs).geometry).tolist())
    [[0.0, 50.0], [20.0, 0.0], [100.0, 50.0]]
    """
    shapes = shapely.make_valid(shapely.force_2d(places.geometry.to_crs(crs).to_numpy()))
    areas = np.flatnonzero(np.isin(shapely.get_type_id(shapes), _AREAS) & ~shapely.is_empty(shapes))
    lines = single_lines(roads.geometry.to_crs(crs), chosen_roads(roads, None, service=True)).shape
    borders = shapely.boundary(shapes[areas])
    border, line = (
        shapely.STRtree(lines).query(borders, predicate="intersects") if len(lines) else np.empty((2, 0), int)
    )
    found: list[np.ndarray] = []
    row: list[int] = []
    for one in np.unique(border).tolist():
        meeting = [_meeting(lines[k], shapes[areas[one]], borders[one]) for k in line[border == one].tolist()]
        xy = np.unique(np.concatenate(meeting), axis=0)
        group = touching(xy, JOIN_M)
        first = np.unique(group, return_index=True)[1]
        found.append(xy[first])
        row += [int(areas[one])] * len(first)
    points = shapely.points(np.concatenate(found)) if found else []
    return gpd.GeoDataFrame(_named(places, np.array(row, int)), geometry=list(points), crs=crs)


def _meeting(line: shapely.LineString, area: shapely.Geometry, border: shapely.Geometry) -> np.ndarray:
    """Return the positions (n, 2) at which a line meets the border of a polygon."""
    met = shapely.get_parts(shapely.intersection(line, border))
    kind = shapely.get_type_id(met)
    xy = [shapely.get_coordinates(met[np.isin(kind, _POINTS)])]
    # Where the road runs along the border, an end of that stretch is a gate if the road turns inside there.
    along = shapely.line_merge(shapely.multilinestrings(met[np.isin(kind, _LINES)]))
    if not shapely.is_empty(along):
        ends = shapely.get_coordinates(shapely.boundary(along))
        inside = shapely.intersection(line, area)
        inside = shapely.difference(inside, shapely.buffer(border, _ON_BORDER_M))
        near = shapely.distance(shapely.points(ends), inside) <= 10 * _ON_BORDER_M if len(ends) else np.zeros(0, bool)
        xy.append(ends[near])
    return np.concatenate(xy)


def _named(places: gpd.GeoDataFrame, row: np.ndarray) -> dict[str, object]:
    names = places["name"].to_numpy(object) if "name" in places else np.full(len(places), None, object)
    return {
        "of": places["code"].to_numpy(object)[row],
        "name": pd.Series([one if isinstance(one, str) else None for one in names[row].tolist()], dtype=object),
    }
