"""What one row of a list says of its place, on the county of `tests.geo.places.test_text_lookup`.

甲镇 is the west and one grid, 乙镇 the east and the other. 甲镇民主街3号 is at 102.5, 37.6 and
乙镇民主街9号 is at 103.5, 37.6.
"""

from __future__ import annotations

from itertools import product

import pytest

from geo.places.gazetteer import Gazetteer
from geo.studies.locate_rows import locate_rows
from geo.types import Match
from tests.geo.places.test_text_lookup import EAST, WEST, drawn

__all__ = ["drawn"]

#: An address -> the grids where it is.
ADDRESSES = {
    "甲镇民主街3号": {WEST},
    "甲镇民主街3号2单元": {WEST},
    "乙镇民主街9号": {EAST},
    "甲镇": {WEST},
    "青岚县乙镇": {EAST},
    "青岚县": {WEST, EAST},
    "环城路": {WEST, EAST},
    f"网格{WEST}": {WEST},
    "昌灵路与民主街交叉口": {WEST},
}
POINTS = {"102.5": WEST, "103.5": EAST}
#: Addresses that are not understood, that are denied, or that are of other counties.
NO_ADDRESSES = ("天祝县", "红星村9组", "第九中学", "甘肃省兰州市城关区", "不在甲镇民主街3号", "北京市甲镇民主街3号")
DENIED = ("甲镇民主街3号已撤销", "甲镇民主街3号（错误）", "乙镇民主街3号")


def answered(places: Gazetteer, **row: object) -> Match:
    (found,) = locate_rows(places, [row])
    assert found.match is not None
    return found.match


def at(lon: str) -> dict[str, str]:
    return {"lon": lon, "lat": "37.6", "crs": "wgs84"}


def grids(found: Match) -> list[str | None]:
    return [one.grid["code"] if one.grid else None for one in found.candidates]


def faults(found: Match) -> list[str]:
    return [one["code"] for each in found.candidates for one in each.faults]


@pytest.mark.parametrize(("lon", "address"), list(product(POINTS, ADDRESSES)))
def test_a_point_is_matched_only_where_its_address_may_be_too(drawn: Gazetteer, lon: str, address: str) -> None:
    found = answered(drawn, **at(lon), address=address)
    here, there = POINTS[lon], ADDRESSES[address]
    if here in there:
        assert (found.status, grids(found), "address_differs" in faults(found)) == ("matched", [here], False)
    else:
        assert (found.status, grids(found)) == ("ambiguous", [here, *there])
        assert "address_differs" in faults(found)


@pytest.mark.parametrize("address", [*NO_ADDRESSES, *DENIED])
def test_an_address_that_is_not_understood_is_told_and_leaves_the_point_unsure(drawn: Gazetteer, address: str) -> None:
    """As in one text: 102.5,37.6 wgs84 天祝县 is partial."""
    found = answered(drawn, **at("102.5"), address=address)
    assert (found.status, grids(found)[0]) == ("partial", WEST)
    assert faults(found)


@pytest.mark.parametrize(("lat", "status"), [("37.601", "matched"), ("37.7", "partial")])
def test_opposite_an_address_is_near_it(drawn: Gazetteer, lat: str, status: str) -> None:
    """0.001 degrees are 111 m, 0.1 are 11 km."""
    found = answered(drawn, lon="102.5", lat=lat, crs="wgs84", address="甲镇民主街3号对面")
    assert (found.status, grids(found)) == (status, [WEST])
    assert faults(found) == ([] if status == "matched" else ["nearby"])
