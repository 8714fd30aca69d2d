"""Declare every colour once, and the widths, hatches and symbols of maps: page, sheet, QGIS and sign-in.

The sequential ramp is ColorBrewer's YlGnBu with five classes (L* 99, 82, 68, 51, 27): lightness falls with every class,
so it survives a grey copy and red-green colour blindness. The dark ramp keeps hue and order, a little quieter. Zero is
a colour outside the ramp and hatched, no data is grey: a second cue for the two classes that are no share.

A value is written once. What shares the colour of another thing refers to it, so that both change together; no other
file has a colour (tests/test_architecture.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Hatch:
    """Describe parallel strokes; ``angle`` in degrees counter-clockwise from east, ``gap`` and ``width`` in points."""

    colour: str
    angle: float
    gap: float
    width: float


@dataclass(frozen=True)
class Theme:
    """The colours of one theme.

    ``classes`` are the five classes of coverage, lowest first; ``layers`` are those of drawn layers by name, where a
    layer is not to look like a road. ``verdict`` are those of verdicts on places; ``sectors`` those of patrol sectors,
    taken in turn.
    """

    paper: str
    ink: str
    quiet: str
    classes: tuple[str, ...]
    class_ink: tuple[str, ...]
    zero: str
    zero_hatch: Hatch
    no_data: str
    grid_line: str
    village_line: str
    township_line: str
    county_line: str
    halo: str
    road: str
    obstacle: str
    gap_fill: str
    gap_line: str
    gap_hatch: Hatch
    seen: tuple[str, ...]
    possible: str
    view: str
    selected: str
    selected_halo: str
    camera: Mapping[str, str]
    offline: str
    layers: Mapping[str, str] = field(default_factory=dict)
    verdict: Mapping[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()


# What several things of one theme share; a theme cannot refer to itself while it is made.
_WHITE, _BLACK = "#ffffff", "#000000"
_LIGHT_INK, _LIGHT_QUIET, _LIGHT_GAP = "#1d2733", "#5d6b7a", "#c2410c"
_DARK_PAPER, _DARK_QUIET, _DARK_GAP = "#12171d", "#9aa6b3", "#ff9a5c"

LIGHT = Theme(
    paper=_WHITE,
    ink=_LIGHT_INK,
    quiet=_LIGHT_QUIET,
    classes=("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    class_ink=(_LIGHT_INK, _LIGHT_INK, _LIGHT_INK, _WHITE, _WHITE),
    zero="#f4e4d9",
    zero_hatch=Hatch("#b98a6b", 45, 5.0, 0.8),
    no_data="#d5d8dc",
    grid_line="#7d8a97",
    village_line="#5f6c7a",
    township_line="#2f3b48",
    county_line="#151c24",
    halo=_WHITE,
    road="#b9a892",
    obstacle="#c3c7cc",
    gap_fill="#fff4ecd9",
    gap_line=_LIGHT_GAP,
    gap_hatch=Hatch(_LIGHT_GAP, 135, 4.0, 1.0),
    seen=("#9bd3c7", "#4fa9a3", "#1f7a7a"),
    possible="#8f8fd6",
    view="#0f766e",
    selected="#d6006e",
    selected_halo=_WHITE,
    camera={"1": "#4a1486", "2": "#8c2d74", "3": "#3f4b57", "none": "#6b7280"},
    offline="#9b1c1c",
    layers={"places": "#a16207", "facilities": "#1d4ed8", "areas": "#9d174d"},
    verdict={"covered": "#00664f", "maybe": "#b45309", "not_covered": "#a3123a", "nothing": _LIGHT_QUIET},
    sectors=("#0b5cad", "#b2480d", "#5b2a86", "#0a6b3c", "#8a1538", "#5c4a00", "#0f6f7a", "#3a4a5c"),
)

DARK = Theme(
    paper=_DARK_PAPER,
    ink="#e6eaef",
    quiet=_DARK_QUIET,
    classes=("#f0eeb4", "#8fc9a4", "#3aa3b2", "#2b75ad", "#34459f"),
    class_ink=(_DARK_PAPER, _DARK_PAPER, _DARK_PAPER, _WHITE, _WHITE),
    zero="#4a3a31",
    zero_hatch=Hatch("#c39a7d", 45, 5.0, 0.8),
    no_data="#4a5058",
    grid_line="#56616d",
    village_line="#8b97a4",
    township_line="#dfe5eb",
    county_line=_WHITE,
    halo=_DARK_PAPER,
    road="#8a7a66",
    obstacle="#3a424b",
    gap_fill="#241a14d9",
    gap_line=_DARK_GAP,
    gap_hatch=Hatch(_DARK_GAP, 135, 4.0, 1.0),
    seen=("#2b5f5a", "#3b8f88", "#6fd0c4"),
    possible="#a5a5ee",
    view="#5eead4",
    selected="#ff5fae",
    selected_halo=_DARK_PAPER,
    camera={"1": "#d9b8ff", "2": "#ff9ad5", "3": "#c9d2dc", "none": _DARK_QUIET},
    offline="#ff8f8f",
    layers={"places": "#e0b04a", "facilities": "#7aa2ff", "areas": "#f28ab2"},
    verdict={"covered": "#5fd3a8", "maybe": "#f5b04d", "not_covered": "#ff8098", "nothing": _DARK_QUIET},
    sectors=("#72b8f0", "#ff9f66", "#cfb0ff", "#6fd89a", "#ff9ab0", "#e0cc6a", "#6fd0d8", "#c2ccd8"),
)

THEMES: Mapping[str, Theme] = {"light": LIGHT, "dark": DARK}


@dataclass(frozen=True)
class GroundColours:
    """The ground that the page draws below its data, quieter than any of them.

    Attributes
    ----------
    water, green
        Their areas.
    water_line
        The edge of water, and its name.
    roads, casing
        Roads by group, largest first (``maps.style.ground_looks.ROAD_GROUPS``), and the lines beside them.
    buildings
        Tints by height, lowest first.
    label
        Names of roads.
    """

    water: str
    water_line: str
    green: str
    roads: tuple[str, ...]
    casing: str
    buildings: tuple[str, ...]
    label: str


#: Theme -> the colours of its ground.
GROUND: Mapping[str, GroundColours] = {
    "light": GroundColours(
        water="#cfe2ee",
        water_line="#2f6690",
        green="#dfead7",
        roads=("#f3cf94", "#f8e2b4", "#fbf3dd", _WHITE, "#b9ad9c"),
        casing="#b5a996",
        buildings=("#e2ded7", "#d3cdc4", "#c1b9ae", "#aaa094"),
        label="#5c4f3d",
    ),
    "dark": GroundColours(
        water="#1b2c39",
        water_line="#6fa3c4",
        green="#1d2a20",
        roads=("#6b5836", "#564a35", "#454036", "#39414a", "#5a5549"),
        casing="#0a0d11",
        buildings=("#242b33", "#2e3740", "#3a444f", "#485460"),
        label="#c9b99f",
    ),
}


@dataclass(frozen=True)
class DifferenceColours:
    """Figures of one run minus those of another: less is hatched and orange, more is plain and violet.

    The two ramps are those of ColorBrewer's PuOr, which people with red-green colour blindness tell apart; the
    hatching tells the sign in a grey print.

    Attributes
    ----------
    less, more
        Small to large.
    same
        Where nothing differs.
    hatch
        Over what is less.
    """

    less: tuple[str, ...]
    more: tuple[str, ...]
    same: str
    hatch: Hatch


#: Theme -> the colours of differences.
DIFFERENCES: Mapping[str, DifferenceColours] = {
    "light": DifferenceColours(
        less=("#fee0b6", "#f1a340", "#b35806"),
        more=("#d8daeb", "#998ec3", "#542788"),
        same="#f7f7f7",
        hatch=Hatch("#7f3b08", 45, 5.0, 0.9),
    ),
    "dark": DifferenceColours(
        less=("#6b4a24", "#c07a2e", "#ffb15c"),
        more=("#453d6b", "#7d70b8", "#b9a9f5"),
        same="#2a3038",
        hatch=Hatch("#2b1602", 45, 5.0, 0.9),
    ),
}

#: Line widths in points on paper and in CSS pixels on the screen.
WIDTHS: Mapping[str, float] = {
    "grid": 0.35,
    "village": 0.6,
    "township": 1.1,
    "county": 1.8,
    "road": 0.5,
    "gap": 0.8,
    "selected": 2.6,
    "camera": 0.6,
    "place": 1.6,
    "round": 1.2,
    "piece": 3.0,
}

#: One symbol for each camera class, so that the class is recognised without colour.
SYMBOLS: Mapping[str, str] = {"1": "square", "2": "triangle", "3": "circle", "none": "diamond"}

#: Cause of a gap (rule G2) -> its colour and, for areas, its hatching, where maps tell causes apart.
CAUSE_MARKS: Mapping[str, tuple[str, str]] = {
    "offline": ("#d62728", "rising"),
    "unknown": ("#7f7f7f", "cross"),
    "level": ("#ff7f0e", "falling"),
    "aim": ("#9467bd", "horizontal"),
    "tilt": ("#e377c2", "vertical"),
    "blocked": ("#8c564b", "diagonal cross"),
    "range": ("#1f77b4", "dots"),
}


@dataclass(frozen=True)
class VerdictMark:
    """How a verdict on a place is drawn, so that it is told in a grey print too.

    Attributes
    ----------
    outline
        Corners about the middle, x to the right and y up, of a mark whose radius is 1; empty for a circle.
    fill
        ``full`` with the colour, ``half`` (the lower half) or ``none``: then with the paper's.
    strokes
        Lines inside, drawn in the paper's colour where it is filled, else in that of the verdict.
    dash
        Lengths of strokes and spaces of the borders and lines of places, in widths of the line; empty for solid.
    """

    outline: tuple[tuple[float, float], ...]
    fill: str
    strokes: tuple[tuple[tuple[float, float], ...], ...]
    dash: tuple[float, ...]


_SQUARE = ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88))
_LOZENGE = ((0.0, -1.15), (1.15, 0.0), (0.0, 1.15), (-1.15, 0.0))
#: Verdict on a place (rule P2) -> its mark: a disc with a tick, a lozenge half filled, a square with a cross, a ring.
VERDICT_MARKS: Mapping[str, VerdictMark] = {
    "covered": VerdictMark((), "full", (((-0.48, 0.02), (-0.12, -0.36), (0.5, 0.4)),), ()),
    "maybe": VerdictMark(_LOZENGE, "half", (), (7.0, 3.0)),
    "not_covered": VerdictMark(_SQUARE, "none", (((-0.5, -0.5), (0.5, 0.5)), ((-0.5, 0.5), (0.5, -0.5))), (2.5, 2.0)),
    "nothing": VerdictMark((), "none", (((-0.45, 0.0), (0.45, 0.0)),), (0.8, 3.2)),
}


@dataclass(frozen=True)
class SheetColours:
    """What the sheet draws beside the light theme.

    Attributes
    ----------
    text
        Text on the furniture of the map, as numbers of the scale bar.
    map_ground, inset_ground, inset_area, inset_focus
        Below everything on the map and on the inset map; there the whole area and the zone of the sheet.
    neighbour, neighbour_mark, neighbour_label
        Zones that are not of the sheet; their borders and camera sites; their names.
    outside
        Laid over everything outside the one zone of the sheet.
    road_surface, obstacle_edge
        Between the edges of a road; the edge of a building.
    graticule, table_rule
        Meridians and parallels; lines between the rows of a table.
    gap_number
        The number in the disc of a listed gap.
    possible_swatch
        The possible views in the legend, where they have white below them.
    possible_share, unseen_share
        The share of the ground that is only possibly seen, and that is not seen, in the bar of the figures.
    """

    text: str
    map_ground: str
    inset_ground: str
    inset_area: str
    inset_focus: str
    neighbour: str
    neighbour_mark: str
    neighbour_label: str
    outside: str
    road_surface: str
    obstacle_edge: str
    graticule: str
    table_rule: str
    gap_number: str
    possible_swatch: str
    possible_share: str
    unseen_share: str


SHEET = SheetColours(
    text=_BLACK,
    map_ground="#fbfcfd",
    inset_ground="#f7f9fb",
    inset_area="#e3e8ed",
    inset_focus=LIGHT.classes[3],
    neighbour="#eceff2",
    neighbour_mark="#a9b3bd",
    neighbour_label="#808b97",
    outside="#f1f3f5",
    road_surface="#f6f1ea",
    obstacle_edge="#9aa1a8",
    graticule="#7fa3b8",
    table_rule="#d8dee4",
    gap_number=LIGHT.paper,
    possible_swatch="#e0e0f4",
    possible_share="#d9d9f1",
    unseen_share="#fbe5d8",
)


def _translucent(colour: str, opacity: int) -> str:
    """Return ``#rrggbb`` with an opacity of 0 to 255."""
    return f"{colour}{opacity:02x}"


