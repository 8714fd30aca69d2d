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
