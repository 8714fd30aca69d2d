"""Cut roads into connected sectors of equal weight (rule P8).

A county's roads are cut by spanning trees: each edge of a tree cuts it in two connected parts, so that one pass finds
the most even of them all; many trees are tried. It is the recombination of DeFord, Duchin and Solomon (2021,
doi:10.1162/99608f92.eb30390f), here with the aim of balance alone. Few roads are cut by trying every cut there is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import rustworkx as rx

#: A sector is balanced when its weight is within this share of the mean.
TOLERANCE = 0.1
#: Of so many roads every cut is tried.
FEW = 12
_TREES, _REPAIRS = 40, 60
_SEED = 20_261_130

Cut = tuple[list[int], list[int]]


def sectors(weight: np.ndarray, neighbours: Sequence[tuple[int, int]], count: int) -> np.ndarray:
    """Return the sector of each road, from 0; -1 for those that none could take, as they are not connected with one.

    Each part of the network that is connected and has weight gets sectors by its weight (d'Hondt); where there are more
    parts than sectors, the lightest get none.

    Parameters
    ----------
    weight
        Of each road, at least 0.
    neighbours
        Pairs of roads that meet.
    count
        How many sectors; fewer are made where there are fewer roads.

    Examples
    --------
    Four roads in a row, and one that meets none:

    >>> sectors(np.array([2.0, 1.0, 1.0, 2.0, 0.5]), [(0, 1), (1, 2), (2, 3)], 2).tolist()
    [0, 0, 1, 1, -1]
    """
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(weight)))
    graph.add_edges_from([(a, b, 1.0) for a, b in sorted({(min(e), max(e)) for e in neighbours if e[0] != e[1]})])
    parts = sorted((sorted(part) for part in rx.connected_components(graph)), key=lambda part: part[0])
    parts = [part for part in parts if weight[part].sum() > 0]
    out = np.full(len(weight), -1)
    rng = np.random.default_rng(_SEED)
    found: list[list[int]] = []
    for part, share in zip(parts, _shares_of_parts(parts, weight, count), strict=True):
        if share:
            found += _repaired(_split(part, weight, graph, share, rng), weight, graph, rng)
    for number, roads in enumerate(sorted(found, key=min)):
        out[roads] = number
    return out


def _shares_of_parts(parts: Sequence[list[int]], weight: np.ndarray, count: int) -> list[int]:
    """Return how many sectors each part gets: one by one to that with the most weight a sector."""
    total = [float(weight[part].sum()) for part in parts]
    share = [0] * len(parts)
    for _ in range(count):
        open_parts = [k for k, part in enumerate(parts) if share[k] < len(part)]
        if not open_parts:
            break
        share[max(open_parts, key=lambda k: (total[k] / (share[k] + 1), -share[k], -k))] += 1
    return share


def _split(
    roads: list[int], weight: np.ndarray, graph: rx.PyGraph, count: int, rng: np.random.Generator
) -> list[list[int]]:
    """Return so many connected sets of the roads, halved again and again."""
    if count <= 1:
        return [roads]
    left = count // 2
    one, other = _cut(roads, weight, graph, (left, count - left), rng)
    return [*_split(one, weight, graph, left, rng), *_split(other, weight, graph, count - left, rng)]


def _repaired(
    found: list[list[int]], weight: np.ndarray, graph: rx.PyGraph, rng: np.random.Generator
) -> list[list[int]]:
    """Return the sectors after neighbours of unequal weight were joined and cut anew, until all are balanced."""
    mean = sum(float(weight[roads].sum()) for roads in found) / len(found)
    tried: set[tuple[int, int]] = set()
    for _ in range(_REPAIRS if len(found) > 2 else 0):
        total = [float(weight[roads].sum()) for roads in found]
        if max(abs(one - mean) for one in total) <= TOLERANCE * mean:
            break
        pairs = [pair for pair in _meeting(found, graph) if pair not in tried]
        if not pairs:
            break
        a, b = max(pairs, key=lambda pair: (abs(total[pair[0]] - total[pair[1]]), -pair[0], -pair[1]))
        cut = _cut(sorted(found[a] + found[b]), weight, graph, (1, 1), rng)
        if abs(weight[cut[0]].sum() - weight[cut[1]].sum()) < abs(total[a] - total[b]) - 1e-9:
            found[a], found[b] = cut
            tried = {pair for pair in tried if not {a, b} & set(pair)}
        else:
            tried.add((a, b))
    return found


def _meeting(found: list[list[int]], graph: rx.PyGraph) -> list[tuple[int, int]]:
    sector = {road: k for k, roads in enumerate(found) for road in roads}
    pairs = {
        (min(a, b), max(a, b))
        for road, a in sector.items()
        for other in graph.neighbors(road)
        if (b := sector.get(other, a)) != a
    }
    return sorted(pairs)


def _cut(
    roads: list[int], weight: np.ndarray, graph: rx.PyGraph, shares: tuple[int, int], rng: np.random.Generator
) -> Cut:
    """Return the roads as two connected sets, their weights as near to the shares as any cut found."""
    inner = graph.subgraph(roads)
    own = weight[roads]
    aim = float(own.sum()) * shares[0] / sum(shares)
    chosen = _every_cut(inner, own, aim, shares) if len(roads) <= FEW else _cut_of_trees(inner, own, aim, shares, rng)
    inside = np.zeros(len(roads), bool)
    inside[chosen] = True
    all_roads = np.array(roads)
    return all_roads[inside].tolist(), all_roads[~inside].tolist()


def _every_cut(inner: rx.PyGraph, own: np.ndarray, aim: float, shares: tuple[int, int]) -> list[int]:
    """Return the connected set, with a connected rest, whose weight is nearest to the aim: of all sets."""
    count = len(own)
    near = [sum(1 << int(k) for k in inner.neighbors(node)) for node in range(count)]
    every = (1 << count) - 1
    best, best_off = 0, np.inf
    for mask in range(1, every):
        if mask.bit_count() < shares[0] or count - mask.bit_count() < shares[1]:
            continue
        off = abs(sum(own[k] for k in range(count) if mask >> k & 1) - aim)
        if off < best_off - 1e-9 and _is_connected(mask, near) and _is_connected(every ^ mask, near):
            best, best_off = mask, off
    return [k for k in range(count) if best >> k & 1]


def _is_connected(mask: int, near: list[int]) -> bool:
    reached = mask & -mask
    fresh = reached
    while fresh:
        k = fresh.bit_length() - 1
        new = near[k] & mask & ~reached
        reached |= new
        fresh = (fresh & ~(1 << k)) | new
    return reached == mask


def _cut_of_trees(
    inner: rx.PyGraph, own: np.ndarray, aim: float, shares: tuple[int, int], rng: np.random.Generator
) -> list[int]:
    """Return the most even of the cuts that random spanning trees offer."""
    edges = np.array(inner.edge_list())
    best: list[int] = []
    best_off = np.inf
    for _ in range(_TREES):
        order, parent = _random_tree(len(own), edges, rng)
        below, size = own.copy(), np.ones(len(own), np.int64)
        for node in order[:0:-1]:
            below[parent[node]] += below[node]
            size[parent[node]] += size[node]
        for is_rest in (False, True):
            part = float(own.sum()) - below if is_rest else below
            counted = len(own) - size if is_rest else size
            off = np.abs(part - aim)
            off[(counted < shares[0]) | (len(own) - counted < shares[1])] = np.inf
            node = int(np.argmin(off))
            if off[node] < best_off - 1e-9:
                best_off = float(off[node])
                branch = _branch(order, parent, node)
                best = sorted(set(range(len(own))) - branch) if is_rest else sorted(branch)
        if best_off <= TOLERANCE / 20 * aim:
            break
    return best


def _random_tree(count: int, edges: np.ndarray, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Return the nodes of a random spanning tree, parents first, and the parent of each."""
    weighted = rx.PyGraph(multigraph=False)
    weighted.add_nodes_from(range(count))
    chance = rng.random(len(edges))
    weighted.add_edges_from([(a, b, c) for (a, b), c in zip(edges.tolist(), chance.tolist(), strict=True)])
    tree: list[list[int]] = [[] for _ in range(count)]
    for a, b, _ in rx.minimum_spanning_edges(weighted, weight_fn=float):
        tree[a].append(b)
        tree[b].append(a)
    order, parent = [0], [-1] * count
    for node in order:
        for other in tree[node]:
            if other != parent[node]:
                parent[other] = node
                order.append(other)
    return order, parent


def _branch(order: list[int], parent: list[int], top: int) -> set[int]:
    """Return the nodes of a tree at and below one."""
    inside = {top}
    for node in order:
        if parent[node] in inside:
            inside.add(node)
    return inside
