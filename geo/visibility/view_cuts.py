"""Tell what cuts a view: the obstacles at its edge, and the share of it that they take (rule C1 for lengths)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.crs_metric import metric_crs_for
from geo.visibility.views import views

__all__ = ["cut_shares", "obstacles_at_edge"]

#: Metres between a view and an obstacle that ends it: sides of views are computed to centimetres.
_TOUCHES_M = 0.1


def obstacles_at_edge(view: shapely.Geometry, obstacles: gpd.GeoSeries) -> np.ndarray:
    """Return which obstacles lie at the edge of a view, so that it ends there.

    Parameters
    ----------
    view
        A polygon in the CRS of the obstacles.
    obstacles
        Polygons near it, in any known CRS.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> walls = gpd.GeoSeries([shapely.box(10, -5, 12, 5), shapely.box(30, -5, 32, 5)], crs=4547)
    >>> obstacles_at_edge(shapely.box(0, -5, 10, 5), walls).tolist()
    [True, False]
    """
    if not len(obstacles):
        return np.zeros(0, bool)
    crs = metric_crs_for(obstacles)
    edge = gpd.GeoSeries([view], crs=obstacles.crs).to_crs(crs).boundary.iloc[0]
    return np.asarray(shapely.dwithin(obstacles.to_crs(crs).to_numpy(), edge, _TOUCHES_M))


def cut_shares(
    cameras: gpd.GeoDataFrame,
    seen_m2: pd.Series,
    *,
    level: str | None = None,
    edition: str,
    target_height: float = DEFAULT_TARGET_HEIGHT_M,
) -> pd.Series:
    """Return the share of each camera's view that obstacles take: 1 - area seen / area seen if there were none.

    Of a camera whose sure view is empty without obstacles too, as one of unknown azimuth (rule U1), it is the share of
    the possible view.

    Parameters
    ----------
    cameras
        Rows of layer ``cameras``.
    seen_m2
        What each sees among the obstacles, m2, index = id: of the sure view, of the possible one where that is so.
    level, edition, target_height
        As for ``geo.views``.

    Returns
    -------
    Series
        Index = id, 0 to 1; NaN for a camera that sees nothing anyway, or whose area is not known.

    Examples
    --------
    A camera that looks down a street of 90 degrees, a quarter of which a wall hides:

    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from geo import views
    >>> record = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> camera = gpd.GeoDataFrame(record, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> whole = float(views(camera, edition="iec62676-4:2014").sure_metric[0].area)
    >>> shares = cut_shares(camera, pd.Series([0.75 * whole], index=["a"]), edition="iec62676-4:2014")
    >>> float(shares["a"].round(6))
    0.25
    """
    free = views(cameras, None, level=level, edition=edition, target_height=target_height)
    sure, possible = (shapely.area(one) for one in (free.sure_metric, free.possible_metric))
    whole = pd.Series(np.where(sure > 0, sure, possible), index=free.cameras.index)
    seen = pd.to_numeric(seen_m2.reindex(whole.index), errors="coerce")
    return (1.0 - seen / whole.where(whole > 0)).clip(0.0, 1.0)
