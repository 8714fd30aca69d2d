"""Maintain the server database: migrate, check the login, back up, restore.

These are operator tasks (`gridsight db ...`): they run as a superuser, or as a member of ``gridsight_owner`` that may
create roles. Nothing here is loaded in embedded mode.
"""

from __future__ import annotations

import importlib.util
import time
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
from geo.storage.postgis import backup as dumps
from geo.storage.postgis.backup import backup
from geo.storage.postgis.operator_connections import connect, require_utf8, translate_errors
from geo.storage.postgis.startup_checks import harden_postgis, maintenance_warnings, require_startup_checks
from geo.storage.postgis.tables import SCHEMA
from geo.storage.postgis.urls import engine_url, url_without_password
from geo.storage.time_zones import DEFAULT_TIME_ZONE, checked_time_zone
from geo.types import Progress, no_progress

__all__ = [
    "backup",
    "current",
    "downgrade",
    "maintenance_warnings",
    "newest",
    "require_not_newer",
    "require_startup_checks",
    "restore",
    "upgrade",
]

#: Key of the advisory lock that allows one upgrade of a database at a time.
_LOCK = 0x67726964
# Seconds between attempts to have it.
_PAUSES = (0.05, 0.1, 0.2, 0.4)


def upgrade(
    url: str, *, to: str = "head", time_zone: str = DEFAULT_TIME_ZONE, progress: Progress = no_progress
) -> list[str]:
    """Upgrade a database to a revision and return the steps made, none where it has that revision.

    Parameters
    ----------
    url
        ``postgresql://OPERATOR@HOST/DATABASE``.
    to
        A revision such as ``0002``, or ``head``.
    time_zone
        The time zone of a database that has none yet.

    Raises
    ------
    StoreDown
        The server cannot be reached.
    StoreBusy
        A table is in use, or another upgrade is running.
    StoreBroken
        The login lacks a right, PostGIS is not installed, or the database is newer than this program or not of UTF-8.
    """
    steps: list[str] = []
    checked_time_zone(time_zone)
    with _migrating(url, steps, progress) as config:
        config.attributes["time_zone"] = time_zone
        command.upgrade(config, to)
    progress("核对权限 / checking rights", 0.95)
    with connect(url) as conn:
        harden_postgis(conn)
    return steps


def downgrade(url: str, *, to: str) -> list[str]:
    """Downgrade a database to an older revision, ``base`` for none, and return the steps made.

    Data that the older revision does not have are lost; all other data are unchanged.
    """
    steps: list[str] = []
    with _migrating(url, steps, no_progress) as config:
        command.downgrade(config, to)
    return steps


def restore(url: str, path: Path, *, progress: Progress = no_progress) -> None:
    """Restore a backup into an empty database: see ``backup.restore``.

    Raises
    ------
    StoreBroken
        The backup is of a newer version than this program, besides what ``backup.restore`` raises; nothing is changed.
    """

    def require_usable(revision: str | None) -> None:
        require_not_newer(revision, f"备份 {path} ", f"the backup {path}")

    dumps.restore(url, path, require_usable=require_usable, progress=progress)


def require_not_newer(revision: str | None, zh: str, en: str) -> None:
    """Raise StoreBroken where a revision is of a newer program: one whose migrations this program does not have.

    Parameters
    ----------
    revision
        Of a database or a backup; None where it was never migrated.
    zh, en
        What has the revision, in words.
    """
    known = [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]
    if revision is not None and revision not in known:
        raise StoreBroken(
            f"{zh}的版本是 {revision}，本程序只认识到 {known[0]}，请升级程序",
            f"{en} is at version {revision}, this program knows up to {known[0]}: use a newer one",
        )


def newest() -> str:
    """Return the revision that this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise StoreBroken("安装不完整：没有迁移文件", "the installation lacks its migrations")
    return str(head)


def current(url: str) -> str | None:
    """Return the revision of a database, None where it was never migrated."""
    with connect(url) as conn:
        return _revision(conn)


@contextmanager
def _migrating(url: str, steps: list[str], progress: Progress) -> Iterator[Config]:
    """Yield the configuration of alembic with a connection, one upgrade at a time."""
    config = _config()
    total = len(list(ScriptDirectory.from_config(config).walk_revisions()))

    def report(*, step: Any, **_: Any) -> None:
        steps.append(f"{'+' if step.is_upgrade else '-'} {step.up_revision_id} {step.up_revision.doc}")
        progress(f"迁移 {step.up_revision_id} / migration {step.up_revision_id}", 0.9 * len(steps) / total)

    options = {"options": f"-c search_path={SCHEMA},public"}
    engine = sa.create_engine(engine_url(url), poolclass=sa.pool.NullPool, connect_args=options)
    config.attributes["on_step"] = (report,)
    with translate_errors(url), connect(url) as guard:
        if not _lock_upgrades(guard):
            raise StoreBusy("另一个升级正在进行", "another upgrade is under way")
        require_utf8(guard, url)
        name = url_without_password(url)
        require_not_newer(_revision(guard), f"数据库 {name} ", f"the database {name}")
        # alembic creates its own table first, in the schema.
        guard.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            try:
                yield config
            except CommandError as error:
                raise UnknownName("没有这个版本", "there is no such revision") from error
    engine.dispose()


def _lock_upgrades(conn: psycopg.Connection) -> bool:
    """Return whether the lock is had; the process of a session that has just ended holds it a moment longer."""
    for pause in (*_PAUSES, 0.0):
        found = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
        if found and found[0]:
            return True
        time.sleep(pause)
    return False


def _config() -> Config:
    """Return the configuration of alembic: no file, scripts from the installed package ``migrations``."""
    found = importlib.util.find_spec("migrations")
    if found is None or not found.submodule_search_locations:
        raise StoreBroken("安装不完整：没有迁移文件", "the installation lacks its migrations")
    config = Config()
    folder = str(Path(next(iter(found.submodule_search_locations))))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(conn: psycopg.Connection) -> str | None:
    if conn.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.alembic_version",)).fetchone() == (None,):
        return None
    row = conn.execute(f"SELECT version_num FROM {SCHEMA}.alembic_version").fetchone()  # noqa: S608 (our own name)
    return str(row[0]) if row else None
