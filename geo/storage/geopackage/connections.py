"""Pool connections to the workspace file, one per call or transaction, and translate errors of SQLite.

Each call takes a connection from a small pool and returns it, so that threads never share one; a transaction keeps its
connection for the thread that opened it. Every connection registers the ST_ functions before its first write, since the
R*Tree triggers of the file need them.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import BadValue, GeoError, StoreBroken, StoreBusy, StoreFull, StoreReadOnly
from geo.storage.codec import geopackage_header
from geo.storage.geopackage import spatial_predicates

#: Device, inode, size in bytes, time of change in nanoseconds, header.
_FileState = tuple[int, int, int, int, bytes]

_NO_FILE = (0, 0)

_INDEX = re.compile(r'INDEXED BY "\w+" ')
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_READONLY: ("只读", "it is read-only"),
    sqlite3.SQLITE_PERM: ("没有权限", "permission is denied"),
    sqlite3.SQLITE_CANTOPEN: ("无法打开", "it cannot be opened"),
    sqlite3.SQLITE_IOERR: ("读写错误", "the disk fails"),
}


class ConnectionPool:
    """Pool of connections for reading and writing; safe for any number of threads.

    Parameters
    ----------
    path
        The workspace file.
    busy_seconds
        How long a writer waits for another one before StoreBusy.
    is_read_only
        Whether the file cannot be written: the journal mode is not set, and every write is refused. So it is too from
        when it cannot be written any more.
    stand_ins
        Returns the statements that make missing tables and columns of a file readable on a connection
        (``upgrades.stand_ins``); called for each connection to one that cannot be written.
    check_replaced
        Called with the path before another file that was put in its place is used: a backup, say. While a connection is
        kept, the file that it reads exists, even where its name is another's, so that the two have two identities.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_seconds: float,
        is_read_only: bool = False,
        stand_ins: Callable[[Path], Sequence[str]] = lambda _: (),
        check_replaced: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self._check_replaced = check_replaced
        self._identity: tuple[int, int] | None = None
        self._busy_seconds = busy_seconds
        self._stand_ins = stand_ins
        self._idle: list[_Pooled] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._local = threading.local()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that reads one state of the file and cannot write; inside a transaction, that of it."""
        conn_of_thread = self._thread_connection()
        if conn_of_thread is not None:
            with self._translating_errors():
                yield conn_of_thread
            return
        with self._pooled_connection() as conn:
            conn.execute("PRAGMA query_only = ON")
            conn.execute("BEGIN")
            try:
                yield conn
            finally:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
                conn.execute("PRAGMA query_only = OFF")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the file throughout, for this thread; inside a transaction, that of the transaction."""
        depth = getattr(self._local, "frozen", 0)
        with self.reading() as conn:
            conn.execute("SELECT 1 FROM gridsight_meta LIMIT 1").fetchone()  # BEGIN alone does not fix the state
            outer, self._local.conn, self._local.frozen = self._thread_connection(), conn, depth + 1
            try:
                yield
            finally:
                self._local.conn, self._local.frozen = outer, depth

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction: a new one, or a savepoint of the current one of this thread."""
        if getattr(self._local, "frozen", 0):
            raise BadValue("快照只能读取，不能写入", "a snapshot is for reading: nothing can be written within")
        conn_of_thread = self._thread_connection()
        if conn_of_thread is None:
            with self.transaction():
                yield self._local.conn
            return
        with self._translating_errors():
            conn_of_thread.execute("SAVEPOINT step")
            try:
                yield conn_of_thread
            except BaseException:
                # After a full disk or a fatal error the transaction may already be rolled back.
                if conn_of_thread.in_transaction:
                    conn_of_thread.execute("ROLLBACK TO step")
                    conn_of_thread.execute("RELEASE step")
                raise
            conn_of_thread.execute("RELEASE step")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open ``BEGIN IMMEDIATE`` for this thread and commit at the end, or roll back; nested ones join it."""
        if self._thread_connection() is not None:
            with self.writing():
                yield
            return
        if self._cannot_be_written():
            raise StoreReadOnly("工作区只读，不能写入", "the workspace is read-only", for_operator=str(self.path))
        # Threads of one process queue here: SQLite does not queue writers fairly.
        if not self._writer.acquire(timeout=self._busy_seconds):
            raise _busy_error(self.path)
        try:
            with self._pooled_connection() as conn:
                conn.execute("BEGIN IMMEDIATE")
                self._local.conn = conn
                try:
                    yield
                    if not conn.in_transaction:  # the disk was full and a caller suppressed the error
                        raise StoreBroken("事务已被回滚", "the transaction was rolled back underneath")
                    conn.execute("COMMIT")
                finally:
                    self._local.conn = None
                    if conn.in_transaction:
                        conn.execute("ROLLBACK")
        finally:
            self._writer.release()

    def close(self) -> None:
        """Close all idle connections; those in use are closed when they are returned."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for pooled in idle:
            pooled.conn.close()

    def _thread_connection(self) -> sqlite3.Connection | None:
        return getattr(self._local, "conn", None)

    @contextmanager
    def _pooled_connection(self) -> Iterator[sqlite3.Connection]:
        """Yield a pooled connection or a new one; after an error of the file it is closed instead of reused."""
        with self._translating_errors():
            pooled = self._idle_connection() or self._connect()
            conn, keep = pooled.conn, True
            try:
                yield conn
            except Exception as error:
                keep = not isinstance(error, sqlite3.DatabaseError)
                if pooled.was_overtaken(self.path):
                    raise _busy_error(self.path) from error
                raise
            else:
                # No lock holds off a writer while an immutable file is read: what was read may be of two states.
                if pooled.was_overtaken(self.path):
                    raise _busy_error(self.path)
            finally:
                with self._lock:
                    keep = keep and not self._closed and not conn.in_transaction
                    if keep:
                        self._idle.append(pooled)
                if not keep:
                    conn.close()

    def _idle_connection(self) -> _Pooled | None:
        """Return an idle connection, or None; those that would answer from an earlier state are closed."""
        while True:
            with self._lock:
                if self._closed:
                    raise StoreBroken("工作区已关闭", "the workspace is closed", for_operator=str(self.path))
                if not self._idle:
                    return None
                pooled = self._idle.pop()
            # One that was opened while the file could not be written serves no writer, now that it can.
            if pooled.is_current(self.path) and (pooled.writes or self._cannot_be_written()):
                return pooled
            pooled.conn.close()

    def _cannot_be_written(self) -> bool:
        return self.is_read_only or (self.path.exists() and is_read_only(self.path))

    def _connect(self) -> _Pooled:
        identity = file_identity(self.path)
        if self._identity not in (None, identity) and identity != _NO_FILE:
            self._check_replaced(self.path)
        self._identity = identity
        # Never creates a file: a workspace removed while being served must not be recreated empty.
        locked = self._cannot_be_written()
        mode, state = "mode=ro" if locked else "mode=rw", None
        if locked and _is_immutable(self.path):
            mode, state = "mode=ro&immutable=1", _file_state(self.path)
        stand_ins = self._stand_ins(self.path) if locked and identity != _NO_FILE else ()
        conn = sqlite3.connect(
            f"{self.path.resolve().as_uri()}?{mode}",
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            factory=_StandInConnection if stand_ins else sqlite3.Connection,
        )
        try:
            configure_connection(conn, is_read_only=locked)
            schema = _schema_version(conn) if stand_ins else None
            for sql in stand_ins:
                conn.execute(sql)
        except BaseException:
            conn.close()
            raise
        return _Pooled(conn, identity, state, schema, writes=not locked)

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Translate errors of SQLite; its messages are not exposed."""
        try:
            yield
        except UnicodeEncodeError:
            raise BadValue("文本中有无效字符", "a text holds half a surrogate pair") from None
        except sqlite3.Error as error:
            raise translated_error(error, self.path) from error


