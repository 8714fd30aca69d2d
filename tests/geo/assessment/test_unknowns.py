"""Test which unknown value is worth measuring: drawings to count on paper, brute force over values as oracle."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from tests.geo.assessment.test_claims import box, camera, frame, line, model, point

Rows = list[tuple[dict[str, Any], shapely.Point]]


def squares(*shapes: shapely.Polygon) -> gpd.GeoDataFrame:
    return frame([{"code": str(i)} for i in range(len(shapes))], list(shapes))


def walls(*rows: tuple[shapely.Polygon, float | None]) -> gpd.GeoDataFrame:
    records = [{"id": f"w{i}", "height": height} for i, (_, height) in enumerate(rows)]
    return frame(records, [shape for shape, _ in rows])


def weights(found: gpd.GeoDataFrame) -> dict[tuple[str, str], float]:
    keys = zip(found["id"], found["field"], strict=True)
    return dict(zip(keys, found["weight"].round(3).tolist(), strict=True))


# --- counted on paper -------------------------------------------------------------------------------------------------


def test_the_best_azimuth_takes_the_larger_square() -> None:
    incidence, _ = model([camera("c", 0, 0, None)], zones=squares(box(0, 0, 10, 10), box(-10, -5, 0, 0)))
    found = geo.unknowns(incidence)
    assert weights(found) == {("c", "azimuth"): 100.0}
    assert found["value"].iloc[0] == pytest.approx(45.0, abs=0.01)


@pytest.mark.parametrize("east", [(2, -2, 4, 2), (2, -2, 4, 0), (2, 0, 4, 2)])
def test_ground_on_both_sides_of_east_is_one_window(east: tuple[float, float, float, float]) -> None:
    incidence, _ = model([camera("c", 0, 0, None)], zones=squares(box(*east)))
    area = (east[2] - east[0]) * (east[3] - east[1])
    assert weights(geo.unknowns(incidence)) == {("c", "azimuth"): area}


def test_what_others_surely_see_turns_no_more() -> None:
    """The square is 100 m2; the other camera sees the part below its diagonal."""
    cameras = [camera("c", 0, 0, None), camera("d", 0, 0, 90)]
    incidence, _ = model(cameras, zones=squares(box(0, 0, 10, 10)))
    assert weights(geo.unknowns(incidence)) == {("c", "azimuth"): 50.0}


def test_an_unknown_status_turns_its_sure_view_unless_the_azimuth_is_unknown_too() -> None:
    cameras = [
        camera("s", 0, 0, 45, status="unknown"),
        camera("t", 0, 0, None, status="unknown"),
        camera("u", 0, 0, None, status="offline"),
    ]
    incidence, _ = model(cameras, zones=squares(box(0, 0, 10, 10)))
    found = geo.unknowns(incidence)
    # Neither value of t alone makes anything sure; an offline camera counts for nothing.
    assert weights(found) == {("s", "status"): 100.0, ("t", "azimuth"): 0.0, ("t", "status"): 0.0}
    assert found["value"].tolist() == ["online", None, None]
    assert found["rank"].tolist() == [1, 2, 3]


def test_a_wall_of_unknown_height_turns_the_ground_beyond_its_shortest_shadow() -> None:
    """The lens is 4.6 m high, the target 1.6 m: 3 m of wall at 5 to 6 m hide up to 6 x 3 / 1.6 = 11.25 m."""
    cameras = [camera("c", 0, 0, 90, height=4.6)]
    wall = walls((box(5, -9, 6, 9), None), (box(30, -1, 31, 1), None))
    incidence, _ = model(cameras, wall, zones=squares(box(7, -0.5, 15, 0.5)))
    found = geo.unknowns(incidence)
    assert weights(found) == {("w0", "height"): 3.75}
    assert found["value"].tolist() == [3.0]
    assert found.attrs["without_effect"] == 1


def test_of_two_walls_in_a_row_neither_alone_turns_anything() -> None:
    """Behind the second wall both shadows lie; the first alone turns the ground between them."""
    cameras = [camera("c", 0, 0, 90, height=4.6)]
    wall = walls((box(5, -9, 6, 9), None), (box(14, -9, 15, 9), None))
    zones = squares(box(12, -0.5, 13, 0.5), box(16, -0.5, 18, 0.5))
    incidence, _ = model(cameras, wall, zones=zones)
    assert weights(geo.unknowns(incidence)) == {("w0", "height"): 1.0}


def test_the_wall_in_front_hides_from_every_azimuth() -> None:
    cameras = [camera("c", 0, 0, None)]
    incidence, _ = model(cameras, walls((box(1, -0.5, 2, 12), None)), zones=squares(box(2, 0, 6, 4), box(-3, 0, 0, 1)))
    assert weights(geo.unknowns(incidence)) == {("c", "azimuth"): 3.0}


def test_a_ptz_of_unknown_azimuth_turns_its_home_view() -> None:
    cameras = [camera("c", 0, 0, None, kind="ptz"), camera("d", 200, 0, 90, kind="ptz")]
    incidence, _ = model(cameras, zones=squares(box(-10, -10, 10, 10), box(190, -10, 210, 10)))
    found = geo.unknowns(incidence)
    assert weights(found) == {("c", "azimuth"): 100.0}  # d: its pose is no value to be measured


def test_weights_are_those_of_the_domain() -> None:
    """Demand of weight 3 on 4 m2, of weight 1 on the same and 4 m2 more: 16, of which a camera turns what it faces."""
    demand = frame([{"weight": 3.0}, {"weight": 1.0}], [box(2, -1, 4, 1), box(2, -1, 6, 1)])
    whole = squares(box(-50, -50, 50, 50))
    domain = geo.domain("demand", demand=demand, zones=whole)
    incidence, _ = model([camera("c", 0, 0, None)], zones=whole, domain=domain)
    assert weights(geo.unknowns(incidence)) == {("c", "azimuth"): 20.0}


def test_demand_points_and_lines_count_by_their_weight() -> None:
    whole = squares(box(-50, -50, 50, 50))
    points = frame([{"weight": w} for w in (1.0, 2.0, 4.0)], [point(5, 5), point(5, -5), point(-5, 0)])
    incidence, _ = model(
        [camera("c", 0, 0, None)], zones=whole, domain=geo.domain("demand", demand=points, zones=whole)
    )
    # 90 degrees hold the first two, which are 3; the third alone is 4.
    assert weights(geo.unknowns(incidence)) == {("c", "azimuth"): 4.0}
    lines = frame([{"weight": 2.0}, {"weight": 1.0}], [line((5, -2), (5, 2)), line((-3, 0), (-12, 0))])
    incidence, _ = model([camera("c", 0, 0, None)], zones=whole, domain=geo.domain("demand", demand=lines, zones=whole))
    assert weights(geo.unknowns(incidence)) == {("c", "azimuth"): 9.0}  # the radial one, 9 m; the other is 8


# --- claims -----------------------------------------------------------------------------------------------------------


def turned(places: gpd.GeoDataFrame, cameras: Rows, **more: Any) -> gpd.GeoDataFrame:
    incidence, views = model(cameras, more.get("obstacles"))
    return geo.unknowns(incidence, places, more.get("claims"), views=views)


def test_a_claim_turns_where_one_value_covers_all_that_it_waits_for() -> None:
    rows = [
        {"code": name, "claim": claim, "share": 0.9} for name, claim in (("n", "both"), ("s", "both"), ("n2", "one"))
    ]
    places = frame(rows, [box(-2, 5, 2, 9), box(-2, -9, 2, -5), box(-2, 5, 2, 9)])
    found = turned(places, [camera("c", 0, 0, None)])
    # One azimuth covers the north, another the south; 90 degrees cannot do both.
    assert (found["claims"].iloc[0], found["places"].iloc[0]) == (("one",), ("n", "n2", "s"))
    found = turned(places, [camera("c", 0, 0, None, hfov=300.0, width_px=5000, max_range=20.0)])
    assert found["claims"].iloc[0] == ("both", "one")


def test_a_claim_that_waits_for_two_cameras_turns_by_none() -> None:
    rows = [{"code": "a", "claim": "both"}, {"code": "b", "claim": "both"}]
    places = frame(rows, [box(0, 0, 5, 5), box(100, 0, 105, 5)])
    found = turned(places, [camera("c", 0, 0, None), camera("d", 100, 0, None)])
    assert found["claims"].tolist() == [(), ()]
    assert sorted(found["places"]) == [("a",), ("b",)]


@pytest.mark.parametrize(("gate", "claims", "codes"), [(point(3, 3), ("c",), ("p",)), (point(-3, -3), (), ())])
def test_a_mixed_place_turns_where_one_value_shows_each_kind_of_its_parts(
    gate: shapely.Point, claims: tuple[str, ...], codes: tuple[str, ...]
) -> None:
    """A square north-east of the camera, and a gate in it or on the other side: no lens looks both ways."""
    mixed = shapely.GeometryCollection([box(1, 1, 5, 5), gate])
    found = turned(frame([{"code": "p", "claim": "c", "share": 1.0}], [mixed]), [camera("c", 0, 0, None)])
    assert (found["claims"].iloc[0], found["places"].iloc[0]) == (claims, codes)


def test_places_are_judged_at_their_own_level() -> None:
    """At identify the lens of 20 m at detect reaches 2 m."""
    places = frame(
        [{"code": "near", "claim": "near", "level": "identify"}, {"code": "far", "claim": "far", "level": "identify"}],
        [point(0, 1.5), point(0, 2.5)],
    )
    found = turned(places, [camera("c", 0, 0, None)])
    assert found["claims"].iloc[0] == ("near",)


def test_statuses_heights_lines_and_points_turn_claims_too() -> None:
    rows = [{"code": code, "claim": code, "share": 1.0} for code in ("line", "point", "beyond")]
    shapes = [line((0, 5), (0, 15)), point(0, 18), box(112, -0.5, 115, 0.5)]
    cameras = [camera("s", 0, 0, 0, status="unknown"), camera("c", 100, 0, 90, height=4.6)]
    found = turned(frame(rows, shapes), cameras, obstacles=walls((box(105, -9, 106, 9), None)))
    claims = dict(zip(zip(found["id"], found["field"], strict=True), found["claims"], strict=True))
    assert claims == {("s", "status"): ("line", "point"), ("w0", "height"): ("beyond",)}


# --- brute force ------------------------------------------------------------------------------------------------------

AREA = (-30, -30, 30, 30)


def sure_m2(cameras: Rows, obstacles: gpd.GeoDataFrame, domain: geo.Domain) -> float:
    rows = frame([record for record, _ in cameras], [where for _, where in cameras])
    incidence = geo.incidence(geo.views(rows, obstacles), squares(box(*AREA)), domain)
    return float(geo.zone_metrics(incidence, "all")["sure_m2"].iloc[0])


def with_value(
    cameras: Rows, obstacles: gpd.GeoDataFrame, key: str, field: str, value: Any
) -> tuple[Rows, gpd.GeoDataFrame]:
    if field == "height":
        return cameras, obstacles.assign(height=obstacles["height"].where(obstacles["id"] != key, value))
    return [({**row, field: value} if row["id"] == key else row, where) for row, where in cameras], obstacles


def some_scene(seed: int) -> tuple[Rows, gpd.GeoDataFrame]:
    """Cameras and walls at random, none of the cameras within 4 m of a wall."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-20, 20, (5, 2))
    sizes = rng.uniform(1, 6, (8, 2))
    corners = rng.uniform(-28, 24, (8, 2))
    shapes = [box(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    points = [point(x, y) for x, y in places]
    shapes = [shape for shape in shapes if min(shape.distance(one) for one in points) > 4]
    heights = [None if rng.random() < 0.6 else float(rng.uniform(2, 9)) for _ in shapes]
    cameras = [
        camera(
            f"c{i}", x, y,
            None if rng.random() < 0.5 else float(rng.uniform(0, 360)),
            status="unknown" if rng.random() < 0.3 else "online",
            height=float(rng.uniform(2, 8)),
            hfov=float(rng.choice([40.0, 90.0, 200.0])),
            kind="ptz" if rng.random() < 0.2 else "fixed",
            max_range=25.0,
        )
        for i, (x, y) in enumerate(places)
    ]  # fmt: skip
    return cameras, walls(*zip(shapes, heights, strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_every_weight_is_the_most_that_recomputed_views_turn(seed: int) -> None:
    cameras, obstacles = some_scene(seed)
    rows = frame([record for record, _ in cameras], [where for _, where in cameras])
    views = geo.views(rows, obstacles)
    domain = geo.domain("all", zones=squares(box(*AREA)), obstacles=obstacles, views=views)
    incidence = geo.incidence(views, squares(box(*AREA)), domain)
    before = sure_m2(cameras, obstacles, domain)
    found = geo.unknowns(incidence)
    known = {(row["id"], row["field"]): row for row in found.to_dict("records")}
    for key in obstacles.loc[obstacles["height"].isna(), "id"]:  # those left out turn nothing
        known.setdefault((key, "height"), {"weight": 0.0, "value": 3.0})
    for (key, field), row in known.items():
        if row["value"] is not None:
            after = sure_m2(*with_value(cameras, obstacles, key, field, row["value"]), domain)
            assert row["weight"] == pytest.approx(after - before, abs=2e-3), (key, field)
        others: dict[str, list[Any]] = {
            "azimuth": np.arange(0, 360, 24.0).tolist(), "status": ["online", "offline"], "height": [3.5, 6.0]
        }  # fmt: skip
        for value in others[field]:
            after = sure_m2(*with_value(cameras, obstacles, key, field, value), domain)
            assert after - before <= row["weight"] * 1.001 + 2e-3, (key, field, value)


# --- invariants -------------------------------------------------------------------------------------------------------

numbers = st.integers(-18, 18)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(numbers, numbers, st.integers(1, 5), st.integers(1, 5)), max_size=4), st.integers(20, 300))
def test_more_obstacles_never_raise_what_one_camera_turns(rects: list[tuple[int, ...]], hfov: int) -> None:
    """With one camera nobody else's loss becomes its gain."""
    shapes = [
        (box(x, y, x + w, y + h), 9.0) for x, y, w, h in rects if box(x, y, x + w, y + h).distance(point(0, 0)) > 4
    ]
    lens = camera("c", 0, 0, None, hfov=float(hfov), max_range=20.0)
    last = np.inf
    for count in range(len(shapes) + 1):
        incidence, _ = model([lens], walls(*shapes[:count]) if count else None, zones=squares(box(-20, -20, 20, 20)))
        totals = geo.zone_metrics(incidence, "all").iloc[0]
        weight = geo.unknowns(incidence)["weight"].iloc[0]
        assert 0 <= weight <= totals["possible_m2"] - totals["sure_m2"] + 1e-3
        assert weight <= last * 1.001 + 1e-3
        last = weight


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(5)))
def test_no_value_turns_more_than_is_open_and_the_order_of_rows_is_nothing(seed: int, order: list[int]) -> None:
    cameras, obstacles = some_scene(seed)
    zones = squares(box(*AREA))
    incidence, _ = model(cameras, obstacles, zones=zones)
    totals = geo.zone_metrics(incidence, "all").iloc[0]
    found = geo.unknowns(incidence)
    assert (found["weight"] >= 0).all()
    assert (found["weight"] <= totals["possible_m2"] - totals["sure_m2"] + 1e-3).all()
    again = geo.unknowns(model([cameras[i] for i in order], obstacles.iloc[::-1], zones=zones)[0], workers=1)
    columns = ["rank", "layer", "id", "field", "claims", "places"]
    assert again[columns].values.tolist() == found[columns].values.tolist()
    assert again["weight"].tolist() == pytest.approx(found["weight"].tolist(), abs=1e-6)


