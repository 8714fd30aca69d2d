"""Cut the coverage of a run by township, so that a planner can be given the part of it that is the planner's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import STORAGE_CRS, parse_crs

_POLYGON = 3


@dataclass(frozen=True)
class Parts:
    """Hold the pieces: township codes, exact k, shapes in EPSG:4326, areas in m2 of the run's CRS."""

    codes: list[str]
    ks: list[int]
    shapes: np.ndarray
    areas: list[float]


def cut(ks: Sequence[int], coverage: np.ndarray, crs: str, codes: Sequence[str], townships: np.ndarray) -> Parts:
    """Return one piece per township and k, empty ones left out.

    Parameters
    ----------
    ks, coverage
        Exact k and its dissolved shape (EPSG:4326), row by row.
    crs
        The run's CRS, metric, in which areas are computed (rule C1).
    codes, townships
        9-digit codes and shapes (EPSG:4326) of the townships.
    """
    metric = parse_crs(crs)
    there = ~(shapely.is_missing(coverage) | shapely.is_empty(coverage))
    whole = gpd.GeoSeries(coverage[there], crs=STORAGE_CRS).to_crs(metric).to_numpy()
    pieces, owner = shapely.get_parts(shapely.make_valid(whole), return_index=True)
    k = np.asarray(ks, dtype=np.int64)[there][owner]
    tree = shapely.STRtree(pieces)
    found: list[tuple[str, int, shapely.Geometry]] = []
    towns = shapely.make_valid(gpd.GeoSeries(townships, crs=STORAGE_CRS).to_crs(metric).to_numpy())
    for code, town in zip(codes, towns, strict=True):
        shapely.prepare(town)
        hits = np.sort(tree.query(town, predicate="intersects"))
        mine = pieces[hits]
        across = ~shapely.covers(town, mine)  # most pieces lie inside: nothing to cut
        mine[across] = shapely.intersection(mine[across], town)
        for one in np.unique(k[hits]).tolist():
            flat = shapely.get_parts(shapely.get_parts(mine[k[hits] == one]))
            flat = flat[(shapely.get_type_id(flat) == _POLYGON) & ~shapely.is_empty(flat)]
            if flat.size:
                found.append((code, one, shapely.multipolygons(flat)))
    shapes = np.array([shape for _, _, shape in found], dtype=object)
    stored = gpd.GeoSeries(shapes, crs=metric).to_crs(STORAGE_CRS).to_numpy()
    return Parts([code for code, _, _ in found], [one for _, one, _ in found], stored, shapely.area(shapes).tolist())
