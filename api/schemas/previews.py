"""Describe the request and the answer of POST /preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from geo.bounds import check_members
from geo.catalog.results import ALL, is_zone_layer
from geo.errors import BadValue, UnknownName

#: Members of the body beside the changes.
_MEMBERS = ("run", "layers", "changed", "added", "removed", "outage")
_FEATURES = {"type": "array", "maxItems": 500, "items": {"type": "object"}}
_NAMES = {"type": "array", "maxItems": 500, "items": {"type": "string"}}

#: The changes of a preview or a draft, for the API documentation.
CHANGES_SCHEMA: dict[str, Any] = {
    "changed": {**_FEATURES, "description": "GeoJSON features with id; what they leave out stays (RFC 7396)"},
    "added": {**_FEATURES, "description": "GeoJSON features of new cameras; without id one is given"},
    "removed": {**_NAMES, "description": "ids of cameras to take away"},
    "outage": {**_NAMES, "description": "sites or ids of cameras that fail"},
}


def _body(required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    """Return the part of the API documentation for a JSON object with these members and no other."""
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        schema["required"] = list(required)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


#: The request body of POST /preview, for the API documentation.
PREVIEW_BODY: dict[str, Any] = _body(
    run={"type": "string", "default": "latest", "description": "whose options are taken"},
    layers={**_NAMES, "description": "zone layers to answer; all without"},
    **CHANGES_SCHEMA,
)
#: The request body of POST and PUT /drafts, for the API documentation.
DRAFT_BODY: dict[str, Any] = _body(
    ("name", "changes"),
    name={"type": "string", "maxLength": 200},
    note={"type": "string", "maxLength": 4000},
    run={"type": "string"},
    changes={"type": "object", "properties": CHANGES_SCHEMA},
    outdated={"type": "array", "items": {"type": "string"}},
    seen={"type": "object", "additionalProperties": {"type": "string"}},
)


class DraftHeading(BaseModel):
    """Tell of one draft without its changes; `count` is how many it has."""

    id: str
    name: str
    note: str
    author: str
    created: str
    changed: str
    changed_by: str
    version: int
    run: str | None
    run_deleted: bool
    count: int


class DraftModel(DraftHeading):
    """Answer one draft; `outdated` are cameras that were changed or taken away since it was saved."""

    changes: dict[str, Any]
    outdated: list[str]


class DraftListModel(BaseModel):
    """Answer the drafts of a caller."""

    drafts: list[DraftHeading]


class ViewModel(BaseModel):
    """Tell what one changed or new camera would see; shapes are GeoJSON, empty where nothing is seen."""

    id: str
    site: str
    status: str
    range_m: float
    area_m2: float
    possible_m2: float
    assumed: list[str]
    sure: dict[str, Any]
    possible: dict[str, Any]


class ZoneModel(BaseModel):
    """Tell the figures of one zone before and after the changes, and after less before."""

    code: str
    before: dict[str, float | int | None]
    after: dict[str, float | int | None]
    difference: dict[str, float | int | None]


class PreviewModel(BaseModel):
    """Answer what changes would do."""

    run: str
    day: str
    level: str
    edition: str
    changed_since: list[str]
    added: list[str]
    removed: list[str]
    views: list[ViewModel]
    zones: dict[str, list[ZoneModel]]


def run_and_layers(value: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return which run and which zone layers a body names; raise BadValue or UnknownName where they are wrong."""
    check_members(value, _MEMBERS)
    run, layers = value.get("run", "latest"), [] if value.get("layers") is None else value["layers"]
    if not isinstance(run, str) or not isinstance(layers, list) or not all(isinstance(one, str) for one in layers):
        raise BadValue("run 须是文本，layers 须是文本的列表", "run must be a text and layers a list of texts")
    for one in layers:
        if one != ALL and not is_zone_layer(one):
            raise UnknownName(f"没有区域图层 {one[:40]}", f"no zone layer {one[:40]}")
    return run, tuple(layers)
