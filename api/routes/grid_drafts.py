"""List, save, check, approve and withdraw drafts of changes of grids (docs/contract.md section 6; rule V12)."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from api.dependencies import Body, CallerDep, Language, StoreDep, in_transaction
from api.json_bodies import json_object
from api.representations import responses
from api.representations.grid_draft_values import draft_heading, finding_values, whole_draft
from api.routes.ogc.common import header_list, if_match, stale_version_error
from api.schemas.grid_drafts import (
    APPROVE_BODY,
    GRID_DRAFT_BODY,
    GridDraftCheckModel,
    GridDraftListModel,
    GridDraftModel,
    SuccessionModel,
)
from api.security import requires, scope_key
from geo.bounds import check_members
from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller, GridDraft
from geo.studies.analyze_options import day
from geo.studies.grid_approvals import approve_draft, successions, withdraw_draft
from geo.studies.grid_drafts import checked_draft, made_grid_draft

router = APIRouter(tags=["grids"], dependencies=[requires("planner")])


@router.get("/grids/drafts", response_model=GridDraftListModel)
def listed(store: StoreDep) -> Response:
    """List the drafts whose grids are all of the caller's townships, newest first, without shapes."""
    with store.snapshot():
        today = store.today()
        return responses.json_response({"drafts": [draft_heading(one, today) for one in store.grid_drafts()]})


@router.post("/grids/drafts", status_code=201, response_model=GridDraftModel, openapi_extra=GRID_DRAFT_BODY)
@in_transaction
def create(request: Request, body: Body, store: StoreDep, caller: CallerDep, language: Language) -> Response:
    """Save a draft of changes of grids with what they would make; no grid is changed."""
    draft = made_grid_draft(store, json_object(request, body), caller)
    store.save_grid_draft(draft, if_version=0)
    store.record(AuditEntry("create", "grid_drafts", draft.id))
    return _answer(store, caller, draft, language, status=201)


@router.get("/grids/drafts/{draft_id}", response_model=GridDraftModel)
def one(draft_id: str, store: StoreDep, caller: CallerDep, language: Language) -> Response:
    """Return a draft: its changes, its grids before and after, findings, succession."""
    with store.snapshot():
        return _answer(store, caller, store.grid_draft(draft_id), language)


@router.put("/grids/drafts/{draft_id}", response_model=GridDraftModel, openapi_extra=GRID_DRAFT_BODY)
@in_transaction
def replace(
    request: Request, draft_id: str, body: Body, store: StoreDep, caller: CallerDep, language: Language
) -> Response:
    """Replace a draft that is still the one of If-Match, made on the grids of now; who made it stays."""
    value = json_object(request, body)
    before = _seen(request, store, caller, draft_id, language)
    draft = made_grid_draft(store, value, caller, before)
    store.save_grid_draft(draft, if_version=before.version)
    store.record(AuditEntry("replace", "grid_drafts", draft.id))
    return _answer(store, caller, draft, language)


@router.get("/grids/drafts/{draft_id}/check", response_model=GridDraftCheckModel)
def check(draft_id: str, store: StoreDep, language: Language) -> Response:
    """Return whether a draft may be approved now: findings, and the grids that were changed since it was made."""
    with store.snapshot():
        found = checked_draft(store, store.grid_draft(draft_id))
    return responses.json_response(
        {
            "may_be_approved": found.may_be_approved,
            "findings": finding_values(found.findings, language),
            "changed": list(found.changed),
        }
    )


@router.post(
    "/grids/drafts/{draft_id}/approve",
    response_model=GridDraftModel,
    openapi_extra=APPROVE_BODY,
    dependencies=[requires("admin")],
)
@in_transaction
def approve(
    request: Request, draft_id: str, body: Body, store: StoreDep, caller: CallerDep, language: Language
) -> Response:
    """Approve the draft of If-Match for a day, `effective`, and write its grids from that day on."""
    value = json_object(request, body)
    check_members(value, ("effective",))
    given = value.get("effective")
    if not isinstance(given, str):
        raise BadValue("须写生效日期 effective", "the day effective is needed")
    wanted = day(given)
    before = _seen(request, store, caller, draft_id, language)
    if wanted is None:
        raise BadValue("须写生效日期 effective", "the day effective is needed")
    draft = approve_draft(store, before, wanted, caller)
    store.record(AuditEntry("approve", "grid_drafts", draft.id, detail={"effective": draft.effective}))
    return _answer(store, caller, draft, language)


@router.post("/grids/drafts/{draft_id}/withdraw", response_model=GridDraftModel)
@in_transaction
def withdraw(request: Request, draft_id: str, store: StoreDep, caller: CallerDep, language: Language) -> Response:
    """Withdraw the draft of If-Match, or before its day an approved change, which an admin does."""
    before = _seen(request, store, caller, draft_id, language)
    draft = withdraw_draft(store, before, caller)
    store.record(AuditEntry("withdraw", "grid_drafts", draft.id))
    return _answer(store, caller, draft, language)


@router.get("/grids/successions", response_model=SuccessionModel)
def became(store: StoreDep) -> Response:
    """Return which grids became which by approved changes that the caller may see, in the order of their days."""
    with store.snapshot():
        return responses.json_response({"successions": successions(store)})


def _seen(request: Request, store: Store, caller: Caller, draft_id: str, lang: str) -> GridDraft:
    """Return the stored draft; raise StaleVersion, with what is stored, where it is not one of If-Match."""
    wanted = if_match(header_list(request.headers, "if-match"))
    stored = store.grid_draft(draft_id)
    etag = _etag(store, caller, stored)
    if wanted is not None and etag not in wanted:
        raise stale_version_error(whole_draft(stored, store.today(), lang), etag)
    return stored


def _etag(store: Store, caller: Caller, draft: GridDraft) -> str:
    named = "\n".join((store.epoch(), draft.id, draft.changed, scope_key(caller)))
    return f'"{draft.version}.{hashlib.sha256(named.encode()).hexdigest()[:24]}"'


def _answer(store: Store, caller: Caller, draft: GridDraft, lang: str, *, status: int = 200) -> Response:
    headers = {"ETag": _etag(store, caller, draft)}
    if status == 201:
        headers["Location"] = f"/grids/drafts/{draft.id}"
    return responses.json_response(whole_draft(draft, store.today(), lang), status=status, headers=headers)
