"""Tell the ledger of an own zone: before it was listed, while it was, after it was struck off (section 6)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import CallerDep, Language, StoreDep, Tables, county_store
from api.representations import responses
from api.representations.zone_ledgers import LEDGER_FORMS, ledger_pdf, ledger_values
from api.security import requires
from geo.studies.zone_ledger import ledger as ledger_of

router = APIRouter(tags=["runs"])
_PDF = "application/pdf"
_TABLES = ("json", *(one for one in LEDGER_FORMS if one != "pdf"))


def _form(
    request: Request, f: Annotated[str | None, Query(description=f"json, {', '.join(LEDGER_FORMS)}")] = None
) -> str:
    return f if f == "pdf" else responses.negotiated_format(request, _TABLES, requested=f)


@router.get(
    "/ledger", dependencies=[requires("viewer")], response_class=Response, responses={200: {"content": {_PDF: {}}}}
)
def ledger(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    tables: Tables,
    language: Language,
    form: Annotated[str, Depends(_form)],
    area: Annotated[str, Query(min_length=1, max_length=200, description="code, name or areas:CODE of an own zone")],
    lang: Annotated[str | None, Query(pattern="^(zh|en)$", description="language of headings, words and page")] = None,
) -> Response:
    """Return the figures of an own zone in the last run before it was listed, while it was, and after that.

    Figures are the county's, the same for everybody; runs are those that the caller may know of. The page draws what is
    seen for those who may read the whole county, and tells the figures to others.
    """
    with store.snapshot():
        known = [run.id for run in store.runs()]
    found = ledger_of(county_store(request, caller), area, runs=known)
    if form == "json":
        return responses.json_response(ledger_values(found))
    # A header holds no other letters; zone figures are no scoped rows, so that nothing is audited.
    name = f"ledger-{found.code}" if re.fullmatch(r"[-\w.]+", found.code, re.ASCII) else "ledger"
    if form != "pdf":
        options = replace(tables, of_run=True)
        return responses.frame_response(
            found.table(), form, layer="ledger", name=name, extra_members={}, options=options
        )
    # What is seen and what is a gap are shapes of cameras' rows: scoped.
    sees_all = caller.role == "admin" or (caller.role == "planner" and caller.townships is None)
    page = ledger_pdf(found if sees_all else replace(found, grounds={}), lang or language)
    return Response(page, media_type=_PDF, headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
