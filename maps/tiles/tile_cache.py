"""Keep tiles in memory, up to a bound in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from maps.tiles.tile_encoding import Tile


class TileCache:
    """Least recently used cache of tiles, bounded in bytes; safe for threads.

    A tile is stored with the stamp of the state it shows. The reader checks that the stamp is current: freshness is
    checked by stamp, never by age.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, Tile]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> tuple[str, Tile] | None:
        """Return stamp and tile, None where the key is not cached."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, stamp: str, tile: Tile) -> None:
        """Store a tile, replacing the one under its key and dropping the least recently used ones."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self.bytes -= _weight(old[1])
            if (weight := _weight(tile)) > self.max_bytes // 4:
                return
            self._kept[key] = (stamp, tile)
            self.bytes += weight
            while self.bytes > self.max_bytes:
                self.bytes -= _weight(self._kept.popitem(last=False)[1][1])


def _weight(tile: Tile) -> int:
    return len(tile.data) + 1_000  # its key and the overhead of the table
