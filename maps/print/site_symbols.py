"""Draw camera sites as the scale allows: dots for how many a grid has, then symbols, then symbols with their views.

On a county sheet thousands of symbols would hide the grids: there one dot stands for the sites of a grid, or of several
grids that are smaller than a dot. Symbols follow where grids are wide enough for them, and where the ground is shown
each has the direction it looks, as a sector of its angle of view where that is known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo.catalog.palette import LIGHT, SHEET, SYMBOLS
from geo.crs import to_wgs84
from geo.crs_metric import convergence
from maps.map_data import MapData
from maps.print.page_layout import MapFrame
from maps.print.page_projection import projected
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_content import CLASSES, STATUSES, SheetContent
from maps.print.symbol_spacing import Marks, merged

#: From these scales on sites are symbols, and directions are sectors with the number of their site.
SYMBOL_SCALE, SECTOR_SCALE = 60_000, 5_000
#: Least number of sites of each size of dot, and its diameter in mm on A3, smallest first.
DOTS = ((1, 0.75), (5, 1.2), (20, 1.8))
#: Length of a direction, and radius of a sector, in mm on A3.
_STROKE_MM, _SECTOR_MM = 2.8, 4.2


def shows_dots(frame: MapFrame, content: SheetContent) -> bool:
    """Return whether dots stand for the sites of each zone."""
    return frame.scale > SYMBOL_SCALE and len(content.zones) > 0 and content.layer != "all"


def dots_of(frame: MapFrame, content: SheetContent, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return middles (n, 2) of the dots in mm, and how many of the sheet's own sites each stands for."""
    sites = content.sites[content.sites.own.to_numpy(dtype=bool)]
    if not len(sites):
        return np.empty((0, 2)), np.empty(0, dtype=int)
    xy = sites[["x", "y"]].to_numpy(dtype=float)
    at, zone = shapely.STRtree(content.zones.geometry.to_numpy()).query(shapely.points(xy), predicate="intersects")
    owner = np.full(len(xy), -1)
    owner[at[::-1]] = zone[::-1]  # the first zone of a site on a border
    table = pd.DataFrame({"zone": owner, "x": xy[:, 0], "y": xy[:, 1], "n": 1})
    # Sites in no zone are dots of their own, merged with those near them.
    table.loc[owner < 0, "zone"] = -1 - np.flatnonzero(owner < 0)
    grouped = table.groupby("zone").agg(x=("x", "mean"), y=("y", "mean"), n=("n", "sum"))
    grouped = grouped.sort_values("n", ascending=False, kind="stable")
    points = frame.points(grouped[["x", "y"]].to_numpy())
    kept, sums = merged(points, grouped["n"].to_numpy(), DOTS[-1][1] * unit)
    return points[kept], sums[kept].astype(int)


def draw_dot(canvas: Canvas, points: np.ndarray, size: int, unit: float) -> Marks:
    """Draw the dots of one size, by its place in ``DOTS``."""
    diameter = DOTS[size][1] * unit
    canvas.dots(points, diameter=diameter + 0.36 * unit, colour=LIGHT.halo)
    canvas.dots(points, diameter=diameter, colour=LIGHT.camera["1"])
    return Marks(points, diameter)


def draw_all_sites(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float, *, detail: bool
) -> list[Marks]:
    """Draw the sites of the map as its scale allows, and return what no letter may stand on."""
    sites = content.sites
    if not len(sites):
        return []
    points, on_map, own = _placed(frame, content)
    foreign = points[on_map & ~own]
    dots = shows_dots(frame, content)
    if len(foreign) and not dots:
        canvas.dots(foreign, diameter=0.6 * unit * (1.5 if detail else 1.0), colour=SHEET.neighbour_mark)
    if dots:
        places, counts = dots_of(frame, content, unit)
        sizes = np.searchsorted([least for least, _ in DOTS], counts, side="right") - 1
        return [draw_dot(canvas, places[sizes == one], one, unit) for one in range(len(DOTS)) if (sizes == one).any()]
    if detail:
        _draw_directions(canvas, frame, content, data, unit)
    marks = []
    for camera_class in reversed(CLASSES):
        for status in reversed(STATUSES):
            chosen = on_map & own & (sites["class"] == camera_class).to_numpy() & (sites.status == status).to_numpy()
            if chosen.any():
                size = symbol_size(camera_class, unit, detail=detail)
                draw_sites(canvas, points[chosen], camera_class, status, size, unit)
                marks.append(Marks(points[chosen], size))
    return marks


def count_sites(frame: MapFrame, content: SheetContent) -> tuple[dict[tuple[str, str], int], int, int]:
    """Return how many own sites of which class and status are on the map, how many others, how many are beyond it."""
    sites = content.sites
    if not len(sites):
        return {}, 0, 0
    _points, on_map, own = _placed(frame, content)
    shown = sites[on_map & own]
    counts = shown.groupby(["class", "status"]).size().to_dict()
    found = {(kind, status): int(counts.get((kind, status), 0)) for kind in CLASSES for status in STATUSES}
    others = 0 if shows_dots(frame, content) else int((on_map & ~own).sum())
    return {key: count for key, count in found.items() if count}, others, int((own & ~on_map).sum())


