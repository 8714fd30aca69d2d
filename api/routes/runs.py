"""List, create, read, compare and delete runs, within the caller's rights (docs/contract.md sections 3, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import geopandas as gpd
import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints

from api import problems
from api.dependencies import (
    Body,
    CallerDep,
    StoreDep,
    Tables,
    audit_export,
    county_store,
    in_transaction,
    jobs_of,
    media_type,
    snapshot_of,
)
from api.json_bodies import json_object, parse_json
from api.kept_answers import KeptAnswers
from api.representations import responses
from api.representations.frame_records import records
from api.representations.jobs import applied, prefers_async, status_info
from api.representations.json_text import dumps
from api.representations.runs import (
    comparison,
    publication,
    run_description,
    run_list,
    without_fields,
    without_hidden_fields,
)
from api.representations.tables import TableOptions, with_names, with_where
from api.roles import allows
from api.routes.ogc.common import content_etag, not_modified
from api.schemas.runs import ANALYZE_BODY, NAME_BODY, name_from, options_from
from api.security import requires
from geo.assessment.drawn_zone import MOST_LETTERS
from geo.catalog.results import ALL, CAMERA_FIGURES, OWN_ZONES, ZONE_LAYERS, is_zone_layer
from geo.errors import NotAllowed, NotFound
from geo.storage.codec.run_rows import LATEST, PUBLISHED
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.compare_runs import camera_changes
from geo.studies.compare_runs import compare as compare_runs
from geo.studies.outages import outage as outage_of
from geo.studies.stored_runs import data_day, zones_in_zone
from geo.studies.stored_runs import gaps as gaps_of
from geo.studies.stored_runs import zones as zones_of

router = APIRouter(tags=["runs"])


#: Lists of zones of runs: of a county's shapes one takes seconds, and the public may ask for it.
_zone_lists: KeptAnswers[bytes] = KeptAnswers(8)


def _form(
    request: Request, f: Annotated[str | None, Query(description=", ".join(responses.MEDIA_TYPES))] = None
) -> str:
    """Return the requested format; `f` is declared here and read with the Accept header."""
    return responses.negotiated_format(request, requested=f)


Form = Annotated[str, Depends(_form)]
if TYPE_CHECKING:
    ZoneLayer = str
else:  # the names are the catalogue's; FastAPI reads them from the type
    ZoneLayer = Literal[(*ZONE_LAYERS, ALL)] | Annotated[str, StringConstraints(pattern=f"^{OWN_ZONES}.+$")]


@router.get("/runs", dependencies=[requires("public")])
def runs(store: StoreDep, caller: CallerDep) -> Response:
    """List the runs, newest first, and which of them is published; without a key there are no planner's trials."""
    with store.snapshot():
        found, shown, names = store.runs(), store.published(), _names(store, caller)
    listed = [
        {**without_hidden_fields(run_description(run, whole=False), caller), **names.get(run.id, {})} for run in found
    ]
    return responses.json_response(run_list(listed, shown))


@router.post("/runs", status_code=201, openapi_extra=ANALYZE_BODY, dependencies=[requires("planner")])
def make_run(request: Request, body: Body, caller: CallerDep) -> Response:
    """Analyse the store: in embedded mode now, unless `Prefer: respond-async` is sent; in server mode as a job."""
    if media_type(request) != "application/json":
        raise problems.UnsupportedMedia("请用 application/json", "send application/json")
    value = parse_json(body)
    if not isinstance(value, dict):
        raise problems.BadBody("请求内容须是 JSON 对象", "the body must be a JSON object")
    options, jobs = options_from(value), jobs_of(request)
    if jobs.sync and not prefers_async(request):
        run = jobs.execute(options, caller)
        visible = without_hidden_fields(run_description(run), caller)
        return responses.json_response(visible, status=201, headers={"Location": f"/runs/{run.id}"})
    job = jobs.submit(options, caller)
    headers = {"Location": f"/ogc/jobs/{job.id}", **applied(request)}
    return responses.json_response(status_info(request, job), status=202, headers=headers)


