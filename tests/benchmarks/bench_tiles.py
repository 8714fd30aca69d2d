"""Measure tiles with rights on beside a bare FastAPI and asyncpg route, and tipg, on the same table in the same run."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import mapbox_vector_tile as mvt
import numpy as np
import shapely

from geo.catalog.layers import LAYERS
from geo.demo.county import draw
from maps.tiles.tile_grids import WEB_MERCATOR
from tests import postgres

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
#: What is asked for: layers and zooms of a planner's screen, and how many tiles of each.
ASKED = {"cameras": (15, 16, 17, 18, 19), "grids": (12, 13, 14, 15, 16), "obstacles": (16, 17, 18, 19)}
TILES = 60
CONNECTIONS = 8
#: The tile, without the units at its border that rounding may reach.
_TILE = shapely.box(2, 2, 4094, 4094)
_SCRIPT = Path(__file__).with_name("tiles.lua")
_RESULT = re.compile(r"requests=(\d+) seconds=([\d.]+) p50=([\d.]+) p95=([\d.]+) status=(\d+) failed=(\d+)")


@dataclass
class Service:
    """Hold one running service and how it words a tile."""

    name: str
    url: str
    template: str
    key: str = ""

    def path(self, layer: str, z: int, x: int, y: int) -> str:
        return self.template.format(layer=layer, z=z, x=x, y=y)

    def get(self, path: str) -> bytes:
        """Return one tile."""
        request = urllib.request.Request(self.url + path, headers={"X-API-Key": self.key} if self.key else {})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()


def main(argv: Sequence[str] | None = None) -> None:
    """Start the services over one database, check that they agree, and measure them in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="gulang")
    asked, _ = parser.parse_known_args(argv)
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="tiles") as name, _database(Path(name), asked.size) as (url, frames):
        folder = Path(name)
        tiles = _tiles(frames)
        with _services(url, folder, peers=not asked.no_peers) as services:
            _agree(services, tiles)
            for layer, places in tiles.items():
                sizes = [len(services[0].get(services[0].path(layer, *one))) for one in places]
                print(f"{layer}: {len(places)} tiles of {np.mean(sizes):,.0f} bytes in the mean", flush=True)
            rates = {}
            for layer in ASKED:
                for service in services:
                    _turn(service, layer, tiles[layer], 1.0, folder)  # plans, caches of the database
                turns = [
                    {one.name: _turn(one, layer, tiles[layer], asked.seconds, folder) for one in services}
                    for _ in range(asked.rounds)
                ]
                rates[layer] = turns
                _tell(layer, turns)
    _sum_up(rates)


def _tell(layer: str, turns: list[dict[str, tuple[float, float, float]]]) -> None:
    for name in turns[0]:
        rate, p50, p95 = (median(turn[name][k] for turn in turns) for k in range(3))
        ratio = median(turn[name][0] / turn["bare"][0] for turn in turns)
        print(
            f"{layer:10} {name:12} {rate:8.0f} tiles/s  p50 {p50:6.2f} ms  p95 {p95:6.2f} ms  {ratio:5.2f} x bare",
            flush=True,
        )


def _sum_up(rates: dict[str, list[dict[str, tuple[float, float, float]]]]) -> None:
    """Print the two ratios that are the goal: the least of the layers."""
    bare = {layer: median(turn["ours"][0] / turn["bare"][0] for turn in turns) for layer, turns in rates.items()}
    print(f"ours, rights on, nothing kept: {min(bare.values()):.2f}-{max(bare.values()):.2f} x bare route (goal 0.8)")
    if all("tipg" in turn for turns in rates.values() for turn in turns):
        tipg = {layer: median(turn["ours"][0] / turn["tipg"][0] for turn in turns) for layer, turns in rates.items()}
        print(f"ours, rights on, nothing kept: {min(tipg.values()):.1f}-{max(tipg.values()):.1f} x tipg (goal 4)")


