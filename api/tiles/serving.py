"""Return tiles with their ETags: in server mode from the database, cached by stamp; in embedded mode built here.

No response is cached by age: a tile carries the stamp of the layer's state as its ETag, and a cached tile is used only
while the database reports the same stamp, so that an edit is visible in the next tile.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import date
from functools import lru_cache, partial
from typing import Any

import geopandas as gpd
from anyio import to_thread

from api.security.authorization import scope_key
from api.settings import Settings
from api.tiles.drawn import DrawnLayers
from api.tiles.pool import make_postgis_tiles
from geo.bounds import is_storable
from geo.catalog.layers import LAYERS, SCOPED
from geo.catalog.results import SCOPED_RUN_LAYERS, run_table
from geo.crs import STORAGE_CRS
from geo.errors import NotFound, UnknownName
from geo.storage.codec.run_rows import LATEST, PUBLISHED
from geo.storage.protocol import At, Store
from geo.storage.records import Caller
from maps.tiles.tile_cache import TileCache
from maps.tiles.tile_encoding import Tile, build_tile
from maps.tiles.tile_grids import TileGrid

#: Zoom, column, row.
Zxy = tuple[int, int, int]
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 30)
#: Layers of runs cached as frames in embedded mode, where they are read whole.
_MAX_FRAMES = 4


def open_tiles(state: Any, settings: Settings) -> None:
    """Add to an application's state, its store open: the connections of a server, caches of tiles and run layers."""
    state.tiles = make_postgis_tiles(state.store, settings)
    state.tile_cache = TileCache(settings.tile_cache_bytes)
    state.run_frames = RunLayerCache()
    state.drawn_layers = DrawnLayers()


async def close_tiles(state: Any) -> None:
    """Close what ``open_tiles`` opened."""
    await to_thread.run_sync(state.drawn_layers.close)
    if state.tiles is not None:
        await state.tiles.close()


async def layer_tile(
    state: Any, caller: Caller, name: str, at: At, grid: TileGrid, zxy: Zxy, match: frozenset[str]
) -> tuple[str, Tile | None]:
    """Return the ETag of a tile of a stored layer, and the tile unless one of ``match`` is that ETag."""
    since, until = _days(await _today(state, caller) if at is None else at)
    suffix = _etag_suffix(since, until, caller if name in SCOPED else None)
    key = (name, grid.name, zxy, suffix)
    if state.tiles is None:
        return await to_thread.run_sync(_embedded_layer_tile, state, caller, name, grid, zxy, at, key, match)
    return await _cached_tile(
        state.tile_cache, key, suffix, match,
        lambda known: state.tiles.layer_tile(caller, name, (since, until), grid.name, zxy, known),
        hides=name in SCOPED and caller.role == "planner",
    )  # fmt: skip


