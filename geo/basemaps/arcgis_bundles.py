"""Read tiles of ArcGIS caches where they lie: exploded folders, compact bundles of version 1 and 2.

Both compact forms keep a square of tiles in one file. Version 1 has its index beside it (``.bundlx``): a head of 16
bytes, then five bytes a tile, column by column. Version 2 has it within: a head of 64 bytes, then eight bytes a tile,
row by row (Esri's description of Compact Cache V2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from geo.basemaps.local_files import damaged, picture_within, read_part, require_file
from geo.basemaps.pictures import MAX_TILE_BYTES

_HEAD_V1, _HEAD_V2 = 16, 64
_SUFFIXES = ("png", "jpg", "jpeg")


def exploded_tile(root: Path, level: int, row: int, column: int) -> bytes | None:
    """Return a tile of an exploded cache, None where there is none: row and column in hexadecimal, row first."""
    for row_name, column_name in _spellings(f"{row:08x}", f"{column:08x}"):
        for suffix in _SUFFIXES:
            path = root / f"L{level:02d}" / f"R{row_name}" / f"C{column_name}.{suffix}"
            found = picture_within(root, path)
            if found is not None:
                return found
    return None


def compact_tile(root: Path, level: int, row: int, column: int, side: int) -> bytes | None:
    """Return a tile of a compact cache, None where there is none.

    Parameters
    ----------
    side
        Tiles of a bundle in a row, and rows in a bundle.

    Raises
    ------
    UnreadableFile
        The bundle or its index is cut off or damaged, or a link leads out of the folder.
    """
    first_row, first_column = row - row % side, column - column % side
    down, right = row - first_row, column - first_column
    for row_name, column_name in _spellings(f"{first_row:04x}", f"{first_column:04x}"):
        bundle = root / f"L{level:02d}" / f"R{row_name}C{column_name}.bundle"
        if not bundle.exists():
            continue
        _require_within(root, bundle)
        index = bundle.with_suffix(".bundlx")
        if index.exists():
            _require_within(root, index)
            return _tile_v1(bundle, index, right * side + down)
        return _tile_v2(bundle, down * side + right)
    return None


def _tile_v1(bundle: Path, index: Path, number: int) -> bytes | None:
    offset = int.from_bytes(read_part(index, _HEAD_V1 + 5 * number, 5), "little")
    # Where a tile is absent, its index leads to a length of 0, or nowhere.
    if offset == 0:
        return None
    (size,) = struct.unpack("<I", read_part(bundle, offset, 4))
    return _picture(bundle, offset + 4, size)


def _tile_v2(bundle: Path, number: int) -> bytes | None:
    (entry,) = struct.unpack("<Q", read_part(bundle, _HEAD_V2 + 8 * number, 8))
    return _picture(bundle, entry & 0xFF_FFFF_FFFF, entry >> 40)


def _picture(bundle: Path, start: int, size: int) -> bytes | None:
    if size == 0:
        return None
    if size > MAX_TILE_BYTES:
        raise damaged(
            bundle.name, f"瓦片超过 {MAX_TILE_BYTES / 1e6:g} MB", f"a tile is over {MAX_TILE_BYTES / 1e6:g} MB"
        )
    return read_part(bundle, start, size)


def _require_within(root: Path, path: Path) -> None:
    if not require_file(path).resolve().is_relative_to(root.resolve()):
        raise damaged(path.name, "链接指向底图文件夹之外", "a link leads out of the folder of the base map")


def _spellings(row: str, column: str) -> Iterator[tuple[str, str]]:
    """Yield the names in small letters, as ArcGIS writes them, and in capitals, as copies by other systems have."""
    yield row, column
    if (row, column) != (row.upper(), column.upper()):
        yield row.upper(), column.upper()
