"""Divide the villages of a store: what is read, what is told, what is refused (rules V1 to V4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import BadValue, NotFound
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.draw_grids import GridOptions, draw_grids

V1, V2 = "990101101201", "990101102201"
#: Degrees of a metre, near enough.
X, Y = 1 / 88_900, 1 / 111_000


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(103 + west * X, 37 + south * Y, 103 + east * X, 37 + north * Y)


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "workspace.gpkg")
    houses = [box(x, 45, x + 10, 55) for x in range(20, 400, 40)]
    layers = {
        "villages": frame(
            [box(0, 0, 400, 100), box(400, 0, 600, 100)], code=[V1, V2], name=["东村", "西村"], households=[800, None]
        ),
        "roads": frame(
            [shapely.LineString([(103 + 200 * X, 37 - 10 * Y), (103 + 200 * X, 37 + 110 * Y)])],
            id=["r"], **{"class": ["primary"]},
        ),
        "obstacles": frame([*houses, box(500, 40, 510, 50)], id=[str(k) for k in range(11)], height=[6.0] * 10 + [3.0]),
        "grids": frame(
            [box(0, 0, 300, 100), box(300, 0, 400, 100)], code=[f"{V1}001", f"{V1}002"], name=["一", "二"],
            village=[V1, V1], households=[600, 200],
        ),
        "addresses": frame(
            [shapely.Point(103 + x * X, 37 + 50 * Y) for x in (50, 150, 250)],
            id=["a", "b", "c"], text=["甲", "乙", "丙"],
        ),
    }  # fmt: skip
    for name, rows in layers.items():
        opened.write(name, rows, "upsert", actor="test")
    yield opened
    opened.close()


def test_households_of_a_village_are_shared_by_its_buildings_and_the_road_divides_them(store: Store) -> None:
    found = draw_grids(store, GridOptions())
    grids = found.division.grids
    assert found.units == 2
    assert grids[grids["village"] == V1]["households"].tolist() == [400, 400]
    # The house of the other village has no figure: it counts one, and no number of grids holds one household.
    assert grids[grids["village"] == V2]["households"].tolist() == [1]
    assert found.division.unmet["why"].tolist() == ["total"]
    assert [note.partition(" / ")[2] for note in found.notes] == [
        "10 buildings have no households: they share those of their unit by floor area",
        "1 buildings have no households, nor has their unit: each counts one",
    ]


def test_one_zone_alone_is_divided(store: Store) -> None:
    found = draw_grids(store, GridOptions(zones=("990101102",), size=(1, 5)))
    assert found.division.grids["village"].tolist() == [V2]
    assert len(found.division.unmet) == 0
    assert found.division.grids["code"].tolist() == [f"{V2}001"]
    with pytest.raises(NotFound, match="no unit belongs to 99010110299"):
        draw_grids(store, GridOptions(zones=("99010110299",)))


def test_the_grids_of_today_are_kept_but_for_what_must_go(store: Store) -> None:
    found = draw_grids(store, GridOptions(keep=True, zones=(V1,)))
    grids = found.division.grids.set_index("present")
    # Ten houses of 80: seven in the first grid (560 of at most 500) and three in the second; one goes over.
    assert grids["buildings"].to_dict() == {f"{V1}001": 6, f"{V1}002": 4}
    assert grids["code"].to_dict() == {f"{V1}001": f"{V1}001", f"{V1}002": f"{V1}002"}
    with pytest.raises(NotFound, match="there is no grid x"):
        draw_grids(store, GridOptions(keep=True, locked=("x",)))


def test_microgrids_lie_in_their_grids(store: Store) -> None:
    found = draw_grids(store, GridOptions(within="grids", size=(150, 350), zones=(V1,)))
    grids = found.division.grids
    assert set(grids["level"]) == {2}
    assert grids["code"].tolist() == [f"{V1}00101", f"{V1}00102", f"{V1}00103", f"{V1}00201"]
    # Seven houses of 600 / 7 households in the first grid, five of them west of the road: 2 and 3 there, 2 east of it.
    assert grids["parent"].tolist() == [f"{V1}001"] * 3 + [f"{V1}002"]
    assert sorted(grids["buildings"].tolist()) == [2, 2, 3, 3]
    assert set(grids["village"]) == {V1}
    outside = shapely.difference(grids.geometry.iloc[:3].union_all(), box(0, 0, 300, 100))
    assert outside.area / (X * Y) < 1.0  # m2: the border is held to a millimetre
    with pytest.raises(BadValue, match="--keep does not go"):
        draw_grids(store, GridOptions(within="grids", keep=True))


def test_addresses_may_carry_the_households(store: Store) -> None:
    found = draw_grids(store, GridOptions(carriers="addresses", zones=(V1,), size=(200, 600)))
    assert found.division.grids["households"].tolist() == [533, 267]
    assert np.bincount(found.division.building_grid).tolist() == [2, 1]


def test_an_empty_store_says_what_is_missing(tmp_path: Path) -> None:
    empty = open_store(tmp_path / "empty.gpkg")
    with pytest.raises(NotFound, match="layer villages has no units"):
        draw_grids(empty, GridOptions())
    empty.close()
