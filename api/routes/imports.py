"""Take a file to be imported, show what it would change, and do so when its sender agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import problems
from api.dependencies import CallerDep, HeaderRow, SettingsDep, SheetNames, StoreDep
from api.imports.bounded_reading import load_reading, read_bounded
from api.imports.import_record import Record
from api.imports.receiving import receive
from api.imports.spool import CHANGES, REJECTS, Claim, Incoming, Spool
from api.language import from_header
from api.representations import responses
from api.representations.import_lists import write_changes, write_rejected
from api.representations.import_reports import (
    PATH,
    bounded_report,
    import_description,
    report_when_done,
    waiting_list,
)
from api.schemas.import_answers import (
    ACCEPTED,
    CHANGES_SHOWN,
    CSV,
    DROPPED,
    LISTED,
    REJECTS_SHOWN,
    SENT,
    SHOWN,
    ImportModel,
    WaitingImportsModel,
)
from api.security import requires
from api.security.authorization import require_layer
from geo.catalog.layers import LAYERS
from geo.catalog.options import IMPORT_MODES
from geo.readers.reading import ReadResult
from geo.sentences import both
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.import_files import expected_box, require_rows
from geo.studies.import_map import placed_changes
from geo.studies.import_writes import PlanOutdated, WrittenRows, write_reading
from geo.types import CellFinding

#: What a form may have besides its file.
FORM_BYTES = 65_536
#: Imports of a list.
_MAX_LISTED = 1_000

router = APIRouter(tags=["imports"])

ImportId = Annotated[str, Path(max_length=200)]
_Name = Annotated[str | None, Query(max_length=200)]
_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
}
_BODY = {
    "requestBody": {"required": True, "content": {"multipart/form-data": _FORM, "application/octet-stream": _FILE}}
}


class ImportQuery:
    """How a file is read and written: the options of ``gridsight import``."""

    def __init__(
        self,
        layer: Annotated[str, Query(max_length=60, description=", ".join(LAYERS))],
        mode: Annotated[str, Query(max_length=20, description=", ".join(IMPORT_MODES))] = IMPORT_MODES[0],
        crs: _Name = None,
        encoding: _Name = None,
        profile: _Name = None,
        source_layer: _Name = None,
        mapping: Annotated[list[str] | None, Query(alias="map", max_length=200, description="field=column")] = None,
        sheet: SheetNames = None,
        header_row: HeaderRow = None,
        filename: Annotated[str | None, Query(max_length=1000)] = None,
        replaces: Annotated[
            str, Query(max_length=200, description="id of an own import that goes once this one waits")
        ] = "",
    ) -> None:
        for what, given, known in (("图层 / layer", layer, LAYERS), ("导入方式 / mode", mode, IMPORT_MODES)):
            if given not in known:
                zh, en = both(what)
                listed = ", ".join(known)
                raise problems.BadQuery(f"没有{zh} {given}，可用：{listed}", f"no {en} {given}; there are: {listed}")
        self.layer = layer
        self.mode = mode
        self.filename = filename
        self.replaces = replaces
        self.options: dict[str, Any] = {
            "crs": crs, "encoding": encoding, "profile": profile, "source_layer": source_layer,
            "mapping": _pairs(mapping or ()) or None, "sheets": sheet or [],
            "header_row": header_row,
        }  # fmt: skip


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return field -> column; raise BadQuery where a field has two columns, of which one would be lost unsaid."""
    found: dict[str, str] = {}
    for field, column in map(_pair, texts):
        if found.setdefault(field, column) != column:
            raise problems.BadQuery(
                f"map 给了字段 {field[:60]} 两列：{found[field][:60]}、{column[:60]}",
                f"map gives the field {field[:60]} two columns: {found[field][:60]}, {column[:60]}",
            )
    return found


