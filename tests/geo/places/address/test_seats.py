"""The committee of a village is at its point, by whatever of its names it is stored and asked for."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.places.address.book import AddressBook
from geo.types import Match

CODES = ["620622", "620622102", "620622102201", "620622102202", "620622102003", "620622001", "620622001001"]
DIVISIONS = pd.DataFrame(
    {
        "code": CODES,
        "name": ["古浪县", "土门镇", "三元村", "和乐村", "城关社区", "昌松街道", "昌松社区"],
        "level": [3, 4, 5, 5, 5, 4, 5],
    }
)
#: Two grids of each village: without its committee, a village is ambiguous.
GRIDS = pd.DataFrame(
    {
        "code": ["s1", "s2", "h1", "h2", "c1", "c2", "x1", "x2"],
        "name": ["一", "二"] * 4,
        "level": 1,
        "village": [CODES[2], CODES[2], CODES[3], CODES[3], CODES[4], CODES[4], CODES[6], CODES[6]],
    }
)


def answer(text: str, *stored: tuple[str, str]) -> Match:
    """Return the answer to a text where others are stored, each with its grid, 0.01 degrees apart."""
    points = gpd.points_from_xy([103.0 + k / 100 for k in range(len(stored))], [37.5] * len(stored))
    columns = {"text": [one for one, _ in stored], "grid": [grid for _, grid in stored]}
    return AddressBook(gpd.GeoDataFrame(columns, geometry=points, crs=4326), DIVISIONS, grids=GRIDS).match(text)


def told(found: Match) -> tuple[str, list[str], list[str]]:
    """Return status, grids and the codes of the faults of the first."""
    grids = [str(one.grid["code"]) for one in found.candidates if one.grid]
    return found.status, grids, [fault["code"] for one in found.candidates[:1] for fault in one.faults]


@pytest.mark.parametrize("stored", ["土门镇三元村村委会", "三元村村民委员会", "古浪县土门镇三元村委会"])
@pytest.mark.parametrize("text", ["三元村村委会", "古浪县三元村村委会", "三元村民委员会", "土门镇三元村委会"])
def test_all_names_of_a_committee_are_one(stored: str, text: str) -> None:
    found = answer(text, (stored, "s2"), ("和乐村村委会", "h1"))
    assert told(found) == ("matched", ["s2"], [])
    assert found.point == (103.0, 37.5)


def test_a_floor_of_it_is_inside() -> None:
    assert told(answer("三元村村委会2楼", ("土门镇三元村村委会", "s2"))) == ("matched", ["s2"], ["unread"])


def test_a_community_has_one_too() -> None:
    assert told(answer("城关社区居民委员会", ("土门镇城关社区居委会", "c2"))) == ("matched", ["c2"], [])


@pytest.mark.parametrize("text", ["昌松街道办", "昌松街办", "古浪县昌松街道办事处"])
def test_the_office_of_a_street_has_short_names(text: str) -> None:
    assert told(answer(text, ("昌松街道办事处", "x2"))) == ("matched", ["x2"], [])
    # It is at one point, which is not known: not in all that the street is.
    assert told(answer(text, ("昌松社区1号", "x2"))) == ("ambiguous", ["x1", "x2"], ["unstored"])


@pytest.mark.parametrize("text", ["和乐村村委会", "三元村", "三元村村委会对面", "三元村村委会卫生室"])
def test_another_place_is_not_it(text: str) -> None:
    assert answer(text, ("土门镇三元村村委会", "s2")).status != "matched"


def test_a_point_of_the_village_is_not_its_committee() -> None:
    assert told(answer("三元村村委会", ("土门镇三元村", "s2"))) == ("ambiguous", ["s1", "s2"], ["unstored"])


def test_two_points_of_it_are_both() -> None:
    found = answer("三元村委会", ("三元村村委会", "s1"), ("三元村村民委员会", "s2"))
    assert told(found)[:2] == ("ambiguous", ["s1", "s2"])
