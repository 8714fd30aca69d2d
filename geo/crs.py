"""Name, parse and transform coordinate reference systems (rules C1, L3); only `geo/crs*.py` name EPSG codes.

Projections are those of PROJ (proj.org), but for GCJ-02 and BD-09 (`geo.crs_gcj`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike
from pyproj.exceptions import CRSError

from geo import crs_gcj, crs_stored, crs_words
from geo.errors import CrsMismatch, UnknownCrs

if TYPE_CHECKING:
    import geopandas as gpd

#: Every store and every GeoJSON answer; defined where nothing else is loaded.
STORAGE_CRS = crs_stored.STORAGE_CRS

GCJ02, BD09 = "gcj02", "bd09"
_CGCS2000 = "EPSG:4490"

# Accepted spellings, normalised (no case, spaces, - and _).
_NAMES = {
    "wgs84": STORAGE_CRS,
    "crs84": STORAGE_CRS,
    "ogc:crs84": STORAGE_CRS,
    "urn:ogc:def:crs:ogc:1.3:crs84": STORAGE_CRS,
    "http://www.opengis.net/def/crs/ogc/1.3/crs84": STORAGE_CRS,
    "cgcs2000": _CGCS2000,
    "西安80": "EPSG:4610",
    "北京54": "EPSG:4214",
}
_CODE = re.compile(r"(?:urn:ogc:def:crs:([a-z]{2,8}):[\d.]*:|([a-z]{2,8}):)?(\d{1,7})", re.IGNORECASE)
_LOCAL_TM = "WGS 84 / Transverse Mercator"
_LOCAL_TM_NAME = re.compile(rf"{_LOCAL_TM} (-?\d+(?:\.\d)?)")
_OGC = "http://www.opengis.net/def/crs"
#: Longitude, latitude in WGS-84 degrees: the default of GeoJSON and of every OGC parameter.
CRS84 = f"{_OGC}/OGC/1.3/CRS84"
# CGCS2000 in 6-degree zones 13-23 and 3-degree zones 25-45, each with and without the zone number before the easting;
# UTM zones 43-53 north: the CRSs that maps of a county of China are in.
_OFFERED_CODES = (4326, 4490, *range(4513, 4555), *range(4491, 4513), 3857, *range(32643, 32654))
#: URI -> name of every CRS that the OGC interface accepts and returns coordinates in; CRS84 first.
OFFERED = {CRS84: STORAGE_CRS, **{f"{_OGC}/EPSG/0/{code}": f"EPSG:{code}" for code in _OFFERED_CODES}}
_AUTHORITIES = {"EPSG", "ESRI", "IGNF", "OGC"}


def parse_crs(text: str | int | pyproj.CRS | None) -> pyproj.CRS:
    """Return the horizontal CRS that a text, code or pyproj object names (rule L3).

    Parameters
    ----------
    text
        ``EPSG:n``, ``n``, ``wgs84``, ``cgcs2000``, an OGC URN, WKT, or a pyproj CRS; of a compound one the
        horizontal part is taken.

    Raises
    ------
    UnknownCrs
        For an empty text, for what PROJ does not know, and for ``gcj02`` and ``bd09``, which are shifts without a
        projection.

    Examples
    --------
    >>> parse_crs("cgcs2000").to_epsg(), parse_crs(4547).name
    (4490, 'CGCS2000 / 3-degree Gauss-Kruger CM 114E')
    """
    if text is None or (isinstance(text, str) and not text.strip()):
        raise UnknownCrs("没有坐标系；请用 --crs 指明", "no CRS is named; name one with --crs")
    if isinstance(text, pyproj.CRS):
        return _horizontal(text)
    plain = str(text).strip()
    if shift_name(plain) is not None:
        raise UnknownCrs(f"{plain} 是加偏坐标，不是投影坐标系", f"{plain} is a shift of WGS-84, not a CRS of its own")
    return _parse(plain)


def shift_name(crs: object) -> str | None:
    """Return ``gcj02`` or ``bd09`` where the text names one of them, else None.

    Examples
    --------
    >>> shift_name("GCJ-02"), shift_name("百度坐标"), shift_name("EPSG:4326")
    ('gcj02', 'bd09', None)
    """
    named = crs_words.system_of_word(crs) if isinstance(crs, str) else None
    return named if named in (GCJ02, BD09) else None


def crs_name(crs: str | int | pyproj.CRS) -> str:
    """Return ``EPSG:n`` where the CRS has an authority code, ``gcj02`` or ``bd09`` for those, else its name.

    Examples
    --------
    >>> crs_name("WGS-84"), crs_name("火星坐标")
    ('EPSG:4326', 'gcj02')
    """
    shift = shift_name(crs)
    return shift if shift is not None else _label(parse_crs(crs))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    """Transform coordinates to WGS-84 degrees.

    CGCS2000 is taken as equal to WGS-84: they differ by less than a metre today, by plate motion.

    Parameters
    ----------
    lon, lat
        Degrees, or x (east) and y (north) in the unit of a projected CRS; NaN stays NaN.
    crs
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or anything `parse_crs` accepts.

    Raises
    ------
    UnknownCrs
        Where no CRS or an unknown one is named (rule L3).

    Examples
    --------
    The central meridian of EPSG:4547 is 114 degrees east, at an easting of 500 km:

    >>> lon, lat = to_wgs84([500_000.0], [0.0], "EPSG:4547")
    >>> lon.round(9).tolist(), abs(lat).round(9).tolist()
    ([114.0], [0.0])
    """
    x, y = _float_arrays(lon, lat)
    shift = shift_name(crs)
    if shift == GCJ02:
        return crs_gcj.wgs84_from_gcj02(x, y)
    if shift == BD09:
        return crs_gcj.wgs84_from_bd09(x, y)
    return _transformed(x, y, parse_crs(crs), parse_crs(STORAGE_CRS))


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    """Transform WGS-84 degrees to another CRS: degrees, or x (east) and y (north) in its unit; inverts `to_wgs84`.

    Examples
    --------
    >>> x, y = from_wgs84([114.0], [0.0], "EPSG:4547")
    >>> x.round(6).tolist(), abs(y).round(6).tolist()
    ([500000.0], [0.0])
    """
    x, y = _float_arrays(lon, lat)
    shift = shift_name(crs)
    if shift == GCJ02:
        return crs_gcj.gcj02_from_wgs84(x, y)
    if shift == BD09:
        return crs_gcj.bd09_from_wgs84(x, y)
    return _transformed(x, y, parse_crs(STORAGE_CRS), parse_crs(crs))


@lru_cache(maxsize=128)
def is_northing_first(uri: str) -> bool:
    """Return whether coordinates in an offered CRS are latitude or northing first, as its authority defines.

    Examples
    --------
    >>> is_northing_first(CRS84), is_northing_first("http://www.opengis.net/def/crs/EPSG/0/4326")
    (False, True)
    """
    return uri != CRS84 and parse_crs(OFFERED[uri]).axis_info[0].direction.casefold() == "north"


def offered_from_wgs84(points: np.ndarray, uri: str) -> np.ndarray:
    """Transform (n, 2) longitudes and latitudes to an offered CRS, in the axis order of its authority.

    Raises
    ------
    UnknownCrs
        For a URI that is not one of `OFFERED`.

    Examples
    --------
    >>> import numpy as np
    >>> offered_from_wgs84(np.array([(114.0, 36.0)]), "http://www.opengis.net/def/crs/EPSG/0/4326").tolist()
    [[36.0, 114.0]]
    """
    x, y = from_wgs84(points[:, 0], points[:, 1], _require_offered(uri))
    return np.column_stack((y, x) if is_northing_first(uri) else (x, y))


def offered_to_wgs84(points: np.ndarray, uri: str) -> np.ndarray:
    """Transform (n, 2) coordinates in an offered CRS, in its axis order, to longitudes and latitudes; NaN outside it.

    Examples
    --------
    >>> import numpy as np
    >>> offered_to_wgs84(np.array([(36.0, 114.0)]), "http://www.opengis.net/def/crs/EPSG/0/4326").tolist()
    [[114.0, 36.0]]
    """
    crs = _require_offered(uri)
    x, y = (points[:, 1], points[:, 0]) if is_northing_first(uri) else (points[:, 0], points[:, 1])
    return np.column_stack(to_wgs84(x, y, crs))


def _require_offered(uri: str) -> str:
    if uri not in OFFERED:
        raise UnknownCrs(f"坐标系 {uri[:80]} 不在所列之中", f"the CRS {uri[:80]} is not one of those offered")
    return OFFERED[uri]


def frame_to_wgs84(frame: gpd.GeoDataFrame, crs: str | pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the frame in EPSG:4326; its coordinates are taken as being in ``crs``, whatever CRS the frame has.

    Vertices are transformed and edges remain straight between them; heights (z) remain unchanged in EPSG:4326 and
    EPSG:4490, and are dropped otherwise.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> frame = frame_to_wgs84(gpd.GeoDataFrame(geometry=[shapely.Point(500_000, 0)]), "EPSG:4547")
    >>> frame.crs.to_epsg(), frame.geometry.x.round(9).tolist()
    (4326, [114.0])
    """
    import geopandas as gpd  # noqa: PLC0415 (loaded by who asks for frames)

    shapes = frame.geometry.to_numpy()
    if not is_storage(crs):

        def transformed(points: np.ndarray) -> np.ndarray:
            return np.column_stack(to_wgs84(points[:, 0], points[:, 1], crs))

        shapes = shapely.transform(shapely.force_2d(shapes), transformed)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=STORAGE_CRS, name=frame.geometry.name))


