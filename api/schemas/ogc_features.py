"""Describe OGC API Features, Parts 1 to 4, for the OGC part's OpenAPI 3.0.3."""

from __future__ import annotations

from typing import Any

from geo.catalog.fields import Field
from geo.catalog.layers import LAYERS, Layer
from geo.crs import CRS84

_FEATURES = "http://www.opengis.net/spec/ogcapi-features"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
#: Only what tests prove (docs/contract.md section 3), in tests/api/routes (features, cql2) and tests/clients.
CONFORMANCE = (
    *(f"{_FEATURES}-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")),
    f"{_FEATURES}-2/1.0/conf/crs",
    *(
        f"{_FEATURES}-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_FEATURES}-4/1.0/conf/{name}"
        for name in ("create-replace-delete", "update", "features", "optimistic-locking-etags")
    ),
    *(
        f"{_CQL2}/{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "basic-spatial-functions",
            "basic-spatial-functions-plus", "spatial-functions", "property-property",
        )
    ),
)  # fmt: skip
OPENAPI_MEDIA = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
MAX_LIMIT = 10_000
DEFAULT_LIMIT = 100
#: Query parameters of items besides the fields of the layer.
PARAMETERS = (
    "bbox",
    "bbox-crs",
    "datetime",
    "limit",
    "filter",
    "filter-lang",
    "filter-crs",
    "crs",
    "token",
    "f",
    "lang",
    "encoding",
)

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
}
_SHAPES = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_READ_ERRORS = dict.fromkeys(("400", "401", "403", "404", "429", "503", "default"), _PROBLEM)
_WRITE_ERRORS = {**_READ_ERRORS, **dict.fromkeys(("409", "412", "413", "415", "422", "428"), _PROBLEM)}
_KEY = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
_CRS = {"type": "string", "format": "uri", "default": CRS84}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "the ETag that the change is based on",
    "schema": {"type": "string"},
}
_CONTENT_CRS = {
    "name": "Content-Crs",
    "in": "header",
    "required": False,
    "description": "CRS of the body's coordinates, a URI in angle brackets; CRS84 where it is missing",
    "schema": {"type": "string", "default": f"<{CRS84}>"},
}
_HEADERS = {
    "ETag": {"description": "version of the feature", "schema": {"type": "string"}},
    "Content-Crs": {"description": "CRS of the coordinates", "schema": {"type": "string"}},
}


def paths() -> dict[str, Any]:
    """Return the paths, separately for each layer, as their query parameters differ."""
    found: dict[str, Any] = {
        "/": {"get": _operation("landing", "Landing page", {"200": _json("LandingPage")})},
        "/conformance": {"get": _operation("conformance", "Conformance classes", {"200": _json("ConfClasses")})},
        "/api": {"get": _operation("api", "This document", {"200": _api()})},
        "/collections": {"get": _operation("collections", "Feature collections", {"200": _json("Collections")})},
    }
    for layer in LAYERS.values():
        base = f"/collections/{layer.name}"
        found[base] = {"get": _operation(f"{layer.name}.collection", layer.zh, {"200": _json("Collection")})}
        found[f"{base}/queryables"] = {
            "get": _operation(
                f"{layer.name}.queryables",
                f"{layer.zh} queryables",
                {"200": _body("JSON Schema", "application/schema+json", {"type": "object"})},
            )
        }
        found[f"{base}/items"] = _items(layer)
        found[f"{base}/items/{{featureId}}"] = _item(layer)
    return found


def parameters() -> dict[str, Any]:
    """Return the parameters that all layers share."""
    text = {"type": "string"}
    box = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    interval = "RFC 3339 date, date-time, or an interval of them with .. for open; features valid then"
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    lang = {"type": "string", "enum": ["zh", "en", "fields"], "default": "fields"}
    encoding = {"type": "string", "enum": ["utf-8", "gbk"], "default": "utf-8"}
    forms = {"type": "string", "enum": ["json", "geojson", "csv", "xlsx", "gpkg", "kml", "shp"]}
    return {
        "bbox": _query("bbox", "west, south, east, north in bbox-crs; of six numbers heights are passed over", box),
        "bbox-crs": _query("bbox-crs", "CRS of bbox, one of those that the collection lists", _CRS),
        "datetime": _query("datetime", interval, text),
        "limit": _query("limit", "features on a page", limit),
        "filter": _query("filter", "CQL2 over the queryables", text),
        "filter-lang": _query(
            "filter-lang", "language of filter", {"type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"]}
        ),
        "filter-crs": _query("filter-crs", "CRS of the shapes in filter", _CRS),
        "crs": _query("crs", "CRS of the answer, one of those that the collection lists", _CRS),
        "token": _query("token", "where the next page begins, from a next link", text),
        "f": _query("f", "format", forms),
        "lang": _query("lang", "headings and words of csv, xlsx, kml and shp; fields: names of fields", lang),
        "encoding": _query("encoding", "of the texts in csv and shp", encoding),
    }


def schemas() -> dict[str, Any]:
    """Return the schemas of responses and bodies."""
    return {**_SCHEMAS, **{f"{layer.name}Feature": _feature(layer) for layer in LAYERS.values()}}


