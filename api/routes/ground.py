"""Answer the tiles of the ground that the page draws below its data: roads, buildings, water and green of the store."""

from __future__ import annotations

import gzip
import hashlib

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, StoreDep
from api.representations.packed import pack, packed_response
from api.routes.ogc.common import not_modified
from api.security import requires
from api.tiles.drawn import state_of
from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.studies.stored_runs import data_day
from geo.types import Run
from maps.tiles.drawn_tiles import DrawnLayer, drawn_layer
from maps.tiles.ground_tiles import FIRST_ZOOM, READ_BY_BOX, as_ground, ground_tile
from maps.tiles.tile_cache import TileCache
from maps.tiles.tile_encoding import MEDIA_TYPE, Tile
from maps.tiles.tile_grids import WEB_MERCATOR

router = APIRouter(prefix="/page", include_in_schema=False)


@router.get("/{run_id}/tiles/ground/{layer}/{z}/{x}/{y}", dependencies=[requires("viewer")])
def tile(
    request: Request, run_id: str, layer: str, z: int, x: int, y: int, store: StoreDep, caller: CallerDep
) -> Response:
    """Return one tile of a stored layer as ground, of the day of a run's data."""
    if layer not in FIRST_ZOOM or not WEB_MERCATOR.has(z, x, y):
        raise NotFound("没有这个瓦片", "there is no such tile")
    with store.snapshot():
        run = store.run(run_id, layers=[])
        state = state_of(store, caller, run, layer)
        key = (*state, "ground", z, x, y)
        tag = f'"{hashlib.blake2b(repr(key).encode(), digest_size=12).hexdigest()}"'
        headers = {"Cache-Control": "private, no-cache", "ETag": tag}
        if known := not_modified(request, tag):
            return known
        cache: TileCache = request.app.state.tile_cache
        kept = cache.get(key)
        if kept is None:
            data = b"" if z < FIRST_ZOOM[layer] else _drawn(request, store, run, state, layer, (z, x, y))
            kept = "", Tile(pack(data))
            cache.put(key, *kept)
    body = gzip.decompress(kept[1].data)
    if not body:
        return Response(status_code=204, headers=headers)
    return packed_response(request, body, MEDIA_TYPE, headers=headers, packed=kept[1].data)


def _drawn(
    request: Request, store: Store, run: Run, state: tuple[str, ...], layer: str, zxy: tuple[int, int, int]
) -> bytes:
    """Return a tile from the rows of its box, or from those of the whole layer, which are kept."""
    day = data_day(store, run)
    if layer in READ_BY_BOX:
        rows = store.read(layer, bbox=WEB_MERCATOR.box(*zxy), at=day)
        return ground_tile(drawn_layer(as_ground(layer, rows)), *zxy, name=layer)

    def read() -> DrawnLayer:
        return drawn_layer(as_ground(layer, store.read(layer, at=day)))

    held: DrawnLayer = request.app.state.drawn_layers.kept((*state, "ground"), read)
    return ground_tile(held, *zxy, name=layer)
