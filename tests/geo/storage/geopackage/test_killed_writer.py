"""Kill a process in the middle of an import or a run: the store is as before or as after, never between."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from geo.storage.geopackage.schema import rtree_triggers
from geo.storage.geopackage.store import open_store
from tests.geo.storage.geopackage import killed_writer
from tests.geo.storage.sample_layers import run

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX thing"),
    pytest.mark.usefixtures("processes"),
]
MOMENTS = 12


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a thousand addresses and a run."""
    path = tmp_path_factory.mktemp("kill") / "filled.gpkg"
    with open_store(path) as store:
        store.write("addresses", killed_writer.addresses(0, killed_writer.OLD, "old"), "upsert", actor="me")
        store.save_run(run())
    return path


def start(path: Path, what: str, die_in_commit: float | None = None) -> tuple:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.geo.storage.geopackage.killed_writer"])
    here, there = context.Pipe()
    process = context.Process(target=killed_writer.work, args=(path, what, die_in_commit, there))
    process.start()
    there.close()
    assert here.recv() == "begin"
    return process, here


def state(path: Path) -> str:
    """Return before or after, having checked that all tables tell the same."""
    with closing(sqlite3.connect(path)) as conn:

        def one(sql: str) -> object:
            return conn.execute(sql).fetchone()[0]

        assert one("PRAGMA integrity_check") == "ok"
        assert one("SELECT rtreecheck('rtree_addresses_geom')") == "ok"
        rows = one("SELECT count(*) FROM addresses")
        assert one("SELECT count(*) FROM rtree_addresses_geom") == rows
        assert one("SELECT count(*) FROM addresses WHERE fid NOT IN (SELECT id FROM rtree_addresses_geom)") == 0
        history_rows = {
            "rows": rows,
            "texts": conn.execute("SELECT DISTINCT text FROM addresses").fetchall(),
            "history": conn.execute("SELECT op, count(*) FROM addresses_history GROUP BY op ORDER BY op").fetchall(),
            "revision": one("SELECT revision FROM gridsight_revisions WHERE layer = 'addresses'"),
            "north": one("SELECT round(max_y, 3) FROM gpkg_contents WHERE table_name = 'addresses'"),
        }
        runs = [row[0] for row in conn.execute("SELECT id FROM runs ORDER BY id")]
        for table in ("run_views", "run_possible", "run_zones", "run_gaps", "run_coverage"):
            empty = 0 if table in ("run_zones", "run_gaps") else len(runs)  # one shape of each run is empty there
            assert one(f"SELECT count(*) FROM {table}") == one(f"SELECT count(*) FROM rtree_{table}_geom") + empty
            assert one(f"SELECT rtreecheck('rtree_{table}_geom')") == "ok"
            assert [row[0] for row in conn.execute(f"SELECT DISTINCT run FROM {table} ORDER BY run")] == runs
        assert [row[0] for row in conn.execute("SELECT run FROM gridsight_incidence ORDER BY run")] == runs
        assert one("SELECT actor IS NULL AND day IS NULL AND busy = 0 FROM gridsight_actor") == 1
        triggers = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        assert triggers >= set(rtree_triggers("addresses"))
    half = killed_writer.OLD // 2
    before = {"rows": killed_writer.OLD, "texts": [("old",)], "history": [], "revision": 1, "north": 37.003}
    changed = [("delete", half), ("update", half)]
    after = {"rows": killed_writer.NEW, "texts": [("new",)], "history": changed, "revision": 2, "north": 37.168}
    assert history_rows in (before, after)
    assert len(runs) in (1, 2)
    return "after" if history_rows == after or len(runs) == 2 else "before"


def check_and_use(path: Path, what: str) -> str:
    """Return before or after, and show that the store works on."""
    found = state(path)
    with open_store(path) as store:
        assert store.count("addresses", at=(None, None)) >= killed_writer.OLD
        assert len(store.run("latest").layers["views"]) in (2, 3_000)
        if found == "before" and what == "import":
            counts = store.write(
                "addresses", killed_writer.addresses(0, killed_writer.OLD, "old"), "upsert", actor="me"
            )
            assert counts.unchanged == killed_writer.OLD
    return found


@pytest.mark.parametrize("what", ["import", "run"])
def test_a_process_killed_at_any_moment_leaves_before_or_after(filled: Path, tmp_path: Path, what: str) -> None:
    whole = tmp_path / "whole.gpkg"
    shutil.copyfile(filled, whole)
    process, told = start(whole, what)
    began = time.monotonic()
    assert told.recv() == "done"
    seconds = time.monotonic() - began
    process.join()
    assert check_and_use(whole, what) == "after"
    seen = []
    for moment in range(MOMENTS if what == "import" else MOMENTS // 2):
        path = tmp_path / f"moment{moment}.gpkg"
        shutil.copyfile(filled, path)
        process, told = start(path, what)
        time.sleep(seconds * (moment + 0.5) / (MOMENTS if what == "import" else MOMENTS // 2))
        process.kill()
        process.join()
        seen.append(check_and_use(path, what))
        for one in tmp_path.glob(f"{path.name}*"):
            one.unlink()
    assert "before" in seen


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.005, 0.01, 0.05])
def test_a_process_killed_while_it_commits_leaves_before_or_after(filled: Path, tmp_path: Path, delay: float) -> None:
    path = tmp_path / "commit.gpkg"
    shutil.copyfile(filled, path)
    process, _told = start(path, "import", die_in_commit=delay)
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    assert check_and_use(path, "import") in ("before", "after")
