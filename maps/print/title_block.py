"""Draw the title above a sheet and the footer below it."""

from __future__ import annotations

from geo.catalog.palette import LIGHT
from geo.crs import crs_name
from maps.map_data import DRAWN_LAYER, MapData
from maps.print.page_layout import Layout, MapFrame
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import MM_PER_POINT
from maps.print.sheet_content import SheetContent
from maps.print.sheet_dates import day_text
from maps.print.sheet_words import security_text, sheet_word

#: Sizes in A3 points of the two lines at each side of the title.
_SIDE_PT = (7.6, 6.2)


def title_zh(data: MapData, content: SheetContent) -> str:
    """Return the Chinese title, with the zone in focus."""
    return " · ".join(one for one in (data.meta.title_zh, _zone_title(content, "zh")) if one)


def title_en(data: MapData, content: SheetContent) -> str:
    """Return the English title, with the zone in focus."""
    return " – ".join(one for one in (data.meta.title_en, _zone_title(content, "en")) if one)


def sheet_titles(data: MapData, content: SheetContent, lang: str) -> list[str]:
    """Return the large and the small title: those in both languages, or one that was given above that in its own."""
    titles = [title_zh(data, content), title_en(data, content)]
    if lang == "en":
        titles.reverse()
    return [data.meta.title, titles[0]] if data.meta.title else titles


def _zone_title(content: SheetContent, lang: str) -> str:
    focus = content.focus
    if focus is None:
        return ""
    if focus.layer == DRAWN_LAYER:
        return sheet_word("drawn", lang)
    return f"{focus.name or sheet_word(focus.layer, lang)} {focus.code}"


def draw_title(panel: PanelContext, layout: Layout, data: MapData, content: SheetContent) -> None:
    """Write both titles in the middle, that of the sheet large, and product and classification at the sides.

    Long ones shrink, then are cut in their middle.
    """
    rect, unit = layout.title, panel.unit
    meta, middle = data.meta, rect.x + rect.width / 2
    titles = sheet_titles(data, content, panel.lang)
    left = [panel.word("product"), panel.word("no_personal_data")]
    right = [
        security_text(meta.security, panel.lang),
        f"{panel.word('review_number')}: {meta.review_number}" if meta.review_number else "",
    ]
    # The middle has what the sides leave, which are cut before the title is.
    widest = max(panel.width(text, size) for pair in (left, right) for text, size in zip(pair, _SIDE_PT, strict=True))
    side = min(widest + 3 * unit, 58 * unit, 0.3 * rect.width)
    available = rect.width - 2 * side
    for text, wanted, y, bold, wide in (
        (titles[0], 17.0, rect.top - 6.6 * unit, True, 0.0 if panel.lang == "en" else 0.6 * unit),
        (titles[1], 8.6, rect.top - 11.2 * unit, False, 0.0),
    ):
        run = panel.width(text, wanted)
        spacing = wide if run + wide * len(text) <= available else 0.0  # a long title is closer before it is smaller
        size = max(wanted * min(1.0, available / run) if run else wanted, wanted * 0.5)
        # Shrunk to fit it is as wide as its room. What is cut is the middle: the end says what the sheet is of.
        told = panel.canvas.font.shorten_middle(text, size * unit * MM_PER_POINT, available + 1e-6)
        panel.text(middle, y, told, size, bold=bold, anchor="middle", spacing=spacing)
    for at, (one, two, size) in enumerate(zip(left, right, _SIDE_PT, strict=True)):
        y = rect.top - (5.2 + 4.2 * at) * unit
        colour = LIGHT.ink if at == 0 else LIGHT.quiet
        panel.text(rect.x, y, panel.fit(one, size, side), size, colour=colour)
        panel.text(rect.right, y, panel.fit(two, size, side), size, colour=colour, anchor="right")


def draw_page_number(panel: PanelContext, layout: Layout, text: str, index: str) -> None:
    """Write the number of a page of an atlas at the right end of the title; it leads to the page called ``index``.

    An empty ``index`` is for the page of the index itself.
    """
    rect, unit = layout.title, panel.unit
    y = rect.top - 12.9 * unit
    run = panel.text(rect.right, y, text, 7.6, bold=True, anchor="right")
    if not index:
        return
    panel.canvas.link(rect.right - run, y - 0.8 * unit, run, 3.4 * unit, index, panel.word("atlas_to_index"))


def draw_footer(panel: PanelContext, layout: Layout, frame: MapFrame, data: MapData, content: SheetContent) -> None:
    """Write source, date and run at the left, paper, scale and CRS at the right."""
    rect, meta = layout.footer, data.meta
    y = rect.y + 0.2 * panel.unit
    parts = [
        (panel.word("source"), meta.source), (panel.word("made"), day_text(meta.made)),
        (panel.word("run"), meta.run_id),
    ]  # fmt: skip
    left = "　".join(f"{key}: {value}" for key, value in parts if value)
    right = f"{layout.paper.name} · 1:{frame.scale:,.0f} · {crs_name(content.crs)}"
    available = rect.width - panel.width(right, 6.3) - 4 * panel.unit
    panel.text(rect.x, y, panel.fit(left, 6.3, available), 6.3, colour=LIGHT.quiet)
    panel.text(rect.right, y, right, 6.3, colour=LIGHT.quiet, anchor="right")
