"""Read the log as an operator's tools do: one line an event, its request's id, never a secret or a query."""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.responses import JSONResponse

from api import logs
from api.middleware import RequestMetrics
from api.settings import Settings
from geo.errors import NotFound, StoreDown
from geo.storage.records import Caller

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

#: Made up, of the shape of real ones.
KEY = "gs_" + "a1B2c3D4e5F6" + "_" + "x" * 43
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJsaSJ9.c2lnbmF0dXJl"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Return where JSON lines go; the logging of the test process is put back after."""
    yield from _configured("json")


@pytest.fixture
def text() -> Iterator[io.StringIO]:
    yield from _configured("text")


def _configured(form: str) -> Iterator[io.StringIO]:
    loggers = [logging.getLogger(name) for name in ("", "gridsight", "uvicorn", "uvicorn.error", "uvicorn.access")]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in loggers]
    stream = io.StringIO()
    logs.configure(Settings(log_format=form), stream=stream)
    try:
        yield stream
    finally:
        logging.captureWarnings(False)
        for one, level, handlers, propagate in before:
            one.level, one.handlers, one.propagate = level, handlers, propagate
        logging.Logger.manager._clear_cache()


def _records(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class _SignedIn:
    """Put a caller where the sign-in puts it, and pass a copy of the scope on, as an inner layer may."""

    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            scope["state"]["caller"] = Caller("li", "planner", ("990101101",), key="a1B2c3D4e5F6", address="10.1.2.3")
        await self.app({**scope}, receive, send)


def _client() -> TestClient:
    app = FastAPI()

    @app.get("/items/{key}")
    def item(key: str) -> dict:
        logging.getLogger("gridsight").warning("looked up")
        return {"key": key}

    inner, outer = APIRouter(), APIRouter(prefix="/outer")
    inner.get("/inner/{key}")(item)
    outer.include_router(inner)
    app.include_router(outer, prefix="/root")

    @app.get("/health")
    def health() -> dict:
        return {}

    @app.get("/forbidden")
    def forbidden() -> JSONResponse:
        return JSONResponse({}, 403)

    @app.get("/fails")
    def fails() -> dict:
        raise ValueError(f"bad key {KEY}")

    app.add_middleware(RequestMetrics, registry=CollectorRegistry())
    app.add_middleware(_SignedIn)
    return TestClient(logs.AccessLog(app), raise_server_exceptions=False)


def test_a_line_a_request_without_path_and_query(lines: io.StringIO) -> None:
    answer = _client().get("/items/secret-camera", params={"address": "南镇南村东街1号"})
    warned, access = _records(lines)
    assert (access["method"], access["route"]) == ("GET", "/items/{key}")
    assert (access["status"], access["bytes"]) == (200, len(answer.content))
    assert (access["caller"], access["role"]) == ("li", "planner")
    assert access["ms"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", access["time"])
    # What is said within a request, in a thread of its own, bears the same id as the answer does.
    assert warned["message"] == "looked up"
    assert answer.headers["x-request-id"] == access["request"] == warned["request"]
    for unwanted in ("secret-camera", "address", "南", "a1B2c3D4e5F6", "10.1.2.3"):
        assert unwanted not in lines.getvalue()


def test_the_template_is_whole_where_routers_are_nested(lines: io.StringIO) -> None:
    _client().get("/root/outer/inner/secret-camera")
    assert _records(lines)[-1]["route"] == "/root/outer/inner/{key}"


@pytest.mark.parametrize("given", ["abcd-1234.A_b", "0" * 64])
def test_a_safe_id_from_outside_is_kept(lines: io.StringIO, given: str) -> None:
    answer = _client().get("/items/a", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given
    assert {one["request"] for one in _records(lines)} == {given}


@pytest.mark.parametrize("given", ["short", "0" * 65, "abcdefgh\tforged", "abcd efgh", "é" * 9, '"},{"level":"x"'])
def test_an_odd_id_from_outside_is_replaced(lines: io.StringIO, given: str) -> None:
    answer = _client().get("/items/a", headers={"X-Request-ID": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert {one["request"] for one in _records(lines)} == {answer.headers["x-request-id"]}


def test_no_route_no_path(lines: io.StringIO) -> None:
    _client().get("/nowhere/" + KEY)
    (access,) = _records(lines)
    assert (access["route"], access["status"]) == ("unmatched", 404)
    assert KEY not in lines.getvalue()


def test_machines_that_ask_if_all_is_well_are_not_written(lines: io.StringIO) -> None:
    _client().get("/health")
    assert lines.getvalue() == ""


def test_the_address_of_who_is_turned_away_is_written(lines: io.StringIO) -> None:
    _client().get("/forbidden")
    (access,) = _records(lines)
    assert (access["status"], access["address"]) == (403, "10.1.2.3")


def test_a_failure_is_500_and_its_trace_has_no_secret(lines: io.StringIO) -> None:
    _client().get("/fails")
    assert _records(lines)[-1]["status"] == 500
    try:
        raise ValueError(f"bad key {KEY}")
    except ValueError:
        logging.getLogger("gridsight").exception("failed")
    line = _records(lines)[-1]
    assert line["trace"].endswith("ValueError")
    assert "bad key" not in line["trace"].replace('raise ValueError(f"bad key {KEY}")', "")
    assert "x" * 10 not in lines.getvalue()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("could not convert string to float: '王小二家门口'"), "ValueError"),
        (RuntimeError("camera 王小二家门口 failed"), "RuntimeError"),
        (NotFound("没有 王小二家门口", "there is no 王小二家门口"), "NotFound"),
        (OSError(28, "No space left on device", "/home/王小二家门口.csv"), "OSError: No space left on device"),
        (
            StoreDown("数据库无法连接", "the database cannot be reached", for_operator="db: refused"),
            "StoreDown: 数据库无法连接 / the database cannot be reached (db: refused)",
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_of_an_error_only_its_type_and_our_own_words_are_written(
    lines: io.StringIO, error: Exception, said: str
) -> None:
    try:
        try:
            raise error
        except Exception as first:
            raise TypeError("王小二家门口") from first
    except TypeError:
        logging.getLogger("gridsight").exception("failed")
    written = _records(lines)[-1]["trace"].split("\n")
    assert {said, "TypeError"} <= set(written)
    assert "王小二家门口" not in "\n".join(one for one in written if not one.startswith("  "))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (f"shown {KEY}", "shown gs_a1B2c3D4e5F6_***"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer ***"),
        ("authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic ***"),
        (f"token {TOKEN} is stale", "token *** is stale"),
        ("cannot reach postgresql://gridsight:geheim@db/gridsight", "cannot reach postgresql://gridsight:***@db/gridsight"),
        ("postgresql+psycopg://a:p%40ss@db:5432/x?sslmode=require", "postgresql+psycopg://a:***@db:5432/x?sslmode=require"),
        ("host=db password=geheim dbname=x", "host=db password=*** dbname=x"),
        ("at 2026-11-22T10:00:00 http://127.0.0.1:8000/a@b", "at 2026-11-22T10:00:00 http://127.0.0.1:8000/a@b"),
        ("南镇南村东街1号", "南镇南村东街1号"),
    ],
)  # fmt: skip
def test_secrets_are_taken_out_of_messages(lines: io.StringIO, said: str, written: str) -> None:
    logging.getLogger("gridsight").info("%s", said)
    assert _records(lines)[-1]["message"] == written


def test_text_lines_cannot_be_forged(text: io.StringIO) -> None:
    logging.getLogger("gridsight").warning("layer %s", "a\n2026-11-22 INFO forged\x1b[2J\u2028b")
    assert text.getvalue().count("\n") == 1
    assert "layer a\\u000a2026-11-22 INFO forged\\u001b[2J\\u2028b" in text.getvalue()


def test_text_lines_tell_the_same(text: io.StringIO) -> None:
    _client().get("/items/a")
    line = text.getvalue().splitlines()[-1]
    assert " INFO gridsight.access: request method=GET route=/items/{key} " in line
    assert " status=200 " in line
    assert " caller=li role=planner request=" in line


def test_the_servers_own_news_come_in_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Shutting down")
    logging.getLogger("uvicorn.access").info('GET /locate?address=x HTTP/1.1" 200')
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("careful")
    assert [(one["logger"], one["message"]) for one in _records(lines)] == [
        ("uvicorn.error", "Shutting down"),
        ("some.library", "careful"),
    ]


def test_configuring_again_writes_each_line_once(lines: io.StringIO) -> None:
    other = io.StringIO()
    logs.configure(Settings(log_format="json"), stream=other)
    logging.getLogger("gridsight").info("once")
    assert (lines.getvalue(), len(_records(other))) == ("", 1)
