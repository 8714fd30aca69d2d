"""Serve the planner's page."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.dependencies import Language, TheCaller
from api.security import needs
from geo.storage.records import Caller
from maps.web import pages

router = APIRouter(include_in_schema=False, dependencies=[needs("public")])


@router.get("/", response_class=HTMLResponse)
def page(
    language: Language, caller: TheCaller, run: Annotated[str | None, Query(max_length=64)] = None
) -> HTMLResponse:
    """Return the page; its scripts run by a nonce of this answer only."""
    nonce = secrets.token_urlsafe(18)
    text = pages.page(nonce=nonce, lang=language, run=run, role=caller.role, user=_user_name(caller))
    policy = f"{pages.csp(nonce)}; frame-ancestors 'none'"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _user_name(caller: Caller) -> str | None:
    """Return the name to show, empty for nobody, None at a desk without keys."""
    if caller.role == "public":
        return ""
    return caller.name if caller.key else None
