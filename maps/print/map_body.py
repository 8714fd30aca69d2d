"""Draw what lies inside the map of a sheet: zones by class, roads, buildings, views, gaps, cameras, borders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import to_wgs84
from geo.crs_metric import convergence
from maps.map_data import MapData
from maps.print.page_layout import Frame, Layout
from maps.print.page_projection import ToPage, projected
from maps.print.pdf_canvas import PT, Canvas
from maps.print.sheet_content import CLASSES, STATUSES, Subject, township_frame
from maps.style.coverage_classes import NO_DATA, ZERO
from maps.style.themes import LIGHT, SYMBOLS, WIDTHS, Hatch

#: From this scale on, views, buildings and roads are wide enough on paper to be drawn themselves.
DETAIL_SCALE = 15_000
#: A gap narrower than this on paper, in mm, is too narrow for hatching.
_THIN = 0.4
_NEIGHBOUR, _NEIGHBOUR_LINE = "#eceff2", "#a9b3bd"


@dataclass(frozen=True)
class Shown:
    """Tell the legend what the map shows.

    Attributes
    ----------
    classes
        Coverage class -> number of the sheet's own zones; empty where zones are not coloured.
    sites
        Class of the sheet's own sites and status -> number on the map.
    neighbours
        Number of sites of other zones on the map.
    outside
        Number of the sheet's own sites that lie beyond the map.
    gaps
        Number of gaps drawn.
    seen
        How many sites see -> m2 of ground, NaN where that is of more than the sheet; empty where views are not drawn.
        0 stands for views drawn one by one.
    layers
        Names of further things drawn: ``neighbour``, ``township``, ``county``, ``road``, ``obstacle``, ``possible``.
    """

    classes: Mapping[int, int]
    sites: Mapping[tuple[str, str], int]
    neighbours: int
    outside: int
    gaps: int
    seen: Mapping[int, float]
    layers: frozenset[str]


def hatch_of(hatch: Hatch, unit: float) -> tuple[str, float, float, float]:
    """Return a hatch of the style as the canvas takes it: paper is read closer than a screen, so at half its width."""
    return hatch.colour, hatch.gap * PT * unit * 0.75, hatch.width * PT * unit * 0.45, hatch.angle


def is_detail(frame: Frame) -> bool:
    """Tell whether the scale shows ground rather than zones."""
    return frame.scale <= DETAIL_SCALE


def draw_map(canvas: Canvas, plan: Layout, frame: Frame, subject: Subject, data: MapData) -> Shown:
    """Draw everything but graticule and labels, bottom first, and tell what came on the map."""
    unit, rect = plan.unit, frame.rect
    detail = is_detail(frame)
    layers: set[str] = set()
    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        canvas.rect(rect.x, rect.y, rect.width, rect.height, fill="#fbfcfd")
        classes = _zones(canvas, frame, subject, unit, layers, coloured=not detail)
        seen: dict[int, float] = {}
        if detail:
            _roads(canvas, frame, subject, data, unit, layers)
            seen = _seen(canvas, frame, subject, data, layers)
            _obstacles(canvas, frame, subject, data, unit, layers)
            _veil(canvas, frame, subject)
        gaps = _gaps(canvas, frame, subject, unit, detail=detail)
        _zone_lines(canvas, frame, subject, data, unit, layers)
        counts = _sites(canvas, frame, subject, data, unit, detail=detail)
    return Shown(classes, *counts, gaps, seen, frozenset(layers))


# ------------------------------------------------------------------------------------------------- zones


def _zones(
    canvas: Canvas, frame: Frame, subject: Subject, unit: float, layers: set[str], *, coloured: bool
) -> dict[int, int]:
    to_page = ToPage(None, subject.crs, frame)
    shapes = subject.zones.geometry.to_numpy()
    codes = subject.zones["class"].to_numpy(dtype=int)
    if not subject.own.all():
        rings = to_page.rings(shapes[~subject.own])
        canvas.rings(rings, fill=_NEIGHBOUR, edge=_NEIGHBOUR_LINE, width=WIDTHS["grid"] * PT * unit * 0.7)
        layers.add("neighbour")
    if not coloured:
        canvas.rings(to_page.rings(shapes[subject.own]), fill=LIGHT.paper)
        return {}
    counts = {}
    for code in (NO_DATA, ZERO, 1, 2, 3, 4, 5):
        chosen = subject.own & (codes == code)
        counts[code] = int(chosen.sum())
        if not counts[code]:
            continue
        rings = to_page.rings(shapes[chosen])
        if code == ZERO:
            canvas.rings(rings, fill=LIGHT.zero, hatch=hatch_of(LIGHT.zero_hatch, unit))
        else:
            canvas.rings(rings, fill=LIGHT.no_data if code == NO_DATA else LIGHT.classes[code - 1])
    return counts


def _zone_lines(canvas: Canvas, frame: Frame, subject: Subject, data: MapData, unit: float, layers: set[str]) -> None:
    to_page = ToPage(None, subject.crs, frame)
    points = WIDTHS
    if len(subject.zones):
        own = subject.zones.geometry.to_numpy()[subject.own]
        canvas.lines(to_page.lines(own), edge=LIGHT.grid_line, width=points["grid"] * PT * unit)
    townships = township_frame(data)
    if townships is not None and subject.layer != "townships":
        shapes = projected(townships, subject.crs).geometry.to_numpy()
        lines = _main_rings(to_page.rings(shapes))
        if _meets(lines, frame):
            canvas.lines(lines, edge="#ffffff", width=(points["township"] + 0.9) * PT * unit)
            canvas.lines(lines, edge=LIGHT.township_line, width=points["township"] * PT * unit)
            layers.add("township")
    if subject.outline is not None:
        rings = _main_rings(to_page.rings(np.array([subject.outline], dtype=object)))
        if _meets(rings, frame):
            canvas.lines(rings, edge=LIGHT.county_line, width=points["county"] * PT * unit)
            layers.add("county")
    if subject.focus is not None:
        rings = to_page.rings(np.array([subject.focus.shape], dtype=object))
        canvas.rings(rings, edge="#ffffff", width=(points["county"] + 1.6) * PT * unit)
        canvas.rings(rings, edge=LIGHT.county_line, width=points["county"] * PT * unit)


def _meets(lines: np.ndarray, frame: Frame) -> bool:
    rect = frame.rect
    return bool((~shapely.is_empty(shapely.clip_by_rect(lines, rect.x, rect.y, rect.right, rect.top))).any())


def _main_rings(rings: np.ndarray) -> np.ndarray:
    """Leave out rings below 2 mm round: slivers between grids that were drawn apart, not borders."""
    return rings[shapely.length(rings) >= 2.0]


# ------------------------------------------------------------------------------------------------- ground


def _roads(canvas: Canvas, frame: Frame, subject: Subject, data: MapData, unit: float, layers: set[str]) -> None:
    """Draw roads at their true width, to whole quarter millimetres, so that a few strokes serve all of them."""
    roads = data.reference.get("roads")
    if roads is None or not len(roads):
        return
    to_page = ToPage(roads.crs, subject.crs, frame)
    shapes = roads.geometry.to_numpy()
    near = to_page.on_map(shapes)
    width = pd.to_numeric(roads["width"], errors="coerce") if "width" in roads else pd.Series(np.nan, roads.index)
    width = width.fillna(8.0).to_numpy(dtype=float)[near]
    steps = np.clip(np.rint(frame.millimetres(1) * width / 0.25), 1, 40).astype(int)
    drawn = {step: to_page.lines(shapes[near][steps == step]) for step in np.unique(steps).tolist()}
    for extra, colour in ((0.16 * unit, LIGHT.road), (0.0, "#f6f1ea")):
        for step, lines in drawn.items():
            canvas.lines(lines, edge=colour, width=step * 0.25 + extra)
    if near.any():
        layers.add("road")


def _obstacles(canvas: Canvas, frame: Frame, subject: Subject, data: MapData, unit: float, layers: set[str]) -> None:
    obstacles = data.reference.get("obstacles")
    if obstacles is None or not len(obstacles):
        return
    rings = ToPage(obstacles.crs, subject.crs, frame).rings(obstacles.geometry.to_numpy())
    canvas.rings(rings, fill=LIGHT.obstacle, edge="#9aa1a8", width=0.06 * unit)
    if len(rings):
        layers.add("obstacle")


def _veil(canvas: Canvas, frame: Frame, subject: Subject) -> None:
    """Grey everything outside the one zone shown."""
    if subject.focus is None:
        return
    rect = frame.rect
    room = shapely.box(rect.x, rect.y, rect.right, rect.top)
    outside = shapely.difference(room, shapely.make_valid(frame.shapes(np.array([subject.focus.shape]))[0]))
    canvas.polygons([outside], fill="#f1f3f5", alpha=0.72)


def _seen(canvas: Canvas, frame: Frame, subject: Subject, data: MapData, layers: set[str]) -> dict[int, float]:
    """Draw the ground that is surely seen by 1, 2, 3 or more sites, and the rim of what may be seen."""
    areas: dict[int, float] = {}
    if data.possible is not None and len(data.possible):
        online = _online(data.possible, data.cameras)
        rings = ToPage(data.possible.crs, subject.crs, frame).rings(online.geometry.to_numpy())
        canvas.rings(rings, fill=LIGHT.possible, alpha=0.18)
        layers.add("possible")
    if data.coverage is not None and len(data.coverage) and "k" in data.coverage:
        to_page = ToPage(data.coverage.crs, subject.crs, frame)
        for k, colour in enumerate(LIGHT.seen, 1):
            part = data.coverage[data.coverage.k == k]
            if len(part):
                canvas.rings(to_page.rings(part.geometry.to_numpy()), fill=colour, alpha=0.75)
                whole = subject.focus is None
                areas[k] = float(projected(part, subject.crs).area.sum()) if whole else float("nan")
    elif data.views is not None and len(data.views):
        shapes = _online(data.views, data.cameras).geometry.to_numpy()
        canvas.rings(ToPage(data.views.crs, subject.crs, frame).rings(shapes), fill=LIGHT.seen[0], alpha=0.75)
        areas[0] = float("nan")
    return areas


def _online(views: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Leave out the views of cameras that are off or planned: they count for nothing (U6)."""
    if "status" in views:
        return views[views.status.fillna("online") == "online"]
    if cameras is not None and {"id", "status"} <= set(cameras) and "id" in views:
        return views[~views.id.isin(cameras.id[cameras.status.isin(["offline", "planned"])])]
    return views


