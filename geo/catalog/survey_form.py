"""Declare the form that people take along to measure unknown values: which cells an import of it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.catalog.claims import UNKNOWNS_OF_RUN
from geo.catalog.fields import Field
from geo.catalog.layers import LAYERS

#: The column that tells what to measure in a row. A table that has it is a survey form: an import of it changes the
#: fields below where their cells are filled in, and nothing else.
MARK = Field("measure", "text", "核实表：只读填写的格", "Survey form: only filled cells are read")
#: Layer -> the fields that its form asks for; the first of them are the unknown ones (rule U1).
ASKED: Mapping[str, tuple[str, ...]] = {
    "cameras": ("azimuth", "status", "status_on", "tilt", "height", "hfov"),
    "obstacles": ("height",),
}
#: What a cell of the form means where the word of the template would be of a row that is imported anew.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "azimuth": ("真北起顺时针的角度；也可写 东南 等方向词", "clockwise from true north; a word such as SE will do"),
    "status": ("现场看到的状态", "as it was found"),
    "status_on": ("看的那一天；格式 2026-01-31", "the day of the visit; as 2026-01-31"),
    "tilt": ("向下为正", "downwards is positive"),
    "height": ("离地高度", "above the ground"),
    "hfov": ("镜头的水平视场角", "of the lens"),
}
#: Least weight of a row of the form (m2 or the unit of demand): less is a hair of ground that rounding left.
LEAST_WEIGHT = 0.01
#: Where the row is.
PLACE = Field("place", "text", "所在", "Where")
#: Columns that are there to be read by people only.
CONTEXT = (UNKNOWNS_OF_RUN.field("rank"), PLACE, UNKNOWNS_OF_RUN.field("weight"), UNKNOWNS_OF_RUN.field("claims"))


def asked_fields(layer: str) -> tuple[Field, ...]:
    """Return the fields that the form of a layer asks for.

    Examples
    --------
    >>> [field.name for field in asked_fields("obstacles")]
    ['height']
    """
    return tuple(LAYERS[layer].field(name) for name in ASKED[layer])


def is_marked(columns: Sequence[str]) -> bool:
    """Return whether a table with these columns is a survey form.

    Examples
    --------
    >>> is_marked(["编号", "核实表：只读填写的格"]), is_marked(["编号", "待核实"])
    (True, False)
    """
    return any(name.strip() in (MARK.zh, MARK.en) for name in columns)


def own_columns() -> frozenset[str]:
    """Return the headings of the form's own columns, which no import reads.

    Examples
    --------
    >>> "名次" in own_columns()
    True
    """
    return frozenset(text for one in (MARK, *CONTEXT) for text in (one.name, one.zh, one.en))