def is_storage(crs: str | pyproj.CRS) -> bool:
    """Return whether coordinates in this CRS are stored unchanged: WGS-84 and CGCS2000 degrees.

    Examples
    --------
    >>> is_storage("cgcs2000"), is_storage("EPSG:4547"), is_storage("gcj02")
    (True, False, False)
    """
    return shift_name(crs) is None and _label(parse_crs(crs)) in (STORAGE_CRS, _CGCS2000)


def require_same_crs(*frames: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """Return the CRS that all frames share (rule C1).

    Raises
    ------
    UnknownCrs
        Where a frame has none.
    CrsMismatch
        Where two frames differ by more than axis order.

    Examples
    --------
    >>> import geopandas as gpd
    >>> require_same_crs(gpd.GeoSeries([], crs=4547), gpd.GeoSeries([], crs=4547)).to_epsg()
    4547
    """
    found: pyproj.CRS | None = None
    for frame in frames:
        if frame.crs is None:
            raise UnknownCrs("数据没有坐标系", "a frame has no CRS")
        if found is None:
            found = frame.crs
        elif frame.crs != found and not frame.crs.equals(found, ignore_axis_order=True):
            first, other = _label(found), _label(frame.crs)
            raise CrsMismatch(f"坐标系不一致：{first} 与 {other}", f"frames are in different CRSs: {first} and {other}")
    if found is None:
        raise UnknownCrs("没有数据", "no frame was given, so there is no CRS")
    return found


def local_transverse_mercator(lon: float) -> pyproj.CRS:
    """Return a transverse Mercator on the meridian of a longitude, degrees, rounded to a tenth.

    Examples
    --------
    >>> local_transverse_mercator(103.04).name
    'WGS 84 / Transverse Mercator 103'
    """
    # A tenth of a degree keeps the name short, and the same after small changes of the data.
    middle = round(lon, 1)
    parts = {"proj": "tmerc", "lat_0": 0, "lon_0": middle, "k": 1, "x_0": 500000, "datum": "WGS84", "units": "m"}
    described = pyproj.CRS.from_dict(parts).to_json_dict()
    return pyproj.CRS.from_json_dict({**described, "name": f"{_LOCAL_TM} {middle:g}"})


# --- names ---------------------------------------------------------------------------------------------------------


def _normalised_name(text: object) -> str:
    return re.sub(r"[\s_-]", "", str(text)).casefold()


@lru_cache(maxsize=256)
def _parse(text: str) -> pyproj.CRS:
    word = crs_words.system_of_word(text)
    named = _NAMES.get(_normalised_name(text)) or _NAMES.get(word or "")
    if named is not None:
        return pyproj.CRS.from_user_input(named)
    own = _LOCAL_TM_NAME.fullmatch(text)
    if own is not None:
        return local_transverse_mercator(float(own[1]))
    text = word or text
    code = _CODE.fullmatch(text)
    # Never pass free text to PROJ: it would look up names, files and pipelines.
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
    raise UnknownCrs(
        f"不认识的坐标系：{shown}；可用：{crs_words.KNOWN_ZH}", f"unknown CRS: {shown}; there are: {crs_words.KNOWN_EN}"
    )


def _horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if not (crs.is_geographic or crs.is_projected):
        raise UnknownCrs(f"坐标系没有地理位置：{crs.name}", f"CRS {crs.name} has no place on the Earth")
    return crs


@lru_cache(maxsize=256)
def _label(crs: pyproj.CRS) -> str:
    # A search in PROJ's database takes a third of a second: only for the WKT of a Shapefile, which has no code.
    code = crs.to_json_dict().get("id")
    if isinstance(code, dict) and "authority" in code and "code" in code:
        return f"{code['authority']}:{code['code']}"
    authority = crs.to_authority(auth_name="EPSG", min_confidence=90) or crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.name)


