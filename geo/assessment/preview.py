"""Try changes of cameras on an analysis: their views and the figures of the zones in reach, nothing else computed anew.

An analysis is a sum over tiles (rule C3), and each tile follows from its own inputs. So only the tiles that an old or a
new view touches are overlaid again, by the functions of a whole analysis, and their sums take the place of the old
ones: every figure has the bits of an analysis of the changed cameras.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment._camera_rows import CameraRows, rows_of_views
from geo.assessment._overlaid import (
    cell_camera_pairs,
    cells_of,
    pairs_of_sites,
    polygons_of_zones_and_views,
    where,
)
from geo.assessment._tiles_in_reach import LINE_MARGIN_M, corners, near_tiles, tile_of_cells, tiles_of
from geo.assessment.camera_sites import Sites
from geo.assessment.preview_base import PreviewBase
from geo.assessment.zone_membership import sort_cells_by_zone
from geo.assessment.zone_sums import (
    SeenCells,
    TileSums,
    tile_numbers,
    tile_sums,
)
from geo.catalog.results import ALL, FIGURES
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, NotFound
from geo.types import no_progress
from geo.visibility.views import Views, views_among


@dataclass(frozen=True)
class Preview:
    """What changes of cameras would do.

    Attributes
    ----------
    views
        The views of the cameras that were changed or added.
    before, after
        Layer -> the zones in reach and their figures: those with a figure that differs, and those that a changed camera
        stands in; column ``code`` and the figures.
    base
        The analysis with the changes, on which further ones can be tried.
    tiles
        How many tiles were overlaid again.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, preview_base, views
    >>> camera = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> square = shapely.box(500_000, 4_000_000, 500_010, 4_000_010)
    >>> zone = gpd.GeoDataFrame({"code": ["z"]}, geometry=[square], crs=4547)
    >>> found = preview(preview_base(incidence(views(camera), zone)), removed=["a"])
    >>> [frame["grids"]["cameras"].tolist() for frame in (found.before, found.after)]
    [[1], [0]]
    """

    views: Views | None
    before: Mapping[str, pd.DataFrame]
    after: Mapping[str, pd.DataFrame]
    base: PreviewBase
    tiles: int


def preview(base: PreviewBase, changed: gpd.GeoDataFrame | None = None, removed: Collection[str] = ()) -> Preview:
    """Return what changes of cameras would do: their views, and the figures of the zones in reach before and after.

    The figures have the bits of an analysis of the changed cameras (rule C3). Only the tiles that an old or a new view
    touches are overlaid again.

    Parameters
    ----------
    base
        The analysis, by ``preview_base`` or of an earlier preview.
    changed
        Rows as for ``geo.views``, each whole, in the same CRS, with ``id``: one of a known id takes the place of that
        row, any other is a new camera.
    removed
        Ids of cameras to take away.

    Raises
    ------
    NotFound
        A camera to remove does not exist.
    BadValue
        A value is impossible (rule U5), a row has no id, a camera is both changed and removed, or the change would put
        the data into another computing CRS (rule C1): analyse instead.
    BadGeometry, UnknownCrs, CrsMismatch
        As ``geo.views``.

    Examples
    --------
    A camera looks away from a square of 4 m2; turned round it sees all of it:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, preview_base, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> record = {"id": ["a"], "azimuth": [180.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> camera = gpd.GeoDataFrame(record, geometry=[shapely.Point(x, y)], crs=4547)
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> base = preview_base(incidence(views(camera), square))
    >>> found = preview(base, camera.assign(azimuth=0.0))
    >>> [frame["grids"]["sure_m2"].tolist() for frame in (found.before, found.after)]
    [[0.0], [4.0]]
    >>> preview(found.base, removed=["a"]).after["grids"]["cameras"].tolist()
    [0]
    """
    # 1. the rows as they would be
    views = None if changed is None or not len(changed) else _views_of_changed(base, changed)
    dropped = _dropped(base, removed, views)
    rows, now_at, added_at = base.rows.with_changes(
        dropped, None if views is None else rows_of_views(views, base.layers, base.owners)
    )
    _require_same_computing_crs(base, rows)
    sites = rows.sites(base.sites, now_at)
    was = now_at < 0
    now = np.isin(np.arange(len(rows.ids)), added_at)
    # 2. the tiles that their views touch, or those of other rows of their sites, before or after
    old, new = _rows_in_reach(base, sites, was, now, now_at)
    boxes = base.rows.box[old & base.sites.maybe_online], rows.box[new & sites.maybe_online]
    margin = 0.0 if base.domain.measure == "m2" else LINE_MARGIN_M
    keys = tiles_of(np.concatenate(boxes), margin)
    # 3. these tiles again, and every figure that follows
    sums = {name: replace(one, seen_row=now_at[one.seen_row]) for name, one in base.sums.items()}
    totals = dict(base.totals)
    tiles = tile_numbers(keys)
    for name, again in (_sums_of_tiles(base, rows, sites, keys, margin) if len(keys) else {}).items():
        before, mine = np.isin(sums[name].tile, tiles), np.isin(again.tile, tiles)
        zones = np.unique(np.concatenate([sums[name].zone[before], again.zone[mine]]))
        sums[name] = sums[name].with_tiles(tiles, again)
        totals[name] = totals[name].renewed(zones, sums[name], sites)
    after = replace(base, rows=rows, sites=sites, sums=sums, totals=totals).with_figures()
    stand = {name: np.concatenate([base.owner_of_rows(name)[was], after.owner_of_rows(name)[now]]) for name in sums}
    reach = {
        name: np.union1d(_differing(base.figures[name], after.figures[name]), stand[name][stand[name] >= 0])
        for name in sums
    }
    return Preview(
        views,
        {name: _frame(base, name, zones) for name, zones in reach.items()},
        {name: _frame(after, name, zones) for name, zones in reach.items()},
        after,
        len(keys),
    )


def _views_of_changed(base: PreviewBase, changed: gpd.GeoDataFrame) -> Views:
    if "id" not in changed or changed["id"].isna().any() or (changed["id"].astype(str).str.strip() == "").any():
        raise BadValue("每台改动的摄像机都须有 id", "every changed camera needs an id")
    return views_among(base.seen, changed)


def _dropped(base: PreviewBase, removed: Collection[str], views: Views | None) -> np.ndarray:
    """Return which rows go."""
    names = list(dict.fromkeys(removed))
    at = pd.Index(base.rows.ids).get_indexer(pd.Index(np.array(names, object)))
    if (at < 0).any():
        missing = next(name for name, place in zip(names, at, strict=True) if place < 0)
        raise NotFound(f"没有摄像机 {missing[:64]}", f"there is no camera {missing[:64]}")
    if views is not None and (both := sorted({*names} & {*views.cameras.index})):
        raise BadValue(f"{both[0][:64]} 既改动又移除", f"{both[0][:64]} is both changed and removed")
    dropped = np.zeros(len(base.rows.ids), bool)
    dropped[at] = True
    return dropped


def _require_same_computing_crs(base: PreviewBase, rows: CameraRows) -> None:
    points = gpd.GeoSeries(shapely.points(corners(rows.place)), crs=base.seen.crs)
    data = [one for one in (points, base.obstacle_corners) if len(one)]
    if data and metric_crs_for(*data) != base.seen.computing_crs:
        raise BadValue(
            "改动会换用另一计算坐标系，请保存后重新分析",
            "the change puts the data into another computing CRS; save it and analyse again",
        )


def _rows_in_reach(
    base: PreviewBase, sites: Sites, was: np.ndarray, now: np.ndarray, now_at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows before and after whose site has a changed row, before or after: their sites may be others.

    Rule B4 groups the rows of one name by single linkage, so that a site without a changed row stays as it is.
    """
    old = np.isin(base.sites.site, base.sites.site[was])
    new = np.isin(sites.site, sites.site[now])
    stays = now_at >= 0
    old[stays] |= new[now_at[stays]]
    new[now_at[stays & old]] = True
    return old, new


def _sums_of_tiles(
    base: PreviewBase, rows: CameraRows, sites: Sites, keys: np.ndarray, margin: float
) -> dict[str, TileSums]:
    """Overlay some tiles as ``geo.incidence`` does, with what is near them only: other tiles of it mean nothing."""
    near = near_tiles(base.domain_box, keys, margin)
    domain = replace(base.domain, shapes=base.domain.shapes[near], weight=base.domain.weight[near])
    shapes = {
        name: where(near_tiles(base.zone_boxes[name], keys, margin), polygons)
        for name, polygons in base.layers.shapes.items()
    }
    layers = replace(base.layers, shapes=shapes)
    overlaid = sites.overlaid_rows()
    overlaid = overlaid[near_tiles(rows.box[overlaid], keys, margin)]
    polygons, spans = polygons_of_zones_and_views(
        layers, rows.sure[overlaid], rows.possible[overlaid], sites.online[overlaid]
    )
    cells = cells_of(domain, layers, polygons, spans, None, no_progress)
    sure, possible = cell_camera_pairs(cells, spans, overlaid)
    site_pairs, by_class, possible_pairs = pairs_of_sites(sites, sure, possible)
    seen = SeenCells(cells.size, cells.weight, site_pairs[0], possible_pairs[0], by_class[0], by_class[2])
    values, tile, nobody = seen.values(), tile_of_cells(cells), (np.empty(0, np.int64), np.empty(0, np.int64))
    out = {}
    for name in base.sums:
        span = spans[layers.all_zone_layer if name == ALL else name]
        zones = sort_cells_by_zone(cells, span, nobody[0], base.keys[name], nobody, as_one_zone=name == ALL)
        out[name] = tile_sums(zones, values, tile, sure)
    return out


def _differing(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the zones of which a figure differs."""
    differ = [(before[name] != after[name]) & ~(np.isnan(before[name]) & np.isnan(after[name])) for name in FIGURES]
    return np.flatnonzero(np.any(differ, axis=0))


def _frame(base: PreviewBase, layer: str, zones: np.ndarray) -> pd.DataFrame:
    columns = {name: values[zones] for name, values in base.figures[layer].items()}
    return pd.DataFrame({"code": base.keys[layer][zones], **columns})
