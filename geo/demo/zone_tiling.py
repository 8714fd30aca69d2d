"""Tile a planned county with townships, villages, grids and microgrids, with codes and names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from geo.demo import place_names, region_growing, settlements
from geo.demo.buildings import Buildings
from geo.demo.county_plan import CountyLayout, shares
from geo.demo.settlements import Settlements
from geo.figure_text import chinese_numeral

#: Converts metres from the centre of the county to stored degrees.
ToDegrees = Callable[[np.ndarray], np.ndarray]

_USE_NAMES = {
    settlements.SCHOOL: "学校",
    settlements.HOSPITAL: "医院",
    settlements.OFFICE: "机关",
    settlements.PARK: "公园",
    settlements.WORKS: "企业",
}


@dataclass(frozen=True)
class ZoneTiling:
    """All zones, finest first; polygons in stored degrees, each level tiling the one above.

    Attributes
    ----------
    micro, micro_grid
        Polygons of level 2 and the grid of each; empty where there are none.
    grids, grid_village, grid_block
        Polygons of level 1, the village of each, and the block it is dedicated to (-1 for general ones).
    villages, village_township, village_unit
        Polygons, the township of each, and the unit of the plan it came from.
    townships, county
        Polygons.
    block_grid, block_micro
        The grid and microgrid each block of the settlements lies in.
    """

    micro: np.ndarray
    micro_grid: np.ndarray
    grids: np.ndarray
    grid_village: np.ndarray
    grid_block: np.ndarray
    villages: np.ndarray
    village_township: np.ndarray
    village_unit: np.ndarray
    townships: np.ndarray
    county: shapely.Geometry
    block_grid: np.ndarray
    block_micro: np.ndarray


def tile_zones(plan: CountyLayout, layout: Settlements, to_degrees: ToDegrees, rng: np.random.Generator) -> ZoneTiling:
    """Tile the county: cells of one mesh are grouped into grids, grids into villages, villages into townships."""
    points, block, node = _points(plan, layout)
    polygons = _degrees(region_growing.cells(points), to_degrees)
    land = np.where(block >= 0, 0, plan.township[node]) >= 0
    polygons, points, block, node = polygons[land], points[land], block[land], node[land]
    graph = _cell_graph(points, polygons, rng)
    unit = _units(plan, graph, np.where(block >= 0, plan.settlement_unit[layout.settlement[block]], plan.unit[node]))
    village, village_unit = _split_town(plan, graph, unit, layout, block, rng)
    hamlet = np.where(block >= 0, plan.settlement_hamlet[layout.settlement[block]], plan.hamlet[node])
    # Where repair moved a cell to another village, its hamlet no longer applies.
    hamlet = np.where((hamlet >= 0) & (plan.hamlet_unit[hamlet] == unit), hamlet, -1)
    grid, grid_village, grid_block = _grids(plan, graph, village, village_unit, hamlet, layout, block, rng)
    order = _order(points, grid, grid_village, len(grid_village))
    grid, grid_village, grid_block = np.argsort(order)[grid], grid_village[order], grid_block[order]
    count = len(grid_village)
    cell_of_block = np.full(len(layout.settlement), -1)
    cell_of_block[block[block >= 0]] = np.flatnonzero(block >= 0)
    micro, micro_grid = _microgrids(plan, graph, grid, count, block, layout, rng)
    fine = region_growing.dissolve(polygons, micro, len(micro_grid)) if len(micro_grid) else np.empty(0, dtype=object)
    grids = (
        region_growing.dissolve(fine, micro_grid, count)
        if len(micro_grid)
        else region_growing.dissolve(polygons, grid, count)
    )
    villages = region_growing.dissolve(grids, grid_village, len(village_unit))
    village_township = plan.unit_township[village_unit]
    townships = region_growing.dissolve(villages, village_township, plan.size.townships)
    return ZoneTiling(
        micro=fine,
        micro_grid=micro_grid,
        grids=grids,
        grid_village=grid_village,
        grid_block=grid_block,
        villages=villages,
        village_township=village_township,
        village_unit=village_unit,
        townships=townships,
        county=shapely.coverage_union_all(townships),
        block_grid=grid[cell_of_block],
        block_micro=micro[cell_of_block] if len(micro_grid) else np.full(len(layout.settlement), -1),
    )


# --- the mesh --------------------------------------------------------------------------------------------------------


def _points(plan: CountyLayout, layout: Settlements) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of the mesh, and of each its block or -1, its node of the plan or -1.

    Blocks of a lattice have cells bounded by the centre lines of its streets; nodes of the plan nearby are removed.
    """
    tree = shapely.STRtree(shapely.points(plan.graph.xy))
    reach = layout.reach + layout.pitch + 0.3 * plan.size.spacing
    found = tree.query(shapely.points(layout.xy), predicate="dwithin", distance=np.hypot(*reach.T))
    keep = np.ones(len(plan.graph.xy), dtype=bool)
    for p in range(len(layout.xy)):
        nodes = found[1][found[0] == p]
        off = np.abs(layout.to_settlement(p, plan.graph.xy[nodes]))
        keep[nodes[(off < reach[p]).all(axis=1)]] = False
    nodes = np.flatnonzero(keep)
    blocks = np.arange(len(layout.settlement))
    points = np.concatenate([plan.graph.xy[nodes], layout.centre])
    block = np.concatenate([np.full(len(nodes), -1), blocks])
    return points, block, np.concatenate([nodes, np.full(len(blocks), -1)])


