"""Draw roads below the results of a sheet, by width or by class, and place their names along them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.assessment.carriageways import road_widths
from geo.catalog.palette import GROUND, LIGHT, SHEET
from maps.map_data import MapData
from maps.print.label_placement import Box, OccupancyGrid, TextMeasure
from maps.print.page_layout import MapFrame
from maps.print.page_projection import PageTransform
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_content import SheetContent, text_of
from maps.style.ground_looks import road_groups

#: Widths in points on A3 of roads by group, largest first (``maps.style.ground_looks``).
_WIDTHS_PT = (1.6, 1.2, 0.8, 0.55, 0.4)
#: Scale -> the last group of roads that a map of a smaller scale than it has.
_LAST_GROUPS = ((250_000, 1), (60_000, 2), (10_000, 3))
#: Where along a road its name is tried, as shares of its length.
_ALONG = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)
#: How far a road may leave the straight line of its name, in heights of the name.
_MOST_BENT = 0.45


@dataclass(frozen=True)
class RoadName:
    """A name along its road: where its middle is in mm, its size in points, its angle in degrees."""

    text: str
    x: float
    y: float
    size: float
    angle: float


def last_group(frame: MapFrame) -> int:
    """Return the last group of roads that a map of this scale has."""
    return next((group for scale, group in _LAST_GROUPS if frame.scale > scale), len(_WIDTHS_PT) - 1)


def draw_roads(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float, layers: set[str]
) -> None:
    """Draw roads at their true width, rounded to quarter millimetres, so that each width is one path."""
    roads = data.reference.get("roads")
    if roads is None or not len(roads):
        return
    to_page = PageTransform(roads.crs, content.crs, frame)
    roads = roads[to_page.on_map(roads.geometry.to_numpy())]
    shapes, width = roads.geometry.to_numpy(), road_widths(roads)  # rule D2; tunnels and the like have none
    near = np.isfinite(width)
    width = width[near]
    steps = np.clip(np.rint(frame.millimetres(1) * width / 0.25), 1, 40).astype(int)
    drawn = {step: to_page.lines(shapes[near][steps == step]) for step in np.unique(steps).tolist()}
    for extra, colour in ((0.16 * unit, LIGHT.road), (0.0, SHEET.road_surface)):
        for step, lines in drawn.items():
            canvas.lines(lines, edge=colour, width=step * 0.25 + extra)
    if near.any():
        layers.add("road")


def draw_road_classes(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float, layers: set[str]
) -> None:
    """Draw the roads of the groups that the scale has room for, as cased lines, the smallest first."""
    roads = data.reference.get("roads")
    if roads is None or not len(roads) or "class" not in roads:
        return
    to_page = PageTransform(roads.crs, content.crs, frame)
    roads = roads[to_page.on_map(roads.geometry.to_numpy())]
    shapes = roads.geometry.to_numpy()
    groups = np.where(np.isfinite(road_widths(roads)), road_groups(roads["class"]), len(_WIDTHS_PT))
    near = groups <= last_group(frame)
    colours = GROUND["light"]
    lines = {one: to_page.lines(shapes[near & (groups == one)]) for one in sorted(set(groups[near].tolist()))}
    for extra, casing in ((0.5, True), (0.0, False)):
        for group in reversed(lines):
            width = (_WIDTHS_PT[group] + extra) * MM_PER_POINT * unit
            canvas.lines(lines[group], edge=colours.casing if casing else colours.roads[group], width=width)
    if near.any():
        layers.add("road_class")


def place_road_names(
    occupancy: OccupancyGrid,
    frame: MapFrame,
    content: SheetContent,
    data: MapData,
    measure: TextMeasure,
    size: float,
) -> tuple[list[RoadName], int]:
    """Place the name of each road that the map shows once along it, larger roads first; return how many have no room.

    A road whose name is longer than any straight part of it on the map is left out, and counted.
    """
    roads = data.reference.get("roads")
    if roads is None or not len(roads) or "name" not in roads:
        return [], 0
    to_page = PageTransform(roads.crs, content.crs, frame)
    roads = roads[to_page.on_map(roads.geometry.to_numpy())]
    shapes = roads.geometry.to_numpy()
    groups = road_groups(roads["class"]) if "class" in roads else np.zeros(len(roads), int)
    names = np.array([text_of(one) for one in roads["name"]], dtype=object)
    near = (names != "") & (groups <= last_group(frame)) & np.isfinite(road_widths(roads))
    placed: list[RoadName] = []
    left = 0
    ranks: dict[str, int] = {}
    for name, group in zip(names[near].tolist(), groups[near].tolist(), strict=True):
        ranks[name] = min(group, ranks.get(name, group))
    for name in sorted(ranks, key=lambda one: (ranks[one], one)):
        found = _along(occupancy, frame, to_page.lines(shapes[near & (names == name)]), name, measure, size)
        if found is None:
            left += 1
        else:
            placed.append(found)
    return placed, left


def draw_road_names(canvas: Canvas, names: Sequence[RoadName], unit: float) -> None:
    """Write the names along their roads, each in its halo."""
    for one in names:
        turn = math.radians(one.angle)
        down = 0.36 * one.size * MM_PER_POINT
        x, y = one.x + down * math.sin(turn), one.y - down * math.cos(turn)
        halo = (LIGHT.halo, 0.35 * unit)
        look = {"colour": GROUND["light"].label, "halo": halo}
        canvas.text(x, y, one.text, one.size, anchor="middle", angle=one.angle, **look)  # type: ignore[arg-type]


def _along(
    occupancy: OccupancyGrid, frame: MapFrame, lines: np.ndarray, name: str, measure: TextMeasure, size: float
) -> RoadName | None:
    """Return the first place along the longest lines of a road where its name lies straight and free; occupy it."""
    rect = frame.rect
    inside = shapely.get_parts(shapely.clip_by_rect(shapely.line_merge(shapely.multilinestrings(lines)),
                                                    rect.x, rect.y, rect.right, rect.top))  # fmt: skip
    inside = inside[shapely.get_type_id(inside) == 1]
    width, height = (side * size for side in measure(name))
    for line in inside[np.argsort(-shapely.length(inside), kind="stable")][:4]:
        length = float(shapely.length(line))
        if length < 1.15 * width:
            break
        for share in _ALONG:
            middle = share * length
            if middle < 0.55 * width or middle > length - 0.55 * width:
                continue
            run = shapely.get_coordinates(
                shapely.line_interpolate_point(line, middle + np.linspace(-0.5, 0.5, 9) * width)
            )
            across, up = run[-1] - run[0]
            away = run - run[0]
            bent = np.abs(away[:, 0] * up - away[:, 1] * across) / max(math.hypot(across, up), 1e-9)
            if bent.max() > _MOST_BENT * height or math.hypot(across, up) < 0.9 * width:
                continue
            boxes = _boxes((run[0] + run[-1]) / 2, (across, up), width, height)
            if not all(occupancy.is_free(one) for one in boxes):
                continue
            for one in boxes:
                occupancy.occupy(one)
            angle = math.degrees(math.atan2(up, across))
            angle = angle if -90 < angle <= 90 else angle - math.copysign(180, angle)
            x, y = ((run[0] + run[-1]) / 2).tolist()
            return RoadName(name, x, y, size, angle)
    return None


def _boxes(middle: np.ndarray, along: tuple[float, float], width: float, height: float) -> list[Box]:
    """Return small boxes that together cover a turned text."""
    length = max(math.hypot(*along), 1e-9)
    step = np.array(along) / length
    count = max(2, math.ceil(width / (0.6 * height)))
    places = middle + np.linspace(-0.5, 0.5, count)[:, None] * (width - height) * step
    half = 0.62 * height
    return [(x - half, y - half, x + half, y + half) for x, y in places.tolist()]
