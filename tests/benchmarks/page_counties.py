"""Store counties of made-up figures for measurements of the page: as many grids and cameras as are asked for."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from geo.storage.geopackage.store import open_store
from geo.types import Run
from maps.map_data import MapData
from tests.maps import county_data

#: Columns and rows of grids, metres of a grid's side, cameras.
SIZES = {
    "690 grids, 7,071 cameras": (30, 23, 2_000.0, 7_071),
    "11,683 grids, 12,000 cameras": (127, 92, 900.0, 12_000),
    "11,683 grids, 50,000 cameras": (127, 92, 900.0, 50_000),
}


def county(name: str, *, gaps: int = 9_000) -> MapData:
    """Return a county of one of the sizes."""
    columns, rows, cell, cameras = SIZES[name]
    before = county_data.COLUMNS, county_data.ROWS, county_data.CELL
    county_data.COLUMNS, county_data.ROWS, county_data.CELL = columns, rows, cell
    try:
        return county_data.county.__wrapped__(gaps=gaps, cameras=cameras)
    finally:
        county_data.COLUMNS, county_data.ROWS, county_data.CELL = before


def stored(data: MapData, path: Path) -> None:
    """Write a county as a workspace with one run."""
    store = open_store(path)
    store.write("divisions", data.reference["divisions"], "replace", actor="bench")
    store.write("roads", data.reference["roads"], "replace", actor="bench")
    store.write("cameras", data.cameras, "replace", actor="bench")
    views = _with_area(data.views)
    layers: dict[str, gpd.GeoDataFrame] = {
        **data.zones, "gaps": data.gaps, "views": views, "possible": _with_area(data.possible),
        "coverage": data.coverage,
    }  # fmt: skip
    meta = data.meta
    summary = {
        **data.summary, "crs": meta.crs, "level": meta.level, "edition": meta.edition, "domain": meta.domain,
        "layers": {one: len(frame) for one, frame in layers.items()},
    }  # fmt: skip
    store.save_run(Run(meta.run_id, "2026-08-19T01:02:03.000Z", {"level": meta.level}, summary, layers))
    store.close()


def _with_area(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(area_m2=np.round(frame.geometry.area.to_numpy(), 1))
