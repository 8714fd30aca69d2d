"""Keep tiles in memory, up to a bound in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from maps.tiles.tile_encoding import Tile


class TileCache:
    """Keep tiles in memory up to so many bytes, the ones asked for last; any thread may ask.

    A tile is kept with the stamp of the state it shows. Whoever takes it out checks that the stamp still holds: nothing
    is served because it is young.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, Tile]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> tuple[str, Tile] | None:
        """Return stamp and tile, None where there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, stamp: str, tile: Tile) -> None:
        """Keep a tile in the place of an older one, letting go of those not asked for longest."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self.bytes -= _weight(old[1])
            if (weight := _weight(tile)) > self.most_bytes // 4:
                return
            self._kept[key] = (stamp, tile)
            self.bytes += weight
            while self.bytes > self.most_bytes:
                self.bytes -= _weight(self._kept.popitem(last=False)[1][1])


def _weight(tile: Tile) -> int:
    return len(tile.data) + 1_000  # its key, and the room of the table
