"""List, save, change and delete drafts of changes of cameras (docs/contract.md section 6)."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import Body, CallerDep, StoreDep, in_transaction
from api.json_bodies import json_object
from api.problems import StaleVersion
from api.representations import responses
from api.routes.ogc.common import header_list, if_match, stale_version_error
from api.routes.ogc.edited_features import current
from api.schemas.previews import DRAFT_BODY, DraftListModel, DraftModel
from api.security import requires, scope_key
from geo.catalog.layers import LAYERS
from geo.errors import BadValue, Conflict, NotFound
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller, Draft
from geo.studies.camera_changes import MAX_CHANGES
from geo.studies.camera_drafts import made_draft, outdated

router = APIRouter(tags=["previews"], dependencies=[requires("planner")])


@router.get("/drafts", response_model=DraftListModel)
def listed(store: StoreDep) -> Response:
    """List the drafts whose cameras are all of the caller's townships, newest first, without their changes."""
    with store.snapshot():
        return responses.json_response({"drafts": [_heading(store, one) for one in store.drafts()]})


@router.post("/drafts", status_code=201, response_model=DraftModel, openapi_extra=DRAFT_BODY)
@in_transaction
def create(request: Request, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Save a draft: a name, a note, the run that it was made on, and the changes; no camera is changed."""
    value = json_object(request, body)
    draft = made_draft(store, value, caller, made_on=_made_on(store, caller, value))
    store.save_draft(draft, if_version=0)
    store.record(AuditEntry("create", "drafts", draft.id))
    return _answer(store, caller, draft, status=201)


@router.get("/drafts/{draft_id}", response_model=DraftModel)
def one(draft_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Return a draft with its changes, and which of its cameras were changed since."""
    with store.snapshot():
        return _answer(store, caller, store.draft(draft_id))


@router.put("/drafts/{draft_id}", response_model=DraftModel, openapi_extra=DRAFT_BODY)
@in_transaction
def replace(request: Request, draft_id: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Replace a draft that is still the one of If-Match; who made it stays."""
    value = json_object(request, body)
    before = _seen(request, store, caller, draft_id, value)
    draft = made_draft(store, value, caller, before, _made_on(store, caller, value))
    _saving(store, caller, draft, before, value)
    store.record(AuditEntry("replace", "drafts", draft.id))
    return _answer(store, caller, draft)


@router.delete("/drafts/{draft_id}", status_code=204)
@in_transaction
def delete(request: Request, draft_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Delete a draft that is still the one of If-Match."""
    before = _seen(request, store, caller, draft_id, None)
    try:
        store.delete_draft(draft_id, if_version=before.version)
    except Conflict:
        raise stale_version_error() from None
    store.record(AuditEntry("delete", "drafts", draft_id))
    return Response(status_code=204)


def _saving(store: Store, caller: Caller, draft: Draft, before: Draft, value: dict[str, Any]) -> None:
    try:
        store.save_draft(draft, if_version=before.version)
    except Conflict:
        stored = store.draft(draft.id)
        raise stale_version_error(_whole(store, stored), _etag(store, caller, stored), value) from None


def _seen(request: Request, store: Store, caller: Caller, draft_id: str, value: dict[str, Any] | None) -> Draft:
    """Return the stored draft; raise StaleVersion, with both versions, where it is not one of If-Match."""
    wanted = if_match(header_list(request.headers, "if-match"))
    stored = store.draft(draft_id)
    etag = _etag(store, caller, stored)
    if wanted is not None and etag not in wanted:
        raise stale_version_error(_whole(store, stored), etag, value)
    return stored


def _made_on(store: Store, caller: Caller, value: dict[str, Any]) -> dict[str, bool]:
    """Return of cameras by id whether the ETag that their change was made on (``seen``) is of what is stored now."""
    given = value.get("seen")
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(one, str) and one.strip() for one in given.values()):
        raise BadValue("seen 须是编号与 ETag 的对象", "seen must be an object of ids and ETags")
    if len(given) > MAX_CHANGES:
        raise BadValue(f"seen 至多 {MAX_CHANGES} 台摄像机", f"seen has at most {MAX_CHANGES} cameras")
    return {key: _is_current(store, caller, key, etag) for key, etag in given.items()}


def _is_current(store: Store, caller: Caller, key: str, etag: str) -> bool:
    try:
        current(store, caller, LAYERS["cameras"], key, if_match(etag))
    except (StaleVersion, NotFound):
        return False
    return True


def _etag(store: Store, caller: Caller, draft: Draft) -> str:
    named = "\n".join((store.epoch(), draft.id, draft.changed, scope_key(caller)))
    return f'"{draft.version}.{hashlib.sha256(named.encode()).hexdigest()[:24]}"'


def _heading(store: Store, draft: Draft) -> dict[str, Any]:
    shown = ("id", "name", "note", "author", "created", "changed", "changed_by", "version")
    return {
        **{name: getattr(draft, name) for name in shown},
        "run": draft.run or None,
        "run_deleted": bool(draft.run) and not _has_run(store, draft.run),
        "count": sum(len(items) for items in draft.changes.values()),
    }


def _whole(store: Store, draft: Draft) -> dict[str, Any]:
    return {**_heading(store, draft), "changes": dict(draft.changes), "outdated": outdated(store, draft)}


def _has_run(store: Store, run_id: str) -> bool:
    try:
        store.run(run_id, layers=[])
    except NotFound:
        return False
    return True


def _answer(store: Store, caller: Caller, draft: Draft, *, status: int = 200) -> Response:
    headers = {"ETag": _etag(store, caller, draft)} | ({"Location": f"/drafts/{draft.id}"} if status == 201 else {})
    return responses.json_response(_whole(store, draft), status=status, headers=headers)
