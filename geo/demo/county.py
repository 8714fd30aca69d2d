"""Draw a fictional county at real scale: zones, roads, buildings, addresses and cameras; none of it is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import crs as systems
from geo.catalog.layers import layer
from geo.demo import (
    address_points,
    buildings,
    camera_poles,
    county_plan,
    place_names,
    road_network,
    settlements,
    zone_tiling,
)
from geo.demo import camera_records as optics
from geo.demo.county_sizes import SIZES, SizeName
from geo.errors import UnknownName
from geo.types import Progress, silent

__all__ = ["SIZES", "draw"]

#: The middle of every fictional county, WGS-84 degrees: somewhere dry in the north-west.
_MIDDLE = (103.1, 37.6)


def draw(size: SizeName, *, seed: int = 7, progress: Progress = silent) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a fictional county, in EPSG:4326 with the fields of `geo.catalog.layers`.

    Grids tile villages, villages townships and townships the county exactly: their borders share every vertex. Counts
    come out as `SIZES` says; the same seed gives the same county. All codes begin with 99, which no province has.

    Parameters
    ----------
    size
        ``small``, ``gulang`` or ``yangxian``.
    seed
        Which of endlessly many counties.
    progress
        Told what is being drawn.

    Raises
    ------
    UnknownName
        For another size.
    """
    if size not in SIZES:
        known = ", ".join(SIZES)
        raise UnknownName(f"没有示例规模 {size}，可用：{known}", f"no demo size {size}; there are: {known}")
    rng = np.random.default_rng([seed, 20_250_401])
    ground = _Ground()
    progress("land", 0.0)
    plan = county_plan.plan(SIZES[size], rng)
    ways = road_network.network(plan)
    progress("settlements", 0.3)
    places = settlements.settle(plan, road_network.headings(plan, ways), rng)
    called = [place_names.streets(2 * b + 1, 2 * a + 1, rng) for a, b in places.half[: plan.size.townships].tolist()]
    lines = _all_roads(road_network.country_roads(plan, ways, places), road_network.streets(places, called))
    houses = _houses(plan, places, lines, rng)
    footprints = houses.footprints(places)
    progress("zones", 0.5)
    tiling = zone_tiling.cut(plan, places, ground.degrees, rng)
    register = zone_tiling.register(plan, tiling, places, houses, rng)
    progress("addresses", 0.7)
    listed = address_points.write(plan, places, houses, tiling, register, called)
    progress("cameras", 0.85)
    stands = camera_poles.candidates(places, houses, footprints, lines, rng)
    hung = optics.hang(stands, plan.size.cameras, rng)
    frames = {
        "divisions": _divisions(tiling, register),
        "grids": _grids(tiling, register),
        "villages": _villages(tiling, register),
        "cameras": _cameras(hung, stands, tiling, register, ground),
        "obstacles": _obstacles(houses, footprints, ground, rng),
        "roads": _roads(lines, ground),
        "addresses": _addresses(listed, houses, tiling, register, ground),
    }
    progress("done", 1.0)
    return frames


class _Ground:
    """Place the metres of a plan on the Earth, in the CRS that rule C1 chooses there."""

    def __init__(self) -> None:
        around = gpd.GeoSeries(shapely.points(np.add(_MIDDLE, [[-0.6, -0.6], [0.6, 0.6]])), crs=systems.STORAGE_CRS)
        self.crs = systems.metric_crs_for(around)
        x, y = systems.from_wgs84([_MIDDLE[0]], [_MIDDLE[1]], self.crs)
        self._origin = np.array([x[0], y[0]])

    def degrees(self, xy: np.ndarray) -> np.ndarray:
        """Return longitude and latitude (n, 2), rounded to 1e-7 degrees, about a centimetre."""
        there = xy + self._origin
        return np.round(np.column_stack(systems.to_wgs84(there[:, 0], there[:, 1], self.crs)), 7)

    def shapes(self, geometry: np.ndarray) -> np.ndarray:
        """Return shapes with their vertices in degrees."""
        return np.asarray(shapely.transform(geometry, self.degrees))

    def true_azimuth(self, grid_azimuth: np.ndarray, lonlat: np.ndarray) -> np.ndarray:
        """Return azimuths from true north, whole degrees (rule R1)."""
        turn = systems.convergence(lonlat[:, 0], lonlat[:, 1], self.crs)
        return np.asarray(np.round(grid_azimuth + turn) % 360.0)


def _houses(
    plan: county_plan.Plan, places: settlements.Settlements, lines: road_network.Roads, rng: np.random.Generator
) -> buildings.Buildings:
    """Return the wanted number of buildings, none of them on a country road."""
    stock, reserve = buildings.build(places, rng)
    passing = np.flatnonzero(lines.place < 0)
    kept = []
    for one in (stock, reserve):
        shapes = one.footprints(places)
        hit = shapely.STRtree(shapes).query(
            lines.lines[passing], predicate="dwithin", distance=lines.width[passing] / 2 + 1.0
        )[1]
        kept.append(one.take(np.setdiff1d(np.arange(len(one)), hit)))
    return buildings.choose(kept[0], kept[1], plan.size.obstacles, rng)


def _all_roads(first: road_network.Roads, second: road_network.Roads) -> road_network.Roads:
    return road_network.Roads(
        np.concatenate([first.lines, second.lines]),
        first.kind + second.kind,
        np.concatenate([first.width, second.width]),
        first.name + second.name,
        np.concatenate([first.place, second.place]),
    )


# --- frames ----------------------------------------------------------------------------------------------------------


