"""Hand out connections, each in one transaction that acts for one caller, and recover after a database restart.

A transaction begins with one statement that sets role, townships, actor, day and timeouts for itself alone (CONTRACT
section 5): nothing of it is left when the connection goes back to the pool. That statement is also the proof that a
pooled connection still lives: where it is dead, a new one is taken, and nobody notices the restart.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import exc

from geo.errors import BadValue, StoreBroken
from geo.storage.postgis.driver_errors import named
from geo.storage.postgis.tables import ROLES
from geo.storage.records import Caller

#: How long a writer waits for another before it says that the store is busy; the desk waits as long.
LOCK_SECONDS = 5.0
#: What one statement of an import or a run may take.
BULK_SECONDS = 900.0

_BEGIN = """
SELECT set_config('role', :role, true), set_config('app.townships', :townships, true),
  set_config('app.actor', :actor, true), set_config('app.day', :day, true),
  set_config('statement_timeout', :statement, true), set_config('lock_timeout', :lock, true)
"""
# A planner of all townships is one of each; only now that the role is set may divisions be read.
_ALL_TOWNSHIPS = """
SELECT set_config('app.townships', coalesce(string_agg(DISTINCT left(code, 9), ','), ''), true)
FROM divisions WHERE level = 'township'
"""
_MARK = re.compile(r"(?<!:):([A-Za-z_]\w*)")
_TYPES = {"text": "text", "bigint": "int8", "double precision": "float8", "date": "date", "geometry": "bytea"}


class Connection:
    """Run statements inside one transaction; placeholders read ``:name``, errors are named.

    Values go to the driver as they are, untyped where they are texts, so that PostgreSQL takes them for what the other
    side of a comparison is.
    """

    def __init__(self, raw: sa.Connection, name: str, caller: Caller, seconds: float) -> None:
        self.raw = raw
        self.caller = caller
        self._name = name
        self._seconds = seconds

    def rows(self, sql: str, **params: Any) -> Sequence[Sequence[Any]]:
        """Return all rows of a statement."""
        return self._run(sql, params).fetchall()

    def row(self, sql: str, **params: Any) -> Sequence[Any] | None:
        """Return the first row of a statement, None where there is none."""
        found: Sequence[Any] | None = self._run(sql, params).fetchone()
        return found

    def value(self, sql: str, **params: Any) -> Any:
        """Return the first value of the first row, None where there is none."""
        found = self.row(sql, **params)
        return None if found is None else found[0]

    def change(self, sql: str, **params: Any) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._run(sql, params).rowcount)

    def copy(self, table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        """Fill a table by COPY; columns are (name, SQL type), shapes EWKB."""
        listed = ", ".join(f'"{name}"' for name, _ in columns)
        sql = f"COPY {table} ({listed}) FROM STDIN (FORMAT BINARY)"
        driver: Any = self.raw.connection.driver_connection
        with self._naming(), driver.cursor() as cursor, cursor.copy(sql) as copy:
            copy.set_types([_TYPES[kind] for _, kind in columns])
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def acting(self, actor: str) -> Iterator[None]:
        """Let history name this actor until the end, then the caller again."""
        if not actor or not isinstance(actor, str):
            raise BadValue("写入需要操作者名称", "a write needs the name of its actor")
        if actor == self.caller.name:
            yield
            return
        self.rows("SELECT set_config('app.actor', :actor, true)", actor=actor)
        yield
        self.rows("SELECT set_config('app.actor', :actor, true)", actor=self.caller.name)

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Give the statements within the time that bulk work takes."""
        self._limit(max(BULK_SECONDS, self._seconds))
        yield
        self._limit(self._seconds)

    def _limit(self, seconds: float) -> None:
        self.rows("SELECT set_config('statement_timeout', :limit, true)", limit=milliseconds(seconds))

    def _run(self, sql: str, params: dict[str, Any]) -> sa.CursorResult[Any]:
        with self._naming():
            return self.raw.exec_driver_sql(_driver_sql(sql), params)

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError:
            raise BadValue("文本中有无效字符", "a text holds half a surrogate pair") from None
        except (exc.SQLAlchemyError, psycopg.Error) as error:
            raise named(error, self._name) from error


@dataclass
class _Open:
    """Hold the transaction that a thread is in for a caller."""

    conn: Connection
    is_frozen: bool


