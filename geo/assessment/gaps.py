"""Gather what is not surely seen into gaps, say why each is one, and rank them (rules G1-G3)."""

from __future__ import annotations

import math
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geo import crs as crs_of
from geo.assessment.causes import causes
from geo.assessment.cells import Elements
from geo.assessment.incidence import Incidence
from geo.catalog.results import CAUSES, GAPS, ZONE_LAYERS
from geo.errors import BadValue, UnknownName
from geo.overlay.inaccessibility import poles
from geo.types import Progress, silent

#: Rule G1: smaller gaps (m2) are added up and reported, not listed.
LEAST_M2 = 1.0
COLUMNS = GAPS.names


class _Places(NamedTuple):
    """Hold gaps before ranking: shape and place (m, computing CRS), zone row, area (m2), weight.

    Where the place is None it is the pole of the shape.
    """

    shapes: np.ndarray
    xy: np.ndarray | None
    zone: np.ndarray
    area: np.ndarray
    weight: np.ndarray


class Small(NamedTuple):
    """Add up what is too small to be a gap: m2, weight, and the number of pieces."""

    area_m2: float
    weight: float
    pieces: int


def gaps(
    incidence: Incidence, layer: str = "grids", *, progress: Progress = silent, workers: int | None = None
) -> gpd.GeoDataFrame:
    """Return the ranked gaps (rules G1-G3) in the cameras' CRS.

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` made it.
    layer
        The zone layer that cuts the gaps; where there are no grids, the finest there is.
    workers
        Threads; None takes one per core. The result is the same for any number.

    Returns
    -------
    Columns ``rank`` (from 1), ``grid`` (code of the zone), ``area_m2`` (null for points and lines), ``weight``,
    ``cause``, ``camera`` and ``obstacle`` (ids or None), ``distance_m`` (on the ground, null without a camera), ``lon``
    and ``lat`` (WGS-84 degrees: the place to stand). ``attrs["small_m2"]``, ``["small_weight"]`` and
    ``["small_count"]`` add up the pieces under 1 m2, so that gaps + small + sure = domain.

    Raises
    ------
    UnknownName
        Where there is no such zone layer.
    BadValue
        Where the incidence was reloaded without its shapes.
    """
    views = incidence.views
    if views is None or incidence.elements is None:
        raise BadValue(
            "关联模型没有保存图形，请重新分析", "the incidence was reloaded without its shapes: analyse again"
        )
    name = cutting_layer(incidence, layer)
    progress("gaps", 0.0)
    found, small = _unseen(incidence, name)
    spots = found.xy if found.xy is not None else poles(found.shapes, workers=workers)[0]
    progress("causes", 0.5)
    why = causes(views, spots)
    lon, lat = crs_of.to_wgs84(spots[:, 0], spots[:, 1], views.computing_crs)
    code = incidence.members[name].keys[found.zone]
    order = np.lexsort((lat, lon, code.astype(str), -found.weight))
    shapes = gpd.GeoSeries(found.shapes, crs=views.computing_crs).to_crs(views.crs)
    frame = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "grid": code[order],
            "area_m2": found.area[order],
            "weight": found.weight[order],
            "cause": np.array(CAUSES, object)[why.cause][order],
            "camera": _named(incidence.sites.ids, why.camera)[order],
            "obstacle": _named(_obstacle_ids(incidence), why.obstacle)[order],
            "distance_m": why.distance_m[order],
            "lon": lon[order],
            "lat": lat[order],
        },
        geometry=shapes.to_numpy()[order],
        crs=views.crs,
    )
    frame.attrs |= {"small_m2": small.area_m2, "small_weight": small.weight, "small_count": small.pieces, "layer": name}
    progress("causes", 1.0)
    return frame


def small_gaps(incidence: Incidence, layer: str = "grids") -> Small:
    """Return the sum of the unseen pieces that are too small to be gaps (rule G1)."""
    if incidence.elements is None:
        raise BadValue(
            "关联模型没有保存图形，请重新分析", "the incidence was reloaded without its shapes: analyse again"
        )
    return _unseen(incidence, cutting_layer(incidence, layer))[1]


def cutting_layer(incidence: Incidence, layer: str) -> str:
    """Return the zone layer that cuts the gaps: the one asked for, or the finest where there are no grids (G1)."""
    if layer in incidence.members:
        return layer
    if layer != "grids":
        known = ", ".join(incidence.members)
        raise UnknownName(f"没有区域图层 {layer}，可用：{known}", f"no zone layer {layer}; there are: {known}")
    return next((name for name in ZONE_LAYERS if name in incidence.members and name != "microgrids"), "all")


