"""Add figures up over the incidence: zones, totals, outages, k-coverage (RULES "Zones", C3)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment import zones as zones_of
from geo.assessment.area_of_interest import discs
from geo.assessment.incidence import Incidence, Members, incidence
from geo.catalog.results import FIGURES
from geo.errors import BadValue, UnknownName
from geo.visibility.views import Views


def _figures(one: Incidence, layer: str, down: np.ndarray) -> dict[str, np.ndarray]:
    """Return the figures of every zone of a layer, with the sites marked in ``down`` taken away."""
    if layer not in one.members:
        known = ", ".join(one.members)
        raise UnknownName(f"没有区域图层 {layer}，可用：{known}", f"no zone layer {layer}; there are: {known}")
    members, n = one.members[layer], len(one.size)
    up = ~down
    k = np.bincount(one.site_element[up[one.site]], minlength=n)
    could = np.bincount(one.possible_element[up[one.possible_site]], minlength=n) > 0
    live = up[one.class_site]
    masks = [np.ones(n, bool), k > 0, could, k > 1, k > 2]
    for rank in (1, 2, 3):
        mask = np.zeros(n, bool)
        mask[one.class_element[live & (one.class_of == rank)]] = True
        masks.append(mask)
    columns = [one.weight * mask for mask in masks] + [one.size * mask for mask in (*masks[:3], k == 0)]
    whole, sure, possible, k2, k3, c1, c2, c3, *areas = (_sums(column, members) for column in columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [np.where(whole > 0, part / whole, np.nan) for part in (sure, possible, k2, k3, c1, c2, c3)]
    if one.measure != "m2":
        areas = [np.full(len(whole), np.nan)] * 4
    count = len(members.keys)
    owned = members.owner >= 0
    cameras = np.bincount(members.owner[owned & up & one.sites.site_online], minlength=count)
    idle = one.sites.site_offline & ~one.sites.site_online
    offline = np.bincount(members.owner[owned & up & idle], minlength=count)
    seeing = np.bincount(members.seeing_zone[up[members.seeing_site]], minlength=count)
    values = [areas[0], whole, areas[1], areas[2], *shares, areas[3], cameras, offline, seeing]
    return dict(zip(FIGURES, values, strict=True))


def _sums(values: np.ndarray, members: Members) -> np.ndarray:
    """Add up over elements per tile, then over tiles with ``math.fsum`` (rule C3)."""
    if len(members.group) == 0:
        return np.zeros(len(members.keys))
    parts = np.add.reduceat(values[members.element], members.group)
    count = np.diff(members.zone)
    out = np.zeros(len(count))
    begin = np.minimum(members.zone[:-1], len(parts) - 1)
    out[count > 0] = parts[begin][count > 0]
    two = count == 2
    out[two] += parts[begin[two] + 1]  # one addition is rounded once, as fsum would
    for z in np.flatnonzero(count > 2):
        out[z] = math.fsum(parts[members.zone[z] : members.zone[z + 1]])
    return out


def _answer(one: Incidence, layer: str, down: np.ndarray) -> gpd.GeoDataFrame:
    figures = _figures(one, layer, down)
    frame = one.frames[layer] if layer in one.frames else _whole_frame(one)
    shapes = frame.geometry.to_numpy()
    fields = {name: frame[name].array for name in frame.columns if name not in FIGURES and name != frame.geometry.name}
    return gpd.GeoDataFrame(pd.DataFrame({**fields, **figures}, copy=False), geometry=shapes, crs=frame.crs)


def _whole_frame(one: Incidence) -> gpd.GeoDataFrame:
    """Return the zone ``all`` (rule D4) as a frame of one row."""
    if one.base:
        shapes = one.frames[one.base].geometry.to_numpy()
        shapes, _ = zones_of.valid_shapes(shapes[~shapely.is_missing(shapes)], "", np.arange(len(shapes)))
        union = gpd.GeoSeries([shapely.union_all(shapes)], crs=one.crs)
    elif one.views is not None:
        discs_m = shapely.disjoint_subset_union_all(discs(one.views)) if len(one.views.cameras) else shapely.Polygon()
        union = gpd.GeoSeries([discs_m], crs=one.views.computing_crs).to_crs(one.crs)
    else:
        union = gpd.GeoSeries([None], crs=one.crs)
    return gpd.GeoDataFrame({"code": ["all"], "name": ["全部"]}, geometry=union.to_numpy(), crs=one.crs)


def zone_metrics(incidence: Incidence, layer: str = "grids") -> gpd.GeoDataFrame:
    """Return the zones of a layer with their figures (RULES "Zones"), in the cameras' CRS and the order given.

    ``*_m2`` are m2, null where the demand is points or lines; shares are 0 to 1 of the weight, null where the domain is
    empty. ``all`` is one row (rule D4).

    Raises
    ------
    UnknownName
        Where there is no such layer.
    """
    return _answer(incidence, layer, np.zeros(incidence.sites.count, bool))


def totals(incidence: Incidence) -> dict[str, float]:
    """Return the figures of zone ``all``, NaN for null."""
    figures = _figures(incidence, "all", np.zeros(incidence.sites.count, bool))
    return {name: value[0].item() for name, value in figures.items()}


def level_totals(incidence: Incidence, views: Views, *, workers: int | None = None) -> dict[str, float]:
    """Return the figures of zone ``all`` for the same cameras, zones and domain at the level of other views."""
    base = incidence.base
    if incidence.domain is None:
        raise BadValue("关联模型没有保存范围", "the incidence was reloaded without its domain")
    zones = {base: incidence.frames[base]} if base else None
    return totals(_for_level(incidence, views, zones, workers))


def _for_level(
    one: Incidence, views: Views, zones: Mapping[str, gpd.GeoDataFrame] | None, workers: int | None
) -> Incidence:
    return incidence(views, zones, one.domain, workers=workers)


def outage(incidence: Incidence, sites: Iterable[str], layer: str = "grids") -> gpd.GeoDataFrame:
    """Return the figures of ``zone_metrics`` as if those sites were not there (rule B4: a site with all its rows).

    Raises
    ------
    NotFound
        Where a site does not exist.
    UnknownName
        Where there is no such layer.
    """
    return _answer(incidence, layer, incidence.sites.marked([sites] if isinstance(sites, str) else sites))


def coverage(incidence: Incidence) -> gpd.GeoDataFrame:
    """Return where exactly k sites surely see the domain in zone ``all``: rows k = 1, 2, 3, the last for three or more.

    Columns ``k``, ``area_m2`` (null for lines and points) and geometry, in the cameras' CRS.
    """
    elements, views = incidence.elements, incidence.views
    if elements is None or views is None:
        raise BadValue("关联模型没有保存图形", "the incidence was reloaded without its shapes")
    k = np.minimum(np.bincount(incidence.site_element, minlength=len(incidence.size)), 3)
    inside = np.zeros(len(k), bool)
    inside[incidence.members["all"].element] = True
    k[~inside] = 0
    if elements.faces is not None and elements.face is not None:
        kind = np.full(len(elements.faces.areas()), -1, np.int64)
        kind[elements.face] = np.where(k > 0, k, -1)
        pieces = elements.faces.dissolve(kind)
        shapes = [shapely.multipolygons(pieces.shapes[pieces.kind == i]) for i in (1, 2, 3)]
        areas = [math.fsum(incidence.size[k == i]) for i in (1, 2, 3)]
    else:
        many = shapely.multipoints if incidence.measure == "count" else shapely.multilinestrings
        shapes = [many(elements.pieces[k == i]) for i in (1, 2, 3)]  # type: ignore[index]
        areas = [math.nan] * 3
    geometry = gpd.GeoSeries(shapes, crs=views.computing_crs).to_crs(views.crs)
    return gpd.GeoDataFrame({"k": [1, 2, 3], "area_m2": areas}, geometry=geometry.to_numpy(), crs=views.crs)
