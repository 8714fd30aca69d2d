"""Find cameras in impossible places, entered twice, with odd optics or odd numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geo.check.metric_frames import Ground, column, keys, middle, numbers
from geo.check.ranking import Draft
from geo.errors import BadValue
from geo.visibility.optics import complete, default_vfov

#: Degrees round (0, 0) that count as its sea.
_SEA_DEG = 0.5
#: Cameras nearer than this (m) stand on one spot.
_SPOT_M = 0.10
_TALLEST_M, _FARTHEST_M = 60.0, 2_000.0
#: A vertical angle this many times the one that the pixel counts give, or less than its inverse, is odd.
_VFOV_RATIO = 1.6
_DEVICES = {
    "111": "DVR", "112": "视频服务器 video server", "113": "编码器 encoder", "114": "解码器 decoder",
    "118": "NVR", "200": "信令服务器 SIP server", "215": "业务分组 group", "216": "虚拟组织 virtual group",
}  # fmt: skip
_CAMERA_TYPES = {"131", "132"}


def find(ground: Ground, cameras: gpd.GeoDataFrame) -> Iterator[Draft]:
    """Yield what is wrong or odd with cameras by themselves and against the grids; ``cameras`` has every row."""
    yield from _at_origin(cameras)
    yield from _outside(ground)
    yield from _twice(ground)
    yield from _same_id(cameras)
    yield from _optics(cameras)
    yield from _numbers(ground, cameras)


# --- places ----------------------------------------------------------------------------------------------------------


def in_the_sea(lonlat: np.ndarray) -> np.ndarray:
    """Return which places (n, 2) lie round (0, 0) or have a coordinate of exactly 0, as unset ones do."""
    return np.asarray((np.abs(lonlat) < _SEA_DEG).all(axis=1) | (lonlat == 0).any(axis=1))


def _at_origin(cameras: gpd.GeoDataFrame) -> Iterator[Draft]:
    ids, place = keys(cameras, "cameras"), middle(cameras.geometry.to_numpy())
    for k in np.flatnonzero(in_the_sea(place)).tolist():
        yield Draft(
            "error", "camera-at-origin", "cameras", [ids[k]],
            f"摄像机 {ids[k]} 的坐标为 (0, 0) 一带，没有填写 / camera {ids[k]} lies in the sea of (0, 0): no place was"
            " entered",
            None, float(place[k, 0]), float(place[k, 1]),
        )  # fmt: skip


def _outside(ground: Ground) -> Iterator[Draft]:
    cameras, grids = ground.frame("cameras"), ground.frame("grids")
    if cameras is None or grids is None:
        return
    points, shapes = cameras.geometry.to_numpy(), grids.geometry.to_numpy()
    # Rule L1: edges are straight in degrees, and a point on the border belongs.
    owned = np.zeros(len(points), dtype=bool)
    owned[shapely.STRtree(shapes).query(points, predicate="intersects")[0]] = True
    out = np.flatnonzero(~owned & ~in_the_sea(shapely.get_coordinates(points)))
    if len(out) == 0:
        return
    metric = shapely.STRtree(ground.metres(shapes))
    _, away = metric.query_nearest(ground.metres(points[out]), all_matches=False, return_distance=True)
    ids = keys(cameras, "cameras")
    for k, distance in zip(out.tolist(), away.tolist(), strict=True):
        yield Draft(
            "error", "camera-outside-grids", "cameras", [ids[k]],
            f"摄像机 {ids[k]} 不在任何网格内，距最近的网格 {distance:,.0f} m / camera {ids[k]} is in no grid,"
            f" {distance:,.0f} m from the nearest",
            float(distance), float(points[k].x), float(points[k].y),
        )  # fmt: skip


# --- twice -----------------------------------------------------------------------------------------------------------


def _twice(ground: Ground) -> Iterator[Draft]:
    """Yield cameras on one spot that look the same way: errors where two sites count one pole twice (B4)."""
    cameras = ground.frame("cameras")
    if cameras is None or len(cameras) < 2:
        return
    points = cameras.geometry.to_numpy()
    metric = ground.metres(points)
    one, other = shapely.STRtree(metric).query(metric, predicate="dwithin", distance=_SPOT_M)
    one, other = one[one < other], other[one < other]
    if len(one) == 0:
        return
    ids = np.array(keys(cameras, "cameras"), dtype=object)
    site = column(cameras, "site")
    site = np.where(site == None, ids, site)  # noqa: E711  elementwise
    kind, status = column(cameras, "kind"), column(cameras, "status")
    azimuth = numbers(cameras, "azimuth")
    turn = np.abs((azimuth[one] - azimuth[other] + 180.0) % 360.0 - 180.0)
    unknown = np.isnan(azimuth[one]) & np.isnan(azimuth[other])
    # Two lenses of one pole may both lack an azimuth; two poles on one spot can hardly.
    same_way = (turn < 0.5) | unknown & (site[one] != site[other])
    same_kind = (kind[one] == kind[other]) & ((status[one] == "planned") == (status[other] == "planned"))
    for group in _groups(len(cameras), one[same_way & same_kind], other[same_way & same_kind]):
        several = len(set(site[group])) > 1
        named = ", ".join(ids[group][:5])
        yield Draft(
            "error" if several else "warning", "camera-duplicate", "cameras", ids[group].tolist(),
            f"{len(group)} 条摄像机记录位置与方位角相同：{named} / {len(group)} camera rows share place and azimuth:"
            f" {named}",
            float(len(group)), float(points[group[0]].x), float(points[group[0]].y),
        )  # fmt: skip


def _groups(n: int, one: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Return the groups of two and more rows that pairs connect."""
    name = np.arange(n)
    while True:
        before = name.copy()
        np.minimum.at(name, other, name[one])
        np.minimum.at(name, one, name[other])
        if (name == before).all():
            break
    members = np.unique(np.concatenate([one, other]))
    return [members[name[members] == first] for first in np.unique(name[members])]