# --- transforming ----------------------------------------------------------------------------------------------------


def _float_arrays(lon: ArrayLike, lat: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _transformed(x: np.ndarray, y: np.ndarray, source: pyproj.CRS, target: pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    same_degrees = (STORAGE_CRS, _CGCS2000)
    if _label(source) in same_degrees and _label(target) in same_degrees:
        return x.copy(), y.copy()
    target_x, target_y = transformer(source, target).transform(x, y)
    return _nan_where_infinite(target_x), _nan_where_infinite(target_y)


def _nan_where_infinite(values: ArrayLike) -> np.ndarray:
    # PROJ returns infinity where a point has no image; frames and readers use NaN for missing.
    array = np.asarray(values, dtype=float)
    return np.where(np.isfinite(array), array, np.nan)


@lru_cache(maxsize=256)  # both directions of every offered CRS: PROJ needs a third of a second to create one
def transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Return the transformer of x and y (longitude and latitude) from one CRS to another; raise UnknownCrs for none.

    Examples
    --------
    >>> x, y = transformer(pyproj.CRS(4326), pyproj.CRS(32648)).transform(105.0, 0.0)
    >>> round(x), round(y)
    (500000, 0)
    """
    try:
        return pyproj.Transformer.from_crs(source, target, always_xy=True)
    except pyproj.exceptions.ProjError:
        # PROJ has no transformation between the two: an engineering CRS or another celestial body.
        raise UnknownCrs(
            f"坐标系 {source.name} 与 {target.name} 之间不能换算",
            f"there is no way from CRS {source.name} to {target.name}",
        ) from None
