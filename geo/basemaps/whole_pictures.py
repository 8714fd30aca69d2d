"""Draw a base map over the rectangle of a sheet in the sheet's CRS, and cut the tiles that a one-file map carries."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.pictures import as_jpeg, decoded
from geo.basemaps.warping import BLOCK, block_corners, drawn_block
from geo.errors import GeoError, NotFound, SourceSlow

#: Columns and rows of corners -> longitudes and latitudes of WGS-84.
Placing = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
#: Longest that one picture of a sheet may take, in seconds: another host may answer each tile slowly.
SECONDS = 90.0
#: Most tiles of one zoom that a file carries, whatever their size.
MAX_TILES = 900
#: JPEG quality of tiles that a file carries.
_QUALITY = 62


def whole_picture(
    tiles: BaseMapTiles, place: Placing, wide: int, tall: int, *, seconds: float = SECONDS
) -> np.ndarray | None:
    """Return the picture of a rectangle as red, green, blue, opacity; None where the base map has nothing there.

    Parameters
    ----------
    place
        Gives degrees for columns and rows of the picture, which may lie between pixels.
    wide, tall
        Of the picture, in pixels.
    seconds
        How long it may take.

    Raises
    ------
    SourceSlow
        It took longer.
    UnreadableFile, SourceBroken
        As the base map's source.
    """
    until = time.monotonic() + seconds
    out = np.zeros((tall, wide, 4), dtype=np.uint8)
    has_any = False
    for top in range(0, tall, BLOCK):
        for left in range(0, wide, BLOCK):
            if time.monotonic() > until:
                raise SourceSlow(
                    f"底图没有在 {seconds:g} 秒内画完", f"the base map was not drawn within {seconds:g} seconds"
                )
            columns, rows = block_corners()
            block = drawn_block(tiles.source, *place(columns + left, rows + top), is_shifted=tiles.base.is_shifted)
            if block is not None:
                part = out[top : top + BLOCK, left : left + BLOCK]
                part[:] = block[: part.shape[0], : part.shape[1]]
                has_any = True
    return out if has_any else None


def lightened(pixels: np.ndarray, strength: float) -> np.ndarray:
    """Return a picture over white paper, with so much of its strength left that what is drawn over it stands out.

    Examples
    --------
    >>> lightened(np.array([[[0, 0, 0, 255], [0, 0, 0, 0]]], dtype=np.uint8), 0.6).tolist()
    [[[102, 102, 102], [255, 255, 255]]]
    """
    share = pixels[..., 3:].astype(np.float32) * np.float32(strength / 255)
    return np.rint(255 - (255 - pixels[..., :3].astype(np.float32)) * share).astype(np.uint8)


def cut_tiles(
    tiles: BaseMapTiles, box: tuple[float, float, float, float], budget: int
) -> dict[tuple[int, int, int], tuple[bytes, str]]:
    """Return the tiles over a box as zoom, column, row -> picture and media type: as many zooms as a budget holds.

    The first zoom is that at which the box is two or three tiles wide; finer ones follow while all of their tiles
    fit. Where the first does not fit, coarser ones are tried.

    Parameters
    ----------
    box
        West, south, east, north in degrees.
    budget
        Bytes of all pictures in base64.

    Raises
    ------
    SourceSlow, SourceBroken
        As the base map's source.
    """
    low, high = tiles.base.levels or (0, 19)
    first = min(max(_first_zoom(box), low), high)
    found: dict[tuple[int, int, int], tuple[bytes, str]] = {}
    left = budget
    for zoom in (*range(first, high + 1), *range(first - 1, -1, -1)):
        if zoom < first and found:
            break
        cut = _of_zoom(tiles, box, zoom, left)
        if not cut:
            if found:
                break
            continue
        found |= cut
        left -= sum(_in_base64(data) for data, _ in cut.values())
    return found


def _of_zoom(
    tiles: BaseMapTiles, box: tuple[float, float, float, float], zoom: int, budget: int
) -> dict[tuple[int, int, int], tuple[bytes, str]] | None:
    """Return all tiles of a zoom over a box that there are; None where they are over the budget."""
    (west, north), (east, south) = _at(zoom, box[0], box[3]), _at(zoom, box[2], box[1])
    if (east - west + 1) * (south - north + 1) > MAX_TILES:
        return None
    found = {}
    for row in range(north, south + 1):
        for column in range(west, east + 1):
            try:
                data, kind = _smaller(*tiles.tile(zoom, column, row))
            except NotFound:
                continue
            budget -= _in_base64(data)
            if budget < 0:
                return None
            found[zoom, column, row] = data, kind
    return found


def _smaller(data: bytes, kind: str) -> tuple[bytes, str]:
    """Return a picture as JPEG where that is smaller and nothing of it is transparent."""
    try:
        pixels = decoded(data)
    except GeoError:
        return data, kind
    if not bool((pixels[..., 3] == 255).all()):
        return data, kind
    packed = as_jpeg(pixels[..., :3], _QUALITY)
    return (packed, "image/jpeg") if len(packed) < len(data) else (data, kind)


def _in_base64(data: bytes) -> int:
    return 4 * math.ceil(len(data) / 3) + 60  # the key and the media type


def _first_zoom(box: tuple[float, float, float, float]) -> int:
    (west, north), (east, south) = _at(22, box[0], box[3]), _at(22, box[2], box[1])
    return max(0, 22 - max(0, math.ceil(math.log2(max(east - west, south - north, 1) / 2.5))))


def _at(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    """Return column and row of the tile of Web Mercator that holds a point."""
    count = 1 << zoom
    down = (1 - math.asinh(math.tan(math.radians(max(-85.0, min(85.0, lat))))) / math.pi) / 2
    return min(count - 1, max(0, int((lon + 180) / 360 * count))), min(count - 1, max(0, int(down * count)))
