"""Write the map and the sheet over a base map by the command and over HTTP; name those that there are otherwise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geo.catalog.base_maps import BaseMap
from geo.storage.geopackage.store import open_store
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms

Run = Callable[..., tuple[str, str]]
CROSS = (102.0021, 37.0019)


@pytest.fixture
def based(workspace: Path) -> Path:
    tiles = {
        (z, *at): world.png(world.mercator_tile(z, *at, cross=CROSS))
        for z in (16, 17)
        for at in world.around(world.tile_of(z, *CROSS))
    }
    forms.folder(workspace.parent / "image", tiles)
    with open_store(workspace, create=False) as store:
        store.save_base_map(BaseMap("影像", "xyz", "image", "3857", levels=(16, 17), attribution="县自然资源局"))
    return workspace


def test_by_the_command_and_over_http(run: Run, based: Path) -> None:
    out = based.parent
    where = ("--workspace", based)
    run("map", "--basemap", "影像", "--out", out / "m.html", *where)
    assert '"17/' in (out / "m.html").read_text("utf-8")
    text, _ = run("print", "--basemap", "影像", "--paper", "A4", "--out", out / "s.pdf", "--json", *where)
    assert json.loads(text)["paper"].startswith("A4")
    sheet = (out / "s.pdf").read_bytes()
    assert b"/DCTDecode" in sheet
    with TestClient(create_app(Settings(workspace=based)), base_url="http://127.0.0.1") as client:
        answer = client.get("/prints/sheet.pdf", params={"paper": "A4", "basemap": "影像", "lang": "zh"})
        assert answer.status_code == 200
        assert b"/DCTDecode" in answer.content
        assert client.get("/prints/sheet.pdf", params={"basemap": "none"}).status_code == 404


def test_an_atlas_has_the_base_map_below_each_sheet_as_far_as_it_fits(
    run: Run, based: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = based.parent / "atlas.pdf"
    words = ("print", "--atlas", "--paper", "A4", "--basemap", "影像", "--out", out, "--workspace", based)
    run(*words)
    assert out.read_bytes().count(b"/DCTDecode") == 2, "of each township"
    out.unlink()
    monkeypatch.setattr("maps.print.atlas.whole_atlas.MOST_PICTURE_BYTES", 1_000)
    _, text = run(*words, code=2)
    assert "MB" in text
    assert not out.exists()


def test_classes_by_the_command_and_over_http(run: Run, workspace: Path) -> None:
    out = workspace.parent / "s.pdf"
    text, _ = run("print", "--classes", "natural", "--out", out, "--json", "--workspace", workspace)
    assert any("分级方法没有用到" in note for note in json.loads(text)["notes"]), "a sheet of the ground"
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1") as client:
        plain, natural = (
            client.get("/prints/sheet.pdf", params={"lang": "zh", **asked}).content
            for asked in ({}, {"classes": "natural"})
        )
    assert natural != plain
    assert natural.startswith(b"%PDF")


def test_a_base_map_that_is_gone_is_a_sentence_and_no_file(run: Run, based: Path) -> None:
    out = based.parent / "s.pdf"
    shutil.rmtree(based.parent / "image")
    _, text = run("print", "--basemap", "影像", "--out", out, "--workspace", based, code=2)
    assert "影像" in text or "image" in text
    assert "Traceback" not in text
    assert not out.exists()
    with TestClient(create_app(Settings(workspace=based)), base_url="http://127.0.0.1") as client:
        answer = client.get("/prints/sheet.pdf", params={"paper": "A4", "basemap": "影像"})
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("command", ["map", "print"])
def test_one_that_there_is_not_is_said_with_those_that_there_are(run: Run, based: Path, command: str) -> None:
    out = based.parent / "out"
    _, text = run(command, "--basemap", "地图", "--out", out, "--workspace", based, code=2)
    assert "影像" in text
    assert not out.exists()