@contextmanager
def _database(folder: Path, size: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give a migrated database with a county in it."""
    from geo.storage.postgis.maintenance import upgrade
    from geo.storage.postgis.store import open_database

    cluster = postgres.Cluster(folder / "cluster", settings={"shared_buffers": "512MB"})
    try:
        with postgres.fresh_database(cluster.url) as url:
            upgrade(url)
            frames = {name: frame for name, frame in draw(size).items() if name in (*ASKED, "divisions")}
            store = open_database(url)
            for name in ("divisions", *ASKED):
                store.write(name, frames[name], "replace", actor="bench")
            store.close()
            with postgres.psycopg.connect(url, autocommit=True) as conn:
                conn.execute("VACUUM ANALYZE")
            yield url, frames
    finally:
        cluster.close()


def _tiles(frames: dict[str, Any]) -> dict[str, list[tuple[int, int, int]]]:
    """Return the fixed set of random tiles of each layer, where there is something."""
    rng = np.random.default_rng(8)
    found = {}
    for layer, zooms in ASKED.items():
        at = shapely.get_coordinates(shapely.point_on_surface(frames[layer].to_crs(4326).geometry.to_numpy()))
        rows = rng.choice(len(at), TILES * len(zooms))
        found[layer] = [
            (z, *WEB_MERCATOR.limits(z, (*at[row], *at[row]))[:2])
            for z, row in zip(np.repeat(zooms, TILES).tolist(), rows, strict=True)
        ]
        rng.shuffle(found[layer])
    return found


@contextmanager
def _services(url: str, folder: Path, *, peers: bool) -> Iterator[list[Service]]:
    """Start every service, one worker process each, and stop them after."""
    from api.security.assembly import authenticator_of
    from api.settings import Settings
    from geo.storage.postgis.store import open_database

    store = open_database(url)
    towns = sorted({code[:9] for code in store.read("divisions")["code"] if len(code) >= 9})
    key, _ = authenticator_of(Settings(database_url=url), store).keys.create(
        "bench", "planner", townships=towns, by="bench"
    )
    store.close()
    login = postgres.service_url(url)
    fields = ";".join(f"{name}:{','.join(one.name for one in LAYERS[name].fields)}" for name in ASKED)
    uvicorn = ["-m", "uvicorn", "--no-access-log", "--log-level", "error", "--port"]
    template = "/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}"
    serve = [sys.executable, "-m", "api", "serve", "--database", login, "--port"]
    running: list[subprocess.Popen[bytes]] = []
    services = []

    def start(
        name: str, command: list[str], after: list[str], env: dict[str, str], words: str, ready: str, key: str = ""
    ) -> None:
        port = _free_port()
        whole = [*command, str(port), *after]
        with (folder / f"{name}.log").open("wb") as log:
            running.append(subprocess.Popen(whole, stdout=log, stderr=log, env={**os.environ, **env}, cwd=ROOT))
        services.append(Service(name, f"http://127.0.0.1:{port}", words, key))
        try:
            _await(f"http://127.0.0.1:{port}{ready}", running[-1])
        except RuntimeError as error:
            raise SystemExit(f"{name}: {error}\n{Path(log.name).read_text()[-2000:]}") from None

    try:
        start("bare", [sys.executable, *uvicorn], ["tests.benchmarks.bare_tiles:app"],
              {"BARE_URL": url, "BARE_FIELDS": fields}, "/{layer}/{z}/{x}/{y}", "/openapi.json")  # fmt: skip
        for name, kept in (("ours", "0"), ("ours, kept", "64000000")):
            start(name, serve, [], {"GRIDSIGHT_TILE_CACHE_BYTES": kept}, template, "/health", key)
        if peers:
            (folder / "loop").mkdir()
            for package in ("uvloop", "httptools"):  # the event loop and parser that the others run on
                (folder / "loop" / package).symlink_to(Path(__import__(package).__file__).parent)
            env = {"DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["gridsight"]', "PYTHONPATH": str(folder / "loop")}
            start("tipg", [str(PEERS), *uvicorn], ["tipg.main:app"], env,
                  "/collections/gridsight.{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}", "/healthz")  # fmt: skip
        yield services
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(timeout=30)


def _agree(services: list[Service], tiles: dict[str, list[tuple[int, int, int]]]) -> None:
    """Fail where two services do not draw the same features: then their rates say nothing."""
    for layer, asked in tiles.items():
        key = LAYERS[layer].key
        for z, x, y in asked[:10]:
            drawn = {}
            for service in services:
                data = service.get(service.path(layer, z, x, y))
                (found,) = mvt.decode(data).values()
                inside = [one for one in found["features"] if _is_inside(one["geometry"])]
                drawn[service.name] = {one["properties"][key] for one in inside}
            if len({frozenset(one) for one in drawn.values()}) > 1:
                raise SystemExit(f"{layer} {z}/{x}/{y}: " + ", ".join(f"{n} {len(o)}" for n, o in drawn.items()))


def _is_inside(geometry: dict[str, Any]) -> bool:
    """Tell whether a shape shows in the tile itself: margins differ between services."""
    return bool(shapely.intersects(shapely.make_valid(shapely.geometry.shape(geometry)), _TILE))


def _turn(
    service: Service, layer: str, asked: list[tuple[int, int, int]], seconds: float, folder: Path
) -> tuple[float, float, float]:
    """Return tiles a second, and p50 and p95 in milliseconds, of one turn of wrk."""
    paths = folder / "paths"
    paths.write_text("".join(f"{service.path(layer, *one)}\n" for one in asked))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(_SCRIPT), service.url, "--"]
    done = subprocess.run([*command, str(paths), service.key], capture_output=True, text=True, check=True)
    found = _RESULT.search(done.stdout)
    if found is None or int(found[5]) or int(found[6]):
        raise SystemExit(f"{service.name}: {done.stdout[-800:]}")
    return int(found[1]) / float(found[2]), float(found[3]), float(found[4])


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a service answers; raise RuntimeError where it does not."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("did not start")


if __name__ == "__main__":
    main()
