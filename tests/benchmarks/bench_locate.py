"""Time point -> grid beside shapely's tree on the same polygons, and address -> grid over a million addresses."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

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


def owners(tree: shapely.STRtree, some: np.ndarray) -> np.ndarray:
    """Return the lowest row of the tree that covers each point, -1 for none."""
    found, rows = tree.query(some, "intersects")
    first = np.full(len(some), POLYGONS)
    np.minimum.at(first, found, rows)
    return np.where(first == POLYGONS, -1, first)


def single(locator: Locator, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the 50th and 95th percentile of the microseconds that one point takes, the call included."""
    spent = []
    for x, y in zip(lon.tolist(), lat.tolist(), strict=True):
        begun = time.perf_counter_ns()
        locator.locate(x, y)
        spent.append(time.perf_counter_ns() - begun)
    return np.percentile(spent, [50, 95]) / 1e3


def points(rng: np.random.Generator) -> None:
    """Print millions of points a second on one core, ours and the peer's, and how often they differ.

    They are compared on points anywhere and on as many vertices of borders.
    """
    coarse = tessellation(rng)
    lon, lat = rng.uniform(102, 103.2, POINTS), rng.uniform(37, 37.8, POINTS)
    some = shapely.points(lon[: POINTS // 5], lat[: POINTS // 5])
    warm = Locator(coarse[:10])  # compile first
    warm.locate(lon[:10], lat[:10]), warm.locate(102.0, 37.0)
    for shapes in (coarse, shapely.segmentize(coarse, 0.0002)):
        build = cpu(partial(Locator, shapes), 2)
        locator = Locator(shapes)
        ours = POINTS / cpu(partial(locator.locate, lon, lat), 5) / 1e6
        p50, p95 = single(locator, lon[:50_000], lat[:50_000])
        tree = shapely.STRtree(shapes)
        peer = len(some) / cpu(partial(tree.query, some, "intersects"), 1) / 1e6
        vertices = rng.choice(shapely.get_coordinates(shapes), len(some))
        checked = np.concatenate([some, shapely.points(vertices)])
        xy = shapely.get_coordinates(checked)
        differ = int((owners(tree, checked) != locator.locate(xy[:, 0], xy[:, 1])).sum())
        print(
            f"{shapely.get_num_coordinates(shapes).mean():5.0f} vertices: {ours:5.2f} M points/s, STRtree {peer:5.2f}, "
            f"ratio {ours / peer:5.1f}, one point p50 {p50:.1f} us, p95 {p95:.1f} us, build {build:.2f} s, index "
            f"{index_size(locator) / 1e6:.0f} MB, {differ} of {len(checked)} differ"
        )


def index_size(locator: Locator) -> int:
    """Return the bytes of all arrays that a locator holds; those of `words` and `numbers` are the same memory."""
    own = [value for value in vars(locator).values() if isinstance(value, np.ndarray) and value.dtype != object]
    return sum(value.nbytes for value in [*own, *(locator._cells or ())[:-1]])


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
