"""Turn pictures and hand-made frames into zones and views, so that answers can be counted on paper.

Everything lies on a lattice of unit squares whose origin is ``ORIGIN`` in EPSG:4547, itself a corner of a tile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo.catalog.editions import DEFAULT_EDITION, density
from geo.visibility.optics import fill_defaults, slant_range
from geo.visibility.scene import Scene, build_obstacle_index
from geo.visibility.views import Views

CRS = "EPSG:4547"
ORIGIN = (500_000.0, 4_000_000.0)
EMPTY = shapely.Polygon()


def rect(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """Return the rectangle between two corners, metres from the origin."""
    return shapely.box(x0 + ORIGIN[0], y0 + ORIGIN[1], x1 + ORIGIN[0], y1 + ORIGIN[1])


def at(x: float, y: float) -> shapely.Point:
    """Return a point, metres from the origin."""
    return shapely.Point(x + ORIGIN[0], y + ORIGIN[1])


def line(*xy: tuple[float, float]) -> shapely.LineString:
    """Return a line through points, metres from the origin."""
    return shapely.LineString([(x + ORIGIN[0], y + ORIGIN[1]) for x, y in xy])


def shift(shape: BaseGeometry, dx: float, dy: float) -> BaseGeometry:
    """Return the shape moved by metres."""
    return shapely.transform(shape, lambda xy: xy + np.array([dx, dy]))


def picture(text: str, side: float = 1.0) -> dict[str, BaseGeometry]:
    """Return for each letter of a picture the union of its squares; the last line is at the bottom, from y = 0."""
    rows = [row.strip() for row in text.strip().splitlines()][::-1]
    cells: dict[str, list[shapely.Polygon]] = {}
    for j, row in enumerate(rows):
        for i, letter in enumerate(row):
            if letter != ".":
                cells.setdefault(letter, []).append(rect(i * side, j * side, (i + 1) * side, (j + 1) * side))
    return {letter: shapely.union_all(squares) for letter, squares in cells.items()}


def zone_frame(
    shapes: Mapping[str, BaseGeometry | None] | Sequence[BaseGeometry], **columns: object
) -> gpd.GeoDataFrame:
    """Return a frame of zones with those codes."""
    named = shapes if isinstance(shapes, Mapping) else {f"z{i}": shape for i, shape in enumerate(shapes)}
    return gpd.GeoDataFrame({"code": list(named), **columns}, geometry=list(named.values()), crs=CRS)


def camera(
    name: str, sure: BaseGeometry | None, possible: BaseGeometry | None = None, **fields: object
) -> dict[str, object]:
    """Describe a camera by what it sees; ``place`` is its point, else the middle of that, else the origin."""
    sure = EMPTY if sure is None else sure
    possible = sure if possible is None else possible
    place = fields.pop("place", None)
    if place is None:
        place = at(0, 0) if possible.is_empty else possible.centroid
    return {"id": name, "sure": sure, "possible": possible, "geometry": place, **fields}


def drawn(
    *cameras: dict[str, object],
    obstacles: gpd.GeoDataFrame | None = None,
    level: str = "detect",
    edition: str = DEFAULT_EDITION,
    target_height: float = 1.6,
) -> Views:
    """Return views of the shapes drawn, with every other field as ``geo.views`` makes it; nothing is computed."""
    rows = [{name: value for name, value in one.items() if name not in ("sure", "possible")} for one in cameras]
    frame, optics, assumed = fill_defaults(
        gpd.GeoDataFrame(rows or {"id": [], "geometry": []}, geometry="geometry", crs=CRS)
    )
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    status = frame["status"].to_numpy()
    bars, heights = np.empty(0, object), np.empty(0)
    if obstacles is not None:
        bars, heights = obstacles.geometry.to_numpy(), obstacles["height"].to_numpy(float)
    scene = Scene(
        obstacle_index=build_obstacle_index(bars, heights),
        optics=optics,
        x=xy[:, 0],
        y=xy[:, 1],
        grid_azimuth=optics.azimuth,
        online=status == "online",
        offline=status == "offline",
        status_unknown=status == "unknown",
        sees_nothing=np.zeros(len(frame), bool),
        level=level,
        edition=edition,
        target_height=target_height,
    )
    sure, possible = np.empty(len(cameras), object), np.empty(len(cameras), object)
    sure[:], possible[:] = [one["sure"] for one in cameras], [one["possible"] for one in cameras]
    return Views(
        sure=gpd.GeoSeries(sure, index=frame.index, crs=CRS),
        possible=gpd.GeoSeries(possible, index=frame.index, crs=CRS),
        range_m=pd.Series(slant_range(optics, density(level, edition)), index=frame.index),
        assumed=pd.Series(assumed, index=frame.index, dtype=object),
        cameras=frame,
        obstacles=obstacles,
        level=level,
        edition=edition,
        target_height=target_height,
        crs=pyproj.CRS(CRS),
        computing_crs=pyproj.CRS(CRS),
        sure_metric=sure,
        possible_metric=possible,
        scene=scene,
    )
