"""Place and draw the labels of a sheet's map: names, numbers of gaps and codes, without overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.catalog.palette import LIGHT, SHEET
from maps.map_data import MapData
from maps.print import map_body
from maps.print.edge_labels import AdjoiningSheet, EdgeLabels
from maps.print.label_placement import Label, OccupancyGrid, PlacedLabel, place_beside, place_inside, place_near
from maps.print.own_ground import draw_ground_names, place_ground_names
from maps.print.page_layout import Layout, MapFrame
from maps.print.page_projection import projected
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.road_lines import RoadName, draw_road_names, place_road_names
from maps.print.sheet_content import SheetContent, text_of, township_frame
from maps.print.sheet_division import smallest_code
from maps.print.symbol_spacing import Marks
from maps.print.town_insets import Inset

#: Type sizes in points on A3; no code is ever set below ``sheet_division.smallest_code``.
_CODE_SIZES, _NAME_SIZES, _NUMBER_SIZE, _ROAD_SIZE = (6.6, 5.8, 5.0), (10.5, 9.0, 7.6), 5.6, 5.2
_SITE_SIZE = 5.0
_GROUND_SIZES = (6.6, 5.4)
#: The widest name of a township, as a share of the width of the map.
_WIDEST_NAME = 0.3

#: Diameter of the disc of a number in mm on A3.
_DISC_MM = 3.5


@dataclass(frozen=True)
class LabelResult:
    """Labels drawn, and those left out for want of room: codes and names, and numbers of gaps."""

    placed: Sequence[PlacedLabel]
    left_out: Sequence[Label]
    numbers_left_out: Sequence[Label]
    road_names: Sequence[RoadName] = ()
    roads_left_out: int = 0

    def with_other(self, other: LabelResult) -> LabelResult:
        """Return these labels and those of another map of the sheet."""
        return LabelResult(
            [*self.placed, *other.placed],
            [*self.left_out, *other.left_out],
            [*self.numbers_left_out, *other.numbers_left_out],
            [*self.road_names, *other.road_names],
            self.roads_left_out + other.roads_left_out,
        )

    def left_out_by_layer(self, zones: str) -> dict[str, int]:
        """Return how many labels of which layer were left out; ``zones`` is the layer that codes are of."""
        kinds = {"code": zones, "site": "cameras", "village": "villages", "water": "areas"}
        layers = [kinds.get(one.key.partition(":")[0], "townships") for one in self.left_out]
        layers += ["gaps"] * len(self.numbers_left_out)
        return dict(Counter(layers))


class LabelWriter:
    """Place and draw the labels of one map.

    Parameters
    ----------
    data, content, layout, canvas
        As of the sheet.
    frame
        The map, or an inset of it.
    insets
        Those of the map: what they show larger is labelled on them.
    marks
        Symbols of the map that no letter may stand on.
    by_class
        Whether zones are coloured by class whatever the scale is.
    """

    def __init__(
        self,
        data: MapData,
        content: SheetContent,
        layout: Layout,
        frame: MapFrame,
        canvas: Canvas,
        insets: Sequence[Inset] = (),
        *,
        marks: Sequence[Marks] = (),
        by_class: bool = False,
    ) -> None:
        self.data, self.content, self.frame, self.canvas = data, content, frame, canvas
        self.unit, self.insets, self.marks = layout.unit, insets, marks
        self._by_class = by_class or not map_body.is_detail(frame)
        self._smallest = smallest_code(layout.paper)
        self._told: set[str] = set()  # codes of zones that the edges of the map name

    def _measure(self, text: str) -> tuple[float, float]:
        below, above = self.canvas.font.ink_extent(text)
        return self.canvas.font.width(text, MM_PER_POINT), (below + above) * MM_PER_POINT

    def _sizes(self, sizes: Sequence[float]) -> tuple[float, ...]:
        return tuple(dict.fromkeys(max(self._smallest, size * self.unit) for size in sizes))

    def place(
        self,
        rows: int,
        edges: Sequence[AdjoiningSheet] = (),
        lang: str = "zh",
        sites: np.ndarray | None = None,
    ) -> LabelResult:
        """Place township names, then the numbers of the listed gaps, then codes: those of listed gaps first.

        Parameters
        ----------
        rows
            How many gaps the table lists.
        edges
            Sheets of an atlas round this one, named at the edges of the map before anything else.
        lang
            The language that these are named in.
        sites
            Points (n, 2) in metres of the camera sites that the table numbers; None without such numbers.
        """
        occupancy = OccupancyGrid(self.frame.rect.inset(0.6 * self.unit))
        for inset in self.insets:
            for one in (inset.room, inset.box_on(self.frame), inset.tag_on(self.frame, self.unit)):
                occupancy.occupy((one.x, one.y, one.right, one.top))
        self._occupy_marks(occupancy)
        listed = self.content.gaps.iloc[:rows]
        places = self.frame.points(listed[["x", "y"]].to_numpy(dtype=float))
        shown = self._shown_here(listed[["x", "y"]].to_numpy(dtype=float))
        for x, y in places[shown].tolist():
            occupancy.occupy((x - 0.5, y - 0.5, x + 0.5, y + 0.5))
        at_edges = EdgeLabels(self.canvas, self.frame, self.content.crs, self.unit, lang).place(occupancy, edges)
        self._told = {one.key.removeprefix("adjoining:") for one in at_edges}
        names, left = self._names(occupancy)
        letters = OccupancyGrid(occupancy.available)  # leaders may cross symbols, not letters
        for label in (*at_edges, *names):
            letters.occupy(label.box)
        for x, y in places[shown].tolist():
            letters.occupy((x - 0.5, y - 0.5, x + 0.5, y + 0.5))
        numbers, numbers_left = self._numbers(occupancy, letters, places, shown)
        larger = {at for inset in self.insets for at in inset.town.rows}
        first = set(listed["grid"].astype(str)) if "grid" in listed else set()
        codes, codes_left = self._codes(occupancy, first, [at for at in self._own_rows() if at not in larger])
        cameras, cameras_left = self._site_numbers(occupancy, sites)
        grounds, grounds_left = self._ground_names(occupancy)
        roads = self._road_names(occupancy)
        self._draw_names(names)
        self._draw_numbers(numbers)
        placed = [*at_edges, *names, *numbers, *codes, *cameras, *grounds]
        return LabelResult(placed, [*left, *codes_left, *cameras_left, *grounds_left], numbers_left, *roads)

    def _site_numbers(
        self, occupancy: OccupancyGrid, sites: np.ndarray | None
    ) -> tuple[list[PlacedLabel], list[Label]]:
        """Place and draw the numbers that the table of camera sites has."""
        if sites is None or not len(sites):
            return [], []
        size = max(self._smallest, _SITE_SIZE * self.unit)
        labels = [Label(f"site:{at}", str(at), (size,)) for at in range(1, len(sites) + 1)]
        placed, left = place_near(occupancy, labels, self.frame.points(sites), self._measure, 1.15 * self.unit)
        for one in placed:
            self._draw_label(one, LIGHT.ink, halo=(LIGHT.halo, 0.35 * self.unit))
        return placed, left

    def place_on_inset(self, inset: Inset, rows: int) -> LabelResult:
        """Place the numbers of the listed gaps in an inset, of which this is the map, and the codes of its town."""
        occupancy = OccupancyGrid(self.frame.rect.inset(0.4 * self.unit))
        self._occupy_marks(occupancy)
        places = self.content.gaps.iloc[:rows][["x", "y"]].to_numpy(dtype=float)
        west, south, east, north = self.frame.bounds
        inside = ((places >= (west, south)) & (places <= (east, north))).all(axis=1)
        letters = OccupancyGrid(occupancy.available)
        numbers, numbers_left = self._numbers(occupancy, letters, self.frame.points(places), inside)
        codes, codes_left = self._codes(occupancy, set(), list(inset.town.rows), with_others=False)
        roads = self._road_names(occupancy)
        self._draw_numbers(numbers)
        return LabelResult([*numbers, *codes], codes_left, numbers_left, *roads)

    def _ground_names(self, occupancy: OccupancyGrid) -> tuple[list[PlacedLabel], list[Label]]:
        """Place and draw the names of villages and of water where nothing else stands."""
        sizes = self._sizes(_GROUND_SIZES)
        names, left = place_ground_names(occupancy, self.frame, self.content, self.data, self._measure, sizes)
        draw_ground_names(self.canvas, names, self.unit)
        return names, left

    def _road_names(self, occupancy: OccupancyGrid) -> tuple[list[RoadName], int]:
        """Place and draw the names of roads where nothing else stands."""
        size = max(self._smallest, _ROAD_SIZE * self.unit)
        names, left = place_road_names(occupancy, self.frame, self.content, self.data, self._measure, size)
        draw_road_names(self.canvas, names, self.unit)
        return names, left

    def _occupy_marks(self, occupancy: OccupancyGrid) -> None:
        for marks in self.marks:
            half = marks.width / 2
            for x, y in marks.points.tolist():
                occupancy.occupy((x - half, y - half, x + half, y + half))

    def _shown_here(self, points: np.ndarray) -> np.ndarray:
        """Return which points in metres no inset shows larger."""
        shown = np.ones(len(points), dtype=bool)
        for inset in self.insets:
            west, south, east, north = inset.frame.bounds
            shown &= ~((points >= (west, south)) & (points <= (east, north))).all(axis=1)
        return shown

    def _numbers(
        self, occupancy: OccupancyGrid, letters: OccupancyGrid, places: np.ndarray, shown: np.ndarray
    ) -> tuple[list[PlacedLabel], list[Label]]:
        """Place the numbers of those listed gaps that this map shows, and draw what leads to them."""
        chosen = np.flatnonzero(shown).tolist()
        size = max(self._smallest, _NUMBER_SIZE * self.unit)
        labels = [Label(f"gap:{at + 1}", str(at + 1), (size,)) for at in chosen]
        numbers, left = place_beside(occupancy, labels, places[chosen], _DISC_MM * self.unit, letters=letters)
        self._draw_leaders(numbers)
        return numbers, left

    def _names(self, occupancy: OccupancyGrid) -> tuple[list[PlacedLabel], list[Label]]:
        """Place the names of townships, or of the neighbours of a zone, inside their visible parts."""
        townships = township_frame(self.data)
        if townships is None or self.content.layer == "townships":
            return [], []
        shapes = self._visible(projected(townships, self.content.crs).geometry.to_numpy())
        texts = [text_of(value) for value in townships["name"]] if "name" in townships else [""] * len(townships)
        codes = townships["code"].astype(str).tolist() if "code" in townships else texts
        # A name that ran through the whole map would be read as one of all that it crosses.
        widest = _WIDEST_NAME * self.frame.rect.width
        texts = [self.canvas.font.shorten(one, self._sizes(_NAME_SIZES)[0] * MM_PER_POINT, widest) for one in texts]
        focus = self.content.focus
        if focus is not None and focus.layer != "townships":
            return [], []
        wanted = [at for at, text in enumerate(texts) if text and not shapes[at].is_empty]
        if focus is not None:  # the title has the name of the zone in focus
            wanted = [at for at in wanted if codes[at] != focus.code and codes[at] not in self._told]
        labels = [Label(f"name:{codes[at]}", texts[at], self._sizes(_NAME_SIZES)) for at in wanted]
        clearance = 0.6 * self.unit
        placed, left = place_inside(occupancy, labels, shapes[wanted], self._measure, clearance=clearance, is_fine=True)
        # Where symbols leave a township no room at all its name stands over them, in its halo, and on no other label.
        over = OccupancyGrid(occupancy.available)
        for one in placed:
            over.occupy(one.box)
        for inset in self.insets:
            for room in (inset.room, inset.tag_on(self.frame, self.unit)):
                over.occupy((room.x, room.y, room.right, room.top))
        keys = {one.key for one in left}
        rest = [at for at, label in zip(wanted, labels, strict=True) if label.key in keys]
        more, left = place_inside(over, left, shapes[rest], self._measure, clearance=clearance, is_fine=True)
        for one in more:
            occupancy.occupy(one.box)
        return [*placed, *more], left if focus is None else []

    def _visible(self, shapes: np.ndarray) -> np.ndarray:
        """Return the part of each shape on the map, in page mm; empty for one that is not on it."""
        rect = self.frame.rect
        west, south, east, north = self.frame.bounds
        low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
        near = (low_x < east) & (high_x > west) & (low_y < north) & (high_y > south)
        found = np.full(len(shapes), shapely.Polygon(), dtype=object)
        chosen = shapes[near]
        broken = ~shapely.is_valid(chosen)
        if broken.any():
            chosen = np.where(broken, shapely.make_valid(chosen), chosen)
        simple = shapely.simplify(chosen, self.frame.metres(0.1))
        found[near] = shapely.clip_by_rect(self.frame.shapes(simple), rect.x, rect.y, rect.right, rect.top)
        return found

    def _own_rows(self) -> list[int]:
        return np.flatnonzero(self.content.own).tolist()

    def _codes(
        self, occupancy: OccupancyGrid, first: set[str], rows: Sequence[int], *, with_others: bool = True
    ) -> tuple[list[PlacedLabel], list[Label]]:
        """Place and draw the codes (names, where zones are not grids) of the sheet's own zones, then of neighbours.

        ``rows`` are those of its own that have one here, ``first`` the codes that come before others.
        """
        content = self.content
        zones = content.zones
        if not len(zones) or content.layer == "all":
            return [], []
        shapes = self._visible(zones.geometry.to_numpy())
        by_code = content.layer == "grids"
        sizes = self._sizes(_CODE_SIZES if by_code else _NAME_SIZES[1:])
        seen = ~shapely.is_empty(shapes)
        codes, names = zones.code.tolist(), zones.name.tolist()
        own = sorted((at for at in rows if seen[at]), key=lambda at: codes[at] not in first)
        others = [at for at in np.flatnonzero(seen & ~content.own).tolist() if codes[at] not in self._told]
        others = others if with_others else []
        county = min(content.prefix, 6)
        cuts = dict.fromkeys(own, content.prefix)
        cuts |= {at: county if codes[at][:county] == codes[own[0]][:county] else 0 for at in others if own}
        colours = self._label_colours()
        found: list[PlacedLabel] = []
        left_out: list[Label] = []
        for kind, chosen in (("code", own), ("neighbour", others)):
            labels = [
                Label(
                    f"{kind}:{codes[at]}",
                    codes[at][cuts.get(at, 0) :] if by_code else names[at] or codes[at],
                    sizes if kind == "code" else sizes[-1:],
                )
                for at in chosen
            ]
            placed, left = place_inside(occupancy, labels, shapes[chosen], self._measure)
            look = {
                f"{kind}:{codes[at]}": colours[at] if kind == "code" else (SHEET.neighbour_label, None) for at in chosen
            }
            for one in placed:
                colour, ground = look[one.key]
                invisible_prefix = one.key.partition(":")[2].removesuffix(one.text) if by_code else ""
                # White text on a dark class is unreadable where it extends beyond the zone.
                halo = None if one.whole or ground is None else (ground, 0.45 * self.unit)
                self._draw_label(one, colour, invisible_prefix=invisible_prefix, halo=halo)
            found += placed
            left_out += left if kind == "code" else []
        return found, left_out

    def _label_colours(self) -> list[tuple[str, str | None]]:
        """Return the colour of a label on each zone, and the colour of its halo where the label is white."""
        codes = self.content.zones["class"].tolist()
        if not self._by_class:
            return [(LIGHT.ink, None)] * len(codes)
        colours = [LIGHT.class_ink[code - 1] if code > 0 else LIGHT.ink for code in codes]
        return [
            (colour, None if colour == LIGHT.ink else LIGHT.classes[code - 1])
            for colour, code in zip(colours, codes, strict=True)
        ]

    def _draw_label(self, one: PlacedLabel, colour: str, **look: Any) -> None:
        below, _above = self.canvas.font.ink_extent(one.text)
        y = one.box[1] + below * one.size * MM_PER_POINT
        self.canvas.text(one.box[0], y, one.text, one.size, colour=colour, **look)

    def _draw_names(self, names: Sequence[PlacedLabel]) -> None:
        for one in names:
            if self.content.focus is None:
                self._draw_label(one, LIGHT.ink, halo=(LIGHT.halo, 0.55 * self.unit), bold=True)
            else:
                self._draw_label(one, LIGHT.quiet)

    def _draw_leaders(self, numbers: Sequence[PlacedLabel]) -> None:
        if not numbers:
            return
        strokes = [shapely.LineString([(one.x, one.y), one.leader]) for one in numbers if one.leader]
        self.canvas.lines(strokes, edge=LIGHT.halo, width=0.6 * self.unit)
        # Grey: in the colour of gaps a leader would be read as one.
        self.canvas.lines(strokes, edge=LIGHT.quiet, width=0.22 * self.unit)
        ends = np.array([one.leader for one in numbers])
        self.canvas.dots(ends, diameter=1.15 * self.unit, colour=LIGHT.halo)
        self.canvas.dots(ends, diameter=0.8 * self.unit, colour=LIGHT.gap_line)

    def _draw_numbers(self, numbers: Sequence[PlacedLabel]) -> None:
        diameter = _DISC_MM * self.unit
        for one in numbers:
            self.canvas.circle(one.x, one.y, diameter / 2, fill=LIGHT.gap_line, edge=LIGHT.halo, width=0.25 * self.unit)
            size = one.size * (0.86 if len(one.text) > 2 else 1.0)
            self.canvas.text(
                one.x,
                one.y - 0.365 * size * MM_PER_POINT,
                one.text,
                size,
                colour=SHEET.gap_number,
                anchor="middle",
                bold=True,
            )
