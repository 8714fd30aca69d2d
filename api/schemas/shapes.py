"""Describe the requests and the answers of computations on drawn shapes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

#: Vertices of one shape that is drawn on, and neighbours that are looked at with it.
MAX_DRAWN, MAX_BESIDE = 20_000, 1_000
_GEOMETRY = {"type": "object", "description": "a GeoJSON geometry in degrees"}


def _body(**properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


#: The request body of POST /shapes/split, for the API documentation.
SPLIT_BODY: dict[str, Any] = _body(
    shape=_GEOMETRY, line=_GEOMETRY, beside={"type": "object", "additionalProperties": _GEOMETRY}
)
#: The request body of POST /shapes/merge, for the API documentation.
MERGE_BODY: dict[str, Any] = _body(shapes={"type": "array", "minItems": 2, "maxItems": 2, "items": _GEOMETRY})


class SplitModel(BaseModel):
    """Answer the two parts of an area, the larger first, and the neighbours that have new corners."""

    parts: list[dict[str, Any]]
    beside: dict[str, dict[str, Any]]


class MergedModel(BaseModel):
    """Answer the area that two made."""

    shape: dict[str, Any]
