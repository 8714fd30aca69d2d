"""Add figures up over the incidence: zones, totals, outages, k-coverage (rules, section Zones; C3)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment import zones as zone_layers
from geo.assessment.incidence import Incidence
from geo.assessment.incidence import incidence as make_incidence
from geo.assessment.removed_cameras import without_rows
from geo.assessment.zone_sums import SeenCells, figures_from_sums, zone_counts
from geo.catalog.results import FIGURES
from geo.errors import BadValue, UnknownName

if TYPE_CHECKING:
    from geo.visibility.views import Views


def _figures(model: Incidence, layer: str) -> dict[str, np.ndarray]:
    """Return the figures of every zone of a layer."""
    if layer not in model.members:
        known = ", ".join(model.members)
        raise UnknownName(f"没有区域图层 {layer}，可用：{known}", f"no zone layer {layer}; there are: {known}")
    zones = model.members[layer]
    seen = SeenCells(
        model.size, model.weight, model.site_element, model.possible_element, model.class_element, model.class_of
    )
    sums = np.array([zones.sums(column) for column in seen.values()])
    counts = zone_counts(zones.owner, model.sites, zones.seeing_zone, len(zones.keys))
    return figures_from_sums(sums, counts, model.sites.classes, model.measure)


def _zone_frame(model: Incidence, layer: str) -> gpd.GeoDataFrame:
    figures = _figures(model, layer)
    frame = model.frames[layer] if layer in model.frames else _all_zone_frame(model)
    shapes = frame.geometry.to_numpy()
    fields = {name: frame[name].array for name in frame.columns if name not in FIGURES and name != frame.geometry.name}
    return gpd.GeoDataFrame(pd.DataFrame({**fields, **figures}, copy=False), geometry=shapes, crs=frame.crs)


def _all_zone_frame(model: Incidence) -> gpd.GeoDataFrame:
    """Return the zone ``all`` (rule D4) as a frame of one row."""
    if model.base:
        shapes = model.frames[model.base].geometry.to_numpy()
        shapes, _ = zone_layers.valid_shapes(shapes[~shapely.is_missing(shapes)], "", np.arange(len(shapes)))
        union = gpd.GeoSeries([shapely.union_all(shapes)], crs=model.crs)
    elif model.views is not None:
        from geo.assessment.area_of_interest import camera_discs  # noqa: PLC0415 (a loaded incidence needs no overlay)

        discs = camera_discs(model.views)
        disc_union = shapely.disjoint_subset_union_all(discs) if len(model.views.cameras) else shapely.Polygon()
        union = gpd.GeoSeries([disc_union], crs=model.views.computing_crs).to_crs(model.crs)
    else:
        union = gpd.GeoSeries([None], crs=model.crs)
    return gpd.GeoDataFrame({"code": ["all"], "name": ["全部"]}, geometry=union.to_numpy(), crs=model.crs)


def zone_metrics(incidence: Incidence, layer: str = "grids") -> gpd.GeoDataFrame:
    """Return the zones of a layer with their figures (rules, section Zones), in the cameras' CRS and the order given.

    ``*_m2`` are m2, null where the demand is points or lines; shares are 0 to 1 of the weight, null where the domain is
    empty, and those of a class (``c1_share``) where no camera has it. ``all`` is one row (rule D4).

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it, or loaded from a store.
    layer
        ``grids``, ``microgrids``, ``villages``, ``townships`` or ``all``.

    Raises
    ------
    UnknownName
        Where no such layer exists.

    Examples
    --------
    Two demand points of weight 3 and 1 in a zone; a camera 5 m away sees the first:

    >>> import geopandas as gpd, shapely
    >>> from geo import domain, incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> points = gpd.GeoDataFrame({"weight": [3.0, 1.0]}, geometry=shapely.points([x, x], [y + 5, y - 5]), crs=4547)
    >>> zones = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 9, y - 9, x + 9, y + 9)], crs=4547)
    >>> frame = zone_metrics(incidence(seen, zones, domain(demand=points)))
    >>> frame[["code", "domain_weight", "sure_share", "cameras"]].to_dict("records")
    [{'code': 'z', 'domain_weight': 4.0, 'sure_share': 0.75, 'cameras': 1}]
    """
    return _zone_frame(incidence, layer)


def totals(incidence: Incidence) -> dict[str, float]:
    """Return the figures of zone ``all``, NaN for null.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0]}, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> zone = shapely.box(500_100, 4_000_000, 500_110, 4_000_010)
    >>> figures = totals(incidence(views(camera), gpd.GeoDataFrame({"code": ["z"]}, geometry=[zone], crs=4547)))
    >>> figures["domain_m2"], figures["gap_m2"], figures["cameras"]
    (100.0, 100.0, 0)
    """
    figures = _figures(incidence, "all")
    return {name: value[0].item() for name, value in figures.items()}


def level_totals(incidence: Incidence, views: Views, *, workers: int | None = None) -> dict[str, float]:
    """Return the figures of zone ``all`` for the same cameras, zones and domain at the level of other views.

    Parameters
    ----------
    incidence
        With its domain: not loaded from a store.
    views
        Of the same cameras at another level.
    workers
        Threads; None takes one per core.

    Examples
    --------
    At detect the camera reaches 20 m and sees the square, at observe 8 m and sees nothing of it:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> camera = gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547)
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> both = views(camera, level=["detect", "observe"])
    >>> model = incidence(both["detect"], square)
    >>> totals(model)["sure_share"], level_totals(model, both["observe"])["sure_share"]
    (1.0, 0.0)
    """
    if incidence.domain is None:
        raise BadValue("关联模型没有保存范围", "the incidence was reloaded without its domain")
    base = incidence.base
    zones = {base: incidence.frames[base]} if base else None
    ids = views.cameras["id"].astype(str).to_numpy(object)
    sites = incidence.sites if np.array_equal(incidence.sites.ids, ids) else None
    return totals(make_incidence(views, zones, incidence.domain, workers=workers, sites=sites))


def outage(
    incidence: Incidence, sites: Iterable[str], layer: str = "grids", *, visible: Collection[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the figures of ``zone_metrics`` as if those sites or cameras did not exist.

    A site goes with all its rows (rule B4), the camera of an id alone.

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it, or loaded from a store.
    sites
        Names of sites, or ids of cameras; a text that is both is the site.
    layer
        The zone layer.
    visible
        Ids of the rows that the caller may know of: a site with any other row does not exist for it. None: all.

    Raises
    ------
    NotFound
        Where a site or camera does not exist.
    BadValue
        For part of a site, where the incidence was stored before rows were kept apart.
    UnknownName
        Where no such layer exists.

    Examples
    --------
    Two poles see the square; without one of them it is seen by one site, without both by none:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> cameras = {"id": ["a", "b"], "azimuth": [0.0, 0.0], "hfov": 90.0, "width_px": 1000, "height": 1.6}
    >>> points = shapely.points([x, x + 1], [y, y])
    >>> seen = views(gpd.GeoDataFrame(cameras, geometry=points, crs=4547))
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> model = incidence(seen, square)
    >>> [outage(model, names)[["sure_share", "k2_share"]].values.tolist()[0] for names in ([], ["a"], ["a", "b"])]
    [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    rows = incidence.sites.rows_of([sites] if isinstance(sites, str) else sites, visible=visible)
    return _zone_frame(without_rows(incidence, rows), layer)


def coverage(incidence: Incidence) -> gpd.GeoDataFrame:
    """Return where exactly k sites surely see the domain in zone ``all``: rows k = 1, 2, 3, the last for three or more.

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it.

    Returns
    -------
    Columns ``k``, ``area_m2`` (null for lines and points) and geometry, in the cameras' CRS.

    Raises
    ------
    BadValue
        Where the incidence was loaded from a store.

    Examples
    --------
    A square of 4 m2 that one camera sees:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> coverage(incidence(seen, square))[["k", "area_m2"]].to_dict("list")
    {'k': [1, 2, 3], 'area_m2': [4.0, 0.0, 0.0]}
    """
    cells, views = incidence.cells, incidence.views
    if cells is None or views is None:
        raise BadValue("关联模型没有保存图形", "the incidence was reloaded without its shapes")
    k = np.minimum(np.bincount(incidence.site_element, minlength=len(incidence.size)), 3)
    inside = np.zeros(len(k), bool)
    inside[incidence.members["all"].element] = True
    k[~inside] = 0
    if cells.faces is not None and cells.face is not None:
        kind = np.full(len(cells.faces.areas()), -1, np.int64)
        kind[cells.face] = np.where(k > 0, k, -1)
        dissolved = cells.faces.dissolve(kind)
        shapes = [shapely.multipolygons(dissolved.shapes[dissolved.kind == i]) for i in (1, 2, 3)]
        areas = [math.fsum(incidence.size[k == i]) for i in (1, 2, 3)]
    else:
        collect = shapely.multipoints if incidence.measure == "count" else shapely.multilinestrings
        shapes = [collect(cells.shapes[k == i]) for i in (1, 2, 3)]  # type: ignore[index]
        areas = [math.nan] * 3
    geometry = gpd.GeoSeries(shapes, crs=views.computing_crs).to_crs(views.crs)
    return gpd.GeoDataFrame({"k": [1, 2, 3], "area_m2": areas}, geometry=geometry.to_numpy(), crs=views.crs)
