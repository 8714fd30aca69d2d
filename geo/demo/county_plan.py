"""Plan a county: its outline, townships, villages and natural villages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo import region_growing
from geo.demo.county_sizes import Size

TOWN, SEAT, VILLAGE, HAMLET = 0, 1, 2, 3


@dataclass(frozen=True)
class CountyLayout:
    """A county as labels on the nodes of a graph; positions in metres from its centre, -1 outside.

    Attributes
    ----------
    township, unit, hamlet
        Per node. A unit is the county town (0), the seat of township t (t), or a rural village; a hamlet is a natural
        village with its land, one grid of level 1, and -1 in the town and the seats.
    unit_township, hamlet_unit
        The township of each unit, the unit of each hamlet.
    settlement_node, settlement_kind, settlement_unit, settlement_hamlet
        The settlements: town and seats first, then hamlets; the first hamlet of a village is its core.
    """

    size: Size
    graph: region_growing.Graph
    township: np.ndarray
    unit: np.ndarray
    hamlet: np.ndarray
    unit_township: np.ndarray
    hamlet_unit: np.ndarray
    settlement_node: np.ndarray
    settlement_kind: np.ndarray
    settlement_unit: np.ndarray
    settlement_hamlet: np.ndarray

    @property
    def settlement_xy(self) -> np.ndarray:
        """Return the centre of each settlement."""
        return np.asarray(self.graph.xy[self.settlement_node])


def plan(size: Size, rng: np.random.Generator) -> CountyLayout:
    """Generate the outline of a county and divide it, top down, so that every region is connected."""
    points, inside = _land(size, rng)
    graph = region_growing.delaunay(points, size.spacing * 3, _noise_shifted(points, size, rng), rng)
    inside = _largest_component(graph, inside)
    weight = _population_density(points, size)
    seats = _township_seats(points, inside, weight, size, rng)
    township = region_growing.grow(graph, seats.tolist(), range(len(seats)), np.where(inside, 0, -1)).label
    cores, core_township = _villages(graph, township, seats, weight, size, rng)
    unit_township = np.concatenate([np.arange(size.townships), core_township])
    unit_node = np.concatenate([seats, cores])
    unit = region_growing.grow(graph, unit_node.tolist(), range(len(unit_node)), township).label
    rural = np.arange(size.townships, len(unit_node))
    nodes, hamlet_unit = _hamlets(graph, unit, rural, unit_node, size, rng)
    hamlet = region_growing.grow(
        graph, nodes.tolist(), range(len(nodes)), np.where(unit >= size.townships, unit, -1)
    ).label
    first = np.concatenate([[True], hamlet_unit[1:] != hamlet_unit[:-1]])
    kinds = [np.full(1, TOWN), np.full(size.townships - 1, SEAT), np.where(first, VILLAGE, HAMLET)]
    return CountyLayout(
        size=size,
        graph=graph,
        township=township,
        unit=unit,
        hamlet=hamlet,
        unit_township=unit_township,
        hamlet_unit=hamlet_unit,
        settlement_node=np.concatenate([seats, nodes]),
        settlement_kind=np.concatenate(kinds),
        settlement_unit=np.concatenate([np.arange(size.townships), hamlet_unit]),
        settlement_hamlet=np.concatenate([np.full(size.townships, -1), np.arange(len(nodes))]),
    )


def town_reach(size: Size, half: tuple[int, int]) -> float:
    """Return the radius in metres of a town of so many blocks each way, with a margin."""
    return float(np.hypot(half[0] * 165.0, half[1] * 125.0)) + size.spacing


# --- land ------------------------------------------------------------------------------------------------------------


def _land(size: Size, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return jittered points on a triangular lattice, and which of them lie inside a random outline."""
    radius = np.sqrt(size.area_km2 * 1e6 / np.pi)
    step = size.spacing
    reach = radius * 1.9
    rows = np.arange(-reach, reach, step * np.sqrt(3) / 2)
    columns = np.arange(-reach, reach, step)
    x = columns[None, :] + np.where(np.arange(len(rows)) % 2, step / 2, 0.0)[:, None]
    points = np.column_stack([x.ravel(), np.repeat(rows, len(columns))])
    points = points + rng.uniform(-0.3, 0.3, points.shape) * step
    level = _outline(_noise_shifted(points, size, rng), radius, rng)
    near = level < 1.0 + 9.0 * step / radius
    return points[near], level[near] < 1.0


