"""Serve single vector tiles of layers and runs (OGC API Tiles Part 1 over the collections, the same for runs).

These routes are plain ASGI: a tile of a county costs the database half a millisecond, and resolving the dependencies of
a route as much again. They check role, path and query themselves, as the framework does for other routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from api import problems
from api.representations import responses
from api.roles import Role
from api.routes.ogc.common import header_list, known_tile_grid, run_layer_role
from api.routes.ogc.parameters import days_of
from api.security.authorization import require, require_layer
from api.tiles.serving import Zxy, layer_tile, run_tile
from geo.catalog.layers import LAYERS
from geo.catalog.results import run_table
from geo.errors import NotFound
from geo.storage.protocol import At
from geo.storage.records import Caller
from maps.tiles.tile_encoding import MEDIA_TYPE, Tile
from maps.tiles.tile_grids import TileGrid


def add_to(app: FastAPI) -> None:
    """Add the routes of tiles before any router: FastAPI would try some fifty other routes first."""
    for route in (
        _LayerTileRoute("/ogc/collections/{layer}/tiles/{grid}/{z}/{row}/{col}"),
        _RunTileRoute("/runs/{run_id}/tiles/{layer}/{grid}/{z}/{row}/{col}"),
    ):
        # Starlette takes any ASGI application as an endpoint; only functions are annotated.
        app.router.add_route(route.path, route, methods=["GET"], include_in_schema=False)  # type: ignore[arg-type]


class _TileRoute:
    """Respond with one tile: check role and parameters, then send the tile unless the caller has its ETag."""

    #: The role that the route declares, as ``api.security.requires`` does for others; a scoped layer requires more.
    required_role: Role = "viewer"

    def __init__(self, path: str) -> None:
        self.path = path

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Handle a request; errors are raised, as in any route."""
        scope["route"] = self  # metrics and log use its template
        caller = scope.get("state", {}).get("caller") or Caller("", "public")
        require(caller, self.required_role)
        values = scope["path_params"]
        grid = known_tile_grid(values["grid"])
        zxy = (
            _integer(values["z"], "tileMatrix"), _integer(values["col"], "tileCol"), _integer(values["row"], "tileRow"),
        )  # fmt: skip
        if not grid.has(*zxy):
            raise NotFound("没有这个瓦片", "there is no such tile")
        etag, tile = await self._tile(scope, caller, values, grid, zxy, _etags_of(scope))
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

    async def _tile(
        self, scope: Scope, caller: Caller, values: Mapping[str, str], grid: TileGrid, zxy: Zxy, match: frozenset[str]
    ) -> tuple[str, Tile | None]:
        """Return the ETag of a tile, and the tile unless one of ``match`` is that ETag."""
        raise NotImplementedError


class _LayerTileRoute(_TileRoute):
    """Tiles of a stored layer."""

    async def _tile(
        self, scope: Scope, caller: Caller, values: Mapping[str, str], grid: TileGrid, zxy: Zxy, match: frozenset[str]
    ) -> tuple[str, Tile | None]:
        name = values["layer"][:40]
        if name not in LAYERS or not LAYERS[name].is_placed:
            raise NotFound(f"没有图层 {name}", f"no collection {name}")
        require_layer(caller, name)
        at = _queried_days(scope["query_string"], days=True)
        return await layer_tile(scope["app"].state, caller, name, at, grid, zxy, match)


class _RunTileRoute(_TileRoute):
    """Tiles of a layer of a run."""

    async def _tile(
        self, scope: Scope, caller: Caller, values: Mapping[str, str], grid: TileGrid, zxy: Zxy, match: frozenset[str]
    ) -> tuple[str, Tile | None]:
        name = values["layer"][:40]
        if run_table(name) is None:
            raise NotFound(f"批次没有图层 {name}", f"runs have no layer {name}")
        require(caller, run_layer_role(name))
        _queried_days(scope["query_string"], days=False)
        return await run_tile(scope["app"].state, caller, values["run_id"], name, grid, zxy, match)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _etags_of(scope: Scope) -> frozenset[str]:
    """Return the ETags that the caller has."""
    given = header_list(Headers(scope=scope), "if-none-match")
    return frozenset(one.strip() for one in given[:4000].split(",")) if given else frozenset()


def _queried_days(query: bytes, *, days: bool) -> At:
    """Return the day or days of a query; raise BadQuery for a parameter that is unknown or given twice."""
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
        raise responses.unserved_format(seen["f"], ("mvt",))
    return days_of(seen.get("datetime"))


def _integer(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise problems.BadQuery(f"{name} 须是整数", f"{name} must be a whole number")
    return int(text[:20])
