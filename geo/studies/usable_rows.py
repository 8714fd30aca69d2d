"""Leave out of an analysis the rows that would stop it, and say which: far from all others, or not to be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.layers import INPUTS, LAYERS, ZONE_INPUTS
from geo.crs import STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, RowFault, TooWide
from geo.outliers import Outliers, find_outliers, near_null_island
from geo.row_keys import row_keys
from geo.sentences import sentence
from geo.visibility.optics import fill_defaults

#: Rows that one note names.
MAX_NAMED = 20
#: No place is wanted more, per m2, m or point: sums of larger weights are no numbers any more.
HEAVIEST = 1e9
#: Kinds of demand by the dimension of their shapes.
_KINDS = (("点", "points"), ("线", "lines"), ("面", "polygons"))
#: Which layers say where the data are: zones, else what else there is, else the cameras.
_FIRM = (ZONE_INPUTS, tuple(name for name in INPUTS if name not in (*ZONE_INPUTS, "cameras")), ("cameras",))


@dataclass(frozen=True)
class UsableRows:
    """What an analysis can use of its input.

    Attributes
    ----------
    frames
        Layer -> rows without those left out; layers without a row are absent.
    notes
        What was left out and why, each as ``中文 / English`` with the keys of the rows.
    left_out
        Layer -> notes that name its rows.
    """

    frames: dict[str, gpd.GeoDataFrame]
    notes: tuple[str, ...]
    left_out: Mapping[str, Sequence[str]]


def usable_rows(frames: Mapping[str, gpd.GeoDataFrame]) -> UsableRows:
    """Return the rows that can be analysed together, with notes on the others.

    Cameras of status ``removed`` are left out without a note: they are in the store as what was there.

    Left out are rows without a shape where a layer allows them, rows far from all others, which would make the data too
    wide for a computing CRS (rule C1), and cameras without a position. A value that is impossible (rule U5), as another
    program may write into a workspace, counts as missing, and a status that is not understood as unknown (rule U1). A
    weight of demand that is negative, no number or above 1e9 is missing too. Demand of several kinds (rule D3) is that
    of its most frequent kind: on a server any planner adds rows to it.


    Parameters
    ----------
    frames
        Layer -> frame, all in one CRS.

    Raises
    ------
    TooWide
        The rows lie at two places far apart, of which neither is the main one, or are wider than a computing CRS.

    Examples
    --------
    >>> points = gpd.GeoSeries([shapely.Point(102.86, 37.47), shapely.Point(0, 0)], crs=4326)
    >>> found = usable_rows({"cameras": gpd.GeoDataFrame({"id": ["c1", "z"]}, geometry=points)})
    >>> found.frames["cameras"]["id"].tolist()
    ['c1']
    >>> print(found.notes[0].partition(" / ")[2])
    1 row of layer cameras far from all others left out: z (at 0, 0; 11,139 km away)
    """
    notes: dict[str, list[str]] = defaultdict(list)
    used = dict(frames)
    for name in [name for name in used if not LAYERS[name].needs_shape]:
        used[name] = _with_shapes(used[name], name, notes[name])
    if "cameras" in used:
        used["cameras"] = still_there(used["cameras"])
        used["cameras"] = _readable_cameras(used["cameras"], notes["cameras"])
    if "demand" in used:
        used["demand"] = _weighed_demand(_demand_of_one_kind(used["demand"], notes["demand"]), notes["demand"])
    outliers = find_outliers(used, _FIRM)
    for name, mask in outliers.is_far.items():
        if mask.any():
            notes[name].insert(0, _note(used[name], name, mask, outliers))
            used[name] = used[name][~mask]
    _require_one_place({name: frame for name, frame in used.items() if len(frame)})
    if "cameras" in used and (unset := _all_at_origin(used["cameras"])):
        notes["cameras"].append(unset)
    named = {name: tuple(texts) for name, texts in notes.items() if texts}
    return UsableRows(
        {name: frame for name, frame in used.items() if len(frame)},
        tuple(text for texts in named.values() for text in texts),
        named,
    )


def rows_with_shape(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a shape: those of a layer where some are names and codes only.

    Examples
    --------
    >>> rows = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[None, shapely.box(0, 0, 1, 1)], crs=4326)
    >>> rows_with_shape(rows)["code"].tolist()
    ['b']
    """
    lacking = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy(bool)
    return frame[~lacking] if lacking.any() else frame


