"""Partition atoms into grids of a band of households, along barriers, compact, with few changes (rules V3 and V4).

Arrays in, no geometry. A few atoms are partitioned exactly; more by cuts of spanning trees and moves of single atoms,
with a proven bound beside the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import rustworkx as rx
from numpy.typing import ArrayLike

from geo.errors import BadValue
from geo.planning._exact_partition import FEW, exact_partition
from geo.planning.partition_search import AtomGraph, components, search


@dataclass(frozen=True)
class Rates:
    """Say what counts how much in the objective (rule V3).

    Attributes
    ----------
    band
        Of households outside the band, as many as its upper end: so much that the band comes first.
    barrier
        Of 1,000 m of barrier of grade 1 within a grid.
    shape
        Of a border squared as long again as that of a circle of the same area (Polsby and Popper 1991).
    move
        Of one building that changes its grid: more than 1 km of a main road within a grid.
    """

    band: float = 1_000_000.0
    barrier: float = 1.0
    shape: float = 0.05
    move: float = 10.0


@dataclass(frozen=True)
class Partition:
    """Hold a partition of atoms.

    Attributes
    ----------
    label
        Grid of each atom, from 0 in the order of their first atoms; present grids keep their numbers.
    value, terms
        What it costs (rule V3), and the parts of that: ``band``, ``barrier``, ``shape``, ``move``.
    bound
        No partition costs less (rule V4).
    is_exact
        Whether it is the cheapest there is.
    """

    label: np.ndarray
    value: float
    bound: float
    is_exact: bool
    terms: dict[str, float]


def partition(
    households: ArrayLike,
    area: ArrayLike,
    rim: ArrayLike,
    ends: ArrayLike,
    border: ArrayLike,
    barrier: ArrayLike,
    *,
    low: float,
    high: float,
    count: int | None = None,
    present: ArrayLike | None = None,
    moving: ArrayLike | None = None,
    locked: ArrayLike | None = None,
    rates: Rates | None = None,
) -> Partition:
    """Return the cheapest partition found of atoms into grids, each in one piece (rules V3 and V4).

    Parameters
    ----------
    households, area, rim
        Of each atom: households (or persons), m2, and metres of its border on no other atom.
    ends, border, barrier
        Pairs of atoms that share a border (m, 2), the metres shared, and the metres of barrier along it, each metre
        times the grade of the barrier.
    low, high
        The band of households of a grid.
    count
        How many grids; None for as many as is cheapest. Atoms that are not connected have at least one each.
    present, moving, locked
        Of each atom: its grid today (-1 none), its buildings (one, where not given), whether it must stay.
    rates
        Of the objective.

    Raises
    ------
    BadValue
        Where the band is empty, a figure is negative, or arrays do not fit together.

    Examples
    --------
    Four blocks in a row, a main road between the second and the third: two grids of 400 households along it.

    >>> found = partition([200] * 4, [1e4] * 4, [300, 200, 200, 300], [[0, 1], [1, 2], [2, 3]], [100] * 3, [0, 100, 0],
    ...                   low=300, high=500)
    >>> found.label.tolist(), found.is_exact
    ([0, 0, 1, 1], True)
    """
    rates = rates or Rates()
    atoms = np.column_stack([np.asarray(one, float) for one in (households, area, rim)])
    pairs = np.asarray(ends, np.int64).reshape(-1, 2)
    borders = np.column_stack([np.asarray(border, float), np.asarray(barrier, float)]).reshape(-1, 2)
    _require_sound(atoms, pairs, borders, low, high, count)
    n = len(atoms)
    np.add.at(atoms[:, 2], pairs[:, 0], borders[:, 0])
    np.add.at(atoms[:, 2], pairs[:, 1], borders[:, 0])
    today = np.full(n, -1) if present is None else np.asarray(present, np.int64)
    weight = np.ones(n) if moving is None else np.asarray(moving, float)
    stay = np.zeros(n, bool) if locked is None else np.asarray(locked, bool)
    figures = np.array([rates.band, rates.barrier, rates.shape])
    label = np.full(n, -1)
    bound, exact, next_label = 0.0, True, int(today.max(initial=-1)) + 1
    parts = components(n, pairs)
    for part, own in zip(parts, _counts(parts, atoms[:, 0], count), strict=True):
        graph = _graph(part, atoms, pairs, borders, today, weight * rates.move, stay, low, high, figures, own)
        is_exact = len(part) <= FEW and present is None and not stay.any()
        found = (
            exact_partition(graph.atoms, graph.ends, graph.borders, low, high, figures, own)
            if is_exact
            else search(graph)
        )
        fresh = found >= graph.first_new if present is not None else np.ones(len(found), bool)
        found = found.copy()
        found[fresh] = np.unique(found[fresh], return_inverse=True)[1] + next_label
        next_label = max(next_label, int(found.max()) + 1)
        label[part] = found
        bound += _bound(graph)
        exact &= is_exact
    label = label if present is not None else _in_order(label)
    terms = _terms(label, atoms, pairs, borders, today, weight, low, high, rates)
    value = sum(terms.values())
    return Partition(label, value, value if exact else min(bound, value), exact, terms)


def _require_sound(
    atoms: np.ndarray, pairs: np.ndarray, borders: np.ndarray, low: float, high: float, count: int | None
) -> None:
    if not 0 <= low <= high or high <= 0:
        raise BadValue(f"户数区间 {low:g}:{high:g} 无效", f"no band of households: {low:g}:{high:g}")
    if (atoms < 0).any() or (borders < 0).any() or not np.isfinite(atoms).all() or not np.isfinite(borders).all():
        raise BadValue("户数、面积、长度不能为负", "households, areas and lengths cannot be negative")
    if len(pairs) != len(borders) or (len(pairs) and not 0 <= pairs.min() <= pairs.max() < len(atoms)):
        raise BadValue("邻接关系与基元不符", "the pairs of neighbours do not fit the atoms")
    if count is not None and count < 1:
        raise BadValue("网格数须至少为 1", "the number of grids must be at least 1")


def _counts(parts: list[np.ndarray], households: np.ndarray, count: int | None) -> list[int | None]:
    """Return how many grids each connected set gets: one, and the others by its households (d'Hondt)."""
    if count is None:
        return [None] * len(parts)
    own = [1] * len(parts)
    total = [float(households[part].sum()) for part in parts]
    for _ in range(count - len(parts)):
        room = [k for k in range(len(parts)) if own[k] < len(parts[k])]
        if not room:
            break
        own[max(room, key=lambda k: (total[k] / (own[k] + 1), -k))] += 1
    return list(own)


def _graph(
    part: np.ndarray, atoms: np.ndarray, pairs: np.ndarray, borders: np.ndarray, present: np.ndarray,
    moving: np.ndarray, stay: np.ndarray, low: float, high: float, figures: np.ndarray, count: int | None,
) -> AtomGraph:  # fmt: skip
    place = np.full(len(atoms), -1)
    place[part] = np.arange(len(part))
    inside = place[pairs[:, 0]] >= 0 if len(pairs) else np.zeros(0, bool)
    return AtomGraph(
        atoms[part], place[pairs[inside]].reshape(-1, 2), borders[inside], present[part], moving[part], stay[part],
        low, high, figures, count, int(present.max(initial=-1)) + 1,
    )  # fmt: skip


def _bound(graph: AtomGraph) -> float:
    """Return what no partition costs less than (rule V4).

    For each number of grids: the households that cannot be in the band, and the cheapest borders that must lie within
    grids, as a grid of k atoms has at least k - 1 (the first edges of Kruskal's forest); of these the least.
    """
    n, total = len(graph.atoms), float(graph.atoms[:, 0].sum())
    near = rx.PyGraph(multigraph=False)
    near.add_nodes_from(range(n))
    near.add_edges_from([(int(a), int(b), float(w)) for (a, b), w in zip(graph.ends, graph.borders[:, 1], strict=True)])
    tree = np.sort([weight for _, _, weight in rx.minimum_spanning_edges(near, weight_fn=float)])
    within = np.concatenate([[0.0], np.cumsum(tree)])
    counts = np.arange(1, n + 1) if graph.count is None else np.array([graph.count])
    outside = np.maximum(0.0, np.maximum(counts * graph.low - total, total - counts * graph.high))
    outside = np.maximum(outside, np.maximum(0.0, graph.atoms[:, 0] - graph.high).sum())
    return float((graph.rates[0] * outside / graph.high + graph.rates[1] * within[n - counts] / 1000.0).min())


def _in_order(label: np.ndarray) -> np.ndarray:
    """Return a labelling numbered from 0 in the order of first atoms."""
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _terms(
    label: np.ndarray, atoms: np.ndarray, pairs: np.ndarray, borders: np.ndarray, present: np.ndarray,
    weight: np.ndarray, low: float, high: float, rates: Rates,
) -> dict[str, float]:  # fmt: skip
    used, own = np.unique(label, return_inverse=True)
    sums = np.zeros((len(used), 5))
    for column in range(3):
        sums[:, column] = np.bincount(own, atoms[:, column], len(used))
    within = own[pairs[:, 0]] == own[pairs[:, 1]] if len(pairs) else np.zeros(0, bool)
    for column in range(2):
        sums[:, 3 + column] = np.bincount(own[pairs[within, 0]], borders[within, column], len(used))
    outside = np.maximum(0.0, np.maximum(low - sums[:, 0], sums[:, 0] - high))
    border = sums[:, 2] - 2.0 * sums[:, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = np.where(sums[:, 1] > 0, np.maximum(0.0, border**2 / (4 * np.pi * sums[:, 1]) - 1.0), 0.0)
    away = (present >= 0) & (present != label)
    return {
        "band": float(rates.band * outside.sum() / high),
        "barrier": float(rates.barrier * sums[:, 4].sum() / 1000.0),
        "shape": float(rates.shape * shape.sum()),
        "move": float(rates.move * weight[away].sum()),
    }