@dataclass(frozen=True)
class _Pooled:
    """A connection, which file it reads, and where it takes it as immutable, the state in which it was opened.

    With stand-ins it has the version of the schema that they stand in for.
    """

    conn: sqlite3.Connection
    identity: tuple[int, int]
    state: _FileState | None
    schema: int | None = None
    writes: bool = True

    def was_overtaken(self, path: Path) -> bool:
        """Return whether an immutable file has changed nevertheless: the cache of the connection is of before."""
        return self.state is not None and self.state != _file_state(path)

    def is_current(self, path: Path) -> bool:
        """Return whether the connection reads what a new one would."""
        if self.identity != file_identity(path):
            return False
        if self.schema is not None and self.schema != _schema_version(self.conn):
            return False  # another program has upgraded the file: what stood in would hide what is there now
        return self.state is None or (_is_immutable(path) and not self.was_overtaken(path))


def _schema_version(conn: sqlite3.Connection) -> int:
    """Return the number that SQLite raises with every change of the tables of a file."""
    return int(conn.execute("PRAGMA main.schema_version").fetchone()[0])


class _StandInConnection(sqlite3.Connection):
    """A connection whose tables may be views, which have no index that a query could name."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement without its index hints."""
        return super().execute(_INDEX.sub("", sql), parameters)


