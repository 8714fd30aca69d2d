"""Zones that overlap, leave gaps or stray are found on rectangles whose areas are known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo import crs
from geo.check.checks import check
from geo.types import Finding
from tests.geo.ascii_drawing import at, rect
from tests.geo.check.test_checks import frame, grids

VILLAGE = "990121100200"


def villages(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    given_ = {"code": [f"9901211002{k:02d}" for k in range(len(shapes))], **columns}
    return frame(shapes, **given_)


def found(layers: dict[str, gpd.GeoDataFrame]) -> list[Finding]:
    return [one for one in check(layers) if not one.code.startswith("code-")]


def stored(xy: list[tuple[float, float]]) -> shapely.Polygon:
    """Return a polygon given in thousandths of a degree from (114, 36)."""
    return shapely.Polygon([(114 + x / 1000, 36 + y / 1000) for x, y in xy])


def test_overlap_is_measured() -> None:
    (one,) = found({"grids": grids([rect(0, 0, 12, 10), rect(10, 0, 20, 10)])})
    assert (one.severity, one.code, one.layer) == ("error", "grid-overlap", "grids")
    assert set(one.keys) == {"990121100200001", "990121100200002"}
    assert one.value == pytest.approx(20.0, rel=0.001)  # 2 x 10


def test_a_grid_laid_wholly_over_another_is_found() -> None:
    (one,) = found({"grids": grids([rect(0, 0, 100, 100), rect(40, 40, 60, 60)])})
    assert (one.code, one.value) == ("grid-overlap", pytest.approx(400.0, rel=0.001))


def test_dedicated_over_general_is_a_warning() -> None:
    shapes = [rect(0, 0, 100, 100), rect(40, 40, 60, 60)]
    (one,) = found({"grids": grids(shapes, kind=["general", "dedicated"])})
    assert (one.severity, one.code) == ("warning", "grid-overlap")


def test_levels_are_checked_apart() -> None:
    # Rule D5: microgrids lie over their grid, of course.
    shapes = [rect(0, 0, 100, 100), rect(0, 0, 50, 100), rect(50, 0, 100, 100)]
    micro = grids(shapes, level=[1, 2, 2], code=["990121100200001", "99012110020000101", "99012110020000102"])
    assert found({"grids": micro}) == []
    shapes[2] = rect(49, 0, 100, 100)
    micro.geometry = frame(shapes).geometry
    (one,) = found({"grids": micro})
    assert (one.code, one.value) == ("grid-overlap", pytest.approx(100.0, rel=0.001))


@pytest.mark.parametrize(("layer", "code"), [("villages", "village-overlap"), ("divisions", "division-overlap")])
def test_other_zone_layers_are_checked_too(layer: str, code: str) -> None:
    zones = villages([rect(0, 0, 12, 10), rect(10, 0, 20, 10)], level="village")
    assert [one.code for one in found({layer: zones})] == [code]


def test_levels_of_divisions_are_checked_apart() -> None:
    divisions = frame(
        [rect(0, 0, 10, 10)] * 3, code=["990121", "990121100", "990121100200"], level=["county", "township", "village"]
    )
    assert found({"divisions": divisions}) == []


@pytest.mark.parametrize("width", [0.05, 0.5, 3.0])
def test_hairline_between_neighbours(width: float) -> None:
    (one,) = found({"grids": grids([rect(0, 0, 50, 100), rect(50 + width, 0, 100, 100)])})
    assert (one.severity, one.code) == ("warning", "grid-sliver")
    assert one.value == pytest.approx(100 * width, rel=0.02)
    assert len(one.keys) == 2


def test_a_hole_of_one_centimetre_is_found_and_not_called_zero() -> None:
    """A hole of 1 cm x 1 cm has 0.0001 m2 and, as twice its area over its perimeter, is 5 mm wide."""
    holed = shapely.difference(rect(0, 0, 50, 100), rect(20, 20, 20.01, 20.01))
    (one,) = check({"grids": grids([holed, rect(50, 0, 100, 100)])})
    assert (one.code, len(one.keys)) == ("grid-sliver", 1)
    assert one.value == pytest.approx(0.0001, rel=0.05)
    assert "about 0.005 m wide" in one.text


def test_a_gap_or_an_overlap_of_one_centimetre_is_found() -> None:
    for width, code in ((0.01, "grid-sliver"), (-0.01, "grid-overlap")):
        (one,) = check({"grids": grids([rect(0, 0, 50, 100), rect(50 + width, 0, 100, 100)])})
        assert (one.code, one.value) == (code, pytest.approx(1.0, rel=0.05))


@pytest.mark.parametrize("width", [0.005, 20.0])
def test_rounding_and_roads_are_no_hairlines(width: float) -> None:
    assert found({"grids": grids([rect(0, 0, 50, 100), rect(50 + width, 0, 100, 100)])}) == []


def area(*xy: tuple[float, float]) -> shapely.Polygon:
    """Return a polygon drawn in metres."""
    return shapely.Polygon([at(x, y).coords[0] for x, y in xy])


LENS = [(50, 30), (50.15, 50), (50, 70)]
SQUARE = rect(49, 49, 51, 51)
QUARTERS = [rect(0, 0, 50, 50), rect(50, 0, 100, 50), rect(0, 50, 50, 100), rect(50, 50, 100, 100)]


@pytest.mark.parametrize(
    ("shapes", "size"),
    [
        ([rect(0, 0, 100, 100).difference(rect(20, 50, 70, 50.5))], 25.0),
        ([rect(0, 0, 100, 100).difference(rect(20, 50, 70, 50.5)), rect(100, 0, 200, 100)], 25.0),
        ([rect(0, 0, 50, 100), area((50, 0), (100, 0), (100, 100), (50, 100), *reversed(LENS))], 3.0),
        (
            [
                area((0, 0), (50, 0), (50, 49), (49, 50), (0, 50)),
                area((50, 0), (100, 0), (100, 50), (50, 50), (50, 49)),
                area((0, 50), (49, 50), (50, 50), (100, 50), (100, 100), (0, 100)),
            ],
            0.5,
        ),
        ([one.difference(SQUARE) for one in QUARTERS], 4.0),
        ([rect(0, 0, 100, 100).difference(rect(20, 50, 70, 60)), rect(20, 50, 70, 59.7)], 15.0),
    ],
    ids=["in one grid", "in one of two", "lens", "three corners", "four corners", "round a grid"],
)
def test_hairline_holes_are_found(shapes: list[Any], size: float) -> None:
    """No side of such a hole need run along another one."""
    (one,) = found({"grids": grids(shapes)})
    assert (one.severity, one.code) == ("warning", "grid-sliver")
    assert one.value == pytest.approx(size, rel=0.02)
    assert shapely.union_all(shapes).is_valid


@pytest.mark.parametrize("hole", [rect(20, 20, 40, 40), rect(20, 20, 20.005, 20.005)], ids=["a lake", "a rounding"])
def test_wide_holes_and_roundings_are_no_hairlines(hole: shapely.Polygon) -> None:
    assert found({"grids": grids([rect(0, 0, 100, 100).difference(hole)])}) == []


def test_corner_on_a_long_edge_is_no_fault() -> None:
    # Edges are straight in degrees (L1): a neighbour's corner on a 9 km edge leaves neither gap nor overlap there,
    # though in metres the edge would bend by more than a metre.
    south = stored([(0, 0), (100, 0), (100, 10), (0, 10)])
    west, east = stored([(0, 10), (50, 10), (50, 20), (0, 20)]), stored([(50, 10), (100, 10), (100, 20), (50, 20)])
    shapes = gpd.GeoSeries([south, west, east], crs=crs.STORAGE_CRS)
    assert found({"grids": grids([]).reindex(range(3)).set_geometry(shapes).assign(level=1)}) == []


def test_land_that_no_grid_owns() -> None:
    layers = {
        "grids": grids([rect(0, 0, 80, 100)], village=VILLAGE),
        "villages": villages([rect(0, 0, 100, 100)]),
    }
    (one,) = found(layers)
    assert (one.severity, one.code, one.keys) == ("warning", "grid-gap", (VILLAGE,))
    assert one.value == pytest.approx(2_000.0, rel=0.001)


def test_a_village_without_any_grid() -> None:
    layers = {
        "grids": grids([rect(0, 0, 100, 100)], village=VILLAGE),
        "villages": villages([rect(0, 0, 100, 100), rect(100, 0, 150, 100)]),
    }
    (one,) = found(layers)
    assert (one.code, one.keys) == ("grid-gap", ("990121100201",))


def test_grid_in_two_parts() -> None:
    both = shapely.union(rect(0, 0, 100, 100), rect(200, 0, 210, 10))
    (one,) = found({"grids": grids([both])})
    assert (one.code, one.value) == ("grid-multi-part", pytest.approx(100.0, rel=0.001))


@pytest.mark.parametrize(("reach", "severity"), [(100.0, None), (110.0, "warning"), (300.0, "error")])
def test_grid_that_leaves_its_village(reach: float, severity: str | None) -> None:
    layers = {
        "grids": grids([rect(0, 0, reach, 100)], village=VILLAGE),
        "villages": villages([rect(0, 0, 100, 100)]),
    }
    told = found(layers)
    assert [(one.severity, one.code) for one in told] == ([(severity, "grid-outside-village")] if severity else [])
    assert [one.value for one in told] == [pytest.approx((reach - 100) * 100, rel=0.001)] * len(told)


def test_microgrid_that_leaves_its_grid() -> None:
    shapes = [rect(0, 0, 100, 100), rect(0, 0, 100, 120)]
    named = {"code": ["990121100200001", "99012110020000101"], "parent": [None, "990121100200001"]}
    (one,) = found({"grids": grids(shapes, level=[1, 2], **named)})
    assert (one.code, one.value) == ("grid-outside-grid", pytest.approx(2_000.0, rel=0.001))


def test_points_are_no_zones() -> None:
    places = frame([rect(0, 0, 1, 1).centroid], code=[VILLAGE])
    assert found({"villages": places, "grids": grids([rect(0, 0, 100, 100)])}) == []


@settings(max_examples=25)
@given(
    cuts=st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True),
    move=st.integers(1, 40),
)
@example(cuts=[1, 39, 42, 98], move=34)  # strips of 1, 2 and 3 m, no two of which are neighbours
@example(cuts=[2, 8, 9, 99], move=37)
def test_moving_one_border_is_always_found(cuts: list[int], move: int) -> None:
    """Strips between cuts tile a square; one strip wider by ``move`` tenths of a metre overlaps by ten times that."""
    edges = [0, *sorted(cuts), 100]
    strips = [rect(a, 0, b, 100) for a, b in pairwise(edges)]
    codes = [f"990121100200{k + 1:03d}" for k in range(len(strips))]
    assert found({"grids": grids(strips, code=codes)}) == []
    wide = min(move / 10, edges[2] - edges[1])
    strips[0] = rect(0, 0, edges[1] + wide, 100)
    told = [one for one in found({"grids": grids(strips, code=codes)}) if one.code == "grid-overlap"]
    assert np.isclose(sum(one.value or 0 for one in told), wide * 100, rtol=0.01)
