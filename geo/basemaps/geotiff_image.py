"""Read a GeoTIFF as matrices of its blocks: the picture itself and its overviews, each a matrix of its own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geo.basemaps import tiff_directories as tiff
from geo.basemaps.extents import extent_of_box
from geo.basemaps.local_files import damaged
from geo.basemaps.matrices import DEGREES, MERCATOR, Matrix, is_possible, zoom_of
from geo.basemaps.projections import of_base, of_code, require_agreement
from geo.basemaps.tiff_blocks import block_pixels, require_readable
from geo.basemaps.tiff_directories import Directory, directories_of
from geo.basemaps.tile_sources import TileSource, between
from geo.catalog.base_maps import BaseMap

#: Rows of strips that are read together.
_ROWS = 64
_REDUCED, _MASK = 1, 4
_GEOGRAPHIC, _PROJECTED, _RASTER = 2048, 3072, 1025
_PIXEL_IS_POINT = 2
_WORLD_FILES = (".tfw", ".tifw", ".tiffw", ".TFW", ".wld")


class _Layout(NamedTuple):
    """How a picture is cut: size, size of a block, and how many strips make one tile of ours."""

    wide: int
    tall: int
    block_wide: int
    block_tall: int
    strips: int


class GeotiffImage(TileSource):
    """A GeoTIFF of up to four bands of 8 bits, north up."""

    is_photo = True

    def __init__(self, base: BaseMap, path: Path) -> None:
        found = [one for one in directories_of(path) if not one.number(tiff.SUBFILE, 0) & _MASK]
        if not found:
            raise damaged(path.name, "没有影像", "there is no picture in it")
        overviews = path.with_name(f"{path.name}.ovr")
        if overviews.is_file():
            found += [one for one in directories_of(overviews) if not one.number(tiff.SUBFILE, 0) & _MASK]
        whole, keys = found[0], _geo_keys(found[0])
        code = keys.get(_PROJECTED) or keys.get(_GEOGRAPHIC)
        require_agreement(base, code, path.name)
        self.projection = of_base(base) or of_code(code) or MERCATOR
        left, top, pixel, down = _placed(whole, path, is_point=keys.get(_RASTER) == _PIXEL_IS_POINT)
        self._parts: dict[str, tuple[Directory, _Layout]] = {}
        wide, tall = _size(whole)
        matrices = []
        for number, one in enumerate(found):
            is_reduced = one.number(tiff.SUBFILE, 0) & _REDUCED or one.path != path
            if number and not is_reduced:
                continue  # another page, which is no overview of the first
            require_readable(one)
            layout = _layout(one)
            # An overview covers what the picture does; its size is rounded up.
            x, y = pixel * wide / layout.wide, down * tall / layout.tall
            self._parts[str(number)] = one, layout
            across, rows = layout.block_wide, layout.block_tall * layout.strips
            columns, lines = math.ceil(layout.wide / across), math.ceil(layout.tall / rows)
            matrices.append(Matrix(str(number), left, top, x, across, rows, columns, lines, stretch=y / x))
        self.extent = extent_of_box(left, top - tall * down, left + wide * pixel, top, self.projection)
        matrices.sort(key=lambda one: -one.pixel)
        kind = DEGREES if self.projection == DEGREES else MERCATOR
        self.matrices = between(matrices, [zoom_of(one, kind) for one in matrices], base.levels)
        self.pixels(matrices[0], 0, 0)  # a way of packing that is not read is told now, not with every tile

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return None: blocks of a TIFF are no pictures by themselves."""

    def pixels(self, matrix: Matrix, column: int, row: int) -> np.ndarray | None:
        """Return a block, or strips that make one: see ``TileSource.pixels``."""
        found, layout = self._parts[matrix.id]
        out = np.zeros((matrix.tall, matrix.wide, 4), dtype=np.uint8)
        is_tiled = tiff.TILE_OFFSETS in found.tags
        has_any = False
        for k in range(layout.strips):
            line = row * layout.strips + k
            top = line * layout.block_tall
            if top >= layout.tall:
                break
            tall = layout.block_tall if is_tiled else min(layout.block_tall, layout.tall - top)
            block = block_pixels(found, line * matrix.columns + column, layout.block_wide, tall)
            if block is not None:
                has_any = True
                out[k * layout.block_tall : k * layout.block_tall + tall] = block
        # Blocks at the edges are filled up with anything.
        out[max(layout.tall - row * matrix.tall, 0) :] = 0
        out[:, max(layout.wide - column * matrix.wide, 0) :] = 0
        return out if has_any else None


