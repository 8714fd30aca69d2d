"""Drop the triggers of an R*Tree, and read the box of a whole table from its root node."""

from __future__ import annotations

import sqlite3
import struct

from geo.storage.geopackage.schema import rtree_triggers

#: One entry of a node: an 8-byte id and four 4-byte floats, minx, maxx, miny, maxy, all big-endian.
_CELL = ">q4f"


def drop_triggers(conn: sqlite3.Connection, table: str) -> None:
    """Drop the R*Tree triggers of a table; ``rtree_packing.rebuild`` creates them again in the same transaction."""
    for name in rtree_triggers(table):
        conn.execute(f'DROP TRIGGER "{name}"')


def index_extent(conn: sqlite3.Connection, table: str) -> tuple[float, float, float, float] | None:
    """Return (minx, miny, maxx, maxy) over a whole index, in its single precision; None where it is empty.

    It follows from the root node, without reading all entries.
    """
    root = conn.execute(f'SELECT data FROM "rtree_{table}_geom_node" WHERE nodeno = 1').fetchone()[0]  # noqa: S608
    count = int.from_bytes(root[2:4], "big")
    cells = list(struct.iter_unpack(_CELL, root[4 : 4 + count * struct.calcsize(_CELL)]))
    if not cells:
        return None
    _, minx, maxx, miny, maxy = zip(*cells, strict=True)
    return min(minx), min(miny), max(maxx), max(maxy)