def _same_id(cameras: gpd.GeoDataFrame) -> Iterator[Draft]:
    by_id: dict[str, list[int]] = defaultdict(list)
    ids = keys(cameras, "cameras")
    for k, key in enumerate(ids):
        by_id[re.sub(r"\s", "", unicodedata.normalize("NFKC", key)).casefold()].append(k)
    place = middle(cameras.geometry.to_numpy())
    for rows in by_id.values():
        if len(rows) > 1:
            named = ", ".join(repr(ids[k]) for k in rows[:5])
            lon, lat = place[rows[0]]
            yield Draft(
                "error" if len({ids[k] for k in rows}) < len(rows) else "warning",
                "camera-duplicate-id", "cameras", [ids[k] for k in rows],
                f"摄像机编号只差大小写或空格：{named} / camera ids that differ by case or spaces at most: {named}",
                float(len(rows)), float(lon), float(lat),
            )  # fmt: skip


# --- optics ----------------------------------------------------------------------------------------------------------


def _optics(cameras: gpd.GeoDataFrame) -> Iterator[Draft]:
    ids, place = keys(cameras, "cameras"), middle(cameras.geometry.to_numpy())
    row = {key: k for k, key in enumerate(ids)}
    impossible = set()
    try:
        complete(cameras)
    except BadValue as bad:
        for fault in bad.rows:
            if fault.field == "id":
                continue
            k = row.get(fault.row)
            impossible.add(k)
            zh, _, en = fault.reason.partition(" / ")
            yield Draft(
                "error", "camera-optics-impossible", "cameras", [fault.row],
                f"摄像机 {fault.row} 的 {fault.field} = {fault.value}：{zh}（规则 U5） / camera {fault.row}:"
                f" {fault.field} = {fault.value}: {en} (rule U5)",
                None, *((None, None) if k is None else (float(place[k, 0]), float(place[k, 1]))),
            )  # fmt: skip
    for mask, value, zh, en in _oddities(cameras):
        for k in np.flatnonzero(mask).tolist():
            if k in impossible:
                continue
            said = f"{value[k]:g}"
            yield Draft(
                "warning", "camera-optics-odd", "cameras", [ids[k]],
                f"摄像机 {ids[k]}：{zh.format(said)} / camera {ids[k]}: {en.format(said)}",
                float(value[k]), float(place[k, 0]), float(place[k, 1]),
            )  # fmt: skip


