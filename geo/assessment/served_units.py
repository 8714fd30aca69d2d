"""Tell which unit has which facility of its own: one that serves its code or lies inside it (rules P6, P7).

Rates, reports that are checked, and reach all count by this, so that they say one number.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.zones import owning_rows
from geo.catalog.division_codes import compared_code
from geo.catalog.kinds import names_in
from geo.row_keys import row_keys

_POLYGONS = (3, 6)


def villages_of(villages: gpd.GeoDataFrame | None, divisions: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the villages: rows of layer ``villages``, where it has none the divisions of that level.

    Examples
    --------
    >>> divisions = gpd.GeoDataFrame({"code": ["1", "2"], "level": ["township", "village"]}, geometry=[None, None])
    >>> villages_of(divisions[:0], divisions)["code"].tolist(), len(villages_of(None, None))
    (['2'], 0)
    """
    if villages is not None and len(villages):
        return villages
    if divisions is None or "level" not in divisions:
        return gpd.GeoDataFrame({"code": []}, geometry=[])
    return divisions[(divisions["level"] == "village").to_numpy(bool, na_value=False)]


def own_facilities(
    units: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, may_overlap: bool = False, level: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of a unit and a facility of its own, as rows of both frames, by unit and facility.

    A facility serves the units whose codes it names, and lies inside one unit: on a border it is that of the lowest
    code, of grids a dedicated one before general ones (rule L1). A unit that is a point or a line has nothing inside
    it. The facility above one (``parent``) says nothing on where it serves.

    Parameters
    ----------
    units
        Rows of one layer, and of one level where it has two; ``code`` names them, ``kind`` may be missing.
    facilities
        Rows of layer ``facilities``, in the CRS of the units, as stored.
    may_overlap
        Whether units may overlap, as places do: then a facility lies inside each that covers it.
    level
        Leave out what stands in a unit and is of another level than this, as links do: a township has no video link
        because a village in it has one. None for facilities of any level.

    Examples
    --------
    Two villages side by side: the first facility lies on their border, the second one outside serves the other.

    >>> squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    >>> villages = gpd.GeoDataFrame({"code": ["620622102201", "620622102202"]}, geometry=squares)
    >>> rows = {"code": ["f", "g"], "serves": [None, "620622 102 202"]}
    >>> facilities = gpd.GeoDataFrame(rows, geometry=shapely.points([(1.0, 0.5), (9.0, 9.0)]))
    >>> [part.tolist() for part in own_facilities(villages, facilities)]
    [[0, 1], [0, 1]]
    """
    codes = np.asarray(row_keys(units, "code"), object).astype(str)
    unit, facility = _served(codes, facilities)
    points = facilities.geometry.to_numpy()
    of_level = np.ones(len(facilities), bool)
    if level is not None and "level" in facilities:
        of_level = (facilities["level"].isna() | (facilities["level"] == level)).to_numpy(bool, na_value=True)
    there = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)) & of_level)
    areas = np.flatnonzero(np.isin(shapely.get_type_id(units.geometry.to_numpy()), _POLYGONS))
    is_dedicated = (units["kind"] == "dedicated").to_numpy(bool, na_value=False) if "kind" in units else codes == ""
    areas = areas[np.lexsort((codes[areas], ~is_dedicated[areas]))]
    zones = units.iloc[areas]
    if may_overlap:
        shapes = shapely.make_valid(zones.geometry.to_numpy())
        inside, of = shapely.STRtree(shapes).query(points[there], predicate="intersects")
    else:
        owner = owning_rows(zones, facilities.geometry.iloc[there])
        inside = np.flatnonzero(owner >= 0)
        of = owner[inside]
    pairs = np.column_stack([np.concatenate([unit, areas[of]]), np.concatenate([facility, there[inside]])])
    pairs = np.unique(pairs.astype(np.int64), axis=0)
    return pairs[:, 0], pairs[:, 1]


def having(count: int, pairs: tuple[np.ndarray, np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """Return which of so many units have one of the chosen facilities.

    Examples
    --------
    >>> having(3, (np.array([0, 2]), np.array([1, 0])), np.array([True, False])).tolist()
    [False, False, True]
    """
    unit, facility = pairs
    out = np.zeros(count, bool)
    out[unit[np.asarray(chosen, bool)[facility]]] = True
    return out


def _served(codes: np.ndarray, facilities: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of a unit and a facility that names its code, however it is written."""
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(codes.tolist()):
        rows.setdefault(compared_code(code), []).append(row)
    named = facilities["serves"].tolist() if "serves" in facilities else []
    pairs = [
        (row, k) for k, text in enumerate(named) for code in names_in(text) for row in rows.get(compared_code(code), ())
    ]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
