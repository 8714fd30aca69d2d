"""Translate PostgreSQL errors; messages of the driver, which may contain data or SQL, are not exposed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import exc

from geo.errors import BadValue, Conflict, GeoError, NotAllowed, StoreBroken, StoreBusy, StoreDown, StoreFull

#: Lock or statement timeout, serialization failure, or out of memory.
BUSY = {"40001", "40P01", "55P03", "57014", "53200", "25P02", "25P03"}
#: Server shutting down, starting up, or out of connections.
_DOWN = {"57P01", "57P02", "57P03", "57P05", "53300", "08000", "08001", "08003", "08004", "08006"}

#: No room on the disk, or over the limit of temporary files.
FULL = {"53100", "53400"}
#: Characters of what the driver says of a connection, its host and its login: for the log alone.
_MOST_REASON = 300
#: Too few resources, and errors of the server's own system: the same statement may succeed later.
_SERVER_FAULTS = ("53", "58", "57P")


def translated_error(error: BaseException, name: str) -> GeoError:
    """Return the error of this project for one of the driver or of the pool.

    Parameters
    ----------
    error
        The error raised.
    name
        The name of the database, for the operator alone.
    """
    cause: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    code = getattr(cause, "sqlstate", None) or ""
    if code == _REFUSED and cause.diag.constraint_name == "within":
        return out_of_scope_error(**json.loads(cause.diag.message_detail))
    if code in BUSY or isinstance(error, exc.TimeoutError):
        return StoreBusy("数据库正忙，请稍后再试", "the database is busy; try again later", for_operator=name)
    for known, make in _FIXED.items():
        if code.startswith(known):
            return make()
    if isinstance(cause, psycopg.DataError):
        return _bad_value()
    return _error_of_server(cause, code, name)


def _error_of_server(cause: Any, code: str, name: str) -> GeoError:
    """Return the error for a server that is full, out of reach, failing, or not as this program expects it."""
    if code in FULL:
        return full_error(f"{name}: {server_reason(cause)}")
    if code in _DOWN or (not code and isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)):
        reason = " ".join(str(cause).split())[:_MOST_REASON]
        return StoreDown("数据库无法连接", "the database cannot be reached", for_operator=f"{name}: {reason}")
    if code.startswith(_SERVER_FAULTS):
        return StoreDown(
            "数据库服务器出错，请稍后再试", "the database server failed; try again later",
            for_operator=f"{name}: {server_reason(cause)}",
        )  # fmt: skip
    detail = code or type(cause).__name__
    return StoreBroken(
        f"数据库的结构与所需不符（{detail}）；请运行 gridsight db upgrade",
        f"the database is not as it should be ({detail}); run gridsight db upgrade",
        for_operator=name,
    )


def full_error(reason: str) -> StoreFull:
    """Return the error for a disk without room, with the reason for the operator."""
    return StoreFull(
        "存储空间已满，未作改动；请联系管理员", "the disk of the store is full, nothing was changed; tell the operator",
        for_operator=reason,
    )  # fmt: skip


def server_reason(cause: Any) -> str:
    """Return what the server says of its own machine: files and limits, neither data nor SQL."""
    code = getattr(cause, "sqlstate", None) or ""
    diag = getattr(cause, "diag", None)
    message = diag.message_primary if diag is not None else getattr(cause, "message", "")
    return f"{message or type(cause).__name__} ({code})"


def key_taken_error() -> Conflict:
    """Return the error for an existing key: one text, which does not reveal its owner (docs/contract.md section 5)."""
    return Conflict("键已被占用", "the key is taken")


def not_allowed_error() -> NotAllowed:
    """Return the error for an action refused by a grant or a row policy."""
    return NotAllowed("您的权限不允许此操作", "your rights do not allow this")


def out_of_scope_error(*, why: str, key: str, place: str | None, word: str | None, name: str | None) -> NotAllowed:
    """Return the error for a write that is not wholly within the townships of its caller.

    Parameters
    ----------
    why
        ``outside`` the county, over the ``border`` of a township, ``elsewhere``; or a ``code`` or a ``text`` names
        another township; or a ``name`` is that of one.
    key
        The key of the row.
    place
        The code of the other township; of a text, the name that it holds.
    word
        The code or the text.
    name
        The name of that township.
    """
    zh, en = _WHY_OUT_OF_SCOPE[why]
    row, town = (key or "")[:_MOST_SAID], " ".join(one for one in (name, place) if one)
    words = {"key": row, "town": town, "word": (word or "")[:_MOST_SAID]}
    return NotAllowed(zh.format(**words), en.format(**words))


def _bad_value() -> BadValue:
    return BadValue("值无法存入数据库", "a value cannot be stored in the database")


_REFUSED = "42501"
#: Characters of a key or a text that an error repeats.
_MOST_SAID = 60
_WHY_OUT_OF_SCOPE = {
    "outside": (
        "{key} 有一部分在县外：县外的只有管理员可以写入",
        "part of {key} lies outside the county: only an admin may write there",
    ),
    "border": (
        "{key} 越过镇街界，伸入 {town}：跨界的只有管理员可以写入",
        "{key} reaches over the border into {town}: only an admin may write what lies over a border",
    ),
    "elsewhere": (
        "{key} 位于 {town}，不在您的镇街之内",
        "{key} lies in {town}, which is not in your scope",
    ),
    "code": (
        "{key} 的代码 {word} 属于 {town}，不在您的镇街之内",
        "the code {word} of {key} names {town}, which is not in your scope",
    ),
    "text": (
        "{key} 的地址“{word}”写的是{town}，不在您的镇街之内",
        "the address {word} of {key} names {town}, which is not in your scope",
    ),
    "name": (
        "{key} 不能叫作“{word}”：那是别的镇街或其中某村的名称",
        "{key} cannot be called {word}: that is the name of another township or of a village of it",
    ),
}
#: Prefix of SQLSTATE -> error, for codes with a fixed meaning.
_FIXED: dict[str, Callable[[], GeoError]] = {"23505": key_taken_error, _REFUSED: not_allowed_error, "22": _bad_value}


def iso_time(when: datetime | None) -> str | None:
    """Return a time in the format of a workspace: UTC, three decimals of a second, or six where needed."""
    if when is None:
        return None
    precision = "microseconds" if when.microsecond % 1000 else "milliseconds"
    return when.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
