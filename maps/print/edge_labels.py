"""Name the sheets round one sheet of an atlas at the edges of its map, each with its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from geo.catalog.palette import LIGHT
from maps.print.label_placement import OccupancyGrid, PlacedLabel, label_anchors
from maps.print.page_layout import MapFrame
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_words import sheet_word

#: Size of type in points on A3 and the least of all, space round it and longest name in mm on A3.
_SIZE_PT, _SMALLEST_PT, _PAD_MM, _LONGEST_MM = 6.2, 5.0, 0.7, 30.0
#: Places tried along each piece of an edge, as shares of its length: the middle first.
_ALONG = (0.5, 0.35, 0.65, 0.2, 0.8, 0.08, 0.92, 0.0, 1.0)


@dataclass(frozen=True)
class AdjoiningSheet:
    """A sheet that adjoins another one: code and name of its zone, its page, its shape in metres.

    ``link`` is what links call its page.
    """

    code: str
    name: str
    page: int
    link: str
    shape: shapely.Geometry


class EdgeLabels:
    """Place and draw the names of adjoining sheets on one map."""

    def __init__(self, canvas: Canvas, frame: MapFrame, crs: pyproj.CRS, unit: float, lang: str) -> None:
        self._canvas, self._frame, self._crs, self._unit, self._lang = canvas, frame, crs, unit, lang
        self._size = max(_SMALLEST_PT, _SIZE_PT * unit)

    def place(self, occupancy: OccupancyGrid, sheets: Sequence[AdjoiningSheet]) -> list[PlacedLabel]:
        """Place each name where its zone meets the edge of the map, and draw it; one without room is left out."""
        placed = []
        for one in sheets:
            label = self._placed(occupancy, one)
            if label is not None:
                occupancy.occupy(label.box)
                self._draw(label, one)
                placed.append(label)
        return placed

    def _placed(self, occupancy: OccupancyGrid, sheet: AdjoiningSheet) -> PlacedLabel | None:
        em, pad = self._size * MM_PER_POINT, _PAD_MM * self._unit
        font = self._canvas.font
        name = font.shorten(sheet.name, em, _LONGEST_MM * self._unit)
        text = f"{name} {sheet_word('atlas_page', self._lang, page=sheet.page)}"
        below, above = font.ink_extent(text)
        across, up = font.width(text, em) / 2 + pad, (below + above) * em / 2 + pad
        for x, y in self._places(sheet.shape, across, up):
            box = (x - across, y - up, x + across, y + up)
            if occupancy.is_free(box):
                return PlacedLabel(f"adjoining:{sheet.code}", text, x, y, self._size, box)
        return None

    def _places(self, shape: shapely.Geometry, across: float, up: float) -> list[tuple[float, float]]:
        """Return where the middle of a box may be: along the edge inside the shape first, then nearest to the shape."""
        rect, spare = self._frame.rect, 0.7 * self._unit
        if rect.width <= 2 * (across + spare) or rect.height <= 2 * (up + spare):
            return []
        edge = shapely.box(
            rect.x + across + spare, rect.y + up + spare, rect.right - across - spare, rect.top - up - spare
        ).exterior
        simple = shapely.make_valid(shapely.simplify(shape, self._frame.metres(0.2)))
        visible = shapely.clip_by_rect(self._frame.shapes(np.array([simple]))[0], rect.x, rect.y, rect.right, rect.top)
        if visible.is_empty:
            near = self._frame.shapes(np.array([simple.centroid]))[0]
            return [self._nearest(edge, near)]
        pieces = shapely.get_parts(shapely.line_merge(shapely.intersection(edge, visible)))
        pieces = pieces[shapely.get_type_id(pieces) == 1]
        pieces = pieces[np.argsort(-shapely.length(pieces), kind="stable")]
        along = [shapely.line_interpolate_point(one, at, normalized=True) for one in pieces for at in _ALONG]
        found = [(one.x, one.y) for one in along]
        if not len(pieces):  # an island in the zone, or a zone that only touches its corner
            found = [tuple(one) for one in label_anchors(np.array([visible])).tolist() if not np.isnan(one).any()]
        # Further along the edge on both sides of where the shape comes nearest to it.
        start = shapely.line_locate_point(edge, shapely.point_on_surface(visible))
        steps = [turn * step * 2 * across for step in range(5) for turn in (1, -1)]
        beyond = shapely.line_interpolate_point(edge, [(start + step) % edge.length for step in steps])
        return [*found, *((one.x, one.y) for one in beyond)]

    @staticmethod
    def _nearest(edge: shapely.Geometry, point: shapely.Geometry) -> tuple[float, float]:
        at = shapely.line_interpolate_point(edge, shapely.line_locate_point(edge, point))
        return at.x, at.y

    def _draw(self, label: PlacedLabel, sheet: AdjoiningSheet) -> None:
        left, bottom, right, top = label.box
        canvas, unit = self._canvas, self._unit
        canvas.rect(left, bottom, right - left, top - bottom, fill=LIGHT.paper, edge=LIGHT.quiet, line=0.12 * unit)
        below, _above = canvas.font.ink_extent(label.text)
        y = bottom + _PAD_MM * unit + below * label.size * MM_PER_POINT
        canvas.text(left + _PAD_MM * unit, y, label.text, label.size, colour=LIGHT.ink)
        told = sheet_word("atlas_page", self._lang, page=sheet.page)
        canvas.link(left, bottom, right - left, top - bottom, sheet.link, told)
