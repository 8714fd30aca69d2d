"""Send traces to an OpenTelemetry collector where one is set; otherwise load nothing of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import __version__
from api.logs import route_of
from api.settings import Settings
from geo.errors import BadValue

#: Timeout of one delivery in seconds; an unreachable collector must not delay shutdown.
_DELIVERY_SECONDS = 5


class NoTracing:
    """Discard spans: used where no collector is set."""

    @contextmanager
    def span(self, name: str, **attributes: str | int | float) -> Iterator[None]:  # noqa: ARG002
        """Run the block."""
        yield

    def close(self) -> None:
        """Do nothing."""


class Tracing:
    """Record spans and deliver them in the background.

    The provider is never set as the process-wide one: the web framework would trace with it, and its spans contain raw
    paths and queries, hence addresses.
    """

    def __init__(self, endpoint: str, *, service: str) -> None:
        try:
            from opentelemetry import trace  # noqa: PLC0415
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415
        except ImportError:
            raise BadValue(
                "设置了 GRIDSIGHT_OTLP_ENDPOINT，但没有安装追踪组件：pip install gridsight[telemetry]",
                "GRIDSIGHT_OTLP_ENDPOINT is set, but tracing is not installed: pip install gridsight[telemetry]",
            ) from None
        resource = Resource.create({"service.name": service, "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=_address(endpoint), timeout=_DELIVERY_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("gridsight", __version__)
        self._parents = TraceContextTextMapPropagator()
        self._kinds = trace.SpanKind
        self._failed = trace.StatusCode.ERROR

    @contextmanager
    def span(self, name: str, **attributes: str | int | float) -> Iterator[None]:
        """Record the block as a child of the current span; of an error only the type is recorded.

        The message of an error may contain values of rows.
        """
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(self._failed)
                raise

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Any]:
        """Record a request, as a child of the span in its `traceparent`."""
        parent = self._parents.extract(headers)
        with self._tracer.start_as_current_span(
            method, context=parent, kind=self._kinds.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def failed(self, span: Any) -> None:
        """Mark a span as failed."""
        span.set_status(self._failed)

    def close(self) -> None:
        """Deliver the remaining spans and stop."""
        self._provider.force_flush(1000 * _DELIVERY_SECONDS)
        self._provider.shutdown()


def make_tracing(settings: Settings, service: str) -> Tracing | NoTracing:
    """Return where to record spans; raise BadValue where the collector that is set cannot be used."""
    if not settings.otlp_endpoint:
        return NoTracing()
    return Tracing(settings.otlp_endpoint, service=service)


class TracingMiddleware:
    """Record every request as a span: method, route template, status, role; never path, query or name."""

    def __init__(self, app: ASGIApp, *, tracing: Tracing) -> None:
        self.app = app
        self.tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request within a span."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        status = 500

        async def send_and_record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"]
        with self.tracing.request(method, Headers(scope=scope)) as span:
            try:
                await self.app(scope, receive, send_and_record)
            finally:
                route = route_of(scope)
                span.update_name(f"{method} {route}")
                attributes = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                attributes["gridsight.request"] = state.get("request_id", "")
                attributes["gridsight.role"] = getattr(state.get("caller"), "role", "")
                span.set_attributes(attributes)
                if status >= 500:
                    self.tracing.failed(span)


def _address(endpoint: str) -> str:
    """Return the URL for spans: the collector's, with `/v1/traces` added where it has no path (OTLP/HTTP)."""
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadValue(
            "GRIDSIGHT_OTLP_ENDPOINT 应为 http:// 或 https:// 开头的地址",
            "GRIDSIGHT_OTLP_ENDPOINT must be an address that begins with http:// or https://",
        )
    return endpoint if parts.path.strip("/") else f"{endpoint.rstrip('/')}/v1/traces"
