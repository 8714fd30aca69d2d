"""Check places, claims, facilities and own zones that were made wrong on purpose, one fault each."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.check.checks import check

X, Y, SIDE = 103.0, 37.6, 0.001


def square(at: float, side: float = SIDE) -> shapely.Geometry:
    return shapely.box(X + at, Y, X + at + side, Y + side)


def frame(rows: list[dict[str, object]], shapes: list[shapely.Geometry] | None = None) -> gpd.GeoDataFrame:
    """Return rows with a shape each, squares side by side where none are given."""
    return gpd.GeoDataFrame(rows, geometry=shapes or [square(2 * SIDE * i) for i in range(len(rows))], crs="EPSG:4326")


CLAIMS = pd.DataFrame({"claim": ["schools", "roads"], "level": ["detect", None], "share": [0.9, None]})
GOOD = {"code": "p1", "kind": "school", "claim": "schools", "level": "observe", "share": 0.5}
CENTRE = {"code": "f0", "kind": "governance_centre", "parent": None, "serves": None}
DIVISIONS = frame([{"code": "990101101", "name": "南镇", "level": "township"}], [square(0, 0.01)])


def found(**layers: pd.DataFrame) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.severity, one.code, tuple(one.keys)) for one in check(layers)]


def test_what_is_well_made_is_not_named() -> None:
    below = {**CENTRE, "code": "f1", "parent": "f0", "serves": "990101101000；990101101"}
    areas = frame([{"code": "a", "kind": "key_area"}, {"code": "b", "kind": "key_area"}], [square(0), square(SIDE)])
    facilities = frame([CENTRE, below], [shapely.Point(X + 0.001, Y + 0.001), shapely.Point(X + 0.002, Y + 0.001)])
    layers = {"places": frame([GOOD]), "claims": CLAIMS, "facilities": facilities, "areas": areas}
    assert found(divisions=DIVISIONS, **layers) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": None}, ("warning", "kind-missing", ("p1",))),
        ({"level": "clear"}, ("error", "level-unknown", ("p1",))),
        ({"share": 1.01}, ("error", "share-out-of-range", ("p1",))),
        ({"share": -0.1}, ("error", "share-out-of-range", ("p1",))),
        ({"share": "most"}, ("error", "share-out-of-range", ("p1",))),
        ({"claim": "schools; estates"}, ("warning", "claim-undefined", ("p1",))),
    ],
)
def test_a_place_that_rules_cannot_judge_is_named(change: dict[str, object], told: tuple) -> None:
    assert found(places=frame([{**GOOD, **change}]), claims=CLAIMS) == [told]


def test_a_claim_is_held_to_the_same_limits_and_needs_no_place() -> None:
    assert found(claims=CLAIMS.assign(level=["clear", None], share=[1.5, None])) == [
        ("error", "level-unknown", ("schools",)),
        ("error", "share-out-of-range", ("schools",)),
    ]


def test_a_code_twice_is_named_once() -> None:
    assert found(places=frame([GOOD, {**GOOD, "code": "p 1"}]), claims=CLAIMS) == [
        ("error", "code-duplicate", ("p1", "p 1"))
    ]


def test_a_facility_below_nothing_or_serving_nothing_is_named() -> None:
    rows = [{**CENTRE, "parent": "f9"}, {**CENTRE, "code": "f1", "serves": "990101101;990101999"}]
    points = [shapely.Point(X + 0.001, Y + 0.001), shapely.Point(X + 0.002, Y + 0.001)]
    assert found(divisions=DIVISIONS, facilities=frame(rows, points)) == [
        ("error", "facility-parent-missing", ("f0",)),
        ("warning", "facility-serves-unknown", ("f1",)),
    ]


def test_own_zones_of_one_kind_that_overlap_are_said_with_their_area() -> None:
    half = [square(0), square(SIDE / 2)]
    same = frame([{"code": "a", "kind": "key_area"}, {"code": "b", "kind": "key_area"}], half)
    (one,) = check({"areas": same})
    assert (one.severity, one.code, tuple(one.keys)) == ("warning", "own-zones-overlap", ("a", "b"))
    wide, high = 6_378_137 * 3.14159265 / 180 * 0.7923 * SIDE / 2, 110_983 * SIDE  # metres of longitude and latitude
    assert one.value == pytest.approx(wide * high, rel=0.01)
    assert found(areas=same.assign(kind=["key_area", "resettlement"])) == [], "zones of two kinds may lie on each other"


def point(at: float) -> shapely.Geometry:
    return shapely.Point(X + at, Y + 0.001)


VILLAGES = frame([{"code": f"99010110{t}20{v}"} for t in (1, 2) for v in (1, 2)], [square(0, 0.01)] * 4)
TOWNS = frame([{"code": f"99010110{t}", "level": "township"} for t in (1, 2)], [square(0, 0.01)] * 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"parent": "v"}, ("error", "facility-parent-itself", ("v",))),
        ({"parent": "w"}, ("warning", "facility-parent-level", ("v",))),
        ({"serves": "990101102201"}, ("warning", "facility-serves-elsewhere", ("v",))),
        ({"parent": None}, ("warning", "facility-parent-empty", ("v",))),
    ],
)
def test_a_facility_in_the_wrong_place_of_the_order_is_named(change: dict[str, object], told: tuple) -> None:
    centre = {"kind": "governance_centre"}
    rows: list[dict[str, object]] = [
        {**centre, "code": "t", "level": "township", "parent": None, "serves": "990101101000"},
        {**centre, "code": "w", "level": "village", "parent": "t", "serves": "990101101202"},
        {**centre, "code": "v", "level": "village", "parent": "t", "serves": "990101101201"},
    ]
    points = [point(0.001), point(0.002), point(0.003)]
    layers = {"villages": VILLAGES, "divisions": TOWNS}
    named = {"facility-parent-itself", "facility-parent-level", "facility-serves-elsewhere", "facility-parent-empty"}

    def of_order(some: list[dict[str, object]]) -> list[tuple]:
        return [one for one in found(facilities=frame(some, points), **layers) if one[1] in named]

    assert of_order(rows) == []
    rows[2] |= change
    assert of_order(rows) == [told]


def test_facilities_in_a_circle_are_named_and_those_below_it_are_not() -> None:
    rows = [{**CENTRE, "code": code, "parent": parent} for code, parent in (("a", "b"), ("b", "a"), ("c", "a"))]
    told = found(facilities=frame(rows, [point(0.001), point(0.002), point(0.003)]))
    assert sorted(told) == [("error", "facility-parent-itself", (one,)) for one in ("a", "b")]


def test_places_and_facilities_outside_the_county_are_named_with_how_far() -> None:
    shapes = [point(0.001), point(0.5), point(0.01001), point(0.6)]
    rows = [{**GOOD, "code": code} for code in ("in", "out", "border", "way")]
    rows[3] |= {"source": "derived"}  # a crossing on a road that leads out of the county
    far = check({"places": frame(rows, shapes), "claims": CLAIMS, "divisions": DIVISIONS})
    assert [(one.code, tuple(one.keys)) for one in far] == [("place-outside-county", ("out",))]
    assert far[0].value == pytest.approx(0.49 * 88_290, rel=0.01)
    centre = frame([CENTRE], [point(0.5)])
    assert ("error", "facility-outside-county", ("f0",)) in found(facilities=centre, divisions=DIVISIONS)


def test_a_claim_that_one_square_metre_fulfils_is_named() -> None:
    roads = {**GOOD, "claim": "roads", "share": None}
    assert found(places=frame([roads]), claims=CLAIMS) == [("warning", "claim-without-share", ("roads",))]
    assert found(places=frame([{**roads, "share": 0.5}]), claims=CLAIMS) == []
    assert found(places=frame([roads], [point(0)]), claims=CLAIMS) == [], "a point is seen or not"


def test_places_imported_twice_or_lying_on_each_other_are_named() -> None:
    twins = [{**GOOD, "code": "p1", "name": "一小"}, {**GOOD, "code": "list.csv:2", "name": "一 小"}]
    assert found(places=frame(twins, [point(0), point(0.000001)]), claims=CLAIMS) == [
        ("warning", "place-twice", ("p1", "list.csv:2"))
    ]
    road = shapely.LineString([(X, Y), (X + 0.01, Y)])
    along = shapely.LineString([(X + 0.002, Y + 0.00001), (X + 0.004, Y + 0.00001)])
    across = shapely.LineString([(X + 0.005, Y - 0.001), (X + 0.005, Y + 0.001)])
    on = shapely.LineString([(X + 0.01, Y), (X + 0.02, Y)])
    rows = [{**GOOD, "code": code} for code in ("road", "along", "across", "on")]
    told = found(places=frame(rows, [road, along, across, on]), claims=CLAIMS)
    assert told == [("warning", "claim-places-overlap", ("road", "along"))]
    areas = [square(0), square(SIDE / 2), square(SIDE * 1.5)]
    both = [{**GOOD, "code": code} for code in ("a", "b", "c")]
    assert found(places=frame(both, areas), claims=CLAIMS) == [("warning", "claim-places-overlap", ("a", "b"))]
    for row in both:
        row["source"] = "derived"
    assert found(places=frame(both, areas), claims=CLAIMS) == []
