"""Print forms of camera sites, sheets of views and drafts, within the caller's rights."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import CallerDep, Language, StoreDep, county_store
from api.long_work import LONG_ANSWERS
from api.representations.map_data_of_run import stored_map_data
from api.representations.printed_forms import (
    checked_names,
    printed_camera_forms,
    printed_draft,
    run_of_draft,
)
from api.representations.printed_grid_draft import printed_grid_draft
from api.representations.printed_pages import MOST_PIXELS, PAGES, Dpi, page_response
from api.security import requires
from geo.errors import BadValue
from geo.storage.records import AuditEntry
from geo.studies.camera_drafts import named_draft
from geo.studies.grid_drafts import named_grid_draft
from geo.studies.preview_changes import options_of
from geo.studies.stored_runs import require_zone
from maps.print.drawn_file import PageFormat
from maps.print.forms.sector_sheet import sector_sheets
from maps.print.page_picture import DEFAULT_DPI

router = APIRouter(tags=["prints"], dependencies=[requires("planner")])

_MOST_ASKED = 50
Form = Annotated[PageFormat, Path(description="pdf; png or svg of a single page")]
Run = Annotated[str, Query(max_length=64)]
Lang = Annotated[str | None, Query(pattern="^(zh|en)$")]
Cameras = Annotated[
    list[str], Query(alias="camera", max_length=_MOST_ASKED, description="ids of cameras or names of sites")
]


@router.get("/prints/camera.{form}", response_class=Response, responses=PAGES)
def camera(
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    form: Form,
    names: Cameras,
    run: Run = "latest",
    lang: Lang = None,
    dpi: Dpi = DEFAULT_DPI,
) -> Response:
    """Return the forms of camera sites, A4, a page for each pole; a camera of another township does not exist."""
    wanted = checked_names(names)
    with store.snapshot():
        data = stored_map_data(store, run, caller=caller)
    with LONG_ANSWERS.turn():
        drawn = printed_camera_forms(store, data, wanted, lang or language)
        content = drawn.content(form, dpi=dpi, most_pixels=MOST_PIXELS)
    store.record(AuditEntry("print", run=data.meta.run_id, detail={"cameras": str(len(wanted))}))
    return page_response(content, form, f"camera-{data.meta.run_id}")


@router.get("/prints/sector.{form}", response_class=Response, responses=PAGES)
def sector(
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    form: Form,
    names: Cameras = [],  # noqa: B006 (FastAPI copies it)
    zone: Annotated[str | None, Query(max_length=64, description="the zone whose cameras are drawn")] = None,
    paper: Annotated[str, Query(pattern="^[Aa][0-4]$", description="A4 to A0")] = "A3",
    run: Run = "latest",
    lang: Lang = None,
    dpi: Dpi = DEFAULT_DPI,
) -> Response:
    """Return the views of named cameras, or of those of a zone, at 1:500 to 1:2,000 with a table of their optics."""
    if bool(names) == (zone is not None):
        raise BadValue("须写 camera 或 zone 之一", "give either camera or zone")
    wanted = checked_names(names) if names else []
    with store.snapshot():
        data = stored_map_data(store, run, caller=caller)
        if zone is not None:
            require_zone(store, store.run(data.meta.run_id, layers=[]), zone)
    with LONG_ANSWERS.turn():
        drawn = sector_sheets(data, names=wanted, zone=zone, paper=paper.upper(), lang=lang or language)
        content = drawn.content(form, dpi=dpi, most_pixels=MOST_PIXELS)
    detail = {"paper": paper.upper(), "zone": zone or "", "cameras": str(len(wanted))}
    store.record(AuditEntry("print", run=data.meta.run_id, detail=detail))
    return page_response(content, form, f"sector-{data.meta.run_id}")


@router.get("/prints/grid-draft.{form}", response_class=Response, responses=PAGES)
def change_of_grids(
    store: StoreDep,
    language: Language,
    form: Form,
    draft: Annotated[str, Query(min_length=1, max_length=200, description="name or id of a draft of grids")],
    lang: Lang = None,
    dpi: Dpi = DEFAULT_DPI,
) -> Response:
    """Return the form of a change of grids: before and after, areas, households, succession, lines to sign on."""
    found = named_grid_draft(store, draft)
    with LONG_ANSWERS.turn():
        drawn = printed_grid_draft(store, found, lang or language)
        content = drawn.content(form, dpi=dpi, most_pixels=MOST_PIXELS)
    store.record(AuditEntry("print", detail={"grid_draft": found.id}))
    return page_response(content, form, f"grid-draft-{found.id}")


@router.get("/prints/draft.{form}", response_class=Response, responses=PAGES)
def draft_before_and_after(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    form: Form,
    draft: Annotated[str, Query(min_length=1, max_length=200, description="name or id of a draft")],
    run: Run = "latest",
    lang: Lang = None,
    dpi: Dpi = DEFAULT_DPI,
) -> Response:
    """Return a draft before and after, side by side, with its figures as POST /preview has them."""
    with store.snapshot():
        found = named_draft(store, draft)
        data = stored_map_data(store, run_of_draft(store, found, run), caller=caller)
        head = store.run(data.meta.run_id, layers=[])
    kept = request.app.state.previews.get(county_store(request, caller), options_of(head))
    scope = caller.townships if caller.role == "planner" else None
    with LONG_ANSWERS.turn():
        drawn = printed_draft(store, kept, data, found, lang or language, townships=scope)
        content = drawn.content(form, dpi=dpi, most_pixels=MOST_PIXELS)
    store.record(AuditEntry("print", run=data.meta.run_id, detail={"draft": found.id}))
    return page_response(content, form, f"draft-{data.meta.run_id}")
