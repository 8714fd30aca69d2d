"""Answer what the planner's page asks while it is used: tiles to draw, a page of a table, one row, a search.

These routes are the page's own and may change with it; programs use those of docs/contract.md section 3. Each gives
what the caller may see of a layer, as the others do.
"""

from __future__ import annotations

import gzip
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CallerDep, StoreDep, audit_export, snapshot_of
from api.representations import page_rows, responses
from api.representations.json_text import dumps
from api.representations.packed import pack, packed_response
from api.representations.page_overview import overview_mark, overview_of
from api.representations.page_rows import Choice
from api.representations.sheet_rows import read_filters
from api.roles import allows
from api.routes.ogc.common import known_layer, not_modified
from api.security import requires
from api.tiles.drawn import layer_for, state_of, zone_layers
from geo.assessment.drawn_zone import MOST_LETTERS
from geo.assessment.named_zones import unit_layer
from geo.catalog.layers import LAYERS, SCOPED
from geo.catalog.results import CAMERA_FIGURES, CAUSES, SCOPED_RUN_LAYERS, SHARES, is_zone_layer, run_table
from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.run_age import age_notes
from geo.studies.stored_runs import zones as zones_of
from geo.types import Run
from maps.tiles.drawn_tiles import DrawnLayer, drawn_tile
from maps.tiles.tile_cache import TileCache
from maps.tiles.tile_encoding import MEDIA_TYPE, Tile
from maps.tiles.tile_grids import WEB_MERCATOR

router = APIRouter(prefix="/page", include_in_schema=False)
#: What a tile carries of each layer; of zones code, name and the figure that colours them.
_FIELDS = {
    "gaps": ("rank", "grid"), "views": ("id", "status", "range_m"), "possible": ("id", "status"), "coverage": ("k",),
    "cameras": ("id", "name", "class", "status", "azimuth", "hfov"),
}  # fmt: skip
#: The page asks again and gets 304: another run or state has another tag.
_ASK_AGAIN = {"Cache-Control": "private, no-cache"}


