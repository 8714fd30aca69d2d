"""Open connections for operator tasks, and translate errors of the server into errors of this project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from geo.errors import GeoError, StoreBroken, StoreBusy, StoreDown
from geo.storage.postgis.tables import OWNER
from geo.storage.postgis.urls import connect_seconds, libpq_url, url_without_password

_CONNECT_SECONDS = 10


@contextmanager
def connect(url: str) -> Iterator[psycopg.Connection]:
    """Yield an autocommit connection; errors of the driver are translated."""
    with (
        translate_errors(url),
        psycopg.connect(
            libpq_url(url), autocommit=True, connect_timeout=connect_seconds(url, _CONNECT_SECONDS)
        ) as conn,
    ):
        yield conn


def require_utf8(conn: psycopg.Connection, url: str) -> None:
    """Raise StoreBroken where a database is of another encoding, as that of a cluster made without a locale is.

    Names are compared in their normal forms, which PostgreSQL computes for UTF-8 only.
    """
    encoding = conn.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        name, make = url_without_password(url), "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8"
        raise StoreBroken(
            f"数据库 {name} 的编码是 {encoding}，须为 UTF8；请另建一个：{make}",
            f"the database {name} has the encoding {encoding} and needs UTF8; make another one: {make}",
        )


@contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Translate errors of the driver; its messages, which may contain data, are not exposed."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _translated_error(error.orig, url) from error
    except psycopg.Error as error:
        raise _translated_error(error, url) from error


def _translated_error(error: Any, url: str) -> GeoError:
    name = url_without_password(url)
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, psycopg.OperationalError) and not state:
        return _connection_error(str(error), name)
    if state.startswith(("08", "53", "57P")):
        return StoreDown(f"数据库 {name} 断开了连接", f"the database {name} closed the connection")
    if state in ("55P03", "40P01"):  # lock_not_available, deadlock_detected
        return StoreBusy(
            f"数据库 {name} 的表正被使用，请稍后再试", f"tables of {name} are in use; run it again a little later"
        )
    if state == "42501":  # insufficient_privilege
        return StoreBroken(
            f"登录账号对数据库 {name} 权限不足；请用超级用户，或可建角色的 {OWNER} 成员",
            f"this login may not do that at {name}; use a superuser, or a member of {OWNER} that may create roles",
        )
    if state in ("58P01", "0A000"):  # undefined_file, feature_not_supported: CREATE EXTENSION
        return StoreBroken(f"{name} 的服务器未安装 PostGIS", f"the server of {name} has no PostGIS installed")
    kind = state or type(error).__name__
    return StoreBroken(f"数据库 {name} 与所需不符（{kind}）", f"the database {name} is not as it should be ({kind})")


def _connection_error(message: str, name: str) -> GeoError:
    """Return the error for a refused connection: libpq gives no code, so the message decides."""
    if "password" in message or "authentication" in message:
        return StoreBroken(f"数据库 {name} 拒绝登录", f"{name} refuses this login")
    if "does not exist" in message:
        return StoreBroken(f"没有数据库或账号：{name}", f"there is no such database or login: {name}")
    return StoreDown(f"无法连接数据库 {name}", f"the database {name} cannot be reached")
