"""Cut the coverage of a run by township, so that a planner can read the part in its scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import STORAGE_CRS, parse_crs
from geo.crs_metric import metric_crs_for

_MULTI_OF_DIMENSION = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}


@dataclass(frozen=True)
class CoverageParts:
    """Pieces of coverage: township codes, exact k, geometries in EPSG:4326, areas in m2 (0 for points and lines)."""

    codes: list[str]
    ks: list[int]
    shapes: np.ndarray
    areas: list[float]


def cut_by_township(
    ks: Sequence[int], coverage: np.ndarray, crs: str, codes: Sequence[str], townships: np.ndarray
) -> CoverageParts:
    """Return one piece per township and k, without empty ones.

    Parameters
    ----------
    ks, coverage
        Exact k and its dissolved geometry (EPSG:4326), row by row.
    crs
        The run's CRS; areas are computed in it where it is metric, else in the one that rule C1 chooses.
    codes, townships
        9-digit codes and geometries (EPSG:4326) of the townships.
    """
    present = ~(shapely.is_missing(coverage) | shapely.is_empty(coverage))
    if not present.any():
        return CoverageParts([], [], np.array([], dtype=object), [])
    # Cut in degrees, where borders of divisions are straight; areas in metres: runs of a store are in degrees, those of
    # files in the CRS of the file.
    metric = metric_crs_for(gpd.GeoSeries(coverage[present], crs=STORAGE_CRS).to_crs(parse_crs(crs)))
    pieces, owner = shapely.get_parts(shapely.make_valid(coverage[present]), return_index=True)
    k = np.asarray(ks, dtype=np.int64)[present][owner]
    tree = shapely.STRtree(pieces)
    found: list[tuple[str, int, shapely.Geometry]] = []
    for code, town in zip(codes, shapely.make_valid(townships), strict=True):
        shapely.prepare(town)
        hits = np.sort(tree.query(town, predicate="intersects"))
        mine = pieces[hits]
        across = ~shapely.covers(town, mine)  # most pieces lie inside and need no cut
        mine[across] = shapely.intersection(mine[across], town)
        for one in np.unique(k[hits]).tolist():
            chosen = k[hits] == one
            shape = _collected(mine[chosen], shapely.get_dimensions(pieces[hits[chosen]]))
            if shape is not None:
                found.append((code, one, shape))
    shapes = np.array([shape for _, _, shape in found], dtype=object)
    areas = gpd.GeoSeries(shapes, crs=STORAGE_CRS).to_crs(metric).area
    return CoverageParts([code for code, _, _ in found], [one for _, one, _ in found], shapes, areas.tolist())


def _collected(shapes: np.ndarray, dimensions: np.ndarray) -> shapely.Geometry | None:
    """Return geometries as one, without parts of a lower dimension that the cut made; None where nothing is left."""
    some, first = shapely.get_parts(shapes, return_index=True)
    flat, second = shapely.get_parts(some, return_index=True)
    kept = (shapely.get_dimensions(flat) == dimensions[first[second]]) & ~shapely.is_empty(flat)
    flat, kinds = flat[kept], np.unique(shapely.get_dimensions(flat[kept]))
    if not flat.size:
        return None
    return _MULTI_OF_DIMENSION[int(kinds[0])](flat) if len(kinds) == 1 else shapely.geometrycollections(flat)
