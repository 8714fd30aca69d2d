"""Draw the verdicts on places: borders, lines and marks that are told in a grey print too (rule P2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.claims import VERDICTS
from geo.catalog.palette import LIGHT, VERDICT_MARKS, WIDTHS
from maps.place_verdicts import WORST_FIRST
from maps.print.page_layout import MapFrame
from maps.print.page_projection import PageTransform
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.symbol_spacing import Marks, apart

#: Radius of a mark in mm on A3, where the sheet shows zones and where it shows ground.
_RADIUS_MM = (1.05, 1.5)
#: Width of the border of a ring, of that of other places: rings overlap and would hide what they lie round.
_RING_WIDTH = 0.35
#: A line or area at least so long on paper, in mm, is drawn as itself; a smaller one would be hidden by its mark.
_DRAWN_FROM_MM = 2.0
#: Radii that two marks are apart where the sheet shows zones.
_APART = 5.0
_TURNS = np.linspace(0, 2 * np.pi, 25)[:-1]
_CIRCLE = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])


def draw_mark(canvas: Canvas, points: np.ndarray, verdict: str, radius: float) -> None:
    """Draw the mark of a verdict at each point (n, 2), all in mm."""
    mark, colour = VERDICT_MARKS[verdict], LIGHT.verdict[verdict]
    shape = (np.array(mark.outline) if mark.outline else _CIRCLE) * radius
    canvas.symbols(points, shape, edge=LIGHT.halo, width=0.62 * radius)
    canvas.symbols(points, shape, fill=colour if mark.fill == "full" else LIGHT.paper)
    if mark.fill == "half":
        below = shapely.box(-2 * radius, -2 * radius, 2 * radius, 0)
        half = shapely.get_coordinates(shapely.intersection(shapely.Polygon(shape), below))[:-1]
        canvas.symbols(points, half, fill=colour)
    canvas.symbols(points, shape, edge=colour, width=0.24 * radius)
    for stroke in mark.strokes:
        path = np.asarray(points, float).reshape(-1, 1, 2) + np.array(stroke) * radius
        ink = LIGHT.paper if mark.fill == "full" else colour
        canvas.lines(shapely.linestrings(path), edge=ink, width=0.3 * radius)


def draw_verdict_lines(
    canvas: Canvas, frame: MapFrame, crs: object, places: gpd.GeoDataFrame, unit: float, *, detail: bool
) -> None:
    """Draw the borders and the lines of places by their verdict, the covered first; parameters as of the marks."""
    to_page = PageTransform(places.crs, crs, frame)  # type: ignore[arg-type]
    shapes, verdict = places.geometry.to_numpy(), places["verdict"].to_numpy(object)
    shown = to_page.on_map(shapes)
    width = WIDTHS["place"] * (1.0 if detail else 0.7) * MM_PER_POINT * unit
    bounds = shapely.bounds(shapes)
    extent = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) * to_page.mm_per_unit
    is_ring = (places["kind"] == "ring").to_numpy(bool, na_value=False) if "kind" in places else shown & False
    # Of lines whose marks are thinned the line is all that there is.
    large = shown & ((extent >= _DRAWN_FROM_MM) | (~np.bool_(detail) & (shapely.get_dimensions(shapes) == 1)))
    for rings, line in ((True, _RING_WIDTH * width), (False, width)):
        for name in reversed(WORST_FIRST):
            lines = to_page.lines(_lines_of(shapes[large & (is_ring == rings) & (verdict == name)]))
            dash = [one * line for one in VERDICT_MARKS[name].dash]
            if not rings:
                canvas.lines(lines, edge=LIGHT.halo, width=2.2 * line)
            canvas.lines(lines, edge=LIGHT.verdict[name], width=line, dash=dash)


def draw_verdict_marks(
    canvas: Canvas, frame: MapFrame, crs: object, places: gpd.GeoDataFrame, unit: float, *, detail: bool
) -> tuple[Mapping[str, int], Marks]:
    """Draw the marks of places by their verdict, and return how many of each are on the map, and the marks drawn.

    Where the sheet shows zones, marks that would overlap are left out, those of the worst verdict last: borders and
    lines are drawn all the same.

    Parameters
    ----------
    crs
        The metric CRS of the sheet.
    places
        One row per place, as ``maps.place_verdicts.drawn_verdicts`` gives them.
    """
    to_page = PageTransform(places.crs, crs, frame)  # type: ignore[arg-type]
    shapes, verdict = places.geometry.to_numpy(), places["verdict"].to_numpy(object)
    shown, radius = to_page.on_map(shapes), _RADIUS_MM[int(detail)] * unit
    ranks = {name: at for at, name in enumerate(WORST_FIRST)}
    order = np.array(sorted(np.flatnonzero(shown).tolist(), key=lambda at: ranks[verdict[at]]), dtype=int)
    points = to_page.points(_standing_points(shapes[order])) if len(order) else np.empty((0, 2))
    kept = np.ones(len(order), bool) if detail else apart(points, _APART * radius)
    points, of = points[kept], verdict[order[kept]]
    for name in reversed(WORST_FIRST):
        if (of == name).any():
            draw_mark(canvas, points[of == name], name, radius)
    counts = Counter(verdict[shown].tolist())
    return {name: counts[name] for name in VERDICTS if counts[name]}, Marks(points, 2 * radius)


def _lines_of(shapes: np.ndarray) -> np.ndarray:
    """Return the lines and the borders of areas."""
    parts = shapely.get_parts(shapes)
    parts = np.where(shapely.get_type_id(parts) == 3, shapely.boundary(parts), parts)
    parts = shapely.get_parts(parts)
    return parts[np.isin(shapely.get_type_id(parts), (1, 2))]


def _standing_points(shapes: np.ndarray) -> np.ndarray:
    """Return where each mark stands: at the middle of a line, inside an area, at a point."""
    points = shapely.point_on_surface(shapes)
    lines = shapely.get_type_id(shapes) == 1
    points[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return shapely.get_coordinates(points)
