"""Generate a fictional county at real scale: zones, roads, buildings, addresses and cameras; none of it is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import crs as systems
from geo.catalog.layers import layer
from geo.crs_metric import convergence, metric_crs_for
from geo.demo import (
    address_points,
    buildings,
    camera_poles,
    camera_records,
    county_plan,
    place_names,
    road_network,
    settlements,
    zone_tiling,
)
from geo.demo.county_sizes import SIZES, SizeName
from geo.errors import UnknownName
from geo.types import Progress, no_progress

__all__ = ["SIZES", "draw"]

#: The centre of every fictional county, WGS-84 degrees, in north-west China.
_CENTRE = (103.1, 37.6)


def draw(size: SizeName, *, seed: int = 7, progress: Progress = no_progress) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a fictional county, in EPSG:4326 with the fields of `geo.catalog.layers`.

    Grids tile villages, villages tile townships and townships tile the county exactly: their borders share every
    vertex. Counts are those of `SIZES`; the same seed gives the same county. All codes begin with 99, which belongs to
    no province.

    Parameters
    ----------
    size
        ``small``, ``gulang`` or ``yangxian``.
    seed
        Seed of the random generator.
    progress
        Called with the step and the share done.

    Raises
    ------
    UnknownName
        For another size.

    Examples
    --------
    >>> frames = draw("small", seed=7)
    >>> {name: len(frame) for name, frame in frames.items() if name != "roads"}
    {'divisions': 13, 'grids': 40, 'villages': 10, 'cameras': 300, 'obstacles': 2000, 'addresses': 2036}
    >>> bool(frames["divisions"]["code"].str.startswith("99").all())
    True
    """
    if size not in SIZES:
        known = ", ".join(SIZES)
        raise UnknownName(f"没有示例规模 {size}，可用：{known}", f"no demo size {size}; there are: {known}")
    rng = np.random.default_rng([seed, 20_250_401])
    county_crs = _CountyCrs()
    progress("land", 0.0)
    plan = county_plan.plan(SIZES[size], rng)
    network = road_network.network(plan)
    progress("settlements", 0.3)
    layout = settlements.lay_out_settlements(plan, road_network.headings(plan, network), rng)
    street_names = [
        place_names.streets(2 * b + 1, 2 * a + 1, rng) for a, b in layout.half[: plan.size.townships].tolist()
    ]
    lines = _all_roads(road_network.country_roads(plan, network, layout), road_network.streets(layout, street_names))
    houses = _chosen_buildings(plan, layout, lines, rng)
    footprints = houses.footprints(layout)
    progress("zones", 0.5)
    tiling = zone_tiling.tile_zones(plan, layout, county_crs.degrees, rng)
    register = zone_tiling.register_zones(plan, tiling, layout, houses, rng)
    progress("addresses", 0.7)
    addresses = address_points.make_addresses(plan, layout, houses, tiling, register, street_names)
    progress("cameras", 0.85)
    poles = camera_poles.candidates(layout, houses, footprints, lines, rng)
    cameras = camera_records.place_cameras(poles, plan.size.cameras, rng)
    frames = {
        "divisions": _divisions(tiling, register),
        "grids": _grids(tiling, register),
        "villages": _villages(tiling, register),
        "cameras": _cameras(cameras, poles, tiling, register, county_crs),
        "obstacles": _obstacles(houses, footprints, county_crs, rng),
        "roads": _roads(lines, county_crs),
        "addresses": _addresses(addresses, houses, tiling, register, county_crs),
    }
    progress("done", 1.0)
    return frames


class _CountyCrs:
    """Conversion from the metres of a plan to degrees, by the CRS that rule C1 chooses there."""

    def __init__(self) -> None:
        around = gpd.GeoSeries(shapely.points(np.add(_CENTRE, [[-0.6, -0.6], [0.6, 0.6]])), crs=systems.STORAGE_CRS)
        self.crs = metric_crs_for(around)
        x, y = systems.from_wgs84([_CENTRE[0]], [_CENTRE[1]], self.crs)
        self._origin = np.array([x[0], y[0]])

    def degrees(self, xy: np.ndarray) -> np.ndarray:
        """Return longitude and latitude (n, 2), rounded to 1e-7 degrees, about a centimetre."""
        projected = xy + self._origin
        return np.round(np.column_stack(systems.to_wgs84(projected[:, 0], projected[:, 1], self.crs)), 7)

    def shapes(self, geometry: np.ndarray) -> np.ndarray:
        """Return shapes with their vertices in degrees."""
        return np.asarray(shapely.transform(geometry, self.degrees))

    def true_azimuth(self, grid_azimuth: np.ndarray, lonlat: np.ndarray) -> np.ndarray:
        """Return azimuths from true north, whole degrees (rule R1)."""
        turn = convergence(lonlat[:, 0], lonlat[:, 1], self.crs)
        return np.asarray(np.round(grid_azimuth + turn) % 360.0)


