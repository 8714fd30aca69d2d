"""Define a QGIS style for each table, so that a workspace opens as a map (table ``layer_styles``).

Rows are written once, when the workspace is made: a style that a planner saves in QGIS stays, and only a default that
nobody changed is renewed where a later version draws more (``renewed_style_rows``). Five fixed classes of coverage with
zero and no data apart, gaps hatched by cause, cameras by class and status, in the colours of the page and the sheet
(``geo.catalog.palette``). QGIS reads QML of any version it is not older than; these use only what 3.22 knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import quoteattr

from geo.catalog.claims import PLACES_OF_RUN
from geo.catalog.layers import LAYERS, NO_CLASS
from geo.catalog.palette import CAUSE_MARKS, LIGHT, SYMBOLS, VERDICT_MARKS
from geo.catalog.results import COVERAGE, GAP_CAUSES, GAPS, POSSIBLE, SHARE_EDGES, VIEWS, ZONE_TABLE
from geo.storage.geopackage.schema import LATEST_RUN_VIEWS, VERDICT_VIEW

_INSERT_STYLE = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
    "styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')"
)

_RENEW_STYLE = "UPDATE layer_styles SET styleQML = ?, description = ? WHERE f_table_name = ? AND styleQML = ?"
#: SHA-256 of the QML that versions of before 2026-11-29 wrote for cameras and for views.
_DEFAULTS_WITHOUT_UNKNOWN = frozenset(
    {
        "82324741259f74c2796f979514cf8e240ab8876797d1f9cc4e467ec1727063a9",
        "94fcfb473fe54caa54318cc8e43369589ec5d7228a40e9f91aa7da8068f15cd6",
        "b1b8b341d4b98003ad86608f0543e0b4a30cb4c0b668bf0cb89cfffc7b21fbe7",
        "c99be01d4641130531688a83343ed5ce5616673ac08e8768d769a0bdd0ba8800",
    }
)


@dataclass(frozen=True)
class _StyleRule:
    """What a QGIS expression selects and the symbol it is drawn with; sizes are millimetres on paper."""

    label: str
    filter: str
    symbol: str


def style_rows(tables: Collection[str] | None = None) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the statements that store the default style of each table that has one, with their values.

    Parameters
    ----------
    tables
        Only of these, views of the published run included; None is all.
    """
    for table, rules in _STYLES.items():
        if tables is not None and table not in tables and _base_of(table) not in tables:
            continue
        yield _INSERT_STYLE, (table, table, _qml(rules), " / ".join(one.label for one in rules))


def _base_of(view: str) -> str:
    """Return the table that a view is made with; empty for a table."""
    return "places" if view == VERDICT_VIEW else LATEST_RUN_VIEWS.get(view, ("",))[0]


