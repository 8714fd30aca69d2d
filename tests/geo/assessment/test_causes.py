"""Causes in the order of rule G2: one by one on drawings, and by brute force over all cameras."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.assessment.causes import causes
from geo.catalog.editions import EDITIONS
from geo.catalog.results import CAUSES
from geo.visibility.line_of_sight import line_of_sight
from geo.visibility.views import Views
from tests.geo.ascii_drawing import CRS, EMPTY, ORIGIN, at, camera, drawn, rect

# looks east over 90 degrees; at detect (25 px/m) a lens of 500 px and 90 degrees reaches 500 / (2 x 25 x 1) = 10 m;
# the lens is as high as the target, so that slant and ground are one
EAST = {"azimuth": 90.0, "hfov": 90.0, "width_px": 500, "height": 1.6, "vfov": 60.0, "tilt": 0.0}
WALL = gpd.GeoDataFrame({"id": ["wall"], "height": [10.0]}, geometry=[rect(4, -2, 5, 2)], crs=CRS)


def asked(views: Views, *xy: tuple[float, float]) -> list[tuple[str, str | None, str | None, float]]:
    """Return cause, camera, obstacle and distance at places, metres from the origin."""
    found = causes(views, np.array(xy, float).reshape(-1, 2) + ORIGIN)
    ids = views.cameras["id"].to_numpy()
    bars = None if views.obstacles is None else views.obstacles["id"].to_numpy()
    return [
        (
            CAUSES[c],
            None if r < 0 else str(ids[r]),
            None if o < 0 or bars is None else str(bars[o]),
            float(np.round(d, 6)),
        )
        for c, r, o, d in zip(found.cause, found.camera, found.obstacle, found.distance_m, strict=True)
    ]


def test_offline_comes_first_then_unknown() -> None:
    views = drawn(
        camera("off", rect(0, 0, 10, 10), place=at(0, 0), status="offline", **EAST),
        camera("maybe", EMPTY, rect(0, 0, 20, 10), place=at(5, 0), **EAST),
        camera("plan", rect(0, 0, 30, 10), place=at(5, 0), status="planned", **EAST),
    )
    got = asked(views, (3, 4), (15, 0), (28, 5))
    assert got[0] == ("offline", "off", None, 5)
    assert got[1] == ("unknown", "maybe", None, 10)
    assert got[2][:2] == ("range", "maybe")


def test_level_is_what_a_lower_level_would_see() -> None:
    # at observe (62.5 px/m) the lens reaches 4 m, at detect 10 m
    views = drawn(camera("a", EMPTY, place=at(0, 0), **EAST), level="observe")
    assert asked(views, (8, 0), (11, 0), (-3, 0), (-8, 0)) == [
        ("level", "a", None, 8),
        ("range", "a", None, 11),
        ("aim", "a", None, 3),
        ("range", "a", None, 8),
    ]
    # detect is the lowest of its edition, so it has no lower one
    assert asked(drawn(camera("a", EMPTY, place=at(0, 0), **EAST)), (8, 0))[0][0] == "range"


def test_aim_tilt_and_range() -> None:
    # from 11.6 m up, 10 m above the target, looking 60 degrees down with 40 degrees of vfov: 40 to 80 degrees;
    # 5 m away the target is 63 degrees down, 25 m away 22 degrees. 2,000 px reach 40 m of slant
    steep = EAST | {"height": 11.6, "width_px": 2000, "tilt": 60.0, "vfov": 40.0}
    views = drawn(camera("a", EMPTY, place=at(0, 0), **steep))
    assert asked(views, (25, 0), (0, 25), (-25, 0), (50, 0)) == [
        ("tilt", "a", None, 25),
        ("aim", "a", None, 25),  # R1 fails; R2 fails too and is not asked
        ("aim", "a", None, 25),
        ("range", "a", None, 50),
    ]


def test_blocked_names_the_first_obstacle_and_aim_goes_before() -> None:
    far = gpd.GeoDataFrame({"id": ["far"], "height": [10.0]}, geometry=[rect(6, -2, 7, 2)], crs=CRS)
    bars = gpd.GeoDataFrame(gpd.pd.concat([far, WALL], ignore_index=True), crs=CRS)
    views = drawn(camera("a", EMPTY, place=at(0, 0), **EAST), obstacles=bars)
    assert asked(views, (8, 0)) == [("blocked", "a", "wall", 8)]
    # a second camera whose line is open but which looks away decides first, although it is farther
    both = drawn(
        camera("a", EMPTY, place=at(0, 0), **EAST),
        camera("b", EMPTY, place=at(8, 9), **EAST),
        obstacles=bars,
    )
    assert asked(both, (8, 0)) == [("aim", "b", None, 9)]


def test_nearest_then_lowest_id_and_unknown_azimuth_takes_no_part() -> None:
    views = drawn(
        camera("c10", EMPTY, place=at(-5, 0), **EAST),
        camera("c2", EMPTY, place=at(5, 0), **EAST),
        camera("blind", EMPTY, place=at(0, 1), **(EAST | {"azimuth": None})),
    )
    # c10 looks at the place, but range; as texts "c10" < "c2"
    assert asked(views, (0, 20)) == [("range", "blind", None, 19)]
    assert asked(views, (0, -5.1))[0][:2] == ("aim", "c10")
    planned = drawn(camera("p", EMPTY, status="planned", **EAST))
    cause, who, what, distance = asked(planned, (0, 0))[0]
    assert (cause, who, what) == ("range", None, None)
    assert np.isnan(distance)
    assert asked(planned) == []


def brute(views: Views, place: np.ndarray) -> tuple[str, str | None, float]:
    """Decide one place by the words of rule G2, asking every camera."""
    scene, ids, n = views.scene, views.cameras["id"].to_numpy(str), len(views.cameras)
    point = shapely.Point(place)
    test = line_of_sight(scene, np.arange(n), np.tile(place, (n, 1)))
    lowest = next(iter(EDITIONS[views.edition]))
    lower = line_of_sight(scene, np.arange(n), np.tile(place, (n, 1)), level=lowest)
    status = views.cameras["status"].to_numpy(str)
    aimed = scene.online & scene.azimuth_known
    r1, r2, r3, r4, r5 = test.bearing_ok, test.depression_ok, test.range_ok, test.clear, test.outside
    meets = {
        "offline": scene.offline & shapely.intersects(views.sure_metric, point),
        "unknown": (scene.online | (status == "unknown")) & shapely.intersects(views.possible_metric, point),
        "level": aimed & r1 & r2 & lower.range_ok & r4 & r5 & (lowest != views.level),
        "aim": aimed & r3 & r4 & r5 & ~r1,
        "tilt": aimed & r1 & r3 & r4 & r5 & ~r2,
        "blocked": aimed & r3 & ~r4,
        "range": scene.online,
    }
    for cause, who in meets.items():
        if who.any():
            row = min(np.flatnonzero(who), key=lambda i: (test.distance_m[i], ids[i]))
            return cause, ids[row], float(test.distance_m[row])
    return "range", None, np.nan


@pytest.mark.parametrize("level", ["detect", "recognise"])
def test_brute_force_agrees_everywhere(level: str) -> None:
    rng = np.random.default_rng(4)
    bars = [rect(x, y, x + w, y + h) for x, y, w, h in rng.uniform([0, 0, 3, 3], [300, 300, 15, 15], (60, 4))]
    obstacles = gpd.GeoDataFrame(
        {"id": [f"o{i}" for i in range(60)], "height": rng.uniform(2, 20, 60)}, geometry=bars, crs=CRS
    )
    cameras = []
    for i, (x, y) in enumerate(rng.uniform(0, 300, (40, 2))):
        known = rng.random() < 0.8
        sure = at(x, y).buffer(8) if known else EMPTY
        cameras.append(
            camera(
                f"c{i}",
                sure,
                at(x, y).buffer(12) if not known else sure,
                place=at(x, y),
                azimuth=float(rng.uniform(0, 360)) if known else None,
                hfov=float(rng.uniform(40, 120)),
                tilt=25.0,
                vfov=20.0,
                height=float(rng.uniform(3, 12)),
                width_px=int(rng.integers(1000, 5000)),
                status=str(rng.choice(["online", "online", "online", "offline", "planned", "unknown"])),
            )
        )
    views = drawn(*cameras, obstacles=obstacles, level=level)
    places = rng.uniform(-20, 320, (600, 2)) + ORIGIN
    found = causes(views, places)
    ids = views.cameras["id"].to_numpy(str)
    for k, place in enumerate(places):
        cause, who, distance = brute(views, place)
        assert CAUSES[found.cause[k]] == cause
        assert ids[found.camera[k]] == who
        assert found.distance_m[k] == pytest.approx(distance)
    seen = {CAUSES[c] for c in found.cause}
    assert seen >= {"offline", "unknown", "aim", "tilt", "blocked", "range"} | (
        {"level"} if level != "detect" else set()
    )
