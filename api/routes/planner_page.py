"""Serve the planner's page."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.dependencies import OPEN_QUERY, CallerDep, Language, SettingsDep, StoreDep
from api.roles import allows
from api.security import requires
from geo.errors import GeoError
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller
from maps.web import pages

router = APIRouter(include_in_schema=False, dependencies=[requires("public")])


# What else an address carries is let pass: messengers add parameters of their own to the links that people send.
@router.get("/", response_class=HTMLResponse, openapi_extra=OPEN_QUERY)
def page(
    language: Language,
    store: StoreDep,
    caller: CallerDep,
    settings: SettingsDep,
    run: Annotated[str | None, Query(max_length=64)] = None,
    draft: Annotated[str | None, Query(max_length=64)] = None,  # noqa: ARG001 (the page's script opens it)
) -> HTMLResponse:
    """Return the page; its scripts run with a nonce of this response."""
    run = run or _published_run(store, caller)
    nonce = secrets.token_urlsafe(18)
    text = pages.page(
        nonce=nonce,
        lang=language,
        run=run,
        role=caller.role,
        user=_user_name(caller),
        import_bytes=settings.max_import_bytes,
    )
    policy = f"{pages.csp(nonce)}; frame-ancestors 'none'"
    # Not compressed: it holds a secret, the nonce, beside what the address says.
    return HTMLResponse(text, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _published_run(store: Store, caller: Caller) -> str | None:
    """Return the published run for who may have made a newer one, which would be the latest; None for all others."""
    if not allows(caller, "planner") or caller.id == LOCAL.id:
        return None
    with suppress(GeoError):  # the page itself needs no store, and says what fails
        return store.published().id
    return None


def _user_name(caller: Caller) -> str | None:
    """Return the name to show, empty for none, None in embedded mode without keys."""
    if caller.role == "public":
        return ""
    return caller.name if caller.key else None
