"""Search a cheap partition of many atoms: carve, move, cut anew, shake (rule V4)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from geo.network.groups import groups
from geo.planning import _partition_kernels as kernels

_STARTS, _ROUNDS, _PATIENCE, _PASSES = 3, 30, 3, 50
_SEED = 88_172_645_463_325_252
#: Shakes of a town: many of a small one, a few of a large one.
_MOST_SHAKES, _SHAKEN_ATOMS = 80, 4_000
_NOISE = (0.15, 0.6, 2.0)
_LEAST = 1e-9


@dataclass
class AtomGraph:
    """Hold one connected set of atoms as the kernels take it.

    Attributes
    ----------
    atoms
        Households, m2, metres of border of each (n, 3).
    ends, borders
        Pairs that share a border, its metres and its cost as a barrier (m, 2).
    present, moving, is_locked
        Grid today (-1 none), what it costs that the atom leaves it, whether it must stay.
    low, high, rates, count
        The band, the rates of band, barrier and shape, and how many grids (None for as many as is cheapest).
    first_new
        The first number of grids that are not there today.
    start, other, edge
        The neighbours of atom v are ``other[start[v]:start[v + 1]]``, over the pairs ``edge``.
    """

    atoms: np.ndarray
    ends: np.ndarray
    borders: np.ndarray
    present: np.ndarray
    moving: np.ndarray
    is_locked: np.ndarray
    low: float
    high: float
    rates: np.ndarray
    count: int | None
    first_new: int
    start: np.ndarray = field(init=False)
    other: np.ndarray = field(init=False)
    edge: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        n, m = len(self.atoms), len(self.ends)
        both = np.concatenate([self.ends[:, 0], self.ends[:, 1]]).astype(np.int64)
        away = np.concatenate([self.ends[:, 1], self.ends[:, 0]]).astype(np.int64)
        order = np.lexsort((away, both))
        self.start = np.concatenate([[0], np.cumsum(np.bincount(both, minlength=n))]).astype(np.int64)
        self.other, self.edge = away[order], np.concatenate([np.arange(m), np.arange(m)])[order].astype(np.int64)


def search(graph: AtomGraph) -> np.ndarray:
    """Return the best partition of several starts, each bettered until nothing is gained."""
    best, least = np.zeros(0, np.int64), np.inf
    state = np.array([_SEED], np.uint64)
    starts = (
        [None] if (graph.present >= 0).any() else [(c, s) for c in _plausible_counts(graph) for s in range(_STARTS)]
    )
    for begin in starts:
        label = _from_today(graph) if begin is None else _carved(graph, begin[0], state)
        label = _bettered(graph, label, state)
        value = _cost(graph, label)
        if value < least - _LEAST:
            best, least = label, value
    return _shaken(graph, best, least, state)


def _shaken(graph: AtomGraph, best: np.ndarray, least: float, state: np.ndarray) -> np.ndarray:
    """Return a labelling bettered by shakes: a few neighbouring grids are carved anew by chance, then all is bettered.

    What a shake loses is taken back (iterated local search, Lourenco, Martin and Stutzle 2003).
    """
    rng = np.random.default_rng(int(state[0]))
    for _ in range(min(_MOST_SHAKES, _SHAKEN_ATOMS // len(best))):
        label = best.copy()
        pairs = _borders_of(graph, label)
        if not len(pairs):
            break
        group = set(pairs[rng.integers(len(pairs))].tolist())
        near = pairs[np.isin(pairs, list(group)).any(axis=1)]
        group |= set(near[rng.integers(len(near))].tolist())
        nodes = np.flatnonzero(np.isin(label, list(group)))
        if graph.is_locked[nodes].any():
            continue
        parts = len(group) + (0 if graph.count is not None else int(rng.integers(-1, 2)))
        names = [*sorted(group), *range(_unused(graph, label), _unused(graph, label) + parts)][
            : max(1, min(parts, len(nodes)))
        ]
        _carve(graph, label, nodes, names, state, _NOISE[-1])
        label = _bettered(graph, label, state)
        value = _cost(graph, label)
        if value < least - _LEAST:
            best, least = label, value
    return best


def _plausible_counts(graph: AtomGraph) -> list[int]:
    """Return the numbers of grids to begin with: those of which the mean lies in the band, the middle one first."""
    if graph.count is not None:
        return [min(graph.count, len(graph.atoms))]
    total = graph.atoms[:, 0].sum()
    middle = 2 * total / (graph.low + graph.high)
    tried = sorted({max(1, round(middle)), max(1, int(middle)), max(1, int(np.ceil(middle)))})
    return [min(one, len(graph.atoms)) for one in tried]


def _carved(graph: AtomGraph, count: int, state: np.ndarray) -> np.ndarray:
    """Return a partition into so many grids by halves: each cut leaves both parts room for their share of the grids."""
    label = np.zeros(len(graph.atoms), np.int64)
    _carve(graph, label, np.arange(len(label)), list(range(count)), state, _NOISE[0])
    return label


def _carve(
    graph: AtomGraph, label: np.ndarray, nodes: np.ndarray, names: list[int], state: np.ndarray, noise: float
) -> None:
    """Cut connected atoms by halves into grids of given numbers; change ``label``."""
    waiting = [(nodes, names)]
    while waiting:
        part, own = waiting.pop()
        label[part] = own[0]
        if len(own) == 1 or len(part) < 2:
            continue
        half = len(own) // 2
        is_first = _cut(graph, part, own[0], own[half], half, len(own) - half, state, noise)
        if is_first.any():
            waiting += [(part[is_first], own[:half]), (part[~is_first], own[half:])]


def _from_today(graph: AtomGraph) -> np.ndarray:
    """Return the grids of today as a start: what has none, and each further piece of one, is a grid of its own."""
    label, next_label = graph.present.copy(), graph.first_new
    free = label < 0
    same = [(int(a), int(b)) for a, b in graph.ends if free[a] == free[b] and (free[a] or label[a] == label[b])]
    pieces = components(len(label), np.array(same, np.int64).reshape(-1, 2))
    taken: set[int] = set()
    for piece in sorted(pieces, key=lambda one: (-graph.moving[one].sum(), one[0])):
        if free[piece[0]] or int(label[piece[0]]) in taken:
            label[piece] = next_label
            next_label += 1
        else:
            taken.add(int(label[piece[0]]))
    return label


def _bettered(graph: AtomGraph, label: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Return a labelling bettered by moves and new cuts, until rounds of trees gain nothing."""
    label, idle = label.copy(), 0
    for turn in range(_ROUNDS):
        gained = _move(graph, label)
        gained += _recut(graph, label, state, _NOISE[turn % len(_NOISE)])
        idle = 0 if gained > _LEAST else idle + 1
        if idle >= _PATIENCE:
            break
    return _compact(graph, label)


