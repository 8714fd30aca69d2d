"""The ledger of an own zone: the last run before it was listed, while it was, and after it was struck off."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.zone_ledger import ledger
from tests.geo.storage.conftest import *  # noqa: F403 (the fixtures: each kind of store)

pytestmark = pytest.mark.usefixtures("clusters")

SIDE = 0.002
MEASURED = "where a run has no such zone its figures are measured on the shapes that the run has stored"


def square(at: float) -> shapely.Geometry:
    return shapely.box(103.1 + at, 37.6, 103.1 + at + SIDE, 37.6 + SIDE)


def write(store: Store, layer: str, shapes: list[shapely.Geometry], **columns: Any) -> None:
    store.write(layer, gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326"), "upsert", actor="me")


def camera(store: Store, key: str, since: str, x: float) -> None:
    write(store, "cameras", [shapely.Point(x, 37.6005)], id=[key], azimuth=[0.0], valid_from=[since], owner=["公安"])


@pytest.fixture
def filled(store: Store) -> Store:
    """Return two grids; K1 is the first, listed on 1 March and struck off on 1 September.

    A camera sees part of it from April on, another joins in October; one always stands in the second grid.
    """
    write(store, "grids", [square(0), square(SIDE)], code=["g1", "g2"], level=[1, 1])
    write(store, "areas", [square(0)], code=["K1"], name=["车站片区"], kind=["key_area"], valid_from=["2026-03-01"],
          valid_to=["2026-09-01"])  # fmt: skip
    camera(store, "c0", "2026-01-01", 103.1 + 1.5 * SIDE)
    camera(store, "c1", "2026-04-01", 103.1005)
    camera(store, "c2", "2026-10-01", 103.1015)
    gate = [shapely.Point(103.1005, 37.60055)]
    write(store, "places", gate, code=["p1"], kind=["gate"], valid_from=["2026-01-01"])
    return store


def run(store: Store, day: str, **options: Any) -> dict[str, Any]:
    """Analyse a day and return the figures of the first grid."""
    found = analyze(store, AnalyzeOptions(domain="all", at=day, **options))
    return {"run": found.id, **found.layers["grids"].set_index("code").loc["g1"].to_dict()}


def test_the_last_run_of_each_phase_counts_by_the_day_of_its_data(filled: Store) -> None:
    after = run(filled, "2026-11-01")
    listed = run(filled, "2026-08-31")
    run(filled, "2026-03-01")
    before = run(filled, "2026-02-28")
    run(filled, "2026-02-01")
    found = ledger(filled, "K1")
    assert (found.code, found.name, found.kind) == ("K1", "车站片区", "key_area")
    assert [str(found.listed), str(found.struck)] == ["2026-03-01", "2026-09-01"]
    assert [(row["phase"], row["day"], row["run"]) for row in found.rows] == [
        ("before", "2026-02-28", before["run"]),
        ("listed", "2026-08-31", listed["run"]),
        ("after", "2026-11-01", after["run"]),
    ]
    for row, grid in zip(found.rows, (before, listed, after), strict=True):
        for name in ("domain_m2", "sure_m2", "possible_m2", "sure_share", "possible_share", "gap_m2"):
            # gaps too small to be listed are not in what is measured afterwards
            assert row[name] == pytest.approx(grid[name], rel=1e-6, abs=2.0 if name.endswith("m2") else 1e-4), name
    assert found.rows[1]["sure_m2"] == listed["sure_m2"], "while it is listed the figure is the run's own"
    assert before["sure_m2"] == 0 < listed["sure_m2"] < after["sure_m2"]
    assert [(row["places"], row["covered"]) for row in found.rows] == [(1, 0), (1, 1), (1, 1)]
    assert found.changes["listed"]["sure_m2"] == pytest.approx(listed["sure_m2"], rel=1e-6)
    assert found.changes["listed"]["covered"] == 1
    assert found.changes["after"]["domain_m2"] == pytest.approx(0, abs=2.0)
    assert found.changes["after"]["sure_m2"] == pytest.approx(after["sure_m2"] - listed["sure_m2"], abs=2.0)
    ground, seen, gap = found.grounds["after"]
    assert ground.equals(square(0))
    assert seen.intersection(gap).area < 1e-12
    assert [note.partition(" / ")[2].partition(",")[0] for note in found.notes] == [MEASURED]


def test_names_phases_without_a_run_and_other_options(filled: Store) -> None:
    assert ledger(filled, "areas:K1").rows == []
    run(filled, "2026-05-01")
    run(filled, "2026-10-01", level="identify")
    like = run(filled, "2026-09-15")
    for name in ("areas:key_area:K1", "车站片区"):
        found = ledger(filled, name)
        assert [row["phase"] for row in found.rows] == ["listed", "after"]
        assert found.rows[1]["run"] == like["run"], "of the same level, though another is later"
        assert len(found.notes) == 1
    run(filled, "2026-01-05", level="identify")
    assert [note.partition(" / ")[2] for note in ledger(filled, "K1").notes][1:] == [
        "the runs of the phases have different options, which the differences are of too: level identify → detect"
    ]
    with pytest.raises(NotFound):
        ledger(filled, "areas:K9")


def test_an_edit_while_it_is_listed_makes_no_second_listing(filled: Store) -> None:
    feature, version = filled.get("areas", "K1")
    feature["properties"]["name"] = "车站广场片区"
    filled.put("areas", "K1", feature, if_version=version, actor="me")
    found = ledger(filled, "K1")
    assert (found.name, str(found.listed), str(found.struck)) == ("车站广场片区", "2026-03-01", "2026-09-01")


def test_a_claim_that_asks_for_more_is_named_as_no_change_on_the_ground(filled: Store) -> None:
    gate = [shapely.box(103.1004, 37.6005, 103.1006, 37.6007)]
    claimed = {"code": ["p1"], "claim": ["gates"], "kind": ["gate"], "valid_from": ["2026-01-01"]}
    write(filled, "places", gate, **claimed)
    run(filled, "2026-05-01")
    write(filled, "claims", [None], claim=["gates"], share=[0.9], valid_from=["2026-01-01"])
    run(filled, "2026-10-02")
    found = ledger(filled, "K1")
    assert [row["covered"] for row in found.rows] == [1, 0], "the second asks for 90 %"
    named = [one.partition(" / ")[2] for one in found.notes if "gates" in one]
    of_run = "the level of the run"
    (told,) = named
    assert told.startswith(f"claim gates asked for different things: {of_run}, no share → {of_run}, share 0.9")
    assert told.endswith("(places: 1); the difference of places covered is of that too")


def test_figures_of_the_same_ground_do_not_differ_by_rounding(filled: Store) -> None:
    run(filled, "2026-05-01")
    run(filled, "2026-09-15")
    (after,) = ledger(filled, "K1").changes.values()
    assert set(after.values()) == {0}
