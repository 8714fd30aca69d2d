"""Draw a Web Mercator tile from the tiles of a source, point by point: projections, own matrices, GCJ-02.

The shift of GCJ-02 differs by metres over two kilometres and by tens of metres over fifty: each point is moved by the
shift where it is, which holds at every zoom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.basemaps.matrices import (
    DEGREES,
    MERCATOR,
    TILE,
    Matrix,
    degrees_from_mercator,
    fitting,
    mercator_from_degrees,
)
from geo.basemaps.matrices import mercator_matrix as web_matrix
from geo.basemaps.tile_sources import TileSource
from geo.crs import from_wgs84
from geo.crs_gcj import gcj02_from_wgs84

#: Most tiles of a source, and most of their pixels, that one tile is drawn from.
MAX_TILES, MAX_PIXELS = 64, 24_000_000
#: Pixels of a side of a block of any other picture.
BLOCK = TILE
#: From this zoom on positions are projected every so many pixels and drawn straight between: exact to a hundredth of a
#: pixel.
_MESH_FROM_ZOOM, _MESH = 6, 16


class _Window(NamedTuple):
    """Pixels of a matrix: first column and row, and how many."""

    left: int
    top: int
    wide: int
    tall: int


def drawn_tile(source: TileSource, zoom: int, column: int, row: int, *, is_shifted: bool) -> np.ndarray | None:
    """Return a tile of 256 x 256 pixels as red, green, blue, opacity; None where the source has nothing there.

    Parameters
    ----------
    zoom, column, row
        Of the tile in Web Mercator, rows from the north.
    is_shifted
        Whether the source's tiles have the shift of GCJ-02.

    Raises
    ------
    UnreadableFile, SourceBroken, SourceSlow
        As the source does.
    """
    return _drawn_at(source, *_positions(source.projection, zoom, column, row, is_shifted=is_shifted))


def block_corners() -> tuple[np.ndarray, np.ndarray]:
    """Return columns and rows of the corners of a block whose places ``drawn_block`` needs."""
    nodes = np.arange(0, BLOCK + 1, _MESH)
    columns, rows = np.meshgrid(nodes, nodes)
    return columns, rows


def drawn_block(source: TileSource, lon: np.ndarray, lat: np.ndarray, *, is_shifted: bool) -> np.ndarray | None:
    """Return a block of ``BLOCK`` x ``BLOCK`` pixels of any picture as red, green, blue, opacity; None for nothing.

    ``lon, lat`` are the places of ``block_corners`` in degrees of WGS-84; the rest is as of ``drawn_tile``.
    """
    x, y = mercator_from_degrees(lon, lat)
    across, down = _projected(x, y, source.projection, is_shifted=is_shifted)
    return _drawn_at(source, _refined(across), _refined(down))


def _drawn_at(source: TileSource, x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Return the pixels of a source at positions in its projection; None where it has nothing there."""
    inside = np.isfinite(x) & np.isfinite(y)
    if not source.matrices or not inside.any():
        return None
    matrix = fitting(source.matrices, _pixel_asked(x, y))
    at_x, at_y = (x - matrix.left) / matrix.pixel, (matrix.top - y) / (matrix.pixel * matrix.stretch)
    inside &= (at_x >= 0) & (at_y >= 0) & (at_x <= matrix.columns * matrix.wide) & (at_y <= matrix.rows * matrix.tall)
    if not inside.any():
        return None
    window = _window(matrix, at_x[inside], at_y[inside])
    if window is None:
        return None
    kept = _mosaic(source, matrix, window)
    if kept is None:
        return None
    out = _sampled(kept, np.where(inside, at_x - window.left, 0.5), np.where(inside, at_y - window.top, 0.5))
    out[~inside] = 0
    return out if out[..., 3].any() else None


def same_matrix(source: TileSource, zoom: int) -> Matrix | None:
    """Return the matrix of a source whose tiles are those of Web Mercator at a zoom, None where it has none."""
    if source.projection != MERCATOR:
        return None
    web = web_matrix(zoom)
    # A hundredth of a pixel over the whole world: corners are written with eight digits or so.
    return next(
        (
            one
            for one in source.matrices
            if (one.wide, one.tall) == (TILE, TILE)
            and abs(one.pixel / web.pixel - 1) * web.columns * TILE < 0.05
            and max(abs(one.left - web.left), abs(one.top - web.top)) < web.pixel * 0.05
        ),
        None,
    )


