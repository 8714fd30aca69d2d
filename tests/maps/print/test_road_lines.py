"""Draw roads by class as the scale has room, and names along them: on straight, bent and crowded lines."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from maps.print.label_placement import OccupancyGrid
from maps.print.page_layout import MapFrame, Rect
from maps.print.road_lines import draw_road_classes, last_group, place_road_names
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from tests.maps.print.sheet_data import CRS, MIDDLE, county, small
from tests.maps.print.test_sheet import texts

FRAME = MapFrame(Rect(0, 0, 100, 100), 10_000, *(MIDDLE - 500))


def roads(*rows: tuple[str, str, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Return roads of a class with a name, along points in mm of ``FRAME``: one mm is ten metres."""
    lines = [shapely.LineString(np.array(points) * 10 + (MIDDLE - 500)) for _, _, points in rows]
    table = {"class": [one for one, _, _ in rows], "name": [name for _, name, _ in rows], "width": [8.0] * len(rows)}
    return gpd.GeoDataFrame(table, geometry=lines, crs=CRS)


def named(*rows: tuple[str, str, list[tuple[float, float]]], occupied: Rect | None = None):
    data = replace(small(), reference={"roads": roads(*rows)})
    grid = OccupancyGrid(FRAME.rect)
    if occupied is not None:
        grid.occupy((occupied.x, occupied.y, occupied.right, occupied.top))
    # Letters one mm wide and high for each point of their size.
    return place_road_names(grid, FRAME, sheet_content(data), data, lambda text: (len(text), 1.0), 2.0)


@pytest.mark.parametrize(
    ("points", "place", "angle"),
    [
        ([(10, 50), (90, 50)], (50, 50), 0),
        ([(90, 50), (10, 50)], (50, 50), 0),  # drawn from the right: not upside down
        ([(50, 10), (50, 90)], (50, 50), 90),
        ([(20, 20), (80, 80)], (50, 50), 45),
        ([(20, 80), (80, 20)], (50, 50), -45),
    ],
)
def test_a_name_lies_along_the_middle_of_its_road(points, place, angle):
    (found,), left = named(("primary", "人民路", points))
    assert left == 0
    assert (found.x, found.y) == pytest.approx(place, abs=0.1)
    assert found.angle == pytest.approx(angle, abs=0.1)


@pytest.mark.parametrize("degrees", range(-180, 181, 30))
def test_no_name_stands_on_its_head(degrees):
    turn = np.radians(degrees)
    along = 40 * np.array([np.cos(turn), np.sin(turn)])
    (found,), _left = named(("primary", "人民路", [tuple(50 - along), tuple(50 + along)]))
    assert -90 < found.angle <= 90.001
    assert min((found.angle - degrees) % 180, (degrees - found.angle) % 180) == pytest.approx(0, abs=0.1)


def test_names_of_crossing_roads_do_not_cover_each_other():
    found, left = named(("primary", "甲路", [(0, 50), (100, 50)]), ("primary", "乙路", [(50, 0), (50, 90)]))
    assert left == 0
    assert np.hypot(found[0].x - found[1].x, found[0].y - found[1].y) > 3


def test_a_name_lies_wholly_in_the_map():
    assert named(("primary", "人民路", [(0, 0.5), (100, 0.5)])) == ([], 1)


def test_roads_of_no_class_have_names_too():
    bare = roads(("primary", "人民路", [(10, 50), (90, 50)])).drop(columns="class")
    data = replace(small(), reference={"roads": bare})
    grid = OccupancyGrid(FRAME.rect)
    found, left = place_road_names(grid, FRAME, sheet_content(data), data, lambda text: (len(text), 1.0), 2.0)
    assert ([one.text for one in found], left) == (["人民路"], 0)


def test_a_name_gives_way_along_its_road():
    (found,), _left = named(("primary", "人民路", [(10, 50), (90, 50)]), occupied=Rect(40, 40, 20, 20))
    assert (found.x, found.y) == pytest.approx((10 + 0.2 * 80, 50), abs=0.1)


def test_short_and_bent_roads_have_none_and_are_counted():
    bent = [(10 + at, 50 + 3 * (at % 2)) for at in range(40)]
    assert named(("primary", "人民路", [(10, 50), (14, 50)])) == ([], 1)
    assert named(("primary", "人民路", bent)) == ([], 1)


def test_pieces_of_one_road_have_one_name_and_larger_roads_come_first():
    rows = [("residential", "小巷路", [(10, 51), (90, 51)]), ("primary", "人民路", [(10, 50), (50, 50)])]
    found, left = named(*rows, ("primary", "人民路", [(50, 50), (90, 50)]))
    assert [one.text for one in found] == ["人民路", "小巷路"]
    assert left == 0
    assert abs(found[0].x - found[1].x) > 5


@pytest.mark.parametrize(("scale", "group"), [(300_000, 1), (125_000, 2), (25_000, 3), (10_000, 4)])
def test_small_scales_have_the_large_roads_only(scale, group):
    assert last_group(MapFrame(FRAME.rect, scale, 0, 0)) == group


def test_roads_are_drawn_by_class_below_a_map_of_zones():
    class Recorder:
        def __init__(self):
            self.widths = []

        def lines(self, shapes, *, edge, width):
            self.widths.append((len(shapes), round(width, 3)))

    frame = MapFrame(Rect(0, 0, 100, 100), 125_000, *(MIDDLE - 500))
    data = replace(small(), reference={"roads": roads(
        ("primary", "", [(0, 0), (90, 90)]), ("residential", "", [(0, 0), (90, 90)]), ("tertiary", "", [(0, 0), (9, 9)])
    )})  # fmt: skip
    canvas, layers = Recorder(), set()
    draw_road_classes(canvas, frame, sheet_content(data), data, 1.0, layers)
    assert [count for count, _ in canvas.widths] == [1, 1, 1, 1], "casing and core of two groups, no residential road"
    assert layers == {"road_class"}


def test_a_sheet_has_its_roads_in_the_legend_and_their_names_on_the_map():
    data = replace(county(24, 3, 60, 40, 2_000.0), reference={"roads": roads(
        ("primary", "人民路", [(-60, 50), (160, 50)])
    )})  # fmt: skip
    for paper, word in (("A4", "道路"), ("A3", "道路")):
        out = io.BytesIO()
        write_sheet(data, out, paper=paper)
        assert word in texts(out.getvalue())[1]
        assert "人民路" in texts(out.getvalue())[1]
