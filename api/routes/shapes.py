"""Compute on shapes that are being drawn; nothing is read and nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
import shapely.geometry
from fastapi import APIRouter, Request, Response

from api.dependencies import Body
from api.json_bodies import json_object
from api.representations import responses
from api.schemas.shapes import MAX_BESIDE, MAX_DRAWN, MERGE_BODY, SPLIT_BODY, MergedModel, SplitModel
from api.security import requires
from geo.bounds import check_geometry, check_members
from geo.errors import BadGeometry, BadValue
from geo.places.zone_pieces import merge_zones, split_zone

router = APIRouter(tags=["shapes"], dependencies=[requires("planner")])


@router.post("/shapes/split", response_model=SplitModel, openapi_extra=SPLIT_BODY)
def split(request: Request, body: Body) -> Response:
    """Cut an area in two along a line; ``beside`` are its neighbours, of which those with new corners come back."""
    value = json_object(request, body)
    check_members(value, ("shape", "line", "beside"))
    beside = value.get("beside", {})
    if not isinstance(beside, Mapping) or len(beside) > MAX_BESIDE:
        raise BadValue(
            f"beside 须是至多 {MAX_BESIDE} 个图形的对象", f"beside must be an object of at most {MAX_BESIDE} shapes"
        )
    cut = split_zone(
        _shape(value.get("shape")),
        _shape(value.get("line")),
        {key: _shape(one) for key, one in beside.items()},
    )
    return responses.json_response(
        {
            "parts": [shapely.geometry.mapping(one) for one in cut.parts],
            "beside": {key: shapely.geometry.mapping(one) for key, one in cut.neighbours.items()},
        }
    )


@router.post("/shapes/merge", response_model=MergedModel, openapi_extra=MERGE_BODY)
def merge(request: Request, body: Body) -> Response:
    """Make one area of two neighbours with a border in common."""
    value = json_object(request, body)
    check_members(value, ("shapes",))
    shapes = value.get("shapes")
    if not isinstance(shapes, list) or len(shapes) != 2:
        raise BadValue("shapes 须是两个图形的列表", "shapes must be a list of two shapes")
    merged = merge_zones(*(_shape(one) for one in shapes))
    return responses.json_response({"shape": shapely.geometry.mapping(merged)})


def _shape(given: Any) -> shapely.Geometry:
    check_geometry(given, max_depth=0, max_vertices=MAX_DRAWN)
    try:
        return shapely.force_2d(shapely.geometry.shape(given))
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError):
        raise BadGeometry("图形无法使用", "the shape cannot be used") from None
