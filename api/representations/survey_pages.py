"""Make the printed survey form of the rows to measure and the maps round them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from geo.catalog import headings
from geo.catalog.headings import TableLanguage
from geo.catalog.survey_form import asked_fields
from geo.figure_text import plain_figure
from geo.studies.survey_maps import SiteMap
from geo.studies.survey_rows import SurveyRow
from geo.types import Run
from maps.print.sheet_dates import moment_of
from maps.print.survey_form import SurveyBlock, SurveyLine, write_survey_form


def survey_pdf(
    sites: Sequence[Sequence[SurveyRow]], around: Sequence[SiteMap], layer: str, lang: TableLanguage, run: Run
) -> tuple[bytes, int]:
    """Return the form as a PDF, and its number of pages."""
    out = BytesIO()
    blocks = [_block(rows, near, layer, lang) for rows, near in zip(sites, around, strict=True)]
    pages = write_survey_form(blocks, out, lang=lang, run=run.id, made=moment_of(run.created))
    return out.getvalue(), pages


def _block(rows: Sequence[SurveyRow], around: SiteMap, layer: str, lang: TableLanguage) -> SurveyBlock:
    first, en = rows[0], lang == "en"
    names = dict.fromkeys(row.name for row in rows if row.name)
    title = "  ".join(one for one in (first.site or first.id, "; ".join(names)) if one)
    # What one value turns most stands for the site: weights of values that turn the same ground do not add up.
    weight = plain_figure(max(row.weight for row in rows), 1)
    parts = [
        first.lies_in,
        f"{first.lon:.6f}, {first.lat:.6f} WGS-84",
        f"rank {first.rank}, weight {weight}" if en else f"名次 {first.rank}，权重 {weight}",
        ("claims: " if en else "声明：") + ";".join(first.claims) if first.claims else "",
    ]
    return SurveyBlock(
        title,
        " · ".join(one for one in parts if one),
        tuple(_line(row, layer, lang) for row in rows),
        around.buildings,
        around.roads,
        around.rows,
        around.shapes,
    )


def _line(row: SurveyRow, layer: str, lang: TableLanguage) -> SurveyLine:
    named = {one.name: headings.heading(one, lang) for one in asked_fields(layer)}
    others = tuple(text for name, text in named.items() if name not in row.measure)
    return SurveyLine(row.id, row.name, tuple(named[name] for name in row.measure), others)
