"""Put the tiles of a base map into a one-file map, with what is to be told of it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.whole_pictures import cut_tiles
from geo.crs import STORAGE_CRS
from maps.map_data import MapData

#: Bytes of a file kept free of data for the tiles of a base map.
RESERVED = 1_600_000
_HEAD = 2_000  # the facts of a base map, as JSON


def carried(tiles: BaseMapTiles, data: MapData, budget: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the base map as the page's script reads it, and the note that says what of it is there.

    Parameters
    ----------
    budget
        The most bytes of JSON that its tiles may take.
    """
    base = tiles.base
    box = _extent(data)
    found = cut_tiles(tiles, box, budget - _HEAD) if box is not None else {}
    if box is None or not found:
        return [], {"key": "note_base_absent", "values": {"name": base.name}}
    zooms = sorted({zoom for zoom, _, _ in found})
    pictures = {
        f"{zoom}/{column}/{row}": f"data:{kind};base64,{base64.b64encode(picture).decode('ascii')}"
        for (zoom, column, row), (picture, kind) in found.items()
    }
    facts = {
        key: value for key, value in base.as_record().items() if key not in ("path", "url", "layer", "kind", "crs")
    }
    west, south, east, north = box
    value = facts | {
        "levels": [zooms[0], zooms[-1]],
        "pictures": pictures,
        "bounds": [[south, west], [north, east]],
    }
    levels = f"{zooms[0]}-{zooms[-1]}" if len(zooms) > 1 else str(zooms[0])
    return [value], {"key": "note_base", "values": {"name": base.name, "levels": levels, "n": len(found)}}


def _extent(data: MapData) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of what the map shows, in degrees; None where nothing has a place."""
    frames = [frame for name, frame in data.zones.items() if len(frame) and name != "all"] or [data.cameras, data.gaps]
    boxes = [frame.to_crs(STORAGE_CRS).total_bounds for frame in frames[:1] if len(frame)]
    if not boxes or not np.isfinite(boxes[0]).all():
        return None
    west, south, east, north = (float(one) for one in boxes[0])
    return west, south, east, north
