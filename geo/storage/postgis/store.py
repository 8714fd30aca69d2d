"""Keep layers and runs in PostGIS for many users: an implementation of ``protocol.Store``, which tells the methods.

Each call is one transaction that takes the caller's role and townships, so rights are the database's own: a row out of
scope is not there, whatever a query says (CONTRACT section 5).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import sqlalchemy as sa

from geo.catalog.layers import layer as layer_named
from geo.errors import BadValue, NotAllowed, StoreBroken, UnknownName
from geo.storage.codec.rows import feature_of, frame_of, row_of, rows_of, values_of
from geo.storage.codec.run_rows import pack
from geo.storage.filters import selects
from geo.storage.postgis import jobs_and_audit, runs, writes
from geo.storage.postgis.connections import Connection, Sessions
from geo.storage.postgis.layer_history import put as put_versions
from geo.storage.postgis.layer_history import take as take_versions
from geo.storage.postgis.maintenance import newest
from geo.storage.postgis.tables import SCHEMA
from geo.storage.postgis.urls import engine_url, shown
from geo.storage.protocol import At, Bbox, Feature, Mode, Store, Where
from geo.storage.records import LOCAL, Caller, Deed, Job, StoredRun, Versions, WriteCounts
from geo.types import Run

_CONNECT_SECONDS = 5
#: How long a call waits for a free connection.
_POOL_SECONDS = 5.0


class PostgisStore:
    """Keep layers and runs in one PostGIS database, for one caller; ``acting`` gives the same for another.

    All methods may be called from any thread at once. A transaction or snapshot belongs to the thread that opened it
    and to its caller: calls of the same thread for the same caller are part of it.

    Parameters
    ----------
    sessions
        The connections.
    name
        How the store is shown to people.
    caller
        For whom it acts.
    today
        Tells the day that ``at=None`` stands for.
    """

    def __init__(self, sessions: Sessions, name: str, *, caller: Caller, today: Callable[[], date]) -> None:
        self._sessions = sessions
        self._name = name
        self._caller = caller
        self._today = today
        self._is_owner = True

    @property
    def name(self) -> str:
        """Return the URL without its password."""
        return self._name

    def __enter__(self) -> PostgisStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
        asked = selects.select(
            one, today=self._today(), bbox=bbox, where=where, at=at, after=after, limit=limit, dialect="postgis"
        )
        with self._reading() as conn:
            rows = conn.rows(asked.sql, **asked.params)
        return frame_of(rows, one, wkb=True)

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
        asked = selects.select(
            one, today=self._today(), bbox=bbox, where=where, at=at, after=after, limit=limit, dialect="postgis"
        )
        with self._reading() as conn:
            rows = conn.rows(asked.sql, **asked.params)
        return values_of(rows, one, wkb=True)

    def count(self, layer: str, *, bbox: Bbox | None = None, where: Where | None = None, at: At = None) -> int:
        """Return how many rows ``read`` would return without a limit: a caller's own rows alone."""
        one = layer_named(layer)
        asked = selects.count(one, today=self._today(), bbox=bbox, where=where, at=at, dialect="postgis")
        with self._reading() as conn:
            return int(conn.value(asked.sql, **asked.params))

    def extent(self, layer: str) -> Bbox | None:
        """Return the box of all current shapes that the caller sees; None where there are none."""
        one = layer_named(layer)
        with self._reading() as conn:
            return writes.extent(conn, one)

    def get(self, layer: str, key: str, at: At = None) -> tuple[dict[str, Any], int]:
        """Return one feature with its version: see ``protocol.Store.get``."""
        one = layer_named(layer)
        wanted = ("version", "geom", *one.names)
        asked = selects.select(one, today=self._today(), at=at, key=key, columns=wanted, dialect="postgis")
        with self._reading() as conn:
            row = conn.row(asked.sql, **asked.params)
        if row is None:
            raise writes.missing(one, key)
        return feature_of(row[1:], one, wkb=True), int(row[0])

    def write(self, layer: str, frame: gpd.GeoDataFrame, mode: Mode, *, actor: str) -> WriteCounts:
        """Write a whole frame in one transaction: see ``protocol.Store.write``."""
        one = layer_named(layer)
        if mode not in ("upsert", "replace", "append"):
            raise UnknownName(f"没有写入方式 {mode}", f"no mode {mode}; there are: upsert, replace, append")
        rows = rows_of(frame, one)
        with self._writing() as conn, conn.acting(actor), conn.unhurried():
            return writes.write(conn, one, rows, mode)

    def put(self, layer: str, key: str, feature: Feature, *, if_version: int | None, actor: str) -> int:
        """Create or replace one feature and return its version: see ``protocol.Store.put``."""
        one = layer_named(layer)
        rows = row_of(feature, one, key)
        with self._writing() as conn, conn.acting(actor):
            return writes.put(conn, one, rows, if_version=if_version)

    def delete(self, layer: str, key: str, *, if_version: int | None, actor: str) -> None:
        """Delete one feature: see ``protocol.Store.delete``."""
        one = layer_named(layer)
        with self._writing() as conn, conn.acting(actor):
            writes.delete(conn, one, key, if_version=if_version)

    def save_run(self, run: Run) -> None:
        """Save a run with its layers in one transaction: see ``protocol.Store.save_run``."""
        stored = pack(run)
        with self._writing() as conn, conn.unhurried():
            runs.put(conn, stored)

    def runs(self) -> list[Run]:
        """Return all runs, newest first, without layers and incidence."""
        with self._reading() as conn:
            return runs.listed(conn)

    def run(self, run_id: str, *, layers: Sequence[str] | None = None, incidence: bool = False) -> Run:
        """Return one run by id, or the ``latest``: see ``protocol.Store.run``.

        All layers of a run are, for a viewer, its zone layers. A planner sees views, gaps and coverage of its
        townships; the camera of a gap is null where it stands in another.

        Raises
        ------
        NotAllowed
            A layer, or the incidence model, that the caller's role may not see.
        """
        with self._reading() as conn:
            return runs.load(conn, run_id, layers=layers, incidence=incidence)

    def delete_run(self, run_id: str) -> None:
        """Delete a run and all its layers; raise NotFound where there is none."""
        with self._writing() as conn:
            runs.remove(conn, run_id)

    def revision(self, layer: str, *more: str) -> int:
        """Return a number that grows with every committed change of the layer, or of any of several."""
        names = [layer_named(one).name for one in (layer, *more)]
        with self._reading() as conn:
            return int(conn.value("SELECT sum(revision) FROM revisions WHERE layer = ANY(:names)", names=names))

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything this thread does within one transaction: all of it or nothing."""
        return self._sessions.transaction(self._caller)

    def snapshot(self) -> AbstractContextManager[None]:
        """Let everything this thread reads within see one state of the store; a write within raises BadValue."""
        return self._sessions.snapshot(self._caller)

    def acting(self, caller: Caller) -> PostgisStore:
        """Return this store as one caller may use it, sharing connections; closing it does nothing."""
        other = copy.copy(self)
        other._caller, other._is_owner = caller, False
        return other

    def record(self, deed: Deed) -> None:
        """Add a deed to the audit, in the transaction under way or one of its own."""
        with self._writing() as conn:
            jobs_and_audit.record(conn, deed)

    def audit(self, *, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return deeds, newest first; raise NotAllowed for any caller but an admin."""
        with self._reading() as conn:
            return jobs_and_audit.audit(conn, before=before, limit=selects.checked_limit(limit))

    def save_job(self, job: Job) -> None:
        """Save a job, new or known by its id."""
        with self._writing() as conn:
            jobs_and_audit.save_job(conn, job)

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return jobs, newest first: see ``protocol.Store.jobs``."""
        with self._reading() as conn:
            return jobs_and_audit.jobs(conn, selects.checked_limit(limit))

    def job(self, job_id: str) -> Job:
        """Return one job; raise NotFound where there is none, or it is another's."""
        with self._reading() as conn:
            return jobs_and_audit.job(conn, job_id)

    def versions(self, layer: str) -> Versions:
        """Return all of a layer, history included, as it is stored."""
        one = layer_named(layer)
        with self._reading() as conn, conn.unhurried():
            return take_versions(conn, one)

    def restore(self, layer: str, versions: Versions) -> None:
        """Fill an empty layer with what ``versions`` gave, bit for bit; raise Conflict where it is not empty."""
        one = layer_named(layer)
        with self._writing() as conn, conn.unhurried():
            put_versions(conn, one, versions)

    def stored_run(self, run_id: str) -> StoredRun:
        """Return a run as it is stored; raise NotFound where there is none."""
        with self._reading() as conn:
            return runs.take(conn, run_id)

    def restore_run(self, stored: StoredRun) -> None:
        """Save what ``stored_run`` gave, bit for bit; raise Conflict where the id is taken."""
        with self._writing() as conn, conn.unhurried():
            runs.put(conn, stored)

    def connections(self) -> tuple[int, int]:
        """Return how many connections are lent out, and how many there may be: for metrics."""
        return self._sessions.lent()

    def close(self) -> None:
        """Close the connections; closing twice is harmless, and closing what ``acting`` gave does nothing."""
        if self._is_owner:
            self._sessions.close()

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._sessions.reading(self._caller)

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._sessions.writing(self._caller)


