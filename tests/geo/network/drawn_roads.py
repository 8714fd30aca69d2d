"""Draw roads on a lattice, so that answers can be counted on paper, and answer by hand what the fast paths answer."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

from geo.network.road_graph import RoadLines, road_lines

CRS = "EPSG:4547"
Point = tuple[int, int]
Edge = tuple[Point, Point]


def roads(edges: Sequence[Sequence[Point]], names: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    names = [f"r{k:02d}" for k in range(len(edges))] if names is None else list(names)
    return gpd.GeoDataFrame({"id": names}, geometry=[shapely.LineString(edge) for edge in edges], crs=CRS)


def lines(edges: Sequence[Sequence[Point]]) -> RoadLines:
    return road_lines(roads(edges))


def lattice_roads(side: int, most: int, metres: int = 100) -> st.SearchStrategy[list[Edge]]:
    """Return edges of a lattice, some of them: often in several pieces."""
    every = [
        ((x * metres, y * metres), ((x + dx) * metres, (y + dy) * metres))
        for x, y in itertools.product(range(side), repeat=2)
        for dx, dy in ((1, 0), (0, 1))
        if x + dx < side and y + dy < side
    ]
    return st.lists(st.sampled_from(every), min_size=1, max_size=most, unique=True)


def dijkstra(edges: Iterable[tuple[object, object, float]], source: object) -> dict[object, float]:
    """Return distances by the textbook, one node after the other."""
    near = defaultdict(list)
    for a, b, metres in edges:
        near[a].append((b, metres))
        near[b].append((a, metres))
    out: dict[object, float] = {}
    heap = [(0.0, 0, source)]
    tick = itertools.count(1)
    while heap:
        metres, _, node = heapq.heappop(heap)
        if node in out:
            continue
        out[node] = metres
        for other, step in near[node]:
            if other not in out:
                heapq.heappush(heap, (metres + step, next(tick), other))
    return out


def shortest_round(edges: Sequence[tuple[int, int, float]], required: Sequence[bool]) -> float:
    """Return the length of the shortest closed walk over the required edges: every choice of copies is tried."""
    nodes = sorted({node for a, b, _ in edges for node in (a, b)})
    best = np.inf
    for copies in itertools.product(*((1, 2) if one else (0, 1, 2) for one in required)):
        length = sum(n * metres for n, (_, _, metres) in zip(copies, edges, strict=True))
        if length >= best:
            continue
        degree = dict.fromkeys(nodes, 0)
        own = []
        for n, (a, b, _) in zip(copies, edges, strict=True):
            degree[a] += n
            degree[b] += n
            own += [(a, b, 1.0)] * (n > 0)
        used = {node for a, b, _ in own for node in (a, b)}
        if all(n % 2 == 0 for n in degree.values()) and set(dijkstra(own, min(used))) >= used:
            best = length
    return best
