"""Write the workbook that a layer is collected in: headings, drop-downs, one example row, a sheet of notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from api.representations.workbook_files import ExactNumber, add_head, width_of, workbook_bytes
from geo.catalog import headings
from geo.catalog.examples import collected_columns, example_row
from geo.catalog.fields import Field
from geo.catalog.headings import TableLanguage
from geo.catalog.layers import Layer
from geo.catalog.palette import TABLE_EXAMPLE
from geo.catalog.template_notes import MEANINGS, OFFERED_WORDS, UNIT_NAMES

#: Rows that drop-downs and formats are set for.
_ROWS = 5000
#: Text that a drop-down holds.
_MAX_CHOICES = 255
_NOTES_HEAD = (
    ("列", "字段", "单位", "必填", "可填的词或范围", "说明"),
    ("Column", "Field", "Unit", "Required", "Words or range", "Meaning"),
)
_YES = ("是", "yes")
#: Columns of a place of which either the first two are filled in or the last.
_EITHER = ("lon", "lat", "wkt")
_LIST_ZH = (
    "没有边界的也可以：几何与坐标系留空，按代码与名称保存，地址照样认得。"
    "统计用区划代码表（代码、名称、城乡分类代码）可直接导入。"
)
_LIST_EN = (
    "A row without a boundary will do: leave geometry and coordinate system empty, and it is kept by code and name, by"
    " which addresses find it. The code list of the statistics office imports as it is."
)


def template_bytes(layer: Layer, lang: TableLanguage) -> bytes:
    """Return the template of a layer: the sheet that is filled in, then the sheet of notes, which no import reads."""
    columns = template_fields(layer)
    example = example_row(layer.name, lang)

    def fill(book: xlsxwriter.Workbook) -> None:
        _write_data(book, layer, columns, example, lang)
        _write_notes(book, layer, columns, lang)

    return workbook_bytes(fill)


def template_fields(layer: Layer) -> list[Field]:
    """Return the fields of the columns, in order: the layer's, what else is read for it, place, validity."""
    place = [headings.shape_field(name) for name in collected_columns(layer)]
    crs = [headings.CRS_COLUMN] if layer.shapes else []  # a table of rows without a place has no coordinates
    return [*layer.fields, *layer.also_read, *place, *crs, *layer.all_fields[len(layer.fields) :]]


# --- the sheet that is filled in ---------------------------------------------------------------------------------


def _write_data(
    book: xlsxwriter.Workbook, layer: Layer, columns: Sequence[Field], example: dict[str, object], lang: TableLanguage
) -> None:
    sheet = book.add_worksheet(headings.title(layer.name, lang, of_run=False))
    titles = [headings.heading(one, lang) for one in columns]
    cells = [example.get(one.name) for one in columns]
    shown = ["" if cell is None else str(cell) for cell in cells]
    add_head(book, sheet, titles, [width_of([f"{one}  ", text]) for one, text in zip(titles, shown, strict=True)])
    text = book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    example_text = book.add_format({"num_format": "@", "italic": True, "font_color": TABLE_EXAMPLE})
    example_number = book.add_format({"italic": True, "font_color": TABLE_EXAMPLE})
    for place, (field, title, cell) in enumerate(zip(columns, titles, cells, strict=True)):
        if field.kind == "date" or _is_text(field):
            width = width_of([f"{title}  ", shown[place]])
            # Texts, so that a code of 20 digits keeps them.
            sheet.set_column(place, place, width, day if field.kind == "date" else text)
        rule = field_validation(field, lang)
        if rule is not None:
            sheet.data_validation(1, place, _ROWS, place, rule)
        if isinstance(cell, (int, float)):
            sheet.write_number(1, place, ExactNumber(cell), example_number)
        elif cell is not None:
            sheet.write_string(1, place, str(cell), example_text)
    sheet.ignore_errors({"number_stored_as_text": xlsxwriter.utility.xl_range(0, 0, _ROWS, len(columns) - 1)})


def _is_text(field: Field) -> bool:
    return field.kind == "text" or bool(field.values)


def field_validation(field: Field, lang: TableLanguage) -> dict[str, Any] | None:
    """Return what the cells of a column may hold, as a rule of the workbook; None for anything."""
    if field.name in OFFERED_WORDS:
        # Any other text is allowed as well.
        return {"validate": "list", "source": list(OFFERED_WORDS[field.name][lang != "zh"]), "show_error": False}
    allowed = allowed_words(field, lang)
    if allowed and sum(map(len, allowed)) + len(allowed) <= _MAX_CHOICES:
        return {"validate": "list", "source": allowed}
    if field.limits is None or field.kind not in ("number", "integer"):
        return None
    low, high, kind = field.limits.low, field.limits.high, "decimal" if field.kind == "number" else "integer"
    if math.isfinite(high):
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    return {"validate": kind, "criteria": ">=" if field.limits.has_low else ">", "value": low}


