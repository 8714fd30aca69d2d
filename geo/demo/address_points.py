"""Generate addresses of buildings: street and number in towns, village, group and number elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.demo import buildings as built
from geo.demo import place_names
from geo.demo.buildings import Buildings
from geo.demo.county_plan import SEAT, CountyLayout
from geo.demo.settlements import Settlements
from geo.demo.zone_tiling import ZoneRegister, ZoneTiling
from geo.figure_text import chinese_numeral

_UNITS = 4


@dataclass(frozen=True)
class AddressPoints:
    """Addresses row by row: building, text, standard form, alias or None, position in metres from the centre."""

    building: np.ndarray
    text: list[str]
    standard: list[str]
    alias: list[str | None]
    xy: np.ndarray


def make_addresses(
    plan: CountyLayout,
    layout: Settlements,
    houses: Buildings,
    zones: ZoneTiling,
    zone_register: ZoneRegister,
    streets: Sequence[tuple[Sequence[str], Sequence[str]]],
) -> AddressPoints:
    """Return one address for each house, shop and compound, one per entrance for slabs of flats, none for sheds."""
    village = zones.grid_village[zones.block_grid[houses.block]]
    rows = np.flatnonzero(_addressed(houses))
    urban = layout.kind[layout.settlement[houses.block]] <= SEAT
    town = [zone_register.township_name[t] for t in zones.village_township.tolist()]
    lots = np.zeros(len(houses), dtype=int)
    lots[urban] = _street_numbers(layout, houses.take(np.flatnonzero(urban)))
    lots[~urban] = _village_numbers(layout, houses.take(np.flatnonzero(~urban)))
    group = _groups(plan)[layout.settlement[houses.block]]
    line = layout.j[houses.block] + (houses.facing > 0)
    building: list[int] = []
    text: list[str] = []
    standard: list[str] = []
    alias: list[str | None] = []
    for k in rows.tolist():
        v, p = int(village[k]), int(layout.settlement[houses.block[k]])
        head, name, number = town[v], zone_register.village_name[v], int(lots[k])
        if not urban[k]:
            address = f"{head}{name}{chinese_numeral(int(group[k]))}组{number}号"
            entries = [
                (
                    address,
                    address,
                    f"{name}{chinese_numeral(int(group[k]))}社{number}号" if number % 5 == 0 else None,
                )
            ]
        else:
            street = streets[p][0][int(line[k]) + int(layout.half[p, 1])]
            entries = _town_entries(houses, k, head, name, f"{street}{number}号")
        for one, full, other in entries:
            building.append(k)
            text.append(one)
            standard.append(place_names.COUNTY + full)
            alias.append(other)
    index = np.array(building)
    return AddressPoints(index, text, standard, alias, _entrances(layout, houses, index))


def _town_entries(houses: Buildings, k: int, head: str, name: str, lot: str) -> list[tuple[str, str, str | None]]:
    if houses.kind[k] != built.SLAB:
        return [(head + lot, head + name + lot, None)]
    block = f"{lot}{int(houses.slot[k]) + 1}号楼"
    return [(f"{head}{block}{u}单元", f"{head}{name}{block}{u}单元", None) for u in range(1, _UNITS + 1)]


def _addressed(houses: Buildings) -> np.ndarray:
    first = np.concatenate([[True], houses.block[1:] != houses.block[:-1]])
    return np.where(houses.kind == built.PUBLIC, first, houses.kind != built.SHED)


def _street_numbers(layout: Settlements, houses: Buildings) -> np.ndarray:
    """Return the number of each building on the street it faces: odd to the north, even to the south, from the west."""
    compound = (houses.kind == built.SLAB) | (houses.kind == built.PUBLIC)
    facing = np.where(compound, -1.0, houses.facing)
    x = np.where(compound, layout.west[houses.block], houses.west)
    p, line = layout.settlement[houses.block], layout.j[houses.block] + (facing > 0)
    # Flats of one block share a number because their sort keys are equal. Houses in a back row have their own.
    lot = np.column_stack([p, line, facing, x, np.where(compound, 0.0, houses.front)])
    rows, which = np.unique(lot, axis=0, return_inverse=True)
    new = np.concatenate([[True], (rows[1:, :3] != rows[:-1, :3]).any(axis=1)])
    start = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    number = (np.arange(len(rows)) - start) * 2 + np.where(rows[:, 2] < 0, 1, 2)
    return np.asarray(number[which.ravel()])


def _village_numbers(layout: Settlements, houses: Buildings) -> np.ndarray:
    """Return the number of each building in its natural village, row by row."""
    p, i, j = (a[houses.block] for a in (layout.settlement, layout.i, layout.j))
    order = np.lexsort((houses.west, i, houses.facing, j, p))
    number = np.empty(len(houses), dtype=int)
    start = np.searchsorted(p[order], p[order])
    number[order] = np.arange(len(houses)) - start + 1
    return number


def _groups(plan: CountyLayout) -> np.ndarray:
    """Return for each settlement its number among the natural villages of its village, from 1."""
    unit = plan.settlement_unit
    first = np.searchsorted(plan.hamlet_unit, unit)
    return np.where(plan.settlement_hamlet >= 0, plan.settlement_hamlet - first + 1, 0)


def _entrances(layout: Settlements, houses: Buildings, rows: np.ndarray) -> np.ndarray:
    """Return a point in each building, a metre behind the front; entrances of one slab side by side."""
    first = np.concatenate([[True], rows[1:] != rows[:-1]]) if len(rows) else np.empty(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
    share = (np.arange(len(rows)) - start + 0.5) / _UNITS
    share = np.where(houses.kind[rows] == built.SLAB, share, 0.4)
    x = houses.west[rows] + (houses.east - houses.west)[rows] * share
    y = houses.front[rows] - houses.facing[rows]
    return layout.to_county(layout.settlement[houses.block[rows]], np.column_stack([x, y]))
