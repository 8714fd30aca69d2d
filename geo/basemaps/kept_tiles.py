"""Keep decoded tiles of a source in memory: neighbouring tiles that are drawn need the same ones."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import numpy as np

from geo.basemaps.matrices import Matrix
from geo.basemaps.tile_sources import TileSource

#: Bytes of one source's decoded tiles, and how long those of another host are kept, in seconds.
MAX_BYTES, FRESH_SECONDS = 48_000_000, 600.0
_WEIGHT = 200  # of a tile that there is not


class KeptTiles(TileSource):
    """A source whose decoded tiles are kept: the least recently used go first.

    Parameters
    ----------
    source
        Where tiles come from.
    seconds
        How long a tile is kept; None for as long as there is room.
    """

    def __init__(self, source: TileSource, *, seconds: float | None = None, max_bytes: int = MAX_BYTES) -> None:
        self.source = source
        self.projection, self.matrices, self.is_photo = source.projection, source.matrices, source.is_photo
        self._seconds, self._max_bytes = seconds, max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int, int], tuple[float, np.ndarray | None]] = OrderedDict()
        self.bytes = 0

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile as the source does."""
        return self.source.picture(matrix, column, row)

    def pixels(self, matrix: Matrix, column: int, row: int) -> np.ndarray | None:
        """Return a tile from memory, else from the source."""
        key = (matrix.id, column, row)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (self._seconds is None or time.monotonic() - kept[0] < self._seconds):
                self._kept.move_to_end(key)
                return kept[1]
        pixels = self.source.pixels(matrix, column, row)
        with self._lock:
            self._drop(key)
            self._kept[key] = time.monotonic(), pixels
            self.bytes += _weight(pixels)
            while self.bytes > self._max_bytes and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))
        return pixels

    def _drop(self, key: tuple[str, int, int]) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self.bytes -= _weight(old[1])

    def close(self) -> None:
        """Close the source."""
        self.source.close()


def _weight(pixels: np.ndarray | None) -> int:
    return _WEIGHT if pixels is None else pixels.nbytes + _WEIGHT
