"""Test views of one value supposed: turned all round, and beyond an obstacle as low as may be."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import views
from geo.visibility.supposed_views import hidden_behind, views_all_round, views_with_low
from geo.visibility.views import Views

X, Y = 500_000.0, 4_000_000.0


def box(x: float, y: float, x2: float, y2: float) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x2, Y + y2)


def seen(*cameras: dict[str, object], walls: list[tuple[shapely.Polygon, float | None]] | None = None) -> Views:
    lens = {"hfov": 90.0, "width_px": 2000, "height": 6.0, "max_range": 40.0}
    rows = [{"id": f"c{i}", **lens, **one} for i, one in enumerate(cameras)]
    frame = gpd.GeoDataFrame(rows, geometry=[shapely.Point(X, Y)] * len(rows), crs=4547)
    obstacles = None
    if walls:
        heights = [height for _, height in walls]
        obstacles = gpd.GeoDataFrame({"height": heights}, geometry=[shape for shape, _ in walls], crs=4547)
    return views(frame, obstacles)


@pytest.mark.parametrize("azimuth", [0, 77, 225, 313.5])
@pytest.mark.parametrize("kind", ["fixed", "ptz"])
def test_the_view_of_every_azimuth_lies_within_the_round_one(azimuth: float, kind: str) -> None:
    walls = [(box(5, -3, 6, 3), None), (box(-20, 8, 4, 9), 4.0)]
    known = seen({"azimuth": azimuth, "kind": kind, "tilt": 10.0}, walls=walls)
    unknown = seen({"kind": kind, "tilt": 10.0}, walls=walls)
    around = views_all_round(unknown, np.array([0]))[0]
    mine = known.sure_metric[0]
    assert mine.difference(around).area < 1e-6
    # Grid and true north are one on the central meridian, where this camera nearly stands.
    angles = np.radians(90.0 - known.scene.grid_azimuth[0] + np.linspace(-45, 45, 181))
    sector = shapely.Polygon([(X, Y), *np.column_stack([X + 500 * np.cos(angles), Y + 500 * np.sin(angles)])])
    assert around.intersection(sector).symmetric_difference(mine).area < 1e-3


def test_a_lowered_wall_shows_what_a_wall_of_3_m_shows() -> None:
    walls = [(box(-9, 8, 9, 9), None), (box(-9, 20, 9, 21), None)]
    low = views_with_low(seen({"azimuth": 0.0}, walls=walls), np.array([0, 0]), np.array([0, 1]))
    for row, heights in enumerate([(3.0, None), (None, 3.0)]):
        given = [(shape, height) for (shape, _), height in zip(walls, heights, strict=True)]
        expected = seen({"azimuth": 0.0}, walls=given).sure_metric[0]
        assert low[row].symmetric_difference(expected).area < 1e-6


def test_walls_that_hide_nothing_possible_are_no_pairs() -> None:
    walls: list[tuple[shapely.Polygon, float | None]] = [
        (box(-1, 8, 1, 9), None),  # in front
        (box(-1, -9, 1, -8), None),  # behind the camera
        (box(-1, 300, 1, 301), None),  # out of range
        (box(10, 10, 11, 11), 9.0),  # of known height
    ]
    camera, obstacle = hidden_behind(seen({"azimuth": 0.0}, {"azimuth": 180.0}, {}, walls=walls), np.array([0, 1, 2]))
    assert list(zip(camera.tolist(), obstacle.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_a_turning_camera_is_judged_by_its_home_view() -> None:
    walls: list[tuple[shapely.Polygon, float | None]] = [(box(-1, 8, 1, 9), None), (box(-1, -9, 1, -8), None)]
    pairs = hidden_behind(seen({"azimuth": 0.0, "kind": "ptz"}, walls=walls), np.array([0]))
    assert [found.tolist() for found in pairs] == [[0], [0]]


def test_a_wall_in_the_shadow_of_a_known_one_is_still_a_pair() -> None:
    """The known wall's shadow ends at 14 m or so; the unknown one stands in it and hides what lies beyond."""
    walls: list[tuple[shapely.Polygon, float | None]] = [(box(-9, 8, 9, 9), 3.0), (box(-9, 10, 9, 11), None)]
    shown = seen({"azimuth": 0.0}, walls=walls)
    assert [found.tolist() for found in hidden_behind(shown, np.array([0]))] == [[0], [1]]
    low = views_with_low(shown, np.array([0]), np.array([1]))[0]
    assert low.area > shown.sure_metric[0].area + 100


def test_without_cameras_or_walls_there_are_no_pairs() -> None:
    assert [len(found) for found in hidden_behind(seen({"azimuth": 0.0}), np.array([0]))] == [0, 0]
    assert len(views_all_round(seen({}), np.empty(0, np.int64))) == 0
