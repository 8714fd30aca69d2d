"""Say what the border of each grid runs along, side by side (四至): roads, rivers, neighbours, and how far (rule V13).

The border is cut into pieces of a few metres. Of each is known what lies along it and which side of the grid it is on;
pieces that say the same are counted together, and what is only a corner of something is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import require_same_crs
from geo.crs_metric import metric_crs_for
from geo.sentences import sentence

#: Sides in the order in which they are told, each with its words.
SIDES = {"east": ("东", "east"), "south": ("南", "south"), "west": ("西", "west"), "north": ("北", "north")}
KINDS = ("road", "water", "grid", "outside")
#: What is nearer to a border than this, and runs within so many degrees of it, is what the border follows; metres.
ALONG_M, ALONG_DEG = 15.0, 30.0
#: Length of the pieces, and how far outside a neighbour is looked for, metres.
_PIECE_M, _OUTSIDE_M = 10.0, 0.5
#: What is shorter than this, and than this share of its side, is left out, unless the side has nothing else.
_LEAST_M, _LEAST_SHARE = 20.0, 0.05
_COLUMNS = ("code", "side", "kind", "name", "length_m")


class BorderPieces(NamedTuple):
    """The pieces of the borders of grids, those of one grid clockwise.

    Attributes
    ----------
    grid
        Row of the grid.
    ends
        Start and end, ``(n, 2, 2)``, metres.
    kind, name
        What lies along it, of KINDS, and its name; of a neighbour its code; missing of what has none.

    Examples
    --------
    >>> BorderPieces(np.array([0]), np.zeros((1, 2, 2)), np.array(["outside"]), np.array([None])).kind.tolist()
    ['outside']
    """

    grid: np.ndarray
    ends: np.ndarray
    kind: np.ndarray
    name: np.ndarray


def boundary_sides(
    grids: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None = None, water: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Return what the border of each grid runs along on each of its four sides, and how far.

    A side is that of the rectangle round the grid which a piece of the border is nearest to. A road counts before
    water, and water before the neighbour; a named road before one without a name.

    Parameters
    ----------
    grids
        Polygons with ``code``.
    roads
        Lines with ``name`` where known, in the same CRS.
    water
        Lines or polygons with ``name`` where known, in the same CRS.

    Returns
    -------
    frame
        ``code``; ``side``: east, south, west, north, in this order; ``kind``: road, water, grid, outside; ``name``, of
        a grid its code; ``length_m``, whole metres; the longest of a side first.

    Raises
    ------
    CrsMismatch
        Where the frames are not in one CRS.

    Examples
    --------
    Two grids of 400 by 300 m side by side, and a road along the south of both:

    >>> x, y = 500_000, 4_000_000
    >>> pair = shapely.box([x, x + 400], y, [x + 400, x + 800], y + 300)
    >>> grids = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=pair, crs=4547)
    >>> road = shapely.LineString([(x - 50, y - 5), (x + 900, y - 5)])
    >>> roads = gpd.GeoDataFrame({"name": ["民主街"]}, geometry=[road], crs=4547)
    >>> found = boundary_sides(grids, roads)
    >>> for row in found[found["code"] == "a"].itertuples(index=False):
    ...     print(row.side, row.kind, row.name, row.length_m)
    east grid b 300
    south road 民主街 400
    west outside None 300
    north outside None 400
    """
    pieces = border_pieces(grids, roads, water)
    if not len(pieces.grid):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS})
    length = np.hypot(*(pieces.ends[:, 1] - pieces.ends[:, 0]).T)
    frame = pd.DataFrame(
        {"grid": pieces.grid, "side": _sides(pieces), "kind": pieces.kind,
         "name": [name or "" for name in pieces.name], "length_m": length}
    )  # fmt: skip
    frame = frame.groupby(["grid", "side", "kind", "name"], sort=False, as_index=False)["length_m"].sum()
    whole = frame.groupby(["grid", "side"])["length_m"].transform("sum")
    longest = frame.groupby(["grid", "side"])["length_m"].transform("max")
    is_told = (frame["length_m"] >= _LEAST_M) & (frame["length_m"] >= _LEAST_SHARE * whole)
    frame = frame[is_told | (frame["length_m"] == longest)]
    order = np.lexsort((frame["name"], frame["kind"], -frame["length_m"].round(3), frame["side"], frame["grid"]))
    frame = frame.iloc[order].reset_index(drop=True)
    return pd.DataFrame(
        {
            "code": grids["code"].astype(str).to_numpy(object)[frame["grid"].to_numpy(int)],
            "side": np.array([*SIDES])[frame["side"].to_numpy(int)],
            "kind": frame["kind"].to_numpy(object),
            "name": pd.Series([name or None for name in frame["name"]], dtype=object),
            "length_m": frame["length_m"].round().astype(int),
        }
    )


