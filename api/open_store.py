"""Choose and open the store of the command line and of HTTP (docs/contract.md section 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from api.settings import Settings
from geo.catalog.layers import LAYERS
from geo.errors import BadValue, NotFound, StoreBroken
from geo.storage.geopackage import store as geopackage
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller

_DEFAULT = Path("workspace.gpkg")


def open_configured_store(
    settings: Settings,
    *,
    workspace: Path | None = None,
    database: str | None = None,
    create: bool = False,
    caller: Caller = LOCAL,
) -> Store:
    """Open the store: that of --workspace, else --database, else the database, else the workspace of the settings.

    Parameters
    ----------
    settings
        Used where neither flag is given; without both ``./workspace.gpkg``.
    workspace, database
        Values of the flags.
    create
        Whether a workspace file may be created; a database never is (`gridsight db upgrade` does that).
    caller
        The caller to act for in server mode.

    Raises
    ------
    NotFound
        The workspace does not exist and may not be created.
    BadValue
        Both flags are given, or the database URL is invalid.
    StoreDown, StoreBroken
        The database is unreachable or not migrated, or the extra `server` is not installed.
    """
    location = store_location(settings, workspace, database)
    if isinstance(location, Path):
        return _open_file(location, create=create, time_zone=settings.time_zone)
    url = database_url(settings, location)
    with server_packages():
        from geo.storage.postgis.store import open_database  # noqa: PLC0415 (not installed in embedded mode)
    return open_database(url, caller=caller, pool_size=settings.pool_size, statement_seconds=settings.statement_seconds)


def store_location(settings: Settings, workspace: Path | None = None, database: str | None = None) -> Path | str:
    """Return the workspace file, or the database URL as given; raise BadValue where both flags are given."""
    if workspace is not None and database is not None:
        raise BadValue("--workspace 与 --database 只能给一个", "give --workspace or --database, not both")
    if workspace is not None:
        return workspace
    return database or settings.database_url or settings.workspace or _DEFAULT


def is_server_mode(store: Store) -> bool:
    """Return whether a store is a server database (server mode), not a workspace file (embedded mode)."""
    return store.name.startswith(("postgresql://", "postgres://"))


def index_folder(settings: Settings, store: Store) -> Path | None:
    """Return where indexes of addresses are kept: in the folder of the settings, else beside a workspace file.

    Those of a database are in the cache of the user that runs the service, who alone may read them; without a home
    they are nowhere.
    """
    if settings.index_dir is not None:
        return settings.index_dir
    if isinstance(store, geopackage.GeoPackageStore):
        return store.path.with_name(f"{store.path.name}.index")
    named = hashlib.sha256(store.name.encode()).hexdigest()[:16]
    try:
        return Path.home() / ".cache" / "gridsight" / f"index-{named}"
    except RuntimeError:
        return None


def basemap_folder(settings: Settings, store: Store) -> Path | None:
    """Return where files of base maps are: the folder of a workspace file, for a database that of the settings."""
    return store.path.absolute().parent if isinstance(store, geopackage.GeoPackageStore) else settings.basemap_folder


def upgrades_of(store: Store) -> Sequence[str]:
    """Return what was done to a workspace file of an earlier version when it was opened, as `中文 / English`."""
    return store.upgraded if isinstance(store, geopackage.GeoPackageStore) else ()


def written_by_others(store: Store, writer: str) -> list[str]:
    """Return the layers of a workspace file, with rows now or in the past, that somebody else changed last."""
    if not isinstance(store, geopackage.GeoPackageStore):
        return []
    return [name for name in LAYERS if store.last_writer(name) != writer and store.count(name, at=(None, None))]


def database_url(settings: Settings, url: str | None = None) -> str:
    """Return the URL for connections to the database: the one given, else that of the settings.

    The password of ``database_password_file`` is added where the URL has a login without one. Never show this URL;
    ``geo.storage.postgis.urls.url_without_password`` returns one without password.

    Raises
    ------
    BadValue
        No database is named, the URL is invalid, or the password file cannot be read.
    """
    url = url or settings.database_url
    if not url:
        raise BadValue(
            "未指明数据库；请用 --database 或 GRIDSIGHT_DATABASE_URL",
            "no database is named; use --database or GRIDSIGHT_DATABASE_URL",
        )
    with server_packages():
        from geo.storage.postgis.urls import libpq_url, with_password  # noqa: PLC0415 (not installed in embedded mode)
    return with_password(libpq_url(url), _password(settings.database_password_file))


@contextmanager
def server_packages() -> Iterator[None]:
    """Raise StoreBroken with installation instructions where an import within fails: the extra `server` is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"geo", "api", "maps", "migrations"}:
            raise
        raise StoreBroken(
            "使用数据库需要服务器组件：pip install gridsight[server]",
            "a database needs the server packages: pip install gridsight[server]",
        ) from error


def _open_file(path: Path, *, create: bool, time_zone: str) -> Store:
    if not create and not path.exists():
        raise NotFound(
            f"没有工作区 {path}，请先运行 gridsight import 或 gridsight demo",
            f"there is no workspace {path}; run gridsight import or gridsight demo first",
        )
    if path.exists() and not (path.is_file() or path.is_dir()):  # opening a pipe would wait for whoever writes to it
        raise StoreBroken(f"{path} 不是文件", f"{path} is no file")
    return geopackage.open_store(path, create=create, time_zone=time_zone)


def _password(path: Path | None) -> str:
    """Return the first line of a file, empty where no file is named."""
    if path is None:
        return ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadValue(f"无法读取口令文件 {path}", f"the password file {path} cannot be read") from None
    return lines[0].strip() if lines else ""
