"""Cut the tiles of the ground that the page draws below its data: roads, buildings, water and green.

What a zoom shows of them is chosen here: main roads from afar, every path from near, buildings where they are wider
than a few pixels. A tile carries what their look depends on and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.kinds import GROUND_KINDS
from maps.style.ground_looks import height_bands, road_groups
from maps.tiles.drawn_tiles import DrawnLayer, drawn_tile
from maps.tiles.tile_grids import EXTENT

#: Zoom of the first tiles of each layer; a tile of zoom z is drawn on maps of zoom z + 1 to z + 2.
FIRST_ZOOM: Mapping[str, int] = {"roads": 6, "obstacles": 13, "areas": 6}
#: Layers of which a tile is read by its box, as there may be hundreds of thousands of rows; others are read once.
READ_BY_BOX = frozenset({"obstacles"})
#: Zoom of the first tiles that have the roads of each group.
_GROUP_FROM = np.array([6, 8, 10, 12, 14])
#: In tiles of the first zoom of buildings, the least square units of one: about four pixels a side.
_LEAST_FOOTPRINT = 16.0**2


def as_ground(layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows of a layer that are ground, with what their look depends on."""
    return _LOOKS[layer](frame)


def _roads(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[["name", frame.geometry.name]].assign(group=road_groups(frame["class"]))


def _buildings(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[[frame.geometry.name]].assign(band=height_bands(frame["height"]))


def _areas(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.loc[frame["kind"].isin(GROUND_KINDS), ["kind", frame.geometry.name]]


_LOOKS: Mapping[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "roads": _roads,
    "obstacles": _buildings,
    "areas": _areas,
}
_FIELDS = {"roads": ("group", "name"), "obstacles": ("band",), "areas": ("kind",)}


def ground_tile(layer: DrawnLayer, z: int, x: int, y: int, *, name: str) -> bytes:
    """Return one tile of a layer of the ground, made of ``as_ground``; empty where nothing is drawn."""
    if z < FIRST_ZOOM[name]:
        return b""
    fields = _FIELDS[name]
    if name == "roads":
        layer = _of_rows(layer, _GROUP_FROM[layer.frame["group"].to_numpy(dtype=int)] <= z)
        fields = fields if z >= _GROUP_FROM[-1] else fields[:1]  # names stand along roads from near only
    elif name == "obstacles" and z == FIRST_ZOOM[name]:
        layer = _of_rows(layer, shapely.area(layer.shapes) * (EXTENT * (1 << z)) ** 2 >= _LEAST_FOOTPRINT)
    return drawn_tile(layer, z, x, y, name=name, fields=fields)


def _of_rows(layer: DrawnLayer, chosen: np.ndarray) -> DrawnLayer:
    return DrawnLayer(layer.frame[chosen], layer.shapes[chosen], layer.boxes[chosen])