def _gaps(canvas: Canvas, frame: Frame, subject: Subject, unit: float, *, detail: bool) -> int:
    """Hatch the gaps. A gap thinner than its edge, as streets are on a county sheet, shows as a line."""
    gaps = subject.gaps
    if not len(gaps):
        return 0
    width = (WIDTHS["gap"] if detail else WIDTHS["gap"] * 0.55) * PT * unit
    to_page = ToPage(gaps.crs, subject.crs, frame)
    shapes = gaps.geometry.to_numpy()
    kinds = shapely.get_dimensions(shapes)
    areas = shapes[kinds == 2]
    across = 2 * shapely.area(areas) / np.maximum(shapely.length(areas), 1e-12) * to_page.mm_per_unit
    # Where no hatch line would fit, a filled line says the same in half the file.
    thin, wide = to_page.rings(areas[across < _THIN]), to_page.rings(areas[across >= _THIN])
    canvas.rings(thin, fill=LIGHT.gap_line, edge=LIGHT.gap_line, width=width)
    canvas.rings(wide, edge=LIGHT.gap_line, width=width, hatch=hatch_of(LIGHT.gap_hatch, unit))
    canvas.lines(to_page.lines(shapes[kinds == 1]), edge=LIGHT.gap_line, width=2 * width)
    points = shapes[kinds == 0]
    if len(points):
        canvas.dots(to_page.points(shapely.get_coordinates(points)), diameter=1.2 * unit, colour=LIGHT.gap_line)
    return len(gaps)


