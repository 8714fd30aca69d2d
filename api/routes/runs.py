"""List, make, read, compare and delete runs, each answer as far as its caller's rights go (CONTRACT sections 3, 5)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import geopandas as gpd
import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response

from api import problems
from api.dependencies import Body, TheCaller, TheStore, media_type, note_export, parse_json
from api.jobs import is_office
from api.jobs.lifecycle import worker_named
from api.representations import responses
from api.representations.jobs import applied, jobs_of, prefers_async, status_info
from api.representations.runs import comparison, described
from api.schemas.runs import ANALYZE_BODY, options_from
from api.security import needs
from api.security.authorization import allows
from geo.catalog.layers import SCOPED
from geo.catalog.results import ALL, CAMERA_FIGURES, SCOPED_RUN_LAYERS, ZONE_LAYERS
from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.stored_runs import compare as compare_runs
from geo.studies.stored_runs import gaps as gaps_of
from geo.studies.stored_runs import outage as outage_of
from geo.studies.stored_runs import require_sites

router = APIRouter(tags=["runs"])

#: Of a summary, what tells of cameras or of persons.
_NOT_PUBLIC = frozenset({"assumptions", "notes", "rejected", "actor", "small_gaps"})


def _form(request: Request, f: Annotated[str | None, Query(description=", ".join(responses.MEDIA))] = None) -> str:
    """Return the format asked for; `f` is declared here and read with the Accept header."""
    return responses.format_of(request, asked=f)


Form = Annotated[str, Depends(_form)]
if TYPE_CHECKING:
    ZoneLayer = str
else:  # the names are the catalogue's; FastAPI reads them from the type
    ZoneLayer = Literal[(*ZONE_LAYERS, ALL)]


def hide(run: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Return what a caller may see of a described run: without a key nothing that tells of cameras or persons."""
    if allows(caller, "viewer"):
        return dict(run)
    seen = {name: value for name, value in run.items() if name not in _NOT_PUBLIC}
    if seen.get("totals"):
        seen["totals"] = _without(seen["totals"], CAMERA_FIGURES)
    if "levels" in seen:
        seen["levels"] = {level: _without(totals, CAMERA_FIGURES) for level, totals in seen["levels"].items()}
    for name, hidden in (("inputs", SCOPED), ("layers", SCOPED_RUN_LAYERS)):
        if name in seen:
            seen[name] = _without(seen[name], hidden)
    return seen


@router.get("/runs", dependencies=[needs("public")])
def runs(store: TheStore, caller: TheCaller) -> Response:
    """List the runs, newest first."""
    return responses.json_answer({"runs": [hide(described(run, whole=False), caller) for run in store.runs()]})


@router.post("/runs", status_code=201, openapi_extra=ANALYZE_BODY, dependencies=[needs("planner")])
def make_run(request: Request, body: Body, caller: TheCaller) -> Response:
    """Analyse the store: at the desk now, unless `Prefer: respond-async` is sent; at the office as a job."""
    if media_type(request) != "application/json":
        raise problems.UnsupportedMedia("请用 application/json", "send application/json")
    value = parse_json(body)
    if not isinstance(value, dict):
        raise problems.BadBody("请求内容须是 JSON 对象", "the body must be a JSON object")
    options, jobs = options_from(value), jobs_of(request)
    if jobs.sync and not prefers_async(request):
        run = jobs.execute(options, caller)
        return responses.json_answer(described(run), status=201, headers={"Location": f"/runs/{run.id}"})
    job = jobs.submit(options, caller)
    headers = {"Location": f"/ogc/jobs/{job.id}", **applied(request)}
    return responses.json_answer(status_info(request, job), status=202, headers=headers)


@router.get("/runs/{run_id}", dependencies=[needs("public")])
def one_run(run_id: str, store: TheStore, caller: TheCaller) -> Response:
    """Return the options and summary of a run, or of the `latest`."""
    return responses.json_answer(hide(described(store.run(run_id, layers=[])), caller))


@router.delete("/runs/{run_id}", status_code=204, dependencies=[needs("admin")])
def delete_run(run_id: str, store: TheStore) -> Response:
    """Delete a run and its layers."""
    with store.transaction():
        found = store.run(run_id, layers=[]).id
        store.delete_run(found)
        store.record(AuditEntry("delete-run", run=found))
    return Response(status_code=204)


@router.get("/runs/{run_id}/zones/{layer}", dependencies=[needs("public")])
def zones(run_id: str, layer: str, store: TheStore, caller: TheCaller, form: Form) -> Response:
    """Return the figures of a zone layer: grids, microgrids, villages, townships or all."""
    if layer not in (*ZONE_LAYERS, ALL):
        raise NotFound(f"没有区域图层 {layer[:40]}", f"no zone layer {layer[:40]}")
    return _layer(store, form, run_id, layer, hidden=() if allows(caller, "viewer") else CAMERA_FIGURES)