def open_database(
    url: str,
    *,
    caller: Caller = LOCAL,
    pool_size: int = 8,
    statement_seconds: float = 30.0,
    today: Callable[[], date] = date.today,
) -> PostgisStore:
    """Open a migrated database.

    Parameters
    ----------
    url
        ``postgresql://LOGIN@HOST/DATABASE``: the login ``gridsight``, or an operator's.
    caller
        For whom the store acts, until ``acting`` names another.
    pool_size
        Connections at most; who finds none free for five seconds gets StoreBusy.
    statement_seconds
        What one statement may take before StoreBusy; imports and runs may take longer.
    today
        Tells the day that ``at=None`` stands for and that changes are dated with.

    Raises
    ------
    StoreDown
        The server cannot be reached.
    StoreBroken
        The database was not migrated, or to another version than this program's; it says ``gridsight db upgrade``.
    """
    name = shown(url)
    sessions = Sessions(_engine(url, pool_size), name, statement_seconds=statement_seconds, today=today)
    store = PostgisStore(sessions, name, caller=caller, today=today)
    try:
        with sessions.reading(caller) as conn:
            found = conn.value("SELECT version_num FROM alembic_version")
        needed = newest()
        if found != needed:
            raise StoreBroken(
                f"数据库 {name} 的版本是 {found}，本程序需要 {needed}；请运行 gridsight db upgrade",
                f"the database {name} is at version {found}, this program needs {needed}; run gridsight db upgrade",
            )
    except BadValue as error:  # the roles are not there
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


def _engine(url: str, pool_size: int) -> sa.Engine:
    """Return the pool; connections see our schema and PostGIS, and write dates as ISO has them."""
    settings = {"search_path": f"{SCHEMA},public", "datestyle": "ISO", "timezone": "UTC", "jit": "off"}
    return sa.create_engine(
        engine_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "client_encoding": "utf8",
            "application_name": "gridsight",
            "options": " ".join(f"-c {key}={value}" for key, value in settings.items()),
            # A prepared statement keeps its plan while roles change beneath it; each is planned for its caller.
            "prepare_threshold": None,
        },
    )
