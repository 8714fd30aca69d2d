"""Describe the tile grids: tile matrix sets (OGC 17-083r4), the boxes of their tiles, degrees to units of a tile.

A tile has 4,096 x 4,096 units and a margin of 64 more, so that symbols on a border are drawn completely (MVT 2.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.storage.protocol import Bbox

EXTENT = 4096
MARGIN = 64
MAX_ZOOM = 22
#: Beyond this latitude, in degrees, Web Mercator has no tiles; shapes are clipped there before they are projected.
MAX_LATITUDE = 85.6

#: Half the length of the equator in Web Mercator (EPSG:3857), in metres.
_HALF_EQUATOR_M = math.pi * 6378137.0
#: Size in metres of the standard's pixel, which scale denominators refer to.
_PIXEL_M = 0.00028
_METRES_PER_DEGREE = 6378137.0 * math.pi / 180.0


@dataclass(frozen=True)
class TileGrid:
    """One tile matrix set (OGC 17-083r4): square tiles, each divided into four at the next zoom.

    Attributes
    ----------
    name
        Its identifier in paths.
    crs
        The URI of its CRS.
    left, top, side
        Corner of the first tile and its side at zoom 0, in units of the CRS.
    columns
        Tiles side by side at zoom 0; there is one row.
    is_mercator
        Whether rows are in Web Mercator; else in degrees.
    """

    name: str
    title: str
    crs: str
    left: float
    top: float
    side: float
    columns: int
    is_mercator: bool

    @property
    def uri(self) -> str:
        """Return the identifier in the OGC's register."""
        return f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{self.name}"

    def size(self, z: int) -> tuple[int, int]:
        """Return how many tiles a zoom has: columns, rows."""
        return self.columns << z, 1 << z

    def has(self, z: int, x: int, y: int) -> bool:
        """Return whether the tile exists."""
        if not 0 <= z <= MAX_ZOOM:
            return False
        wide, tall = self.size(z)
        return 0 <= x < wide and 0 <= y < tall

    def corner(self, z: int, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of the upper left corner of a tile; fractions are positions within it."""
        side = self.side / (1 << z)
        east, north = self.left + x * side, self.top - y * side
        if not self.is_mercator:
            return east, north
        return east / _METRES_PER_DEGREE, math.degrees(math.atan(math.sinh(north / 6378137.0)))

    def box(self, z: int, x: int, y: int) -> Bbox:
        """Return the box of a tile with its margin in degrees, within the world."""
        margin = MARGIN / EXTENT
        west, north = self.corner(z, x - margin, y - margin)
        east, south = self.corner(z, x + 1 + margin, y + 1 + margin)
        return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)

    def definition(self) -> dict[str, Any]:
        """Return the tile matrix set as the standard's JSON."""
        matrices = [self._matrix(z) for z in range(MAX_ZOOM + 1)]
        axes = ["X", "Y"] if self.is_mercator else ["Lon", "Lat"]
        return {
            "id": self.name, "title": self.title, "uri": self.uri, "crs": self.crs, "orderedAxes": axes,
            "wellKnownScaleSet": f"http://www.opengis.net/def/wkss/OGC/1.0/{_SCALE_SETS[self.name]}",
            "tileMatrices": matrices,
        }  # fmt: skip

    def _matrix(self, z: int) -> dict[str, Any]:
        cell = self.side / (1 << z) / 256
        wide, tall = self.size(z)
        metres = cell if self.is_mercator else cell * _METRES_PER_DEGREE
        return {
            "id": str(z), "scaleDenominator": metres / _PIXEL_M, "cellSize": cell, "cornerOfOrigin": "topLeft",
            "pointOfOrigin": [self.left, self.top], "tileWidth": 256, "tileHeight": 256,
            "matrixWidth": wide, "matrixHeight": tall,
        }  # fmt: skip

    def limits(self, z: int, box: Bbox) -> tuple[int, int, int, int]:
        """Return first column, first row, last column and last row of the tiles that a box in degrees touches."""
        wide, tall = self.size(z)
        ends = np.array([[box[0], box[3]], [box[2], box[1]]])
        at = np.floor(self.units(ends, z, 0, 0) / EXTENT).astype(int)
        at = np.clip(at, 0, (wide - 1, tall - 1))
        return int(at[0, 0]), int(at[0, 1]), int(at[1, 0]), int(at[1, 1])

    def units(self, degrees: np.ndarray, z: int, x: int, y: int) -> np.ndarray:
        """Return points in degrees as points of a tile, in units from its upper left corner, y downwards."""
        out = np.asarray(degrees, dtype=float).copy()
        if self.is_mercator:
            out[:, 0] *= _METRES_PER_DEGREE
            latitudes = np.radians(np.clip(out[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
            out[:, 1] = 6378137.0 * np.arcsinh(np.tan(latitudes))
        scale = EXTENT * (1 << z) / self.side
        out[:, 0] = (out[:, 0] - self.left) * scale - x * EXTENT
        out[:, 1] = (self.top - out[:, 1]) * scale - y * EXTENT
        return out


_SCALE_SETS = {"WebMercatorQuad": "GoogleMapsCompatible", "WorldCRS84Quad": "GoogleCRS84Quad"}

GRIDS: dict[str, TileGrid] = {
    one.name: one
    for one in (
        TileGrid(
            "WebMercatorQuad", "Google Maps Compatible for the World", "http://www.opengis.net/def/crs/EPSG/0/3857",
            -_HALF_EQUATOR_M, _HALF_EQUATOR_M, 2 * _HALF_EQUATOR_M, 1, True,
        ),
        TileGrid(
            "WorldCRS84Quad", "CRS84 for the World", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            -180.0, 90.0, 180.0, 2, False,
        ),
    )
}  # fmt: skip

WEB_MERCATOR = GRIDS["WebMercatorQuad"]
