"""Draw the map of all sheets of an atlas: each zone by its coverage class, what has no sheet in grey, pages on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from geo.catalog.palette import LIGHT, SHEET, WIDTHS
from maps.map_data import MapData
from maps.print.atlas.atlas_plan import AtlasPlan, PlannedSheet
from maps.print.label_placement import Label, OccupancyGrid, PlacedLabel, place_inside
from maps.print.map_body import print_hatch
from maps.print.page_layout import Bounds, MapFrame, Rect
from maps.print.page_projection import PageTransform, projected
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_content import SheetContent, township_frame
from maps.print.sheet_words import sheet_word
from maps.style.coverage_classes import NO_DATA, ZERO

#: Type sizes in points on A3 of a page with its name, of a page alone; the least of all.
_NAMED_PT, _NUMBER_PT, _SMALLEST_PT = (9.0, 7.6, 6.2), (9.0, 7.0, 5.6, 5.0), 5.0
#: With more sheets than this their names are not tried: the map would be full of those that fit by chance.
_MOST_NAMED = 60


def fitted_frame(extent: Bounds, rect: Rect, margin: float) -> MapFrame:
    """Return the frame that shows an extent in metres as large as a rectangle allows, at any scale."""
    west, south, east, north = extent
    inner = rect.inset(margin)
    scale = max((east - west) / inner.width, (north - south) / inner.height, 1e-3) * 1000
    return MapFrame(
        rect=rect,
        scale=scale,
        left=(west + east - rect.width * scale / 1000) / 2,
        bottom=(south + north - rect.height * scale / 1000) / 2,
    )


def draw_units(
    canvas: Canvas, frame: MapFrame, content: SheetContent, data: MapData, plan: AtlasPlan, unit: float
) -> None:
    """Draw the zones of the sheets over the whole area, and the borders of townships over them."""
    to_page = PageTransform(None, content.crs, frame)
    rect = frame.rect
    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        canvas.rect(rect.x, rect.y, rect.width, rect.height, fill=SHEET.map_ground)
        line = WIDTHS["grid"] * MM_PER_POINT * unit
        if content.outline is not None:
            whole = to_page.rings(np.array([content.outline], object))
            canvas.rings(whole, fill=SHEET.neighbour, edge=LIGHT.county_line, width=2 * line)
        shapes = np.array([one.shape for one in plan.sheets], object)
        classes = np.array([one.coverage for one in plan.sheets])
        for code in np.unique(classes).tolist():
            rings = to_page.rings(shapes[classes == code])
            canvas.rings(rings, fill=class_fill(code))
            if code == ZERO:
                canvas.rings(rings, hatch=print_hatch(LIGHT.zero_hatch, unit))
        canvas.lines(to_page.lines(shapes), edge=LIGHT.grid_line, width=line)
        townships = township_frame(data)
        if townships is not None:
            borders = to_page.rings(projected(townships, content.crs).geometry.to_numpy())
            borders = borders[shapely.length(borders) >= 2.0]
            canvas.lines(borders, edge=LIGHT.township_line, width=WIDTHS["township"] * MM_PER_POINT * unit)


def class_fill(code: int) -> str:
    """Return the colour of a coverage class."""
    return {NO_DATA: LIGHT.no_data, ZERO: LIGHT.zero}.get(code) or LIGHT.classes[code - 1]


def draw_pages(panel: PanelContext, frame: MapFrame, plan: AtlasPlan) -> list[PlannedSheet]:
    """Write the page of each sheet into its zone, with its name where there is room, and return those left out."""
    occupancy = OccupancyGrid(frame.rect.inset(0.6 * panel.unit))
    rect = frame.rect
    shapes = shapely.make_valid(
        shapely.simplify(np.array([one.shape for one in plan.sheets], object), frame.metres(0.1))
    )
    shapes = shapely.clip_by_rect(frame.shapes(shapes), rect.x, rect.y, rect.right, rect.top)
    rest = list(range(len(plan.sheets)))
    if len(rest) <= _MOST_NAMED:
        rest = _placed(panel, occupancy, plan, shapes, rest, _NAMED_PT, named=True)
    rest = _placed(panel, occupancy, plan, shapes, rest, _NUMBER_PT, named=False)
    return [plan.sheets[at] for at in rest]


def _placed(
    panel: PanelContext,
    occupancy: OccupancyGrid,
    plan: AtlasPlan,
    shapes: np.ndarray,
    rows: Sequence[int],
    sizes: Sequence[float],
    *,
    named: bool,
) -> list[int]:
    """Place and draw the labels of these sheets, and return the rows of those that found no room."""
    font = panel.canvas.font

    def measure(text: str) -> tuple[float, float]:
        below, above = font.ink_extent(text)
        return font.width(text, MM_PER_POINT), (below + above) * MM_PER_POINT

    points = tuple(max(_SMALLEST_PT, one * panel.unit) for one in sizes)
    texts = [f"{plan.sheets[at].page} {plan.sheets[at].name}" if named else str(plan.sheets[at].page) for at in rows]
    labels = [Label(str(at), text, points) for at, text in zip(rows, texts, strict=True)]
    placed, left = place_inside(occupancy, labels, shapes[list(rows)], measure, clearance=0.3 * panel.unit)
    for one in placed:
        _draw(panel, one, plan.sheets[int(one.key)])
    return [int(one.key) for one in left]


def _draw(panel: PanelContext, label: PlacedLabel, sheet: PlannedSheet) -> None:
    left, bottom, right, top = label.box
    ink = LIGHT.class_ink[sheet.coverage - 1] if sheet.coverage > 0 else LIGHT.ink
    halo = (class_fill(sheet.coverage), 0.4 * panel.unit)
    below, _above = panel.canvas.font.ink_extent(label.text)
    y = bottom + below * label.size * MM_PER_POINT
    panel.canvas.text(left, y, label.text, label.size, colour=ink, halo=halo, bold=True)
    spare = panel.unit
    told = sheet_word("atlas_page", panel.lang, page=sheet.page)
    panel.canvas.link(
        left - spare, bottom - spare, right - left + 2 * spare, top - bottom + 2 * spare, sheet.link, told
    )
