"""Read files that mean harm in a process that may die of them: each is refused or rejected by row, quickly, in bounds.

The process may grow by 1 GB beyond what it needs for a good file (RLIMIT_AS); one file may make it grow by 500 MB, and
cost 10 s of processor time. The largest file among them has 65 MB.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from geo.errors import UnreadableFile
from geo.readers.reading import FileLimits, read_layer
from geo.storage.geopackage.store import open_store
from tests.hostile import (
    hostile_drawings,  # noqa: F401 (registers its cases)
    hostile_files,
)
from tests.processes import Processes
from tests.test_architecture import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of memory are POSIX")
_MORE_MB, _ONE_MB, _ONE_SECONDS = 1_000, 500, 10.0
_GOOD = next(one for one in hostile_files.CASES if one[0] == "good.xlsx")


@pytest.fixture(scope="module")
def told(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return what came of each file; the process is started again after one it died of."""
    folder = tmp_path_factory.mktemp("hostile")
    jobs = {}
    for name, layer, _, write in hostile_files.CASES:
        write(folder / name)
        jobs[name] = layer
    out: dict[str, dict[str, Any]] = {}
    while len(out) < len(jobs):
        waiting = [name for name in jobs if name not in out]
        asked = [[str(folder / name), jobs[name]] for name in (_GOOD[0], *waiting)]
        command = [sys.executable, "-m", "tests.hostile.reading", _MORE_MB]
        done = processes.run(*command, input=json.dumps(asked), cwd=ROOT)
        lines = [json.loads(line) for line in done.stdout.splitlines()][1:]
        out |= dict(zip(waiting, lines, strict=False))
        if len(lines) < len(waiting):
            out[waiting[len(lines)]] = {"broke": f"the process died: {done.returncode} {done.stderr[-500:]}"}
    return out


@pytest.mark.parametrize(("name", "expected"), [(name, expected) for name, _, expected, _ in hostile_files.CASES])
def test_a_hostile_file_is_refused_or_its_rows_are(told: dict[str, Any], name: str, expected: str) -> None:
    found = told[name]
    assert "broke" not in found, found
    assert (found["grew"] <= _ONE_MB, found["seconds"] <= _ONE_SECONDS) == (True, True), found
    if expected == hostile_files.REFUSED:
        assert found.get("refused") == UnreadableFile.__name__ or "choose one" in found.get("said", ""), found
        assert "/" + name not in found["said"], "folders of this machine stay inside"
    else:
        assert "refused" not in found, found
        assert (found["rejected"] == found["read"]) == (expected == hostile_files.REJECTED), found
        assert found["rejected"] + found["made"] >= found["read"] > 0


def test_a_workbook_of_too_many_cells_is_refused_before_they_are_held(tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    path.write_bytes(hostile_files.workbook("<row>" + "<c/><c></c><c />" * 300 + "</row>", hostile_files._NAMES))
    with pytest.raises(UnreadableFile, match="more than 500 cells"):
        read_layer(path, "cameras", crs="wgs84", limits=FileLimits(xlsx_cells=500))


def test_a_parquet_file_may_not_unpack_beyond_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    hostile_files.repeating_parquet(path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableFile, match="over the limit of 100 MB"):
        read_layer(path, "grids", limits=FileLimits(table_bytes=100 << 20))


def test_what_a_hostile_archive_names_is_not_there_afterwards(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, layer, _, write in hostile_files.CASES:
        if name in ("slip.zip", "backslash.zip", "link.zip"):
            write(tmp_path / "in" / name)
            with pytest.raises(UnreadableFile):
                read_layer(tmp_path / "in" / name, layer, crs="wgs84")
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["backslash.zip", "in", "link.zip", "slip.zip"]


@pytest.mark.parametrize(
    "name", ["deep-collections.geojson", "laughs.xlsx", "endless-view.gpkg", "lying-bomb.zip", "laughs.kml"]
)
def test_the_command_line_says_one_sentence_and_leaves_the_store_as_it_was(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    _, layer, _, write = next(one for one in hostile_files.CASES if one[0] == name)
    write(tmp_path / name)
    store = tmp_path / "w.gpkg"
    words = ["import", str(tmp_path / name), "--layer", layer, "--crs", "wgs84", "--workspace", str(store)]
    assert main(words) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    with open_store(store) as opened:
        assert len(opened.read(layer)) == 0
