"""Write the SELECT of a layer for either store: validity and history, box through the index, filter, pages.

Pages go by key (``after``), never by offset, so the last page costs what the first does.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geo.catalog.layers import Layer
from geo.errors import BadValue
from geo.storage.codec.geopackage_blobs import SRS_ID
from geo.storage.filters.compiler import Dialect, compile_where
from geo.storage.protocol import At, Bbox, Where

_FROM = {
    "sqlite": "coalesce({0}.\"valid_from\", '0001-01-01')",
    "postgis": "coalesce({0}.\"valid_from\", DATE '0001-01-01')",
}
# Spelled as in the index of the history tables, or the database does not use it.
_TO = {
    "sqlite": "coalesce({0}.\"valid_to\", '9999-12-31')",
    "postgis": "coalesce({0}.\"valid_to\", DATE '9999-12-31')",
}
_DAY = {"sqlite": ":{0}", "postgis": "CAST(:{0} AS date)"}

#: How a column is read from PostGIS, where not as it is: shapes as WKB, dates as text.
POSTGIS_COLUMNS = {
    "geom": 'ST_AsBinary({0}."geom", \'NDR\') AS "geom"',
    "valid_from": 'CAST({0}."valid_from" AS text) AS "valid_from"',
    "valid_to": 'CAST({0}."valid_to" AS text) AS "valid_to"',
}

_SIDES = (("min", "minx"), ("min", "miny"), ("max", "maxx"), ("max", "maxy"))


@dataclass(frozen=True)
class Query:
    """Hold a statement and its named values."""

    sql: str
    params: dict[str, Any]


@dataclass
class _Conditions:
    """Gather the conditions on current rows (alias t) and on past ones (alias h)."""

    dialect: Dialect
    current: list[str] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def add(self, template: str, **params: Any) -> None:
        self.current.append(template.replace("{}", "t"))
        self.past.append(template.replace("{}", "h"))
        self.params.update(params)


def select(
    layer: Layer,
    *,
    today: date,
    bbox: Bbox | None = None,
    where: Where | None = None,
    at: At = None,
    after: str | None = None,
    limit: int | None = None,
    key: str | None = None,
    columns: Sequence[str] | None = None,
    dialect: Dialect = "sqlite",
) -> Query:
    """Return the SELECT of the rows valid at a time, sorted by key; of each key the newest version.

    Parameters
    ----------
    layer
        The layer.
    today
        The day that ``at=None`` stands for.
    bbox, where, at, after, limit
        As in ``protocol.Store.read``.
    key
        Only this key.
    columns
        Columns wanted, the key among them; at the desk ``version`` is null for the current row, whose number is one
        more than the last of history.
    dialect
        Whose SQL; ``postgis`` gives shapes as WKB and dates as text.

    Raises
    ------
    BadValue, UnknownName
        As ``protocol.Store.read``.
    """
    parts, params = _rows(
        layer,
        today=today,
        bbox=bbox,
        where=where,
        at=at,
        after=after,
        key=key,
        columns=columns,
        is_page=limit is not None,
        dialect=dialect,
    )
    order = f' ORDER BY "{layer.key}"'
    if limit is not None:
        order, params = f"{order} LIMIT :limit", {**params, "limit": checked_limit(limit)}
        if dialect == "postgis":  # each half stops at the page by its own index
            parts = [f"({one}{order})" for one in parts]
    return Query(" UNION ALL ".join(parts) + order, params)


def checked_limit(limit: object) -> int:
    """Return a number of rows as it is; raise BadValue where it is none."""
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit < 2**31:
        raise BadValue("limit 应为非负整数", "limit must be a whole number from 0")
    return limit


def count(
    layer: Layer,
    *,
    today: date,
    bbox: Bbox | None = None,
    where: Where | None = None,
    at: At = None,
    dialect: Dialect = "sqlite",
) -> Query:
    """Return the SELECT of how many rows ``select`` gives."""
    wanted = (layer.key,)
    parts, params = _rows(layer, today=today, bbox=bbox, where=where, at=at, columns=wanted, dialect=dialect)
    return Query(f"SELECT count(*) FROM ({' UNION ALL '.join(parts)}) AS found", params)


def extent(layer: Layer, outer: Bbox) -> Query:
    """Return the SELECT of the exact west, south, east, north of all current shapes.

    ``outer`` is the box of the R*Tree in single precision. Rounding keeps order, so the outermost shape of each side is
    among the few that the index shows there.
    """

    def side(worst: str, column: str, reach: str) -> str:
        return (
            f'(SELECT {worst}({reach}(g."geom")) FROM "{layer.name}" AS g WHERE g."fid" IN '
            f'(SELECT id FROM "rtree_{layer.name}_geom" WHERE {column} {"<=" if worst == "min" else ">="} :{column}))'
        )

    sides = (side(worst, column, f"ST_M{worst[1:]}{column[3].upper()}") for worst, column in _SIDES)
    params = dict(zip((column for _, column in _SIDES), outer, strict=True))
    return Query(f"SELECT {', '.join(sides)}", params)


def _rows(
    layer: Layer,
    *,
    today: date,
    bbox: Bbox | None = None,
    where: Where | None = None,
    at: At = None,
    after: str | None = None,
    key: str | None = None,
    columns: Sequence[str] | None = None,
    is_page: bool = False,
    dialect: Dialect,
) -> tuple[list[str], dict[str, Any]]:
    """Write current rows and, of keys that have none valid then, the newest past ones."""
    valid, params = _validity(at, today, dialect)
    conditions = _Conditions(dialect, params=params)
    conditions.add(valid)
    if dialect == "postgis":
        # True of all; but a range closed on both sides is taken for narrow even where there are no statistics yet, as
        # right after an import, and so the index of the last days is taken instead of a walk through all of history.
        conditions.past.append(f"{_TO[dialect].format('h')} <= DATE '9999-12-31'")
    if key is not None:
        conditions.add(f'{{}}."{layer.key}" = :key', key=key)
    if after is not None:
        conditions.add(f'{{}}."{layer.key}" > :after', after=after)
    if bbox is not None:
        _boxes(layer, bbox, conditions)
    if where is not None:
        here, there = (compile_where(where, layer, alias=alias, dialect=dialect) for alias in ("t", "h"))
        conditions.current.append(here.sql)
        conditions.past.append(there.sql)
        conditions.params.update(here.params)
    wanted = columns if columns is not None else ("geom", *layer.names)
    # Few past versions are still valid today; SQLite would rather walk all of history in the order of its keys.
    is_ended = key is None and dialect == "sqlite" and params["since"] >= today.isoformat()
    ended = f'INDEXED BY "{layer.name}_history_valid_to" ' if is_ended else ""
    current = (
        f'SELECT {_listed("t", wanted, dialect)} FROM "{layer.name}" AS t WHERE {" AND ".join(conditions.current)}'
    )
    past = (
        f'SELECT {_listed("h", wanted, dialect)} FROM "{layer.name}_history" AS h {ended}'
        f"WHERE {' AND '.join(conditions.past)} AND {_newest(layer, valid, is_page=is_page and dialect == 'postgis')}"
    )
    return [current, past], conditions.params


def _listed(alias: str, columns: Sequence[str], dialect: Dialect) -> str:
    if dialect == "postgis":
        return ", ".join(POSTGIS_COLUMNS.get(one, '{0}."{1}"').format(alias, one) for one in columns)
    return ", ".join("NULL" if one == "version" and alias == "t" else f'{alias}."{one}"' for one in columns)


def _newest(layer: Layer, valid: str, *, is_page: bool) -> str:
    """Write that no newer version of the key answers: neither the current row nor a later one in history."""
    key = layer.key
    # For a page, PostgreSQL shall look up the few rows that come up, not join two tables for whatever may.
    alone = " OFFSET 0" if is_page else ""
    return (
        f'NOT EXISTS (SELECT 1 FROM "{layer.name}" AS c WHERE c."{key}" = h."{key}" AND {valid.replace("{}", "c")}'
        f'{alone}) AND NOT EXISTS (SELECT 1 FROM "{layer.name}_history" AS n WHERE n."{key}" = h."{key}" '
        f'AND n."version" > h."version" AND {valid.replace("{}", "n")}{alone})'
    )


def _validity(at: At, today: date, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """Write that a row is valid at a day, or on some day of an interval; ``{}`` stands for the alias."""
    begin, end = _FROM[dialect].format("{}"), _TO[dialect].format("{}")
    meets = f"{begin} <= {_DAY[dialect].format('until')} AND {end} > {_DAY[dialect].format('since')}"
    if at is None or isinstance(at, date):
        day = (at or today).isoformat()[:10]
        return meets, {"until": day, "since": day}
    first, last = at
    if first is not None and last is not None and first > last:
        raise BadValue("时间区间的起点晚于终点", "the interval ends before it begins")
    since = first.isoformat()[:10] if first else "0001-01-01"
    until = last.isoformat()[:10] if last else "9999-12-31"
    # A version that was replaced on the day it began was never valid.
    return f"{meets} AND {begin} < {end}", {"until": until, "since": since}


def _boxes(layer: Layer, bbox: Bbox, conditions: _Conditions) -> None:
    """Write that a shape meets the box, or one of its halves where it crosses the antimeridian.

    The R*Tree holds single precision rounded outwards: a box inside is proof, one that only touches is a candidate.
    """
    if conditions.dialect == "postgis":
        _boxes_postgis(bbox, conditions)
        return
    current, past = [], []
    for i, (west, south, east, north) in enumerate(_split(bbox)):
        conditions.params |= {f"w{i}_": west, f"s{i}_": south, f"e{i}_": east, f"n{i}_": north}
        inside = f"r.minx >= :w{i}_ AND r.maxx <= :e{i}_ AND r.miny >= :s{i}_ AND r.maxy <= :n{i}_"
        meets = f'gridsight_meets({{0}}."geom", :w{i}_, :s{i}_, :e{i}_, :n{i}_)'
        near = f"r.maxx >= :w{i}_ AND r.minx <= :e{i}_ AND r.maxy >= :s{i}_ AND r.miny <= :n{i}_"
        current.append(
            f'SELECT r.id FROM "rtree_{layer.name}_geom" AS r CROSS JOIN "{layer.name}" AS g ON g."fid" = r.id '
            f"WHERE {near} AND (({inside}) OR {meets.format('g')})"
        )
        past.append(meets.format("h"))
    conditions.current.append(f't."fid" IN ({" UNION ALL ".join(current)})')
    conditions.past.append(f"({' OR '.join(past)})")


def _boxes_postgis(bbox: Bbox, conditions: _Conditions) -> None:
    """Write the same through GiST; a box without width or height is a line or a point there."""
    parts: list[str] = []
    params: dict[str, float] = {}
    for i, (west, south, east, north) in enumerate(_split(bbox)):
        params |= {f"w{i}_": west, f"s{i}_": south, f"e{i}_": east, f"n{i}_": north}
        shape = f"ST_MakeEnvelope(:w{i}_, :s{i}_, :e{i}_, :n{i}_, {SRS_ID})"
        if west == east or south == north:
            low, high = f"ST_MakePoint(:w{i}_, :s{i}_)", f"ST_MakePoint(:e{i}_, :n{i}_)"
            is_point = west == east and south == north
            shape = f"ST_SetSRID({low if is_point else f'ST_MakeLine({low}, {high})'}, {SRS_ID})"
            if is_point:
                del params[f"e{i}_"], params[f"n{i}_"]
        parts.append(f'({{}}."geom" && {shape} AND ST_Intersects({{}}."geom", {shape}))')
    conditions.add(f"({' OR '.join(parts)})", **params)


def _split(bbox: Bbox) -> list[Bbox]:
    """Return one box, or two where west > east: the box crosses the antimeridian (RFC 7946, 5.2)."""
    try:
        west, south, east, north = (float(one) for one in bbox)
    except (TypeError, ValueError):
        raise _bad_box() from None
    if not all(math.isfinite(one) for one in (west, south, east, north)) or south > north:
        raise _bad_box()
    if west <= east:
        return [(west, south, east, north)]
    if west > 180.0 or east < -180.0:
        raise _bad_box()
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def _bad_box() -> BadValue:
    return BadValue(
        "范围框应为西、南、东、北四个数，南不大于北",
        "a box is west, south, east, north in degrees, south not above north",
    )
