"""Measure how much of each place is surely and possibly seen, on the views of a run (rules P1-P3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.assessment.area_of_interest import Domain, lines_outside, outside_footprints, valid_footprints
from geo.assessment.camera_sites import Sites
from geo.assessment.cells import OverlayCells, area_cells, line_cells
from geo.assessment.zone_membership import sort_cells_by_zone, unique_pairs
from geo.assessment.zones import valid_shapes
from geo.mixed_shapes import parts_by_dimension, single_parts
from geo.types import no_progress
from geo.visibility.views import Views

#: Rule P3: a site this far from a place (m) stands at it; transformed coordinates may miss that by a micrometre.
NEAR_M = 30.0
_TRANSFORMED_M = 1e-6
#: What is smaller (m2, m) is where two borders meet that were drawn twice, and no part of a place.
EMPTY = 1e-3
#: Unit of the assessed part by the dimension of a place.
UNITS = ("count", "m", "m2")


@dataclass(frozen=True)
class PlaceShapes:
    """Places in the computing CRS, a place made of areas, lines and points once for each of these kinds.

    Attributes
    ----------
    shapes
        Valid shapes of one dimension each; None where there is none.
    dimension
        0 for points, 1 for lines, 2 for polygons, -1 where there is no shape.
    crs
        The computing CRS.
    place
        Position of the place that each is of, ascending.

    Examples
    --------
    >>> point = np.array([shapely.Point(1, 2)])
    >>> PlaceShapes(point, np.array([0]), pyproj.CRS(4547), np.array([0])).dimension.tolist()
    [0]
    """

    shapes: np.ndarray
    dimension: np.ndarray
    crs: pyproj.CRS
    place: np.ndarray


class PlaceCells(NamedTuple):
    """Overlay cells of places of one dimension, and what is seen of them.

    Attributes
    ----------
    cells
        The cells; their weights mean nothing.
    cell, place
        Pairs (cell, position in ``PlaceShapes`` of what it is part of).
    sure, possible
        Which cells are seen.

    Examples
    --------
    >>> size, none = np.ones(1), np.empty(0, int)
    >>> cells = OverlayCells(size, size, np.zeros(1, int), none, none)
    >>> PlaceCells(cells, np.zeros(1, int), np.array([7]), np.array([False]), np.array([True])).place.tolist()
    [7]
    """

    cells: OverlayCells
    cell: np.ndarray
    place: np.ndarray
    sure: np.ndarray
    possible: np.ndarray


@dataclass(frozen=True)
class PlaceParts:
    """Of each shape the size of its assessed part, and of that what is surely and possibly seen (m2, m or points).

    Attributes
    ----------
    assessed, sure, possible
        Sizes; 0 where there is no part to assess. Sure is inside possible, and possible inside assessed.

    Examples
    --------
    >>> PlaceParts(np.array([10.0]), np.array([4.0]), np.array([6.0])).sure.tolist()
    [4.0]
    """

    assessed: np.ndarray
    sure: np.ndarray
    possible: np.ndarray


def place_shapes(geometry: gpd.GeoSeries, computing_crs: pyproj.CRS) -> PlaceShapes:
    """Return the shapes of places in the computing CRS, of mixtures one for each kind of part, areas first.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> both = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 2, 2)])
    >>> found = place_shapes(gpd.GeoSeries([both, None], crs=4547), pyproj.CRS(4547))
    >>> found.dimension.tolist(), found.place.tolist(), found.shapes[0].area
    ([2, 0, -1], [0, 0, 1], 4.0)
    """
    shapes = np.array(geometry.to_crs(computing_crs).to_numpy(), object)
    shapes[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None  # none, empty, or no place on the Earth
    is_mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    drawn = np.where(shapely.is_missing(shapes), -1, shapely.get_dimensions(shapes))
    shapes, _ = valid_shapes(shapes, "places", np.arange(len(shapes)))
    for row in np.flatnonzero(~is_mixed & (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)):
        # A broken area that was repaired: what else than area it has become is no part of it.
        parts = single_parts(shapes[row])
        shapes[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == drawn[row]])  # empty: no size
    shapes, place = parts_by_dimension(shapes)
    dimension = np.where(
        is_mixed[place], np.where(shapely.is_missing(shapes), -1, shapely.get_dimensions(shapes)), drawn[place]
    )
    return PlaceShapes(shapes, dimension, computing_crs, place)


def measure_places(
    places: PlaceShapes,
    views: Views,
    domain: Domain,
    online: np.ndarray,
    maybe_online: np.ndarray,
    *,
    workers: int | None = None,
    keep: list[PlaceCells] | None = None,
) -> PlaceParts:
    """Return how much of each place is seen at the level of the views (rules P1, P2).

    The assessed part of a polygon is its part of the domain, where that is empty (or the domain is lines or points) the
    polygon outside footprints; that of a line is its length outside footprints; that of a point the point.

    Parameters
    ----------
    places
        The places, in the computing CRS of the views.
    views
        What each camera sees.
    domain
        The domain of the run, in the same CRS.
    online, maybe_online
        Which camera rows are online, and which are or may be (rule U1).
    workers
        Threads; None takes one per core. The result is the same for any number.
    keep
        Takes the cells that the sizes are sums of.

    Examples
    --------
    A square of 10 m by 10 m of which the camera in its corner sees all, and one that it does not reach:

    >>> import geopandas as gpd, shapely
    >>> from geo import domain, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [45.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> squares = gpd.GeoSeries([shapely.box(x, y, x + 10, y + 10), shapely.box(x - 9, y - 9, x, y)], crs=4547)
    >>> wanted = domain("all", zones=gpd.GeoDataFrame(geometry=[shapely.box(x - 50, y - 50, x + 50, y + 50)], crs=4547))
    >>> online = np.array([True])
    >>> parts = measure_places(place_shapes(squares, seen.computing_crs), seen, wanted, online, online)
    >>> parts.assessed.tolist(), parts.sure.tolist()
    ([100.0, 81.0], [100.0, 0.0])
    """
    count = len(places.shapes)
    parts = PlaceParts(np.zeros(count), np.zeros(count), np.zeros(count))
    if not count:
        return parts
    seen = _Seen.of(places.shapes, views, online, maybe_online)
    found: list[PlaceCells] = []
    areas = np.flatnonzero(places.dimension == 2)
    if domain.measure == "m2":
        found += _measure_areas(places.shapes, areas, domain.shapes, seen, parts, workers)
        areas = areas[parts.assessed[areas] <= EMPTY]
    lines, points = np.flatnonzero(places.dimension == 1), np.flatnonzero(places.dimension == 0)
    if len(areas) or len(lines):
        footprints = _footprints_near(views, places)
        for values in (parts.assessed, parts.sure, parts.possible):
            values[areas] = 0.0
        if len(areas):
            outside, _, _ = outside_footprints(places.shapes[areas], None, footprints, workers)
            found += _measure_areas(places.shapes, areas, outside, seen, parts, workers)
        found += _measure_lines(places.shapes, lines, footprints, seen, parts)
    found += _measure_points(places.shapes, points, seen, parts)
    if keep is not None:
        keep += found
    empty = (parts.assessed <= EMPTY) & (places.dimension > 0)
    for values in (parts.assessed, parts.sure, parts.possible):
        values[empty] = 0.0
    return parts


def sites_near(places: PlaceShapes, sites: Sites, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs (place, online site in it or at most 30 m from it), ascending (rule P3).

    Parameters
    ----------
    places
        The places, in the computing CRS.
    sites
        The sites of all camera rows.
    xy
        Position of each camera row in the same CRS, shape (n, 2).

    Examples
    --------
    Cameras 29 m and 31 m from a point; the first two are lenses of one pole:

    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from geo.assessment.camera_sites import sites_of
    >>> rows = pd.DataFrame({"id": ["a", "b", "c"], "site": ["p", "p", None], "status": "online"})
    >>> where = place_shapes(gpd.GeoSeries([shapely.Point(0, 0)], crs=4547), pyproj.CRS(4547))
    >>> [one.tolist() for one in sites_near(where, sites_of(rows), np.array([(29.0, 0), (29.0, 0), (31.0, 0)]))]
    [[0], [0]]
    """
    rows = np.flatnonzero(sites.online & np.isfinite(xy).all(axis=1))
    tree = shapely.STRtree(shapely.points(xy[rows]))
    part, row = tree.query(places.shapes, predicate="dwithin", distance=NEAR_M + _TRANSFORMED_M)
    return unique_pairs(places.place[part], sites.site[rows[row]], sites.count)


@dataclass(frozen=True)
class _Seen:
    """The views that meet some place: those surely seen first, then those only possibly."""

    shapes: np.ndarray
    sure_count: int

    @classmethod
    def of(cls, places: np.ndarray, views: Views, online: np.ndarray, maybe_online: np.ndarray) -> _Seen:
        """Return the views that count: of online rows both, of those of unknown status the possible one (rule U1)."""
        ids = views.cameras.index.astype(str).to_numpy()
        rows = np.flatnonzero(maybe_online)
        rows = rows[np.argsort(ids[rows], kind="stable")]  # rule C3
        sure, possible = views.sure_metric[rows], views.possible_metric[rows]
        same = shapely.equals_identical(sure, possible) & online[rows]
        sure, possible = sure[online[rows]], possible[~same]
        return cls(np.concatenate([sure, possible]), len(sure)).near(places)

    def near(self, places: np.ndarray) -> _Seen:
        """Return those of the views whose boxes meet that of some of these places: no edge of the others is needed."""
        meets = np.zeros(len(self.shapes), bool)
        meets[shapely.STRtree(places).query(self.shapes)[0]] = True  # by boxes: to ask more costs more than it saves
        return _Seen(self.shapes[meets], int(meets[: self.sure_count].sum()))

    def cells_seen(self, cells: OverlayCells, first: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which cells are surely, and which possibly seen; ``first`` is the number of the first view."""
        of_view = cells.polygon >= first
        possible = np.zeros(len(cells.size), bool)
        sure = possible.copy()
        possible[cells.cell[of_view]] = True
        sure[cells.cell[of_view & (cells.polygon < first + self.sure_count)]] = True
        return sure, possible


def _measure_areas(
    shapes: np.ndarray, rows: np.ndarray, wanted: np.ndarray, seen: _Seen, parts: PlaceParts, workers: int | None
) -> list[PlaceCells]:
    """Add the areas of polygons, and return their cells: those of the incidence model, with the places as zones."""
    if not len(rows):
        return []
    tree = shapely.STRtree(shapes[rows])
    wanted = wanted[np.unique(tree.query(wanted)[0])]
    if not len(wanted):
        return []
    seen = seen.near(shapes[rows])
    domain = Domain("all", "m2", pyproj.CRS(3857), wanted, np.ones(len(wanted)))  # no CRS is looked at
    polygons = np.concatenate([shapes[rows], seen.shapes])
    cells = area_cells(domain, polygons, len(rows), np.arange(len(polygons)), workers, no_progress)
    none = np.empty(0, np.int64)
    members = sort_cells_by_zone(cells, slice(0, len(rows)), none, rows, (none, none))
    sure, possible = seen.cells_seen(cells, len(rows))
    parts.assessed[rows] = members.sums(cells.size)
    parts.sure[rows] = members.sums(cells.size * sure)
    parts.possible[rows] = members.sums(cells.size * possible)
    of_place = cells.polygon < len(rows)
    return [PlaceCells(cells, cells.cell[of_place], rows[cells.polygon[of_place]], sure, possible)]


def _measure_lines(
    shapes: np.ndarray, rows: np.ndarray, footprints: np.ndarray, seen: _Seen, parts: PlaceParts
) -> list[PlaceCells]:
    if not len(rows):
        return []
    pieces, row, _ = lines_outside(shapes[rows], np.arange(len(rows), dtype=float), footprints)
    if not len(pieces):
        return []
    seen = seen.near(pieces)
    domain = Domain("demand", "m", pyproj.CRS(3857), pieces, np.ones(len(pieces)))  # no CRS is looked at
    everywhere = shapely.box(*(shapely.total_bounds(pieces) + np.array([-1.0, -1.0, 1.0, 1.0])))
    polygons = np.concatenate([np.array([everywhere], object), seen.shapes])
    cells = line_cells(domain, polygons, [slice(0, 1)], slice(1, len(polygons)))
    place = rows[row.astype(np.int64)[cells.line]]
    sure, possible = seen.cells_seen(cells, 1)
    for values, mask in ((parts.assessed, np.ones(len(sure), bool)), (parts.sure, sure), (parts.possible, possible)):
        np.add.at(values, place, cells.size * mask)
    return [PlaceCells(cells, np.arange(len(place)), place, sure, possible)]


def _measure_points(shapes: np.ndarray, rows: np.ndarray, seen: _Seen, parts: PlaceParts) -> list[PlaceCells]:
    points, place = shapely.get_parts(shapes[rows], return_index=True)
    view, point = shapely.STRtree(points).query(seen.shapes, predicate="intersects")
    possible = np.bincount(point, minlength=len(points)) > 0
    sure = np.bincount(point[view < seen.sure_count], minlength=len(points)) > 0
    for values, mask in ((parts.assessed, np.ones(len(points), bool)), (parts.sure, sure), (parts.possible, possible)):
        np.add.at(values, rows[place], mask)
    size = np.ones(len(points))
    none = np.empty(0, np.int64)
    cells = OverlayCells(size, size, np.zeros(len(points), np.int64), none, none, shapes=points)
    return [PlaceCells(cells, np.arange(len(points)), rows[place], sure, possible)] if len(points) else []


def _footprints_near(views: Views, places: PlaceShapes) -> np.ndarray:
    """Return the footprints that may meet places; of a county's only these are transformed and repaired."""
    obstacles = views.obstacles
    if obstacles is None or not len(obstacles):
        return np.empty(0, object)
    # A metre of margin, because edges that are straight in one CRS are not quite straight in another.
    boxes = shapely.box(*(shapely.bounds(places.shapes) + np.array([-1.0, -1.0, 1.0, 1.0])).T)
    around = gpd.GeoSeries(boxes, crs=places.crs).to_crs(obstacles.crs)
    near = np.unique(shapely.STRtree(obstacles.geometry.to_numpy()).query(around.to_numpy())[1])
    return valid_footprints(obstacles.iloc[near], places.crs)[0]
