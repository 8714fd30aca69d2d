"""Draw maps of views true to scale: ground, what is surely and possibly seen, what is not, what cuts it, names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.palette import LIGHT, SHEET, WIDTHS
from geo.visibility.view_cuts import obstacles_at_edge
from maps.map_data import MapData
from maps.print import map_body, road_lines
from maps.print.forms.form_words import form_word
from maps.print.forms.lens_shapes import Lens
from maps.print.label_placement import OccupancyGrid
from maps.print.page_layout import Bounds, MapFrame, Rect
from maps.print.page_projection import PageTransform, projected
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_content import SheetContent, text_of

#: Scales of maps of single views: round, as a scale ruler has them.
VIEW_SCALES = (
    250,
    400,
    500,
    750,
    1_000,
    1_250,
    1_500,
    2_000,
    2_500,
    3_000,
    4_000,
    5_000,
    7_500,
    10_000,
    15_000,
    20_000,
    25_000,
    50_000,
)
#: Type of names of roads and places and of numbers, points; radius of the disc of a number and of a camera, mm.
_NAME_PT, _NUMBER_PT, _DISC_MM, _DOT_MM = 7.0, 7.0, 1.9, 0.8
#: From a camera to the middle of its number, mm.
_NUMBER_AT_MM = 5.2
_DASH_MM = (1.4, 0.8)
#: Ground left free round what a map is of, as a share of its side.
_ROUND = 0.06
#: The share of a map that its subject may take where there is no room for that ground.
WITHOUT_GROUND = 0.97


def frame_of(extent: Bounds, rect: Rect, scales: Sequence[int] = VIEW_SCALES) -> MapFrame:
    """Return a rectangle as a map of the largest of some scales that shows an extent, in its middle."""
    west, south, east, north = extent
    room = 1 + 2 * _ROUND
    needed = max((east - west) * room / rect.width, (north - south) * room / rect.height) * 1000
    scale = next((one for one in scales if one >= needed), None)
    if scale is None:  # rather little ground round it than a scale beyond those
        scale = next((one for one in scales if one >= needed / room / WITHOUT_GROUND * (1 - 1e-9)), None)
    if scale is None:
        scale = next((one for one in VIEW_SCALES if one >= needed), None)
    if scale is None:
        step = 10 ** math.floor(math.log10(needed))
        scale = math.ceil(needed / step) * step
    return frame_at((west + east) / 2, (south + north) / 2, scale, rect)


def frame_at(x: float, y: float, scale: float, rect: Rect) -> MapFrame:
    """Return a rectangle as a map of a scale about a place in metres."""
    metres = scale / 1000
    return MapFrame(rect, scale, x - rect.width * metres / 2, y - rect.height * metres / 2)


def extent_of(lenses: Sequence[Lens], around: float = 20.0) -> Bounds:
    """Return the bounds of cameras and all that they see, with so many metres about the cameras."""
    boxes = [(one.x - around, one.y - around, one.x + around, one.y + around) for one in lenses]
    boxes += [shape.bounds for one in lenses for shape in (one.sure, one.possible, one.sector) if not shape.is_empty]
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def near_each_other(boxes: Sequence[Bounds], most: Callable[[int], tuple[float, float]], rows: int) -> list[list[int]]:
    """Group things that one map shows, by their boxes; each joins the first group that it fits.

    Parameters
    ----------
    boxes
        Of each, m.
    most
        Width and height that a group of so many may have, m; a thing that is larger is a group of its own.
    rows
        How many a group may hold.

    Examples
    --------
    >>> boxes = [(0, 0, 10, 10), (500, 0, 510, 10), (20, 0, 30, 10)]
    >>> near_each_other(boxes, lambda n: (100, 100), 9), near_each_other(boxes, lambda n: (100, 100), 1)
    ([[0, 2], [1]], [[0], [1], [2]])
    """
    groups: list[list[int]] = []
    wholes: list[Bounds] = []
    for at, box in enumerate(boxes):
        for group, whole in enumerate(wholes):
            west, south, east, north = (
                min(box[0], whole[0]), min(box[1], whole[1]), max(box[2], whole[2]), max(box[3], whole[3]),
            )  # fmt: skip
            wide, high = most(len(groups[group]) + 1)
            if east - west <= wide and north - south <= high and len(groups[group]) < rows:
                groups[group].append(at)
                wholes[group] = (west, south, east, north)
                break
        else:
            groups.append([at])
            wholes.append(box)
    return groups


@dataclass
class ViewMap:
    """One map on a page.

    Attributes
    ----------
    canvas, frame
        What it is drawn on, and where.
    data, content
        The map of the run, and its sheet's content.
    lang, unit
        Language, and type factor.
    drawn
        What it shows, for its legend: ``sure``, ``possible``, ``blind``, ``cut``, ``obstacle``, ``road``, ``zone``,
        ``places``, ``protected``, ``others``.
    """

    canvas: Canvas
    frame: MapFrame
    data: MapData
    content: SheetContent
    lang: str
    unit: float = 1.0
    drawn: set[str] = field(default_factory=set)

    def draw(
        self,
        lenses: Sequence[Lens],
        numbers: Mapping[str, str],
        *,
        protected: gpd.GeoDataFrame | None = None,
        others: np.ndarray | None = None,
    ) -> None:
        """Draw the map with its edge.

        Parameters
        ----------
        lenses
            The cameras that it is of.
        numbers
            What is written beside each, by id.
        protected
            Protected places; None for none.
        others
            Points (n, 2) of further cameras in metres of the sheet's CRS.
        """
        rect, canvas = self.frame.rect, self.canvas
        # What is not on the map is left out at once: a county has a hundred thousand buildings, a form some dozen.
        near = {name: self._on_map(frame) for name, frame in self.data.reference.items() if len(frame)}
        self.data = replace(self.data, reference=near)
        with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
            canvas.rect(rect.x, rect.y, rect.width, rect.height, fill=LIGHT.paper)
            road_lines.draw_roads(canvas, self.frame, self.content, self.data, self.unit, self.drawn)
            self._views(lenses)
            map_body.draw_obstacles(canvas, self.frame, self.content, self.data, self.unit, self.drawn)
            self._cuts(lenses)
            self._zones()
            self._protected(protected)
            self._sectors(lenses)
            self._others(others)
            taken = OccupancyGrid(rect.inset(0.4 * self.unit))
            self._occupy_dots(taken, lenses, others)
            self._places(taken)
            self._cameras(lenses, numbers, taken)
            self._names(taken)
        canvas.rect(rect.x, rect.y, rect.width, rect.height, edge=LIGHT.ink, line=0.25)

    def _on_map(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shown = PageTransform(frame.crs, self.content.crs, self.frame).on_map(frame.geometry.to_numpy())
        return frame if shown.all() else frame[shown]

    # --------------------------------------------------------------------------------------------- views

    def _views(self, lenses: Sequence[Lens]) -> None:
        canvas = self.canvas
        possible = self._on_page([one.possible for one in lenses])
        sure = self._on_page([one.sure for one in lenses])
        blind = self._on_page([one.blind for one in lenses])
        if possible:
            canvas.polygons(possible, fill=LIGHT.possible, alpha=0.22)
            canvas.lines(possible, edge=LIGHT.possible, width=0.25 * self.unit, dash=_DASH_MM)
            self.drawn.add("possible")
        if sure:
            canvas.polygons(sure, fill=LIGHT.seen[0], alpha=0.8)
            canvas.lines(sure, edge=LIGHT.view, width=0.2 * self.unit)
            self.drawn.add("sure")
        if blind:
            rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(np.array(blind, object))))
            canvas.rings(rings, hatch=map_body.print_hatch(LIGHT.gap_hatch, self.unit))
            self.drawn.add("blind")

    def _on_page(self, shapes: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
        """Return the areas of some shapes that are on the map, each as polygons in mm."""
        out = []
        for one in self.frame.shapes(np.array([one for one in shapes if not one.is_empty], object)).tolist():
            parts = shapely.get_parts(shapely.make_valid(one))
            parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 0.02)]
            out += parts.tolist()
        rect = self.frame.rect
        inside = shapely.box(rect.x, rect.y, rect.right, rect.top)
        return [one for one in out if one.intersects(inside)]

    def _sectors(self, lenses: Sequence[Lens]) -> None:
        shapes = [one.sector for one in lenses if not one.sector.is_empty]
        lines = self.frame.shapes(np.array(shapes, object))
        self.canvas.lines(lines, edge=LIGHT.ink, width=0.15 * self.unit, dash=(0.9, 0.7))

    def _cuts(self, lenses: Sequence[Lens]) -> None:
        obstacles = self.data.reference.get("obstacles")
        if obstacles is None or not len(obstacles):
            return
        to_page = PageTransform(obstacles.crs, self.content.crs, self.frame)
        near = projected(obstacles[to_page.on_map(obstacles.geometry.to_numpy())], self.content.crs).geometry
        cutting = np.zeros(len(near), bool)
        for one in lenses:
            view = one.possible if one.sure.is_empty else one.sure
            if not view.is_empty:
                cutting |= obstacles_at_edge(view, near)
        if cutting.any():
            shapes = self.frame.shapes(near.to_numpy()[cutting])
            self.canvas.polygons(shapes, fill=SHEET.outside, edge=LIGHT.selected, width=0.35 * self.unit)
            self.drawn.add("cut")

    # --------------------------------------------------------------------------------------------- ground

    def _zones(self) -> None:
        grids = self.data.zones.get("grids")
        if grids is None or not len(grids):
            return
        lines = PageTransform(grids.crs, self.content.crs, self.frame).lines(grids.geometry.to_numpy())
        rect = self.frame.rect
        if (~shapely.is_empty(shapely.clip_by_rect(lines, rect.x, rect.y, rect.right, rect.top))).any():
            width = WIDTHS["grid"] * 1.6 * MM_PER_POINT * self.unit
            self.canvas.lines(lines, edge=LIGHT.halo, width=3 * width)
            self.canvas.lines(lines, edge=LIGHT.township_line, width=width, dash=(2.4, 0.8, 0.4, 0.8))
            self.drawn.add("zone")

    def _protected(self, protected: gpd.GeoDataFrame | None) -> None:
        if protected is None or not len(protected):
            return
        to_page = PageTransform(protected.crs, self.content.crs, self.frame)
        parts = shapely.get_parts(protected.geometry.to_numpy())
        parts = parts[to_page.on_map(parts)]
        kinds = shapely.get_type_id(parts)
        colour, width = LIGHT.layers["areas"], 0.4 * self.unit
        self.canvas.lines(to_page.rings(parts[kinds == 3]), edge=colour, width=width)
        self.canvas.lines(to_page.lines(parts[kinds == 1]), edge=colour, width=width)
        self.canvas.dots(to_page.points(shapely.get_coordinates(parts[kinds == 0])), diameter=1.6, colour=colour)
        if len(parts):
            self.drawn.add("protected")

    def _places(self, taken: OccupancyGrid) -> None:
        """Draw places as on other sheets, their names beside them where there is room."""
        places = self.data.reference.get("places")
        if places is None or not len(places):
            return
        frame = projected(places, self.content.crs)
        spots = self.frame.points(shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy())))
        rect = self.frame.rect
        inside = (spots[:, 0] > rect.x) & (spots[:, 0] < rect.right) & (spots[:, 1] > rect.y) & (spots[:, 1] < rect.top)
        lined = np.isin(shapely.get_type_id(frame.geometry.to_numpy()), (1, 5))
        inside &= ~lined  # a section of a road is drawn by its road
        if not inside.any():
            return
        mark = map_body.PLACE_MARKS["places"] * self.unit
        self.canvas.symbols(spots[inside], mark, fill=LIGHT.layers["places"], edge=LIGHT.halo, width=0.1)
        for x, y in spots[inside].tolist():
            taken.occupy((x - 1.2, y - 1.2, x + 1.2, y + 1.2))
        told: set[str] = set()  # the gates of an estate have one name, which is written once
        for name, (x, y) in zip(frame["name"].to_numpy(object)[inside].tolist(), spots[inside].tolist(), strict=True):
            text = text_of(name)
            if text not in told and self._name_beside(text, x, y, taken):
                told.add(text)
        self.drawn.add("places")

    def _occupy_dots(self, taken: OccupancyGrid, lenses: Sequence[Lens], others: np.ndarray | None) -> None:
        """Take the ground of all cameras, which are drawn later than names are placed or have no room of their own."""
        points = np.array([(one.x, one.y) for one in lenses], float).reshape(-1, 2)
        points = points if others is None else np.vstack([points, np.asarray(others, float).reshape(-1, 2)])
        spots, rect, half = self.frame.points(points), self.frame.rect, _DOT_MM * self.unit
        inside = (spots >= (rect.x, rect.y)).all(axis=1) & (spots <= (rect.right, rect.top)).all(axis=1)
        for x, y in spots[inside].tolist():
            taken.occupy((x - half, y - half, x + half, y + half))

    def _name_beside(self, text: str, x: float, y: float, taken: OccupancyGrid) -> bool:
        """Write a name where it is free beside its place, and return whether there is such room."""
        size = 6.5 * self.unit
        wide, high = self.canvas.font.width(text, size * MM_PER_POINT), size * MM_PER_POINT
        for left, base in ((x + 1.7, y - 0.35 * high), (x - 1.7 - wide, y - 0.35 * high), (x - wide / 2, y + 1.6)):
            box = (left - 0.3, base - 0.25 * high, left + wide + 0.3, base + 0.95 * high)
            if text and taken.is_free(box):
                taken.occupy(box)
                colour = LIGHT.layers["places"]
                self.canvas.text(left, base, text, size, colour=colour, halo=(LIGHT.halo, 0.35))
                return True
        return False

    def _names(self, taken: OccupancyGrid) -> None:
        """Write the names of roads along them where nothing else stands."""
        size, font = _NAME_PT * self.unit, self.canvas.font

        def measure(text: str) -> tuple[float, float]:
            return font.width(text, MM_PER_POINT), sum(font.ink_extent(text)) * MM_PER_POINT

        found, _left = road_lines.place_road_names(taken, self.frame, self.content, self.data, measure, size)
        road_lines.draw_road_names(self.canvas, found, self.unit)

    # --------------------------------------------------------------------------------------------- cameras

    def _others(self, others: np.ndarray | None) -> None:
        if others is None or not len(others):
            return
        spots, rect = self.frame.points(others), self.frame.rect
        inside = (spots[:, 0] > rect.x) & (spots[:, 0] < rect.right) & (spots[:, 1] > rect.y) & (spots[:, 1] < rect.top)
        if inside.any():
            self.canvas.dots(spots[inside], diameter=1.5 * self.unit, colour=LIGHT.halo)
            self.canvas.dots(spots[inside], diameter=1.0 * self.unit, colour=LIGHT.camera["none"])
            self.drawn.add("others")

    def _cameras(self, lenses: Sequence[Lens], numbers: Mapping[str, str], taken: OccupancyGrid) -> None:
        """Draw a dot for each camera and its number along the way it looks, so that it is beside its own sector."""
        unit, canvas = self.unit, self.canvas
        spots = self.frame.points(np.array([(one.x, one.y) for one in lenses]))
        for one, (x, y) in zip(lenses, spots.tolist(), strict=True):
            px, py = self._number_place(one, x, y, taken)
            canvas.polyline([(x, y), (px, py)], edge=LIGHT.ink, width=0.2 * unit)
            radius = _DISC_MM * unit
            canvas.circle(px, py, radius, fill=LIGHT.paper, edge=camera_colour(one), width=0.35 * unit)
            text = numbers[one.id]
            size = _NUMBER_PT * unit * (1.0 if len(text) < 3 else 0.75)
            canvas.text(px, py - 0.36 * size * MM_PER_POINT, text, size, anchor="middle", bold=True)
        canvas.dots(spots, diameter=2 * (_DOT_MM + 0.25) * unit, colour=LIGHT.halo)
        for one, spot in zip(lenses, spots, strict=True):
            canvas.dots(spot[None, :], diameter=2 * _DOT_MM * unit, colour=camera_colour(one))

    def _number_place(self, one: Lens, x: float, y: float, taken: OccupancyGrid) -> tuple[float, float]:
        ahead = one.azimuth - one.turn if np.isfinite(one.azimuth) else 180.0
        radius = (_DISC_MM + 0.2) * self.unit
        first = None
        for away in (1.0, 1.8, 2.6, 3.4, 4.4):
            for aside in (0, 15, -15, 35, -35, 60, -60, 100, -100, 150, -150):
                turn = math.radians(ahead + aside)
                px, py = (
                    x + away * _NUMBER_AT_MM * self.unit * math.sin(turn),
                    y + away * _NUMBER_AT_MM * self.unit * math.cos(turn),
                )
                box = (px - radius, py - radius, px + radius, py + radius)
                first = first or (px, py, box)
                if taken.is_free(box):
                    taken.occupy(box)
                    return px, py
        px, py, box = first  # type: ignore[misc]
        taken.occupy(box)
        return px, py

    # --------------------------------------------------------------------------------------------- legend

    def legend(self, lenses: Sequence[Lens]) -> list[tuple[str, str]]:
        """Return what the map shows as symbols by name and words, for ``draw_symbol``."""
        order = ("sure", "possible", "blind", "cut", "obstacle", "road", "zone", "places", "protected", "others")
        words = {"obstacle": "legend_building", "places": "legend_place"}
        told = [("camera", form_word("legend_camera", self.lang))] if lenses else []
        return told + [
            (name, form_word(words.get(name, f"legend_{name}"), self.lang)) for name in order if name in self.drawn
        ]


def camera_colour(one: Lens) -> str:
    """Return the colour of a camera's class."""
    number = str(one.row.get("class")).removesuffix(".0")
    return LIGHT.camera.get(number, LIGHT.camera["none"])


