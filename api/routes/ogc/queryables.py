"""Serve the properties that a filter may name, as JSON Schema (OGC API Features Part 3, 6)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep
from api.representations import responses
from api.representations.json_pages import PageRoute
from api.representations.links import root_of
from api.routes.ogc.common import SCHEMA_JSON, known_layer
from api.security import requires
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.storage.filters.filter_shapes import GEOMETRY

router = APIRouter(route_class=PageRoute)

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
}
_FORMATS: dict[tuple[str, ...], str] = {
    ("point",): "geometry-point",
    ("line",): "geometry-multilinestring",
    ("polygon",): "geometry-multipolygon",
}


@router.get("/collections/{layer}/queryables", dependencies=[requires("viewer")])
def queryables(request: Request, layer: str, caller: CallerDep) -> Response:
    """List the properties that `filter` and query parameters may name."""
    found = known_layer(layer, caller)
    described = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": f"{root_of(request)}/collections/{found.name}/queryables",
        "type": "object",
        "title": f"{found.zh} {found.name}",
        "properties": {**{one.name: _property(one, found) for one in found.all_fields}, GEOMETRY: _geometry(found)},
        "additionalProperties": False,
    }
    return responses.json_response(described, media=SCHEMA_JSON)


def _property(field: Field, layer: Layer) -> dict[str, Any]:
    described = {"title": field.zh, **_TYPES[field.kind]}
    if field.unit:
        described["x-ogc-unit"] = field.unit
    if field.choices:
        described["enum"] = list(field.choices)
    if field.name == layer.key:
        described["x-ogc-role"] = "id"
    return described


def _geometry(layer: Layer) -> dict[str, Any]:
    return {"title": "图形", "x-ogc-role": "primary-geometry", "format": _FORMATS.get(layer.shapes, "geometry-any")}
