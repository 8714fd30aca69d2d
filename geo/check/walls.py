"""Find cameras drawn inside buildings, and say what rules B1 to B3 make of each."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geo.cameras import DEFAULTS
from geo.check.drafts import Draft
from geo.check.ground import Ground, column, keys, middle, numbers

#: Rule B1, metres: footprints that touch, how near a wall counts as in it, how deep a camera is still moved out.
TOUCHING_M, AT_WALL_M, DEEPEST_M = 0.10, 0.05, 3.0
#: A camera in a wall by less than this is a drawing's rounding, not a finding.
_ROUNDING_M = 0.05


def find(ground: Ground) -> Iterator[Draft]:
    """Yield a warning for each camera that rule B1 moves to its wall, an error for each that sees nothing (B3)."""
    cameras, obstacles = ground.frame("cameras"), ground.frame("obstacles")
    if cameras is None or obstacles is None:
        return
    shapes = ground.metres(obstacles.geometry.to_numpy())
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    places = ground.metres(cameras.geometry.to_numpy())
    tree = shapely.STRtree(shapes)
    who, what = tree.query(places, predicate="dwithin", distance=AT_WALL_M)
    if len(who) == 0:
        return
    block = _touching(shapes, tree, np.unique(what))
    unions = {int(b): _closed(shapes[block == b]) for b in np.unique(block[what])}
    ids, wheres = keys(cameras, "cameras"), middle(cameras.geometry.to_numpy())
    tall, indoor = _lens_heights(cameras), column(cameras, "place_type") == "indoor"
    roof = numbers(obstacles, "height")
    obstacle_ids = keys(obstacles, "obstacles")
    inside: list[str] = []
    for k in np.unique(who).tolist():
        hit = what[who == k]
        union = unions[int(block[hit[0]])]
        depth = float(shapely.distance(shapely.boundary(union), places[k]))
        within = bool(shapely.intersects(union, places[k]))
        if indoor[k]:
            inside += [ids[k]] * within
        elif depth <= DEEPEST_M:
            if within and depth >= _ROUNDING_M:
                yield _moved(ids[k], obstacle_ids[hit[0]], depth + AT_WALL_M, wheres[k])
        elif not _on_roof(tall[k], roof[hit]):
            yield _blind(ids[k], obstacle_ids[hit[0]], depth, wheres[k])
    if inside:
        n = len(inside)
        yield Draft(
            "warning", "camera-indoor", "cameras", inside,
            f"{n} 台室内摄像机在建筑内，看不到室外（规则 B3） / {n} indoor cameras are inside obstacles and see nothing"
            " outdoors (rule B3)",
            float(n),
        )  # fmt: skip


def _moved(key: str, obstacle: str, distance: float, where: np.ndarray) -> Draft:
    return Draft(
        "warning", "camera-in-wall", "cameras", [key],
        f"摄像机 {key} 在建筑 {obstacle} 墙内，按规则 B1 移出 {distance:.2f} m / camera {key} is inside the wall of"
        f" obstacle {obstacle} and is moved {distance:.2f} m out of it (rule B1)",
        distance, float(where[0]), float(where[1]),
    )  # fmt: skip


def _blind(key: str, obstacle: str, depth: float, where: np.ndarray) -> Draft:
    return Draft(
        "error", "camera-in-wall", "cameras", [key],
        f"摄像机 {key} 在建筑 {obstacle} 内，距墙 {depth:.1f} m，什么也看不到（规则 B3）"
        f" / camera {key} is {depth:.1f} m inside obstacle {obstacle} and sees nothing (rule B3)",
        depth, float(where[0]), float(where[1]),
    )  # fmt: skip


def _touching(shapes: np.ndarray, tree: shapely.STRtree, seeds: np.ndarray) -> np.ndarray:
    """Return for each obstacle the number of its group of touching ones; -1 for those no camera is near."""
    known = np.zeros(len(shapes), dtype=bool)
    known[seeds] = True
    fresh, pairs = seeds, []
    while len(fresh):
        one, other = tree.query(shapes[fresh], predicate="dwithin", distance=TOUCHING_M)
        pairs.append(np.column_stack([fresh[one], other]))
        fresh = np.unique(other[~known[other]])
        known[fresh] = True
    joined = np.concatenate(pairs)
    block = np.where(known, np.arange(len(shapes)), -1)
    while True:
        before = block.copy()
        np.minimum.at(block, joined[:, 1], block[joined[:, 0]])
        np.minimum.at(block, joined[:, 0], block[joined[:, 1]])
        if (block == before).all():
            return block


def _closed(shapes: np.ndarray) -> shapely.Geometry:
    """Return the union of footprints with the hairline gaps between touching ones filled."""
    if len(shapes) == 1:
        return shapes[0]
    grown = shapely.union_all(shapely.buffer(shapes, TOUCHING_M / 2, join_style="mitre"))
    return shapely.buffer(grown, -TOUCHING_M / 2, join_style="mitre")


def _lens_heights(cameras: gpd.GeoDataFrame) -> np.ndarray:
    height, kind = numbers(cameras, "height"), column(cameras, "kind")
    default = np.array([DEFAULTS.get(str(one), DEFAULTS["fixed"])["height"] for one in kind])
    return np.where(np.isnan(height), default, height)


def _on_roof(lens: float, roofs: np.ndarray) -> bool:
    # Rule B2; the height of an obstacle counts as known only where it is positive (U3, U5).
    return bool(((roofs > 0) & (lens > roofs)).any())
