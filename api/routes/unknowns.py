"""Tell which unknown values of a run are most worth measuring (docs/contract.md section 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import CallerDep, Language, StoreDep, Tables, audit_export, county_store, snapshot_of
from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS
from api.representations import responses
from api.representations.downloads import DOWNLOAD_FORMATS
from api.representations.json_text import dumps
from api.representations.survey_pages import survey_pdf
from api.representations.survey_workbook import survey_workbook
from api.representations.tables import with_names
from api.representations.unknown_values import unknown_values
from api.routes.ogc.common import content_etag, not_modified
from api.security import requires
from geo.catalog.headings import TableLanguage
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.run_unknowns import SOURCES, RunUnknowns, as_table, visible_rows
from geo.studies.run_unknowns import unknowns as unknowns_of
from geo.studies.survey_maps import site_maps
from geo.studies.survey_rows import survey_rows

router = APIRouter(tags=["runs"])
_XLSX, _PDF = DOWNLOAD_FORMATS["xlsx"].media_type, "application/pdf"
#: Sites of a form, and of one to be printed, whose maps are drawn one by one.
_MOST_SITES, _MOST_PAGES = 10_000, 500
#: Of a county one takes seconds; it stays the same until one of its layers changes.
_found: KeptAnswers[RunUnknowns] = KeptAnswers(4)


def _form(
    request: Request, f: Annotated[str | None, Query(description=", ".join(responses.MEDIA_TYPES))] = None
) -> str:
    return responses.negotiated_format(request, requested=f)


@router.get("/runs/{run_id}/unknowns", dependencies=[requires("planner")])
def unknowns(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    tables: Tables,
    form: Annotated[str, Depends(_form)],
    limit: Annotated[int | None, Query(ge=1, le=1_000_000, description="at most so many rows")] = None,
) -> Response:
    """Return the unknown azimuths, statuses and heights by what each alone would turn from possibly to surely seen.

    Weights and ranks are the county's, the same for every caller; rows are those of the caller's townships.
    """
    found = _visible(request, store, caller, run_id)
    rows = found.rows if limit is None else found.rows.head(limit)
    answer = unknown_values(replace(found, rows=rows))
    body = dumps(answer)
    # Of the content, which tells nothing of edits elsewhere.
    told = b"|".join((body, form.encode(), tables.lang.encode(), tables.encoding.encode()))
    headers = {"ETag": content_etag(told)}
    if known := not_modified(request, headers["ETag"]):
        return known
    # The rows tell of cameras, and what they would see.
    audit_export(store, form, layer="views", run=found.run.id, rows=len(rows))
    if form == "json":
        return Response(body, headers=headers, media_type=responses.JSON)
    with snapshot_of(store):
        options = with_names(tables, form, store, of_run=True)
    response = responses.frame_response(
        as_table(rows),
        form,
        layer="unknowns",
        name=f"unknowns-{found.run.id}",
        extra_members={name: answer[name] for name in ("run", "without_effect", "notes")},
        options=options,
    )
    response.headers.update(headers)
    return response


@router.get(
    "/runs/{run_id}/unknowns/form",
    dependencies=[requires("planner")],
    response_class=Response,
    responses={200: {"content": {_XLSX: {}, _PDF: {}}}},
)
def survey_form(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    layer: Annotated[Literal["cameras", "obstacles"], Query(description="what is looked at")] = "cameras",
    f: Annotated[Literal["xlsx", "pdf"], Query(description="a workbook to fill in and import, or pages to print")] = (
        "xlsx"
    ),
    limit: Annotated[int | None, Query(ge=1, le=_MOST_SITES, description="at most so many sites")] = None,
    lang: Annotated[str | None, Query(pattern="^(zh|en)$", description="language of the form")] = None,
) -> Response:
    """Return the survey form: the sites of the caller's townships with unknown values, and what to measure at each."""
    found = _visible(request, store, caller, run_id)
    words: TableLanguage = "en" if (lang or language) == "en" else "zh"
    # A page is drawn for every site, a line is not.
    most = _MOST_PAGES if f == "pdf" else _MOST_SITES
    sites = survey_rows(store, found, layer, limit=min(limit or most, most))
    audit_export(store, f, layer="views", run=found.run.id, rows=sum(map(len, sites)))
    if f == "xlsx":
        data = survey_workbook(sites, layer, words)
    else:
        data, _ = survey_pdf(sites, site_maps(store, found, sites), layer, words, found.run)
    name = f"survey-{layer}-{found.run.id}.{f}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=_XLSX if f == "xlsx" else _PDF, headers=headers)


def _visible(request: Request, store: Store, caller: Caller, run_id: str) -> RunUnknowns:
    """Return the unknown values of a run, of which the rows are those of the caller's townships."""
    with store.snapshot():
        visible = store.run(run_id, layers=["views"])
    county = county_store(request, caller)
    named = "\n".join((store.name, visible.id, county.state(*SOURCES)))
    found = _found.made(named, LONG_ANSWERS, lambda: unknowns_of(county, visible.id))
    townships = caller.townships if caller.role == "planner" else None
    rows = visible_rows(store, found, visible.layers["views"]["id"].astype(str), townships)
    return replace(found, rows=rows)
