"""Serve base maps of the user's own: what there are, and their tiles (docs/contract.md section 7)."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import StoreDep
from api.representations import responses
from api.representations.json_pages import PageRoute
from api.routes.ogc.common import header_list
from api.security import requires
from geo.basemaps.opening import NoTile
from geo.catalog.base_maps import KIND_NAMES, BaseMap

router = APIRouter(tags=["basemaps"], route_class=PageRoute, dependencies=[requires("viewer")])
tile_router = APIRouter(tags=["basemaps"], dependencies=[requires("viewer")])

#: How long a browser may use a tile without asking again, in seconds: base maps change rarely.
_FRESH_SECONDS = 600
_PICTURE: dict[str, Any] = {"content": {kind: {} for kind in ("image/png", "image/jpeg", "image/webp", "image/gif")}}
#: A transparent picture of one pixel (PNG).
_BLANK = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII="
)
_Blank = Annotated[bool, Query(description="a transparent picture instead of 404 where the base map has no tile")]
_Name = Annotated[str, Path(max_length=60, description="name of the base map, as the list has it")]


@router.get("/basemaps")
def base_maps(store: StoreDep) -> Response:
    """List the base maps, with what has to be shown beside each: attribution, review number, date of the data."""
    return responses.json_response({"basemaps": [_described(one) for one in store.base_maps()]})


@tile_router.get(
    "/basemaps/{name}/{z}/{x}/{y}",
    response_class=Response,
    responses={200: _PICTURE, 304: {"description": "unchanged"}},
)
async def base_map_tile(
    request: Request, store: StoreDep, name: _Name, z: int, x: int, y: int, blank: _Blank = False
) -> Response:
    """Return a tile in Web Mercator (EPSG:3857), rows from the north, of 256 pixels; 404 where there is none."""
    try:
        data, kind, etag = await request.app.state.base_maps.tile(store, name, z, x, y)
    except NoTile:  # a base map that is gone or cannot be used is told
        if not blank:
            raise
        data, kind, etag = _BLANK, "image/png", '"blank"'
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={_FRESH_SECONDS}"}
    match = header_list(request.headers, "if-none-match") or ""
    if etag in {one.strip().removeprefix("W/") for one in match[:4000].split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=kind, headers=headers)


def _described(base: BaseMap) -> dict[str, Any]:
    """Return what callers may know of a base map: not where it is, which may hold a key or name a machine."""
    record = {key: value for key, value in base.as_record().items() if key not in ("path", "url", "layer")}
    zh, en = KIND_NAMES[base.kind]
    return record | {"kind_zh": zh, "kind_en": en, "tiles": f"/basemaps/{base.name}/{{z}}/{{x}}/{{y}}"}
