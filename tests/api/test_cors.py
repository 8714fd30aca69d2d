"""Pages of other origins: none by default, and listed ones with a key of their own and never with a session."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geo.errors import BadValue

MAP, OTHER, BASE = "https://map.example", "https://evil.example", "http://127.0.0.1:8000"
ASK = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "x-api-key, if-match"}


@pytest.fixture
def listed(tmp_path: Path) -> TestClient:
    settings = Settings(workspace=tmp_path / "a.gpkg", cors_origins=f"{MAP}, https://two.example:8443/")
    with TestClient(create_app(settings), base_url=BASE) as client:
        yield client


def test_by_default_no_other_page_reads_an_answer(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(workspace=tmp_path / "a.gpkg")), base_url=BASE) as client:
        for answer in (
            client.get("/runs", headers={"Origin": MAP}),
            client.options("/runs", headers={"Origin": MAP, **ASK}),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert client.post("/locate", json=[], headers={"Origin": MAP}).status_code == 403


def test_a_listed_page_asks_reads_and_writes(listed: TestClient) -> None:
    asked = listed.options("/ogc/collections/grids/items/g1", headers={"Origin": MAP, **ASK})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, MAP)
    assert "PATCH" in asked.headers["access-control-allow-methods"]
    assert {"X-API-Key", "If-Match"} <= set(asked.headers["access-control-allow-headers"].split(", "))
    read = listed.get("/runs", headers={"Origin": MAP})
    assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, MAP)
    assert "ETag" in read.headers["access-control-expose-headers"]
    assert "Origin" in read.headers["vary"]
    assert "access-control-allow-credentials" not in read.headers
    failed = listed.get("/nowhere", headers={"Origin": MAP})
    assert failed.headers["access-control-allow-origin"] == MAP, "errors can be read too"
    written = listed.post("/locate", json=[], headers={"Origin": MAP, "Sec-Fetch-Site": "cross-site"})
    assert written.status_code == 200, written.text


def test_any_other_page_gets_nothing_and_no_page_gets_a_session(listed: TestClient) -> None:
    for origin in (OTHER, "null", f"{MAP}.evil.example", "https://map.example:444", "http://map.example"):
        for answer in (
            listed.get("/runs", headers={"Origin": origin}),
            listed.options("/runs", headers={"Origin": origin, **ASK}),
        ):
            assert "access-control-allow-origin" not in answer.headers, origin
            assert "Origin" in answer.headers["vary"], "no cache may give one page the answer for another"
        assert listed.post("/locate", json=[], headers={"Origin": origin}).status_code == 403
    with_cookie = {"Origin": MAP, "Sec-Fetch-Site": "cross-site", "Cookie": "gridsight=x"}
    assert listed.post("/locate", json=[], headers=with_cookie).status_code == 403


@pytest.mark.parametrize("origins", ["*", "map.example", "https://map.example/path", "https://a b"])
def test_what_is_no_origin_is_refused_at_the_start(tmp_path: Path, origins: str) -> None:
    with pytest.raises(BadValue, match="GRIDSIGHT_CORS_ORIGINS"):
        create_app(Settings(workspace=tmp_path / "a.gpkg", cors_origins=origins))