def _pair(text: str) -> tuple[str, str]:
    field, mark, column = text[:600].partition("=")
    if not (field and mark and column):
        raise problems.BadQuery(f"map={text[:60]} 应为 字段=列名", f"map={text[:60]} should be field=column")
    return field, column


async def received(
    request: Request, query: Annotated[ImportQuery, Depends()], caller: CallerDep, settings: SettingsDep
) -> Incoming:
    """Receive the file of a request; the role and the options were checked before."""
    require_layer(caller, query.layer, write=True)
    spool: Spool = request.app.state.imports
    unknown = min(settings.max_import_bytes, settings.import_bytes_per_caller)
    declared = int(request.headers.get("content-length") or unknown)

    def reserve(name: str) -> Incoming:
        size = min(declared, settings.max_import_bytes)
        return spool.reserve(
            caller, name, layer=query.layer, mode=query.mode, options=query.options, size=size, replaces=query.replaces
        )

    return await receive(
        request.stream(), request.headers.get("content-type", ""), query.filename,
        max_bytes=settings.max_import_bytes, reserve=reserve,
    )  # fmt: skip


@router.get(PATH, dependencies=[requires("planner")], response_model=WaitingImportsModel, responses=LISTED)
def waiting(request: Request, caller: CallerDep, limit: Annotated[int, Query(ge=1, le=_MAX_LISTED)] = 100) -> Response:
    """List the imports of the caller that wait to be accepted, newest first; an admin too sees only its own."""
    spool: Spool = request.app.state.imports
    return responses.json_response(waiting_list(request, spool.waiting(caller), limit))


@router.post(
    PATH, status_code=201, dependencies=[requires("planner")], openapi_extra=_BODY, response_model=ImportModel,
    responses=SENT,
)  # fmt: skip
def preview(
    request: Request,
    incoming: Annotated[Incoming, Depends(received)],
    store: StoreDep,
    caller: CallerDep,
    settings: SettingsDep,
) -> Response:
    """Read a file and tell what importing it would change; nothing is written until it is accepted."""
    record = incoming.record
    try:
        # As the command line does: where rows are expected tells the order of pairs in one cell.
        options = {**record.options, "near": expected_box(store)}
        reading = read_bounded(
            incoming.path, record.layer, options, outcome=incoming.outcome, seconds=settings.import_seconds,
            max_bytes=settings.max_import_bytes,
        )  # fmt: skip
        plan = _planned(store, caller, record, reading, incoming)
        detail = {"file": record.name, "mode": record.mode, "rows": plan[1]["rows_made"]}
        store.record(AuditEntry("preview-import", record.layer, run=record.id, detail=detail))
        record = incoming.wait(*plan)
    finally:
        incoming.close()
    body = import_description(request, record)
    return responses.json_response(body, status=201, headers={"Location": body["links"][0]["href"]})


@router.get(
    "/imports/{import_id}", dependencies=[requires("planner")], response_model=ImportModel, responses=SHOWN
)  # fmt: skip
def show(request: Request, import_id: ImportId, caller: CallerDep) -> Response:
    """Return the report of an import that the caller sent, and whether it waits, was accepted, or has expired."""
    spool: Spool = request.app.state.imports
    return responses.json_response(import_description(request, spool.get(import_id, caller)))


@router.get("/imports/{import_id}/changes", dependencies=[requires("planner")], responses=CHANGES_SHOWN)
def changes(request: Request, import_id: ImportId, caller: CallerDep) -> Response:
    """Return where a waiting import would change the layer, as GeoJSON: the first thousand of each kind of change.

    `change` is `added`, `updated`, `was` (where an updated row lies now), `removed` or `rejected`.
    """
    spool: Spool = request.app.state.imports
    return responses.file_response(spool.kept(import_id, caller, CHANGES), responses.GEOJSON)


