"""Print the sheet of a run as PDF, and its report, within the caller's rights."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Annotated

import geopandas as gpd
import shapely
from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CallerDep, Language, SettingsDep, StoreDep, county_store
from api.long_work import LONG_ANSWERS
from api.representations.base_map_of_store import base_map_if_named
from api.representations.map_data_of_run import stored_map_data
from api.representations.report_pack import LISTED, report_pack, zipped
from api.representations.report_settings import TEXTS, ReportSettings, report_title
from api.representations.zones_drawn import figures_of, own_part
from api.roles import allows
from api.security import requires
from geo.assessment.drawn_zone import MOST_LETTERS, drawn_zone
from geo.basemaps.opening import BaseMapTiles
from geo.crs import STORAGE_CRS
from geo.errors import SourceSlow
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.report_contents import report_contents
from geo.studies.run_unknowns import visible_rows
from geo.studies.stored_runs import require_zone
from maps.map_data import DRAWN_KEY, of_claim, with_drawn_zone
from maps.print.sheet import write_sheet

_ZIP = "application/zip"

router = APIRouter(tags=["prints"], dependencies=[requires("viewer")])

#: Sheets over a base map of another host that are drawn at a time: each may wait for that host for a minute and more.
_OF_HOSTS, _WAIT_SECONDS = threading.BoundedSemaphore(2), 10.0


@router.get("/prints/sheet.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def sheet(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    settings: SettingsDep,
    paper: Annotated[str, Query(pattern="^[Aa][0-4]$", description="A4 to A0")] = "A3",
    run: Annotated[str, Query(max_length=64)] = "latest",
    zone: Annotated[
        str | None,
        Query(max_length=MOST_LETTERS, description="code or name of the zone to fill the sheet, or a drawn one"),
    ] = None,
    claim: Annotated[str | None, Query(max_length=200, description="only the places of this claim")] = None,
    lang: Annotated[str | None, Query(pattern="^(zh|en)$")] = None,
    basemap: Annotated[str | None, Query(max_length=60, description="name of the base map below it")] = None,
) -> Response:
    """Return one vector sheet at a round scale; what the caller's rights leave out is said on it."""
    with store.snapshot():
        data = stored_map_data(store, run, caller=caller)
        if zone is not None:
            require_zone(store, store.run(data.meta.run_id, layers=[]), zone)
    drawn = None if zone is None else drawn_zone(zone)
    if drawn is not None:
        data, zone = with_drawn_zone(data, _drawn_row(request, store, data.meta.run_id, drawn, caller)), DRAWN_KEY
    data = data if claim is None else of_claim(data, claim)
    out = BytesIO()
    with base_map_if_named(settings, store, basemap) as base, _in_turn(base):
        data = replace(data, base=None if base is None else base.base)
        write_sheet(data, out, paper=paper.upper(), zone=zone, lang=lang or language, base=base)
    # Audited before it is sent; rendering takes about a second and is not done inside the transaction.
    store.record(AuditEntry("print", run=data.meta.run_id, detail={"paper": paper.upper(), "zone": zone or ""}))
    name = f"sheet-{data.meta.run_id}.pdf"
    return Response(
        out.getvalue(), media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@router.get(
    "/prints/report.zip",
    dependencies=[requires("planner")],
    response_class=Response,
    responses={200: {"content": {_ZIP: {}}}},
)
def report(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    run: Annotated[str, Query(max_length=64)] = "latest",
    since: Annotated[str | None, Query(max_length=64, description="the run to compare with")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="gaps and unknown values on its pages")] = LISTED,
    title: Annotated[str, Query(max_length=TEXTS["title"])] = "",
    unit: Annotated[str, Query(max_length=TEXTS["unit"], description="the office that it is of")] = "",
    classification: Annotated[str, Query(max_length=TEXTS["classification"])] = "",
    lang: Annotated[str | None, Query(pattern="^(zh|en)$")] = None,
) -> Response:
    """Return the report of a run, pages and a workbook: figures are the county's, gaps and unknown values one's own."""
    words = "en" if (lang or language) == "en" else "zh"
    texts = {"title": title, "unit": unit, "classification": classification}
    settings = ReportSettings({name: report_title(text, name) for name, text in texts.items()})
    with store.snapshot():
        visible = store.run(run, layers=["views"])
    with LONG_ANSWERS.turn():
        found = report_contents(store, visible.id, since=since, lang=words, county=county_store(request, caller))
        if found.unknowns is not None:
            townships = caller.townships if caller.role == "planner" else None
            cameras = visible.layers["views"]["id"].astype(str)
            rows = visible_rows(store, found.unknowns, cameras, townships)
            found = replace(found, unknowns=replace(found.unknowns, rows=rows))
        with store.snapshot():
            data = stored_map_data(store, visible.id, caller=caller)
        pack = zipped(report_pack(found, data, settings, words, most=limit))
    store.record(AuditEntry("print", run=visible.id, detail={"report": words, "gaps": str(len(found.gaps))}))
    headers = {"Content-Disposition": f'attachment; filename="report-{visible.id}.zip"'}
    return Response(pack, media_type=_ZIP, headers=headers)


def _drawn_row(request: Request, store: Store, run_id: str, drawn: shapely.Polygon, caller: Caller) -> gpd.GeoDataFrame:
    """Return the caller's part of a drawn zone, to planners with its figures: small ones tell what cameras see."""
    with store.snapshot():
        run = store.run(run_id, layers=[])
        own = own_part(store, run, drawn, caller)
    if allows(caller, "planner"):
        return figures_of(county_store(request, caller), run, own)
    return gpd.GeoDataFrame({"code": ["drawn"]}, geometry=[own], crs=STORAGE_CRS)


@contextmanager
def _in_turn(base: BaseMapTiles | None) -> Iterator[None]:
    """Let few sheets at a time wait for another host; raise SourceSlow where too many do."""
    if base is None or not base.base.is_url:
        yield
        return
    if not _OF_HOSTS.acquire(timeout=_WAIT_SECONDS):
        raise SourceSlow("太多图纸在等待底图所在的主机", "too many sheets wait for the host of the base map")
    try:
        yield
    finally:
        _OF_HOSTS.release()
