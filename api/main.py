"""Make the HTTP application: settings in, middleware, routes and the table of errors put together; no logic."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException

from api import __version__, problems, store_metrics
from api.dependencies import known_query
from api.gazetteer_cache import OFFICE_SECONDS, Places
from api.jobs import is_office, make_jobs
from api.logs import AccessLog
from api.middleware import Guard, Metrics, headers_of
from api.open_store import open_workspace
from api.representations import responses
from api.representations.language import from_header
from api.routes import features, locate, login, planner_page, prints, processes, runs, system, tiles
from api.security import enforce
from api.security.assembly import identity_of
from api.security.authentication import Identify
from api.settings import Settings
from api.telemetry import Traced, Traces, make_traces
from geo.errors import GeoError, RowFault
from geo.storage.protocol import Store
from maps.web.pages import STATIC_DIR

_log = logging.getLogger("gridsight")
_TITLE = "Gridsight"
_DESCRIPTION = "公共区域摄像机覆盖与网格化管理 / camera coverage and grid management. Places, not people."


def create_app(settings: Settings | None = None, *, store: Store | None = None) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings
        Read from the environment where it is None.
    store
        An open store, which the caller closes; without it the workspace of the settings is opened and closed with the
        application.
    """
    settings = settings or Settings.read()
    traces = make_traces(settings, "gridsight-api")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = store or open_workspace(settings, create=True)
        app.state.store = opened
        app.state.places = Places(opened, trusted=OFFICE_SECONDS if is_office(opened) else 0.0)
        app.state.identity = identity_of(settings, opened)
        app.state.keys = app.state.identity.keys
        app.state.jobs = make_jobs(opened, settings)
        app.state.jobs.start()
        tiles.set_up(app.state, settings)
        try:
            yield
        finally:
            await tiles.take_down(app.state)
            app.state.places.close()
            app.state.jobs.close()
            if store is None:
                opened.close()
            traces.close()

    # The framework's own tracing stays off: it writes raw paths and queries, so addresses, into its spans.
    app = FastAPI(
        title=_TITLE, version=__version__, description=_DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None, redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )  # fmt: skip
    app.state.settings = settings
    app.state.traces = traces
    app.state.registry = CollectorRegistry()
    store_metrics.watch(app.state.registry, app.state)
    tiles.add_to(app)
    # The framework tries routes in this order, some fifty of them: the busiest come first.
    for module in (locate, planner_page, login, features, processes, runs, tiles, prints, system):
        app.include_router(module.router, dependencies=[Depends(enforce), Depends(known_query)])
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    # The last added is the outermost: the log sees the guard's refusals, the guard sees what is left to identify.
    app.add_middleware(Identify)
    app.add_middleware(Metrics, registry=app.state.registry)
    app.add_middleware(
        Guard, hosts=settings.hosts(), max_body_bytes=settings.max_body_bytes, arrival_seconds=settings.arrival_seconds
    )
    if isinstance(traces, Traces):
        app.add_middleware(Traced, traces=traces)
    app.add_middleware(AccessLog)
    _add_handlers(app)
    return app


def _add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(GeoError, _geo_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


def problem(request: Request, error: GeoError, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as problem+json in the caller's language."""
    status = problems.status_of(error, query=request.method in {"GET", "HEAD"})
    lang = from_header(request.headers.get("accept-language"))
    body = problems.body_of(error, lang, status=status, instance=request.url.path)
    return responses.json_answer(body, status=status, media="application/problem+json", headers=headers)


def _geo_error(request: Request, error: GeoError) -> Response:
    if problems.problem_of(error).status >= 500:
        _log.warning("%s %s: %s", request.method, request.url.path, error)
    return problem(request, error, headers_of(error))


def _invalid(request: Request, error: RequestValidationError) -> Response:
    rows = []
    for one in error.errors():
        place = [str(part) for part in one["loc"]]
        rows.append(RowFault(place[0], "", ".".join(place[1:]), f"{'.'.join(place[1:])}: {one['msg']}"))
    names = ", ".join(dict.fromkeys(row.field for row in rows))
    return problem(request, problems.BadQuery(f"参数有误：{names}", f"bad parameters: {names}", rows=rows))


def _http_error(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    path = request.url.path[:200]
    if error.status_code == 405:
        return problem(
            request, problems.NoMethod(f"{path} 不接受 {request.method}", f"{path} takes no {request.method}"), headers
        )
    if error.status_code == 404:
        return problem(request, problems.NoRoute(f"没有 {path}", f"there is no {path}"), headers)
    return problem(request, problems.BadBody("请求无法读取", "the request cannot be read"), headers)
