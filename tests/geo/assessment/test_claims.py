"""Test places and claims (rules P1-P4): drawings to count on paper, shapely as oracle, sure inside possible."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from geo.assessment.claims import Claims
from geo.catalog.claims import VERDICTS

CRS = 4547
X, Y = 500_000.0, 4_000_000.0


def box(x: float, y: float, x2: float, y2: float) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x2, Y + y2)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(X + x, Y + y)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in xy])


def frame(rows: list[dict[str, Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def camera(name: str, x: float, y: float, azimuth: float | None, **more: Any) -> tuple[dict[str, Any], shapely.Point]:
    """A lens of 90 degrees at target height that shows 25 px/m at 20 m."""
    record = {"id": name, "azimuth": azimuth, "hfov": 90.0, "width_px": 1000, "height": 1.6, "kind": "fixed"}
    return {**record, "status": "online", **more}, point(x, y)


def model(
    cameras: list[tuple[dict[str, Any], shapely.Point]],
    obstacles: gpd.GeoDataFrame | None = None,
    zones: Any = None,
    domain: geo.Domain | None = None,
) -> tuple[geo.Incidence, dict[str, geo.Views]]:
    rows = frame([record for record, _ in cameras], [where for _, where in cameras])
    views = geo.views(rows, obstacles, level=list(geo.EDITIONS[geo.DEFAULT_EDITION]))
    whole = frame([{"code": "z"}], [box(-100, -100, 500, 100)]) if zones is None else zones
    if domain is None:
        domain = geo.domain("all", zones=whole, views=views["detect"])
    return geo.incidence(views["detect"], whole, domain), views


# --- three estates, two roads, four gates ----------------------------------------------------------------------------

#: Cameras in the corners of estates A and B and at the western end of both roads; nobody looks at C and its gate.
DRAWING = [camera("a", 0, 0, 45), camera("b", 100, 0, 45), camera("r", 300, 0, 90), camera("s", 300, 50, 90)]
ESTATES = {"A": box(0, 0, 10, 10), "B": box(100, 0, 110, 10), "C": box(200, 0, 210, 10)}
ROADS = {"R": line((300, 0), (316, 0)), "S": line((300, 50), (340, 50))}  # 16 of 16 m, 20 of 40 m
GATES = {"gA": point(10, 5), "gA2": point(5, 10), "gB": point(110, 5), "gC": point(210, 5)}


def drawing() -> Claims:
    places = [*ESTATES.items(), *ROADS.items(), *GATES.items()]
    claim = ["estates"] * 3 + ["roads"] * 2 + ["gates"] * 4
    kind = ["estate"] * 3 + ["section"] * 2 + ["gate"] * 4
    rows = [
        {"code": code, "claim": one, "kind": what} for (code, _), one, what in zip(places, claim, kind, strict=True)
    ]
    asked = pd.DataFrame({"claim": ["estates", "roads", "gates", "squares"], "share": [0.9, 0.5, None, None]})
    incidence, views = model(DRAWING)
    return geo.claims(incidence, frame(rows, [shape for _, shape in places]), asked, views=views)


def test_exactly_the_two_bad_places_are_not_covered() -> None:
    found = drawing()
    bad = found.places.loc[found.places["verdict"] != "covered", "code"].tolist()
    assert bad == ["C", "gC"]
    rows = found.claims.set_index("claim")
    assert rows["verdict"].to_dict() == {"estates": "fails", "roads": "holds", "gates": "fails", "squares": "fails"}
    assert rows["covered"].to_dict() == {"estates": 2, "roads": 2, "gates": 3, "squares": 0}
    assert rows["places"].to_dict() == {"estates": 3, "roads": 2, "gates": 4, "squares": 0}


def test_a_place_too_small_to_be_covered_without_a_share_is_named() -> None:
    incidence, views = model(DRAWING)
    rows = [{"code": "half"}, {"code": "asked", "share": 0.5}, {"code": "gate"}]
    places = frame(rows, [box(5, 5, 5.5, 6), box(5, 5, 5.5, 6), point(5, 5)])
    found = geo.claims(incidence, places, views=views)
    assert found.places["verdict"].tolist() == ["not_covered", "covered", "covered"]
    (note,) = found.notes
    assert note.endswith("no share: they are never covered until they have one: half")


def test_sizes_are_those_of_the_drawing() -> None:
    places = drawing().places.set_index("code")
    assert places["assessed"].round(3).to_dict() == {
        "A": 100.0, "B": 100.0, "C": 100.0, "R": 16.0, "S": 40.0, "gA": 1.0, "gA2": 1.0, "gB": 1.0, "gC": 1.0
    }  # fmt: skip
    assert places["sure"].round(1).to_dict() == {
        "A": 100.0, "B": 100.0, "C": 0.0, "R": 16.0, "S": 20.0, "gA": 1.0, "gA2": 1.0, "gB": 1.0, "gC": 0.0
    }  # fmt: skip


def test_a_claim_gives_both_counts_and_its_share_by_number_area_and_length() -> None:
    rows = drawing().claims.set_index("claim")
    assert rows.loc["estates", ["covered_share", "area_m2", "covered_m2"]].tolist() == pytest.approx([2 / 3, 300, 200])
    assert rows.loc["estates", "covered_area_share"] == pytest.approx(2 / 3)
    assert rows.loc["roads", ["length_m", "covered_length_share"]].tolist() == pytest.approx([56.0, 1.0])
    assert rows.loc["gates", ["area_m2", "length_m"]].tolist() == [0.0, 0.0]  # points have neither
    # "A camera stands there" (P3): in A and B and at both roads, and at the gates of A and B; C has none.
    assert rows["counted"].to_dict() == {"estates": 2, "roads": 2, "gates": 3, "squares": 0}
    assert math.isnan(rows.loc["squares", "covered_share"])


# --- shares, levels, unknowns -----------------------------------------------------------------------------------------


def verdict(shape: Any, cameras: list[Any] | None = None, obstacles: Any = None, **fields: Any) -> pd.Series:
    incidence, views = model(DRAWING if cameras is None else cameras, obstacles)
    found = geo.claims(incidence, frame([{"code": "p", **fields}], [shape]), views=views)
    return found.places.iloc[0]


def test_without_a_share_one_square_metre_is_enough() -> None:
    # The camera of road R looks east: of a strip that begins 2 m before it, it sees what is within its 90 degrees.
    strip = box(299, -5, 301, 5)
    assert verdict(strip)["sure"] == pytest.approx(1.0, abs=1e-6)  # the triangle of 1 m x 2 m
    assert verdict(strip)["verdict"] == "covered"
    assert verdict(box(299, -5, 300.9, 5))["verdict"] == "not_covered"
    assert verdict(box(299, -5, 300.9, 5), share=0.01)["verdict"] == "covered"


def test_a_place_has_its_own_level_else_the_claims() -> None:
    # At observe (62.5 px/m) the camera of road R reaches 8 of 16 m.
    road = line((300, 0), (316, 0))
    assert verdict(road, level="observe", share=0.6)["verdict"] == "not_covered"
    assert verdict(road, level="observe")["sure_share"] == pytest.approx(0.5, abs=1e-3)
    incidence, views = model(DRAWING)
    asked = pd.DataFrame({"claim": ["close"], "level": ["observe"], "share": [0.9]})
    rows = [{"code": "own", "claim": "close", "level": "detect"}, {"code": "claims", "claim": "close", "level": None}]
    found = geo.claims(incidence, frame(rows, [road, road]), asked, views=views)
    assert found.places.set_index("code")["verdict"].to_dict() == {"own": "covered", "claims": "not_covered"}


def test_a_place_of_several_claims_has_a_row_for_each() -> None:
    incidence, views = model(DRAWING)
    asked = pd.DataFrame({"claim": ["half", "whole"], "share": [0.5, 1.0]})
    rows = [{"code": "S", "claim": "half; whole;neither"}]
    found = geo.claims(incidence, frame(rows, [ROADS["S"]]), asked, views=views)
    assert found.places[["claim", "verdict"]].values.tolist() == [
        ["half", "covered"], ["whole", "not_covered"], ["neither", "covered"]
    ]  # fmt: skip
    assert found.claims["claim"].tolist() == ["half", "whole", "neither"]


def test_a_level_of_another_edition_is_said_and_the_runs_is_taken() -> None:
    incidence, views = model(DRAWING)
    found = geo.claims(incidence, frame([{"code": "p", "level": "outline"}], [ESTATES["A"]]), views=views)
    assert found.places["level"].tolist() == ["detect"]
    assert "outline" in found.notes[0]
    # the row of a claim names the level that its places were judged at, too
    asked = pd.DataFrame({"claim": ["estates", "none"], "level": ["outline", "observe"]})
    found = geo.claims(incidence, frame([{"code": "p", "claim": "estates"}], [ESTATES["A"]]), asked, views=views)
    assert found.claims[["claim", "level"]].values.tolist() == [["estates", "detect"], ["none", "observe"]]


@pytest.mark.parametrize(("status", "azimuth"), [("online", None), ("unknown", 45.0)])
def test_what_is_unknown_makes_maybe(status: str, azimuth: float | None) -> None:
    seen = verdict(ESTATES["A"], [camera("a", 0, 0, azimuth, status=status)], claim="estates")
    assert (seen["verdict"], seen["sure_share"]) == ("maybe", 0.0)
    assert seen["possible_share"] == pytest.approx(1.0)


@pytest.mark.parametrize("status", ["offline", "planned"])
def test_cameras_that_are_not_online_count_for_nothing(status: str) -> None:
    seen = verdict(ESTATES["A"], [camera("a", 0, 0, 45.0, status=status)])
    assert (seen["verdict"], seen["near"], bool(seen["counted"])) == ("not_covered", 0, False)


def test_near_counts_sites_within_30_m_not_rows() -> None:
    two = [camera("1", 0, 0, 0, site="pole"), camera("2", 0, 0, 90, site="pole"), camera("3", 0, 30, 0)]
    assert verdict(point(0, 0), two)["near"] == 2
    assert verdict(point(0, -1), two)["near"] == 1
    assert verdict(box(-40, -40, 40, 40), two)["near"] == 2


# --- the ground: several zones, no area, outside the domain, in a building --------------------------------------------


def test_a_place_across_grids_and_townships_is_the_sum_of_its_parts() -> None:
    grids = frame([{"code": "g1"}, {"code": "g2"}], [box(-100, -100, 5, 100), box(5, -100, 500, 100)])
    towns = frame(
        [{"code": "t1", "level": "township"}, {"code": "t2", "level": "township"}],
        [box(-100, -100, 5, 100), box(5, -100, 500, 100)],
    )
    zones = {"grids": grids, "divisions": towns}
    views = geo.views(frame([DRAWING[0][0]], [DRAWING[0][1]]))
    incidence = geo.incidence(views, zones, geo.domain("all", zones=zones, views=views))
    shapes = [box(0, 0, 10, 30), box(0, 0, 5, 30), box(5, 0, 10, 30)]
    found = geo.claims(incidence, frame([{"code": one} for one in ("both", "west", "east")], shapes)).places
    sure = found.set_index("code")["sure"]
    assert sure["both"] == pytest.approx(sure["west"] + sure["east"], rel=1e-12)
    # Each place is in one township, so that the townships' counts add up: that of its inner point.
    assert found["township"].tolist()[1:] == ["t1", "t2"]


def test_a_place_agrees_with_the_zone_of_the_same_ground() -> None:
    """The numbers are those of the one incidence model (C3), not of another overlay."""
    shapes = [box(-20, -20, 3, 30), box(3, -20, 60, 30)]
    zones = frame([{"code": "1"}, {"code": "2"}], shapes)
    roof = frame([{"height": 9.0}], [box(6, 6, 9, 30)])
    incidence, _ = model(DRAWING, roof, zones)
    found = geo.claims(incidence, zones).places
    figures = geo.zone_metrics(incidence)
    assert found["assessed"].tolist() == pytest.approx(figures["domain_m2"].tolist(), rel=1e-9)
    assert found["sure"].tolist() == pytest.approx(figures["sure_m2"].tolist(), rel=1e-9)
    assert found["possible"].tolist() == pytest.approx(figures["possible_m2"].tolist(), rel=1e-9)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Polygon(),
        line((0, 1), (0, 1)),
        shapely.Polygon([(X, Y), (X + 9, Y), (X, Y)]),
        shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 3, Y + 3), (X, Y)]),
        shapely.Point(math.inf, math.inf),
    ],
)
def test_a_place_without_size_has_nothing_to_assess(shape: Any) -> None:
    found = verdict(shape, claim="c", share=0.5)
    assert (found["verdict"], found["assessed"]) == ("nothing", 0.0)
    assert math.isnan(found["sure_share"])


def test_a_claim_with_nothing_to_assess_fails() -> None:
    incidence, _ = model(DRAWING)
    rows = [{"code": "A", "claim": "c"}, {"code": "none", "claim": "c"}]
    found = geo.claims(incidence, frame(rows, [ESTATES["A"], None])).claims.iloc[0]
    assert (found["verdict"], found["covered"], found["nothing"]) == ("fails", 1, 1)


def test_outside_the_domain_a_polygon_is_assessed_without_footprints() -> None:
    street = frame([{"class": "residential", "width": 4.0}], [line((0, 50), (40, 50))])
    roof = frame([{"height": 9.0}], [box(5, 0, 10, 10)])
    incidence, _ = model([camera("a", 0, 0, 45)], roof, None, geo.domain("streets", roads=street, obstacles=roof))
    shapes = [ESTATES["A"], box(0, 40, 10, 60)]
    found = geo.claims(incidence, frame([{"code": "off"}, {"code": "on"}], shapes)).places
    assert found["assessed"].tolist() == pytest.approx([50.0, 40.0], rel=1e-6)  # 10 x 5 m; 10 m of a street of 4 m


def test_in_a_building() -> None:
    roof = frame([{"height": 9.0}], [box(-5, -5, 30, 30)])
    cameras = [camera("a", 60, 10, 270)]
    area, road, gate = (verdict(one, cameras, roof) for one in (box(0, 0, 9, 9), line((0, 0), (9, 9)), point(4, 4)))
    # The domain is empty there, and so is the polygon without footprints; a point is assessed wherever it is (R5).
    assert (area["verdict"], road["verdict"], gate["verdict"]) == ("nothing", "nothing", "not_covered")


def test_a_line_half_in_a_building_is_assessed_outside() -> None:
    roof = frame([{"height": 9.0}], [box(10, -5, 40, 5)])
    found = verdict(line((2, 0), (30, 0)), [camera("a", 0, 0, 90)], roof)
    assert (found["assessed"], found["sure"]) == (pytest.approx(8.0), pytest.approx(8.0, abs=0.11))


# --- several points, and mixtures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "said"), [(None, "covered"), (0.75, "covered"), (0.8, "not_covered")])
def test_of_several_points_those_seen_count(share: float | None, said: str) -> None:
    """Of the four gates as one place three are seen."""
    found = verdict(shapely.MultiPoint(list(GATES.values())), share=share)
    assert found[["unit", "assessed", "sure", "sure_share"]].tolist() == ["count", 4.0, 3.0, 0.75]
    assert (found["verdict"], found["near"]) == (said, 2)


@pytest.mark.parametrize(
    ("parts", "share", "expected"),
    [
        # All of A, all of R, its gate: the kinds are equal, and the first stands for the place.
        (("A", "R", "gA"), 1.0, ["covered", "m2", 100.0, 1.0]),
        # Half of road S: 20 of 40 m. The 100 m2 of A and its gate do not make up for it.
        (("A", "S", "gA"), 0.6, ["not_covered", "m", 40.0, 0.5]),
        (("A", "S", "gA"), 0.5, ["covered", "m", 40.0, 0.5]),
        # The gate of C is seen by nobody, and of four gates in one place three are.
        (("A", "gC"), 0.9, ["not_covered", "count", 1.0, 0.0]),
        (("A", "gA", "gA2", "gB", "gC"), 0.75, ["covered", "count", 4.0, 0.75]),
        # Areas are taken together: one of A and C; the road and the length of A's wall are another kind.
        (("A", "C", "R"), 0.9, ["not_covered", "m2", 200.0, 0.5]),
        (("A", "C", "R"), None, ["covered", "m2", 200.0, 0.5]),
        (("C", "R"), None, ["not_covered", "m2", 100.0, 0.0]),
    ],
)
def test_a_mixture_is_as_covered_as_the_worst_kind_of_its_parts(
    parts: tuple[str, ...], share: float | None, expected: list[Any]
) -> None:
    shapes = {**ESTATES, **ROADS, **GATES}
    found = verdict(shapely.GeometryCollection([shapes[one] for one in parts]), share=share)
    assert found[["verdict", "unit", "assessed"]].tolist() == [*expected[:2], pytest.approx(expected[2])]
    assert found["sure_share"] == pytest.approx(expected[3], abs=0.003)
    assert found["sure_share"] <= found["possible_share"]


def test_a_part_within_a_building_says_nothing_of_the_others() -> None:
    roof = frame([{"height": 9.0}], [box(200, -20, 240, 20)])
    covered = verdict(shapely.GeometryCollection([GATES["gA"], ROADS["R"], ESTATES["C"]]), obstacles=roof)
    assert covered["verdict"] == "covered"
    assert verdict(shapely.GeometryCollection([ESTATES["C"], line((201, 0), (220, 0))]), obstacles=roof)["verdict"] == (
        "nothing"
    )


def test_a_mixture_that_may_be_covered_waits_for_each_kind() -> None:
    """A camera that may look at the square, and one that surely sees the road: only the square is open."""
    cameras = [camera("a", 0, 0, None), camera("r", 300, 0, 90)]
    found = verdict(shapely.GeometryCollection([ESTATES["A"], ROADS["R"]]), cameras, claim="c", share=0.9)
    assert (found["verdict"], found["unit"], found["possible_share"]) == ("maybe", "m2", pytest.approx(1.0))
    found = verdict(shapely.GeometryCollection([ESTATES["A"], ROADS["S"]]), cameras, claim="c", share=0.9)
    assert (found["verdict"], found["unit"]) == ("not_covered", "m")


def test_a_mixed_place_is_one_row_of_its_claim_with_its_whole_shape() -> None:
    incidence, _ = model(DRAWING)
    mixed = shapely.GeometryCollection([ESTATES["A"], ROADS["S"], GATES["gC"]])
    rows = [{"code": "p", "claim": "x;y"}, {"code": "q", "claim": "x"}]
    found = geo.claims(incidence, frame(rows, [mixed, ESTATES["B"]]))
    assert found.places[["code", "claim", "verdict"]].values.tolist() == [
        ["p", "x", "not_covered"], ["p", "y", "not_covered"], ["q", "x", "covered"],
    ]  # fmt: skip
    assert found.places.geometry.iloc[0].equals(mixed)
    assert found.claims.set_index("claim").loc["x", ["places", "covered", "verdict"]].tolist() == [2, 1, "fails"]


def test_no_places_make_no_rows() -> None:
    incidence, _ = model(DRAWING)
    found = geo.claims(incidence, gpd.GeoDataFrame({"code": []}, geometry=[], crs=CRS))
    assert (len(found.places), len(found.claims)) == (0, 0)


def test_places_of_another_crs_are_refused() -> None:
    incidence, _ = model(DRAWING)
    with pytest.raises(geo.GeoError):
        geo.claims(incidence, gpd.GeoDataFrame({"code": ["p"]}, geometry=[shapely.Point(0, 0)], crs=4326))


# --- oracle and invariants --------------------------------------------------------------------------------------------


@cache
def scene() -> tuple[geo.Incidence, dict[str, geo.Views], gpd.GeoDataFrame]:
    """Cameras of every kind of unknown among buildings, one of unknown height, on streets."""
    cameras = [
        camera("a", 0, 0, 45), camera("b", 30, 5, None), camera("c", 10, 30, 200, kind="ptz"),
        camera("d", -10, 10, 90, status="unknown"), camera("e", 20, -10, 0, status="offline"),
        camera("f", 15, 15, 300, hfov=360.0, kind="panoramic", width_px=3840),
    ]  # fmt: skip
    obstacles = frame([{"height": 9.0}, {"height": None}, {"height": 2.0}], [
        box(6, 6, 9, 14), box(18, 0, 24, 4), box(-4, 18, 4, 22)
    ])  # fmt: skip
    roads = frame(
        [{"class": "primary"}, {"class": "residential"}], [line((-40, 3), (60, 3)), line((12, -40), (12, 60))]
    )
    return *model(cameras, obstacles, None, geo.domain("streets", roads=roads, obstacles=obstacles)), obstacles


COORDINATE = st.integers(-40, 60).map(float)
XY = st.tuples(COORDINATE, COORDINATE)
SIZE = st.tuples(st.integers(1, 30), st.integers(1, 30))
POLYGON = st.builds(lambda corner, size: box(*corner, corner[0] + size[0], corner[1] + size[1]), XY, SIZE)
TRIANGLE = st.lists(XY, min_size=3, max_size=3, unique=True).map(
    lambda xy: shapely.Polygon([(X + x, Y + y) for x, y in xy])
)
LINE = st.lists(XY, min_size=2, max_size=4, unique=True).map(lambda xy: line(*xy))
POINT = XY.map(lambda xy: point(*xy))
SHAPES = st.lists(POLYGON | TRIANGLE | LINE | POINT, min_size=1, max_size=6)


@given(SHAPES, st.sampled_from(["detect", "observe"]))
@settings(max_examples=60, deadline=None)
def test_places_agree_with_shapely(shapes: list[Any], level: str) -> None:
    incidence, views, obstacles = scene()
    found = geo.claims(
        incidence, frame([{"code": str(i), "level": level} for i in range(len(shapes))], shapes), views=views
    )
    seen = views[level]
    status = seen.cameras["status"].to_numpy()
    sure = shapely.union_all(seen.sure_metric[status == "online"])
    possible = shapely.union_all([sure, *seen.possible_metric[(status == "online") | (status == "unknown")]])
    domain = shapely.union_all(incidence.domain.shapes)  # type: ignore[union-attr]
    roofs = shapely.union_all(obstacles.geometry.to_numpy())
    for shape, row in zip(shapes, found.places.to_dict("records"), strict=True):
        if shapely.get_dimensions(shape) == 0:
            expected = [1.0, float(sure.intersects(shape)), float(possible.intersects(shape))]
            on_edge = min(sure.boundary.distance(shape), possible.boundary.distance(shape)) < 1e-6
            assert on_edge or [row["assessed"], row["sure"], row["possible"]] == expected
            continue
        size = shapely.area if shapely.get_dimensions(shape) == 2 else shapely.length
        part = shape.difference(roofs)
        if shapely.get_dimensions(shape) == 2 and shape.intersection(domain).area > 1e-3:
            part = shape.intersection(domain)
        expected = [size(part), size(part.intersection(sure)), size(part.intersection(possible))]
        assert [row["assessed"], row["sure"], row["possible"]] == pytest.approx(expected, rel=1e-6, abs=5e-3)


@given(SHAPES, st.floats(0.0, 1.0) | st.none())
@settings(max_examples=60, deadline=None)
def test_sure_is_inside_possible_for_every_verdict(shapes: list[Any], share: float | None) -> None:
    incidence, views, _ = scene()
    rows = [{"code": str(i), "claim": "c", "share": share} for i in range(len(shapes))]
    found = geo.claims(incidence, frame(rows, shapes), views=views)
    places = found.places
    assert (places["sure"] <= places["possible"]).all()
    assert (places["possible"] <= places["assessed"] * (1 + 1e-12)).all()
    assert set(places["verdict"]) <= set(VERDICTS)
    # Were everything that is possible sure, no verdict would be worse.
    asked = places["share"].to_numpy(float)
    enough = np.where(np.isnan(asked), places["possible"] >= 1 - 1e-9, places["possible_share"] >= asked - 1e-9)
    could = enough & (places["assessed"] > 0).to_numpy()
    assert (places["verdict"].isin(["covered", "maybe"]).to_numpy() == could).all()
    row = found.claims.iloc[0]
    assert row["covered"] + row["maybe"] + row["not_covered"] + row["nothing"] == row["places"] == len(shapes)
    assert (row["verdict"] == "fails") == (row["not_covered"] + row["nothing"] > 0)
    assert (row["verdict"] == "holds") == (row["covered"] == row["places"])
