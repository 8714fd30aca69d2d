"""Keep an analysis as sums by zone and tile, so that changes of its cameras can be tried on it (rule C3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment._camera_rows import CameraRows, OwningShapes, rows_of_views
from geo.assessment._tiles_in_reach import corners, tile_of_cells
from geo.assessment.area_of_interest import Domain
from geo.assessment.camera_sites import Sites
from geo.assessment.incidence import Incidence
from geo.assessment.zone_membership import Pairs
from geo.assessment.zone_sums import (
    SeenCells,
    TileSums,
    ZoneTotals,
    figures_from_sums,
    tile_sums,
    zone_counts,
)
from geo.assessment.zones import Zones, sort_zone_layers
from geo.catalog.results import ALL
from geo.errors import BadValue
from geo.visibility.views import Views


@dataclass(frozen=True)
class PreviewBase:
    """An analysis kept so that changes of its cameras can be tried on it.

    Attributes
    ----------
    seen
        Views of the analysis: obstacles, level and CRS are taken from them, the cameras are not.
    rows
        The cameras, and what they see.
    sites
        The sites of the rows.
    domain, domain_box
        Where coverage is wanted, in the computing CRS, and the box of each of its shapes (m).
    layers, zone_boxes, owners
        Zone layers, the boxes of their polygons (m), and the shapes by which they own cameras.
    keys
        Layer -> the key of each zone.
    obstacle_corners
        Points between which the obstacles lie, in the CRS of the frames.
    sums, totals, figures
        Layer -> sums by zone and tile; their totals by zone; the figures of its zones.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> camera = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> square = shapely.box(500_000, 4_000_000, 500_010, 4_000_010)
    >>> zone = gpd.GeoDataFrame({"code": ["z"]}, geometry=[square], crs=4547)
    >>> base = preview_base(incidence(views(camera), zone))
    >>> base.rows.ids.tolist(), base.owner_of_rows("grids").tolist(), base.figures["grids"]["cameras"].tolist()
    (['a'], [0], [1])
    """

    seen: Views
    rows: CameraRows
    sites: Sites
    domain: Domain
    domain_box: np.ndarray
    layers: Zones
    zone_boxes: Mapping[str, np.ndarray]
    owners: Mapping[str, OwningShapes]
    keys: Mapping[str, np.ndarray]
    obstacle_corners: gpd.GeoSeries
    sums: Mapping[str, TileSums]
    totals: Mapping[str, ZoneTotals]
    figures: Mapping[str, Mapping[str, np.ndarray]]

    def owner_of_rows(self, layer: str) -> np.ndarray:
        """Return the zone of a layer that owns each camera row, -1 for none."""
        if layer == ALL:
            return np.where(self.rows.owner[self.layers.all_zone_layer] >= 0, 0, -1)
        return self.rows.owner[layer]

    def with_figures(self) -> PreviewBase:
        """Return the base with the figures that follow from its rows and sums."""
        return replace(self, figures={name: self._figures(name) for name in self.sums})

    def _figures(self, layer: str) -> dict[str, np.ndarray]:
        total, sites = self.totals[layer], self.sites
        owner = self.owner_of_rows(layer)[sites.first]
        owned, offline, _ = zone_counts(owner, sites, np.empty(0, np.int64), total.count)
        return figures_from_sums(total.sums, (owned, offline, total.seeing), sites.classes, self.domain.measure)


def preview_base(incidence: Incidence) -> PreviewBase:
    """Return what is needed to try changes of cameras on an analysis.

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it, of an analysis with zones.

    Raises
    ------
    BadValue
        The incidence was loaded from a store, or there are no zones: its domain would follow the cameras (rule D4).

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = gpd.GeoDataFrame({"id": ["a"], "azimuth": [0.0]}, geometry=[shapely.Point(x, y)], crs=4547)
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> base = preview_base(incidence(views(camera), square))
    >>> {layer: figures["sure_m2"].tolist() for layer, figures in base.figures.items()}
    {'grids': [4.0], 'all': [4.0]}
    """
    views, domain, cells = incidence.views, incidence.domain, incidence.cells
    if views is None or domain is None or cells is None:
        raise BadValue("关联模型没有保存图形", "the incidence was reloaded without its shapes")
    if not incidence.base:
        raise BadValue("没有区域（网格、村社区或区划），不能试算", "there are no zones to preview the figures of")
    layers = sort_zone_layers(incidence.frames, views.computing_crs, required_crs=views.crs)
    rows = rows_of_views(views, layers)
    values, tile, seen = _seen_cells(incidence).values(), tile_of_cells(cells), _row_pairs(incidence)
    sums = {name: tile_sums(zones, values, tile, seen) for name, zones in incidence.members.items()}
    every = {name: np.arange(len(zones.keys)) for name, zones in incidence.members.items()}
    base = PreviewBase(
        seen=views,
        rows=rows,
        sites=incidence.sites,
        domain=domain,
        domain_box=shapely.bounds(domain.shapes).reshape(-1, 4),
        layers=layers,
        zone_boxes={name: shapely.bounds(shapes).reshape(-1, 4) for name, shapes in layers.shapes.items()},
        owners={name: OwningShapes.of(frame) for name, frame in layers.frames.items()},
        keys={name: zones.keys for name, zones in incidence.members.items()},
        obstacle_corners=_obstacle_corners(views),
        sums=sums,
        totals={name: ZoneTotals.of(one, every[name], incidence.sites) for name, one in sums.items()},
        figures={},
    )
    return base.with_figures()


def _seen_cells(model: Incidence) -> SeenCells:
    pairs = model.site_element, model.possible_element, model.class_element, model.class_of
    return SeenCells(model.size, model.weight, *pairs)


def _obstacle_corners(views: Views) -> gpd.GeoSeries:
    box = np.empty((0, 4)) if views.obstacles is None else views.obstacles.bounds.to_numpy()
    box = box[np.isfinite(box).all(axis=1)]
    return gpd.GeoSeries(shapely.points(corners(box.reshape(-1, 2))), crs=views.crs)


def _row_pairs(model: Incidence) -> Pairs:
    """Return pairs (cell, camera row) surely seen: of sites with one row that counts, that row."""
    sites = model.sites
    rows = np.flatnonzero(sites.maybe_online)
    alone = np.bincount(sites.site[rows], minlength=sites.count)[model.site] == 1
    row_of = np.full(sites.count, -1)
    row_of[sites.site[rows]] = rows
    cell, row = np.asarray(model.camera_element), np.asarray(model.camera)
    return np.concatenate([model.site_element[alone], cell]), np.concatenate([row_of[model.site[alone]], row])
