"""Name the columns of tables that people read: headings with units, words for values, columns of names beside codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geo.catalog.claims import ANSWER_NAMES, ANSWERS
from geo.catalog.fields import POSITION, Field
from geo.catalog.layers import LAYERS, Layer
from geo.catalog.results import (
    GAP_CAUSES,
    OWN_ZONES,
    RUN_LAYERS,
    ZONE_FIGURES,
    ZONES,
    is_zone_layer,
    run_table,
    zone_layer_names,
)

#: Language of headings and words; ``fields`` has the names of docs/contract.md section 1 and values as stored.
TableLanguage = Literal["zh", "en", "fields"]
FIELDS: TableLanguage = "fields"
TABLE_LANGUAGES: tuple[TableLanguage, ...] = ("zh", "en", FIELDS)

_UNITS = {"m": ("米", "m"), "deg": ("度", "deg"), "px": ("像素", "px"), "m2": ("平方米", "m2")}
#: Sizes whose unit is that of their row: m2, m or a count.
_OF_ROW_UNITS = ("assessed", "sure", "possible", "numerator", "denominator")
#: Decimals of derived figures by unit: what the rules know them to (arcs within 0.05 m, positions to a centimetre).
_DECIMALS = {"m": 2, "m2": 1, "share": 4, "weight": 4, "deg": 7}

#: What is assumed of a camera beside values, as a pattern, and how it is told in Chinese.
ASSUMED_ZH = (
    ("indoor: sees nothing", "在室内，什么也看不见"),
    ("inside an obstacle: sees nothing", "在建筑里，什么也看不见"),
    (r"moved (\S+) m to the wall", r"移动 \1 米到墙边"),
    ("panoramic for R3", "按全景算距离"),
    (r"projection (.+) computed as sector", r"投影 \1 按扇形算"),
)

_SHAPE = {one.name: one for one in POSITION}
#: The column of a template that names the coordinate system of each row.
CRS_COLUMN = Field("crs", "text", "坐标系", "Coordinate system")
#: The column of a list of gaps for people that says in words where each is; for programs there are lon and lat.
WHERE_COLUMN = Field("where", "text", "位置描述", "Where")


@dataclass(frozen=True)
class NameColumn:
    """A column of names that stands beside a column of codes, and is derived from it.

    Attributes
    ----------
    field
        The field that holds the codes.
    name
        Column name of the names.
    zh, en
        Headings.
    of_township
        Whether it names the township of the code instead of the place itself.
    """

    field: str
    name: str
    zh: str
    en: str
    of_township: bool = False


_VILLAGE = NameColumn("village", "village_name", "所属村社区名称", "Village name")
_PARENT = NameColumn("parent", "parent_name", "上级名称", "Parent name")
_GRID = NameColumn("grid", "grid_name", "所属网格名称", "Grid name")
_TOWNSHIP = NameColumn("grid", "township_name", "所属乡镇名称", "Township name", of_township=True)
_OWN_TOWNSHIP = NameColumn("township", "township_name", "乡镇（街道）名称", "Township name")

#: Layers that name codes; where a code is in several of them, the last one names it.
NAMING_LAYERS = ("divisions", "villages", "grids")
#: Stored layer -> its columns of names.
LAYER_NAMES: Mapping[str, tuple[NameColumn, ...]] = {
    "divisions": (_PARENT,),
    "grids": (_VILLAGE, _PARENT),
    "addresses": (_GRID,),
}
#: Layer of a run -> its columns of names.
RUN_NAMES: Mapping[str, tuple[NameColumn, ...]] = {
    "gaps": (_GRID, _TOWNSHIP),
    "places": (_OWN_TOWNSHIP,),
    **{one.name: (_VILLAGE, _PARENT) for one in ZONES},
}


def heading(field: Field, lang: TableLanguage) -> str:
    """Return the heading of a field, with its unit where it is a length, an angle, an area or pixels.

    Examples
    --------
    >>> height = LAYERS["cameras"].field("height")
    >>> heading(height, "zh"), heading(height, "en"), heading(height, "fields")
    ('安装高度（米）', 'Mounting height (m)', 'height')
    """
    if lang == FIELDS:
        return field.name
    figure = {one.name: one for one in ZONE_FIGURES}.get(field.name)
    zh, en = (field.zh, field.en) if figure is None else (figure.zh or field.zh, figure.en or field.en)
    unit = _UNITS.get(field.unit)
    if lang == "en":
        return f"{en} ({unit[1]})" if unit else en
    if field.name == "wkt":
        return f"{zh}（WKT）"
    return f"{zh}（{unit[0]}）" if unit else zh


def shape_field(name: str) -> Field:
    """Return the field of a column that holds a place: ``lon``, ``lat`` or ``wkt``."""
    return _SHAPE[name]


def part_heading(text: str, number: int) -> str:
    """Return the heading of a further column of a text that is too long for one cell; number 1 is the first.

    Examples
    --------
    >>> part_heading("几何", 1), part_heading("几何", 2)
    ('几何', '几何 #2')
    """
    return text if number == 1 else f"{text} #{number}"


def words(field: Field, lang: TableLanguage) -> Mapping[str, str]:
    """Return value -> word of a field with choices or common values; empty where there are none or they stay as stored.

    Examples
    --------
    >>> words(LAYERS["cameras"].field("kind"), "zh")["ptz"]
    '球机（云台）'
    """
    if lang == FIELDS:
        return {}
    if field.name == "cause":
        return {one.name: one.en if lang == "en" else one.zh for one in GAP_CAUSES}
    return {one.name: one.en if lang == "en" else one.zh for one in field.values or field.common}


def run_fields(layer: str) -> Mapping[str, Field]:
    """Return the fields of a layer of a run by name, with the choices of the layer that its zones come from."""
    table = ANSWERS.get(layer) or run_table(layer)
    fields = {} if table is None else {one.name: one for one in table.fields}
    source = next((LAYERS[one.source] for one in ZONES if one.name == layer), None)
    if layer.startswith(OWN_ZONES):
        source = LAYERS["areas"]
    if source is None and layer in ("views", "possible"):
        source = LAYERS["cameras"]
    if source is None:
        return fields
    stored = {one.name: one for one in source.fields if one.values}
    # A run keeps what else its zones had.
    return {name: stored.get(name, one) for name, one in {**layer_fields(source), **fields}.items()}


def listed_words(field: Field, lang: TableLanguage) -> Mapping[str, str]:
    """Return word -> what people read for it in a field of a run that lists several; empty for other fields.

    Examples
    --------
    >>> from geo.catalog.results import RUN_LAYERS
    >>> listed_words(RUN_LAYERS["gaps"].field("causes"), "zh")["aim"]
    '朝向不对'
    >>> assumed = listed_words(RUN_LAYERS["views"].field("assumed"), "zh")
    >>> assumed["hfov"], assumed["kind=fixed"]
    ('水平视场角', '类型=枪机')
    """
    if lang == FIELDS or field.name not in ("causes", "assumed"):
        return {}
    en = lang == "en"
    if field.name == "causes":
        return {one.name: one.en if en else one.zh for one in GAP_CAUSES}
    named = {one.name: one.en if en else one.zh for one in LAYERS["cameras"].fields}
    values = {
        f"{one.name}={value}": f"{named[one.name]}={word}"
        for one in LAYERS["cameras"].fields
        for value, word in words(one, lang).items()
    }
    return named | values


def assumed_text(text: str, lang: TableLanguage) -> str:
    """Return what was assumed of a camera, several parts joined by ``; ``, with words for names and values.

    Examples
    --------
    >>> assumed_text("hfov=80; moved 0.42 m to the wall; indoor: sees nothing", "zh")
    '水平视场角=80; 移动 0.42 米到墙边; 在室内，什么也看不见'
    >>> assumed_text("kind=fixed; panoramic for R3", "en")
    'Kind=fixed; panoramic for R3'
    """
    known = listed_words(RUN_LAYERS["views"].field("assumed"), lang)
    parts = []
    for part in text.split("; "):
        name, mark, value = part.partition("=")
        told = known.get(part, f"{known.get(name, name)}{mark}{value}")
        if lang == "zh" and told == part:
            told = next((re.sub(as_is, zh, part) for as_is, zh in ASSUMED_ZH if re.fullmatch(as_is, part)), part)
        parts.append(told)
    return "; ".join(parts)


def layer_fields(layer: Layer) -> Mapping[str, Field]:
    """Return the fields of a stored layer and of its place by name."""
    return {one.name: one for one in (*layer.all_fields, *POSITION)}


def decimals(field: Field) -> int | None:
    """Return the decimals that a derived figure is given with; None for all there are."""
    if field.name in _OF_ROW_UNITS:
        return _DECIMALS["m"]
    return _DECIMALS.get(field.unit or ("weight" if field.name == "weight" else ""))


def title(layer: str, lang: TableLanguage, *, of_run: bool) -> str:
    """Return what a table is called: the layer's name in the language; its short name where there is none."""
    if lang == FIELDS:
        return layer
    if of_run and layer in ANSWERS:
        return ANSWER_NAMES[layer][lang == "en"]
    if of_run and is_zone_layer(layer):
        return zone_layer_names(layer)[lang == "en"]
    run = {
        "gaps": ("盲区", "Gaps"), "views": ("确定可视范围", "Sure views"),
        "possible": ("可能可视范围", "Possible views"),
        "coverage": ("覆盖重数", "Coverage"),
    }  # fmt: skip
    pair = run.get(layer) if of_run else ((LAYERS[layer].zh, LAYERS[layer].en) if layer in LAYERS else None)
    return layer if pair is None else pair[lang == "en"]


def without_brackets(text: str) -> str:
    """Return a heading or a word without what stands behind it in brackets, as its unit.

    Examples
    --------
    >>> without_brackets("安装高度（米）"), without_brackets("Height (m)"), without_brackets("Class")
    ('安装高度', 'Height', 'Class')
    """
    return text.partition("（")[0].partition(" (")[0]
