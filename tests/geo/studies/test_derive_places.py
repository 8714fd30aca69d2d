"""Derive places into both stores, and renew them: codes stay, edits by hand stay, what is gone goes with history."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import BadValue, Conflict, NotAllowed, NotFound, UnknownName
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.derive_places import DERIVED_KINDS, DerivedKind, DeriveOptions, derive_places
from tests.geo.storage.conftest import *  # noqa: F403 (the fixtures: each kind of store)
from tests.geo.storage.conftest import Clock

pytestmark = pytest.mark.usefixtures("clusters")

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
X, Y = 103.1, 37.6
# About 88 m by 111 m; a main road of 1,766 m, a side road at its middle, a service road into an estate beside it.
MAIN = [(X, Y), (X + 0.02, Y)]
SIDE = [(X + 0.01, Y), (X + 0.01, Y + 0.003)]
DRIVE = [(X + 0.004, Y), (X + 0.004, Y + 0.0015)]
ESTATE = shapely.box(X + 0.003, Y + 0.001, X + 0.005, Y + 0.002)


def roads(*lines: list[tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    ids = [f"r{k}" for k in range(len(lines))]
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=[shapely.LineString(one) for one in lines], crs=4326)


def fill(store: Store) -> None:
    drawn = roads(MAIN, SIDE, DRIVE, name=["民主街", "文化路", None])
    drawn["class"] = ["省道", "支路", "service"]
    store.write("roads", drawn, "upsert", actor="li")
    own = {"code": ["S1", "E1"], "name": ["一小", "东苑"], "kind": ["school", "estate"], "source": ["教育局", None]}
    shapes = [shapely.Point(X + 0.015, Y + 0.002), ESTATE]
    store.write("places", gpd.GeoDataFrame(own, geometry=shapes, crs=4326), "upsert", actor="li")


def derive(store: Store, *kinds: str, dry_run: bool = False, **options: Any) -> dict[str, DerivedKind]:
    wanted = DeriveOptions(kinds or tuple(DERIVED_KINDS), **options)
    return dict(derive_places(store, wanted, actor="li", dry_run=dry_run).kinds)


def counts(found: DerivedKind) -> dict[str, int]:
    """Return the numbers that are not 0."""
    return {name: value for name, value in asdict(found).items() if isinstance(value, int) and value}


def derived(store: Store, **options: Any) -> gpd.GeoDataFrame:
    stored = store.read("places", **options)
    return stored[stored["source"] == "derived"]


def edit(store: Store, code: str, shape: shapely.Geometry | None = None, **fields: Any) -> None:
    feature, version = store.get("places", code)
    feature["properties"].update(fields)
    if shape is not None:
        feature["geometry"] = shapely.geometry.mapping(shape)
    store.put("places", code, feature, if_version=version, actor="wang")


def test_each_kind_is_stored_with_its_source(store: Store) -> None:
    fill(store)
    found = derive(store)
    assert {name: counts(one) for name, one in found.items()} == {
        "crossings": {"derived": 1, "added": 1},
        "sections": {"derived": 5, "added": 5},
        "rings": {"derived": 1, "added": 1},
        "gates": {"derived": 1, "added": 1},
    }
    stored = derived(store)
    assert Counter(stored["kind"]) == {"section": 5, "crossing": 1, "ring": 1, "gate": 1}
    crossing = stored[stored["kind"] == "crossing"].iloc[0]
    assert crossing["name"] == "文化路×民主街"
    assert crossing.geometry.contains(shapely.Point(X + 0.01, Y + 0.00001))
    gate = stored[stored["kind"] == "gate"].iloc[0]
    assert gate["name"] == "东苑"
    assert gate["code"].startswith("gate-E1-E103104")
    assert gate.geometry.distance(shapely.Point(X + 0.004, Y + 0.001)) < 1e-7
    ring = stored[stored["kind"] == "ring"].iloc[0]
    assert (ring["code"], ring["name"]) == ("ring-200m-S1", "一小")
    assert stored[["claim", "level", "share", "parent", "weight"]].isna().all(axis=None)


def test_a_renewal_without_a_change_writes_nothing(store: Store) -> None:
    fill(store)
    derive(store)
    before = store.state("places")
    found = derive(store)
    assert {name: counts(one) for name, one in found.items()} == {
        "crossings": {"derived": 1, "unchanged": 1},
        "sections": {"derived": 5, "unchanged": 5},
        "rings": {"derived": 1, "unchanged": 1},
        "gates": {"derived": 1, "unchanged": 1},
    }
    assert store.state("places") == before


def test_a_dry_run_tells_the_same_and_writes_nothing(store: Store) -> None:
    fill(store)
    before = store.state("places")
    told = derive(store, dry_run=True)
    assert store.state("places") == before
    assert told == derive(store)


def test_what_moves_a_little_keeps_its_code_and_what_is_gone_goes_with_history(store: Store, clock: Clock) -> None:
    fill(store)
    derive(store)
    was = derived(store).set_index("kind")
    clock.day = MAY
    east = 0.00008  # 7 m
    store.write("roads", roads(MAIN, [(x + east, y) for x, y in SIDE], DRIVE, name=["民主街", "文化路", None],
                               **{"class": ["省道", "支路", "service"]}), "upsert", actor="li")  # fmt: skip
    found = derive(store, "crossings", "sections")
    assert counts(found["crossings"]) == {"derived": 1, "updated": 1}
    assert counts(found["sections"]) == {"derived": 5, "updated": 5}
    assert sorted(derived(store)["code"]) == sorted(was["code"])
    store.delete("roads", "r1", if_version=None, actor="li")
    found = derive(store)
    assert counts(found["crossings"]) == {"removed": 1}
    assert counts(found["sections"]) == {"derived": 4, "updated": 4, "removed": 1}
    assert set(derived(store)["kind"]) == {"section", "ring", "gate"}
    then = derived(store, at=APRIL).set_index("kind")
    assert then.loc["crossing"].geometry.equals(was.loc["crossing"].geometry), "the past is as it was"
    store.write("roads", roads(SIDE, id=["again"], name=["文化路"]), "upsert", actor="li")
    assert counts(derive(store, "crossings")["crossings"]) == {"derived": 1, "added": 1}
    assert was.loc["crossing"]["code"] in set(derived(store)["code"]), "it is the same place again"


MOVED_LITTLE, MOVED_FAR = shapely.Point(X + 0.0101, Y), shapely.Point(X + 0.2, Y)
#: What a person changes of a crossing -> the fields that a renewal leaves to that person.
EDITS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "name": ({"name": "大十字"}, {"name"}),
    "claim": ({"claim": "主要路口全覆盖"}, {"claim"}),
    "share": ({"share": 0.8}, {"share"}),
    "kind": ({"kind": "square"}, {"kind"}),
    "moved a little": ({"shape": MOVED_LITTLE}, {"geometry"}),
    "moved far away": ({"shape": MOVED_FAR}, {"geometry"}),
    "name, claim and level": ({"name": "大十字", "claim": "路口", "level": "detect"}, {"name", "claim", "level"}),
    "taken over": ({"source": "核对过"}, {"source", "name", "geometry"}),
    "ended": ({"valid_to": MAY.isoformat()}, {"valid_to", "name", "geometry"}),
}


@pytest.mark.parametrize(("changes", "theirs"), EDITS.values(), ids=EDITS)
def test_an_edit_by_hand_is_kept_and_all_else_renewed(
    store: Store, clock: Clock, changes: dict[str, Any], theirs: set[str]
) -> None:
    fill(store)
    derive(store, "crossings")
    code = derived(store)["code"].iloc[0]
    was, _ = store.get("places", code)
    edit(store, code, **changes)
    edited, _ = store.get("places", code)
    clock.day = MAY
    found = derive(store, "crossings")["crossings"]
    assert (counts(found), found.kept_codes) == ({"derived": 1, "unchanged": 1, "kept": 1}, [code])
    moved = roads(MAIN, [(x + 0.00008, y) for x, y in SIDE], name=["民主街", "武威路"])
    store.write("roads", moved, "upsert", actor="li")
    found = derive(store, "crossings")["crossings"]
    is_renewed = not {"name", "geometry"} <= theirs
    assert counts(found) == {"derived": 1, "kept": 1, "updated" if is_renewed else "unchanged": 1}
    before = store.state("places")
    again = derive(store, "crossings")["crossings"]
    assert counts(again) == {"derived": 1, "kept": 1, "unchanged": 1}, "renewed twice is renewed once"
    assert store.state("places") == before
    now = current(store, code)
    for name in set(edited["properties"]) - {"valid_from", "name"}:
        assert now["properties"][name] == edited["properties"][name], name
    assert now["properties"]["name"] == (edited["properties"]["name"] if "name" in theirs else "武威路×民主街")
    if "geometry" in theirs:
        assert now["geometry"] == shapely.geometry.shape(edited["geometry"])
    else:
        assert now["geometry"].contains(shapely.Point(X + 0.01008, Y + 0.00001))
        assert not shapely.geometry.shape(was["geometry"]).contains(shapely.Point(X + 0.01008, Y + 0.00011))
    store.delete("roads", "r1", if_version=None, actor="li")
    found = derive(store, "crossings")["crossings"]
    assert (counts(found), found.kept_alone_codes) == ({"kept": 1, "kept_alone": 1}, [code])
    assert current(store, code) == now


def current(store: Store, code: str) -> dict[str, Any]:
    """Return the stored row of a place, valid today or not."""
    rows = store.versions("places").current
    row = rows[rows["code"] == code]
    return {
        "properties": {
            name: None if pd.isna(value) else value for name, value in row.drop(columns="geometry").iloc[0].items()
        },
        "geometry": row.geometry.iloc[0],
    }


def test_an_edit_taken_back_is_none(store: Store) -> None:
    fill(store)
    derive(store, "crossings")
    code = derived(store)["code"].iloc[0]
    edit(store, code, name="大十字", claim="路口")
    edit(store, code, name="文化路×民主街", claim=None)
    store.write("roads", roads(MAIN, SIDE, name=["民主街", "武威路"]), "upsert", actor="li")
    assert counts(derive(store, "crossings")["crossings"]) == {"derived": 1, "updated": 1}
    assert derived(store)["name"].tolist() == ["武威路×民主街"]
    store.delete("roads", "r1", if_version=None, actor="li")
    assert counts(derive(store, "crossings")["crossings"]) == {"removed": 1}


#: What may happen to the sections of the street between two renewals: a road moves or gets another name, a person
#: names, claims, moves or deletes one of the places there are.
STEP = st.one_of(
    st.tuples(st.just("road"), st.integers(0, 2), st.sampled_from(["民主街", "文化路"])),
    st.tuples(st.sampled_from(["name", "claim", "shape", "delete"]), st.integers(0, 4), st.integers(0, 9)),
)


@pytest.mark.parametrize("make_store", ["geopackage"], indirect=True)
@given(rounds=st.lists(st.lists(STEP, max_size=3), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_renewed_twice_is_renewed_once_and_edits_survive_whatever_happens(
    store: Store, rounds: list[list[tuple[Any, ...]]]
) -> None:
    fill(store)
    store.write("places", store.read("places").iloc[:0], "replace", actor="nobody")
    derive(store, "sections", restore=True)
    theirs: dict[str, dict[str, Any]] = {code: {} for code in derived(store)["code"]}
    for steps in rounds:
        for what, which, value in steps:
            if what == "road":
                lines = [[(x, y + which * 0.00003) for x, y in MAIN], SIDE, DRIVE]
                store.write("roads", roads(*lines, name=[value, "文化路", None]), "upsert", actor="li")
                continue
            stored = sorted(derived(store)["code"])
            code = stored[which % len(stored)]
            if what == "delete":
                store.delete("places", code, if_version=None, actor="wang")
                theirs[code] = {"deleted": True}
            elif what == "shape":
                shape = shapely.LineString([(X, Y + 1 + value / 100), (X + 0.001, Y + 1 + value / 100)])
                edit(store, code, shape)
                theirs.setdefault(code, {})["geometry"] = shape
            else:
                edit(store, code, **{what: f"{what} {value}"})
                theirs.setdefault(code, {})[what] = f"{what} {value}"
        derive(store, "sections")
        before = store.state("places")
        found = derive(store, "sections")["sections"]
        assert (found.added, found.updated, found.removed) == (0, 0, 0)
        assert found.derived == found.unchanged + found.deleted
        assert store.state("places") == before
        for code, edits in theirs.items():
            if not edits:
                continue
            if edits.get("deleted"):
                assert code not in set(derived(store)["code"])
                continue
            now = current(store, code)
            for name, value in edits.items():
                assert (now["geometry"] if name == "geometry" else now["properties"][name]) == value


def test_what_somebody_deleted_is_not_made_again_unless_asked_for(store: Store) -> None:
    fill(store)
    derive(store, "crossings", "rings")
    codes = sorted(derived(store)["code"])
    for code in codes:
        store.delete("places", code, if_version=None, actor="wang")
    found = derive(store, "crossings", "rings")
    assert {name: counts(one) for name, one in found.items()} == {
        "crossings": {"derived": 1, "deleted": 1}, "rings": {"derived": 1, "deleted": 1},
    }  # fmt: skip
    assert found["rings"].deleted_codes == ["ring-200m-S1"]
    assert not len(derived(store))
    found = derive(store, "crossings", "rings", restore=True)
    assert [counts(one) for one in found.values()] == [{"derived": 1, "added": 1}] * 2
    assert sorted(derived(store)["code"]) == codes
    assert counts(derive(store, "rings")["rings"]) == {"derived": 1, "unchanged": 1}


def test_rings_and_gates_of_other_places_and_radii_are_not_touched(store: Store) -> None:
    fill(store)
    derive(store, "rings", "gates")
    found = derive(store, "rings", radius=50.0)
    assert counts(found["rings"]) == {"derived": 1, "added": 1}
    found = derive(store, "rings", "gates", rings_of=["小区"], gates_of=["学校"])
    assert [counts(one) for one in found.values()] == [{"derived": 1, "added": 1}, {}]
    rings = {"ring-200m-S1", "ring-50m-S1", "ring-200m-E1"}
    assert set(derived(store)["code"]) >= rings
    assert Counter(derived(store)["kind"]) == {"ring": 3, "gate": 1}
    for code in ("S1", "E1"):
        store.delete("places", code, if_version=None, actor="li")
    found = derive(store, "rings", "gates")
    assert [counts(one) for one in found.values()] == [{"removed": 2}, {"removed": 1}], "their places are gone"
    assert derived(store)["code"].tolist() == ["ring-50m-S1"]


def test_a_place_that_has_ended_loses_its_ring(store: Store, clock: Clock) -> None:
    fill(store)
    derive(store, "rings")
    edit(store, "S1", valid_to=MAY.isoformat())
    clock.day = APRIL
    assert counts(derive(store, "rings")["rings"]) == {"derived": 1, "unchanged": 1}
    clock.day = MAY
    assert counts(derive(store, "rings")["rings"]) == {"removed": 1}
    assert derived(store, at=APRIL)["code"].tolist() == ["ring-200m-S1"]


def test_a_road_far_away_changes_no_code(store: Store) -> None:
    fill(store)
    derive(store, "crossings", "sections")
    before = set(derived(store)["code"])
    far = roads([(X + 1.5, Y), (X + 1.503, Y)]).assign(id=["far"])
    store.write("roads", far, "upsert", actor="li")  # the computing CRS is another one now
    found = derive(store, "crossings", "sections")
    assert [(one.derived, one.added, one.removed) for one in found.values()] == [(1, 0, 0), (6, 1, 0)]
    assert set(derived(store)["code"]) > before


def test_without_roads_nothing_is_removed(store: Store) -> None:
    fill(store)
    derive(store)
    before = store.state("places")
    for key in ("r0", "r1", "r2"):
        store.delete("roads", key, if_version=None, actor="li")
    for kind in ("crossings", "sections", "gates"):
        with pytest.raises(NotFound, match="roads"):
            derive(store, kind)
    assert counts(derive(store, "rings")["rings"]) == {"derived": 1, "unchanged": 1}
    assert store.state("places") == before


def test_notes_say_what_was_left_out(store: Store) -> None:
    fill(store)
    bridge = [(X + 0.002, Y - 0.001), (X + 0.002, Y + 0.001)]
    more = roads(bridge, [(0.0, 0.0), (0.001, 0.0)]).assign(id=["bridge", "unset"])
    store.write("roads", more, "upsert", actor="li")
    found = derive_places(store, DeriveOptions(("crossings", "rings"), rings_of=["医院", "寺"]))
    assert counts(found.kinds["crossings"]) == {"derived": 1, "added": 1}
    assert [note.partition(" / ")[2] for note in found.notes] == [
        "1 row of layer roads far from all others left out",
        "roads cross at 1 place without a common vertex: taken as bridges, no crossings",
        "there is no place of kind hospital, 寺: no rings",
    ]


def test_options_that_mean_nothing_are_refused(store: Store) -> None:
    fill(store)
    before = store.state("places")
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"kinds": ["bridges"]}, UnknownName),
        ({"kinds": []}, BadValue),
        ({"radius": 0.0}, BadValue),
        ({"radius": float("nan")}, BadValue),
        ({"radius": 1e9}, BadValue),
        ({"classes": ["人行道"]}, UnknownName),
        ({"classes": ["高速公路"]}, NotFound),
    ]
    for options, error in wrong:
        with pytest.raises(error):
            derive_places(store, DeriveOptions(**options))
    assert store.state("places") == before


def test_a_change_meanwhile_is_a_conflict(store: Store) -> None:
    fill(store)

    def change(what: str, _: float) -> None:
        if what.startswith("写入"):
            store.delete("places", "S1", if_version=None, actor="wang")

    with pytest.raises(Conflict, match="meanwhile"):
        derive_places(store, DeriveOptions(), progress=change)
    assert not len(derived(store))


@pytest.mark.parametrize("make_store", ["postgis"], indirect=True)
def test_who_may_not_write_every_place_writes_none(store: Store) -> None:
    fill(store)
    boxes = [shapely.box(X, Y - 1, X + 1, Y + 1), shapely.box(X, Y - 1, X + 0.012, Y + 1),
             shapely.box(X + 0.012, Y - 1, X + 1, Y + 1)]  # fmt: skip
    rows = {"code": ["990101", "990101101", "990101102"], "level": ["county", "township", "township"]}
    names = {"name": ["某县", "西镇", "东镇"]}
    store.write("divisions", gpd.GeoDataFrame(rows | names, geometry=boxes, crs=4326), "upsert", actor="root")
    for caller in (Caller("vi", "viewer"), Caller("ann", "planner", ("990101101",))):
        for dry_run in (True, False):
            with pytest.raises(NotAllowed):
                derive(store.acting(caller), "sections", dry_run=dry_run)
    assert not len(derived(store))
    ann = store.acting(Caller("ann", "planner", ("990101101",)))
    assert counts(derive(ann, "crossings")["crossings"]) == {"derived": 1, "added": 1}, (
        "the crossing is in its township"
    )
    assert counts(derive(ann, "crossings")["crossings"]) == {"derived": 1, "unchanged": 1}
    assert counts(derive(store.acting(Caller("root", "admin")), "sections")["sections"]) == {"derived": 5, "added": 5}
