"""Measure a piece of ground on the stored shapes of a run that had no such zone: what is seen of it, and what not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs_metric import metric_crs_for

_AREAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
#: Status of cameras whose views may count (rule U1).
_MAY_SEE = ("online", "unknown")


@dataclass(frozen=True)
class GroundFigures:
    """Figures of a piece of ground; areas in m2.

    Attributes
    ----------
    domain_m2, sure_m2, possible_m2, gap_m2
        As those of a zone (docs/rules.md "Zones"). Gaps too small to be listed (rule G1) are in none of them.
    gaps
        How many gaps have their position (rule G2) in it.
    seen, unseen
        What of it is surely seen and what is a gap, in the CRS of the run.

    Examples
    --------
    >>> GroundFigures(100.0, 25.0, 50.0, 75.0, 1, shapely.box(0, 0, 5, 5), shapely.Polygon()).sure_share
    0.25
    """

    domain_m2: float
    sure_m2: float
    possible_m2: float
    gap_m2: float
    gaps: int
    seen: shapely.Geometry
    unseen: shapely.Geometry

    @property
    def sure_share(self) -> float:
        """The share surely seen; NaN where the domain is empty."""
        return self.sure_m2 / self.domain_m2 if self.domain_m2 > 0 else math.nan

    @property
    def possible_share(self) -> float:
        """The share possibly seen; NaN where the domain is empty."""
        return self.possible_m2 / self.domain_m2 if self.domain_m2 > 0 else math.nan


def ground_figures(
    ground: shapely.Geometry, coverage: gpd.GeoDataFrame, gaps: gpd.GeoDataFrame, possible: gpd.GeoDataFrame
) -> GroundFigures | None:
    """Return the figures of a piece of ground; None where the run's domain is no area.

    Parameters
    ----------
    ground
        In the CRS of the layers of the run.
    coverage, gaps, possible
        Those layers: ground surely seen by ``k`` cameras, ground that none surely sees, and what each camera possibly
        sees, with its ``status``.

    Examples
    --------
    The western half of a square of ground is surely seen, the rest is a gap:

    >>> x = 500_000
    >>> def layer(shape, **columns):
    ...     return gpd.GeoDataFrame(columns, geometry=[shape], crs=4547)
    >>> seen, gap = layer(shapely.box(x, 0, x + 5, 10), k=[1]), layer(shapely.box(x + 5, 0, x + 20, 10), rank=[1])
    >>> possible = layer(shapely.box(x, 0, x + 7, 10), status=["online"])
    >>> found = ground_figures(shapely.box(x, 0, x + 10, 10), seen, gap, possible)
    >>> found.domain_m2, found.sure_m2, found.possible_m2, found.gap_m2, found.gaps
    (100.0, 50.0, 70.0, 50.0, 0)
    """
    crs = metric_crs_for(gpd.GeoSeries([ground], crs=coverage.crs))
    if len(gaps) and not np.isin(shapely.get_type_id(gaps.geometry.to_numpy()), _AREAL).all():
        return None
    here = gpd.GeoSeries([ground], crs=coverage.crs).to_crs(crs).iloc[0]
    seen = _part_within(here, coverage[coverage["k"] >= 1], crs)
    unseen = _part_within(here, gaps, crs)
    may_see = possible[possible["status"].isin(_MAY_SEE)] if "status" in possible else possible
    maybe = shapely.intersection(_part_within(here, may_see, crs), shapely.union(seen, unseen))
    sure_m2, gap_m2 = shapely.area(seen), shapely.area(unseen)
    back = gpd.GeoSeries([seen, unseen], crs=crs).to_crs(coverage.crs)
    count = int(shapely.intersects(ground, _positions(gaps)).sum())
    possible_m2 = max(float(shapely.area(maybe)), float(sure_m2))
    return GroundFigures(
        float(sure_m2 + gap_m2), float(sure_m2), possible_m2, float(gap_m2), count, back.iloc[0], back.iloc[1]
    )


def _part_within(ground: shapely.Geometry, layer: gpd.GeoDataFrame, crs: object) -> shapely.Geometry:
    """Return what of a layer lies within the ground, in the CRS of the ground; only what is near is transformed."""
    shapes = layer.geometry.to_numpy()
    parts = shapely.get_parts(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))])
    around = gpd.GeoSeries([ground.buffer(1.0)], crs=crs).to_crs(layer.crs).iloc[0]
    near = parts[shapely.STRtree(parts).query(around)] if len(parts) else parts
    if not len(near):
        return shapely.Polygon()
    metric = shapely.make_valid(gpd.GeoSeries(near, crs=layer.crs).to_crs(crs).to_numpy())
    return shapely.union_all(_polygons(shapely.intersection(_polygons(metric), ground)))


def _polygons(shapes: np.ndarray) -> np.ndarray:
    """Return the polygons among the parts of shapes: what only touches leaves lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _positions(gaps: pd.DataFrame) -> np.ndarray:
    """Return the position of each gap, as the run has stored it."""
    if not len(gaps) or "lon" not in gaps:
        return np.empty(0, object)
    return np.asarray(shapely.points(gaps["lon"].to_numpy(float), gaps["lat"].to_numpy(float)))