def table_exists(conn: sqlite3.Connection, name: str) -> bool:
    """Return whether there is a table: some are made with their first row only."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return conn.execute(query, (name,)).fetchone() is not None


def file_identity(path: Path) -> tuple[int, int]:
    """Return device and inode of the file that has this name now; zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return _NO_FILE
    return found.st_dev, found.st_ino


def is_read_only(path: Path) -> bool:
    """Return whether a workspace file, or the folder of its journal, cannot be written."""
    return not (os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK))


def reading_uri(path: Path) -> str:
    """Return the URI that opens a file for reading alone; one that cannot be written is not, nor is its folder.

    Where a program was killed while it wrote and left its rollback journal, only a connection that may write can bring
    back the state before, which SQLite does at the first read.
    """
    if is_read_only(path):
        mode = "ro&immutable=1" if _is_immutable(path) else "ro"
    else:
        mode = "rw" if _beside(path, "-journal").exists() else "ro"
    return f"{path.resolve().as_uri()}?mode={mode}"


def _is_immutable(path: Path) -> bool:
    """Return whether a file that cannot be written is read as immutable, without any lock.

    Reading a file in WAL mode needs two further files, which cannot be created here. Without them the file can only be
    opened as immutable, and only while no WAL holds anything: SQLite would pass over it. A file of which nothing can be
    read is not immutable, so that SQLite says what is wrong.
    """
    try:
        with path.open("rb") as file:
            in_wal_mode = file.read(20)[18:20] == b"\x02\x02"
    except OSError:
        return False
    if not in_wal_mode:
        return False
    wal = _beside(path, "-wal")
    try:
        return wal.stat().st_size == 0 and not _beside(path, "-shm").exists()
    except FileNotFoundError:
        return True


def _beside(path: Path, suffix: str) -> Path:
    """Return the path of a further file of SQLite, which is beside the file itself, not beside a link to it."""
    return Path(f"{path.resolve()}{suffix}")


def _file_state(path: Path) -> _FileState | None:
    """Return what changes whenever a file does: its identity, size, time of change and header; None where it is gone.

    The header counts the changes, should two of them fall into one tick of the clock.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, file.read(100)
    except OSError:
        return None


def configure_connection(conn: sqlite3.Connection, *, is_read_only: bool = False) -> None:
    """Register the ST_ functions and set the options of a connection."""
    conn.create_function("ST_IsEmpty", 1, geopackage_header.is_empty, deterministic=True)
    for index, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        conn.create_function(name, 1, geopackage_header.box_side(index), deterministic=True)
    conn.create_function("gridsight_meets", 5, spatial_predicates.meets, deterministic=True)
    conn.create_function("gridsight_relates", 3, spatial_predicates.relate_function(), deterministic=True)
    conn.execute("PRAGMA trusted_schema = ON")  # some builds of SQLite forbid functions in triggers by default
    conn.execute("PRAGMA cache_size = -16384")
    if is_read_only:
        return
    conn.execute("PRAGMA journal_size_limit = 67108864")
    try:
        # QGIS resets the journal mode to DELETE when it closes the file, so set WAL for each connection.
        conn.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError as error:
        if _code(error) not in _BUSY:
            raise


def translated_error(error: sqlite3.Error, path: Path) -> GeoError:
    """Return the error of this project for an error of SQLite."""
    code = _code(error)
    if code in _BUSY:
        return _busy_error(path)
    if code == sqlite3.SQLITE_FULL:
        return StoreFull("磁盘已满，未作改动", "the disk is full; nothing was changed", for_operator=f"{path}: {error}")
    if code in _DAMAGED:
        return StoreBroken(f"{path} 不是 GeoPackage 或已损坏", f"{path} is not a GeoPackage, or is damaged")
    zh, en = _REFUSED.get(code, ("内部结构不符", "its tables are not as they should be"))
    return StoreBroken(f"无法使用工作区：{zh}", f"the workspace cannot be used: {en}", for_operator=str(path))


def _busy_error(path: Path) -> StoreBusy:
    return StoreBusy(
        "工作区正被写入，请稍后再试", "the workspace is being written to; try again later", for_operator=str(path)
    )


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; extended codes have details in higher bits."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
