"""Query the server database for tiles: a few asyncpg connections and one statement per tile, its role included.

A connection has the least role from the start; a statement sets the caller's role for itself only, and the connection
is unchanged at its end. So nothing has to be reset between requests, which costs asyncpg's own pool a second round trip
for every tile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.open_store import database_url, is_server_mode
from api.settings import Settings
from geo.errors import BadValue, GeoError, NotAllowed, StoreBroken, StoreBusy, StoreDown
from geo.storage.protocol import Store
from geo.storage.records import Caller
from maps.tiles.tile_encoding import Tile

#: Database roles of callers, as in ``geo.storage.postgis.tables``; callers without a key are rejected before.
ROLES = {"viewer": "gridsight_viewer", "planner": "gridsight_planner", "admin": "gridsight_admin"}
_LEAST_ROLE = "gridsight_viewer"
_LAYER_SQL = "SELECT * FROM gridsight.tile($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_RUN_SQL = "SELECT * FROM gridsight.run_tile($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_CONNECT_SECONDS = 5.0
#: Timeout of one tile, whatever that of other statements.
_MAX_SECONDS = 15.0


class PostgisTiles:
    """Tiles from a server database; reconnects after its restarts.

    Parameters
    ----------
    url
        As returned by ``api.open_store.database_url``; any login that is a member of the request roles.
    size
        Upper bound on connections; further requests wait for one.
    seconds
        Timeout of one tile.
    """

    def __init__(self, url: str, *, size: int = 4, seconds: float = _MAX_SECONDS) -> None:
        from geo.storage.postgis.urls import asyncpg_target  # noqa: PLC0415 (not installed in embedded mode)

        self._target = asyncpg_target(url)
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)
        self._size = size
        self._in_use = 0
        self._idle: list[_PooledConnection] = []
        self._closed = False

    async def layer_tile(
        self,
        caller: Caller,
        layer: str,
        days: tuple[date, date],
        grid: str,
        zxy: tuple[int, int, int],
        known: str | None,
    ) -> tuple[str, Tile | None]:
        """Return the stamp of a layer's state and one of its tiles, no tile where the stamp is the known one.

        Raises
        ------
        NotAllowed
            The caller may not read the layer.
        StoreBusy, StoreDown, StoreBroken
            The tile took too long; the database cannot be reached; it is not migrated.
        """
        z, x, y = zxy
        row = await self._row(0, *_role_and_townships(caller), layer, *days, grid, z, x, y, known)
        return _read(row, known)

    async def run_tile(
        self, caller: Caller, run: str, layer: str, grid: str, zxy: tuple[int, int, int], known: str | None
    ) -> tuple[str | None, Tile | None]:
        """Return the stamp of a layer of a run and one of its tiles, no stamp for an unknown run (``layer_tile``)."""
        z, x, y = zxy
        row = await self._row(1, *_role_and_townships(caller), run, layer, grid, z, x, y, known)
        return (None, None) if row[0] is None else _read(row, known)

    def connections(self) -> tuple[int, int]:
        """Return how many connections are in use, and how many may be, for metrics."""
        return self._in_use, self._size

    async def close(self) -> None:
        """Close the idle connections; one in use is closed when it is released."""
        self._closed = True
        while self._idle:
            pooled = self._idle.pop()
            with contextlib.suppress(Exception):
                await pooled.connection.close(timeout=2)

    async def _row(self, which: int, *values: Any) -> Any:
        async with self._free:
            self._in_use += 1
            try:
                return await self._row_with_retry(which, values)
            finally:
                self._in_use -= 1

    async def _row_with_retry(self, which: int, values: Sequence[Any]) -> Any:
        pooled = self._idle.pop() if self._idle else None
        while True:
            fresh = pooled is None or pooled.connection.is_closed()
            try:
                pooled = await self._connect() if pooled is None or fresh else pooled
                row = await pooled.statements[which].fetchrow(*values, timeout=self._seconds + 2)
            except BaseException as error:
                found = _translated_error(error)
                self._release(pooled, reusable=isinstance(found, StoreBusy | NotAllowed))
                if found is None:
                    raise
                # An idle connection may have been closed by a server restart: retry with another.
                if isinstance(found, StoreDown) and not fresh and not isinstance(error, TimeoutError):
                    pooled = None
                    continue
                raise found from error
            self._release(pooled, reusable=True)
            return row

    def _release(self, pooled: _PooledConnection | None, *, reusable: bool) -> None:
        """Keep a connection for the next tile; discard one in an unknown state."""
        if pooled is None or pooled.connection.is_closed():
            return
        if reusable and not self._closed:
            self._idle.append(pooled)
        else:
            pooled.connection.terminate()

    async def _connect(self) -> _PooledConnection:
        import asyncpg  # noqa: PLC0415 (not installed in embedded mode)

        settings = self._target.settings | {
            "role": _LEAST_ROLE, "search_path": "gridsight,public", "jit": "off", "application_name": "gridsight tiles",
            "statement_timeout": str(round(self._seconds * 1000)),
        }  # fmt: skip
        try:
            connection = await asyncpg.connect(
                self._target.dsn, server_settings=settings, timeout=self._target.seconds or _CONNECT_SECONDS
            )
        except asyncpg.PostgresError as error:  # the database is away, or lets the login in no more
            raise _out_of_reach(error) from error
        try:
            return _PooledConnection(connection, [await connection.prepare(sql) for sql in (_LAYER_SQL, _RUN_SQL)])
        except BaseException:
            connection.terminate()
            raise


@dataclass(frozen=True)
class _PooledConnection:
    """One connection with its prepared statements."""

    connection: Any
    statements: list[Any]


def make_postgis_tiles(store: Store, settings: Settings) -> PostgisTiles | None:
    """Return the tiles of a server; None in embedded mode, where tiles are built from the store."""
    if not is_server_mode(store) or settings.database_url is None:
        return None
    seconds = min(_MAX_SECONDS, settings.statement_seconds)
    return PostgisTiles(database_url(settings), size=settings.tile_pool_size, seconds=seconds)


def _role_and_townships(caller: Caller) -> tuple[str, str | None]:
    role = ROLES.get(caller.role)
    if role is None:
        raise NotAllowed("此角色不能读取瓦片", "this role reads no tiles")
    return role, None if caller.townships is None else ",".join(caller.townships)


def _read(row: Any, known: str | None) -> tuple[str, Tile | None]:
    stamp, omitted, data = row
    return stamp, None if stamp == known else Tile(data or b"", omitted or 0)


def _translated_error(error: BaseException) -> GeoError | None:
    """Return the error of this project for one of the driver, None for an unexpected one; no SQL text is passed on."""
    import asyncpg  # noqa: PLC0415

    from geo.storage.postgis import driver_errors  # noqa: PLC0415

    if isinstance(error, asyncpg.QueryCanceledError):
        return StoreBusy("瓦片生成超时，请放大后再试", "the tile took too long; zoom in")
    if isinstance(error, asyncpg.PostgresError) and error.sqlstate in driver_errors.FULL:
        return driver_errors.full_error(driver_errors.server_reason(error))
    lost = (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # the server closed the idle connection
        asyncpg.PostgresSystemError,
    )
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return NotAllowed("所用密钥不能读取此图层", "your key may not read this layer")
    if isinstance(error, (asyncpg.SyntaxOrAccessError, asyncpg.InvalidSchemaNameError)):
        return StoreBroken(
            "数据库没有瓦片函数，请运行 gridsight db upgrade", "the database lacks the tile functions; run db upgrade"
        )
    return _out_of_reach(error) if isinstance(error, lost) else _error_of_query(error)


def _error_of_query(error: BaseException) -> GeoError | None:
    import asyncpg  # noqa: PLC0415

    from geo.storage.postgis import driver_errors  # noqa: PLC0415

    if isinstance(error, asyncpg.DataError):
        return BadValue("值无法用于查询", "a value cannot be used in a query")
    if isinstance(error, asyncpg.PostgresError) and error.sqlstate in driver_errors.BUSY:
        return StoreBusy("数据库正忙，请稍后再试", "the database is busy; try again later")
    return None


def _out_of_reach(error: BaseException) -> StoreDown:
    import asyncpg  # noqa: PLC0415

    from geo.storage.postgis import driver_errors  # noqa: PLC0415

    reason = driver_errors.server_reason(error) if isinstance(error, asyncpg.PostgresError) else repr(error)
    return StoreDown(
        "数据库无法连接，请稍后重试", "the database is out of reach; try again shortly", for_operator=reason
    )
