"""Name, recognise and transform coordinate reference systems; only `geo.crs` and its siblings name EPSG codes."""

from __future__ import annotations

import re
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike
from pyproj.exceptions import CRSError

from geo import crs_gcj
from geo.errors import CrsMismatch, UnknownCrs

#: Every store and every GeoJSON answer: WGS-84, lon before lat.
STORAGE_CRS = "EPSG:4326"

GCJ02, BD09 = "gcj02", "bd09"
_CGCS2000 = "EPSG:4490"

# Spellings people write, without case, spaces, - and _.
_NAMES = {
    "wgs84": STORAGE_CRS,
    "crs84": STORAGE_CRS,
    "ogc:crs84": STORAGE_CRS,
    "urn:ogc:def:crs:ogc:1.3:crs84": STORAGE_CRS,
    "http://www.opengis.net/def/crs/ogc/1.3/crs84": STORAGE_CRS,
    "cgcs2000": _CGCS2000,
    "国家2000": _CGCS2000,
    "2000国家大地坐标系": _CGCS2000,
}
_SHIFTED = {
    "gcj02": GCJ02,
    "火星坐标": GCJ02,
    "火星坐标系": GCJ02,
    "bd09": BD09,
    "bd09ll": BD09,
    "百度坐标": BD09,
    "百度坐标系": BD09,
}
_CODE = re.compile(r"(?:urn:ogc:def:crs:([a-z]{2,8}):[\d.]*:|([a-z]{2,8}):)?(\d{1,7})", re.IGNORECASE)
_OWN = "WGS 84 / Transverse Mercator"
_OWN_NAME = re.compile(rf"{_OWN} (-?\d+(?:\.\d)?)")
_OGC = "http://www.opengis.net/def/crs"
#: Longitude, latitude in WGS-84 degrees: what GeoJSON and every OGC parameter mean where nothing is said.
CRS84 = f"{_OGC}/OGC/1.3/CRS84"
# CGCS2000 in 6-degree zones 13-23 and 3-degree zones 25-45, each with the zone before the easting and without; UTM
# zones 43-53 north; every one that a county of China may keep its maps in.
_OFFERED_CODES = (4326, 4490, *range(4513, 4555), *range(4491, 4513), 3857, *range(32643, 32654))
#: URI -> name of every CRS that coordinates may be asked for, and given, in; CRS84 first.
OFFERED = {CRS84: STORAGE_CRS, **{f"{_OGC}/EPSG/0/{code}": f"EPSG:{code}" for code in _OFFERED_CODES}}
_AUTHORITIES = {"EPSG", "ESRI", "IGNF", "OGC"}


def parse_crs(text: str | int | pyproj.CRS | None) -> pyproj.CRS:
    """Return the horizontal CRS that a text, code or pyproj object names.

    Parameters
    ----------
    text
        ``EPSG:n``, ``n``, ``wgs84``, ``cgcs2000``, an OGC URN, WKT, or a pyproj CRS; of a compound one the
        horizontal part.

    Raises
    ------
    UnknownCrs
        For nothing, for what PROJ does not know, and for ``gcj02`` and ``bd09``, which are shifts without a projection.
    """
    if text is None or (isinstance(text, str) and not text.strip()):
        raise UnknownCrs("没有坐标系；请用 --crs 指明", "no CRS is named; pass --crs")
    if isinstance(text, pyproj.CRS):
        return _horizontal(text)
    plain = str(text).strip()
    if shift_name(plain) is not None:
        raise UnknownCrs(f"{plain} 是加偏坐标，不是投影坐标系", f"{plain} is a shift of WGS-84, not a CRS of its own")
    return _parsed(plain)


def shift_name(crs: object) -> str | None:
    """Return ``gcj02`` or ``bd09`` where the text names one of them, else None."""
    return _SHIFTED.get(_squeezed(crs)) if isinstance(crs, str) else None