def still_there(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cameras without those that were removed: the store keeps them, no analysis and no map has them.

    Examples
    --------
    >>> points = gpd.points_from_xy([103.1, 103.2], [37.6, 37.6], crs="EPSG:4326")
    >>> rows = gpd.GeoDataFrame({"id": ["c1", "c2"], "status": ["removed", None]}, geometry=points)
    >>> still_there(rows)["id"].tolist()
    ['c2']
    """
    if "status" not in cameras:
        return cameras
    gone = (cameras["status"].astype(object) == "removed").to_numpy(bool)
    return cameras[~gone] if gone.any() else cameras


def without_outliers(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return the frames without rows far from all others, which a map of the data must not be stretched to."""
    far = find_outliers(frames, _FIRM).is_far
    return {name: frame[~far[name]] if name in far else frame for name, frame in frames.items()}


def _require_one_place(frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Raise TooWide, naming both places, where the rows lie at two that no computing CRS holds and none is the main."""
    if not frames:
        return
    try:
        metric_crs_for(*frames.values())
    except TooWide as error:
        parts = find_outliers(frames, _FIRM, choose=True)
        places: list[tuple[int, float, float]] = []
        for is_other in (False, True):
            masks = {name: far if is_other else ~far for name, far in parts.is_far.items()}
            rows = [frames[name].geometry[mask].to_crs(STORAGE_CRS) for name, mask in masks.items() if mask.any()]
            if not rows:  # one place, only too wide
                raise error from None
            boxes = shapely.bounds(np.concatenate([one.to_numpy() for one in rows]))
            lon, lat = np.nanmedian((boxes[:, :2] + boxes[:, 2:]) / 2, axis=0).tolist()
            places.append((len(boxes), lon, lat))
        (one, lon, lat), (other, other_lon, other_lat) = places
        raise TooWide(
            f"数据在相距很远的两处：{one} 行在 {lon:.2f}, {lat:.2f} 一带，{other} 行在 {other_lon:.2f}, {other_lat:.2f}"
            " 一带，哪一处为主无从判断；请分成两份各自分析，或改正坐标系写错的一份",
            f"the data lie at two places far apart: {one} rows about {lon:.2f}, {lat:.2f} and {other} about"
            f" {other_lon:.2f}, {other_lat:.2f}, and neither is the main one; analyse them apart, or correct the CRS"
            " of those that are misplaced",
        ) from None


def _all_at_origin(cameras: gpd.GeoDataFrame) -> str | None:
    """Return the note on cameras that are all near (0, 0): none is far from the others, and none has its place."""
    if not len(cameras) or cameras.crs is None:
        return None
    points = shapely.get_coordinates(cameras.geometry.to_numpy())
    is_unset = (points == 0).all(axis=1) if cameras.crs.is_projected else near_null_island(points)
    if not is_unset.all():
        return None
    keys = row_keys(cameras, "id").tolist()
    return _sentence(
        "摄像机都在 0, 0 一带，坐标没有填，结果不是真实的地方",
        "all cameras are about 0, 0: no position was set, no figure is of a real place",
        keys, keys, len(keys),
    )  # fmt: skip


def _note(frame: gpd.GeoDataFrame, layer: str, mask: np.ndarray, outliers: Outliers) -> str:
    keys = row_keys(frame, LAYERS[layer].key)
    rows = np.flatnonzero(mask)
    zh, en = [], []
    for row in rows[:MAX_NAMED].tolist():
        lon, lat = outliers.lonlat[layer][row]
        away = outliers.distance_km[layer][row]
        if np.isfinite(away):
            zh.append(f"{keys[row]}（在 {lon:.5g}, {lat:.5g}，相距 {away:,.0f} km）")
            en.append(f"{keys[row]} (at {lon:.5g}, {lat:.5g}; {away:,.0f} km away)")
        else:
            zh.append(f"{keys[row]}（坐标不在地球上）")
            en.append(f"{keys[row]} (no place on the Earth)")
    return _sentence(
        f"图层 {layer} 有 {len(rows)} 行远离其他数据，未纳入",
        f"{len(rows)} {_rows_word(rows)} of layer {layer} far from all others left out",
        zh, en, len(rows),
    )  # fmt: skip


def _with_shapes(frame: gpd.GeoDataFrame, layer: str, notes: list[str]) -> gpd.GeoDataFrame:
    """Return the rows that have a shape, of a layer where some are names and codes only; a note counts the others."""
    kept = rows_with_shape(frame)
    count = len(frame) - len(kept)
    if not count:
        return frame
    notes.append(
        sentence(
            f"图层 {layer} 有 {count} 行没有形状，只有名称与代码，不作区域",
            f"{count} {_rows_word(range(count))} of layer {layer} without a shape, names and codes only, no zones",
        )
    )
    return kept


def _readable_cameras(cameras: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Return the cameras that can be read, impossible values as missing; notes on the others are added."""
    shapes = cameras.geometry.to_numpy()
    placed = shapely.get_type_id(shapes) == 0
    placed &= ~shapely.is_empty(shapes)
    if placed.any() and not placed.all():
        keys = row_keys(cameras, "id")[~placed].tolist()
        notes.append(
            _sentence(
                f"图层 cameras 有 {len(keys)} 行没有点坐标，未纳入",
                f"{len(keys)} {_rows_word(keys)} of layer cameras without a point left out",
                keys, keys, len(keys),
            )
        )  # fmt: skip
        cameras = cameras[placed]
    faults = _faults(cameras)
    if not faults:
        return cameras
    cameras = cameras.reset_index(drop=True)
    keys = np.array([key.strip() for key in row_keys(cameras, "id")], dtype=object)
    unread: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        if fault.field != "id":
            instead = LAYERS["cameras"].field(fault.field).not_understood
            mine = keys == fault.row
            values = cameras[fault.field]
            cameras[fault.field] = values.mask(mine) if instead is None else values.mask(mine, instead)
            unread[fault.field].append(f"{fault.row} ({fault.value})")
    for field, rows in sorted(unread.items()):
        declared = LAYERS["cameras"].field(field)
        zh, en = f"{declared.zh}不可能，按缺失处理", f"{field} impossible, taken as missing"
        if declared.not_understood is not None:
            word = declared.choice(declared.not_understood)
            zh, en = f"{declared.zh}不认识，按{word.zh}处理", f"{field} not understood, taken as {word.en}"
        notes.append(_sentence(zh, en, rows, rows, len(rows)))
    return cameras


def _demand_of_one_kind(demand: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Return demand of its most frequent kind of shape, of equal ones the larger; a note on the others is added."""
    shapes = demand.geometry.to_numpy()
    size = np.where(shapely.is_missing(shapes) | shapely.is_empty(shapes), -1, shapely.get_dimensions(shapes))
    counts = [np.count_nonzero(size == one) for one in range(len(_KINDS))]
    kept = max(range(len(_KINDS)), key=lambda one: (counts[one], one))
    other = (size >= 0) & (size != kept)
    if not other.any():
        return demand
    keys = row_keys(demand, LAYERS["demand"].key)[other].tolist()
    zh, en = _KINDS[kept]
    notes.append(
        _sentence(
            f"需求图层混有几类形状，按{zh}分析，{len(keys)} 行未纳入",
            f"demand is a mixture, analysed as {en}: {len(keys)} {_rows_word(keys)} left out",
            keys, keys, len(keys),
        )
    )  # fmt: skip
    return demand[~other]


def _weighed_demand(demand: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Return demand with weights that can be added up, others as missing; a note on these is added."""
    if "weight" not in demand:
        return demand
    column = demand["weight"]
    weight = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    missing = column.isna().to_numpy() | (column.astype(str).str.strip() == "").to_numpy()
    bad = ~missing & ~((weight >= 0) & (weight <= HEAVIEST))
    if not bad.any():
        return demand
    keys = row_keys(demand, LAYERS["demand"].key)
    rows = [f"{keys[row]} ({str(column.iloc[row])[:40]})" for row in np.flatnonzero(bad)]
    zh = LAYERS["demand"].field("weight").zh
    notes.append(_sentence(f"{zh}不可能，按缺失处理", "weight impossible, taken as missing", rows, rows, len(rows)))
    return demand.assign(weight=column.mask(bad))


def _faults(cameras: gpd.GeoDataFrame) -> tuple[RowFault, ...]:
    try:
        fill_defaults(cameras)
    except BadValue as error:
        return error.rows
    return ()


def _sentence(zh: str, en: str, rows_zh: Sequence[str], rows_en: Sequence[str], count: int) -> str:
    rest = f" +{count - MAX_NAMED}" if count > MAX_NAMED else ""
    return sentence(f"{zh}：{'、'.join(rows_zh[:MAX_NAMED])}{rest}", f"{en}: {', '.join(rows_en[:MAX_NAMED])}{rest}")


def _rows_word(rows: Sequence[object] | np.ndarray) -> str:
    return "row" if len(rows) == 1 else "rows"
