"""Hold what is divided: units with their figures and bands, and buildings with theirs, in the computing CRS."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.zones import owning_shapes
from geo.errors import BadValue
from geo.planning.loads import Loads, building_loads

Band = tuple[float, float]
#: Units may overlap by so much (m2): hairlines, which go to the first.
_OVERLAP_M2 = 1.0
_NAMED = 5


@dataclass(frozen=True)
class Town:
    """Hold units and buildings.

    Attributes
    ----------
    shape, code, name
        Of each unit.
    total
        Its figure: as told, else the sum of its buildings.
    bands
        Lower and upper end for each unit.
    buildings, weight, unit
        Shape of each building, its figure, and the place of its unit (-1 none).
    """

    shape: np.ndarray
    code: list[str]
    name: list[str]
    total: np.ndarray
    bands: list[Band]
    buildings: np.ndarray
    weight: np.ndarray
    unit: np.ndarray


def town_of(
    units: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, by: str, size: Band, rural: Band | None
) -> tuple[Town, Loads | None]:
    """Return units and buildings as they are divided, and how the figures of the buildings are known.

    Raises
    ------
    BadValue
        Where a unit has no shape, units overlap, a band is empty, or there is nothing to divide by.
    """
    for low, high in (size, *([] if rural is None else [rural])):
        if not 0 <= low <= high or high <= 0:
            raise BadValue(f"区间 {low:g}:{high:g} 无效", f"no band: {low:g}:{high:g}")
    code = units["code"].astype(str).tolist()
    name = [str(one) if isinstance(one, str) else key for one, key in zip(_column(units, "name"), code, strict=True)]
    shape = _sound(units, name)
    _require_apart(shape, name)
    told = (
        pd.to_numeric(units[by], errors="coerce").to_numpy(float, na_value=np.nan)
        if by in units
        else np.full(len(units), np.nan)
    )
    is_rural = [one == "rural" for one in _column(units, "urban_rural")]
    bands = [rural if here and rural is not None else size for here in is_rural]
    if buildings is None or not len(buildings):
        if not np.isfinite(told).any():
            raise BadValue(
                f"没有建筑，{len(units)} 个村（社区）也都没有{_word(by)[0]}：无从划分",
                f"no buildings, and none of {len(units)} villages has {_word(by)[1]}: nothing to divide by",
            )
        nothing = np.empty(0, object)
        return Town(shape, code, name, told, bands, nothing, np.empty(0), np.empty(0, np.int64)), None
    houses = shapely.force_2d(buildings.geometry.to_numpy())
    unit = owning_shapes(shape, gpd.GeoSeries(shapely.point_on_surface(houses)))
    loads = building_loads(buildings, by, unit, told)
    sums = np.bincount(unit[unit >= 0], loads.weight[unit >= 0], len(units))
    has = np.bincount(unit[unit >= 0], minlength=len(units)) > 0
    total = np.where(has, sums, told)
    return Town(shape, code, name, total, bands, houses, loads.weight, unit), loads


def _column(frame: gpd.GeoDataFrame, name: str) -> list[object]:
    return frame[name].tolist() if name in frame else [None] * len(frame)


def _word(by: str) -> tuple[str, str]:
    return ("户数", "households") if by == "households" else ("人口数", "a population")


def _sound(units: gpd.GeoDataFrame, name: list[str]) -> np.ndarray:
    shape = shapely.make_valid(shapely.force_2d(units.geometry.to_numpy()))
    lacking = [name[k] for k in np.flatnonzero(shapely.get_dimensions(shape) != 2).tolist()]
    if lacking:
        listed = lacking[:_NAMED]
        raise BadValue(
            f"{len(lacking)} 个单元没有面状图形：{'、'.join(listed)}",
            f"{len(lacking)} units have no polygon: {', '.join(listed)}",
        )
    return shape


def _require_apart(shape: np.ndarray, name: list[str]) -> None:
    one, other = shapely.STRtree(shape).query(shape, predicate="intersects")
    one, other = one[one < other], other[one < other]
    area = shapely.area(shapely.intersection(shape[one], shape[other]))
    bad = np.flatnonzero(area > _OVERLAP_M2)
    if len(bad):
        zh = "；".join(f"{name[one[k]]}与{name[other[k]]} {area[k]:.0f} m²" for k in bad[:_NAMED].tolist())
        en = "; ".join(f"{name[one[k]]} and {name[other[k]]}: {area[k]:.0f} m2" for k in bad[:_NAMED].tolist())
        raise BadValue(f"有 {len(bad)} 处重叠，先改好再划分：{zh}", f"{len(bad)} overlaps, to be mended first: {en}")
