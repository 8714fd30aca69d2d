"""Find what a position is told by: the nearest crossing of named roads, else roads, else a place; and its village.

A crossing is the mean of its nodes (rule P5), a village the one that owns the position (rule L1), and an azimuth is
clockwise from true north.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment.inner_points import inner_points
from geo.assessment.zones import owning_rows
from geo.crs import require_same_crs, to_wgs84
from geo.crs_metric import convergence, metric_crs_for
from geo.derivation.crossings import crossing_spots, junctions
from geo.derivation.driven_roads import road_network, stripped_names
from geo.network.road_graph import road_lines

#: A crossing or a road is named within this distance (m), a place within the other.
ROADS_WITHIN_M, PLACES_WITHIN_M = 300.0, 3_000.0
#: What a position is told by, in the order that they are tried.
CROSSING, ROADS, PLACE, INSIDE, NONE = "crossing", "roads", "place", "inside", "none"


@dataclass(frozen=True)
class Anchor:
    """Something named near a position.

    Attributes
    ----------
    names
        The roads of a crossing in alphabetical order; one name of anything else.
    x, y
        Where it is nearest to the position, metres in the CRS of ``Landmark``.
    distance_m
        Metres from there to the position.
    azimuth
        Direction from there to the position, degrees clockwise from true north.
    """

    names: tuple[str, ...]
    x: float
    y: float
    distance_m: float
    azimuth: float


@dataclass(frozen=True)
class Landmark:
    """What one position is told by.

    Attributes
    ----------
    kind
        ``crossing``; ``roads``, of which there are one or two; ``place``; ``inside`` a place; ``none``.
    anchors
        Two for two roads, none for ``none``, else one.
    village
        Name of the village that owns the position, empty for none.
    """

    kind: str
    anchors: tuple[Anchor, ...]
    village: str


@dataclass(frozen=True)
class _Positions:
    """Positions in metres, those that there are, with true north against the grid's (degrees)."""

    points: np.ndarray
    xy: np.ndarray
    turned: np.ndarray

    def anchor(self, at: int, names: tuple[str, ...], spot: np.ndarray) -> Anchor:
        east, north = self.xy[at] - spot
        azimuth = (float(np.degrees(np.arctan2(east, north))) + float(self.turned[at])) % 360.0
        return Anchor(names, float(spot[0]), float(spot[1]), float(np.hypot(east, north)), azimuth)


def landmarks(
    shapes: gpd.GeoSeries,
    roads: gpd.GeoDataFrame | None = None,
    *,
    places: Sequence[gpd.GeoDataFrame] = (),
    villages: gpd.GeoDataFrame | None = None,
) -> list[Landmark | None]:
    """Return what each shape is told by; None for one that is missing or empty.

    First the nearest crossing of two or more named driven roads within 300 m; else the two nearest named roads within
    300 m, or the only one; else the nearest named place within 3 km, in which it lies or not; else its village, or the
    nearest one within 3 km. What is equally near is taken by name, so that the order of rows decides nothing.

    Parameters
    ----------
    shapes
        Positions, or shapes of which a point inside is taken.
    roads
        Rows of layer ``roads``; roads without a name are ways, but nothing is told by them.
    places
        Frames with a ``name``: places, facilities.
    villages
        Polygons with a ``name``.

    Raises
    ------
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or they differ.
    TooWide
        As ``geo.crs_metric.metric_crs_for``.

    Examples
    --------
    >>> lines = [shapely.LineString([(-100, 0), (0, 0), (100, 0)]), shapely.LineString([(0, -100), (0, 0), (0, 100)])]
    >>> roads = gpd.GeoDataFrame({"name": ["民主街", "文化路"]}, geometry=lines, crs=4547)
    >>> [found] = landmarks(gpd.GeoSeries([shapely.Point(30, -40)], crs=4547), roads)
    >>> found.kind, found.anchors[0].names, round(found.anchors[0].distance_m)
    ('crossing', ('文化路', '民主街'), 50)
    """
    return LandmarkFinder(roads, places=places, villages=villages).of(shapes)


class LandmarkFinder:
    """Roads, places and villages by which positions are told, put together once for many questions.

    Parameters
    ----------
    roads, places, villages
        As for ``landmarks``.
    crs
        The metric CRS to measure in; None for that of the first positions asked for.

    Examples
    --------
    >>> lines = [shapely.LineString([(-100, 0), (0, 0), (100, 0)]), shapely.LineString([(0, -100), (0, 0), (0, 100)])]
    >>> roads = gpd.GeoDataFrame({"name": ["民主街", "文化路"]}, geometry=lines, crs=4547)
    >>> finder = LandmarkFinder(roads)
    >>> [round(finder.of(gpd.GeoSeries([shapely.Point(0, y)], crs=4547))[0].anchors[0].distance_m) for y in (20, 70)]
    [20, 70]
    """

    def __init__(
        self,
        roads: gpd.GeoDataFrame | None = None,
        *,
        places: Sequence[gpd.GeoDataFrame] = (),
        villages: gpd.GeoDataFrame | None = None,
        crs: pyproj.CRS | None = None,
    ) -> None:
        self._roads, self._places, self._villages, self._crs = roads, places, villages, crs
        self._steps: list[_Named] | None = None

    def of(self, shapes: gpd.GeoSeries) -> list[Landmark | None]:
        """Return what each shape is told by, as ``landmarks`` does; the shapes are in the CRS of the frames."""
        require_same_crs(shapes, *[one for one in (self._roads, *self._places, self._villages) if one is not None])
        inner = inner_points(shapes.to_numpy())
        there = np.flatnonzero(~shapely.is_missing(inner))
        out: list[Landmark | None] = [None] * len(shapes)
        if not len(there):
            return out
        own = gpd.GeoSeries(inner[there], crs=shapes.crs)
        crs = self._crs = self._crs or metric_crs_for(own)
        if self._steps is None:
            self._steps = _steps(self._roads, self._places, self._villages, crs)
        found = _positions(own, crs)
        told: _Found = {}
        village = _village_names(self._villages, own)
        # each step is asked only for the positions that the steps before it leave
        for step in self._steps:
            left = np.array([at for at in range(len(there)) if at not in told], int)
            told |= step.near(found, left) if len(left) else {}
        for at, row in enumerate(there.tolist()):
            out[row] = Landmark(*told.get(at, (NONE, ())), village[at])
        return out


