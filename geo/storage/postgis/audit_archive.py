"""Move closed months of the audit into files: the audit of a busy county grows by some million rows a year."""

from __future__ import annotations

# Names in SQL are our own; values are bound.
# ruff: noqa: S608
import gzip
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import psycopg
from psycopg.types.json import Jsonb

from geo.errors import BadValue, NotFound, StoreBroken, UnreadableFile
from geo.files import write_atomically
from geo.storage.postgis.operator_connections import connect
from geo.storage.postgis.tables import AUDIT, SCHEMA
from geo.types import Progress, no_progress

_TABLE = f"{SCHEMA}.{AUDIT.name}"
# The trigger that keeps the audit append-only belongs to the table's owner, as does this one way round it: the rows are
# in a file by then, and the removal is itself a row of the audit. One transaction, so that nobody sees it without.
_OPEN = f"ALTER TABLE {_TABLE} DISABLE TRIGGER stands"
_CLOSE = f"ALTER TABLE {_TABLE} ENABLE ALWAYS TRIGGER stands"
_OF_MONTH = "at >= %(first)s AND at < %(next)s"
_BATCH = 5_000


@dataclass(frozen=True)
class ArchivedMonth:
    """One month of the audit in a file.

    Attributes
    ----------
    month
        ``YYYY-MM``, in the time zone of the database.
    rows
        How many entries it had.
    path
        The file: JSON Lines, compressed by gzip, oldest entry first.
    sha256
        Of the file.
    """

    month: str
    rows: int
    path: Path
    sha256: str


def archive(url: str, *, before: str, folder: Path, progress: Progress = no_progress) -> list[ArchivedMonth]:
    """Write each month of the audit before a month into a file of its own, then remove it from the database.

    A month is removed only after its file is complete, in one transaction with the entry that says so; where that fails
    the rows stay, and the file is written anew under another name the next time.

    Parameters
    ----------
    url
        Of an operator: a superuser, or a member of ``gridsight_owner``.
    before
        ``YYYY-MM``, the first month that stays; months begin and end in the time zone of the database.
    folder
        Where the files go: ``audit-YYYY-MM.jsonl.gz``; existing files are never replaced.

    Raises
    ------
    BadValue
        ``before`` is no month, or later than this one.
    NotFound
        The folder does not exist.
    StoreBroken, StoreDown
        The login may not remove rows, or the database cannot be reached.
    """
    begins = _first_day(before)
    if not folder.is_dir():
        raise NotFound(f"没有文件夹 {folder}", f"there is no folder {folder}")
    with connect(url) as conn:
        if conn.execute("SELECT to_regclass(%s)", (_TABLE,)).fetchone() == (None,):
            raise StoreBroken("数据库中没有审计表", "the database has no audit")
        zone = str((conn.execute(f"SELECT {SCHEMA}.time_zone()").fetchone() or ("",))[0])
        end = begins.replace(tzinfo=ZoneInfo(zone))
        if end > datetime.now(tz=UTC):
            raise BadValue("只能归档已经结束的月份", "only months that are over can be archived")
        months = conn.execute(
            f"SELECT DISTINCT date_trunc('month', at AT TIME ZONE %s) FROM {_TABLE} WHERE at < %s ORDER BY 1",
            (zone, end),
        ).fetchall()
        done = []
        for k, (month,) in enumerate(months):
            progress(f"归档 {month:%Y-%m} / archiving {month:%Y-%m}", k / len(months))
            done.append(_archive_month(conn, month.replace(tzinfo=end.tzinfo), folder))
    progress("完成 / done", 1.0)
    return done


def _archive_month(conn: psycopg.Connection, first: datetime, folder: Path) -> ArchivedMonth:
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    span = {"first": first, "next": following}
    path = _free_path(folder, f"audit-{first:%Y-%m}")
    counted = 0

    def write(temporary: Path) -> None:
        nonlocal counted
        temporary.touch(mode=0o600)  # it names people and what they did
        with conn.transaction(), gzip.open(temporary, "wb") as file, conn.cursor(name="audit") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(f"SELECT to_jsonb(a) FROM {_TABLE} a WHERE {_OF_MONTH} ORDER BY id", span)
            for (entry,) in cursor:
                file.write(orjson.dumps(entry) + b"\n")
                counted += 1

    try:
        write_atomically(path, write)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UnreadableFile(
            f"无法写入 {path}：{error.strerror}", f"{path} cannot be written: {error.strerror}"
        ) from None
    month = ArchivedMonth(f"{first:%Y-%m}", counted, path, digest)
    with conn.transaction():
        conn.execute(_OPEN)
        removed = conn.execute(f"DELETE FROM {_TABLE} WHERE {_OF_MONTH}", span).rowcount
        if removed != counted:  # a transaction that began in that month has only now committed
            raise StoreBroken("归档期间审计有变动，请再运行一次", "the audit changed meanwhile; run it again")
        conn.execute(_CLOSE)
        detail = {"month": month.month, "rows": counted, "file": path.name, "sha256": digest}
        conn.execute(
            f"INSERT INTO {_TABLE} (who, role, action, detail) VALUES (current_user, 'operator', 'archive-audit', %s)",
            (Jsonb(detail),),
        )
    return month


def _free_path(folder: Path, stem: str) -> Path:
    """Return the path of a file that is not there yet: rows may come into a month again, by a restore."""
    path, number = folder / f"{stem}.jsonl.gz", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.jsonl.gz"
    return path


def _first_day(month: str) -> datetime:
    try:
        if len(month) != len("2026-01"):
            raise ValueError
        return datetime.strptime(month, "%Y-%m")  # noqa: DTZ007 (of the zone that the database has)
    except ValueError:
        raise BadValue(f"{month[:20]} 不是月份，应如 2026-01", f"{month[:20]} is no month; write 2026-01") from None
