"""Draw a base map below a sheet: warped to the sheet's CRS at the resolution of print, lightened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj

from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.pictures import as_jpeg
from geo.basemaps.whole_pictures import lightened, whole_picture
from geo.crs import to_wgs84
from maps.print.page_layout import MapFrame

#: Pixels per inch, as far as the picture stays below so many pixels, and at least.
_DPI, _LEAST_DPI, _MAX_PIXELS = 200, 150, 16_000_000
_INCH_MM = 25.4
#: What is left of a base map's strength, so that lines and text over it stand out.
_STRENGTH = 0.6
#: Of a map that a base map has this share of at least nothing is missed.
_WHOLE = 0.995
_QUALITY = 80


@dataclass(frozen=True)
class BasePicture:
    """The base map of a sheet as JPEG, and the share of the map that it has a picture of."""

    jpeg: bytes
    share: float

    @property
    def is_part(self) -> bool:
        """Return whether a part of the map is white for want of a picture that the eye would miss."""
        return self.share < _WHOLE


def base_picture(tiles: BaseMapTiles, frame: MapFrame, crs: pyproj.CRS) -> BasePicture | None:
    """Return the picture of a sheet's map; None where the base map has nothing there.

    Raises
    ------
    UnreadableFile, SourceBroken, SourceSlow
        As the base map's source.
    """
    rect = frame.rect
    fitting = _INCH_MM * (_MAX_PIXELS / (rect.width * rect.height)) ** 0.5
    dpi = max(_LEAST_DPI, min(_DPI, fitting))
    wide, tall = (max(1, round(side * dpi / _INCH_MM)) for side in (rect.width, rect.height))
    west, south, east, north = frame.bounds

    def place(columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return to_wgs84(west + columns * (east - west) / wide, north - rows * (north - south) / tall, crs)

    pixels = whole_picture(tiles, place, wide, tall)
    if pixels is None:
        return None
    jpeg = as_jpeg(lightened(pixels, _STRENGTH * tiles.base.opacity), _QUALITY)
    return BasePicture(jpeg, float(np.count_nonzero(pixels[..., 3])) / (wide * tall))
