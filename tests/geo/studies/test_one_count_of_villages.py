"""Test that rates, a checked report and reach count the same villages with a facility and a link (rules P6, P7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.assessment.rates import COUNTY
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.analysis import AnalyzeOptions, analyze
from geo.studies.facility_reach import reach
from geo.studies.known_counts import counts
from geo.studies.run_rates import rates

#: Two squares side by side, and two villages given as points, of which only the last is served by code.
WEST, EAST, BARE, SERVED, FAR = (f"99010110120{k}" for k in range(1, 6))


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(103 + x, 37 + y)


def square(x: float) -> shapely.Polygon:
    return shapely.box(103 + x, 37, 103 + x + 0.01, 37.01)


@pytest.fixture(params=["villages", "divisions"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    town = {"code": ["990101101"], "name": ["镇"], "level": ["township"]}
    shapes = [square(0), square(0.01), at(0.03, 0.005), at(0.04, 0.005), at(0.041, 0.005)]
    names = {"code": [WEST, EAST, BARE, SERVED, FAR], "name": ["西村", "东村", "点村", "服务村", "远村"]}
    if request.param == "divisions":  # which are polygons
        shapes = [one if one.area else one.buffer(0.001) for one in shapes]
        names["level"] = ["village"] * len(shapes)
    rows = {
        # on the border of two villages; in the eastern one with a centre above it elsewhere; where a village stands;
        # none above it, and one served by a padded code; at 0, 0, where no place is
        "facilities": {
            "code": ["border", "below", "beside", "alone", "nowhere"],
            "kind": ["governance_centre", "clinic", "clinic", "governance_centre", "governance_centre"],
            "parent": [None, "nowhere", BARE, None, None],
            "serves": [None, None, None, "990101 101204", FAR],
            "link": ["yes", "no", "yes", None, "yes"],
        },
        "cameras": {"id": ["c"], "status": ["online"]},
    }
    with open_store(tmp_path / "workspace.gpkg") as opened:
        frames = {
            request.param: gpd.GeoDataFrame(names, geometry=shapes),
            "facilities": gpd.GeoDataFrame(
                rows["facilities"],
                geometry=[at(0.01, 0.005), at(0.015, 0.005), at(0.03, 0.0065), at(0.09, 0.09), shapely.Point(0, 0)],
            ),
            "cameras": gpd.GeoDataFrame(rows["cameras"], geometry=[at(0.005, 0.005)]),
        }
        around = gpd.GeoDataFrame(town, geometry=[shapely.box(102.9, 36.9, 103.1, 37.1)], crs=4326)
        opened.write("divisions", around, "upsert", actor="test")
        for name, frame in frames.items():
            opened.write(name, frame.set_crs(4326), "upsert", actor="test")
        yield opened


@pytest.mark.parametrize(
    ("kind", "expected"),
    # on the border it is that of the lower code, once; the parent of a clinic serves nobody; a point has no inside
    [("governance_centre", {WEST, SERVED, FAR}), ("clinic", {EAST})],
)
def test_rates_reports_and_reach_say_one_count(store: Store, kind: str, expected: set[str]) -> None:
    analyze(store, AnalyzeOptions(domain="all"))
    found = rates(store)[1]
    county = found[found["scope"] == COUNTY].set_index(["rate", "key"])["numerator"]
    assert county["villages_facility", kind] == len(expected)
    frames = {name: store.read(name) for name in ("villages", "divisions", "facilities")}
    counted = counts(frames, {"rate:villages_facility", "rate:villages_link"})
    assert counted[f"rate:villages_facility:{kind}"] == (len(expected) / 5, len(expected) / 5)
    by_road = reach(store, kind)
    assert {row["code"] for row in by_road.units if row["layer"] == "villages" and row["own"]} == expected
    # linked: by the one on the border and the one at 0, 0; the link of the one that serves by code is not known
    assert found[(found["rate"] == "villages_link") & (found["scope"] == COUNTY)]["numerator"].tolist() == [2]
    assert counted["rate:villages_link"] == (2 / 5, 3 / 5)
    links = by_road.links["villages"]
    assert (links["units"], links["linked"]) == (5, 2)
    assert {one["code"]: one["link"] for one in links["exceptions"]} == {EAST: "no", BARE: "none", SERVED: "unknown"}


def test_what_no_facility_says_is_unknown_to_all_three(store: Store) -> None:
    """A register of facilities without links: no rate, nothing to compare with, no village told to have none."""
    facilities = store.read("facilities").assign(link=None)
    store.write("facilities", facilities, "replace", actor="test")
    analyze(store, AnalyzeOptions(domain="all"))
    found = rates(store)[1]
    of_county = found[(found["rate"] == "villages_link") & (found["scope"] == COUNTY)]
    assert of_county[["numerator", "denominator"]].values.tolist() == [[0, 5]]
    assert of_county[["value", "rank"]].isna().all(axis=None)
    frames = {name: store.read(name) for name in ("villages", "divisions", "facilities")}
    assert "rate:villages_link" not in counts(frames, {"rate:villages_link"})
    by_road = reach(store, "clinic").links["villages"]["exceptions"]
    assert {one["code"]: one["link"] for one in by_road} == {
        WEST: "unknown", EAST: "unknown", BARE: "none", SERVED: "unknown", FAR: "unknown"
    }  # fmt: skip
