"""Time point -> grid beside shapely's tree on the same polygons, and address -> grid over a million addresses."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import shapely

from geo.places.address.book import AddressBook
from geo.places.locator import Locator

POLYGONS = 11_683  # the two-level grids of a county
POINTS = 1_000_000
ADDRESSES = 1_000_000


def tessellation(rng: np.random.Generator) -> np.ndarray:
    """Return a county cut into grids of some seven vertices."""
    box = shapely.box(102, 37, 103.2, 37.8)
    seeds = shapely.multipoints(rng.uniform((102, 37), (103.2, 37.8), (POLYGONS, 2)))
    return shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box)), box)


def cpu(work: Callable[[], object], times: int = 3) -> float:
    """Return the least seconds of processor time over some runs."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def points(rng: np.random.Generator) -> None:
    """Print millions of points a second on one core, ours and the peer's, and how often they differ."""
    coarse = tessellation(rng)
    lon, lat = rng.uniform(102, 103.2, POINTS), rng.uniform(37, 37.8, POINTS)
    some = shapely.points(lon[: POINTS // 5], lat[: POINTS // 5])
    for shapes in (coarse, shapely.segmentize(coarse, 0.0002)):
        Locator(coarse[:10]).locate(lon[:10], lat[:10])  # compile first
        build = cpu(lambda shapes=shapes: Locator(shapes), 1)
        locator = Locator(shapes)
        ours = POINTS / cpu(lambda locator=locator: locator.locate(lon, lat)) / 1e6
        tree = shapely.STRtree(shapes)
        peer = len(some) / cpu(lambda tree=tree: tree.query(some, "intersects"), 1) / 1e6
        found, rows = tree.query(some, "intersects")
        first = np.full(len(some), POLYGONS)
        np.minimum.at(first, found, rows)
        differ = int((np.where(first == POLYGONS, -1, first) != locator.locate(lon, lat)[: len(some)]).sum())
        vertices = shapely.get_num_coordinates(shapes).mean()
        print(
            f"{vertices:5.0f} vertices: {ours:5.2f} M points/s, STRtree {peer:5.2f}, ratio {ours / peer:5.1f}, "
            f"build {build:.2f} s, {differ} differ"
        )


def addresses(rng: np.random.Generator) -> None:
    """Print how long one address takes among a million."""
    village, group, door = (
        rng.integers(0, 200, ADDRESSES),
        rng.integers(1, 12, ADDRESSES),
        rng.integers(1, 2000, ADDRESSES),
    )
    texts = [f"青石镇{v}村{g}组{d}号" for v, g, d in zip(village, group, door, strict=True)]
    frame = gpd.GeoDataFrame(
        {"text": texts, "grid": [f"g{k % 690}" for k in range(ADDRESSES)]},
        geometry=shapely.points(rng.uniform(102, 103.2, ADDRESSES), rng.uniform(37, 37.8, ADDRESSES)),
        crs="EPSG:4326",
    )
    start = time.perf_counter()
    book = AddressBook(frame)
    print(f"index of {ADDRESSES:,} addresses: {time.perf_counter() - start:.1f} s")
    picked = [texts[k] for k in rng.integers(0, ADDRESSES, 20_000)]
    for name, queries in (("whole", picked), ("with a room", [f"{text}3单元501室" for text in picked])):
        spent = []
        for query in queries:
            begun = time.perf_counter()
            book.match(query)
            spent.append(time.perf_counter() - begun)
        p50, p95 = np.percentile(spent, [50, 95]) * 1e3
        print(f"address {name}: p50 {p50:.3f} ms, p95 {p95:.3f} ms")


def main(_argv: Sequence[str] = ()) -> None:
    """Run both parts; the peer is a dependency, so there is nothing to install."""
    rng = np.random.default_rng(1)
    points(rng)
    addresses(rng)


if __name__ == "__main__":
    main(sys.argv[1:])