# ------------------------------------------------------------------------------------------------- cameras


def symbol(name: str, size: float) -> np.ndarray:
    """Return the outline of a camera symbol ``size`` mm wide about its centre."""
    half = size / 2
    if name == "square":
        return np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half * 0.9
    if name == "triangle":
        return np.array([(-1, -0.75), (1, -0.75), (0, 1.05)]) * half * 1.08
    if name == "diamond":
        return np.array([(0, -1), (1, 0), (0, 1), (-1, 0)]) * half * 1.05
    turns = np.linspace(0, 2 * np.pi, 13)[:-1]
    return np.column_stack([np.cos(turns), np.sin(turns)]) * half


def symbol_size(kind: str, unit: float, *, detail: bool) -> float:
    """Return the width of a camera symbol in mm: class 1 the largest."""
    size = {"1": 0.95, "2": 0.95, "3": 0.7, "none": 0.85}[kind]
    return size * unit * (2.0 if detail else 1.0)


def draw_sites(canvas: Canvas, places: np.ndarray, kind: str, status: str, size: float, unit: float) -> None:
    """Draw sites of one class and status: online filled, offline hollow in red, planned hollow."""
    shape = symbol(SYMBOLS[kind], size)
    colour = LIGHT.camera[kind]
    if status == "online":
        canvas.symbols(places, shape, edge=LIGHT.halo, width=0.22 * unit)
        canvas.symbols(places, shape, fill=colour)
    else:
        edge = LIGHT.offline if status == "offline" else colour
        canvas.symbols(places, shape, fill=LIGHT.paper, edge=edge, width=0.17 * unit)