def draw_symbol(canvas: Canvas, name: str, box: Rect, unit: float = 1.0) -> None:
    """Draw a symbol of the legend into a box, in mm."""
    x, y = box.centre
    ends = [(box.x, y), (box.right, y)]
    if name == "camera":
        canvas.circle(x + 1.6, y, 1.4 * unit, fill=LIGHT.paper, edge=LIGHT.ink, width=0.3)
        canvas.dots(np.array([(x - 1.8, y)]), diameter=1.6 * unit, colour=LIGHT.ink)
        canvas.polyline([(x - 1.8, y), (x + 0.2, y)], edge=LIGHT.ink, width=0.2)
    elif name == "sure":
        canvas.rect(box.x, box.y, box.width, box.height, fill=LIGHT.seen[0], alpha=0.8)
        canvas.rect(box.x, box.y, box.width, box.height, edge=LIGHT.view, line=0.2)
    elif name == "possible":
        canvas.rect(box.x, box.y, box.width, box.height, fill=LIGHT.possible, alpha=0.22)
        shape = shapely.box(box.x, box.y, box.right, box.top)
        canvas.lines([shape], edge=LIGHT.possible, width=0.25, dash=_DASH_MM)
    elif name == "blind":
        canvas.rect(box.x, box.y, box.width, box.height, hatch=map_body.print_hatch(LIGHT.gap_hatch, unit))
    elif name in ("cut", "obstacle"):
        fill, edge = (SHEET.outside, LIGHT.selected) if name == "cut" else (LIGHT.obstacle, SHEET.obstacle_edge)
        canvas.rect(box.x, box.y, box.width, box.height, fill=fill, edge=edge, line=0.35 if name == "cut" else 0.06)
    elif name == "road":
        canvas.polyline(ends, edge=LIGHT.road, width=1.6)
        canvas.polyline(ends, edge=SHEET.road_surface, width=1.3)
    elif name == "zone":
        width = WIDTHS["grid"] * 1.6 * MM_PER_POINT * unit
        canvas.lines([shapely.LineString(ends)], edge=LIGHT.township_line, width=width, dash=(2.4, 0.8, 0.4, 0.8))
    elif name == "places":
        mark = map_body.PLACE_MARKS["places"] * unit
        canvas.symbols(np.array([(x, y)]), mark, fill=LIGHT.layers["places"])
    elif name == "protected":
        canvas.rect(box.x, box.y, box.width, box.height, edge=LIGHT.layers["areas"], line=0.4)
    elif name == "others":
        canvas.dots(np.array([(x, y)]), diameter=1.0 * unit, colour=LIGHT.camera["none"])
