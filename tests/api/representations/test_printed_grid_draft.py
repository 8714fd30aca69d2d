"""Collect the form of a change of grids from a store: the grids beside, the day it is made, buildings unknown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.representations import printed_grid_draft as module
from geo.storage.geopackage.store import open_store
from geo.storage.records import LOCAL
from geo.studies.grid_drafts import made_grid_draft
from maps.print.forms.change_form import GridChange, change_form

V = "990101101201"
EAST, WEST, MICRO, FAR = f"{V}001", f"{V}002", f"{V}00101", f"{V}003"
TODAY = date(2026, 3, 1)


def test_a_merge_is_collected_with_the_grids_of_its_own_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The microgrid of a grid that goes takes another parent, which is no reason to draw it over its neighbours."""
    west = [103.01, 103.0, 103.01, 103.02]
    east = [103.02, 103.01, 103.02, 103.03]
    grids = gpd.GeoDataFrame(
        {
            "code": [EAST, WEST, MICRO, FAR], "name": ["东", "西", "微", "远"], "village": V, "level": [1, 1, 2, 1],
            "parent": [None, None, EAST, None], "households": [300, 500, 300, 10],
        },
        geometry=shapely.box(west, 37.0, east, 37.01), crs="EPSG:4326",
    )  # fmt: skip
    collected: list[GridChange] = []

    def kept(change: GridChange, *, lang: str) -> object:
        collected.append(change)
        return change_form(change, lang=lang)

    monkeypatch.setattr(module, "change_form", kept)
    with open_store(tmp_path / "workspace.gpkg", today=lambda: TODAY) as store:
        store.write("grids", grids, "upsert", actor="test")
        asked = {"name": "并", "operations": [{"change": "merge", "grids": [EAST, WEST], "name": "全"}]}
        draft = made_grid_draft(store, asked, LOCAL)
        assert [one["change"] for one in draft.content["after"]] == ["parent", "merge"]
        module.printed_grid_draft(store, draft, "zh")
    [change] = collected
    assert len(change.beside) == 3  # without the microgrid
    assert change.meta.made == "2026-03-01"  # the day of the county, whenever the draft was changed
    assert {one.buildings for one in change.grids} == {change.buildings_moved} == {None}
