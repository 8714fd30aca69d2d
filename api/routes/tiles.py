"""Serve layers and runs as vector tiles: OGC API Tiles Part 1 over the collections, the same for runs.

The tile routes are plain ASGI: a tile of a county costs the database half a millisecond, and solving a route's
dependencies as much again. They check rights, path and query themselves, as every other route has it done.

Nothing is ever served by age: a tile carries the stamp of the layer's state as its ETag, and tiles kept in memory are
asked for by that stamp, so that an edit shows in the next tile.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import geopandas as gpd
from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from api import problems
from api.dependencies import TheCaller, TheStore
from api.representations import responses
from api.routes.ogc.common import known_layer, link, root_of
from api.routes.ogc.parameters import days_of
from api.schemas import ogc_tiles
from api.security import needs
from api.security.authorization import allows, reads, require, require_layer, scope_key
from api.settings import Settings
from api.tiles.pool import Tiles, make_tiles
from geo.catalog.layers import LAYERS, SCOPED, Layer
from geo.catalog.results import SCOPED_RUN_LAYERS
from geo.crs import STORAGE_CRS
from geo.errors import NotFound, UnknownName
from geo.storage.protocol import At, Bbox, Store
from geo.storage.records import Caller
from maps.tiles.tile_cache import TileCache
from maps.tiles.tile_encoding import MEDIA_TYPE, Tile, build_tile
from maps.tiles.tile_grids import GRIDS, TileGrid

__all__ = ["RunFrames", "Tiles", "add_to", "make_tiles", "router", "set_up", "take_down"]

router = APIRouter(tags=["tiles"])

_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 30)
#: Layers of runs held as frames at a desk, whose runs are read whole.
_MOST_FRAMES = 4


def set_up(state: Any, settings: Settings) -> None:
    """Give an application's state, its store open, the pool of a server, and room to keep tiles and layers of runs."""
    state.tiles = make_tiles(state.store, settings)
    state.tile_cache = TileCache(settings.tile_cache_bytes)
    state.run_frames = RunFrames()


def add_to(app: FastAPI) -> None:
    """Add the routes of the tiles themselves, before any router: FastAPI tries some fifty others first otherwise."""
    for path, kind in (
        ("/ogc/collections/{layer}/tiles/{grid}/{z}/{row}/{col}", _LayerTile),
        ("/runs/{run_id}/tiles/{layer}/{grid}/{z}/{row}/{col}", _RunTile),
    ):
        app.router.add_route(path, kind(path), methods=["GET"], include_in_schema=False)


async def take_down(state: Any) -> None:
    """Close what ``set_up`` made."""
    if state.tiles is not None:
        await state.tiles.close()


@router.get("/ogc/tileMatrixSets", dependencies=[needs("public")])
def matrix_sets(request: Request) -> Response:
    """List the tile matrix sets."""
    return responses.json_answer(ogc_tiles.matrix_sets(root_of(request)))


@router.get("/ogc/tileMatrixSets/{grid}", dependencies=[needs("public")])
def matrix_set(grid: str) -> Response:
    """Return one tile matrix set."""
    return responses.json_answer(_grid(grid).definition())


@router.get("/ogc/tiles", dependencies=[needs("viewer")])
def all_tilesets(request: Request, caller: TheCaller) -> Response:
    """List the tilesets of every layer that the caller reads."""
    root = root_of(request)
    found = [
        ogc_tiles.tileset_item(root, f"{root}/collections/{layer.name}/tiles", grid, title=_title(layer))
        for layer in LAYERS.values()
        if allows(caller, reads(layer.name))
        for grid in GRIDS.values()
    ]
    return responses.json_answer(
        {"tilesets": found, "links": [link(f"{root}/tiles", "self", responses.JSON, "vector tiles")]}
    )


@router.get("/ogc/collections/{layer}/tiles", dependencies=[needs("viewer")])
def tilesets(request: Request, layer: str, caller: TheCaller) -> Response:
    """List the tilesets of a layer."""
    found, root = known_layer(layer, caller), root_of(request)
    base = f"{root}/collections/{found.name}/tiles"
    listed = [ogc_tiles.tileset_item(root, base, grid, title=_title(found)) for grid in GRIDS.values()]
    return responses.json_answer({"tilesets": listed, "links": [link(base, "self", responses.JSON, _title(found))]})


