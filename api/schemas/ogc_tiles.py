"""Describe the tiles part: tile matrix sets, tilesets and their OpenAPI (OGC API Tiles Part 1, 2D TMS 2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.catalog.results import ALL, RUN_LAYERS, ZONE_LAYERS
from geo.storage.protocol import Bbox
from maps.tiles.tile_encoding import MEDIA_TYPE
from maps.tiles.tile_grids import GRIDS, MAX_ZOOM, TileGrid

_CONF = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
#: Only what is proven by tests (docs/contract.md section 3).
CONFORMANCE = tuple(
    f"{_CONF}{name}" for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")
)
TILESETS_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
SCHEME_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
SCHEMES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
_JSON = "application/json"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_TYPES = {"text": "string", "date": "string", "number": "number", "integer": "integer"}
_DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}
#: Layers of runs in the order of the lists of tilesets.
_LISTED = (*ZONE_LAYERS, ALL, *(name for name in RUN_LAYERS if name not in (*ZONE_LAYERS, ALL)))


#: Layers of runs with the fields in their tiles, as in the functions of the migrations.
RUN_FIELDS: dict[str, tuple[str, ...]] = {name: RUN_LAYERS[name].names for name in _LISTED}


def _link(href: str, rel: str, media: str, title: str, *, templated: bool = False) -> dict[str, Any]:
    return {"href": href, "rel": rel, "type": media, "title": title, **({"templated": True} if templated else {})}


def landing_links(root: str) -> list[dict[str, Any]]:
    """Return the links of the landing page to the lists of tilesets and of tile matrix sets."""
    return [
        _link(f"{root}/tiles", TILESETS_REL, _JSON, "vector tiles of every layer"),
        _link(f"{root}/tileMatrixSets", SCHEMES_REL, _JSON, "tile matrix sets"),
    ]


def collection_links(base: str, layer: Layer) -> list[dict[str, Any]]:
    """Return the link of a collection to its tilesets, none without places; ``base`` is the collection's URL."""
    if not layer.is_placed:
        return []
    return [_link(f"{base}/tiles", TILESETS_REL, _JSON, "vector tiles")]


def matrix_sets(root: str) -> dict[str, Any]:
    """Return the list of tile matrix sets."""
    listed = []
    for grid in GRIDS.values():
        self_link = _link(f"{root}/tileMatrixSets/{grid.name}", "self", _JSON, grid.title)
        listed.append({"id": grid.name, "title": grid.title, "uri": grid.uri, "crs": grid.crs, "links": [self_link]})
    return {"tileMatrixSets": listed}


