"""Pool connections, each in one transaction for one caller, and recover after a database restart.

A transaction begins with one statement that sets role, townships, actor, day and timeouts for this transaction only
(docs/contract.md section 5), so that nothing remains when the connection returns to the pool. The statement also tests
whether a pooled connection is still valid: if it fails, a new one is used, so that a server restart causes no error.
"""

from __future__ import annotations

import re
import threading
import time
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
from geo.storage.postgis.driver_errors import translated_error
from geo.storage.postgis.tables import ROLES
from geo.storage.records import Caller

#: How long a writer waits for another one before StoreBusy; the same as for a workspace.
LOCK_SECONDS = 5.0
#: Statement timeout of imports and runs.
BULK_SECONDS = 900.0

_BEGIN = """
SELECT set_config('role', :role, true), set_config('app.townships', :townships, true),
  set_config('app.actor', :actor, true), set_config('app.signature', :signature, true),
  set_config('app.day', :day, true),
  set_config('statement_timeout', :statement, true), set_config('lock_timeout', :lock, true)
"""
# The scope of a planner of all townships is the list of them; divisions can be read after the role is set.
_ALL_TOWNSHIPS = """
SELECT set_config('app.townships', coalesce(string_agg(DISTINCT left(code, 9), ','), ''), true)
FROM divisions WHERE level = 'township'
"""
# The day, and the seconds until the next one begins; in a long transaction now() may be of the day before.
_DAY = """
SELECT today(),
  greatest(0, extract(epoch FROM (CAST(today() + 1 AS timestamp) AT TIME ZONE time_zone()) - clock_timestamp()))
"""
#: For how long a day that was read is taken for today: so long an open process may miss a new time zone.
_DAY_SECONDS = 1.0
_PLACEHOLDER = re.compile(r"(?<!:):([A-Za-z_]\w*)")
_TYPES = {"text": "text", "bigint": "int8", "double precision": "float8", "date": "date", "geometry": "bytea"}


