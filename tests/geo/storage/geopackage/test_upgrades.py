"""Upgrade a workspace file day by day, on paper: what is done once is not done again, whatever days come between."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from geo.errors import StoreBroken
from geo.storage.geopackage import schema, upgrades
from geo.storage.geopackage.store import open_store

JANUARY, FEBRUARY, MARCH = "2099-01-01", "2099-02-01", "2099-03-01"


def program_of(monkeypatch: pytest.MonkeyPatch, *days: str) -> None:
    """Make the program one that has a hand-written step for each of these days; a step adds its day to a table."""

    def step_of(day: str) -> upgrades.HandWritten:
        def apply(conn: sqlite3.Connection) -> None:
            conn.execute("CREATE TABLE IF NOT EXISTS days (day TEXT)")
            conn.execute("INSERT INTO days VALUES (?)", (day,))

        return upgrades.HandWritten(f"记下 {day}", f"noted {day}", apply)

    monkeypatch.setattr(upgrades, "DAYS", days)
    monkeypatch.setattr(schema, "DAYS", days)
    monkeypatch.setattr(upgrades, "STRUCTURE", {day: step_of(day) for day in days})
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 1 + len(days))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a workspace of a program without any step: whatever days the real one has, they are no part of it."""
    path = tmp_path / "workspace.gpkg"
    with pytest.MonkeyPatch.context() as first:
        program_of(first)
        open_store(path).close()
    return path


def upgraded(path: Path) -> list[str]:
    with open_store(path, create=False) as store:
        return [one.partition(" / ")[2] for one in store.upgraded]


def content(path: Path) -> tuple[str, str, list[str]]:
    """Return the version, the days and what the steps wrote."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        meta = dict(conn.execute("SELECT key, value FROM gridsight_meta"))
        noted = [day for (day,) in conn.execute("SELECT day FROM days ORDER BY rowid")]
    return meta["schema_version"], meta["schema_days"], noted


def test_each_day_is_one_step_and_is_done_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_of(monkeypatch, JANUARY, MARCH)
    assert upgraded(path) == [f"noted {JANUARY} ({JANUARY})", f"noted {MARCH} ({MARCH})"]
    assert content(path) == ("3", f"{JANUARY} {MARCH}", [JANUARY, MARCH])
    assert upgraded(path) == []


def test_a_day_that_comes_between_is_made_up_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two branches of work declare on days of their own; the earlier day lands later."""
    program_of(monkeypatch, JANUARY, MARCH)
    upgraded(path)
    program_of(monkeypatch, JANUARY, FEBRUARY, MARCH)
    assert upgraded(path) == [f"noted {FEBRUARY} ({FEBRUARY})"]
    assert content(path) == ("4", f"{JANUARY} {FEBRUARY} {MARCH}", [JANUARY, MARCH, FEBRUARY])


def test_a_step_that_fails_leaves_the_file_as_the_step_before_left_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program_of(monkeypatch, JANUARY, MARCH)

    def fail(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO days VALUES ('half')")
        conn.execute("no such statement")

    broken = {**upgrades.STRUCTURE, MARCH: upgrades.HandWritten("坏", "broken", fail)}
    monkeypatch.setattr(upgrades, "STRUCTURE", broken)
    with pytest.raises(StoreBroken) as failed:
        open_store(path)
    assert failed.value.en.endswith(f"; steps done before: noted {JANUARY} ({JANUARY})")
    assert content(path) == ("2", JANUARY, [JANUARY])
    program_of(monkeypatch, JANUARY, MARCH)
    assert upgraded(path) == [f"noted {MARCH} ({MARCH})"]


def test_a_file_with_a_step_unknown_to_the_program_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The versions are equal, the steps are not."""
    program_of(monkeypatch, JANUARY, MARCH)
    upgraded(path)
    before = path.read_bytes()
    program_of(monkeypatch, JANUARY, FEBRUARY)
    with pytest.raises(StoreBroken) as refused:
        open_store(path)
    assert refused.value.en == f"{path} has steps that this program does not know ({MARCH}): use a newer one"
    assert path.read_bytes() == before


def test_a_new_file_has_all_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_of(monkeypatch, JANUARY)
    path = tmp_path / "new.gpkg"
    open_store(path).close()
    assert upgraded(path) == []
    with contextlib.closing(sqlite3.connect(path)) as conn:
        found = dict(conn.execute("SELECT key, value FROM gridsight_meta WHERE key LIKE 'schema%'"))
    assert found == {"schema_version": "2", "schema_days": JANUARY}
