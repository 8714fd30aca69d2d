"""Thirty spellings of what follows the divisions, each answered as can be checked on paper.

::

    102.00    102.01    102.02    102.03      One village, 新胜村, of three grids g0, g1 and g2 from west to east, and
       +---------+---------+---------+        nothing east of them. Stored in g1: doors 1, 5 and 9 of the odd side of
       |   g0    |   g1    |   g2    |        昌灵路, and 2 of the even one; in g2 those of 民主街.
       +---------+---------+---------+
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely

from geo.places.gazetteer import Gazetteer

CRS = "EPSG:4326"
_STORED = {
    1: ["昌灵路1号", "昌灵路5号", "昌灵路9号", "昌灵路2号", "和平里4弄1-10幢", "三组12号", "县医院", "建设路88号"],
    2: ["民主街3、5号", "阳光花园5栋", "阳光花园8栋", "东关街3号附2号"],
    3: ["孤店"],
}
_ROWS = [(text, grid) for grid, texts in _STORED.items() for text in texts]
_BOX = shapely.box(102.0, 37.0, 102.03, 37.05)


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    codes = ["990101", "990101001", "990101001201"]
    divisions = {
        "code": codes, "name": ["青岚县", "甲镇", "新胜村"], "level": ["county", "township", "village"],
        "parent": [None, *codes[:2]],
    }  # fmt: skip
    grids = {
        "code": ["g0", "g1", "g2"], "name": ["一", "二", "三"], "kind": ["general"] * 3, "level": [1] * 3,
        "village": [codes[2]] * 3, "parent": [None] * 3,
    }  # fmt: skip
    boxes = [shapely.box(102.0 + k / 100, 37.0, 102.01 + k / 100, 37.05) for k in range(3)]
    points = [shapely.Point(102.005 + grid / 100, 37.02) for _, grid in _ROWS]
    known = gpd.GeoDataFrame(divisions, geometry=[_BOX] * 3, crs=CRS)
    addresses = gpd.GeoDataFrame({"text": [text for text, _ in _ROWS]}, geometry=points, crs=CRS)
    return Gazetteer(
        known, gpd.GeoDataFrame(grids, geometry=boxes, crs=CRS), known[:0], lambda: addresses, at=date(2026, 1, 1),
        revision=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "grid", "precision"),
    [
        # exact, whatever the words
        ("昌灵路5号", "matched", "g1", 20), ("昌灵路伍号", "matched", "g1", 20), ("昌灵路5＃", "matched", "g1", 20),
        ("第三村民小组十二号", "matched", "g1", 20), ("3社12号", "matched", "g1", 20),
        ("民主街5号", "matched", "g2", 20), ("民主街3号", "matched", "g2", 20),
        ("和平里4弄5幢", "matched", "g1", 20), ("和平里4弄5号楼501室", "matched", "g1", 20),
        # parts of a door
        ("昌灵路5号之一", "matched", "g1", 20), ("昌灵路5号附1号", "matched", "g1", 20),
        ("昌灵路5号2单元301室", "matched", "g1", 20), ("昌灵路5号楼上", "matched", "g1", 20),
        ("建设路八十八号院内", "matched", "g1", 20), ("阳光花园5-2-501", "matched", "g2", 20),
        # the nearest number: between two of its side, else not sure; ten metres a number, forty a building
        ("昌灵路7号", "matched", "g1", 20), ("昌灵路3号", "matched", "g1", 20), ("昌灵路13号", "partial", "g1", 40),
        ("昌灵路8号", "partial", "g1", 60), ("昌灵路5-1号", "partial", "g1", 20),
        ("阳光花园6栋2单元501", "matched", "g2", 40), ("阳光花园12栋", "partial", "g2", 160),
        ("三组15号", "partial", "g1", 30), ("东关街3号附5号", "partial", "g2", 20),
        # beside it: next door 30 m, across 50 m, around 200 m, and so many metres as are said
        ("昌灵路5号对面", "partial", "g1", 70), ("昌灵路5号斜对面", "partial", "g1", 70),
        ("昌灵路5号隔壁", "partial", "g1", 50), ("昌灵路5号旁", "partial", "g1", 50),
        ("昌灵路5号附近", "partial", "g1", 220), ("昌灵路5号门口", "partial", "g1", 50),
        ("昌灵路5号北侧200米", "partial", "g1", 173.1), ("县医院对面", "partial", "g1", 70),
        ("昌灵路7号对面", "partial", "g1", 70), ("县医院3楼", "partial", "g1", 50),
        # outside all grids
        ("孤店", "partial", None, 20), ("孤店旁", "partial", None, 50),
    ],
)  # fmt: skip
def test_spellings(places: Gazetteer, text: str, status: str, grid: str | None, precision: float) -> None:
    for asked in (text, f"甲镇新胜村{text}"):
        found = places.address(asked, accuracy=20.0)
        first = found.candidates[0]
        assert (found.status, first.grid["code"] if first.grid else None) == (status, grid)
        assert first.precision_m == pytest.approx(precision, abs=0.1)


def test_two_hundred_metres_to_the_east_may_be_another_grid(places: Gazetteer) -> None:
    """A thousandth of a degree of the parallel is 89 m: 800 m east of 102.015 is 102.024."""
    found = places.address("昌灵路5号以东800米", accuracy=20.0)
    assert (found.status, found.candidates[0].grid and found.candidates[0].grid["code"]) == ("partial", "g2")
    assert found.point == pytest.approx((102.024, 37.02), abs=1e-4)
