"""Ask for forms, views and drafts over HTTP: their formats, figures as previews have them, rights, refusals."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from fastapi.testclient import TestClient

from geo.figure_text import plain_figure, share_text
from tests.api.conftest import G1
from tests.api.routes.test_runs_rights import CountyServer, county_server  # noqa: F401 (the fixture)

TURNED = {"changed": [{"id": "c3", "properties": {"azimuth": 200.0, "hfov": 90.0}}], "removed": ["c1"]}


def texts(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content), strict=True).pages]


@pytest.mark.parametrize(
    ("form", "media", "begin"),
    [("pdf", "application/pdf", b"%PDF-"), ("png", "image/png", b"\x89PNG"), ("svg", "image/svg+xml", b"<?xml")],
)
@pytest.mark.parametrize("kind", ["camera", "sector", "sheet"])
def test_every_kind_in_every_format(client: TestClient, kind: str, form: str, media: str, begin: bytes) -> None:
    asked = {"lang": "en", **({"camera": "c1"} if kind != "sheet" else {"paper": "A4"})}
    answer = client.get(f"/prints/{kind}.{form}", params={**asked, **({"dpi": 60} if form == "png" else {})})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(media)
    assert answer.content.startswith(begin)
    assert f"{kind}-" in answer.headers["content-disposition"]


def test_several_cameras_are_pages_of_one_file(client: TestClient) -> None:
    answer = client.get("/prints/camera.pdf?camera=c1&camera=c3&lang=zh")
    said = texts(answer.content)
    assert len(said) == 2
    assert "c1" in said[0]
    assert "c3" in said[1]
    assert "第 2 页，共 2 页" in said[1]
    one = client.get("/prints/camera.svg?camera=c1&camera=c3")
    assert (one.status_code, one.headers["content-type"]) == (400, "application/problem+json")


def test_the_views_of_a_zone_are_of_its_cameras(client: TestClient) -> None:
    said = " ".join(texts(client.get(f"/prints/sector.pdf?zone={G1}&lang=en").content))
    assert G1 in said
    assert "Views of cameras" in said


def test_a_draft_has_the_figures_of_its_preview(writer: Any) -> None:
    draft = writer.post("/drafts", json={"name": "north", "note": "of March", "changes": TURNED}).json()
    preview = writer.post("/preview", json=TURNED).json()
    for name in ("north", draft["id"]):
        answer = writer.get("/prints/draft.pdf", params={"draft": name, "lang": "en"})
        assert answer.status_code == 200, answer.text
    said = " ".join(texts(answer.content))
    assert "north" in said
    assert "of March" in said
    assert "Exposure (not computed, left empty)" in said
    zones = [zone for layer in preview["zones"].values() for zone in layer]
    assert zones
    for zone in zones:
        for side in ("before", "after"):
            assert share_text(zone[side]["sure_share"]) in said
            assert plain_figure(zone[side]["gap_m2"]) in said
    [view] = [one for one in preview["views"] if one["id"] == "c3"]
    assert f"→ {plain_figure(view['area_m2'])} m²" in said
    again = writer.get("/prints/draft.pdf", params={"draft": "north", "lang": "en"})
    assert again.content == answer.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/prints/camera.pdf", 400),
        ("/prints/camera.pdf?camera=", 400),
        ("/prints/camera.pdf?camera=none", 404),
        ("/prints/camera.doc?camera=c1", 400),
        ("/prints/camera.png?camera=c1&dpi=9999", 400),
        ("/prints/camera.pdf?camera=c1&run=none", 404),
        ("/prints/camera.pdf?camera=c1&lang=fr", 400),
        ("/prints/sector.pdf", 400),
        (f"/prints/sector.pdf?camera=c1&zone={G1}", 400),
        ("/prints/sector.pdf?zone=none", 404),
        ("/prints/sector.pdf?camera=c1&paper=B5", 400),
        ("/prints/draft.pdf?draft=none", 404),
        ("/prints/draft.pdf", 400),
        ("/prints/sheet.doc", 400),
        ("/prints/sheet.png?paper=A0&dpi=300", 400),
    ],
)
def test_what_cannot_be_printed(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_forms_are_of_ones_own_townships_only(county_server: CountyServer) -> None:  # noqa: F811
    """A camera of another township does not exist, and neither does a draft with one; a viewer prints no form."""
    house = county_server
    own = {who: [row["id"] for row in house.rows(who, "views")] for who in ("anna", "root")}
    others = sorted({*own["root"]} - {*own["anna"]})
    assert own["anna"]
    assert others
    for kind in ("camera", "sector"):
        assert house.get("anna", f"/prints/{kind}.pdf?camera={own['anna'][0]}").status_code == 200
        assert house.get("root", f"/prints/{kind}.pdf?camera={others[0]}").status_code == 200
        hidden = house.get("anna", f"/prints/{kind}.pdf?camera={others[0]}")
        nobody = house.get("anna", f"/prints/{kind}.pdf?camera=none")
        assert hidden.status_code == nobody.status_code == 404
        assert house.get("vera", f"/prints/{kind}.pdf?camera={own['anna'][0]}").status_code == 403
        assert house.get("", f"/prints/{kind}.pdf?camera={own['anna'][0]}").status_code == 401
    changes = {"changed": [{"id": others[0], "properties": {"azimuth": 10}}]}
    headers = house.keys["root"]
    made = house.client.post("/drafts", json={"name": "zq-theirs", "changes": changes}, headers=headers)
    assert made.status_code == 201, made.text
    assert house.get("root", "/prints/draft.pdf?draft=zq-theirs").status_code == 200
    answer = house.get("anna", "/prints/draft.pdf?draft=zq-theirs")
    assert answer.status_code == 404
    assert "zq-theirs" not in answer.text.replace("draft=zq-theirs", "").replace("no draft zq-theirs", "")
    assert house.get("vera", "/prints/draft.pdf?draft=zq-theirs").status_code == 403