def boundary_words(sides: pd.DataFrame, names: pd.Series | None = None) -> pd.Series:
    """Return the border of each grid in words, in Chinese and English, by its code.

    Parameters
    ----------
    sides
        As `boundary_sides` returns them.
    names
        Code -> name of grids; a neighbour without one is told by its code.

    Examples
    --------
    >>> rows = [("east", "road", "昌灵路", 420), ("south", "grid", "b", 380), ("north", "outside", None, 9)]
    >>> sides = pd.DataFrame(rows, columns=["side", "kind", "name", "length_m"]).assign(code="a")
    >>> said = boundary_words(sides)
    >>> for words in said["a"].split(" / "):
    ...     print(words)
    东至昌灵路（420 m）；南邻网格 b（380 m）；北至界外（9 m）
    east: 昌灵路 (420 m); south: grid b (380 m); north: outside the grids (9 m)
    """
    out: dict[str, str] = {}
    for code, rows in sides.groupby("code", sort=False):
        zh, en = [], []
        for side, parts in rows.groupby("side", sort=False):
            told = [_told(kind, name, length, names) for kind, name, length in _cells(parts)]
            verb = "邻" if parts["kind"].iloc[0] == "grid" else "至"
            zh.append(f"{SIDES[str(side)][0]}{verb}{'、'.join(one for one, _ in told)}")
            en.append(f"{SIDES[str(side)][1]}: {', '.join(one for _, one in told)}")
        out[str(code)] = sentence("；".join(zh), "; ".join(en))
    return pd.Series(out, dtype=object)


def border_pieces(
    grids: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None, water: gpd.GeoDataFrame | None
) -> BorderPieces:
    """Return the pieces of the outer borders of grids, each with what lies along it; see `boundary_sides`.

    Examples
    --------
    >>> square = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(0, 0, 25, 25)], crs=4547)
    >>> pieces = border_pieces(square, None, None)
    >>> len(pieces.grid), set(pieces.kind)
    (12, {'outside'})
    """
    if not len(grids):
        return BorderPieces(np.empty(0, int), np.empty((0, 2, 2)), np.empty(0, object), np.empty(0, object))
    require_same_crs(grids, *[one for one in (roads, water) if one is not None and len(one)])
    crs = metric_crs_for(grids)
    shapes = shapely.make_valid(shapely.force_2d(grids.to_crs(crs).geometry.to_numpy()))
    row, ends = _ring_pieces(shapes)
    kind = np.full(len(row), "outside", dtype=object)
    name = np.full(len(row), None, dtype=object)
    neighbour = _neighbours(shapes, row, ends)
    known = neighbour >= 0
    kind[known] = "grid"
    name[known] = grids["code"].astype(str).to_numpy(object)[neighbour[known]]
    for what, layer in (("water", water), ("road", roads)):
        if layer is not None and len(layer):
            near, names = _along(ends, layer.to_crs(crs))
            kind[near], name[near] = what, names[near]
    return BorderPieces(row, ends, kind, name)


