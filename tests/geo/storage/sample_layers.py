"""Draw small layers and runs whose answers can be counted on paper."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from geo.types import Run

WGS84 = "EPSG:4326"
METRES = "EPSG:4547"  # CGCS2000 3-degree zone 114E


def cameras(*keys: str, x: float = 103.0, **columns: Any) -> gpd.GeoDataFrame:
    """Return cameras in a row, 0.01 degrees apart, going east from x at latitude 37."""
    points = [shapely.Point(x + 0.01 * i, 37.0) for i in range(len(keys))]
    return gpd.GeoDataFrame({"id": list(keys), **columns}, geometry=points, crs=WGS84)


def squares(*keys: str, side: float = 0.01, **columns: Any) -> gpd.GeoDataFrame:
    """Return unit squares (0.01 degrees) touching in a row, from 103 E 37 N."""
    shapes = [shapely.box(103 + side * i, 37, 103 + side * (i + 1), 37 + side) for i in range(len(keys))]
    return gpd.GeoDataFrame({"code": list(keys), **columns}, geometry=shapes, crs=WGS84)


def feature(x: float = 103.0, y: float = 37.0, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON point feature."""
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]}, "properties": properties}


def run(run_id: str = "0199-a", *, count: int = 2, incidence: bytes | None = b"\x00\x01model") -> Run:
    """Return a run over 10 m squares in CGCS2000 metres: views, one empty, coverage, two zone layers, gaps."""
    x0, y0 = 500_000.0, 4_100_000.0
    boxes = [shapely.box(x0 + 10 * i, y0, x0 + 10 * i + 10, y0 + 10) for i in range(count)]
    views = gpd.GeoDataFrame(
        {
            "id": [f"c{i}" for i in range(count)],
            "site": [f"s{i}" for i in range(count)],
            "status": ["online"] * (count - 1) + ["offline"],
            "area_m2": [100.0] * (count - 1) + [0.0],
            "range_m": [1 / 3 * (i + 1) for i in range(count)],
            "assumed": [["hfov=80", "moved 0.42 m to the wall"]] + [[] for _ in range(count - 1)],
        },
        geometry=[*boxes[:-1], shapely.Polygon()],
        crs=METRES,
    )
    coverage = gpd.GeoDataFrame(
        {"k": [1, 2, 3]}, geometry=[boxes[0], shapely.MultiPolygon(boxes[:2]), shapely.Polygon()], crs=METRES
    )
    figures = {"domain_m2": 100.0, "sure_share": 0.1 + 0.2, "k2_share": None, "cameras": 1, "unclassified_share": 0.25}
    grids = gpd.GeoDataFrame(
        {"code": ["g1", "g2"], "level": [1, 1], "households": [12, 30], **{k: [v, v] for k, v in figures.items()}},
        geometry=boxes[:2],
        crs=METRES,
    )
    townships = gpd.GeoDataFrame(
        {"code": ["t1"], "name": ["土门镇"], "level": ["township"], **{k: [v] for k, v in figures.items()}},
        geometry=[shapely.union_all(boxes[:2])],
        crs=METRES,
    )
    gaps = gpd.GeoDataFrame(
        {
            "rank": [1, 2],
            "grid": ["g1", "g2"],
            "area_m2": [50.0, None],
            "weight": [50.0, 2.0],
            "cause": ["blocked", "range"],
            "camera": ["c0", None],
            "obstacle": ["b7", None],
            "distance_m": [12.5, None],
            "lon": [114.0, 114.0001],
            "lat": [37.0, 37.0001],
        },
        geometry=[shapely.box(x0, y0, x0 + 5, y0 + 10), shapely.Point(x0 + 3, y0 + 4)],
        crs=METRES,
    )
    layers = {
        "views": views,
        "possible": views,
        "coverage": coverage,
        "grids": grids,
        "townships": townships,
        "gaps": gaps,
    }
    summary = {"crs": METRES, "level": "detect", "totals": {"sure_share": 0.1 + 0.2}, "domain": "all"}
    return Run(run_id, "2026-03-01T08:00:00Z", {"level": "detect", "at": None}, summary, layers, incidence)