@router.get("/imports/{import_id}/rejects", dependencies=[requires("planner")], responses=REJECTS_SHOWN)
def rejects(request: Request, import_id: ImportId, caller: CallerDep) -> Response:
    """Return all rejected rows of an import as CSV `source,row,field,reason,value`, as `import --rejects` writes it."""
    spool: Spool = request.app.state.imports
    headers = {"Content-Disposition": 'attachment; filename="rejects.csv"'}
    return responses.file_response(spool.kept(import_id, caller, REJECTS), CSV, headers=headers)


@router.post(
    "/imports/{import_id}/accept", dependencies=[requires("planner")], response_model=ImportModel, responses=ACCEPTED
)  # fmt: skip
def accept(request: Request, import_id: ImportId, store: StoreDep, caller: CallerDep) -> Response:
    """Do what the preview showed, all of it or nothing; 409 with a new preview where the store has changed since."""
    spool: Spool = request.app.state.imports
    with spool.claimed(import_id, caller) as claim:
        record = claim.record
        require_layer(caller, record.layer, write=True)
        reading = load_reading(claim.outcome, record.name)
        try:
            with store.transaction():
                done = _written(store, caller, record, reading, is_accepted=True)
                report = bounded_report(reading, done, record.layer)
                detail = {"file": record.name, "mode": record.mode, **_counts(report)}
                store.record(AuditEntry("import", record.layer, run=record.id, detail=detail))
        except PlanOutdated as error:
            return _outdated(request, error, claim.show(*_planned(store, caller, record, reading, claim)))
        record = claim.done(report_when_done(record.report, report))
    return responses.json_response(import_description(request, record))


@router.delete(
    "/imports/{import_id}", status_code=204, dependencies=[requires("planner")], responses=DROPPED
)  # fmt: skip
def drop(request: Request, import_id: ImportId, caller: CallerDep) -> Response:
    """Drop an import that the caller sent, and its file; what was accepted stays imported."""
    spool: Spool = request.app.state.imports
    spool.drop(import_id, caller)
    return Response(status_code=204)


def _written(
    store: Store, caller: Caller, record: Record, reading: ReadResult, *, is_accepted: bool = False
) -> WrittenRows:
    """Import what was read as the caller, as it was shown; before it is accepted only say what that would do."""
    mode: Any = record.mode
    require_rows(reading, record.layer, mode)
    return write_reading(
        store, reading, record.layer, mode=mode, actor=caller.signature, dry_run=not is_accepted,
        planned=record.plan if is_accepted else None, shifts=_shifts_of(record) if is_accepted else None,
    )  # fmt: skip


def _planned(
    store: Store, caller: Caller, record: Record, reading: ReadResult, kept: Incoming | Claim
) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """Return the state of the changes, the report that shows them, and what was found of the datum of the rows.

    Where they lie, and all rejected rows, are kept beside the import.
    """
    done = _written(store, caller, record, reading)
    write_changes(placed_changes(store, record.layer, reading, done), kept.beside(CHANGES))
    write_rejected([*reading.rejects, *done.rejects], kept.beside(REJECTS))
    assert done.changes is not None  # noqa: S101 (a dry run has them)
    return done.changes.state, bounded_report(reading, done, record.layer), [vars(one) for one in done.shifts]


def _shifts_of(record: Record) -> list[CellFinding]:
    return [CellFinding(**{**one, "rows": tuple(one["rows"])}) for one in record.shifts]


def _counts(report: Mapping[str, Any]) -> dict[str, int]:
    names = ("read", "imported", "updated", "rejected", "unchanged", "removed", "rows_made")
    return {name: int(report[name]) for name in names}


def _outdated(request: Request, error: PlanOutdated, record: Record) -> Response:
    """Return the problem of a plan that no longer holds, with the import as it would now be."""
    lang = from_header(request.headers.get("accept-language"))
    body = problems.over_http(problems.body_of(error, lang, status=409, instance=request.url.path))
    body["import"] = import_description(request, record)
    return responses.json_response(body, status=409, media="application/problem+json")