def test_a_loaded_incidence_is_refused_and_no_unknowns_are_no_rows() -> None:
    incidence, _ = model([camera("c", 0, 0, 45)], zones=squares(box(0, 0, 10, 10)))
    assert len(geo.unknowns(incidence)) == 0
    loaded = geo.Incidence.from_bytes(incidence.to_bytes(), {})
    with pytest.raises(geo.GeoError):
        geo.unknowns(loaded)


def test_cameras_far_from_the_axes_and_in_degrees_are_alike() -> None:
    """The same drawing in degrees: azimuths are from true north, the grid's north differs by the convergence."""
    cameras = frame([camera("c", 0, 0, None)[0]], [point(0, 0)]).to_crs(4326)
    square = squares(box(0, 0, 10, 10)).to_crs(4326)
    found = geo.unknowns(geo.incidence(geo.views(cameras), square))
    assert found["weight"].iloc[0] == pytest.approx(100.0, abs=0.1)
    assert found.crs == cameras.crs
    assert found.geometry.iloc[0].distance(cameras.geometry.iloc[0]) < 1e-9
    value = found["value"].iloc[0]
    after = geo.views(cameras.assign(azimuth=value)).sure.iloc[0]
    assert after.intersection(square.geometry.iloc[0]).area == pytest.approx(square.geometry.iloc[0].area, rel=1e-4)