@router.get("/ogc/collections/{layer}/tiles/{grid}", dependencies=[needs("viewer")])
def tileset(request: Request, layer: str, grid: str, store: TheStore, caller: TheCaller) -> Response:
    """Describe one tileset: fields, box, and how to ask for a tile."""
    found, root = known_layer(layer, caller), root_of(request)
    described = ogc_tiles.tileset(
        root, f"{root}/collections/{found.name}/tiles", _grid(grid),
        name=found.name, title=_title(found), shapes=found.shapes, fields=found.fields, box=_box(store, found),
    )  # fmt: skip
    return responses.json_answer(described)


@router.get("/runs/{run_id}/tiles", dependencies=[needs("viewer")])
def run_tilesets(request: Request, run_id: str, store: TheStore, caller: TheCaller) -> Response:
    """List the layers of a run that the caller may draw, with the template of their tiles."""
    run = store.run(run_id, layers=[])
    base = f"{root_of(request).removesuffix('/ogc')}/runs/{run.id}/tiles"
    template = "WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}"
    listed = [
        {
            "id": name,
            "fields": list(ogc_tiles.RUN_FIELDS[name]),
            "links": [{**link(f"{base}/{name}/{template}", "item", MEDIA_TYPE, name), "templated": True}],
        }
        for name in ogc_tiles.RUN_FIELDS
        if allows(caller, _run_need(name))
    ]
    return responses.json_answer({"run": run.id, "tilesets": listed})


