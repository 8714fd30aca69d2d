"""Keep with the figures of a zone what its row says of staff and kind of place, for tables, files and QGIS."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import shapely

from geo.storage.geopackage.store import open_store
from geo.studies.analysis import AnalyzeOptions, analyze


def test_figures_carry_heads_part_time_staff_and_class(tmp_path: Path) -> None:
    square = shapely.box(103.0, 37.0, 103.01, 37.01)
    layers = {
        "cameras": {"id": ["c1"]},
        "grids": {
            "code": ["990121100001001"], "level": [1], "heads": [1], "staff_part_time": [3], "urban_rural": ["rural"]
        },
        "divisions": {"code": ["990121100"], "level": ["township"], "urban_rural": ["urban"], "class": [2]},
    }  # fmt: skip
    store = open_store(tmp_path / "workspace.gpkg")
    for name, columns in layers.items():
        shape = square.centroid if name == "cameras" else square
        store.write(name, gpd.GeoDataFrame(columns, geometry=[shape], crs="EPSG:4326"), "upsert", actor="li")
    run = analyze(store, AnalyzeOptions(domain="all"))
    grid, township = store.run(run.id).layers["grids"].iloc[0], store.run(run.id).layers["townships"].iloc[0]
    assert (grid["heads"], grid["staff_part_time"], grid["urban_rural"]) == (1, 3, "rural")
    assert (township["urban_rural"], township["class"]) == ("urban", 2)
    store.close()
    with closing(sqlite3.connect(tmp_path / "workspace.gpkg")) as conn:
        rows = conn.execute(
            "SELECT layer, heads, urban_rural, class FROM run_zones WHERE layer <> 'all' ORDER BY layer"
        )
        assert rows.fetchall() == [("grids", 1, "rural", None), ("townships", None, "urban", 2)]
