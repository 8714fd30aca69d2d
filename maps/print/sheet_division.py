"""Choose how a sheet is divided: its layout, what its map shows, and on wall maps the insets of town centres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.assessment.zones import owning_rows
from maps.map_data import MapData
from maps.print.fonts import print_font
from maps.print.page_layout import (
    ROUND_SCALES,
    Bounds,
    Layout,
    MapFrame,
    Paper,
    choose_layout,
    cornered_frame,
    largest_scale,
    spread_layouts,
)
from maps.print.page_projection import projected
from maps.print.pdf_canvas import MM_PER_POINT
from maps.print.sheet_content import SheetContent, text_of, township_frame
from maps.print.sheet_options import AS_SUITS, SheetOptions
from maps.print.town_insets import EmptyGround, Inset, TownCentre, place_insets, town_centres

#: Ground shown when nothing has a position, in metres.
_EMPTY_EXTENT = (0.0, 0.0, 1_000.0, 1_000.0)
#: Type size in points of the smallest codes: on paper that is held, and on a wall, where capitals of five minutes of
#: arc are the least that a good eye reads, from two metres 2.9 mm.
SMALLEST_CODE_PT, SMALLEST_ON_WALL_PT = 5.0, 11.5
#: Sizes of all insets together that are tried, as shares of the empty ground: few towns fill their window.
_SHARES = (2.0, 1.5, 1.1, 0.8, 0.6, 0.45, 0.33, 0.22)
#: Sides of the largest and the smallest inset that are tried, in mm on A3.
_LARGEST_MM, _SMALLEST_MM = 90.0, 22.0
#: Width of the narrowest inset, whose title has a name and a scale, in mm on A3.
_NARROWEST_MM = 32.0
#: With insets of this share of the towns a scale is taken; else a smaller one, which leaves more ground, is tried.
_ENOUGH, _SCALES_TRIED = 0.8, 3


@dataclass(frozen=True)
class SheetDivision:
    """Layout and map of a sheet, its insets, and the towns that there is no room for an inset of."""

    layout: Layout
    frame: MapFrame
    insets: tuple[Inset, ...] = ()
    left: tuple[TownCentre, ...] = ()


def divide_sheet(
    data: MapData, content: SheetContent, choices: list[Paper], options: SheetOptions = AS_SUITS
) -> SheetDivision:
    """Return the division of the sheet of a content on one of the papers, at the scale chosen.

    Raises
    ------
    BadValue
        The content does not fit the papers at that scale.
    """
    extent = content.extent or _EMPTY_EXTENT
    scale = options.scale_for(extent, choices)
    if scale is not None:
        return SheetDivision(*choose_layout(extent, choices, scale=scale))
    if choices[0].is_for_walls and content.focus is None and content.layer == "grids" and content.outline is not None:
        found = _wall_map(data, content, extent, choices)
        if found is not None:
            return found
    return SheetDivision(*choose_layout(extent, choices))


def smallest_code(paper: Paper) -> float:
    """Return the size in points below which no code is set."""
    return SMALLEST_ON_WALL_PT if paper.is_for_walls else SMALLEST_CODE_PT


class _Grids:
    """What the search for town centres needs of the grids, put together once."""

    def __init__(self, data: MapData, content: SheetContent, paper: Paper) -> None:
        zones = content.zones
        shapes = zones.geometry.to_numpy()
        self.sides = np.sqrt(shapely.area(shapes))
        self.middles = shapely.get_coordinates(shapely.point_on_surface(shapes))
        self.boxes = shapely.bounds(shapes)
        townships = township_frame(data)
        names = np.full(len(zones), "", object)
        if townships is not None and "name" in townships:
            there = projected(townships, content.crs)
            owner = owning_rows(there, zones.set_geometry(shapely.points(self.middles), crs=content.crs).geometry)
            told = [text_of(one) for one in there["name"]]
            names = np.array([told[at] if at >= 0 else "" for at in np.asarray(owner, int).tolist()], object)
        self.names = names.tolist()
        longest = max((len(code) - content.prefix for code in zones.code), default=0)
        self.needed = print_font().width("0" * longest, smallest_code(paper) * MM_PER_POINT)


def _wall_map(data: MapData, content: SheetContent, extent: Bounds, choices: list[Paper]) -> SheetDivision | None:
    """Return the division of a wall map with insets; None where no town needs one."""
    grids = _Grids(data, content, choices[0])
    west, south, east, north = extent
    size = max(east - west, 1e-9), max(north - south, 1e-9)
    layouts = [one for paper in choices for one in spread_layouts(paper)]
    scales = {at: largest_scale(*size, one) for at, one in enumerate(layouts)}
    best: tuple[float, SheetDivision] | None = None
    for scale in _next_scales(min(scales.values())):
        for layout in (one for at, one in enumerate(layouts) if scales[at] <= scale):
            found = _with_insets(layout, cornered_frame(extent, layout, scale), content, grids)
            towns = len(found.insets) + len(found.left)
            if not towns:
                return None
            share = len(found.insets) / towns
            if best is None or share > best[0]:
                best = share, found
        if best is not None and best[0] >= _ENOUGH:
            break
    return None if best is None or not best[1].insets else best[1]


def _next_scales(scale: int) -> list[int]:
    """Return a round scale and those after it that leave more ground for insets."""
    return [scale, *(one for one in ROUND_SCALES if one > scale)][:_SCALES_TRIED]


def _with_insets(layout: Layout, frame: MapFrame, content: SheetContent, grids: _Grids) -> SheetDivision:
    """Return the division with insets for the most towns, and as large as they may be for those."""
    unit = layout.unit
    taken = shapely.union_all(frame.shapes(shapely.make_valid(np.array([content.outline], object))))
    empty = EmptyGround(frame, taken, unit)
    best, known = SheetDivision(layout, frame), dict[str, TownCentre]()
    for share in _SHARES:
        side = (share * empty.area / max(1, len(set(grids.names)))) ** 0.5
        found = town_centres(
            grids.sides, grids.middles, grids.boxes, grids.names,
            scale=frame.scale, needed_mm=grids.needed,
            most_mm=float(np.clip(side, _SMALLEST_MM * unit, _LARGEST_MM * unit)), least_mm=_NARROWEST_MM * unit,
        )  # fmt: skip
        for one in found:
            known.setdefault(one.name, one)
        insets, _left = place_insets(empty.copy(), found, frame, unit)
        if len(insets) > len(best.insets):
            best = SheetDivision(layout, frame, tuple(insets))
        if len(insets) == len(known):
            break
    # A town whose centre fits no small window has no inset either: it is left as one without room is.
    shown = {one.town.name for one in best.insets}
    return replace(best, left=tuple(one for name, one in known.items() if name not in shown))
