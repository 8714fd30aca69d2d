"""Cut layers into vector tiles: the tile grids, and a tile of a frame as the Mapbox Vector Tile it is sent as.

A tile is a square of 4,096 x 4,096 units with 64 more around it, so that symbols on a border are drawn whole (MVT 2.1).
PostGIS cuts the tiles of a server by the same rules, T1 to T5; a test lays both side by side.

T1. A row takes part when its box meets the tile and its margin.
T2. Lines and polygons smaller than half a unit both ways are left out, the others lose what is finer than that.
T3. Corners are whole units; shapes are cut at the margin; polygons are valid, outer rings clockwise on the screen.
T4. A tile holds at most ``MOST_FEATURES``: the widest shapes first, points thinned evenly; it says how many are not.
T5. A tile carries the fields of its layer, without validity dates and whatever else the store keeps.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely

from geo.storage.protocol import Bbox

EXTENT = 4096
MARGIN = 64
MAX_ZOOM = 22
MOST_FEATURES = 10_000
MEDIA = "application/vnd.mapbox-vector-tile"

#: Half the length of the equator in Web Mercator (EPSG:3857), in metres.
_HALF = math.pi * 6378137.0
#: Metres of a pixel at zoom 0 that the standard calls a scale denominator of so many; 0.28 mm is its pixel.
_PIXEL = 0.00028
_METRES_PER_DEGREE = 6378137.0 * math.pi / 180.0
#: Beyond this latitude Web Mercator has no tiles; a shape that goes on to a pole is cut there before it is projected.
_MOST_LATITUDE = 85.6


@dataclass(frozen=True)
class TileGrid:
    """Describe one tile matrix set (OGC 17-083r4): square tiles, each cut in four at the next zoom.

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
        """Tell whether there is such a tile."""
        if not 0 <= z <= MAX_ZOOM:
            return False
        wide, tall = self.size(z)
        return 0 <= x < wide and 0 <= y < tall

    def corner(self, z: int, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of the upper left corner of a tile; fractions are places within it."""
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
            "id": str(z), "scaleDenominator": metres / _PIXEL, "cellSize": cell, "cornerOfOrigin": "topLeft",
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
        """Return places in degrees as places in a tile, in units from its upper left corner, y downwards."""
        out = np.asarray(degrees, dtype=float).copy()
        if self.is_mercator:
            out[:, 0] *= _METRES_PER_DEGREE
            latitudes = np.radians(np.clip(out[:, 1], -_MOST_LATITUDE, _MOST_LATITUDE))
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
            -_HALF, _HALF, 2 * _HALF, 1, True,
        ),
        TileGrid(
            "WorldCRS84Quad", "CRS84 for the World", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            -180.0, 90.0, 180.0, 2, False,
        ),
    )
}  # fmt: skip

WEB_MERCATOR = GRIDS["WebMercatorQuad"]


@dataclass(frozen=True)
class Tile:
    """Hold one tile; ``left_out`` counts the features that rule T4 left out. No data is a tile without features."""

    data: bytes
    left_out: int = 0


def encode(frame: gpd.GeoDataFrame, z: int, x: int, y: int, *, layer: str) -> bytes:
    """Return a Web Mercator tile of a frame: see ``build``."""
    return build(frame, WEB_MERCATOR, z, x, y, layer=layer).data


def build(
    frame: gpd.GeoDataFrame,
    grid: TileGrid,
    z: int,
    x: int,
    y: int,
    *,
    layer: str,
    fields: Sequence[str] | None = None,
    most: int = MOST_FEATURES,
) -> Tile:
    """Return one tile of a frame.

    Parameters
    ----------
    frame
        Rows in EPSG:4326 that meet the tile's box (``TileGrid.box``); others are harmless.
    grid, z, x, y
        Which tile: column x from the west, row y from the north.
    layer
        Name of the tile's layer.
    fields
        Columns to carry; all but the shape and the validity dates where it is None.
    most
        At most so many features (T4).
    """
    if fields is None:
        fields = [one for one in frame.columns if one not in (frame.geometry.name, "valid_from", "valid_to")]
    shapes = frame.geometry.to_numpy()
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    rows = rows[_meets(shapes[rows], grid.box(z, x, y))]
    rows, left_out = _most(frame, rows, fields, most)
    drawn = _drawn(shapes[rows], grid, z, x, y)
    there = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    rows, drawn = rows[there], drawn[there]
    if not len(rows):
        return Tile(b"", left_out)
    features = [
        {"geometry": shape, "properties": values}
        for shape, values in zip(drawn, _properties(frame, rows, fields), strict=True)
    ]
    options = {"y_coord_down": True, "extents": EXTENT, "check_winding_order": False}
    return Tile(mapbox_vector_tile.encode({"name": layer, "features": features}, default_options=options), left_out)


def _meets(shapes: np.ndarray, box: Bbox) -> np.ndarray:
    """Tell which shapes' boxes meet a box (T1)."""
    west, south, east, north = shapely.bounds(shapes).T
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])


def _most(frame: gpd.GeoDataFrame, rows: np.ndarray, fields: Sequence[str], most: int) -> tuple[np.ndarray, int]:
    """Return the rows that a tile takes, and how many it leaves out (T4)."""
    if len(rows) <= most:
        return rows, 0
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()[rows]).T
    keys = frame[fields[0]].astype(str).to_numpy()[rows] if fields else rows.astype(str)
    # A digest scatters what neighbouring keys hold together, so that points are thinned evenly.
    digests = np.array([hashlib.md5(one.encode(), usedforsecurity=False).digest()[:8] for one in keys])
    order = np.lexsort((digests, -(east - west + north - south)))[:most]
    return np.sort(rows[order]), len(rows) - most


