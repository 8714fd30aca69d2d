"""What one row of a list says of its place, on the county of `tests.geo.places.test_text_lookup`.

甲镇 is the west and one grid, 乙镇 the east and the other. 甲镇民主街3号 is at 102.5, 37.6 and
乙镇民主街9号 is at 103.5, 37.6.
"""

from __future__ import annotations

from itertools import product

import pytest

from geo.places.gazetteer import Gazetteer
from geo.readers.columns.place_cells import CellsBeside
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


def beside(**cells: object) -> dict[str, object]:
    return {"beside": CellsBeside(**cells)}  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "second"), list(product(ADDRESSES, ADDRESSES)))
def test_two_addresses_are_a_match_only_in_a_grid_of_both(drawn: Gazetteer, first: str, second: str) -> None:
    found = answered(drawn, address=first, **beside(addresses=[("地址 (3)", second)]))
    alone = answered(drawn, address=first)
    both = ADDRESSES[first] & ADDRESSES[second]
    if not both:
        assert (found.status, faults(found)[-1]) == ("partial", "address_differs")
    elif alone.status == "matched":
        assert (found.status, grids(found), faults(found)) == ("matched", grids(alone), faults(alone))
    elif found.status == "matched":
        assert set(grids(found)) == both


@pytest.mark.parametrize("second", NO_ADDRESSES)
def test_a_second_address_that_is_not_understood_is_told(drawn: Gazetteer, second: str) -> None:
    found = answered(drawn, address="甲镇民主街3号", **beside(addresses=[("标准地址", second)]))
    assert (found.status, grids(found)) == ("partial", [WEST])
    assert faults(found)


def test_an_address_that_is_not_found_leaves_the_row_to_the_second_one_in_doubt(drawn: Gazetteer) -> None:
    found = answered(drawn, address="没有的地方", **beside(addresses=[("标准地址", "甲镇民主街3号")]))
    assert (found.status, grids(found), faults(found)) == ("partial", [WEST], ["unread"])


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("西格", True),
        (WEST, True),
        (f"甲镇 {WEST}", True),
        ("甲镇", True),
        ("东格", False),
        (EAST, False),
        ("乙镇", False),
        ("火星网格", False),
        ("是", False),
    ],
)
def test_the_name_of_a_grid_agrees_or_is_told(drawn: Gazetteer, text: str, agrees: bool) -> None:
    """With an address the row is matched no longer; a point is in its grid whatever is written beside it."""
    cells = beside(grids=[("网格名称", text)])
    found = answered(drawn, address="甲镇民主街3号", **cells)
    assert (found.status, faults(found)) == (("matched", []) if agrees else ("partial", ["address_differs"]))
    at_point = answered(drawn, **at("102.5"), **cells)
    assert (at_point.status, faults(at_point)) == ("matched", [] if agrees else ["address_differs"])


@pytest.mark.parametrize(
    ("address", "parts", "status"),
    [
        ("甲镇民主街3号", [("门牌号", "3", "号")], "matched"),
        ("甲镇民主街", [("门牌号", "3", "号")], "matched"),
        ("甲镇", [("道路", "民主街", ""), ("门牌号", "3", "号")], "matched"),
        ("甲镇民主街3号", [("门牌号", "9", "号")], "partial"),
        ("甲镇民主街3号", [("道路", "和平路", "")], "partial"),
        ("甲镇民主街3号", [("道路", "火星路", "")], "partial"),
        ("乙镇民主街9号", [("道路", "民主街", "")], "matched"),
        ("甲镇民主街3号", [("小区", "火星花园", "")], "partial"),
    ],
)
def test_the_parts_of_an_address_agree_or_are_told(
    drawn: Gazetteer, address: str, parts: list[tuple[str, str, str]], status: str
) -> None:
    found = answered(drawn, address=address, **beside(parts=parts))
    assert found.status == status
    assert any(code in ("address_differs", "unread") for code in faults(found)) == (status == "partial")
