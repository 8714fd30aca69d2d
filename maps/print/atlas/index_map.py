"""Draw the index of an atlas: the whole area with the page of every sheet, and a table of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from geo.catalog.palette import LIGHT, SHEET, WIDTHS
from maps.map_data import MapData
from maps.print import title_block
from maps.print.atlas.atlas_page import AtlasContext
from maps.print.atlas.atlas_plan import AtlasPlan
from maps.print.atlas.unit_map import class_fill, draw_pages, draw_units
from maps.print.map_body import print_hatch
from maps.print.page_layout import Bounds, Rect
from maps.print.pdf_canvas import MM_PER_POINT, Canvas, HatchPattern
from maps.print.road_page import RoadPage
from maps.print.sheet_words import sheet_word
from maps.style.coverage_classes import CLASSES, ZERO

#: From so many sheets on their table fills a panel round the map.
_MANY = 60


def index_page(atlas: AtlasContext, plan: AtlasPlan, number: str) -> Canvas:
    """Return the drawn page; ``number`` is that printed on it."""
    titles = (sheet_word("atlas_index", "zh"), sheet_word("atlas_index", "en"))
    is_long = len(plan.sheets) > _MANY
    page = RoadPage(atlas.data, atlas.content, _extent(atlas, plan), [atlas.paper], atlas.lang, titles, corner=is_long)
    draw_units(page.canvas, page.frame, atlas.content, atlas.data, plan, page.unit)
    left = draw_pages(page.panel, page.frame, plan)
    page.draw_furniture()
    title_block.draw_page_number(page.panel, page.layout, number, "")
    page.draw_legend(_legend(page, plan, atlas.data))
    notes = [page.panel.word("atlas_index_how")]
    if left:
        notes.append(page.panel.word("atlas_index_left", n=f"{len(left):,}"))
    page.draw_notes(notes)
    heads = [page.panel.word(f"atlas_col_{name}") for name in ("page", "name", "scale")]
    rows = [[str(one.page), one.name, f"1:{one.frame.scale:,.0f}"] for one in plan.sheets]
    listed = page.room_for_rows(heads, rows)
    title = page.panel.word("atlas_sheets")
    if listed < len(rows):
        title = page.panel.word("atlas_sheets_listed", n=f"{listed:,}", of=f"{len(rows):,}")
    links = [(one.link, page.panel.word("atlas_page", page=one.page)) for one in plan.sheets]
    page.draw_table(title, heads, rows, (0, 2), links)
    return page.canvas


def _extent(atlas: AtlasContext, plan: AtlasPlan) -> Bounds:
    if atlas.content.extent is not None:
        return atlas.content.extent
    boxes = [one.shape.bounds for one in plan.sheets]
    lows, highs = [min(one[at] for one in boxes) for at in (0, 1)], [max(one[at] for one in boxes) for at in (2, 3)]
    return lows[0], lows[1], highs[0], highs[1]


def _legend(page: RoadPage, plan: AtlasPlan, data: MapData) -> list[tuple[Callable[[Rect], None], str]]:
    counts = Counter(one.coverage for one in plan.sheets)
    entries = []
    for one in CLASSES:
        if counts[one.code]:
            hatch = print_hatch(LIGHT.zero_hatch, page.unit) if one.code == ZERO else None
            text = f"{one.label(page.panel.lang)}（{counts[one.code]}）"
            if page.panel.lang == "en":
                text = f"{one.label(page.panel.lang)} ({counts[one.code]})"
            entries.append((_swatch(page, class_fill(one.code), hatch), text))
    zones = data.zones.get(plan.by)
    if zones is not None and len(zones) > len(plan.sheets):
        entries.append((_swatch(page, SHEET.neighbour, None), page.panel.word("atlas_not_in")))
    if len(plan.townships):
        entries.append((_border(page), page.panel.word("sheet_township_line")))
    return entries


def _swatch(page: RoadPage, fill: str, hatch: HatchPattern | None) -> Callable[[Rect], None]:
    def draw(box: Rect) -> None:
        line = 0.12 * page.unit
        page.canvas.rect(box.x, box.y, box.width, box.height, fill=fill, hatch=hatch, edge=LIGHT.grid_line, line=line)

    return draw


def _border(page: RoadPage) -> Callable[[Rect], None]:
    width = WIDTHS["township"] * MM_PER_POINT * page.unit
    return lambda box: page.canvas.polyline(
        [(box.x, box.centre[1]), (box.right, box.centre[1])], edge=LIGHT.township_line, width=width
    )
