"""Turn camera records into optics: defaults, ranges by level, blind zone (rules R2, R3, U1, U4, U5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.catalog.fields import Limits
from geo.catalog.layers import LAYERS
from geo.errors import BadValue, RowFault

_LAYER = LAYERS["cameras"]
KINDS = _LAYER.field("kind").choices
STATUSES = _LAYER.field("status").choices
#: Rule U4: kind -> field -> default.
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    kind: {one.name: one.default[kind] for one in _LAYER.fields if isinstance(one.default, Mapping)} for kind in KINDS
}
#: Rule U4: the density at which a max_range without lens or sensor was stated, px/m.
RANGE_DENSITY = 25.0

#: Numbers that optics are made of -> what they must lie in (rule U5).
_LIMITS: Mapping[str, Limits] = {one.name: one.limits or Limits(-np.inf) for one in _LAYER.fields if one.unit}


@dataclass(frozen=True)
class Optics:
    """Hold what rules R1-R3 need of each camera, in row order; arrays of one length.

    Attributes
    ----------
    kind
        ``fixed``, ``ptz`` or ``panoramic``.
    azimuth
        Degrees clockwise from true north, [0, 360); NaN where unknown.
    hfov, vfov
        Degrees.
    tilt
        Degrees below the horizon; NaN where R2 is not tested.
    height
        The lens, metres above the ground.
    width_px
        Pixels.
    max_range
        Metres from the lens; infinite where there is none.
    all_round
        Whether R3 counts pixels along the arc (panoramic, and fixed with hfov >= 180).
    stated
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
    all_round: np.ndarray
    stated: np.ndarray

    @property
    def azimuth_known(self) -> np.ndarray:
        """Return where R1 can be tested: the azimuth is known, or hfov is 360 and it does not matter (U1)."""
        return np.isfinite(self.azimuth) | (self.hfov >= 360.0)


# --- records -> optics ---------------------------------------------------------------------------------------------


def complete(cameras: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Optics, list[list[str]]]:
    """Fill what is missing in camera records by rule U4.

    Parameters
    ----------
    cameras
        Rows of layer ``cameras``; any column but the geometry may be missing.

    Returns
    -------
    tuple
        The frame with every layer field and defaults filled in, indexed by id; the optics; and per camera what was
        assumed, each as ``field=value``.

    Raises
    ------
    BadValue
        For impossible values (U5), unknown kinds or statuses, and ids that occur twice, naming the rows.
    """
    ids = _identifiers(cameras)
    faults: list[RowFault] = []
    numbers = {name: _numbers(cameras, name, ids, faults) for name in _LIMITS}
    kind = _choices(cameras, "kind", KINDS, ids, faults)
    status = _choices(cameras, "status", STATUSES, ids, faults)
    _refuse_twice(ids, faults)
    if faults:
        raise BadValue(
            f"摄像机数据有 {len(faults)} 处不可能的值", f"{len(faults)} impossible values in cameras", rows=faults
        )
    assumed: list[list[str]] = [[] for _ in ids]
    _fill_text(kind, "kind", assumed)
    optics = _fill_optics(numbers, kind, assumed)
    _fill_text(status, "status", assumed)
    _note_projection(cameras, assumed)
    frame = _frame(cameras, ids, numbers, optics, status)
    return frame, optics, assumed


def _identifiers(cameras: gpd.GeoDataFrame) -> np.ndarray:
    """Return the ids as text; a missing one is the row position."""
    position = np.arange(len(cameras)).astype(str).astype(object)
    if "id" not in cameras:
        return position
    ids = cameras["id"].astype(object).to_numpy(copy=True)
    missing = pd.isna(ids)
    ids[~missing] = [str(value).strip() for value in ids[~missing]]
    missing |= ids == ""
    ids[missing] = position[missing]
    return ids


def _refuse_twice(ids: np.ndarray, faults: list[RowFault]) -> None:
    twice = pd.Index(ids).duplicated()
    faults.extend(
        RowFault("cameras", str(ids[i]), "id", "编号重复 / the id occurs twice", str(ids[i]))
        for i in np.flatnonzero(twice)
    )


def _numbers(cameras: gpd.GeoDataFrame, name: str, ids: np.ndarray, faults: list[RowFault]) -> np.ndarray:
    """Return a field as floats, NaN where missing; note text that is no number and values outside U5."""
    if name not in cameras:
        return np.full(len(ids), np.nan)
    column = cameras[name]
    if column.dtype.kind in "fiu":
        values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    else:
        text = column.astype(object).map(lambda cell: None if isinstance(cell, str) and not cell.strip() else cell)
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan, copy=True)
        unread = np.isnan(values) & ~pd.isna(text).to_numpy()
        faults.extend(_fault(ids, i, name, "不是数字 / not a number", column.iloc[i]) for i in np.flatnonzero(unread))
    limits = _LIMITS[name]
    outside = (values < limits.low) | (values > limits.high) | np.isinf(values)
    if not limits.has_low:
        outside |= values == limits.low
    faults.extend(
        _fault(ids, i, name, f"不在 {limits} 之内 / outside {limits}", column.iloc[i]) for i in np.flatnonzero(outside)
    )
    return values


