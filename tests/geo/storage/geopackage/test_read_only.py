"""Read workspaces that cannot be written, or that another program left or holds: the present state, or an error."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from geo.errors import StoreBroken, StoreBusy, StoreReadOnly
from geo.storage.geopackage import connections
from geo.storage.geopackage.store import GeoPackageStore, open_store
from tests.conftest import ROOT
from tests.geo.storage import sample_layers
from tests.processes import Processes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes of files and accounts as POSIX has them")
OLD, NEW = "0199-a", "0199-b"
Ask = Callable[[], list]


@pytest.fixture
def path(folder: Path, empty_workspace: Path) -> Path:
    """Return a workspace with one run, in a folder of its own."""
    path = folder / "real" / "w.gpkg"
    path.parent.mkdir(mode=0o755)
    shutil.copyfile(empty_workspace, path)
    with open_store(path) as store:
        store.save_run(sample_layers.run(OLD))
    return path


@pytest.fixture
def asking(processes: Processes) -> Callable[..., Ask]:
    """Return what starts an account without rights, and lets it list the runs of a file under each of its names."""

    def start(path: Path, *names: Path) -> Ask:
        words = (sys.executable, "-m", "tests.geo.storage.geopackage.read_only_lister", path, *names)
        process = processes.start(*words, cwd=ROOT, stdin=-1)
        assert process.stdin is not None
        assert process.stdout is not None

        def ask() -> list:
            process.stdin.write("\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        return ask

    return start


def close_to_writers(path: Path) -> None:
    for one in path.parent.iterdir():
        one.chmod(0o444)
    path.parent.chmod(0o555)


@contextmanager
def opened_to_writers(path: Path) -> Iterator[None]:
    path.parent.chmod(0o755)
    path.chmod(0o644)
    yield
    close_to_writers(path)


@contextmanager
def writer_without_checkpoint(path: Path) -> Iterator[None]:
    """Delete the run and leave that to the WAL alone."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        connections.configure_connection(conn)
        conn.execute("PRAGMA wal_autocheckpoint = 0")
        conn.execute("DELETE FROM runs")
        yield


# -- files that cannot be written --------------------------------------------------------------------------------------


def test_a_wal_without_its_index_is_not_passed_over(path: Path, folder: Path, asking: Callable[..., Ask]) -> None:
    """A copy of the file and of its WAL, which deletes the run of the file."""
    copy = folder / "copy" / "w.gpkg"
    copy.parent.mkdir()
    with writer_without_checkpoint(path):
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    close_to_writers(copy)
    assert asking(copy, copy)() == ["StoreBroken"]


def test_an_empty_wal_hides_nothing(path: Path, asking: Callable[..., Ask]) -> None:
    Path(f"{path}-wal").touch()
    close_to_writers(path)
    assert asking(path, path)() == [[OLD]]


def test_a_link_gives_what_the_file_gives(path: Path, folder: Path, asking: Callable[..., Ask]) -> None:
    link = folder / "link" / "w.gpkg"
    link.parent.mkdir()
    link.symlink_to(Path("..") / "real" / "w.gpkg")
    with writer_without_checkpoint(path):
        close_to_writers(path)
        assert asking(path, path, link)() == [[], []]


def test_a_store_held_open_follows_a_writer(path: Path, asking: Callable[..., Ask]) -> None:
    """Nobody writes when the file is opened, so it is read without locks; then its owner writes, several times."""
    close_to_writers(path)
    ask = asking(path, path)
    assert ask() == [[OLD]]
    for key in (NEW, "0199-c"):
        with opened_to_writers(path), open_store(path) as store:
            store.save_run(sample_layers.run(key, count=200))
            store.delete_run(store.runs()[-1].id)
        assert ask() == [[key]]
    with opened_to_writers(path), writer_without_checkpoint(path):
        close_to_writers(path)
        assert ask() == [[]], "what is in the WAL alone counts while the writer is there"
    assert ask() == [[]]


def test_a_file_changed_while_it_is_read_without_locks_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "is_read_only", lambda _: True)
    with open_store(path) as store:
        with pytest.raises(StoreBusy), store.snapshot():  # noqa: PT012 (the end of the snapshot raises)
            assert [run.id for run in store.runs()] == [OLD]
            with closing(sqlite3.connect(path)) as conn, conn:
                conn.execute("DELETE FROM runs")
        assert store.runs() == []


def test_a_file_removed_while_held_open_is_told_in_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "is_read_only", lambda _: True)
    with open_store(path) as store:
        assert len(store.runs()) == 1
        path.unlink()
        with pytest.raises(StoreBroken, match="cannot be opened"):
            store.runs()


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_file_that_becomes_read_only_while_held_open(path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """As when a folder is locked for a backup, after QGIS has left the file in its own journal mode or not."""
    with open_store(path) as store, open_store(path) as idle:
        assert [run.id for run in store.runs()] == [OLD]
        store.close()
        with closing(sqlite3.connect(path)) as conn:
            conn.execute(f"PRAGMA journal_mode = {mode}")
        monkeypatch.setattr(connections, "is_read_only", lambda _: True)
        for one in (idle, GeoPackageStore(path)):
            with pytest.raises(StoreReadOnly):
                one.save_run(sample_layers.run(NEW))
            assert [run.id for run in one.runs()] == [OLD]
        monkeypatch.undo()
        idle.save_run(sample_layers.run(NEW))
        assert [run.id for run in idle.runs()] == [NEW, OLD], "and can be written again"


def test_what_stands_in_for_missing_columns_goes_when_they_come(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace of an earlier version, held open by who cannot write it, is upgraded by its owner meanwhile."""
    old = folder / "old.gpkg"
    shutil.copyfile(ROOT / "tests/data/workspaces/2026-11-22-embedded.gpkg", old)
    with monkeypatch.context() as held:
        held.setattr(connections, "is_read_only", lambda _: True)
        reader = open_store(old, create=False)
        run = reader.runs()[0].id
        assert not reader.published().is_published
    with open_store(old) as owner:
        assert owner.upgraded
        owner.publish(run)
    with monkeypatch.context() as held, reader:
        held.setattr(connections, "is_read_only", lambda _: True)
        assert (reader.published().id, reader.published().is_published) == (run, True)


# -- files that can be written -----------------------------------------------------------------------------------------


def test_what_a_killed_program_left_half_written_is_rolled_back(path: Path, folder: Path) -> None:
    """The journal and the file as they are in the middle of a transaction whose pages no longer fit the cache."""
    killed = folder / "killed.gpkg"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        connections.configure_connection(conn)
        assert conn.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
        conn.execute("PRAGMA cache_size = 1")
        conn.execute("BEGIN")
        conn.execute("DELETE FROM runs")
        conn.execute("CREATE TABLE large AS SELECT randomblob(1000000) AS data")
        for suffix in ("", "-journal"):
            shutil.copyfile(f"{path}{suffix}", f"{killed}{suffix}")
        conn.execute("ROLLBACK")
    with closing(sqlite3.connect(f"{killed.as_uri()}?mode=ro", uri=True)) as conn, pytest.raises(sqlite3.Error):
        conn.execute("SELECT * FROM runs").fetchall()
    with open_store(killed, create=False) as store:
        assert [run.id for run in store.runs()] == [OLD]
    assert not Path(f"{killed}-journal").exists()
