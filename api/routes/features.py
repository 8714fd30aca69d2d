"""Join the routes of OGC API Features."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.ogc import core, editing, items, queryables, several_edits

router = APIRouter(tags=["ogc"])
# A key may contain slashes, so the route of an item matches any path below it: more specific routes come first.
for _module in (core, queryables, items, several_edits, editing):
    router.include_router(_module.router, prefix="/ogc")
