"""Read tiles of a PMTiles file, version 3: a header, directories in leaves, and tiles along a Hilbert curve."""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from geo.basemaps.extents import sound_extent
from geo.basemaps.local_files import damaged, read_part, require_file
from geo.basemaps.matrices import Matrix
from geo.basemaps.pictures import MAX_TILE_BYTES
from geo.basemaps.tile_pyramids import projection_of, pyramid
from geo.basemaps.tile_sources import TileSource
from geo.catalog.base_maps import MAX_ZOOM, BaseMap

_HEADER = 127
#: Bytes of one directory as it is kept and unpacked, its entries, and leaves below leaves.
_MAX_KEPT, _MAX_UNPACKED, _MAX_ENTRIES, _MAX_DEPTH = 4 << 20, 32 << 20, 500_000, 4
_KEPT_LEAVES = 8
_NONE, _GZIP = 1, 2
_PICTURES = {2: "png", 3: "jpeg", 4: "webp"}


class _Entries(NamedTuple):
    """One directory, column by column: ids of tiles, how many they stand for, where they lie."""

    ids: list[int]
    runs: list[int]
    lengths: list[int]
    offsets: list[int]


class PmtilesFile(TileSource):
    """A PMTiles file of pictures."""

    def __init__(self, base: BaseMap, path: Path) -> None:
        self._path = require_file(path)
        head = read_part(path, 0, _HEADER)
        if head[:8] != b"PMTiles\x03":
            raise self._fault("不是第 3 版的 PMTiles", "it is no PMTiles of version 3")
        numbers = struct.unpack("<11Q", head[8:96])
        self._root, self._leaves, self._data = numbers[0:2], numbers[4:6], numbers[6:8]
        self._packing, tile_packing, kind, low, high = head[97], head[98], head[99], head[100], head[101]
        if kind not in _PICTURES or tile_packing not in (0, _NONE):
            raise self._fault("瓦片不是 PNG、JPEG 或 WebP 图片", "its tiles are no PNG, JPEG or WebP")
        if self._packing not in (_NONE, _GZIP):
            raise self._fault("目录的压缩方法不支持", "its directories are packed by another method than gzip")
        self.is_photo = _PICTURES[kind] == "jpeg"
        self.projection = projection_of(base)
        self.extent = sound_extent(one / 1e7 for one in struct.unpack("<4i", head[102:118]))
        # The curve of a level is a square, so columns of degrees count as 天地图 does.
        levels = pyramid(base, 1 if base.first_level is None else base.first_level)
        self.matrices = [one for level, one in levels.items() if low <= level <= min(high, MAX_ZOOM)]
        self._leaf = lru_cache(maxsize=_KEPT_LEAVES)(self._directory)
        self._top = self._directory(*self._root)

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile: see ``TileSource.picture``."""
        side = 1 << int(matrix.id)
        if max(column, row) >= side:
            return None
        wanted = tile_id(int(matrix.id), column, row)
        entries = self._top
        for _ in range(_MAX_DEPTH):
            at = bisect_right(entries.ids, wanted) - 1
            if at < 0:
                return None
            run, length, offset = entries.runs[at], entries.lengths[at], entries.offsets[at]
            if run > 0:
                return self._tile(offset, length) if wanted < entries.ids[at] + run else None
            if offset + length > self._leaves[1]:
                raise self._fault("目录越界", "a directory lies outside its section")
            entries = self._leaf(self._leaves[0] + offset, length)
        raise self._fault("目录层次过深", "its directories are nested too deep")

    def _tile(self, offset: int, length: int) -> bytes:
        if length > MAX_TILE_BYTES:
            raise self._fault(f"瓦片超过 {MAX_TILE_BYTES / 1e6:g} MB", f"a tile is over {MAX_TILE_BYTES / 1e6:g} MB")
        return read_part(self._path, self._data[0] + offset, length)

    def _directory(self, start: int, length: int) -> _Entries:
        if not 0 < length <= _MAX_KEPT:
            raise self._fault("目录过大或为空", "a directory is empty or too large")
        data = read_part(self._path, start, length)
        if self._packing == _GZIP:
            unpacking = zlib.decompressobj(wbits=31)
            try:
                data = unpacking.decompress(data, _MAX_UNPACKED)
            except zlib.error:
                raise self._fault("目录损坏", "a directory is damaged") from None
            if not unpacking.eof:
                raise self._fault("目录不完整或过大", "a directory is cut off or too large")
        try:
            return _entries(data)
        except (IndexError, ValueError):
            raise self._fault("目录损坏", "a directory is damaged") from None

    def _fault(self, zh: str, en: str) -> Exception:
        return damaged(self._path.name, zh, en)


def tile_id(zoom: int, column: int, row: int) -> int:
    """Return the number of a tile along the Hilbert curves of all zooms.

    Examples
    --------
    The first numbers of the specification:

    >>> [tile_id(*one) for one in [(0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (2, 0, 0)]]
    [0, 1, 2, 3, 4, 5]
    """
    found = ((1 << 2 * zoom) - 1) // 3
    x, y = column, row
    for level in reversed(range(zoom)):
        side = 1 << level
        right, down = int(bool(x & side)), int(bool(y & side))
        found += side * side * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return found


def _entries(data: bytes) -> _Entries:
    """Return the entries of an unpacked directory; raise IndexError or ValueError where it is none."""
    count, at = _varint(data, 0)
    if count > _MAX_ENTRIES:
        raise ValueError(count)
    columns: list[list[int]] = []
    for _ in range(4):
        values = []
        for _ in range(count):
            value, at = _varint(data, at)
            values.append(value)
        columns.append(values)
    ids, last = [], 0
    for step in columns[0]:
        last += step
        ids.append(last)
    offsets: list[int] = []
    for k, value in enumerate(columns[3]):
        # 0 is directly after the tile before; any other is one more than the offset.
        offsets.append(offsets[-1] + columns[2][k - 1] if value == 0 and k else value - 1)
    if offsets and min(offsets) < 0:
        raise ValueError("an offset is negative")
    return _Entries(ids, columns[1], columns[2], offsets)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")