class _TileRoute:
    """Answer one tile: rights and parameters, the tile's state, the tile itself where the caller has it not yet."""

    #: What the route declares, as ``api.security.needs`` does for others; a scoped layer asks for more.
    needs = "viewer"

    def __init__(self, path: str) -> None:
        self.path = path

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request; what cannot be answered is raised, as in any route."""
        scope["route"] = self  # the metrics count by it
        caller = scope.get("state", {}).get("caller") or Caller("", "public")
        require(caller, "viewer")
        given = scope["path_params"]
        grid = _grid(given["grid"])
        place = (_whole(given["z"], "tileMatrix"), _whole(given["col"], "tileCol"), _whole(given["row"], "tileRow"))
        if not grid.has(*place):
            raise NotFound("没有这个瓦片", "there is no such tile")
        etag, tile = await self._find(scope, caller, given, grid, place, _match(scope))
        headers = [(b"etag", etag.encode())]
        if tile is None:
            await _send(send, 304, headers)
            return
        if tile.omitted:
            headers.append((b"gridsight-left-out", str(tile.omitted).encode()))
        if not tile.data:
            await _send(send, 204, headers)
            return
        headers.append((b"content-type", MEDIA_TYPE.encode()))
        headers.append((b"content-length", str(len(tile.data)).encode()))
        await _send(send, 200, headers, tile.data)

    async def _find(
        self,
        scope: Scope,
        caller: Caller,
        given: dict[str, str],
        grid: TileGrid,
        place: tuple[int, int, int],
        match: frozenset[str],
    ) -> tuple[str, Tile | None]:
        """Return the ETag of a tile, and the tile itself unless one of ``match`` is that ETag."""
        raise NotImplementedError


class _LayerTile(_TileRoute):
    """Answer tiles of a layer."""

    async def _find(
        self,
        scope: Scope,
        caller: Caller,
        given: dict[str, str],
        grid: TileGrid,
        place: tuple[int, int, int],
        match: frozenset[str],
    ) -> tuple[str, Tile | None]:
        name = given["layer"][:40]
        if name not in LAYERS:
            raise NotFound(f"没有图层 {name}", f"no collection {name}")
        require_layer(caller, name)
        at = _asked(scope["query_string"], days=True)
        since, until = _span(at)
        state = scope["app"].state
        tail = _tail(since, until, caller if name in SCOPED else None)
        if state.tiles is None:
            return await to_thread.run_sync(_desk_layer, state, caller, name, grid, place, at, tail, match)
        key = (name, grid.name, place, tail)
        return await _kept(
            state.tile_cache, key, tail, match,
            lambda known: state.tiles.layer(caller, name, (since, until), grid.name, place, known),
            hides=name in SCOPED and caller.role == "planner",
        )  # fmt: skip


class _RunTile(_TileRoute):
    """Answer tiles of a layer of a run."""

    async def _find(
        self,
        scope: Scope,
        caller: Caller,
        given: dict[str, str],
        grid: TileGrid,
        place: tuple[int, int, int],
        match: frozenset[str],
    ) -> tuple[str, Tile | None]:
        run, name = given["run_id"], given["layer"][:40]
        if name not in ogc_tiles.RUN_FIELDS:
            raise NotFound(f"批次没有图层 {name}", f"runs have no layer {name}")
        require(caller, _run_need(name))
        _asked(scope["query_string"], days=False)
        state = scope["app"].state
        tail = _tail(None, None, caller if name in SCOPED_RUN_LAYERS else None)
        if state.tiles is None:
            return await to_thread.run_sync(_desk_run, state, caller, run, name, grid, place, match)
        return await _kept(
            state.tile_cache, (run, name, grid.name, place, tail), tail, match,
            lambda known: state.tiles.run(caller, run, name, grid.name, place, known),
            hides=name in SCOPED_RUN_LAYERS and caller.role == "planner",
        )  # fmt: skip


async def _kept(
    cache: TileCache, key: Any, tail: str, match: frozenset[str], ask: Any, *, hides: bool
) -> tuple[str, Tile | None]:
    """Return a server's tile from memory where the database says that its stamp still holds, else a new one.

    The stamp changes with every edit of the layer, wherever it is: who may see a part only (``hides``) gets an ETag of
    the tile's content instead, which tells nothing of edits elsewhere.
    """
    held = cache.get(key)
    known = held[0] if held else None if hides else _stamp(match, tail)
    stamp, tile = await ask(known)
    if stamp is None:
        raise NotFound("没有这个批次", "there is no such run")
    if tile is not None:
        cache.put(key, stamp, tile)
    elif held and stamp == held[0]:
        tile = held[1]
    if hides and tile is not None:
        return _by_content(tile, match, tail)
    etag = f'W/"{stamp}{tail}"'
    return etag, None if etag in match else tile


def _desk_layer(
    state: Any, caller: Caller, name: str, grid: TileGrid, place: tuple[int, int, int], at: At, tail: str,
    match: frozenset[str],
) -> tuple[str, Tile | None]:  # fmt: skip
    """Return a tile cut here, from the store; its ETag is its content's, as a workspace may be changed for another."""
    store: Store = state.store.acting(caller)
    key = (name, grid.name, place, tail)
    with store.snapshot():
        revision = str(store.revision(name))
        held = state.tile_cache.get(key)
        if held is None or held[0] != revision:
            frame = store.read(name, bbox=grid.box(*place), at=at)
            fields = [one.name for one in LAYERS[name].fields]
            held = revision, build_tile(frame, grid, *place, layer=name, fields=fields)
            state.tile_cache.put(key, *held)
    return _by_content(held[1], match)


def _desk_run(
    state: Any, caller: Caller, run_id: str, name: str, grid: TileGrid, place: tuple[int, int, int],
    match: frozenset[str],
) -> tuple[str, Tile | None]:  # fmt: skip
    """Return a tile of a run cut here; its layers are read whole, and the last few kept."""
    store: Store = state.store.acting(caller)
    frames: RunFrames = state.run_frames
    with store.snapshot():
        run = store.run(run_id, layers=[]).id
        whose = scope_key(caller) if name in SCOPED_RUN_LAYERS else ""
        frame = frames.frame(store, run, name, whose)
    fields = [one for one in ogc_tiles.RUN_FIELDS[name] if one in frame.columns]
    return _by_content(build_tile(frame, grid, *place, layer=name, fields=fields), match)


