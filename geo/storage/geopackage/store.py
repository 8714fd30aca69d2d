"""Store a workspace in one GeoPackage file that QGIS and GDAL can open and edit (docs/contract.md section 4).

The file is written by sqlite3 only, each import, run and edit in one ``BEGIN IMMEDIATE ... COMMIT``, in WAL mode:
readers such as QGIS can read at the same time, and a process killed at any moment leaves all of a change or none of it.
The file is never replaced or overwritten by a copy.
"""

from __future__ import annotations

import copy
import hashlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.catalog.base_maps import BaseMap, readable
from geo.catalog.layers import layer as layer_named
from geo.catalog.options import IMPORT_MODES
from geo.errors import BadValue, NotAllowed, StoreBroken, UnknownName
from geo.storage.base_map_rows import PREFIX, added_row, removed_row
from geo.storage.codec.scheduling import edit_before_scheduled, is_ahead_of, without_scheduled
from geo.storage.filters import selects
from geo.storage.geopackage import (
    connections,
    drafts,
    grid_drafts,
    job_files,
    jobs,
    runs,
    schema,
    upgrades,
    workspace_files,
    writes,
)
from geo.storage.protocol import At, Bbox, Feature, Store, Where, WriteMode
from geo.storage.records import (
    LOCAL,
    AuditEntry,
    Caller,
    Draft,
    GridDraft,
    Job,
    JobFile,
    LayerHistory,
    PublishedRun,
    StoredRun,
    VersionEnd,
    WriteCounts,
)
from geo.storage.run_names import PREFIX as RUN_NAME
from geo.storage.run_names import RunName, checked_name, name_text, names_in
from geo.storage.time_zones import DEFAULT_TIME_ZONE, checked_time_zone, today_in
from geo.types import RowChanges, Run

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

#: How long a writer waits for another program before StoreBusy.
BUSY_SECONDS = 5.0


