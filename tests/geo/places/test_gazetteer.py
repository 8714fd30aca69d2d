"""The gazetteer of one day: finest grids, borders, neighbours and addresses, on squares and by brute force."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.gazetteer import Gazetteer, GridLevels, polygon_rows
from geo.places.named_places import named_places

#  y=38 +---------+---------+
#       | m |     |         |
#       |W01| a   |    b    |     c is outside all grids, in the county
#  y=37 +---------+---------+
#      102       103       104  105
A, MICRO, B = "990101001001", "990101001001W01", "990101001002"


def grid_frame(*rows: tuple[str, int, str | None, shapely.Geometry], kind: str = "general") -> gpd.GeoDataFrame:
    code, level, parent, shapes = zip(*rows, strict=True)
    columns = {"code": code, "level": level, "parent": pd.Series(parent, dtype=object), "kind": kind, "name": code}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326)


GRIDS = grid_frame(
    (A, 1, None, shapely.box(102, 37, 103, 38)),
    (B, 1, None, shapely.box(103, 37, 104, 38)),
    (MICRO, 2, A, shapely.box(102, 37, 102.5, 38)),
)
COUNTY = gpd.GeoDataFrame(
    {"code": ["990101"], "name": ["甲县"], "level": ["county"], "parent": [None]},
    geometry=[shapely.box(101, 36, 106, 39)],
    crs=4326,
)
ADDRESSES = gpd.GeoDataFrame(
    {"text": ["人民路1号", "荒地", "新街1号", "无点"], "grid": ["stored"] * 4},
    geometry=[shapely.Point(102.25, 37.5), shapely.Point(105, 37.5), shapely.Point(103.0001, 37.5), None],
    crs=4326,
)


def gazetteer() -> tuple[Gazetteer, list[int]]:
    read: list[int] = []

    def addresses() -> gpd.GeoDataFrame:
        read.append(1)
        return ADDRESSES

    return Gazetteer(COUNTY, GRIDS, COUNTY.iloc[:0], addresses, at=date(2026, 1, 2), revision=5), read


def test_points_belong_to_the_finest_grid() -> None:
    places, read = gazetteer()
    found = places.points(np.array([102.25, 102.75, 103.5, 105.0]), np.full(4, 37.5), accuracy=20.0)
    assert [one and one.grid["code"] for one in found] == [MICRO, A, B, None]
    assert [one and one.level for one in found] == ["microgrid", "grid", "grid", None]
    assert [link["code"] for link in found[0].chain] == ["990101", A, MICRO]
    assert (found[1].method, found[1].score, found[1].precision_m, found[1].neighbours) == ("point", 1.0, 20.0, ())
    assert read == []  # points need no addresses


def test_neighbours_are_the_grids_of_the_same_level_within_the_accuracy() -> None:
    """At 37.5 north 0.0001 degrees of longitude are 8.84 m."""
    places, _ = gazetteer()
    (near,) = places.points(np.array([103.0001]), np.array([37.5]), accuracy=20.0)
    assert (near.grid["code"], near.border_m, near.neighbours) == (B, pytest.approx(8.84, abs=0.01), (A,))
    (exact,) = places.points(np.array([103.0001]), np.array([37.5]), accuracy=5.0)
    assert exact.neighbours == ()


def test_addresses_are_read_once_and_their_grids_computed() -> None:
    places, read = gazetteer()
    assert places.seconds == 0
    found = places.address("人民路1号", accuracy=20.0)
    assert (found.status, found.candidates[0].grid["code"]) == ("matched", MICRO)  # not the stored column
    assert (found.revision, found.at) == (5, "2026-01-02")
    assert places.address("无点", accuracy=20.0).status == "not_found"
    assert read == [1]
    assert places.seconds > 0


def test_one_grid_has_border_and_neighbours_and_the_worse_precision() -> None:
    places, _ = gazetteer()
    candidate = places.address("新街1号", accuracy=20.0).candidates[0]
    assert (candidate.border_m, candidate.neighbours, candidate.precision_m) == (pytest.approx(8.84), (A,), 20.0)


def test_an_address_outside_all_grids_has_the_chain_of_its_division() -> None:
    candidate = gazetteer()[0].address("荒地", accuracy=20.0).candidates[0]
    assert candidate.grid is None
    assert [link["code"] for link in candidate.chain] == ["990101"]


def test_dedicated_grids_come_before_general_ones_and_codes_after_that() -> None:
    square = shapely.box(0, 0, 1, 1)
    general = grid_frame(("1", 1, None, square), ("0", 1, None, square))
    frame = pd.concat([general, grid_frame(("9", 1, None, square), kind="dedicated")])
    middle = (np.array([0.5]), np.array([0.5]))
    assert GridLevels(frame).codes(*middle).tolist() == ["9"]
    assert GridLevels(general).codes(*middle).tolist() == ["0"]


def test_a_microgrid_outside_its_grid_owns_nothing_there() -> None:
    """The microgrid of a reaches into b, which is another grid: there b owns; a microgrid without a parent owns."""
    a, b = shapely.box(0, 0, 2, 1), shapely.box(2, 0, 4, 1)
    frame = grid_frame(("a", 1, None, a), ("b", 1, None, b), ("aW1", 2, "a", shapely.box(1, 0, 3, 1)))
    where = (np.array([0.5, 1.5, 2.0, 2.5]), np.full(4, 0.5))
    assert GridLevels(frame).codes(*where).tolist() == ["a", "aW1", "aW1", "b"]
    orphan = frame.assign(parent=[None, None, "gone"])
    assert GridLevels(orphan).codes(*where).tolist() == ["a", "aW1", "aW1", "aW1"]


def test_rows_that_are_no_polygons_own_nothing() -> None:
    mixed = grid_frame(("a", 1, None, shapely.Point(0, 0)), ("b", 1, None, shapely.box(0, 0, 1, 1)))
    assert polygon_rows(mixed)["code"].tolist() == ["b"]
    assert GridLevels(polygon_rows(mixed)).codes(np.array([0.0]), np.array([0.0])).tolist() == ["b"]
    none = GridLevels(mixed.iloc[:0])
    assert none.codes(np.array([0.5]), np.array([0.5])).tolist() == [None]


lattice = st.integers(0, 6)
boxes = st.lists(
    st.tuples(lattice, lattice, st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 1, 2]), st.integers(0, 3)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50)
@given(boxes)
def test_owners_agree_with_a_plain_search(drawn: list[tuple[int, ...]]) -> None:
    """The first grid of level 1 over a point, and in it the first of level 2 that has no other parent."""
    rows = [
        (f"{level}{i}", level, f"1{parent}" if level == 2 else None, shapely.box(x, y, x + w, y + h))
        for i, (x, y, w, h, level, parent) in enumerate(drawn)
    ]
    levels = GridLevels(grid_frame(*rows))
    x, y = (values.ravel() for values in np.meshgrid(np.arange(0, 21) / 2, np.arange(0, 21) / 2))
    found = levels.codes(x, y)
    known = {code for code, level, _, _ in rows if level == 1}
    for k, point in enumerate(shapely.points(x, y)):
        over = sorted((level, code, parent) for code, level, parent, shape in rows if shape.covers(point))
        coarse = next((code for level, code, _ in over if level == 1), None)
        fine = [
            code
            for level, code, parent in over
            if level == 2 and (coarse is None or parent == coarse or parent not in known)
        ]
        assert found[k] == (fine[0] if fine else coarse)


@pytest.mark.parametrize(
    ("at", "name", "aliases", "faults"),
    [
        (date(2025, 6, 1), "永丰镇", None, {"永丰镇": [], "永丰": [], "永丰乡": ["alias"]}),
        (
            date(2026, 6, 1), "土门镇", "永丰镇",
            {"永丰镇": ["old_name"], "永丰": ["old_name"], "永丰乡": ["old_name"], "土门镇": [], "土门乡": ["alias"]},
        ),
    ],
)  # fmt: skip
def test_an_old_name_is_answered_before_and_after_its_day(
    at: date, name: str, aliases: str | None, faults: dict[str, list[str]]
) -> None:
    """永丰镇 became 土门镇 on 1 January 2026, which the rows of either day say; the grid is that of its village."""
    columns = {"code": ["990101", "990101100", "990101100201"], "name": ["甲县", name, "新胜村"]}
    levels = {"level": ["county", "township", "village"], "parent": [None, "990101", "990101100"]}
    square = shapely.box(102, 37, 103, 38)
    divisions = gpd.GeoDataFrame(
        {**columns, **levels, "aliases": [None, aliases, None]}, geometry=[square] * 3, crs=4326
    )
    grids = grid_frame((A, 1, None, square)).assign(village="990101100201")
    places = Gazetteer(divisions, grids, divisions[:0], lambda: ADDRESSES[:0], at=at, revision=1)
    for written, codes in faults.items():
        found = places.address(f"甲县{written}新胜村", accuracy=20.0)
        assert (found.status, found.at) == ("matched", at.isoformat())
        assert [fault["code"] for fault in found.candidates[0].faults] == codes


def test_a_place_half_in_each_of_two_grids_is_ambiguous() -> None:
    park = shapely.box(102.8, 37.4, 103.2, 37.6)
    places = gpd.GeoDataFrame({"code": ["p"], "name": ["中心公园"]}, geometry=[park], crs=4326)
    named = named_places({"places": places})
    found = Gazetteer(COUNTY, GRIDS, COUNTY[:0], lambda: named, at=date(2026, 1, 1), revision=1)
    answer = found.address("中心公园", accuracy=20.0)
    assert answer.status == "ambiguous"
    assert sorted(str(one.grid["code"]) for one in answer.candidates if one.grid) == [A, B]


def test_an_address_in_no_grid_is_of_the_level_of_the_division_that_owns_its_point() -> None:
    """荒地 is in the county, and in no grid; the second is outside the county too."""
    beyond = gpd.GeoDataFrame({"text": ["荒地", "海边"]}, geometry=shapely.points([105, 110], [37.5, 37.5]), crs=4326)
    places = Gazetteer(COUNTY, GRIDS[:0], COUNTY.iloc[:0], lambda: beyond, at=date(2026, 1, 2), revision=5)
    found = [places.address(text, accuracy=20.0).candidates[0] for text in ("荒地", "海边")]
    assert [(one.level, [step["level"] for step in one.chain]) for one in found] == [
        ("county", ["county"]), ("address", []),
    ]  # fmt: skip


def test_the_grids_beside_an_unstored_door_are_those_within_its_precision() -> None:
    """A door numbered 40 beyond the last stored one, 100 m from the border: the grid beyond is as likely."""
    west, east = (shapely.box(lon, 37, lon + 1, 38) for lon in (102, 103))
    grids = grid_frame((A, 1, None, west), (B, 1, None, east))
    doors = gpd.GeoDataFrame(
        {"text": ["人民路1号", "人民路3号"]}, geometry=[shapely.Point(102.9988, 37.5)] * 2, crs=4326
    )
    places = Gazetteer(COUNTY, grids, COUNTY[:0], lambda: doors, at=date(2026, 1, 1), revision=1)
    (stored,) = places.address("人民路1号", accuracy=20.0).candidates
    (beyond,) = places.address("人民路43号", accuracy=20.0).candidates
    assert stored.neighbours == ()
    assert stored.border_m == pytest.approx(106.0, abs=1.0)
    assert beyond.precision_m is not None
    assert beyond.precision_m > 106.0
    assert beyond.neighbours == (B,)
