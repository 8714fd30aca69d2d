"""Hold every store to keeping the names of runs with the runs, and to whom it lets give them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geo.errors import BadValue, NotAllowed, NotFound
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.storage.run_names import RunName
from geo.storage.transfer import transfer_store
from geo.types import Run

PLAN = RunName("春季方案", "新桥通车之前")


def saved(store: Store, *ids: str) -> None:
    for one in ids:
        store.save_run(Run(one, "2026-03-01T00:00:00.000Z", {}, {}, {}))


def test_a_name_is_given_changed_taken_away_and_goes_with_its_run(store: Store) -> None:
    saved(store, "r1", "r2")
    assert store.run_names() == {}
    store.name_run("r1", RunName(" 春季方案 ", "新桥通车之前"))
    store.name_run("r2", RunName("b"))
    store.name_run("r2", RunName("c"))
    assert store.run_names() == {"r1": PLAN, "r2": RunName("c")}
    store.name_run("r2", RunName(""))
    assert store.run_names() == {"r1": PLAN}
    store.delete_run("r1")
    assert store.run_names() == {}
    assert store.time_zone() == "Asia/Shanghai", "other settings are left alone"


def test_what_is_no_name_or_of_no_run_is_refused(store: Store) -> None:
    saved(store, "r1")
    with pytest.raises(NotFound):
        store.name_run("none", PLAN)
    for wrong in (RunName("x" * 61), RunName("x", "y" * 501), RunName("a\x07")):
        with pytest.raises(BadValue):
            store.name_run("r1", wrong)
    assert store.run_names() == {}


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_only_an_admin_gives_names(store: Store, role: str) -> None:
    saved(store, "r1")
    other = store.acting(Caller("li", role, townships=("620622101",) if role == "planner" else ()))
    with pytest.raises(NotAllowed, match="admin"):
        other.name_run("r1", PLAN)
    assert store.run_names() == {}


def test_names_move_with_the_store(make_store: Callable[[], Store]) -> None:
    source, target = make_store(), make_store()
    saved(source, "r1")
    source.name_run("r1", PLAN)
    transfer_store(source, target)
    assert target.run_names() == {"r1": PLAN}
