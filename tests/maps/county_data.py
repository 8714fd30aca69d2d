"""Draw a synthetic county at the real scale: 690 grids, 20 townships, 7,071 cameras, 9,000 gaps, with made-up figures.

Shapes are plausible and cheap (a jittered lattice, bands along streets, sectors); the figures are random and agree with
each other only where a map shows them side by side. For maps and pages, not for analyses.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.map_data import MapData, Meta

#: CGCS2000 3-degree Gauss-Kruger, central meridian 102 E; the county lies about 37.5 N, 102.9 E.
CRS = "EPSG:4543"
ORIGIN = (570_000.0, 4_140_000.0)
CELL = 2_000.0
COLUMNS, ROWS = 30, 23
CLASSES = (1_932, 1_159, 3_980)
CAUSES = ("offline", "unknown", "level", "aim", "tilt", "blocked", "range")


@cache
def county(*, gaps: int = 9_000, cameras: int = sum(CLASSES), seed: int = 7, hostile: bool = False) -> MapData:
    """Return the map data of the county; ``hostile`` puts markup into every name a stranger could have typed."""
    random = np.random.default_rng(seed)
    grids = _grids(random, hostile)
    townships, villages = _dissolved(grids, "township", hostile), _dissolved(grids, "village", hostile)
    camera_frame = _cameras(random, cameras, hostile)
    views = _views(random, camera_frame)
    gap_frame = _gaps(random, gaps, grids, camera_frame)
    whole = _figures(random, 1).assign(code="all", name="全域")
    outline = [shapely.union_all(townships.geometry.to_numpy())]
    return MapData(
        meta=Meta(
            title_zh="古浪县公共区域监控覆盖图" + ("</script><b>x" if hostile else ""),
            title_en="Camera coverage, Gulang County",
            made="2026-08-20",
            data_date="2026-08-18",
            crs=CRS,
            run_id="0198c3a2-7b1e-7c44-9d5a-3f1f6f0e2a11",
            level="detect",
            edition="iec62676-4:2014",
            domain="streets",
        ),
        zones={
            "grids": _with_figures(random, grids[["code", "name", "geometry"]]),
            "villages": _with_figures(random, villages),
            "townships": _with_figures(random, townships),
            "all": gpd.GeoDataFrame(whole, geometry=outline, crs=CRS),
        },
        gaps=gap_frame,
        cameras=camera_frame,
        views=views,
        possible=views.set_geometry(shapely.buffer(views.geometry.to_numpy(), 6.0, quad_segs=2))[
            ["id", "status", "geometry"]
        ],
        coverage=_coverage(views),
        reference={"divisions": _divisions(townships), "roads": _roads(random)},
        summary={
            "inputs": {"cameras": cameras, "grids": len(grids)},
            "totals": {
                **whole.drop(columns=["code", "name"]).iloc[0].to_dict(),
                "cameras": 6_120,
                "offline": 311,
            },
            "levels": {
                level: {"sure_share": share, "possible_share": share + 0.1}
                for level, share in (("detect", 0.271), ("observe", 0.118), ("recognise", 0.04), ("identify", 0.009))
            },
            "notes": ["2 处网格重叠 / 2 grids overlap"],
            "assumptions": {"hfov=80": 4321, "moved … m to the wall": 17},
            "rejected": 0,
        },
    )


def _lattice(random: np.random.Generator) -> np.ndarray:
    xs = ORIGIN[0] + np.arange(COLUMNS + 1) * CELL
    ys = ORIGIN[1] + np.arange(ROWS + 1) * CELL
    nodes = np.stack(np.meshgrid(xs, ys), axis=-1)
    return nodes + random.uniform(-0.2, 0.2, nodes.shape) * CELL


def _edge(random: np.random.Generator, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    # Eight inner points, so that a grid has 36 corners, as a digitised one has.
    steps = np.linspace(0, 1, 10)[:-1, None]
    line = start + (end - start) * steps
    line[1:] += random.normal(0, 0.006 * CELL, (len(line) - 1, 2))
    return line


def _grids(random: np.random.Generator, hostile: bool) -> gpd.GeoDataFrame:
    nodes = _lattice(random)
    across = {(r, c): _edge(random, nodes[r, c], nodes[r, c + 1]) for r in range(ROWS + 1) for c in range(COLUMNS)}
    upward = {(r, c): _edge(random, nodes[r, c], nodes[r + 1, c]) for r in range(ROWS) for c in range(COLUMNS + 1)}
    rows = []
    for r in range(ROWS):
        for c in range(COLUMNS):
            back_top = np.vstack([across[r + 1, c], nodes[r + 1, c + 1]])[::-1][:-1]
            back_left = np.vstack([upward[r, c], nodes[r + 1, c]])[::-1][:-1]
            ring = np.vstack([across[r, c], upward[r, c + 1], back_top, back_left])
            township = 1 + (c // 6) + 5 * min(r // 6, 3)
            village = f"620622{100 + township}{1 + (c % 6) // 2 + 3 * ((r % 6) // 2):03d}"
            code = f"{village}{1 + (c % 2) + 2 * (r % 2):03d}"
            rows.append((code, f"第{len(rows) + 1}网格", village, f"620622{100 + township}", shapely.Polygon(ring)))
    frame = gpd.GeoDataFrame(rows, columns=["code", "name", "village", "township", "geometry"], crs=CRS)
    frame["code"] = [
        f"{code}{'' if new else 'x'}" for code, new in zip(frame.code, ~frame.code.duplicated(), strict=True)
    ]
    if hostile:
        frame.loc[0, "name"] = "</script><img src=x onerror=alert(1)>"
        frame.loc[1, "name"] = "<!-- & 'quotes\" \u2028 ]]>"
    return frame


def _dissolved(grids: gpd.GeoDataFrame, by: str, hostile: bool) -> gpd.GeoDataFrame:
    rows = []
    for place, (code, members) in enumerate(grids.groupby(by)):
        name = f"{'镇' if by == 'township' else '村'}{place + 1}"
        rows.append(
            (code, "<i>镇</i>" if hostile and not place else name, shapely.union_all(members.geometry.to_numpy()))
        )
    return gpd.GeoDataFrame(rows, columns=["code", "name", "geometry"], crs=CRS)


def _divisions(townships: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return townships.assign(level="township", parent="620622")[["code", "name", "level", "parent", "geometry"]]


def _figures(random: np.random.Generator, count: int) -> pd.DataFrame:
    domain = random.uniform(20_000, 90_000, count)
    sure = random.beta(1.1, 1.6, count).clip(0.002, 0.995)
    sure[: count // 25] = 0.0
    possible = sure + (1 - sure) * random.uniform(0, 0.5, count)
    return pd.DataFrame(
        {
            "domain_m2": domain,
            "domain_weight": domain,
            "sure_m2": domain * sure,
            "possible_m2": domain * possible,
            "sure_share": sure,
            "possible_share": possible,
            "k2_share": sure * 0.5,
            "k3_share": sure * 0.2,
            "c1_share": sure * 0.4,
            "c2_share": sure * 0.3,
            "c3_share": sure * 0.6,
            "gap_m2": domain * (1 - sure),
            "cameras": random.integers(0, 20, count),
            "offline": random.integers(0, 3, count),
            "seeing": random.integers(0, 22, count),
        }
    )


def _with_figures(random: np.random.Generator, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    figures = _figures(random, len(zones))
    empty = np.arange(len(zones)) % 40 == 39  # zones without any domain: shares are null
    shares = [name for name in figures if name.endswith("_share")]
    areas = [name for name in figures if name.endswith(("_m2", "_weight"))]
    figures.loc[empty, shares] = np.nan
    figures.loc[empty, areas] = 0.0
    table = pd.concat([zones[["code", "name"]].reset_index(drop=True), figures], axis=1)
    return gpd.GeoDataFrame(table, geometry=zones.geometry.to_numpy(), crs=CRS)


def _inside(random: np.random.Generator, count: int) -> np.ndarray:
    low = np.asarray(ORIGIN) + CELL
    return low + random.uniform(0, 1, (count, 2)) * (np.array([COLUMNS, ROWS]) - 2) * CELL


def _cameras(random: np.random.Generator, count: int, hostile: bool) -> gpd.GeoDataFrame:
    ids = [f"GL{number:05d}" for number in range(1, count + 1)]
    azimuth = random.uniform(0, 360, count).round()
    azimuth[random.random(count) < 0.1] = np.nan
    frame = gpd.GeoDataFrame(
        {
            "id": ids,
            "site": ids,
            "name": [f"路口{number}" for number in range(1, count + 1)],
            "class": np.resize(np.repeat([1, 2, 3], CLASSES), count),
            "kind": random.choice(["fixed", "ptz", "panoramic"], count, p=[0.8, 0.15, 0.05]),
            "azimuth": azimuth,
            "hfov": 80.0,
            "height": 4.0,
            "status": random.choice(["online", "offline", "planned", "unknown"], count, p=[0.93, 0.03, 0.02, 0.02]),
        },
        geometry=shapely.points(_inside(random, count)),
        crs=CRS,
    )
    if hostile:
        frame.loc[0, ["id", "site", "name"]] = "<img src=x onerror=alert(1)>"
    return frame


def _views(random: np.random.Generator, cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    centre = shapely.get_coordinates(cameras.geometry.to_numpy())
    azimuth = np.deg2rad(90 - cameras.azimuth.fillna(0).to_numpy())
    angles = azimuth[:, None] + np.linspace(-0.7, 0.7, 24)
    reach = random.uniform(12, 45, angles.shape)
    arcs = centre[:, None, :] + np.stack([np.cos(angles), np.sin(angles)], axis=-1) * reach[..., None]
    shapes = shapely.polygons(np.concatenate([centre[:, None, :], arcs], axis=1))
    return gpd.GeoDataFrame(
        {
            "id": cameras.id,
            "site": cameras.site,
            "status": cameras.status,
            "area_m2": shapely.area(shapes),
            "range_m": 45.76,
            "assumed": [["hfov=80", "height=4"] if row % 3 else [] for row in range(len(cameras))],
        },
        geometry=shapes,
        crs=CRS,
    )


def _coverage(views: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = views.geometry.to_numpy()
    parts = [shapely.union_all(shapely.buffer(shapes[k::9], -k)) for k in range(3)]
    return gpd.GeoDataFrame({"k": [1, 2, 3]}, geometry=parts, crs=CRS)


def _gaps(
    random: np.random.Generator, count: int, grids: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    start = _inside(random, count)
    steps = random.normal(0, 18, (count, 7, 2)) + random.choice([-25, 25], (count, 1, 2))
    shapes = shapely.buffer(
        shapely.linestrings(np.concatenate([start[:, None], start[:, None] + steps.cumsum(axis=1)], axis=1)),
        random.uniform(2, 8, count),
        quad_segs=2,
    )
    shapes = shapes[np.argsort(-shapely.area(shapes))]
    area = shapely.area(shapes)
    places = shapely.get_coordinates(gpd.GeoSeries(shapely.point_on_surface(shapes), crs=CRS).to_crs(4326).to_numpy())
    cause = random.choice(CAUSES, count)
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, count + 1),
            "grid": grids.code.to_numpy()[random.integers(0, len(grids), count)],
            "area_m2": area,
            "weight": area,
            "cause": cause,
            "camera": cameras.id.to_numpy()[random.integers(0, len(cameras), count)],
            "obstacle": np.where(cause == "blocked", "B1024", None),
            "distance_m": random.uniform(5, 900, count),
            "lon": places[:, 0],
            "lat": places[:, 1],
        },
        geometry=shapes,
        crs=CRS,
    )


def _roads(random: np.random.Generator) -> gpd.GeoDataFrame:
    low, high = np.asarray(ORIGIN), np.asarray(ORIGIN) + np.array([COLUMNS, ROWS]) * CELL
    along = np.linspace(0, 1, 40)[:, None]
    lines = []
    for place in np.linspace(0.05, 0.95, 18):
        west, east = np.array([low[0], 0]), np.array([high[0], 0])
        y = low[1] + place * (high[1] - low[1])
        lines.append(shapely.linestrings(west + (east - west) * along + [0, y] + random.normal(0, 60, (40, 2))))
    return gpd.GeoDataFrame(
        {"id": [f"r{n}" for n in range(len(lines))], "class": "secondary", "width": 8.0, "name": "县道"},
        geometry=lines,
        crs=CRS,
    )
