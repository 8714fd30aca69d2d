"""Find grids outside their band, crossed by barriers, cutting buildings, without staff, or numbered out of order (V7).

Also dedicated grids that are drawn otherwise than the county's others, and villages with more heads than grids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo import crs as systems
from geo.catalog.division_codes import code_text
from geo.check.metric_frames import MetricFrames, column, keys, numbers
from geo.check.ranking import UnrankedFinding
from geo.figure_text import plain_figure
from geo.planning.barriers import barrier_lines
from geo.sentences import sentence

#: A barrier within a grid counts from this grade (secondary roads, rivers, railways) and this length (m) on, farther
#: from the border than this (m): centre lines of roads lie beside the borders that follow them.
MIN_GRADE, MIN_CROSSING_M, _BESIDE_M = 4.0, 100.0, 20.0
#: A building is cut where its smaller part has this area (m2) and share.
MIN_CUT_M2, _MIN_CUT_SHARE = 1.0, 0.02
#: A dedicated grid lies in general ones from this share on, and beside them up to the other.
_INSIDE, _BESIDE = 0.95, 0.05
#: Grids that overlap by less than this (degrees, about 1 m) are beside each other.
_TOUCH = 1e-5


@dataclass(frozen=True)
class Principles:
    """Say by which principles grids were drawn: only then a band or a barrier is one to be held against them.

    Attributes
    ----------
    size, rural
        Lower and upper end of the band, of all grids or of those that are not rural; None for one band.
    by
        ``households`` or ``population``: what the band counts.
    """

    size: tuple[float, float]
    rural: tuple[float, float] | None = None
    by: str = "households"


def find(data: MetricFrames, principles: Principles | None = None) -> Iterator[UnrankedFinding]:
    """Yield findings on single grids and on the grids of a village."""
    grids = data.frame("grids")
    if grids is None:
        return
    first = grids[numbers(grids, "level") != 2].reset_index(drop=True)
    shapes = shapely.make_valid(data.to_metres(first.geometry.to_numpy()))
    if principles is not None:
        yield from _bands(first, principles)
        yield from _barriers(data, first, shapes)
    yield from _staff(first)
    yield from _heads(first)
    yield from _buildings(data, first, shapes)
    yield from _dedicated(first, shapes)
    yield from _order(first, "village")
    yield from _order(grids[numbers(grids, "level") == 2].reset_index(drop=True), "parent")


def _of_grid(
    grids: gpd.GeoDataFrame, k: int, code: str, zh: str, en: str, value: float, where: shapely.Geometry | None = None
) -> UnrankedFinding:
    key = keys(grids.iloc[[k]], "grids")[0]
    point = shapely.point_on_surface(grids.geometry.iloc[k] if where is None else where)
    return UnrankedFinding(
        "warning", code, "grids", [key], sentence(zh.format(key), en.format(key)), value, float(point.x), float(point.y)
    )


# --- figures ---------------------------------------------------------------------------------------------------------


def _bands(grids: gpd.GeoDataFrame, bands: Principles) -> Iterator[UnrankedFinding]:
    """Yield general grids whose figure is known and outside the band."""
    figure, kind = numbers(grids, bands.by), column(grids, "kind")
    is_rural = column(grids, "urban_rural") == "rural"
    word = ("户", "households") if bands.by == "households" else ("人", "persons")
    for k in np.flatnonzero(np.isfinite(figure) & (kind != "dedicated")).tolist():
        low, high = bands.rural if is_rural[k] and bands.rural is not None else bands.size
        if low <= figure[k] <= high:
            continue
        number = plain_figure(figure[k])
        yield _of_grid(
            grids, k, "grid-outside-band", f"网格 {{}} 有 {number} {word[0]}，区间为 {low:g}–{high:g}",
            f"grid {{}} has {number} {word[1]}, outside the band of {low:g} to {high:g}",
            float(max(low - figure[k], figure[k] - high)),
        )  # fmt: skip


def _staff(grids: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    """Yield grids that have no staff, part-time ones neither; where the number is not known nothing is said."""
    staff, part_time = numbers(grids, "staff"), numbers(grids, "staff_part_time")
    for k in np.flatnonzero((staff == 0) & ~(part_time > 0)).tolist():
        yield _of_grid(grids, k, "grid-without-staff", "网格 {} 没有网格员", "grid {} has no staff", 0.0)


def _heads(grids: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    """Yield villages whose grids have more heads together than there are grids."""
    heads, village = numbers(grids, "heads"), column(grids, "village")
    of: dict[str, list[int]] = defaultdict(list)
    for k, name in enumerate(village):
        if name:
            of[str(name)].append(k)
    for name, rows in of.items():
        count, total = len(rows), int(np.nansum(heads[rows]))
        if total <= count:
            continue
        most = rows[int(np.nanargmax(heads[rows]))]
        point = shapely.point_on_surface(grids.geometry.iloc[most])
        named = [one for k, one in enumerate(keys(grids.iloc[rows], "grids")) if heads[rows[k]] > 1]
        yield UnrankedFinding(
            "warning", "heads-above-grids", "grids", named,
            sentence(f"村 {name} 的 {count} 个网格共有 {total} 个网格长",
            f"the {count} grids of village {name} have {total} heads together"),
            float(total - count), float(point.x), float(point.y),
        )  # fmt: skip


# --- what crosses -----------------------------------------------------------------------------------------------------


def _barriers(data: MetricFrames, grids: gpd.GeoDataFrame, shapes: np.ndarray) -> Iterator[UnrankedFinding]:
    """Yield grids that a road, river or railway of a high grade runs through, away from their border."""
    roads = data.frame("roads")
    if roads is None or data.crs is None:
        return
    ways = data.to_metres(roads.geometry.to_numpy())
    lines, grade = barrier_lines(gpd.GeoDataFrame({"class": column(roads, "class")}, geometry=ways, crs=data.crs))
    lines = lines[grade >= MIN_GRADE]
    if not len(lines):
        return
    inner = shapely.buffer(shapes, -_BESIDE_M)
    grid, line = shapely.STRtree(lines).query(inner, predicate="intersects")
    within = shapely.intersection(inner[grid], lines[line])
    length = np.bincount(grid, shapely.length(within), len(grids))
    for k in np.flatnonzero(length >= MIN_CROSSING_M).tolist():
        pieces = within[grid == k]
        longest = pieces[int(np.argmax(shapely.length(pieces)))]
        middle = shapely.line_interpolate_point(shapely.get_parts(longest)[0], 0.5, normalized=True)
        yield _of_grid(
            grids, k, "grid-crossed-by-barrier",
            f"网格 {{}} 里有 {length[k]:,.0f} m 的主要道路、河流或铁路",
            f"{length[k]:,.0f} m of major road, river or railway run through grid {{}}", float(length[k]),
            _in_degrees(data, middle),
        )  # fmt: skip


def _buildings(data: MetricFrames, grids: gpd.GeoDataFrame, shapes: np.ndarray) -> Iterator[UnrankedFinding]:
    """Yield buildings that the border of a grid runs through."""
    houses = data.frame("obstacles")
    if houses is None:
        return
    special = column(grids, "kind") == "dedicated"
    footprints = data.to_metres(houses.geometry.to_numpy())
    footprints = np.where(shapely.is_valid(footprints), footprints, shapely.make_valid(footprints))
    names, codes = keys(houses, "obstacles"), keys(grids, "grids")
    borders = shapely.boundary(shapes)
    grid, house = shapely.STRtree(footprints).query(borders, predicate="intersects")
    part = shapely.area(shapely.intersection(shapes[grid], footprints[house]))
    whole = shapely.area(footprints)
    cut: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for k, one, area in zip(grid.tolist(), house.tolist(), part.tolist(), strict=True):
        least = max(MIN_CUT_M2, _MIN_CUT_SHARE * whole[one])
        if least <= area <= whole[one] - least:
            cut[one].append((area, k))
    for one, parts in sorted(cut.items()):
        own = sorted({codes[k] for _, k in parts})
        # A dedicated grid over a general one cuts nothing off: the building lies in both.
        smaller = min(min(area, whole[one] - area) for area, _ in parts)
        point = shapely.point_on_surface(houses.geometry.iloc[one])
        if all(special[k] for _, k in parts) and len(parts) > 1:
            continue
        yield UnrankedFinding(
            "warning", "grid-cuts-building", "grids", own,
            sentence(f"建筑 {names[one]} 被网格 {'、'.join(own)} 的边界切开，较小的一块 {smaller:,.0f} m²",
            f"building {names[one]} is cut by grids {', '.join(own)}: the smaller part has {smaller:,.0f} m²"),
            float(smaller), float(point.x), float(point.y),
        )  # fmt: skip


def _in_degrees(data: MetricFrames, point: shapely.Point) -> shapely.Point:
    lon, lat = systems.to_wgs84(point.x, point.y, data.crs or systems.STORAGE_CRS)
    return shapely.Point(float(lon), float(lat))


# --- kinds and numbers ------------------------------------------------------------------------------------------------


def _dedicated(grids: gpd.GeoDataFrame, shapes: np.ndarray) -> Iterator[UnrankedFinding]:
    """Yield dedicated grids that lie otherwise than most: over general grids, beside them, or partly over."""
    special = column(grids, "kind") == "dedicated"
    mine, others = np.flatnonzero(special), np.flatnonzero(~special)
    if not len(mine) or not len(others):
        return
    one, other = shapely.STRtree(shapes[others]).query(shapes[mine], predicate="intersects")
    area = shapely.area(shapely.intersection(shapes[mine][one], shapes[others][other]))
    share = np.bincount(one, area, len(mine)) / np.maximum(shapely.area(shapes[mine]), 1e-9)
    inside, beside = share >= _INSIDE, share <= _BESIDE
    is_over = inside.sum() > beside.sum()  # the rule of the county
    for k, row in enumerate(mine.tolist()):
        percent = f"{share[k]:.0%}"
        if not inside[k] and not beside[k]:
            yield _of_grid(
                grids, row, "dedicated-partly-outside", f"专属网格 {{}} 有 {percent} 在综合网格之内，其余在外",
                f"{percent} of dedicated grid {{}} lie in general grids, the rest outside", float(share[k]),
            )  # fmt: skip
        elif is_over and beside[k]:
            yield _of_grid(
                grids, row, "dedicated-outside-general", "专属网格 {} 在综合网格之外，多数专属网格在其内",
                "dedicated grid {} lies outside the general grids, in which most dedicated ones lie", 0.0,
            )  # fmt: skip
        elif not is_over and inside[k] and beside.any():
            yield _of_grid(
                grids, row, "dedicated-outside-general", "专属网格 {} 压在综合网格上，多数专属网格是从中划出的",
                "dedicated grid {} lies over general grids, from which most dedicated ones are cut out", 1.0,
            )  # fmt: skip


def _order(grids: gpd.GeoDataFrame, above: str) -> Iterator[UnrankedFinding]:
    """Yield units of which a grid has a higher number than one that lies wholly south-east of it (rule V5).

    Whether codes run from the west or from the north first, a grid wholly north-west of another comes before it.
    """
    codes = [code_text(one) for one in keys(grids, "grids")]
    upper = column(grids, above)
    box = shapely.bounds(grids.geometry.to_numpy())
    of: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for k, code in enumerate(codes):
        unit = "" if upper[k] is None else code_text(upper[k])
        # Digits before those of the unit, as codes of 20 digits have them, and how many follow: one row of numbers.
        head, found, tail = code.partition(unit) if unit else (code, "", "")
        if found and tail.isdecimal():
            of[unit, f"{head}+{len(tail)}"].append((int(tail), k))
    for (unit, _), numbered in of.items():
        rows = np.array([k for _, k in sorted(numbered)])
        west, south, east, north = box[rows].T
        later, earlier = np.tril_indices(len(rows), -1)
        wrong = (east[later] <= west[earlier] + _TOUCH) & (south[later] >= north[earlier] - _TOUCH)
        if not wrong.any():
            continue
        late = sorted({int(rows[k]) for k in later[wrong]})
        yield _of_units(grids, late, unit, [codes[k] for k in late])


def _of_units(grids: gpd.GeoDataFrame, rows: list[int], unit: str, codes: list[str]) -> UnrankedFinding:
    point = shapely.point_on_surface(grids.geometry.iloc[rows[0]])
    shown = ", ".join(codes[:5])
    return UnrankedFinding(
        "warning", "codes-out-of-order", "grids", codes,
        sentence(f"{unit} 有 {len(codes)} 个网格的号排在其东南的网格之后：{shown}",
        f"{len(codes)} grids of {unit} have a number after that of a grid south-east of them: {shown}"),
        float(len(codes)), float(point.x), float(point.y),
    )  # fmt: skip
