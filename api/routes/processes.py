"""Serve OGC API Processes Part 1: the processes `analyze` and `print`, and their jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api import problems
from api.dependencies import Body, CallerDep, StoreDep, jobs_of, media_type
from api.jobs.lifecycle import MAX_LISTED
from api.jobs.print_options import PRINT, PrintOptions
from api.json_bodies import parse_json
from api.representations import responses
from api.representations.jobs import applied, link, prefers_async, status_info
from api.representations.json_pages import PageRoute
from api.representations.links import root_of
from api.representations.runs import run_description, without_hidden_fields
from api.representations.zones_drawn import require_sheets
from api.schemas import print_inputs
from api.schemas import process_inputs as schemas
from api.schemas.ogc_processes import MAX_LIMIT, STATUSES
from api.security import requires
from geo.errors import NotFound
from geo.sentences import in_language
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job
from geo.studies.stored_runs import require_zone
from maps.print.sheet_options import SheetOptions, layers_named

router = APIRouter(prefix="/ogc", tags=["Processes"], route_class=PageRoute)

JobId = Annotated[str, Path(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Seconds = Annotated[int | None, Query(ge=0, le=2**31)]


@router.get("/processes", dependencies=[requires("viewer")])
def processes(request: Request, limit: Limit = 100) -> Response:
    """List the processes."""
    root = root_of(request)
    found = [
        {**one, "links": [link(f"{root}/processes/{one['id']}", "self")]}
        for one in (schemas.summary(sync=jobs_of(request).sync), print_inputs.summary())
    ]
    return responses.json_response({"processes": found[:limit], "links": [link(f"{root}/processes", "self")]})


@router.get("/processes/{process_id}", dependencies=[requires("viewer")])
def process(request: Request, process_id: Annotated[str, Path(max_length=200)]) -> Response:
    """Describe a process: its inputs with their JSON Schemas, its output."""
    _require_process(process_id)
    base = f"{root_of(request)}/processes/{process_id}"
    links = [
        link(base, "self"),
        link(f"{base}/execution", "http://www.opengis.net/def/rel/ogc/1.0/execute"),
        link(f"{root_of(request)}/jobs", "http://www.opengis.net/def/rel/ogc/1.0/job-list"),
    ]
    described = print_inputs.description() if process_id == PRINT else schemas.description(sync=jobs_of(request).sync)
    return responses.json_response({**described, "links": links})


@router.post("/processes/{process_id}/execution", dependencies=[requires("planner")], status_code=201)
def execute(
    request: Request, process_id: Annotated[str, Path(max_length=200)], body: Body, caller: CallerDep, store: StoreDep
) -> Response:
    """Execute a process: as a job, or an analysis in embedded mode in this request unless one prefers not to wait."""
    _require_process(process_id)
    if media_type(request) != "application/json":
        raise problems.UnsupportedMedia("请用 application/json", "send application/json")
    jobs = jobs_of(request)
    if process_id == PRINT:
        given, _ = schemas.parse_inputs(parse_json(body), print_inputs.OUTPUT)
        return _accepted(request, jobs.submit(_of_a_run(print_inputs.print_options_from(given), store, caller), caller))
    options, response = schemas.parse_execute_request(parse_json(body))
    if jobs.sync and not prefers_async(request):
        run = jobs.execute(options, caller)
        return responses.json_response(_result(without_hidden_fields(run_description(run), caller), response))
    return _accepted(request, jobs.submit(options, caller))


def _of_a_run(options: PrintOptions, store: Store, caller: Caller) -> PrintOptions:
    """Return a print of the run that its caller means now; raise NotFound for no such run or zone, or no sheet."""
    layers = layers_named(options.layers)
    SheetOptions(options.orientation, options.scale, options.title, layers).require_possible(options.paper)
    run = store.run(options.run, layers=[])
    if options.kind == "atlas":
        require_sheets(store, run, options.by, options.zone, caller)
    elif options.zone is not None:
        require_zone(store, run, options.zone)
    return replace(options, run=run.id)


def _accepted(request: Request, job: Job) -> Response:
    headers = {"Location": f"{root_of(request)}/jobs/{job.id}", **applied(request)}
    return responses.json_response(status_info(request, job), status=201, headers=headers)


@router.get("/jobs", dependencies=[requires("planner")])
def job_list(
    request: Request,
    caller: CallerDep,
    *,
    kind: Annotated[str | None, Query(alias="type", max_length=200)] = None,
    process_id: Annotated[str | None, Query(alias="processID", max_length=1000)] = None,
    status: Annotated[str | None, Query(max_length=200, description=", ".join(STATUSES))] = None,
    when: Annotated[str | None, Query(alias="datetime", max_length=200)] = None,
    least: Annotated[Seconds, Query(alias="minDuration")] = None,
    most: Annotated[Seconds, Query(alias="maxDuration")] = None,
    limit: Limit = 100,
) -> Response:
    """List the caller's jobs, newest first; an admin's list holds everybody's."""
    wanted = STATUSES if status is None else _statuses(status)
    start, end = ("0", "9") if when is None else _interval(when)
    found = jobs_of(request).list(caller, MAX_LISTED)
    if kind is not None and "process" not in kind.split(","):
        found = []
    if process_id is not None:
        found = [job for job in found if job.process in process_id.split(",")]
    found = [job for job in found if job.status in wanted]
    if when is not None:
        found = [job for job in found if start <= job.created[: len(start)] and job.created[: len(end)] <= end]
    if least is not None or most is not None:
        found = [job for job in found if _lasted(job, least or 0, most)]
    links = [link(str(request.url), "self")]
    return responses.json_response({"jobs": [status_info(request, job) for job in found[:limit]], "links": links})


