"""Take a layer out of the database with all its history, and put it into an empty one, bit for bit."""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from geo.catalog.layers import SCOPED, Layer
from geo.errors import BadValue
from geo.storage.codec.rows import Rows, frame_of, kept_rows
from geo.storage.filters.selects import POSTGIS_COLUMNS
from geo.storage.geopackage.layer_history import STORY, history_frame, not_empty
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.driver_errors import iso
from geo.storage.postgis.writes import COLLATED, layer_columns, placed, refresh_townships, staged, typed
from geo.storage.records import Versions

_STORY_TYPES = (("version", "bigint"), ("changed_at", "text"), ("changed_by", "text"), ("op", "text"))


def take(conn: Connection, layer: Layer) -> Versions:
    """Return all of a layer as ``protocol.Store.versions`` tells."""
    names = ("geom", *layer.names)
    listed = ", ".join(POSTGIS_COLUMNS.get(one, '{0}."{1}"').format("t", one) for one in names)
    story = ", ".join(f't."{one}"' for one in STORY)
    current = conn.rows(f'SELECT {listed} FROM "{layer.name}" AS t ORDER BY t."{layer.key}"')
    past = conn.rows(f'SELECT {listed}, {story} FROM "{layer.name}_history" AS t ORDER BY t."{layer.key}", t."version"')
    width = len(names)
    told = [(*row[: width + 1], iso(row[width + 1]), *row[width + 2 :]) for row in past]
    revision = conn.row("SELECT revision, changed_at, changed_by FROM revisions WHERE layer = :layer", layer=layer.name)
    number, when, who = revision or (0, None, None)
    return Versions(
        frame_of(current, layer, wkb=True), history_frame(told, layer, wkb=True), (int(number), iso(when), who)
    )


def put(conn: Connection, layer: Layer, versions: Versions) -> None:
    """Fill an empty layer, inside a transaction.

    The current rows go in first, with the versions that follow from the history: no trigger then finds a key that
    comes back. Townships are found anew, here by the divisions that are there.

    Raises
    ------
    Conflict
        The layer has rows, or a history.
    BadValue, BadGeometry
        A row cannot be stored.
    """
    for table in (layer.name, f"{layer.name}_history"):
        if conn.row(f'SELECT 1 FROM "{table}" LIMIT 1'):
            raise not_empty(layer)
    rows = kept_rows(versions.current, layer)
    past = kept_rows(versions.history, layer, story=STORY)
    if rows.keys or past.keys:
        _fill(conn, layer, rows, past)
    number, when, who = versions.revision
    conn.change(
        "UPDATE revisions SET revision = :number, changed_at = CAST(:when AS timestamptz), changed_by = :who "
        "WHERE layer = :layer",
        number=number,
        when=when,
        who=who,
        layer=layer.name,
    )


def _fill(conn: Connection, layer: Layer, rows: Rows, past: Rows) -> None:
    is_scoped = layer.name in SCOPED
    own = ", ".join(f'"{one}"' for one in ("geom", *layer.names, *(("township",) if is_scoped else ())))
    told = ", ".join(f'"{one}"' for one in STORY)
    what = layer_columns(layer)
    with (
        staged(conn, "staged", what, typed(layer, rows), count=len(rows.keys)) as now,
        staged(conn, "staged_past", [*what, *_STORY_TYPES], _typed_past(layer, past), count=len(past.keys)) as then,
    ):
        if is_scoped:
            for table in (now, then):
                conn.change(f'ALTER TABLE {table} ADD COLUMN "township" text{COLLATED}')
                placed(conn, table)
        conn.change(
            f'INSERT INTO "{layer.name}" ({own}, "version") SELECT {own}, 1 + coalesce(h."last", 0) FROM {now} AS s '
            f'LEFT JOIN (SELECT "{layer.key}" AS "known", max("version") AS "last" FROM {then} GROUP BY 1) AS h '
            f'ON h."known" = s."{layer.key}" ORDER BY s."row"'
        )
        story = '"version", CAST("changed_at" AS timestamptz), "changed_by", "op"'
        conn.change(
            f'INSERT INTO "{layer.name}_history" ({own}, {told}) SELECT {own}, {story} FROM {then} ORDER BY "row"'
        )
    if layer.name == "divisions":
        refresh_townships(conn)


def _typed_past(layer: Layer, rows: Rows) -> Iterator[tuple[Any, ...]]:
    """Give (EWKB, *fields, *story) row by row; a time that is none is refused before the database sees it."""
    when = rows.values[len(layer.names) + STORY.index("changed_at")]
    for key, one in zip(rows.keys, when, strict=True):
        try:
            datetime.fromisoformat(one)
        except (TypeError, ValueError):
            raise BadValue(f"{key} 的历史没有有效时间", f"the history of {key} names no valid time") from None
    return typed(layer, rows)
