"""Create, replace, update and delete features (OGC API Features Part 4) with optimistic locking."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from fastapi import APIRouter, Request, Response
from uuid6 import uuid7

from api import problems
from api.dependencies import Body, CallerDep, StoreDep, in_transaction, media_type
from api.json_bodies import parse_json
from api.representations import feature_pages, responses
from api.representations.links import root_of
from api.roles import allows
from api.routes.ogc.common import (
    GEOJSON,
    crs_header,
    etag_of,
    header_list,
    if_match,
    item_url,
    known_layer,
    link,
    offered_crs,
    stale_version_error,
)
from api.security import requires
from geo.bounds import MAX_COLLECTIONS, MAX_KEY, check_geometry, check_text, is_storable
from geo.catalog.layers import SCOPED, Layer
from geo.crs import CRS84, offered_to_wgs84
from geo.errors import BadGeometry, BadValue, Conflict, NotFound
from geo.storage.codec.scheduling import begins_later
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.feature_edits import merged, require_possible

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
    given = _feature(request, body, found)
    key, issued = _new_key(given, found, caller)
    try:
        feature = _feature_with_key(given, found, key, issued=issued)
        require_possible(found, key, feature)
        made = store.put(found.name, key, feature, if_version=0, actor=caller.signature)
    except Conflict:
        # The same text for every key that is taken, also out of scope (docs/contract.md section 5).
        raise Conflict("这个编号已被占用", "this key is taken") from None
    return _edited_response(request, store, caller, found, key, "create", made, status=201)


@router.put(_ITEM, dependencies=[requires("planner")], openapi_extra=_WRITE_SCHEMA)
@in_transaction
def replace(request: Request, layer: str, key: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Replace a feature that is still the one of If-Match."""
    found = known_layer(layer, caller, write=True)
    given = _feature(request, body, found)
    before, version = _current(request, store, caller, found, key, given)
    feature = _feature_with_key(given, found, key)
    require_possible(found, key, feature, before)
    made = _put(store, caller, found, key, feature, version)
    return _edited_response(request, store, caller, found, key, "replace", made, before=before)


@router.patch(_ITEM, dependencies=[requires("planner")], openapi_extra=_PATCH_SCHEMA)
@in_transaction
def update(request: Request, layer: str, key: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Change some fields of a feature that is still the one of If-Match (RFC 7396 merge patch; null empties)."""
    found = known_layer(layer, caller, write=True)
    given = _feature(request, body, found, patch=True)
    before, version = _current(request, store, caller, found, key, given)
    feature = _feature_with_key(merged(before, given), found, key)
    require_possible(found, key, feature, before)
    made = _put(store, caller, found, key, feature, version)
    return _edited_response(request, store, caller, found, key, "update", made, before=before)


@router.delete(_ITEM, status_code=204, dependencies=[requires("planner")])
@in_transaction
def delete(request: Request, layer: str, key: str, store: StoreDep, caller: CallerDep) -> Response:
    """Delete a feature that is still the one of If-Match."""
    found = known_layer(layer, caller, write=True)
    before, version = _current(request, store, caller, found, key)
    try:
        # Any version (`*`) is the whole feature; that of a scheduled version is that one alone.
        of_any = if_match(header_list(request.headers, "if-match")) is None
        store.delete(found.name, key, if_version=None if of_any else version, actor=caller.signature)
    except Conflict:
        raise stale_version_error() from None
    store.record(AuditEntry("delete", found.name, key, before=feature_pages.digest(before)))
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
    given = parse_json(body)
    if not isinstance(given, dict) or not isinstance(given.get("properties", {}), Mapping | None):
        raise BadValue("需要一个 GeoJSON Feature", "a GeoJSON Feature is needed")
    if given.get("type", "Feature" if patch else None) != "Feature":
        raise BadValue("需要一个 GeoJSON Feature", "a GeoJSON Feature is needed")
    if not all(is_storable(one) for one in (given.get("properties") or {}).values() if isinstance(one, str)):
        raise BadValue("文本含无效字符", "a text holds a character that cannot be stored")
    geometry = given.get("geometry")
    if geometry is not None and not (patch and isinstance(geometry, Mapping) and "type" not in geometry):
        check_geometry(geometry, max_depth=MAX_COLLECTIONS if layer.is_mixed else 0)
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


def _new_key(given: Mapping[str, Any], layer: Layer, caller: Caller) -> tuple[str, bool]:
    """Return the key of a new feature, and whether it is issued here instead of given.

    A planner's keys in scoped layers always are, so that an error reveals nothing about features out of scope.
    """
    hidden = layer.name in SCOPED and caller.role == "planner"
    named = None if hidden else given.get("id") or (given.get("properties") or {}).get(layer.key)
    if named is None:
        if not hidden and layer.key != "id":
            raise BadValue(f"缺少 {layer.key}", f"{layer.key} is missing")
        return str(uuid7()), True
    if not isinstance(named, str):
        raise BadValue(f"{layer.key} 须是文本", f"{layer.key} must be a text")
    check_text(named, max_characters=MAX_KEY, what=(layer.key, layer.key))
    return named, False


def _feature_with_key(given: Mapping[str, Any], layer: Layer, key: str, *, issued: bool = False) -> dict[str, Any]:
    """Return the feature for the store, which rejects a key other than that of the path."""
    properties = dict(given.get("properties") or {})
    if issued:
        properties[layer.key] = key
    own = key if issued else given.get("id", key)
    return {"type": "Feature", "id": own, "geometry": given.get("geometry"), "properties": properties}


def _current(
    request: Request, store: Store, caller: Caller, layer: Layer, key: str, sent: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], int]:
    """Return the feature before a change and its version; raise StaleVersion where that is not one of If-Match.

    It is the current row, or what is valid today where the current row begins later and If-Match names that.
    """
    wanted = if_match(header_list(request.headers, "if-match"))
    before, version = store.current(layer.name, key)
    epoch = store.epoch()
    if wanted is None or etag_of(before, version, layer, caller, epoch) in wanted:
        return before, version
    if begins_later(before, store.today()):
        with suppress(NotFound):
            before, version = store.get(layer.name, key)
            if etag_of(before, version, layer, caller, epoch) in wanted:
                return before, version
    raise stale_version_error(before, etag_of(before, version, layer, caller, epoch), sent)


def _put(store: Store, caller: Caller, layer: Layer, key: str, feature: Mapping[str, Any], version: int) -> int:
    try:
        return store.put(layer.name, key, feature, if_version=version, actor=caller.signature)
    except Conflict:
        raise stale_version_error() from None


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
    after, version = store.current(layer.name, key)
    if version != made:  # an edit of what is valid today, kept before the version that begins later
        after, version = store.get(layer.name, key)
    store.record(
        AuditEntry(
            action,
            layer.name,
            key,
            before=feature_pages.digest(before) if before else "",
            after=feature_pages.digest(after),
        )
    )
    headers["ETag"] = etag_of(after, version, layer, caller, store.epoch())
    links = [link(url, "self", GEOJSON, key)]
    return Response(feature_pages.feature(after, crs=CRS84, links=links), status, headers=headers, media_type=GEOJSON)
