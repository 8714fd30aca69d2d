"""Name zones by code and by name, and hold whose gaps are whose to a search through all units."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.named_zones import (
    ZoneName,
    county_names,
    find_zone,
    gaps_in_zone,
    unit_codes,
    unit_layer,
    units_of_zones,
    without_shape_error,
    zones_with_units,
)
from geo.errors import AmbiguousName, NotFound

CRS = "EPSG:4326"
NAMES = [
    ZoneName("grids", "990101101001001", "一格"),
    ZoneName("villages", "990101101001", "东街"),
    ZoneName("villages", "990101102001", "东街"),
    ZoneName("townships", "990101101", "南镇"),
    ZoneName("townships", "990101102", "North Town"),
    ZoneName("townships", "007"),
]


def zones(codes: list[str], shapes: list[shapely.Geometry], names: list[str] | None = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": codes, "name": names or codes}, geometry=shapes, crs=CRS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("990101101", "990101101"),
        ("990101101000", "990101101"),  # padded to the digits of a village
        ("townships:990101101", "990101101"),
        ("南镇", "990101101"),
        (" 南 镇 ", "990101101"),
        ("ｎｏｒｔｈ town", "990101102"),
        ("一格", "990101101001001"),
        ("007", "007"),
    ],
)
def test_a_zone_has_a_code_and_a_name(text: str, code: str) -> None:
    assert find_zone(NAMES, text).code == code


@pytest.mark.parametrize("text", ["", "  ", "南", "99010110", "grids:990101101", "7", "南镇镇"])
def test_an_unknown_zone_is_refused(text: str) -> None:
    with pytest.raises(NotFound):
        find_zone(NAMES, text)


def test_a_name_of_several_zones_lists_them() -> None:
    with pytest.raises(AmbiguousName) as caught:
        find_zone(NAMES, "东街")
    assert [row.row for row in caught.value.rows] == ["990101101001", "990101102001"]
    for text in (caught.value.zh, caught.value.en):
        assert "villages:990101101001" in text
        assert "villages:990101102001" in text
    assert find_zone(NAMES, "villages:990101102001").code == "990101102001"


def test_a_code_of_two_layers_is_that_of_the_finest() -> None:
    both = [ZoneName("townships", "9", "镇"), ZoneName("grids", "9", "格")]
    assert find_zone(both, "9").layer == "grids"
    assert find_zone(both, "townships:9").layer == "townships"


def test_a_code_takes_no_other_zones_name() -> None:
    """Whoever may make grids may give them any code: it must not turn what the name of a township finds."""
    names = [*NAMES, ZoneName("grids", "南镇", "x"), ZoneName("grids", "all", "y"), ZoneName("all", "all", "全部")]
    with pytest.raises(AmbiguousName) as caught:
        find_zone(names, "南镇")
    assert {row.row for row in caught.value.rows} == {"南镇", "990101101"}
    assert find_zone(names, "grids:南镇").layer == "grids"
    assert find_zone(names, "townships:990101101").name == "南镇"
    assert find_zone(names, "all").layer == "all"
    assert find_zone(names, "grids:all").name == "y"


def test_gaps_of_a_township_are_those_of_all_its_grids() -> None:
    """Three grids in a row; the township ends in the third, whose inner point is not in it."""
    grids = zones(["g1", "g2", "g3"], [shapely.box(x, 0, x + 1, 1) for x in (0, 1, 2)])
    layers = {
        "grids": grids,
        "microgrids": zones(["m1"], [shapely.box(0, 0, 0.5, 1)]),
        "townships": zones(["t1", "t2"], [shapely.box(0, 0, 2.3, 1), shapely.box(2.3, 0, 3, 1)]),
        "all": zones(["all"], [shapely.box(0, 0, 3, 1)]),
    }
    gaps = pd.DataFrame({"grid": ["g1", "g1", "g2", "g3", None], "lon": [0.2, 0.9, 1.9, 2.1, 2.9], "lat": [0.5] * 5})

    def of(layer: str, code: str) -> list[bool]:
        return gaps_in_zone(gaps, layers, ZoneName(layer, code)).tolist()

    assert of("townships", "t1") == [True, True, True, False, False]
    assert of("townships", "t2") == [False, False, False, True, False], "of its grid, though the place is in t1"
    assert of("grids", "g1") == [True, True, False, False, False]
    assert of("microgrids", "m1") == [True, False, False, False, False], "a part of a grid: by place"
    listed = {(one["layer"], one["code"]): one["grids"] for one in zones_with_units(layers)}
    assert listed == {
        ("grids", "g1"): ["g1"], ("grids", "g2"): ["g2"], ("grids", "g3"): ["g3"], ("microgrids", "m1"): [],
        ("townships", "t1"): ["g1", "g2"], ("townships", "t2"): ["g3"],
    }  # fmt: skip


def test_a_village_that_is_one_of_several_in_a_grid_has_the_gaps_in_it() -> None:
    thirds = [shapely.box(x, 0, x + 1, 1) for x in (0, 1, 2)]
    layers = {"grids": zones(["g"], [shapely.box(0, 0, 3, 1)]), "villages": zones(["v1", "v2", "v3"], thirds)}
    gaps = pd.DataFrame({"grid": ["g", "g", "g"], "lon": [0.5, 1.5, 1.6], "lat": [0.5] * 3})
    found = [gaps_in_zone(gaps, layers, ZoneName("villages", f"v{at}")).sum() for at in (1, 2, 3)]
    assert found == [1, 2, 0], "v2 holds the inner point of the grid, and yet is a part of it"


def test_without_grids_the_finest_zones_are_the_units() -> None:
    assert unit_layer(["all", "townships", "villages"]) == "villages"
    assert unit_layer(["all", "townships"]) == "townships"
    layers = {"townships": zones(["t"], [shapely.box(0, 0, 1, 1)]), "all": zones(["all"], [shapely.box(0, 0, 1, 1)])}
    assert unit_codes(layers, ZoneName("townships", "t")) == {"t"}


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=6), st.integers(0, 4))
def test_units_belong_to_the_first_zone_that_covers_their_inner_point(
    corners: list[tuple[int, int]], shift: int
) -> None:
    units = zones(
        [f"u{x}{y}" for x in range(4) for y in range(4)],
        [shapely.box(2 * x, 2 * y, 2 * x + 2, 2 * y + 2) for x in range(4) for y in range(4)],
    )
    shapes = [shapely.box(x, y, x + 1 + shift, y + 3) for x, y in corners]
    found = units_of_zones(units, zones([str(at) for at in range(len(shapes))], shapes))
    inner = [shapely.point_on_surface(one) for one in units.geometry]
    large = [shape for shape in shapes if shape.area >= 2]
    wanted = [next((shapes.index(one) for one in large if one.covers(point)), -1) for point in inner]
    assert found.tolist() == wanted
    assert np.array_equal(units_of_zones(units.iloc[:0], zones(["z"], shapes[:1])), [])


COUNTY = county_names([{"code": "990101", "name": "试验县", "level": "county"}, {"code": "9", "level": "township"}])


@pytest.mark.parametrize("text", ["990101", "990101000000", "试验县", "divisions:990101", "all", "all:990101"])
def test_the_county_is_a_zone_by_code_and_by_name(text: str) -> None:
    assert find_zone([*NAMES, *COUNTY], text).layer == "all"


@pytest.mark.parametrize(
    ("text", "layer"), [("divisions:990101101", "townships"), ("divisions:990101102001", "villages")]
)
def test_a_code_of_divisions_is_that_of_a_township_or_village(text: str, layer: str) -> None:
    assert find_zone([*NAMES, *COUNTY], text).layer == layer


def test_two_counties_are_no_zone_all() -> None:
    rows = [
        {"code": "990101", "name": "甲县", "level": "county"},
        {"code": "990102", "name": "乙县", "level": "county"},
    ]
    assert county_names(rows) == []


def test_the_refusal_of_a_zone_lists_the_layers_there_are() -> None:
    for text in ("moon", "divisions:5", "grids:5"):
        with pytest.raises(NotFound, match="its zone layers are grids, villages, townships, all"):
            find_zone([*NAMES, *COUNTY], text)


def test_the_county_has_every_gap() -> None:
    gaps = pd.DataFrame({"grid": ["g1", "other"], "lon": [102.0, 0.0], "lat": [37.0, 0.0]})
    assert gaps_in_zone(gaps, {}, ZoneName("all", "990101")).tolist() == [True, True]


def test_a_division_without_a_shape_says_so_and_the_way_out() -> None:
    rows = [{"code": "990101103", "name": "西镇"}, {"code": "990101104", "name": "东镇"}]
    for text in ("西镇", "990101103", "divisions:990101103"):
        found = without_shape_error(rows, text)
        assert found is not None
        assert found.zh.startswith("西镇（990101103）没有边界")
        assert "import" in found.en
    assert without_shape_error(rows, "北镇") is None
