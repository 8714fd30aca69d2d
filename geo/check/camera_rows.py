"""Find cameras at impossible positions, duplicates, unusual optics and irregular device ids."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.angles import angle_between
from geo.assessment.camera_sites import place_numbers
from geo.assessment.zones import owning_rows
from geo.check.metric_frames import MetricFrames, box_centres, column, keys, numbers
from geo.check.ranking import UnrankedFinding
from geo.errors import BadValue
from geo.outliers import at_origin
from geo.plain_words import joined_word
from geo.sentences import both, sentence
from geo.visibility.optics import default_vfov, fill_defaults

#: Cameras closer than this (m) share one position.
_SAME_POSITION_M = 0.10
_MAX_HEIGHT_M, _MAX_RANGE_M = 60.0, 2_000.0
#: A vertical angle of view this many times the one that follows from the pixel counts, or less than its inverse, is
#: implausible.
_VFOV_RATIO = 1.6
_DEVICES = {
    "111": "DVR", "112": "视频服务器 video server", "113": "编码器 encoder", "114": "解码器 decoder",
    "118": "NVR", "200": "信令服务器 SIP server", "215": "业务分组 group", "216": "虚拟组织 virtual group",
}  # fmt: skip
_CAMERA_TYPES = {"131", "132"}


def find(data: MetricFrames, cameras: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    """Yield findings on single cameras and on cameras against the grids; ``cameras`` has every row with a position."""
    yield from _cameras_at_origin(cameras)
    yield from _outside(data)
    yield from _duplicates(data)
    yield from _sites_far_apart(data)
    yield from _near_duplicate_ids(cameras)
    yield from _optics(cameras)
    yield from _device_ids(data, cameras)


# --- positions -------------------------------------------------------------------------------------------------------


def _cameras_at_origin(cameras: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    ids, position = keys(cameras, "cameras"), box_centres(cameras.geometry.to_numpy())
    for k in np.flatnonzero(at_origin(position)).tolist():
        yield UnrankedFinding(
            "error", "camera-at-origin", "cameras", [ids[k]],
            sentence(f"摄像机 {ids[k]} 的坐标为 (0, 0) 一带，没有填写",
            f"camera {ids[k]} lies in the sea of (0, 0): no place was"
            " entered"),
            None, float(position[k, 0]), float(position[k, 1]),
        )  # fmt: skip


def _outside(data: MetricFrames) -> Iterator[UnrankedFinding]:
    cameras, grids = data.frame("cameras"), data.frame("grids")
    if cameras is None or grids is None:
        return
    points, shapes = cameras.geometry.to_numpy(), grids.geometry.to_numpy()
    # Rule L1: edges are straight in degrees, and a point on the border belongs.
    owned = np.zeros(len(points), dtype=bool)
    owned[shapely.STRtree(shapes).query(points, predicate="intersects")[0]] = True
    out = np.flatnonzero(~owned & ~at_origin(shapely.get_coordinates(points)))
    if len(out) == 0:
        return
    metric = shapely.STRtree(data.to_metres(shapes))
    _, away = metric.query_nearest(data.to_metres(points[out]), all_matches=False, return_distance=True)
    ids = keys(cameras, "cameras")
    for k, distance in zip(out.tolist(), away.tolist(), strict=True):
        yield UnrankedFinding(
            "error", "camera-outside-grids", "cameras", [ids[k]],
            sentence(f"摄像机 {ids[k]} 不在任何网格内，距最近的网格 {distance:,.0f} m",
            f"camera {ids[k]} is in no grid,"
            f" {distance:,.0f} m from the nearest"),
            float(distance), float(points[k].x), float(points[k].y),
        )  # fmt: skip


# --- duplicates ------------------------------------------------------------------------------------------------------


def _duplicates(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield cameras of one position and azimuth: errors where two sites count one pole twice (B4)."""
    cameras = data.frame("cameras")
    if cameras is not None:
        cameras = cameras[column(cameras, "status") != "removed"]  # what was there is no second one
    if cameras is None or len(cameras) < 2:
        return
    points = cameras.geometry.to_numpy()
    metric = data.to_metres(points)
    one, other = shapely.STRtree(metric).query(metric, predicate="dwithin", distance=_SAME_POSITION_M)
    one, other = one[one < other], other[one < other]
    if len(one) == 0:
        return
    ids = np.array(keys(cameras, "cameras"), dtype=object)
    site = column(cameras, "site")
    site = np.where(site == None, ids, site)  # noqa: E711  elementwise
    kind, status = column(cameras, "kind"), column(cameras, "status")
    azimuth = numbers(cameras, "azimuth")
    turn = angle_between(azimuth[one], azimuth[other])
    unknown = np.isnan(azimuth[one]) & np.isnan(azimuth[other])
    # Two cameras of one site may both lack an azimuth; two sites at one position are a duplicate.
    same_way = (turn < 0.5) | unknown & (site[one] != site[other])
    same_kind = (kind[one] == kind[other]) & ((status[one] == "planned") == (status[other] == "planned"))
    for group in _groups(len(cameras), one[same_way & same_kind], other[same_way & same_kind]):
        several = len(set(site[group])) > 1
        named = ", ".join(ids[group][:5])
        yield UnrankedFinding(
            "error" if several else "warning", "camera-duplicate", "cameras", ids[group].tolist(),
            sentence(f"{len(group)} 条摄像机记录位置与方位角相同：{named}",
            f"{len(group)} camera rows share place and azimuth:"
            f" {named}"),
            float(len(group)), float(points[group[0]].x), float(points[group[0]].y),
            bool(np.isnan(azimuth[group]).all()),
        )  # fmt: skip


