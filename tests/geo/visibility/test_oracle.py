"""Random scenes against the brute-force line of sight: no wrong point more than 0.10 m from an edge (C2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, note, settings
from hypothesis import strategies as st

import geo.visibility.views
from tests.geo.visibility import oracle_line_of_sight as oracle
from tests.geo.visibility.scenes import TARGET, grid_bearing, scenes

POINTS = 30


def asker(views, row, *, sure):
    """Return what tells whether rules R1-R5 and U1-U3 let a camera see a point, by the oracle."""
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
