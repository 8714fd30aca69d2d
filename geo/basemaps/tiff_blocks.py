"""Decode one block of a TIFF, a tile or a strip, by way of a small TIFF that holds it alone."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

from geo.basemaps import tiff_directories as tiff
from geo.basemaps.local_files import damaged, read_part
from geo.basemaps.tiff_directories import Directory

#: Bytes of a block as it is kept, and its pixels.
MAX_BYTES, MAX_PIXELS = 64 << 20, 24_000_000
_COPIED = (tiff.COMPRESSION, tiff.PREDICTOR, tiff.COLOURS, tiff.JPEG_TABLES, tiff.SUBSAMPLING)
_JPEG, _YCBCR, _RGB, _GREY, _PALETTE = 7, 6, 2, 1, 3
_DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    MemoryError,
    struct.error,
    Warning,
)
_CODES = {1: "B", 2: "H", 4: "I"}


def require_readable(found: Directory) -> None:
    """Raise UnreadableFile for a picture that is not of 8 bits, or of more bands than red, green, blue and opacity."""
    bits, samples = set(found.numbers(tiff.BITS).tolist()), found.number(tiff.SAMPLES, 1)
    formats = set(found.numbers(tiff.FORMAT).tolist()) or {1}
    if bits != {8} or formats != {1}:
        raise damaged(
            found.path.name,
            "不是每波段 8 位的影像；可用 gdal_translate -ot Byte -scale 转换",
            "its bands are not of 8 bits; gdal_translate -ot Byte -scale makes them so",
        )
    if samples > 4:
        raise damaged(
            found.path.name,
            f"有 {samples} 个波段；可用 gdal_translate -b 1 -b 2 -b 3 只留三个",
            f"it has {samples} bands; gdal_translate -b 1 -b 2 -b 3 keeps three of them",
        )


def block_pixels(found: Directory, number: int, wide: int, tall: int) -> np.ndarray | None:
    """Return a block as red, green, blue, opacity; None where the file leaves it out, as sparse files do.

    Parameters
    ----------
    number
        Of the block in its band, from the upper left, row by row.
    wide, tall
        Size of the block in pixels.

    Raises
    ------
    UnreadableFile
        The block is damaged, cut off, or over the bounds.
    """
    if wide * tall > MAX_PIXELS:
        raise damaged(found.path.name, "块过大", "a block is too large")
    is_tiled = tiff.TILE_OFFSETS in found.tags
    offsets = found.numbers(tiff.TILE_OFFSETS if is_tiled else tiff.STRIP_OFFSETS)
    counts = found.numbers(tiff.TILE_COUNTS if is_tiled else tiff.STRIP_COUNTS)
    samples = found.number(tiff.SAMPLES, 1)
    is_planar = found.number(tiff.PLANAR, 1) == 2 and samples > 1
    planes = samples if is_planar else 1
    each = len(offsets) // planes
    if number >= each or len(counts) != len(offsets):
        raise damaged(found.path.name, "块的目录不完整", "the list of its blocks is cut off")
    parts = []
    for plane in range(planes):
        start, size = int(offsets[plane * each + number]), int(counts[plane * each + number])
        if size == 0:
            return None
        if size > MAX_BYTES:
            raise damaged(found.path.name, "块过大", "a block is too large")
        parts.append(_decoded(found, read_part(found.path, start, size), wide, tall, is_band=is_planar))
    bands = np.dstack(parts) if is_planar else parts[0]
    return _with_opacity(found, bands)


def _decoded(found: Directory, data: bytes, wide: int, tall: int, *, is_band: bool) -> np.ndarray:
    """Return a block as rows, columns and bands."""
    try:
        with Image.open(io.BytesIO(_alone(found, data, wide, tall, is_band=is_band)), formats=("TIFF",)) as image:
            if image.size != (wide, tall):
                raise ValueError(image.size)
            shown = image.convert("RGB") if image.mode in ("P", "YCbCr", "CMYK", "RGBX", "1") else image
            pixels = np.asarray(shown)
    except _DAMAGE:
        raise damaged(
            found.path.name, "块损坏，或压缩方法不支持", "a block is damaged, or packed by a method that is not read"
        ) from None
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _alone(found: Directory, data: bytes, wide: int, tall: int, *, is_band: bool) -> bytes:
    """Return a TIFF of one strip with the data of a block."""
    samples = 1 if is_band else found.number(tiff.SAMPLES, 1)
    photometric = found.number(tiff.PHOTOMETRIC, _GREY)
    tags: dict[int, tuple[int, bytes, int]] = {}

    def add(tag: int, size: int, *values: int) -> None:
        packed = struct.pack(f"{found.order}{len(values)}{_CODES[size]}", *values)
        tags[tag] = ({1: 7, 2: 3, 4: 4}[size], packed, len(values))

    add(tiff.WIDTH, 4, wide)
    add(tiff.HEIGHT, 4, tall)
    add(tiff.BITS, 2, *[8] * samples)
    add(tiff.PHOTOMETRIC, 2, _GREY if is_band else photometric)
    add(tiff.STRIP_OFFSETS, 4, 0)
    add(tiff.SAMPLES, 2, samples)
    add(tiff.ROWS_PER_STRIP, 4, tall)
    add(tiff.STRIP_COUNTS, 4, len(data))
    add(tiff.PLANAR, 2, 1)
    for tag in _COPIED:
        values = found.numbers(tag)
        if len(values):
            add(tag, 1 if tag == tiff.JPEG_TABLES else 2, *values.tolist())
    extra = samples - (3 if photometric in (_RGB, _YCBCR) else 1)
    if extra > 0:
        add(tiff.EXTRA, 2, *(found.numbers(tiff.EXTRA).tolist() or [0] * extra)[:extra])
    return _written(found.order, tags, data)


def _written(order: str, tags: dict[int, tuple[int, bytes, int]], data: bytes) -> bytes:
    """Return head, directory, values that do not fit in it, and the data, whose place goes into its tag."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    after = 8 + 2 + 12 * len(tags) + 4
    long_values = [packed for _, packed, _ in tags.values() if len(packed) > 4]
    place = after + sum(len(one) + len(one) % 2 for one in long_values)
    tags[tiff.STRIP_OFFSETS] = (4, struct.pack(f"{order}I", place), 1)
    entries, rest = [], b""
    for tag in sorted(tags):
        kind, packed, count = tags[tag]
        value = packed.ljust(4, b"\0")
        if len(packed) > 4:
            value = struct.pack(f"{order}I", after + len(rest))
            rest += packed + b"\0" * (len(packed) % 2)
        entries.append(struct.pack(f"{order}HHI", tag, kind, count) + value)
    return head + struct.pack(f"{order}H", len(tags)) + b"".join(entries) + b"\0\0\0\0" + rest + data


def _with_opacity(found: Directory, bands: np.ndarray) -> np.ndarray:
    """Return bands as red, green, blue and opacity: none where the file says that there are no data."""
    colours = bands[..., :3] if bands.shape[2] >= 3 else np.repeat(bands[..., :1], 3, axis=2)
    extra = bands[..., 3] if bands.shape[2] == 4 else bands[..., 1] if bands.shape[2] == 2 else None
    # An extra band is opacity where it is said to be; in a photograph it is near infrared.
    is_opacity = found.number(tiff.EXTRA, 0) in (1, 2)
    opacity = extra if extra is not None and is_opacity else np.full(bands.shape[:2], 255, dtype=np.uint8)
    none = found.numbers(tiff.NO_DATA)
    if len(none):
        try:
            value = float(none.tobytes().rstrip(b"\0 ").decode("ascii"))
        except ValueError:
            value = -1.0
        opacity = np.where((colours == value).all(axis=2), 0, opacity)
    return np.dstack([colours, opacity]).astype(np.uint8)
