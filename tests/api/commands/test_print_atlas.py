"""Print an atlas by the command: what it tells, what it refuses, and that nothing is left of what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from tests.api.conftest import G1, T1

Run = Callable[..., tuple[str, str]]


def test_an_atlas_is_told_page_by_page(run: Run, workspace: Path) -> None:
    out = workspace.parent / "atlas.pdf"
    text, _ = run("print", "--atlas", "--paper", "A4", "--out", out, "--json", "--workspace", workspace)
    told = json.loads(text)
    assert (told["by"], told["front"], len(told["sheets"])) == ("townships", 3, 2)
    assert told["sheets"][0]["code"] == T1
    assert set(told["sheets"][0]) == {"page", "code", "name", "paper", "scale", "left_out"}
    assert len(pypdf.PdfReader(out).pages) == told["pages"] == 3 + 2 + told["directory"]
    grids = workspace.parent / "grids.pdf"
    said, _ = run("print", "--atlas", "--by", "grids", "--zone", T1, "--out", grids, "--workspace", workspace)
    assert said.count("\n") == 1
    assert G1 in pypdf.PdfReader(grids).pages[3].extract_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--atlas", "--by", "streets"], "streets"),
        (["--by", "grids"], "--atlas"),
        (["--atlas", "--paper", "B5"], "B5"),
        (["--atlas", "--zone", "无此镇"], "无此镇"),
        (["--atlas", "--basemap", "影像"], "影像"),
        (["--atlas", "--run", "none"], "none"),
        (["--atlas", "--classes", "natural"], "--classes"),
        (["--classes", "equal"], "natural"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_is_refused_is_said_in_a_line_and_leaves_no_file(
    run: Run, workspace: Path, words: list[str], said: str
) -> None:
    out = workspace.parent / "atlas.pdf"
    before = sorted(one.name for one in workspace.parent.iterdir())
    _, text = run("print", *words, "--out", out, "--workspace", workspace, code=2)
    assert said in text
    assert "Traceback" not in text
    assert not out.exists()
    assert sorted(one.name for one in workspace.parent.iterdir() if one.suffix == ".pdf") == [
        one for one in before if one.endswith(".pdf")
    ]