def _choices(
    cameras: gpd.GeoDataFrame, name: str, known: tuple[str, ...], ids: np.ndarray, faults: list[RowFault]
) -> np.ndarray:
    """Return a field as lower-case text, None where missing; note what is not among the known ones."""
    if name not in cameras:
        return np.full(len(ids), None, dtype=object)
    given = cameras[name].astype(object).to_numpy()
    codes, unique = pd.factorize(given)
    tidy = [str(value).strip().casefold() for value in unique]
    for code, value in enumerate(tidy):
        if value and value not in known:
            reason = f"须为 {', '.join(known)} 之一 / must be one of {', '.join(known)}"
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
    """Fill the numbers in place (U4) and gather them."""
    # U4: a ptz that names 180 degrees or more names how far it turns, not its lens
    numbers["hfov"][(kind == "ptz") & (numbers["hfov"] >= 180.0)] = np.nan
    lens_missing = np.isnan(numbers["hfov"]) | np.isnan(numbers["width_px"])
    for name in ("hfov", "height", "width_px", "height_px"):
        missing = np.isnan(numbers[name])
        if missing.any():
            for one in KINDS:
                rows = np.flatnonzero(missing & (kind == one))
                numbers[name][rows] = DEFAULTS[one][name]
                _note(assumed, rows, f"{name}={DEFAULTS[one][name]:g}")
    missing = np.isnan(numbers["vfov"])
    numbers["vfov"][missing] = default_vfov(numbers["hfov"], numbers["width_px"], numbers["height_px"])[missing]
    for i in np.flatnonzero(missing):
        assumed[i].append(f"vfov={numbers['vfov'][i]:.4g}")
    wide = (kind == "fixed") & (numbers["hfov"] >= 180.0)
    _note(assumed, np.flatnonzero(wide), "panoramic for R3")
    numbers["azimuth"] = np.mod(numbers["azimuth"], 360.0)
    limit = np.where(np.isnan(numbers["max_range"]), np.inf, numbers["max_range"])
    return Optics(
        kind=kind,
        azimuth=numbers["azimuth"],
        hfov=numbers["hfov"],
        vfov=numbers["vfov"],
        tilt=numbers["tilt"],
        height=numbers["height"],
        width_px=numbers["width_px"],
        max_range=limit,
        all_round=wide | (kind == "panoramic"),
        stated=lens_missing & np.isfinite(limit),
    )


def _note(assumed: list[list[str]], rows: np.ndarray, text: str) -> None:
    for i in rows:
        assumed[i].append(text)


def _note_projection(cameras: gpd.GeoDataFrame, assumed: list[list[str]]) -> None:
    """Say where a projection is named: the sector convention is used all the same (rules, section Seeing)."""
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
    """Return the vertical field of view of a lens without distortion, degrees (U4); 180 where hfov >= 180."""
    half = np.tan(np.radians(np.where(hfov < 180.0, hfov, 90.0)) / 2)
    return np.where(hfov >= 180.0, 180.0, np.degrees(2 * np.arctan(half * height_px / width_px)))


def slant_range(optics: Optics, ppm: float) -> np.ndarray:
    """Return how far from the lens a density is still met, metres, max_range included (R3, U4).

    Parameters
    ----------
    optics
        The cameras.
    ppm
        Pixels per metre of target.

    Notes
    -----
    Fixed and ptz: W / (2 ppm tan(hfov/2)), with W pixels across; panoramic: W / (ppm hfov), hfov in radians.
    """
    half = np.tan(np.radians(np.where(optics.hfov < 180.0, optics.hfov, 90.0)) / 2)
    lens = np.where(
        optics.all_round, optics.width_px / (ppm * np.radians(optics.hfov)), optics.width_px / (2 * ppm * half)
    )
    lens = np.where(optics.stated, optics.max_range * (RANGE_DENSITY / ppm), lens)
    return np.minimum(lens, optics.max_range)


def ground_reach(slant: np.ndarray, height: np.ndarray, target_height: float) -> np.ndarray:
    """Return the ground distance at which a target's slant distance equals the range, metres; 0 where out of range."""
    drop = height - target_height
    return np.sqrt(np.maximum(slant * slant - drop * drop, 0.0))


def tilt_band(optics: Optics, target_height: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ground distances between which R2 holds, metres: (blind zone, far end).

    The far end is infinite where the view reaches the horizon, and 0 where R2 holds nowhere.

    Parameters
    ----------
    optics
        The cameras; where tilt is missing R2 is not tested.
    target_height
        Metres above the ground.
    """
    drop = optics.height - target_height
    up = drop < 0  # the target is above the lens: depression angles are negative, mirror them
    low, high = optics.tilt - optics.vfov / 2, optics.tilt + optics.vfov / 2
    low, high = np.where(up, -high, low), np.where(up, -low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(high >= 90.0, 0.0, np.abs(drop) / np.tan(np.radians(high)))
        far = np.where(low <= 0.0, np.inf, np.abs(drop) / np.tan(np.radians(low)))
    far = np.where((high <= 0.0) | (low >= 90.0), 0.0, far)
    level = drop == 0.0
    near = np.where(level | (high <= 0.0), 0.0, near)
    far = np.where(level, np.where((low <= 0.0) & (high >= 0.0), np.inf, 0.0), far)
    untested = np.isnan(optics.tilt)
    return np.where(untested, 0.0, near), np.where(untested, np.inf, far)
