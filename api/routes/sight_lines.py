"""Respond with what stands on the line of sight between two points (rules R4, R5)."""

from __future__ import annotations

import math
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
from fastapi import APIRouter, Query, Response

from api import problems
from api.dependencies import CallerDep, StoreDep, query_day
from api.representations import responses
from api.security import requires
from api.security.authorization import require_layer
from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.visibility.sight_line import OnLine, SightLine, require_length, sight_line

router = APIRouter(tags=["sightline"], dependencies=[requires("viewer")])
#: Metres round the line in which obstacles are read: those about its ends decide where the eye stands (rule B1).
_AROUND_M = 50.0
_METRES_OF_DEGREE = 111_320.0
_MAX_HEIGHT_M = 10_000.0
Height = Annotated[float, Query(ge=0, le=_MAX_HEIGHT_M, allow_inf_nan=False, description="metres above the ground")]
Place = Annotated[str, Query(max_length=60, description="longitude,latitude in WGS-84 degrees")]


@router.get("/sightline")
def sightline(
    store: StoreDep,
    caller: CallerDep,
    start: Annotated[Place, Query(alias="from")],
    end: Annotated[Place, Query(alias="to")],
    from_height: Height,
    to_height: Height = DEFAULT_TARGET_HEIGHT_M,
    at: Annotated[str | None, Query(description="YYYY-MM-DD")] = None,
) -> Response:
    """Return whether one point is seen from another at most 2 km away, and every obstacle on the line between them.

    The ground is flat. `answer` is `clear`, `possible` (only obstacles of unknown height are in the way, rule U3) or
    `blocked`; an eye at the wall of a building stands before it (rule B1).
    """
    require_layer(caller, "obstacles")
    day = query_day("at", at)
    ends = gpd.GeoSeries(gpd.points_from_xy(*zip(_place("from", start), _place("to", end), strict=True)), crs=4326)
    require_length(ends)  # else obstacles of a whole county would be read
    found = store.read("obstacles", bbox=_around(ends), at=day)
    line = sight_line(ends, from_height, to_height, found)
    ids = found["id"].astype(str).tolist()
    return responses.json_response(
        {
            "answer": "clear" if line.sure else "possible" if line.possible else "blocked",
            "reason": _reason(line),
            "distance_m": line.distance_m,
            "from_height": from_height,
            "to_height": to_height,
            "moved_m": line.moved_m,
            "first": None if line.decisive is None else line.passed.index(line.decisive),
            "passed": [_values(one, ids[one.row]) for one in line.passed],
        }
    )


def _place(name: str, text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(one) for one in text.split(","))
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise problems.BadQuery(
            f"{name} 须是经度,纬度（WGS-84，度），如 102.5,37.1",
            f"{name} must be longitude,latitude in WGS-84 degrees, as 102.5,37.1",
        )
    return lon, lat


def _around(ends: gpd.GeoSeries) -> tuple[float, float, float, float]:
    west, south, east, north = ends.total_bounds.tolist()
    up = _AROUND_M / _METRES_OF_DEGREE
    across = up / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    return west - across, south - up, east + across, north + up


def _reason(line: SightLine) -> str:
    """Return why the target is not surely seen: ``eye``, ``target``, ``obstacle``, ``unknown_height``, or nothing."""
    if line.sees_nothing:
        return "eye"
    if line.first is not None:
        return "unknown_height" if line.possible else "obstacle"
    return "target" if line.target_inside else ""


def _values(one: OnLine, name: str) -> dict[str, Any]:
    numbers = {
        "height": one.height, "start_m": one.start_m, "end_m": one.end_m, "line_start_m": one.line_start_m,
        "line_end_m": one.line_end_m, "over_m": one.over_m, "meets_m": one.meets_m,
        "possible_meets_m": one.possible_meets_m,
    }  # fmt: skip
    values = {key: None if pd.isna(value) else value for key, value in numbers.items()}
    return {"obstacle": name, "blocks": one.blocks, **values}