@router.get("/{run_id}/tiles/{layer}/{z}/{x}/{y}", dependencies=[requires("public")])
def tile(
    request: Request,
    run_id: str,
    layer: str,
    z: int,
    x: int,
    y: int,
    store: StoreDep,
    caller: CallerDep,
    figure: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Return one tile of a layer of a run or of a stored layer, for drawing."""
    if not WEB_MERCATOR.has(z, x, y):
        raise NotFound("没有这个瓦片", "there is no such tile")
    fields = fields_of(layer, figure)
    with store.snapshot():
        run = store.run(run_id, layers=[])
        key = (*state_of(store, caller, run, layer), "drawn", z, x, y, *fields)
        # Who sees a part of a layer gets a tag of the tile: that of the layer would tell of edits elsewhere.
        is_part = caller.townships is not None and (layer in SCOPED or layer in SCOPED_RUN_LAYERS)
        headers = {**_ASK_AGAIN, "ETag": _tag(key)}
        if not is_part and (known := not_modified(request, headers["ETag"])):
            return known
        cache: TileCache = request.app.state.tile_cache
        kept = cache.get(key)
        if kept is None:
            rows = layer_for(request.app.state, store, caller, run, layer)
            kept = "", Tile(pack(drawn_tile(rows, z, x, y, name=layer, fields=fields, are_counted=layer == "cameras")))
            cache.put(key, *kept)
    if is_part:
        headers["ETag"] = _tag((kept[1].data, fields))
        if known := not_modified(request, headers["ETag"]):
            return known
    return _sent_tile(request, kept[1].data, headers)


def _sent_tile(request: Request, packed: bytes, headers: dict[str, str]) -> Response:
    body = gzip.decompress(packed)
    if not body:
        return Response(status_code=204, headers=headers)
    return packed_response(request, body, MEDIA_TYPE, headers=headers, packed=packed)


def fields_of(layer: str, figure: str | None) -> tuple[str, ...]:
    """Return what a tile of a layer carries; raise NotFound for an unknown layer."""
    if layer in _FIELDS:
        return _FIELDS[layer]
    if is_zone_layer(layer):
        return "code", "name", figure if figure in SHARES else SHARES[0]
    if layer not in LAYERS:
        raise NotFound(f"没有图层 {layer[:40]}", f"there is no layer {layer[:40]}")
    known = {one.name for one in LAYERS[layer].fields}
    return tuple(dict.fromkeys(one for one in (LAYERS[layer].key, "name", "level") if one in known))


@router.get("/{run_id}/overview", dependencies=[requires("public")])
def overview(request: Request, run_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Return of each layer how many rows it has, where they lie and how many are of each class."""
    app = request.app.state
    with store.snapshot():
        run = store.run(run_id, layers=[])
        is_part = caller.townships is not None
        headers = {**_ASK_AGAIN, "ETag": _tag(overview_mark(store, caller, run))}
        if not is_part and (known := not_modified(request, headers["ETag"])):
            return known
        body = overview_of(app, store, caller, run)
    if is_part:  # as of a tile: that of the layers would tell of edits elsewhere
        headers["ETag"] = _tag((body,))
        if known := not_modified(request, headers["ETag"]):
            return known
    return packed_response(request, body, responses.JSON, headers=headers)


@router.get("/{run_id}/age", dependencies=[requires("public")])
def age(run_id: str, store: StoreDep, caller: CallerDep) -> Response:
    """Return what was changed after a run, so that its figures are of before; without a key nothing on cameras."""
    with store.snapshot():
        run = store.run(run_id, layers=[])
        notes = age_notes(store, run, hidden=() if allows(caller, "viewer") else SCOPED)
    return Response(dumps({"notes": notes}), media_type=responses.JSON, headers={"Cache-Control": "no-store"})


@router.get("/{run_id}/rows/{layer}", dependencies=[requires("public")])
def rows(
    request: Request,
    run_id: str,
    layer: str,
    store: StoreDep,
    caller: CallerDep,
    q: Annotated[str, Query(max_length=100)] = "",
    cause: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(max_length=40)] = "",
    descending: bool = False,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
    zone: Annotated[
        str, Query(max_length=MOST_LETTERS, description="layer:code of the zone that all rows are of, or a drawn one")
    ] = "",
    where: Annotated[str, Query(max_length=4_000, description="filters by column, JSON")] = "",
) -> Response:
    """Return one page of a zone layer, of the gaps or of the cameras, as a list or table shows it."""
    if layer not in ("gaps", "cameras") and not is_zone_layer(layer):
        raise NotFound(f"没有图层 {layer[:40]}", f"there is no layer {layer[:40]}")
    hidden = frozenset() if allows(caller, "viewer") else frozenset(CAMERA_FIGURES)
    choice = Choice(
        q, cause if cause in CAUSES else "", sort, descending, offset, limit, zone, read_filters(where), hidden
    )
    app = request.app.state
    with snapshot_of(store):
        run = store.run(run_id, layers=[])
        held = layer_for(app, store, caller, run, layer)
        zones = _zones(app, store, run) if q.strip() or zone else []
        needed = zone_layers(store, run) if layer == "gaps" or zone else []
        shapes = {one: layer_for(app, store, caller, run, one) for one in needed}
        if layer == "gaps":
            names, cameras = _names_in_gaps(app, store, caller, run, shapes)
            found = page_rows.gap_rows(held, zones, shapes, names, choice, cameras=cameras)
            audit_export(store, "json", layer="gaps", run=run.id, rows=len(found["rows"]))
        elif layer == "cameras":
            found = page_rows.camera_rows(held, zones, shapes, choice)
            audit_export(store, "json", layer="cameras", run=run.id, rows=len(found["rows"]))
        else:
            found = page_rows.zone_rows(held, layer, zones, shapes, choice)
            _hide(found["rows"], caller)
    return packed_response(request, dumps(found), responses.JSON, headers={"Cache-Control": "no-store"})


@router.get("/{run_id}/rows/{layer}/{key:path}", dependencies=[requires("public")])
def row(
    request: Request, run_id: str, layer: str, key: str, store: StoreDep, caller: CallerDep, maybe: bool = False
) -> Response:
    """Return one row with its shape; where there is none 404, to who asks whether there may be one (``maybe``) 204."""
    with snapshot_of(store):
        run = store.run(run_id, layers=[])
        held = layer_for(request.app.state, store, caller, run, layer)
        found = page_rows.one_row(held, key_of(layer), key)
        if found is None and maybe:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        if found is None:
            raise NotFound(f"没有 {key[:60]}", f"there is no {key[:60]}")
        if layer in SCOPED or layer in SCOPED_RUN_LAYERS:
            audit_export(store, "json", layer=layer, run=run.id, rows=1)
        if layer == "gaps":
            shapes = {one: layer_for(request.app.state, store, caller, run, one) for one in zone_layers(store, run)}
            page_rows.add_names(found["properties"], *_names_in_gaps(request.app.state, store, caller, run, shapes))
        if is_zone_layer(layer):
            _hide([found["properties"]], caller)
    return packed_response(request, dumps(found), responses.GEOJSON, headers={"Cache-Control": "no-store"})


