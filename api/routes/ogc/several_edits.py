"""Make several edits of a layer in one transaction: all of them, or none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api import problems
from api.dependencies import Body, CallerDep, StoreDep, in_transaction
from api.json_bodies import json_object
from api.representations import responses
from api.routes.ogc.common import if_match, known_layer
from api.routes.ogc.edited_features import audited, change_feature, checked_feature, create_feature, delete_feature
from api.schemas.several_edits import MAX_EDITS, SEVERAL_BODY, SeveralEditsModel
from api.security import requires
from geo.bounds import MAX_KEY, check_members, check_text
from geo.catalog.layers import Layer
from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.storage.records import Caller

router = APIRouter()

_MEMBERS = ("removed", "changed", "added")


@router.post(
    "/collections/{layer}/edits",
    dependencies=[requires("planner")],
    response_model=SeveralEditsModel,
    openapi_extra=SEVERAL_BODY,
)
@in_transaction
def edit_several(request: Request, layer: str, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Remove, change and add features of a layer in one transaction, each of the version that its ``etag`` names.

    Changes are merge patches, as PATCH takes them. Where one is refused nothing is stored; of a version that is not the
    stored one the answer is that of PATCH: 412 with what is stored, its ETag and what was sent.
    """
    found = known_layer(layer, caller, write=True)
    removed, changed, added = _edits(json_object(request, body))
    for one in removed:
        delete_feature(store, caller, found, _key(one), _version(one))
    done = {
        "changed": [_changed(store, caller, found, one) for one in changed],
        "added": [_added(store, caller, found, one) for one in added],
    }
    return responses.json_response({**done, "removed": [one["id"] for one in removed]})


def _changed(store: Store, caller: Caller, layer: Layer, one: dict[str, Any]) -> dict[str, Any]:
    key, version = _key(one), _version(one)
    given = checked_feature({name: value for name, value in one.items() if name != "etag"}, layer, patch=True)
    before, made = change_feature(store, caller, layer, key, version, given, patch=True)
    return _answer(audited(store, caller, layer, key, "update", made, before))


def _added(store: Store, caller: Caller, layer: Layer, one: dict[str, Any]) -> dict[str, Any]:
    key, made = create_feature(store, caller, layer, checked_feature(one, layer))
    return _answer(audited(store, caller, layer, key, "create", made))


def _answer(after: tuple[dict[str, Any], str]) -> dict[str, Any]:
    return {**after[0], "etag": after[1]}


def _edits(value: dict[str, Any]) -> list[list[dict[str, Any]]]:
    check_members(value, _MEMBERS)
    lists = [value.get(name, []) for name in _MEMBERS]
    if not all(isinstance(one, list) and all(isinstance(each, dict) for each in one) for one in lists):
        raise BadValue("removed、changed、added 须是对象的列表", "removed, changed and added must be lists of objects")
    if sum(len(one) for one in lists) > MAX_EDITS:
        raise BadValue(f"一次至多 {MAX_EDITS} 处改动", f"at most {MAX_EDITS} edits at once")
    return lists


def _key(one: dict[str, Any]) -> str:
    key = one.get("id")
    if not isinstance(key, str):
        raise BadValue("每处改动须有文本的 id", "each edit needs an id, a text")
    check_text(key, max_characters=MAX_KEY, what=("id", "id"))
    return key


def _version(one: dict[str, Any]) -> frozenset[str] | None:
    etag = one.get("etag")
    if etag is None:
        raise problems.NoVersion("每处改动须写明所见的 etag", "each edit must name the etag that was seen")
    if not isinstance(etag, str):
        raise BadValue("etag 须是文本", "etag must be a text")
    return if_match(etag)
