"""Read database URLs, connect for an operator's errands, and name what a server refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
import sqlalchemy as sa

from geo.errors import BadValue, GeoError, StoreBroken, StoreBusy, StoreDown
from geo.storage.postgis.tables import OWNER

_CONNECT_SECONDS = 10


def shown(url: str) -> str:
    """Return a database URL as people may see it: without its password, wherever in it that stands."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if "password" not in name.lower()])
    return urlunsplit((parts.scheme, f"{user.partition(':')[0]}{at}{place}", parts.path, query, ""))


def with_password(url: str, password: str) -> str:
    """Return a database URL with this password in it; one that it already has stays."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    if not password or not at or ":" in user:
        return url
    return urlunsplit((parts.scheme, f"{user}:{quote(password, safe='')}@{place}", parts.path, parts.query, ""))


def plain_url(url: str) -> str:
    """Return a URL as libpq takes it; raise BadValue where it is none."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.partition("+")[0] not in ("postgresql", "postgres") or not urlsplit(url).path.strip("/"):
        raise BadValue(
            "数据库地址应如 postgresql://用户@主机/数据库", "a database URL reads postgresql://LOGIN@HOST/DATABASE"
        )
    return f"postgresql://{rest}"


def engine_url(url: str) -> str:
    """Return a URL as SQLAlchemy takes it, for psycopg."""
    return plain_url(url).replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Give a plain connection that commits by itself, and name what goes wrong."""
    with naming(url), psycopg.connect(plain_url(url), autocommit=True, connect_timeout=_CONNECT_SECONDS) as conn:
        yield conn


@contextmanager
def naming(url: str) -> Iterator[None]:
    """Turn errors of the driver into errors of this project; their texts, which may quote data, stay inside."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _named(error.orig, url) from error
    except psycopg.Error as error:
        raise _named(error, url) from error


def _named(error: Any, url: str) -> GeoError:
    name = shown(url)
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, psycopg.OperationalError) and not state:
        return _unreached(str(error), name)
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


def _unreached(said: str, name: str) -> GeoError:
    """Return what kept a session from beginning: libpq gives no code for it, its sentence tells."""
    if "password" in said or "authentication" in said:
        return StoreBroken(f"数据库 {name} 拒绝登录", f"{name} refuses this login")
    if "does not exist" in said:
        return StoreBroken(f"没有数据库或账号：{name}", f"there is no such database or login: {name}")
    return StoreDown(f"无法连接数据库 {name}", f"the database {name} cannot be reached")
