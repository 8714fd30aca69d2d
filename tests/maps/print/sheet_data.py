"""Draw counties for the printed sheet: Voronoi grids in a round county, townships dissolved from them, made-up figures.

Grids crowd round the township seats, as real ones do, so that a sheet has codes that fit and codes that do not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.map_data import MapData, Meta

#: CGCS2000 3-degree Gauss-Kruger, central meridian 102 E; about 37.5 N, 102.9 E.
CRS = "EPSG:4543"
MIDDLE = np.array([580_000.0, 4_155_000.0])
COUNTY = "620622"
TOWNSHIP_NAMES = (
    *("古浪镇", "泗水镇", "土门镇", "大靖镇", "裴家营镇", "海子滩镇", "定宁镇", "黄羊川镇", "黑松驿镇", "永丰滩镇"),
    *("黄花滩镇", "西靖镇", "民权镇", "直滩镇", "古丰镇", "新堡乡", "干城乡", "横梁乡", "十八里堡乡", "生态新村乡"),
)
CAUSES = ("offline", "unknown", "level", "aim", "tilt", "blocked", "range")
_SHARES = ("sure_share", "possible_share", "k2_share", "k3_share", "c1_share", "c2_share", "c3_share")


def meta(**changes: str) -> Meta:
    """Return the facts of the drawn county."""
    facts = Meta(
        title_zh="古浪县公共区域视频覆盖与网格图",
        title_en="Gulang County: camera coverage and grids",
        made="2026-08-20T08:30:00+08:00",
        data_date="2026-08-18",
        crs=CRS,
        run_id="0198c3a2-7b1e-7c44-9d5a-3f1f6f0e2a11",
        level="detect",
        edition="iec62676-4:2014",
        domain="streets",
        source="虚构数据",
    )
    return replace(facts, **changes)


@cache
def county(
    grids: int = 690, townships: int = 20, cameras: int = 7_071, gaps: int = 9_000, radius: float = 30_000.0
) -> MapData:
    """Return a county of that many grids, cameras and gaps; sizes of 古浪 by default."""
    random = np.random.default_rng(grids)
    outline = _outline(random, radius)
    seats = _spread(random, outline, townships)
    cells = _cells(random, outline, seats, grids)
    frame = _grids(cells, seats)
    zones = {
        "grids": _figures(random, frame[["code", "name", "geometry"]]),
        "villages": _figures(random, _dissolved(frame, "village")),
        "townships": _figures(random, _dissolved(frame, "township")),
        "all": _figures(random, gpd.GeoDataFrame({"code": ["all"], "name": ["全域"]}, geometry=[outline], crs=CRS)),
    }
    camera_frame = _cameras(random, outline, seats, cameras)
    return MapData(
        meta=meta(),
        zones=zones,
        gaps=_gaps(random, frame, camera_frame, gaps),
        cameras=camera_frame,
        reference={},
        summary={
            "totals": zones["all"].drop(columns=["geometry"]).iloc[0].to_dict(),
            "rejected": 3,
            "target_height": 1.6,
        },
    )


def small(**changes: object) -> MapData:
    """Return a county of 24 grids in 3 townships, quick to print."""
    return replace(county(24, 3, 60, 40, 2_000.0), **changes)


def _outline(random: np.random.Generator, radius: float) -> shapely.Polygon:
    turns = np.linspace(0, 2 * np.pi, 241)[:-1]
    waves = sum(random.normal(0, 0.1 / k) * np.sin(k * turns + random.uniform(0, 6)) for k in range(2, 12))
    reach = radius * (1 + waves)
    return shapely.Polygon(MIDDLE + np.column_stack([np.cos(turns) * 1.15, np.sin(turns) * 0.85]) * reach[:, None])


def _spread(random: np.random.Generator, outline: shapely.Polygon, count: int) -> np.ndarray:
    """Return places inside the outline, each the farthest of several trials from those before."""
    west, south, east, north = outline.bounds
    places = [np.array([(west + east) / 2, (south + north) / 2])]
    while len(places) < count:
        trials = random.uniform((west, south), (east, north), (60, 2))
        trials = trials[shapely.contains_xy(outline.buffer(-0.08 * (east - west)), trials[:, 0], trials[:, 1])]
        if len(trials):
            away = np.hypot(*(trials[:, None] - np.array(places)).transpose(2, 0, 1)).min(axis=1)
            places.append(trials[away.argmax()])
    return np.array(places)


def _cells(random: np.random.Generator, outline: shapely.Polygon, seats: np.ndarray, count: int) -> np.ndarray:
    size = np.sqrt(outline.area)
    near = seats[random.integers(0, len(seats), count * 3)] + random.normal(0, 0.02 * size, (count * 3, 2))
    far = random.uniform(outline.bounds[:2], outline.bounds[2:], (count * 3, 2))
    places = np.where(random.random(count * 3)[:, None] < 0.5, near, far)
    places = places[shapely.contains_xy(outline, places[:, 0], places[:, 1])][:count]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=outline))
    cut = shapely.intersection(cells, outline)
    parts = [max(shapely.get_parts(one), key=shapely.area) for one in cut]
    return np.array(parts, dtype=object)


def _grids(cells: np.ndarray, seats: np.ndarray) -> gpd.GeoDataFrame:
    middles = shapely.get_coordinates(shapely.centroid(cells))
    township = np.hypot(*(middles[:, None] - seats).transpose(2, 0, 1)).argmin(axis=1)
    rows = []
    counts = dict.fromkeys(range(len(seats)), 0)
    for cell, at in zip(cells, township.tolist(), strict=True):
        counts[at] += 1
        village = f"{COUNTY}{100 + at}{200 + (counts[at] - 1) // 4:03d}"
        code = f"{village}{(counts[at] - 1) % 4 + 1:03d}"
        rows.append((code, f"{TOWNSHIP_NAMES[at]}第{counts[at]}网格", village, f"{COUNTY}{100 + at}", cell))
    frame = gpd.GeoDataFrame(rows, columns=["code", "name", "village", "township", "geometry"], crs=CRS)
    return frame.sort_values("code", ignore_index=True)


def _dissolved(grids: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    codes, shapes = zip(*((code, shapely.union_all(rows.geometry)) for code, rows in grids.groupby(by)), strict=True)
    names = [TOWNSHIP_NAMES[int(code[6:9]) - 100] + ("" if by == "township" else f"{code[-3:]}村") for code in codes]
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=list(shapes), crs=CRS)


def _figures(random: np.random.Generator, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    count = len(zones)
    domain = random.uniform(20_000, 90_000, count)
    sure = random.beta(1.1, 1.6, count).clip(0.002, 0.995)
    sure[1::9] = 0.0
    table = pd.DataFrame(
        {
            "domain_m2": domain,
            "domain_weight": domain,
            "sure_m2": domain * sure,
            "sure_share": sure,
            "possible_share": sure + (1 - sure) * 0.3,
            "k2_share": sure * 0.5,
            "k3_share": sure * 0.2,
            "c1_share": sure * 0.4,
            "c2_share": sure * 0.3,
            "c3_share": sure * 0.6,
            "gap_m2": domain * (1 - sure),
        }
    )
    table.loc[2::11, list(_SHARES)] = np.nan  # zones with an empty domain
    whole = pd.concat([zones[["code", "name"]].reset_index(drop=True), table], axis=1)
    return gpd.GeoDataFrame(whole, geometry=zones.geometry.to_numpy(), crs=CRS)


def _cameras(random: np.random.Generator, outline: shapely.Polygon, seats: np.ndarray, count: int) -> gpd.GeoDataFrame:
    places = seats[random.integers(0, len(seats), count * 3)] + random.normal(
        0, 0.03 * np.sqrt(outline.area), (count * 3, 2)
    )
    places = places[shapely.contains_xy(outline, places[:, 0], places[:, 1])][:count]
    rows = len(places)
    places[9::10] = places[8::10][: len(places[9::10])]
    return gpd.GeoDataFrame(
        {
            "id": [f"62062210001{number:09d}" for number in range(rows)],
            # Every tenth row is a second lens on the pole of the row before.
            "site": [f"P{number - (number % 10 == 9):06d}" for number in range(rows)],
            "class": random.choice([1.0, 2.0, 3.0, np.nan], rows, p=[0.27, 0.16, 0.55, 0.02]),
            "azimuth": np.where(random.random(rows) < 0.1, np.nan, random.uniform(0, 360, rows).round()),
            "status": random.choice(["online", "offline", "planned", "unknown"], rows, p=[0.9, 0.05, 0.03, 0.02]),
        },
        geometry=shapely.points(places),
        crs=CRS,
    )


def _gaps(
    random: np.random.Generator, grids: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, count: int
) -> gpd.GeoDataFrame:
    owner = random.integers(0, len(grids), count)
    shapes = grids.geometry.to_numpy()[owner]
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes))
    reach = np.sqrt(shapely.area(shapes)) / 5
    steps = random.normal(0, 0.3, (count, 8, 2)).cumsum(axis=1) * reach[:, None, None]
    streets = shapely.buffer(
        shapely.linestrings(middles[:, None] + steps), random.uniform(3, 9, count), cap_style="flat"
    )
    streets = shapely.intersection(shapely.make_valid(streets), shapes)
    area = shapely.area(streets)
    cause = random.choice(CAUSES, count)
    frame = gpd.GeoDataFrame(
        {
            "grid": grids.code.to_numpy()[owner],
            "area_m2": area,
            "weight": area,
            "cause": cause,
            "camera": cameras.id.to_numpy()[random.integers(0, len(cameras), count)],
            "obstacle": np.where(cause == "blocked", "B0012345", None),
            "distance_m": random.uniform(5, 900, count),
        },
        geometry=streets,
        crs=CRS,
    )
    frame = frame[frame.area_m2 >= 1].sort_values("weight", ascending=False, ignore_index=True)
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    places = gpd.GeoSeries(shapely.point_on_surface(frame.geometry.to_numpy()), crs=CRS).to_crs(4326)
    return frame.assign(lon=places.x, lat=places.y)
