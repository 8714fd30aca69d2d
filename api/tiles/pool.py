"""Ask the server database for tiles: a few asyncpg connections and one statement a tile, role and all.

A connection is of the least role from its first moment on; the statement takes the caller's role for itself alone, and
with its end the connection is as it was. So nothing needs to be reset between requests, which costs asyncpg's own pool
a second round trip for every tile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.jobs import is_office
from api.open_store import database_url
from api.settings import Settings
from geo.errors import GeoError, NotAllowed, StoreBroken, StoreBusy, StoreDown
from geo.storage.protocol import Store
from geo.storage.records import Caller
from maps.tiles.tile_encoding import Tile

#: Database roles of callers, as in ``geo.storage.postgis.tables``; nobody without a key gets as far as this.
ROLES = {"viewer": "gridsight_viewer", "planner": "gridsight_planner", "admin": "gridsight_admin"}
_LEAST = "gridsight_viewer"
_LAYER_SQL = "SELECT * FROM gridsight.tile($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_RUN_SQL = "SELECT * FROM gridsight.run_tile($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_CONNECT_SECONDS = 5.0
#: The longest that one tile may take, whatever other statements may.
_MOST_SECONDS = 15.0


class Tiles:
    """Answer tiles from a server database; survives its restarts.

    Parameters
    ----------
    url
        As ``api.open_store.database_url`` gives it; any login that is a member of the request roles.
    size
        Connections at most; further requests wait for one.
    seconds
        How long one tile may take.
    """

    def __init__(self, url: str, *, size: int = 4, seconds: float = _MOST_SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._places = asyncio.Semaphore(size)
        self._size = size
        self._lent = 0
        self._idle: list[_Link] = []
        self._closed = False

    async def layer(
        self,
        caller: Caller,
        layer: str,
        days: tuple[date, date],
        grid: str,
        place: tuple[int, int, int],
        known: str | None,
    ) -> tuple[str, Tile | None]:
        """Return the stamp of a layer's state and a tile of it, no tile where the stamp is the known one.

        Raises
        ------
        NotAllowed
            The caller may not read the layer.
        StoreBusy, StoreDown, StoreBroken
            The tile took too long; the database cannot be reached; it is not migrated.
        """
        z, x, y = place
        row = await self._row(0, *_who(caller), layer, *days, grid, z, x, y, known)
        return _read(row, known)

    async def run(
        self, caller: Caller, run: str, layer: str, grid: str, place: tuple[int, int, int], known: str | None
    ) -> tuple[str | None, Tile | None]:
        """Return the stamp of a run's layer and a tile of it, no stamp where there is no such run; see ``layer``."""
        z, x, y = place
        row = await self._row(1, *_who(caller), run, layer, grid, z, x, y, known)
        return (None, None) if row[0] is None else _read(row, known)

    def connections(self) -> tuple[int, int]:
        """Return how many connections are at work, and how many may be: for metrics."""
        return self._lent, self._size

    async def close(self) -> None:
        """Close the connections; a tile under way ends first."""
        self._closed = True
        while self._idle:
            link = self._idle.pop()
            with contextlib.suppress(Exception):
                await link.connection.close(timeout=2)

    async def _row(self, which: int, *values: Any) -> Any:
        async with self._places:
            self._lent += 1
            try:
                return await self._answer(which, values)
            finally:
                self._lent -= 1

    async def _answer(self, which: int, values: Sequence[Any]) -> Any:
        link = self._idle.pop() if self._idle else None
        while True:
            fresh = link is None or link.connection.is_closed()
            try:
                link = await self._connect() if link is None or fresh else link
                row = await link.statements[which].fetchrow(*values, timeout=self._seconds + 2)
            except BaseException as error:
                found = _named(error)
                self._put_back(link, sound=isinstance(found, StoreBusy | NotAllowed))
                if found is None:
                    raise
                # A connection that died while it was idle, at a restart, says so only now: another one may do.
                if isinstance(found, StoreDown) and not fresh and not isinstance(error, TimeoutError):
                    link = None
                    continue
                raise found from error
            self._put_back(link, sound=True)
            return row

    def _put_back(self, link: _Link | None, *, sound: bool) -> None:
        """Keep a connection for the next tile; let go of one that may be in the middle of something."""
        if link is None or link.connection.is_closed():
            return
        if sound and not self._closed:
            self._idle.append(link)
        else:
            link.connection.terminate()

    async def _connect(self) -> _Link:
        import asyncpg  # noqa: PLC0415 (a desk has none)

        settings = {
            "role": _LEAST, "search_path": "gridsight,public", "jit": "off", "application_name": "gridsight tiles",
            "statement_timeout": str(round(self._seconds * 1000)),
        }  # fmt: skip
        connection = await asyncpg.connect(self._url, server_settings=settings, timeout=_CONNECT_SECONDS)
        try:
            return _Link(connection, [await connection.prepare(sql) for sql in (_LAYER_SQL, _RUN_SQL)])
        except BaseException:
            connection.terminate()
            raise


@dataclass(frozen=True)
class _Link:
    """Hold one connection and its prepared statements."""

    connection: Any
    statements: list[Any]


def make_tiles(store: Store, settings: Settings) -> Tiles | None:
    """Return the pool of tiles of a server; None at a desk, where tiles are cut from the store."""
    if not is_office(store) or settings.database_url is None:
        return None
    seconds = min(_MOST_SECONDS, settings.statement_seconds)
    return Tiles(database_url(settings), size=settings.tile_pool_size, seconds=seconds)


def _who(caller: Caller) -> tuple[str, str | None]:
    role = ROLES.get(caller.role)
    if role is None:
        raise NotAllowed("此角色不能读取瓦片", "this role reads no tiles")
    return role, None if caller.townships is None else ",".join(caller.townships)


def _read(row: Any, known: str | None) -> tuple[str, Tile | None]:
    stamp, left_out, data = row
    return stamp, None if stamp == known else Tile(data or b"", left_out or 0)


def _named(error: BaseException) -> GeoError | None:
    """Return what an error of the driver is to a caller; None for what no rule foresees. No text of SQL goes on."""
    import asyncpg  # noqa: PLC0415

    if isinstance(error, asyncpg.QueryCanceledError):
        return StoreBusy("瓦片生成超时，请放大后再试", "the tile took too long; zoom in")
    lost = (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # the server's farewell came while the connection was idle
    )
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return NotAllowed("所用密钥不能读取此图层", "your key may not read this layer")
    if isinstance(error, (asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError)):
        return StoreBroken(
            "数据库没有瓦片函数，请运行 gridsight db upgrade", "the database lacks the tile functions; run db upgrade"
        )
    if isinstance(error, lost):
        return StoreDown("数据库无法连接，请稍后重试", "the database is out of reach; try again shortly")
    return None
