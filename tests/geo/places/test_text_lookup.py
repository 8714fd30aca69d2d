"""Answer codes, coordinates, crossings and kilometre marks in texts, on a county drawn to be known by heart.

::

    38 +---------+---------+      甲镇 is the west (grid 990101001001), 乙镇 the east (grid 990101002001).
       |  甲镇   |  乙镇   |      昌灵路 runs west to east along 37.5; 民主街 crosses it at 102.5, 和平路 at 102.5 of
    37 +---------+---------+      甲镇 and again at 103.5 of 乙镇; 环城路 meets none.
      102       103       104
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import geopandas as gpd
import pytest
import shapely

from geo.crs import from_wgs84
from geo.places.gazetteer import Gazetteer
from geo.storage.protocol import Store
from geo.studies.locate_positions import gazetteer_of
from tests.geo.storage.conftest import *  # noqa: F403 (the fixtures: each kind of store)

WEST, EAST = "990101001001", "990101002001"
CRS = "EPSG:4326"
BOXES = [shapely.box(102, 37, 104, 38), shapely.box(102, 37, 103, 38), shapely.box(103, 37, 104, 38)]
DIVISIONS = gpd.GeoDataFrame(
    {
        "code": ["990101", "990101001", "990101002"], "name": ["青岚县", "甲镇", "乙镇"],
        "level": ["county", "township", "township"], "parent": [None, "990101", "990101"],
    },
    geometry=BOXES, crs=CRS,
)  # fmt: skip
GRIDS = gpd.GeoDataFrame(
    {
        "code": [WEST, EAST], "name": ["西格", "东格"], "kind": ["general"] * 2, "level": [1, 1],
        "village": [None, None], "parent": [None, None],
    },
    geometry=BOXES[1:], crs=CRS,
)  # fmt: skip
#: A tenth of a degree of the parallel at 37.5 degrees north, metres on the ellipsoid.
TENTH_M = 8_843.0
ADDRESSES = gpd.GeoDataFrame(
    {
        "id": ["a1", "a2", "a3", "a4"],
        "text": ["甲镇民主街3号", "乙镇民主街9号", "甘武公路K10", "甘武公路K18+843"],
        "grid": ["x"] * 4,
    },
    geometry=[
        shapely.Point(102.5, 37.6), shapely.Point(103.5, 37.6), shapely.Point(102.3, 37.5), shapely.Point(102.4, 37.5)
    ],
    crs=CRS,
)  # fmt: skip
ROADS = gpd.GeoDataFrame(
    {
        "id": ["r1", "r2", "r3", "r4", "r5", "r6"], "class": ["primary"] * 6,
        "name": ["昌灵路", "民主街", "和平路", "和平路", "环城路", "甘武公路"],
    },
    geometry=shapely.linestrings(
        [
            [[102.1, 37.5], [103.9, 37.5]], [[102.5, 37.4], [102.5, 37.6]], [[102.7, 37.4], [102.7, 37.6]],
            [[103.5, 37.4], [103.5, 37.6]], [[102.1, 37.9], [103.9, 37.9]],
            [[102.1, 37.5], [103.9, 37.5]],
        ]
    ),
    crs=CRS,
)  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> Gazetteer:
    return Gazetteer(
        DIVISIONS,
        GRIDS,
        DIVISIONS.iloc[:0],
        lambda: ADDRESSES,
        read_roads=lambda: ROADS,
        at=date(2026, 1, 2),
        revision=3,
    )


def grids(places: Gazetteer, text: str) -> tuple[str, list[str | None]]:
    found = places.address(text, accuracy=20.0)
    return found.status, [one.grid["code"] if one.grid else None for one in found.candidates]


def faults(places: Gazetteer, text: str) -> list[str]:
    return [one["code"] for one in places.address(text, accuracy=20.0).candidates[0].faults]


def test_a_stored_code_is_its_grid(drawn: Gazetteer) -> None:
    assert grids(drawn, EAST) == ("matched", [EAST])
    assert grids(drawn, f"网格编号：{EAST}") == ("matched", [EAST])
    assert grids(drawn, f"乙镇 {EAST} 内") == ("matched", [EAST])
    assert drawn.address(f"甲镇{WEST}", accuracy=20.0).candidates[0].spans == [(2, 14)]
    assert grids(drawn, f"{EAST}、{WEST}") == ("ambiguous", [EAST, WEST])


def test_a_code_and_an_address_elsewhere_are_no_match(drawn: Gazetteer) -> None:
    assert grids(drawn, f"甲镇民主街3号（网格{WEST}）") == ("matched", [WEST])
    text = f"甲镇民主街3号（网格{EAST}）"
    assert grids(drawn, text) == ("partial", [EAST])
    assert faults(drawn, text) == ["address_differs"]


def test_a_code_that_is_not_stored_is_told(drawn: Gazetteer) -> None:
    text = "甲镇民主街3号 网格编号990101009009"
    assert grids(drawn, text)[0] == "partial"
    assert faults(drawn, text)[-1] == "unknown_code"


def test_coordinates_of_a_named_system_are_a_point(drawn: Gazetteer) -> None:
    found = drawn.address("WGS84：103.5,37.5", accuracy=20.0)
    assert (found.status, found.crs, found.point, found.candidates[0].method) == (
        "matched", "wgs84", (103.5, 37.5), "point",
    )  # fmt: skip
    lon, lat = from_wgs84([103.5], [37.5], "gcj02")
    found = drawn.address(f"北纬{lat[0]:.6f}°，东经{lon[0]:.6f}°（高德）", accuracy=20.0)
    assert found.point == pytest.approx((103.5, 37.5), abs=2e-6)
    assert grids(drawn, "WGS84 100.5,37.5") == ("partial", [None]), "in no grid"


def test_coordinates_without_a_system_ask_for_it(drawn: Gazetteer) -> None:
    """Rule L3."""
    found = drawn.address("103.5123,37.5123", accuracy=20.0)
    assert (found.status, found.point, found.candidates[0].grid) == ("partial", None, None)
    assert faults(drawn, "103.5123,37.5123") == ["no_crs"]
    assert faults(drawn, "WGS84 20.5123,37.5123") == ["axis_order"]
    assert grids(drawn, "甲镇民主街3号 102.5123,37.6123") == ("partial", [WEST]), "by its address"


def test_coordinates_and_an_address_elsewhere_are_no_match(drawn: Gazetteer) -> None:
    assert grids(drawn, "甲镇民主街3号，WGS84：102.5,37.6") == ("matched", [WEST])
    assert grids(drawn, "甲镇民主街3号，WGS84：103.5,37.6") == ("partial", [EAST])
    assert faults(drawn, "甲镇民主街3号，WGS84：103.5,37.6") == ["address_differs"]


def test_a_crossing_is_where_the_roads_meet(drawn: Gazetteer) -> None:
    found = drawn.address("昌灵路与民主街交叉口", accuracy=5.0)
    assert (found.status, found.point) == ("matched", (102.5, 37.5))
    assert ((found.candidates[0].grid or {})["code"], found.candidates[0].precision_m) == (WEST, 15.0)
    assert found.candidates[0].method == "match"


def test_several_crossings_are_ambiguous_but_in_the_division_that_is_named(drawn: Gazetteer) -> None:
    assert grids(drawn, "昌灵路与和平路交叉口") == ("ambiguous", [WEST, EAST])
    found = drawn.address("青岚县乙镇昌灵路与和平路交叉口", accuracy=20.0)
    assert (found.status, found.point) == ("matched", (103.5, 37.5))
    assert grids(drawn, "甲镇昌灵路/和平路路口") == ("matched", [WEST])


def test_a_crossing_outside_the_division_named_is_a_fault(drawn: Gazetteer) -> None:
    assert grids(drawn, "乙镇昌灵路与民主街交叉口") == ("partial", [WEST])
    assert faults(drawn, "乙镇昌灵路与民主街交叉口") == ["outside"]


def test_what_is_beside_a_crossing_is_partial_and_moved(drawn: Gazetteer) -> None:
    found = drawn.address("昌灵路与民主街交叉口北侧200米", accuracy=5.0)
    assert (found.status, faults(drawn, "昌灵路与民主街交叉口北侧200米")) == ("partial", ["nearby"])
    assert found.point == pytest.approx((102.5, 37.5 + 200 / 110_991), abs=1e-6)  # metres of a degree at 37.5
    assert faults(drawn, "昌灵路与民主街交叉口东北角") == ["nearby"]
    assert faults(drawn, "昌灵路与民主街交叉口农业银行") == ["unread"]


def test_roads_that_are_not_known_or_do_not_meet_are_never_a_match(drawn: Gazetteer) -> None:
    assert grids(drawn, "昌灵路与火星路交叉口")[0] in ("partial", "not_found")
    assert grids(drawn, "甲镇昌灵路与环城路交叉口")[0] == "partial"
    assert faults(drawn, "甲镇昌灵路与环城路交叉口")[-1] == "no_crossing"


def test_a_kilometre_mark_lies_between_stored_ones(drawn: Gazetteer) -> None:
    """Half way between K10 at 102.3 and K18+843 at 102.4 is 102.35."""
    found = drawn.address(f"甘武公路{10 + TENTH_M / 2000:.4g}公里处", accuracy=5.0)
    assert found.status == "matched"
    assert found.point == pytest.approx((102.35, 37.5), abs=1e-4)
    assert (found.candidates[0].grid or {})["code"] == WEST
    assert grids(drawn, "甘武公路90公里处")[0] != "matched", "beyond the last mark"


def test_so_many_metres_beside_an_address_is_partial_and_moved(drawn: Gazetteer) -> None:
    base = drawn.address("甲镇民主街3号", accuracy=20.0)
    found = drawn.address("甲镇民主街3号北侧200米", accuracy=20.0)
    assert (base.point, found.status) == ((102.5, 37.6), "partial")
    assert found.point == pytest.approx((102.5, 37.6 + 200 / 110_995), abs=1e-6)
    assert found.candidates[0].precision_m == pytest.approx(20.0 + 153.1, abs=0.1)
    east = drawn.address("甲镇民主街3号以东50公里", accuracy=20.0)
    assert east.point == (102.5, 37.6), "farther than any address is told from"


@pytest.mark.parametrize("text", ["", "甲镇", "甲镇民主街3号", "乙镇民主街9号"])
def test_other_addresses_are_as_the_book_answers_them(drawn: Gazetteer, text: str) -> None:
    assert drawn.address(text, accuracy=20.0) == drawn.stored_address(text, accuracy=20.0)


@pytest.fixture
def stored(make_store: Callable[[], Store]) -> Gazetteer:
    store = make_store()
    for name, frame in {"divisions": DIVISIONS, "grids": GRIDS, "addresses": ADDRESSES, "roads": ROADS}.items():
        store.write(name, frame, "append", actor="test")
    return gazetteer_of(store)


def test_each_kind_of_store_has_roads_and_marks(stored: Gazetteer) -> None:
    assert grids(stored, "乙镇昌灵路与和平路交叉口") == ("matched", [EAST])
    assert grids(stored, "甘武公路15公里") == ("matched", [WEST])
