"""List, make, read, compare and delete runs (CONTRACT section 3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError

from api import answers, errors
from api.dependencies import Body, TheStore, media_type, parse_json
from api.schemas.runs import ANALYZE_BODY, AnalyzeModel
from geo.errors import BadValue, NotFound, RowFault, StoreBusy
from geo.studies import ZONE_LAYERS, analyze
from geo.studies import compare as compare_runs
from geo.studies import gaps as gaps_of
from geo.studies import outage as outage_of
from geo.types import Run

router = APIRouter(tags=["runs"])


def _form(request: Request, f: Annotated[str | None, Query(description=", ".join(answers.MEDIA))] = None) -> str:
    """Return the format asked for; `f` is declared here and read with the Accept header."""
    return answers.format_of(request, asked=f)


Form = Annotated[str, Depends(_form)]
ZoneLayer = Literal["grids", "microgrids", "villages", "townships", "all"]


class Turn:
    """Let one analysis run at a time: it takes every core and the store has one writer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn; raise StoreBusy where another analysis has it."""
        if not self._lock.acquire(blocking=False):
            raise StoreBusy("另一个分析正在进行，稍后重试", "another analysis is running; try again shortly")
        try:
            yield
        finally:
            self._lock.release()


def described(run: Run, *, whole: bool = True) -> dict[str, Any]:
    """Return a run as both doors show it: id, dates, options and, when whole, the summary."""
    head = {"id": run.id, "created": run.created, "options": dict(run.options)}
    return {**head, **run.summary} if whole else {**head, "totals": run.summary.get("totals")}


@router.get("/runs")
def runs(store: TheStore) -> Response:
    """List the runs, newest first."""
    return answers.json_answer({"runs": [described(run, whole=False) for run in store.runs()]})


@router.post("/runs", status_code=201, openapi_extra=ANALYZE_BODY)
def make_run(request: Request, body: Body, store: TheStore) -> Response:
    """Analyse the store now and keep the run."""
    if media_type(request) != "application/json":
        raise errors.UnsupportedMedia("请用 application/json", "send application/json")
    value = parse_json(body)
    if not isinstance(value, dict):
        raise errors.BadBody("请求内容须是 JSON 对象", "the body must be a JSON object")
    try:
        options = AnalyzeModel.model_validate(value).options()
    except ValidationError as error:
        rows = [RowFault("body", "", ".".join(map(str, one["loc"])), _told(one)) for one in error.errors()]
        raise BadValue("分析选项有误", "the options are wrong", rows=rows) from None
    with request.app.state.analysing.taken():
        run = analyze(store, options, actor="http")
    return answers.json_answer(described(run), status=201, headers={"Location": f"/runs/{run.id}"})


@router.get("/runs/{run_id}")
def one_run(run_id: str, store: TheStore) -> Response:
    """Return the options and summary of a run, or of the `latest`."""
    return answers.json_answer(described(store.run(run_id, layers=[])))


@router.delete("/runs/{run_id}", status_code=204)
def delete_run(run_id: str, store: TheStore) -> Response:
    """Delete a run and its layers."""
    store.delete_run(store.run(run_id, layers=[]).id)
    return Response(status_code=204)


@router.get("/runs/{run_id}/zones/{layer}")
def zones(run_id: str, layer: str, store: TheStore, form: Form) -> Response:
    """Return the figures of a zone layer: grids, microgrids, villages, townships or all."""
    if layer not in (*ZONE_LAYERS, "all"):
        raise NotFound(f"没有区域图层 {layer[:40]}", f"no zone layer {layer[:40]}")
    return _layer(store, form, run_id, layer)


@router.get("/runs/{run_id}/gaps")
def gaps(
    run_id: str,
    store: TheStore,
    form: Form,
    zone: Annotated[str | None, Query(max_length=64, description="code of a grid")] = None,
    limit: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Return the gaps by rank, with cause and place."""
    run, frame = gaps_of(store, run_id, zone=zone)
    frame = frame if limit is None else frame.head(limit)
    return answers.frame_answer(frame, form, layer="gaps", name=f"gaps-{run.id}", around={"run": run.id})


@router.get("/runs/{run_id}/views")
def run_views(run_id: str, store: TheStore, form: Form) -> Response:
    """Return what each camera surely sees."""
    return _layer(store, form, run_id, "views")


@router.get("/runs/{run_id}/possible")
def possible(run_id: str, store: TheStore, form: Form) -> Response:
    """Return what each camera possibly sees."""
    return _layer(store, form, run_id, "possible")


@router.get("/runs/{run_id}/coverage")
def run_coverage(run_id: str, store: TheStore, form: Form) -> Response:
    """Return where exactly one, two, and three or more sites surely see."""
    return _layer(store, form, run_id, "coverage")


@router.get("/runs/{run_id}/outage")
def outage(
    run_id: str,
    store: TheStore,
    form: Form,
    sites: Annotated[str, Query(min_length=1, max_length=10_000, description="sites, separated by commas")],
    layer: ZoneLayer = "grids",
) -> Response:
    """Return the zone figures as they would be without these sites."""
    names = [name.strip() for name in sites.split(",") if name.strip()]
    run, frame = outage_of(store, names, run_id, layer=layer)
    around = {"run": run.id, "sites": names}
    return answers.frame_answer(frame, form, layer=layer, name=f"outage-{run.id}", around=around)


@router.get("/runs/{run_id}/compare/{other}")
def compare(run_id: str, other: str, store: TheStore, form: Form, layer: ZoneLayer = "grids") -> Response:
    """Return every zone figure of the other run minus this one's, and the gaps only one of them has."""
    found = compare_runs(store, run_id, other)
    if form == "json":
        return answers.json_answer(comparison(found))
    if layer not in found.zones:
        raise NotFound(f"两个批次没有共同的区域图层 {layer}", f"the runs share no zone layer {layer}")
    around = {"a": found.a.id, "b": found.b.id}
    return answers.frame_answer(found.zones[layer], form, layer=layer, name=f"compare-{found.b.id}", around=around)


def comparison(found: Any) -> dict[str, Any]:
    """Return a comparison as both doors show it."""
    return {
        "a": found.a.id,
        "b": found.b.id,
        "zones": {name: answers.records(frame) for name, frame in found.zones.items()},
        "gaps_only_a": answers.records(found.gone),
        "gaps_only_b": answers.records(found.new),
    }


def _layer(store: Any, form: str, run_id: str, layer: str) -> Response:
    head = store.run(run_id, layers=[])
    if layer not in head.summary.get("layers", {}):
        raise NotFound(f"此批次没有图层 {layer}", f"this run has no layer {layer}")
    run = store.run(head.id, layers=[layer])
    around = {"run": run.id}
    return answers.frame_answer(run.layers[layer], form, layer=layer, name=f"{layer}-{run.id}", around=around)


def _told(one: Any) -> str:
    return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
