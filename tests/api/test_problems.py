"""Answer every error by its problem: slug, status, languages, rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import problems
from api.main import create_app
from api.settings import Settings
from geo.errors import BadValue, GeoError, RowFault, StoreBusy, UnknownCrs
from geo.storage.geopackage import connections
from geo.storage.protocol import Store

KEYS = ["type", "title", "status", "detail", "instance", "code", "errors"]


def test_every_error_has_a_slug_of_its_own_and_a_page(client: TestClient) -> None:
    def kinds(root: type) -> set[type]:
        return {root}.union(*(kinds(child) for child in root.__subclasses__()))

    assert {kind for kind in kinds(GeoError) if kind.__module__ in ("geo.errors", "api.problems")} == set(
        problems.PROBLEMS
    )
    assert len(problems.BY_SLUG) == len(problems.PROBLEMS)
    for slug, problem in problems.BY_SLUG.items():
        found = client.get(f"/problems/{slug}").json()
        assert (found["code"], found["status"], found["title"]) == (slug, problem.status, problem.title_en)
        page = client.get(f"/problems/{slug}", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
        assert page.headers["content-type"].startswith("text/html")
        assert problem.help_zh in page.text
    assert {one["code"] for one in client.get("/problems").json()["problems"]} == set(problems.BY_SLUG)
    assert client.get("/problems/none").status_code == 404


def test_a_problem_has_the_keys_of_the_contract_in_both_languages(client: TestClient) -> None:
    english = client.get("/runs/none")
    chinese = client.get("/runs/none", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    unnamed = client.get("/runs/none", headers={"Accept-Language": "fr"})
    assert english.status_code == chinese.status_code == 404
    assert list(english.json()) == KEYS
    assert english.json()["type"] == "/problems/not-found"
    assert english.json()["instance"] == "/runs/none"
    assert re.search(r"[a-z]{3}", english.json()["detail"])
    assert re.search(r"[\u4e00-\u9fff]", chinese.json()["detail"])
    assert unnamed.json() == chinese.json()
    assert client.get(chinese.json()["type"]).status_code == 200


def test_paths_and_methods_that_are_not_there(client: TestClient) -> None:
    nowhere, method = client.get("/nowhere"), client.put("/runs")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no-route")
    assert (method.status_code, method.json()["code"]) == (405, "no-method")
    assert method.headers["allow"] == "GET, HEAD, POST"
    run, feature = client.put("/runs/latest"), client.post("/ogc/collections/grids/items/g1")
    assert run.headers["allow"] == "GET, HEAD, DELETE", "each method is a route of its own, and all are told"
    assert feature.headers["allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    assert client.get("/static/../../pyproject.toml").status_code == 404
    assert client.get("/static/%2e%2e/%2e%2e/pyproject.toml").status_code == 404


def test_a_write_to_a_workspace_that_can_only_be_read_is_refused(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "is_read_only", lambda _path: True)
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1:8000") as service:
        item = service.get("/ogc/collections/cameras/items/c1")
        assert item.status_code == 200
        refused = service.delete("/ogc/collections/cameras/items/c1", headers={"If-Match": item.headers["etag"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "store-read-only")
    assert refused.headers["content-type"] == "application/problem+json"


def test_the_rows_of_an_error_are_named() -> None:
    fault = RowFault("cameras.csv", "7", "hfov", "不可能 / impossible")
    body = problems.body_of(BadValue("甲", "a", rows=[fault]), "en", status=422, instance="/x")
    assert body["errors"] == [{"where": "cameras.csv", "row": "7", "reason": "impossible"}]


def test_a_rule_broken_by_a_query_is_400_and_by_a_body_422() -> None:
    assert problems.status_of(UnknownCrs("甲", "a"), query=True) == 400
    assert problems.status_of(UnknownCrs("甲", "a"), query=False) == 422
    assert problems.status_of(StoreBusy("甲", "a"), query=True) == 503
    assert problems.problem_of(type("Odd", (BadValue,), {})("甲", "a")).slug == "bad-value"


class Failing:
    """A store whose every call fails in one way."""

    name = "failing"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> object:
        def fail(*args: object, **options: object) -> object:
            raise self.error

        return fail


def failing(error: Exception) -> TestClient:
    store: Store = Failing(error)  # type: ignore[assignment]
    return TestClient(
        create_app(Settings(), store=store), base_url="http://localhost", headers={"Accept-Language": "en"}
    )


def test_a_busy_store_is_503_with_retry_after() -> None:
    with failing(StoreBusy("忙", "busy")) as client:
        assert client.get("/health").status_code == 200, "alive, whatever its store does"
        answer = client.get("/health?ready=1")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-busy")
    assert int(answer.headers["retry-after"]) > 0


def test_an_unexpected_error_is_told_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with failing(RuntimeError("SELECT secret FROM t")) as client:
        answer = client.get("/runs")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert "SELECT" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "SELECT secret" in caplog.text