def crs_name(crs: str | int | pyproj.CRS) -> str:
    """Return ``EPSG:4547`` where the CRS has an authority code, ``gcj02`` or ``bd09`` for those, else its name."""
    shift = shift_name(crs)
    return shift if shift is not None else _named(parse_crs(crs))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    """Bring coordinates to WGS-84 degrees.

    CGCS2000 is taken as equal to WGS-84: they differ by less than a metre today, through plate motion.

    Parameters
    ----------
    lon, lat
        Degrees, or x (east) and y (north) in the unit of a projected CRS; NaN stays NaN.
    crs
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or anything `parse_crs` takes.

    Raises
    ------
    UnknownCrs
        Where no CRS or an unknown one is named (rule L3).
    """
    x, y = _floats(lon, lat)
    shift = shift_name(crs)
    if shift == GCJ02:
        return crs_gcj.wgs84_from_gcj02(x, y)
    if shift == BD09:
        return crs_gcj.wgs84_from_bd09(x, y)
    return _transformed(x, y, parse_crs(crs), parse_crs(STORAGE_CRS))


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    """Bring WGS-84 degrees to another CRS: degrees, or x (east) and y (north) in its unit; undo `to_wgs84`."""
    x, y = _floats(lon, lat)
    shift = shift_name(crs)
    if shift == GCJ02:
        return crs_gcj.gcj02_from_wgs84(x, y)
    if shift == BD09:
        return crs_gcj.bd09_from_wgs84(x, y)
    return _transformed(x, y, parse_crs(STORAGE_CRS), parse_crs(crs))


@lru_cache(maxsize=128)
def is_northing_first(uri: str) -> bool:
    """Return whether coordinates in an offered CRS are written latitude or northing first, as its authority says."""
    return uri != CRS84 and parse_crs(OFFERED[uri]).axis_info[0].direction.casefold() == "north"


def offered_from_wgs84(points: np.ndarray, uri: str) -> np.ndarray:
    """Bring (n, 2) longitudes and latitudes to an offered CRS, in the order of axes of its authority.

    Raises
    ------
    UnknownCrs
        For a URI that is not one of `OFFERED`.
    """
    x, y = from_wgs84(points[:, 0], points[:, 1], _offered(uri))
    return np.column_stack((y, x) if is_northing_first(uri) else (x, y))


def offered_to_wgs84(points: np.ndarray, uri: str) -> np.ndarray:
    """Bring (n, 2) coordinates in an offered CRS, in its own axes, to longitudes and latitudes; NaN outside it."""
    crs = _offered(uri)
    x, y = (points[:, 1], points[:, 0]) if is_northing_first(uri) else (points[:, 0], points[:, 1])
    return np.column_stack(to_wgs84(x, y, crs))


def _offered(uri: str) -> str:
    if uri not in OFFERED:
        raise UnknownCrs(f"坐标系 {uri[:80]} 不在所列之中", f"the CRS {uri[:80]} is not one of those offered")
    return OFFERED[uri]


