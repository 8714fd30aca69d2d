"""Write small base maps in every form that they are kept in, of the tiles round the cross."""

from __future__ import annotations

import gzip
import sqlite3
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

Tiles = Mapping[tuple[int, int, int], bytes]


def folder(root: Path, tiles: Tiles, suffix: str = "png") -> Path:
    for (z, x, y), data in tiles.items():
        path = root / str(z) / str(x) / f"{y}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def mbtiles(path: Path, tiles: Tiles, rows: Callable[[int], int] = lambda z: 1 << z, form: str = "png") -> Path:
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE metadata (name text, value text)")
        conn.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        conn.execute("CREATE UNIQUE INDEX at ON tiles (zoom_level, tile_column, tile_row)")
        conn.execute("INSERT INTO metadata VALUES ('name', 'a'), ('format', ?)", (form,))
        for (z, x, y), data in tiles.items():
            conn.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (z, x, rows(z) - 1 - y, data))
    conn.close()
    return path


def _varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def hilbert(z: int, x: int, y: int) -> int:
    """Return the id of a tile by walking the curve (specification of PMTiles 3), slowly."""
    before = sum(4**k for k in range(z))
    side, found = 1 << z, 0
    s = side // 2
    while s > 0:
        right, down = int((x & s) > 0), int((y & s) > 0)
        found += s * s * ((3 * right) ^ down)
        if down == 0:
            if right == 1:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        s //= 2
    return before + found


def pmtiles(path: Path, tiles: Tiles, *, leaves: bool = False, kind: int = 2) -> Path:
    listed = sorted((hilbert(*at), data) for at, data in tiles.items())
    body, entries = b"", []
    for number, data in listed:
        entries.append((number, 1, len(data), len(body)))
        body += data

    def directory(rows) -> bytes:
        ids = [row[0] for row in rows]
        out = _varint(len(rows))
        out += b"".join(_varint(b - a) for a, b in zip([0, *ids], ids, strict=False))
        out += b"".join(_varint(row[1]) for row in rows)
        out += b"".join(_varint(row[2]) for row in rows)
        out += b"".join(
            _varint(0 if k and rows[k - 1][3] + rows[k - 1][2] == row[3] else row[3] + 1) for k, row in enumerate(rows)
        )
        return gzip.compress(out)

    leaf = b""
    root = directory(entries)
    if leaves:
        half = len(entries) // 2
        tops = []
        for part in (entries[:half], entries[half:]):
            packed = directory(part)
            tops.append((part[0][0], 0, len(packed), len(leaf)))
            leaf += packed
        root = directory(tops)
    zooms = [z for z, _, _ in tiles]
    at = 127
    places = (
        at,
        len(root),
        at + len(root),
        2,
        at + len(root) + 2,
        len(leaf),
        at + len(root) + 2 + len(leaf),
        len(body),
    )
    head = b"PMTiles\x03" + struct.pack("<8Q", *places) + struct.pack("<3Q", len(tiles), len(tiles), len(tiles))
    head += bytes([1, 2, 1, kind, min(zooms), max(zooms)])
    path.write_bytes(head.ljust(127, b"\0") + root + b"{}" + leaf + body)
    return path


CONF = """<?xml version="1.0" encoding="utf-8"?>
<CacheInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><TileCacheInfo>
<SpatialReference><WKID>{wkid}</WKID></SpatialReference>
<TileOrigin><X>{left}</X><Y>{top}</Y></TileOrigin><TileCols>256</TileCols><TileRows>256</TileRows><DPI>96</DPI>
<LODInfos>{levels}</LODInfos></TileCacheInfo>
<TileImageInfo><CacheTileFormat>PNG</CacheTileFormat></TileImageInfo>
<CacheStorageInfo><StorageFormat>esriMapCacheStorageMode{form}</StorageFormat><PacketSize>128</PacketSize>
</CacheStorageInfo></CacheInfo>"""


def arcgis(root: Path, form: str, tiles: Tiles, levels: Mapping[int, float], *, left, top, wkid) -> Path:
    """Write a cache; ``levels`` is level -> resolution, ``form`` Exploded, Compact or CompactV2."""
    layers = root / "Layers"
    layers.mkdir(parents=True)
    listed = "".join(
        f"<LODInfo><LevelID>{level}</LevelID><Scale>1</Scale><Resolution>{pixel!r}</Resolution></LODInfo>"
        for level, pixel in levels.items()
    )
    text = CONF.format(wkid=wkid, left=left, top=top, levels=listed, form=form)
    (layers / "conf.xml").write_text(text, encoding="utf-8")
    {"Exploded": _exploded, "Compact": _compact_v1, "CompactV2": _compact_v2}[form](layers / "_alllayers", tiles)
    return root


