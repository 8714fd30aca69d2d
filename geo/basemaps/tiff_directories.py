"""Read the directories of a TIFF (6.0, BigTIFF) within bounds: what pictures there are, and where their blocks lie."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geo.basemaps.local_files import damaged, read_part, require_file

#: Pictures of one file, tags of one picture, values of one tag.
_MAX_PICTURES, _MAX_TAGS, _MAX_VALUES = 40, 500, 4_000_000
#: Type of a tag -> numpy type of one value: of whole numbers and bytes, and of those that need not be whole.
_WHOLE = {1: "u1", 2: "u1", 3: "u2", 4: "u4", 6: "i1", 7: "u1", 8: "i2", 9: "i4", 16: "u8", 17: "i8", 18: "u8"}
_REAL = {11: "f4", 12: "f8"}

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_COUNTS, PLANAR = 273, 277, 278, 279, 284
PREDICTOR, COLOURS, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS = 317, 320, 322, 323, 324, 325
EXTRA, FORMAT, JPEG_TABLES, SUBSAMPLING, SUBFILE = 338, 339, 347, 530, 254
PIXEL_SCALE, TIE_POINTS, TRANSFORMATION, GEO_KEYS, NO_DATA = 33550, 33922, 34264, 34735, 42113
_PLACES = (PIXEL_SCALE, TIE_POINTS, TRANSFORMATION)


class Directory(NamedTuple):
    """One picture of a TIFF: its file, byte order (``<`` or ``>``) and the values of its tags."""

    path: Path
    order: str
    tags: Mapping[int, np.ndarray]

    def number(self, tag: int, default: int) -> int:
        """Return the first value of a tag."""
        values = self.tags.get(tag)
        return default if values is None or not len(values) else int(values[0])

    def numbers(self, tag: int) -> np.ndarray:
        """Return the values of a tag, none where it is absent."""
        return self.tags.get(tag, np.empty(0))


def directories_of(path: Path) -> list[Directory]:
    """Return the pictures of a TIFF, in the order of the file.

    Raises
    ------
    UnreadableFile
        It is no TIFF, cut off, damaged, or has more pictures, tags or values than the bounds.
    """
    require_file(path)
    head = read_part(path, 0, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    version = struct.unpack(f"{order}H", head[2:4])[0] if order else 0
    if order is None or version not in (42, 43):
        raise damaged(path.name, "不是 TIFF", "it is no TIFF")
    is_big = version == 43
    start = struct.unpack(f"{order}Q", read_part(path, 8, 8))[0] if is_big else struct.unpack(f"{order}I", head[4:])[0]
    found: list[Directory] = []
    seen: set[int] = set()
    while start:
        if start in seen or len(found) >= _MAX_PICTURES:
            raise damaged(path.name, "目录成环或过多", "its directories run in a circle, or are too many")
        seen.add(start)
        tags, start = _directory(path, order, start, is_big=is_big)
        found.append(Directory(path, order, tags))
    return found


def _directory(path: Path, order: str, start: int, *, is_big: bool) -> tuple[dict[int, np.ndarray], int]:
    """Return the tags of a directory and where the next one begins, 0 for none."""
    count_bytes, entry_bytes, offset = (8, 20, "Q") if is_big else (2, 12, "I")
    count = int.from_bytes(read_part(path, start, count_bytes), "little" if order == "<" else "big")
    if count > _MAX_TAGS:
        raise damaged(path.name, "标签过多", "a directory has too many tags")
    start += count_bytes
    data = read_part(path, start, count * entry_bytes + struct.calcsize(offset))
    tags = {}
    for k in range(count):
        entry = data[k * entry_bytes : (k + 1) * entry_bytes]
        tag, kind, values = struct.unpack(f"{order}HH{offset}", entry[: 4 + struct.calcsize(offset)])
        # A tag of another type than its own is as good as none.
        numpy_type = (_REAL if tag in _PLACES else _WHOLE).get(kind)
        if numpy_type is not None:
            tags[tag] = _values(path, order, numpy_type, values, entry[4 + struct.calcsize(offset) :], offset)
    return tags, struct.unpack(f"{order}{offset}", data[count * entry_bytes :])[0]


def _values(path: Path, order: str, numpy_type: str, count: int, inline: bytes, offset: str) -> np.ndarray:
    if count > _MAX_VALUES:
        raise damaged(path.name, "标签过长", "a tag has too many values")
    one = np.dtype(f"{order}{numpy_type}")
    size = count * one.itemsize
    data = inline[:size] if size <= len(inline) else read_part(path, struct.unpack(f"{order}{offset}", inline)[0], size)
    return np.frombuffer(data, dtype=one)