def _drawn(shapes: np.ndarray, grid: TileGrid, z: int, x: int, y: int) -> np.ndarray:
    """Return shapes in whole units of a tile, cut at its margin; missing where nothing is left (T2, T3)."""
    shapes = _within_the_world(shapes) if grid.is_mercator else shapes
    out = shapely.transform(shapely.force_2d(shapes), lambda at: grid.units(at, z, x, y))
    kinds = shapely.get_dimensions(out)
    west, north, east, south = shapely.bounds(out).T
    out[(kinds > 0) & (east - west < 0.5) & (south - north < 0.5)] = None
    flat = (kinds > 0) & ~shapely.is_missing(out)
    out[flat] = shapely.simplify(out[flat], 0.5, preserve_topology=False)
    low, high = -MARGIN, EXTENT + MARGIN
    beyond = flat & ((west < low) | (north < low) | (east > high) | (south > high))
    sound = beyond & (kinds == 2)
    out[sound] = shapely.make_valid(out[sound], method="structure")
    out[beyond] = shapely.clip_by_rect(out[beyond], low, low, high, high)
    out = shapely.transform(out, np.rint)
    points = kinds == 0
    out[points] = shapely.intersection(out[points], shapely.box(low, low, high, high))
    out[kinds == 1] = shapely.remove_repeated_points(out[kinds == 1])
    out[kinds == 1] = _of_kind(out[kinds == 1], 1)
    out[kinds == 2] = _polygons(out[kinds == 2])
    return out


def _within_the_world(shapes: np.ndarray) -> np.ndarray:
    """Return shapes cut where Web Mercator ends; a pole lies at infinity there."""
    bounds = shapely.bounds(shapes)
    polar = (bounds[:, 1] < -_MOST_LATITUDE) | (bounds[:, 3] > _MOST_LATITUDE)
    if not polar.any():
        return shapes
    shapes = shapes.copy()
    band = (-180.0, -_MOST_LATITUDE, 180.0, _MOST_LATITUDE)
    shapes[polar] = shapely.clip_by_rect(shapely.make_valid(shapes[polar], method="structure"), *band)
    return shapes


def _polygons(shapes: np.ndarray) -> np.ndarray:
    """Return polygons in whole units, valid and turned the right way; missing where none is left.

    Making valid may put a corner between two units where edges cross, rounding it may make edges cross again: a few
    turns settle it, and what does not settle is noded on the grid of whole units, which cannot fail to be valid.
    """
    out = shapes.copy()
    for _ in range(3):
        bad = ~shapely.is_missing(out) & ~shapely.is_valid(out)
        if not bad.any():
            break
        out[bad] = shapely.transform(shapely.make_valid(out[bad], method="structure"), np.rint)
    bad = ~shapely.is_missing(out) & ~shapely.is_valid(out)
    if bad.any():
        out[bad] = shapely.set_precision(shapely.make_valid(out[bad], method="structure"), 1.0)
    out = shapely.remove_repeated_points(_of_kind(out, 2))
    return shapely.orient_polygons(out)


def _of_kind(shapes: np.ndarray, dimension: int) -> np.ndarray:
    """Return the parts of a dimension with some size, as one shape each; missing where there are none."""
    wanted = shapely.length(shapes) > 0 if dimension == 1 else shapely.area(shapes) > 0
    out = np.where(wanted, shapes, None)
    mixed = np.flatnonzero((shapely.get_type_id(out) == 7) | (shapely.get_num_geometries(out) > 1))
    for at in mixed:
        parts = shapely.get_parts(shapely.get_parts(out[at]))
        parts = parts[(shapely.get_dimensions(parts) == dimension) & (shapely.length(parts) > 0)]
        parts = parts[shapely.area(parts) > 0] if dimension == 2 else parts
        whole = shapely.multipolygons(parts) if dimension == 2 else shapely.multilinestrings(parts)
        out[at] = whole if len(parts) > 1 else parts[0]
    return out


def _properties(frame: gpd.GeoDataFrame, rows: np.ndarray, fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return the values of rows as plain Python values; a null is left out, as MVT has none (T5)."""
    columns = {}
    for name in fields:
        column = frame[name].iloc[rows]
        columns[name] = column.astype(object).where(column.notna(), None).tolist()
    return [
        {name: _plain(values[k]) for name, values in columns.items() if values[k] is not None} for k in range(len(rows))
    ]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (str, bool, int, float)) else str(value)


class TileCache:
    """Keep tiles in memory up to so many bytes, the ones asked for last; any thread may ask.

    A tile is kept with the stamp of the state it shows. Whoever takes it out checks that the stamp still holds: nothing
    is served because it is young.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, Tile]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> tuple[str, Tile] | None:
        """Return stamp and tile, None where there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, stamp: str, tile: Tile) -> None:
        """Keep a tile in the place of an older one, letting go of those not asked for longest."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self.bytes -= _weight(old[1])
            if (weight := _weight(tile)) > self.most_bytes // 4:
                return
            self._kept[key] = (stamp, tile)
            self.bytes += weight
            while self.bytes > self.most_bytes:
                self.bytes -= _weight(self._kept.popitem(last=False)[1][1])


def _weight(tile: Tile) -> int:
    return len(tile.data) + 1_000  # its key, and the room of the table
