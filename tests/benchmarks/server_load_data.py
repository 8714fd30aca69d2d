"""Set up a county server for measuring: a private durable cluster, county, a million addresses, service."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.layers import layer
from geo.demo.county import draw
from tests import postgres

ADDRESSES = 1_000_000
#: What a production server has and a test cluster leaves out: every commit on the disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@dataclass
class CountyServer:
    """Hold a running county_server: where it listens, its keys, and what is known to be true of its data."""

    url: str
    keys: dict[str, str]
    cluster: postgres.Cluster
    database: str
    service: subprocess.Popen[bytes]
    grids: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame

    def get(self, path: str, key: str = "viewer") -> tuple[int, bytes]:
        """Ask once, as one of the keys; return status and body."""
        request = urllib.request.Request(self.url + path, headers={"X-API-Key": self.keys[key]})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def owners(self, rows: np.ndarray) -> list[str]:
        """Return the code of the finest grid that covers each of these addresses, by shapely alone."""
        finest = self.grids[self.grids["level"] == self.grids["level"].max()].reset_index(drop=True)
        points = self.addresses.geometry.to_numpy()[rows]
        at, found = shapely.STRtree(finest.geometry.to_numpy()).query(points, "intersects")
        codes = finest["code"].to_numpy()
        owner = np.full(len(rows), "", dtype=object)
        owner[at[::-1]] = codes[found[::-1]]
        return owner.tolist()


@contextmanager
def county_server(*, addresses: int = ADDRESSES, size: str = "gulang", workers: int = 1) -> Iterator[CountyServer]:
    """Start everything, give the county_server, and take it down again."""
    folder = Path(tempfile.mkdtemp(prefix="county_server"))
    cluster = postgres.Cluster(folder / "cluster", settings=DURABLE)
    service: subprocess.Popen[bytes] | None = None
    try:
        with postgres.fresh_database(cluster.url) as url:
            frames = _fill(url, addresses, size)
            login = postgres.service_url(url)
            towns = frames["divisions"].query("level == 'township'")["code"].tolist()
            keys = {role: _key(url, role, towns) for role in ("viewer", "planner", "admin")}
            service, address = _serve(login, folder)
            parts = (frames["grids"], frames["addresses"], frames["cameras"])
            yield CountyServer(address, keys, cluster, url, service, *parts)
    finally:
        if service is not None:
            service.terminate()
            service.wait(timeout=30)
        cluster.close()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(url: str, addresses: int, size: str) -> dict[str, gpd.GeoDataFrame]:
    """Migrate, draw a county, add addresses up to the number wanted, write all of it, and time the last."""
    from geo.storage.postgis.maintenance import upgrade
    from geo.storage.postgis.store import open_database
    from geo.studies.analysis import analyze
    from geo.studies.analyze_options import AnalyzeOptions

    upgrade(url)
    frames = draw(size)
    frames["addresses"] = many_addresses(frames["divisions"], addresses)
    store = open_database(url)
    try:
        for name, frame in frames.items():
            begun = time.perf_counter()
            store.write(name, frame, "replace", actor="bench")
            if name == "addresses":
                print(f"{len(frame):,} addresses imported: {time.perf_counter() - begun:.1f} s (goal 60 s)", flush=True)
        analyze(store, AnalyzeOptions(), actor="bench")
    finally:
        store.close()
    return frames


def many_addresses(divisions: gpd.GeoDataFrame, number: int) -> gpd.GeoDataFrame:
    """Return so many addresses, no text twice, spread over the villages of a county."""
    rng = np.random.default_rng(4)
    villages = divisions[divisions["level"] == "village"].reset_index(drop=True)
    towns = divisions.set_index("code")["name"]
    each = -(-number // len(villages))
    parts = []
    for row in villages.itertuples():
        west, south, east, north = row.geometry.bounds
        spread = shapely.points(rng.uniform((west, south), (east, north), (each * 6, 2)))
        shapely.prepare(row.geometry)
        inside = spread[shapely.contains(row.geometry, spread)]
        inside = np.resize(inside, each)  # a thin village repeats its points
        texts = [f"{towns[row.parent]}{row.name}{1 + k // 60}组{1 + k % 60}号" for k in range(each)]
        parts.append((texts, inside))
    texts = [text for some, _ in parts for text in some][:number]
    shapes = np.concatenate([some for _, some in parts])[:number]
    ids = [f"a{k:07d}" for k in range(number)]
    empty = {name: None for name in layer("addresses").names if name not in ("id", "text")}
    return gpd.GeoDataFrame({"id": ids, "text": texts, **empty}, geometry=shapes, crs="EPSG:4326")


def _key(url: str, role: str, towns: list[str]) -> str:
    words = ["keys", "create", "--name", f"bench-{role}", "--role", role, "--database", url]
    if role == "planner":
        words += ["--townships", ",".join(towns)]
    made = subprocess.run([sys.executable, "-m", "api", *words], capture_output=True, text=True, check=False)
    found = re.search(r"gs_\w{12}_[\w-]+", made.stdout)
    if not found:
        raise SystemExit(f"no key: {made.stdout}{made.stderr}")
    return found[0]


def _serve(login: str, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start one worker process of the service and wait for its address."""
    log = (folder / "service.log").open("wb")
    words = [sys.executable, "-m", "api", "serve", "--port", "0", "--json", "--database", login]
    env = {**os.environ, "GRIDSIGHT_LOG_FORMAT": "json"}
    service = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, env=env)
    assert service.stdout is not None
    line = service.stdout.readline().decode()
    found = re.search(r'"url":"(http://[^"]+?)/?"', line)
    if not found:
        raise SystemExit(f"the service did not start: {line}{(folder / 'service.log').read_text()[-3000:]}")
    return service, found[1]
