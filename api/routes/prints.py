"""Print sheets, atlases and the report of a run, within the caller's rights."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Annotated, Any

import geopandas as gpd
import shapely
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.dependencies import CallerDep, Language, SettingsDep, StoreDep, county_store
from api.long_work import LONG_ANSWERS, Turns, in_process
from api.representations.base_map_of_store import BaseMapSource, base_map_if_named, base_map_source
from api.representations.map_data_of_run import stored_map_data
from api.representations.printed_pages import MOST_PIXELS, PICTURES, Dpi, page_response
from api.representations.report_pack import LISTED, report_pack, zipped
from api.representations.report_settings import TEXTS, ReportSettings, report_title
from api.representations.zones_drawn import figures_of, own_part, require_sheets
from api.roles import allows
from api.security import requires
from api.settings import Settings
from geo.assessment.drawn_zone import MOST_LETTERS, drawn_zone
from geo.catalog.base_maps import BaseMap
from geo.catalog.papers import (
    CLASS_SCHEMES,
    LAYERS_OF_SHEET,
    MOST_TITLE_LETTERS,
    ORIENTATIONS,
    ZONES_OF_ATLAS,
    paper_lying,
)
from geo.crs import STORAGE_CRS
from geo.errors import SourceSlow
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.report_contents import report_contents
from geo.studies.run_unknowns import visible_rows
from geo.studies.stored_runs import require_zone
from maps.map_data import DRAWN_KEY, MapData, of_claim, with_drawn_zone
from maps.print.atlas.whole_atlas import write_atlas
from maps.print.drawn_file import PageFormat
from maps.print.page_picture import DEFAULT_DPI
from maps.print.sheet import drawn_sheet
from maps.print.sheet_options import SheetOptions, layers_named

_ZIP = "application/zip"

router = APIRouter(tags=["prints"], dependencies=[requires("viewer")])

#: Atlases that are drawn at a time; from so many sheets on in a process of its own, and the seconds that it may take
#: there: hundreds of pages take a minute. One of thousands is for the command line.
_ATLASES = Turns(
    1, waiting=2, seconds=60.0, busy=("正在排印另一本图册，稍后重试", "another atlas is being drawn; try again shortly")
)
_LONG_ATLAS, _ATLAS_SECONDS = 40, 300.0
#: Sheets over a base map of another host that are drawn at a time: each may wait for that host for a minute and more.
_OF_HOSTS, _WAIT_SECONDS = threading.BoundedSemaphore(2), 10.0


@dataclass(frozen=True)
class _Sheet:
    """What sheet is asked for."""

    paper: str
    run: str
    zone: str | None
    claim: str | None
    lang: str
    basemap: str | None
    classes: str
    options: SheetOptions


Title = Annotated[
    str, Query(max_length=2_000, description=f"instead of the county's; at most {MOST_TITLE_LETTERS} letters")
]
Layers = Annotated[str | None, Query(max_length=200, description=f"what maps draw, of {','.join(LAYERS_OF_SHEET)}")]


def _options(
    orientation: Annotated[str, Query(max_length=40, description=", ".join(ORIENTATIONS))] = ORIENTATIONS[0],
    scale: Annotated[
        int | None, Query(ge=1, le=10**9, description="denominator; unless given the largest round one that fits")
    ] = None,
    title: Title = "",
    layers: Layers = None,
) -> SheetOptions:
    """Return what is chosen for a sheet."""
    return SheetOptions(orientation, scale, title, layers_named(layers))


def _sheet(
    language: Language,
    options: Annotated[SheetOptions, Depends(_options)],
    paper: Annotated[str, Query(pattern="^[Aa][0-4]$", description="A4 to A0")] = "A3",
    run: Annotated[str, Query(max_length=64)] = "latest",
    zone: Annotated[
        str | None,
        Query(max_length=MOST_LETTERS, description="code or name of the zone to fill the sheet, or a drawn one"),
    ] = None,
    claim: Annotated[str | None, Query(max_length=200, description="only the places of this claim")] = None,
    lang: Annotated[str | None, Query(pattern="^(zh|en)$")] = None,
    basemap: Annotated[str | None, Query(max_length=60, description="name of the base map below it")] = None,
    classes: Annotated[
        str, Query(pattern=f"^({'|'.join(CLASS_SCHEMES)})$", description="how zones are sorted into classes")
    ] = CLASS_SCHEMES[0],
) -> _Sheet:
    """Return what sheet is asked for."""
    return _Sheet(paper.upper(), run, zone, claim, lang or language, basemap, classes, options)


def _printed(
    request: Request, store: Store, caller: Caller, settings: Settings, wanted: _Sheet, form: PageFormat, dpi: int
) -> Response:
    zone = wanted.zone
    wanted.options.require_possible(wanted.paper)
    with store.snapshot():
        if zone is not None:
            require_zone(store, store.run(wanted.run, layers=[]), zone)
        data = stored_map_data(store, wanted.run, caller=caller)
    drawn = None if zone is None else drawn_zone(zone)
    if drawn is not None:
        data, zone = with_drawn_zone(data, _drawn_row(request, store, data.meta.run_id, drawn, caller)), DRAWN_KEY
    data = data if wanted.claim is None else of_claim(data, wanted.claim)
    with base_map_if_named(settings, store, wanted.basemap) as base, _in_turn(None if base is None else base.base):
        data = replace(data, base=None if base is None else base.base)
        sheet, _ = drawn_sheet(
            data, paper=wanted.paper, zone=zone, lang=wanted.lang, base=base, options=wanted.options,
            classes=wanted.classes,
        )  # fmt: skip
        content = sheet.content(form, dpi=dpi, most_pixels=MOST_PIXELS)
    # Audited before it is sent; rendering takes about a second and is not done inside the transaction.
    store.record(AuditEntry("print", run=data.meta.run_id, detail={"paper": wanted.paper, "zone": zone or ""}))
    return page_response(content, form, f"sheet-{data.meta.run_id}")


SheetAsked = Annotated[_Sheet, Depends(_sheet)]


@router.get("/prints/sheet.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def sheet(request: Request, store: StoreDep, caller: CallerDep, settings: SettingsDep, wanted: SheetAsked) -> Response:
    """Return one vector sheet at a round scale; what the caller's rights leave out is said on it."""
    return _printed(request, store, caller, settings, wanted, "pdf", DEFAULT_DPI)


