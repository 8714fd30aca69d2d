"""Prepare the rows that carry households: obstacles with their floors, or addresses (rule V2)."""

from __future__ import annotations

import geopandas as gpd

from geo.planning.loads import with_floors


def carrier_rows(rows: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return the rows that carry households, obstacles with their floors; what has no shape is left out.

    Examples
    --------
    >>> import shapely
    >>> rows = gpd.GeoDataFrame({"height": [18.0, None]}, geometry=[shapely.box(0, 0, 1, 1), None], crs=4326)
    >>> carrier_rows(rows, "obstacles")["floors"].tolist()
    [6.0]
    """
    rows = rows[~(rows.geometry.is_empty | rows.geometry.isna())].reset_index(drop=True)
    return with_floors(rows) if layer == "obstacles" and len(rows) else rows
