"""Bring the file of an earlier version up to date, one dated step at a time (docs/contract.md section 4).

A file names in ``gridsight_meta`` the days whose steps it has (``schema_days``); its version is one more than their
number. A day is one on which the catalogue declared something new (``geo.storage.stored_tables.DAYS``): what is to be
added follows from the declaration, and changes that no declaration describes, such as a table of another form, are
written by hand in ``STRUCTURE``. A day that a later program puts between two others is thus made up for. Each step is
one transaction and keeps all data. A file that cannot be written is read as it is: missing columns are read as null
(``stand_ins``).
"""

from __future__ import annotations

# Names in SQL come from the catalogue, never from a caller; values are bound.
# ruff: noqa: S608
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from geo.catalog.fields import FIRST_DAY
from geo.catalog.layers import LAYERS, Layer
from geo.errors import GeoError, StoreBroken
from geo.sentences import both, sentence
from geo.storage import time_zones
from geo.storage.geopackage import connections, schema
from geo.storage.geopackage.qgis_styles import renewed_style_rows, style_rows
from geo.storage.stored_tables import (
    DAYS,
    HISTORY_COLUMNS,
    LAYER_TABLES,
    STORED_RUN_TABLES,
    Table,
    day_of_column,
    day_of_table,
)

#: A statement that makes a table or a view, and its name.
_MADE = re.compile(r'CREATE (?:VIRTUAL )?(?:TABLE|VIEW) "?(\w+)')

#: Table -> its columns.
Present = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class HandWritten:
    """A step that no declaration describes: its text and its function."""

    zh: str
    en: str
    apply: Callable[[sqlite3.Connection], None]


def _add_calendar(conn: sqlite3.Connection) -> None:
    for sql, values in schema.calendar_upgrade_statements(present(conn), {*days_done(conn), schema.CALENDAR_DAY}):
        conn.execute(sql, values)


def _rename_views(conn: sqlite3.Connection) -> None:
    for sql, values in schema.title_upgrade_statements():
        conn.execute(sql, values)


def _draw_unknown_status(conn: sqlite3.Connection) -> None:
    stored = conn.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE styleQML NOT NULL").fetchall()
    for sql, values in renewed_style_rows(stored):
        conn.execute(sql, values)


def _rename_views_and_draw_unknown_status(conn: sqlite3.Connection) -> None:
    _rename_views(conn)
    _draw_unknown_status(conn)


#: Day -> its hand-written step; the days are also in ``geo.storage.stored_tables.STRUCTURE_DAYS``.
STRUCTURE: Mapping[str, HandWritten] = {
    schema.CALENDAR_DAY: HandWritten(
        "记下时区，批次可以发布", "kept the time zone, let runs be published", _add_calendar
    ),
    schema.TITLES_DAY: HandWritten(
        "视图的标题写明是已发布的批次，默认样式画出状态未知的摄像机",
        "titles of views name the published run, default styles draw cameras of unknown status",
        _rename_views_and_draw_unknown_status,
    ),
}


@dataclass(frozen=True)
class Step:
    """The missing tables and columns of one day.

    Attributes
    ----------
    day
        ISO 8601.
    tables
        Layers and tables of runs to create.
    columns
        Table -> columns to add.
    renamed
        Table -> columns of the user, who gave them names that this day takes -> their new names.
    by_hand
        The hand-written part, if any.
    """

    day: str
    tables: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_hand: HandWritten | None = None

    def __str__(self) -> str:
        listed = ", ".join(f"{table}.{one}" for table, names in self.columns.items() for one in names)
        zh, en = [], []
        for table, names in self.renamed.items():
            for old, new in names.items():
                zh.append(f"{table} 里原有的字段 {old} 改名为 {new}")
                en.append(f"renamed the field {old} that {table} had to {new}")
        if self.tables:
            zh.append(f"新建表 {'、'.join(self.tables)}")
            en.append(f"made table {', '.join(self.tables)}")
        if listed:
            zh.append(f"增加字段 {listed}")
            en.append(f"added field {listed}")
        if self.by_hand is not None:
            zh.append(self.by_hand.zh)
            en.append(self.by_hand.en)
        return sentence(
            f"{'；'.join(zh) or '更新版本号'}（{self.day}）", f"{'; '.join(en) or 'raised the version'} ({self.day})"
        )