def _oddities(cameras: gpd.GeoDataFrame) -> list[tuple[np.ndarray, np.ndarray, str, str]]:
    """Return (rows, value, Chinese, English) of what rule U5 lets through but nobody builds."""
    kind = column(cameras, "kind")
    hfov, vfov, height = (numbers(cameras, name) for name in ("hfov", "vfov", "height"))
    azimuth, tilt, reach = (numbers(cameras, name) for name in ("azimuth", "tilt", "max_range"))
    width, rows = numbers(cameras, "width_px"), numbers(cameras, "height_px")
    with np.errstate(all="ignore"):
        ratio = vfov / default_vfov(hfov, width, rows)
        lens = (hfov < 150) & (kind != "panoramic")
        return [
            (height > _TALLEST_M, height, "安装高度 {} m", "mounted {} m above the ground"),
            (lens & ((ratio > _VFOV_RATIO) | (ratio < 1 / _VFOV_RATIO)), vfov,
             "垂直视场角 {}° 与水平视场角和像素不符", "vfov of {} degrees does not fit hfov and pixel counts"),
            (((kind == "fixed") | (kind == None)) & (hfov >= 180), hfov,  # noqa: E711  elementwise
             "枪机水平视场角 {}°，按全景处理", "a fixed camera with hfov {} degrees is taken as panoramic"),
            ((kind == "ptz") & (hfov >= 180), hfov,
             "球机水平视场角 {}° 应是转动范围，按缺失处理",
             "hfov {} degrees of a ptz is its turning range, taken as missing"),
            ((azimuth < 0) | (azimuth > 360), azimuth,
             "方位角 {}°，按 360 取余", "azimuth {} degrees, taken modulo 360"),
            (tilt < -10, tilt, "俯角 {}°，朝天", "tilt {} degrees looks into the sky"),
            (reach > _FARTHEST_M, reach, "最大距离 {} m", "max_range of {} m"),
            ((width < 160) | (width > 20_000), width, "图像宽度 {} 像素", "images {} pixels wide"),
        ]  # fmt: skip


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(ground: Ground, cameras: gpd.GeoDataFrame) -> Iterator[Draft]:
    """Yield oddities of 20-digit numbers (GB/T 28181), one finding per kind: real ones deviate, so none is refused."""
    odd: dict[tuple[str, str], list[str]] = defaultdict(list)
    counties = _counties(ground)
    for key in keys(cameras, "cameras"):
        number = key.partition("#")[0].strip()
        if not re.fullmatch(r"\d{18,22}", number):
            continue
        if len(number) != 20:
            reason = (
                f"编号为 {len(number)} 位数字，国标为 20 位",
                f"ids of {len(number)} digits, where GB/T 28181 has 20",
            )
            odd[reason].append(key)
            continue
        device = number[10:13]
        if device not in _CAMERA_TYPES:
            named = _DEVICES.get(device, "?")
            odd[
                f"编号类型码 {device}（{named}）不是摄像机", f"ids of device type {device} ({named}), no camera"
            ].append(key)
        if counties and number[:6] not in counties:
            reason = (
                f"编号前 6 位 {number[:6]} 不是本县代码",
                f"ids beginning with {number[:6]}, no county of this data",
            )
            odd[reason].append(key)
    for (zh, en), rows in odd.items():
        yield Draft(
            "warning", "camera-id-odd", "cameras", rows, f"{len(rows)} 台摄像机的{zh} / {len(rows)} cameras with {en}",
            float(len(rows)),
        )  # fmt: skip


def _counties(ground: Ground) -> set[str]:
    found: set[str] = set()
    for layer in ("divisions", "grids"):
        frame = ground.frame(layer)
        if frame is not None:
            found |= {str(code)[:6] for code in column(frame, "code") if re.fullmatch(r"\d{6,18}", str(code))}
    return found
