"""Describe one field: its headings, unit, limits, default, the words of its values and the columns it is read from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "integer", "date"]

#: The day of the first catalogue. What was declared later names its day; stores are upgraded by it.
FIRST_DAY = "2026-11-22"


@dataclass(frozen=True)
class Choice:
    """One value that a field may have.

    Attributes
    ----------
    name
        As it is stored.
    zh, en
        As people read it.
    words
        Further words that readers take for it, separated by spaces; without case, spaces, hyphens and underscores.
    """

    name: str
    zh: str
    en: str
    words: str = ""


@dataclass(frozen=True)
class Limits:
    """The interval that the values of a field lie in (rule U5); ``high`` is always part of it."""

    low: float
    high: float = math.inf
    has_low: bool = True

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the interval."""
        return (self.low <= value if self.has_low else self.low < value) and value <= self.high

    def __str__(self) -> str:
        return f"{'[' if self.has_low else '('}{self.low:g}, {self.high:g}{']' if math.isfinite(self.high) else ')'}"


@dataclass(frozen=True)
class Field:
    """One field of a layer or of a result.

    Attributes
    ----------
    name
        Column name in stores, files and answers.
    kind
        ``text``, ``number``, ``integer`` or ``date``.
    zh, en
        Headings.
    unit
        ``deg``, ``m``, ``m2``, ``px``, ``share`` and so on; empty for names and codes.
    values
        The values there are; empty where any goes. Of a text field no other is stored, unless it is open.
    common
        Of a text field that stores any text: values that people read words for; any other is written as it is. Their
        words name the value too, unless readers take the bare word for it: a text of a planner's own stays apart.
    limits
        What a number must lie in; None for any.
    default
        What stands for a missing value (rule U4): one value, or one for each kind of camera; None for none.
    columns
        Headings that readers take for this field, best first, separated by spaces; its own name comes before them.
    is_lenient
        Whether a missing value is an unknown with its own rule (U3) instead of a default.
    not_understood
        The value that stands for a word that is not understood (rule U1); None where that is missing.
    since
        The day it was declared, ISO 8601: a store made before has no such column and is upgraded.
    is_open
        Whether a text that is none of its values is kept as it is, and listed.
    short
        Chinese and English heading of a narrow column, as on a terminal, where it is not the heading; without the unit.

    Examples
    --------
    >>> hfov = number("hfov", "水平视场角", "Horizontal field of view", "deg", limits=Limits(0, 360, has_low=False))
    >>> str(hfov.limits)
    '(0, 360]'
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    values: tuple[Choice, ...] = ()
    limits: Limits | None = None
    default: str | float | Mapping[str, float] | None = field(default=None, hash=False)
    columns: str = ""
    is_lenient: bool = False
    not_understood: str | None = None
    since: str = FIRST_DAY
    short: tuple[str, str] = ("", "")
    is_open: bool = False
    common: tuple[Choice, ...] = ()

    @property
    def column_heading(self) -> tuple[str, str]:
        """Chinese and English heading of a narrow column, with the unit where it is one of length or area."""
        zh, en = self.short[0] or self.zh, self.short[1] or self.en.lower()
        written = {"m": (" m", " m"), "m2": (" m²", " m2")}.get(self.unit, ("", ""))
        return zh + written[0], en + written[1]

    def choice(self, name: str) -> Choice:
        """Return one of its values; raise KeyError for a name that is none."""
        return {one.name: one for one in self.values}[name]

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that a text field may store; empty where any goes."""
        closed = self.kind == "text" and not self.is_open
        return tuple(one.name for one in self.values) if closed else ()


def text(
    name: str,
    zh: str,
    en: str,
    columns: str = "",
    *values: Choice,
    default: str | None = None,
    not_understood: str | None = None,
    since: str = FIRST_DAY,
    short: tuple[str, str] = ("", ""),
    is_open: bool = False,
    common: tuple[Choice, ...] = (),
) -> Field:
    """Return a text field."""
    return Field(
        name, "text", zh, en, values=values, columns=columns, default=default, not_understood=not_understood,
        since=since, short=short, is_open=is_open, common=common,
    )  # fmt: skip


def number(
    name: str,
    zh: str,
    en: str,
    unit: str = "",
    columns: str = "",
    limits: Limits | None = None,
    default: Mapping[str, float] | None = None,
    *,
    is_lenient: bool = False,
    since: str = FIRST_DAY,
    short: tuple[str, str] = ("", ""),
) -> Field:
    """Return a field of numbers."""
    return Field(
        name,
        "number",
        zh,
        en,
        unit,
        limits=limits,
        columns=columns,
        default=default,
        is_lenient=is_lenient,
        since=since,
        short=short,
    )


def integer(
    name: str,
    zh: str,
    en: str,
    columns: str = "",
    *values: Choice,
    unit: str = "",
    limits: Limits | None = None,
    default: Mapping[str, float] | None = None,
    since: str = FIRST_DAY,
    short: tuple[str, str] = ("", ""),
) -> Field:
    """Return a field of whole numbers."""
    return Field(
        name,
        "integer",
        zh,
        en,
        unit,
        values=values,
        limits=limits,
        columns=columns,
        default=default,
        since=since,
        short=short,
    )


#: Every layer has them; null means open on that side (docs/contract.md section 4).
VALIDITY = (
    Field("valid_from", "date", "生效日期", "Valid from", columns="生效日期 启用日期 起始日期 validfrom"),
    Field("valid_to", "date", "失效日期", "Valid to", columns="失效日期 停用日期 终止日期 validto"),
)

#: Columns of tables that hold the place of a row; they are read like fields and stored as its shape.
POSITION = (
    Field(
        "lon", "number", "经度", "Longitude", "deg",
        columns="lng long longitude 经度 wgs84经度 gcj02经度 百度经度 经度坐标 loclng x_lon center_lon jd lon_wgs84",
    ),
    Field(
        "lat", "number", "纬度", "Latitude", "deg",
        columns="latitude 纬度 wgs84纬度 gcj02纬度 百度纬度 纬度坐标 loclat y_lat center_lat wd lat_wgs84",
    ),
    Field(
        "x", "number", "横坐标", "Easting", "m",
        columns="x坐标 坐标x 横坐标 easting east 东坐标 point_x xcoord coord_x",
    ),
    Field(
        "y", "number", "纵坐标", "Northing", "m",
        columns="y坐标 坐标y 纵坐标 northing north 北坐标 point_y ycoord coord_y",
    ),
    Field("wkt", "text", "几何", "Geometry (WKT)", columns="geometry geom the_geom shape_wkt 几何"),
)  # fmt: skip