def _frame(name: str, columns: Mapping[str, Any], geometry: np.ndarray) -> gpd.GeoDataFrame:
    """Return a frame with every field of the layer in order; those not given are empty."""
    empty = {"text": None, "date": None, "number": np.nan, "integer": np.nan}
    data = {
        field.name: columns.get(field.name, pd.Series([empty[field.kind]] * len(geometry)))
        for field in layer(name).all_fields
    }
    return gpd.GeoDataFrame(pd.DataFrame(data), geometry=geometry, crs=systems.STORAGE_CRS)


def _divisions(tiling: zone_tiling.Zones, register: zone_tiling.Register) -> gpd.GeoDataFrame:
    parents = [register.township_code[t] for t in tiling.village_township.tolist()]
    count = len(register.township_code)
    return _frame(
        "divisions",
        {
            "code": [place_names.COUNTY_CODE, *register.township_code, *register.village_code],
            "name": [place_names.COUNTY, *register.township_name, *register.village_name],
            "level": ["county"] + ["township"] * count + ["village"] * len(parents),
            "parent": [None] + [place_names.COUNTY_CODE] * count + parents,
        },
        np.array([tiling.county, *tiling.townships, *tiling.villages], dtype=object),
    )


def _grids(tiling: zone_tiling.Zones, register: zone_tiling.Register) -> gpd.GeoDataFrame:
    village = [register.village_code[v] for v in tiling.grid_village.tolist()]
    above = tiling.micro_grid.tolist()
    general = tiling.grid_block < 0
    kind = np.where(general, "general", "dedicated")
    return _frame(
        "grids",
        {
            "code": [*register.grid_code, *register.micro_code],
            "name": [*register.grid_name, *register.micro_name],
            "kind": [*kind, *kind[above]],
            "level": np.repeat([1, 2], [len(village), len(above)]),
            "village": [*village, *(village[g] for g in above)],
            "parent": [*([None] * len(village)), *(register.grid_code[g] for g in above)],
            "households": np.concatenate([register.households, register.micro_households]),
            "population": np.concatenate([register.population, register.micro_population]),
            "staff": np.concatenate([register.staff, np.ones(len(above), dtype=int)]),
        },
        np.concatenate([tiling.grids, tiling.micro]),
    )


def _villages(tiling: zone_tiling.Zones, register: zone_tiling.Register) -> gpd.GeoDataFrame:
    count = len(tiling.villages)
    households, population = (
        np.bincount(tiling.grid_village, values, minlength=count).astype(int)
        for values in (register.households, register.population)
    )
    return _frame(
        "villages",
        {
            "code": register.village_code,
            "name": register.village_name,
            "households": households,
            "population": population,
        },
        tiling.villages,
    )


def _obstacles(
    houses: buildings.Buildings, footprints: np.ndarray, ground: _Ground, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    height = buildings.heights_known(houses, rng)
    return _frame("obstacles", {"id": _numbered("B", len(houses)), "height": height}, ground.shapes(footprints))


def _roads(lines: road_network.Roads, ground: _Ground) -> gpd.GeoDataFrame:
    columns = {"id": _numbered("R", len(lines.lines)), "class": lines.kind, "width": lines.width, "name": lines.name}
    return _frame("roads", columns, ground.shapes(lines.lines))


def _addresses(
    listed: address_points.Addresses,
    houses: buildings.Buildings,
    tiling: zone_tiling.Zones,
    register: zone_tiling.Register,
    ground: _Ground,
) -> gpd.GeoDataFrame:
    building = _numbered("B", len(houses))
    grid = tiling.block_grid[houses.block[listed.building]]
    return _frame(
        "addresses",
        {
            "id": _numbered("A", len(listed.text)),
            "text": listed.text,
            "standard": listed.standard,
            "aliases": listed.alias,
            "building": [building[k] for k in listed.building.tolist()],
            "grid": [register.grid_code[g] for g in grid.tolist()],
        },
        shapely.points(ground.degrees(listed.xy)),
    )


def _cameras(
    hung: optics.Cameras,
    stands: camera_poles.Poles,
    tiling: zone_tiling.Zones,
    register: zone_tiling.Register,
    ground: _Ground,
) -> gpd.GeoDataFrame:
    lonlat = ground.degrees(stands.xy)
    places = [camera_poles.PLACES[int(k)] for k in stands.place[hung.pole]]
    return _frame(
        "cameras",
        {
            "id": optics.ids(hung),
            "site": [f"P{pole + 1:06d}" for pole in hung.pole.tolist()],
            "name": optics.titles(hung, stands, _where(lonlat, tiling, register)),
            "class": hung.cls,
            "kind": hung.kind,
            "azimuth": ground.true_azimuth(hung.azimuth, lonlat[hung.pole]),
            "hfov": hung.hfov,
            "vfov": hung.vfov,
            "tilt": hung.tilt,
            "height": hung.height,
            "width_px": hung.width_px,
            "height_px": hung.height_px,
            "max_range": hung.max_range,
            "status": hung.status,
            "owner": [owner for _, owner in places],
            "place_type": [place for place, _ in places],
            "source": ["示例数据"] * len(hung),
        },
        shapely.points(lonlat[hung.pole]),
    )


def _where(lonlat: np.ndarray, tiling: zone_tiling.Zones, register: zone_tiling.Register) -> Sequence[str]:
    """Return township and village of each point."""
    found = shapely.STRtree(tiling.villages).query(shapely.points(lonlat), predicate="intersects")
    where = [""] * len(lonlat)
    for k, v in found.T.tolist():
        where[k] = register.township_name[int(tiling.village_township[v])] + register.village_name[v]
    return where


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{k + 1:06d}" for k in range(count)]
