"""Name the projection of a base map's tiles, and compare what its user says with what the source says."""

from __future__ import annotations

from geo.basemaps.matrices import DEGREES, MERCATOR
from geo.catalog import base_maps
from geo.catalog.base_maps import BaseMap
from geo.crs import parse_crs
from geo.errors import BadValue, UnknownCrs

#: Codes that stand for Web Mercator, by Esri and by earlier editions of EPSG too.
_MERCATOR = {3857, 900913, 102100, 102113, 3785}


def of_base(base: BaseMap) -> str | None:
    """Return the projection that the settings of a base map name; None for GCJ-02, which is a shift of either."""
    if base.is_shifted:
        return None
    if base.crs == base_maps.WEB_MERCATOR:
        return MERCATOR
    return DEGREES if base.crs in base_maps.DEGREES else of_code(int(base.crs.removeprefix("EPSG:")))


def of_code(code: int | None) -> str | None:
    """Return the projection of a CRS by its number, None where it is not known.

    Examples
    --------
    >>> of_code(102100), of_code(4490), of_code(4544), of_code(None)
    ('mercator', 'degrees', 'EPSG:4544', None)
    """
    if code is None:
        return None
    if code in _MERCATOR:
        return MERCATOR
    try:
        found = parse_crs(f"EPSG:{code}")
    except UnknownCrs:
        return None
    return DEGREES if found.is_geographic else f"EPSG:{code}"


def require_agreement(base: BaseMap, code: int | None, name: str) -> None:
    """Raise BadValue where the source itself names another projection than the settings do."""
    said, own = of_base(base), of_code(code)
    if said is not None and own is not None and said != own:
        raise BadValue(
            f"{name} 自己写明坐标系 EPSG:{code}，与 --crs {base.crs} 不符",
            f"{name} itself names the CRS EPSG:{code}, which is not --crs {base.crs}",
        )
