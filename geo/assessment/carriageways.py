"""Turn roads into the polygons of their carriageways (rule D2)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment.zones import rows_by_id
from geo.catalog.free_words import road_class
from geo.errors import BadGeometry, RowFault
from geo.visibility.circles import quadrant_segments

#: Rule D2: carriageway widths (m) where a road has none.
WIDE_M, DRIVEN_M, FOOT_M = 15.0, 8.0, 3.0
#: No carriageway is wider: a larger number is of another unit or a slip, and counts as missing.
WIDEST_M = 200.0
WIDE_CLASSES = {"motorway", "trunk", "primary", "secondary", "tertiary"}
FOOT_CLASSES = {
    "foot", "footway", "pedestrian", "path", "cycle", "cycleway", "bridleway", "track", "trail", "steps", "sidewalk",
    "crossing",
}  # fmt: skip
LEFT_OUT_CLASSES = {"tunnel", "corridor", "elevator", "platform", "proposed", "construction"}
_LINE_TYPES = (1, 2, 5)


def road_widths(roads: gpd.GeoDataFrame) -> np.ndarray:
    """Return the width (m) of each road, NaN for those left out (rule D2).

    Parameters
    ----------
    roads
        Rows of layer ``roads``; ``class`` and ``width`` (m) may be missing.

    Examples
    --------
    >>> import pandas as pd
    >>> road_widths(pd.DataFrame({"class": ["primary", "footway", "service"], "width": [None, None, 5.5]})).tolist()
    [15.0, 3.0, 5.5]
    >>> road_widths(pd.DataFrame({"class": ["primary"] * 3, "width": [200.0, 1200.0, -4.0]})).tolist()
    [200.0, 15.0, 15.0]
    >>> road_widths(pd.DataFrame({"class": ["国道", "人行道", "隧道"]})).tolist()
    [15.0, 3.0, nan]
    """
    names = roads["class"] if "class" in roads else pd.Series([None] * len(roads), dtype=object)
    codes, unique = pd.factorize(names.astype(object), use_na_sentinel=True)
    plain = np.array([*(road_class(name) for name in unique), ""], object)[codes]
    default = np.select(
        [(plain == "") | np.isin(plain, list(WIDE_CLASSES)), np.isin(plain, list(FOOT_CLASSES))],
        [WIDE_M, FOOT_M],
        DRIVEN_M,
    )
    width = np.full(len(roads), np.nan)
    if "width" in roads:
        width = pd.to_numeric(roads["width"], errors="coerce").to_numpy(float, na_value=np.nan)
    out = np.where((width > 0) & (width <= WIDEST_M), width, default)
    return np.where(np.isin(plain, list(LEFT_OUT_CLASSES)), np.nan, out)


def road_polygons(roads: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> np.ndarray:
    """Return roads buffered by half their width, with flat ends and round joins (rule D2), in the order of their ids.

    Parameters
    ----------
    roads
        Rows of layer ``roads``.
    crs
        The computing CRS.

    Raises
    ------
    BadGeometry
        Where a road is not a line; names the rows.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> path = gpd.GeoDataFrame({"class": ["path"]}, geometry=[shapely.LineString([(0, 0), (50, 0)])], crs=4547)
    >>> [polygon.area for polygon in road_polygons(path, path.crs)]
    [150.0]
    """
    if roads is None:
        return np.empty(0, object)
    lines = roads.geometry.to_crs(crs).to_numpy()
    exists = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    wrong = np.flatnonzero(exists & ~np.isin(shapely.get_type_id(lines), _LINE_TYPES))
    if len(wrong):
        faults = [RowFault("roads", str(i), "geometry", "道路应为线 / a road is a line") for i in wrong[:100]]
        raise BadGeometry(f"{len(wrong)} 条道路不是线", f"{len(wrong)} roads are no lines", rows=faults)
    width = road_widths(roads)
    order = rows_by_id(roads)
    order = order[exists[order] & np.isfinite(width[order])]
    lines, half = lines[order], width[order] / 2
    out = np.empty(len(lines), object)
    for radius in np.unique(half):
        same = half == radius
        out[same] = shapely.buffer(lines[same], radius, cap_style="flat", quad_segs=quadrant_segments(radius))
    return out
