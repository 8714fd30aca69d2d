"""Ask for an atlas over HTTP: its pages, its parameters, what is refused, one at a time."""

from __future__ import annotations

import io

import pypdf
import pytest
from fastapi.testclient import TestClient

from api.long_work import Turns
from api.routes import prints
from tests.api.conftest import G3, T1


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_an_atlas_is_a_pdf_of_every_township(client: TestClient) -> None:
    answer = client.get("/prints/atlas.pdf", params={"paper": "a4", "lang": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert "atlas-" in answer.headers["content-disposition"]
    said = pages(answer.content)
    assert "One sheet for each township: 2" in said[0]
    assert f"南镇 {T1}" in said[3]
    assert G3 in said[-1]


def test_an_atlas_by_grids_of_one_township(client: TestClient) -> None:
    answer = client.get("/prints/atlas.pdf", params={"by": "grids", "zone": T1, "paper": "A4", "lang": "zh"})
    said = pages(answer.content)
    assert "按网格分图，共 2 张" in said[0]
    assert "本册只含所选范围：2 张图纸，全部共 4 张。" in said[0]
    assert G3 not in said[-1]


def test_an_atlas_with_title_and_layers(client: TestClient) -> None:
    answer = client.get("/prints/atlas.pdf", params={"paper": "A4", "title": "春季核查", "layers": "gaps"})
    assert answer.status_code == 200, answer.text
    assert "春季核查" in pages(answer.content)[0]


@pytest.mark.parametrize(
    ("query", "status"),
    [("by=streets", 400), ("by=", 400), ("paper=B5", 400), ("lang=fr", 400), ("run=none", 404), ("zone=none", 404),
     ("f=json", 400), ("layers=heat", 400), ("basemap=none", 404), ("claim=none", 404)],
)  # fmt: skip
def test_what_cannot_be_printed(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/prints/atlas.pdf?{query}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_that_finds_no_turn_is_told_to_try_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1, waiting=0, seconds=0.1, busy=("正忙", "another atlas"))
    monkeypatch.setattr(prints, "_ATLASES", turns)
    with turns.turn():
        answer = client.get("/prints/atlas.pdf")
    assert (answer.status_code, answer.json()["detail"]) == (429, "another atlas")


@pytest.mark.usefixtures("processes")
def test_a_long_one_is_drawn_in_a_process_of_its_own(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = client.get("/prints/atlas.pdf?paper=A4&lang=zh").content
    monkeypatch.setattr(prints, "_LONG_ATLAS", 0)
    assert client.get("/prints/atlas.pdf?paper=A4&lang=zh").content == wanted
    answer = client.get(f"/prints/atlas.pdf?zone={G3}")
    assert answer.status_code == 404, "what cannot be printed is said as without one"
    assert "there are no townships in what was chosen" in answer.json()["detail"]


@pytest.mark.usefixtures("processes")
def test_one_that_takes_too_long_is_ended_and_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prints, "_LONG_ATLAS", 0)
    monkeypatch.setattr(prints, "_ATLAS_SECONDS", 0.01)
    answer = client.get("/prints/atlas.pdf")
    assert answer.status_code == 400
    assert "ask for a zone" in answer.json()["detail"]