def _groups(n: int, one: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Return the groups of two or more rows that the pairs connect."""
    name = np.arange(n)
    while True:
        before = name.copy()
        np.minimum.at(name, other, name[one])
        np.minimum.at(name, one, name[other])
        if (name == before).all():
            break
    members = np.unique(np.concatenate([one, other]))
    return [members[name[members] == first] for first in np.unique(name[members])]


def _sites_far_apart(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield names of sites that are several places, each of which counts as a site of its own (rule B4)."""
    cameras, divisions = data.frame("cameras"), data.frame("divisions")
    if cameras is None:
        return
    site, ids = column(cameras, "site"), np.array(keys(cameras, "cameras"), dtype=object)
    names = np.where(site == None, ids, site)  # noqa: E711  elementwise
    xy = shapely.get_coordinates(data.to_metres(cameras.geometry.to_numpy()))
    township = None
    if divisions is not None and (column(divisions, "level") == "township").any():
        township = owning_rows(divisions[column(divisions, "level") == "township"], cameras.geometry)
    place = place_numbers(names, xy, township)
    first = np.unique(place, return_index=True)[1]
    called, count = np.unique(names[first].astype(str), return_counts=True)
    rows_of = pd.Series(names).groupby(names).indices
    for name in called[count > 1]:
        rows = rows_of[name]
        spots = [rows[place[rows] == one].tolist() for one in np.unique(place[rows])]
        named = " | ".join(", ".join(ids[spot][:3]) + (" …" if len(spot) > 3 else "") for spot in spots[:3])
        apart = float(shapely.minimum_bounding_radius(shapely.multipoints(xy[rows])) * 2)
        lon, lat = shapely.get_coordinates(cameras.geometry.to_numpy()[rows[:1]])[0].tolist()
        yield UnrankedFinding(
            "warning", "camera-site-apart", "cameras", ids[rows].tolist(),
            sentence(f"点位编号 {name} 用于 {len(spots)} 处（相距 50 m 以上或分属不同乡镇）"
            f"，按 {len(spots)} 个点位计：{named}",
            f"the site name {name} is used at {len(spots)} places (more than 50 m apart, or in different townships)"
            f" that count as {len(spots)} sites: {named}"),
            apart, lon, lat,
        )  # fmt: skip


def _near_duplicate_ids(cameras: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    by_id: dict[str, list[int]] = defaultdict(list)
    ids = keys(cameras, "cameras")
    for k, key in enumerate(ids):
        by_id[joined_word(key)].append(k)
    position = box_centres(cameras.geometry.to_numpy())
    for rows in by_id.values():
        if len(rows) > 1:
            named = ", ".join(repr(ids[k]) for k in rows[:5])
            lon, lat = position[rows[0]]
            yield UnrankedFinding(
                "error" if len({ids[k] for k in rows}) < len(rows) else "warning",
                "camera-duplicate-id", "cameras", [ids[k] for k in rows],
                sentence(f"摄像机编号只差大小写或空格：{named}",
                f"camera ids that differ by case or spaces at most: {named}"),
                float(len(rows)), float(lon), float(lat),
            )  # fmt: skip


# --- optics ----------------------------------------------------------------------------------------------------------


def _optics(cameras: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    ids, position = keys(cameras, "cameras"), box_centres(cameras.geometry.to_numpy())
    row = {key: k for k, key in enumerate(ids)}
    impossible = set()
    try:
        fill_defaults(cameras)
    except BadValue as bad:
        for fault in bad.rows:
            if fault.field == "id":
                continue
            k = row.get(fault.row)
            impossible.add(k)
            zh, en = both(fault.reason)
            yield UnrankedFinding(
                "error", "camera-optics-impossible", "cameras", [fault.row],
                sentence(f"摄像机 {fault.row} 的 {fault.field} = {fault.value}：{zh}（规则 U5）", f"camera {fault.row}:"
                f" {fault.field} = {fault.value}: {en} (rule U5)"),
                None, *((None, None) if k is None else (float(position[k, 0]), float(position[k, 1]))),
            )  # fmt: skip
    for mask, value, zh, en in _unusual_optics(cameras):
        for k in np.flatnonzero(mask).tolist():
            if k in impossible:
                continue
            said = f"{value[k]:g}"
            yield UnrankedFinding(
                "warning", "camera-optics-odd", "cameras", [ids[k]],
                sentence(f"摄像机 {ids[k]}：{zh.format(said)}", f"camera {ids[k]}: {en.format(said)}"),
                float(value[k]), float(position[k, 0]), float(position[k, 1]),
            )  # fmt: skip


def _unusual_optics(cameras: gpd.GeoDataFrame) -> list[tuple[np.ndarray, np.ndarray, str, str]]:
    """Return (rows, value, Chinese, English) of values that rule U5 accepts but that are implausible."""
    kind = column(cameras, "kind")
    hfov, vfov, height = (numbers(cameras, name) for name in ("hfov", "vfov", "height"))
    azimuth, tilt, max_range = (numbers(cameras, name) for name in ("azimuth", "tilt", "max_range"))
    width, rows = numbers(cameras, "width_px"), numbers(cameras, "height_px")
    with np.errstate(all="ignore"):
        ratio = vfov / default_vfov(hfov, width, rows)
        lens = (hfov < 150) & (kind != "panoramic")
        return [
            (height > _MAX_HEIGHT_M, height, "安装高度 {} m", "mounted {} m above the ground"),
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
            (max_range > _MAX_RANGE_M, max_range, "最大距离 {} m", "max_range of {} m"),
            ((width < 160) | (width > 20_000), width, "图像宽度 {} 像素", "images {} pixels wide"),
        ]  # fmt: skip


# --- device ids ------------------------------------------------------------------------------------------------------


def _device_ids(data: MetricFrames, cameras: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    """Yield irregular 20-digit ids (GB/T 28181), one finding per kind: real ids deviate, so they are only warnings."""
    odd: dict[tuple[str, str], list[str]] = defaultdict(list)
    counties = _counties(data)
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
        yield UnrankedFinding(
            "warning", "camera-id-odd", "cameras", rows,
            sentence(f"{len(rows)} 台摄像机的{zh}",
            f"{len(rows)} cameras with {en}"),
            float(len(rows)),
        )  # fmt: skip


def _counties(data: MetricFrames) -> set[str]:
    found: set[str] = set()
    for layer in ("divisions", "grids"):
        frame = data.frame(layer)
        if frame is not None:
            found |= {str(code)[:6] for code in column(frame, "code") if re.fullmatch(r"\d{6,18}", str(code))}
    return found
