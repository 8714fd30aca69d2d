"""Print forms and pictures by the command: what it tells and refuses, and that nothing is left of what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from geo.storage.geopackage.store import open_store

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def cameras(workspace: Path) -> list[str]:
    with open_store(workspace, create=False) as store:
        return sorted(store.read("cameras")["id"].astype(str))


def test_forms_of_sites_are_a_page_each(run: Run, workspace: Path, cameras: list[str]) -> None:
    out = workspace.parent / "forms.pdf"
    words = [word for one in cameras[:2] for word in ("--camera", one)]
    text, _ = run("print", *words, "--out", out, "--json", "--workspace", workspace)
    told = json.loads(text)
    pages = pypdf.PdfReader(out, strict=True).pages
    assert told["pages"] == len(pages)
    assert cameras[0] in pages[0].extract_text()


def test_one_sheet_is_a_picture_with_its_place_beside_it(run: Run, workspace: Path) -> None:
    out = workspace.parent / "sheet.png"
    run("print", "--paper", "A4", "--dpi", "60", "--out", out, "--workspace", workspace)
    with Image.open(out) as picture:
        assert sorted(picture.size) == [497, 702]
    assert len(out.with_suffix(".pgw").read_text().split()) == 6
    run("print", "--paper", "A4", "--out", out.with_suffix(".svg"), "--workspace", workspace)
    assert out.with_suffix(".svg").read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "name", "said"),
    [
        (["--camera", "无此机"], "x.pdf", "无此机"),
        (["--camera", " "], "x.pdf", "摄像机编号"),
        (["--camera", "c", "--zone", "z"], "x.pdf", "--zone"),
        (["--camera", "c", "--paper", "A3"], "x.pdf", "A4"),
        (["--dpi", "100"], "x.pdf", "PNG"),
        (["--dpi", "9999"], "x.png", "600"),
        (["--atlas"], "x.png", "PDF"),
        ([], "x.docx", "docx"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_is_refused_is_said_in_a_line_and_leaves_no_file(
    run: Run, workspace: Path, words: list[str], name: str, said: str
) -> None:
    out = workspace.parent / name
    _, text = run("print", *words, "--out", out, "--workspace", workspace, code=2)
    assert said in text
    assert "Traceback" not in text
    assert not out.exists()