def _items(layer: Layer) -> dict[str, Any]:
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in PARAMETERS]
    query_parameters = [*shared, *(_field_parameter(field) for field in layer.all_fields)]
    page = _body("FeatureCollection", "application/geo+json", _ref("FeatureCollection"), {"Content-Crs": _CRS_HEADER})
    made = _feature_answer({"Location": {"description": "URL of the feature", "schema": {"type": "string"}}})
    return {
        "get": _operation(f"{layer.name}.items", f"{layer.zh} items", {"200": page}, query_parameters),
        "post": {
            **_operation(f"{layer.name}.create", f"{layer.zh} create", {"201": made}, [_CONTENT_CRS], writes=True),
            "requestBody": _request(layer, "application/geo+json"),
        },
        "options": _options(f"{layer.name}.items.options"),
    }


def _item(layer: Layer) -> dict[str, Any]:
    changed, name = {"200": _feature_answer(), "204": {"description": "no longer valid today"}}, layer.name
    crs = {"$ref": "#/components/parameters/crs"}
    known = {"200": _feature_answer(), "304": {"description": "the caller has this version"}}
    headers = [_IF_MATCH, _CONTENT_CRS]
    return {
        "parameters": [_KEY],
        "get": _operation(f"{name}.item", f"{layer.zh} item", known, [crs]),
        "put": {
            **_operation(f"{name}.replace", f"{layer.zh} replace", changed, headers, writes=True),
            "requestBody": _request(layer, "application/geo+json"),
        },
        "patch": {
            **_operation(f"{name}.update", f"{layer.zh} update", changed, headers, writes=True),
            "requestBody": _request(layer, "application/merge-patch+json", whole=False),
        },
        "delete": _operation(
            f"{name}.delete", f"{layer.zh} delete", {"204": {"description": "deleted"}}, [_IF_MATCH], writes=True
        ),
        "options": _options(f"{name}.item.options"),
    }


def _operation(
    name: str,
    summary: str,
    responses: dict[str, Any],
    query_parameters: list[dict[str, Any]] | None = None,
    *,
    writes: bool = False,
) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": name, "summary": summary, "tags": ["Features"]}
    if query_parameters:
        found["parameters"] = query_parameters
    return {**found, "responses": {**responses, **(_WRITE_ERRORS if writes else _READ_ERRORS)}}


def _options(name: str) -> dict[str, Any]:
    allow = {"Allow": {"description": "methods that this caller may use", "schema": {"type": "string"}}}
    return _operation(name, "What may be done here", {"204": {"description": "see Allow", "headers": allow}})


def _ref(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _body(
    description: str, media: str, schema: dict[str, Any], headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"description": description, "content": {media: {"schema": schema}}}
    return {**found, "headers": headers} if headers else found


def _json(schema: str) -> dict[str, Any]:
    return _body(schema, "application/json", _ref(schema))


def _api() -> dict[str, Any]:
    return _body("OpenAPI 3.0.3", OPENAPI_MEDIA, {"type": "object"})


def _feature_answer(headers: dict[str, Any] | None = None) -> dict[str, Any]:
    return _body("Feature", "application/geo+json", _ref("Feature"), {**_HEADERS, **(headers or {})})


def _request(layer: Layer, media: str, *, whole: bool = True) -> dict[str, Any]:
    schema = _ref(f"{layer.name}Feature") if whole else {"type": "object"}
    return {"required": True, "content": {media: {"schema": schema}}}


def _feature(layer: Layer) -> dict[str, Any]:
    """Return the schema of a feature to be stored: only fields of the layer are accepted."""
    kinds = [kind for shape in layer.shapes for kind in _SHAPES[shape]]
    geometry: dict[str, Any] = {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"type": "string", "enum": kinds},
            "coordinates": {"type": "array", "items": {}, "minItems": 1},
        },
    }
    if layer.may_lack_shape:
        geometry["nullable"] = True
    if layer.is_mixed:
        members = {"type": "array", "minItems": 1, "items": geometry}
        collection = {"type": {"type": "string", "enum": ["GeometryCollection"]}, "geometries": members}
        mixed = {"type": "object", "required": ["type", "geometries"], "properties": collection}
        geometry = {"oneOf": [geometry, mixed]}
    if not layer.is_placed:
        geometry = {"type": "object", "nullable": True, "enum": [None]}
    fields = {field.name: {**_typed(field), "nullable": True} for field in layer.all_fields}
    return {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": geometry,
            "properties": {"type": "object", "properties": fields, "additionalProperties": False},
        },
    }


def _typed(field: Field) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    found = {**_TYPES[field.kind], "description": f"{field.zh}{unit}"}
    return {**found, "enum": [*field.choices, None]} if field.choices else found


def _field_parameter(field: Field) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    return _query(field.name, f"{field.zh}{unit}", _TYPES[field.kind])


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


_CRS_HEADER = _HEADERS["Content-Crs"]
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_SCHEMAS: dict[str, Any] = {
    "Link": {
        "type": "object",
        "required": ["href"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title", "hreflang")},
    },
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
            "storageCrs": {"type": "string", "format": "uri"},
            "extent": {"type": "object"},
            "links": _LINKS,
        },
    },
    "Collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": _LINKS,
            "crs": {"type": "array", "items": {"type": "string"}},
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
