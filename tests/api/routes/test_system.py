"""Look at what stands round the routes: headers, hosts, documentation, metrics."""

from __future__ import annotations

import asyncio
import re

import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from starlette.types import Message, Receive, Scope, Send

from api.main import create_app
from api.middleware import RequestMetrics
from api.settings import Settings


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


@pytest.mark.parametrize(("asked", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_every_page_names_its_language_in_one_way(client: TestClient, asked: str, tag: str) -> None:
    headers = {"Accept": "text/html", "Accept-Language": asked}
    for path in ("/", "/login", "/problems", "/problems/not-found", "/ogc/collections"):
        page = client.get(path, headers=headers)
        assert page.status_code == 200, path
        assert re.findall(r'<html lang="([^"]+)">', page.text) == [tag], path
        assert "default-src 'none'" in page.headers["content-security-policy"]


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


def test_who_has_the_whole_answer_is_counted_already() -> None:
    """A process may be killed as soon as its answer is out: what it answered is counted before the end is sent."""
    registry, counted = CollectorRegistry(), []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async def send(message: Message) -> None:
        labels = {"method": "GET", "route": "unmatched", "status": "200"}
        counted.append(registry.get_sample_value("gridsight_requests_total", labels))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(RequestMetrics(app, registry=registry)({"type": "http", "method": "GET"}, receive, send))
    assert counted == [None, None, 1.0]


def test_static_files_are_cached_by_etag(client: TestClient) -> None:
    first = client.get("/static/app/source.js")
    assert first.status_code == 200
    again = client.get("/static/app/source.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_two_applications_in_one_process(drawn: object) -> None:
    create_app(Settings(workspace=drawn))
    create_app(Settings(workspace=drawn))


@pytest.mark.parametrize(
    "path", ["/", "/health", "/ogc/collections", "/runs/latest/gaps?f=csv", "/static/app/source.js"]
)
def test_head_is_get_without_a_body(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == whole.headers["content-length"]
