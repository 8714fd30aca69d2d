"""Measure how much of each road's centre line is surely seen, by township (rule P6)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment.area_of_interest import Domain
from geo.assessment.carriageways import road_widths
from geo.assessment.cells import line_cells
from geo.assessment.zones import valid_shapes


def road_lengths(
    roads: gpd.GeoDataFrame, seen: gpd.GeoSeries, townships: gpd.GeoDataFrame, crs: pyproj.CRS
) -> pd.DataFrame:
    """Return the pieces of centre lines, each in one township: ``road, township, length_m, sure_m``.

    Roads without a carriageway (rule D2: tunnels, roads that are not built) are left out.

    Parameters
    ----------
    roads
        Rows of layer ``roads``.
    seen
        What each online camera surely sees.
    townships
        Their polygons; a piece in none of them has township -1. In any known CRS, as all others.
    crs
        The CRS to measure in, metres.

    Returns
    -------
    One row for each road and township; ``road`` and ``township`` are positions in the frames.

    Examples
    --------
    A road of 100 m, of which a camera sees the first 30 m, and half of which is in the township:

    >>> import geopandas as gpd, shapely
    >>> road = gpd.GeoDataFrame({"class": ["primary"]}, geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=4547)
    >>> seen = gpd.GeoSeries([shapely.box(-5, -5, 30, 5)], crs=4547)
    >>> township = gpd.GeoDataFrame(geometry=[shapely.box(-50, -50, 50, 50)], crs=4547)
    >>> road_lengths(road, seen, township, road.crs).values.tolist()
    [[0.0, -1.0, 50.0, 0.0], [0.0, 0.0, 50.0, 30.0]]
    """
    names = ["road", "township", "length_m", "sure_m"]
    lines = roads.geometry.to_crs(crs).to_numpy()
    kept = np.flatnonzero(np.isfinite(road_widths(roads)) & np.isin(shapely.get_type_id(lines), (1, 5)))
    parts, row = shapely.get_parts(lines[kept], return_index=True)
    whole = shapely.length(parts) > 0
    parts, row = parts[whole], kept[row[whole]]
    if not len(parts):
        return pd.DataFrame({name: np.empty(0) for name in names})
    areas, _ = valid_shapes(townships.geometry.to_crs(crs).to_numpy(), "townships", np.arange(len(townships)))
    views = seen.to_crs(crs).to_numpy()
    views = views[np.unique(shapely.STRtree(parts).query(views, predicate="intersects")[0])]
    everywhere = shapely.box(*(shapely.total_bounds(parts) + np.array([-1.0, -1.0, 1.0, 1.0])))
    polygons = np.concatenate([np.array([everywhere], object), areas, views])
    first_view = 1 + len(areas)
    domain = Domain("demand", "m", crs, parts, np.ones(len(parts)))
    spans = [slice(0, 1), slice(1, first_view)] if len(areas) else [slice(0, 1)]
    cells = line_cells(domain, polygons, spans, slice(first_view, len(polygons)))
    sure = np.zeros(len(cells.size), bool)
    sure[cells.cell[cells.polygon >= first_view]] = True
    township = np.full(len(cells.size), -1)
    of_township = (cells.polygon >= 1) & (cells.polygon < first_view)
    # Where townships overlap, the first row owns the piece (rule L1).
    township[cells.cell[of_township][::-1]] = cells.polygon[of_township][::-1] - 1
    pieces = pd.DataFrame(
        {"road": row[cells.line], "township": township, "length_m": cells.size, "sure_m": cells.size * sure}
    )
    return pieces.groupby(["road", "township"], as_index=False).sum()[names]