async def run_tile(
    state: Any, caller: Caller, run: str, name: str, grid: TileGrid, zxy: Zxy, match: frozenset[str]
) -> tuple[str, Tile | None]:
    """Return the ETag of a tile of a layer of a run, and the tile unless one of ``match`` is that ETag."""
    if not is_storable(run):
        raise NotFound("没有这个批次", "there is no such run")
    if state.tiles is None:
        return await to_thread.run_sync(_embedded_run_tile, state, caller, run, name, grid, zxy, match)
    if run in (LATEST, PUBLISHED):  # which it is depends on the caller; the database is asked by id
        run = (await to_thread.run_sync(partial(state.store.acting(caller).run, run, layers=[]))).id
    suffix = _etag_suffix(None, None, caller if name in SCOPED_RUN_LAYERS else None)
    return await _cached_tile(
        state.tile_cache, (run, name, grid.name, zxy, suffix), suffix, match,
        lambda known: state.tiles.run_tile(caller, run, name, grid.name, zxy, known),
        hides=name in SCOPED_RUN_LAYERS and caller.role == "planner",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- server mode


async def _cached_tile(
    cache: TileCache,
    key: Hashable,
    suffix: str,
    match: frozenset[str],
    query: Callable[[str | None], Awaitable[tuple[str | None, Tile | None]]],
    *,
    hides: bool,
) -> tuple[str, Tile | None]:
    """Return a tile from the cache where the database confirms its stamp, otherwise a new one.

    The stamp changes with every edit of the layer, wherever it is. A caller who sees only a part of the layer
    (``hides``) gets an ETag of the tile's content instead, which reveals nothing about edits elsewhere.
    """
    cached = cache.get(key)
    known = cached[0] if cached else None if hides else _state_of_etag(match, suffix)
    stamp, tile = await query(known)
    if stamp is None:
        raise NotFound("没有这个批次", "there is no such run")
    if tile is not None:
        cache.put(key, stamp, tile)
    elif cached and stamp == cached[0]:
        tile = cached[1]
    if hides and tile is not None:
        return _with_content_etag(tile, match, suffix)
    etag = f'W/"{stamp}{suffix}"'
    return etag, None if etag in match else tile


async def _today(state: Any, caller: Caller) -> date:
    """Return the day of the store; a server's is known for a second, without a thread."""
    known: date | None = None if state.tiles is None else state.store.known_day()
    if known is not None:
        return known
    day: date = await to_thread.run_sync(state.store.acting(caller).today)
    return day


def _days(at: date | tuple[date | None, date | None]) -> tuple[date, date]:
    """Return the first and the last day, both included, of what a request names."""
    return (at, at) if isinstance(at, date) else (at[0] or _FIRST, at[1] or _LAST)


# ------------------------------------------------------------------------------------------------- embedded mode


def _embedded_layer_tile(
    state: Any, caller: Caller, name: str, grid: TileGrid, zxy: Zxy, at: At, key: Hashable, match: frozenset[str],
) -> tuple[str, Tile | None]:  # fmt: skip
    """Return a tile built from the store; its ETag is of its content, as another workspace may be opened."""
    store: Store = state.store.acting(caller)
    with store.snapshot():
        stamp = store.state(name)
        cached = state.tile_cache.get(key)
        if cached is None or cached[0] != stamp:
            frame = store.read(name, bbox=grid.box(*zxy), at=at)
            fields = [one.name for one in LAYERS[name].fields]
            cached = stamp, build_tile(frame, grid, *zxy, layer=name, fields=fields)
            state.tile_cache.put(key, *cached)
    return _with_content_etag(cached[1], match)


def _embedded_run_tile(
    state: Any, caller: Caller, run_id: str, name: str, grid: TileGrid, zxy: Zxy, match: frozenset[str],
) -> tuple[str, Tile | None]:  # fmt: skip
    """Return a tile of a run built here; layers of runs are read whole, and the last few cached."""
    store: Store = state.store.acting(caller)
    layers: RunLayerCache = state.run_frames
    with store.snapshot():
        run = store.run(run_id, layers=[]).id
        scope = scope_key(caller) if name in SCOPED_RUN_LAYERS else ""
        frame = layers.frame(store, run, name, scope)
    table = run_table(name)
    fields = [one for one in (table.names if table is not None else ()) if one in frame.columns]
    return _with_content_etag(build_tile(frame, grid, *zxy, layer=name, fields=fields), match)


class RunLayerCache:
    """Cache of the last few layers of runs, in degrees; a run never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: OrderedDict[tuple[str, ...], gpd.GeoDataFrame] = OrderedDict()

    def frame(self, store: Store, run: str, name: str, scope: str) -> gpd.GeoDataFrame:
        """Return a layer of a run as a scope may see it; raise NotFound where the run does not have it."""
        # The township of a view depends on cameras and divisions, which change.
        key = (run, name, scope, store.state("cameras", "divisions"))
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key]
        try:
            frame = store.run(run, layers=[name]).layers[name].to_crs(STORAGE_CRS)
        except UnknownName:
            raise NotFound(f"该批次没有图层 {name}", f"the run has no layer {name}") from None
        with self._lock:
            self._frames[key] = frame
            while len(self._frames) > _MAX_FRAMES:
                self._frames.popitem(last=False)
        return frame


# ------------------------------------------------------------------------------------------------- ETags


def _with_content_etag(tile: Tile, match: frozenset[str], suffix: str = "") -> tuple[str, Tile | None]:
    digest = hashlib.blake2b(tile.data, digest_size=12, key=str(tile.omitted).encode()).hexdigest()
    etag = f'"{digest}{suffix}"'
    return etag, None if etag in match or f"W/{etag}" in match else tile


def _state_of_etag(match: frozenset[str], suffix: str) -> str | None:
    """Return the stamp in one of the caller's ETags that has this suffix."""
    end = f'{suffix}"'
    return next((one[3 : -len(end)] for one in match if one.startswith('W/"') and one.endswith(end)), None)


def _etag_suffix(since: date | None, until: date | None, caller: Caller | None) -> str:
    """Return what distinguishes tiles of one state: their days and, of scoped rows, the caller's scope."""
    days = "" if since is None else f"-{since}" if since == until else f"-{since}-{until}"
    return days if caller is None else f"{days}-{_digest(scope_key(caller))}"


@lru_cache(maxsize=10_000)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