def _degrees(polygons: np.ndarray, to_degrees: ToDegrees) -> np.ndarray:
    # Round before grouping, so that zones that share a border share its exact coordinates; where four blocks meet,
    # rounding also merges corners that differ by rounding errors.
    return shapely.remove_repeated_points(shapely.transform(polygons, to_degrees))


def _cell_graph(points: np.ndarray, polygons: np.ndarray, rng: np.random.Generator) -> region_growing.Graph:
    pairs, _ = region_growing.neighbours(polygons)
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    return region_growing.from_pairs(points, pairs, length * rng.uniform(0.7, 1.3, len(pairs)))


# --- grouping --------------------------------------------------------------------------------------------------------


def _units(plan: CountyLayout, graph: region_growing.Graph, unit: np.ndarray) -> np.ndarray:
    """Return the unit of each cell, with townships and units connected also where blocks replaced nodes."""
    township = region_growing.repair_regions(graph, plan.unit_township[unit], np.zeros(len(unit), dtype=int))
    return region_growing.repair_regions(graph, np.where(plan.unit_township[unit] == township, unit, -1), township)


def _split_town(
    plan: CountyLayout,
    graph: region_growing.Graph,
    unit: np.ndarray,
    layout: Settlements,
    block: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the village of each cell, the county town being split into communities, and the unit of each village."""
    count = plan.size.communities
    cells = np.flatnonzero((unit == 0) & _on_built(layout, block))
    seeds = cells[region_growing.spread_seeds(graph.xy[cells], np.ones(len(cells)), count, rng)]
    community = region_growing.grow(graph, seeds.tolist(), range(count), np.where(unit == 0, 0, -1)).label
    village = np.where(unit == 0, community, unit + count - 1)
    return village, np.concatenate([np.zeros(count, dtype=int), np.arange(1, len(plan.unit_township))])


def _on_built(layout: Settlements, block: np.ndarray) -> np.ndarray:
    return (block >= 0) & layout.built[block]


def _grids(
    plan: CountyLayout,
    graph: region_growing.Graph,
    village: np.ndarray,
    village_unit: np.ndarray,
    hamlet: np.ndarray,
    layout: Settlements,
    block: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the grid of each cell, the village of each grid, and the block of each dedicated one (-1)."""
    size = plan.size
    rural = village_unit[village] >= size.townships
    grid = np.where(rural, hamlet, -1)
    owner = list(plan.hamlet_unit + size.communities - 1)
    for v in np.flatnonzero(village_unit < size.townships).tolist():
        count = size.town_grids if v < size.communities else size.seat_grids
        # Regions do not grow through a dedicated block.
        mine = (village == v) & ~((block >= 0) & layout.dedicated[block])
        free = np.flatnonzero(mine & _on_built(layout, block))
        if len(free) < count:
            free = np.flatnonzero(mine)
        seeds = free[region_growing.spread_seeds(graph.xy[free], np.ones(len(free)), count, rng)]
        open_ = np.where(mine, 0, -1)
        label = region_growing.grow(graph, seeds.tolist(), range(len(owner), len(owner) + count), open_).label
        grid = np.where(label >= 0, label, grid)
        owner += [v] * count
    special = np.flatnonzero((block >= 0) & layout.dedicated[block])
    grid[special] = len(owner) + np.arange(len(special))
    grid_block = np.concatenate([np.full(len(owner), -1), block[special]])
    owner += village[special].tolist()
    # Cells cut off behind a dedicated block, or by a moved border, join a neighbour in their village.
    return region_growing.repair_regions(graph, grid, village), np.array(owner), grid_block


def _order(points: np.ndarray, grid: np.ndarray, grid_village: np.ndarray, count: int) -> np.ndarray:
    """Return the grids village by village, from north to south in bands, in each from west to east (DB11/T 2157)."""
    size = np.bincount(grid, minlength=count)
    x, y = (np.bincount(grid, points[:, axis], minlength=count) / np.maximum(size, 1) for axis in (0, 1))
    return np.lexsort((x, -np.round(y / 1500.0), grid_village))


def _microgrids(
    plan: CountyLayout,
    graph: region_growing.Graph,
    grid: np.ndarray,
    count: int,
    block: np.ndarray,
    layout: Settlements,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the microgrid of each cell and the grid of each microgrid; empty where the county has one level."""
    if plan.size.microgrids == 0:
        return np.full(len(grid), -1), np.empty(0, dtype=int)
    cells = np.bincount(grid, minlength=count)
    wanted = np.minimum(shares(np.sqrt(cells.astype(float)), plan.size.microgrids, least=1), cells)
    # Grids of a single block cannot be split: their share goes to those with the most cells left.
    while missing := plan.size.microgrids - int(wanted.sum()):
        spare = np.argsort(wanted - cells, kind="stable")[:missing]
        wanted[spare] += 1
    weight = np.where(_on_built(layout, block), 2.0, 1.0)
    order = np.argsort(grid, kind="stable")
    bounds = np.searchsorted(grid[order], np.arange(count + 1))
    seeds: list[int] = []
    for g in range(count):
        mine = order[bounds[g] : bounds[g + 1]]
        seeds += rng.choice(mine, int(wanted[g]), replace=False, p=weight[mine] / weight[mine].sum()).tolist()
    label = region_growing.grow(graph, seeds, range(len(seeds)), grid).label
    return label, np.repeat(np.arange(count), wanted)


# --- people and names ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ZoneRegister:
    """Codes, names and figures of the zones of a county, in the row order of `ZoneTiling`."""

    township_code: list[str]
    township_name: list[str]
    village_code: list[str]
    village_name: list[str]
    grid_code: list[str]
    grid_name: list[str]
    micro_code: list[str]
    micro_name: list[str]
    households: np.ndarray
    population: np.ndarray
    staff: np.ndarray
    micro_households: np.ndarray
    micro_population: np.ndarray


def register_zones(
    plan: CountyLayout, zones: ZoneTiling, layout: Settlements, buildings: Buildings, rng: np.random.Generator
) -> ZoneRegister:
    """Assign every zone its code (6 + 3 + 3 + 3, + 2 for microgrids), name and figures; no code is a real one."""
    town_names = place_names.towns(plan.size.townships, rng)
    people = np.bincount(zones.village_township, minlength=plan.size.townships)
    is_town = people >= np.quantile(people, 0.3)
    is_town[0] = True
    # GB/T 10114: 100 to 199 are towns 镇, 200 to 399 townships 乡.
    number = np.where(is_town, 99 + np.cumsum(is_town), 199 + np.cumsum(~is_town))
    township_code = [f"{place_names.COUNTY_CODE}{n:03d}" for n in number.tolist()]
    township_name = [n + ("镇" if t else "乡") for n, t in zip(town_names, is_town.tolist(), strict=True)]
    village_code, village_name = _village_register(plan, zones, township_code, town_names, rng)
    grid_code, grid_name = _grid_register(zones, layout, village_code, village_name, township_name)
    households, population, staff = _population(plan, zones, buildings, rng)
    micro_code, micro_name = _numbered(zones.micro_grid, grid_code, grid_name, "{:02d}", "第{}微网格")
    part, part_people = _split_population(zones, households, population, rng)
    return ZoneRegister(
        township_code, township_name, village_code, village_name, grid_code, grid_name, micro_code, micro_name,
        households, population, staff, part, part_people,
    )  # fmt: skip


def _village_register(
    plan: CountyLayout, zones: ZoneTiling, township_code: list[str], town_names: list[str], rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    codes, titles = [""] * len(zones.villages), [""] * len(zones.villages)
    in_town = place_names.communities(plan.size.communities)
    for t in range(plan.size.townships):
        rows = np.flatnonzero(zones.village_township == t)
        rural = rows[zones.village_unit[rows] >= plan.size.townships]
        urban = rows[zones.village_unit[rows] < plan.size.townships]
        for k, v in enumerate(urban.tolist()):
            codes[v] = f"{township_code[t]}{k + 1:03d}"  # 001 to 199: residents' committees
            titles[v] = in_town[v] if t == 0 else town_names[t] + "社区"
        for k, (v, name) in enumerate(zip(rural.tolist(), place_names.villages(len(rural), rng), strict=True)):
            codes[v], titles[v] = f"{township_code[t]}{200 + k:03d}", name  # 200 to 399: villagers' committees
    return codes, titles


def _grid_register(
    zones: ZoneTiling, layout: Settlements, village_code: list[str], village_name: list[str], township_name: list[str]
) -> tuple[list[str], list[str]]:
    codes, titles = _numbered(zones.grid_village, village_code, village_name, "{:03d}", "第{}网格")
    seen: dict[str, int] = {}
    for g in np.flatnonzero(zones.grid_block >= 0).tolist():
        place = _USE_NAMES[int(layout.use[zones.grid_block[g]])]
        stem = township_name[int(zones.village_township[zones.grid_village[g]])] + place
        seen[stem] = seen.get(stem, 0) + 1
        titles[g] = f"{stem}{'' if seen[stem] == 1 else chinese_numeral(seen[stem])}专属网格"
    return codes, titles


def _numbered(
    parent: np.ndarray, codes: list[str], titles: list[str], digits: str, words: str
) -> tuple[list[str], list[str]]:
    number: dict[int, int] = {}
    out_codes, out_titles = [], []
    for p in parent.tolist():
        number[p] = number.get(p, 0) + 1
        out_codes.append(codes[p] + digits.format(number[p]))
        out_titles.append(titles[p] + words.format(chinese_numeral(number[p])))
    return out_codes, out_titles


def _population(
    plan: CountyLayout, zones: ZoneTiling, buildings: Buildings, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = len(zones.grids)
    homes = np.bincount(zones.block_grid[buildings.block], minlength=count)
    urban = zones.village_unit[zones.grid_village] < plan.size.townships
    mean = max(float(homes[~urban].mean()), 1.0)
    households = np.where(
        urban,
        rng.integers(300, 501, count),
        np.clip(rng.normal(175, 35, count) * np.clip(homes / mean, 0.5, 1.5), 50, 340).astype(int),
    )
    households = np.where(zones.grid_block >= 0, 0, households)
    population = np.round(households * rng.uniform(2.5, 3.3, count)).astype(int)
    # Head counts only (places, not people): one per 200 households, at least one.
    return households, np.minimum(population, 2_500), np.maximum(1, np.round(households / 200)).astype(int)


def _split_population(
    zones: ZoneTiling, households: np.ndarray, population: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    part, people = np.zeros(len(zones.micro), dtype=int), np.zeros(len(zones.micro), dtype=int)
    order = np.argsort(zones.micro_grid, kind="stable")
    bounds = np.searchsorted(zones.micro_grid[order], np.arange(len(zones.grids) + 1))
    for g in range(len(zones.grids) if len(order) else 0):
        rows = order[bounds[g] : bounds[g + 1]]
        weight = rng.uniform(0.5, 1.5, len(rows))
        part[rows] = shares(weight, int(households[g]), least=0)
        people[rows] = shares(weight, int(population[g]), least=0)
    return part, people
