"""Look at what stands round the routes: errors, headers, hosts, documentation, metrics."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from api import problems
from api.language import from_header, in_language
from api.main import create_app
from api.settings import Settings
from geo.errors import BadValue, GeoError, RowFault, StoreBusy, UnknownCrs
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
    assert "GET" in method.headers["allow"]
    assert client.get("/static/../../pyproject.toml").status_code == 404
    assert client.get("/static/%2e%2e/%2e%2e/pyproject.toml").status_code == 404


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


@pytest.mark.parametrize("path", ["/", "/runs", "/nowhere", "/docs", "/health", "/static/nothing.js", "/problems"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe-eval" not in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "127.0.0.1@evil"])
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/runs", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "[::1]:8000", "127.0.0.1"])
def test_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


def test_host_names_that_are_set_are_answered(drawn: object) -> None:
    app = create_app(Settings(workspace=drawn, allowed_hosts="grid.example, b.example"))
    with TestClient(app, base_url="http://grid.example") as client:
        assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_write(client: TestClient, headers: dict) -> None:
    answer = client.post("/runs", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-host")


def test_the_page_runs_its_scripts_by_a_nonce_of_its_own(client: TestClient) -> None:
    first, second = client.get("/"), client.get("/")
    nonces = [re.search(r"'nonce-([^']+)'", one.headers["content-security-policy"])[1] for one in (first, second)]
    assert nonces[0] != nonces[1]
    assert nonces[0] in first.text
    assert 'lang="en"' in first.text
    assert not re.search(r"""(?:src|href)=["']https?://(?!127\.0\.0\.1)""", first.text)


def test_the_documentation_draws_from_this_host(client: TestClient) -> None:
    page = client.get("/docs")
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert path.startswith("/static/")
        assert client.get(path).status_code == 200
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"/locate", "/runs", "/runs/{run_id}/gaps", "/prints/sheet.pdf"} <= set(document["paths"])


def test_metrics_count_by_route_not_by_path(client: TestClient) -> None:
    client.get("/runs/whatever-somebody-asks")
    text = client.get("/metrics").text
    assert 'route="/runs/{run_id}"' in text
    assert "whatever" not in text


def test_static_files_are_cached_by_etag(client: TestClient) -> None:
    first = client.get("/static/app/source.js")
    assert first.status_code == 200
    again = client.get("/static/app/source.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_two_applications_in_one_process(drawn: object) -> None:
    create_app(Settings(workspace=drawn))
    create_app(Settings(workspace=drawn))


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh"), ("", "zh"), ("en", "en"), ("en-GB,zh;q=0.5", "en"), ("zh,en", "zh"), ("en;q=0.2,zh;q=0.1", "en"),
        ("fr,de", "zh"), ("en;q=0", "zh"), (";;;,=,q", "zh"), ("en;q=9", "zh"), ("*", "zh"),
    ],
)  # fmt: skip
def test_the_language_of_a_header(header: str | None, lang: str) -> None:
    assert from_header(header) == lang


def test_sentences_in_two_languages() -> None:
    assert (in_language("甲 / a", "zh"), in_language("甲 / a", "en"), in_language("a", "zh")) == ("甲", "a", "a")


@pytest.mark.parametrize(
    "path", ["/", "/health", "/ogc/collections", "/runs/latest/gaps?f=csv", "/static/app/source.js"]
)
def test_head_is_get_without_a_body(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == whole.headers["content-length"]
