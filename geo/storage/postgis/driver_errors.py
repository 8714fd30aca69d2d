"""Name what PostgreSQL meets as errors of this project; its own text, which may quote data or SQL, stays inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import exc

from geo.errors import BadValue, Conflict, GeoError, NotAllowed, StoreBroken, StoreBusy, StoreDown

#: Waited too long for a lock or a statement, lost a race, or the server is out of memory for now.
_BUSY = {"40001", "40P01", "55P03", "57014", "53200", "25P02", "25P03"}
#: Shutting down, starting up, or full of connections.
_DOWN = {"57P01", "57P02", "57P03", "57P05", "53300", "08000", "08001", "08003", "08004", "08006"}


def named(error: BaseException, name: str) -> GeoError:
    """Return the error of this project for one of the driver or of the pool.

    Parameters
    ----------
    error
        What was raised.
    name
        How the database is shown to people.
    """
    cause: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    code = getattr(cause, "sqlstate", None) or ""
    if code in _BUSY or isinstance(error, exc.TimeoutError):
        return StoreBusy(f"数据库 {name} 正忙，请稍后再试", f"the database {name} is busy; try again later")
    for known, make in _FIXED.items():
        if code.startswith(known):
            return make()
    if isinstance(cause, psycopg.DataError):
        return _bad_value()
    if code in _DOWN or (not code and isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)):
        return StoreDown(f"数据库 {name} 无法连接", f"the database {name} cannot be reached")
    told = code or type(cause).__name__
    return StoreBroken(
        f"数据库 {name} 的结构与所需不符（{told}）；请运行 gridsight db upgrade",
        f"the database {name} is not as it should be ({told}); run gridsight db upgrade",
    )


def key_taken() -> Conflict:
    """Return the error for a key that is there: one text, which does not tell whose it is (CONTRACT section 5)."""
    return Conflict("键已被占用", "the key is taken")


def not_allowed() -> NotAllowed:
    """Return the error for what a grant or a row policy refuses."""
    return NotAllowed("您的权限不允许此操作", "your rights do not allow this")


def _bad_value() -> BadValue:
    return BadValue("值无法存入数据库", "a value cannot be stored in the database")


#: How the codes begin that always mean the same.
_FIXED: dict[str, Callable[[], GeoError]] = {"23505": key_taken, "42501": not_allowed, "22": _bad_value}


def iso(when: datetime | None) -> str | None:
    """Return a time as a workspace writes it: UTC, three decimals of a second, or six where they are needed."""
    if when is None:
        return None
    precision = "microseconds" if when.microsecond % 1000 else "milliseconds"
    return when.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
