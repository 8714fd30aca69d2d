"""Create, replace, update and delete features (OGC API Features Part 4) with optimistic locking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from fastapi import APIRouter, Request, Response

from api import problems
from api.dependencies import Body, CallerDep, StoreDep, in_transaction, media_type
from api.json_bodies import parse_json
from api.representations import feature_pages, responses
from api.representations.links import root_of
from api.roles import allows
from api.routes.ogc.common import (
    GEOJSON,
    crs_header,
    header_list,
    if_match,
    item_url,
    known_layer,
    link,
    offered_crs,
)
from api.routes.ogc.edited_features import audited, change_feature, checked_feature, create_feature, delete_feature
from api.security import requires
from geo.catalog.layers import Layer
from geo.crs import CRS84, offered_to_wgs84
from geo.errors import BadGeometry
from geo.storage.protocol import Store
from geo.storage.records import Caller

router = APIRouter()

MERGE_PATCH = "application/merge-patch+json"
_FEATURE_MEDIA = {GEOJSON, responses.JSON}
_ITEMS, _ITEM = "/collections/{layer}/items", "/collections/{layer}/items/{key:path}"
_WRITE_SCHEMA = {"requestBody": {"required": True, "content": {GEOJSON: {"schema": {"type": "object"}}}}}
_PATCH_SCHEMA = {"requestBody": {"required": True, "content": {MERGE_PATCH: {"schema": {"type": "object"}}}}}


@router.post(_ITEMS, status_code=201, dependencies=[requires("planner")], openapi_extra=_WRITE_SCHEMA)
@in_transaction
def create(request: Request, layer: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Create a feature; the answer's Location is where it is."""
    found = known_layer(layer, caller, write=True)
    key, made = create_feature(store, caller, found, _feature(request, body, found))
    return _edited_response(request, store, caller, found, key, "create", made, status=201)


@router.put(_ITEM, dependencies=[requires("planner")], openapi_extra=_WRITE_SCHEMA)
@in_transaction
def replace(request: Request, layer: str, key: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Replace a feature that is still the one of If-Match."""
    found = known_layer(layer, caller, write=True)
    given = _feature(request, body, found)
    before, made = change_feature(store, caller, found, key, _wanted(request), given, patch=False)
    return _edited_response(request, store, caller, found, key, "replace", made, before=before)


@router.patch(_ITEM, dependencies=[requires("planner")], openapi_extra=_PATCH_SCHEMA)
@in_transaction
def update(request: Request, layer: str, key: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Change some fields of a feature that is still the one of If-Match (RFC 7396 merge patch; null empties)."""
    found = known_layer(layer, caller, write=True)
    given = _feature(request, body, found, patch=True)
    before, made = change_feature(store, caller, found, key, _wanted(request), given, patch=True)
    return _edited_response(request, store, caller, found, key, "update", made, before=before)


@router.delete(_ITEM, status_code=204, dependencies=[requires("planner")])
@in_transaction
def delete(request: Request, layer: str, key: str, store: StoreDep, caller: CallerDep) -> Response:
    """Delete a feature that is still the one of If-Match."""
    found = known_layer(layer, caller, write=True)
    delete_feature(store, caller, found, key, _wanted(request))
    return Response(status_code=204)


@router.options(_ITEMS, dependencies=[requires("viewer")])
def items_options(layer: str, caller: CallerDep) -> Response:
    """Say what a caller may do with a layer: QGIS asks before it lets anybody edit."""
    known_layer(layer, caller)
    return _options(caller, "POST")


@router.options(_ITEM, dependencies=[requires("viewer")])
def item_options(layer: str, key: str, caller: CallerDep) -> Response:  # noqa: ARG001 - part of the path
    """Say what a caller may do with a feature."""
    known_layer(layer, caller)
    return _options(caller, "PUT, PATCH, DELETE")


def _options(caller: Caller, writes: str) -> Response:
    allowed = "GET, HEAD, OPTIONS" + (f", {writes}" if allows(caller, "planner") else "")
    headers = {"Allow": allowed}
    if "PATCH" in allowed:
        headers["Accept-Patch"] = MERGE_PATCH
    return Response(status_code=204, headers=headers)


def _feature(request: Request, body: bytes, layer: Layer, *, patch: bool = False) -> dict[str, Any]:
    """Return the feature, or part of a feature, in a body, its shape checked and in degrees."""
    allowed = {MERGE_PATCH, *_FEATURE_MEDIA} if patch else _FEATURE_MEDIA
    # Some clients omit Content-Type; browser forms, which may come from another site, always send one.
    if media_type(request) not in {*allowed, ""}:
        listed = "、".join(sorted(allowed))
        raise problems.UnsupportedMedia(f"内容类型须是 {listed}", f"the body must be {listed.replace('、', ' or ')}")
    given = checked_feature(parse_json(body), layer, patch=patch)
    geometry = given.get("geometry")
    uri = _content_crs(request)
    if geometry is not None and uri != CRS84:
        if "type" not in geometry:
            raise BadGeometry("图形须写全", "the geometry must be given whole")
        given = {**given, "geometry": _in_degrees(geometry, uri)}
    return given


def _content_crs(request: Request) -> str:
    header = request.headers.get("content-crs", "").strip()
    return offered_crs(header.removeprefix("<").removesuffix(">"), "Content-Crs") if header else CRS84


def _in_degrees(geometry: Mapping[str, Any], uri: str) -> dict[str, Any]:
    try:
        shape = shapely.force_2d(shapely.geometry.shape(geometry))
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError):
        raise BadGeometry("图形无法使用", "the shape cannot be used") from None

    def in_degrees(points: np.ndarray) -> np.ndarray:
        degrees = offered_to_wgs84(points, uri)
        if not np.isfinite(degrees).all():  # checked before GEOS, to which a ring of NaN is not closed
            raise BadGeometry("坐标不在 Content-Crs 的范围内", "the coordinates lie outside Content-Crs")
        return degrees

    return shapely.geometry.mapping(shapely.transform(shape, in_degrees))


def _wanted(request: Request) -> frozenset[str] | None:
    return if_match(header_list(request.headers, "if-match"))


def _edited_response(
    request: Request,
    store: Store,
    caller: Caller,
    layer: Layer,
    key: str,
    action: str,
    made: int,
    *,
    before: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """Audit the change and return the version that it made, as it is now stored."""
    url = item_url(root_of(request), layer.name, key)
    headers = {"Location" if status == 201 else "Content-Location": url, **crs_header(CRS84)}
    after, headers["ETag"] = audited(store, caller, layer, key, action, made, before)
    links = [link(url, "self", GEOJSON, key)]
    return Response(feature_pages.feature(after, crs=CRS84, links=links), status, headers=headers, media_type=GEOJSON)
