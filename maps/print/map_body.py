"""Draw what lies inside the map of a sheet: zones by class, roads, buildings, views, gaps, cameras, borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.headings import NAMING_LAYERS
from geo.catalog.palette import LIGHT, SHEET, WIDTHS, Hatch
from geo.catalog.results import OWN_ZONES
from maps.map_data import DRAWN_LAYER, MapData
from maps.place_verdicts import drawn_verdicts
from maps.print import own_ground, road_lines, site_symbols
from maps.print.page_layout import Layout, MapFrame
from maps.print.page_projection import PageTransform, projected
from maps.print.pdf_canvas import MM_PER_POINT, Canvas, HatchPattern
from maps.print.place_marks import draw_verdict_lines, draw_verdict_marks
from maps.print.sheet_content import SheetContent, in_focus, township_frame
from maps.print.symbol_spacing import Marks, apart
from maps.style.coverage_classes import CLASSES as COVERAGE_CLASSES
from maps.style.coverage_classes import NO_DATA, ZERO, CoverageClass

#: From this scale on, views, buildings and roads are wide enough on paper to be drawn.
DETAIL_SCALE = 25_000
#: Opacity of the fills of zones over a base map.
OVER_BASE = 0.55
#: A gap narrower than this on paper, in mm, is too narrow for hatching.
_MIN_HATCHED_MM = 0.4


@dataclass(frozen=True)
class MapContents:
    """What the map shows, for the legend.

    Attributes
    ----------
    classes
        Coverage class -> number of the sheet's own zones; empty where zones are not coloured.
    sites
        Class of the sheet's own sites and status -> number on the map.
    neighbours
        Number of sites of other zones on the map.
    outside
        Number of the sheet's own sites beyond the map.
    gaps
        Number of gaps drawn.
    seen_m2_by_sites
        How many sites see -> m2 of ground, NaN where that is of more than the sheet; empty where views are not drawn.
        0 is for views drawn one by one.
    layers
        Names of further things drawn: ``neighbour``, ``township``, ``county``, ``road``, ``obstacle``, ``possible``,
        ``water``, ``green``.
    verdicts
        Verdict -> number of places of claims on the map.
    coverage
        The classes of the sheet, highest first.
    marks
        Symbols that no letter may stand on.
    dots
        Whether a dot stands for the sites of each zone.
    thinned
        How many symbols of places and facilities are left out because others would overlap them.
    on_insets
        Class and status of the sheet's own sites on insets whose scale shows symbols, where the map has dots.
    """

    classes: Mapping[int, int]
    sites: Mapping[tuple[str, str], int]
    neighbours: int
    outside: int
    gaps: int
    seen_m2_by_sites: Mapping[int, float]
    layers: frozenset[str]
    verdicts: Mapping[str, int] = field(default_factory=dict)
    coverage: Sequence[CoverageClass] = COVERAGE_CLASSES
    marks: tuple[Marks, ...] = ()
    dots: bool = False
    thinned: int = 0
    on_insets: frozenset[tuple[str, str]] = frozenset()

    def with_insets(self, insets: Sequence[MapContents]) -> MapContents:
        """Return the contents of this map, and what only its insets show."""
        layers = self.layers.union(*(one.layers for one in insets))
        symbols = frozenset(key for one in insets if not one.dots for key in one.sites)
        return replace(self, layers=layers, on_insets=symbols if self.dots else frozenset())


_FIFTHS = np.radians(90 + 36 * np.arange(10))
_STAR = np.column_stack([np.cos(_FIFTHS), np.sin(_FIFTHS)]) * np.where(np.arange(10) % 2, 0.45, 1.0)[:, None]
#: Symbols of points, corners in mm about the middle: a star and a pentagon, which no class of cameras has.
PLACE_MARKS = {"places": 1.1 * _STAR, "facilities": 0.95 * _STAR[::2]}


def print_hatch(hatch: Hatch, unit: float) -> HatchPattern:
    """Return a hatch of the style for the canvas, at half its screen width, since paper is viewed from closer."""
    return hatch.colour, hatch.gap * MM_PER_POINT * unit * 0.75, hatch.width * MM_PER_POINT * unit * 0.45, hatch.angle


def is_detail(frame: MapFrame) -> bool:
    """Return whether the scale shows ground rather than zones."""
    return frame.scale <= DETAIL_SCALE


def draw_map(
    canvas: Canvas,
    layout: Layout,
    frame: MapFrame,
    content: SheetContent,
    data: MapData,
    base: bytes | None = None,
    *,
    by_class: bool = False,
) -> MapContents:
    """Draw everything but graticule and labels, bottom first, and return what is on the map.

    ``by_class`` colours zones by class at every scale, as on the insets of a map that does.
    """
    unit, rect = layout.unit, frame.rect
    detail = is_detail(frame) and not by_class
    layers: set[str] = set()
    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        canvas.rect(rect.x, rect.y, rect.width, rect.height, fill=SHEET.map_ground)
        if base is not None:
            canvas.picture(rect.x, rect.y, rect.width, rect.height, base)
        classes = _zones(
            canvas, frame, content, unit, layers, coloured=not detail, alpha=1.0 if base is None else OVER_BASE
        )
        seen_m2: dict[int, float] = {}
        if base is None:
            own_ground.draw_ground(canvas, frame, content, data, unit, layers, detail=detail)
        if not detail:
            road_lines.draw_road_classes(canvas, frame, content, data, unit, layers)
        else:
            road_lines.draw_roads(canvas, frame, content, data, unit, layers)
            seen_m2 = _seen_ground(canvas, frame, content, data, layers)
            draw_obstacles(canvas, frame, content, data, unit, layers)
        if detail or content.focus_cuts_zones:
            _grey_outside_zone(canvas, frame, content)
        gaps = _gaps(canvas, frame, content, unit, detail=detail)
        draw_zone_lines(canvas, frame, content, data, unit, layers)
        _own_zones(canvas, frame, content, data, unit, layers)
        judged = None if data.verdicts is None else drawn_verdicts(in_focus(data.verdicts, content))
        marks, thinned = _places(
            canvas, frame, content, _unjudged(data, judged, detail=detail), unit, layers, detail=detail
        )
        verdicts: Mapping[str, int] = {}
        has_verdicts = judged is not None and len(judged) > 0
        if has_verdicts:
            draw_verdict_lines(canvas, frame, content.crs, judged, unit, detail=detail)
        sites = partial(site_symbols.draw_all_sites, canvas, frame, content, data, unit, detail=detail)
        # Above all outlines, and where the ground is shown above marks too, which are wider than symbols there.
        if not detail:
            marks += sites()
        if has_verdicts:
            verdicts, drawn = draw_verdict_marks(canvas, frame, content.crs, judged, unit, detail=detail)
            marks.append(drawn)
            thinned += sum(verdicts.values()) - len(drawn.points)
        if detail:
            marks += sites()
    counts = site_symbols.count_sites(frame, content)
    dots = site_symbols.shows_dots(frame, content)
    if detail and counts[0] and site_symbols.shows_sectors(frame, data):
        layers.add("view_sector")
    return MapContents(
        classes, *counts, gaps, seen_m2, frozenset(layers), verdicts, content.classes, tuple(marks), dots, thinned
    )


# ------------------------------------------------------------------------------------------------- zones


def _zones(
    canvas: Canvas,
    frame: MapFrame,
    content: SheetContent,
    unit: float,
    layers: set[str],
    *,
    coloured: bool,
    alpha: float,
) -> dict[int, int]:
    to_page = PageTransform(None, content.crs, frame)
    shapes = content.zones.geometry.to_numpy()
    codes = content.zones["class"].to_numpy(dtype=int)
    if not content.own.all():
        rings = to_page.rings(shapes[~content.own])
        canvas.rings(
            rings,
            fill=SHEET.neighbour,
            edge=SHEET.neighbour_mark,
            width=WIDTHS["grid"] * MM_PER_POINT * unit * 0.7,
            alpha=alpha,
        )
        layers.add("neighbour")
    if not coloured:
        if alpha == 1:
            canvas.rings(to_page.rings(shapes[content.own]), fill=LIGHT.paper)
        return {}
    counts = {}
    for code in (NO_DATA, ZERO, 1, 2, 3, 4, 5):
        chosen = content.own & (codes == code)
        counts[code] = int(chosen.sum())
        if not counts[code]:
            continue
        rings = to_page.rings(shapes[chosen])
        if code == ZERO:
            canvas.rings(rings, fill=LIGHT.zero, alpha=alpha)
            canvas.rings(rings, hatch=print_hatch(LIGHT.zero_hatch, unit))
        else:
            canvas.rings(rings, fill=LIGHT.no_data if code == NO_DATA else LIGHT.classes[code - 1], alpha=alpha)
    return counts


def draw_zone_lines(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float, layers: set[str]
) -> None:
    """Draw the borders of zones, townships, the whole area and the zone in focus; name in ``layers`` what is there."""
    to_page = PageTransform(None, content.crs, frame)
    points = WIDTHS
    if len(content.zones):
        own = content.zones.geometry.to_numpy()[content.own]
        canvas.lines(to_page.lines(own), edge=LIGHT.grid_line, width=points["grid"] * MM_PER_POINT * unit)
    townships = township_frame(data)
    if townships is not None and content.layer != "townships":
        shapes = projected(townships, content.crs).geometry.to_numpy()
        lines = _main_rings(to_page.rings(shapes))
        if _meets(lines, frame):
            canvas.lines(lines, edge=LIGHT.halo, width=(points["township"] + 0.9) * MM_PER_POINT * unit)
            canvas.lines(lines, edge=LIGHT.township_line, width=points["township"] * MM_PER_POINT * unit)
            layers.add("township")
    if content.outline is not None and _has_borders(data):
        rings = _main_rings(to_page.rings(np.array([content.outline], dtype=object)))
        if _meets(rings, frame):
            canvas.lines(rings, edge=LIGHT.county_line, width=points["county"] * MM_PER_POINT * unit)
            layers.add("county")
    if content.focus is not None:
        rings = to_page.rings(np.array([content.focus.shape], dtype=object))
        canvas.rings(rings, edge=LIGHT.halo, width=(points["county"] + 1.6) * MM_PER_POINT * unit)
        canvas.rings(rings, edge=LIGHT.county_line, width=points["county"] * MM_PER_POINT * unit)


def _has_borders(data: MapData) -> bool:
    """Return whether there are zones or divisions: without any the whole is what cameras reach, which has no border."""
    return any(layer != "all" and len(frame) for layer, frame in data.zones.items()) or any(
        len(data.reference.get(name, ())) for name in NAMING_LAYERS
    )


def _meets(lines: np.ndarray, frame: MapFrame) -> bool:
    rect = frame.rect
    return bool((~shapely.is_empty(shapely.clip_by_rect(lines, rect.x, rect.y, rect.right, rect.top))).any())


def _main_rings(rings: np.ndarray) -> np.ndarray:
    """Return the rings of at least 2 mm: shorter ones are slivers between grids with unequal borders."""
    return rings[shapely.length(rings) >= 2.0]


# ------------------------------------------------------------------------------------------------- ground


def draw_obstacles(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float, layers: set[str]
) -> None:
    """Draw the footprints of buildings."""
    obstacles = data.reference.get("obstacles")
    if obstacles is None or not len(obstacles):
        return
    rings = PageTransform(obstacles.crs, content.crs, frame).rings(obstacles.geometry.to_numpy())
    canvas.rings(rings, fill=LIGHT.obstacle, edge=SHEET.obstacle_edge, width=0.06 * unit)
    if len(rings):
        layers.add("obstacle")


def _own_zones(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, unit: float, layers: set[str]
) -> None:
    """Outline the own zones of every kind."""
    for name, zones in data.zones.items():
        if name.startswith(OWN_ZONES) and name != DRAWN_LAYER and len(zones):
            rings = PageTransform(zones.crs, content.crs, frame).rings(zones.geometry.to_numpy())
            canvas.lines(rings, edge=LIGHT.layers["areas"], width=WIDTHS["township"] * MM_PER_POINT * unit)
            if len(rings):
                layers.add("areas")


def _unjudged(data: MapData, judged: gpd.GeoDataFrame | None, *, detail: bool) -> Mapping[str, gpd.GeoDataFrame]:
    """Return facilities, and places that are not drawn by their verdict.

    Beside places of claims the others, as every crossing of a county, are drawn where the sheet shows ground.
    """
    out = {name: data.reference[name] for name in PLACE_MARKS if name in data.reference}
    if judged is None or not len(judged) or "places" not in out:
        return out
    if not detail:
        return {name: frame for name, frame in out.items() if name != "places"}
    places = out["places"]
    return {**out, "places": places[~places["code"].astype(str).isin(judged["code"].astype(str))]}


def _places(
    canvas: Canvas,
    frame: MapFrame,
    content: SheetContent,
    reference: Mapping[str, gpd.GeoDataFrame],
    unit: float,
    layers: set[str],
    *,
    detail: bool,
) -> tuple[list[Marks], int]:
    """Draw places as outlines, lines or stars, whatever shape they have, and facilities as pentagons.

    Where the sheet shows zones a symbol that another of its kind would overlap is left out; how many are is returned.
    """
    marks, thinned = [], 0
    for name, mark in PLACE_MARKS.items():
        drawn = reference.get(name)
        if drawn is None or not len(drawn):
            continue
        to_page, colour = PageTransform(drawn.crs, content.crs, frame), LIGHT.layers[name]
        parts = shapely.get_parts(drawn.geometry.to_numpy())
        parts = parts[to_page.on_map(parts)]
        kinds = shapely.get_type_id(parts)
        width = WIDTHS["grid"] * 1.6 * MM_PER_POINT * unit
        canvas.lines(to_page.rings(parts[kinds == 3]), edge=colour, width=width)
        canvas.lines(to_page.lines(parts[kinds == 1]), edge=colour, width=width)
        points = to_page.points(shapely.get_coordinates(parts[kinds == 0]))
        if not detail:
            kept = apart(points, 2.4 * unit)
            thinned += int((~kept).sum())
            points = points[kept]
        if len(points):
            canvas.symbols(points, mark * unit, fill=colour, edge=LIGHT.halo, width=0.1 * unit)
            marks.append(Marks(points, 2.2 * unit))
        if len(parts):
            layers.add(name)
    return marks, thinned


def _grey_outside_zone(canvas: Canvas, frame: MapFrame, content: SheetContent) -> None:
    """Grey everything outside the one zone shown."""
    if content.focus is None:
        return
    rect = frame.rect
    whole = shapely.box(rect.x, rect.y, rect.right, rect.top)
    outside = shapely.difference(whole, shapely.make_valid(frame.shapes(np.array([content.focus.shape]))[0]))
    canvas.polygons([outside], fill=SHEET.outside, alpha=0.72)


def _seen_ground(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, layers: set[str]
) -> dict[int, float]:
    """Draw the ground surely seen by 1, 2, 3 or more sites, and what of the gaps is possibly seen."""
    areas: dict[int, float] = {}
    _possible_ground(canvas, frame, content, data, layers)
    if data.coverage is not None and len(data.coverage) and "k" in data.coverage:
        to_page = PageTransform(data.coverage.crs, content.crs, frame)
        for k, colour in enumerate(LIGHT.seen, 1):
            part = data.coverage[data.coverage.k == k]
            if len(part):
                canvas.rings(to_page.rings(part.geometry.to_numpy()), fill=colour, alpha=0.75)
                whole = content.focus is None
                areas[k] = float(projected(part, content.crs).area.sum()) if whole else float("nan")
    elif data.coverage is None and data.views is not None and len(data.views):
        shapes = views_of(("online",), data.views, data.cameras).geometry.to_numpy()
        canvas.rings(PageTransform(data.views.crs, content.crs, frame).rings(shapes), fill=LIGHT.seen[0], alpha=0.75)
        areas[0] = float("nan")
    return areas


def _possible_ground(canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, layers: set[str]) -> None:
    """Draw the possible views inside the gaps: there the domain is possibly seen and not surely; beyond it nothing is.

    A possible view reaches over roofs, yards and fields where no coverage is wanted (rule D), and no figure counts it.
    """
    if data.possible is None or not len(data.possible):
        return
    shapes = data.gaps.geometry.to_numpy()
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    gaps = PageTransform(data.gaps.crs, content.crs, frame).rings(areas) if len(areas) else areas
    counting = views_of(("online", "unknown"), data.possible, data.cameras)
    rings = PageTransform(data.possible.crs, content.crs, frame).rings(counting.geometry.to_numpy())
    if not len(gaps) or not len(rings):
        return
    with canvas.clipped_to(gaps):
        canvas.rings(rings, fill=LIGHT.possible, alpha=0.18)
    layers.add("possible")


def views_of(statuses: Sequence[str], views: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the views of cameras of these statuses: those of offline and planned ones are not counted (U1, U6)."""
    if "status" in views:
        return views[views.status.fillna("online").isin(statuses)]
    if cameras is not None and {"id", "status"} <= set(cameras) and "id" in views:
        return views[~views.id.isin(cameras.id[~cameras.status.fillna("online").isin(statuses)])]
    return views


