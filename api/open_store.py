"""Choose and open the store both doors use (CONTRACT section 1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import Settings
from geo.errors import BadValue, NotFound, StoreBroken
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller

_DEFAULT = Path("workspace.gpkg")


def open_any(
    settings: Settings,
    *,
    workspace: Path | None = None,
    database: str | None = None,
    create: bool = False,
    caller: Caller = LOCAL,
) -> Store:
    """Open the store: --workspace beats --database beats the database of the settings beats their workspace.

    Parameters
    ----------
    settings
        Where neither flag says it; without both ``./workspace.gpkg``.
    workspace, database
        What the flags named; both together are BadValue.
    create
        Whether a workspace file may be made; a database never is (`gridsight db upgrade` does that).
    caller
        As whom to act on a server.

    Raises
    ------
    NotFound
        The workspace is not there and may not be made.
    BadValue
        Both flags, or a database URL that is none.
    StoreDown, StoreBroken
        The database is out of reach, not migrated, or the extra `server` is not installed.
    """
    place = place_of(settings, workspace, database)
    if isinstance(place, Path):
        return _open_file(place, create=create)
    url = database_url(settings, place)
    with server_packages():
        from geo.storage.postgis.store import open_database  # noqa: PLC0415 (the desk has no such packages)
    return open_database(url, caller=caller, pool_size=settings.pool_size, statement_seconds=settings.statement_seconds)


def open_workspace(settings: Settings, workspace: Path | None = None, *, create: bool = False) -> Store:
    """Open the store of the settings, or the workspace named: the older name of ``open_any``."""
    return open_any(settings, workspace=workspace, create=create)


def place_of(settings: Settings, workspace: Path | None = None, database: str | None = None) -> Path | str:
    """Return the workspace file, or the database URL as given; raise BadValue where both flags are there."""
    if workspace is not None and database is not None:
        raise BadValue("--workspace 与 --database 只能给一个", "give --workspace or --database, not both")
    if workspace is not None:
        return workspace
    return database or settings.database_url or settings.workspace or _DEFAULT


def database_url(settings: Settings, url: str | None = None) -> str:
    """Return the database URL that everything connects with: the one named, else that of the settings.

    The password of ``database_password_file`` is put into it where it names a login without one. Never show this;
    ``geo.storage.postgis.urls.url_without_password`` gives what people may see.

    Raises
    ------
    BadValue
        No database is named, the URL is none, or the password file cannot be read.
    """
    url = url or settings.database_url
    if not url:
        raise BadValue(
            "未指明数据库；请用 --database 或 GRIDSIGHT_DATABASE_URL",
            "no database is named; use --database or GRIDSIGHT_DATABASE_URL",
        )
    with server_packages():
        from geo.storage.postgis.urls import libpq_url, with_password  # noqa: PLC0415 (the desk has no such packages)
    return with_password(libpq_url(url), _password(settings.database_password_file))


@contextmanager
def server_packages() -> Iterator[None]:
    """Say what to install where an import within finds that the extra `server` is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"geo", "api", "maps", "migrations"}:
            raise
        raise StoreBroken(
            "使用数据库需要服务器组件：pip install gridsight[server]",
            "a database needs the server packages: pip install gridsight[server]",
        ) from error


def _open_file(path: Path, *, create: bool) -> Store:
    if not create and not path.exists():
        raise NotFound(
            f"没有工作区 {path}，请先运行 gridsight import 或 gridsight demo",
            f"there is no workspace {path}; run gridsight import or gridsight demo first",
        )
    return open_store(path, create=create)


def _password(path: Path | None) -> str:
    """Return the first line of a file, empty where no file is named."""
    if path is None:
        return ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadValue(f"无法读取口令文件 {path}", f"the password file {path} cannot be read") from None
    return lines[0].strip() if lines else ""
