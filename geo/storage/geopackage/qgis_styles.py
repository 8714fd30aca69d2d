"""Give QGIS a style for each table, so that a workspace opens as a map (table ``layer_styles``).

Rows are written once, when the workspace is made: a style that a planner saves in QGIS stays. Five fixed classes of
coverage with zero and no data apart, gaps hatched by cause, cameras by class and status. QGIS reads QML of any version
it is not older than; these use only what 3.22 knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from geo.storage.geopackage.schema import LATEST

_LINE = "35,35,35,255"
_ADD = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
    "styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')"
)


@dataclass(frozen=True)
class _Rule:
    """Draw what a QGIS expression selects; colours are r,g,b,a from 0 to 255, sizes millimetres on paper."""

    label: str
    filter: str
    symbol: str


def style_rows() -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give the statements that store the default style of each table that has one, with their values."""
    for table, rules in _STYLES.items():
        yield _ADD, (table, table, _qml(rules), " / ".join(one.label for one in rules))


def _qml(rules: Sequence[_Rule]) -> str:
    """Return a QGIS style of rules, tried each on its own."""
    listed = "".join(
        f'<rule key="r{i}" symbol="{i}" label={quoteattr(one.label)} filter={quoteattr(one.filter)}/>'
        for i, one in enumerate(rules)
    )
    symbols = "".join(one.symbol.replace("<symbol ", f'<symbol name="{i}" ', 1) for i, one in enumerate(rules))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0">'
        f'<rules key="root">{listed}</rules><symbols>{symbols}</symbols></renderer-v2>'
        "<blendMode>0</blendMode><featureBlendMode>0</featureBlendMode></qgis>"
    )


def _symbol(kind: str, layer: str, options: dict[str, str], *, alpha: float = 1.0) -> str:
    """Return one symbol of one layer; ``Option`` is what 3.26 and newer write, ``prop`` what 3.22 reads too."""
    listed = "".join(f'<Option type="QString" name="{k}" value={quoteattr(v)}/>' for k, v in options.items())
    props = "".join(f'<prop k="{k}" v={quoteattr(v)}/>' for k, v in options.items())
    return (
        f'<symbol type="{kind}" alpha="{alpha}" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0"><Option type="Map">{listed}</Option>{props}</layer>'
        "</symbol>"
    )


def _fill(colour: str, *, edge: str = _LINE, width: float = 0.2, style: str = "solid", alpha: float = 1.0) -> str:
    options = {
        "color": colour,
        "style": style,
        "outline_color": edge,
        "outline_style": "solid",
        "outline_width": str(width),
        "outline_width_unit": "MM",
    }
    return _symbol("fill", "SimpleFill", options, alpha=alpha)


def _line(colour: str, width: float) -> str:
    options = {"line_color": colour, "line_width": str(width), "line_width_unit": "MM", "line_style": "solid"}
    return _symbol("line", "SimpleLine", options)


def _marker(colour: str, size: float, *, shape: str = "circle", edge: str = _LINE) -> str:
    options = {
        "name": shape,
        "color": colour,
        "size": str(size),
        "size_unit": "MM",
        "outline_color": edge,
        "outline_width": "0.2",
        "outline_style": "solid",
    }
    return _symbol("marker", "SimpleMarker", options)


def _shares() -> list[_Rule]:
    """Return the classes of surely seen share over grids (no data, zero, five equal steps); other zones as outlines."""
    greens = ("237,248,233,255", "186,228,179,255", "116,196,118,255", "49,163,84,255", "0,109,44,255")
    grid = "\"layer\" = 'grids'"
    rules = [
        _Rule("其他分区", "\"layer\" <> 'grids'", _fill("0,0,0,0", edge="90,60,120,255", width=0.5, style="no")),
        _Rule("无数据", f'{grid} AND "sure_share" IS NULL', _fill("200,200,200,90", style="b_diagonal")),
        _Rule("0", f'{grid} AND "sure_share" = 0', _fill(_WHITE, edge="150,30,30,255")),
    ]
    for i, colour in enumerate(greens):
        low, high = 20 * i, 20 * (i + 1)
        chosen = f'{grid} AND "sure_share" > {low / 100} AND "sure_share" <= {high / 100}'
        rules.append(_Rule(f"{low}–{high} %", chosen, _fill(colour)))
    return rules


