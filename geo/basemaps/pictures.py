"""Decode pictures of tiles within bounds, and encode them; only this package's modules use Pillow."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from geo.errors import UnreadableFile

#: Largest picture of one tile, in bytes as it comes and in pixels of a side.
MAX_TILE_BYTES = 5_000_000
MAX_SIDE = 2048
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
# What Pillow raises for damaged pictures; a bomb is refused by its header before it is decoded.
_DAMAGE = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, MemoryError,
    struct.error, Image.DecompressionBombError, Warning,
)  # fmt: skip
_JPEG_QUALITY = 85


def media_type(data: bytes) -> str | None:
    """Return the media type of a picture by its first bytes, None where it is none that tiles are in.

    Examples
    --------
    >>> media_type(b"GIF89a"), media_type(b"<html>")
    ('image/gif', None)
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)


def decoded(data: bytes) -> np.ndarray:
    """Return a picture as an array of rows, columns and red, green, blue, opacity (uint8).

    Raises
    ------
    UnreadableFile
        Its bytes or sides are over the bounds, it is of another format, or damaged.

    Examples
    --------
    >>> decoded(as_png(np.zeros((2, 3, 4), dtype=np.uint8))).shape
    (2, 3, 4)
    """
    if len(data) > MAX_TILE_BYTES:
        raise _unreadable(f"超过 {MAX_TILE_BYTES / 1e6:g} MB", f"it is over {MAX_TILE_BYTES / 1e6:g} MB")
    if media_type(data) is None:
        raise _unreadable("不是 PNG、JPEG、WebP 或 GIF", "it is no PNG, JPEG, WebP or GIF")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            require_sides(*image.size)
            return np.asarray(image.convert("RGBA"))
    except _DAMAGE as error:
        if isinstance(error, UnreadableFile):
            raise
        raise _unreadable("图片损坏", "it is damaged") from None


def require_sides(wide: int, tall: int) -> None:
    """Raise UnreadableFile for a picture of more pixels than a tile may have."""
    if max(wide, tall) > MAX_SIDE or min(wide, tall) < 1:
        raise _unreadable(f"边长 {wide} × {tall} 像素，上限 {MAX_SIDE}", f"{wide} x {tall} pixels, over {MAX_SIDE}")


def resized(pixels: np.ndarray, wide: int, tall: int) -> np.ndarray:
    """Return a picture of another size, each pixel the mean of those that it stands for.

    Examples
    --------
    >>> resized(np.full((4, 4, 4), 255, dtype=np.uint8), 1, 1).tolist()
    [[[255, 255, 255, 255]]]
    """
    return np.asarray(Image.fromarray(pixels, "RGBA").resize((wide, tall), Image.Resampling.BOX))


def as_png(pixels: np.ndarray) -> bytes:
    """Return a picture as PNG."""
    out = io.BytesIO()
    _image(pixels).save(out, "PNG", compress_level=4)
    return out.getvalue()


def as_jpeg(pixels: np.ndarray, quality: int = _JPEG_QUALITY) -> bytes:
    """Return a picture of red, green and blue as JPEG: the same bytes for the same picture."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels), "RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def encoded(pixels: np.ndarray, *, is_photo: bool) -> tuple[bytes, str]:
    """Return a picture with its media type: JPEG where its source is a photograph and nothing is transparent."""
    if is_photo and bool((pixels[..., 3] == 255).all()):
        return as_jpeg(pixels[..., :3]), "image/jpeg"
    return as_png(pixels), "image/png"


def _image(pixels: np.ndarray) -> Image.Image:
    if bool((pixels[..., 3] == 255).all()):
        return Image.fromarray(np.ascontiguousarray(pixels[..., :3]), "RGB")
    return Image.fromarray(np.ascontiguousarray(pixels), "RGBA")


def _unreadable(zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"瓦片图片不可用：{zh}", f"the picture of a tile cannot be used: {en}")


def lines_drawn(lines: Sequence[np.ndarray], wide: int, tall: int, width: int) -> np.ndarray:
    """Return lines, each rows of x and y in pixels, drawn with a width: 1 on a line, else 0.

    Examples
    --------
    >>> lines_drawn([np.array([(0.5, 1.5), (3.5, 1.5)])], 4, 3, 1).tolist()
    [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]
    """
    image = Image.new("L", (wide, tall))
    drawing = ImageDraw.Draw(image)
    for line in lines:
        drawing.line([(float(x), float(y)) for x, y in np.floor(line)], fill=1, width=width)
    return np.asarray(image)