@router.get("/runs/{run_id}/gaps", dependencies=[needs("planner")])
def gaps(
    run_id: str,
    store: TheStore,
    form: Form,
    zone: Annotated[str | None, Query(max_length=64, description="code of a grid")] = None,
    limit: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Return the gaps by rank, with cause and place: those of the caller's townships."""
    with _reading(store, form):
        run, frame = gaps_of(store, run_id, zone=zone)
        frame = frame if limit is None else frame.head(limit)
        note_export(store, form, layer="gaps", run=run.id, rows=len(frame))
    return responses.frame_answer(frame, form, layer="gaps", name=f"gaps-{run.id}", around={"run": run.id})


@router.get("/runs/{run_id}/views", dependencies=[needs("planner")])
def run_views(run_id: str, store: TheStore, form: Form) -> Response:
    """Return what each camera of the caller's townships surely sees."""
    return _layer(store, form, run_id, "views")


@router.get("/runs/{run_id}/possible", dependencies=[needs("planner")])
def possible(run_id: str, store: TheStore, form: Form) -> Response:
    """Return what each camera of the caller's townships possibly sees."""
    return _layer(store, form, run_id, "possible")


@router.get("/runs/{run_id}/coverage", dependencies=[needs("planner")])
def run_coverage(run_id: str, store: TheStore, form: Form) -> Response:
    """Return where exactly one, two, and three or more sites surely see, within the caller's townships."""
    return _layer(store, form, run_id, "coverage")


@router.get("/runs/{run_id}/outage", dependencies=[needs("planner")])
def outage(
    request: Request,
    run_id: str,
    store: TheStore,
    caller: TheCaller,
    form: Form,
    sites: Annotated[str, Query(min_length=1, max_length=10_000, description="sites, separated by commas")],
    layer: ZoneLayer = "grids",
) -> Response:
    """Return the zone figures as they would be without these sites, which must be of the caller's townships."""
    names = [name.strip() for name in sites.split(",") if name.strip()]
    with store.snapshot():
        own = store.run(run_id, layers=["views"])
    require_sites(own, names)
    # Figures do not depend on who asks: the whole county's incidence answers, the caller's rows say what may be asked.
    run, frame = outage_of(_whole(request, caller), names, own.id, layer=layer)
    with _reading(store, form):
        note_export(store, form, layer=layer, run=run.id, rows=len(frame))
    around = {"run": run.id, "sites": names}
    return responses.frame_answer(frame, form, layer=layer, name=f"outage-{run.id}", around=around)


@router.get("/runs/{run_id}/compare/{other}", dependencies=[needs("viewer")])
def compare(
    request: Request,
    run_id: str,
    other: str,
    store: TheStore,
    caller: TheCaller,
    form: Form,
    layer: ZoneLayer = "grids",
) -> Response:
    """Return every zone figure of the other run minus this one's, and the caller's gaps that only one of them has."""
    found = compare_runs(_whole(request, caller), run_id, other)
    if form == "json":
        told = comparison(found)
        if not allows(caller, "planner"):
            return responses.json_answer(_without(told, ("gaps_only_a", "gaps_only_b")))
        with store.snapshot():
            told["gaps_only_a"] = _own(store, found.a.id, found.gaps_only_a)
            told["gaps_only_b"] = _own(store, found.b.id, found.gaps_only_b)
        return responses.json_answer(told)
    if layer not in found.zones:
        raise NotFound(f"两个批次没有共同的区域图层 {layer}", f"the runs share no zone layer {layer}")
    with _reading(store, form):
        note_export(store, form, layer=layer, run=found.b.id, rows=len(found.zones[layer]))
    around = {"a": found.a.id, "b": found.b.id}
    return responses.frame_answer(found.zones[layer], form, layer=layer, name=f"compare-{found.b.id}", around=around)


def _layer(store: Store, form: str, run_id: str, layer: str, *, hidden: tuple[str, ...] = ()) -> Response:
    with _reading(store, form):
        head = store.run(run_id, layers=[])
        if layer not in head.summary.get("layers", {}):
            raise NotFound(f"此批次没有图层 {layer}", f"this run has no layer {layer}")
        frame = store.run(head.id, layers=[layer]).layers[layer]
        note_export(store, form, layer=layer, run=head.id, rows=len(frame))
    frame = frame.drop(columns=[name for name in hidden if name in frame])
    return responses.frame_answer(frame, form, layer=layer, name=f"{layer}-{head.id}", around={"run": head.id})


def _reading(store: Store, form: str) -> AbstractContextManager[None]:
    """Read one state; where the answer leaves as a file, in the transaction that notes it for the audit.

    A desk keeps no audit, and there a transaction would wait for whoever writes.
    """
    return store.transaction() if form not in ("json", "geojson") and is_office(store) else store.snapshot()


def _whole(request: Request, caller: Caller) -> Store:
    """Return the store as the worker that computes over the whole county; its rows are never answered as they are."""
    return request.app.state.store.acting(worker_named(caller.name))


def _own(store: Store, run_id: str, whole: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return those of these gaps that the caller may see, as the caller may see them."""
    frame = store.run(run_id, layers=["gaps"]).layers["gaps"]
    mine = frame[pd.Series(frame["rank"]).isin(set(whole["rank"])).to_numpy(bool)]
    return responses.records(mine.sort_values("rank", kind="stable"))


def _without(values: Mapping[str, Any], names: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