def _causes() -> list[_Rule]:
    """Return one hatch per cause of a gap (rule G2); gaps of demand points and lines keep to the same colours."""
    causes = (
        ("offline", "摄像机离线", "214,39,40,255", "f_diagonal"),
        ("unknown", "朝向等未知", "127,127,127,255", "cross"),
        ("level", "像素密度不足", "255,127,14,255", "b_diagonal"),
        ("aim", "朝向偏离", "148,103,189,255", "horizontal"),
        ("tilt", "俯角不足", "227,119,194,255", "vertical"),
        ("blocked", "遮挡", "140,86,75,255", "diagonal_x"),
        ("range", "超出距离", "31,119,180,255", "dense6"),
    )
    drawn = {"polygon": "Polygon", "line": "Line", "point": "Point"}
    rules: list[_Rule] = []
    for cause, label, colour, hatch in causes:
        symbols = {
            "polygon": _fill(colour, edge=colour, width=0.4, style=hatch),
            "line": _line(colour, 0.8),
            "point": _marker(colour, 2.4, shape="cross_fill"),
        }
        rules.extend(
            _Rule(label, f"\"cause\" = '{cause}' AND geometry_type($geometry) = '{drawn[kind]}'", symbol)
            for kind, symbol in symbols.items()
        )
    return rules


_WHITE = "255,255,255,255"
_ONLINE = "coalesce(\"status\", 'online') = 'online'"
_CAMERA_COLOURS = {1: "215,48,39,255", 2: "252,141,89,255", 3: "69,117,180,255"}
_DRAWN: dict[str, list[_Rule]] = {
    "divisions": [_Rule("行政区划", "", _fill("0,0,0,0", edge="90,60,120,255", width=0.6, style="no"))],
    "grids": [
        _Rule("综合网格", '"kind" IS NULL OR "kind" <> \'dedicated\'', _fill("0,0,0,0", width=0.3, style="no")),
        _Rule("专属网格", "\"kind\" = 'dedicated'", _fill("255,210,80,110", width=0.3)),
    ],
    "cameras": [
        *(
            _Rule(f"{number} 类", f'"class" = {number} AND {_ONLINE}', _marker(colour, 2.2))
            for number, colour in _CAMERA_COLOURS.items()
        ),
        _Rule(
            "未分类", f'("class" IS NULL OR "class" NOT IN (1, 2, 3)) AND {_ONLINE}', _marker("120,120,120,255", 2.2)
        ),
        _Rule("离线", "\"status\" = 'offline'", _marker(_WHITE, 2.2, shape="cross_fill", edge="160,0,0,255")),
        _Rule("规划", "\"status\" = 'planned'", _marker(_WHITE, 2.2, shape="diamond")),
    ],
    "obstacles": [
        _Rule("高度已知", '"height" > 0', _fill("205,200,190,255", edge="150,145,135,255", width=0.1)),
        _Rule(
            "高度未知", '"height" IS NULL OR "height" <= 0', _fill("205,200,190,255", edge="200,80,60,255", width=0.2)
        ),
    ],
    "roads": [_Rule("道路", "", _line("160,160,160,255", 0.4))],
    "run_zones": _shares(),
    "run_gaps": _causes(),
    "run_coverage": [
        _Rule(f"{k} 重" if k < 3 else "3 重及以上", f'"k" = {k}', _fill(colour, edge=colour, width=0.0, alpha=0.6))
        for k, colour in ((1, "158,202,225,255"), (2, "66,146,198,255"), (3, "8,69,148,255"))
    ],
    "run_views": [
        _Rule("在线", "\"status\" = 'online'", _fill("49,163,84,70", edge="49,163,84,255", width=0.15)),
        _Rule("离线或规划", "\"status\" <> 'online'", _fill("120,120,120,50", edge="120,120,120,255", width=0.15)),
    ],
    "run_possible": [_Rule("可能可视", "", _fill("253,174,97,40", edge="253,174,97,255", width=0.15))],
}
#: The newest run is drawn as all of them are.
_STYLES = _DRAWN | {view: _DRAWN[table] for view, (table, _, _) in LATEST.items()}
