"""Store layers and runs in PostGIS (server mode): an implementation of ``protocol.Store``, which describes the methods.

Each call is one transaction that takes the caller's role and townships, so that the database enforces rights: rows out
of scope are invisible to every query (docs/contract.md section 5).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import psycopg
import sqlalchemy as sa

from geo.catalog.base_maps import BaseMap, readable
from geo.catalog.layers import layer as layer_named
from geo.catalog.options import IMPORT_MODES
from geo.errors import BadValue, NotAllowed, StoreBroken, UnknownName
from geo.storage.base_map_rows import PREFIX, added_row, removed_row
from geo.storage.codec.frames import feature_from_row, frame_from_rows, values_from_rows
from geo.storage.codec.rows import row_from_feature, rows_from_frame
from geo.storage.codec.run_rows import run_to_rows
from geo.storage.codec.scheduling import edit_before_scheduled, is_ahead_of, without_scheduled
from geo.storage.filters import selects
from geo.storage.postgis import audit, drafts, grid_drafts, job_files, jobs, runs, writes
from geo.storage.postgis.connections import Connection, ConnectionPool
from geo.storage.postgis.layer_history import ends_of, export_layer, import_layer
from geo.storage.postgis.maintenance import newest, require_not_newer
from geo.storage.postgis.tables import SCHEMA
from geo.storage.postgis.urls import connect_seconds, engine_url, libpq_url, url_without_password
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
from geo.storage.time_zones import checked_time_zone
from geo.types import RowChanges, Run

_CONNECT_SECONDS = 5
#: How long a call waits for a connection of the pool.
_POOL_SECONDS = 5.0


class PostgisStore:
    """A store in one PostGIS database, for one caller; ``acting`` returns it for another.

    All methods may be called from several threads at once. A transaction or snapshot belongs to the thread that opened
    it and to its caller: calls of the same thread for the same caller are part of it.

    Parameters
    ----------
    sessions
        The pool of connections.
    name
        The name of the store for messages.
    caller
        The principal that it acts for.
    """

    def __init__(self, pool: ConnectionPool, name: str, *, caller: Caller) -> None:
        self._pool = pool
        self._name = name
        self._caller = caller
        self._is_owner = True

    @property
    def name(self) -> str:
        """Return the URL without its password."""
        return self._name

    def __enter__(self) -> PostgisStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def today(self) -> date:
        """Return the day that it is by clock and time zone of the database."""
        return self._pool.today(self._caller)

    def known_day(self) -> date | None:
        """Return the day where no query is needed to tell it, None otherwise."""
        return self._pool.known_day()

    def time_zone(self) -> str:
        """Return the time zone of the database."""
        with self._reading() as conn:
            return str(conn.value("SELECT time_zone()"))

    def set_time_zone(self, name: str) -> None:
        """Set the time zone; other processes follow within a second: see ``protocol.Store.set_time_zone``."""
        checked_time_zone(name)
        with self._writing() as conn:
            _set(conn, "time_zone", name)
        self._pool.forget_day()

    def run_names(self) -> dict[str, RunName]:
        """Return the names of runs: see ``protocol.Store.run_names``."""
        with self._reading() as conn:
            sql = "SELECT name, value FROM settings WHERE starts_with(name, :prefix)"
            return names_in((str(name), str(value)) for name, value in conn.rows(sql, prefix=RUN_NAME))

    def name_run(self, run_id: str, given: RunName) -> None:
        """Name a run: see ``protocol.Store.name_run``."""
        found = checked_name(given, self._caller)
        key = RUN_NAME + self.run(run_id, layers=[]).id
        with self._writing() as conn:
            conn.change("DELETE FROM settings WHERE name = :name", name=key)
            if found.name or found.note:
                _set(conn, key, name_text(found))

    def base_maps(self) -> list[BaseMap]:
        """Return the base maps of the database: see ``protocol.Store.base_maps``."""
        with self._reading() as conn:
            return readable(list(_base_map_rows(conn).values()))

    def save_base_map(self, base: BaseMap) -> None:
        """Save a new base map: see ``protocol.Store.save_base_map``."""
        with self._writing() as conn:
            name, text = added_row(base, _base_map_rows(conn), self._caller)
            conn.change("INSERT INTO settings VALUES (:name, :value)", name=name, value=text)

    def remove_base_map(self, name: str) -> None:
        """Remove a base map: see ``protocol.Store.remove_base_map``."""
        with self._writing() as conn:
            key = removed_row(name, _base_map_rows(conn), self._caller)
            conn.change("DELETE FROM settings WHERE name = :name", name=key)

    def epoch(self) -> str:
        """Return the epoch of the database: see ``protocol.Store.epoch``."""
        with self._reading() as conn:
            return str(conn.value("SELECT epoch()"))

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
        one = layer_named(layer)
        statement = selects.select(
            one, today=self.today(), bbox=bbox, where=where, at=at, after=after, limit=limit, dialect="postgis"
        )
        with self._reading() as conn:
            rows = conn.rows(statement.sql, **statement.params)
        return frame_from_rows(rows, one, wkb=True)

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
        one = layer_named(layer)
        statement = selects.select(
            one, today=self.today(), bbox=bbox, where=where, at=at, after=after, limit=limit, dialect="postgis"
        )
        with self._reading() as conn:
            rows = conn.rows(statement.sql, **statement.params)
        return values_from_rows(rows, one, wkb=True)

    def count(self, layer: str, *, bbox: Bbox | None = None, where: Where | None = None, at: At = None) -> int:
        """Return how many rows ``read`` would return without a limit: those in the scope of the caller."""
        one = layer_named(layer)
        statement = selects.count(one, today=self.today(), bbox=bbox, where=where, at=at, dialect="postgis")
        with self._reading() as conn:
            return int(conn.value(statement.sql, **statement.params))

    def extent(self, layer: str) -> Bbox | None:
        """Return the bounding box of all current rows that the caller sees; None where there are none."""
        one = layer_named(layer)
        with self._reading() as conn:
            return writes.extent(conn, one)

    def get(self, layer: str, key: str, at: At = None) -> tuple[dict[str, Any], int]:
        """Return one feature with its version: see ``protocol.Store.get``."""
        one = layer_named(layer)
        wanted = ("version", "geom", *one.names)
        statement = selects.select(one, today=self.today(), at=at, key=key, columns=wanted, dialect="postgis")
        with self._reading() as conn:
            row = conn.row(statement.sql, **statement.params)
        if row is None:
            raise writes.no_such_row_error(one, key)
        return feature_from_row(row[1:], one, wkb=True), int(row[0])

    def current(self, layer: str, key: str) -> tuple[dict[str, Any], int]:
        """Return the row that ``put`` and ``delete`` change, with its version: see ``protocol.Store.current``."""
        one = layer_named(layer)
        statement = selects.current(one, key, columns=("version", "geom", *one.names), dialect="postgis")
        with self._reading() as conn:
            row = conn.row(statement.sql, **statement.params)
        if row is None:
            raise writes.no_such_row_error(one, key)
        return feature_from_row(row[1:], one, wkb=True), int(row[0])

    def write(
        self, layer: str, frame: gpd.GeoDataFrame, mode: WriteMode, *, actor: str, outdated: Collection[str] = ()
    ) -> WriteCounts:
        """Write a whole frame in one transaction: see ``protocol.Store.write``."""
        one = layer_named(layer)
        if mode not in IMPORT_MODES:
            raise UnknownName(f"没有写入方式 {mode}", f"no mode {mode}; there are: {', '.join(IMPORT_MODES)}")
        rows = rows_from_frame(frame, one)
        with self._writing() as conn, conn.as_actor(actor), conn.with_bulk_timeout():
            return writes.write(conn, one, rows, mode, outdated=outdated)

    def compare(
        self, layer: str, frame: gpd.GeoDataFrame, mode: WriteMode, *, outdated: Collection[str] = ()
    ) -> RowChanges:
        """Return what ``write`` would do, and write nothing: see ``protocol.Store.compare``."""
        one = layer_named(layer)
        rows = rows_from_frame(frame, one)
        with self._writing() as conn, conn.with_bulk_timeout():
            return writes.compare(conn, one, rows, mode, outdated=outdated)

    def put(self, layer: str, key: str, feature: Feature, *, if_version: int | None, actor: str) -> int:
        """Create or replace one feature and return its version: see ``protocol.Store.put``."""
        one = layer_named(layer)
        rows = row_from_feature(feature, one, key)
        with self._writing() as conn, conn.as_actor(actor):
            writes.lock(conn, one)
            stored = writes.version_of(conn, one, key)
            if if_version and stored and if_version != stored and is_ahead_of(self, layer, key, if_version):
                before, scheduled = self.get(layer, key)[0], self.current(layer, key)[0]
                made = [
                    writes.put(conn, one, row_from_feature(part, one, key), if_version=None)
                    for part in edit_before_scheduled(feature, before, scheduled, self.today())
                ]
                return made[0]
            return writes.put(conn, one, rows, if_version=if_version)

    def delete(self, layer: str, key: str, *, if_version: int | None, actor: str) -> None:
        """Delete one feature: see ``protocol.Store.delete``."""
        one = layer_named(layer)
        with self._writing() as conn, conn.as_actor(actor):
            writes.lock(conn, one)
            stored = writes.version_of(conn, one, key)
            if if_version and stored and is_ahead_of(self, layer, key, None if if_version == stored else if_version):
                if if_version == stored:
                    kept = without_scheduled(self.get(layer, key)[0], self.current(layer, key)[0], self.today())
                    writes.put(conn, one, row_from_feature(kept, one, key), if_version=None)
                    return
                if_version = stored
            writes.delete(conn, one, key, if_version=if_version)

    def save_run(self, run: Run) -> None:
        """Save a run with its layers in one transaction: see ``protocol.Store.save_run``."""
        stored = run_to_rows(run, self._caller)
        with self._writing() as conn, conn.with_bulk_timeout():
            runs.import_run(conn, stored)

    def runs(self) -> list[Run]:
        """Return the runs that the caller may know of, newest first: see ``protocol.Store.runs``."""
        with self._reading() as conn:
            return runs.listed(conn)

    def run(self, run_id: str, *, layers: Sequence[str] | None = None, incidence: bool = False) -> Run:
        """Return one run by id, or the ``latest``: see ``protocol.Store.run``.

        For a viewer, all layers of a run are its zone layers. A planner sees views, gaps and coverage of its
        townships; the camera of a gap is null where it is located in another one.

        Raises
        ------
        NotAllowed
            The role of the caller may not read a layer or the incidence model.
        """
        with self._reading() as conn:
            return runs.load(conn, run_id, layers=layers, incidence=incidence)

    def run_rows(self, run_id: str, layer: str) -> list[dict[str, Any]]:
        """Return the rows of one layer of a run that the caller may see: see ``protocol.Store.run_rows``."""
        with self._reading() as conn:
            return runs.plain_rows(conn, run_id, layer)

    def published(self) -> PublishedRun:
        """Return which run is published: see ``protocol.Store.published``."""
        with self._reading() as conn:
            return runs.there(conn).shown()

    def publish(self, run_id: str) -> str:
        """Publish a run and return its id: see ``protocol.Store.publish``."""
        if self._caller.role != "admin":
            raise NotAllowed("发布批次需要角色 admin", "publishing a run needs the role admin")
        with self._writing() as conn:
            found = runs.publish(conn, run_id)
            _set(conn, "published", found)
            return found

    def delete_run(self, run_id: str) -> None:
        """Delete a run and all its layers; raise NotFound where there is none."""
        with self._writing() as conn:
            runs.remove(conn, run_id)
            if self._caller.role == "admin":  # a planner may not write settings; its run's name is then of no run
                conn.change("DELETE FROM settings WHERE name = :name", name=RUN_NAME + run_id)

    def state(self, layer: str, *more: str) -> str:
        """Return a text that names the state of layers: see ``protocol.Store.state``."""
        names = [layer_named(one).name for one in (layer, *more)]
        with self._reading() as conn:
            return str(conn.value("SELECT state_of(VARIADIC CAST(:names AS text[]))", names=names))

    def revision(self, layer: str, *more: str) -> int:
        """Return a number that grows with every committed change of the layer, or of any of several."""
        names = [layer_named(one).name for one in (layer, *more)]
        with self._reading() as conn:
            return int(conn.value("SELECT sum(revision) FROM revisions WHERE layer = ANY(:names)", names=names))

    def transaction(self) -> AbstractContextManager[None]:
        """Run everything that this thread does within it in one transaction: all of it or nothing."""
        return self._pool.transaction(self._caller)

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one state of the store throughout, for this thread; a write within raises BadValue."""
        return self._pool.snapshot(self._caller)

    def acting(self, caller: Caller) -> PostgisStore:
        """Return this store for one caller, sharing connections; closing it does nothing."""
        other = copy.copy(self)
        other._caller, other._is_owner = caller, False
        return other

    def record(self, entry: AuditEntry) -> None:
        """Add an entry to the audit, in the current transaction or a new one."""
        with self._writing() as conn:
            audit.write(conn, entry)

    def audit(self, *, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return audit entries, newest first; raise NotAllowed unless the caller is an admin."""
        with self._reading() as conn:
            return audit.listed(conn, before=before, limit=selects.checked_limit(limit))

    def save_job(self, job: Job) -> None:
        """Save a job, new or known by its id."""
        with self._writing() as conn:
            jobs.save(conn, job)

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return jobs, newest first: see ``protocol.Store.jobs``."""
        with self._reading() as conn:
            return jobs.listed(conn, selects.checked_limit(limit))

    def count_open_jobs(self) -> tuple[int, int]:
        """Return how many jobs wait or run, own and all: see ``protocol.Store.count_open_jobs``."""
        with self._writing() as conn:
            return jobs.count_open(conn)

    def job(self, job_id: str) -> Job:
        """Return one job; raise NotFound where it does not exist or belongs to another caller."""
        with self._reading() as conn:
            return jobs.load(conn, job_id)

    def save_job_file(self, file: JobFile) -> None:
        """Save the file that a job made: see ``protocol.Store.save_job_file``."""
        with self._pool.writing(self._caller) as conn:
            job_files.save(conn, file)

    def job_file(self, job_id: str) -> JobFile:
        """Return the file of a job: see ``protocol.Store.job_file``."""
        with self._pool.reading(self._caller) as conn:
            return job_files.load(conn, job_id)

    def delete_job_file(self, job_id: str) -> None:
        """Delete the file of a job: see ``protocol.Store.delete_job_file``."""
        with self._pool.writing(self._caller) as conn:
            job_files.remove(conn, job_id)

    def delete_job_files(self, *, before: str) -> int:
        """Delete the files made before a moment: see ``protocol.Store.delete_job_files``."""
        with self._pool.writing(self._caller) as conn:
            return job_files.remove_older(conn, before)

    def drafts(self) -> list[Draft]:
        """Return the drafts that the caller may see, newest first."""
        with self._reading() as conn:
            return drafts.listed(conn)

    def draft(self, draft_id: str) -> Draft:
        """Return one draft; raise NotFound where there is none for the caller."""
        with self._reading() as conn:
            return drafts.load(conn, draft_id)

    def save_draft(self, draft: Draft, *, if_version: int) -> None:
        """Save a draft with its version: see ``protocol.Store.save_draft``."""
        with self._writing() as conn:
            drafts.save(conn, draft, if_version)

    def delete_draft(self, draft_id: str, *, if_version: int) -> None:
        """Delete a draft: see ``protocol.Store.delete_draft``."""
        with self._writing() as conn:
            drafts.remove(conn, draft_id, if_version)

    def grid_drafts(self) -> list[GridDraft]:
        """Return the drafts of changes of grids that the caller may see, newest first."""
        with self._reading() as conn:
            return grid_drafts.listed(conn)

    def grid_draft(self, draft_id: str) -> GridDraft:
        """Return one draft of grids; raise NotFound where there is none for the caller."""
        with self._reading() as conn:
            return grid_drafts.load(conn, draft_id)

    def save_grid_draft(self, draft: GridDraft, *, if_version: int) -> None:
        """Save a draft of changes of grids with its version: see ``protocol.Store.save_grid_draft``."""
        with self._writing() as conn:
            grid_drafts.save(conn, draft, if_version, self._caller)

    def enders(self, layer: str, key: str) -> list[VersionEnd]:
        """Return when and by whom past versions of a row were ended: see ``protocol.Store.enders``."""
        one = layer_named(layer)
        with self._reading() as conn:
            return ends_of(conn, one, key)

    def versions(self, layer: str) -> LayerHistory:
        """Return all of a layer as stored, with its history."""
        one = layer_named(layer)
        with self._reading() as conn, conn.with_bulk_timeout():
            return export_layer(conn, one)

    def restore(self, layer: str, versions: LayerHistory) -> None:
        """Fill an empty layer with the result of ``versions``, bit-identical; raise Conflict where it is not empty."""
        one = layer_named(layer)
        with self._writing() as conn, conn.with_bulk_timeout():
            import_layer(conn, one, versions)

    def stored_run(self, run_id: str) -> StoredRun:
        """Return a run as stored; raise NotFound where there is none."""
        with self._reading() as conn:
            return runs.export_run(conn, run_id)

    def restore_run(self, stored: StoredRun) -> None:
        """Save the result of ``stored_run``, bit-identical; raise Conflict where the id exists."""
        with self._writing() as conn, conn.with_bulk_timeout():
            runs.import_run(conn, stored)

    def connections(self) -> tuple[int, int]:
        """Return the number of connections in use, and the maximum, for metrics."""
        return self._pool.in_use()

    def close(self) -> None:
        """Close the connections; idempotent, and without effect on a store from ``acting``."""
        if self._is_owner:
            self._pool.close()

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._pool.reading(self._caller)

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._pool.writing(self._caller)


def open_database(
    url: str,
    *,
    caller: Caller = LOCAL,
    pool_size: int = 8,
    statement_seconds: float = 30.0,
    today: Callable[[], date] | None = None,
) -> PostgisStore:
    """Open a migrated database.

    Parameters
    ----------
    url
        ``postgresql://LOGIN@HOST/DATABASE``: the login ``gridsight``, or an operator's.
    caller
        The principal that the store acts for.
    pool_size
        Maximum number of connections; a call that waits five seconds for one gets StoreBusy.
    statement_seconds
        Statement timeout, then StoreBusy; imports and runs may take longer.
    today
        Returns the day of ``at=None`` and the date of changes; None for the day in the time zone of the database.

    Raises
    ------
    StoreDown
        The server cannot be reached.
    StoreBroken
        The database was not migrated, or to an older or newer version than that of this program.
    """
    name = url_without_password(url)
    pool = ConnectionPool(_engine(url, pool_size), name, statement_seconds=statement_seconds, today=today)
    store = PostgisStore(pool, name, caller=caller)
    try:
        with pool.reading(caller) as conn:
            found = conn.value("SELECT version_num FROM alembic_version")
        needed = newest()
        if found != needed:
            require_not_newer(found, f"数据库 {name} ", f"the database {name}")
            raise StoreBroken(
                f"数据库 {name} 的版本是 {found}，本程序需要 {needed}；请运行 gridsight db upgrade",
                f"the database {name} is at version {found}, this program needs {needed}; run gridsight db upgrade",
            )
    except BadValue as error:  # the roles do not exist
        store.close()
        raise StoreBroken(
            f"数据库 {name} 尚未建表，请运行 gridsight db upgrade",
            f"the database {name} has no tables of this project yet; run gridsight db upgrade",
        ) from error
    except NotAllowed as error:
        store.close()
        raise StoreBroken(
            f"数据库 {name} 的登录账号不是 gridsight，也不是运维账号",
            f"the login of {name} is neither gridsight nor an operator's: it may not act for callers",
        ) from error
    except BaseException:
        store.close()
        raise
    return store


if TYPE_CHECKING:

    def _is_store(store: PostgisStore) -> Store:
        return store


def _set(conn: Connection, name: str, value: str) -> None:
    """Set a value of the table of settings."""
    conn.change(
        "INSERT INTO settings VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
        name=name, value=value,
    )  # fmt: skip


def _base_map_rows(conn: Connection) -> dict[str, str]:
    rows = conn.rows("SELECT name, value FROM settings WHERE starts_with(name, :prefix)", prefix=PREFIX)
    return {str(name): str(value) for name, value in rows}


def _engine(url: str, pool_size: int) -> sa.Engine:
    """Return the engine with its pool; connections use our schema and PostGIS, and ISO dates."""
    settings = {"search_path": f"{SCHEMA},public", "datestyle": "ISO", "timezone": "UTC", "jit": "off"}
    asked = str(psycopg.conninfo.conninfo_to_dict(libpq_url(url)).get("options", ""))
    return sa.create_engine(
        engine_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        pool_use_lifo=True,
        hide_parameters=True,  # of its messages, which end up in logs
        connect_args={
            "connect_timeout": connect_seconds(url, _CONNECT_SECONDS),
            "client_encoding": "utf8",
            "application_name": "gridsight",
            "options": " ".join([asked, *(f"-c {key}={one}" for key, one in settings.items())]),
            # A prepared statement keeps its plan when the role changes; each has to be planned for its caller.
            "prepare_threshold": None,
        },
    )
