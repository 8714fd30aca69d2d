"""Generate buildings on blocks: rows of houses and shops, slabs of flats, compounds; with heights, some unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.demo import settlements
from geo.demo.county_plan import SEAT, TOWN
from geo.demo.settlements import Settlements

# Kinds of building.
HOUSE, SHOP, SLAB, PUBLIC, SHED = range(5)

# Compounds as shares of the block: west, east, south, north, lowest and highest height (m). The gate is in the south.
_COMPOUNDS: dict[int, tuple[tuple[float, float, float, float, float, float], ...]] = {
    settlements.SCHOOL: (
        (0.10, 0.48, 0.72, 0.88, 12.0, 18.0), (0.55, 0.92, 0.72, 0.88, 9.0, 15.0),
        (0.10, 0.24, 0.20, 0.62, 9.0, 12.0), (0.30, 0.46, 0.40, 0.55, 4.0, 7.0),
    ),
    settlements.HOSPITAL: (
        (0.12, 0.62, 0.62, 0.84, 18.0, 30.0), (0.22, 0.58, 0.20, 0.36, 9.0, 12.0), (0.72, 0.90, 0.20, 0.80, 12.0, 18.0),
    ),
    settlements.OFFICE: (
        (0.25, 0.75, 0.58, 0.78, 12.0, 24.0), (0.10, 0.22, 0.25, 0.75, 7.0, 12.0), (0.78, 0.90, 0.25, 0.75, 7.0, 12.0),
    ),
    settlements.PARK: ((0.46, 0.54, 0.46, 0.56, 4.0, 6.0), (0.14, 0.20, 0.78, 0.86, 3.0, 4.0)),
    settlements.WORKS: (
        (0.06, 0.46, 0.18, 0.88, 8.0, 12.0), (0.52, 0.94, 0.46, 0.90, 8.0, 12.0), (0.55, 0.80, 0.12, 0.28, 6.0, 9.0),
    ),
    settlements.MARKET: (
        (0.08, 0.92, 0.58, 0.90, 7.0, 9.0), (0.08, 0.44, 0.12, 0.46, 6.0, 8.0), (0.56, 0.92, 0.12, 0.46, 6.0, 8.0),
    ),
    settlements.STATION: ((0.20, 0.80, 0.66, 0.90, 9.0, 12.0), (0.80, 0.94, 0.15, 0.60, 5.0, 7.0)),
}  # fmt: skip


@dataclass(frozen=True)
class Buildings:
    """Buildings in the axes of their settlements (m).

    Attributes
    ----------
    block, kind, height
        The block of each, its kind, its height in metres.
    west, east, front, back
        Bounds; ``front`` is the y of the wall that faces the street, ``back`` the other.
    cut
        (n, 2) where the corner of an L is cut out, NaN for rectangles.
    slot
        Position in its row from the west, from 0; -1 where there are no rows.
    """

    block: np.ndarray
    kind: np.ndarray
    height: np.ndarray
    west: np.ndarray
    east: np.ndarray
    front: np.ndarray
    back: np.ndarray
    cut: np.ndarray
    slot: np.ndarray

    def __len__(self) -> int:
        return len(self.block)

    def take(self, rows: np.ndarray) -> Buildings:
        """Return those buildings, in that order."""
        return Buildings(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def facing(self) -> np.ndarray:
        """Return +1 where the front faces along the y axis of the settlement, -1 against it."""
        return np.where(self.front > self.back, 1.0, -1.0)

    def footprints(self, layout: Settlements) -> np.ndarray:
        """Return the footprints as polygons (m)."""
        settlement = layout.settlement[self.block]
        straight = np.isnan(self.cut[:, 0])
        shapes = np.empty(len(self), dtype=object)
        w, e, f, b = self.west, self.east, self.front, self.back
        box = np.stack([np.stack(c, -1) for c in ((w, f), (e, f), (e, b), (w, b))], axis=1)
        shapes[straight] = shapely.polygons(layout.to_county(settlement[straight], box[straight]))
        x, y = self.cut[:, 0], self.cut[:, 1]
        bent = np.stack([np.stack(c, -1) for c in ((w, f), (e, f), (e, b), (x, b), (x, y), (w, y))], axis=1)
        shapes[~straight] = shapely.polygons(layout.to_county(settlement[~straight], bent[~straight]))
        return shapes


def build(layout: Settlements, rng: np.random.Generator) -> tuple[Buildings, Buildings]:
    """Return the buildings of every block, and sheds behind the houses as a reserve."""
    kind = layout.kind[layout.settlement]
    urban, town = kind <= SEAT, kind == TOWN
    parts: list[Buildings] = []

    def rows(
        blocks: np.ndarray, what: int, slot: float, depth: tuple[float, float], joined: float, inset: float = 0.0
    ) -> None:
        for side in (1.0, -1.0):
            rows_of = np.flatnonzero(blocks & layout.built)
            parts.append(_row(layout, rows_of, side, what, slot, depth, joined, inset, rng))

    houses, shops, flats = (layout.use == use for use in (settlements.HOUSES, settlements.SHOPS, settlements.FLATS))
    rows(houses & ~urban, HOUSE, 14.5, (9.0, 14.0), 0.45)
    rows(houses & urban & ~town, HOUSE, 12.5, (10.0, 15.0), 0.55)
    rows(houses & town, HOUSE, 12.0, (10.0, 16.0), 0.6)
    rows(shops, SHOP, 11.0, (11.0, 15.0), 0.85)
    # Town blocks are deep enough for a second row of houses.
    rows((houses & urban) | shops, HOUSE, 13.0, (8.0, 12.0), 0.5, 24.0)
    parts += [_slabs(layout, np.flatnonzero(flats & layout.built), level, rng) for level in range(3)]
    for use, template in _COMPOUNDS.items():
        blocks = np.flatnonzero((layout.use == use) & layout.built)
        parts += [_wing(layout, blocks, shares, rng) for shares in template]
    return _sorted(_joined(parts)), _sheds(layout, np.flatnonzero(houses & layout.built), rng)


def choose(stock: Buildings, reserve: Buildings, count: int, rng: np.random.Generator) -> Buildings:
    """Return exactly ``count`` buildings: some houses left out, or sheds added.

    Raises
    ------
    ValueError
        Where there are too few even with all sheds; this does not occur for `SIZES`.
    """
    if len(stock) > count:
        houses = np.flatnonzero(stock.kind == HOUSE)
        # Remove houses unevenly, so that some blocks are sparser than others.
        sparse = rng.random(int(stock.block.max()) + 1)[stock.block[houses]] + rng.random(len(houses))
        gone = houses[np.argsort(sparse, kind="stable")[: len(stock) - count]]
        return stock.take(np.setdiff1d(np.arange(len(stock)), gone))
    more = rng.choice(len(reserve), count - len(stock), replace=False)
    return _sorted(_joined([stock, reserve.take(np.sort(more))]))


def heights_known(buildings: Buildings, rng: np.random.Generator) -> np.ndarray:
    """Return the heights with about one in ten missing, as in a real survey; public buildings keep theirs."""
    plain = buildings.kind != PUBLIC
    return np.where(plain & (rng.random(len(buildings)) < 0.1), np.nan, np.round(buildings.height, 1))


# --- kinds of building -----------------------------------------------------------------------------------------------


def _row(
    layout: Settlements,
    blocks: np.ndarray,
    side: float,
    what: int,
    slot: float,
    depth: tuple[float, float],
    joined: float,
    inset: float,
    rng: np.random.Generator,
) -> Buildings:
    """Return a row of houses or shops along the north (1) or south (-1) side of each block, ``inset`` metres inside."""
    width, height = layout.east[blocks] - layout.west[blocks], layout.north[blocks] - layout.south[blocks]
    count = np.maximum(np.round((width - 4.0) / (slot * rng.uniform(0.9, 1.15, len(blocks)))).astype(int), 1)
    of = np.repeat(np.arange(len(blocks)), count)
    k = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    step = ((width - 4.0) / count)[of]
    # Terraced houses share their walls exactly: the east wall of one is computed as the west wall of the next.
    gap = np.where(rng.random(len(blocks)) < joined, 0.0, rng.uniform(1.2, 3.5, len(blocks)))[of]
    edge = layout.west[blocks][of] + 2.0
    west, east = edge + k * step + gap / 2, edge + (k + 1) * step - gap / 2
    deep = np.minimum(rng.uniform(*depth, len(of)), 0.36 * height[of])
    setback = np.where(what == SHOP, 3.2, rng.uniform(2.2, 3.6, len(blocks)))[of] + inset
    front = np.where(side > 0, layout.north[blocks][of] - setback, layout.south[blocks][of] + setback)
    back = front - side * deep
    bent = rng.random(len(of)) < (0.12 if what == SHOP else 0.32)
    cut_x = west + (east - west) * rng.uniform(0.4, 0.65, len(of))
    cut_y = front - side * deep * rng.uniform(0.45, 0.65, len(of))
    cut = np.where(bent[:, None], np.column_stack([cut_x, cut_y]), np.nan)
    storeys = rng.choice([1, 1, 1, 2], len(of)) if what == HOUSE else rng.choice([1, 2, 2, 3, 4], len(of))
    tall = storeys * 3.0 + rng.uniform(0.2, 1.1, len(of))
    row = Buildings(blocks[of], np.full(len(of), what), tall, west, east, front, back, cut, k)
    return row.take(np.flatnonzero(rng.random(len(of)) > 0.05))


def _slabs(layout: Settlements, blocks: np.ndarray, level: int, rng: np.random.Generator) -> Buildings:
    """Return two slabs of flats side by side, all facing south, in one of three lines of each block."""
    of = np.repeat(blocks, 2)
    k = np.tile([0, 1], len(blocks))
    width, height = layout.east[of] - layout.west[of], layout.north[of] - layout.south[of]
    half = width / 2
    west = layout.west[of] + k * half + 4.0
    east = west + half - 8.0 - rng.uniform(0, 6, len(of))
    front = layout.south[of] + 4.0 + level * (height - 4.0) / 3
    floors = np.repeat(rng.choice([5, 6, 6, 6, 7, 9], len(blocks)), 2)
    blank = np.full((len(of), 2), np.nan)
    tall = floors * 2.95 + 1.2
    return Buildings(of, np.full(len(of), SLAB), tall, west, east, front, front + 12.4, blank, level * 2 + k)


def _wing(layout: Settlements, blocks: np.ndarray, shares: tuple[float, ...], rng: np.random.Generator) -> Buildings:
    """Return one wing of a compound on each block."""
    width, height = layout.east[blocks] - layout.west[blocks], layout.north[blocks] - layout.south[blocks]
    west, east = layout.west[blocks] + width * shares[0], layout.west[blocks] + width * shares[1]
    front, back = layout.south[blocks] + height * shares[2], layout.south[blocks] + height * shares[3]
    tall = rng.uniform(shares[4], shares[5], len(blocks))
    blank = np.full((len(blocks), 2), np.nan)
    kind, slot = np.full(len(blocks), PUBLIC), np.full(len(blocks), -1)
    return Buildings(blocks, kind, tall, west, east, front, back, blank, slot)


def _sheds(layout: Settlements, blocks: np.ndarray, rng: np.random.Generator) -> Buildings:
    """Return small sheds along the middle line of blocks of houses."""
    count = np.maximum((layout.east[blocks] - layout.west[blocks]) // 9.0, 1).astype(int)
    of = np.repeat(np.arange(len(blocks)), count)
    k = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    west = layout.west[blocks][of] + 3.0 + k * 9.0 + rng.uniform(0, 2.5, len(of))
    middle = (layout.north[blocks] + layout.south[blocks])[of] / 2
    front = middle + rng.uniform(1.0, 1.8, len(of))
    east, back = west + rng.uniform(3, 5, len(of)), front - rng.uniform(2.4, 3.4, len(of))
    blank = np.full((len(of), 2), np.nan)
    kind, slot = np.full(len(of), SHED), np.full(len(of), -1)
    return Buildings(blocks[of], kind, np.full(len(of), 3.0), west, east, front, back, blank, slot)


def _joined(parts: list[Buildings]) -> Buildings:
    return Buildings(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Buildings.__dataclass_fields__)
    )


def _sorted(buildings: Buildings) -> Buildings:
    order = np.lexsort((buildings.west, buildings.facing, buildings.block))
    return buildings.take(order)
