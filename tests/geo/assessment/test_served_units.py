"""Hold the facilities of units to a plain reading of rules P6, P7 and L1."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.served_units import having, own_facilities, villages_of

_CODES = [f"9901011012{k:02d}" for k in range(9)]
_SPOT = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda at: (at[0] / 2, at[1] / 2))


def villages(codes: list[str]) -> gpd.GeoDataFrame:
    """Return squares of one, three by three, with the codes in this order from the lower left."""
    squares = [shapely.box(k % 3, k // 3, k % 3 + 1, k // 3 + 1) for k in range(9)]
    return gpd.GeoDataFrame({"code": codes}, geometry=squares)


def facilities(points: list, serves: list) -> gpd.GeoDataFrame:
    names = [f"f{k}" for k in range(len(points))]
    shapes = [None if one is None else shapely.Point(one) for one in points]
    return gpd.GeoDataFrame({"code": names, "serves": serves}, geometry=shapes)


@given(
    st.permutations(_CODES),
    st.lists(st.tuples(st.none() | _SPOT, st.lists(st.sampled_from(_CODES), max_size=3)), min_size=1, max_size=6),
)
def test_each_facility_lies_in_one_village_at_most_and_serves_those_it_names(codes, drawn) -> None:
    frame = villages(codes)
    made = facilities([spot for spot, _ in drawn], [";".join(named) or None for _, named in drawn])
    expected = set()
    for k, (spot, named) in enumerate(drawn):
        expected |= {(codes.index(code), k) for code in named}
        if spot is not None:
            touched = [row for row in range(9) if frame.geometry[row].distance(shapely.Point(spot)) == 0]
            expected |= {(min(touched, key=codes.__getitem__), k)} if touched else set()
    unit, facility = own_facilities(frame, made)
    assert list(zip(unit.tolist(), facility.tolist(), strict=True)) == sorted(expected)


def test_points_have_nothing_inside_and_places_may_overlap() -> None:
    spots = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 0)])])
    assert own_facilities(spots, facilities([(0, 0)], [None]))[0].tolist() == []
    twice = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
    inside = facilities([(1.5, 1.5)], [None])
    assert own_facilities(twice, inside, may_overlap=True)[0].tolist() == [0, 1]
    assert own_facilities(twice, inside)[0].tolist() == [0]


def test_on_a_border_a_dedicated_grid_comes_before_a_general_one() -> None:
    grids = gpd.GeoDataFrame(
        {"code": ["1", "2"], "kind": ["general", "dedicated"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    )
    assert own_facilities(grids, facilities([(1, 0.5)], [None]))[0].tolist() == [1]


def test_which_have_one_of_the_chosen() -> None:
    pairs = np.array([0, 0, 2]), np.array([0, 1, 1])
    assert having(3, pairs, np.array([True, False])).tolist() == [True, False, False]


@pytest.mark.parametrize("level", ["village", None])
def test_villages_are_those_of_their_layer_else_of_divisions(level: str | None) -> None:
    divisions = gpd.GeoDataFrame({"code": ["d"], "level": [level]}, geometry=[shapely.box(0, 0, 1, 1)])
    assert villages_of(divisions[:0], divisions)["code"].tolist() == (["d"] if level else [])
    assert villages_of(villages(_CODES), divisions)["code"].tolist() == _CODES


def test_a_facility_of_another_level_is_left_out_where_asked_unless_it_serves_the_unit() -> None:
    """The centres of the township and of the first village both stand in that village; the third one has no level."""
    made = facilities([(0.2, 0.2), (0.4, 0.4), (1.5, 0.5)], [None, None, None])
    made["level"] = ["township", "village", None]
    frame = villages(_CODES)
    assert [one.tolist() for one in own_facilities(frame, made, level="village")] == [[0, 1], [1, 2]]
    town = gpd.GeoDataFrame({"code": ["990101101"]}, geometry=[shapely.box(0, 0, 3, 3)])
    assert own_facilities(town, made, level="township")[1].tolist() == [0, 2]
    made["serves"] = [_CODES[4], "990101101", None]
    assert [one.tolist() for one in own_facilities(frame, made, level="village")] == [[0, 1, 4], [1, 2, 0]]
    assert own_facilities(town, made, level="township")[1].tolist() == [0, 1, 2]