def _outline(points: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Return the distance from the centre as a share of the outline's distance in that direction."""
    stretched = points * np.array([0.84, 1.19])
    angle = np.arctan2(stretched[:, 1], stretched[:, 0])
    wave = np.zeros(len(points))
    for k in range(2, 12):
        wave += rng.normal(0, 0.16 / k) * np.cos(k * angle) + rng.normal(0, 0.16 / k) * np.sin(k * angle)
    return np.asarray(np.hypot(*stretched.T) / (radius * np.exp(wave)))


def _largest_component(graph: region_growing.Graph, inside: np.ndarray) -> np.ndarray:
    """Return the inside without islands and lakes."""
    middle = int(np.argmin(np.where(inside, np.hypot(*graph.xy.T), np.inf)))
    main = region_growing.grow(graph, [middle], [1], np.where(inside, 0, -1)).label == 1
    corner = int(np.argmax(np.hypot(*graph.xy.T)))
    return region_growing.grow(graph, [corner], [1], np.where(main, -1, 0)).label != 1


def _noise_shifted(points: np.ndarray, size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return the points shifted by smooth waves of several wavelengths, so that straight lines become curved."""
    shift = np.zeros_like(points)
    for octave in range(5):
        wave = 26.0 * size.spacing / 2**octave
        for axis in (0, 1):
            turn, phase = rng.uniform(0, 2 * np.pi, (2, 4))
            along = np.outer(points[:, 0], np.cos(turn)) + np.outer(points[:, 1], np.sin(turn))
            shift[:, axis] += np.cos(along * 2 * np.pi / wave + phase).sum(axis=1) * 0.055 * wave
    return points + shift


def _population_density(points: np.ndarray, size: Size) -> np.ndarray:
    """Return the population density: high along one valley, low elsewhere."""
    radius = np.sqrt(size.area_km2 * 1e6 / np.pi)
    bend = 0.28 * radius * np.sin(points[:, 0] / radius * 2.4)
    away = (points[:, 1] - bend) / (0.36 * radius)
    return 0.16 + np.exp(-(away**2))


# --- settlements -----------------------------------------------------------------------------------------------------


def _township_seats(
    points: np.ndarray, inside: np.ndarray, weight: np.ndarray, size: Size, rng: np.random.Generator
) -> np.ndarray:
    """Return the node of the county town and of every other seat of a township."""
    land = np.flatnonzero(inside)
    chosen = land[region_growing.spread_seeds(points[land], weight[land] ** 0.7, size.townships, rng)]
    radius = np.sqrt(size.area_km2 * 1e6 / np.pi)
    # The county town lies in the valley, off the centre.
    off = np.hypot(points[chosen, 0] + 0.25 * radius, points[chosen, 1])
    town = int(np.argmin(off / np.sqrt(weight[chosen])))
    return np.concatenate([chosen[[town]], np.delete(chosen, town)])


def _villages(
    graph: region_growing.Graph,
    township: np.ndarray,
    seats: np.ndarray,
    weight: np.ndarray,
    size: Size,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes of the rural village cores and the township of each."""
    people = np.bincount(township[township >= 0], weight[township >= 0], minlength=size.townships)
    counts = shares(people, size.rural_villages, least=2)
    interior = _interior_nodes(graph, township)
    nodes, owners = [], []
    for t, count in enumerate(counts.tolist()):
        town = size.town if t == 0 else size.seat
        away = np.hypot(*(graph.xy - graph.xy[seats[t]]).T) > town_reach(size, town) + 1.2 * size.spacing
        free = np.flatnonzero((township == t) & interior & away)
        seat = graph.xy[seats[[t]]]
        picked = free[region_growing.spread_seeds(graph.xy[free], weight[free], count, rng, fixed=seat)]
        nodes.append(picked)
        owners.append(np.full(len(picked), t))
    return np.concatenate(nodes), np.concatenate(owners)


def _hamlets(
    graph: region_growing.Graph,
    unit: np.ndarray,
    rural: np.ndarray,
    unit_node: np.ndarray,
    size: Size,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes of the natural villages, the core of each village first, and the unit of each."""
    interior = _interior_nodes(graph, unit)
    room = np.bincount(unit[interior & (unit >= 0)], minlength=len(unit_node))[rural]
    counts = shares(np.sqrt(room) * rng.uniform(0.5, 1.5, len(rural)), size.rural_grids, least=1)
    taken = np.zeros(len(unit), dtype=bool)
    nodes, owners = [], []
    for u, count in zip(rural.tolist(), counts.tolist(), strict=True):
        core = int(unit_node[u])
        picked = [core]
        _claim_cell(graph, taken, core)
        free = np.flatnonzero((unit == u) & interior & ~taken)
        even = np.ones(len(free))
        wanted = free[region_growing.spread_seeds(graph.xy[free], even, count - 1, rng, fixed=graph.xy[[core]])]
        for node in [*wanted.tolist(), *free.tolist(), *np.flatnonzero(unit == u).tolist()]:
            if len(picked) == count:
                break
            if not taken[node]:
                picked.append(node)
                _claim_cell(graph, taken, node)
        nodes += picked
        owners += [u] * len(picked)
    return np.array(nodes), np.array(owners)


def _claim_cell(graph: region_growing.Graph, taken: np.ndarray, node: int) -> None:
    # A settlement takes its own cell and the ring around it.
    taken[node] = True
    taken[graph.to[graph.start[node] : graph.start[node + 1]]] = True


def _interior_nodes(graph: region_growing.Graph, label: np.ndarray) -> np.ndarray:
    """Return the nodes whose neighbours all share their label."""
    differs = label[graph.tails] != label[graph.to]
    return np.asarray(np.bincount(graph.tails[differs], minlength=len(label)) == 0)


def shares(weight: np.ndarray, total: int, *, least: int) -> np.ndarray:
    """Return whole numbers by weight that add up to the total, none below ``least`` (largest remainders)."""
    exact = weight / weight.sum() * (total - least * len(weight))
    whole = np.floor(exact).astype(int)
    missing = total - least * len(weight) - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.asarray(whole + least)
