"""The sweep: curves and slabs on paper, and random scenes against the brute-force line of sight (C2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, note, settings
from hypothesis import strategies as st

import geo.visibility.views
from geo.visibility import _sweep
from geo.visibility._sweep_data import FAR, NEAR
from geo.visibility.view_polygons import view_polygons
from tests.geo.visibility import oracle_line_of_sight as oracle
from tests.geo.visibility.scenes import TARGET, grid_bearing, scenes
from tests.geo.visibility.sweeps import obstacles as indexed
from tests.geo.visibility.sweeps import sweep_of

# --- curves ---------------------------------------------------------------------------------------------------------


def test_every_curve_has_a_number_of_its_own() -> None:
    names = [curve.py_func(e) for e in range(50) for curve in (_sweep.wall, _sweep.shadow_end, _sweep.shadow_rise)]
    names += [_sweep.chord.py_func(i, circle) for i in range(50) for circle in (FAR, NEAR)]
    assert len({*names, _sweep.AT_CAMERA}) == len(names) + 1


def test_chords_know_their_circle_and_walls_are_no_chords() -> None:
    for i in range(20):
        for circle in (FAR, NEAR):
            curve = _sweep.chord.py_func(i, circle)
            assert _sweep._is_chord.py_func(curve)
            assert _sweep._circle_of.py_func(curve) == circle
        assert not _sweep._is_chord.py_func(_sweep.wall.py_func(i))


# --- one camera, looking north, over slabs that can be drawn on paper -----------------------------------------------


def view(*footprints: shapely.Geometry, heights: float | list[float] = 9.0, **camera: float) -> shapely.Geometry:
    """Return what one camera at the origin sees."""
    shapes, _ = view_polygons(indexed(*footprints, heights=heights), sweep_of(**camera), TARGET, np.array([0]))
    return shapes[0]


def seen(shape: shapely.Geometry, *ys: float) -> list[bool]:
    """Return whether points straight ahead are in a view."""
    return shapely.contains_xy(shape, np.zeros(len(ys)), np.array(ys)).tolist()


def test_nothing_in_the_way_leaves_the_chords_of_the_circle() -> None:
    # eight chords, of which the quarter from 45 to 135 degrees has two: two triangles of 40 x 40 sin(45) / 2
    assert view(sides=8).area == pytest.approx(40 * 40 * math.sin(math.radians(45)))


def test_near_chords_touch_the_circle_from_outside_and_far_ones_from_inside() -> None:
    ring = view(sides=8, near=10.0, hfov=360.0)
    # 8 triangles of the far circle less 8 of the near one, whose corners are 10 / cos(22.5) off
    far, near = 4 * 40**2 * math.sin(math.pi / 4), 4 * (10 / math.cos(math.pi / 8)) ** 2 * math.sin(math.pi / 4)
    assert ring.area == pytest.approx(far - near)
    assert len(ring.interiors) == 1


def test_the_slab_of_the_drawing_has_two_free_intervals() -> None:
    """Near blind zone to 5, free 1 to the wall at 10, inside to 12, shadow to 12 x 4/3 = 16, free 2 to 40."""
    shape = view(shapely.box(-20, 10, 20, 12), heights=3.6, lens=9.6, near=5.0, hfov=20.0)
    assert seen(shape, 4.9, 5.1, 9.9, 10.1, 11.9, 12.1, 15.9, 16.1, 39.9, 40.1) == [
        False, True, True, False, False, False, False, True, True, False,
    ]  # fmt: skip
    assert shapely.get_num_geometries(shape) == 2


def test_an_endless_shadow_hides_all_behind_it() -> None:
    shape = view(shapely.box(-20, 10, 20, 12), shapely.box(-30, 20, 30, 22), heights=[9.0, 2.0], hfov=20.0)
    assert seen(shape, 9.9, 10.1, 19.0, 25.0, 39.0) == [True, False, False, False, False]


def test_a_rising_shadow_ends_the_view_behind_a_low_wall() -> None:
    # lens 1.0 under the target: beyond 10 x (1.6 - 1.0) / (1.3 - 1.0) = 20 the line is below the top of the wall
    shape = view(shapely.box(-20, 10, 20, 12), heights=1.3, lens=1.0, hfov=20.0)
    assert seen(shape, 9.9, 11.0, 12.1, 19.9, 20.1, 39.0) == [True, False, True, True, False, False]


def test_walls_that_cross_between_two_rays_cut_the_slab() -> None:
    """A crossed ring: its diagonals cross at (0, 20), where no vertex makes a ray; inside are two triangles."""
    crossed = shapely.Polygon([(-5, 15), (5, 25), (5, 15), (-5, 25)])
    shape = view(crossed, heights=9.0, hfov=60.0)
    # straight ahead the walls touch in one point; to its sides the triangles hide what is behind them
    assert seen(shape, 19.9) == [True]
    assert shapely.contains_xy(shape, [-3.0, 3.0, -4.0, 4.0], [17.5, 17.5, 35.0, 35.0]).tolist() == [
        False, False, False, False,
    ]  # fmt: skip
    assert shapely.contains_xy(shape, [-4.0, 4.0], [14.0, 14.0]).all()


def test_a_camera_on_a_roof_sees_past_its_edge() -> None:
    # lens 20, roof 10, target 1.6: the shadow of the roof, from the camera on, ends at 10 x 18.4 / 10 = 18.4
    shape = view(shapely.box(-10, -10, 10, 10), heights=10.0, lens=20.0, hfov=360.0)
    assert seen(shape, 1.0, 9.0, 18.3, 18.5) == [False, False, False, True]


def test_a_roof_as_high_as_the_lens_hides_everything() -> None:
    assert view(shapely.box(-10, -10, 10, 10), heights=20.0, lens=20.0, hfov=360.0).is_empty


def test_two_views_that_begin_at_the_camera_and_one_that_does_not() -> None:
    """A wall ahead, free to both sides of it: the view is one piece round the camera."""
    shape = view(shapely.box(-1, 5, 1, 6), hfov=360.0)
    assert shapely.get_num_geometries(shape) == 1
    # the wedge behind the wall: |x| < y / 5
    assert shapely.contains_xy(shape, [1.9, 2.1, -2.1, 0.0], [10.0, 10.0, 10.0, -39.0]).tolist() == [
        False, True, True, True,
    ]  # fmt: skip


# --- random scenes --------------------------------------------------------------------------------------------------

POINTS = 30


def asker(views, row, *, sure):
    """Return a function of points: whether a camera sees each by rules R1-R5 and U1-U3, by the oracle."""
    camera = views.cameras.iloc[row]
    place = (camera.geometry.x, camera.geometry.y)
    known, ptz = not math.isnan(camera.azimuth) or camera.hfov >= 360, camera.kind == "ptz"
    if any("sees nothing" in text for text in views.assumed.iloc[row]) or (sure and not known):
        return lambda _: False
    bearing = 0.0 if math.isnan(camera.azimuth) else grid_bearing(camera.azimuth, *place, views.crs)
    unknown = math.inf if sure else 3.0
    footprints = [shapely.make_valid(one) for one in views.obstacles.geometry]
    heights = [unknown if math.isnan(height) else height for height in views.obstacles["height"]]
    slant = views.range_m.iloc[row]

    def ask(point):
        return oracle.seen(
            place,
            camera.height,
            point,
            TARGET,
            bearing=bearing,
            hfov=camera.hfov,
            tilt=camera.tilt,
            vfov=camera.vfov,
            slant=slant,
            footprints=footprints,
            heights=heights,
            turned=sure or (known and not ptz),
            tilted=sure or not ptz,
        )

    return ask


@pytest.mark.timeout(900)
@settings(max_examples=50)
@given(scenes(), st.integers(0, 2**32 - 1))
def test_no_wrong_point_more_than_a_decimetre_from_an_edge(scene, seed):
    cameras, obstacles = scene
    views = geo.visibility.views.views(cameras, obstacles)
    assert views.computing_crs == views.crs
    assert views.sure.is_valid.all()
    assert views.possible.is_valid.all()
    assert shapely.area(shapely.difference(views.sure_metric, views.possible_metric)).max() < 1e-6
    rng = np.random.default_rng(seed)
    for row in range(len(cameras)):
        place = views.cameras.geometry.iloc[row]
        reach = min(views.range_m.iloc[row] * 1.1, 110.0)
        points = np.array([place.x, place.y]) + rng.uniform(-reach, reach, (POINTS, 2))
        for sure, shape in ((True, views.sure.iloc[row]), (False, views.possible.iloc[row])):
            ask = asker(views, row, sure=sure)
            drawn = shapely.contains_xy(shape, points[:, 0], points[:, 1])
            edge = shapely.distance(shapely.points(points), shape.boundary)
            for (x, y), got, off in zip(points, drawn, edge, strict=True):
                # an empty view has no edge: distance NaN
                if not off <= 0.10 and ask((x, y)) != got:
                    note(
                        f"camera {row}, {(x - place.x, y - place.y)} off it, {sure=}, {got=}, {off:.2f} m from an edge"
                    )
                    raise AssertionError("a wrong point more than 0.10 m from an edge")