def frame_to_wgs84(frame: gpd.GeoDataFrame, crs: str | pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the frame in EPSG:4326, its coordinates taken as being in ``crs`` whatever the frame says.

    Vertices are moved and edges stay straight between them; heights (z) stay as they are.
    """
    shapes = frame.geometry.to_numpy()
    if not is_storage(crs):

        def moved(points: np.ndarray) -> np.ndarray:
            return np.column_stack(to_wgs84(points[:, 0], points[:, 1], crs))

        shapes = shapely.transform(shapely.force_2d(shapes), moved)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=STORAGE_CRS, name=frame.geometry.name))


def is_storage(crs: str | pyproj.CRS) -> bool:
    """Return whether coordinates in this CRS are stored without a change: WGS-84 and CGCS2000 degrees."""
    return shift_name(crs) is None and _named(parse_crs(crs)) in (STORAGE_CRS, _CGCS2000)


def require_same_crs(*frames: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """Return the CRS that all frames share (rule C1).

    Raises
    ------
    UnknownCrs
        Where a frame has none.
    CrsMismatch
        Where two frames differ, axis order apart.
    """
    found: pyproj.CRS | None = None
    for frame in frames:
        if frame.crs is None:
            raise UnknownCrs("数据没有坐标系", "a frame has no CRS")
        if found is None:
            found = frame.crs
        elif frame.crs != found and not frame.crs.equals(found, ignore_axis_order=True):
            here, there = _named(found), _named(frame.crs)
            raise CrsMismatch(f"坐标系不一致：{here} 与 {there}", f"frames are in different CRSs: {here} and {there}")
    if found is None:
        raise UnknownCrs("没有数据", "no frame was given, so there is no CRS")
    return found


def local_transverse_mercator(lon: float) -> pyproj.CRS:
    """Return a transverse Mercator on the meridian of a longitude, degrees, rounded to a tenth."""
    # A tenth of a degree keeps the name short and steady under small edits.
    middle = round(lon, 1)
    parts = {"proj": "tmerc", "lat_0": 0, "lon_0": middle, "k": 1, "x_0": 500000, "datum": "WGS84", "units": "m"}
    described = pyproj.CRS.from_dict(parts).to_json_dict()
    return pyproj.CRS.from_json_dict({**described, "name": f"{_OWN} {middle:g}"})


# --- names ---------------------------------------------------------------------------------------------------------


def _squeezed(text: object) -> str:
    return re.sub(r"[\s_-]", "", str(text)).casefold()


@lru_cache(maxsize=256)
def _parsed(text: str) -> pyproj.CRS:
    named = _NAMES.get(_squeezed(text))
    if named is not None:
        return pyproj.CRS.from_user_input(named)
    own = _OWN_NAME.fullmatch(text)
    if own is not None:
        return local_transverse_mercator(float(own[1]))
    code = _CODE.fullmatch(text)
    # Never hand PROJ a free text: it would search names, files and pipelines.
    is_wkt = re.match(r"[A-Za-z_]{3,40}\s*\[", text) is not None
    authority = (code[1] or code[2] or "EPSG").upper() if code else ""
    try:
        if code and authority in _AUTHORITIES:
            return _horizontal(pyproj.CRS.from_authority(authority, code[3]))
        if is_wkt:
            return _horizontal(pyproj.CRS.from_wkt(text))
    except CRSError:
        pass
    shown = text if len(text) <= 60 else text[:60] + "…"
    raise UnknownCrs(f"不认识的坐标系：{shown}", f"unknown CRS: {shown}")


def _horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if not (crs.is_geographic or crs.is_projected):
        raise UnknownCrs(f"坐标系没有地理位置：{crs.name}", f"CRS {crs.name} has no place on the Earth")
    return crs


@lru_cache(maxsize=256)
def _named(crs: pyproj.CRS) -> str:
    # Asking PROJ to search its database takes a third of a second: only for the WKT of a Shapefile, which has no code.
    code = crs.to_json_dict().get("id")
    if isinstance(code, dict) and "authority" in code and "code" in code:
        return f"{code['authority']}:{code['code']}"
    authority = crs.to_authority(auth_name="EPSG", min_confidence=90) or crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.name)


# --- transforming ----------------------------------------------------------------------------------------------------


def _floats(lon: ArrayLike, lat: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _transformed(x: np.ndarray, y: np.ndarray, source: pyproj.CRS, target: pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    unmoved = (STORAGE_CRS, _CGCS2000)
    if _named(source) in unmoved and _named(target) in unmoved:
        return x.copy(), y.copy()
    moved_x, moved_y = _transformer(source, target).transform(x, y)
    return _finite(moved_x), _finite(moved_y)


def _finite(values: ArrayLike) -> np.ndarray:
    # PROJ answers infinity where a point has no image; NaN is what frames and readers call missing.
    array = np.asarray(values, dtype=float)
    return np.where(np.isfinite(array), array, np.nan)


@lru_cache(maxsize=256)  # both ways of every offered CRS: making one takes PROJ a third of a second
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(source, target, always_xy=True)
    except pyproj.exceptions.ProjError:
        # PROJ knows both, and no way between them: an engineering CRS, or one of another body.
        raise UnknownCrs(
            f"坐标系 {source.name} 与 {target.name} 之间不能换算",
            f"there is no way from CRS {source.name} to {target.name}",
        ) from None