def tileset(
    root: str,
    base: str,
    grid: TileGrid,
    *,
    name: str,
    title: str,
    shapes: Sequence[str],
    fields: Sequence[Field],
    box: Bbox | None,
) -> dict[str, Any]:
    """Return the metadata of one tileset.

    Parameters
    ----------
    root
        URL of the OGC part.
    base
        URL of the list that contains this tileset.
    name, title, shapes, fields
        Of the layer in the tiles: kinds of shape, and fields.
    box
        Extent of the data in degrees; None without data.
    """
    layer: dict[str, Any] = {
        "id": name,
        "title": title,
        "dataType": "vector",
        "minTileMatrix": "0",
        "maxTileMatrix": str(MAX_ZOOM),
        "propertiesSchema": {"type": "object", "properties": {one.name: _property(one) for one in fields}},
    }
    if len(shapes) == 1:
        layer["geometryDimension"] = _DIMENSIONS[shapes[0]]
    url = f"{base}/{grid.name}"
    found: dict[str, Any] = {
        **tileset_item(root, base, grid, title=title),
        "layers": [layer],
        "links": [
            _link(url, "self", _JSON, title),
            _link(f"{root}/tileMatrixSets/{grid.name}", SCHEME_REL, _JSON, grid.title),
            _link(f"{url}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MEDIA_TYPE, f"{title} MVT", templated=True),
        ],
    }
    if box is not None:
        found["boundingBox"] = {"lowerLeft": list(box[:2]), "upperRight": list(box[2:]), "crs": _CRS84}
    return found


def tileset_item(root: str, base: str, grid: TileGrid, *, title: str) -> dict[str, Any]:
    """Return a tileset as item of a list of tilesets."""
    return {
        "title": title,
        "dataType": "vector",
        "crs": grid.crs,
        "tileMatrixSetURI": grid.uri,
        "links": [
            _link(f"{base}/{grid.name}", "self", _JSON, title),
            _link(f"{root}/tileMatrixSets/{grid.name}", SCHEME_REL, _JSON, grid.title),
        ],
    }


def _property(field: Field) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": _TYPES[field.kind], "title": field.zh}
    return {**kind, "x-ogc-unit": field.unit} if field.unit else kind


def paths() -> dict[str, Any]:
    """Return the paths of the tiles part for the OpenAPI 3.0.3 document, rooted at the OGC landing page."""
    layer = {"$ref": "#/components/parameters/collectionId"}
    grid = {"$ref": "#/components/parameters/tileMatrixSetId"}
    place = [{"$ref": f"#/components/parameters/{name}"} for name in ("tileMatrix", "tileRow", "tileCol")]
    days = {"$ref": "#/components/parameters/tileDatetime"}
    form = {"$ref": "#/components/parameters/tileFormat"}
    tile = {
        "200": {
            "description": "Mapbox Vector Tile 2.1; Gridsight-Left-Out counts features that did not fit",
            "headers": {"Gridsight-Left-Out": {"schema": {"type": "integer"}}, "ETag": {"schema": {"type": "string"}}},
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        "204": {"description": "no features in this tile"},
        "304": {"description": "the tile is as If-None-Match has it"},
    }
    base = "/collections/{collectionId}/tiles"
    return {
        "/tileMatrixSets": _get("tileMatrixSets", "Tile matrix sets", _ok("TileMatrixSets")),
        "/tileMatrixSets/{tileMatrixSetId}": _get(
            "tileMatrixSet", "One tile matrix set", _ok("TileMatrixSet"), [grid], missing=True
        ),
        "/tiles": _get("tilesets", "Tilesets of all layers", _ok("TileSets")),
        base: _get("collection.tilesets", "Tilesets of a layer", _ok("TileSets"), [layer], missing=True),
        f"{base}/{{tileMatrixSetId}}": _get(
            "collection.tileset", "One tileset", _ok("TileSet"), [layer, grid], missing=True
        ),
        f"{base}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _get(
            "collection.tile", "One tile", tile, [layer, grid, *place, days, form], missing=True
        ),
    }


def _get(
    operation: str,
    summary: str,
    responses: dict[str, Any],
    parameters: list[dict[str, Any]] | None = None,
    *,
    missing: bool = False,
) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/Problem"}
    failures = ["400", "401", "403", *(["404"] if missing else []), "429", "503"]
    found: dict[str, Any] = {"operationId": operation, "summary": summary, "tags": ["Tiles"]}
    if parameters:
        found["parameters"] = parameters
    return {"get": {**found, "responses": {**responses, **dict.fromkeys(failures, problem)}}}


def _ok(schema: str) -> dict[str, Any]:
    content = {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"200": {"description": schema, "content": content}}


def parameters() -> dict[str, Any]:
    """Return the parameters that ``paths`` names."""

    def path(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "description": text, "schema": schema}

    def query(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}

    whole = {"type": "integer", "minimum": 0, "maximum": 2 ** (MAX_ZOOM + 1) - 1}
    day = "RFC 3339 date, date-time, or an interval of them with .. for open; features valid then"
    return {
        "collectionId": path("collectionId", {"type": "string"}, "name of a layer"),
        "tileMatrixSetId": path("tileMatrixSetId", {"type": "string", "enum": list(GRIDS)}, "tile matrix set"),
        "tileMatrix": path("tileMatrix", {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}, "zoom"),
        "tileRow": path("tileRow", whole, "row from the north"),
        "tileCol": path("tileCol", whole, "column from the west"),
        "tileDatetime": query("datetime", {"type": "string"}, day),
        "tileFormat": query("f", {"type": "string", "enum": ["mvt"]}, "format"),
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that ``paths`` names."""
    text, number = {"type": "string"}, {"type": "number"}
    links = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
    matrix = {
        "type": "object",
        "required": [
            "id", "scaleDenominator", "cellSize", "pointOfOrigin", "tileWidth", "tileHeight", "matrixWidth",
            "matrixHeight",
        ],
        "properties": {
            "id": text, "scaleDenominator": number, "cellSize": number, "cornerOfOrigin": text,
            "pointOfOrigin": {"type": "array", "minItems": 2, "maxItems": 2, "items": number},
            **{one: {"type": "integer"} for one in ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight")},
        },
    }  # fmt: skip
    item = {"id": text, "title": text, "uri": text, "crs": text, "links": links}
    described = {"title": text, "dataType": text, "crs": text, "tileMatrixSetURI": text, "links": links}
    return {
        "TileMatrixSets": _object(tileMatrixSets={"type": "array", "items": _object(["id", "links"], **item)}),
        "TileMatrixSet": _object(
            ["tileMatrices", "crs"],
            id=text, title=text, uri=text, crs=text, wellKnownScaleSet=text,
            orderedAxes={"type": "array", "items": text}, tileMatrices={"type": "array", "items": matrix},
        ),
        "TileSets": _object(
            ["tilesets"],
            tilesets={"type": "array", "items": _object(["dataType", "crs", "links"], **described)}, links=links,
        ),
        "TileSet": _object(
            ["dataType", "crs", "links"],
            **described, layers={"type": "array", "items": {"type": "object"}}, boundingBox={"type": "object"},
        ),
    }  # fmt: skip


def _object(required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", **({"required": list(required)} if required else {}), "properties": properties}