def _placed(frame: MapFrame, content: SheetContent) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sites in mm, which of them are on the map, and which are the sheet's own."""
    points, rect = frame.points(content.sites[["x", "y"]].to_numpy(dtype=float)), frame.rect
    on_map = (points[:, 0] >= rect.x) & (points[:, 0] <= rect.right)
    on_map &= (points[:, 1] >= rect.y) & (points[:, 1] <= rect.top)
    return points, on_map, content.sites.own.to_numpy(dtype=bool)


# ------------------------------------------------------------------------------------------------- symbols


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


def lower_half(shape: np.ndarray) -> np.ndarray:
    """Return the part of a symbol's outline below its centre.

    Examples
    --------
    >>> bool((lower_half(symbol("diamond", 2.0))[:, 1] <= 0).all())
    True
    """
    reach = float(np.abs(shape).max())
    below = shapely.box(-reach, -reach, reach, 0)
    return shapely.get_coordinates(shapely.intersection(shapely.Polygon(shape), below))[:-1]


def symbol_size(camera_class: str, unit: float, *, detail: bool) -> float:
    """Return the width of a camera symbol in mm: class 1 the largest."""
    size = {"1": 0.95, "2": 0.95, "3": 0.7, "none": 0.85}[camera_class]
    return size * unit * (2.0 if detail else 1.0)


def draw_sites(canvas: Canvas, points: np.ndarray, camera_class: str, status: str, size: float, unit: float) -> None:
    """Draw sites of one class and status: online filled, offline hollow in red, planned hollow, unknown half filled."""
    shape = symbol(SYMBOLS[camera_class], size)
    colour = LIGHT.camera[camera_class]
    if status == "online":
        canvas.symbols(points, shape, edge=LIGHT.halo, width=0.22 * unit)
        canvas.symbols(points, shape, fill=colour)
    else:
        edge = LIGHT.offline if status == "offline" else colour
        canvas.symbols(points, shape, fill=LIGHT.paper, edge=edge, width=0.17 * unit)
        if status == "unknown":
            canvas.symbols(points, lower_half(shape), fill=colour)


# ------------------------------------------------------------------------------------------------- directions


def _draw_directions(canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float) -> None:
    """Draw the direction of each camera, its azimuth less the convergence at its position (R1).

    A stroke, or at large scales a sector of the angle of view where that is known.
    """
    cameras = data.cameras
    if "azimuth" not in cameras:
        return
    azimuth = pd.to_numeric(cameras.azimuth, errors="coerce").to_numpy(dtype=float)
    points = shapely.get_coordinates(shapely.centroid(projected(cameras, content.crs).geometry.to_numpy()))
    west, south, east, north = frame.bounds
    near = (points >= (west, south)).all(axis=1) & (points <= (east, north)).all(axis=1) & np.isfinite(azimuth)
    if content.focus is not None:
        near &= shapely.intersects_xy(content.focus.shape, points[:, 0], points[:, 1])
    if not near.any():
        return
    angle = np.full(len(cameras), np.nan)
    if frame.scale <= SECTOR_SCALE and "hfov" in cameras:
        angle = pd.to_numeric(cameras["hfov"], errors="coerce").to_numpy(dtype=float)
    points, azimuth, angle = points[near], azimuth[near], angle[near]
    lon, lat = to_wgs84(points[:, 0], points[:, 1], content.crs)
    bearing = azimuth - convergence(lon, lat, content.crs)
    start = frame.points(points)
    wide = (angle > 0) & (angle < 360)
    if wide.any():
        draw_sectors(canvas, start[wide], bearing[wide], angle[wide], _SECTOR_MM * unit, unit)
    narrow, turn = start[~wide], np.radians(bearing[~wide])
    if len(narrow):
        end = narrow + np.column_stack([np.sin(turn), np.cos(turn)]) * _STROKE_MM * unit
        strokes = shapely.linestrings(np.stack([narrow, end], axis=1))
        canvas.lines(strokes, edge=LIGHT.halo, width=0.55 * unit)
        canvas.lines(strokes, edge=LIGHT.ink, width=0.22 * unit)


def shows_sectors(frame: MapFrame, data: MapData) -> bool:
    """Return whether the map has the angles of view of cameras."""
    cameras = data.cameras
    return frame.scale <= SECTOR_SCALE and {"azimuth", "hfov"} <= set(cameras) and bool(cameras["hfov"].notna().any())


def draw_sectors(
    canvas: Canvas, middles: np.ndarray, bearing: np.ndarray, angle: np.ndarray, radius: float, unit: float
) -> None:
    """Draw angles of view about bearings, in degrees clockwise from grid north; radius in mm."""
    sectors = shapely.polygons(_sectors(middles, bearing, angle, radius))
    canvas.polygons(sectors, fill=LIGHT.quiet, alpha=0.35)
    canvas.polygons(sectors, edge=LIGHT.ink, width=0.12 * unit)


def _sectors(middles: np.ndarray, bearing: np.ndarray, angle: np.ndarray, radius: float) -> np.ndarray:
    """Return the corners (n, 11, 2) of sectors about bearings, in degrees clockwise from grid north."""
    turns = np.radians(bearing[:, None] + angle[:, None] * np.linspace(-0.5, 0.5, 9))
    arc = middles[:, None] + np.stack([np.sin(turns), np.cos(turns)], axis=-1) * radius
    return np.concatenate([middles[:, None], arc, middles[:, None]], axis=1)
