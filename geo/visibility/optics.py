"""Compute optics from camera records: defaults, ranges by level, near blind zone (rules R2, R3, U1, U4, U5).

The camera is a pinhole: W pixels across a horizontal field of view hfov show W / (2 d tan(hfov / 2)) pixels per metre
at d metres. IEC 62676-4 defines its levels by that number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.catalog.fields import Limits
from geo.catalog.layers import LAYERS
from geo.errors import BadValue, RowFault
from geo.sentences import sentence

_LAYER = LAYERS["cameras"]
#: Kinds of camera (layer ``cameras``, field ``kind``).
KINDS = _LAYER.field("kind").choices
#: Values of the field ``status``; only online cameras count (rule U6).
STATUSES = _LAYER.field("status").choices
#: Rule U4: kind -> field -> default.
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    kind: {field.name: field.default[kind] for field in _LAYER.fields if isinstance(field.default, Mapping)}
    for kind in KINDS
}
#: Rule U4: the pixel density that a max_range without lens or sensor was stated for, px/m.
RANGE_DENSITY = 25.0
#: No view is computed farther, metres: a record that says so (an hfov of 0.000001) would leave every computing CRS.
FARTHEST_M = 50_000.0

# Rule U5: field -> range of its values.
_LIMITS: Mapping[str, Limits] = {field.name: field.limits or Limits(-np.inf) for field in _LAYER.fields if field.unit}


@dataclass(frozen=True)
class Optics:
    """Optics of cameras as rules R1-R3 need them, in row order; arrays of one length.

    Attributes
    ----------
    kind
        ``fixed``, ``ptz`` or ``panoramic``.
    azimuth
        Degrees clockwise from true north, [0, 360); NaN where unknown.
    hfov, vfov
        Horizontal and vertical field of view, degrees.
    tilt
        Degrees of the optical axis below the horizon; NaN where R2 is not tested.
    height
        Height of the lens, metres above the ground.
    width_px
        Width of the image, pixels.
    max_range
        Largest slant distance from the lens, metres; infinite where none is stated.
    pixels_along_arc
        Whether R3 counts pixels along the arc (panoramic, and fixed with hfov >= 180).
    range_is_stated
        Whether ``max_range`` is the range at 25 px/m, so that other levels scale from it (U4).
    """

    kind: np.ndarray
    azimuth: np.ndarray
    hfov: np.ndarray
    vfov: np.ndarray
    tilt: np.ndarray
    height: np.ndarray
    width_px: np.ndarray
    max_range: np.ndarray
    pixels_along_arc: np.ndarray
    range_is_stated: np.ndarray

    @property
    def azimuth_known(self) -> np.ndarray:
        """Return where R1 can be tested: the azimuth is known, or hfov is 360 and it does not matter (U1)."""
        return np.isfinite(self.azimuth) | (self.hfov >= 360.0)


# --- camera records to optics -----------------------------------------------------------------------------------------


def fill_defaults(cameras: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Optics, list[list[str]]]:
    """Fill missing fields of camera records by rule U4.

    Parameters
    ----------
    cameras
        Rows of layer ``cameras``; any column but the geometry may be missing.

    Returns
    -------
    tuple
        The frame with every layer field and defaults filled in, indexed by id; the optics; and per camera the values
        assumed, each as ``field=value``.

    Raises
    ------
    BadValue
        For impossible values (U5), unknown kinds or statuses, and ids that occur twice; names the rows.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> records = gpd.GeoDataFrame({"id": ["a"], "hfov": [90.0]}, geometry=[shapely.Point(0, 0)], crs=4547)
    >>> frame, _, assumed = fill_defaults(records)
    >>> assumed
    [['kind=fixed', 'height=4', 'width_px=1920', 'height_px=1080', 'vfov=58.72', 'status=online']]
    >>> frame[["height", "site"]].to_dict("records")
    [{'height': 4.0, 'site': 'a'}]
    >>> set(LAYERS["cameras"].names) <= set(frame.columns)
    True
    """
    ids = _ids(cameras)
    faults: list[RowFault] = []
    numbers = {name: _numbers(cameras, name, ids, faults) for name in _LIMITS}
    kind = _checked_choices(cameras, "kind", KINDS, ids, faults)
    status = _checked_choices(cameras, "status", STATUSES, ids, faults)
    _check_unique_ids(ids, faults)
    if faults:
        raise BadValue(
            f"摄像机数据有 {len(faults)} 处不可能的值", f"{len(faults)} impossible values in cameras", rows=faults
        )
    assumed: list[list[str]] = [[] for _ in ids]
    _fill_text(kind, "kind", assumed)
    optics = _fill_optics(numbers, kind, assumed)
    _fill_text(status, "status", assumed)
    _add_assumed_projection(cameras, assumed)
    frame = _frame(cameras, ids, numbers, optics, status)
    return frame, optics, assumed


def _ids(cameras: gpd.GeoDataFrame) -> np.ndarray:
    """Return the ids as text; the row position where one is missing."""
    position = np.arange(len(cameras)).astype(str).astype(object)
    if "id" not in cameras:
        return position
    ids = cameras["id"].astype(object).to_numpy(copy=True)
    missing = pd.isna(ids)
    ids[~missing] = [str(value).strip() for value in ids[~missing]]
    missing |= ids == ""
    ids[missing] = position[missing]
    return ids


def _check_unique_ids(ids: np.ndarray, faults: list[RowFault]) -> None:
    repeated = pd.Index(ids).duplicated()
    faults.extend(
        RowFault("cameras", str(ids[i]), "id", "编号重复 / the id occurs twice", str(ids[i]))
        for i in np.flatnonzero(repeated)
    )


def _numbers(cameras: gpd.GeoDataFrame, name: str, ids: np.ndarray, faults: list[RowFault]) -> np.ndarray:
    """Return a field as floats, NaN where missing; add a fault for text that is not a number and values outside U5."""
    if name not in cameras:
        return np.full(len(ids), np.nan)
    column = cameras[name]
    if column.dtype.kind in "fiu":
        values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    else:
        text = column.astype(object).map(lambda cell: None if isinstance(cell, str) and not cell.strip() else cell)
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan, copy=True)
        not_a_number = np.isnan(values) & ~pd.isna(text).to_numpy()
        faults.extend(
            _fault(ids, i, name, "不是数字 / not a number", column.iloc[i]) for i in np.flatnonzero(not_a_number)
        )
    limits = _LIMITS[name]
    outside = (values < limits.low) | (values > limits.high) | np.isinf(values)
    if not limits.has_low:
        outside |= values == limits.low
    faults.extend(
        _fault(ids, i, name, sentence(f"不在 {limits} 之内", f"outside {limits}"), column.iloc[i])
        for i in np.flatnonzero(outside)
    )
    return values


def _checked_choices(
    cameras: gpd.GeoDataFrame, name: str, known: tuple[str, ...], ids: np.ndarray, faults: list[RowFault]
) -> np.ndarray:
    """Return a field as lower-case text, None where missing; add a fault for each value that is not known."""
    if name not in cameras:
        return np.full(len(ids), None, dtype=object)
    given = cameras[name].astype(object).to_numpy()
    codes, unique = pd.factorize(given)
    tidy = [str(value).strip().casefold() for value in unique]
    for code, value in enumerate(tidy):
        if value and value not in known:
            reason = sentence(f"须为 {', '.join(known)} 之一", f"must be one of {', '.join(known)}")
            faults.extend(_fault(ids, i, name, reason, given[i]) for i in np.flatnonzero(codes == code))
    lookup = np.array([value or None for value in tidy] + [None], dtype=object)
    return lookup[codes]


def _fault(ids: np.ndarray, i: int | np.integer, field: str, reason: str, value: object) -> RowFault:
    return RowFault("cameras", str(ids[i]), field, reason, str(value)[:200])


def _fill_text(values: np.ndarray, name: str, assumed: list[list[str]]) -> None:
    default = _LAYER.field(name).default
    for i in np.flatnonzero(pd.isna(values)):
        values[i] = default
        assumed[i].append(f"{name}={default}")


def _fill_optics(numbers: dict[str, np.ndarray], kind: np.ndarray, assumed: list[list[str]]) -> Optics:
    """Fill the numbers in place (U4) and return them as optics."""
    # U4: an hfov of 180 degrees or more of a ptz is its pan range, not the field of view of its lens
    numbers["hfov"][(kind == "ptz") & (numbers["hfov"] >= 180.0)] = np.nan
    lens_missing = np.isnan(numbers["hfov"]) | np.isnan(numbers["width_px"])
    for name in ("hfov", "height", "width_px", "height_px"):
        missing = np.isnan(numbers[name])
        if missing.any():
            for each in KINDS:
                rows = np.flatnonzero(missing & (kind == each))
                numbers[name][rows] = DEFAULTS[each][name]
                _add_assumed(assumed, rows, f"{name}={DEFAULTS[each][name]:g}")
    missing = np.isnan(numbers["vfov"])
    numbers["vfov"][missing] = default_vfov(numbers["hfov"], numbers["width_px"], numbers["height_px"])[missing]
    for i in np.flatnonzero(missing):
        assumed[i].append(f"vfov={numbers['vfov'][i]:.4g}")
    half_circle = (kind == "fixed") & (numbers["hfov"] >= 180.0)
    _add_assumed(assumed, np.flatnonzero(half_circle), "panoramic for R3")
    numbers["azimuth"] = np.mod(numbers["azimuth"], 360.0)
    max_range = np.where(np.isnan(numbers["max_range"]), np.inf, numbers["max_range"])
    return Optics(
        kind=kind,
        azimuth=numbers["azimuth"],
        hfov=numbers["hfov"],
        vfov=numbers["vfov"],
        tilt=numbers["tilt"],
        height=numbers["height"],
        width_px=numbers["width_px"],
        max_range=max_range,
        pixels_along_arc=half_circle | (kind == "panoramic"),
        range_is_stated=lens_missing & np.isfinite(max_range),
    )


def _add_assumed(assumed: list[list[str]], rows: np.ndarray, text: str) -> None:
    for i in rows:
        assumed[i].append(text)


def _add_assumed_projection(cameras: gpd.GeoDataFrame, assumed: list[list[str]]) -> None:
    """Report a named projection: the sector convention is used for it too (rules, section Seeing)."""
    if "projection" not in cameras:
        return
    for i, value in enumerate(cameras["projection"].astype(object)):
        if isinstance(value, str) and value.strip() and value.strip().casefold() != "sector":
            assumed[i].append(f"projection {value.strip()} computed as sector")


def _frame(
    cameras: gpd.GeoDataFrame, ids: np.ndarray, numbers: dict[str, np.ndarray], optics: Optics, status: np.ndarray
) -> gpd.GeoDataFrame:
    """Return the records as used: every layer field present, defaults filled in, index = id."""
    columns: dict[str, object] = {
        name: cameras[name].to_numpy() for name in cameras.columns if name != cameras.geometry.name
    }
    for field in LAYERS["cameras"].all_fields:
        columns.setdefault(field.name, np.full(len(ids), np.nan if field.kind in {"number", "integer"} else None))
    columns.update(numbers)
    columns["id"], columns["kind"], columns["status"] = ids, optics.kind, status
    site = np.array(columns["site"], dtype=object)
    empty = pd.isna(site) | (site == "")
    columns["site"] = np.where(empty, ids, site)
    return gpd.GeoDataFrame(
        columns, geometry=cameras.geometry.to_numpy(), crs=cameras.crs, index=pd.Index(ids, dtype=object)
    )


# --- formulas ------------------------------------------------------------------------------------------------------


def default_vfov(hfov: np.ndarray, width_px: np.ndarray, height_px: np.ndarray) -> np.ndarray:
    """Return the vertical field of view of a lens without distortion, degrees (U4); 180 where hfov >= 180.

    Parameters
    ----------
    hfov
        Horizontal fields of view, degrees.
    width_px, height_px
        Size of the image, pixels.

    Examples
    --------
    A square image is as high as it is wide:

    >>> import numpy as np
    >>> default_vfov(np.array([90.0, 200.0]), np.array([1000.0, 1000.0]), np.array([1000.0, 1000.0])).round(9).tolist()
    [90.0, 180.0]
    """
    half = np.tan(np.radians(np.where(hfov < 180.0, hfov, 90.0)) / 2)
    return np.where(hfov >= 180.0, 180.0, np.degrees(2 * np.arctan(half * height_px / width_px)))


def slant_range(optics: Optics, ppm: float) -> np.ndarray:
    """Return the largest slant distance at which a pixel density is met, metres, at most max_range and 50 km (R3, U4).

    Parameters
    ----------
    optics
        The cameras.
    ppm
        Pixels per metre at the target.

    Notes
    -----
    Fixed and ptz: W / (2 ppm tan(hfov/2)), with W pixels across; panoramic: W / (ppm hfov), hfov in radians.

    Examples
    --------
    1,000 pixels across 90 degrees show 25 px/m at 1,000 / (2 x 25 x tan 45) = 20 m:

    >>> import geopandas as gpd, shapely
    >>> records = gpd.GeoDataFrame({"hfov": [90.0], "width_px": [1000]}, geometry=[shapely.Point(0, 0)], crs=4547)
    >>> _, optics, _ = fill_defaults(records)
    >>> slant_range(optics, 25.0).round(9).tolist()
    [20.0]
    """
    half = np.tan(np.radians(np.where(optics.hfov < 180.0, optics.hfov, 90.0)) / 2)
    with np.errstate(divide="ignore", over="ignore"):
        lens = np.where(
            optics.pixels_along_arc,
            optics.width_px / (ppm * np.radians(optics.hfov)),
            optics.width_px / (2 * ppm * half),
        )
    lens = np.where(optics.range_is_stated, optics.max_range * (RANGE_DENSITY / ppm), lens)
    return np.minimum(np.minimum(lens, optics.max_range), FARTHEST_M)


def ground_range(slant: np.ndarray, height: np.ndarray, target_height: float) -> np.ndarray:
    """Return the ground distance at which the slant distance equals the range, metres; 0 where out of range.

    Parameters
    ----------
    slant
        Largest slant distances, metres.
    height
        Heights of the lenses, metres above the ground.
    target_height
        Metres above the ground.

    Examples
    --------
    The 3-4-5 triangle: 5 m of slant, 3 m of height above the target, 4 m on the ground:

    >>> import numpy as np
    >>> ground_range(np.array([5.0, 2.0]), np.array([4.6, 4.6]), 1.6).tolist()
    [4.0, 0.0]
    """
    drop = height - target_height
    return np.sqrt(np.maximum(slant * slant - drop * drop, 0.0))


def tilt_ground_band(optics: Optics, target_height: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ground distances between which R2 is met, metres: end of the near blind zone, and far end.

    The far end is infinite where the view reaches the horizon, and 0 where R2 is met nowhere.

    Parameters
    ----------
    optics
        The cameras; where tilt is missing R2 is not tested.
    target_height
        Metres above the ground.

    Examples
    --------
    A lens 10 m above the target, looking 45 degrees down with a vfov of 36.87 degrees, sees between depression angles
    of 26.565 (10 / 20) and 63.435 degrees (10 / 5):

    >>> import geopandas as gpd, shapely
    >>> record = {"height": [11.6], "tilt": [45.0], "vfov": [36.869898]}
    >>> _, optics, _ = fill_defaults(gpd.GeoDataFrame(record, geometry=[shapely.Point(0, 0)], crs=4547))
    >>> near, far = tilt_ground_band(optics, 1.6)
    >>> near.round(3).tolist(), far.round(3).tolist()
    ([5.0], [20.0])
    """
    drop = optics.height - target_height
    above = drop < 0  # the target is above the lens: depression angles are negative, mirror them
    low, high = optics.tilt - optics.vfov / 2, optics.tilt + optics.vfov / 2
    low, high = np.where(above, -high, low), np.where(above, -low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(high >= 90.0, 0.0, np.abs(drop) / np.tan(np.radians(high)))
        far = np.where(low <= 0.0, np.inf, np.abs(drop) / np.tan(np.radians(low)))
    far = np.where((high <= 0.0) | (low >= 90.0), 0.0, far)
    level = drop == 0.0
    near = np.where(level | (high <= 0.0), 0.0, near)
    far = np.where(level, np.where((low <= 0.0) & (high >= 0.0), np.inf, 0.0), far)
    untested = np.isnan(optics.tilt)
    return np.where(untested, 0.0, near), np.where(untested, np.inf, far)
