"""Take a layer out of a workspace with all its history, and put it into an empty one, bit for bit."""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import sqlite3
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.catalog.layers import Layer
from geo.errors import Conflict
from geo.storage.codec.rows import frame_of, kept_rows
from geo.storage.geopackage import rtree
from geo.storage.geopackage.writes import contents
from geo.storage.records import Versions

#: What a past version has beside the fields of its layer.
STORY = ("version", "changed_at", "changed_by", "op")


def take(conn: sqlite3.Connection, layer: Layer) -> Versions:
    """Return all of a layer as ``protocol.Store.versions`` tells."""
    listed = ", ".join(f'"{one}"' for one in ("geom", *layer.names))
    story = ", ".join(f'"{one}"' for one in STORY)
    current = conn.execute(f'SELECT {listed} FROM "{layer.name}" ORDER BY "{layer.key}"').fetchall()
    past = conn.execute(
        f'SELECT {listed}, {story} FROM "{layer.name}_history" ORDER BY "{layer.key}", "version"'
    ).fetchall()
    number, when, who = conn.execute(
        "SELECT revision, changed_at, changed_by FROM gridsight_revisions WHERE layer = ?", (layer.name,)
    ).fetchone()
    return Versions(frame_of(current, layer), history_frame(past, layer), (int(number), when, who))


def history_frame(rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False) -> gpd.GeoDataFrame:
    """Return stored past versions (shape, *fields, *story) as a frame."""
    width = 1 + len(layer.names)
    frame = frame_of([row[:width] for row in rows], layer, wkb=wkb)
    for place, name in enumerate(STORY):
        kind = "int64" if name == "version" else "str"
        frame[name] = pd.Series([row[width + place] for row in rows], index=frame.index, dtype=kind)
    return frame[[*layer.names, *STORY, "geometry"]]


def put(conn: sqlite3.Connection, layer: Layer, versions: Versions) -> None:
    """Fill an empty layer, inside a transaction whose actor is set: no trigger then has anything to do.

    The current rows go in first: a key with history would be taken for one that came back.

    Raises
    ------
    Conflict
        The layer has rows, or a history.
    BadValue, BadGeometry
        A row cannot be stored.
    """
    for table in (layer.name, f"{layer.name}_history"):
        if conn.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
            raise not_empty(layer)
    rows = kept_rows(versions.current, layer)
    past = kept_rows(versions.history, layer, story=STORY)
    rtree.suspend(conn, layer.name)
    _insert(conn, layer.name, ("geom", *layer.names), rows.tuples())
    rtree.rebuild(conn, layer.name)
    _insert(conn, f"{layer.name}_history", ("geom", *layer.names, *STORY), past.tuples())
    number, when, who = versions.revision
    conn.execute(
        "UPDATE gridsight_revisions SET revision = ?, changed_at = ?, changed_by = ? WHERE layer = ?",
        (number, when, who, layer.name),
    )
    contents(conn, layer.name)


def not_empty(layer: Layer) -> Conflict:
    """Return the error for a layer that should be empty and is not."""
    return Conflict(f"图层 {layer.name} 不是空的", f"layer {layer.name} is not empty")


def _insert(conn: sqlite3.Connection, table: str, columns: Sequence[str], rows: Any) -> None:
    listed = ", ".join(f'"{one}"' for one in columns)
    marks = ", ".join("?" * len(columns))
    conn.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', rows)
