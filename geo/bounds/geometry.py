"""Bound geometries of GeoJSON, WKT and WKB before GEOS reads them."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from geo.errors import BadGeometry

#: GeometryCollections within each other; 50,000 of them end the process inside GEOS 3.14 (libgeos/geos#1487).
MAX_COLLECTIONS = 4
#: Members of the collections of one shape together.
MAX_MEMBERS = 10_000
#: Vertices of one shape: the coast of a country has fewer.
MAX_VERTICES = 1_000_000
#: So many vertices GEOS always checks within half a second.
FEW_VERTICES = 20_000
#: Characters of one shape as WKT: 64 a vertex.
MAX_WKT = 64 * MAX_VERTICES

_NESTING = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}
_WKT_WORDS = {kind.upper() for kind in _NESTING} | {"GEOMETRYCOLLECTION", "LINEARRING", "EMPTY", "Z", "M", "ZM"}
# A word, also one that runs into a number (POINTZ 1e5 is read by no one); an exponent belongs to its number.
_WKT_TOKEN = re.compile(r"(?P<number>[-+.]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?)|(?P<word>[A-Za-z_]+)|(?P<rest>[^\s(),])")
_NOT_FINITE = ("坐标不是有限数", "coordinates are not finite")


def check_geometry(
    geometry: Any,
    *,
    max_depth: int = MAX_COLLECTIONS,
    max_vertices: int = MAX_VERTICES,
    max_members: int = MAX_MEMBERS,
) -> None:
    """Refuse a GeoJSON geometry that a geometry library must not see.

    Parameters
    ----------
    geometry
        The parsed object. Rings may still be open, and shapes invalid.
    max_depth
        GeometryCollections within each other.
    max_vertices, max_members
        Positions, and members of collections, of the whole geometry.

    Raises
    ------
    BadGeometry
        Where it is no geometry, nests other than its kind does, passes a bound, or has a coordinate that is no finite
        number.
    """
    stack: list[tuple[Any, int]] = [(geometry, 1)]
    vertices = members = 0
    while stack:
        one, level = stack.pop()
        kind = one.get("type") if isinstance(one, Mapping) else None
        if kind == "GeometryCollection":
            parts = one.get("geometries")
            if not isinstance(parts, list):
                raise BadGeometry("集合没有成员", "the collection has no members")
            if level > max_depth:
                raise BadGeometry("集合嵌套过深", "collections nested too deep")
            members += len(parts)
            if members > max_members:
                raise BadGeometry(f"集合成员超过 {max_members:,} 个", f"more than {max_members:,} members")
            stack += [(part, level + 1) for part in parts]
        elif isinstance(kind, str) and kind in _NESTING:
            if not isinstance(one.get("coordinates"), list | tuple):
                raise BadGeometry("没有坐标", "no coordinates")
            vertices += _positions(one["coordinates"], _NESTING[kind], max_vertices - vertices, max_vertices)
        else:
            raise BadGeometry("形状类型不认识", "unknown kind of geometry")


def check_wkt(text: str, *, max_depth: int = MAX_COLLECTIONS, max_vertices: int = MAX_VERTICES) -> None:
    """Refuse a WKT text that GEOS must not see: curves, SRIDs, hexadecimal WKB, deep, huge or not finite ones.

    Raises
    ------
    BadGeometry
        The text passes a bound or has a word that is none of a plain shape.
    """
    if len(text) > MAX_WKT:
        raise BadGeometry(f"WKT 超过 {MAX_WKT:,} 个字符", f"WKT of more than {MAX_WKT:,} characters")
    # A collection opens one parenthesis, a multipolygon three; every vertex but the last of a ring has a comma.
    if text.count(",") >= max_vertices:
        raise BadGeometry(f"顶点超过 {max_vertices:,} 个", f"more than {max_vertices:,} vertices")
    depth = deepest = 0
    for bracket in re.findall(r"[()]", text):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    if deepest > max_depth + 3 or text.upper().count("GEOMETRYCOLLECTION") > MAX_MEMBERS:
        raise BadGeometry("集合嵌套过深", "collections nested too deep")
    for token in _WKT_TOKEN.finditer(text):
        word = token["word"]
        if word is not None and word.upper() not in _WKT_WORDS:
            if word.upper().lstrip("+-") in ("NAN", "INF", "INFINITY"):
                raise BadGeometry(*_NOT_FINITE)
            raise BadGeometry("WKT 读不出", "WKT cannot be read")
        if token["rest"] is not None and token["rest"] not in "+-.":
            raise BadGeometry("WKT 读不出", "WKT cannot be read")


def check_wkb(data: bytes, *, max_depth: int = MAX_COLLECTIONS) -> None:
    """Refuse a WKB that GEOS must not see: curves, and parts within parts other than the kinds allow.

    Raises
    ------
    BadGeometry
        It is cut short, holds what is no plain shape, or nests collections deeper than `max_depth`.
    """
    try:
        if not _is_flat(data):
            _walk_wkb(data, max_depth)
    except struct.error:
        raise BadGeometry("WKB 不完整", "the WKB is cut short") from None


def check_tangle(shape: shapely.Geometry | None, *, few: int = FEW_VERTICES) -> None:
    """Raise BadGeometry where segments of a shape lie so much across each other that GEOS would need hours.

    Whether a ring crosses itself GEOS answers in time that grows with the pairs of segments whose boxes meet: all of
    them where a ring zigzags to and fro, 13 minutes for 1,000,000 vertices. Drawn shapes have a few pairs a segment.

    Parameters
    ----------
    few
        A shape of no more vertices passes unseen: of 20,000 the worst takes GEOS a third of a second to check, of 200
        to repair.
    """
    count = int(shapely.get_num_coordinates(shape)) if shape is not None else 0
    if count <= few:
        return
    if count > MAX_VERTICES:
        raise BadGeometry(f"顶点超过 {MAX_VERTICES:,} 个", f"more than {MAX_VERTICES:,} vertices")
    points = shapely.get_coordinates(shape)
    if not np.isfinite(points).all():
        raise BadGeometry(*_NOT_FINITE)
    # A seam between two rings counts as a segment more, which changes nothing.
    boxes = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    left = 20 * len(boxes) + 50_000
    tree, start, step = shapely.STRtree(boxes), 0, 16
    while start < len(boxes):
        met = tree.query(boxes[start : start + step]).shape[1]
        left -= met
        if left < 0:
            raise BadGeometry("线段交错过多，无法检查", "its segments cross too much to be checked")
        start += step
        # Wide steps are quick, but one must not meet more than the memory holds.
        step = min(65_536, step * 2) if met < 64 * step else max(1, step // 2)


# --- details ---------------------------------------------------------------------------------------------------------


def _positions(coordinates: Any, nesting: int, left: int, most: int) -> int:
    """Return how many positions there are; raise BadGeometry where they are not nested as their kind is."""
    nodes = [coordinates]
    for _ in range(nesting - 1):
        if not all(isinstance(node, list | tuple) for node in nodes):
            raise BadGeometry("坐标的层数与类型不符", "coordinates are not nested as the kind of geometry is")
        if sum(map(len, nodes)) > left:
            raise BadGeometry(f"顶点超过 {most:,} 个", f"more than {most:,} vertices")
        nodes = [part for node in nodes for part in node]
    for position in nodes:
        if not isinstance(position, list | tuple) or (not 2 <= len(position) <= 4 and (position or nesting > 1)):
            raise BadGeometry("坐标不是数字", "coordinates are no numbers")
        for number in position:
            if type(number) is not float and type(number) is not int:
                raise BadGeometry("坐标不是数字", "coordinates are no numbers")
            # Beyond 64 bits an integer is far off the Earth, and math.isfinite would overflow.
            if not (-1e18 < number < 1e18) or math.isnan(number):
                raise BadGeometry(*_NOT_FINITE)
    return len(nodes)


def _is_flat(data: bytes) -> bool:
    """Return whether there is nothing to walk: a single shape, or a multi shape of one."""
    order, kind, _ = _wkb_head(data, 0)
    if kind in (1, 2, 3):
        return True
    if kind == 7 or struct.unpack_from(order + "I", data, 5)[0] != 1:
        return False
    return _wkb_head(data, 9)[1] == kind - 3


def _walk_wkb(data: bytes, max_depth: int) -> None:
    # Parts still to come of each open multi shape or collection, and the kind they must be of: 0 is any.
    pending: list[list[int]] = [[1, 0]]
    at = collections = 0
    while pending:
        if pending[-1][0] == 0:
            if pending.pop()[1] == 0:
                collections -= 1
            continue
        pending[-1][0] -= 1
        order, kind, width = _wkb_head(data, at)
        if pending[-1][1] not in (0, kind):
            raise BadGeometry("WKB 的部分与类型不符", "a part of the WKB is of the wrong kind")
        if kind == 1:
            at += 5 + 8 * width
            continue
        count = struct.unpack_from(order + "I", data, at + 5)[0]
        at += 9
        if kind == 2:
            at += 8 * width * count
        elif kind == 3:
            for _ in range(count):
                at += 4 + 8 * width * struct.unpack_from(order + "I", data, at)[0]
        else:
            collections += kind == 7
            if collections > max_depth:
                raise BadGeometry("集合嵌套过深", "collections nested too deep")
            pending.append([count, kind - 3 if kind < 7 else 0])


def _wkb_head(data: bytes, at: int) -> tuple[str, int, int]:
    """Return byte order, kind from 1 to 7, and numbers a position, of the WKB that begins there."""
    order = "<" if struct.unpack_from("B", data, at)[0] == 1 else ">"
    word = struct.unpack_from(order + "I", data, at + 1)[0]
    # ISO counts dimensions in thousands, the extended form in the upper bits; an SRID is in neither of our files.
    kind, dimensions = word & 0x0FFFFFFF, bool(word & 0x80000000) + bool(word & 0x40000000)
    dimensions += {0: 0, 1: 1, 2: 1, 3: 2}.get(kind // 1000, 9)
    if dimensions > 2 or not 1 <= kind % 1000 <= 7 or word & 0x20000000:
        raise BadGeometry("WKB 的类型不支持", "the WKB is of a kind that is not read")
    return order, kind % 1000, 2 + dimensions
