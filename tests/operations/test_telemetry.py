"""Trace nothing unless asked, say so where tracing is missing, and deliver to a collector where it is not."""

from __future__ import annotations

import gzip
import importlib.util
import sys
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi import FastAPI

from api.logs import AccessLog
from api.middleware import RequestMetrics
from api.settings import Settings
from api.telemetry import NoTracing, Tracing, TracingMiddleware, make_tracing
from geo.errors import BadValue

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from tests.processes import Processes


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


SDK = _installed("opentelemetry.sdk") and _installed("opentelemetry.exporter.otlp.proto.http")
needs_sdk = pytest.mark.skipif(not SDK, reason="the extra `telemetry` is not installed (it is no part of the dev lock)")


def test_without_a_collector_nothing_is_recorded_or_loaded(processes: Processes) -> None:
    tracing = make_tracing(Settings(otlp_endpoint=None), "gridsight-api")
    assert isinstance(tracing, NoTracing)
    with tracing.span("gridsight.analyze", job="x"):
        pass
    tracing.close()
    code = (
        "import sys, api.main, api.telemetry; "
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    done = processes.run(sys.executable, "-c", code, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(SDK, reason="the extra `telemetry` is installed")
def test_a_collector_without_the_extra_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadValue, match=r"pip install gridsight\[telemetry\]"):
        make_tracing(Settings(otlp_endpoint="http://127.0.0.1:4318"), "gridsight-api")


@needs_sdk
@pytest.mark.parametrize("address", ["collector:4318", "grpc://collector:4317", "http://", "file:///tmp/x"])
def test_an_odd_address_is_refused(address: str) -> None:
    with pytest.raises(BadValue, match="GRIDSIGHT_OTLP_ENDPOINT"):
        make_tracing(Settings(otlp_endpoint=address), "gridsight-api")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Return the address of a collector, and what it has taken: path and body of each delivery."""
    taken: list[tuple[str, bytes]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    thread.join()
    server.server_close()


def _spans(taken: list[tuple[str, bytes]]) -> list:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found = []
    for path, body in taken:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def _told(span) -> dict:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


@needs_sdk
def test_requests_and_analyses_reach_the_collector_without_what_was_asked(collector) -> None:
    address, taken = collector
    tracing = make_tracing(Settings(otlp_endpoint=address), "gridsight-api")
    assert isinstance(tracing, Tracing)
    app = FastAPI()

    @app.get("/items/{key}")
    def item(key: str) -> dict:
        with tracing.span("gridsight.analyze", job="j1"):
            return {"key": key}

    @app.get("/fails")
    def fails() -> dict:
        with tracing.span("gridsight.analyze"):
            raise ValueError("a value of a row")

    app.add_middleware(RequestMetrics, registry=CollectorRegistry())
    app.add_middleware(TracingMiddleware, tracing=tracing)
    client = TestClient(AccessLog(app), raise_server_exceptions=False)
    parent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = client.get("/items/secret-key", params={"address": "somewhere"}, headers={"traceparent": parent})
    client.get("/fails")
    tracing.close()

    inner, outer, failed, whole = _spans(taken)
    assert (inner.name, outer.name) == ("gridsight.analyze", "GET /items/{key}")
    assert outer.trace_id.hex() == "a" * 32
    assert outer.parent_span_id.hex() == "b" * 16
    assert inner.parent_span_id == outer.span_id
    assert _told(inner) == {"job": "j1"}
    told = _told(outer)
    assert told["http.response.status_code"] == 200
    assert told["gridsight.request"] == answer.headers["x-request-id"]
    assert (failed.status.code, _told(failed)) == (2, {"error.type": "ValueError"})
    assert (whole.name, whole.status.code) == ("GET /fails", 2)
    whole_delivery = b"".join(body for _, body in taken)
    for unwanted in (b"secret-key", b"somewhere", b"a value of a row"):
        assert unwanted not in whole_delivery


@needs_sdk
def test_the_framework_does_not_trace_by_itself(collector) -> None:
    """It would as soon as a process-wide provider were set; ours is none."""
    from opentelemetry import trace

    make_tracing(Settings(otlp_endpoint=collector[0]), "gridsight-api").close()
    assert type(trace.get_tracer_provider()).__module__ == "opentelemetry.trace"
