"""Respond with what a report says of places and what the store has (docs/contract.md section 6)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import problems
from api.dependencies import Body, CallerDep, StoreDep, county_store, media_type, query_day
from api.json_bodies import parse_json
from api.representations import responses
from api.roles import allows
from api.schemas.verify import VERIFY_BODY, WORD, VerificationModel
from api.security import requires
from geo.readers.documents import document_text, plain_text
from geo.storage.records import Caller
from geo.studies.verify_text import Sees, verify

router = APIRouter(tags=["verify"], dependencies=[requires("viewer")])


@router.post("/verify", response_model=VerificationModel, openapi_extra=VERIFY_BODY)
def verify_report(
    request: Request,
    body: Body,
    store: StoreDep,
    caller: CallerDep,
    at: Annotated[str | None, Query(description="YYYY-MM-DD")] = None,
) -> Response:
    """Return the numbers and claims about places of a text, each equal, differing or not checked; nothing is stored.

    Cameras are compared for callers who may read those of the whole county; claims and rates, which are the same for
    every caller, with the newest run.
    """
    text = _text(media_type(request), body)
    found = verify(store, text, sees=_sees(caller), at=query_day("at", at), county=county_store(request, caller))
    return responses.json_response(found)


def _text(media: str, body: bytes) -> str:
    if media == "text/plain":
        return plain_text(body, "text")
    if media == "application/json":
        value = parse_json(body)
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str):
            raise problems.BadBody("请求内容须有文字 text", "the body must have a text")
        return text
    if media == WORD:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.docx"
            path.write_bytes(body)
            return document_text(path)
    raise problems.UnsupportedMedia(
        "请用 text/plain、application/json 或 .docx", f"send text/plain, application/json or {WORD}"
    )


def _sees(caller: Caller) -> Sees:
    """Return how much of the cameras a caller may see (docs/contract.md section 5)."""
    if not allows(caller, "planner"):
        return "none"
    return "all" if caller.role != "planner" or caller.townships is None else "some"
