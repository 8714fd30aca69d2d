"""Describe the vector tiles of layers and runs: tile matrix sets and tilesets (OGC API Tiles Part 1)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, StoreDep
from api.representations import responses
from api.representations.json_pages import PageRoute
from api.representations.links import root_of
from api.roles import allows
from api.routes.ogc.common import known_layer, known_tile_grid, layer_extent, link, run_layer_role
from api.schemas import ogc_tiles
from api.security import requires
from api.security.authorization import reads
from geo.catalog.layers import LAYERS, Layer
from geo.catalog.results import ZONE_TABLE, zone_layers_among
from geo.errors import NotFound
from geo.storage.records import Caller
from maps.tiles.tile_encoding import MEDIA_TYPE
from maps.tiles.tile_grids import GRIDS

router = APIRouter(tags=["tiles"], route_class=PageRoute)


@router.get("/ogc/tileMatrixSets", dependencies=[requires("public")])
def matrix_sets(request: Request) -> Response:
    """List the tile matrix sets."""
    return responses.json_response(ogc_tiles.matrix_sets(root_of(request)))


@router.get("/ogc/tileMatrixSets/{grid}", dependencies=[requires("public")])
def matrix_set(grid: str) -> Response:
    """Return one tile matrix set."""
    return responses.json_response(known_tile_grid(grid).definition())


@router.get("/ogc/tiles", dependencies=[requires("viewer")])
def all_tilesets(request: Request, caller: CallerDep) -> Response:
    """List the tilesets of every layer that the caller reads."""
    root = root_of(request)
    found = [
        ogc_tiles.tileset_item(root, f"{root}/collections/{layer.name}/tiles", grid, title=_title(layer))
        for layer in LAYERS.values()
        if layer.is_placed and allows(caller, reads(layer.name))
        for grid in GRIDS.values()
    ]
    return responses.json_response(
        {"tilesets": found, "links": [link(f"{root}/tiles", "self", responses.JSON, "vector tiles")]}
    )


@router.get("/ogc/collections/{layer}/tiles", dependencies=[requires("viewer")])
def tilesets(request: Request, layer: str, caller: CallerDep) -> Response:
    """List the tilesets of a layer."""
    found, root = _tiled_layer(layer, caller), root_of(request)
    base = f"{root}/collections/{found.name}/tiles"
    listed = [ogc_tiles.tileset_item(root, base, grid, title=_title(found)) for grid in GRIDS.values()]
    return responses.json_response({"tilesets": listed, "links": [link(base, "self", responses.JSON, _title(found))]})


@router.get("/ogc/collections/{layer}/tiles/{grid}", dependencies=[requires("viewer")])
def tileset(request: Request, layer: str, grid: str, store: StoreDep, caller: CallerDep) -> Response:
    """Describe one tileset: fields, box, and how to ask for a tile."""
    found, root = _tiled_layer(layer, caller), root_of(request)
    tile_grid = known_tile_grid(grid)
    with store.snapshot():
        box = layer_extent(store, found)
    described = ogc_tiles.tileset(
        root, f"{root}/collections/{found.name}/tiles", tile_grid,
        name=found.name, title=_title(found), shapes=found.shapes, fields=found.fields, box=box,
    )  # fmt: skip
    return responses.json_response(described)


@router.get("/runs/{run_id}/tiles", dependencies=[requires("viewer")])
def run_tilesets(request: Request, run_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """List the layers of a run that the caller may draw, with the template of their tiles."""
    run = store.run(run_id, layers=[])
    base = f"{root_of(request).removesuffix('/ogc')}/runs/{run.id}/tiles"
    template = "WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}"
    listed = [
        {
            "id": name,
            "fields": list(ogc_tiles.RUN_FIELDS.get(name, ZONE_TABLE.names)),
            "links": [{**link(f"{base}/{name}/{template}", "item", MEDIA_TYPE, name), "templated": True}],
        }
        for name in dict.fromkeys((*ogc_tiles.RUN_FIELDS, *zone_layers_among(run.summary.get("layers", {}))))
        if allows(caller, run_layer_role(name))
    ]
    return responses.json_response({"run": run.id, "tilesets": listed})


def _tiled_layer(name: str, caller: Caller) -> Layer:
    """Return a layer that the caller may draw; raise NotFound for a table whose rows have no place."""
    found = known_layer(name, caller)
    if not found.is_placed:
        raise NotFound(f"{name} 的行没有位置，没有瓦片", f"rows of {name} have no place: there are no tiles")
    return found


def _title(layer: Layer) -> str:
    return f"{layer.zh} {layer.name}"
