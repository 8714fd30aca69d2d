"""Hand out connections to the workspace file, one per call or transaction, and name what goes wrong.

Each call takes a connection from a small pool and gives it back, so threads never share one; a transaction keeps its
own for the thread that opened it. Every connection knows the ST_ functions before its first write, without which the
R*Tree triggers of the file fail.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geo.errors import BadValue, GeoError, StoreBroken, StoreBusy
from geo.storage.codec import geopackage_blobs
from geo.storage.geopackage import spatial_predicates

_INDEX = re.compile(r'INDEXED BY "\w+" ')
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_READONLY: ("只读", "it is read-only"),
    sqlite3.SQLITE_PERM: ("没有权限", "permission is denied"),
    sqlite3.SQLITE_CANTOPEN: ("无法打开", "it cannot be opened"),
    sqlite3.SQLITE_FULL: ("磁盘已满", "the disk is full"),
    sqlite3.SQLITE_IOERR: ("读写错误", "the disk fails"),
}


class Sessions:
    """Give out connections for reading and writing; safe for any number of threads.

    Parameters
    ----------
    path
        The workspace file.
    busy_seconds
        How long a writer waits for another before StoreBusy.
    is_read_only
        Whether the file cannot be written: no journal is asked for, and every write is refused.
    stand_ins
        Statements that make what the file lacks readable on a connection (``upgrades.stand_ins``).
    """

    def __init__(
        self, path: Path, *, busy_seconds: float, is_read_only: bool = False, stand_ins: Sequence[str] = ()
    ) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self._busy_seconds = busy_seconds
        self._stand_ins = tuple(stand_ins)
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._mine = threading.local()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the file throughout; inside a transaction, that transaction's."""
        own = self._own()
        if own is not None:
            with self._naming():
                yield own
            return
        with self._borrowed() as conn:
            conn.execute("BEGIN")
            try:
                yield conn
            finally:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread read one state of the file until the end; within a transaction, the transaction's."""
        depth = getattr(self._mine, "frozen", 0)
        with self.reading() as conn:
            conn.execute("SELECT 1 FROM gridsight_meta LIMIT 1").fetchone()  # BEGIN alone does not see anything yet
            outer, self._mine.conn, self._mine.frozen = self._own(), conn, depth + 1
            try:
                yield
            finally:
                self._mine.conn, self._mine.frozen = outer, depth

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction: one of its own, or a savepoint of the one this thread is in."""
        if getattr(self._mine, "frozen", 0):
            raise BadValue("快照只能读取，不能写入", "a snapshot is for reading: nothing can be written within")
        own = self._own()
        if own is None:
            with self.transaction():
                yield self._mine.conn
            return
        with self._naming():
            own.execute("SAVEPOINT step")
            try:
                yield own
            except BaseException:
                # A full disk or a fatal error may have rolled everything back already.
                if own.in_transaction:
                    own.execute("ROLLBACK TO step")
                    own.execute("RELEASE step")
                raise
            own.execute("RELEASE step")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open ``BEGIN IMMEDIATE`` for this thread and commit at the end, or roll back; nested ones join it."""
        if self._own() is not None:
            with self.writing():
                yield
            return
        if self.is_read_only:
            raise StoreBroken(f"工作区 {self.path} 只读，不能写入", f"the workspace {self.path} is read-only")
        # Threads of one process queue here: SQLite lets whoever asks at the right moment in, and starves the rest.
        if not self._writer.acquire(timeout=self._busy_seconds):
            raise _busy(self.path)
        try:
            with self._borrowed() as conn:
                conn.execute("BEGIN IMMEDIATE")
                self._mine.conn = conn
                try:
                    yield
                    if not conn.in_transaction:  # the disk was full inside, and somebody caught the error
                        raise StoreBroken("事务已被回滚", "the transaction was rolled back underneath")
                    conn.execute("COMMIT")
                finally:
                    self._mine.conn = None
                    if conn.in_transaction:
                        conn.execute("ROLLBACK")
        finally:
            self._writer.release()

    def close(self) -> None:
        """Close all idle connections; those in use close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for conn in idle:
            conn.close()

    def _own(self) -> sqlite3.Connection | None:
        return getattr(self._mine, "conn", None)

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        """Lend a pooled connection, or a new one; close it instead of keeping it after a failure of the file."""
        with self._naming():
            with self._lock:
                if self._closed:
                    raise StoreBroken(f"工作区 {self.path} 已关闭", f"the workspace {self.path} is closed")
                conn = self._idle.pop() if self._idle else None
            conn = conn or self._connect()
            keep = True
            try:
                yield conn
            except sqlite3.DatabaseError:
                keep = False
                raise
            finally:
                with self._lock:
                    keep = keep and not self._closed and not conn.in_transaction
                    if keep:
                        self._idle.append(conn)
                if not keep:
                    conn.close()

    def _connect(self) -> sqlite3.Connection:
        # Never creates a file: a workspace moved away while served must not come back empty.
        uri = read_only_uri(self.path) if self.is_read_only else f"{self.path.resolve().as_uri()}?mode=rw"
        conn = sqlite3.connect(
            uri,
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            factory=_StandInConnection if self._stand_ins else sqlite3.Connection,
        )
        try:
            prepare(conn, is_read_only=self.is_read_only)
            for sql in self._stand_ins:
                conn.execute(sql)
        except BaseException:
            conn.close()
            raise
        return conn

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Turn errors of SQLite into errors of this project; their text stays inside."""
        try:
            yield
        except UnicodeEncodeError:
            raise BadValue("文本中有无效字符", "a text holds half a surrogate pair") from None
        except sqlite3.Error as error:
            raise named(error, self.path) from error


