"""Lay out settlements: turned lattices of streets and blocks, and what each block is used for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.county_plan import HAMLET, SEAT, TOWN, VILLAGE, Plan
from geo.demo.county_sizes import Size

# What a block is used for; those from SCHOOL to WORKS may be dedicated grids.
HOUSES, SHOPS, FLATS, SCHOOL, HOSPITAL, OFFICE, PARK, WORKS, MARKET, STATION = range(10)

#: Pitch of the blocks along and across, width of the main streets and of the others: metres by kind of settlement.
_PITCH = {TOWN: (158.0, 112.0), SEAT: (138.0, 98.0), VILLAGE: (116.0, 60.0), HAMLET: (98.0, 56.0)}
_WIDTH = {TOWN: (20.0, 10.0), SEAT: (14.0, 7.0), VILLAGE: (7.0, 4.5), HAMLET: (5.0, 3.5)}
_HALVES = {VILLAGE: ((2, 1), (2, 1), (1, 2), (1, 1)), HAMLET: ((1, 1), (1, 1), (1, 1), (2, 1))}
_TOWN_ORDER = (OFFICE, SCHOOL, HOSPITAL, PARK, SCHOOL, WORKS, SCHOOL, OFFICE, HOSPITAL, PARK, SCHOOL, OFFICE, WORKS)
_SEAT_ORDER = (OFFICE, SCHOOL, HOSPITAL, WORKS)


@dataclass(frozen=True)
class Settlements:
    """Hold every settlement and every block; metres, the block's bounds in its settlement's own turned axes.

    Attributes
    ----------
    xy, kind, angle, half, pitch, main, lane
        Per settlement: middle, kind, angle of its axis (radians from east, anticlockwise), half the number of blocks
        each way, pitch each way, width of the main streets and of the others.
    place, i, j
        Per block: its settlement, and its place in the lattice; blocks 0 and -1 touch the main streets.
    built, use, dedicated
        Per block: whether anything stands there, what for, and whether it is a grid of its own.
    west, east, south, north
        Per block: bounds inside the streets.
    """

    xy: np.ndarray
    kind: np.ndarray
    angle: np.ndarray
    half: np.ndarray
    pitch: np.ndarray
    main: np.ndarray
    lane: np.ndarray
    place: np.ndarray
    i: np.ndarray
    j: np.ndarray
    built: np.ndarray
    use: np.ndarray
    dedicated: np.ndarray
    west: np.ndarray
    east: np.ndarray
    south: np.ndarray
    north: np.ndarray

    def world(self, place: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Return positions (..., 2) of points given in the axes of their settlements."""
        turn = self.angle[place]
        shape = (*turn.shape, *([1] * (local.ndim - turn.ndim - 1)))
        cos, sin = np.cos(turn).reshape(shape), np.sin(turn).reshape(shape)
        x = local[..., 0] * cos - local[..., 1] * sin + self.xy[place, 0].reshape(shape)
        y = local[..., 0] * sin + local[..., 1] * cos + self.xy[place, 1].reshape(shape)
        return np.stack([x, y], axis=-1)

    def local(self, place: int, points: np.ndarray) -> np.ndarray:
        """Return points (n, 2) in the axes of one settlement."""
        cos, sin = np.cos(self.angle[place]), np.sin(self.angle[place])
        off = points - self.xy[place]
        return np.column_stack([off[:, 0] * cos + off[:, 1] * sin, off[:, 1] * cos - off[:, 0] * sin])

    @property
    def reach(self) -> np.ndarray:
        """Return half the extent of each lattice along and across (n, 2)."""
        return self.half * self.pitch

    @property
    def centre(self) -> np.ndarray:
        """Return the middle of each block's lattice cell, streets included."""
        cell = np.column_stack([self.i + 0.5, self.j + 0.5]) * self.pitch[self.place]
        return self.world(self.place, cell)

    def ends(self) -> np.ndarray:
        """Return the four ends (n, 4, 2) of the two main streets of each settlement."""
        along, across = self.reach[:, 0], self.reach[:, 1]
        zero = np.zeros_like(along)
        local = np.stack(
            [np.stack(pair, axis=-1) for pair in ((along, zero), (zero, across), (-along, zero), (zero, -across))],
            axis=1,
        )
        return self.world(np.arange(len(self.xy)), local)


