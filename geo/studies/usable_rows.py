"""Leave out of an analysis the rows that would stop it, and say which: far from all others, or not to be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.layers import INPUTS, LAYERS, ZONE_INPUTS
from geo.errors import BadValue, RowFault
from geo.outliers import Outliers, find_outliers
from geo.row_keys import row_keys
from geo.visibility.optics import fill_defaults

#: Rows that one note names.
MAX_NAMED = 20
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

    Left out are rows far from all others, which would make the data too wide for a computing CRS (rule C1), and cameras
    without a position. A value that is impossible (rule U5), as another program may write into a workspace, counts as
    missing, and a status that is not understood as unknown (rule U1).

    Parameters
    ----------
    frames
        Layer -> frame, all in one CRS.

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
    if "cameras" in used:
        used["cameras"] = _readable_cameras(used["cameras"], notes["cameras"])
    outliers = find_outliers(used, _FIRM)
    for name, mask in outliers.is_far.items():
        if mask.any():
            notes[name].insert(0, _note(used[name], name, mask, outliers))
            used[name] = used[name][~mask]
    named = {name: tuple(texts) for name, texts in notes.items() if texts}
    return UsableRows(
        {name: frame for name, frame in used.items() if len(frame)},
        tuple(text for texts in named.values() for text in texts),
        named,
    )


def without_outliers(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return the frames without rows far from all others, which a map of the data must not be stretched to."""
    far = find_outliers(frames, _FIRM).is_far
    return {name: frame[~far[name]] if name in far else frame for name, frame in frames.items()}


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


def _faults(cameras: gpd.GeoDataFrame) -> tuple[RowFault, ...]:
    try:
        fill_defaults(cameras)
    except BadValue as error:
        return error.rows
    return ()


def _sentence(zh: str, en: str, rows_zh: Sequence[str], rows_en: Sequence[str], count: int) -> str:
    rest = f" +{count - MAX_NAMED}" if count > MAX_NAMED else ""
    return f"{zh}：{'、'.join(rows_zh[:MAX_NAMED])}{rest} / {en}: {', '.join(rows_en[:MAX_NAMED])}{rest}"


def _rows_word(rows: Sequence[object] | np.ndarray) -> str:
    return "row" if len(rows) == 1 else "rows"
