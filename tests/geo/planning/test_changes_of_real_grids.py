"""Change the base units of real towns at random: they tile without a gap, and still do after every change."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.catalog.code_profiles import own_profile
from geo.errors import BadGeometry
from geo.planning.change_checks import check_changes
from geo.planning.grid_changes import GridOperation, changed_grids
from geo.readers.reading import read_layer

PROFILE = own_profile("base units", unit=12, number=6)


def units_of(path: Path) -> gpd.GeoDataFrame:
    """Return the base units of a file as grids of one village, of 100 households each."""
    read = read_layer(path, "grids").frame
    shapes = [part for shape in read.geometry for part in shapely.get_parts(shape)]
    codes = [f"O{k:07d}" for k in range(len(shapes))]
    values = {"code": codes, "name": "x", "village": "990101101201", "level": 1, "households": 100}
    return gpd.GeoDataFrame(values, geometry=shapes, crs=read.crs)


def operation(kind: str, now: gpd.GeoDataFrame, at: int, share: float) -> GridOperation:
    """Return a change of one unit and a neighbour along a meridian through it."""
    shapes, codes = now.geometry.to_numpy(), now["code"].tolist()
    west, south, east, north = shapes[at].bounds
    beside = [k for k in shapely.STRtree(shapes).query(shapes[at], predicate="touches").tolist()
              if shapely.intersection(shapes[at].boundary, shapes[k].boundary).length > 0]  # fmt: skip
    own, other = codes[at], codes[beside[0]]
    x = west + share * (east - west)
    line = shapely.LineString([(x, south - 0.001), (x, north + 0.001)])
    half = shapely.box(west - 0.001, south - 0.001, x, north + 0.001)
    return {
        "split": GridOperation("split", (own,), line),
        "merge": GridOperation("merge", (own, other)),
        "redraw": GridOperation("redraw", (own, other), line),
        "hand_over": GridOperation("hand_over", (own, other), half),
    }[kind]


@pytest.mark.parametrize("name", ["10007150.json", "66000060.json"])
def test_real_units_tile_through_splits_and_merges(shared_data: Path, name: str) -> None:
    units = units_of(shared_data / "base_units_tw" / name)
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    rng, now, done = np.random.default_rng(0), units, 0
    for turn in range(24):
        kind = ("split", "merge", "redraw", "hand_over")[turn % 4]
        asked = operation(kind, now, int(rng.integers(len(now))), rng.uniform(0.3, 0.7))
        try:
            found = changed_grids(now, [asked], profile=PROFILE)
        except BadGeometry:  # the meridian meets another border than that in common
            continue
        done += 1
        assert [one.code for one in check_changes(found, now) if one.code == "topology"] == []
        rest = now[~now["code"].isin(set(found.before["code"]))]
        now = gpd.GeoDataFrame(pd.concat([rest, found.after.drop(columns="change")], ignore_index=True), crs=units.crs)
    assert done >= 18
    shapes = now.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(units.geometry.to_numpy()).sum(), rel=1e-12)
    assert int(now["households"].sum()) == 100 * len(units)
