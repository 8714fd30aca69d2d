"""Check the ground of the store on sheets: water and green and villages drawn and named, the rest counted."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.catalog.palette import GROUND
from maps.map_data import GROUND_LAYER, MapData
from maps.print.fonts import print_font
from maps.print.label_placement import OccupancyGrid
from maps.print.own_ground import VILLAGE_SCALE, draw_ground, place_ground_names
from maps.print.page_layout import MapFrame, Rect
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_paths import rgb
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from tests.maps.print.atlas.atlas_data import overlapping_characters
from tests.maps.print.sheet_data import CRS, MIDDLE, small
from tests.maps.print.test_sheet import texts

FRAME = MapFrame(Rect(0, 0, 100, 100), 10_000, *(MIDDLE - 500))


def square(x: float, y: float, side: float) -> shapely.Geometry:
    """Return a square in mm of ``FRAME``: one mm is ten metres."""
    west, south = np.array([x, y]) * 10 + (MIDDLE - 500)
    return shapely.box(west, south, west + 10 * side, south + 10 * side)


def ground(*rows: tuple[str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    kinds, names, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kinds, "name": names}, geometry=list(shapes), crs=CRS)


def with_layers(**layers: gpd.GeoDataFrame) -> MapData:
    data = small()
    return replace(data, zones={"all": data.zones["all"]}, reference=layers)


LAKE = ground(("water", "青河水库", square(10, 10, 30)), ("green", "公园", square(60, 60, 20)))


def drawn(*, detail: bool) -> tuple[str, set[str]]:
    canvas, layers = Canvas(100, 100, print_font()), set()
    data = with_layers(ground=LAKE)
    draw_ground(canvas, FRAME, sheet_content(data), data, 1.0, layers, detail=detail)
    return " ".join(one for one in canvas.steps if isinstance(one, str)), layers


def test_green_is_drawn_only_where_no_class_of_coverage_could_be_it():
    steps, layers = drawn(detail=True)
    assert layers == {"water", "green"}
    assert f"{rgb(GROUND['light'].green)} rg" in steps
    steps, layers = drawn(detail=False)
    assert layers == {"water"}
    assert f"{rgb(GROUND['light'].green)} rg" not in steps
    assert "1000 1000 l" in steps, "the corner of the lake, in hundredths of a millimetre"


def named(data: MapData, frame: MapFrame = FRAME) -> tuple[dict[str, tuple[float, float]], list[str]]:
    # letters one mm wide and high for each point of their size
    grid = OccupancyGrid(frame.rect)
    placed, left = place_ground_names(grid, frame, sheet_content(data), data, lambda text: (len(text), 1.0), (3.0, 2.0))
    return {one.text: (round(one.x), round(one.y)) for one in placed}, [one.text for one in left]


def test_water_is_named_once_in_its_largest_part_and_a_pond_too_small_is_counted():
    both = ground(
        ("water", "青河", square(5, 5, 12)), ("water", "青河", square(50, 50, 30)), ("water", "小塘", square(40, 10, 2))
    )
    assert named(with_layers(ground=both)) == ({"青河": (65, 65)}, ["小塘"])


def test_villages_are_named_inside_their_area_or_beside_their_point():
    villages = gpd.GeoDataFrame(
        {"name": ["柳树村", "点村", None]},
        geometry=[square(10, 10, 40), shapely.Point(*(MIDDLE + 300)), square(60, 10, 20)],
        crs=CRS,
    )
    placed, left = named(with_layers(villages=villages))
    assert placed["柳树村"] == (30, 30)
    assert 80 < placed["点村"][0] < 90
    assert left == []
    far = MapFrame(FRAME.rect, VILLAGE_SCALE + 1, FRAME.left, FRAME.bottom)
    assert named(with_layers(villages=villages), far) == ({}, [])


def test_a_sliver_of_a_village_beyond_the_edge_misses_no_name():
    villages = gpd.GeoDataFrame({"name": ["边村", "窄村"]}, geometry=[square(99, 0, 50), square(50, 50, 1)], crs=CRS)
    assert named(with_layers(villages=villages)) == ({}, ["窄村"])


@pytest.mark.parametrize(("lang", "water", "left"), [("zh", "水面", "因位置不足"), ("en", "Water", "found no room")])
def test_a_sheet_has_water_in_its_legend_and_names_on_its_map(lang, water, left):
    data = small()
    lake = ground(("water", "青河水库", square(0, 0, 60)), ("water", "滴水", square(80, 80, 1)))
    out = io.BytesIO()
    report = write_sheet(replace(data, reference={GROUND_LAYER: lake}), out, paper="A3", lang=lang)
    said = texts(out.getvalue())[1]
    assert water in said
    assert "青河水库" in said
    assert any(left in one for one in report.notes)
    assert overlapping_characters(out.getvalue(), 0) == []