@router.get("/{run_id}/authors/{layer}/{key:path}", dependencies=[requires("planner")])
def authors(run_id: str, layer: str, key: str, store: StoreDep, caller: CallerDep) -> Response:  # noqa: ARG001
    """Return by whom and when each version of a stored feature was made; of its first one that is not kept."""
    known = known_layer(layer, caller)
    with store.snapshot():
        store.current(known.name, key)  # another answers as one that is not there, though it once was
        ends = store.enders(known.name, key)
    made = [{"version": one.version + 1, "by": one.changed_by, "at": one.changed_at} for one in ends]
    return Response(dumps({"versions": made}), media_type=responses.JSON, headers={"Cache-Control": "no-store"})


@router.get("/{run_id}/find", dependencies=[requires("public")])
def find(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    q: Annotated[str, Query(min_length=1, max_length=100)],
) -> Response:
    """Return the zones and cameras whose code or name is, begins with or contains a text."""
    with snapshot_of(store):
        run = store.run(run_id, layers=[])
        names = zone_layers(store, run)[::-1] + (["cameras"] if allows(caller, "planner") else [])
        layers = [(one, key_of(one), layer_for(request.app.state, store, caller, run, one)) for one in names]
        found = page_rows.matches(layers, q)
        cameras = sum(one["layer"] == "cameras" for one in found)
        if cameras:
            audit_export(store, "json", layer="cameras", run=run.id, rows=cameras)
    return packed_response(request, dumps(found), responses.JSON, headers={"Cache-Control": "no-store"})


def _zones(app: Any, store: Store, run: Run) -> list[dict[str, Any]]:
    """Return the zones of a run with their grids (``geo.assessment.named_zones.zones_with_units``)."""
    mark = (store.name, store.epoch(), run.id, "zones")
    found: list[dict[str, Any]] = app.drawn_layers.kept(mark, lambda: zones_of(store, run.id)[1])
    return found


def _names_in_gaps(
    app: Any, store: Store, caller: Caller, run: Run, shapes: dict[str, DrawnLayer]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of grids and of the cameras that the caller may know, by their codes."""
    units = unit_layer(shapes)
    grids = {}
    if units in shapes:
        grids = app.drawn_layers.kept((*state_of(store, caller, run, units), "names"), lambda: names_of(shapes))
    cameras = app.drawn_layers.kept(
        (*state_of(store, caller, run, "cameras"), "names"),
        lambda: camera_names(layer_for(app, store, caller, run, "cameras")),
    )
    return grids, cameras


def camera_names(cameras: DrawnLayer) -> dict[str, str]:
    """Return the names of cameras by their id, of those that have one."""
    if "name" not in cameras.frame:
        return {}
    named = cameras.frame[["id", "name"]].dropna()
    return dict(zip(named["id"].astype(str), named["name"].astype(str), strict=True))


def names_of(layers: dict[str, DrawnLayer]) -> dict[str, str]:
    """Return the names of the zones that gaps are cut by, by code."""
    units = layers.get(unit_layer(layers))
    if units is None or "name" not in units.frame:
        return {}
    named = units.frame[["code", "name"]].dropna()
    return dict(zip(named["code"].astype(str), named["name"].astype(str), strict=True))


def key_of(layer: str) -> str:
    """Return the field that names a row of a layer."""
    table = run_table(layer)
    return table.key if table is not None else LAYERS[layer].key


def _hide(rows: list[dict[str, Any]], caller: Caller) -> None:
    if not allows(caller, "viewer"):
        for one in rows:
            for name in CAMERA_FIGURES:
                one.pop(name, None)


def _tag(mark: tuple[Any, ...]) -> str:
    return f'"{hashlib.blake2b(repr(mark).encode(), digest_size=12).hexdigest()}"'
