"""Check what is sent of a feature and store it in its version: for one edit and for several in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Set
from contextlib import suppress
from typing import Any

from uuid6 import uuid7

from api.representations import feature_pages
from api.routes.ogc.common import etag_of, stale_version_error
from geo.bounds import MAX_COLLECTIONS, MAX_KEY, check_geometry, check_text, is_storable
from geo.catalog.layers import SCOPED, Layer
from geo.errors import BadValue, Conflict, NotFound
from geo.storage.codec.scheduling import begins_later
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.feature_edits import merged, require_possible


def checked_feature(given: Any, layer: Layer, *, patch: bool = False) -> dict[str, Any]:
    """Return a feature, or with ``patch`` a part of one, that was sent; raise BadValue or BadGeometry for none."""
    if not isinstance(given, dict) or not isinstance(given.get("properties", {}), Mapping | None):
        raise BadValue("需要一个 GeoJSON Feature", "a GeoJSON Feature is needed")
    if given.get("type", "Feature" if patch else None) != "Feature":
        raise BadValue("需要一个 GeoJSON Feature", "a GeoJSON Feature is needed")
    if not all(is_storable(one) for one in (given.get("properties") or {}).values() if isinstance(one, str)):
        raise BadValue("文本含无效字符", "a text holds a character that cannot be stored")
    geometry = given.get("geometry")
    if geometry is not None and not (patch and isinstance(geometry, Mapping) and "type" not in geometry):
        check_geometry(geometry, max_depth=MAX_COLLECTIONS if layer.is_mixed else 0)
    return given


def new_key(given: Mapping[str, Any], layer: Layer, caller: Caller) -> tuple[str, bool]:
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


def feature_with_key(given: Mapping[str, Any], layer: Layer, key: str, *, issued: bool = False) -> dict[str, Any]:
    """Return the feature for the store, which rejects a key other than that of the path."""
    properties = dict(given.get("properties") or {})
    if issued:
        properties[layer.key] = key
    own = key if issued else given.get("id", key)
    return {"type": "Feature", "id": own, "geometry": given.get("geometry"), "properties": properties}


def current(
    store: Store,
    caller: Caller,
    layer: Layer,
    key: str,
    wanted: Set[str] | None,
    sent: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], int]:
    """Return the feature before a change and its version; raise StaleVersion where that is none of ``wanted``.

    It is the current row, or what is valid today where the current row begins later and an ETag names that. None is
    any version.
    """
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


def create_feature(store: Store, caller: Caller, layer: Layer, given: Mapping[str, Any]) -> tuple[str, int]:
    """Store a new feature; return its key and version."""
    key, issued = new_key(given, layer, caller)
    try:
        feature = feature_with_key(given, layer, key, issued=issued)
        require_possible(layer, key, feature)
        return key, store.put(layer.name, key, feature, if_version=0, actor=caller.signature)
    except Conflict:
        # The same text for every key that is taken, also out of scope (docs/contract.md section 5).
        raise Conflict("这个编号已被占用", "this key is taken") from None


def change_feature(
    store: Store,
    caller: Caller,
    layer: Layer,
    key: str,
    wanted: Set[str] | None,
    given: Mapping[str, Any],
    *,
    patch: bool,
) -> tuple[dict[str, Any], int]:
    """Replace or, with ``patch``, change a feature of a ``wanted`` version; return what it was and its new version."""
    before, version = current(store, caller, layer, key, wanted, given)
    feature = feature_with_key(merged(before, given) if patch else given, layer, key)
    require_possible(layer, key, feature, before)
    try:
        return before, store.put(layer.name, key, feature, if_version=version, actor=caller.signature)
    except Conflict:
        raise stale_version_error() from None


def delete_feature(store: Store, caller: Caller, layer: Layer, key: str, wanted: Set[str] | None) -> None:
    """Delete a feature that is still one of ``wanted``, and audit it."""
    before, version = current(store, caller, layer, key, wanted)
    try:
        # Any version (`*`) is the whole feature; that of a scheduled version is that one alone.
        store.delete(layer.name, key, if_version=None if wanted is None else version, actor=caller.signature)
    except Conflict:
        raise stale_version_error() from None
    store.record(AuditEntry("delete", layer.name, key, before=feature_pages.digest(before)))


def audited(
    store: Store,
    caller: Caller,
    layer: Layer,
    key: str,
    action: str,
    made: int,
    before: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """Audit a change; return the version that it made, as it is now stored, and its ETag."""
    after, version = store.current(layer.name, key)
    if version != made:  # an edit of what is valid today, kept before the version that begins later
        after, version = store.get(layer.name, key)
    was, now = feature_pages.digest(before) if before else "", feature_pages.digest(after)
    store.record(AuditEntry(action, layer.name, key, before=was, after=now))
    return after, etag_of(after, version, layer, caller, store.epoch())
