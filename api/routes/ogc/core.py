"""Serve landing page, conformance, definition and collections (OGC API Features Part 1, 7.1-7.14)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, StoreDep, in_snapshot
from api.representations import responses
from api.representations.json_pages import PageRoute
from api.representations.links import root_of
from api.roles import allows
from api.routes.ogc.common import GEOJSON, SCHEMA_JSON, known_layer, layer_extent, link
from api.schemas import ogc_document
from api.security import requires
from api.security.authorization import reads
from geo.catalog.layers import LAYERS, SCOPED, Layer
from geo.crs import CRS84, OFFERED
from geo.storage.protocol import Bbox, Store

router = APIRouter(route_class=PageRoute)


@router.get("", include_in_schema=False, dependencies=[requires("public")])
@router.get("/", dependencies=[requires("public")])
def landing(request: Request) -> Response:
    """Return the landing page of the OGC part."""
    root = root_of(request)
    links = [
        link(f"{root}/", "self", responses.JSON, "this page"),
        link(f"{root}/?f=html", "alternate", "text/html", "this page, for people"),
        link(f"{root}/api", "service-desc", ogc_document.OPENAPI_MEDIA, "OpenAPI 3.0"),
        link(f"{root.removesuffix('/ogc')}/docs", "service-doc", "text/html", "documentation"),
        link(f"{root}/conformance", "conformance", responses.JSON, "conformance classes"),
        link(f"{root}/collections", "data", responses.JSON, "collections"),
        *ogc_document.landing_links(root),
    ]
    described = "公共区域摄像机、网格与行政区划图层 / layers of cameras, grids and divisions"
    return responses.json_response({"title": "Gridsight", "description": described, "links": links})


@router.get("/conformance", dependencies=[requires("public")])
def conformance() -> Response:
    """List the conformance classes that are proven."""
    return responses.json_response({"conformsTo": ogc_document.conformance()})


@router.get("/api", include_in_schema=False, dependencies=[requires("public")])
def definition(request: Request) -> Response:
    """Return the OpenAPI 3.0 document of the OGC part."""
    return responses.json_response(ogc_document.document(root_of(request)), media=ogc_document.OPENAPI_MEDIA)


@router.get("/collections", dependencies=[requires("viewer")])
@in_snapshot
def collections(request: Request, store: StoreDep, caller: CallerDep) -> Response:
    """List the layers that hold features: clients stumble over an empty one, whose path works all the same."""
    root = root_of(request)
    readable = [layer for layer in LAYERS.values() if allows(caller, reads(layer.name))]
    found = [_collection(root, layer, layer_extent(store, layer)) for layer in readable if _has_rows(store, layer)]
    links = [link(f"{root}/collections", "self", responses.JSON, "collections")]
    return responses.json_response({"links": links, "crs": list(OFFERED), "collections": found})


@router.get("/collections/{layer}", dependencies=[requires("viewer")])
@in_snapshot
def collection(request: Request, layer: str, store: StoreDep, caller: CallerDep) -> Response:
    """Describe one layer."""
    found = known_layer(layer, caller)
    return responses.json_response(_collection(root_of(request), found, layer_extent(store, found)))


def _has_rows(store: Store, layer: Layer) -> bool:
    """Return whether the caller finds any row; rows of a scoped layer outside the scope are not revealed."""
    if layer.name in SCOPED:
        return len(store.read(layer.name, limit=1)) > 0
    return store.extent(layer.name) is not None


def _collection(root: str, layer: Layer, extent: Bbox | None) -> dict[str, Any]:
    base = f"{root}/collections/{layer.name}"
    described: dict[str, Any] = {
        "id": layer.name,
        "title": f"{layer.zh} {layer.name}",
        "itemType": "feature",
        "crs": list(OFFERED),
        "storageCrs": CRS84,
        "links": [
            link(base, "self", responses.JSON, layer.zh),
            link(f"{base}/items", "items", GEOJSON, f"{layer.zh} GeoJSON"),
            link(f"{base}/queryables", ogc_document.QUERYABLES_REL, SCHEMA_JSON, f"{layer.zh} queryables"),
            *ogc_document.collection_links(base, layer),
        ],
    }
    if extent is not None:
        described["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    return described