def settle(plan: Plan, heading: np.ndarray, rng: np.random.Generator) -> Settlements:
    """Lay out every settlement of a plan along the heading (radians, per settlement) of its first road."""
    kind = plan.place_kind
    count = len(kind)
    towns = kind <= SEAT
    angle = np.where(towns, rng.uniform(-0.35, 0.35, count), heading + rng.normal(0, 0.06, count))
    half = np.array([_half(plan.size, int(k), rng) for k in kind])
    pitch = np.array([_PITCH[int(k)] for k in kind]) * rng.uniform(0.93, 1.12, (count, 2))
    width = np.array([_WIDTH[int(k)] for k in kind])
    # One ring of empty cells around: the cells of the streets' outer side keep their shape.
    blocks = [_lattice(p, a + 1, b + 1) for p, (a, b) in enumerate(half.tolist())]
    place, i, j = np.concatenate(blocks, axis=1)
    built = _built(i, j, half[place], towns[place], rng)
    west, east = _bounds(i, pitch[place, 0], width[place])
    south, north = _bounds(j, pitch[place, 1], width[place])
    use, dedicated = _uses(plan, place, i, j, built, rng)
    return Settlements(
        plan.place_xy, kind, angle, half, pitch, width[:, 0], width[:, 1],
        place, i, j, built, use, dedicated, west, east, south, north,
    )  # fmt: skip


def _half(size: Size, kind: int, rng: np.random.Generator) -> tuple[int, int]:
    if kind == TOWN:
        return size.town
    if kind == SEAT:
        return size.seat
    choices = _HALVES[kind]
    return choices[rng.integers(len(choices))]


def _lattice(place: int, a: int, b: int) -> np.ndarray:
    i, j = np.mgrid[-a:a, -b:b].reshape(2, -1)
    return np.stack([np.full(len(i), place), i, j])


def _built(i: np.ndarray, j: np.ndarray, half: np.ndarray, town: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x, y = (i + 0.5) / half[:, 0], (j + 0.5) / half[:, 1]
    within = (np.abs(x) < 1) & (np.abs(y) < 1)
    # Towns are round with a frayed edge; their four middle blocks are always built.
    round_ = (x**2 + y**2 < 1.15 + rng.uniform(-0.2, 0.2, len(i))) | ((i + 1) // 2 == 0) & ((j + 1) // 2 == 0)
    return np.asarray(within & (round_ | ~town))


def _bounds(k: np.ndarray, pitch: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    before = np.where(k == 0, width[:, 0], width[:, 1]) / 2
    after = np.where(k == -1, width[:, 0], width[:, 1]) / 2
    return k * pitch + before, (k + 1) * pitch - after


def _uses(
    plan: Plan, place: np.ndarray, i: np.ndarray, j: np.ndarray, built: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    use = np.full(len(place), HOUSES)
    dedicated = np.zeros(len(place), dtype=bool)
    bounds = np.searchsorted(place, np.arange(plan.size.townships + 1))
    for p in range(plan.size.townships):
        rows = np.arange(bounds[p], bounds[p + 1])
        rows = rows[built[rows]]
        core = np.hypot(i[rows] + 0.5, (j[rows] + 0.5) * 0.75)
        main = ((i[rows] + 1) // 2 == 0) | ((j[rows] + 1) // 2 == 0)
        town = p == 0
        inner = core < 0.62 * core.max()
        chance = rng.random(len(rows))
        use[rows[inner & (chance < (0.75 if town else 0.25))]] = FLATS
        use[rows[main & inner]] = SHOPS
        order = (_TOWN_ORDER * 3 if town else _SEAT_ORDER)[
            : plan.size.town_dedicated if town else plan.size.seat_dedicated
        ]
        # Not in the very middle, where shops are, and two public ones apart from each other by the shuffle.
        free = rng.permutation(rows[core > 0.8]) if len(rows) > len(order) + 6 else rng.permutation(rows)
        chosen = free[: len(order)]
        use[chosen], dedicated[chosen] = order, True
        use[free[len(order)]] = MARKET
        use[free[len(order) + 1]] = STATION
    return use, dedicated