class Sessions:
    """Give out connections for reading and writing; safe for any number of threads.

    Parameters
    ----------
    engine
        The pool.
    name
        How the database is shown to people.
    statement_seconds
        What one statement may take.
    today
        Tells the day that changes are dated with.
    """

    def __init__(self, engine: sa.Engine, name: str, *, statement_seconds: float, today: Callable[[], date]) -> None:
        self._engine = engine
        self._name = name
        self._seconds = statement_seconds
        self._today = today
        self._mine = threading.local()
        self._closed = False

    @contextmanager
    def reading(self, caller: Caller) -> Iterator[Connection]:
        """Give a connection for reading; inside a transaction or a snapshot, that one's."""
        own = self._own(caller)
        if own is not None:
            yield own.conn
            return
        with self._begun(caller) as conn:
            yield conn

    @contextmanager
    def writing(self, caller: Caller) -> Iterator[Connection]:
        """Give a connection inside a transaction: one of its own, or a savepoint of the one this thread is in."""
        own = self._own(caller)
        if own is None:
            with self.transaction(caller):
                yield self._open()[caller].conn
            return
        if own.is_frozen:
            raise BadValue("快照只能读取，不能写入", "a snapshot is for reading: nothing can be written within")
        own.conn.change("SAVEPOINT step")
        try:
            yield own.conn
        except BaseException:
            with suppress(Exception):  # the connection may be gone; the first error is the one to tell
                own.conn.change("ROLLBACK TO SAVEPOINT step")
                own.conn.change("RELEASE SAVEPOINT step")
            raise
        own.conn.change("RELEASE SAVEPOINT step")

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[None]:
        """Open a transaction for this thread and commit at the end, or roll back; nested ones join it."""
        if self._own(caller) is not None:
            with self.writing(caller):
                yield
            return
        with self._begun(caller) as conn, self._held(caller, conn, is_frozen=False):
            yield
            try:
                conn.raw.commit()
            except (exc.SQLAlchemyError, psycopg.Error) as error:
                raise named(error, self._name) from error

    @contextmanager
    def snapshot(self, caller: Caller) -> Iterator[None]:
        """Let this thread read one state of the database until the end; within a transaction, the transaction's."""
        own = self._own(caller)
        if own is not None:
            with self._held(caller, own.conn, is_frozen=True):
                yield
            return
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._begun(caller, options) as conn, self._held(caller, conn, is_frozen=True):
            yield

    def lent(self) -> tuple[int, int]:
        """Return how many connections are lent out, and how many there may be."""
        pool = self._engine.pool
        assert isinstance(pool, sa.QueuePool)  # noqa: S101 (the kind that an engine of ours has)
        return pool.checkedout(), pool.size()

    def close(self) -> None:
        """Close all idle connections; those in use close when they come back."""
        self._closed = True
        self._engine.dispose()

    def _open(self) -> dict[Caller, _Open]:
        if not hasattr(self._mine, "open"):
            self._mine.open = {}
        found: dict[Caller, _Open] = self._mine.open
        return found

    def _own(self, caller: Caller) -> _Open | None:
        return self._open().get(caller)

    @contextmanager
    def _held(self, caller: Caller, conn: Connection, *, is_frozen: bool) -> Iterator[None]:
        """Let this thread's calls for the caller use a connection until the end."""
        held = self._open()
        outer = held.get(caller)
        held[caller] = _Open(conn, is_frozen)
        try:
            yield
        finally:
            if outer is None:
                del held[caller]
            else:
                held[caller] = outer

    @contextmanager
    def _begun(self, caller: Caller, options: dict[str, Any] | None = None) -> Iterator[Connection]:
        """Lend a connection in a fresh transaction of the caller's; rolled back at the end unless committed."""
        if self._closed:
            raise StoreBroken(f"数据库 {self._name} 已关闭", f"the database {self._name} is closed")
        try:
            raw = self._begin(caller, options or {})
        except (exc.SQLAlchemyError, psycopg.Error) as error:
            raise named(error, self._name) from error
        try:
            conn = Connection(raw, self._name, caller, self._seconds)
            if caller.role == "planner" and caller.townships is None:
                conn.rows(_ALL_TOWNSHIPS)
            yield conn
        finally:
            try:
                raw.rollback()
            except (exc.SQLAlchemyError, psycopg.Error):
                raw.invalidate()
            raw.close()

    def _begin(self, caller: Caller, options: dict[str, Any]) -> sa.Connection:
        """Return a connection that has just begun; take a new one once where the pool's was dead."""
        codes = () if caller.role != "planner" else caller.townships or ()
        params = {
            "role": ROLES[caller.role],
            "townships": ",".join(one for one in codes if "," not in one),
            "actor": caller.name,
            "day": self._today().isoformat()[:10],
            "statement": milliseconds(self._seconds),
            "lock": milliseconds(LOCK_SECONDS),
        }
        try:
            return self._connected(options, params)
        except exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._connected(options, params)

    def _connected(self, options: dict[str, Any], params: dict[str, str]) -> sa.Connection:
        raw = self._engine.connect()
        try:
            if options:
                raw = raw.execution_options(**options)
            raw.exec_driver_sql(_driver_sql(_BEGIN), params)
        except BaseException:
            raw.close()
            raise
        return raw


def milliseconds(seconds: float) -> str:
    """Return seconds as PostgreSQL's timeouts take them; none is zero, which means no limit."""
    return str(max(0, round(seconds * 1000)))


@lru_cache(maxsize=2048)
def _driver_sql(sql: str) -> str:
    """Write ``:name`` as the driver's placeholder."""
    return _MARK.sub(r"%(\1)s", sql.replace("%", "%%"))
