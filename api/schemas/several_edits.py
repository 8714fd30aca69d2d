"""Describe the request and the answer of several edits in one transaction."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

#: Edits of one request.
MAX_EDITS = 500


def _list(about: str) -> dict[str, Any]:
    return {"type": "array", "maxItems": MAX_EDITS, "items": {"type": "object"}, "description": about}


#: The request body, for the API documentation.
SEVERAL_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "removed": _list("{id, etag} of features to remove"),
                        "changed": _list("GeoJSON features with id and etag; what they leave out stays (RFC 7396)"),
                        "added": _list("GeoJSON features"),
                    },
                }
            }
        },
    }
}


class SeveralEditsModel(BaseModel):
    """Answer what was stored: features with their ETag as ``etag``, and the ids of those removed."""

    changed: list[dict[str, Any]]
    added: list[dict[str, Any]]
    removed: list[str]
