"""Create workspace files, and check whether a file is a workspace that this program can use."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from geo.errors import GeoError, StoreBroken
from geo.storage.geopackage import connections, schema, upgrades
from geo.storage.geopackage.qgis_styles import style_rows


def create_file(path: Path) -> None:
    """Create an empty file and its folder.

    Raises
    ------
    StoreBroken
        Where the system refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        reason = error.strerror or "?"
        raise StoreBroken(
            f"无法创建工作区 {path}：{reason}", f"the workspace {path} cannot be made: {reason}"
        ) from error


def columns_of(path: Path) -> dict[str, set[str]]:
    """Return the columns of every table of a SQLite file, without writing to it.

    Raises
    ------
    StoreBroken
        Where the path is a folder.
    """
    if path.is_dir():
        raise StoreBroken(f"{path} 是文件夹", f"{path} is a folder")
    with _open_read_only(path) as conn:
        return upgrades.present(conn)


def _open_read_only(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(connections.reading_uri(path), uri=True, timeout=1.0))


def create_tables(path: Path, busy_seconds: float, time_zone: str) -> None:
    """Create all tables in one transaction; of two processes, the second finds them created."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    with closing(sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)) as conn:
        connections.configure_connection(conn)
        conn.execute("BEGIN IMMEDIATE")
        try:
            if not conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for sql, values in (*schema.create_statements(made, time_zone), *style_rows()):
                    conn.execute(sql, values)
            conn.execute("COMMIT")
        finally:
            if conn.in_transaction:
                conn.execute("ROLLBACK")


def checked_days(path: Path, found: Collection[str]) -> frozenset[str]:
    """Return the days whose steps a workspace has; raise StoreBroken where this program cannot use the file."""
    if "gridsight_meta" not in found:
        others = sorted(one for one in found if not one.startswith(("gpkg_", "rtree_", "sqlite_")))
        raise _not_a_workspace_error(path, others)
    with _open_read_only(path) as conn:
        meta = dict(conn.execute("SELECT key, value FROM gridsight_meta"))
        done = upgrades.days_done(conn)
    version = meta.get("schema_version", "")
    if not (version.isascii() and version.isdigit()) or int(version) > schema.SCHEMA_VERSION:
        raise StoreBroken(
            f"{path} 的结构版本是 {version}，本程序只认识到 {schema.SCHEMA_VERSION}，请升级程序",
            f"{path} has schema version {version}, this program knows up to {schema.SCHEMA_VERSION}: use a newer one",
        )
    unknown = ", ".join(upgrades.unknown_days(done))
    if unknown:
        raise StoreBroken(
            f"{path} 有本程序不认识的结构步骤（{unknown}），请升级程序",
            f"{path} has steps that this program does not know ({unknown}): use a newer one",
        )
    lacking = ", ".join(sorted(schema.required_tables() - set(found)))
    if lacking:
        raise StoreBroken(f"工作区 {path} 缺少表：{lacking}", f"the workspace {path} lacks tables: {lacking}")
    return done


def _not_a_workspace_error(path: Path, others: Sequence[str]) -> GeoError:
    shown = ", ".join(others[:5]) + (" ..." if len(others) > 5 else "")
    if not shown:
        return StoreBroken(f"{path} 是空文件，不是本项目的工作区", f"{path} is empty, not a workspace of this project")
    return StoreBroken(
        f"{path} 不是本项目的工作区，其中的表：{shown}",
        f"{path} is not a workspace of this project; its tables are: {shown}",
    )


def upgrade_file(path: Path, *, busy_seconds: float) -> None:
    """Check a file that was put in the place of an open one, and upgrade it where it is of an earlier version."""
    found = columns_of(path)
    done = checked_days(path, found)
    if upgrades.steps(found, done) and not connections.is_read_only(path):
        upgrades.upgrade(path, busy_seconds=busy_seconds)


def stand_ins(path: Path) -> list[str]:
    """Return what makes a file of an earlier version readable that cannot be written, as it is now."""
    found = columns_of(path)
    return upgrades.stand_ins(found, checked_days(path, found))
