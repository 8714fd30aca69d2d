"""Cut out the ground that is possibly but not surely seen, and overlay it with what some value would show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj
import shapely

from geo.assessment.area_of_interest import Domain
from geo.assessment.cells import OverlayCells, line_cells
from geo.overlay import tiling
from geo.overlay._tile_segments import UNITS_PER_METRE
from geo.types import no_progress

if TYPE_CHECKING:
    from geo.assessment.incidence import Incidence
    from geo.assessment.place_parts import PlaceCells

#: Target of the whole domain; places have their row as target.
WHOLE = -1
#: Weights per m2 that differ by less are one.
_SAME_DENSITY_DECIMALS = 9


@dataclass(frozen=True)
class OpenGround:
    """Ground that is possibly but not surely seen, in parts that do not overlap.

    Attributes
    ----------
    measure
        ``m2``, ``m`` or ``count``.
    shapes
        Polygons, lines or points, metres in the computing CRS.
    density
        Weight of each per m2, per m, or of each point.
    targets
        Of each the targets that it counts for: `WHOLE` for the domain, else rows of places.

    Examples
    --------
    >>> OpenGround("count", shapely.points([[1.0, 2.0]]), np.ones(1), [(WHOLE,)]).targets
    [(-1,)]
    """

    measure: str
    shapes: np.ndarray
    density: np.ndarray
    targets: list[tuple[int, ...]]


class Pieces(NamedTuple):
    """Ground within views, as edges and points; metres in the computing CRS.

    An edge of a polygon carries the signed area of the triangle that it makes with a point: that is what `weight` is
    multiplied by. A line carries its weight, a point too (its ends are one).

    Attributes
    ----------
    view
        View that the piece lies in.
    target
        What it counts for.
    start, end
        Ends, shape (n, 2).
    weight
        Weight per m2 of the polygon on the left of an edge; weight of a line or point.
    is_edge
        Whether it is an edge of a polygon.

    Examples
    --------
    >>> at, one = np.array([[0.0, 5.0]]), np.zeros(1, int)
    >>> Pieces(one, one, at, at, np.ones(1), np.array([False])).weight.tolist()
    [1.0]
    """

    view: np.ndarray
    target: np.ndarray
    start: np.ndarray
    end: np.ndarray
    weight: np.ndarray
    is_edge: np.ndarray


class GroundInViews(NamedTuple):
    """Open ground overlaid with views.

    Attributes
    ----------
    cell, view
        Pairs (cell, view that covers it).
    weight
        Weight of each cell.
    part
        Part of the ground that each cell is of.
    shapes
        Lines or points of the cells; None for areas.
    half_start, half
        Half-edges of each cell as offsets and items, areas only.
    tail, head
        Ends of all half-edges; the cell is on the left. Areas only.

    Examples
    --------
    Face 1 is the square of 4 m2, which has four half-edges:

    >>> ground = OpenGround("m2", np.array([shapely.box(0, 0, 2, 2)]), np.ones(1), [(WHOLE,)])
    >>> found = overlay_views(ground, np.array([shapely.box(0, 0, 9, 9)]))
    >>> found.weight[1].item(), np.diff(found.half_start)[1].item()
    (4.0, 4)
    """

    cell: np.ndarray
    view: np.ndarray
    weight: np.ndarray
    part: np.ndarray
    shapes: np.ndarray | None
    half_start: np.ndarray
    half: np.ndarray
    tail: np.ndarray
    head: np.ndarray


def open_domain(model: Incidence) -> OpenGround:
    """Return the part of a run's domain that is possibly but not surely seen.

    Parameters
    ----------
    model
        As ``geo.incidence`` computes it.

    Examples
    --------
    A camera of unknown azimuth, a square of 4 m2:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> found = open_domain(incidence(seen, square))
    >>> shapely.area(found.shapes).tolist(), found.density.tolist(), found.targets
    ([4.0], [1.0], [(-1,)])
    """
    assert model.cells is not None  # noqa: S101 (its caller asked)
    open_cells = np.zeros(len(model.size), bool)
    open_cells[model.possible_element] = True
    open_cells[model.site_element] = False
    inside = np.zeros(len(model.size), bool)
    inside[model.members["all"].element] = True
    rows = np.flatnonzero(open_cells & inside & (model.weight > 0))
    density = model.weight[rows] / np.where(model.size[rows] > 0, model.size[rows], 1.0)
    return _ground(model.measure, model.cells, rows, density, [(WHOLE,)], np.zeros(len(rows), np.int64))


def open_places(found: PlaceCells, measure: str) -> OpenGround:
    """Return the parts of places that are possibly but not surely seen.

    Parameters
    ----------
    found
        Cells of places, as ``measure_places`` keeps them.
    measure
        ``m2``, ``m`` or ``count``.

    Examples
    --------
    >>> from geo.assessment.place_parts import PlaceCells
    >>> one, none = np.ones(2), np.empty(0, int)
    >>> cells = OverlayCells(one, one, np.zeros(2, int), none, none, shapes=shapely.points([[0.0, 0.0], [5.0, 0.0]]))
    >>> yes, first = np.array([True, True]), np.array([True, False])
    >>> open_places(PlaceCells(cells, np.array([0, 1, 1]), np.array([7, 7, 8]), first, yes), "count").targets
    [(7, 8)]
    """
    rows = np.flatnonzero(found.possible & ~found.sure)
    mine = np.isin(found.cell, rows)
    order = np.lexsort((found.place[mine], found.cell[mine]))
    cell, place = found.cell[mine][order], found.place[mine][order]
    rows, begin = np.unique(cell, return_index=True)
    sets = [tuple(part.tolist()) for part in np.split(place, begin[1:])] if len(rows) else []
    distinct = sorted(set(sets))
    number = {one: i for i, one in enumerate(distinct)}
    group = np.array([number[one] for one in sets], np.int64)
    return _ground(measure, found.cells, rows, np.ones(len(rows)), distinct, group)


def _ground(
    measure: str,
    cells: OverlayCells,
    rows: np.ndarray,
    density: np.ndarray,
    targets: list[tuple[int, ...]],
    group: np.ndarray,
) -> OpenGround:
    """Return the ground of some cells, faces of one group and density merged."""
    if not len(rows):
        return OpenGround(measure, np.empty(0, object), np.empty(0), [])
    if cells.faces is None or cells.face is None:
        assert cells.shapes is not None  # noqa: S101 (lines and points have them)
        return OpenGround(measure, cells.shapes[rows], density, [targets[one] for one in group])
    rounded = np.round(density, _SAME_DENSITY_DECIMALS)
    _, first, kind = np.unique(np.stack([group, rounded], axis=1), axis=0, return_index=True, return_inverse=True)
    of_face = np.full(len(cells.faces.areas()), -1, np.int64)
    of_face[cells.face[rows]] = kind.ravel()
    merged = cells.faces.dissolve(of_face)
    return OpenGround(
        measure, merged.shapes, density[first][merged.kind], [targets[group[first[one]]] for one in merged.kind]
    )


def overlay_views(ground: OpenGround, views: np.ndarray, workers: int | None = None) -> GroundInViews:
    """Overlay open ground with views.

    Parameters
    ----------
    ground
        The ground.
    views
        Polygons in the same CRS.
    workers
        Threads; None takes one per core. The result is the same for any number.

    Examples
    --------
    >>> ground = OpenGround("m2", np.array([shapely.box(0, 0, 4, 2)]), np.array([3.0]), [(WHOLE,)])
    >>> found = overlay_views(ground, np.array([shapely.box(1, 0, 2, 2), shapely.box(1, 0, 9, 9)]))
    >>> np.bincount(found.view, found.weight[found.cell]).tolist()
    [6.0, 18.0]
    """
    none, no_ends = np.empty(0, np.int64), np.empty((0, 2))
    near = shapely.STRtree(ground.shapes).query(views, predicate="intersects")
    used_part, used = np.unique(near[1]), np.unique(near[0])
    if not len(used):
        return GroundInViews(none, none, np.empty(0), none, np.empty(0, object), none, none, no_ends, no_ends)
    shapes, some = ground.shapes[used_part], views[used]
    if ground.measure == "m2":
        return _area_overlay(ground, shapes, some, used_part, used, workers)
    if ground.measure == "m":
        everywhere = shapely.box(*(shapely.total_bounds(shapes) + np.array([-1.0, -1.0, 1.0, 1.0])))
        lines, line = shapely.get_parts(shapes, return_index=True)
        domain = Domain("demand", "m", pyproj.CRS(3857), lines, np.ones(len(lines)))  # no CRS is looked at
        polygons = np.concatenate([np.array([everywhere], object), some])
        cells = line_cells(domain, polygons, [slice(0, 1)], slice(1, len(polygons)))
        assert cells.line is not None  # noqa: S101 (of lines)
        part, of_view = used_part[line[cells.line]], cells.polygon > 0
        weight = cells.size * ground.density[part]
        pair = cells.cell[of_view], used[cells.polygon[of_view] - 1]
        return GroundInViews(*pair, weight, part, cells.shapes, none, none, no_ends, no_ends)
    view, point = shapely.STRtree(shapes).query(some, predicate="intersects")
    return GroundInViews(point, used[view], ground.density[used_part], used_part, shapes, none, none, no_ends, no_ends)


def _area_overlay(
    ground: OpenGround,
    shapes: np.ndarray,
    views: np.ndarray,
    part_of_shape: np.ndarray,
    number_of_view: np.ndarray,
    workers: int | None,
) -> GroundInViews:
    n = len(shapes)
    faces = tiling.overlay(
        tiling.polygon_rings(shapes, views), within=slice(0, n), workers=workers, progress=no_progress
    )
    face, polygon = faces.covers()
    area = faces.areas()
    of_ground = polygon < n
    part = np.full(len(area), -1, np.int64)
    part[face[of_ground]] = part_of_shape[polygon[of_ground]]
    mine = ~of_ground & (part[face] >= 0)
    weight = np.where(part >= 0, area * ground.density[np.maximum(part, 0)], 0.0)
    tails, heads, owners = [], [], []
    for first, key, tile in zip(faces.first_faces(), faces.keys, faces.faces, strict=False):
        corner = np.array(key, float) * tiling.TILE_M
        at = corner + tile.xy / UNITS_PER_METRE
        tails.append(at[tile.tail])
        heads.append(at[tile.tail.reshape(-1, 2)[:, ::-1].ravel()])
        owners.append(first + tile.face)
    owner = np.concatenate(owners)
    half = np.argsort(owner, kind="stable")
    half_start = np.searchsorted(owner[half], np.arange(len(area) + 1))
    return GroundInViews(
        face[mine],
        number_of_view[polygon[mine] - n],
        weight,
        part,
        None,
        half_start,
        half,
        np.concatenate(tails),
        np.concatenate(heads),
    )


def pieces_in_views(ground: OpenGround, found: GroundInViews, wanted: np.ndarray) -> Pieces:
    """Return the ground within some of the views as edges, lines and points, once for each of its targets.

    Parameters
    ----------
    ground, found
        The ground, and its overlay.
    wanted
        Which views.

    Examples
    --------
    The four edges of a square have the triangles 0, 2, 2 and 0 with its corner, the area of which is 4:

    >>> ground = OpenGround("m2", np.array([shapely.box(0, 0, 2, 2)]), np.ones(1), [(WHOLE,)])
    >>> found = overlay_views(ground, np.array([shapely.box(0, 0, 9, 9)]))
    >>> pieces = pieces_in_views(ground, found, np.array([True]))
    >>> triangles = (pieces.start[:, 0] * pieces.end[:, 1] - pieces.start[:, 1] * pieces.end[:, 0]) / 2
    >>> sorted(triangles.tolist()), pieces.weight.tolist()
    ([0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0])
    """
    mine = wanted[found.view]
    cell, view = found.cell[mine], found.view[mine]
    if found.shapes is None:
        count = found.half_start[cell + 1] - found.half_start[cell]
        at = np.repeat(found.half_start[cell] - np.cumsum(count) + count, count) + np.arange(count.sum())
        half = found.half[at]
        start, end = found.tail[half], found.head[half]
        weight = np.repeat(ground.density[found.part[cell]], count)
        part, view = np.repeat(found.part[cell], count), np.repeat(view, count)
        is_edge = np.ones(len(half), bool)
    else:
        xy, piece = shapely.get_coordinates(found.shapes[cell], return_index=True)
        first = np.searchsorted(piece, np.arange(len(cell) + 1))
        start, end = xy[first[:-1]], xy[first[1:] - 1]  # a point is both its ends
        weight, part = found.weight[cell], found.part[cell]
        is_edge = np.zeros(len(cell), bool)
    # once for each target
    sizes = np.array([len(one) for one in ground.targets], np.int64)[part]
    again = np.repeat(np.arange(len(part)), sizes)
    targets = np.array([one for row in part for one in ground.targets[row]], np.int64)
    return Pieces(view[again], targets, start[again], end[again], weight[again], is_edge[again])