def _ring_pieces(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the ends of the pieces of the outer rings, clockwise."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_dimensions(parts) == 2
    rings = shapely.get_exterior_ring(parts[is_area])
    row = row[is_area]
    anticlockwise = shapely.is_ccw(rings)
    rings = np.where(anticlockwise, shapely.reverse(rings), rings)
    coords, ring = shapely.get_coordinates(shapely.segmentize(rings, _PIECE_M), return_index=True)
    same = np.flatnonzero(ring[1:] == ring[:-1])
    return row[ring[same]], np.stack([coords[same], coords[same + 1]], axis=1)


def _neighbours(shapes: np.ndarray, row: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the grid just outside the middle of each piece, the first by row; -1 for none."""
    along = ends[:, 1] - ends[:, 0]
    length = np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    outward = np.stack([-along[:, 1], along[:, 0]], axis=1) / length  # the inside of a clockwise ring is on the right
    points = shapely.points(ends.mean(axis=1) + _OUTSIDE_M * outward)
    point, other = shapely.STRtree(shapes).query(points, predicate="intersects")
    point, other = point[other != row[point]], other[other != row[point]]
    out = np.full(len(row), len(shapes))
    np.minimum.at(out, point, other)
    return np.where(out < len(shapes), out, -1)


def _along(ends: np.ndarray, layer: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which pieces run along a line of a layer, and its name: of named ones, then of all, the nearest."""
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    parts, row = shapely.get_parts(shapes, return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    coords, line = shapely.get_coordinates(parts[lines], return_index=True)
    same = np.flatnonzero(line[1:] == line[:-1])
    segments = shapely.linestrings(np.stack([coords[same], coords[same + 1]], axis=1))
    names = layer["name"] if "name" in layer else [None] * len(layer)
    known = np.array([one if isinstance(one, str) and one.strip() else None for one in names], dtype=object)
    named = known[row[lines][line[same]]]
    middle = shapely.points(ends.mean(axis=1))
    piece, segment = shapely.STRtree(segments).query(middle, predicate="dwithin", distance=ALONG_M)
    turn = np.abs(_bearing(ends)[piece] - _bearing(np.stack([coords[same], coords[same + 1]], axis=1))[segment]) % 180
    runs = np.minimum(turn, 180 - turn) <= ALONG_DEG
    piece, segment = piece[runs], segment[runs]
    # Beyond the end of a line nothing runs along it.
    near = shapely.get_coordinates(shapely.line_interpolate_point(
        segments[segment], shapely.line_locate_point(segments[segment], middle[piece])))  # fmt: skip
    off = near - ends[piece].mean(axis=1)
    way = ends[piece, 1] - ends[piece, 0]
    away = np.hypot(*off.T)
    beyond = np.abs((off * way).sum(axis=1)) / np.maximum(np.hypot(*way.T), 1e-9)
    runs = beyond <= away * np.sin(np.radians(ALONG_DEG)) + _OUTSIDE_M
    piece, segment, away = piece[runs], segment[runs], away[runs]
    nameless = np.array([one is None for one in named[segment]], dtype=bool)
    order = np.lexsort((segment, away, nameless, piece))
    first = order[np.flatnonzero(np.diff(piece[order], prepend=-1))]
    is_near, out = np.zeros(len(ends), dtype=bool), np.full(len(ends), None, dtype=object)
    is_near[piece[first]], out[piece[first]] = True, named[segment[first]]
    return is_near, out


def _bearing(ends: np.ndarray) -> np.ndarray:
    along = ends[:, 1] - ends[:, 0]
    return np.degrees(np.arctan2(along[:, 0], along[:, 1])) % 180


def _sides(pieces: BorderPieces) -> np.ndarray:
    """Return the side of each piece, by its place in the rectangle round its grid: 0 east, 1 south, 2 west, 3 north."""
    middle = pieces.ends.mean(axis=1)
    count = int(pieces.grid.max()) + 1
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, pieces.grid, pieces.ends.min(axis=1))
    np.maximum.at(high, pieces.grid, pieces.ends.max(axis=1))
    centre, half = (low + high)[pieces.grid] / 2, np.maximum(high - low, 1e-9)[pieces.grid] / 2
    x, y = ((middle - centre) / half).T
    return np.where(np.abs(x) >= np.abs(y), np.where(x >= 0, 0, 2), np.where(y >= 0, 3, 1))


def _cells(parts: pd.DataFrame) -> Sequence[tuple[str, str | None, int]]:
    return list(zip(parts["kind"], parts["name"], parts["length_m"].astype(int), strict=True))


def _told(kind: str, name: str | None, length: int, names: pd.Series | None) -> tuple[str, str]:
    """Return one part of a side in Chinese and English."""
    known = None if names is None or name is None else names.get(name)
    called = {
        "road": (name or "无名路", name or "a road without a name"),
        "water": (name or "水边", name or "water"),
        "grid": (str(known), str(known)) if known else (f"网格 {name}", f"grid {name}"),
        "outside": ("界外", "outside the grids"),
    }[kind]
    return f"{called[0]}（{length} m）", f"{called[1]} ({length} m)"