def _sites(
    canvas: Canvas, frame: Frame, subject: Subject, data: MapData, unit: float, *, detail: bool
) -> tuple[dict[tuple[str, str], int], int, int]:
    sites = subject.sites
    counts = {(kind, status): 0 for kind in CLASSES for status in STATUSES}
    if not len(sites):
        return {}, 0, 0
    places = frame.points(sites[["x", "y"]].to_numpy())
    rect = frame.rect
    on_map = (places[:, 0] >= rect.x) & (places[:, 0] <= rect.right)
    on_map &= (places[:, 1] >= rect.y) & (places[:, 1] <= rect.top)
    own = sites.own.to_numpy(dtype=bool)
    foreign = places[on_map & ~own]
    if len(foreign):
        canvas.dots(foreign, diameter=0.6 * unit * (1.5 if detail else 1.0), colour=_NEIGHBOUR_LINE)
    if detail:
        _aims(canvas, frame, subject, data, unit)
    for kind in reversed(CLASSES):
        for status in reversed(STATUSES):
            chosen = on_map & own & (sites["class"] == kind).to_numpy() & (sites.status == status).to_numpy()
            counts[kind, status] = int(chosen.sum())
            if counts[kind, status]:
                draw_sites(canvas, places[chosen], kind, status, symbol_size(kind, unit, detail=detail), unit)
    shown = {key: count for key, count in counts.items() if count}
    return shown, len(foreign), int((own & ~on_map).sum())


def _aims(canvas: Canvas, frame: Frame, subject: Subject, data: MapData, unit: float) -> None:
    """Draw where each camera looks: a stroke along its azimuth, turned by the convergence at its place (R1)."""
    cameras = data.cameras
    if "azimuth" not in cameras:
        return
    azimuth = pd.to_numeric(cameras.azimuth, errors="coerce").to_numpy(dtype=float)
    points = shapely.get_coordinates(shapely.centroid(projected(cameras, subject.crs).geometry.to_numpy()))
    west, south, east, north = frame.bounds
    near = (points >= (west, south)).all(axis=1) & (points <= (east, north)).all(axis=1) & np.isfinite(azimuth)
    if subject.focus is not None:
        near &= shapely.intersects_xy(subject.focus.shape, points[:, 0], points[:, 1])
    points, azimuth = points[near], azimuth[near]
    if not len(points):
        return
    lon, lat = to_wgs84(points[:, 0], points[:, 1], subject.crs)
    turn = np.radians(azimuth - convergence(lon, lat, subject.crs))
    start = frame.points(points)
    end = start + np.column_stack([np.sin(turn), np.cos(turn)]) * 2.8 * unit
    strokes = shapely.linestrings(np.stack([start, end], axis=1))
    canvas.lines(strokes, edge=LIGHT.halo, width=0.55 * unit)
    canvas.lines(strokes, edge=LIGHT.ink, width=0.22 * unit)
