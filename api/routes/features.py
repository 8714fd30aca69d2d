"""Join the routes of OGC API Features."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.ogc import core, editing, items, queryables

router = APIRouter(tags=["ogc"])
# A key may hold slashes, and its route takes whatever follows: what is more exact stands first.
for _module in (core, queryables, items, editing):
    router.include_router(_module.router, prefix="/ogc")