def upgrade(path: Path, *, busy_seconds: float, time_zone: str = time_zones.DEFAULT_TIME_ZONE) -> list[str]:
    """Apply the missing steps to a file, each in one transaction; of two programs, the second finds them applied.

    The file is locked even where nothing is missing: call ``steps`` first.

    Parameters
    ----------
    time_zone
        The time zone of a file that has none yet.

    Returns
    -------
    list
        What was done, as ``中文 / English``; empty where the file is up to date.

    Raises
    ------
    StoreBroken, StoreBusy
        A table, view or identifier of the user has the name of a new table; nothing was changed. Or a step failed and
        was rolled back; earlier steps are kept, and the error tells them.
    """
    done: list[str] = []
    with closing(sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)) as conn:
        connections.configure_connection(conn)
        while True:
            conn.execute("BEGIN IMMEDIATE")
            try:
                days = days_done(conn)
                missing_steps = steps(present(conn), days)
                if not missing_steps:
                    return done
                _require_free_names(conn, path, missing_steps)
                _apply(conn, missing_steps[0], days, time_zone)
                conn.execute("COMMIT")
                done.append(str(missing_steps[0]))
            except sqlite3.Error as error:
                raise _with_steps_done(connections.translated_error(error, path), done) from error
            finally:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")


def _with_steps_done(error: GeoError, done: Sequence[str]) -> GeoError:
    """Return an error with the steps of an upgrade that were done before it."""
    if not done:
        return error
    zh, en = zip(*map(both, done), strict=True)
    return type(error)(
        f"{error.zh}；此前已完成升级步骤：{'；'.join(zh)}",
        f"{error.en}; steps done before: {'; '.join(en)}",
        for_operator=error.for_operator,
    )


def days_done(conn: sqlite3.Connection) -> frozenset[str]:
    """Return the days whose steps a file has; one of the first version names none."""
    found = conn.execute("SELECT value FROM gridsight_meta WHERE key = 'schema_days'").fetchone()
    return frozenset(found[0].split()) if found else frozenset()


def unknown_days(done: Collection[str]) -> list[str]:
    """Return the days among these that only a newer program has steps for."""
    return sorted(set(done) - set(DAYS))