def _gaps(canvas: Canvas, frame: MapFrame, content: SheetContent, unit: float, *, detail: bool) -> int:
    """Hatch the gaps and return how many; one narrower than its edge, as a street on a county sheet, is a line."""
    gaps = content.gaps
    if not len(gaps):
        return 0
    width = (WIDTHS["gap"] if detail else WIDTHS["gap"] * 0.55) * MM_PER_POINT * unit
    to_page = PageTransform(gaps.crs, content.crs, frame)
    shapes = gaps.geometry.to_numpy()
    kinds = shapely.get_dimensions(shapes)
    areas = shapes[kinds == 2]
    across = 2 * shapely.area(areas) / np.maximum(shapely.length(areas), 1e-12) * to_page.mm_per_unit
    # Too narrow for a hatch line: a filled line, which takes half the bytes.
    thin, wide = to_page.rings(areas[across < _MIN_HATCHED_MM]), to_page.rings(areas[across >= _MIN_HATCHED_MM])
    canvas.rings(thin, fill=LIGHT.gap_line, edge=LIGHT.gap_line, width=width)
    canvas.rings(wide, edge=LIGHT.gap_line, width=width, hatch=print_hatch(LIGHT.gap_hatch, unit))
    canvas.lines(to_page.lines(shapes[kinds == 1]), edge=LIGHT.gap_line, width=2 * width)
    points = shapes[kinds == 0]
    if len(points):
        canvas.dots(to_page.points(shapely.get_coordinates(points)), diameter=1.2 * unit, colour=LIGHT.gap_line)
    return len(gaps)
