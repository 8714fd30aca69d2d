"""What may be suggested: its order, where it is, and which stored texts are listed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.places.address import suggest_targets
from geo.places.address.place_tree import PlaceTree
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.suggest_targets import TEXT_RANK, Targets, targets_of

#: Places in preorder: 1 甲县, 2 乙镇, 3 丙村 with the grid 4 一格, 5 丁镇; 市辖区 is a row of the list and no place.
DIVISIONS = pd.DataFrame(
    {
        "code": ["990101", "990101101", "990101101001", "990101102", "9902"],
        "name": ["甲县", "乙镇", "丙村", "丁镇", "市辖区"],
        "level": ["county", "township", "village", "township", "city"],
    }
)
GRIDS = pd.DataFrame({"code": ["990101101001001"], "name": ["一格"], "level": [1], "village": ["990101101001"]})
COUNTY, TOWN, VILLAGE, GRID, OTHER = 1, 2, 3, 4, 5


def made(*entries: tuple[str, int], grid: list[int] | None = None, layers: tuple = ()) -> Targets:
    """Return the targets of entries of tail and place, each a row of its own at 102 + row / 100, 37."""
    tree = PlaceTree.of(DIVISIONS, None, GRIDS)
    stored = StoredAddresses(tree, [(tail, place, row) for row, (tail, place) in enumerate(entries)])
    lon = 102 + np.arange(len(entries)) / 100
    owner = np.array(grid if grid is not None else [0] * len(entries), np.int32)
    return targets_of(tree, stored, grid=owner, lon=lon, lat=np.full(len(entries), 37.0), layers=layers)


def listed(found: Targets) -> list[tuple[str, int]]:
    return [(text, place) for text, place in zip(found.text, found.place.tolist(), strict=True) if text is not None]


def test_wider_places_are_first_then_those_of_more_addresses_then_stored_texts() -> None:
    found = made(("东街1号", OTHER), ("东街2号", OTHER), ("1组", VILLAGE))
    assert found.place.tolist() == [COUNTY, OTHER, TOWN, VILLAGE, GRID, OTHER]
    assert found.rank.tolist()[-1] == TEXT_RANK
    assert listed(found) == [("东街", OTHER)]


def test_texts_are_listed_once_in_a_village_and_apart_in_others() -> None:
    """No. 1 and 2 of 东街 are in 一格 and elsewhere in its village; 丁镇 has a 东街 too, and 老粮站."""
    found = made(("东街1号", GRID), ("东街2号", VILLAGE), ("东街9号", OTHER), ("老粮站", OTHER), grid=[0, 1, 2, 2])
    assert sorted(listed(found)) == [("东街", VILLAGE), ("东街", OTHER), ("老粮站", OTHER)]
    one_grid = {pair: bool(one) for pair, one in zip(listed(found), found.is_in_one_grid[-3:], strict=True)}
    assert one_grid == {("东街", VILLAGE): False, ("东街", OTHER): True, ("老粮站", OTHER): True}


def test_of_many_texts_those_of_the_most_addresses_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggest_targets, "MOST_TEXTS", 1)
    assert listed(made(("西巷1号", OTHER), ("东街1号", OTHER), ("东街2号", OTHER))) == [("东街", OTHER)]


def test_numbers_one_character_and_very_long_texts_are_not_listed() -> None:
    assert listed(made(("3组", OTHER), ("路1号", OTHER), ("东" * 41, OTHER), ("东" * 40, OTHER))) == [
        ("东" * 40, OTHER)
    ]


def test_a_place_is_in_its_shape_whatever_the_crs_else_where_its_addresses_are() -> None:
    """乙镇 is a square round 103, 37 kept in metres; 丁镇 has two addresses; 丙村 and its grid have none."""
    square = gpd.GeoSeries([shapely.box(102.99, 36.99, 103.01, 37.01)], crs="EPSG:4326").to_crs("EPSG:4513")
    layer = gpd.GeoDataFrame({"code": ["990101101"]}, geometry=square)
    found = made(("东街1号", OTHER), ("西街1号", OTHER), layers=(layer, None, None))
    at = {place: (found.lon[k], found.lat[k]) for k, place in enumerate(found.place.tolist()) if found.text[k] is None}
    assert at[TOWN] == pytest.approx((103.0, 37.0), abs=1e-3)
    assert at[OTHER] == pytest.approx((102.005, 37.0))
    assert at[COUNTY] == pytest.approx((102.005, 37.0)), "all addresses of the county"
    assert np.isnan(at[VILLAGE]).all()
    assert np.isnan(at[GRID]).all()


def test_inside_a_place_are_those_below_it_and_what_is_stored_in_it() -> None:
    found = made(("东街1号", TOWN), ("西街1号", OTHER))
    inside = found.inside(np.arange(len(found)), TOWN, GRID)
    assert [(int(found.place[k]), found.text[k]) for k in inside] == [(VILLAGE, None), (GRID, None), (TOWN, "东街")]
