"""Write the SELECT of a layer for either store: validity and history, box by the index, filter, pages.

Pages are by key (``after``), not by offset, so that the last page takes as long as the first.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from geo.catalog.layers import Layer
from geo.errors import BadValue
from geo.storage.codec.geopackage_header import SRS_ID
from geo.storage.protocol import At, Bbox, Where

if TYPE_CHECKING:
    from geo.storage.filters.compiler import Dialect

_VALID_FROM = {
    "sqlite": "coalesce({0}.\"valid_from\", '0001-01-01')",
    "postgis": "coalesce({0}.\"valid_from\", DATE '0001-01-01')",
}
# The same expression as in the index of the history tables, or the index is not used.
_VALID_TO = {
    "sqlite": "coalesce({0}.\"valid_to\", '9999-12-31')",
    "postgis": "coalesce({0}.\"valid_to\", DATE '9999-12-31')",
}
_DAY = {"sqlite": ":{0}", "postgis": "CAST(:{0} AS date)"}

#: Expressions for columns of PostGIS that are converted: geometries to WKB, dates to text.
POSTGIS_COLUMNS = {
    "geom": 'ST_AsBinary({0}."geom", \'NDR\') AS "geom"',
    "valid_from": 'CAST({0}."valid_from" AS text) AS "valid_from"',
    "valid_to": 'CAST({0}."valid_to" AS text) AS "valid_to"',
}

_SIDES = (("min", "minx"), ("min", "miny"), ("max", "maxx"), ("max", "maxy"))


@dataclass(frozen=True)
class SelectStatement:
    """A SELECT statement and its named values."""

    sql: str
    params: dict[str, Any]


@dataclass
class _Conditions:
    """Conditions on current rows (alias t) and on past versions (alias h)."""

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
) -> SelectStatement:
    """Return the SELECT of the rows valid at a time, sorted by key; of each key the newest version.

    Parameters
    ----------
    layer
        The layer.
    today
        The day of ``at=None``.
    bbox, where, at, after, limit
        As in ``protocol.Store.read``.
    key
        Only this key.
    columns
        Columns to read, the key among them; in SQLite ``version`` is null for the current row, whose number is one more
        than the last of history.
    dialect
        ``postgis`` returns geometries as WKB and dates as text.

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
        if dialect == "postgis":  # each half reads one page by its index
            parts = [f"({one}{order})" for one in parts]
    return SelectStatement(" UNION ALL ".join(parts) + order, params)


def current(layer: Layer, key: str, *, columns: Sequence[str], dialect: Dialect = "sqlite") -> SelectStatement:
    """Return the SELECT of the current row of a key, whatever its dates; ``columns`` as in ``select``."""
    listed = _column_list("t", columns, dialect)
    return SelectStatement(f'SELECT {listed} FROM "{layer.name}" AS t WHERE t."{layer.key}" = :key', {"key": key})


def checked_limit(limit: object) -> int:
    """Return a valid number of rows; raise BadValue otherwise."""
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
) -> SelectStatement:
    """Return the SELECT of the number of rows of ``select``."""
    wanted = (layer.key,)
    parts, params = _rows(layer, today=today, bbox=bbox, where=where, at=at, columns=wanted, dialect=dialect)
    return SelectStatement(f"SELECT count(*) FROM ({' UNION ALL '.join(parts)}) AS found", params)