def _exploded(root: Path, tiles: Tiles) -> None:
    for (level, x, y), data in tiles.items():
        path = root / f"L{level:02d}" / f"R{y:08x}" / f"C{x:08x}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _bundles(tiles: Tiles) -> dict[tuple[int, int, int], dict[tuple[int, int], bytes]]:
    found: dict[tuple[int, int, int], dict[tuple[int, int], bytes]] = {}
    for (level, x, y), data in tiles.items():
        found.setdefault((level, x // 128 * 128, y // 128 * 128), {})[x % 128, y % 128] = data
    return found


def _compact_v1(root: Path, tiles: Tiles) -> None:
    for (level, x0, y0), inside in _bundles(tiles).items():
        body = b"\0" * 60
        index = [0] * (128 * 128)
        for (x, y), data in inside.items():
            index[x * 128 + y] = len(body)
            body += struct.pack("<I", len(data)) + data
        home = root / f"L{level:02d}"
        home.mkdir(parents=True, exist_ok=True)
        (home / f"R{y0:04x}C{x0:04x}.bundle").write_bytes(body)
        offsets = b"".join(one.to_bytes(5, "little") for one in index)
        (home / f"R{y0:04x}C{x0:04x}.bundlx").write_bytes(b"\0" * 16 + offsets + b"\0" * 16)


def _compact_v2(root: Path, tiles: Tiles) -> None:
    for (level, x0, y0), inside in _bundles(tiles).items():
        body = b""
        index = [0] * (128 * 128)
        for (x, y), data in inside.items():
            body += struct.pack("<I", len(data))
            index[y * 128 + x] = 64 + 8 * 128 * 128 + len(body) | len(data) << 40
            body += data
        home = root / f"L{level:02d}"
        home.mkdir(parents=True, exist_ok=True)
        packed = b"\0" * 64 + struct.pack(f"<{128 * 128}Q", *index) + body
        (home / f"R{y0:04x}C{x0:04x}.bundle").write_bytes(packed)


def geotiff(path: Path, picture: np.ndarray, *, left, top, pixel, code=None, compression="raw", tags=None) -> Path:
    """Write a GeoTIFF with Pillow; ``code`` is the EPSG number of its CRS."""
    info = {33550: (pixel, pixel, 0.0), 33922: (0.0, 0.0, 0.0, left, top, 0.0)}
    if code is not None:
        geographic = code in (4326, 4490)
        key = 2048 if geographic else 3072
        info[34735] = (1, 1, 0, 2, 1024, 0, 1, 2 if geographic else 1, key, 0, 1, code)
    from PIL import TiffImagePlugin

    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, values in (info | (tags or {})).items():
        directory.tagtype[tag] = 3 if tag == 34735 else 2 if tag == 42113 else 12
        directory[tag] = values
    Image.fromarray(picture).save(path, "TIFF", compression=compression, tiffinfo=directory)
    return path


def tiled_geotiff(path: Path, picture: np.ndarray, *, left, top, pixel, side=128, order="<", big=False) -> Path:
    """Write a tiled GeoTIFF, deflated, by hand: tiles at the edge are filled up with white."""
    import zlib

    tall, wide = picture.shape[:2]
    columns, rows = -(-wide // side), -(-tall // side)
    blocks = []
    for row in range(rows):
        for column in range(columns):
            block = np.full((side, side, 3), 255, np.uint8)
            part = picture[row * side : (row + 1) * side, column * side : (column + 1) * side]
            block[: part.shape[0], : part.shape[1]] = part
            blocks.append(zlib.compress(block.tobytes()))
    wide_type, letter = (16, "Q") if big else (4, "I")
    tags = [
        (256, 4, "I", [wide]), (257, 4, "I", [tall]), (258, 3, "H", [8, 8, 8]), (259, 3, "H", [8]), (262, 3, "H", [2]),
        (277, 3, "H", [3]), (284, 3, "H", [1]), (322, 4, "I", [side]), (323, 4, "I", [side]),
        (324, wide_type, letter, [0] * len(blocks)), (325, wide_type, letter, [len(one) for one in blocks]),
        (33550, 12, "d", [pixel, pixel, 0.0]), (33922, 12, "d", [0.0, 0.0, 0.0, left, top, 0.0]),
    ]  # fmt: skip
    head = 16 if big else 8
    count, entry, inline = (8, 20, 8) if big else (2, 12, 4)
    start = head + count + entry * len(tags) + inline
    place, long_values = start, []
    for _, _, form, values in tags:
        packed = struct.pack(f"{order}{len(values)}{form}", *values)
        if len(packed) > inline:
            long_values.append((place, len(packed)))
            place += len(packed)
    offsets = []
    for one in blocks:
        offsets.append(place)
        place += len(one)
    tags[9] = (324, wide_type, letter, offsets)
    out = (b"II" if order == "<" else b"MM") + (
        struct.pack(f"{order}HHHQ", 43, 8, 0, 16) if big else struct.pack(f"{order}HI", 42, 8)
    )
    out += struct.pack(f"{order}{'Q' if big else 'H'}", len(tags))
    rest, at = b"", start
    for tag, kind, form, values in tags:
        packed = struct.pack(f"{order}{len(values)}{form}", *values)
        out += struct.pack(f"{order}HH{'Q' if big else 'I'}", tag, kind, len(values))
        if len(packed) > inline:
            out += struct.pack(f"{order}{'Q' if big else 'I'}", at + len(rest))
            rest += packed
        else:
            out += packed.ljust(inline, b"\0")
    out += b"\0" * inline + rest + b"".join(blocks)
    path.write_bytes(out)
    return path