def _positions(own: gpd.GeoSeries, crs: pyproj.CRS) -> _Positions:
    points = shapely.force_2d(own.to_crs(crs).to_numpy())
    xy = shapely.get_coordinates(points)
    lon, lat = to_wgs84(xy[:, 0], xy[:, 1], crs)
    return _Positions(points, xy, convergence(lon, lat, crs))


def _village_names(villages: gpd.GeoDataFrame | None, own: gpd.GeoSeries) -> list[str]:
    if villages is None or not len(villages):
        return [""] * len(own)
    names = stripped_names(villages)
    return [names[row] if row >= 0 else "" for row in owning_rows(villages, own).tolist()]


_Found = dict[int, tuple[str, tuple[Anchor, ...]]]


@dataclass(frozen=True)
class _Named:
    """Named shapes in metres, of which the nearest ``most`` of different names are taken."""

    kind: str
    shapes: np.ndarray
    names: list[tuple[str, ...]]
    within: float
    most: int = 1

    def near(self, positions: _Positions, asked: np.ndarray) -> _Found:
        """Return for each position asked for that has some: its kind and anchors."""
        if not len(self.shapes):
            return {}
        at, one = self._pairs(positions.points[asked])
        at = asked[at]
        distance = shapely.distance(positions.points[at], self.shapes[one])
        spot = shapely.get_coordinates(
            shapely.get_point(shapely.shortest_line(self.shapes[one], positions.points[at]), 0)
        )
        # nearest first, then by name and place: the order of rows decides nothing
        order = np.lexsort([spot[:, 1], spot[:, 0], self._alphabet[one], distance, at])
        out: _Found = {}
        for k in order.tolist():
            which, (kind, anchors) = int(at[k]), out.get(int(at[k]), (self.kind, ()))
            if len(anchors) < self.most and all(self.names[one[k]] != known.names for known in anchors):
                is_inside = self.kind == PLACE and distance[k] == 0 and shapely.get_dimensions(self.shapes[one[k]]) == 2
                near = positions.anchor(which, self.names[one[k]], spot[k])
                out[which] = (INSIDE if is_inside else kind, (*anchors, near))
        return out

    def _pairs(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.most > 1:
            at, one = self._tree.query(points, predicate="dwithin", distance=self.within)
            return at, one
        at, one = self._tree.query_nearest(points, max_distance=self.within, all_matches=True)
        return at, one

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    @cached_property
    def _alphabet(self) -> np.ndarray:
        """The place of each row's names among all of them."""
        place = {names: k for k, names in enumerate(sorted(set(self.names)))}
        return np.array([place[names] for names in self.names])


def _steps(
    roads: gpd.GeoDataFrame | None,
    places: Sequence[gpd.GeoDataFrame],
    villages: gpd.GeoDataFrame | None,
    crs: pyproj.CRS,
) -> list[_Named]:
    """Return what is asked for one after another."""
    out: list[_Named] = []
    if roads is not None and len(roads):
        metric = roads.to_crs(crs)
        metric = metric[_is_finite(metric)]
        network = road_network(metric, crs)
        xy, meeting = crossing_spots(network, junctions(network))
        known = [k for k, names in enumerate(meeting) if len(names) > 1]
        names = [tuple(sorted(meeting[k])) for k in known]
        out.append(_Named(CROSSING, shapely.points(xy[known]), names, ROADS_WITHIN_M))
        lines = road_lines(metric)
        words = stripped_names(metric)[lines.row]
        named = words != ""
        out.append(_Named(ROADS, lines.shape[named], [(one,) for one in words[named]], ROADS_WITHIN_M, most=2))
    out.append(_places(list(places), crs))
    out.append(_places([] if villages is None else [villages], crs))
    return out


def _places(frames: list[gpd.GeoDataFrame], crs: pyproj.CRS) -> _Named:
    """Return the named rows of frames."""
    shapes: list[np.ndarray] = []
    names: list[tuple[str, ...]] = []
    for frame in frames:
        metric = frame.to_crs(crs)
        words = stripped_names(frame)
        kept = (words != "") & _is_finite(metric)
        shapes.append(shapely.make_valid(shapely.force_2d(metric.geometry.to_numpy()[kept])))
        names += [(one,) for one in words[kept]]
    return _Named(PLACE, np.concatenate(shapes) if shapes else np.empty(0, object), names, PLACES_WITHIN_M)


def _is_finite(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return which rows have a shape that the CRS can hold: a place at (0, 0) has none far from it."""
    bounds = pd.DataFrame(shapely.bounds(frame.geometry.to_numpy()))
    return np.isfinite(bounds.to_numpy()).all(axis=1)
