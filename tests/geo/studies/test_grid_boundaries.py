"""Borders of stored grids in words: of those asked for, of a level, on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import NotFound
from geo.storage.geopackage.store import open_store
from geo.studies.grid_boundaries import describe_boundaries


def test_the_neighbours_of_a_day_are_told(tmp_path: Path) -> None:
    day = [date(2026, 3, 1)]
    with open_store(tmp_path / "workspace.gpkg", today=lambda: day[0]) as store:
        shapes = shapely.box([103.0, 103.01], 37.0, [103.01, 103.02], 37.01)
        names = {"code": ["a", "b"], "name": ["一", "二"]}
        store.write("grids", gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326"), "upsert", actor="test")
        water = gpd.GeoDataFrame(
            {"code": ["w"], "kind": ["water"], "name": ["水库"]}, geometry=[shapely.box(102.99, 37.0, 103.0, 37.01)],
            crs="EPSG:4326",
        )  # fmt: skip
        store.write("areas", water, "upsert", actor="test")
        day[0] = date(2026, 4, 1)
        store.write("grids", gpd.GeoDataFrame({"code": ["a", "c"], "name": ["一", "三"]}, geometry=shapes,
                                              crs="EPSG:4326"), "replace", actor="test")  # fmt: skip
        now, before = (
            describe_boundaries(store, ["a"], walk=True),
            describe_boundaries(store, ["a"], at=date(2026, 3, 15)),
        )
        assert [one.table["east"].iloc[0].split("（")[0] for one in (now, before)] == ["东邻三", "东邻二"]
        assert now.table["west"].iloc[0].startswith("西至水库")
        assert [one for one in now.walk["name"] if isinstance(one, str)][:2] == ["三", "水库"]
        with pytest.raises(NotFound, match="z"):
            describe_boundaries(store, ["z"])
        with pytest.raises(NotFound, match="level 2"):
            describe_boundaries(store, level=2)
