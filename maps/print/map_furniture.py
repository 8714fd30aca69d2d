"""Draw the map furniture: neatline, border with index squares and graticule, scale bar, north arrow, inset map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely

from geo.catalog.palette import LIGHT, SHEET
from geo.crs import from_wgs84, to_wgs84
from maps.print.page_layout import Layout, MapFrame, Rect
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_words import sheet_word

#: Steps between graticule lines in seconds of arc, finest first.
_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 18000, 36000)
#: Least distance between two graticule lines, mm on A3.
_SPACING = 42.0


@dataclass(frozen=True)
class Crossing:
    """Crossing of a graticule line and an edge of the map: label, position in mm, and which edge."""

    edge: str
    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Graticule:
    """Meridians and parallels as lines in page mm, and their crossings with the edges of the map."""

    step: int
    lines: tuple[shapely.LineString, ...]
    crossings: tuple[Crossing, ...]


def degrees(seconds: int, positive: str, negative: str) -> str:
    """Return an angle of whole seconds as degrees and minutes, with seconds only where they are not zero."""
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{minutes // 60}°{minutes % 60:02d}′" + (f"{rest:02d}″" if rest else "")
    return text + (positive if seconds >= 0 else negative)


def _edge_points(frame: MapFrame, edge: str, count: int = 65) -> np.ndarray:
    west, south, east, north = frame.bounds
    along = np.linspace(0, 1, count)
    x, y = west + (east - west) * along, south + (north - south) * along
    fixed = {"top": (x, np.full(count, north)), "bottom": (x, np.full(count, south))}
    fixed |= {"left": (np.full(count, west), y), "right": (np.full(count, east), y)}
    return np.column_stack(fixed[edge])


def graticule(frame: MapFrame, crs: pyproj.CRS, unit: float) -> Graticule:
    """Find the meridians and parallels of WGS-84 that cross a map in a projected CRS."""
    edges = {}
    for edge in ("top", "bottom", "left", "right"):
        metres = _edge_points(frame, edge)
        lon, lat = to_wgs84(metres[:, 0], metres[:, 1], crs)
        edges[edge] = (frame.points(metres), np.asarray(lon), np.asarray(lat))
    lon = np.concatenate([edges[edge][1] for edge in edges])
    lat = np.concatenate([edges[edge][2] for edge in edges])
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return Graticule(0, (), ())
    spans = ((lon.min(), lon.max(), frame.rect.width), (lat.min(), lat.max(), frame.rect.height))
    step = next(
        (one for one in _STEPS if all(one / 3600 / (b - a) * size >= _SPACING * unit for a, b, size in spans)),
        _STEPS[-1],
    )
    lines, crossings = [], []
    for axis, sides in ((0, ("top", "bottom")), (1, ("left", "right"))):
        low, high = spans[axis][:2]
        for value in range(int(np.ceil(low * 3600 / step)), int(np.floor(high * 3600 / step)) + 1):
            seconds = value * step
            lines.append(_line(frame, crs, axis, seconds / 3600, spans[1 - axis][:2]))
            label = degrees(seconds, *(("E", "W") if axis == 0 else ("N", "S")))
            for edge in sides:
                points, *both = edges[edge]
                at = _where(both[axis], seconds / 3600)
                if at is not None:
                    x, y = (float(np.interp(at, np.arange(len(points)), points[:, side])) for side in (0, 1))
                    crossings.append(Crossing(edge, label, x, y))
    return Graticule(step, tuple(lines), tuple(crossings))


def _line(frame: MapFrame, crs: pyproj.CRS, axis: int, value: float, across: tuple[float, float]) -> shapely.LineString:
    other = np.linspace(*across, 33)
    same = np.full(33, value)
    lon, lat = (same, other) if axis == 0 else (other, same)
    x, y = from_wgs84(lon, lat, crs)
    return shapely.LineString(frame.points(np.column_stack([x, y])))


def _where(values: np.ndarray, wanted: float) -> float | None:
    """Return the fractional position at which monotonic values pass ``wanted``."""
    if not values.min() <= wanted <= values.max():
        return None
    rising = values if values[-1] >= values[0] else values[::-1]
    at = float(np.interp(wanted, rising, np.arange(len(values))))
    return at if rising is values else len(values) - 1 - at


# ------------------------------------------------------------------------------------------------- border


def draw_graticule(canvas: Canvas, lines: Graticule, frame: MapFrame, unit: float) -> None:
    """Draw the lines inside the map, clipped to it."""
    rect = frame.rect
    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        canvas.lines(list(lines.lines), edge=SHEET.graticule, width=0.09 * unit)


def draw_border(canvas: Canvas, layout: Layout, frame: MapFrame, lines: Graticule) -> None:
    """Draw neatline, map edge, the strip of graticule labels and the strip of index squares."""
    unit, rect, outer = layout.unit, frame.rect, layout.frame
    strip = (rect.x - outer.x) / 2
    canvas.rect(
        layout.neatline.x,
        layout.neatline.y,
        layout.neatline.width,
        layout.neatline.height,
        edge=LIGHT.ink,
        line=0.5 * unit,
    )
    middle = outer.inset(strip)
    canvas.rect(outer.x, outer.y, outer.width, outer.height, edge=LIGHT.ink, line=0.35 * unit)
    canvas.rect(middle.x, middle.y, middle.width, middle.height, edge=LIGHT.quiet, line=0.1 * unit)
    canvas.rect(rect.x, rect.y, rect.width, rect.height, edge=LIGHT.ink, line=0.25 * unit)
    _index(canvas, outer, middle, frame, unit)
    size = 5.9 * unit
    lift = 0.36 * size * MM_PER_POINT
    for one in lines.crossings:
        half = canvas.font.width(one.label, size * MM_PER_POINT) / 2 + 0.8 * unit
        flat = one.edge in ("top", "bottom")
        place, low, high = (one.x, rect.x, rect.right) if flat else (one.y, rect.y, rect.top)
        outward = {"top": (0, 1), "bottom": (0, -1), "left": (-1, 0), "right": (1, 0)}[one.edge]
        tick = 0.9 * unit
        canvas.polyline(
            [(one.x, one.y), (one.x + outward[0] * tick, one.y + outward[1] * tick)], edge=LIGHT.ink, width=0.12 * unit
        )
        if not low + half <= place <= high - half:
            continue
        x, y = one.x + outward[0] * strip / 2, one.y + outward[1] * strip / 2
        if flat:
            canvas.text(x, y - lift, one.label, size, colour=LIGHT.ink, anchor="middle")
        else:
            x += lift
            canvas.text(x, y, one.label, size, colour=LIGHT.ink, anchor="middle", angle=90)


def _index(canvas: Canvas, outer: Rect, middle: Rect, frame: MapFrame, unit: float) -> None:
    """Write the letters and numbers of the index squares, with a tick between two of them."""
    size, rect = 6.5 * unit, frame.rect
    lift = 0.36 * size * MM_PER_POINT
    strip = middle.x - outer.x
    columns, rows = frame.columns(), frame.rows()
    for at in range(columns):
        x = rect.x + (at + 0.5) * rect.width / columns
        for y in (outer.y + strip / 2, outer.top - strip / 2):
            canvas.text(x, y - lift, chr(65 + at), size, colour=LIGHT.quiet, anchor="middle")
    for at in range(rows):
        y = rect.top - (at + 0.5) * rect.height / rows
        for x in (outer.x + strip / 2, outer.right - strip / 2):
            canvas.text(x, y - lift, str(at + 1), size, colour=LIGHT.quiet, anchor="middle")
    ticks = []
    for at in range(1, columns):
        x = rect.x + at * rect.width / columns
        ticks += [((x, outer.y), (x, middle.y)), ((x, middle.top), (x, outer.top))]
    for at in range(1, rows):
        y = rect.y + at * rect.height / rows
        ticks += [((outer.x, y), (middle.x, y)), ((middle.right, y), (outer.right, y))]
    canvas.lines([shapely.LineString(one) for one in ticks], edge=LIGHT.quiet, width=0.1 * unit, cap=0)


# ------------------------------------------------------------------------------------------------- scale and north


def bar_step(scale: int, available: float) -> int:
    """Return the ground length in metres of one of the four blocks of a scale bar that fits ``available`` mm."""
    most = available / 4 * scale / 1000
    power = 10 ** int(np.floor(np.log10(most)))
    return max(1, next(int(step * power) for step in (5, 2.5, 2, 1) if step * power <= most and step * power % 1 == 0))


def draw_scale_bar(canvas: Canvas, x: float, y: float, width: float, scale: int, unit: float, lang: str) -> None:
    """Draw a bar of four alternating blocks, true to scale, its left end at ``x``; ``width`` is the space available."""
    step = bar_step(scale, width)
    block = step * 1000 / scale
    height = 1.5 * unit
    size = 6 * unit
    in_km = step * 4 >= 2000
    for at in range(4):
        fill = LIGHT.ink if at % 2 == 0 else LIGHT.paper
        canvas.rect(x + at * block, y, block, height, fill=fill)
    canvas.rect(x, y, 4 * block, height, edge=LIGHT.ink, line=0.15 * unit)
    for at in (0, 1, 2, 3, 4):
        canvas.text(
            x + at * block, y + height + 0.9 * unit, f"{at * step / (1000 if in_km else 1):g}", size, anchor="middle"
        )
    word = sheet_word("sheet_kilometres" if in_km else "sheet_metres", lang)
    last = canvas.font.width(f"{4 * step / (1000 if in_km else 1):g}", size * MM_PER_POINT) / 2
    canvas.text(x + 4 * block + last + 0.8 * unit, y + height + 0.9 * unit, word, size)


def draw_north(canvas: Canvas, x: float, y: float, height: float, convergence: float, unit: float, lang: str) -> None:
    """Draw the arrow of grid north, the convergence below it; ``x`` is its axis, ``y`` its foot.

    Parameters
    ----------
    convergence
        Grid convergence in degrees; positive where true north is to the left of grid north.
    """
    size = 6 * unit
    shaft = height - 3.4 * unit
    half = 2.1 * unit
    tip = (x, y + shaft)
    canvas.polygon([tip, (x - half, y), (x, y + shaft * 0.24)], fill=LIGHT.ink, edge=LIGHT.ink, width=0.15 * unit)
    canvas.polygon([tip, (x + half, y), (x, y + shaft * 0.24)], fill=LIGHT.paper, edge=LIGHT.ink, width=0.15 * unit)
    canvas.text(x, y + shaft + 0.8 * unit, "N", 9 * unit, anchor="middle", bold=True)
    canvas.text(x, y - 2.9 * unit, sheet_word("sheet_grid_north", lang), size, anchor="middle")
    canvas.text(x, y - 5.5 * unit, convergence_text(convergence, lang), 6 * unit, colour=LIGHT.quiet, anchor="middle")


def convergence_text(convergence: float, lang: str) -> str:
    """Return the convergence in whole minutes with its sign, as stated under the arrow."""
    minutes = round(abs(convergence) * 60)
    sign = "±" if minutes == 0 else ("+" if convergence > 0 else "−")
    return sheet_word("sheet_convergence", lang, angle=f"{sign}{minutes // 60}°{minutes % 60:02d}′")


# ------------------------------------------------------------------------------------------------- inset map


def draw_inset_map(
    canvas: Canvas,
    rect: Rect,
    outline: shapely.Geometry | None,
    parts: np.ndarray,
    focus: shapely.Geometry | None,
    sheet: MapFrame,
    unit: float,
) -> None:
    """Draw the whole area small, with its townships, the zone in focus and the extent of the sheet.

    Parameters
    ----------
    outline, parts, focus
        Shapes in the sheet's CRS.
    """
    canvas.rect(rect.x, rect.y, rect.width, rect.height, fill=SHEET.inset_ground)
    west, south, east, north = sheet.bounds
    extent = shapely.box(west, south, east, north)
    whole = extent if outline is None or outline.is_empty else shapely.union(shapely.envelope(outline), extent)
    left, bottom, right, top = whole.bounds
    scale = max((right - left) / (rect.width - 3 * unit), (top - bottom) / (rect.height - 3 * unit)) * 1000
    small = MapFrame(
        rect=rect,
        scale=scale,
        left=(left + right) / 2 - rect.width * scale / 2000,
        bottom=(bottom + top) / 2 - rect.height * scale / 2000,
    )

    def page(shapes: list[shapely.Geometry] | np.ndarray) -> np.ndarray:
        return small.shapes(np.array([_simplified(one, 0.15 * scale / 1000) for one in shapes], dtype=object))

    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        if outline is not None:
            canvas.polygons(page([outline]), fill=SHEET.inset_area, edge=LIGHT.county_line, width=0.3 * unit)
        if len(parts):
            canvas.lines(page(shapely.boundary(parts)), edge=LIGHT.quiet, width=0.08 * unit)
        if focus is not None:
            canvas.polygons(page([focus]), fill=SHEET.inset_focus, edge=SHEET.inset_focus, width=0.2 * unit)
        canvas.polygons(page([extent]), edge=LIGHT.gap_line, width=0.4 * unit)
    canvas.rect(rect.x, rect.y, rect.width, rect.height, edge=LIGHT.quiet, line=0.12 * unit)


@lru_cache(maxsize=256)  # the insets of an atlas show the same county on every page
def _simplified(shape: shapely.Geometry, tolerance: float) -> shapely.Geometry:
    return shapely.simplify(shape, tolerance)
