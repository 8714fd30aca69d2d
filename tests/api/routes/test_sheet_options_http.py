"""Choose orientation, scale, title and layers of a sheet over HTTP and by the command, and read what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from fastapi.testclient import TestClient


def test_a_sheet_is_drawn_as_chosen(client: TestClient) -> None:
    query = {"paper": "A4", "orientation": "portrait", "scale": "20000", "title": "春季核查", "layers": "gaps,roads"}
    answer = client.get("/prints/sheet.pdf", params={**query, "lang": "zh"})
    assert answer.status_code == 200, answer.text
    page = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0]
    assert page.mediabox.width < page.mediabox.height
    text = page.extract_text()
    assert "1:20,000" in text
    assert "春季核查" in text
    assert "按选择未画：摄像机、覆盖、建筑、部位与设施。" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("scale=2", "on this paper it fits from 1:"),
        ("scale=900000000", "on this paper the smallest scale is 1:"),
        ("title=" + "a" * 300, "the title has 300 letters, at most 100 have room"),
        ("layers=heat", "a sheet has no layer heat; there are cameras, gaps, coverage, roads, buildings, places"),
        ("orientation=across", "no orientation across; there are auto, landscape, portrait"),
    ],
)
def test_what_cannot_be_drawn_is_said(client: TestClient, query: str, said: str) -> None:
    answer = client.get(f"/prints/sheet.pdf?{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_the_command_draws_the_same_sheet(run: Callable[..., tuple[str, str]], workspace: Path) -> None:
    out = workspace.parent / "s.pdf"
    words = (
        "--paper",
        "A4",
        "--orientation",
        "portrait",
        "--scale",
        "20000",
        "--layers",
        "gaps,roads",
        "--title",
        "春",
    )
    told = json.loads(run("print", *words, "--out", out, "--json", "--workspace", workspace)[0])
    assert (told["paper"], told["scale"]) == ("A4-portrait", 20_000)
    assert "春" in pypdf.PdfReader(out).pages[0].extract_text()
    atlas = workspace.parent / "a.pdf"
    run("print", "--atlas", "--orientation", "portrait", "--out", atlas, "--workspace", workspace)
    assert {page.mediabox.width < page.mediabox.height for page in pypdf.PdfReader(atlas).pages} == {True}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scale", "2"], "1:2 放不下所选范围"),
        (["--scale", "0"], "0"),
        (["--title", "字" * 300], "标题有 300 个字"),
        (["--layers", "heat"], "图纸没有图层 heat"),
        (["--orientation", "across"], "across"),
        (["--atlas", "--scale", "9000"], "--scale 不用于 --atlas"),
        (["--atlas", "--layers", "heat"], "图纸没有图层 heat"),
        (["--atlas", "--title", "字" * 300], "标题有 300 个字"),
    ],
    ids=lambda one: " ".join(one)[:30] if isinstance(one, list) else "",
)
def test_what_the_command_refuses_leaves_no_file(
    run: Callable[..., tuple[str, str]], workspace: Path, words: list[str], said: str
) -> None:
    out = workspace.parent / "refused.pdf"
    _, text = run("print", *words, "--out", out, "--workspace", workspace, code=2)
    assert said in text
    assert not out.exists()