@router.get("/prints/sheet.{form}", response_class=Response, responses=PICTURES)
def sheet_picture(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    settings: SettingsDep,
    wanted: SheetAsked,
    form: Annotated[PageFormat, Path(description="png or svg")],
    dpi: Dpi = DEFAULT_DPI,
) -> Response:
    """Return the same sheet as PNG at a resolution, or as SVG."""
    return _printed(request, store, caller, settings, wanted, form, dpi)


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


@router.get("/prints/atlas.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def atlas(
    store: StoreDep,
    caller: CallerDep,
    settings: SettingsDep,
    language: Language,
    by: Annotated[
        str, Query(pattern=f"^({'|'.join(ZONES_OF_ATLAS)})$", description="what each sheet is of")
    ] = ZONES_OF_ATLAS[0],
    paper: Annotated[str, Query(pattern="^[Aa][0-4]$", description="A4 to A0")] = "A3",
    run: Annotated[str, Query(max_length=64)] = "latest",
    zone: Annotated[str | None, Query(max_length=64, description="only what lies in this zone")] = None,
    orientation: Annotated[str, Query(pattern=f"^({'|'.join(ORIENTATIONS)})$")] = ORIENTATIONS[0],
    lang: Annotated[str | None, Query(pattern="^(zh|en)$")] = None,
    claim: Annotated[str | None, Query(max_length=200, description="only the places of this claim")] = None,
    basemap: Annotated[str | None, Query(max_length=60, description="name of the base map below its maps")] = None,
    title: Title = "",
    layers: Layers = None,
) -> Response:
    """Return an atlas: cover, guide, index, a sheet for each zone, directory of grids; a planner's has their townships.

    What the caller's rights leave out is said on its cover.
    """
    lies, drawn_layers = paper_lying(paper.upper(), orientation), layers_named(layers)
    SheetOptions(title=title, layers=drawn_layers).require_possible()
    with store.snapshot():
        require_sheets(store, store.run(run, layers=[]), by, zone, caller)
        data = stored_map_data(store, run, caller=caller)
    data = data if claim is None else of_claim(data, claim)
    source = None if basemap is None else base_map_source(settings, store, basemap)
    data = replace(data, base=None if source is None else source.base)
    scope = frozenset(caller.townships or ()) if data.partial == "townships" else None
    options = {
        "by": by,
        "paper": lies,
        "zone": zone,
        "townships": scope,
        "lang": lang or language,
        "title": title,
        "layers": drawn_layers,
    }
    too_long = (
        f"图册在 {_ATLAS_SECONDS:.0f} 秒内排不完；请用 zone 缩小范围，或用命令 gridsight print --atlas",
        f"the atlas is not drawn within {_ATLAS_SECONDS:.0f} seconds; ask for a zone, or use gridsight print --atlas",
    )
    with _ATLASES.turn(), _in_turn(data.base):
        if len(data.zones.get(by, ())) < _LONG_ATLAS:
            content = atlas_content(data, options, source)
        else:
            content = in_process(atlas_content, data, options, source, seconds=_ATLAS_SECONDS, too_long=too_long)
    store.record(AuditEntry("print", run=data.meta.run_id, detail={"paper": paper.upper(), "atlas": by}))
    name = f"atlas-{data.meta.run_id}.pdf"
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def atlas_content(data: MapData, options: Mapping[str, Any], source: BaseMapSource | None = None) -> bytes:
    """Return the file of an atlas; ``options`` are those of ``maps.print.atlas.whole_atlas.write_atlas``."""
    out = BytesIO()
    with nullcontext() if source is None else source.opened() as base:
        write_atlas(data, out, base=base, **options)
    return out.getvalue()


@contextmanager
def _in_turn(base: BaseMap | None) -> Iterator[None]:
    """Let few sheets at a time wait for another host; raise SourceSlow where too many do."""
    if base is None or not base.is_url:
        yield
        return
    if not _OF_HOSTS.acquire(timeout=_WAIT_SECONDS):
        raise SourceSlow("太多图纸在等待底图所在的主机", "too many sheets wait for the host of the base map")
    try:
        yield
    finally:
        _OF_HOSTS.release()
