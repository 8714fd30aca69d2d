"""Declare the colours, widths, hatches and symbols of every map: page, sheet and QGIS.

The sequential ramp is ColorBrewer's YlGnBu with five classes (L* 99, 82, 68, 51, 27): lightness falls with every class,
so it survives a grey copy and red-green colour blindness. The dark ramp keeps hue and order, a little quieter. Zero is
a colour outside the ramp and hatched, no data is grey: a second cue for the two classes that are no share.
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
    layer is not to look like a road.
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


LIGHT = Theme(
    paper="#ffffff",
    ink="#1d2733",
    quiet="#5d6b7a",
    classes=("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    class_ink=("#1d2733", "#1d2733", "#1d2733", "#ffffff", "#ffffff"),
    zero="#f4e4d9",
    zero_hatch=Hatch("#b98a6b", 45, 5.0, 0.8),
    no_data="#d5d8dc",
    grid_line="#7d8a97",
    village_line="#5f6c7a",
    township_line="#2f3b48",
    county_line="#151c24",
    halo="#ffffff",
    road="#b9a892",
    obstacle="#c3c7cc",
    gap_fill="#fff4ecd9",
    gap_line="#c2410c",
    gap_hatch=Hatch("#c2410c", 135, 4.0, 1.0),
    seen=("#9bd3c7", "#4fa9a3", "#1f7a7a"),
    possible="#8f8fd6",
    view="#0f766e",
    selected="#d6006e",
    selected_halo="#ffffff",
    camera={"1": "#4a1486", "2": "#8c2d74", "3": "#3f4b57", "none": "#6b7280"},
    offline="#9b1c1c",
)

DARK = Theme(
    paper="#12171d",
    ink="#e6eaef",
    quiet="#9aa6b3",
    classes=("#f0eeb4", "#8fc9a4", "#3aa3b2", "#2b75ad", "#34459f"),
    class_ink=("#12171d", "#12171d", "#12171d", "#ffffff", "#ffffff"),
    zero="#4a3a31",
    zero_hatch=Hatch("#c39a7d", 45, 5.0, 0.8),
    no_data="#4a5058",
    grid_line="#56616d",
    village_line="#8b97a4",
    township_line="#dfe5eb",
    county_line="#ffffff",
    halo="#12171d",
    road="#8a7a66",
    obstacle="#3a424b",
    gap_fill="#241a14d9",
    gap_line="#ff9a5c",
    gap_hatch=Hatch("#ff9a5c", 135, 4.0, 1.0),
    seen=("#2b5f5a", "#3b8f88", "#6fd0c4"),
    possible="#a5a5ee",
    view="#5eead4",
    selected="#ff5fae",
    selected_halo="#12171d",
    camera={"1": "#d9b8ff", "2": "#ff9ad5", "3": "#c9d2dc", "none": "#9aa6b3"},
    offline="#ff8f8f",
)

THEMES: Mapping[str, Theme] = {"light": LIGHT, "dark": DARK}

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
}

#: One symbol for each camera class, so that the class is told without colour.
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
