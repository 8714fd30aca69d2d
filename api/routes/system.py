"""Serve health, metrics, problem pages and API documentation, with bundled assets only."""

from __future__ import annotations

import html
import os
import secrets

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api import __version__
from api.dependencies import Language
from api.problems import BY_SLUG, Problem
from api.representations import responses
from api.representations.json_pages import html_page
from api.security import caller_of, requires
from geo.errors import NotFound

router = APIRouter(include_in_schema=False, dependencies=[requires("public")])


@router.get("/health")
def health(request: Request, ready: bool = False) -> Response:
    """Return that the service is alive; with `?ready=1` that its store can be read too, 503 where it cannot.

    Liveness checks omit `ready`: a database restart must not restart the service. While many addresses are being
    indexed the service is ready for all else, and `addresses` says so.
    """
    answer = {"status": "ok", "version": __version__}
    if ready:
        request.app.state.store.acting(caller_of(request)).revision("grids")
        answer["addresses"] = "indexing" if request.app.state.gazetteers.is_indexing else "ready"
    return responses.json_response(answer)


@router.get("/metrics", dependencies=[requires("admin")])
def metrics(request: Request) -> Response:
    """Return the metrics, for Prometheus; requests are those of all processes of `gridsight serve`."""
    requests = request.app.state.request_registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]
    text = generate_latest(request.app.state.registry) + generate_latest(requests)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


@router.get("/problems")
def problems(request: Request, language: Language) -> Response:
    """List every kind of error."""
    if responses.wants_page(request):
        items = "".join(
            f'<li><a href="/problems/{one.slug}"><code>{one.slug}</code></a> {html.escape(one.title(language))}</li>'
            for one in BY_SLUG.values()
        )
        return html_page("错误一览" if language == "zh" else "Errors", f"<ul>{items}</ul>", language)
    return responses.json_response({"problems": [_described(one, language) for one in BY_SLUG.values()]})


@router.get("/problems/{slug}")
def problem(request: Request, slug: str, language: Language) -> Response:
    """Describe one kind of error, with advice."""
    if slug not in BY_SLUG:
        raise NotFound(f"没有错误类型 {slug[:40]}", f"no kind of error {slug[:40]}")
    one = BY_SLUG[slug]
    if responses.wants_page(request):
        text = f"<p>HTTP {one.status} · <code>{one.slug}</code></p><p>{html.escape(one.help(language))}</p>"
        return html_page(one.title(language), text, language)
    return responses.json_response(_described(one, language))


@router.get("/docs", response_class=HTMLResponse)
def docs(language: Language) -> HTMLResponse:
    """Return the API documentation, rendered by the bundled Swagger UI."""
    nonce = secrets.token_urlsafe(18)
    base = "/static/vendor/swagger-ui"
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Gridsight API</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="{base}/favicon-32x32.png"><link rel="stylesheet" href="{base}/swagger-ui.css"></head>'
        f'<body><div id="ui"></div><script src="{base}/swagger-ui-bundle.js"></script><script nonce="{nonce}">'
        'SwaggerUIBundle({url:"/openapi.json",dom_id:"#ui",validatorUrl:null,deepLinking:true});</script></body></html>'
    )
    # Swagger UI sets style attributes and uses data: images.
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


def _described(one: Problem, language: str) -> dict[str, object]:
    return {
        "type": f"/problems/{one.slug}",
        "code": one.slug,
        "status": one.status,
        "title": one.title(language),
        "help": one.help(language),
    }
