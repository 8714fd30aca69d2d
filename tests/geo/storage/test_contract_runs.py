"""Hold every store to saving runs, transactions and threads (docs/contract.md section 4)."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
import shapely

from api.representations.frame_records import records
from geo.errors import Conflict, NotAllowed, NotFound, StoreBroken, UnknownCrs, UnknownName
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, PublishedRun
from tests.geo.storage import sample_layers
from tests.geo.storage.sample_layers import cameras


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    run = sample_layers.run(count=4)
    store.save_run(run)
    back = store.run(run.id, incidence=True)
    assert (back.id, back.created, back.options, back.summary) == (run.id, run.created, run.options, run.summary)
    assert back.incidence == run.incidence
    assert list(back.layers) == list(run.layers)
    for name, frame in run.layers.items():
        got = back.layers[name]
        assert got.crs == frame.crs
        pd.testing.assert_frame_equal(got.drop(columns="geometry"), frame.drop(columns="geometry"))
        assert got.geometry.is_empty.tolist() == frame.geometry.is_empty.tolist()
        assert got.geometry.geom_equals_exact(frame.geometry, 1e-6)[~frame.geometry.is_empty].all()
    assert back.layers["views"]["assumed"].iloc[0] == ["hfov=80", "moved 0.42 m to the wall"]


def test_a_run_gives_the_layers_asked_for(store: Store) -> None:
    store.save_run(sample_layers.run())
    assert list(store.run("0199-a", layers=["gaps", "grids"]).layers) == ["gaps", "grids"]
    assert store.run("0199-a", layers=[]).layers == {}
    assert store.run("0199-a").incidence is None
    with pytest.raises(UnknownName, match="villages"):
        store.run("0199-a", layers=["villages"])


def test_rows_of_a_run_are_those_of_its_frame_as_plain_values(store: Store) -> None:
    run = sample_layers.run(count=4)
    store.save_run(run)
    for name, frame in run.layers.items():
        rows = store.run_rows(run.id, name)
        assert rows == store.run_rows("latest", name) == records(store.run(run.id).layers[name])
        assert len(rows) == len(frame)
        assert [list(row) for row in rows] == [list(frame.columns.drop("geometry"))] * len(rows)
        json.dumps(rows)
    assert store.run_rows(run.id, "views")[0]["assumed"] == ["hfov=80", "moved 0.42 m to the wall"]
    with pytest.raises(UnknownName, match="villages"):
        store.run_rows(run.id, "villages")
    with pytest.raises(NotFound):
        store.run_rows("none", "gaps")


def test_an_empty_layer_keeps_its_columns(store: Store) -> None:
    run = sample_layers.run()
    run = dataclasses.replace(run, layers={**run.layers, "gaps": run.layers["gaps"].iloc[:0]})
    store.save_run(run)
    gaps = store.run(run.id).layers["gaps"]
    assert len(gaps) == 0
    pd.testing.assert_frame_equal(gaps, run.layers["gaps"])


def test_runs_are_listed_newest_first_and_latest_is_the_newest(store: Store) -> None:
    with pytest.raises(NotFound):
        store.run("latest")
    for key in ("0199-b", "0199-c", "0199-a"):
        store.save_run(sample_layers.run(key))
    assert [one.id for one in store.runs()] == ["0199-c", "0199-b", "0199-a"]
    assert all(not one.layers and one.incidence is None for one in store.runs())
    assert store.run("latest", layers=[]).id == "0199-c"


def test_deleting_a_run_removes_all_of_it_and_no_other(store: Store) -> None:
    for key in ("0199-a", "0199-b"):
        store.save_run(sample_layers.run(key))
    store.delete_run("0199-b")
    assert [one.id for one in store.runs()] == ["0199-a"]
    assert len(store.run("latest").layers["views"]) == 2
    for call in (store.run, store.delete_run):
        with pytest.raises(NotFound):
            call("0199-b")
    store.save_run(sample_layers.run("0199-b"))
    assert len(store.run("0199-b", incidence=True).layers["gaps"]) == 2


def test_a_run_is_saved_whole_or_not_at_all(store: Store) -> None:
    run = sample_layers.run()
    store.save_run(run)
    with pytest.raises(Conflict):
        store.save_run(run)
    other = sample_layers.run("0199-z")
    nowhere = other.layers["gaps"].set_crs(None, allow_override=True)
    with pytest.raises(UnknownCrs):
        store.save_run(dataclasses.replace(other, layers={"gaps": nowhere}))
    with pytest.raises(NotFound):
        store.run("0199-z")


def test_a_run_in_another_crs_keeps_its_places(store: Store) -> None:
    run = sample_layers.run()
    to_bern = (2_100_000.0, -2_900_000.0)  # CH1903+ lies 700 m beside WGS-84
    swiss = {
        name: frame.set_geometry(frame.geometry.translate(*to_bern)).set_crs("EPSG:2056", allow_override=True)
        for name, frame in run.layers.items()
    }
    store.save_run(dataclasses.replace(run, layers=swiss))
    for name, frame in store.run(run.id).layers.items():
        shift = shapely.hausdorff_distance(frame.geometry.to_numpy(), swiss[name].geometry.to_numpy())
        assert shift[~frame.geometry.is_empty].max() < 0.01  # metres; rule C2 speaks of 0.10


# -- transactions and threads ------------------------------------------------------------------------------------------


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    with store.transaction():
        store.write("cameras", cameras("a"), "upsert", actor="me")
        store.save_run(sample_layers.run())
        assert store.count("cameras") == 1  # one reads what one has written
    revision = store.revision("cameras")

    def give_up() -> None:
        with store.transaction():
            store.write("cameras", cameras("b"), "upsert", actor="me")
            store.delete_run("0199-a")
            raise RuntimeError("change of mind")

    with pytest.raises(RuntimeError, match="change of mind"):
        give_up()
    assert store.read("cameras")["id"].tolist() == ["a"]
    assert len(store.runs()) == 1
    assert store.revision("cameras") == revision


def test_a_step_that_fails_inside_a_transaction_leaves_the_other_steps(store: Store) -> None:
    with store.transaction():
        store.write("cameras", cameras("a"), "upsert", actor="me")
        with pytest.raises(Conflict):
            store.write("cameras", cameras("b", "a"), "append", actor="me")
        with store.transaction():
            store.write("cameras", cameras("c"), "upsert", actor="me")
    assert store.read("cameras")["id"].tolist() == ["a", "c"]


def test_other_threads_see_a_transaction_when_it_is_done(store: Store) -> None:
    with ThreadPoolExecutor(1) as pool:
        with store.transaction():
            store.write("cameras", cameras("a"), "upsert", actor="me")
            assert pool.submit(store.count, "cameras").result() == 0
            assert store.count("cameras") == 1
        assert pool.submit(store.count, "cameras").result() == 1


def test_many_threads_read_and_write_at_once(store: Store) -> None:
    def write(i: int) -> int:
        store.write("cameras", cameras(f"k{i}", x=100 + i), "upsert", actor=f"actor {i}")
        return len(store.read("cameras"))

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(write, range(24)))
    assert min(seen) >= 1
    assert store.count("cameras") == 24
    assert store.revision("cameras") == 24


def test_each_layer_has_its_own_revision(store: Store) -> None:
    before = {name: store.revision(name) for name in ("cameras", "grids")}
    store.write("cameras", cameras("a"), "upsert", actor="me")
    assert store.revision("cameras") > before["cameras"]
    assert store.revision("grids") == before["grids"]


def test_a_closed_store_says_so(store: Store) -> None:
    store.count("cameras")
    store.close()
    store.close()
    with pytest.raises(StoreBroken):
        store.count("cameras")


def _saved(store: Store, run_id: str, maker: Caller) -> None:
    store.save_run(dataclasses.replace(sample_layers.run(run_id), maker=maker.id, maker_role=maker.role))


OFFICE, LI, WANG, NOBODY = (
    Caller("office", "admin", None, key="k0"),
    Caller("li", "planner", ("990121100",), key="k1"),
    Caller("wang", "planner", ("990121101",), key="k2"),
    Caller("", "public"),
)


def test_a_planners_trial_is_the_latest_to_its_maker_only(store: Store) -> None:
    _saved(store, "01", OFFICE)
    store.acting(OFFICE).publish("01")
    _saved(store, "02", LI)
    _saved(store, "03", OFFICE)
    latest = {who.name: store.acting(who).run("latest", layers=[]).id for who in (LI, WANG, OFFICE, NOBODY, LOCAL)}
    assert latest == {"li": "02", "wang": "01", "office": "03", "": "01", "local": "01"}
    assert {store.acting(who).run("published", layers=[]).id for who in (LI, WANG, OFFICE, NOBODY)} == {"01"}
    assert store.published() == PublishedRun("01", is_published=True)
    store.acting(OFFICE).publish("03")
    assert store.acting(LI).run("latest", layers=[]).id == "03"


def test_without_a_published_run_the_newest_that_no_planner_made_stands_in(store: Store) -> None:
    _saved(store, "01", OFFICE)
    _saved(store, "02", LI)
    assert store.acting(NOBODY).run("latest", layers=[]).id == "01"
    assert store.published() == PublishedRun("01", is_published=False)


def test_to_publish_the_latest_is_to_publish_the_newest_that_no_planner_made(store: Store) -> None:
    """At the command line nobody made a run of their own: there the latest is the published one."""
    for run_id, maker in (("01", OFFICE), ("02", OFFICE), ("03", LI)):
        _saved(store, run_id, maker)
    assert store.publish("01") == "01"
    assert store.run("latest", layers=[]).id == "01"
    assert store.publish("latest") == "02"
    assert store.publish("published") == "02"


def test_a_deleted_published_run_falls_back_to_the_one_before_and_says_so(store: Store) -> None:
    for run_id in ("01", "02", "03"):
        _saved(store, run_id, OFFICE)
    admin = store.acting(OFFICE)
    admin.publish("01")
    admin.publish("03")
    admin.publish("02")
    assert store.run("published", layers=[]).id == "02"
    admin.delete_run("02")
    assert store.published() == PublishedRun("03", is_published=True, deleted="02")
    admin.delete_run("03")
    assert store.published() == PublishedRun("01", is_published=True, deleted="02")
    admin.delete_run("01")
    with pytest.raises(NotFound):
        store.run("published", layers=[])


def test_only_an_admin_publishes_and_only_what_there_is(store: Store) -> None:
    _saved(store, "01", LI)
    with pytest.raises(NotAllowed):
        store.acting(LI).publish("01")
    with pytest.raises(NotFound):
        store.acting(OFFICE).publish("02")
    assert store.acting(OFFICE).publish("01") == "01"
    assert store.run("01", layers=[]).published != ""


def test_without_a_key_there_is_no_trial_of_a_planner(store: Store) -> None:
    nobody, viewer = store.acting(NOBODY), store.acting(Caller("vera", "viewer", key="k3"))

    def known(there: Store) -> list[str]:
        return [one.id for one in there.runs()]

    _saved(store, "01", LI)
    assert known(nobody) == known(viewer) == ["01"], "there is no other run: it stands in"
    _saved(store, "02", OFFICE)
    _saved(store, "03", LI)
    assert known(viewer) == ["03", "02", "01"]
    assert known(nobody) == ["02"]
    for trial in ("01", "03"):
        for call in (lambda run: nobody.run(run, layers=["grids"]), lambda run: nobody.run_rows(run, "grids")):
            with pytest.raises(NotFound) as hidden:
                call(trial)
            with pytest.raises(NotFound) as absent:
                call("09")
            assert str(hidden.value) == str(absent.value).replace("09", trial)
        assert viewer.run(trial, layers=["grids"]).id == trial
    store.publish("03")
    assert known(nobody) == ["03", "02"]
    assert len(nobody.run_rows("03", "grids")) == 2