def _move(graph: AtomGraph, label: np.ndarray) -> float:
    sums = _sums(graph, label)
    return float(
        kernels.move_atoms(
            label, sums, graph.atoms, graph.start, graph.other, graph.edge, graph.borders, graph.present, graph.moving,
            graph.is_locked, graph.low, graph.high, graph.rates, graph.count is None, _PASSES,
        )
    )  # fmt: skip


def _recut(graph: AtomGraph, label: np.ndarray, state: np.ndarray, noise: float) -> float:
    """Cut each two neighbouring grids anew, or join them, and each grid in two, where that costs less."""
    pairs = _borders_of(graph, label)
    if graph.count is None:
        used = np.unique(label)
        fresh = _unused(graph, label) + np.arange(len(used))
        pairs = np.concatenate([np.column_stack([used, fresh]), pairs])
    sums = np.zeros((int(max(label.max(), pairs.max(initial=0))) + 1, 5))
    own = _sums(graph, label)
    sums[: len(own)] = own[: len(sums)]
    return float(
        kernels.recut_grids(
            pairs, label, sums, graph.atoms, graph.start, graph.other, graph.edge, graph.borders, graph.present,
            graph.moving, graph.is_locked, graph.low, graph.high, graph.rates, graph.count is None, state, noise,
        )
    )  # fmt: skip


def _borders_of(graph: AtomGraph, label: np.ndarray) -> np.ndarray:
    """Return the pairs of grids that share a border, the lower number first."""
    pairs = np.sort(label[graph.ends], axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).reshape(-1, 2)


def _unused(graph: AtomGraph, label: np.ndarray) -> int:
    return max(graph.first_new, int(label.max()) + 1)


def _compact(graph: AtomGraph, label: np.ndarray) -> np.ndarray:
    """Return a labelling of which the new grids are numbered without holes."""
    out, is_new = label.copy(), label >= graph.first_new
    out[is_new] = np.unique(label[is_new], return_inverse=True)[1] + graph.first_new
    return out


def _cut(
    graph: AtomGraph, nodes: np.ndarray, a: int, b: int, parts_a: int, parts_b: int, state: np.ndarray, noise: float
) -> np.ndarray:
    """Return which of connected atoms are in the first of two parts."""
    inside = np.full(len(graph.atoms), -1)
    inside[nodes] = np.arange(len(nodes))
    is_first, _ = kernels.best_cut(
        nodes, inside, graph.atoms, graph.start, graph.other, graph.edge, graph.borders, graph.present, graph.moving, a,
        b, float(parts_a), float(parts_b), graph.low, graph.high, graph.rates, state, noise,
    )  # fmt: skip
    return np.asarray(is_first)


def _sums(graph: AtomGraph, label: np.ndarray) -> np.ndarray:
    count = max(int(label.max()) + 1, graph.first_new)
    return kernels.sums_of(label, count, graph.atoms, graph.start, graph.other, graph.edge, graph.borders)


def _cost(graph: AtomGraph, label: np.ndarray) -> float:
    sums = _sums(graph, label)
    away = (graph.present >= 0) & (graph.present != label)
    costs = [kernels.grid_cost(sums[g], graph.low, graph.high, graph.rates) for g in np.unique(label).tolist()]
    return float(sum(costs) + graph.moving[away].sum())


def components(n: int, pairs: np.ndarray) -> list[np.ndarray]:
    """Return the sets of connected items, by their first ones."""
    label = groups(n, pairs[:, 0], pairs[:, 1])
    return [np.flatnonzero(label == one) for one in range(int(label.max(initial=-1)) + 1)]
