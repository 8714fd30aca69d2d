"""Print the sheet of a run as PDF, within the caller's rights."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import CallerDep, Language, StoreDep
from api.representations.map_data_of_run import stored_map_data
from api.security import requires
from geo.storage.records import AuditEntry
from maps.map_data import of_claim
from maps.print.sheet import write_sheet

router = APIRouter(tags=["prints"], dependencies=[requires("viewer")])


@router.get("/prints/sheet.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def sheet(
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    paper: Annotated[str, Query(pattern="^[Aa][0-4]$", description="A4 to A0")] = "A3",
    run: Annotated[str, Query(max_length=64)] = "latest",
    zone: Annotated[str | None, Query(max_length=64, description="code or name of the zone to fill the sheet")] = None,
    claim: Annotated[str | None, Query(max_length=200, description="only the places of this claim")] = None,
    lang: Annotated[str | None, Query(pattern="^(zh|en)$")] = None,
) -> Response:
    """Return one vector sheet at a round scale; what the caller's rights leave out is said on it."""
    with store.snapshot():
        data = stored_map_data(store, run, caller=caller)
    data = data if claim is None else of_claim(data, claim)
    out = BytesIO()
    write_sheet(data, out, paper=paper.upper(), zone=zone, lang=lang or language)
    # Audited before it is sent; rendering takes about a second and is not done inside the transaction.
    store.record(AuditEntry("print", run=data.meta.run_id, detail={"paper": paper.upper(), "zone": zone or ""}))
    name = f"sheet-{data.meta.run_id}.pdf"
    return Response(
        out.getvalue(), media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