class GeoPackageStore:
    """A store in one GeoPackage file: an implementation of ``protocol.Store``, which describes the methods.

    All methods may be called from several threads at once: each call takes a connection from a pool, and
    ``transaction`` keeps one for the thread that opens it. SQLite allows one writer at a time; a second one waits up to
    ``busy_seconds``, then gets StoreBusy. Do not use an open store after a fork.

    Parameters
    ----------
    path
        The workspace file, which must exist; ``open_store`` creates and checks it.
    busy_seconds
        How long a writer waits for another one.
    today
        Returns the day of ``at=None`` and the date of changes; None for the day in the time zone of the file.
    time_zone
        The time zone of a file that names none, because it is of an earlier version and cannot be written.
    is_read_only
        As ``connections.ConnectionPool``.
    upgraded
        What was done to the file when it was opened, as ``中文 / English``.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_seconds: float = BUSY_SECONDS,
        today: Callable[[], date] | None = None,
        time_zone: str = DEFAULT_TIME_ZONE,
        is_read_only: bool = False,
        upgraded: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.upgraded = tuple(upgraded)
        self._clock = today
        self._default_time_zone = time_zone
        self._pool = connections.ConnectionPool(
            path,
            busy_seconds=busy_seconds,
            is_read_only=is_read_only,
            stand_ins=workspace_files.stand_ins,
            check_replaced=partial(workspace_files.upgrade_file, busy_seconds=BUSY_SECONDS),
        )
        self._caller = LOCAL
        self._is_owner = True

    @property
    def name(self) -> str:
        """Return the path as it was given."""
        return str(self.path)

    def __enter__(self) -> GeoPackageStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def today(self) -> date:
        """Return the day that it is in the time zone of the file."""
        return today_in(self.time_zone()) if self._clock is None else self._clock()

    def time_zone(self) -> str:
        """Return the time zone of the file."""
        with self._pool.reading() as conn:
            return _meta(conn, "time_zone") or self._default_time_zone

    def set_time_zone(self, name: str) -> None:
        """Set the time zone, also for programs that edit the file: see ``protocol.Store.set_time_zone``."""
        checked_time_zone(name)
        with self._pool.writing() as conn:
            for sql, values in schema.calendar_statements(name):
                conn.execute(sql, values)

    def run_names(self) -> dict[str, RunName]:
        """Return the names of runs: see ``protocol.Store.run_names``."""
        with self._pool.reading() as conn:
            sql = "SELECT key, value FROM gridsight_meta WHERE key GLOB ?"
            return names_in(conn.execute(sql, (f"{RUN_NAME}*",)).fetchall())

    def name_run(self, run_id: str, given: RunName) -> None:
        """Name a run: see ``protocol.Store.name_run``."""
        found = checked_name(given, self._caller)
        key = RUN_NAME + self.run(run_id, layers=[]).id
        with self._pool.writing() as conn:
            conn.execute("DELETE FROM gridsight_meta WHERE key = ?", (key,))
            if found.name or found.note:
                conn.execute("INSERT INTO gridsight_meta VALUES (?, ?)", (key, name_text(found)))

    def base_maps(self) -> list[BaseMap]:
        """Return the base maps of the file: see ``protocol.Store.base_maps``."""
        with self._pool.reading() as conn:
            return readable([text for _, text in _base_map_rows(conn)])

    def save_base_map(self, base: BaseMap) -> None:
        """Save a new base map: see ``protocol.Store.save_base_map``."""
        with self._pool.writing() as conn:
            row = added_row(base, dict(_base_map_rows(conn)), self._caller)
            conn.execute("INSERT INTO gridsight_meta VALUES (?, ?)", row)

    def remove_base_map(self, name: str) -> None:
        """Remove a base map: see ``protocol.Store.remove_base_map``."""
        with self._pool.writing() as conn:
            key = removed_row(name, dict(_base_map_rows(conn)), self._caller)
            conn.execute("DELETE FROM gridsight_meta WHERE key = ?", (key,))

    def epoch(self) -> str:
        """Return the epoch: of the file's own mark and of which file it is, as a copy put in its place has the mark."""
        with self._pool.reading() as conn:
            parts = (_meta(conn, "epoch"), *connections.file_identity(self.path))
        return hashlib.sha256(".".join(map(str, parts)).encode()).hexdigest()[:12]

    def read(
        self,
        layer: str,
        *,
        bbox: Bbox | None = None,
        where: Where | None = None,
        at: At = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> gpd.GeoDataFrame:
        """Return rows of a layer, sorted by key: see ``protocol.Store.read``."""
        from geo.storage.codec.frames import frame_from_rows

        one = layer_named(layer)
        statement = selects.select(one, today=self.today(), bbox=bbox, where=where, at=at, after=after, limit=limit)
        with self._pool.reading() as conn:
            rows = conn.execute(statement.sql, statement.params).fetchall()
        return frame_from_rows(rows, one)

    def rows(
        self,
        layer: str,
        *,
        bbox: Bbox | None = None,
        where: Where | None = None,
        at: At = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
        """Return rows as shapes and plain values: see ``protocol.Store.rows``."""
        from geo.storage.codec.frames import values_from_rows

        one = layer_named(layer)
        statement = selects.select(one, today=self.today(), bbox=bbox, where=where, at=at, after=after, limit=limit)
        with self._pool.reading() as conn:
            rows = conn.execute(statement.sql, statement.params).fetchall()
        return values_from_rows(rows, one)

    def count(self, layer: str, *, bbox: Bbox | None = None, where: Where | None = None, at: At = None) -> int:
        """Return how many rows ``read`` would return without a limit."""
        statement = selects.count(layer_named(layer), today=self.today(), bbox=bbox, where=where, at=at)
        with self._pool.reading() as conn:
            return int(conn.execute(statement.sql, statement.params).fetchone()[0])

    def extent(self, layer: str) -> Bbox | None:
        """Return the bounding box of all current rows in degrees; None where there are none."""
        one = layer_named(layer)
        with self._pool.reading() as conn:
            return writes.extent(conn, one)

    def get(self, layer: str, key: str, at: At = None) -> tuple[dict[str, Any], int]:
        """Return one feature with its version: see ``protocol.Store.get``."""
        from geo.storage.codec.frames import feature_from_row

        one = layer_named(layer)
        wanted = ("version", "geom", *one.names)
        statement = selects.select(one, today=self.today(), at=at, key=key, columns=wanted)
        with self._pool.reading() as conn:
            row = conn.execute(statement.sql, statement.params).fetchone()
            if row is None:
                raise writes.no_such_row_error(one, key)
            version = row[0] if row[0] is not None else writes.version_of(conn, one, key)
        return feature_from_row(row[1:], one), int(version or 1)

    def current(self, layer: str, key: str) -> tuple[dict[str, Any], int]:
        """Return the row that ``put`` and ``delete`` change, with its version: see ``protocol.Store.current``."""
        from geo.storage.codec.frames import feature_from_row

        one = layer_named(layer)
        statement = selects.current(one, key, columns=("version", "geom", *one.names))
        with self._pool.reading() as conn:
            row = conn.execute(statement.sql, statement.params).fetchone()
            if row is None:
                raise writes.no_such_row_error(one, key)
            return feature_from_row(row[1:], one), int(writes.version_of(conn, one, key) or 1)

    def write(
        self, layer: str, frame: gpd.GeoDataFrame, mode: WriteMode, *, actor: str, outdated: Collection[str] = ()
    ) -> WriteCounts:
        """Write a whole frame in one transaction: see ``protocol.Store.write``."""
        from geo.storage.codec.rows import rows_from_frame

        one = layer_named(layer)
        if mode not in IMPORT_MODES:
            raise UnknownName(f"没有写入方式 {mode}", f"no mode {mode}; there are: {', '.join(IMPORT_MODES)}")
        rows = rows_from_frame(frame, one)
        today = self.today()
        with self._writing_as(actor) as conn:
            return writes.write(conn, one, rows, mode, actor=actor, today=today, outdated=outdated)

    def compare(
        self, layer: str, frame: gpd.GeoDataFrame, mode: WriteMode, *, outdated: Collection[str] = ()
    ) -> RowChanges:
        """Return what ``write`` would do, and write nothing: see ``protocol.Store.compare``."""
        from geo.storage.codec.rows import rows_from_frame

        one = layer_named(layer)
        rows = rows_from_frame(frame, one)
        today = self.today()
        with self._pool.writing() as conn:
            return writes.compare(conn, one, rows, mode, today=today, outdated=outdated)

    def put(self, layer: str, key: str, feature: Feature, *, if_version: int | None, actor: str) -> int:
        """Create or replace one feature and return its version: see ``protocol.Store.put``."""
        from geo.storage.codec.rows import row_from_feature

        one = layer_named(layer)
        rows = row_from_feature(feature, one, key)
        today = self.today()
        with self._writing_as(actor) as conn:
            stored = writes.version_of(conn, one, key)
            if if_version and stored and if_version != stored and is_ahead_of(self, layer, key, if_version):
                before, scheduled = self.get(layer, key)[0], self.current(layer, key)[0]
                made = [
                    writes.put(conn, one, row_from_feature(part, one, key), if_version=None, actor=actor, today=today)
                    for part in edit_before_scheduled(feature, before, scheduled, today)
                ]
                return made[0]
            return writes.put(conn, one, rows, if_version=if_version, actor=actor, today=today)

    def delete(self, layer: str, key: str, *, if_version: int | None, actor: str) -> None:
        """Delete one feature: see ``protocol.Store.delete``."""
        from geo.storage.codec.rows import row_from_feature

        one = layer_named(layer)
        today = self.today()
        with self._writing_as(actor) as conn:
            stored = writes.version_of(conn, one, key)
            if if_version and stored and is_ahead_of(self, layer, key, None if if_version == stored else if_version):
                if if_version == stored:
                    kept = without_scheduled(self.get(layer, key)[0], self.current(layer, key)[0], today)
                    writes.put(conn, one, row_from_feature(kept, one, key), if_version=None, actor=actor, today=today)
                    return
                if_version = stored
            writes.delete(conn, one, key, if_version=if_version, actor=actor)

    def save_run(self, run: Run) -> None:
        """Save a run with its layers in one transaction: see ``protocol.Store.save_run``."""
        with self._pool.writing() as conn:
            runs.save(conn, run, self._caller)

    def runs(self) -> list[Run]:
        """Return the runs that the caller may know of, newest first: see ``protocol.Store.runs``."""
        with self._pool.reading() as conn:
            return runs.listed(conn, self._caller)

    def run(self, run_id: str, *, layers: Sequence[str] | None = None, incidence: bool = False) -> Run:
        """Return one run by id, or the ``latest``: see ``protocol.Store.run``."""
        with self._pool.reading() as conn:
            return runs.load(conn, run_id, self._caller, layers=layers, incidence=incidence)

    def run_rows(self, run_id: str, layer: str) -> list[dict[str, Any]]:
        """Return the rows of one layer of a run as plain values: see ``protocol.Store.run_rows``."""
        with self._pool.reading() as conn:
            return runs.plain_rows(conn, run_id, self._caller, layer)

    def published(self) -> PublishedRun:
        """Return which run is published: see ``protocol.Store.published``."""
        with self._pool.reading() as conn:
            return runs.there(conn, self._caller).shown()

    def publish(self, run_id: str) -> str:
        """Publish a run and return its id: see ``protocol.Store.publish``."""
        if self._caller.role != "admin":
            raise NotAllowed("发布批次需要角色 admin", "publishing a run needs the role admin")
        with self._pool.writing() as conn:
            return runs.publish(conn, run_id, self._caller)

    def delete_run(self, run_id: str) -> None:
        """Delete a run and all its layers; raise NotFound where there is none."""
        with self._pool.writing() as conn:
            runs.remove(conn, run_id)
            conn.execute("DELETE FROM gridsight_meta WHERE key = ?", (RUN_NAME + run_id,))

    def state(self, layer: str, *more: str) -> str:
        """Return a text that names the state of layers: see ``protocol.Store.state``."""
        names = sorted({layer_named(one).name for one in (layer, *more)})
        listed = ", ".join("?" * len(names))
        sql = f"SELECT revision, changed_at FROM gridsight_revisions WHERE layer IN ({listed}) ORDER BY layer"  # noqa: S608
        with self._pool.reading() as conn:
            rows = conn.execute(sql, names).fetchall()
            return ".".join([self.epoch(), *(f"{number}-{changed_at or ''}" for number, changed_at in rows)])

    def revision(self, layer: str, *more: str) -> int:
        """Return a number that grows with every committed change of the layer, or of any of several."""
        names = [layer_named(one).name for one in (layer, *more)]
        sql = f"SELECT sum(revision) FROM gridsight_revisions WHERE layer IN ({', '.join('?' * len(names))})"  # noqa: S608
        with self._pool.reading() as conn:
            return int(conn.execute(sql, names).fetchone()[0])

    def last_writer(self, layer: str) -> str | None:
        """Return the name of who changed a layer last, ``external`` for another program; None where nobody did."""
        sql = "SELECT changed_by FROM gridsight_revisions WHERE layer = ?"
        with self._pool.reading() as conn:
            found = conn.execute(sql, (layer_named(layer).name,)).fetchone()[0]
        return None if found is None else str(found)

    def transaction(self) -> AbstractContextManager[None]:
        """Run everything that this thread does within it in one transaction: all of it or nothing."""
        return self._pool.transaction()

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one state of the file throughout, for this thread; a write within raises BadValue."""
        return self._pool.snapshot()

    def acting(self, caller: Caller) -> GeoPackageStore:
        """Return this store for one caller, sharing connections; only actor name and listed jobs differ."""
        other = copy.copy(self)
        other._caller, other._is_owner = caller, False
        return other

    def record(self, entry: AuditEntry) -> None:
        """Do nothing: the embedded mode has no audit."""

    def audit(self, *, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:  # noqa: ARG002
        """Raise BadValue: the embedded mode has no audit."""
        raise BadValue("工作区不保存审计记录", "a workspace keeps no audit")

    def save_job(self, job: Job) -> None:
        """Save a job, new or known by its id."""
        with self._pool.writing() as conn:
            jobs.save(conn, job)

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return jobs, newest first: see ``protocol.Store.jobs``."""
        with self._pool.reading() as conn:
            return jobs.listed(conn, self._caller, selects.checked_limit(limit))

    def count_open_jobs(self) -> tuple[int, int]:
        """Return how many jobs wait or run, own and all: see ``protocol.Store.count_open_jobs``."""
        with self._pool.writing() as conn:
            return jobs.count_open(conn, self._caller)

    def job(self, job_id: str) -> Job:
        """Return one job; raise NotFound where it does not exist or belongs to another caller."""
        with self._pool.reading() as conn:
            return jobs.load(conn, self._caller, job_id)

    def save_job_file(self, file: JobFile) -> None:
        """Save the file that a job made: see ``protocol.Store.save_job_file``."""
        with self._pool.writing() as conn:
            job_files.save(conn, self._caller, file)

    def job_file(self, job_id: str) -> JobFile:
        """Return the file of a job: see ``protocol.Store.job_file``."""
        with self._pool.reading() as conn:
            return job_files.load(conn, self._caller, job_id)

    def delete_job_file(self, job_id: str) -> None:
        """Delete the file of a job: see ``protocol.Store.delete_job_file``."""
        with self._pool.writing() as conn:
            job_files.remove(conn, self._caller, job_id)

    def delete_job_files(self, *, before: str) -> int:
        """Delete the files made before a moment: see ``protocol.Store.delete_job_files``."""
        with self._pool.writing() as conn:
            return job_files.remove_older(conn, before)

    def drafts(self) -> list[Draft]:
        """Return the drafts that the caller may see, newest first."""
        with self._pool.reading() as conn:
            return drafts.listed(conn)

    def draft(self, draft_id: str) -> Draft:
        """Return one draft; raise NotFound where there is none for the caller."""
        with self._pool.reading() as conn:
            return drafts.load(conn, draft_id)

    def save_draft(self, draft: Draft, *, if_version: int) -> None:
        """Save a draft with its version: see ``protocol.Store.save_draft``."""
        with self._pool.writing() as conn:
            drafts.save(conn, draft, if_version)

    def delete_draft(self, draft_id: str, *, if_version: int) -> None:
        """Delete a draft: see ``protocol.Store.delete_draft``."""
        with self._pool.writing() as conn:
            drafts.remove(conn, draft_id, if_version)

    def grid_drafts(self) -> list[GridDraft]:
        """Return the drafts of changes of grids that the caller may see, newest first."""
        with self._pool.reading() as conn:
            return grid_drafts.listed(conn)

    def grid_draft(self, draft_id: str) -> GridDraft:
        """Return one draft of grids; raise NotFound where there is none for the caller."""
        with self._pool.reading() as conn:
            return grid_drafts.load(conn, draft_id)

    def save_grid_draft(self, draft: GridDraft, *, if_version: int) -> None:
        """Save a draft of changes of grids with its version: see ``protocol.Store.save_grid_draft``."""
        with self._pool.writing() as conn:
            grid_drafts.save(conn, draft, if_version, self._caller)

    def enders(self, layer: str, key: str) -> list[VersionEnd]:
        """Return when and by whom past versions of a row were ended: see ``protocol.Store.enders``."""
        from geo.storage.geopackage.layer_history import ends_of

        one = layer_named(layer)
        with self._pool.reading() as conn:
            return ends_of(conn, one, key)

    def versions(self, layer: str) -> LayerHistory:
        """Return all of a layer as stored, with its history."""
        from geo.storage.geopackage.layer_history import export_layer

        one = layer_named(layer)
        with self._pool.reading() as conn:
            return export_layer(conn, one)

    def restore(self, layer: str, versions: LayerHistory) -> None:
        """Fill an empty layer with the result of ``versions``, bit-identical; raise Conflict where it is not empty."""
        from geo.storage.geopackage.layer_history import import_layer

        one = layer_named(layer)
        with self._writing_as(self._caller.name) as conn:
            import_layer(conn, one, versions)

    def stored_run(self, run_id: str) -> StoredRun:
        """Return a run as stored; raise NotFound where there is none."""
        with self._pool.reading() as conn:
            return runs.export_run(conn, run_id, self._caller)

    def restore_run(self, stored: StoredRun) -> None:
        """Save the result of ``stored_run``, bit-identical; raise Conflict where the id exists."""
        with self._pool.writing() as conn:
            runs.import_run(conn, stored)

    def close(self) -> None:
        """Close the connections; idempotent, and without effect on a store from ``acting``."""
        if self._is_owner:
            self._pool.close()

    @contextmanager
    def _writing_as(self, actor: str) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction whose actor is set for the triggers."""
        if not actor or not isinstance(actor, str):
            raise BadValue("写入需要操作者名称", "a write needs the name of its actor")
        with self._pool.writing() as conn, writes.writing_as(conn, actor, self.today()):
            yield conn


if TYPE_CHECKING:

    def _is_store(store: GeoPackageStore) -> Store:
        return store


def open_store(
    path: Path | str,
    *,
    create: bool = True,
    busy_seconds: float = BUSY_SECONDS,
    today: Callable[[], date] | None = None,
    time_zone: str = DEFAULT_TIME_ZONE,
) -> GeoPackageStore:
    """Open a workspace file, or create an empty one; a file of an earlier version is upgraded first.

    Parameters
    ----------
    path
        The file. An empty file, or one without tables, counts as absent.
    create
        Whether to create the file and its folder where it is absent.
    busy_seconds, today
        As ``GeoPackageStore``.
    time_zone
        The time zone of a file that is created here, or that is upgraded from a version without one.

    Raises
    ------
    StoreBroken
        The file is absent and not to be created, is not a GeoPackage, is a GeoPackage of another program (its tables
        are listed), lacks a table, or was created by a newer version of this project. A file that cannot be written is
        read as it is, whatever earlier version it has.
    StoreBusy
        Another program is writing to a file that has to be created.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     store.count("cameras"), store.runs()
    (0, [])
    >>> folder.cleanup()
    """
    path = Path(path)
    checked_time_zone(time_zone)
    if not path.exists():
        if not create:
            raise StoreBroken(f"工作区 {path} 不存在", f"there is no workspace {path}")
        workspace_files.create_file(path)
    try:
        locked = connections.is_read_only(path)
        found = workspace_files.columns_of(path)
        if not found and create and not locked:
            workspace_files.create_tables(path, busy_seconds, time_zone)
            found = workspace_files.columns_of(path)
        done = workspace_files.checked_days(path, found)
        is_behind = bool(upgrades.steps(found, done)) and not locked
        upgraded = upgrades.upgrade(path, busy_seconds=busy_seconds, time_zone=time_zone) if is_behind else []
    except sqlite3.Error as error:
        raise connections.translated_error(error, path) from error
    return GeoPackageStore(
        path,
        busy_seconds=busy_seconds,
        today=today,
        time_zone=time_zone,
        is_read_only=locked,
        upgraded=upgraded,
    )


def _meta(conn: sqlite3.Connection, key: str) -> str:
    """Return a value of ``gridsight_meta``, empty where there is none."""
    found = conn.execute("SELECT value FROM gridsight_meta WHERE key = ?", (key,)).fetchone()
    return str(found[0]) if found else ""


def _base_map_rows(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    return conn.execute("SELECT key, value FROM gridsight_meta WHERE key GLOB ?", (f"{PREFIX}*",)).fetchall()
