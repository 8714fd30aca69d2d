"""Collect unseen parts of the domain into gaps, decide their causes and rank them (rules G1-G3)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment import gap_lattice
from geo.assessment.causes import causes, first_causes
from geo.assessment.cells import OverlayCells
from geo.assessment.incidence import Incidence
from geo.assessment.named_zones import unit_layer
from geo.catalog.results import CAUSES, GAPS
from geo.crs import to_wgs84
from geo.errors import BadValue, UnknownName
from geo.overlay.inaccessibility import poles_of_inaccessibility
from geo.row_keys import row_keys
from geo.types import Progress, no_progress

if TYPE_CHECKING:
    from geo.visibility.views import Views

#: Rule G1: gaps of a smaller area (m2) are added up and reported, not listed.
MIN_GAP_M2 = 1.0
COLUMNS = GAPS.names
_RELOADED = ("关联模型没有保存图形，请重新分析", "the incidence was reloaded without its shapes: analyse again")


class _UnrankedGaps(NamedTuple):
    """Gaps before ranking: shape and position (m, computing CRS), zone row, area (m2), weight, possibly seen weight.

    Where the position is None it is the pole of inaccessibility of the shape.
    """

    shapes: np.ndarray
    xy: np.ndarray | None
    zone: np.ndarray
    area: np.ndarray
    weight: np.ndarray
    possible_weight: np.ndarray


class _Reasons(NamedTuple):
    """For each gap the shares of the causes, in the order of ``CAUSES``, and the position (m) to look at."""

    shares: np.ndarray
    xy: np.ndarray


class SmallPieces(NamedTuple):
    """Sums over the unseen pieces that are too small to be gaps: m2, weight, and the number of pieces."""

    area_m2: float
    weight: float
    pieces: int


def gaps(
    incidence: Incidence, layer: str = "grids", *, progress: Progress = no_progress, workers: int | None = None
) -> gpd.GeoDataFrame:
    """Return the ranked gaps (rules G1-G3) in the cameras' CRS.

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it.
    layer
        The zone layer that divides the gaps; where there are no grids, the finest layer.
    progress
        Called with ``gaps`` and ``causes``.
    workers
        Threads; None takes one per core. The result is the same for any number.

    Returns
    -------
    Columns ``rank`` (from 1), ``grid`` (code of the zone), ``area_m2`` (null for points and lines), ``weight``,
    ``cause``, ``camera`` and ``obstacle`` (ids or None), ``distance_m`` (on the ground, null without a camera), ``lon``
    and ``lat`` (WGS-84 degrees: a position inside), ``causes`` (a dict: share of each cause that there is) and
    ``possible_share`` (of the weight, null where that is 0). ``attrs["small_m2"]``, ``["small_weight"]`` and
    ``["small_count"]`` add up the pieces under 1 m2, so that gaps + small + sure = domain.

    Raises
    ------
    UnknownName
        Where no such zone layer exists.
    BadValue
        Where the incidence was loaded from a store, without its shapes.

    Examples
    --------
    The square behind the camera is a gap of 4 m2, because it looks the other way:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y - 9, x + 1, y - 7)], crs=4547)
    >>> gaps(incidence(seen, square))[["rank", "grid", "area_m2", "cause", "camera", "distance_m"]].values.tolist()
    [[1, 'z', 4.0, 'aim', 'a', 8.0]]
    """
    views = incidence.views
    if views is None or incidence.cells is None:
        raise BadValue(*_RELOADED)
    # 1. connected unseen parts of each zone
    name = gap_zone_layer(incidence, layer)
    progress("gaps", 0.0)
    found, small = _unseen(incidence, name)
    # 2. the causes of each, and a position inside where the largest of them holds
    progress("causes", 0.5)
    reasons = _reasons(views, found, workers)
    positions = reasons.xy
    causes_found = causes(views, positions)
    largest = reasons.shares.argmax(axis=1)
    # Within the tolerance of views (rule C2) a lattice point may meet another test by its line of sight alone.
    agrees = causes_found.cause == largest
    possible = np.full(len(found.weight), np.nan)
    np.divide(found.possible_weight, found.weight, out=possible, where=found.weight > 0)
    # 3. by unseen weight, then zone, then position
    lon, lat = to_wgs84(positions[:, 0], positions[:, 1], views.computing_crs)
    code = incidence.members[name].keys[found.zone]
    order = np.lexsort((lat, lon, code.astype(str), -found.weight))
    shapes = gpd.GeoSeries(found.shapes, crs=views.computing_crs).to_crs(views.crs)
    frame = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "grid": code[order],
            "area_m2": found.area[order],
            "weight": found.weight[order],
            "cause": np.array(CAUSES, object)[largest][order],
            "camera": _ids_or_none(incidence.sites.ids, np.where(agrees, causes_found.camera, -1))[order],
            "obstacle": _ids_or_none(_obstacle_ids(incidence), np.where(agrees, causes_found.obstacle, -1))[order],
            "distance_m": np.where(agrees, causes_found.distance_m, np.nan)[order],
            "lon": lon[order],
            "lat": lat[order],
            "causes": _dicts(reasons.shares[order]),
            "possible_share": np.minimum(possible, 1.0)[order],
        },
        geometry=shapes.to_numpy()[order],
        crs=views.crs,
    )
    frame.attrs |= {"small_m2": small.area_m2, "small_weight": small.weight, "small_count": small.pieces, "layer": name}
    progress("causes", 1.0)
    return frame


def small_gaps(incidence: Incidence, layer: str = "grids") -> SmallPieces:
    """Return the sums over the unseen pieces that are too small to be gaps (rule G1).

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it.
    layer
        As for `gaps`.

    Examples
    --------
    A square of 0.25 m2 that no camera sees:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0]}, geometry=[shapely.Point(x, y)], crs=4547)
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x, y - 9, x + 0.5, y - 8.5)], crs=4547)
    >>> small_gaps(incidence(views(camera), square))
    SmallPieces(area_m2=0.25, weight=0.25, pieces=1)
    """
    if incidence.cells is None:
        raise BadValue(*_RELOADED)
    return _unseen(incidence, gap_zone_layer(incidence, layer))[1]


def gap_zone_layer(incidence: Incidence, layer: str) -> str:
    """Return the zone layer that divides the gaps: the one named, or the finest where there are no grids (G1).

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0]}, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> square = shapely.box(500_000, 4_000_000, 500_009, 4_000_009)
    >>> village = gpd.GeoDataFrame({"code": ["v"]}, geometry=[square], crs=4547)
    >>> gap_zone_layer(incidence(views(camera), {"villages": village}), "grids")
    'villages'
    """
    if layer in incidence.members:
        return layer
    if layer != "grids":  # the default, for which ``unit_layer`` decides: page, prints and lists ask it too
        known = ", ".join(incidence.members)
        raise UnknownName(f"没有区域图层 {layer}，可用：{known}", f"no zone layer {layer}; there are: {known}")
    return unit_layer(incidence.members)


def _ids_or_none(ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
    out = np.full(len(rows), None, object)
    out[rows >= 0] = ids[rows[rows >= 0]]
    return out


def _obstacle_ids(incidence: Incidence) -> np.ndarray:
    obstacles = incidence.views.obstacles if incidence.views is not None else None
    return np.empty(0, object) if obstacles is None else row_keys(obstacles, "id")


def _dicts(shares: np.ndarray) -> np.ndarray:
    """Return the shares of each row as a dict of those above 0."""
    out = np.empty(len(shares), object)
    for i, row in enumerate(shares.tolist()):
        out[i] = {cause: share for cause, share in zip(CAUSES, row, strict=True) if share > 0}
    return out


def _reasons(views: Views, found: _UnrankedGaps, workers: int | None) -> _Reasons:
    """Decide causes on a lattice in large gaps, in the others at one position (rule G2)."""
    shapes = found.shapes
    is_area = found.xy is None
    # 1. the lattice of the large ones; one too thin for it is decided at its pole
    size = shapely.area(shapes) if is_area else shapely.length(shapes)
    large = np.flatnonzero(size > (gap_lattice.LARGE_M2 if is_area else gap_lattice.LARGE_M))
    if is_area:
        points, count = gap_lattice.polygon_lattices(shapes[large], workers=workers)
    else:
        points, count, depth = gap_lattice.line_lattices(shapes[large])
    large, count = large[count > 0], count[count > 0]
    cause = first_causes(views, points, workers=workers)
    gap = np.repeat(np.arange(len(large)), count)
    counts = np.zeros((len(large), len(CAUSES)))
    np.add.at(counts, (gap, cause), 1.0)
    # 2. the deepest point of the largest cause, which is the first of equal ones
    of_largest = cause == counts.argmax(axis=1)[gap]
    chosen, chosen_gap = points[of_largest], gap[of_largest]
    chosen_count = np.bincount(chosen_gap, minlength=len(large))
    if is_area:
        deepest = gap_lattice.deepest_points(shapes[large], chosen, chosen_count, workers=workers)
    else:
        order = np.lexsort((chosen[:, 1], chosen[:, 0], -depth[of_largest].round(6), chosen_gap))
        deepest = order[np.cumsum(chosen_count) - chosen_count]
    # 3. one position in each of the others
    rest = np.setdiff1d(np.arange(len(shapes)), large)
    xy, shares = np.empty((len(shapes), 2)), np.zeros((len(shapes), len(CAUSES)))
    xy[large], shares[large] = chosen[deepest], counts / np.maximum(count, 1)[:, None]
    xy[rest] = poles_of_inaccessibility(shapes[rest], workers=workers)[0] if is_area else found.xy[rest]  # type: ignore[index]
    shares[rest, causes(views, xy[rest]).cause] = 1.0
    return _Reasons(shares, xy)


def _unseen(incidence: Incidence, layer: str) -> tuple[_UnrankedGaps, SmallPieces]:
    """Return the gaps of a zone layer, and the sums over the pieces too small to be gaps."""
    cells = incidence.cells
    if cells is None:
        raise BadValue(*_RELOADED)
    zone = _zone_of_cells(incidence, layer)
    zone[np.bincount(incidence.site_element, minlength=len(zone)) > 0] = -1
    possible = np.bincount(incidence.possible_element, minlength=len(zone)) > 0
    if incidence.measure == "m2":
        return _area_gaps(cells, zone, possible)
    if incidence.measure == "m":
        return _joined_line_pieces(cells, zone, possible)
    rows = np.flatnonzero(zone >= 0)
    shapes = cells.shapes[rows]  # type: ignore[index]
    no_area = np.full(len(rows), np.nan)
    weight = cells.weight[rows]
    xy = shapely.get_coordinates(shapes)
    unranked = _UnrankedGaps(shapes, xy, zone[rows], no_area, weight, weight * possible[rows])
    return unranked, SmallPieces(0.0, 0.0, 0)


def _zone_of_cells(incidence: Incidence, layer: str) -> np.ndarray:
    """Return the zone of each cell, the first row where zones overlap; -1 for none."""
    zones = incidence.members[layer]
    zone = zones.zones_of_elements()
    out = np.full(len(incidence.size), -1)
    out[zones.element[::-1]] = zone[::-1]
    return out


def _area_gaps(cells: OverlayCells, zone: np.ndarray, possible: np.ndarray) -> tuple[_UnrankedGaps, SmallPieces]:
    """Merge unseen faces of one zone that share edges."""
    faces, face = cells.faces, cells.face
    if faces is None or face is None:
        raise BadValue(*_RELOADED)
    kind = np.full(faces.first_faces()[-1], -1, np.int64)
    kind[face] = zone
    dissolved = faces.dissolve(kind)
    polygon = np.concatenate([*dissolved.polygon_of_face, np.empty(0, np.int64)])[face]
    in_gap = polygon >= 0
    count = len(dissolved.shapes)
    area = np.bincount(polygon[in_gap], cells.size[in_gap], count)
    weight = np.bincount(polygon[in_gap], cells.weight[in_gap], count)
    possible_weight = np.bincount(polygon[in_gap], (cells.weight * possible)[in_gap], count)
    large = area >= MIN_GAP_M2
    small = SmallPieces(math.fsum(area[~large]), math.fsum(weight[~large]), int((~large).sum()))
    figures = area[large], weight[large], possible_weight[large]
    return _UnrankedGaps(dissolved.shapes[large], None, dissolved.kind[large], *figures), small


def _joined_line_pieces(
    cells: OverlayCells, zone: np.ndarray, possible: np.ndarray
) -> tuple[_UnrankedGaps, SmallPieces]:
    """Join unseen pieces that follow each other on one demand line inside one zone."""
    pieces, line = cells.shapes, cells.line
    if pieces is None or line is None:
        raise BadValue(*_RELOADED)
    unseen = np.flatnonzero(zone >= 0)
    keys = zone[unseen] * (int(line.max(initial=0)) + 1) + line[unseen]
    order = np.argsort(keys, kind="stable")
    unseen, keys = unseen[order], keys[order]
    shapes, zones, weight, possible_weight = [], [], [], []
    for begin, end in zip(*_equal_key_blocks(keys), strict=True):
        rows = unseen[begin:end]
        merged = shapely.line_merge(shapely.multilinestrings(pieces[rows]))
        parts = shapely.get_parts(merged)
        density = math.fsum(cells.weight[rows]) / math.fsum(cells.size[rows])
        shapes += list(parts)
        zones += [zone[rows[0]]] * len(parts)
        weight += list(shapely.length(parts) * density)
        # a piece is of the part that holds its middle
        seen = pieces[rows[possible[rows]]]
        middle = shapely.line_interpolate_point(seen, 0.5, normalized=True)
        part = shapely.STRtree(parts).query_nearest(middle, all_matches=False)[1] if len(seen) else np.empty(0, int)
        possible_weight += list(np.bincount(part, shapely.length(seen), len(parts)) * density)
    out = np.empty(len(shapes), object)
    out[:] = shapes
    xy = shapely.get_coordinates(shapely.line_interpolate_point(out, 0.5, normalized=True)).reshape(-1, 2)
    no_area = np.full(len(out), np.nan)
    unranked = _UnrankedGaps(
        out, xy, np.array(zones, np.int64), no_area, np.array(weight, float), np.array(possible_weight, float)
    )
    return unranked, SmallPieces(0.0, 0.0, 0)


def _equal_key_blocks(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the begin and the end of each run of equal keys."""
    change = np.flatnonzero(np.diff(keys) != 0) + 1
    if len(keys) == 0:
        return change, change
    return np.concatenate([[0], change]), np.concatenate([change, [len(keys)]])
