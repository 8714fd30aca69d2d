"""Hold every store to snapshots, callers, jobs, and to giving itself out whole (docs/contract.md sections 4 and 5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import BadGeometry, BadValue, Conflict, NotFound
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, AuditEntry, Caller, Job, LayerHistory, StoredRun
from tests.geo.storage import sample_layers
from tests.geo.storage.conftest import Clock
from tests.geo.storage.sample_layers import cameras, feature, squares

WORKER = Caller("worker", "worker", None)


def test_a_snapshot_sees_one_state_while_others_write(store: Store) -> None:
    store.write("cameras", cameras("a"), "upsert", actor="me")
    with ThreadPoolExecutor(1) as pool:
        with store.snapshot():
            pool.submit(store.write, "cameras", cameras("b"), "upsert", actor="other").result()
            assert store.count("cameras") == 1
            with store.snapshot():
                assert store.read("cameras")["id"].tolist() == ["a"]
                assert store.revision("cameras") == 1
            assert store.runs() == []
        assert store.count("cameras") == 2


def test_a_write_within_a_snapshot_is_refused_and_the_snapshot_goes_on(store: Store) -> None:
    store.write("cameras", cameras("a"), "upsert", actor="me")
    writes: list[Callable[[], object]] = [
        lambda: store.write("cameras", cameras("b"), "upsert", actor="me"),
        lambda: store.put("cameras", "b", feature(), if_version=None, actor="me"),
        lambda: store.delete("cameras", "a", if_version=None, actor="me"),
        lambda: store.save_run(sample_layers.run()),
        lambda: store.delete_run("0199-a"),
        lambda: store.save_job(Job("1", "analyze", "accepted", {}, "me", "admin", "")),
        lambda: store.transaction().__enter__(),
    ]
    with store.snapshot():
        for call in writes:
            with pytest.raises(BadValue):
                call()
        assert store.count("cameras") == 1
    store.write("cameras", cameras("b"), "upsert", actor="me")
    with store.transaction():
        store.write("cameras", cameras("c"), "upsert", actor="me")
        with store.snapshot():
            assert store.count("cameras") == 3
            with pytest.raises(BadValue):
                store.delete("cameras", "a", if_version=None, actor="me")
        store.write("cameras", cameras("d"), "upsert", actor="me")
    assert store.count("cameras") == 4


def test_a_store_acts_for_a_caller_and_stays_open(store: Store) -> None:
    mine = store.acting(LOCAL)
    mine.write("cameras", cameras("a"), "upsert", actor="me")
    mine.record(AuditEntry("create", layer="cameras", feature="a"))
    mine.close()
    assert store.count("cameras") == 1
    with store.transaction():
        store.write("cameras", cameras("b"), "upsert", actor="me")
        assert store.acting(LOCAL).count("cameras") == 2  # the same caller is in the same transaction


# -- jobs --------------------------------------------------------------------------------------------------------------


def job(number: int, owner: str = "li", **values: object) -> Job:
    inputs = {"level": "detect", "zones": ["grids"], "at": None}
    return Job(
        f"0199-{number}", "analyze", "accepted", inputs, owner, "planner", f"2026-03-0{number}T08:00:00Z", **values
    )


def test_a_job_comes_back_as_it_was_and_is_replaced_by_id(store: Store) -> None:
    assert store.jobs() == []
    with pytest.raises(NotFound):
        store.job("0199-1")
    store.save_job(job(1))
    assert store.job("0199-1") == job(1)
    done = job(1, started="2026-03-01T08:01:00Z", progress=100, message="完成 / done", run="0199-a", attempts=2)
    store.save_job(dataclasses.replace(done, status="successful"))
    assert store.jobs() == [dataclasses.replace(done, status="successful")]


def test_jobs_are_listed_newest_first(store: Store) -> None:
    for number in (2, 3, 1):
        store.save_job(job(number))
    assert [one.id for one in store.jobs()] == ["0199-3", "0199-2", "0199-1"]
    assert [one.id for one in store.jobs(limit=2)] == ["0199-3", "0199-2"]
    with pytest.raises(BadValue):
        store.jobs(limit=-1)


def test_a_job_of_another_is_as_if_it_were_not(store: Store) -> None:
    store.acting(WORKER).save_job(job(1, "li"))
    store.acting(WORKER).save_job(job(2, "wang"))
    li = store.acting(Caller("li", "planner", ("620622100",)))
    assert [one.id for one in li.jobs()] == ["0199-1"]
    assert li.job("0199-1").owner == "li"
    with pytest.raises(NotFound) as other:
        li.job("0199-2")
    with pytest.raises(NotFound) as none:
        li.job("0199-9")
    assert str(other.value).replace("0199-2", "X") == str(none.value).replace("0199-9", "X")
    assert len(store.acting(WORKER).jobs()) == 2
    assert len(store.acting(LOCAL).jobs()) == 2


# -- all of a layer, all of a run --------------------------------------------------------------------------------------


def lived(store: Store, clock: Clock) -> None:
    """Give a store a past: rows replaced, deleted, come back, dated ahead, of every kind of value."""
    store.write(
        "cameras",
        cameras("a", "b", "c", height=[0.1 + 0.2, None, 1e-300], kind=["ptz", None, ""]),
        "upsert",
        actor="li",
    )
    store.write("grids", squares("g", "h", level=[1, None]), "upsert", actor="li")
    clock.day = date(2026, 4, 1)
    store.put("cameras", "a", feature(x=1 / 3, kind="fixed"), if_version=1, actor="wang")
    store.delete("cameras", "b", if_version=None, actor="wang")
    clock.day = date(2026, 5, 1)
    store.write(
        "cameras", cameras("b", "e", kind=["ptz", "ptz"], valid_from=[None, "2027-01-01"]), "upsert", actor="赵"
    )
    store.write("grids", squares("g", side=0.02), "replace", actor="赵")


def assert_same(one: LayerHistory, other: LayerHistory) -> None:
    assert one.revision == other.revision
    for here, there in ((one.current, other.current), (one.history, other.history)):
        pd.testing.assert_frame_equal(here.drop(columns="geometry"), there.drop(columns="geometry"))
        assert shapely.to_wkb(here.geometry).tolist() == shapely.to_wkb(there.geometry).tolist()
        assert here.crs == there.crs == "EPSG:4326"


def test_versions_tell_all_of_a_layer(store: Store, clock: Clock) -> None:
    lived(store, clock)
    told = store.versions("cameras")
    assert told.current["id"].tolist() == ["a", "b", "c", "e"]
    assert told.current["valid_from"].fillna("").tolist() == ["2026-04-01", "2026-05-01", "", "2027-01-01"]
    history_rows = told.history[["id", "version", "valid_to", "changed_by", "op"]].to_numpy().tolist()
    assert history_rows == [["a", 1, "2026-04-01", "wang", "update"], ["b", 1, "2026-04-01", "wang", "delete"]]
    assert [one.wkt for one in told.history.geometry] == ["POINT (103 37)", "POINT (103.01 37)"]
    number, when, who = told.revision
    assert (number, who) == (store.revision("cameras"), "赵")
    assert when is not None
    assert told.history["changed_at"].str.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\d{3})?Z$").all()
    assert store.versions("roads").revision == (0, None, None)


def test_a_layer_put_into_an_empty_store_is_the_same_on_every_day(
    make_store: Callable[[], Store], clock: Clock
) -> None:
    source, target = make_store(), make_store()
    lived(source, clock)
    clock.day = date(2026, 7, 1)
    for name in ("cameras", "grids"):
        target.restore(name, source.versions(name))
        assert_same(source.versions(name), target.versions(name))
        for day in (date(2026, 3, 15), date(2026, 4, 15), date(2026, 5, 15), date(2027, 5, 15)):
            here, there = source.read(name, at=day), target.read(name, at=day)
            assert here.equals(there)
            assert shapely.equals_identical(here.geometry.to_numpy(), there.geometry.to_numpy()).all()
        with pytest.raises(Conflict):
            target.restore(name, source.versions(name))
    # Life goes on there: versions are counted from the history, the index knows the rows, a box finds them.
    assert target.put("cameras", "a", feature(kind="ptz"), if_version=2, actor="me") == 3
    assert target.put("cameras", "z", feature(), if_version=0, actor="me") == 1
    assert target.count("cameras", bbox=(102.9, 36.9, 103.005, 37.1)) == 3
    assert target.revision("cameras") == source.revision("cameras") + 2


def test_a_layer_with_nothing_but_a_past_is_not_empty(make_store: Callable[[], Store]) -> None:
    source, target = make_store(), make_store()
    source.write("cameras", cameras("a"), "upsert", actor="me")
    target.write("cameras", cameras("b"), "upsert", actor="me")
    target.delete("cameras", "b", if_version=None, actor="me")
    with pytest.raises(Conflict):
        target.restore("cameras", source.versions("cameras"))


def test_a_row_without_a_shape_is_named_and_nothing_is_put(make_store: Callable[[], Store]) -> None:
    source, target = make_store(), make_store()
    source.write("cameras", cameras("a", "b"), "upsert", actor="me")
    told = source.versions("cameras")
    told.current.loc[1, "geometry"] = None
    with pytest.raises(BadGeometry) as error:
        target.restore("cameras", told)
    assert [one.row for one in error.value.rows] == ["b"]
    assert target.count("cameras") == 0
    assert target.revision("cameras") == 0


def test_a_stored_run_is_the_same_bit_for_bit(make_store: Callable[[], Store]) -> None:
    source, target = make_store(), make_store()
    source.save_run(sample_layers.run())
    stored = source.stored_run("latest")
    target.restore_run(stored)
    assert_same_run(target.stored_run(stored.id), stored)
    with pytest.raises(Conflict):
        target.restore_run(stored)
    with pytest.raises(NotFound):
        source.stored_run("0199-z")
    back = target.run(stored.id, incidence=True)
    assert back.incidence == b"\x00\x01model"
    for name, frame in source.run(stored.id).layers.items():
        assert shapely.to_wkb(frame.geometry).tolist() == shapely.to_wkb(back.layers[name].geometry).tolist()
        pd.testing.assert_frame_equal(frame.drop(columns="geometry"), back.layers[name].drop(columns="geometry"))


def assert_same_run(one: StoredRun, other: StoredRun) -> None:
    assert dataclasses.replace(one, rows={}) == dataclasses.replace(other, rows={})
    assert list(one.rows) == list(other.rows)
    for name, rows in one.rows.items():
        there = other.rows[name]
        assert (rows.table, tuple(rows.columns)) == (there.table, tuple(there.columns))
        assert [list(values) for values in rows.values] == [list(values) for values in there.values]
        assert shapely.to_wkb(rows.shapes).tolist() == shapely.to_wkb(there.shapes).tolist()


def test_figures_that_no_column_can_hold_come_back_all_the_same(store: Store) -> None:
    frame = gpd.GeoDataFrame(
        {
            "code": [620622.0, np.nan], "name": [True, False], "households": [1.5, np.nan],
            "sure_share": [2**60 + 1, 1], "cameras": [2**70, 1], "kind": ["", "甲"],
            "staff": [2.0, np.nan], "level": [1, 2],
        },
        geometry=[shapely.box(500_000, 4_100_000, 500_010, 4_100_010)] * 2,
        crs=sample_layers.METRES,
    )  # fmt: skip
    store.save_run(dataclasses.replace(sample_layers.run(), layers={"grids": frame}))
    back = store.run("latest").layers["grids"]
    pd.testing.assert_frame_equal(back.drop(columns="geometry"), frame.drop(columns="geometry"))
