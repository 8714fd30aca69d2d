"""Look after the server database: migrate it, check its login, mark what rights need for speed.

These are an operator's errands (`gridsight db ...`): they run as a superuser, or as a member of ``gridsight_owner``
that may create roles. Nothing here is loaded at the desk.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from geo.errors import BadValue, StoreBroken, StoreBusy, StoreDown, UnknownName
from geo.storage.tables import OWNER, SCHEMA
from geo.types import Progress, silent

#: The number by which upgrades of one database wait for each other.
_LOCK = 0x67726964
_CONNECT_SECONDS = 10
_LEAKPROOF = "public.geometry_overlaps(public.geometry,public.geometry)"


def upgrade(url: str, *, to: str = "head", progress: Progress = silent) -> list[str]:
    """Bring a database to a version and return the steps made, none where it was there already.

    Parameters
    ----------
    url
        ``postgresql://OPERATOR@HOST/DATABASE``.
    to
        A revision such as ``0002``, or ``head``.

    Raises
    ------
    StoreDown
        The server cannot be reached.
    StoreBusy
        A table is in use, or another upgrade is under way.
    StoreBroken
        The login may not do this, or PostGIS is not there.
    """
    steps: list[str] = []
    with _migrating(url, steps, progress) as config:
        command.upgrade(config, to)
    progress("核对权限 / checking rights", 0.95)
    with _connected(url) as conn:
        mark_leakproof(conn)
    return steps


def downgrade(url: str, *, to: str) -> list[str]:
    """Take a database back to an older version, ``base`` being none, and return the steps made.

    What the older version does not know is lost; what it knows stays as it is.
    """
    steps: list[str] = []
    with _migrating(url, steps, silent) as config:
        command.downgrade(config, to)
    return steps


def newest() -> str:
    """Return the revision that this version of the program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise StoreBroken("安装不完整：没有迁移文件", "the installation lacks its migrations")
    return str(head)


def current(url: str) -> str | None:
    """Return the revision that a database is at, None where it was never migrated."""
    with _connected(url) as conn:
        return _revision(conn)


def mark_leakproof(conn: psycopg.Connection) -> bool:
    """Mark the operator that spatial indexes need as leakproof, if this login may; tell whether it is.

    Under a row policy PostgreSQL puts every function before the policy that might leak what it sees in an error, and
    takes no index for it: the box filter of a map ran forty times slower. ``geometry_overlaps`` says nothing of its
    arguments. An update of the extension forgets the mark, so each ``db upgrade`` and ``db restore`` sets it.
    """
    if not _is_leakproof(conn):
        with _suppressed(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(f"ALTER FUNCTION {_LEAKPROOF} LEAKPROOF")
    return _is_leakproof(conn)


def _is_leakproof(conn: psycopg.Connection) -> bool:
    found = conn.execute("SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(%s)", (_LEAKPROOF,)).fetchone()
    return bool(found and found[0])


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


def _plain(url: str) -> str:
    """Return a URL as libpq takes it, refusing what is none."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise BadValue(
            "数据库地址应如 postgresql://用户@主机/数据库", "a database URL reads postgresql://LOGIN@HOST/DATABASE"
        )
    return f"postgresql://{rest}"


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    """Give a plain connection that commits by itself, and name what goes wrong."""
    with naming(url), psycopg.connect(_plain(url), autocommit=True, connect_timeout=_CONNECT_SECONDS) as conn:
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


def _named(error: Any, url: str) -> Exception:
    name = shown(url)
    if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
        return StoreBusy(
            f"数据库 {name} 的表正被使用，请稍后再试", f"tables of {name} are in use; run it again a little later"
        )
    if isinstance(error, psycopg.errors.InvalidPassword | psycopg.errors.InvalidAuthorizationSpecification):
        return StoreBroken(f"数据库 {name} 拒绝登录", f"{name} refuses this login")
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return StoreBroken(
            f"登录账号对数据库 {name} 权限不足；请用超级用户，或可建角色的 {OWNER} 成员",
            f"this login may not do that at {name}; use a superuser, or a member of {OWNER} that may create roles",
        )
    if isinstance(error, psycopg.errors.UndefinedFile):
        return StoreBroken(f"{name} 的服务器未安装 PostGIS", f"the server of {name} has no PostGIS installed")
    if isinstance(error, psycopg.OperationalError):
        return StoreDown(f"无法连接数据库 {name}", f"the database {name} cannot be reached")
    code = getattr(error, "sqlstate", None) or type(error).__name__
    return StoreBroken(f"数据库 {name} 与所需不符（{code}）", f"the database {name} is not as it should be ({code})")


@contextmanager
def _migrating(url: str, steps: list[str], progress: Progress) -> Iterator[Config]:
    """Give alembic's configuration with a connection of its own, one upgrade at a time."""
    config = _config()
    total = len(list(ScriptDirectory.from_config(config).walk_revisions()))

    def tell(*, step: Any, **_: Any) -> None:
        steps.append(f"{'+' if step.is_upgrade else '-'} {step.up_revision_id} {step.up_revision.doc}")
        progress(f"迁移 {step.up_revision_id} / migration {step.up_revision_id}", 0.9 * len(steps) / total)

    address = _plain(url).replace("postgresql://", "postgresql+psycopg://", 1)
    engine = sa.create_engine(
        address,
        poolclass=sa.pool.NullPool,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "options": f"-c search_path={SCHEMA},public"},
    )
    config.attributes["on_step"] = (tell,)
    with naming(url), _connected(url) as guard:
        if not _alone(guard):
            raise StoreBusy("另一个升级正在进行", "another upgrade is under way")
        # alembic makes its own table first, and that needs the schema.
        guard.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            try:
                yield config
            except CommandError as error:
                raise UnknownName(
                    "没有这个版本，或数据库版本比程序新",
                    "there is no such revision, or the database is newer than this",
                ) from error
    engine.dispose()


def _alone(conn: psycopg.Connection) -> bool:
    found = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    return bool(found and found[0])


def _config() -> Config:
    """Return alembic's configuration: all in code, the scripts where the package ``migrations`` is installed."""
    found = importlib.util.find_spec("migrations")
    if found is None or not found.submodule_search_locations:
        raise StoreBroken("安装不完整：没有迁移文件", "the installation lacks its migrations")
    config = Config()
    place = str(Path(next(iter(found.submodule_search_locations))))
    config.set_main_option("script_location", place.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(conn: psycopg.Connection) -> str | None:
    if conn.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.alembic_version",)).fetchone() == (None,):
        return None
    row = conn.execute(f"SELECT version_num FROM {SCHEMA}.alembic_version").fetchone()  # noqa: S608 (our own name)
    return str(row[0]) if row else None


@contextmanager
def _suppressed(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind:
        return
