"""Run the README's tutorial as it stands: central Helsinki from the raw file to map and sheet."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pypdf
import pytest

from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- tutorial -->\n```sh\n(.*?)```", re.S)


def commands(page: str) -> list[str]:
    """Return the lines of the tutorial block of a page."""
    found = BLOCK.search((ROOT / page).read_text(encoding="utf-8"))
    assert found, f"{page} has a tutorial block"
    return [line for line in found[1].splitlines() if line]


def test_helsinki_from_the_raw_file_to_map_and_sheet(processes: Processes, shared_data: Path, tmp_path: Path) -> None:
    shutil.copy(shared_data / "helsinki" / "Helsinki.osm.pbf", tmp_path)
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    said = {}
    for line in commands("README.md"):
        if line.startswith("export "):
            name, value = line.removeprefix("export ").split("=")
            env[name] = value
            continue
        words = line.split()
        done = processes.run(*words, "--json", cwd=tmp_path, env=env)
        assert done.returncode in (0, 1), f"{line}: {done.stderr}"
        said[" ".join(words[1:])] = json.loads(done.stdout)

    imported = [answer for line, answer in said.items() if line.startswith("import")]
    assert [answer["layer"] for answer in imported] == ["cameras", "obstacles", "roads", "addresses"]
    for answer in imported:
        assert answer["read"] == answer["imported"] + answer["updated"] + answer["rejected"]
    assert imported[0]["read"] == imported[0]["imported"] == 221
    assert [answer["read"] for answer in imported[1:]] == [536, 2650, 1470]

    run = said["analyze"]
    summary = run.get("summary", run)
    assumed = " ".join(str(item) for item in summary["assumptions"])
    assert "hfov" in assumed
    assert "height" in assumed
    totals = summary["totals"]
    # Without a direction nothing is sure but the few that need none; all round is possible (rule U2).
    assert 0 <= totals["sure_m2"] < totals["possible_m2"] < totals["domain_m2"]
    assert totals["gap_m2"] == pytest.approx(totals["domain_m2"] - totals["sure_m2"], rel=1e-6)

    page = (tmp_path / "helsinki.html").read_text(encoding="utf-8")
    assert "<html" in page[:200].lower()
    assert len(page) <= 5_000_000
    sheet = pypdf.PdfReader(tmp_path / "helsinki.pdf")
    assert "1:" in sheet.pages[0].extract_text()