@router.get("/runs/{run_id}", dependencies=[requires("public")])
def one_run(run_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Return the options and summary of a run, of the `published` one or of the `latest`.

    The latest is the published one, but to whoever made a newer run that one.
    """
    with store.snapshot():
        run, shown = store.run(run_id, layers=[]), store.published()
        day, names = data_day(store, run).isoformat(), _names(store, caller)
    described = {"data_date": day, **without_hidden_fields(run_description(run), caller), **names.get(run.id, {})}
    stands_in = publication(shown) if run_id in (LATEST, PUBLISHED) and shown.deleted else {}
    return responses.json_response({**described, **stands_in})


@router.post("/runs/{run_id}/publish", dependencies=[requires("admin")])
@in_transaction
def publish(run_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Publish a run: from now on everybody sees it by default."""
    found = store.publish(run_id)
    store.record(AuditEntry("publish-run", run=found))
    described = run_description(store.run(found, layers=[]), whole=False)
    return responses.json_response({**without_hidden_fields(described, caller), **publication(store.published())})


@router.put("/runs/{run_id}/name", openapi_extra=NAME_BODY, dependencies=[requires("admin")])
@in_transaction
def name_run(request: Request, run_id: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Give a run a name and a note for people to know it by; both empty take them away."""
    given = name_from(json_object(request, body))
    run = store.run(run_id, layers=[])
    store.name_run(run.id, given)
    store.record(AuditEntry("name-run", run=run.id))
    described = without_hidden_fields(run_description(run, whole=False), caller)
    return responses.json_response({**described, **_names(store, caller).get(run.id, {})})


@router.delete("/runs/{run_id}", status_code=204, dependencies=[requires("planner")])
@in_transaction
def delete_run(run_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Delete a run and its layers: an admin any, a planner its own that were never published."""
    not_own = NotAllowed("只能删除自己的批次", "you may delete only runs of your own")
    try:
        run = store.run(run_id, layers=[])
    except NotFound:
        raise (not_own if not allows(caller, "admin") else NotFound("没有这个批次", "there is no such run")) from None
    if not allows(caller, "admin"):
        if not run.maker or run.maker != caller.id:
            raise not_own
        if run.published:
            raise NotAllowed("已发布的批次只能由管理员删除", "a run that was published is deleted by an admin only")
    store.delete_run(run.id)
    store.record(AuditEntry("delete-run", run=run.id))
    return Response(status_code=204)


@router.get("/runs/{run_id}/zones", dependencies=[requires("public")])
def zone_list(request: Request, run_id: str, store: StoreDep) -> Response:
    """List the zones of a run: layer, code, name, and the codes of the grids whose gaps are each zone's own.

    A run stays as it is: its list is found once and kept, and its ETag names database, run and what is published.
    """
    with store.snapshot():
        head, shown = store.run(run_id, layers=[]), store.published()
        named = "\n".join((store.name, store.epoch(), head.id, str(shown.id), str(shown.deleted)))
        etag = content_etag(named.encode())
        if known := not_modified(request, etag):
            return known
        body = _zone_lists.get(etag)
        if body is None:
            found = zones_of(store, head.id)[1]
            body = _zone_lists.put(etag, dumps({"run": head.id, "zones": found}))
    return Response(body, headers={"ETag": etag}, media_type=responses.JSON)


@router.get("/runs/{run_id}/zones/{layer}", dependencies=[requires("public")])
def zones(
    run_id: str,
    layer: str,
    store: StoreDep,
    caller: CallerDep,
    form: Form,
    tables: Tables,
    zone: Annotated[
        str | None,
        Query(max_length=MOST_LETTERS, description="code or name of a zone, or a drawn one: those inside it"),
    ] = None,
) -> Response:
    """Return the figures of a zone layer: grids, microgrids, villages, townships or all; of a zone those inside it."""
    if not is_zone_layer(layer):
        raise NotFound(f"没有区域图层 {layer[:40]}", f"no zone layer {layer[:40]}")
    may_read = allows(caller, "viewer")
    hidden = () if may_read else CAMERA_FIGURES
    return _layer(store, form, run_id, layer, tables, hidden=hidden, may_read_names=may_read, zone=zone)


@router.get("/runs/{run_id}/gaps", dependencies=[requires("planner")])
def gaps(
    run_id: str,
    store: StoreDep,
    form: Form,
    tables: Tables,
    zone: Annotated[
        str | None, Query(max_length=MOST_LETTERS, description="code or name of a zone of any layer, or a drawn one")
    ] = None,
    limit: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Return the gaps by rank, with cause and place: of a zone those of all its grids, in the caller's townships."""
    with snapshot_of(store):
        run, frame = gaps_of(store, run_id, zone=zone)
        frame = frame if limit is None else frame.head(limit)
        audit_export(store, form, layer="gaps", run=run.id, rows=len(frame))
        options = with_where(with_names(tables, form, store, of_run=True), form, store, run, frame)
    members = {"run": run.id}
    return responses.frame_response(
        frame, form, layer="gaps", name=f"gaps-{run.id}", extra_members=members, options=options
    )


@router.get("/runs/{run_id}/views", dependencies=[requires("planner")])
def run_views(run_id: str, store: StoreDep, form: Form, tables: Tables) -> Response:
    """Return what each camera of the caller's townships surely sees."""
    return _layer(store, form, run_id, "views", tables)


@router.get("/runs/{run_id}/possible", dependencies=[requires("planner")])
def possible(run_id: str, store: StoreDep, form: Form, tables: Tables) -> Response:
    """Return what each camera of the caller's townships possibly sees."""
    return _layer(store, form, run_id, "possible", tables)


@router.get("/runs/{run_id}/coverage", dependencies=[requires("planner")])
def run_coverage(run_id: str, store: StoreDep, form: Form, tables: Tables) -> Response:
    """Return where exactly one, two, and three or more sites surely see, within the caller's townships."""
    return _layer(store, form, run_id, "coverage", tables)


@router.get("/runs/{run_id}/outage", dependencies=[requires("planner")])
def outage(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    form: Form,
    tables: Tables,
    sites: Annotated[
        str, Query(min_length=1, max_length=10_000, description="sites or ids of cameras, separated by commas")
    ],
    layer: ZoneLayer = "grids",
) -> Response:
    """Return the zone figures as they would be without these sites or cameras, and what is lost.

    Every row of a site must be of the caller's townships: another site answers as one that does not exist.
    """
    names = [name.strip() for name in sites.split(",") if name.strip()]
    with store.snapshot():
        visible = store.run(run_id, layers=[])
        # Figures are the same for all callers: they come from the whole county's incidence; the caller's rows decide
        # which sites may be named. The views' shapes are not read for it.
        known = [str(row["id"]) for row in store.run_rows(visible.id, "views")]
    found = outage_of(county_store(request, caller), names, visible.id, layer=layer, visible=known)
    run, frame = found.run, found.frames[layer]
    # The figures are the county's, but they tell what the cameras of these sites see.
    audit_export(store, form, layer="views", run=run.id, rows=len(names))
    extra_members = {"run": run.id, "sites": names, "lost": dict(found.lost), "text": found.text}
    options = with_names(tables, form, store, of_run=True)
    return responses.frame_response(
        frame, form, layer=layer, name=f"outage-{run.id}", extra_members=extra_members, options=options
    )


@router.get("/runs/{run_id}/compare/{other}", dependencies=[requires("viewer")])
def compare(
    request: Request,
    run_id: str,
    other: str,
    store: StoreDep,
    caller: CallerDep,
    form: Form,
    tables: Tables,
    layer: ZoneLayer = "grids",
) -> Response:
    """Return every zone figure of the other run minus this one's, and the caller's gaps that only one of them has."""
    found = compare_runs(county_store(request, caller), run_id, other)
    if form == "json":
        values = comparison(found)
        if not allows(caller, "planner"):
            return responses.json_response(without_fields(values, ("gaps_only_a", "gaps_only_b")))
        with snapshot_of(store):
            values["gaps_only_a"] = _visible_gaps(store, found.a.id, found.gaps_only_a)
            values["gaps_only_b"] = _visible_gaps(store, found.b.id, found.gaps_only_b)
            values["cameras"] = camera_changes(store, found.a.id, found.b.id)
            rows = len(values["gaps_only_a"]) + len(values["gaps_only_b"])
            audit_export(store, form, layer="gaps", run=found.b.id, rows=rows)
        return responses.json_response(values)
    if layer not in found.zones:
        raise NotFound(f"两个批次没有共同的区域图层 {layer}", f"the runs share no zone layer {layer}")
    extra_members = {"a": found.a.id, "b": found.b.id, "caution": found.caution or None}
    options = with_names(tables, form, store, of_run=True)
    return responses.frame_response(
        found.zones[layer],
        form,
        layer=layer,
        name=f"compare-{found.b.id}",
        extra_members=extra_members,
        options=options,
    )


def _names(store: Store, caller: Caller) -> dict[str, dict[str, str]]:
    """Return name and note of runs by id; none to the public: they are notes among colleagues."""
    if not allows(caller, "viewer"):
        return {}
    return {run_id: {"name": one.name, "note": one.note} for run_id, one in store.run_names().items()}


def _layer(
    store: Store,
    form: str,
    run_id: str,
    layer: str,
    tables: TableOptions,
    *,
    hidden: tuple[str, ...] = (),
    may_read_names: bool = True,
    zone: str | None = None,
) -> Response:
    with snapshot_of(store):
        head = store.run(run_id, layers=[])
        if layer not in head.summary.get("layers", {}):
            raise NotFound(f"此批次没有图层 {layer}", f"this run has no layer {layer}")
        frame = store.run(head.id, layers=[layer]).layers[layer]
        if zone is not None:
            frame = frame[zones_in_zone(store, head, frame, zone)]
        audit_export(store, form, layer=layer, run=head.id, rows=len(frame))
        options = with_names(tables, form, store, of_run=True, may_read=may_read_names)
    frame = frame.drop(columns=[name for name in hidden if name in frame])
    members = {"run": head.id}
    return responses.frame_response(
        frame, form, layer=layer, name=f"{layer}-{head.id}", extra_members=members, options=options
    )


def _visible_gaps(store: Store, run_id: str, gaps: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return those of these gaps that the caller may see, with the fields that it may see."""
    frame = store.run(run_id, layers=["gaps"]).layers["gaps"]
    visible = frame[pd.Series(frame["rank"]).isin(set(gaps["rank"])).to_numpy(bool)]
    return records(visible.sort_values("rank", kind="stable"))
