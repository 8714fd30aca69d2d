"""Draw the water and the green of the store below the results of a sheet, and place names of water and villages."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.palette import GROUND, LIGHT, WIDTHS
from maps.map_data import GROUND_LAYER, MapData
from maps.print.label_placement import Label, OccupancyGrid, PlacedLabel, TextMeasure, place_inside, place_near
from maps.print.page_layout import MapFrame
from maps.print.page_projection import PageTransform, projected
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_content import SheetContent, text_of

#: Villages are named on maps of at least this scale: on smaller ones they are a few mm wide.
VILLAGE_SCALE = 100_000
#: Water narrower than this on paper, in mm, has no fill that could be told from its edge.
_LEAST_MM = 0.3


def draw_ground(
    canvas: Canvas,
    frame: MapFrame,
    content: SheetContent,
    data: MapData,
    unit: float,
    layers: set[str],
    *,
    detail: bool,
) -> None:
    """Fill water, and where zones have no colour of their own green as well; name in ``layers`` what is there."""
    ground = data.reference.get(GROUND_LAYER)
    if ground is None or not len(ground):
        return
    colours, to_page = GROUND["light"], PageTransform(ground.crs, content.crs, frame)
    width = WIDTHS["grid"] * MM_PER_POINT * unit
    for kind, fill, edge in (("green", colours.green, None), ("water", colours.water, colours.water_line)):
        if kind == "green" and not detail:
            continue  # a class of coverage is green
        shapes = ground.geometry.to_numpy()[(ground["kind"] == kind).to_numpy(bool)]
        rings = to_page.rings(shapes[shapely.area(shapes) ** 0.5 * to_page.mm_per_unit >= _LEAST_MM])
        canvas.rings(rings, fill=fill, edge=edge, width=width)
        if len(rings):
            layers.add(kind)


def place_ground_names(
    occupancy: OccupancyGrid,
    frame: MapFrame,
    content: SheetContent,
    data: MapData,
    measure: TextMeasure,
    sizes: tuple[float, ...],
) -> tuple[list[PlacedLabel], list[Label]]:
    """Place the names of villages and of water where nothing else stands; return those placed and those left out.

    A village is named inside its area, or beside its point; the one that the title names is not named again. Of water
    each name stands once, in its largest part on the map.
    """
    placed, left = _water_names(occupancy, frame, content, data, measure, sizes)
    if frame.scale > VILLAGE_SCALE:
        return placed, left
    villages = _villages(data)
    if villages is None:
        return placed, left
    texts = [text_of(one) for one in villages["name"]]
    shapes = projected(villages, content.crs).geometry.to_numpy()
    own = content.focus.name if content.focus is not None else ""
    rows = [at for at in _on_map(shapes, frame) if texts[at] and texts[at] != own]
    dimensions = shapely.get_dimensions(shapes)
    areas, points = ([at for at in rows if dimensions[at] == wanted] for wanted in (2, 0))
    labels = _labels("village", texts, areas, sizes)
    found, no_room = place_inside(occupancy, labels, _visible(shapes[areas], frame), measure, clearance=0.5)
    spots = frame.points(shapely.get_coordinates(shapely.centroid(shapes[points])))
    beside, no_room_beside = place_near(occupancy, _labels("village", texts, points, sizes), spots, measure, 0.4)
    # Of a village beyond the edge a sliver is on the map: its name is not missed there.
    inner = shapely.box(*frame.bounds).contains(shapely.point_on_surface(shapes))
    missed = {f"village:{texts[at]}" for at in rows if inner[at]}
    missing = [one for one in (*no_room, *no_room_beside) if one.key in missed]
    return [*placed, *found, *beside], [*left, *missing]


def draw_ground_names(canvas: Canvas, names: Sequence[PlacedLabel], unit: float) -> None:
    """Write the names, water in its own colour, each in its halo."""
    colours = GROUND["light"]
    for one in names:
        colour = colours.water_line if one.key.startswith("water:") else colours.label
        below, above = canvas.font.ink_extent(one.text)
        y = one.y - (above - below) / 2 * one.size * MM_PER_POINT
        canvas.text(one.x, y, one.text, one.size, colour=colour, anchor="middle", halo=(LIGHT.halo, 0.45 * unit))


def _villages(data: MapData) -> gpd.GeoDataFrame | None:
    """Return the villages of the store, else those of the run, with a name; None where there are none."""
    for frame in (data.reference.get("villages"), data.zones.get("villages")):
        if frame is not None and len(frame) and "name" in frame:
            return frame
    return None


def _labels(kind: str, texts: Sequence[str], rows: Sequence[int], sizes: tuple[float, ...]) -> list[Label]:
    return [Label(f"{kind}:{texts[at]}", texts[at], sizes) for at in rows]


def _on_map(shapes: np.ndarray, frame: MapFrame) -> list[int]:
    west, south, east, north = frame.bounds
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    return np.flatnonzero((low_x < east) & (high_x > west) & (low_y < north) & (high_y > south)).tolist()


def _visible(shapes: np.ndarray, frame: MapFrame) -> np.ndarray:
    """Return what of areas is on the map, in page mm."""
    rect = frame.rect
    whole = shapely.make_valid(shapely.simplify(shapes, frame.metres(0.1)))
    return shapely.clip_by_rect(frame.shapes(whole), rect.x, rect.y, rect.right, rect.top)


def _water_names(
    occupancy: OccupancyGrid,
    frame: MapFrame,
    content: SheetContent,
    data: MapData,
    measure: TextMeasure,
    sizes: tuple[float, ...],
) -> tuple[list[PlacedLabel], list[Label]]:
    ground = data.reference.get(GROUND_LAYER)
    if ground is None or not len(ground) or "name" not in ground:
        return [], []
    water = projected(ground[(ground["kind"] == "water").to_numpy(bool)], content.crs)
    largest: dict[str, shapely.Geometry] = {}
    shapes = water.geometry.to_numpy()
    rows = _on_map(shapes, frame)
    texts = [text_of(one) for one in water["name"]]
    for at, visible in zip(rows, _visible(shapes[rows], frame), strict=True):
        if texts[at] and visible.area > getattr(largest.get(texts[at]), "area", 0.0):
            largest[texts[at]] = visible
    names = sorted(largest, key=lambda one: (-largest[one].area, one))
    labels = [Label(f"water:{one}", one, sizes) for one in names]
    return place_inside(occupancy, labels, np.array([largest[one] for one in names], object), measure, clearance=0.5)
