"""Hold every store to validity dates and history (docs/contract.md section 4, "Current rows and history")."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest

from geo.errors import BadValue, NotFound
from geo.storage.protocol import Store
from tests.geo.storage.conftest import Clock
from tests.geo.storage.sample_layers import cameras, feature, squares

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def kinds(store: Store, at: object) -> dict[str, str]:
    frame = store.read("cameras", at=at)
    assert store.count("cameras", at=at) == len(frame)
    return dict(zip(frame["id"], frame["kind"], strict=True))


def test_an_update_starts_on_its_day_and_the_past_keeps_its_answer(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", "b", kind=["fixed", "fixed"]), "upsert", actor="me")
    clock.day = MAY
    store.write("cameras", cameras("a", "b", kind=["ptz", "fixed"]), "upsert", actor="me")
    assert kinds(store, None) == {"a": "ptz", "b": "fixed"}
    assert kinds(store, MAY) == {"a": "ptz", "b": "fixed"}
    assert kinds(store, date(2026, 4, 30)) == {"a": "fixed", "b": "fixed"}
    assert kinds(store, date(1, 1, 1)) == {"a": "fixed", "b": "fixed"}
    assert store.read("cameras")["valid_from"].tolist()[0] == "2026-05-01"
    assert store.read("cameras")["valid_from"].isna().tolist() == [False, True]
    assert store.get("cameras", "a")[1] == 2
    past, version = store.get("cameras", "a", at=MARCH)
    assert (past["properties"]["kind"], past["properties"]["valid_to"], version) == ("fixed", "2026-05-01", 1)


def test_who_ended_each_version_is_told(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", "b", kind=["fixed", "fixed"]), "upsert", actor="li")
    assert store.enders("cameras", "a") == []
    clock.day = MAY
    store.write("cameras", cameras("a", kind=["ptz"]), "upsert", actor="wang")
    clock.day = JUNE
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="zhao")
    store.delete("cameras", "b", if_version=None, actor="qian")
    found = {key: [(one.version, one.changed_by, one.op) for one in store.enders("cameras", key)] for key in "abc"}
    assert found == {"a": [(1, "wang", "update"), (2, "zhao", "update")], "b": [(1, "qian", "delete")], "c": []}
    assert all(one.changed_at.endswith("Z") for one in store.enders("cameras", "a"))


def test_two_updates_on_one_day_leave_one_answer_each_day(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    clock.day = MAY
    for kind in ("ptz", "panoramic"):
        store.write("cameras", cameras("a", kind=[kind]), "upsert", actor="me")
    assert kinds(store, MAY) == {"a": "panoramic"}
    assert kinds(store, APRIL) == {"a": "fixed"}
    assert kinds(store, (None, None)) == {"a": "panoramic"}
    assert store.get("cameras", "a")[1] == 3


def test_a_delete_ends_on_its_day(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    clock.day = MAY
    store.delete("cameras", "a", if_version=None, actor="me")
    assert kinds(store, None) == {}
    assert kinds(store, APRIL) == {"a": "fixed"}
    assert store.get("cameras", "a", at=APRIL)[1] == 1
    with pytest.raises(NotFound):
        store.get("cameras", "a")


def test_a_key_that_comes_back_begins_then(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    clock.day = APRIL
    store.delete("cameras", "a", if_version=None, actor="me")
    clock.day = JUNE
    store.write("cameras", cameras("a", kind=["ptz"]), "append", actor="me")
    assert kinds(store, MARCH) == {"a": "fixed"}
    assert kinds(store, MAY) == {}
    assert kinds(store, JUNE) == {"a": "ptz"}
    assert store.get("cameras", "a")[1] == 2


def test_replace_keeps_the_history_of_all(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", "b", kind=["fixed", "fixed"]), "upsert", actor="me")
    clock.day = MAY
    store.write("cameras", cameras("b", "c", x=103.01, kind=["ptz", "ptz"]), "replace", actor="me")
    assert kinds(store, APRIL) == {"a": "fixed", "b": "fixed"}  # c begins the day it takes the place of a
    assert kinds(store, MAY) == {"b": "ptz", "c": "ptz"}


def test_dates_given_are_kept(store: Store, clock: Clock) -> None:
    frame = cameras("a", "b", kind=["fixed", "fixed"], valid_from=["2026-01-10", None], valid_to=[None, "2026-04-01"])
    store.write("cameras", frame, "upsert", actor="me")
    assert kinds(store, date(2026, 1, 9)) == {"b": "fixed"}
    assert kinds(store, date(2026, 1, 10)) == {"a": "fixed", "b": "fixed"}
    assert kinds(store, date(2026, 3, 31)) == {"a": "fixed", "b": "fixed"}
    assert kinds(store, APRIL) == {"a": "fixed"}  # the end is not in it


def test_a_change_may_be_dated_ahead_or_back(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    store.write("cameras", cameras("a", kind=["ptz"], valid_from=["2026-05-01"]), "upsert", actor="me")
    assert kinds(store, None) == {"a": "fixed"}  # today is March: the old version still answers
    assert kinds(store, MAY) == {"a": "ptz"}
    store.write("cameras", cameras("a", kind=["panoramic"], valid_from=["2026-02-01"]), "upsert", actor="me")
    assert kinds(store, date(2026, 1, 31)) == {"a": "fixed"}
    assert kinds(store, date(2026, 2, 1)) == {"a": "panoramic"}
    assert kinds(store, MAY) == {"a": "panoramic"}


def test_ending_a_row_in_the_past_corrects_the_past(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    clock.day = JUNE
    store.write("cameras", cameras("a", kind=["fixed"], valid_to=["2026-04-01"]), "upsert", actor="me")
    assert kinds(store, date(2026, 3, 31)) == {"a": "fixed"}
    assert kinds(store, APRIL) == {}
    assert kinds(store, None) == {}


def test_correcting_a_row_that_begins_later_does_not_begin_it_today(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"], valid_from=["2026-05-01"]), "upsert", actor="me")
    store.put("cameras", "a", feature(kind="ptz", valid_from="2026-05-01"), if_version=1, actor="me")
    assert kinds(store, None) == {}
    assert kinds(store, MAY) == {"a": "ptz"}


def test_an_interval_takes_the_newest_version_that_meets_it(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    clock.day = APRIL
    store.write("cameras", cameras("a", kind=["ptz"]), "upsert", actor="me")
    clock.day = JUNE
    store.delete("cameras", "a", if_version=None, actor="me")
    assert kinds(store, (None, None)) == {"a": "ptz"}
    assert kinds(store, (None, MARCH)) == {"a": "fixed"}
    assert kinds(store, (MARCH, APRIL)) == {"a": "ptz"}  # both ends are in it
    assert kinds(store, (date(2026, 5, 31), None)) == {"a": "ptz"}
    assert kinds(store, (JUNE, None)) == {}
    with pytest.raises(BadValue):
        store.read("cameras", at=(JUNE, MAY))


def test_filters_and_boxes_see_the_version_of_the_day_alone(store: Store, clock: Clock) -> None:
    store.write("cameras", cameras("a", kind=["fixed"], x=103.0), "upsert", actor="me")
    clock.day = MAY
    store.write("cameras", cameras("a", kind=["ptz"], x=104.0), "upsert", actor="me")
    fixed = {"op": "=", "args": [{"property": "kind"}, "fixed"]}
    west = (102.5, 36.0, 103.5, 38.0)
    assert store.count("cameras", where=fixed) == 0
    assert store.count("cameras", where=fixed, at=APRIL) == 1
    assert store.count("cameras", bbox=west) == 0
    assert store.count("cameras", bbox=west, at=APRIL) == 1
    assert store.count("cameras", bbox=west, where=fixed, at=(APRIL, None)) == 0  # the newest in the interval is ptz


def test_pages_run_through_current_and_past_rows_in_one_order(store: Store, clock: Clock) -> None:
    keys = [f"{i:02d}" for i in range(20)]
    store.write("cameras", cameras(*keys, kind=["fixed"] * 20), "upsert", actor="me")
    clock.day = MAY
    store.write("cameras", cameras(*keys[::3], kind=["ptz"] * 7), "replace", actor="me")
    seen: list[str] = []
    while page := store.read("cameras", at=APRIL, after=seen[-1] if seen else "", limit=3)["id"].tolist():
        seen += page
    assert seen == keys


def test_a_change_of_shape_alone_is_a_version(store: Store, clock: Clock) -> None:
    store.write("grids", squares("g"), "upsert", actor="me")
    before: gpd.GeoSeries = store.read("grids").geometry
    clock.day = MAY
    store.write("grids", squares("g", side=0.02), "upsert", actor="me")
    assert store.get("grids", "g")[1] == 2
    assert store.read("grids", at=APRIL).geometry.geom_equals_exact(before, 0).all()