@router.get("/jobs/{job_id}", dependencies=[requires("planner")])
def job_status(request: Request, job_id: JobId, caller: CallerDep) -> Response:
    """Return the status of a job, with progress and what is being done, or why it failed."""
    return responses.json_response(status_info(request, jobs_of(request).get(job_id, caller)))


@router.delete("/jobs/{job_id}", dependencies=[requires("planner")])
def dismiss(request: Request, job_id: JobId, caller: CallerDep) -> Response:
    """Dismiss a job: waiting it is not begun, running it ends, ended its result is no longer given here."""
    return responses.json_response(status_info(request, jobs_of(request).dismiss(job_id, caller)))


@router.get("/jobs/{job_id}/results", dependencies=[requires("planner")])
def results(request: Request, job_id: JobId, caller: CallerDep, store: StoreDep) -> Response:
    """Return the result of a job that was successful: the run, or the file of a print."""
    job = jobs_of(request).get(job_id, caller)
    if job.status in ("accepted", "running"):
        raise problems.ResultNotReady(
            f"任务尚未结束（{job.progress}%）", f"the job has not ended yet ({job.progress} %)"
        )  # fmt: skip
    if job.status != "successful":
        raise problems.JobFailed(in_language(job.message, "zh"), in_language(job.message, "en"))
    if job.process == PRINT:
        file = store.job_file(job.id)
        disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, media_type=file.media_type, headers=disposition)
    try:
        run = store.run(job.run, layers=[])
    except NotFound:
        raise NotFound("任务的批次已被删除", "the job's run has been deleted") from None
    return responses.json_response(_result(without_hidden_fields(run_description(run), caller), "document"))


def _result(run: dict[str, Any], response: str) -> dict[str, Any]:
    return run if response == "raw" else {schemas.OUTPUT: run}


def _require_process(process_id: str) -> None:
    if process_id not in (schemas.PROCESS, PRINT):
        raise problems.NoSuchProcess(f"没有处理 {process_id[:60]}", f"there is no process {process_id[:60]}")


def _statuses(text: str) -> Sequence[str]:
    wanted = text.split(",")
    unknown = [one for one in wanted if one not in STATUSES]
    if unknown:
        listed = ", ".join(STATUSES)
        raise problems.BadQuery(
            f"没有状态 {unknown[0][:40]}，可用：{listed}", f"no status {unknown[0][:40]}; there are: {listed}"
        )
    return wanted


def _lasted(job: Job, least: int, most: int | None) -> bool:
    """Return whether the duration of a started job, until its end or now, is within bounds in seconds."""
    if not job.started:
        return False
    end = datetime.fromisoformat(job.finished) if job.finished else datetime.now(tz=UTC)
    seconds = (end - datetime.fromisoformat(job.started)).total_seconds()
    return seconds >= least and (most is None or seconds <= most)


def _interval(text: str) -> tuple[str, str]:
    """Return both ends of a datetime parameter as texts comparable with stored ones, open ends included."""
    ends = text.split("/")
    if len(ends) > 2:
        raise problems.BadQuery("datetime 须是时刻或区间", "datetime must be an instant or an interval")
    start, end = ends[0], ends[-1]
    return _instant(start) or "0", _instant(end) or "9"


def _instant(text: str) -> str:
    """Return an instant in UTC as text, a day as ten characters, an open end as an empty text."""
    if text in ("", ".."):
        return ""
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise problems.BadQuery(
            f"datetime 中的 {text[:40]} 无效", f"{text[:40]} in datetime is no RFC 3339 date"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
