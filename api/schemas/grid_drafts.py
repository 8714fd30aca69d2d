"""Describe the requests and answers of /grids/drafts and /grids/successions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

_BAND = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}}
_CHANGE = {
    "type": "object",
    "required": ["change"],
    "properties": {
        "change": {"enum": ["split", "merge", "redraw", "rename", "hand_over"]},
        "grid": {"type": "string", "description": "code of the grid that is split or renamed"},
        "grids": {"type": "array", "items": {"type": "string"}, "description": "those merged, or redrawn between"},
        "from": {"type": "string"},
        "to": {"type": "string"},
        "by": {"type": "object", "description": "GeoJSON lines or areas, WGS-84"},
        "border": {"type": "object", "description": "GeoJSON line"},
        "piece": {"type": "object", "description": "GeoJSON area"},
        "name": {"type": "string"},
        "names": {"type": "array", "items": {"type": "string"}},
        "codes": {"type": "array", "items": {"type": "string"}},
    },
}


def _body(required: list[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


#: The body of POST and PUT /grids/drafts, for the API documentation.
GRID_DRAFT_BODY = _body(
    ["name", "operations"],
    name={"type": "string", "maxLength": 200},
    note={"type": "string", "maxLength": 4000},
    operations={"type": "array", "maxItems": 100, "items": _CHANGE},
    by={"enum": ["households", "population"]},
    size={**_BAND, "description": "band of a grid"},
    rural={**_BAND, "description": "band of rural grids"},
    profile={"type": "string", "description": "how new codes are made"},
    buildings={"enum": ["obstacles", "addresses"]},
)
#: The body of POST /grids/drafts/{draft_id}/approve.
APPROVE_BODY = _body(["effective"], effective={"type": "string", "format": "date"})


class GridDraftHeading(BaseModel):
    """Tell of one draft without its shapes; `state` is draft, approved, carried_out or withdrawn."""

    id: str
    name: str
    note: str
    author: str
    created: str
    changed: str
    changed_by: str
    version: int
    state: str
    effective: str | None
    decided: str | None
    decided_by: str | None
    decided_role: str | None
    changes: list[str]
    closed: list[str]
    grids: list[str]
    errors: int
    warnings: int


class GridDraftModel(GridDraftHeading):
    """Answer one draft: its changes, the grids before and after as features with `area_m2`, findings, succession."""

    operations: list[dict[str, Any]]
    options: dict[str, Any]
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    succession: list[dict[str, Any]]
    buildings_moved: int
    findings: list[dict[str, Any]]


class GridDraftListModel(BaseModel):
    """Answer the drafts of a caller."""

    drafts: list[GridDraftHeading]


class GridDraftCheckModel(BaseModel):
    """Answer whether a draft may be approved now; `changed` are grids changed since, as seen and as stored."""

    may_be_approved: bool
    findings: list[dict[str, Any]]
    changed: list[dict[str, Any]]


class SuccessionModel(BaseModel):
    """Answer which grids became which by approved changes."""

    successions: list[dict[str, Any]]