def allowed_words(field: Field, lang: TableLanguage) -> list[str]:
    """Return the words of a field with choices that a row may hold, as the readers understand them."""
    known = headings.words(field, lang)
    return [known.get(one.name, one.name) for one in field.values]


# --- the notes -------------------------------------------------------------------------------------------------------


def _write_notes(book: xlsxwriter.Workbook, layer: Layer, columns: Sequence[Field], lang: TableLanguage) -> None:
    en = int(lang != "zh")
    sheet = book.add_worksheet(("说明", "Notes")[en])
    add_head(book, sheet, _NOTES_HEAD[en], [24, 14, 14, 8, 44, 70])
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    rows = [_note(layer, one, lang) for one in columns]
    rows += [("", "", "", "", "", line) for line in _general_notes(layer, en)]
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text, wrap)


def _note(layer: Layer, field: Field, lang: TableLanguage) -> tuple[str, ...]:
    en = int(lang != "zh")
    words = allowed_words(field, lang) or list(OFFERED_WORDS.get(field.name, ((), ()))[en])
    separator = ", " if en else "、"
    allowed = separator.join(words) if words else _range(field, en)
    place = collected_columns(layer)
    # One of two ways is filled in; what may lack a shape needs neither.
    needed = place if len(place) < len(_EITHER) and not layer.may_lack_shape else ()
    required = field.name in {layer.key, *layer.named_by[-1:], *needed}
    meaning = MEANINGS.get(f"{layer.name}.{field.name}", MEANINGS.get(field.name, ("", "")))[en]
    if field.name == layer.key:
        meaning = ("每行一个，不重复；再次导入时按它更新", "one a row, none twice; a later import updates by it")[en]
    unit = UNIT_NAMES.get(field.unit, ("", ""))[en]
    return (headings.heading(field, lang), field.name, unit, _YES[en] if required else "", allowed, meaning)


def _range(field: Field, en: int) -> str:
    """Return what a number must lie in, in words."""
    limits = field.limits
    if limits is None:
        return ""
    low = f"{limits.low:g}"
    if math.isfinite(limits.high):
        pair = (f"{low} 至 {limits.high:g}", f"{low} to {limits.high:g}")
        return pair[en] if limits.has_low else (f"大于 {pair[0]}", f"above {pair[1]}")[en]
    return ((f"不小于 {low}", f"at least {low}") if limits.has_low else (f"大于 {low}", f"above {low}"))[en]


def _general_notes(layer: Layer, en: int) -> tuple[str, ...]:
    name, placed, needs = layer.name, layer.is_placed, layer.needs_shape
    crs = ("wgs84、cgcs2000、gcj02（高德、腾讯）、bd09（百度）或 EPSG:n",
           "wgs84, cgcs2000, gcj02 (Amap, Tencent), bd09 (Baidu) or EPSG:n")[en]  # fmt: skip
    either = collected_columns(layer) == _EITHER
    if en:
        of_list = (_LIST_EN,) if layer.may_lack_shape else ()
        of_place = ("Of a point fill in longitude and latitude, of a line or an area its WKT.",) if either else ()
        of_crs = (f"The CRS of coordinates must be told, in its column or by --crs: {crs}.",) if placed else ()
        return (
            "The example row under the head may be overwritten or deleted. Left as it is, it is not imported.",
            f"To import: gridsight import FILE.xlsx --layer {name}{' --crs CRS' if needs else ''}",
            *of_list,
            *of_place,
            *of_crs,
            "Places, not people: no names, phones, accounts or network addresses. Such columns are not read.",
        )
    of_list = (_LIST_ZH,) if layer.may_lack_shape else ()
    of_place = ("位置：点填经度、纬度，线和面填几何（WKT），填一种。",) if either else ()
    of_crs = (f"必须写明坐标系，填在“坐标系”列里，或导入时用 --crs 指明：{crs}。",) if placed else ()
    return (
        "表头下面的示例行请改写或删除；原样留着不会导入。",
        f"导入：gridsight import 文件.xlsx --layer {name}{' --crs 坐标系' if needs else ''}",
        *of_list,
        *of_place,
        *of_crs,
        "只收地点，不收人：不填姓名、电话、账号、网络地址；这样的列不会读。",
    )
