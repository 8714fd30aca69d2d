"""Hold every store to one calendar, to versions that begin later, and to naming its states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from geo.errors import BadValue, Conflict, NotFound
from geo.storage.protocol import Store, WriteMode
from tests.geo.storage.conftest import Clock
from tests.geo.storage.sample_layers import cameras, feature

MARCH, MAY, JUNE = (date(2026, month, 1) for month in (3, 5, 6))


def height(store: Store, at: date | None = None) -> float | None:
    """Return the height of the only camera on a day, None where there is none."""
    frame = store.read("cameras", at=at)
    return None if frame.empty else float(frame["height"].iloc[0])


@pytest.fixture
def scheduled(store: Store) -> Store:
    """Return a store with a camera of 6 m that is to be one of 8 m from May on; today is in March."""
    store.put("cameras", "c", feature(height=6.0), if_version=0, actor="me")
    store.put("cameras", "c", feature(height=8.0, valid_from="2026-05-01"), if_version=1, actor="me")
    return store


def test_a_store_has_a_time_zone_that_can_be_changed(store: Store) -> None:
    assert store.time_zone() == "Asia/Shanghai"
    store.set_time_zone("Asia/Urumqi")
    assert store.time_zone() == "Asia/Urumqi"
    with pytest.raises(BadValue, match="Mars"):
        store.set_time_zone("Mars/Olympus")
    assert store.time_zone() == "Asia/Urumqi"


def test_a_scheduled_version_can_be_read(scheduled: Store) -> None:
    assert scheduled.get("cameras", "c")[1] == 1
    assert scheduled.get("cameras", "c", at=MAY)[1] == 2
    found, version = scheduled.current("cameras", "c")
    assert (found["properties"]["height"], version) == (8.0, 2)


def test_a_scheduled_version_can_be_edited(scheduled: Store) -> None:
    found, version = scheduled.current("cameras", "c")
    found["properties"]["height"] = 9.0
    assert scheduled.put("cameras", "c", found, if_version=version, actor="me") == 3
    assert [height(scheduled, day) for day in (None, MAY)] == [6.0, 9.0]


@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_an_import_without_days_begins_today_also_where_a_version_was_to_begin_later(
    scheduled: Store, mode: WriteMode
) -> None:
    """An update that does not set `valid_from` is valid from that day; the scheduled version stays in history."""
    counts = scheduled.write("cameras", cameras("c", height=[7.0]), mode, actor="me")
    assert counts.unchanged == 0
    assert [height(scheduled, day) for day in (None, MAY)] == [7.0, 7.0]
    assert scheduled.current("cameras", "c")[0]["properties"]["valid_from"] == "2026-03-01"
    assert 8.0 in scheduled.versions("cameras").history["height"].tolist()


def test_the_version_valid_today_can_be_edited_and_the_scheduled_one_stays(scheduled: Store, clock: Clock) -> None:
    found, version = scheduled.get("cameras", "c")
    found["properties"]["height"] = 7.0
    clock.day = date(2026, 4, 1)
    made = scheduled.put("cameras", "c", found, if_version=version, actor="me")
    assert scheduled.get("cameras", "c")[1] == made
    assert [height(scheduled, day) for day in (MARCH, None, date(2026, 4, 30), MAY)] == [6.0, 7.0, 7.0, 8.0]
    with pytest.raises(Conflict):
        scheduled.put("cameras", "c", found, if_version=version, actor="me")


def test_a_scheduled_version_can_be_cancelled(scheduled: Store) -> None:
    version = scheduled.current("cameras", "c")[1]
    scheduled.delete("cameras", "c", if_version=version, actor="me")
    assert [height(scheduled, day) for day in (None, MAY, JUNE)] == [6.0, 6.0, 6.0]
    found, now = scheduled.get("cameras", "c")
    assert scheduled.current("cameras", "c") == (found, now)


def test_a_scheduled_version_can_begin_today(scheduled: Store) -> None:
    found, version = scheduled.current("cameras", "c")
    found["properties"]["valid_from"] = "2026-03-01"
    scheduled.put("cameras", "c", found, if_version=version, actor="me")
    assert [height(scheduled, day) for day in (None, MAY)] == [8.0, 8.0]
    assert scheduled.get("cameras", "c") == scheduled.current("cameras", "c")


def test_an_edit_that_is_to_last_cancels_what_is_scheduled(scheduled: Store) -> None:
    found, version = scheduled.get("cameras", "c")
    found["properties"] |= {"height": 7.0, "valid_to": None}
    scheduled.put("cameras", "c", found, if_version=version, actor="me")
    assert [height(scheduled, day) for day in (None, MAY, JUNE)] == [7.0, 7.0, 7.0]


@pytest.mark.parametrize("version", [None, 1])
def test_nothing_of_a_deleted_feature_stays_valid(scheduled: Store, version: int | None) -> None:
    scheduled.delete("cameras", "c", if_version=version, actor="me")
    assert [height(scheduled, day) for day in (date(2026, 2, 1), None, MAY, JUNE)] == [6.0, None, None, None]
    with pytest.raises(NotFound):
        scheduled.current("cameras", "c")


def test_a_feature_that_has_ended_can_be_edited(store: Store) -> None:
    store.put("cameras", "c", feature(height=6.0, valid_to="2026-02-01"), if_version=0, actor="me")
    assert height(store) is None
    found, version = store.current("cameras", "c")
    found["properties"]["valid_to"] = None
    store.put("cameras", "c", found, if_version=version, actor="me")
    assert height(store) == 6.0


def test_a_state_changes_with_its_layers_only(store: Store) -> None:
    both, roads = store.state("cameras", "grids"), store.state("roads")
    assert store.state("grids", "cameras") == both
    store.write("cameras", cameras("c"), "upsert", actor="me")
    assert store.state("cameras", "grids") != both
    assert store.state("roads") == roads


def test_two_stores_of_the_same_edits_have_other_states(make_store: Callable[[], Store]) -> None:
    one, other = make_store(), make_store()
    for store in (one, other):
        store.write("cameras", cameras("c"), "upsert", actor="me")
    assert one.revision("cameras") == other.revision("cameras")
    assert one.epoch() != other.epoch()
    assert one.state("cameras") != other.state("cameras")
