"""Check the shapes of cameras: sectors by hand, turned by the convergence, defaults as the run took them."""

from __future__ import annotations

import math

import pytest
import shapely

from maps.print.forms.lens_shapes import lenses_of, sector
from maps.print.sheet_content import sheet_content
from tests.maps.print.forms.scene import scene


def test_a_sector_by_hand() -> None:
    quarter = sector(0, 0, 45, 90, 10)  # from north to east
    assert quarter.area == pytest.approx(math.pi * 25, rel=0.001)
    assert quarter.covers(shapely.Point(5, 5))
    assert not quarter.intersects(shapely.Point(-1, 5))
    assert sector(0, 0, 350, 40, 10).covers(shapely.Point(0, 9))
    assert sector(0, 0, 0, 360, 10).area == pytest.approx(math.pi * 100, rel=0.001)
    for empty in (sector(0, 0, math.nan, 90, 10), sector(0, 0, 0, 90, 0), sector(0, 0, 0, 0, 9)):
        assert empty.is_empty


def test_what_a_run_took_by_default_and_what_it_sees() -> None:
    data = scene()
    one, two, three, four = lenses_of(data, data.cameras, sheet_content(data).crs, "zh")
    assert (one.azimuth, one.hfov, two.assumed["vfov"] != "") == (90.0, 60.0, True)
    assert math.isnan(three.azimuth)
    assert three.sector.is_empty
    assert three.sure.is_empty
    assert not three.possible.is_empty
    assert three.assumed["height"] == "4"
    assert four.range_m == pytest.approx(data.views["range_m"].iloc[3])


def test_a_sure_view_lies_in_its_sector_about_true_north() -> None:
    data = scene()
    for one in lenses_of(data, data.cameras, sheet_content(data).crs, "zh"):
        if not one.sector.is_empty:
            assert shapely.area(shapely.difference(one.sure, one.sector)) < 0.002 * shapely.area(one.sure)
            assert shapely.area(one.blind) == pytest.approx(
                one.sector.area - shapely.intersection(one.sure, one.sector).area
            )
