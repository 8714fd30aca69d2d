"""Number the levels of z/x/y tiles: Web Mercator, or degrees whose first level the columns tell."""

from __future__ import annotations

from collections.abc import Mapping

from geo.basemaps.matrices import DEGREES, MERCATOR, Matrix, degree_matrix, mercator_matrix
from geo.catalog.base_maps import DEGREES as DEGREE_CODES
from geo.catalog.base_maps import MAX_ZOOM, BaseMap
from geo.errors import BadValue


def projection_of(base: BaseMap) -> str:
    """Return the projection of z/x/y tiles; raise BadValue for one that such tiles have no numbering in."""
    if base.crs in DEGREE_CODES:
        return DEGREES
    if base.crs.startswith("EPSG:"):
        raise BadValue(
            f"{base.crs} 的瓦片没有通行的 z/x/y 编号；这类底图请用 WMTS、ArcGIS 缓存或 GeoTIFF",
            f"tiles in {base.crs} have no common numbering by z/x/y; use a WMTS, an ArcGIS cache or a GeoTIFF",
        )
    return MERCATOR


def first_level_of(last_columns: Mapping[int, int]) -> int | None:
    """Return at which level the world is two tiles wide, 0 or 1, from the last column that levels have.

    天地图 counts its first level, two tiles wide, as 1, others as 0. East of Greenwich a column of the latter is
    beyond the last that the former has. None where there are no tiles.

    Examples
    --------
    >>> first_level_of({10: 805}), first_level_of({9: 805}), first_level_of({})
    (1, 0, None)
    """
    if not last_columns:
        return None
    return 0 if any(column >= 1 << level for level, column in last_columns.items()) else 1


def pyramid(base: BaseMap, first_level: int) -> dict[int, Matrix]:
    """Return the matrices of z/x/y tiles by level, within the levels of the base map."""
    if projection_of(base) == MERCATOR:
        found = {zoom: mercator_matrix(zoom) for zoom in range(MAX_ZOOM + 1)}
        first_level = 1
    else:
        found = {level: degree_matrix(level, first_level) for level in range(first_level, MAX_ZOOM + first_level)}
    low, high = base.levels or (0, MAX_ZOOM)
    # A level of degrees whose first is 1 has pixels as large as those of the same zoom.
    return {level: one for level, one in found.items() if low <= level + 1 - first_level <= high}