@dataclass(frozen=True)
class PageColours:
    """What the page draws around its map; its style sheet has each as a variable, ``strong_line`` as ``--strong-line``.

    Attributes
    ----------
    paper, background, raised
        Below the panel, below the map and headings of tables, below controls and what opens over the map.
    text, muted
        Text, and text of less weight.
    line, strong_line
        Lines between parts, and edges of controls.
    accent, accent_text, hover
        What is chosen or can be activated, text on it, and what the pointer is on.
    warn, warn_background
        Warnings and ranks of gaps, and the ground of a warning.
    sure, possible
        The surely and the possibly seen share in the bar of the figures.
    select
        The mark of the selected row.
    near_shadow, far_shadow
        The sharp and the wide shadow of what stands over the map.
    """

    paper: str
    background: str
    raised: str
    text: str
    muted: str
    line: str
    strong_line: str
    accent: str
    accent_text: str
    hover: str
    warn: str
    warn_background: str
    sure: str
    possible: str
    select: str
    near_shadow: str
    far_shadow: str


_DARK_BACKGROUND = "#0d1116"

#: Theme -> the colours of the page around the map.
PAGE: Mapping[str, PageColours] = {
    "light": PageColours(
        paper=LIGHT.paper,
        background="#f3f5f7",
        raised=LIGHT.paper,
        text=LIGHT.ink,
        muted="#566474",
        line="#dbe1e7",
        strong_line="#b9c3cd",
        accent="#1b5e8c",
        accent_text=LIGHT.paper,
        hover="#e8f0f6",
        warn="#b4430a",
        warn_background="#fbeee6",
        sure=LIGHT.classes[3],
        possible="#a9cfe5",
        select=LIGHT.selected,
        near_shadow=_translucent(LIGHT.ink, 0x22),
        far_shadow=_translucent(LIGHT.ink, 0x1A),
    ),
    "dark": PageColours(
        paper=DARK.paper,
        background=_DARK_BACKGROUND,
        raised="#181f27",
        text=DARK.ink,
        muted="#a0acb9",
        line="#29323c",
        strong_line="#44505d",
        accent="#6db7e3",
        accent_text=_DARK_BACKGROUND,
        hover="#1e2d39",
        warn="#ffb083",
        warn_background="#33241b",
        sure="#4aa3dc",
        possible="#28506b",
        select=DARK.selected,
        near_shadow=_translucent(_BLACK, 0x88),
        far_shadow=_translucent(_BLACK, 0x66),
    ),
}

#: What changes on the page where the browser prints it; ``frame`` is the line round the map, which only paper has.
PRINTED_PAGE: Mapping[str, str] = {
    "paper": _WHITE,
    "background": _WHITE,
    "raised": _WHITE,
    "text": _BLACK,
    "muted": "#444444",
    "line": "#bbbbbb",
    "frame": _BLACK,
}


@dataclass(frozen=True)
class SignInColours:
    """The sign-in page: edges of its field and buttons, its button, and what went wrong."""

    edge: str
    button: str
    button_text: str
    fault: str


SIGN_IN = SignInColours(edge="#8a8f98", button=LIGHT.classes[4], button_text=LIGHT.paper, fault="#b42318")

#: Fill of the head of a table in a workbook, and ink of the example row of a template.
TABLE_HEAD, TABLE_EXAMPLE = "#e8eef4", "#808080"
#: Fill of the cells of a survey form that are to be measured.
TABLE_TO_FILL = "#fff6c8"
