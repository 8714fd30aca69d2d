"""Name, recognise and choose coordinate reference systems; the only file naming EPSG codes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike
from pyproj.exceptions import CRSError, ProjError

from geo import crs_gcj
from geo.errors import CrsMismatch, TooWide, UnknownCrs

if TYPE_CHECKING:
    import geopandas as gpd

#: Every store and every GeoJSON answer: WGS-84, lon before lat.
STORAGE_CRS = "EPSG:4326"

Bounds = tuple[float, float, float, float]

#: Rule C1: how far a computing CRS may stretch a length.
MAX_SCALE_ERROR = 0.001

GCJ02, BD09 = "gcj02", "bd09"
_CGCS2000 = "EPSG:4490"
_WEB_METHOD = "Popular Visualisation Pseudo Mercator"

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

# The outline of China to about half a degree on the generous side: near the border either choice keeps rule C1.
_CHINA = shapely.Polygon(
    [
        (73.0, 39.5), (74.5, 41.0), (80.0, 42.5), (80.0, 45.2), (82.5, 45.7), (83.0, 47.5), (85.5, 47.5), (85.7, 48.8),
        (87.5, 49.5), (91.5, 47.0), (91.5, 45.5), (96.0, 43.2), (101.0, 42.9), (105.0, 42.0), (109.5, 42.8),
        (111.5, 44.2), (111.5, 45.3), (114.0, 45.2), (119.5, 47.2), (115.5, 47.7), (117.0, 50.0), (119.5, 50.6),
        (119.5, 53.0), (123.0, 53.9), (126.5, 53.4), (128.0, 50.0), (131.2, 49.2), (135.3, 48.8), (133.5, 45.0),
        (131.3, 44.5), (131.0, 42.4), (128.2, 41.6), (126.5, 41.4), (124.5, 39.8), (123.0, 37.5), (123.5, 30.0),
        (122.8, 25.5), (122.0, 22.0), (120.5, 21.0), (118.0, 14.0), (112.5, 3.0), (108.5, 6.0), (109.5, 17.0),
        (107.5, 18.0), (108.2, 21.3), (106.3, 22.3), (105.2, 23.1), (102.3, 22.1), (101.5, 20.9), (99.0, 21.8),
        (97.3, 23.8), (98.3, 27.3), (95.5, 28.9), (91.8, 27.3), (89.0, 27.0), (86.0, 27.7), (81.5, 29.8), (78.3, 32.0),
        (78.0, 35.2), (75.5, 36.5),
    ]
)  # fmt: skip


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
    import geopandas as gpd  # noqa: PLC0415 (loaded by who asks for frames)

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


def metric_crs_for(*frames: gpd.GeoDataFrame | gpd.GeoSeries | None, at_least: float | None = None) -> pyproj.CRS:
    """Choose the CRS to compute in (rule C1).

    The data's own CRS where it is projected in metres and stretches no length by 0.1 % over the bounds; else a CGCS2000
    3-degree Gauss-Kruger zone inside China and a UTM zone elsewhere; where the data straddle zones so widely that none
    serves, a transverse Mercator on the data's own middle meridian.

    Parameters
    ----------
    frames
        Frames or series in one CRS; only their total bounds are looked at. None is skipped.
    at_least
        Metres added round the bounds, for work that reaches beyond the data.

    Raises
    ------
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or they differ.
    TooWide
        Where the data are too wide for any one CRS, about 570 km.
    """
    given = [frame for frame in frames if frame is not None]
    crs = require_same_crs(*given)
    bounds = _total_bounds(given)
    return _chosen(_horizontal(crs), bounds, float(at_least or 0.0))


def convergence(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> np.ndarray:
    """Return the grid convergence in degrees: grid azimuth = true azimuth - convergence.

    Parameters
    ----------
    lon, lat
        WGS-84 degrees.
    crs
        The CRS whose grid is meant; in a geographic one the convergence is 0.
    """
    x, y = _floats(lon, lat)
    system = parse_crs(crs)
    if not system.is_projected:
        return np.zeros_like(x)
    return np.asarray(_proj(system).get_factors(x, y).meridian_convergence, dtype=float)


def zone_of_eastings(x: ArrayLike, crs: str | pyproj.CRS) -> pyproj.CRS | None:
    """Recognise the CGCS2000 zone that eastings are in, where the CRS named does not say it rightly.

    An 8-digit easting beginning with 25 to 45 carries its 3-degree zone, one beginning with 13 to 23 its 6-degree zone.

    Parameters
    ----------
    x
        Eastings as found in the file, metres.
    crs
        The CRS named for it.

    Returns
    -------
    The zone's CRS, or None where the named CRS holds as it is.

    Raises
    ------
    UnknownCrs
        Where metric coordinates come with no zone, or with several.
    """
    if shift_name(crs) is not None:
        return None
    system = parse_crs(crs)
    if not _is_cgcs2000(system):
        return None
    values = np.asarray(x, dtype=float)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return None
    zones = np.floor(values / 1e6).astype(int)
    prefixed = ((zones >= 25) & (zones <= 45)) | ((zones >= 13) & (zones <= 23))
    if np.count_nonzero(prefixed) * 2 >= len(values):
        return _prefixed_zone(system, np.unique(zones[prefixed]))
    metric = np.abs(values) > 1000
    if system.is_geographic and np.count_nonzero(metric) * 2 > len(values):
        raise UnknownCrs(
            "坐标是米而坐标系没有分带；请用 --crs EPSG:n 指明分带",
            "the coordinates are metres but the CRS names no zone; pass --crs EPSG:n",
        )
    if _has_prefix(system) and np.count_nonzero((values > 1e5) & (values < 1e6)) * 2 > len(values):
        return _without_prefix(system)
    return None


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
        return _own_meridian(float(own[1]))
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


def _proj(crs: pyproj.CRS) -> pyproj.Proj:
    # Made anew each time: unlike a Transformer, a Proj is bound to the thread that made it.
    with warnings.catch_warnings():
        # pyproj warns that PROJ strings lose metadata; the projection itself is kept.
        warnings.simplefilter("ignore")
        return pyproj.Proj(crs)


# --- choosing --------------------------------------------------------------------------------------------------------


def _total_bounds(frames: Sequence[gpd.GeoDataFrame | gpd.GeoSeries]) -> Bounds | None:
    boxes = np.array([frame.total_bounds for frame in frames if len(frame)])
    boxes = boxes[np.isfinite(boxes).all(axis=1)] if len(boxes) else boxes
    if len(boxes) == 0:
        return None
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


@lru_cache(maxsize=256)
def _chosen(own: pyproj.CRS, bounds: Bounds | None, margin: float) -> pyproj.CRS:
    if bounds is None:
        # Nothing to measure: any metric CRS serves, the own one first.
        return own if _is_metric(own) else _zone_at(105.0, 35.0)
    lon, lat = _sampled(own, bounds, margin)
    if _is_metric(own) and _qualifies(own, lon, lat):
        return own
    middle = (float(lon.min()) + float(lon.max())) / 2
    for candidate in (_zone_at(middle, float(lat.mean())), _own_meridian(middle)):
        if _qualifies(candidate, lon, lat):
            return candidate
    width = _width_km(lon, lat)
    raise TooWide(
        f"数据东西宽 {width:,.0f} 公里，超过一个计算坐标系的上限（约 570 公里）；请分片",
        f"the data are {width:,.0f} km wide, more than one computing CRS allows (about 570 km); split them",
    )


def _sampled(
    crs: pyproj.CRS, bounds: tuple[float, float, float, float], margin: float
) -> tuple[np.ndarray, np.ndarray]:
    # 9 x 9 points in the own CRS: scale changes smoothly, so its extremes lie on such a lattice to well below 0.1 %.
    west, south, east, north = bounds
    if crs.is_projected:
        metre = crs.axis_info[0].unit_conversion_factor or 1.0
        pad_x = pad_y = margin / metre
    else:
        pad_y = margin / 111_000.0
        pad_x = pad_y / max(np.cos(np.radians((south + north) / 2)), 0.01)
    x, y = np.meshgrid(np.linspace(west - pad_x, east + pad_x, 9), np.linspace(south - pad_y, north + pad_y, 9))
    lon, lat = to_wgs84(x.ravel(), y.ravel(), crs)
    fits = np.isfinite(lon) & np.isfinite(lat)
    if not fits.any():
        raise UnknownCrs(f"坐标不在坐标系 {_named(crs)} 之内", f"the coordinates lie outside {_named(crs)}")
    return lon[fits], lat[fits]


def _is_metric(crs: pyproj.CRS) -> bool:
    if not crs.is_projected or crs.coordinate_operation is None:
        return False
    # Rule C1: pseudo-Mercator never qualifies, not even on the equator where its scale is 1.
    if crs.coordinate_operation.method_name == _WEB_METHOD:
        return False
    return all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])


def _qualifies(crs: pyproj.CRS, lon: np.ndarray, lat: np.ndarray) -> bool:
    try:
        factors = _proj(crs).get_factors(lon, lat)
    except ProjError:
        return False
    scales = np.concatenate([np.ravel(factors.tissot_semimajor), np.ravel(factors.tissot_semiminor)])
    return bool(np.isfinite(scales).all() and np.abs(scales - 1.0).max() < MAX_SCALE_ERROR)


def _zone_at(lon: float, lat: float) -> pyproj.CRS:
    if shapely.contains_xy(_CHINA, lon, lat):
        zone = int(min(max(round(lon / 3), 25), 45))
        return parse_crs(f"EPSG:{4509 + zone}")
    zone = int(np.floor((lon + 180) / 6)) % 60 + 1
    return parse_crs(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}")


def _own_meridian(lon: float) -> pyproj.CRS:
    # A tenth of a degree keeps the name short and steady under small edits.
    middle = round(lon, 1)
    parts = {"proj": "tmerc", "lat_0": 0, "lon_0": middle, "k": 1, "x_0": 500000, "datum": "WGS84", "units": "m"}
    described = pyproj.CRS.from_dict(parts).to_json_dict()
    return pyproj.CRS.from_json_dict({**described, "name": f"{_OWN} {middle:g}"})


def _width_km(lon: np.ndarray, lat: np.ndarray) -> float:
    # Along the parallel nearest the equator, where the same degrees are widest.
    widest = float(np.clip(0.0, lat.min(), lat.max()))
    return float(np.ptp(lon) * 111.32 * np.cos(np.radians(widest)))


# --- CGCS2000 zones --------------------------------------------------------------------------------------------------


def _is_cgcs2000(crs: pyproj.CRS) -> bool:
    base = crs.geodetic_crs
    datum = base.datum if base is not None else None
    if datum is None or base is None:
        return False
    words = f"{base.name} {datum.name}".casefold()
    return "cgcs2000" in words or "cgcs_2000" in words or "china 2000" in words or "china_2000" in words


def _prefixed_zone(crs: pyproj.CRS, zones: np.ndarray) -> pyproj.CRS | None:
    if len(zones) > 1:
        found = ", ".join(str(zone) for zone in zones)
        raise UnknownCrs(
            f"横坐标带号不止一个：{found}；请分带导入", f"eastings of several zones: {found}; import zone by zone"
        )
    zone = int(zones[0])
    chosen = parse_crs(f"EPSG:{4488 + zone if zone >= 25 else 4478 + zone}")
    return None if chosen == crs else chosen


def _has_prefix(crs: pyproj.CRS) -> bool:
    return _false_easting(crs) > 1e6


def _false_easting(crs: pyproj.CRS) -> float:
    operation = crs.coordinate_operation
    if operation is None:
        return 0.0
    return next((float(p.value) for p in operation.params if p.name == "False easting"), 0.0)


def _without_prefix(crs: pyproj.CRS) -> pyproj.CRS:
    zone = int(_false_easting(crs) // 1e6)
    return parse_crs(f"EPSG:{4509 + zone if zone >= 25 else 4489 + zone}")
