"""Inspect a GeoPackage before GDAL opens it: views and virtual tables can execute code."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from geo.readers.source import unreadable

_MAX_TABLES = 5_000
_ALLOWED_VIRTUAL_TABLES = re.compile(
    r"CREATE\s+VIRTUAL\s+TABLE\s+\S+\s+USING\s+[\"'`]?(?:rtree|fts[345])\b", re.IGNORECASE
)
#: Values of `hidden` in `table_xinfo` for generated columns.
_COMPUTED = (2, 3)


def layers(path: Path, name: str) -> list[tuple[str, bool]]:
    """Return the layers of a GeoPackage, and whether they have geometry.

    A view may not terminate, a generated column may exceed the memory, and a virtual table may read other files: none
    of them is a layer here, and the file is refused where GDAL would use one on opening.

    Raises
    ------
    UnreadableFile
        Where the file is not a GeoPackage, or has such an object.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5.0)) as conn:
            conn.execute("PRAGMA trusted_schema = OFF")
            tables = _tables(conn, name)
            if "gpkg_contents" not in tables:
                raise unreadable(name, "不是 GeoPackage", "it is no GeoPackage")
            rows = conn.execute("SELECT table_name, data_type FROM gpkg_contents").fetchmany(_MAX_TABLES)
            found = [(str(table), kind == "features") for table, kind in rows if str(table).casefold() in tables]
            for table, _ in found:
                _check_columns(conn, name, table)
    except sqlite3.Error:
        raise unreadable(name, "文件损坏或不是 GeoPackage", "it is damaged, or no GeoPackage") from None
    return found


def count(path: Path, table: str) -> int:
    """Return the number of rows of a table; the count stored in the file may be outdated or false."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5.0)) as conn:
        quoted = table.replace('"', '""')
        return int(conn.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608


def _tables(conn: sqlite3.Connection, name: str) -> set[str]:
    """Return the names of the plain tables, in lower case."""
    rows = conn.execute("SELECT type, name, sql FROM sqlite_master").fetchmany(_MAX_TABLES + 1)
    if len(rows) > _MAX_TABLES:
        raise unreadable(name, "表过多", "it has too many tables")
    plain = set()
    for kind, table, sql in rows:
        key = str(table).casefold()
        if kind == "view" and key.startswith(("gpkg_", "rtree_", "sqlite_")):
            raise unreadable(name, f"{table} 是视图", f"its {table} is a view")
        if kind == "table" and re.match(r"\s*CREATE\s+VIRTUAL", str(sql), re.IGNORECASE):
            if _ALLOWED_VIRTUAL_TABLES.match(str(sql).strip()) is None:
                raise unreadable(name, "含外部虚拟表", "it has a virtual table over something else")
        elif kind == "table":
            plain.add(key)
    return plain


def _check_columns(conn: sqlite3.Connection, name: str, table: str) -> None:
    hidden = conn.execute("SELECT hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
    if any(mark in _COMPUTED for (mark,) in hidden):
        raise unreadable(name, f"{table} 有计算列", f"{table} has columns that are computed")