class RunFrames:
    """Keep the last few layers of runs in degrees; a run never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], gpd.GeoDataFrame] = OrderedDict()

    def frame(self, store: Store, run: str, name: str, whose: str) -> gpd.GeoDataFrame:
        """Return a layer of a run; raise NotFound where the run has it not."""
        # Whose a view is hangs on the cameras and the divisions, which do change.
        key = (run, name, whose, str(store.revision("cameras")), str(store.revision("divisions")))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            frame = store.run(run, layers=[name]).layers[name].to_crs(STORAGE_CRS)
        except UnknownName:
            raise NotFound(f"该批次没有图层 {name}", f"the run has no layer {name}") from None
        with self._lock:
            self._kept[key] = frame
            while len(self._kept) > _MOST_FRAMES:
                self._kept.popitem(last=False)
        return frame


def _by_content(tile: Tile, match: frozenset[str], tail: str = "") -> tuple[str, Tile | None]:
    digest = hashlib.blake2b(tile.data, digest_size=12, key=str(tile.omitted).encode()).hexdigest()
    etag = f'"{digest}{tail}"'
    return etag, None if etag in match or f"W/{etag}" in match else tile


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _match(scope: Scope) -> frozenset[str]:
    """Return the ETags that the caller has."""
    given = Headers(scope=scope).get("if-none-match")
    return frozenset(one.strip() for one in given[:4000].split(",")) if given else frozenset()


def _stamp(match: frozenset[str], tail: str) -> str | None:
    """Return the stamp in an ETag of the caller that has this tail."""
    end = f'{tail}"'
    return next((one[3 : -len(end)] for one in match if one.startswith('W/"') and one.endswith(end)), None)


def _tail(since: date | None, until: date | None, caller: Caller | None) -> str:
    """Return what tells tiles of one state apart: their days and, of scoped rows, whose they are."""
    days = "" if since is None else f"-{since}" if since == until else f"-{since}-{until}"
    return days if caller is None else f"{days}-{_digest(scope_key(caller))}"


@lru_cache(maxsize=10_000)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _asked(query: bytes, *, days: bool) -> At:
    """Return the day or days asked for; raise BadQuery for any parameter that is unknown or given twice."""
    if not query:
        return None
    seen: dict[str, str] = {}
    allowed = ("datetime", "f") if days else ("f",)
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in seen:
            raise problems.BadQuery(f"参数 {name[:60]} 给了两次", f"the parameter {name[:60]} is given twice")
        if name not in allowed:
            listed = ", ".join(allowed)
            raise problems.BadQuery(
                f"没有参数 {name[:60]}，可用：{listed}", f"no parameter {name[:60]}; there are: {listed}"
            )
        seen[name] = value
    if seen.get("f", "mvt") != "mvt":
        form = seen["f"][:40]
        raise problems.BadQuery(f"没有格式 {form}，可用：mvt", f"no format {form}; there is: mvt")
    return days_of(seen.get("datetime"))


def _span(at: At) -> tuple[date, date]:
    if at is None:
        at = date.today()  # noqa: DTZ011 - validity days are civil days where the planner sits
    return (at, at) if isinstance(at, date) else (at[0] or _FIRST, at[1] or _LAST)


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise problems.BadQuery(f"{name} 须是整数", f"{name} must be a whole number")
    return int(text[:20])


def _grid(name: str) -> TileGrid:
    if name not in GRIDS:
        listed = ", ".join(GRIDS)
        raise NotFound(
            f"没有瓦片矩阵集 {name[:40]}，可用：{listed}", f"no tile matrix set {name[:40]}; there are: {listed}"
        )
    return GRIDS[name]


def _run_need(name: str) -> Any:
    return "planner" if name in SCOPED_RUN_LAYERS else "viewer"


def _title(layer: Layer) -> str:
    return f"{layer.zh} {layer.name}"


def _box(store: Store, layer: Layer) -> Bbox | None:
    """Return the box of a layer: of a scoped one the county's, which is the same whoever asks (CONTRACT section 5)."""
    with store.snapshot():
        return store.extent("divisions" if layer.name in SCOPED else layer.name)
