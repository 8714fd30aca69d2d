"""Hold GET /checks to what ``gridsight check`` says, counted by rule, each with the way to mend it."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geo.catalog import headings
from geo.catalog.layers import LAYERS
from geo.storage.geopackage.store import open_store
from geo.studies.check_layers import check


def test_the_findings_are_those_of_the_command_counted_by_rule(client: TestClient, drawn: Path) -> None:
    with open_store(drawn, create=False) as store:
        found = check(store)
    answer = client.get("/checks")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(one["rank"], one["code"], one["keys"]) for one in told["findings"]] == [
        (one.rank, one.code, list(one.keys)[:50]) for one in found
    ]
    assert told["errors"] + told["warnings"] == told["matched"] == len(found) > 0
    assert sum(one["count"] for one in told["kinds"]) == len(found)
    assert all(" / " in one["remedy"] for one in told["kinds"])
    again = client.get("/checks", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    first = told["kinds"][0]
    one = client.get("/checks", params={"code": first["code"], "layer": first["layer"], "limit": 1}).json()
    assert (len(one["findings"]), one["matched"]) == (1, first["count"])
    assert one["kinds"] == told["kinds"], "what there is in all"
    assert client.get("/checks?limit=0").status_code == 400
    assert client.get("/checks?code=village-sliver&layer=villages").json()["matched"] == 0
    for query in ("layer=camera", "code=camera-outside-grid"):
        assert client.get(f"/checks?{query}").status_code == 400, "no finding would read as nothing wrong"


def test_a_change_is_checked_at_once(workspace: Path) -> None:
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1") as client:
        before = client.get("/checks?code=camera-outside-grids").json()["matched"]
        moved = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [102.01, 37.001]}}
        answer = client.patch(
            "/ogc/collections/cameras/items/c1",
            json=moved,
            headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
        )
        assert answer.status_code == 200, answer.text
        after = client.get("/checks?code=camera-outside-grids").json()
        assert after["matched"] == before + 1
        assert (after["findings"][0]["keys"], after["findings"][0]["lon"]) == (["c1"], pytest.approx(102.01))


def test_a_camera_that_begins_tomorrow_is_checked_tomorrow(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1") as client:
        today = client.app.state.store.today()  # type: ignore[attr-defined]
        tomorrow = today + timedelta(days=1)
        new = {
            "type": "Feature",
            "id": "c9",
            "properties": {"id": "c9", "valid_from": tomorrow.isoformat()},
            "geometry": {"type": "Point", "coordinates": [102.01, 37.001]},
        }
        headers = {"Content-Type": "application/geo+json"}
        assert client.post("/ogc/collections/cameras/items", json=new, headers=headers).status_code == 201
        asked = "/checks?code=camera-outside-grids"
        assert client.get(asked).json()["matched"] == 0
        monkeypatch.setattr("geo.storage.geopackage.store.today_in", lambda _: tomorrow)
        assert [one["keys"] for one in client.get(asked).json()["findings"]] == [["c9"]]


def test_a_template_is_the_workbook_of_the_command(client: TestClient) -> None:
    answer = client.get("/templates/cameras?lang=zh")
    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert (sheet.title, sheet.cell(1, 1).value) == ("摄像机", headings.heading(LAYERS["cameras"].fields[0], "zh"))
    assert client.get("/templates/none").status_code == 400
