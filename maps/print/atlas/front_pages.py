"""Draw the cover of an atlas, with what it is of and when it was made, and its contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from geo.catalog.palette import LIGHT
from maps.print import panel_figures, sheet_information
from maps.print.atlas.atlas_page import AtlasContext, AtlasPage, body_of, headed
from maps.print.atlas.atlas_plan import AtlasPlan
from maps.print.atlas.running_table import RunningTable, TableRow
from maps.print.atlas.unit_map import draw_units, fitted_frame
from maps.print.page_layout import Rect
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, PanelContext, draw_key_value_rows
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.shown_share import shown_share, visible_counts
from maps.style.words import WORDS

#: Size of the contents in points on A3.
_CONTENTS_PT = 8.6
#: Sizes of the titles in points on A3, heights of the band that has them and of a line of notes in mm on A3.
_TITLE_PT, _SECOND_PT, _BY_PT, _BAND_MM, _LINE_MM = 30.0, 13.0, 12.0, 46.0, 3.4
#: Width of the column of facts in mm on A3, space between columns.
_FACTS_MM, _GAP_MM = 88.0, 7.0
#: Width of the map of a wide county, as a share of the cover; height of the facts below it, and their least width.
_WIDE_SHARE, _FACTS_HEIGHT_MM, _LEAST_FACTS_MM = 0.58, 62.0, 78.0


def contents_table(
    panel: PanelContext, plan: AtlasPlan, before: Mapping[str, str], after: Mapping[str, str]
) -> RunningTable:
    """Return the table of contents, to be drawn page by page.

    Parameters
    ----------
    before, after
        Key of the word -> printed page of what stands before and after the sheets; keys are what links call them.
    """
    rows = [TableRow((page, panel.word(f"atlas_{key}"), "", ""), key) for key, page in before.items()]
    grouped = plan.by != "townships" and len(plan.townships)
    for township, sheets in groupby(plan.sheets, key=lambda one: one.township):
        if grouped:
            rows.append(TableRow((plan.townships.get(township) or panel.word("atlas_elsewhere"),), is_heading=True))
        rows += [
            TableRow(
                (str(one.page), one.name, "" if one.code == one.name else one.code, f"1:{one.frame.scale:,.0f}"),
                one.link,
            )
            for one in sheets
        ]
    rows += [TableRow((page, panel.word(f"atlas_{key}"), "", ""), key) for key, page in after.items()]
    heads = [panel.word(f"atlas_col_{name}") for name in ("page", "name", "code", "scale")]
    return RunningTable(panel, heads, rows, right=(0, 3), flexible=1, size=_CONTENTS_PT)


def contents_pages(atlas: AtlasContext, table: RunningTable) -> int:
    """Return how many pages after the cover the contents take."""
    panel = AtlasPage(atlas, "").panel
    return table.pages(_cover_parts(atlas, panel)[2], headed(body_of(atlas.paper), panel.unit)) - 1


def cover_page(atlas: AtlasContext, plan: AtlasPlan, table: RunningTable, number: str, notes: Sequence[str]) -> Canvas:
    """Return the drawn cover with the first part of the contents; ``notes`` say what is not in the atlas."""
    page = AtlasPage(atlas, number, is_cover=True)
    panel, unit = page.panel, page.unit
    _draw_titles(page, plan)
    picture, facts, contents = _cover_parts(atlas, panel)
    if atlas.content.extent is not None:
        tall = min(picture.height, _height_of_map(atlas, picture.width, unit))
        picture = Rect(picture.x, picture.top - tall, picture.width, tall)
        frame = fitted_frame(atlas.content.extent, picture, 3 * unit)
        page.canvas.maps.append(frame.reference(atlas.content.crs))
        draw_units(page.canvas, frame, atlas.content, atlas.data, plan, unit)
        page.canvas.rect(picture.x, picture.y, picture.width, picture.height, edge=LIGHT.quiet, line=0.12 * unit)
    _draw_facts(panel, facts, atlas, notes)
    heading = Rect(contents.x, contents.y, contents.width, contents.height + HEADING_MM * unit)
    panel.heading(heading, panel.word("atlas_contents"))
    table.draw(panel, contents)
    return page.canvas


def more_contents(atlas: AtlasContext, table: RunningTable, number: str) -> Canvas:
    """Return the next drawn page of the contents."""
    page = AtlasPage(atlas, number, AtlasPage(atlas, "").panel.word("atlas_contents_more"))
    table.draw(page.panel, page.body)
    return page.canvas


def _cover_parts(atlas: AtlasContext, panel: PanelContext) -> tuple[Rect, Rect, Rect]:
    """Return where the map, the facts and the rows of the contents stand on the cover."""
    unit = panel.unit
    body = body_of(atlas.paper)
    gap, facts = _GAP_MM * unit, _FACTS_MM * unit
    height = body.height - _BAND_MM * unit
    wide = _WIDE_SHARE * body.width
    tall = _height_of_map(atlas, wide, unit)
    if atlas.paper.orientation == "landscape" and tall + gap + _FACTS_HEIGHT_MM * unit <= height:
        # A wide county: the facts stand below its map, the contents at its right.
        picture = Rect(body.x, body.y + height - tall, wide, tall)
        below = Rect(body.x, body.y, wide, height - tall - gap)
        x, heading = body.x + wide + gap, HEADING_MM * unit
        return picture, below, Rect(x, body.y, body.right - x, height - heading)
    if atlas.paper.orientation == "landscape":
        width = (body.width - facts - 2 * gap) * 0.56
        picture = Rect(body.x, body.y, width, height)
        middle = Rect(picture.right + gap, body.y, facts, height)
        x, heading = middle.right + gap, HEADING_MM * unit
        return picture, middle, Rect(x, body.y, body.right - x, height - heading)
    half = max(height * 0.46, 104 * unit)
    picture = Rect(body.x, body.y + height - half, body.width - facts - gap, half)
    middle = Rect(picture.right + gap, picture.y, facts, half)
    return picture, middle, Rect(body.x, body.y, body.width, height - half - gap - HEADING_MM * unit)


def _height_of_map(atlas: AtlasContext, width: float, unit: float) -> float:
    """Return the height in mm of a map of the whole at a width, at least two fifths of it."""
    if atlas.content.extent is None:
        return 0.4 * width
    west, south, east, north = atlas.content.extent
    return width * max(0.4, (north - south) / max(east - west, 1e-9)) + 6 * unit


def _draw_titles(page: AtlasPage, plan: AtlasPlan) -> None:
    panel, unit, meta = page.panel, page.unit, page.atlas.data.meta
    titles = [meta.title_zh, meta.title_en]
    if panel.lang == "en":
        titles.reverse()
    middle, top = page.body.centre[0], page.body.top
    first, second = f"{titles[0]} {panel.word('atlas_title')}".strip(), titles[1]
    if meta.title:  # one that was given stands above that of the county
        first, second = meta.title, first
    lines = (
        (first, _TITLE_PT, 13.0, True),
        (second, _SECOND_PT, 22.0, False),
        (panel.word(f"atlas_by_{plan.by}", n=f"{len(plan.sheets):,}"), _BY_PT, 31.5, False),
    )
    for text, size, down, bold in lines:
        fitted = size * min(1.0, max(0.4, page.body.width / max(panel.width(text, size), 1e-9)))
        told = panel.fit(text, fitted, page.body.width)
        panel.text(middle, top - down * unit, told, fitted, bold=bold, anchor="middle")


def _draw_facts(panel: PanelContext, rect: Rect, atlas: AtlasContext, notes: Sequence[str]) -> None:
    unit, data, content = panel.unit, atlas.data, atlas.content
    rows = sheet_information.information_rows(panel, data, content)
    gap = _GAP_MM * unit
    beside = rect.width >= 2 * _LEAST_FACTS_MM * unit + gap
    whole = rect
    if beside:
        rect = Rect(whole.x, whole.y, (whole.width - gap) / 2, whole.height)
    y = panel.heading(rect, panel.word("atlas_facts"))
    keys = max(panel.width(key, SMALL_PT) for key, _value in rows)
    draw_key_value_rows(panel, Rect(rect.x, rect.y, rect.width, y - rect.y), rows, key_width=keys + 2 * unit)
    top = y - (len(rows) * ROW_MM + 4) * unit
    share = shown_share(data, content)
    gaps, status = visible_counts(content, share)
    height = panel_figures.figures_height(panel, status)
    domain = data.meta.domain
    domain = panel.word(f"domain_{domain}") if f"domain_{domain}" in WORDS else domain
    figures = Rect(rect.x, top - height, rect.width, height)
    if beside:
        figures = Rect(rect.right + gap, whole.top - height, rect.width, height)
    panel_figures.draw_figures(panel, figures, content.figures, gaps, status, domain, share)
    rect, top = figures, figures.y - 4 * unit
    size = SMALL_PT * unit * MM_PER_POINT
    for line in (line for note in notes for line in panel.canvas.font.wrap(note, size, rect.width)):
        top -= _LINE_MM * unit
        if top < whole.y:
            break
        panel.text(rect.x, top, line, SMALL_PT, bold=True)
