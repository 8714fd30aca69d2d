"""Find invalid geometries, rows far from all others, and implausible heights and widths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.carriageways import FOOT_CLASSES, LEFT_OUT_CLASSES, WIDE_CLASSES
from geo.catalog.free_words import road_class
from geo.check.metric_frames import MetricFrames, box_centres, column, keys, numbers
from geo.check.ranking import UnrankedFinding
from geo.outliers import at_origin, distance_km
from geo.sentences import sentence

_MAX_HEIGHT_M, _MAX_WIDTH_M = 300.0, 100.0
#: Road classes with a width in rule D2: OpenStreetMap's highway values.
_ROADS = (
    WIDE_CLASSES | FOOT_CLASSES | LEFT_OUT_CLASSES | {"unclassified", "residential", "living_street", "service", "road"}
) | {"busway", "raceway"}


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield findings on single rows of any layer."""
    yield from _shapes(data)
    yield from _outliers(data)
    obstacles, roads = data.whole("obstacles"), data.whole("roads")
    if obstacles is not None:
        yield from _heights(obstacles)
    if roads is not None:
        yield from _widths(roads)
        yield from _classes(roads)


def _shapes(data: MetricFrames) -> Iterator[UnrankedFinding]:
    for layer, missing in data.missing.items():
        if missing:
            yield UnrankedFinding(
                "error", "geometry-missing", layer, missing,
                sentence(f"图层 {layer} 有 {len(missing)} 行没有图形",
                f"{len(missing)} rows of layer {layer} have no geometry"),
                float(len(missing)),
            )  # fmt: skip
    for layer, frame in data.located.items():
        shapes = frame.geometry.to_numpy()
        names = keys(frame, layer)
        for k in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
            lon, lat = box_centres(shapes[[k]])[0]
            why = shapely.is_valid_reason(shapes[k])
            yield UnrankedFinding(
                "error", "geometry-invalid", layer, [names[k]],
                sentence(f"图层 {layer} 的 {names[k]} 图形无效：{why}",
                f"{names[k]} of layer {layer} has a broken shape: {why}"),
                None, float(lon), float(lat),
            )  # fmt: skip


def _outliers(data: MetricFrames) -> Iterator[UnrankedFinding]:
    near = [box_centres(frame.geometry.to_numpy()) for frame in data.frames.values() if len(frame)]
    if not near:
        return
    origin = np.median(np.concatenate(near), axis=0)
    for layer, frame in data.outliers.items():
        if len(frame) == 0:
            continue
        position, names = box_centres(frame.geometry.to_numpy()), keys(frame, layer)
        away = distance_km(position, origin)
        for k in range(len(frame)):
            if layer == "cameras" and at_origin(position[[k]])[0]:
                continue
            yield UnrankedFinding(
                "error", "far-away", layer, [names[k]],
                sentence(f"图层 {layer} 的 {names[k]} 距其余数据 {away[k]:,.0f} km，坐标可能有误",
                f"{names[k]} of layer {layer} is {away[k]:,.0f} km from all other data: wrong coordinates?"),
                float(away[k]), float(position[k, 0]), float(position[k, 1]),
            )  # fmt: skip


def _heights(obstacles: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    """Yield heights that are not above 0 or not a number, taken as unknown (U3, U5), and implausibly large ones."""
    height, names = numbers(obstacles, "height"), keys(obstacles, "obstacles")
    position = box_centres(obstacles.geometry.to_numpy())
    given = column(obstacles, "height")
    unread = np.isnan(height) & np.array([text is not None for text in given])
    for k in np.flatnonzero((height <= 0) | (height > _MAX_HEIGHT_M) | unread).tolist():
        tall = height[k] > _MAX_HEIGHT_M
        zh, en = ("高得出奇", "is oddly high") if tall else ("按未知处理（规则 U3）", "is taken as unknown (rule U3)")
        yield UnrankedFinding(
            "warning", "obstacle-height-odd", "obstacles", [names[k]],
            sentence(f"建筑 {names[k]} 的高度 {given[k]} m {zh}",
            f"obstacle {names[k]}: a height of {given[k]} m {en}"),
            None if pd.isna(height[k]) else float(height[k]), float(position[k, 0]), float(position[k, 1]),
        )  # fmt: skip


def _widths(roads: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    width, names = numbers(roads, "width"), keys(roads, "roads")
    position = box_centres(roads.geometry.to_numpy())
    for k in np.flatnonzero((width <= 0) | (width > _MAX_WIDTH_M)).tolist():
        yield UnrankedFinding(
            "warning", "road-width-odd", "roads", [names[k]],
            sentence(f"道路 {names[k]} 宽 {width[k]:g} m", f"road {names[k]} is {width[k]:g} m wide"),
            float(width[k]), float(position[k, 0]), float(position[k, 1]),
        )  # fmt: skip


def _classes(roads: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    """Yield classes unknown to rule D2 of roads whose width depends on them: one finding per class."""
    width, kind, names = numbers(roads, "width"), column(roads, "class"), keys(roads, "roads")
    found: dict[str, list[str]] = defaultdict(list)
    for k in np.flatnonzero(~(width > 0)).tolist():
        if kind[k] is not None and road_class(kind[k]) not in _ROADS:
            found[str(kind[k])].append(names[k])
    for name, rows in found.items():
        yield UnrankedFinding(
            "warning", "road-class-unknown", "roads", rows,
            sentence(f"{len(rows)} 条道路的等级 {name} 不认识且没有宽度，按 8 m 计",
            f"{len(rows)} roads of unknown class {name} and no width are taken as 8 m wide"),
            float(len(rows)),
        )  # fmt: skip
