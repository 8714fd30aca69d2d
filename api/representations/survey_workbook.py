"""Write the workbook of a survey form: what to measure where, with cells to fill in that an import reads back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import shapely
import xlsxwriter

from api.representations.templates import allowed_words, field_validation
from api.representations.workbook_files import ExactNumber, add_head, width_of, workbook_bytes
from geo.catalog import headings
from geo.catalog.fields import Field
from geo.catalog.headings import TableLanguage
from geo.catalog.layers import LAYERS
from geo.catalog.palette import TABLE_EXAMPLE, TABLE_TO_FILL
from geo.catalog.survey_form import CONTEXT, MARK, MEANINGS, asked_fields
from geo.studies.survey_rows import SurveyRow

_TITLES = ("现场核实表", "Survey form")
_NOTES = (
    (
        "只填看得准的格，黄色的是要核实的；空着的格导入时什么也不改。",
        "不能确定的就空着。",
        "填好后：gridsight import 文件.xlsx --layer {layer}。编号与位置不要改，核实表不改位置。",
        "标题“{mark}”那一列不要删：导入时靠它认出这张表。",
        "只收地点，不收人：不填姓名、电话、账号、网络地址。",
    ),
    (
        "Fill in what was surely seen; yellow cells are to be measured. An empty cell changes nothing.",
        "Leave empty what is doubtful.",
        "Then: gridsight import FILE.xlsx --layer {layer}. Leave ids and places as they are: a form moves nothing.",
        "Keep the column “{mark}”: an import knows the form by it.",
        "Places, not people: no names, phones, accounts or network addresses.",
    ),
)


def survey_workbook(sites: Sequence[Sequence[SurveyRow]], layer: str, lang: TableLanguage) -> bytes:
    """Return the workbook of a form, a row for each camera or building, those of one site together.

    Parameters
    ----------
    sites
        The rows, as ``survey_rows`` returns them.
    layer
        Their layer.
    lang
        Language of headings and words.
    """
    rows = [row for site in sites for row in site]
    return workbook_bytes(lambda book: _fill(book, rows, layer, lang))


def _fill(book: xlsxwriter.Workbook, rows: Sequence[SurveyRow], layer: str, lang: TableLanguage) -> None:
    target, en = LAYERS[layer], int(lang != "zh")
    asked = asked_fields(layer)
    placed = ["lon", "lat"] if "point" in target.shapes else ["wkt"]
    known = [target.field(target.key), *(target.field(one) for one in ("site", "name") if one in target.names)]
    columns = [CONTEXT[0], *known, CONTEXT[1], MARK, *asked, *CONTEXT[2:]]
    columns += [*(headings.shape_field(one) for one in placed), headings.CRS_COLUMN]
    titles = [headings.heading(one, lang) for one in columns]
    cells = [_cells(row, columns, asked, placed, lang) for row in rows]
    sheet = book.add_worksheet(_TITLES[en])
    widths = [
        width_of([f"{title}  ", *(str(row[place] or "") for row in cells[:200])]) for place, title in enumerate(titles)
    ]
    add_head(book, sheet, titles, widths)
    text = book.add_format({"num_format": "@"})
    number = book.add_format({"num_format": "0.0"})
    to_fill = book.add_format({"bg_color": TABLE_TO_FILL, "border": 1, "num_format": "@"})
    open_cell = book.add_format({"border": 1, "border_color": TABLE_EXAMPLE, "num_format": "@"})
    for at, (row, values) in enumerate(zip(rows, cells, strict=True), 1):
        for place, (field, value) in enumerate(zip(columns, values, strict=True)):
            if field in asked:
                sheet.write_blank(at, place, None, to_fill if field.name in row.measure else open_cell)
            elif isinstance(value, str):
                sheet.write_string(at, place, value, text)
            elif value is not None:
                sheet.write_number(at, place, ExactNumber(value), number if field.name == "weight" else None)
    for place, field in enumerate(columns):
        rule = _rule(field, lang) if field in asked else None
        if rule is not None and rows:
            sheet.data_validation(1, place, len(rows), place, rule)
    if rows:
        area = xlsxwriter.utility.xl_range(0, 0, len(rows), len(columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": area})
    notes = book.add_worksheet(("说明", "Notes")[en])
    add_head(book, notes, [("说明", "Notes")[en]], [110])
    lines = [one.format(layer=layer, mark=headings.heading(MARK, lang)) for one in _NOTES[en]]
    lines += [_meaning(field, lang, en) for field in asked]
    for at, line in enumerate(lines, 1):
        notes.write_string(at, 0, line)


def _cells(
    row: SurveyRow, columns: Sequence[Field], asked: Iterable[Field], placed: Sequence[str], lang: TableLanguage
) -> list[Any]:
    values: dict[str, Any] = {
        "rank": row.rank,
        "id": row.id,
        "site": row.site or None,
        "name": row.name or None,
        "place": row.lies_in or None,
        "measure": measured_words(row, asked, lang),
        "weight": round(row.weight, 1),
        "claims": ";".join(row.claims) or None,
        "crs": "WGS-84",
    }
    values |= (
        {"lon": row.lon, "lat": row.lat}
        if "lon" in placed
        else {"wkt": shapely.to_wkt(shapely.envelope(row.shape), rounding_precision=7)}
    )
    names = {one.name for one in asked}
    return [None if one.name in names else values.get(one.name) for one in columns]


def measured_words(row: SurveyRow, asked: Iterable[Field], lang: TableLanguage) -> str:
    """Return the names of the fields to measure in a row."""
    separator = "、" if lang == "zh" else ", "
    return separator.join(one.zh if lang == "zh" else one.en for one in asked if one.name in row.measure)


def _rule(field: Field, lang: TableLanguage) -> dict[str, Any] | None:
    """Return what a cell may hold; an azimuth may be a word as well as a number."""
    return None if field.name == "azimuth" else field_validation(field, lang)


def _meaning(field: Field, lang: TableLanguage, en: int) -> str:
    words = allowed_words(field, lang)
    said = MEANINGS[field.name][en]
    choices = f" ({', '.join(words)})" if words and en else f"（{'、'.join(words)}）" if words else ""
    return f"{headings.heading(field, lang)}{choices}{': ' if en else '：'}{said}"
