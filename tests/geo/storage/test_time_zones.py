"""Take the day from the time zone of the store, whatever zone the process, the computer or another program is in."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.time_zones import today_in, utc_offsets
from tests import postgres
from tests.geo.storage.sample_layers import feature

#: 26 hours apart: it is never the same day in both.
EAST, WEST = "Pacific/Kiritimati", "Etc/GMT+12"


@pytest.fixture(params=[EAST, WEST])
def zone(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.server)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a store that tells the day by itself."""
    if request.param == "geopackage":
        with open_store(tmp_path / "workspace.gpkg") as opened:
            yield opened
        return
    from geo.storage.postgis.store import open_database

    server, migrated = (request.getfixturevalue(name) for name in ("server", "migrated"))
    with (
        postgres.fresh_database(server, template=migrated) as url,
        open_database(postgres.service_url(url)) as opened,
    ):
        yield opened


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def process_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Put this process into a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_changes_and_reads_are_of_the_day_of_the_store(store: Store, zone: str, process_zone: str) -> None:
    store.set_time_zone(zone)
    day = today_in(zone)
    assert store.today() == day
    store.put("cameras", "c", feature(height=6.0), if_version=0, actor="me")
    store.put("cameras", "c", feature(height=8.0), if_version=1, actor="me")
    found, version = store.get("cameras", "c")
    assert (found["properties"]["valid_from"], version) == (day.isoformat(), 2)
    assert store.get("cameras", "c", at=day - timedelta(days=1))[1] == 1
    store.put("cameras", "c", found, if_version=version, actor="me")  # what get returns, put takes


def test_another_program_writes_days_of_the_zone_of_the_file(tmp_path: Path, zone: str, process_zone: str) -> None:
    path = tmp_path / "workspace.gpkg"
    with open_store(path, time_zone=zone) as store:
        assert store.time_zone() == zone
        store.put("cameras", "c", feature(height=6.0), if_version=0, actor="me")
        with closing(sqlite3.connect(path)) as conn, conn:
            configure_connection(conn)
            conn.execute("UPDATE cameras SET height = 8")
        found, version = store.get("cameras", "c")
    assert (found["properties"]["valid_from"], version) == (today_in(zone).isoformat(), 2)


def test_a_new_store_takes_the_zone_given_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "workspace.gpkg"
    open_store(path, time_zone="Asia/Urumqi").close()
    with open_store(path, time_zone="Asia/Shanghai") as store:
        assert store.time_zone() == "Asia/Urumqi"


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Helsinki", "America/St_Johns", "Australia/Lord_Howe", EAST, WEST]),
    seconds=st.integers(946_771_200, 4_102_272_000),  # of the years 2000 to 2099
)
def test_the_offsets_of_a_file_are_those_of_the_zone(zone: str, seconds: int) -> None:
    stamp = datetime.fromtimestamp(seconds, tz=UTC)
    minutes = [one for since, one in utc_offsets(zone) if since <= stamp.strftime("%Y-%m-%dT%H:%M:%SZ")][-1]
    assert timedelta(minutes=minutes) == stamp.astimezone(ZoneInfo(zone)).utcoffset()


def test_the_process_zone_is_set_in_these_tests(process_zone: str) -> None:
    day: date = datetime.now().date()  # noqa: DTZ005 - the local day of the process is what is asked
    assert os.environ["TZ"] == process_zone
    assert day == today_in(process_zone)
