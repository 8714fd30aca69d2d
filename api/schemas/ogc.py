"""Describe the OGC API Features part in its own hand-kept OpenAPI 3.0.3, rooted at its landing page."""

from __future__ import annotations

from typing import Any

from api import __version__
from geo.layers import LAYERS, Field, Layer

#: Only what is proven by our tests (CONTRACT section 3).
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OPENAPI_MEDIA = "application/vnd.oai.openapi+json;version=3.0"
MAX_LIMIT = 10_000
DEFAULT_LIMIT = 100
#: Query parameters of items besides the fields of the layer.
PARAMETERS = ("bbox", "datetime", "limit", "token", "f")

_TYPES = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
}


def document(root: str) -> dict[str, Any]:
    """Return the OpenAPI document; `root` is the absolute URL of the landing page."""
    paths: dict[str, Any] = {
        "/": _get("landing", "Landing page", {"200": _ok("LandingPage")}),
        "/conformance": _get("conformance", "Conformance classes", {"200": _ok("ConfClasses")}),
        "/api": _get("api", "This document", {"200": {"description": "OpenAPI 3.0.3"}}),
        "/collections": _get("collections", "Feature collections", {"200": _ok("Collections")}),
    }
    for layer in LAYERS.values():
        base = f"/collections/{layer.name}"
        paths[base] = _get(f"{layer.name}.collection", layer.zh, {"200": _ok("Collection")})
        paths[f"{base}/items"] = _get(
            f"{layer.name}.items", f"{layer.zh} items", {"200": _geojson("FeatureCollection")}, _items_parameters(layer)
        )
        paths[f"{base}/items/{{featureId}}"] = _get(
            f"{layer.name}.item",
            f"{layer.zh} item",
            {"200": _geojson("Feature"), "404": {"$ref": "#/components/responses/Problem"}},
            [{"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}],
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": "Gridsight OGC API Features", "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"parameters": _PARAMETERS, "schemas": _SCHEMAS, "responses": {"Problem": _PROBLEM}},
    }


def _get(
    operation: str, summary: str, responses: dict[str, Any], parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    default = {"400": {"$ref": "#/components/responses/Problem"}, "500": {"$ref": "#/components/responses/Problem"}}
    found: dict[str, Any] = {"operationId": operation, "summary": summary, "tags": ["Features"]}
    if parameters:
        found["parameters"] = parameters
    return {"get": {**found, "responses": {**responses, **default}}}


def _ok(schema: str) -> dict[str, Any]:
    return {
        "description": schema,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _geojson(schema: str) -> dict[str, Any]:
    return {
        "description": schema,
        "content": {"application/geo+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _items_parameters(layer: Layer) -> list[dict[str, Any]]:
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in PARAMETERS]
    return [*shared, *(_field_parameter(field) for field in layer.fields)]


def _field_parameter(field: Field) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    return {
        "name": field.name,
        "in": "query",
        "required": False,
        "description": f"{field.zh}{unit}",
        "schema": _TYPES[field.kind],
        "style": "form",
        "explode": False,
    }


_PARAMETERS: dict[str, Any] = {
    "bbox": {
        "name": "bbox",
        "in": "query",
        "required": False,
        "description": "west, south, east, north in CRS84; six numbers carry heights, which are passed over",
        "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "style": "form",
        "explode": False,
    },
    "datetime": {
        "name": "datetime",
        "in": "query",
        "required": False,
        "description": "RFC 3339 date, date-time, or an interval of them with .. for open; features valid then",
        "schema": {"type": "string"},
        "style": "form",
        "explode": False,
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "style": "form",
        "explode": False,
    },
    "token": {
        "name": "token",
        "in": "query",
        "required": False,
        "description": "where the next page begins, from a next link",
        "schema": {"type": "string"},
        "style": "form",
        "explode": False,
    },
    "f": {
        "name": "f",
        "in": "query",
        "required": False,
        "schema": {"type": "string", "enum": ["json", "geojson", "csv", "xlsx", "gpkg"]},
        "style": "form",
        "explode": False,
    },
}  # fmt: skip

_LINK = {
    "type": "object",
    "required": ["href"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title", "hreflang")},
}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_SCHEMAS: dict[str, Any] = {
    "Link": _LINK,
    "LandingPage": {
        "type": "object",
        "required": ["links"],
        "properties": {"title": {"type": "string"}, "description": {"type": "string"}, "links": _LINKS},
    },
    "ConfClasses": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "Collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "itemType": {"type": "string"},
            "crs": {"type": "array", "items": {"type": "string"}},
            "extent": {"type": "object"},
            "links": _LINKS,
        },
    },
    "Collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": _LINKS,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
        },
    },
    "Feature": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": _LINKS,
        },
    },
    "FeatureCollection": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "links": _LINKS,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object"}},
        },
    },
}
_PROBLEM = {
    "description": "An error (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
