"""Draw a base map in any projection whose one mark, a cross, lies at a known place; and find it in an answer.

Every picture here is computed from the place of each pixel, by formulas of this file: nothing of what is tested is
used, so that a mistake in it cannot hide itself.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
import pyproj
from PIL import Image

#: Where the cross is, in WGS-84 degrees; not on any edge of tiles.
CROSS = (103.0412345, 37.6123456)
_R = 6378137.0
_HALF = math.pi * _R
#: The arms of the cross: length and half width in metres on the ground.
ARM_M, HALF_WIDTH_M = 120.0, 9.0

Place = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def mercator(lon: float, lat: float) -> tuple[float, float]:
    return math.radians(lon) * _R, _R * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def from_mercator(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.degrees(x / _R), np.degrees(2 * np.arctan(np.exp(y / _R)) - math.pi / 2)


def degrees(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x, y


def projected(code: int) -> Place:
    to = pyproj.Transformer.from_crs(code, 4490, always_xy=True)
    return to.transform


def pixels(place: Place, left: float, top: float, pixel: float, wide: int, tall: int, cross=CROSS) -> np.ndarray:
    """Return the picture of a rectangle: light ground with a dark cross, red, green, blue."""
    x = left + (np.arange(wide) + 0.5) * pixel
    y = top - (np.arange(tall) + 0.5) * pixel
    lon, lat = place(*np.meshgrid(x, y))
    east = (lon - cross[0]) * 111_320 * math.cos(math.radians(cross[1]))
    north = (lat - cross[1]) * 111_000
    near, far = np.minimum(abs(east), abs(north)), np.maximum(abs(east), abs(north))
    dark = (near <= HALF_WIDTH_M) & (far <= ARM_M)
    ground = np.where(dark, 20, 235).astype(np.uint8)
    return np.dstack([ground] * 3)


def png(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def jpeg(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=92)
    return out.getvalue()


def mercator_tile(z: int, x: int, y: int, *, cross=CROSS, side: int = 256) -> np.ndarray:
    span = 2 * _HALF / 2**z
    return pixels(from_mercator, -_HALF + x * span, _HALF - y * span, span / side, side, side, cross)


def degree_tile(rows: int, x: int, y: int, *, cross=CROSS) -> np.ndarray:
    span = 180.0 / rows
    return pixels(degrees, -180 + x * span, 90 - y * span, span / 256, 256, 256, cross)


def tile_of(z: int, lon: float = CROSS[0], lat: float = CROSS[1]) -> tuple[int, int]:
    """Return column and row of the Web Mercator tile with a point."""
    x, y = mercator(lon, lat)
    span = 2 * _HALF / 2**z
    return int((x + _HALF) / span), int((_HALF - y) / span)


def degree_tile_of(rows: int, lon: float = CROSS[0], lat: float = CROSS[1]) -> tuple[int, int]:
    span = 180.0 / rows
    return int((lon + 180) / span), int((90 - lat) / span)


def around(at: tuple[int, int], reach: int = 1) -> list[tuple[int, int]]:
    return [(at[0] + i, at[1] + j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]


def distance_of_cross(answer: Callable[[int, int, int], bytes | None], z: int, cross=CROSS) -> float:
    """Return how many pixels the middle of the cross in the answered tiles is from where it belongs."""
    column, row = tile_of(z, *cross)
    sheet = np.full((3 * 256, 3 * 256), 235.0)
    for i in range(3):
        for j in range(3):
            data = answer(z, column - 1 + i, row - 1 + j)
            if data is None:
                continue
            with Image.open(io.BytesIO(data)) as image:
                assert image.size == (256, 256)
                shown = Image.new("RGBA", image.size, (235, 235, 235, 255))
                shown.alpha_composite(image.convert("RGBA"))
            sheet[j * 256 : (j + 1) * 256, i * 256 : (i + 1) * 256] = np.asarray(shown.convert("L"))
    weights = np.clip(235 - sheet, 0, None)
    weights[weights < 40] = 0
    assert weights.sum() > 0, "no cross to be seen"
    rows, columns = np.indices(weights.shape) + 0.5
    x, y = (weights * columns).sum() / weights.sum(), (weights * rows).sum() / weights.sum()
    span = 2 * _HALF / 2**z
    at = mercator(*cross)
    right = (at[0] + _HALF) / span * 256 - (column - 1) * 256
    down = (_HALF - at[1]) / span * 256 - (row - 1) * 256
    return math.hypot(x - right, y - down)
