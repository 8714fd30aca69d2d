"""Respond with what follows the roads: the reach of facilities and the rounds of patrols (rules P7, P8)."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CallerDep, Language, StoreDep, Tables, audit_export, county_store, query_day
from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS, in_process
from api.representations import responses
from api.representations.along_roads import (
    GPX,
    gpx,
    patrol_features,
    patrol_values,
    reach_frame,
    reach_table,
    reach_values,
    with_patrol,
)
from api.representations.map_data_of_run import stored_map_data
from api.representations.tables import TableOptions
from api.security import requires
from geo.catalog.headings import FIELDS
from geo.errors import NotFound
from geo.network.patrol import Patrol
from geo.network.patrol import patrol as patrol_of_roads
from geo.studies.facility_reach import reach as reach_of
from geo.studies.patrols import MOST_SECTORS, RunPatrol, patrol_of_run
from maps.print.patrol_sheets import write_patrol

router = APIRouter(tags=["networks"])
_REACH_FORMATS = ("json", "geojson", "csv", "xlsx", "gpkg")


#: Of a county one takes seconds to minutes; it stays the same until its roads change.
_patrols: KeptAnswers[RunPatrol] = KeptAnswers(4)
#: So many roads have their patrol at once; that of more is made in a process of its own, for so many seconds at most.
_FEW_ROADS, _PATROL_SECONDS = 1_000, 60.0


@router.get("/reach", dependencies=[requires("viewer")])
def reach(
    request: Request,
    store: StoreDep,
    tables: Tables,
    kind: Annotated[str, Query(min_length=1, max_length=100, description="kind of facility, stored or in words")],
    limit: Annotated[
        float | None, Query(ge=0, le=1_000_000, allow_inf_nan=False, description="metres beyond which units are listed")
    ] = None,
    at: Annotated[str | None, Query(description="YYYY-MM-DD")] = None,
    f: Annotated[str | None, Query(description=", ".join(_REACH_FORMATS))] = None,
) -> Response:
    """Return the nearest facility of a kind by road for every township, village, grid and place.

    `own` says whether one serves the unit or lies in it, `air` that no road reaches and the distance is straight. As
    GeoJSON and GeoPackage each unit is the straight line to its facility.
    """
    form = responses.negotiated_format(request, _REACH_FORMATS, requested=f)
    day = query_day("at", at)
    with LONG_ANSWERS.turn():
        found = reach_of(store, kind, limit_m=limit, at=day)
    if form == "json":
        return responses.json_response(reach_values(found))
    in_words = form in ("csv", "xlsx") and tables.lang != FIELDS
    table = reach_table(found, tables.lang) if in_words else reach_frame(found)
    return responses.frame_response(
        table, form, layer="reach", name="reach", extra_members={}, options=TableOptions(encoding=tables.encoding)
    )


@router.get("/patrol", dependencies=[requires("planner")])
def patrol(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    language: Language,
    sectors: Annotated[int, Query(ge=1, le=MOST_SECTORS, description="how many sectors")],
    run: Annotated[str, Query(max_length=64, description="id of a run, or latest")] = "latest",
    length: Annotated[
        float | None, Query(gt=0, le=10_000, allow_inf_nan=False, description="longest round, km")
    ] = None,
    without: Annotated[
        str, Query(max_length=10_000, description="sites or ids of cameras that fail, separated by commas")
    ] = "",
    sector: Annotated[int | None, Query(ge=1, le=MOST_SECTORS, description="only this one, in GPX")] = None,
    f: Annotated[Literal["json", "geojson", "gpx", "pdf"] | None, Query()] = None,
    paper: Annotated[str, Query(pattern="^[Aa][0-4]$", description="A4 to A0, in PDF")] = "A3",
    lang: Annotated[Literal["zh", "en"] | None, Query(description="language of the PDF")] = None,
) -> Response:
    """Return sectors of the roads, balanced by what no online camera surely sees, with a closed round in each.

    A planner of some townships gets the roads that lie in these, and names sites of which every row is theirs. The PDF
    has a sheet of all sectors and one for each, with its way numbered.
    """
    form: str = f if f in ("gpx", "pdf") else responses.negotiated_format(request, ("json", "geojson"), requested=f)
    names = [name.strip() for name in without.split(",") if name.strip()]
    with store.snapshot():
        visible = store.run(run, layers=["views"])
    # What is seen comes from the whole county: a road of one township may be seen from the next.
    county = county_store(request, caller)
    townships = caller.townships if caller.role == "planner" else None
    known = visible.layers["views"]["id"].astype(str)
    # Who may name which sites is a part of the question: another caller's answer tells of none.
    asked = (sectors, length, names, townships and sorted(townships), sorted(known) if names else None)
    named = "\n".join((store.name, visible.id, county.state("roads", "divisions"), repr(asked)))
    found = _patrols.made(
        named,
        LONG_ANSWERS,
        lambda: patrol_of_run(
            county, sectors, visible.id, length_m=None if length is None else 1000 * length, without=names,
            townships=townships, visible=known, work=_bounded,
        ),
    )  # fmt: skip
    audit_export(store, form, layer="views", run=found.run.id, rows=len(found.patrol.sectors))
    if form == "gpx":
        chosen = [one for one in found.patrol.sectors if sector is None or one.sector == sector]
        if sector is not None and not chosen:
            raise NotFound(f"没有巡查片 {sector}", f"there is no sector {sector}")
        name = f"patrol-{found.run.id}" + ("" if sector is None else f"-{sector}")
        headers = {"Content-Disposition": f'attachment; filename="{name}.gpx"'}
        return Response(gpx(chosen, found.run.id, found.without), media_type=GPX, headers=headers)
    if form == "pdf":
        with store.snapshot():
            data = stored_map_data(store, found.run.id, caller=caller)
        pages = BytesIO()
        write_patrol(with_patrol(data, found), pages, paper=paper.upper(), lang=lang or language)
        headers = {"Content-Disposition": f'inline; filename="patrol-{found.run.id}.pdf"'}
        return Response(pages.getvalue(), media_type="application/pdf", headers=headers)
    if form == "geojson":
        return responses.json_response(patrol_features(found), media=responses.GEOJSON)
    return responses.json_response(patrol_values(found))


def _bounded(roads: gpd.GeoDataFrame, seen: np.ndarray, sectors: int) -> Patrol:
    """Return the patrol of roads; raise BadValue where it is not made in time: few sectors have long rounds to pair."""
    if len(roads) <= _FEW_ROADS:
        return patrol_of_roads(roads, seen, sectors)
    zh = f"{sectors} 个巡查片在 {_PATROL_SECONDS:g} 秒内没有算完；请增加巡查片数，或用命令行 gridsight patrol"
    late = f"a patrol of {sectors} sectors was not made within {_PATROL_SECONDS:g} s"
    too_long = zh, f"{late}: ask for more sectors, or use gridsight patrol"
    return in_process(patrol_of_roads, roads, seen, sectors, seconds=_PATROL_SECONDS, too_long=too_long)
