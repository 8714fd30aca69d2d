"""Draw a crossing of two streets with houses, three cameras on a pole and one apart, and what they see of it."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import shapely

from geo import views
from maps.map_data import MapData
from tests.maps.print.sheet_data import CRS, MIDDLE, meta

X, Y = MIDDLE.tolist()
EDITION = "iec62676-4:2014"


def at(x: float, y: float) -> shapely.Point:
    """Return a place in metres from the crossing."""
    return shapely.Point(X + x, Y + y)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a rectangle in metres from the crossing."""
    return shapely.box(X + west, Y + south, X + east, Y + north)


def frame(rows: list[dict[str, object]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return rows with shapes in the CRS of the scene."""
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


CAMERAS = (
    {"id": "CAM-1", "site": "P1", "name": "东向", "azimuth": 90.0, "hfov": 60.0, "height": 6.0, "tilt": 5.0},
    {"id": "CAM-2", "site": "P1", "name": "北向", "azimuth": 0.0, "hfov": 40.0, "height": 6.0, "width_px": 1280},
    {"id": "CAM-3", "site": "P1", "name": "朝向不明", "hfov": 30.0, "width_px": 1920},
    {"id": "CAM-4", "site": None, "name": "别处", "azimuth": 180.0, "hfov": 90.0, "width_px": 1920},
)  # fmt: skip


@cache
def scene() -> MapData:
    """Return the map of a run of the scene."""
    rows = [{"class": 1, "kind": "fixed", "status": "online", "owner": "公安机关", **one} for one in CAMERAS]
    cameras = frame(rows, [at(-5, 5), at(-5, 5), at(-5, 5), at(150, 120)])
    houses = frame(
        [{"id": "b1", "height": 12.0}, {"id": "b2", "height": 9.0}], [box(30, 8, 40, 20), box(80, -30, 95, -10)]
    )
    seen = views(cameras, houses, level="detect", edition=EDITION)
    told = {
        "id": seen.cameras.index, "site": seen.cameras["site"], "status": "online", "range_m": seen.range_m,
        "assumed": ["; ".join(one) for one in seen.assumed],
    }  # fmt: skip
    tables = [
        gpd.GeoDataFrame({**told, "area_m2": shapely.area(metric)}, geometry=shapes.to_numpy(), crs=CRS)
        for shapes, metric in ((seen.sure, seen.sure_metric), (seen.possible, seen.possible_metric))
    ]
    roads = frame(
        [{"id": "r1", "name": "民主街", "class": "secondary"}, {"id": "r2", "name": "文化路", "class": "residential"}],
        [
            shapely.LineString([at(-400, 0), at(0, 0), at(400, 0)]),
            shapely.LineString([at(0, -400), at(0, 0), at(0, 400)]),
        ],
    )
    places = frame(
        [{"code": "s1", "name": "第一小学", "kind": "school"}, {"code": "s2", "name": "远处", "kind": "park"}],
        [at(60, 0), at(-300, -300)],
    )
    grid = {"code": "620622100001001", "name": "第一网格"}
    village = {"code": "620622100001", "name": "柳树村"}
    township = {"code": "620622100", "name": "古浪镇"}
    ground = [box(-500, -500, 500, 500)]
    zones = {"grids": grid, "villages": village, "townships": township}
    none = gpd.GeoDataFrame({"rank": []}, geometry=[], crs=CRS)
    return MapData(
        meta=meta(),
        zones={name: frame([row], ground) for name, row in zones.items()},
        gaps=none,
        cameras=cameras,
        views=tables[0],
        possible=tables[1],
        reference={"roads": roads, "obstacles": houses, "places": places, "villages": frame([village], ground)},
        summary={"target_height": 1.6},
    )  # fmt: skip


def protected() -> gpd.GeoDataFrame:
    """Return one protected house that the first camera looks at, and one far away."""
    rows = [
        {"id": "p1", "name": "一号楼", "kind": "住宅", "rule": "never"},
        {"id": "p2", "name": "二号楼", "rule": "mask"},
    ]
    return frame(rows, [box(45, -5, 60, -3), box(-400, -400, -390, -390)])