def _size(found: Directory) -> tuple[int, int]:
    wide, tall = found.number(tiff.WIDTH, 0), found.number(tiff.HEIGHT, 0)
    if not (0 < wide < 1 << 24 and 0 < tall < 1 << 24):
        raise damaged(found.path.name, "尺寸不合理", "its size is impossible")
    return wide, tall


def _layout(found: Directory) -> _Layout:
    wide, tall = _size(found)
    if tiff.TILE_OFFSETS in found.tags:
        across, down = found.number(tiff.TILE_WIDTH, 0), found.number(tiff.TILE_HEIGHT, 0)
        strips = 1
    else:
        across, down = wide, min(found.number(tiff.ROWS_PER_STRIP, tall), tall)
        strips = max(1, _ROWS // max(down, 1))
    if not (0 < across < 1 << 20 and 0 < down < 1 << 20):
        raise damaged(found.path.name, "块的尺寸不合理", "the size of its blocks is impossible")
    return _Layout(wide, tall, across, down, strips)


def _geo_keys(found: Directory) -> dict[int, int]:
    """Return the GeoKeys whose values are short numbers (OGC 19-008r4)."""
    keys = found.numbers(tiff.GEO_KEYS)
    rows = keys[4:].reshape(-1, 4) if len(keys) > 4 and len(keys) % 4 == 0 else np.empty((0, 4))
    return {int(key): int(value) for key, place, _, value in rows.tolist() if place == 0 and 0 < value < 32767}


def _placed(found: Directory, path: Path, *, is_point: bool) -> tuple[float, float, float, float]:
    """Return the corner in the north-west and width and height of a pixel.

    Raises
    ------
    UnreadableFile
        The file tells no place, or the picture is turned.
    """
    scale, ties = found.numbers(tiff.PIXEL_SCALE).tolist(), found.numbers(tiff.TIE_POINTS).tolist()
    matrix = found.numbers(tiff.TRANSFORMATION).tolist()
    if len(scale) >= 2 and len(ties) >= 6:
        left, top = ties[3] - ties[0] * scale[0], ties[4] + ties[1] * scale[1]
        numbers = (left, top, scale[0], scale[1])
    elif len(matrix) >= 8:
        if matrix[1] or matrix[4]:
            raise damaged(
                path.name, "影像是旋转的；可用 gdalwarp 转正", "the picture is turned; gdalwarp turns it back"
            )
        numbers = (matrix[3], matrix[7], matrix[0], -matrix[5])
    else:
        numbers, is_point = _world_file(path), True
    left, top, wide, tall = numbers
    if not is_possible(left, top, wide, tall):
        raise damaged(path.name, "位置不合理", "its place is impossible")
    return (left - wide / 2, top + tall / 2, wide, tall) if is_point else numbers


def _world_file(path: Path) -> tuple[float, float, float, float]:
    """Return the numbers of the world file beside a picture: of the middle of its first pixel."""
    for suffix in _WORLD_FILES:
        beside = path.with_suffix(suffix)
        if not beside.is_file() or beside.stat().st_size > 10_000:
            continue
        try:
            wide, turned, turned_too, tall, x, y = (float(one) for one in beside.read_text("ascii").split()[:6])
        except ValueError:
            raise damaged(beside.name, "不是世界文件", "it is no world file") from None
        if turned or turned_too:
            raise damaged(
                path.name, "影像是旋转的；可用 gdalwarp 转正", "the picture is turned; gdalwarp turns it back"
            )
        return x, y, wide, -tall
    raise damaged(path.name, "没有写明位置（GeoTIFF 标签或 .tfw）", "it tells no place (GeoTIFF tags or a .tfw)")
