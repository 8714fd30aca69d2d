"""Return the figures of a zone that somebody drew on the map, within the caller's townships."""

from __future__ import annotations

from typing import Annotated

import shapely
from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CallerDep, StoreDep, audit_export, county_store
from api.problems import BadQuery
from api.representations import responses
from api.representations.frame_records import records
from api.representations.zones_drawn import figures_of, own_part
from api.security import requires
from geo.assessment.drawn_zone import MOST_LETTERS, drawn_zone

router = APIRouter(tags=["runs"])


@router.get("/runs/{run_id}/drawn", dependencies=[requires("planner")])
def drawn(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    zone: Annotated[str, Query(max_length=MOST_LETTERS, description="drawn:lon_lat~lon_lat~lon_lat, WGS-84 degrees")],
) -> Response:
    """Return a drawn zone as a GeoJSON feature with the figures that the run would have of a zone of that shape.

    A planner of some townships gets the part that lies in these, and `part` says so. At most 100 corners and 100 km2.
    """
    polygon = drawn_zone(zone)
    if polygon is None:
        raise BadQuery("zone 须以 drawn: 开头", "zone must begin with drawn:")
    with store.snapshot():
        run = store.run(run_id, layers=[])
        own = own_part(store, run, polygon, caller)
    row = figures_of(county_store(request, caller), run, own)
    audit_export(store, "json", layer="coverage", run=run.id, rows=1)
    properties = {**records(row)[0], "part": not own.equals(polygon)}
    body = {"type": "Feature", "geometry": shapely.geometry.mapping(own), "properties": properties}
    return responses.json_response(body, media=responses.GEOJSON)