class _StandInConnection(sqlite3.Connection):
    """A connection whose tables may be views, which have no index that a question could name."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement, leaving the choice of an index to SQLite."""
        return super().execute(_INDEX.sub("", sql), parameters)


def is_read_only(path: Path) -> bool:
    """Return whether a workspace file cannot be written here: itself, or the folder its journal would be in."""
    return not (os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK))


def read_only_uri(path: Path) -> str:
    """Return the URI that opens a file without a byte being written, beside it included.

    A file in WAL mode needs two files beside it even to be read. Where they cannot be made, and are not there, it is
    opened as one that nobody changes; else SQLite's locks hold as ever.
    """
    with path.open("rb") as file:
        header = file.read(20)
    in_wal_mode = header[18:20] == b"\x02\x02"
    beside = all(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-shm"))
    immutable = "&immutable=1" if in_wal_mode and not beside else ""
    return f"{path.resolve().as_uri()}?mode=ro{immutable}"


def prepare(conn: sqlite3.Connection, *, is_read_only: bool = False) -> None:
    """Register the ST_ functions and set what lasts for a connection."""
    conn.create_function("ST_IsEmpty", 1, geopackage_blobs.is_empty, deterministic=True)
    for place, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        conn.create_function(name, 1, geopackage_blobs.side(place), deterministic=True)
    conn.create_function("gridsight_meets", 5, geopackage_blobs.meets, deterministic=True)
    conn.create_function("gridsight_relates", 3, spatial_predicates.relates(), deterministic=True)
    conn.execute("PRAGMA trusted_schema = ON")  # triggers may call the functions above even where builds say no
    conn.execute("PRAGMA cache_size = -16384")
    if is_read_only:
        return
    conn.execute("PRAGMA journal_size_limit = 67108864")
    try:
        # QGIS sets the journal back to DELETE when it closes the file; whoever opens it next asks for WAL again.
        conn.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError as error:
        if _code(error) not in _BUSY:
            raise


def named(error: sqlite3.Error, path: Path) -> GeoError:
    """Return the error of this project that says what SQLite met."""
    code = _code(error)
    if code in _BUSY:
        return _busy(path)
    if code in _DAMAGED:
        return StoreBroken(f"{path} 不是 GeoPackage 或已损坏", f"{path} is not a GeoPackage, or is damaged")
    zh, en = _REFUSED.get(code, ("内部结构不符", "its tables are not as they should be"))
    return StoreBroken(f"无法使用工作区 {path}：{zh}", f"the workspace {path} cannot be used: {en}")


def _busy(path: Path) -> StoreBusy:
    return StoreBusy(
        f"工作区 {path} 正被写入，请稍后再试", f"the workspace {path} is being written to; try again later"
    )


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; extended codes carry detail in higher bits."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
