"""Create the HTTP application: settings, middleware, routes and error handlers; no logic."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api import __version__, problems, store_metrics
from api.dependencies import known_query
from api.gazetteer_cache import SERVER_REVISION_SECONDS, GazetteerCache
from api.imports.receiving import keep_swept, spool_of
from api.jobs import make_jobs
from api.language import from_header
from api.logs import AccessLog, log_failure
from api.middleware import RequestGuard, RequestMetrics, headers_of
from api.open_store import index_folder, is_server_mode, open_configured_store, upgrades_of
from api.preview_cache import PreviewCache
from api.representations import import_reports, page_overview, responses
from api.representations.packed import PackedFiles, pack_bundles
from api.representations.printed_jobs import drawing
from api.routes import (
    base_map_tiles,
    claims,
    drafts,
    drawn_zones,
    features,
    form_prints,
    grid_drafts,
    ground,
    import_templates,
    imports,
    layer_checks,
    ledgers,
    locate,
    login,
    networks,
    page,
    page_cameras,
    page_counts,
    planner_page,
    previews,
    prints,
    processes,
    runs,
    shapes,
    sight_lines,
    system,
    tiles,
    tilesets,
    unknowns,
    verify,
)
from api.security import enforce
from api.security.assembly import authenticator_of
from api.security.authentication import AuthenticationMiddleware
from api.security.public_url import PublicUrl
from api.settings import Settings
from api.telemetry import NoTracing, Tracing, TracingMiddleware, make_tracing
from api.tiles import open_base_maps, serving
from geo.errors import GeoError, RowFault
from geo.sentences import in_language
from geo.storage.protocol import Store
from maps.web.pages import STATIC_DIR

_log = logging.getLogger("gridsight")
_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_TITLE = "Gridsight"
_DESCRIPTION = "公共区域摄像机覆盖与网格化管理 / camera coverage and grid management. Places, not people."


def create_app(settings: Settings | None = None, *, store: Store | None = None) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings
        Read from the environment where it is None.
    store
        An open store, which the caller closes; without it the store of the settings is opened and closed with the
        application.
    """
    settings = settings or Settings.read()
    tracing = make_tracing(settings, "gridsight-api")

    # The framework's own tracing is off: its spans contain raw paths and queries, hence addresses.
    app = FastAPI(
        title=_TITLE, version=__version__, description=_DESCRIPTION, lifespan=_lifespan_of(settings, store, tracing),
        docs_url=None, redoc_url=None, redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )  # fmt: skip
    app.state.settings = settings
    app.state.tracing = tracing
    app.state.registry = CollectorRegistry()
    app.state.request_registry = CollectorRegistry()  # apart, as several processes add these up
    store_metrics.register_store_gauges(app.state.registry, app.state)
    _add_routes(app)
    _add_middleware(app, settings, tracing, PublicUrl.of(settings))
    _add_handlers(app)
    return app


