"""Show that the house can grow: one field and one layer are added to a copy, and everything follows from that."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from geo.errors import StoreBroken
from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.schema import SCHEMA_VERSION as VERSION
from geo.storage.geopackage.store import open_store
from geo.storage.stored_tables import DAYS
from tests.conftest import ROOT
from tests.geo.catalog.grown import DAY, grow
from tests.processes import Processes

OLD = ROOT / "tests/data/workspaces/2026-11-22-server.gpkg"


def ask(folder: Path, script: str, *words: object) -> dict[str, Any]:
    """Run a script of this folder with the code of a grown copy, and return what it says."""
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, str(Path(__file__).with_name(script)), *map(str, words)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def grown(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("grown") / "copy"
    folder.mkdir()
    return folder, grow(folder)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return Path(shutil.copy(OLD, tmp_path / "old.gpkg"))


def test_a_field_and_a_layer_take_three_files_together(grown: tuple[Path, list[str]]) -> None:
    """The catalogue, a migration, and the table of fields that is written from the catalogue."""
    _, files = grown
    assert [Path(one).parts[0] for one in files] == ["docs", "geo", "migrations"]
    assert files[:2] == ["docs/layers.md", "geo/catalog/layers.py"]


def test_an_old_workspace_is_upgraded_and_everything_follows(
    grown: tuple[Path, list[str]], workspace: Path, tmp_path: Path
) -> None:
    before = _ids(workspace)
    said = ask(grown[0], "grown_embedded.py", workspace, tmp_path)
    zh, en = "新建表 benches；增加字段 cameras.heated", "made table benches; added field cameras.heated"
    assert said["upgraded"][len(DAYS) :] == [f"{zh}（{DAY}） / {en} ({DAY})"]
    assert said["again"] == [], "an up-to-date file is left alone"
    assert (said["old_rows"], said["benches"]) == (True, 0)
    assert said["mapping"] == "是否加热"
    assert said["heated"] == ["n1"]
    assert said["imported"] == [2, 0, "不能为负，作空 / below zero: left empty"]
    assert said["history"] == ["yes"]
    assert said["page"] == [True, True]
    assert said["queryable"] == ["加热", ["yes", "no"]]
    assert said["csv"] == ["n1", "n2"]
    assert said["tile"] is True
    assert _ids(workspace) == before | {"n1", "n2"}


def test_the_program_before_refuses_the_file_in_one_sentence(
    grown: tuple[Path, list[str]], workspace: Path, tmp_path: Path
) -> None:
    ask(grown[0], "grown_embedded.py", workspace, tmp_path)
    with pytest.raises(StoreBroken) as refused:
        open_store(workspace)
    assert (
        refused.value.en
        == f"{workspace} has schema version {VERSION + 1}, this program knows up to {VERSION}: use a newer one"
    )


@pytest.mark.parametrize("name", ["heated", "Heated"])
def test_a_column_of_the_user_with_the_name_of_the_new_field_is_kept_under_another(
    grown: tuple[Path, list[str]], workspace: Path, name: str
) -> None:
    """Somebody added it in QGIS, as another type and with other words: it is not the field, and is not lost."""
    with closing(sqlite3.connect(workspace)) as conn, conn:
        conn.execute(f'ALTER TABLE cameras ADD COLUMN "{name}" MEDIUMINT')
        configure_connection(conn)
        conn.execute(f'UPDATE cameras SET "{name}" = 7')
        past = conn.execute("SELECT count(*) FROM cameras_history").fetchone()[0]
    code = (
        "import sys; from geo.storage.geopackage.store import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "print(store.upgraded[-1].partition(' / ')[2]); print(store.read('cameras')['heated'].isna().all())\n"
    )
    done = run(grown[0], code, workspace)
    said = f"renamed the field {name} that cameras had to {name}_1"
    assert done.stdout.splitlines() == [
        f"{said}; made table benches; added field cameras.heated ({DAY})",
        "True",
    ], done.stderr
    with closing(sqlite3.connect(workspace)) as conn, conn:
        configure_connection(conn)
        assert {value for (value,) in conn.execute(f'SELECT "{name}_1" FROM cameras')} == {7}
        conn.execute("UPDATE cameras SET heated = 'yes' WHERE id = 'c01'")
        conn.execute("UPDATE cameras SET heated = 'no' WHERE id = 'c01'")
        told = conn.execute("SELECT heated FROM cameras_history ORDER BY hid").fetchall()
        assert told[past:] == [(None,), ("yes",)], "the history has the field"


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE TABLE benches (id TEXT)", "benches"),
        ("CREATE VIEW Benches AS SELECT 1 AS x", "benches"),
        ("CREATE TABLE benches_history (id TEXT)", "benches_history"),
        ("UPDATE gpkg_contents SET identifier = 'benches' WHERE table_name = 'roads'", "benches"),
    ],
)
def test_what_has_the_name_of_the_new_layer_is_named_and_nothing_is_changed(
    grown: tuple[Path, list[str]], workspace: Path, sql: str, name: str
) -> None:
    with closing(sqlite3.connect(workspace)) as conn, conn:
        conn.execute(sql)
    before = _dump(workspace)
    code = "import sys; from geo.storage.geopackage.store import open_store; open_store(sys.argv[1])"
    done = run(grown[0], code, workspace)
    assert f"has a layer, table or view of its own named {name}, which this version adds" in done.stderr
    assert done.returncode == 1
    assert _dump(workspace) == before


def run(folder: Path, code: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a script with the code of a grown copy."""
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_two_programs_at_once_upgrade_a_file_once(grown: tuple[Path, list[str]], workspace: Path) -> None:
    code = (
        "import sys; from geo.storage.geopackage.store import open_store; "
        "store = open_store(sys.argv[1]); print(len(store.upgraded), len(store.read('cameras')))"
    )
    env = {**os.environ, "PYTHONPATH": str(grown[0])}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, workspace], cwd=grown[0], env=env, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [one.communicate()[0].split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    steps = [int(upgraded) for upgraded, _ in said]  # a day is one transaction: the two may share the days
    assert sum(steps) == VERSION
    assert len({rows for _, rows in said}) == 1
    with sqlite3.connect(workspace) as conn:
        assert conn.execute("SELECT value FROM gridsight_meta WHERE key = 'schema_version'").fetchone() == (
            str(VERSION + 1),
        )


@pytest.mark.skipif(os.name == "nt", reason="modes of files and accounts as POSIX has them")
def test_a_file_that_cannot_be_written_reads_as_if_it_were_up_to_date(
    grown: tuple[Path, list[str]], workspace: Path
) -> None:
    code = (
        "import sys; from geo.storage.geopackage.store import open_store\n"
        "from geo.storage.geopackage import connections\n"
        "connections.is_read_only = lambda path: True\n"
        "store = open_store(sys.argv[1])\n"
        "assert store.upgraded == ()\n"
        "cameras = store.read('cameras')\n"
        "assert cameras['heated'].isna().all() and len(cameras) > 5\n"
        "assert len(store.read('benches')) == 0 and store.count('benches', bbox=(0, 0, 180, 90)) == 0\n"
        "assert store.extent('benches') is None and store.revision('benches') == 0\n"
        "assert len(store.versions('cameras').history) > 0 and len(store.versions('benches').history) == 0\n"
        "assert store.read('cameras', where={'op': 'isNull', 'args': [{'property': 'heated'}]}).equals(cameras)\n"
    )
    before = workspace.read_bytes()
    env = {**os.environ, "PYTHONPATH": str(grown[0])}
    done = subprocess.run(
        [sys.executable, "-c", code, workspace], cwd=grown[0], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert workspace.read_bytes() == before


def test_a_database_is_migrated_and_takes_the_old_workspace(
    grown: tuple[Path, list[str]], database: str, workspace: Path, tmp_path: Path
) -> None:
    ask(grown[0], "grown_embedded.py", workspace, tmp_path)
    said = ask(grown[0], "grown_server.py", database, workspace)
    assert said["steps"] == 1
    assert said["differs"] == []
    assert said["seen"] == [["b1", "b2"], []], "benches are scoped: the planner next door sees none"
    assert said["heated"] == ["no", "no"]


def _ids(path: Path) -> set[str]:
    with sqlite3.connect(path) as conn:
        return {one for (one,) in conn.execute("SELECT id FROM cameras")}


def _dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as conn:
        return sorted(
            f"{kind} {name} {sql}" for kind, name, sql in conn.execute("SELECT type, name, sql FROM sqlite_master")
        )