def present(conn: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the names of all tables of the file, with columns for those of layers and runs."""
    found: dict[str, set[str]] = {
        name: set() for (name,) in conn.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")
    }
    ours = [name for name, _ in _all_tables()]
    for name in (*ours, *(f"{one}_history" for one in LAYERS)):
        if name in found:
            found[name] = {row[1] for row in conn.execute(f'PRAGMA main.table_info("{name}")')}
    return found


def steps(tables_present: Present, done: Collection[str]) -> list[Step]:
    """Return the missing steps of a file, in order.

    Parameters
    ----------
    tables_present
        Its tables with their columns.
    done
        The days whose steps it has. What was declared on such a day after the step was done is added too.
    """
    found = []
    own = _own_columns(tables_present, done)
    for day in DAYS:
        tables = tuple(name for name, _ in _all_tables() if day_of_table(name) == day and name not in own)
        columns = {name: _lacking(one, own, day) for name, one in _all_tables() if name in own}
        columns = {name: names for name, names in columns.items() if names}
        renamed = {name: _renamed(tables_present, own, name, names) for name, names in columns.items()}
        renamed = {name: names for name, names in renamed.items() if names}
        by_hand = None if day in done else STRUCTURE.get(day)
        if day not in done or tables or columns:
            found.append(Step(day, tables, columns, renamed, by_hand))
    return found


def stand_ins(tables_present: Present, done: Collection[str]) -> list[str]:
    """Return the statements that make missing tables and columns readable on a connection, as null.

    Temporary views take precedence over tables of the same name, so queries are those of an up-to-date file. The
    arguments are those of ``steps``.
    """
    own = _own_columns(tables_present, done)
    statements = [sql for name, table in _all_tables() for sql in _stand_in(name, table, own)]
    lacking = [name for name in LAYERS if name not in own]
    if lacking:
        rows_without_changes = "".join(f" UNION ALL SELECT '{name}', 0, NULL, NULL" for name in lacking)
        kept = "SELECT layer, revision, changed_at, changed_by FROM main.gridsight_revisions"
        statements.append(f"CREATE TEMP VIEW gridsight_revisions AS {kept}{rows_without_changes}")
    if schema.CALENDAR_DAY not in done:
        added = ", ".join(f"'' AS {one}" for one in schema.RUN_COLUMNS_ADDED)
        statements.append(f"CREATE TEMP VIEW runs AS SELECT *, {added} FROM main.runs")
    return statements


def _all_tables() -> Iterator[tuple[str, Table]]:
    yield from LAYER_TABLES.items()
    yield from STORED_RUN_TABLES.items()


def _own_columns(tables_present: Present, done: Collection[str]) -> dict[str, set[str]]:
    """Return the tables of layers and runs with their columns, without what only bears a name of a day not yet done.

    Somebody may have added a column in QGIS, or a layer, whose name a later day takes: it is not ours. SQLite
    distinguishes no case.
    """
    lowered = {name.lower(): {one.lower() for one in columns} for name, columns in tables_present.items()}
    ready = {FIRST_DAY, *done}
    own = {}
    for name, table in _all_tables():
        if name not in lowered or day_of_table(name) not in ready:
            continue
        later = {one for one, _ in table.columns if day_of_column(name, one) not in ready}
        for one in (name, f"{name}_history"):
            if one in lowered:
                own[one] = lowered[one] - later
    return own


def _lacking(table: Table, own: Mapping[str, Collection[str]], day: str) -> tuple[str, ...]:
    """Return the columns of a day that a table, or its history, lacks."""
    names = [name for name, _ in table.columns if day_of_column(table.name, name) == day]
    parts = [own[one] for one in (table.name, f"{table.name}_history") if one in own]
    return tuple(name for name in names if any(name not in part for part in parts))


def _renamed(
    tables_present: Present, own: Mapping[str, Collection[str]], table: str, names: Collection[str]
) -> dict[str, str]:
    """Return the columns of a table that are the user's and have one of these names -> new names for them."""
    taken = {one.lower() for one in (*tables_present[table], *names)}
    out = {}
    for one in sorted(tables_present[table]):
        if one.lower() in names and one.lower() not in own[table]:
            out[one] = next(new for k in count(1) if (new := f"{one}_{k}").lower() not in taken)
            taken.add(out[one].lower())
    return out


def _require_free_names(conn: sqlite3.Connection, path: Path, missing_steps: Collection[Step]) -> None:
    """Raise StoreBroken where a table, view or identifier of the user has the name of a table of these steps."""
    kinds = "('table', 'view')"
    there = {name.lower() for (name,) in conn.execute(f"SELECT name FROM main.sqlite_master WHERE type IN {kinds}")}
    there |= {one.lower() for (one,) in conn.execute("SELECT identifier FROM gpkg_contents WHERE identifier NOT NULL")}
    made = [sql for step in missing_steps for name in step.tables for sql, _ in _table_statements(name, DAYS)]
    for name in (found[1] for sql in made if (found := _MADE.match(sql))):
        if name in there:
            raise StoreBroken(
                f"工作区 {path} 里已有名为 {name} 的图层、表或视图，与本版本新增的同名：请先给它改名，再打开",
                f"the workspace {path} has a layer, table or view of its own named {name}, which this version adds: "
                f"rename it first",
            )


def _apply(conn: sqlite3.Connection, step: Step, done: Collection[str], time_zone: str) -> None:
    days = {*done, step.day}
    for name in step.tables:
        for sql, values in _table_statements(name, days):
            conn.execute(sql, values)
    for sql, values in style_rows(step.tables):
        conn.execute(sql, values)
    for name, renamed in step.renamed.items():
        for old, new in renamed.items():
            conn.execute(f'ALTER TABLE "{name}" RENAME COLUMN {_quoted(old)} TO {_quoted(new)}')
    for name, columns in step.columns.items():
        _add_columns(conn, name, columns, days)
    if step.by_hand is not None:
        step.by_hand.apply(conn)
    if step.day == schema.CALENDAR_DAY:
        for sql, values in schema.calendar_statements(time_zone):
            conn.execute(sql, values)
    for key, value in schema.version_values(days):
        conn.execute("INSERT OR REPLACE INTO gridsight_meta VALUES (?, ?)", (key, value))


def _table_statements(name: str, days: Collection[str]) -> Iterator[schema.SqlStatement]:
    """Yield the statements that make a table as it is to be after the steps of some days."""
    if name not in LAYERS:
        return schema.run_statements(name)
    return schema.layer_statements(schema.layer_as_of(LAYERS[name], days))


def _add_columns(conn: sqlite3.Connection, name: str, columns: Collection[str], days: Collection[str]) -> None:
    """Add columns to a table, and to the history of a layer, whose triggers list every column of the days done."""
    is_layer = name in LAYERS
    kinds = dict((LAYER_TABLES if is_layer else STORED_RUN_TABLES)[name].columns)
    for table in (name, f"{name}_history") if is_layer else (name,):
        there = {row[1].lower() for row in conn.execute(f'PRAGMA main.table_info("{table}")')}
        for column in (one for one in columns if one not in there):
            conn.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {schema.SQL_TYPE[kinds[column]]}')
    if is_layer:
        _renew_triggers(conn, schema.layer_as_of(LAYERS[name], days))


def _renew_triggers(conn: sqlite3.Connection, layer: Layer) -> None:
    for trigger in schema.HISTORY_TRIGGERS:
        conn.execute(f'DROP TRIGGER IF EXISTS "{layer.name}_history_{trigger}"')
    for sql in schema.history_triggers(layer):
        conn.execute(sql)


def _stand_in(name: str, table: Table, own: Mapping[str, Collection[str]]) -> Iterator[str]:
    columns = [one for one, _ in table.columns]
    tables = {name: ["fid", "geom", *columns]}
    if name in LAYERS:
        tables[f"{name}_history"] = ["hid", "fid", "geom", *columns, *HISTORY_COLUMNS]
    for one, wanted in tables.items():
        found = own.get(one)
        if found is None:
            yield f'CREATE TEMP VIEW "{one}" AS SELECT {_nulls(wanted)} WHERE 0'
        elif not set(wanted) <= set(found):
            listed = ", ".join(f'"{column}"' if column in found else f'NULL AS "{column}"' for column in wanted)
            yield f'CREATE TEMP VIEW "{one}" AS SELECT {listed} FROM main."{one}"'
    if name not in own:
        index = f"rtree_{name}_geom"
        yield f'CREATE TEMP VIEW "{index}" AS SELECT {_nulls(["id", "minx", "maxx", "miny", "maxy"])} WHERE 0'
        # An index without entries: a root node of depth 0 and no cells.
        yield f"CREATE TEMP VIEW \"{index}_node\" AS SELECT 1 AS nodeno, x'00000000' AS data"


def _quoted(name: str) -> str:
    """Return a name that somebody else chose, as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _nulls(columns: Collection[str]) -> str:
    return ", ".join(f'NULL AS "{one}"' for one in columns)
