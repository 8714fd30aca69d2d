"""Grids that are too large, crossed, cutting, unstaffed or out of order are found on rectangles known by heart (V7)."""

from __future__ import annotations

import pytest
import shapely

from geo.check.checks import check
from geo.check.grid_rows import Principles
from geo.check.remedies import remedy
from geo.types import Finding
from tests.geo.ascii_drawing import at, rect
from tests.geo.check.test_checks import frame, grids

V1 = "990121100200"


def found(layers: dict[str, object], principles: Principles | None = None) -> list[Finding]:
    """Return the findings on grids, each with a place, a number and a remedy."""
    every = check(layers, principles=principles)  # type: ignore[arg-type]
    out = [one for one in every if one.layer == "grids" and one.code != "grid-overlap"]
    for one in out:
        assert remedy(one.code)
        assert one.value is not None
        assert one.lon is not None
    return out


def test_bands_are_held_against_grids_only_when_they_are_told() -> None:
    rows = grids(
        [rect(0, 0, 100, 100), rect(100, 0, 200, 100), rect(200, 0, 300, 100), rect(300, 0, 400, 100)],
        households=[600, 300, 90, None], urban_rural=["urban", "urban", "rural", "rural"],
    )  # fmt: skip
    assert found({"grids": rows}) == []
    wide, small = found({"grids": rows}, Principles((300, 500), rural=(100, 300)))
    assert (wide.code, wide.keys, wide.value) == ("grid-outside-band", (f"{V1}001",), 100.0)
    assert small.text.endswith(f"grid {V1}003 has 90 households, outside the band of 100 to 300")
    assert (small.value, small.severity) == (10.0, "warning")
    (one, *_) = found({"grids": rows}, Principles((100, 500)))
    assert one.keys == (f"{V1}001",)


def test_a_major_road_within_a_grid_is_found_and_one_beside_the_border_is_not() -> None:
    rows = grids([rect(0, 0, 400, 400), rect(400, 0, 800, 400)])
    roads = frame(
        [shapely.LineString([at(100, -50), at(100, 450)]), shapely.LineString([at(410, -50), at(410, 450)]),
         shapely.LineString([at(600, 0), at(600, 400)])],
        id=["a", "b", "c"], **{"class": ["primary", "primary", "residential"]},
    )  # fmt: skip
    (one,) = found({"grids": rows, "roads": roads}, Principles((0, 10)))
    assert (one.code, one.keys) == ("grid-crossed-by-barrier", (f"{V1}001",))
    assert one.value == pytest.approx(360.0, rel=0.01)  # 400 m less 20 m at each end
    assert found({"grids": rows, "roads": roads}) == []


def test_a_building_that_a_border_cuts_is_named_with_its_smaller_part() -> None:
    rows = grids([rect(0, 0, 100, 100), rect(100, 0, 200, 100)])
    houses = frame([rect(95, 40, 115, 50), rect(10, 10, 100.02, 20), rect(120, 10, 130, 20)], id=["x", "y", "z"])
    (one,) = found({"grids": rows, "obstacles": houses})
    assert (one.code, one.keys) == ("grid-cuts-building", (f"{V1}001", f"{V1}002"))
    assert one.value == pytest.approx(50.0, rel=0.01)  # 5 x 10
    assert one.text.endswith(f"building x is cut by grids {V1}001, {V1}002: the smaller part has 50 m²")


def test_dedicated_grids_follow_the_rule_of_most() -> None:
    general = [rect(0, 0, 200, 100), rect(300, 0, 400, 100)]
    over, over_too, apart, partly = (
        rect(10, 10, 20, 20),
        rect(30, 10, 40, 20),
        rect(210, 0, 290, 100),
        rect(190, 0, 205, 9),
    )
    rows = grids(
        [*general, over, over_too, apart, partly],
        kind=["general"] * 2 + ["dedicated"] * 4, code=[f"{V1}00{k}" for k in (1, 5, 2, 3, 4, 6)],
    )  # fmt: skip
    codes = {one.code: one for one in found({"grids": rows}) if one.code.startswith("dedicated")}
    assert codes["dedicated-outside-general"].keys == (f"{V1}004",)
    assert codes["dedicated-partly-outside"].keys == (f"{V1}006",)
    assert codes["dedicated-partly-outside"].value == pytest.approx(2 / 3, rel=0.01)
    cut_out = rows[rows["code"].isin([f"{V1}001", f"{V1}005", f"{V1}002", f"{V1}004"])]
    # One over and one beside: no rule tells which is wrong but that most are cut out by default.
    (one,) = [one for one in found({"grids": cut_out}) if one.code.startswith("dedicated")]
    assert one.keys == (f"{V1}002",)


def test_no_staff_is_none_of_both_kinds_and_unknown_is_not_none() -> None:
    rows = grids(
        [rect(100 * k, 0, 100 * k + 100, 100) for k in range(4)], staff=[0, 0, None, 2],
        staff_part_time=[None, 1, None, None],
    )  # fmt: skip
    (one,) = found({"grids": rows})
    assert (one.code, one.keys) == ("grid-without-staff", (f"{V1}001",))


def test_more_heads_than_grids_in_a_village_are_counted() -> None:
    shapes = [rect(100 * k, 0, 100 * k + 100, 100) for k in range(4)]
    rows = grids(shapes, heads=[2, 1, 1, None], village=[V1, V1, "990121100201", "990121100201"])
    rows["code"] = [f"{V1}001", f"{V1}002", "990121100201001", "990121100201002"]
    (one,) = found({"grids": rows})
    assert (one.code, one.keys, one.value) == ("heads-above-grids", (f"{V1}001",), 1.0)
    assert one.text.endswith(f"the 2 grids of village {V1} have 3 heads together")


def test_only_numbers_that_no_order_of_reading_gives_are_out_of_order() -> None:
    # 001 south-east, 002 north-west of it: wrong from the west and from the north; 003 and 004 follow one of them.
    shapes = [rect(100, 0, 200, 100), rect(0, 100, 100, 200), rect(0, 0, 100, 100), rect(100, 100, 200, 200)]
    rows = grids(shapes, village=[V1] * 4)
    (one,) = found({"grids": rows})
    assert (one.code, one.keys, one.value) == ("codes-out-of-order", (f"{V1}002",), 1.0)
    for order in ([1, 2, 3, 0], [1, 3, 2, 0]):
        assert found({"grids": grids([shapes[k] for k in order], village=[V1] * 4)}) == []
