"""Write docs/layers.md, the tables of layers, fields and figures, out of the catalogue; with --check, only compare."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geo.catalog.editions import EDITIONS, LEVEL_NAMES
from geo.catalog.fields import FIRST_DAY, POSITION, VALIDITY, Field
from geo.catalog.layers import LAYERS, Layer
from geo.catalog.results import GAP_CAUSES, RUN_LAYERS, ZONE_FIGURES, ZONES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "layers.md"
_SHAPES = {"point": ("点", "point"), "line": ("线", "line"), "polygon": ("面", "polygon")}
_KINDS = {
    "text": ("文本", "text"),
    "number": ("数", "number"),
    "integer": ("整数", "integer"),
    "date": ("日期", "date"),
}


def page() -> str:
    """Return the whole page, Chinese half first."""
    return "\n".join([*_half(0), "", *_half(1), ""])


def _half(lang: int) -> Iterator[str]:
    pick = lambda zh, en: (zh, en)[lang]  # noqa: E731
    if lang == 0:
        yield "# 图层、字段与指标 · Layers, fields and figures"
        yield ""
        yield "本页由 `python scripts/catalog_tables.py` 按 `geo/catalog` 生成，不要手改。English: [below](#layers)."
    else:
        yield '<a id="layers"></a>'
        yield ""
        yield "## English"
        yield ""
        yield "This page is written by `python scripts/catalog_tables.py` out of `geo/catalog`: do not edit it."
    yield ""
    yield pick(
        "字段名之后是导入时认得的列名（不分大小写、空格、连字符、下划线与括号里的单位），排在前面的优先。",
        "Beside a field stand the headings that an import takes for it, best first; case, spaces, hyphens, underscores "
        "and a unit in brackets do not count.",
    )
    for layer in LAYERS.values():
        yield from _layer(layer, lang)
    yield ""
    yield pick("### 每个图层都有的字段", "### Fields of every layer")
    yield from _fields(VALIDITY, lang)
    yield ""
    yield pick("### 表格里的位置列", "### Columns of tables that hold the place")
    yield from _fields(POSITION, lang)
    yield from _results(lang)


def _layer(layer: Layer, lang: int) -> Iterator[str]:
    shapes = ("、", ", ")[lang].join(_SHAPES[one][lang] for one in layer.shapes) or ("无", "none")[lang]
    if layer.may_lack_shape:
        shapes += ("，可无", ", or none")[lang]
    facts = [f"{('几何', 'geometry')[lang]}: {shapes}", f"{('键', 'key')[lang]}: `{layer.key}`"]
    if layer.is_mixed:
        facts.append(("一行可兼有几种", "one row may have several of these")[lang])
    if layer.is_scoped:
        facts.append(("按乡镇（街道）授权", "rows are scoped by township")[lang])
    if layer.is_admins:
        facts.append(("只由管理员写入", "written by admins only")[lang])
    if layer.since != FIRST_DAY:
        facts.append(f"{('始于', 'since')[lang]} {layer.since}")
    yield ""
    yield f"### `{layer.name}` {(layer.zh, layer.en)[lang]}"
    yield ""
    yield ("；", "; ")[lang].join(facts)
    yield from _fields((*layer.fields, *layer.also_read), lang)


def _fields(fields: Sequence[Field], lang: int) -> Iterator[str]:
    heads = (
        ("字段", "名称", "类型", "单位", "取值", "默认值", "列名"),
        ("field", "heading", "type", "unit", "values", "default", "columns read"),
    )[lang]
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for one in fields:
        values = "; ".join(f"`{value.name}` {(value.zh, value.en)[lang]}" for value in one.values)
        cells = [
            f"`{one.name}`",
            (one.zh, one.en)[lang],
            _KINDS[one.kind][lang],
            one.unit,
            values or (str(one.limits) if one.limits is not None else ""),
            _default(one),
            one.columns,
        ]
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _default(field: Field) -> str:
    if isinstance(field.default, Mapping):
        return "; ".join(f"{kind} {value:g}" for kind, value in field.default.items())
    return "" if field.default is None else str(field.default)


def _results(lang: int) -> Iterator[str]:
    pick = lambda zh, en: (zh, en)[lang]  # noqa: E731
    yield ""
    yield pick("### 区域图层", "### Zone layers")
    yield ""
    yield f"| {pick('图层', 'layer')} | {pick('名称', 'heading')} | {pick('来自', 'from')} |"
    yield "|---|---|---|"
    for zone in ZONES:
        yield f"| `{zone.name}` | {(zone.zh, zone.en)[lang]} | `{zone.source}` |"
    yield ""
    yield pick("### 指标", "### Figures")
    yield ""
    yield f"| {pick('指标', 'figure')} | {pick('名称', 'heading')} | {pick('单位', 'unit')} |"
    yield "|---|---|---|"
    for figure in ZONE_FIGURES:
        name = (figure.zh or figure.field.zh, figure.en or figure.field.en)[lang]
        yield f"| `{figure.name}` | {name} | {figure.unit} |"
    yield ""
    yield pick("### 盲区成因", "### Causes of gaps")
    yield ""
    yield f"| {pick('成因', 'cause')} | {pick('名称', 'heading')} |"
    yield "|---|---|"
    for cause in GAP_CAUSES:
        yield f"| `{cause.name}` | {(cause.zh, cause.en)[lang]} |"
    yield ""
    yield pick("### 等级（像素/米）", "### Levels (pixels per metre)")
    yield ""
    yield f"| {pick('版本', 'edition')} | {pick('等级', 'level')} | px/m |"
    yield "|---|---|---|"
    for edition, levels in EDITIONS.items():
        for level, ppm in levels.items():
            yield f"| {edition} | `{level}` {LEVEL_NAMES[level][lang]} | {ppm:g} |"
    yield ""
    yield pick("### 分析批次的图层", "### Layers of a run")
    yield ""
    yield f"| {pick('图层', 'layer')} | {pick('表', 'table')} | {pick('字段', 'fields')} |"
    yield "|---|---|---|"
    for name, table in RUN_LAYERS.items():
        yield f"| `{name}` | `{table.name}` | {', '.join(f'`{one}`' for one in table.names)} |"


if __name__ == "__main__":
    made = page()
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == made else f"{PAGE.name} is not what the catalogue says")
    PAGE.write_text(made, encoding="utf-8")
