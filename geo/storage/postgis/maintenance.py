"""Look after the server database: migrate it, check its login, back it up and restore it.

These are an operator's errands (`gridsight db ...`): they run as a superuser, or as a member of ``gridsight_owner``
that may create roles. Nothing here is loaded at the desk.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from geo.errors import StoreBroken, StoreBusy, UnknownName
from geo.storage.postgis.backup import backup, restore
from geo.storage.postgis.startup_checks import require_safe, standing, tighten
from geo.storage.postgis.tables import SCHEMA
from geo.storage.postgis.urls import connected, engine_url, naming, shown, with_password
from geo.types import Progress, silent

__all__ = [
    "backup",
    "current",
    "downgrade",
    "newest",
    "require_safe",
    "restore",
    "shown",
    "standing",
    "upgrade",
    "with_password",
]

#: The number by which upgrades of one database wait for each other.
_LOCK = 0x67726964


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
    with connected(url) as conn:
        tighten(conn)
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
    with connected(url) as conn:
        return _revision(conn)


@contextmanager
def _migrating(url: str, steps: list[str], progress: Progress) -> Iterator[Config]:
    """Give alembic's configuration with a connection of its own, one upgrade at a time."""
    config = _config()
    total = len(list(ScriptDirectory.from_config(config).walk_revisions()))

    def tell(*, step: Any, **_: Any) -> None:
        steps.append(f"{'+' if step.is_upgrade else '-'} {step.up_revision_id} {step.up_revision.doc}")
        progress(f"迁移 {step.up_revision_id} / migration {step.up_revision_id}", 0.9 * len(steps) / total)

    options = {"options": f"-c search_path={SCHEMA},public"}
    engine = sa.create_engine(engine_url(url), poolclass=sa.pool.NullPool, connect_args=options)
    config.attributes["on_step"] = (tell,)
    with naming(url), connected(url) as guard:
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
