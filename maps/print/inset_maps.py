"""Draw the insets of a wall map: town centres at a larger scale, and their boxes with numbers on the map."""

from __future__ import annotations

from collections.abc import Sequence

from geo.catalog.palette import LIGHT
from maps.map_data import MapData
from maps.print import map_body
from maps.print.labels import LabelResult, LabelWriter
from maps.print.map_body import MapContents
from maps.print.page_layout import Layout, MapFrame
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import MM_PER_POINT
from maps.print.sheet_content import SheetContent
from maps.print.town_insets import TAG_MM, TITLE_MM, Inset

#: Size in A3 points of the title of an inset and of its number.
_TITLE_PT, _NUMBER_PT = 7.2, 6.8


def draw_inset_maps(
    panel: PanelContext, layout: Layout, content: SheetContent, data: MapData, insets: Sequence[Inset]
) -> list[MapContents]:
    """Draw the map of every inset, and return what is on each."""
    contents = []
    for inset in insets:
        room = inset.room
        panel.canvas.rect(room.x, room.y, room.width, room.height, fill=LIGHT.paper)
        contents.append(map_body.draw_map(panel.canvas, layout, inset.frame, content, data, by_class=True))
    return contents


def label_insets(
    panel: PanelContext,
    layout: Layout,
    content: SheetContent,
    data: MapData,
    insets: Sequence[Inset],
    contents: Sequence[MapContents],
    rows: int,
) -> LabelResult:
    """Label every inset, whose map is drawn already, and draw its title and scale; ``rows`` gaps have numbers."""
    canvas, unit = panel.canvas, panel.unit
    found = LabelResult([], [], [])
    for inset, shown in zip(insets, contents, strict=True):
        room, rect = inset.room, inset.frame.rect
        writer = LabelWriter(data, content, layout, inset.frame, canvas, marks=shown.marks, by_class=True)
        found = found.with_other(writer.place_on_inset(inset, rows))
        canvas.rect(rect.x, rect.y, rect.width, rect.height, edge=LIGHT.ink, line=0.3 * unit)
        tag = TAG_MM * unit
        y = rect.top + 0.5 * (TITLE_MM * unit - tag)
        _draw_tag(panel, room.x, y, inset.number)
        scale = f"1:{inset.town.scale:,}"
        available = room.width - tag - panel.width(scale, _TITLE_PT) - 3 * unit
        name, size = panel.fit_smaller(inset.town.name, _TITLE_PT, available)
        base = y + 0.5 * tag - 0.36 * _TITLE_PT * unit * MM_PER_POINT
        panel.text(room.x + tag + unit, base, name, size, bold=True)
        panel.text(room.right, base, scale, _TITLE_PT, anchor="right")
    return found


def draw_locators(panel: PanelContext, frame: MapFrame, insets: Sequence[Inset]) -> None:
    """Draw the box of each inset on the map, with its number at the upper right corner."""
    canvas, unit = panel.canvas, panel.unit
    for inset in insets:
        box, tag = inset.box_on(frame), inset.tag_on(frame, unit)
        for colour, line in ((LIGHT.halo, 0.9), (LIGHT.ink, 0.4)):
            canvas.rect(box.x, box.y, box.width, box.height, edge=colour, line=line * unit)
        _draw_tag(panel, tag.x, tag.y, inset.number)


def _draw_tag(panel: PanelContext, x: float, y: float, number: int) -> None:
    """Draw the number of an inset in a square: numbers of gaps stand in discs."""
    side, unit = TAG_MM * panel.unit, panel.unit
    panel.canvas.rect(x, y, side, side, fill=LIGHT.ink, edge=LIGHT.halo, line=0.25 * unit)
    base = y + 0.5 * side - 0.36 * _NUMBER_PT * unit * MM_PER_POINT
    panel.text(x + side / 2, base, str(number), _NUMBER_PT, colour=LIGHT.halo, anchor="middle", bold=True)