def _lifespan_of(
    settings: Settings, store: Store | None, tracing: Tracing | NoTracing
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what opens the store, jobs and tiles of an application when it starts, and closes them when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = store or open_configured_store(settings, create=True)
        for text in upgrades_of(opened):
            _log.info("workspace upgraded: %s", in_language(text, "en"))
        app.state.store = opened
        app.state.gazetteers = GazetteerCache(
            opened,
            revision_ttl=SERVER_REVISION_SECONDS if is_server_mode(opened) else 0.0,
            index_folder=index_folder(settings, opened),
        )
        pack_bundles()  # before other threads have work
        app.state.previews = PreviewCache()
        app.state.authenticator = authenticator_of(settings, opened)
        app.state.keys = app.state.authenticator.keys
        app.state.jobs = make_jobs(opened, settings, drawing(settings))
        app.state.jobs.start()
        serving.open_tiles(app.state, settings)
        app.state.drawn_layers.prepare(partial(page_overview.prepare, app.state))
        app.state.gazetteers.prepare(after=app.state.drawn_layers.wait)  # the page is opened before it is searched
        open_base_maps.open_base_maps(app.state, settings)
        app.state.imports = spool_of(settings, opened.name)
        sweeping = asyncio.create_task(keep_swept(app.state.imports))
        try:
            yield
        finally:
            sweeping.cancel()
            await serving.close_tiles(app.state)
            app.state.gazetteers.close()
            app.state.jobs.close()
            if store is None:
                opened.close()
            tracing.close()

    return lifespan


def _add_routes(app: FastAPI) -> None:
    tiles.add_to(app)
    # The framework tries routes in this order, some fifty of them: the most requested ones are first.
    for module in (
        locate, planner_page, page, login, features, processes, runs, claims, networks, imports, tilesets, prints,
        form_prints, import_templates, layer_checks, verify, unknowns, ledgers, ground, base_map_tiles, previews,
        drafts, grid_drafts, shapes, page_cameras, page_counts, sight_lines, drawn_zones, system,
    ):  # fmt: skip
        app.include_router(module.router, dependencies=[Depends(enforce), Depends(known_query)])
    app.include_router(base_map_tiles.tile_router, dependencies=[Depends(enforce), Depends(known_query)])
    app.mount("/static", PackedFiles(directory=STATIC_DIR), name="static")


def _add_middleware(app: FastAPI, settings: Settings, tracing: Tracing | NoTracing, public_url: PublicUrl) -> None:
    # The last added is the outermost: the log has rejected requests, which are rejected before authentication.
    app.add_middleware(AuthenticationMiddleware)
    app.add_middleware(RequestMetrics, registry=app.state.request_registry)
    app.add_middleware(
        RequestGuard,
        hosts=settings.hosts(),
        max_body_bytes=settings.max_body_bytes,
        arrival_seconds=settings.arrival_seconds,
        origins=settings.origins(),
        larger={import_reports.PATH: settings.max_import_bytes + imports.FORM_BYTES},
        public_url=public_url,
    )
    if isinstance(tracing, Tracing):
        app.add_middleware(TracingMiddleware, tracing=tracing)
    app.add_middleware(AccessLog)


def _add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(GeoError, _geo_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


def problem(request: Request, error: GeoError, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as problem+json in the caller's language."""
    status = problems.status_of(error, query=request.method in {"GET", "HEAD"})
    lang = from_header(request.headers.get("accept-language"))
    body = problems.over_http(problems.body_of(error, lang, status=status, instance=request.url.path))
    return responses.json_response(body, status=status, media="application/problem+json", headers=headers)


def _geo_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoError)  # noqa: S101 (registered for this type)
    log_failure(request.scope, error)
    return problem(request, error, headers_of(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this type)
    rows = []
    for one in error.errors():
        source, *path = (str(part) for part in one["loc"])
        field = ".".join(path)
        rows.append(RowFault(source, "", field, f"{field}: {one['msg']}"))
    names = ", ".join(dict.fromkeys(row.field for row in rows))
    return problem(request, problems.BadQuery(f"参数有误：{names}", f"bad parameters: {names}", rows=rows))


def _allowed_methods(request: Request) -> str:
    """Return the methods that any route takes at the path of a request: each method is a route of its own."""
    scope = dict(request.scope)

    def takes(method: str) -> bool:
        return any(one.matches({**scope, "method": method})[0] is Match.FULL for one in request.app.routes)

    return ", ".join(method for method in _METHODS if takes("GET" if method == "HEAD" else method))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for this type)
    headers = dict(error.headers or {})
    path = request.url.path[:200]
    if error.status_code == 405:
        headers["Allow"] = _allowed_methods(request)
        return problem(
            request, problems.NoMethod(f"{path} 不接受 {request.method}", f"{path} takes no {request.method}"), headers
        )
    if error.status_code == 404:
        return problem(request, problems.NoRoute(f"没有 {path}", f"there is no {path}"), headers)
    return problem(request, problems.BadBody("请求无法读取", "the request cannot be read"), headers)