def _positions(projection: str, zoom: int, column: int, row: int, *, is_shifted: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return where the middle of each pixel of a tile lies in a projection; NaN where it has no place."""
    web = web_matrix(zoom)
    step = _MESH if zoom >= _MESH_FROM_ZOOM else 1
    nodes = np.arange(0, TILE + 1, step) if step > 1 else np.arange(TILE) + 0.5
    x = web.left + (column * TILE + nodes) * web.pixel
    y = web.top - (row * TILE + nodes) * web.pixel
    across, down = np.meshgrid(x, y)
    found = _projected(across, down, projection, is_shifted=is_shifted)
    return found if step == 1 else (_refined(found[0]), _refined(found[1]))


def _projected(x: np.ndarray, y: np.ndarray, projection: str, *, is_shifted: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return points of Web Mercator in a projection."""
    if projection == MERCATOR and not is_shifted:
        return x, y
    lon, lat = degrees_from_mercator(x, y)
    if is_shifted:
        lon, lat = gcj02_from_wgs84(lon, lat)
    if projection == DEGREES:
        return lon, lat
    if projection == MERCATOR:
        return mercator_from_degrees(lon, lat)
    return from_wgs84(lon, lat, projection)


def _refined(nodes: np.ndarray) -> np.ndarray:
    """Return the values at the middles of all pixels of those at every sixteenth corner, straight between."""
    at = (np.arange(TILE) + 0.5) / _MESH
    low = np.minimum(at.astype(int), nodes.shape[0] - 2)
    share = at - low
    down = nodes[low] * (1 - share)[:, None] + nodes[low + 1] * share[:, None]
    return down[:, low] * (1 - share) + down[:, low + 1] * share


def _pixel_asked(x: np.ndarray, y: np.ndarray) -> float:
    """Return the side of a pixel of the tile asked for, in units of the source, as the middle of all."""
    across, down = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1)), np.hypot(np.diff(x, axis=0), np.diff(y, axis=0))
    return float(np.sqrt(np.nanmedian(across) * np.nanmedian(down)))


def _window(matrix: Matrix, at_x: np.ndarray, at_y: np.ndarray) -> _Window | None:
    """Return the pixels of a matrix between whose middles positions lie; None where they are over the bounds."""
    left, top = max(int(at_x.min() - 0.5), 0), max(int(at_y.min() - 0.5), 0)
    right = min(int(at_x.max() - 0.5) + 2, matrix.columns * matrix.wide)
    bottom = min(int(at_y.max() - 0.5) + 2, matrix.rows * matrix.tall)
    columns = (right - 1) // matrix.wide - left // matrix.wide + 1
    rows = (bottom - 1) // matrix.tall - top // matrix.tall + 1
    # Tiles of a picture in strips are as wide as it is and few pixels high: their pixels count, not their number.
    if columns * rows * matrix.wide * matrix.tall > MAX_PIXELS:
        return None
    if columns * rows > max(MAX_TILES, MAX_TILES * TILE * TILE // (matrix.wide * matrix.tall)):
        return None
    return _Window(left, top, right - left, bottom - top)


def _mosaic(source: TileSource, matrix: Matrix, window: _Window) -> np.ndarray | None:
    """Return the pixels of a window, transparent where the source has no tile; None where it has none at all."""
    out = np.zeros((window.tall, window.wide, 4), dtype=np.uint8)
    found = False
    right, bottom = window.left + window.wide, window.top + window.tall
    for row in range(window.top // matrix.tall, (bottom - 1) // matrix.tall + 1):
        for column in range(window.left // matrix.wide, (right - 1) // matrix.wide + 1):
            tile = source.pixels(matrix, column, row)
            if tile is None:
                continue
            found = True
            x0, y0 = column * matrix.wide, row * matrix.tall
            west, north = max(x0, window.left), max(y0, window.top)
            east, south = min(x0 + matrix.wide, right), min(y0 + matrix.tall, bottom)
            into = out[north - window.top : south - window.top, west - window.left : east - window.left]
            into[:] = tile[north - y0 : south - y0, west - x0 : east - x0]
    return out if found else None


def _sampled(pixels: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the values of a picture at positions, straight between the middles of its pixels.

    Colours count by their opacity, so that the colour of what is transparent does not show at an edge.
    """
    tall, wide = pixels.shape[:2]
    x, y = np.clip(x - 0.5, 0, wide - 1), np.clip(y - 0.5, 0, tall - 1)
    left, top = np.minimum(x.astype(int), max(wide - 2, 0)), np.minimum(y.astype(int), max(tall - 2, 0))
    share_x, share_y = (x - left)[..., None].astype(np.float32), (y - top)[..., None].astype(np.float32)
    right, bottom = np.minimum(left + 1, wide - 1), np.minimum(top + 1, tall - 1)

    def at(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        found = pixels[rows, columns].astype(np.float32)
        found[..., :3] *= found[..., 3:] / 255.0
        return found

    upper = at(top, left) * (1 - share_x) + at(top, right) * share_x
    lower = at(bottom, left) * (1 - share_x) + at(bottom, right) * share_x
    out = upper * (1 - share_y) + lower * share_y
    opacity = out[..., 3:]
    out[..., :3] = np.divide(out[..., :3] * 255.0, opacity, out=np.zeros_like(out[..., :3]), where=opacity > 0)
    return np.rint(np.clip(out, 0, 255)).astype(np.uint8)
