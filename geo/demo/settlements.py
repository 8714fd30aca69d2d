"""Lay out settlements: rotated lattices of streets and blocks, and the use of each block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.county_plan import HAMLET, SEAT, TOWN, VILLAGE, CountyLayout
from geo.demo.county_sizes import Size

# Uses of a block; those from SCHOOL to WORKS may be dedicated grids.
HOUSES, SHOPS, FLATS, SCHOOL, HOSPITAL, OFFICE, PARK, WORKS, MARKET, STATION = range(10)

#: Pitch of the blocks along and across, width of the main streets and of the others: metres by kind of settlement.
_PITCH = {TOWN: (158.0, 112.0), SEAT: (138.0, 98.0), VILLAGE: (116.0, 60.0), HAMLET: (98.0, 56.0)}
_WIDTH = {TOWN: (20.0, 10.0), SEAT: (14.0, 7.0), VILLAGE: (7.0, 4.5), HAMLET: (5.0, 3.5)}
_HALVES = {VILLAGE: ((2, 1), (2, 1), (1, 2), (1, 1)), HAMLET: ((1, 1), (1, 1), (1, 1), (2, 1))}
_TOWN_ORDER = (OFFICE, SCHOOL, HOSPITAL, PARK, SCHOOL, WORKS, SCHOOL, OFFICE, HOSPITAL, PARK, SCHOOL, OFFICE, WORKS)
_SEAT_ORDER = (OFFICE, SCHOOL, HOSPITAL, WORKS)


@dataclass(frozen=True)
class Settlements:
    """All settlements and blocks, in metres; bounds of a block are in the rotated axes of its settlement.

    Attributes
    ----------
    xy, kind, angle, half, pitch, main_street_width, side_street_width
        Per settlement: centre, kind, angle of its axis (radians from east, anticlockwise), half the number of blocks
        each way, pitch each way, width of the main streets and of the others.
    settlement, i, j
        Per block: its settlement, and its position in the lattice; blocks 0 and -1 touch the main streets.
    built, use, dedicated
        Per block: whether it is built up, its use, and whether it is a dedicated grid.
    west, east, south, north
        Per block: bounds inside the streets.
    """

    xy: np.ndarray
    kind: np.ndarray
    angle: np.ndarray
    half: np.ndarray
    pitch: np.ndarray
    main_street_width: np.ndarray
    side_street_width: np.ndarray
    settlement: np.ndarray
    i: np.ndarray
    j: np.ndarray
    built: np.ndarray
    use: np.ndarray
    dedicated: np.ndarray
    west: np.ndarray
    east: np.ndarray
    south: np.ndarray
    north: np.ndarray

    def to_county(self, settlement: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Return positions (..., 2) of points given in the axes of their settlements."""
        turn = self.angle[settlement]
        shape = (*turn.shape, *([1] * (local.ndim - turn.ndim - 1)))
        cos, sin = np.cos(turn).reshape(shape), np.sin(turn).reshape(shape)
        x = local[..., 0] * cos - local[..., 1] * sin + self.xy[settlement, 0].reshape(shape)
        y = local[..., 0] * sin + local[..., 1] * cos + self.xy[settlement, 1].reshape(shape)
        return np.stack([x, y], axis=-1)

    def to_settlement(self, settlement: int, points: np.ndarray) -> np.ndarray:
        """Return points (n, 2) in the axes of one settlement."""
        cos, sin = np.cos(self.angle[settlement]), np.sin(self.angle[settlement])
        off = points - self.xy[settlement]
        return np.column_stack([off[:, 0] * cos + off[:, 1] * sin, off[:, 1] * cos - off[:, 0] * sin])

    @property
    def reach(self) -> np.ndarray:
        """Return half the extent of each lattice along and across (n, 2)."""
        return self.half * self.pitch

    @property
    def centre(self) -> np.ndarray:
        """Return the centre of each block's lattice cell, streets included."""
        cell = np.column_stack([self.i + 0.5, self.j + 0.5]) * self.pitch[self.settlement]
        return self.to_county(self.settlement, cell)

    def ends(self) -> np.ndarray:
        """Return the four ends (n, 4, 2) of the two main streets of each settlement."""
        along, across = self.reach[:, 0], self.reach[:, 1]
        zero = np.zeros_like(along)
        local = np.stack(
            [np.stack(pair, axis=-1) for pair in ((along, zero), (zero, across), (-along, zero), (zero, -across))],
            axis=1,
        )
        return self.to_county(np.arange(len(self.xy)), local)


