"""Answer tiles of base maps: sources opened once, answers kept, and few at a time, so that a slow host holds up no one.

A host that does not answer keeps a thread for seconds. Tiles of base maps have threads of their own, those from other
hosts apart from those of files, and who waits for one waits without a thread.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

from api.open_store import basemap_folder, is_server_mode
from api.settings import Settings
from geo.basemaps.kept_tiles import FRESH_SECONDS
from geo.basemaps.opening import BaseMapTiles, source_state
from geo.basemaps.pictures import media_type
from geo.catalog.base_maps import BaseMap, to_text
from geo.errors import GeoError, NotFound, SourceBroken, SourceSlow
from geo.storage.protocol import Store
from maps.tiles.tile_cache import TileCache
from maps.tiles.tile_encoding import Tile

#: Tiles drawn at a time, of files and from other hosts; how long one waits for its turn; base maps open at a time.
_OF_FILES, _OF_HOSTS, _WAIT_SECONDS, _MAX_OPEN = 4, 8, 10.0, 12
#: How long a base map that could not be opened is not tried again, in seconds.
_REST_SECONDS = 5.0
_T = TypeVar("_T")


def open_base_maps(state: Any, settings: Settings) -> None:
    """Add the base maps to an application's state, its store open."""
    state.base_maps = OpenBaseMaps(settings, state.store)


class OpenBaseMaps:
    """The base maps of one store that are open, with the tiles answered last."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._home, self._is_bounded = basemap_folder(settings, store), is_server_mode(store)
        self._answers = TileCache(settings.tile_cache_bytes)
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._open: OrderedDict[str, tuple[str, BaseMapTiles]] = OrderedDict()
        self._failed: dict[str, tuple[str, float, GeoError]] = {}
        self._limits = {True: CapacityLimiter(_OF_HOSTS), False: CapacityLimiter(_OF_FILES)}
        self._turns = {True: anyio.Semaphore(_OF_HOSTS), False: anyio.Semaphore(_OF_FILES)}

    async def tile(self, store: Store, name: str, zoom: int, column: int, row: int) -> tuple[bytes, str, str]:
        """Return a tile with its media type and its ETag.

        Raises
        ------
        NotFound
            There is no such base map or tile, or its file is damaged there or cannot be used.
        SourceBroken, SourceSlow
            Another host has no usable answer, or none in time; or too many others wait for it.
        """
        base = await to_thread.run_sync(_named, store, name)
        drawing = partial(self._kept_or_drawn, base, zoom, column, row)
        data = await self._in_turn(base.is_url, drawing)
        etag = hashlib.blake2b(data, digest_size=12).hexdigest()
        return data, media_type(data) or "application/octet-stream", f'"{etag}"'

    async def _in_turn(self, is_url: bool, work: Callable[[], _T]) -> _T:
        """Run something in a thread of its kind, as soon as one is free."""
        turns = self._turns[is_url]
        with anyio.move_on_after(_WAIT_SECONDS) as waiting:
            await turns.acquire()
        if waiting.cancelled_caught:
            raise SourceSlow("太多瓦片在等待底图所在的主机", "too many tiles wait for the host of the base map")
        try:
            return await to_thread.run_sync(work, limiter=self._limits[is_url])
        finally:
            turns.release()

    def _kept_or_drawn(self, base: BaseMap, zoom: int, column: int, row: int) -> bytes:
        try:
            stamp = self._stamp(base)
            key = (base.name, zoom, column, row)
            kept = self._answers.get(key)
            if kept is not None and kept[0] == stamp:
                return kept[1].data
            data, _ = self._opened(base, stamp).tile(zoom, column, row)
        except (NotFound, SourceBroken):
            raise
        except GeoError as error:  # a file that is damaged or gone: to who asks for a tile there is none
            raise NotFound(error.zh, error.en, for_operator=error.for_operator) from error
        self._answers.put(key, stamp, Tile(data))
        return data

    def _stamp(self, base: BaseMap) -> str:
        """Return a text that changes with the settings, with the file, and for other hosts every few minutes."""
        age = str(int(time.time() / FRESH_SECONDS)) if base.is_url else ""
        return f"{to_text(base)}|{source_state(base, self._home, is_bounded=self._is_bounded)}|{age}"

    def _opened(self, base: BaseMap, stamp: str) -> BaseMapTiles:
        """Return an open base map; the first to ask opens it, the others wait."""
        # What a service tells of its tiles changes rarely: it is asked again only when the settings change.
        stamp = to_text(base) if base.is_url else stamp
        with self._lock:
            one_at_a_time = self._opening.setdefault(base.name, threading.Lock())
        with one_at_a_time:
            with self._lock:
                found = self._open.get(base.name)
                failed = self._failed.get(base.name)
                if found is not None and found[0] == stamp:
                    self._open.move_to_end(base.name)
                    return found[1]
            if failed is not None and failed[0] == stamp and time.monotonic() < failed[1]:
                raise failed[2]
            try:
                opened = BaseMapTiles(base, self._home, is_bounded=self._is_bounded)
            except GeoError as error:
                with self._lock:
                    self._failed[base.name] = stamp, time.monotonic() + _REST_SECONDS, error
                raise
            with self._lock:
                self._failed.pop(base.name, None)
                self._open[base.name] = stamp, opened
                while len(self._open) > _MAX_OPEN:
                    self._open.popitem(last=False)
            return opened


def _named(store: Store, name: str) -> BaseMap:
    """Return a base map of a store; raise NotFound where there is none of that name."""
    found = next((one for one in store.base_maps() if one.name == name), None)
    if found is None:
        raise NotFound(f"没有底图 {name[:60]}", f"there is no base map {name[:60]}")
    return found