def renewed_style_rows(stored: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the statements that renew the defaults of before 2026-11-29, which draw no camera of unknown status.

    Parameters
    ----------
    stored
        Table and QML of each style of a workspace. One that somebody changed is not among the defaults and stays.
    """
    for table, qml in stored:
        if table in _STYLES and hashlib.sha256(qml.encode()).hexdigest() in _DEFAULTS_WITHOUT_UNKNOWN:
            rules = _STYLES[table]
            described = " / ".join(one.label for one in rules)
            yield _RENEW_STYLE, (_qml(rules), described, table, qml)


def _qml(rules: Sequence[_StyleRule]) -> str:
    """Return a QGIS style of independent rules."""
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


def _symbol(kind: str, layer: str, options: dict[str, str]) -> str:
    """Return one symbol of one layer; ``Option`` is what 3.26 and newer write, ``prop`` what 3.22 reads too."""
    listed = "".join(f'<Option type="QString" name="{k}" value={quoteattr(v)}/>' for k, v in options.items())
    props = "".join(f'<prop k="{k}" v={quoteattr(v)}/>' for k, v in options.items())
    return (
        f'<symbol type="{kind}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0"><Option type="Map">{listed}</Option>{props}</layer>'
        "</symbol>"
    )


def _rgba(colour: str, alpha: float = 1.0) -> str:
    """Return ``#rrggbb`` as QGIS writes it: r,g,b,a from 0 to 255."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * alpha)}"


def _fill(colour: str, *, edge: str = LIGHT.ink, width: float = 0.2, style: str = "solid", opacity: float = 1.0) -> str:
    options = {
        "color": _rgba(colour, opacity),
        "style": style,
        "outline_color": _rgba(edge),
        "outline_style": "solid",
        "outline_width": str(width),
        "outline_width_unit": "MM",
    }
    return _symbol("fill", "SimpleFill", options)


def _line(colour: str, width: float) -> str:
    options = {"line_color": _rgba(colour), "line_width": str(width), "line_width_unit": "MM", "line_style": "solid"}
    return _symbol("line", "SimpleLine", options)


def _outline(edge: str, width: float) -> str:
    return _fill(LIGHT.paper, edge=edge, width=width, style="no")


def _marker(colour: str, size: float, *, shape: str = "circle", edge: str = LIGHT.ink) -> str:
    options = {
        "name": shape,
        "color": _rgba(colour),
        "size": str(size),
        "size_unit": "MM",
        "outline_color": _rgba(edge),
        "outline_width": "0.2",
        "outline_style": "solid",
    }
    return _symbol("marker", "SimpleMarker", options)


def _half_filled_marker(colour: str, size: float) -> str:
    """Return a hollow circle whose lower half is filled."""
    half = {
        "name": "semi_circle",
        "angle": "180",
        "color": _rgba(colour),
        "size": str(size),
        "size_unit": "MM",
        "outline_style": "no",
    }
    whole, upper = _marker(LIGHT.paper, size, edge=colour), _symbol("marker", "SimpleMarker", half)
    return whole.replace("</symbol>", upper[upper.index("<layer ") :])


#: Hatching of the palette -> brush style of QGIS.
_BRUSHES = {
    "rising": "f_diagonal",
    "falling": "b_diagonal",
    "cross": "cross",
    "horizontal": "horizontal",
    "vertical": "vertical",
    "diagonal cross": "diagonal_x",
    "dots": "dense6",
}


def _shares() -> list[_StyleRule]:
    """Return the classes of surely seen share over grids (no data, zero, five equal steps); other zones as outlines."""
    grid = "\"layer\" = 'grids'"
    rules = [
        _StyleRule("其他分区", "\"layer\" <> 'grids'", _outline(LIGHT.township_line, 0.5)),
        _StyleRule("无数据", f'{grid} AND "sure_share" IS NULL', _fill(LIGHT.no_data, style="b_diagonal", opacity=0.6)),
        _StyleRule("0", f'{grid} AND "sure_share" = 0', _fill(LIGHT.zero, edge=LIGHT.zero_hatch.colour)),
    ]
    for (low, high), colour in zip(pairwise(SHARE_EDGES), LIGHT.classes, strict=True):
        chosen = f'{grid} AND "sure_share" > {low} AND "sure_share" <= {high}'
        rules.append(_StyleRule(f"{low * 100:.0f}–{high * 100:.0f} %", chosen, _fill(colour, edge=LIGHT.grid_line)))
    return rules


def _causes() -> list[_StyleRule]:
    """Return one hatch per cause of a gap (rule G2); gaps of demand points and lines keep to the same colours."""
    drawn = {"polygon": "Polygon", "line": "Line", "point": "Point"}
    rules: list[_StyleRule] = []
    for cause in GAP_CAUSES:
        colour, hatch = CAUSE_MARKS[cause.name]
        symbols = {
            "polygon": _fill(colour, edge=colour, width=0.4, style=_BRUSHES[hatch]),
            "line": _line(colour, 0.8),
            "point": _marker(colour, 2.4, shape="cross_fill"),
        }
        rules.extend(
            _StyleRule(cause.zh, f"\"cause\" = '{cause.name}' AND geometry_type($geometry) = '{drawn[kind]}'", symbol)
            for kind, symbol in symbols.items()
        )
    return rules


_STATUS = LAYERS["cameras"].field("status")
_ONLINE = "coalesce(\"status\", 'online') = 'online'"


def _cameras() -> list[_StyleRule]:
    """Return one symbol per class of online cameras, as on the page and the sheet.

    Offline ones are crossed, planned ones hollow, those of unknown status half filled: a word that another program
    wrote and that is none of the statuses is unknown too (rule U1).
    """
    values = LAYERS["cameras"].field("class").values
    listed = ", ".join(one.name for one in values)
    rules = [
        _StyleRule(
            one.zh,
            f'"class" = {one.name} AND {_ONLINE}',
            _marker(LIGHT.camera[one.name], 2.2, shape=SYMBOLS[one.name], edge=LIGHT.halo),
        )
        for one in values
    ]
    unclassed = f'("class" IS NULL OR "class" NOT IN ({listed})) AND {_ONLINE}'
    symbol = _marker(LIGHT.camera["none"], 2.2, shape=SYMBOLS["none"], edge=LIGHT.halo)
    return [
        *rules,
        _StyleRule(NO_CLASS[0], unclassed, symbol),
        _StyleRule(
            _STATUS.choice("offline").zh,
            "\"status\" = 'offline'",
            _marker(LIGHT.paper, 2.2, shape="cross_fill", edge=LIGHT.offline),
        ),
        _StyleRule(
            _STATUS.choice("planned").zh,
            "\"status\" = 'planned'",
            _marker(LIGHT.paper, 2.2, shape="diamond", edge=LIGHT.camera["3"]),
        ),
        _StyleRule(
            f"{_STATUS.zh}{_STATUS.choice('unknown').zh}",
            "\"status\" IS NOT NULL AND \"status\" NOT IN ('online', 'offline', 'planned', 'removed')",
            _half_filled_marker(LIGHT.ink, 2.2),
        ),
        _StyleRule(
            _STATUS.choice("removed").zh,
            "\"status\" = 'removed'",
            _marker(LIGHT.quiet, 1.6, shape="cross2", edge=LIGHT.quiet),
        ),
    ]


def _places() -> list[_StyleRule]:
    """Return one symbol for each shape of a place, all of one colour."""
    colour, zh = LIGHT.layers["places"], LAYERS["places"].zh
    symbols = {
        "Polygon": _outline(colour, 0.5),
        "Line": _line(colour, 0.8),
        "Point": _marker(colour, 2.4, shape="star"),
    }
    return [_StyleRule(zh, f"geometry_type($geometry) = '{shape}'", symbol) for shape, symbol in symbols.items()]


#: Pen of QGIS for the borders and lines of a verdict, as near to the dashes of the palette as there is.
_PENS = {"covered": "solid", "maybe": "dash", "not_covered": "dot", "nothing": "dash dot dot"}


def _verdicts() -> list[_StyleRule]:
    """Return the marks of the page and the sheet in the view of the published run; areas and lines by their pens."""
    rules = []
    for name, colour in LIGHT.verdict.items():
        hollow = {"shape": {"maybe": "diamond", "not_covered": "square"}.get(name, "circle"), "edge": colour}
        point = _marker(colour if VERDICT_MARKS[name].fill == "full" else LIGHT.paper, 3.0, **hollow)
        if name == "not_covered":
            cross = _marker(colour, 2.0, shape="cross2", edge=colour)
            point = point.replace("</symbol>", cross[cross.index("<layer ") :])
        symbols = {"Polygon": _outline(colour, 0.5), "Line": _line(colour, 0.8), "Point": point}
        zh = PLACES_OF_RUN.field("verdict").choice(name).zh
        for shape, symbol in symbols.items():
            drawn = symbol if shape == "Point" else symbol.replace('"solid"', f'"{_PENS[name]}"')
            chosen = f"\"verdict\" = '{name}' AND geometry_type($geometry) = '{shape}'"
            rules.append(_StyleRule(zh, chosen, drawn))
    return rules


def _facilities() -> list[_StyleRule]:
    """Return facilities with a video link filled, others hollow."""
    colour, link = LIGHT.layers["facilities"], LAYERS["facilities"].field("link")
    linked = _marker(colour, 2.4, shape="pentagon", edge=LIGHT.halo)
    other = _marker(LIGHT.paper, 2.4, shape="pentagon", edge=colour)
    return [
        _StyleRule(f"{link.zh}{link.choice('yes').zh}", "\"link\" = 'yes'", linked),
        _StyleRule(f"{link.zh}{link.choice('no').zh}或未知", '"link" IS NULL OR "link" <> \'yes\'', other),
    ]


_GRID_KIND = LAYERS["grids"].field("kind")
_DRAWN: dict[str, list[_StyleRule]] = {
    "divisions": [_StyleRule(LAYERS["divisions"].zh, "", _outline(LIGHT.township_line, 0.6))],
    "grids": [
        _StyleRule(
            _GRID_KIND.choice("general").zh,
            '"kind" IS NULL OR "kind" <> \'dedicated\'',
            _outline(LIGHT.grid_line, 0.3),
        ),
        _StyleRule(
            _GRID_KIND.choice("dedicated").zh,
            "\"kind\" = 'dedicated'",
            _fill(LIGHT.zero, edge=LIGHT.grid_line, width=0.3, opacity=0.6),
        ),
    ],
    "cameras": _cameras(),
    "obstacles": [
        _StyleRule("高度已知", '"height" > 0', _fill(LIGHT.obstacle, edge=LIGHT.quiet, width=0.1)),
        _StyleRule("高度未知", '"height" IS NULL OR "height" <= 0', _fill(LIGHT.obstacle, edge=LIGHT.offline)),
    ],
    "roads": [_StyleRule(LAYERS["roads"].zh, "", _line(LIGHT.road, 0.4))],
    "places": _places(),
    "facilities": _facilities(),
    "areas": [_StyleRule(LAYERS["areas"].zh, "", _outline(LIGHT.layers["areas"], 0.5))],
    ZONE_TABLE.name: _shares(),
    GAPS.name: _causes(),
    COVERAGE.name: [
        _StyleRule(
            f"{k} 重" if k < 3 else "3 重及以上", f'"k" = {k}', _fill(colour, edge=colour, width=0.0, opacity=0.7)
        )
        for k, colour in enumerate(LIGHT.seen, 1)
    ],
    VIEWS.name: [
        _StyleRule(
            _STATUS.choice("online").zh,
            "\"status\" = 'online'",
            _fill(LIGHT.view, edge=LIGHT.view, width=0.15, opacity=0.27),
        ),
        _StyleRule(
            f"{_STATUS.zh}{_STATUS.choice('unknown').zh}",
            "\"status\" = 'unknown'",
            _fill(LIGHT.view, edge=LIGHT.view, width=0.15, style="b_diagonal", opacity=0.5),
        ),
        _StyleRule(
            f"{_STATUS.choice('offline').zh}或{_STATUS.choice('planned').zh}",
            "\"status\" IN ('offline', 'planned')",
            _fill(LIGHT.quiet, edge=LIGHT.quiet, width=0.15, opacity=0.2),
        ),
    ],
    POSSIBLE.name: [_StyleRule("可能可视", "", _fill(LIGHT.possible, edge=LIGHT.possible, width=0.15, opacity=0.16))],
}
#: The published run has the style of all runs; its verdicts have shapes in their view alone.
_STYLES = (
    _DRAWN | {view: _DRAWN[table] for view, (table, _, _) in LATEST_RUN_VIEWS.items()} | {VERDICT_VIEW: _verdicts()}
)
