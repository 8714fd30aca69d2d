"""Describe the request and the responses of /verify."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ItemModel(BaseModel):
    """Answer one statement; positions are in characters (code points) of `text` of the answer, the end not included."""

    text: str
    start: int
    end: int
    said: float | str | None
    have: float | str | None
    possible: float | str | None
    answer: Literal["equal", "differs", "not_checked"]
    pattern: str
    reason: str


class VerificationModel(BaseModel):
    """Answer what a text says of places."""

    text: str
    items: list[ItemModel]


#: The request body of POST /verify, for the API documentation.
VERIFY_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            "application/json": {
                "schema": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
            },
            WORD: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
