"""Build the R*Tree of a whole table at once: a million shapes in seconds instead of a minute.

SQLite's R*Tree module inserts rows one by one. Its nodes are plain rows of shadow tables whose format is documented
(sqlite.org/rtree.html and the head of ext/rtree/rtree.c): a node is 2 bytes depth (root only), 2 bytes count, then per
entry an 8-byte id and four 4-byte floats, all big-endian, padded to a fixed size. Here they are packed by
Sort-Tile-Recursive (Leutenegger and others, 1997) and inserted as rows, inside the caller's transaction. GDAL does the
same when it writes a new GeoPackage.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import sqlite3

import numpy as np

from geo.storage.codec import geopackage_blobs
from geo.storage.geopackage.schema import rtree_triggers

#: Maximum number of entries of one node; SQLite limits them to 51.
_MAX_CELLS = 51
_CELL = np.dtype([("id", ">i8"), ("minx", ">f4"), ("maxx", ">f4"), ("miny", ">f4"), ("maxy", ">f4")])


def rebuild(conn: sqlite3.Connection, table: str) -> None:
    """Rebuild the R*Tree of a table from all its geometries, and create its triggers again.

    Parameters
    ----------
    conn
        Inside a transaction, after ``rtree.drop_triggers``.
    table
        A feature table of the workspace.
    """
    index = f"rtree_{table}_geom"
    ids, boxes = _boxes(conn, table)
    conn.execute(f'DELETE FROM "{index}"') if not ids.size else _pack(conn, index, ids, boxes)
    for sql in rtree_triggers(table).values():
        conn.execute(sql)


def _boxes(conn: sqlite3.Connection, table: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids and (minx, maxx, miny, maxy) of all non-empty geometries."""
    ids: list[np.ndarray] = [np.empty(0, np.int64)]
    boxes: list[np.ndarray] = [np.empty((0, 4))]
    cursor = conn.execute(f'SELECT "fid", "geom" FROM "{table}" WHERE "geom" NOTNULL')
    while chunk := cursor.fetchmany(50_000):
        found = geopackage_blobs.boxes([blob for _, blob in chunk])
        there = ~np.isnan(found).any(axis=1)
        ids.append(np.array([fid for fid, _ in chunk], dtype=np.int64)[there])
        boxes.append(found[there][:, [0, 2, 1, 3]])
    return np.concatenate(ids), np.concatenate(boxes)


def _pack(conn: sqlite3.Connection, index: str, ids: np.ndarray, boxes: np.ndarray) -> None:
    """Write the shadow tables: leaves first, then level over level up to the root, which is node 1."""
    size = len(conn.execute(f'SELECT data FROM "{index}_node" WHERE nodeno = 1').fetchone()[0])
    capacity = min(_MAX_CELLS, (size - 4) // _CELL.itemsize)
    cells = np.empty(len(ids), _CELL)
    cells["id"] = ids
    for name, values, outward in zip(("minx", "maxx", "miny", "maxy"), boxes.T, (-np.inf, np.inf) * 2, strict=True):
        cells[name] = _rounded(values, outward)
    for shadow in ("node", "rowid", "parent"):
        conn.execute(f'DELETE FROM "{index}_{shadow}"')
    depth, next_node = 0, 2
    while True:
        cells = _tiled(cells, capacity)
        starts = np.arange(0, len(cells), capacity)
        is_root = len(starts) == 1
        numbers = np.array([1]) if is_root else next_node + np.arange(len(starts))
        owner = np.repeat(numbers, np.diff([*starts, len(cells)]))
        by_id = np.argsort(cells["id"].astype(np.int64))  # a table grows at its end several times as quickly
        children = zip(cells["id"][by_id].tolist(), owner[by_id].tolist(), strict=True)
        shadow = "parent" if depth else "rowid"
        conn.executemany(f'INSERT INTO "{index}_{shadow}" VALUES (?, ?)', children)
        nodes = (
            (number, _node(cells[start : start + capacity], depth if is_root else 0, size))
            for number, start in zip(numbers.tolist(), starts.tolist(), strict=True)
        )
        conn.executemany(f'INSERT INTO "{index}_node" VALUES (?, ?)', nodes)
        if is_root:
            return
        cells = _parents(cells, starts, numbers)
        next_node += len(starts)
        depth += 1


def _rounded(values: np.ndarray, outward: float) -> np.ndarray:
    """Return single precision numbers rounded outwards: an index may return false positives, no false negatives."""
    single = values.astype(np.float32)
    inside = single > values if outward < 0 else single < values
    return np.where(inside, np.nextafter(single, np.float32(outward)), single)


def _tiled(cells: np.ndarray, capacity: int) -> np.ndarray:
    """Return the cells in vertical strips by x, each sorted by y: neighbours share nodes."""
    nodes = -(-len(cells) // capacity)
    strip = capacity * max(1, int(np.ceil(np.sqrt(nodes))))
    # Convert to native byte order: sorting big-endian numbers is several times slower.
    x = cells["minx"].astype(np.float64) + cells["maxx"].astype(np.float64)
    y = cells["miny"].astype(np.float64) + cells["maxy"].astype(np.float64)
    by_x = np.argsort(x, kind="stable")
    strips = np.empty(len(cells), np.int64)
    strips[by_x] = np.arange(len(cells)) // strip
    return cells[np.lexsort((y, strips))]


def _parents(cells: np.ndarray, starts: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return one cell per node with the box of the node."""
    out = np.empty(len(starts), _CELL)
    out["id"] = numbers
    for name, reduce in (("minx", np.minimum), ("maxx", np.maximum), ("miny", np.minimum), ("maxy", np.maximum)):
        out[name] = reduce.reduceat(cells[name].astype(np.float32), starts)
    return out


def _node(cells: np.ndarray, depth: int, size: int) -> bytes:
    head = depth.to_bytes(2, "big") + len(cells).to_bytes(2, "big")
    return (head + cells.tobytes()).ljust(size, b"\0")