class Connection:
    """A connection inside one transaction; placeholders are ``:name``, and errors are translated.

    Values are passed to the driver unchanged, texts without a type, so that PostgreSQL infers it from the other side of
    a comparison.
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
        """Run a statement and return the number of rows that it changed."""
        return int(self._run(sql, params).rowcount)

    def copy(self, table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        """Fill a table by COPY; columns are (name, SQL type), geometries EWKB."""
        listed = ", ".join(f'"{name}"' for name, _ in columns)
        sql = f"COPY {table} ({listed}) FROM STDIN (FORMAT BINARY)"
        driver: Any = self.raw.connection.driver_connection
        with self._translating_errors(), driver.cursor() as cursor, cursor.copy(sql) as copy:
            copy.set_types([_TYPES[kind] for _, kind in columns])
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def as_actor(self, actor: str) -> Iterator[None]:
        """Set what history records during the context, then the caller again."""
        if not actor or not isinstance(actor, str):
            raise BadValue("写入需要操作者名称", "a write needs the name of its actor")
        if actor == self.caller.signature:
            yield
            return
        self.rows("SELECT set_config('app.signature', :signature, true)", signature=actor)
        yield
        self.rows("SELECT set_config('app.signature', :signature, true)", signature=self.caller.signature)

    @contextmanager
    def with_bulk_timeout(self) -> Iterator[None]:
        """Use the statement timeout of bulk work during the context."""
        self._limit(max(BULK_SECONDS, self._seconds))
        yield
        self._limit(self._seconds)

    def _limit(self, seconds: float) -> None:
        self.rows("SELECT set_config('statement_timeout', :limit, true)", limit=milliseconds(seconds))

    def _run(self, sql: str, params: dict[str, Any]) -> sa.CursorResult[Any]:
        with self._translating_errors():
            return self.raw.exec_driver_sql(_driver_sql(sql), params)

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError:
            raise BadValue("文本中有无效字符", "a text holds half a surrogate pair") from None
        except (exc.SQLAlchemyError, psycopg.Error) as error:
            raise translated_error(error, self._name) from error


@dataclass
class _OpenTransaction:
    """The current transaction of a thread for one caller."""

    conn: Connection
    is_frozen: bool


class ConnectionPool:
    """Pool of connections for reading and writing; safe for any number of threads.

    Parameters
    ----------
    engine
        The engine with its pool.
    name
        The name of the database for messages.
    statement_seconds
        Statement timeout.
    today
        Returns the date of changes; None for the day in the time zone of the database.
    """

    def __init__(
        self, engine: sa.Engine, name: str, *, statement_seconds: float, today: Callable[[], date] | None
    ) -> None:
        self._engine = engine
        self._name = name
        self._seconds = statement_seconds
        self._clock = today
        self._day, self._day_ends = date.min, -1.0
        self._local = threading.local()
        self._closed = False

    @contextmanager
    def reading(self, caller: Caller) -> Iterator[Connection]:
        """Yield a connection for reading; inside a transaction or a snapshot, that of it."""
        current = self._transaction_of(caller)
        if current is not None:
            yield current.conn
            return
        with self._transaction(caller) as conn:
            yield conn

    @contextmanager
    def writing(self, caller: Caller) -> Iterator[Connection]:
        """Yield a connection inside a transaction: a new one, or a savepoint of the current one of this thread."""
        current = self._transaction_of(caller)
        if current is None:
            with self.transaction(caller):
                yield self._open_transactions()[caller].conn
            return
        if current.is_frozen:
            raise BadValue("快照只能读取，不能写入", "a snapshot is for reading: nothing can be written within")
        current.conn.change("SAVEPOINT step")
        try:
            yield current.conn
        except BaseException:
            with suppress(Exception):  # the connection may be closed; the first error is the one to report
                current.conn.change("ROLLBACK TO SAVEPOINT step")
                current.conn.change("RELEASE SAVEPOINT step")
            raise
        current.conn.change("RELEASE SAVEPOINT step")

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[None]:
        """Open a transaction for this thread and commit at the end, or roll back; nested ones join it."""
        if self._transaction_of(caller) is not None:
            with self.writing(caller):
                yield
            return
        with self._transaction(caller) as conn, self._bind_to_thread(caller, conn, is_frozen=False):
            yield
            try:
                conn.raw.commit()
            except (exc.SQLAlchemyError, psycopg.Error) as error:
                raise translated_error(error, self._name) from error

    @contextmanager
    def snapshot(self, caller: Caller) -> Iterator[None]:
        """Read one state of the database throughout, for this thread; inside a transaction, that of the transaction."""
        current = self._transaction_of(caller)
        if current is not None:
            with self._bind_to_thread(caller, current.conn, is_frozen=True):
                yield
            return
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._transaction(caller, options) as conn, self._bind_to_thread(caller, conn, is_frozen=True):
            yield

    def today(self, caller: Caller) -> date:
        """Return the day that it is by clock and time zone of the database, read again after a second and at midnight.

        Clock and zone of this process take no part: processes on several machines agree.
        """
        known, asked = self.known_day(), time.monotonic()
        if known is not None:
            return known
        with self.reading(caller) as conn:
            day, left = conn.rows(_DAY)[0]
        self._day, self._day_ends = day, asked + min(_DAY_SECONDS, float(left))
        return self._day

    def known_day(self) -> date | None:
        """Return the day where it was read within the last second, without asking the database; None otherwise."""
        if self._clock is not None:
            return self._clock()
        return self._day if time.monotonic() < self._day_ends else None

    def forget_day(self) -> None:
        """Read the day again when it is next asked for."""
        self._day_ends = -1.0

    def in_use(self) -> tuple[int, int]:
        """Return the number of connections in use, and the maximum."""
        pool = self._engine.pool
        assert isinstance(pool, sa.QueuePool)  # noqa: S101 (the class of pool of our engines)
        return pool.checkedout(), pool.size()

    def close(self) -> None:
        """Close all idle connections; those in use are closed when they are returned."""
        self._closed = True
        self._engine.dispose()

    def _open_transactions(self) -> dict[Caller, _OpenTransaction]:
        if not hasattr(self._local, "open"):
            self._local.open = {}
        found: dict[Caller, _OpenTransaction] = self._local.open
        return found

    def _transaction_of(self, caller: Caller) -> _OpenTransaction | None:
        return self._open_transactions().get(caller)

    @contextmanager
    def _bind_to_thread(self, caller: Caller, conn: Connection, *, is_frozen: bool) -> Iterator[None]:
        """Use a connection for all calls of this thread for the caller during the context."""
        transactions = self._open_transactions()
        outer = transactions.get(caller)
        transactions[caller] = _OpenTransaction(conn, is_frozen)
        try:
            yield
        finally:
            if outer is None:
                del transactions[caller]
            else:
                transactions[caller] = outer

    @contextmanager
    def _transaction(self, caller: Caller, options: dict[str, Any] | None = None) -> Iterator[Connection]:
        """Yield a connection in a new transaction of the caller, rolled back at the end unless committed."""
        if self._closed:
            raise StoreBroken("数据库已关闭", "the database is closed", for_operator=self._name)
        try:
            raw = self._begin_transaction(caller, options or {})
        except (exc.SQLAlchemyError, psycopg.Error) as error:
            raise translated_error(error, self._name) from error
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

    def _begin_transaction(self, caller: Caller, options: dict[str, Any]) -> sa.Connection:
        """Return a connection in a new transaction; retry once where the pooled connection was closed."""
        codes = () if caller.role != "planner" else caller.townships or ()
        params = {
            "role": ROLES[caller.role],
            "townships": ",".join(one for one in codes if "," not in one),
            "actor": caller.id,
            "signature": caller.signature,
            "day": "" if self._clock is None else self._clock().isoformat()[:10],
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
    """Return seconds as a PostgreSQL timeout; zero means no limit."""
    return str(max(0, round(seconds * 1000)))


@lru_cache(maxsize=2048)
def _driver_sql(sql: str) -> str:
    """Write ``:name`` as the driver's placeholder."""
    return _PLACEHOLDER.sub(r"%(\1)s", sql.replace("%", "%%"))