def _named(ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
    out = np.full(len(rows), None, object)
    out[rows >= 0] = ids[rows[rows >= 0]]
    return out


def _obstacle_ids(incidence: Incidence) -> np.ndarray:
    obstacles = incidence.views.obstacles if incidence.views is not None else None
    if obstacles is None:
        return np.empty(0, object)
    ids = np.array([str(i) for i in range(len(obstacles))], object)
    if "id" in obstacles:
        given = obstacles["id"].notna().to_numpy()
        ids[given] = obstacles["id"].to_numpy(object)[given].astype(str)
    return ids


def _unseen(incidence: Incidence, layer: str) -> tuple[_Places, Small]:
    """Return the gaps of a zone layer, and what is too small to be one."""
    elements = incidence.elements
    if elements is None:
        raise BadValue(
            "关联模型没有保存图形，请重新分析", "the incidence was reloaded without its shapes: analyse again"
        )
    zone = _zone_of(incidence, layer)
    zone[np.bincount(incidence.site_element, minlength=len(zone)) > 0] = -1
    if incidence.measure == "m2":
        return _areas(elements, zone)
    if incidence.measure == "m":
        return _runs(elements, zone)
    mine = np.flatnonzero(zone >= 0)
    shapes = elements.pieces[mine]  # type: ignore[index]
    none = np.full(len(mine), np.nan)
    return _Places(shapes, shapely.get_coordinates(shapes), zone[mine], none, elements.weight[mine]), Small(0.0, 0.0, 0)


def _zone_of(incidence: Incidence, layer: str) -> np.ndarray:
    """Return the zone of each element, the first row where zones overlap; -1 for none."""
    members = incidence.members[layer]
    group = np.diff(np.append(members.group, len(members.element)))
    of_group = np.repeat(np.arange(len(members.keys)), np.diff(members.zone))
    zone = np.repeat(of_group, group)
    out = np.full(len(incidence.size), -1)
    out[members.element[::-1]] = zone[::-1]
    return out


def _areas(elements: Elements, zone: np.ndarray) -> tuple[_Places, Small]:
    faces, face = elements.faces, elements.face
    if faces is None or face is None:
        raise BadValue(
            "关联模型没有保存图形，请重新分析", "the incidence was reloaded without its shapes: analyse again"
        )
    kind = np.full(faces.first_faces()[-1], -1, np.int64)
    kind[face] = zone
    pieces = faces.dissolve(kind)
    group = np.concatenate([*pieces.group, np.empty(0, np.int64)])[face]
    mine = group >= 0
    count = len(pieces.shapes)
    area = np.bincount(group[mine], elements.size[mine], count)
    weight = np.bincount(group[mine], elements.weight[mine], count)
    large = area >= LEAST_M2
    small = Small(math.fsum(area[~large]), math.fsum(weight[~large]), int((~large).sum()))
    return _Places(pieces.shapes[large], None, pieces.kind[large], area[large], weight[large]), small


def _runs(elements: Elements, zone: np.ndarray) -> tuple[_Places, Small]:
    """Join unseen pieces that follow each other on one demand line inside one zone."""
    pieces, line = elements.pieces, elements.line
    if pieces is None or line is None:
        raise BadValue(
            "关联模型没有保存图形，请重新分析", "the incidence was reloaded without its shapes: analyse again"
        )
    mine = np.flatnonzero(zone >= 0)
    keys = zone[mine] * (int(line.max(initial=0)) + 1) + line[mine]
    order = np.argsort(keys, kind="stable")
    mine, keys = mine[order], keys[order]
    shapes, of_zone, weight = [], [], []
    for begin, end in zip(*_blocks(keys), strict=True):
        rows = mine[begin:end]
        merged = shapely.line_merge(shapely.multilinestrings(pieces[rows]))
        parts = shapely.get_parts(merged)
        density = math.fsum(elements.weight[rows]) / math.fsum(elements.size[rows])
        shapes += list(parts)
        of_zone += [zone[rows[0]]] * len(parts)
        weight += list(shapely.length(parts) * density)
    out = np.empty(len(shapes), object)
    out[:] = shapes
    xy = shapely.get_coordinates(shapely.line_interpolate_point(out, 0.5, normalized=True)).reshape(-1, 2)
    places = _Places(out, xy, np.array(of_zone, np.int64), np.full(len(out), np.nan), np.array(weight, float))
    return places, Small(0.0, 0.0, 0)


def _blocks(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    change = np.flatnonzero(np.diff(keys) != 0) + 1
    if len(keys) == 0:
        return change, change
    return np.concatenate([[0], change]), np.concatenate([change, [len(keys)]])