def extent(layer: Layer, outer: Bbox) -> SelectStatement:
    """Return the SELECT of the exact west, south, east, north of all current rows.

    ``outer`` is the box of the R*Tree in single precision. Rounding preserves order, so that the extreme geometry of
    each side is among the candidates from the index.
    """

    def side(worst: str, column: str, reach: str) -> str:
        return (
            f'(SELECT {worst}({reach}(g."geom")) FROM "{layer.name}" AS g WHERE g."fid" IN '
            f'(SELECT id FROM "rtree_{layer.name}_geom" WHERE {column} {"<=" if worst == "min" else ">="} :{column}))'
        )

    sides = (side(worst, column, f"ST_M{worst[1:]}{column[3].upper()}") for worst, column in _SIDES)
    params = dict(zip((column for _, column in _SIDES), outer, strict=True))
    return SelectStatement(f"SELECT {', '.join(sides)}", params)


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
    """Write the SELECTs of current rows, and of the newest past versions of keys without a valid current row."""
    valid, params = _validity(at, today, dialect)
    conditions = _Conditions(dialect, params=params)
    conditions.add(valid)
    if dialect == "postgis":
        # Always true; but PostgreSQL estimates a range closed on both sides as narrow even without statistics, as after
        # an import, and so uses the index on valid_to instead of a scan of all history.
        conditions.past.append(f"{_VALID_TO[dialect].format('h')} <= DATE '9999-12-31'")
    if key is not None:
        conditions.add(f'{{}}."{layer.key}" = :key', key=key)
    if after is not None:
        conditions.add(f'{{}}."{layer.key}" > :after', after=after)
    if bbox is not None:
        _boxes(layer, bbox, conditions)
    if where is not None:
        from geo.storage.filters.compiler import compile_where

        for_current, for_past = (compile_where(where, layer, alias=alias, dialect=dialect) for alias in ("t", "h"))
        conditions.current.append(for_current.sql)
        conditions.past.append(for_past.sql)
        conditions.params.update(for_current.params)
    wanted = columns if columns is not None else ("geom", *layer.names)
    # Few past versions are valid today; without the hint SQLite scans all history in the order of its keys.
    is_ended = key is None and dialect == "sqlite" and params["since"] >= today.isoformat()
    ended = f'INDEXED BY "{layer.name}_history_valid_to" ' if is_ended else ""
    current = (
        f'SELECT {_column_list("t", wanted, dialect)} FROM "{layer.name}" AS t WHERE {" AND ".join(conditions.current)}'
    )
    newest = _is_newest(layer, valid, is_page=is_page and dialect == "postgis")
    past = (
        f'SELECT {_column_list("h", wanted, dialect)} FROM "{layer.name}_history" AS h {ended}'
        f"WHERE {' AND '.join(conditions.past)} AND {newest}"
    )
    return [current, past], conditions.params


def _column_list(alias: str, columns: Sequence[str], dialect: Dialect) -> str:
    if dialect == "postgis":
        return ", ".join(POSTGIS_COLUMNS.get(one, '{0}."{1}"').format(alias, one) for one in columns)
    return ", ".join("NULL" if one == "version" and alias == "t" else f'{alias}."{one}"' for one in columns)


def _is_newest(layer: Layer, valid: str, *, is_page: bool) -> str:
    """Write that no newer version of the key is valid: neither the current row nor a later one in history."""
    key = layer.key
    # For a page, PostgreSQL should look up the few rows found instead of joining whole tables.
    alone = " OFFSET 0" if is_page else ""
    return (
        f'NOT EXISTS (SELECT 1 FROM "{layer.name}" AS c WHERE c."{key}" = h."{key}" AND {valid.replace("{}", "c")}'
        f'{alone}) AND NOT EXISTS (SELECT 1 FROM "{layer.name}_history" AS n WHERE n."{key}" = h."{key}" '
        f'AND n."version" > h."version" AND {valid.replace("{}", "n")}{alone})'
    )


def _validity(at: At, today: date, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """Write that a row is valid on a day, or on some day of an interval; ``{}`` is the alias."""
    begin, end = _VALID_FROM[dialect].format("{}"), _VALID_TO[dialect].format("{}")
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
    """Write that a geometry intersects the box, or one of its halves where it crosses the antimeridian.

    The R*Tree has single precision rounded outwards: a box inside is certain, one that overlaps is a candidate.
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
    """Write the same by the GiST index; a box without width or height becomes a line or a point."""
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
        raise _bad_box_error() from None
    if not all(math.isfinite(one) for one in (west, south, east, north)) or south > north:
        raise _bad_box_error()
    if west <= east:
        return [(west, south, east, north)]
    if west > 180.0 or east < -180.0:
        raise _bad_box_error()
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def _bad_box_error() -> BadValue:
    return BadValue(
        "范围框应为西、南、东、北四个数，南不大于北",
        "a box is west, south, east, north in degrees, south not above north",
    )