def _chosen_buildings(
    plan: county_plan.CountyLayout, layout: settlements.Settlements, lines: road_network.Roads, rng: np.random.Generator
) -> buildings.Buildings:
    """Return the wanted number of buildings, none of them on a country road."""
    stock, reserve = buildings.build(layout, rng)
    passing = np.flatnonzero(lines.settlement < 0)
    kept = []
    for one in (stock, reserve):
        shapes = one.footprints(layout)
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
        np.concatenate([first.settlement, second.settlement]),
    )


# --- frames ----------------------------------------------------------------------------------------------------------


def _frame(name: str, columns: Mapping[str, Any], geometry: np.ndarray) -> gpd.GeoDataFrame:
    """Return a frame with every field of the layer in order; fields without a column are empty."""
    empty = {"text": None, "date": None, "number": np.nan, "integer": np.nan}
    data = {
        field.name: columns.get(field.name, pd.Series([empty[field.kind]] * len(geometry)))
        for field in layer(name).all_fields
    }
    return gpd.GeoDataFrame(pd.DataFrame(data), geometry=geometry, crs=systems.STORAGE_CRS)


def _divisions(tiling: zone_tiling.ZoneTiling, register: zone_tiling.ZoneRegister) -> gpd.GeoDataFrame:
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


def _grids(tiling: zone_tiling.ZoneTiling, register: zone_tiling.ZoneRegister) -> gpd.GeoDataFrame:
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


def _villages(tiling: zone_tiling.ZoneTiling, register: zone_tiling.ZoneRegister) -> gpd.GeoDataFrame:
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
    houses: buildings.Buildings, footprints: np.ndarray, county_crs: _CountyCrs, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    height = buildings.heights_known(houses, rng)
    return _frame("obstacles", {"id": _numbered("B", len(houses)), "height": height}, county_crs.shapes(footprints))


def _roads(lines: road_network.Roads, county_crs: _CountyCrs) -> gpd.GeoDataFrame:
    columns = {"id": _numbered("R", len(lines.lines)), "class": lines.kind, "width": lines.width, "name": lines.name}
    return _frame("roads", columns, county_crs.shapes(lines.lines))


def _addresses(
    addresses: address_points.AddressPoints,
    houses: buildings.Buildings,
    tiling: zone_tiling.ZoneTiling,
    register: zone_tiling.ZoneRegister,
    county_crs: _CountyCrs,
) -> gpd.GeoDataFrame:
    building = _numbered("B", len(houses))
    grid = tiling.block_grid[houses.block[addresses.building]]
    return _frame(
        "addresses",
        {
            "id": _numbered("A", len(addresses.text)),
            "text": addresses.text,
            "standard": addresses.standard,
            "aliases": addresses.alias,
            "building": [building[k] for k in addresses.building.tolist()],
            "grid": [register.grid_code[g] for g in grid.tolist()],
        },
        shapely.points(county_crs.degrees(addresses.xy)),
    )


def _cameras(
    cameras: camera_records.CameraRecords,
    poles: camera_poles.PolePositions,
    tiling: zone_tiling.ZoneTiling,
    register: zone_tiling.ZoneRegister,
    county_crs: _CountyCrs,
) -> gpd.GeoDataFrame:
    lonlat = county_crs.degrees(poles.xy)
    place_types = [camera_poles.PLACE_TYPES[int(k)] for k in poles.place_type[cameras.pole]]
    return _frame(
        "cameras",
        {
            "id": camera_records.device_ids(cameras),
            "site": [f"P{pole + 1:06d}" for pole in cameras.pole.tolist()],
            "name": camera_records.camera_names(cameras, poles, _zones_of_points(lonlat, tiling, register)),
            "class": cameras.class_,
            "kind": cameras.kind,
            "azimuth": county_crs.true_azimuth(cameras.azimuth, lonlat[cameras.pole]),
            "hfov": cameras.hfov,
            "vfov": cameras.vfov,
            "tilt": cameras.tilt,
            "height": cameras.height,
            "width_px": cameras.width_px,
            "height_px": cameras.height_px,
            "max_range": cameras.max_range,
            "status": cameras.status,
            "owner": [owner for _, owner in place_types],
            "place_type": [place_type for place_type, _ in place_types],
            "source": ["示例数据"] * len(cameras),
        },
        shapely.points(lonlat[cameras.pole]),
    )


def _zones_of_points(
    lonlat: np.ndarray, tiling: zone_tiling.ZoneTiling, register: zone_tiling.ZoneRegister
) -> Sequence[str]:
    """Return the names of township and village of each point."""
    found = shapely.STRtree(tiling.villages).query(shapely.points(lonlat), predicate="intersects")
    where = [""] * len(lonlat)
    for k, v in found.T.tolist():
        where[k] = register.township_name[int(tiling.village_township[v])] + register.village_name[v]
    return where


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{k + 1:06d}" for k in range(count)]