def lay_out_settlements(plan: CountyLayout, heading: np.ndarray, rng: np.random.Generator) -> Settlements:
    """Lay out every settlement of a plan along the heading (radians, per settlement) of its first road."""
    kind = plan.settlement_kind
    count = len(kind)
    towns = kind <= SEAT
    angle = np.where(towns, rng.uniform(-0.35, 0.35, count), heading + rng.normal(0, 0.06, count))
    half = np.array([_half(plan.size, int(k), rng) for k in kind])
    pitch = np.array([_PITCH[int(k)] for k in kind]) * rng.uniform(0.93, 1.12, (count, 2))
    width = np.array([_WIDTH[int(k)] for k in kind])
    # A ring of empty cells keeps the shape of the cells on the outer side of the streets.
    blocks = [_lattice(p, a + 1, b + 1) for p, (a, b) in enumerate(half.tolist())]
    settlement, i, j = np.concatenate(blocks, axis=1)
    built = _built(i, j, half[settlement], towns[settlement], rng)
    west, east = _bounds(i, pitch[settlement, 0], width[settlement])
    south, north = _bounds(j, pitch[settlement, 1], width[settlement])
    use, dedicated = _uses(plan, settlement, i, j, built, rng)
    return Settlements(
        plan.settlement_xy, kind, angle, half, pitch, width[:, 0], width[:, 1],
        settlement, i, j, built, use, dedicated, west, east, south, north,
    )  # fmt: skip


def _half(size: Size, kind: int, rng: np.random.Generator) -> tuple[int, int]:
    if kind == TOWN:
        return size.town
    if kind == SEAT:
        return size.seat
    choices = _HALVES[kind]
    return choices[rng.integers(len(choices))]


def _lattice(settlement: int, a: int, b: int) -> np.ndarray:
    i, j = np.mgrid[-a:a, -b:b].reshape(2, -1)
    return np.stack([np.full(len(i), settlement), i, j])


def _built(i: np.ndarray, j: np.ndarray, half: np.ndarray, town: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x, y = (i + 0.5) / half[:, 0], (j + 0.5) / half[:, 1]
    within = (np.abs(x) < 1) & (np.abs(y) < 1)
    # Towns are round with an irregular edge; the four central blocks are always built.
    round_ = (x**2 + y**2 < 1.15 + rng.uniform(-0.2, 0.2, len(i))) | ((i + 1) // 2 == 0) & ((j + 1) // 2 == 0)
    return np.asarray(within & (round_ | ~town))


def _bounds(k: np.ndarray, pitch: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    before = np.where(k == 0, width[:, 0], width[:, 1]) / 2
    after = np.where(k == -1, width[:, 0], width[:, 1]) / 2
    return k * pitch + before, (k + 1) * pitch - after


def _uses(
    plan: CountyLayout,
    settlement: np.ndarray,
    i: np.ndarray,
    j: np.ndarray,
    built: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    use = np.full(len(settlement), HOUSES)
    dedicated = np.zeros(len(settlement), dtype=bool)
    bounds = np.searchsorted(settlement, np.arange(plan.size.townships + 1))
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
        # Not in the centre, where shops are; the permutation separates public blocks.
        free = rng.permutation(rows[core > 0.8]) if len(rows) > len(order) + 6 else rng.permutation(rows)
        chosen = free[: len(order)]
        use[chosen], dedicated[chosen] = order, True
        use[free[len(order)]] = MARKET
        use[free[len(order) + 1]] = STATION
    return use, dedicated
