"""Answer tiles as shortly as FastAPI and asyncpg can: no rights, no history, no checks; the measure for ours."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Response

#: Layer -> its fields, handed in by the benchmark so that all services carry the same.
FIELDS = {name: fields.split(",") for name, fields in (one.split(":") for one in os.environ["BARE_FIELDS"].split(";"))}
SQL = {
    name: f"""
    SELECT ST_AsMVT(m, '{name}', 4096, 'geom') FROM (
      SELECT ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS geom,
        {", ".join(f'"{one}"' for one in fields)}
      FROM gridsight.{name}
      WHERE geom && ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096), 4326)) m
    """
    for name, fields in FIELDS.items()
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool as asyncpg's own page shows it."""
    settings = {"search_path": "gridsight,public", "jit": "off"}
    async with asyncpg.create_pool(os.environ["BARE_URL"], min_size=4, max_size=4, server_settings=settings) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/{layer}/{z}/{x}/{y}")
async def tile(layer: str, z: int, x: int, y: int) -> Response:
    """Return one tile."""
    async with app.state.pool.acquire() as conn:
        data = await conn.fetchval(SQL[layer], z, x, y)
    return Response(data, media_type="application/vnd.mapbox-vector-tile")
