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
    assert told["missing"] == []
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


@pytest.mark.parametrize(
    ("words", "out", "said"),
    [
        (["--title", "长" * 300], "sheet.pdf", "300"),
        (["--atlas", "--title", "长" * 300], "atlas.pdf", "300"),
        (["--paper", "B9"], "sheet.pdf", "B9"),
        (["--paper", "A3-portrait", "--orientation", "landscape"], "sheet.pdf", "A3-portrait"),
        (["--layers", "heat"], "sheet.pdf", "heat"),
        (["--zone", "无此镇"], "sheet.pdf", "无此镇"),
        ([], "none/sheet.pdf", "没有文件夹"),
        ([], "/proc/sheet.pdf", "文件夹 /proc 不能写入文件"),
    ],
)
def test_what_can_be_told_is_told_before_the_run_is_read(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], out: str, said: str
) -> None:
    def read(*_arguments: object, **_options: object) -> None:
        raise AssertionError("the run is read")

    monkeypatch.setattr("api.representations.map_data_of_run.stored_map_data", read)
    _, text = run("print", *words, "--out", workspace.parent / out, "--workspace", workspace, code=2)
    assert said in text


def test_characters_that_the_font_lacks_are_told(run: Run, workspace: Path) -> None:
    out = workspace.parent / "atlas.pdf"
    words = ("print", "--atlas", "--paper", "A4", "--title", "\U0001f4f7 春季", "--out", out, "--workspace", workspace)
    assert "字体缺字 1 个：" in run(*words)[0]
    assert json.loads(run(*words, "--json")[0])["missing"] == ["\U0001f4f7"]
