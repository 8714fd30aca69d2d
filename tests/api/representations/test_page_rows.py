"""Lists and tables of the page, a page at a time, of a county that paper can hold: two towns of two grids each."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.representations.page_rows import Choice, gap_rows, matches, named_zones, one_row, summary_of, zone_rows
from geo.assessment.named_zones import zones_with_units
from maps.tiles.drawn_tiles import drawn_layer

CRS = "EPSG:4326"
box = shapely.box
GRIDS = gpd.GeoDataFrame(
    {
        "code": ["990101101001", "990101101002", "990101102001", "990101102002"],
        "name": ["第2网格", "第10网格", "第9网格", None],
        "sure_share": [0.5, 0.0, None, 1.0],
    },
    geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)],
    crs=CRS,
)
TOWNS = gpd.GeoDataFrame(
    {"code": ["990101101", "990101102"], "name": ["南镇", "北镇"], "sure_share": [0.25, 1.0]},
    geometry=[box(0, 0, 2, 1), box(0, 1, 2, 2)],
    crs=CRS,
)
HALF = gpd.GeoDataFrame({"code": ["m1"], "name": ["甲片"]}, geometry=[box(0, 0, 0.5, 1)], crs=CRS)
GAPS = gpd.GeoDataFrame(
    {
        "rank": [2, 1, 3],
        "grid": ["990101101001", "990101102001", "990101101001"],
        "cause": ["range", "blocked", "aim"],
        "camera": ["c1", None, "c2"],
        "obstacle": [None, "b7", None],
        "weight": [3.0, 5.0, 1.0],
        "lon": [0.2, 0.5, 0.9],
        "lat": [0.5, 1.5, 0.5],
    },
    geometry=[box(0.1, 0.4, 0.3, 0.6), box(0.4, 1.4, 0.6, 1.6), box(0.8, 0.4, 0.95, 0.6)],
    crs=CRS,
)
LAYERS = {"grids": GRIDS, "microgrids": HALF, "townships": TOWNS}
ZONES = zones_with_units(LAYERS)
SHAPES = {name: drawn_layer(frame) for name, frame in LAYERS.items()}
NAMES = dict(zip(GRIDS["code"], GRIDS["name"].fillna(""), strict=True))


def keys(found: dict) -> list:
    return [one.get("rank", one.get("code")) for one in found["rows"]]


def grids(**choice: object) -> list[str]:
    return [one[-4:] for one in keys(zone_rows(SHAPES["grids"], "grids", ZONES, SHAPES, Choice(**choice)))]


def gaps(**choice: object) -> dict:
    return gap_rows(drawn_layer(GAPS), ZONES, SHAPES, NAMES, Choice(**choice))


def test_a_table_is_sorted_by_size_or_writing_nothing_last() -> None:
    assert grids(sort="sure_share") == ["1002", "1001", "2002", "2001"]
    assert grids(sort="sure_share", is_descending=True) == ["2002", "1001", "1002", "2001"]
    # 2, 9, 10 as people count; a grid without a name by its code, which is a number.
    assert grids(sort="name") == ["2002", "1001", "2001", "1002"]


def test_a_page_is_a_part_of_the_whole_and_says_how_much_that_is() -> None:
    found = zone_rows(SHAPES["grids"], "grids", ZONES, SHAPES, Choice(sort="sure_share", offset=1, limit=2))
    assert (found["total"], [one[-4:] for one in keys(found)]) == (4, ["1001", "2002"])
    assert "geometry" not in found["rows"][0]


@pytest.mark.parametrize(
    "text", ["南镇", "990101101", "990101101000", " ９９０１０１１０１ ".strip(), "townships:990101101"]
)
def test_a_zone_is_found_by_name_code_and_padded_code_with_all_its_grids(text: str) -> None:
    assert grids(text=text) in (["1001", "1002"], [])  # full-width digits are no code in a table
    if text.isascii() or text == "南镇":
        assert grids(text=text) == ["1001", "1002"]
        assert keys(gaps(text=text)) == [2, 3]


def test_a_zone_without_grids_has_the_gaps_that_lie_in_it() -> None:
    assert keys(gaps(text="m1")) == [2]


def test_any_other_text_finds_what_has_it() -> None:
    assert keys(gaps(text="c2")) == [3]
    assert keys(gaps(text="B7")) == [1]
    assert keys(gaps(text="遮挡")) == keys(gaps(text="blocked")) == [1]
    assert keys(gaps(text="第9")) == [1]
    assert gaps(text="no such thing") == {"total": 0, "rows": []}


def test_gaps_come_by_rank_with_the_name_of_their_grid_and_by_cause() -> None:
    found = gaps()
    assert keys(found) == [1, 2, 3]
    assert [one["grid_name"] for one in found["rows"]] == ["第9网格", "第2网格", "第2网格"]
    assert keys(gaps(cause="aim")) == [3]
    assert gaps(limit=1)["total"] == 3


def test_a_name_of_two_zones_gives_both_to_choose_from() -> None:
    zones = [*ZONES, {"layer": "villages", "code": "v", "name": "南镇", "grids": []}]
    found = gap_rows(drawn_layer(GAPS), zones, SHAPES, NAMES, Choice(text="南镇"))
    assert found["rows"] == []
    assert {one["layer"] for one in found["candidates"]} == {"townships", "villages"}


def test_the_code_of_two_layers_is_that_of_the_finest() -> None:
    zones = [{"layer": one, "code": "7", "name": None, "grids": []} for one in ("townships", "grids", "areas:x")]
    assert [one["layer"] for one in named_zones(zones, "7")] == ["grids"]


def test_search_gives_the_whole_code_first_then_beginnings_then_the_rest() -> None:
    found = matches([("townships", "code", SHAPES["townships"]), ("grids", "code", SHAPES["grids"])], "990101101")
    assert [(one["layer"], one["key"][-4:], one["is_whole"]) for one in found] == [
        ("townships", "1101", True), ("grids", "1001", False), ("grids", "1002", False),
    ]  # fmt: skip
    assert [one["key"][-4:] for one in matches([("grids", "code", SHAPES["grids"])], "网格")] == [
        "1001",
        "1002",
        "2001",
    ]


def test_the_classes_of_a_share_are_those_of_the_map() -> None:
    """0 is a class of its own, 0.5 in the third, 1 in the fifth, nothing in none."""
    said = summary_of("grids", SHAPES["grids"])
    assert said["count"] == 4
    assert said["shares"]["sure_share"] == {"3": 1, "0": 1, "-1": 1, "5": 1}
    assert said["bounds"] == pytest.approx([0, 0, 2, 2], abs=1e-6)
    assert summary_of("gaps", drawn_layer(GAPS))["causes"] == {"range": 1, "blocked": 1, "aim": 1}


def test_a_row_has_its_shape_in_degrees() -> None:
    found = one_row(SHAPES["grids"], "code", "990101101002")
    assert shapely.geometry.shape(found["geometry"]).bounds == pytest.approx((1, 0, 2, 1), abs=1e-9)
    assert one_row(SHAPES["grids"], "code", "x") is None


def test_a_layer_without_rows_is_a_page_without_rows() -> None:
    empty = drawn_layer(gpd.GeoDataFrame({"code": pd.Series([], dtype=str), "name": []}, geometry=[], crs=CRS))
    assert zone_rows(empty, "grids", ZONES, SHAPES, Choice(text="南镇", sort="name")) == {"total": 0, "rows": []}
    assert summary_of("grids", empty)["bounds"] is None


def test_gaps_tell_the_name_of_their_camera_and_are_found_sorted_and_filtered_by_it() -> None:
    named = {str(one): f"杆 {at}" for at, one in enumerate(GAPS["camera"]) if one is not None and at != 1}

    def found(**choice: object) -> list[tuple[int, str | None]]:
        page = gap_rows(drawn_layer(GAPS), ZONES, SHAPES, NAMES, Choice(**choice), cameras=named)
        return [(one["rank"], one["camera_name"]) for one in page["rows"]]

    everything = found()
    assert [name for _, name in everything] == [named.get(str(one)) for one in GAPS.sort_values("rank")["camera"]]
    told = [one for one in everything if one[1]]
    assert found(text=told[0][1]) == told[:1]
    assert found(filters={"camera_name": told[-1][1]}) == told[-1:]
    assert found(sort="camera_name", is_descending=True)[0][1] == max(name for _, name in told)
