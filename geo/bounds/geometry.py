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

#: Nesting depth of GeometryCollections; 50,000 levels crash the process in GEOS 3.14 (libgeos/geos#1487).
MAX_COLLECTIONS = 4
#: Members of all collections of one shape.
MAX_MEMBERS = 10_000
#: Vertices of one shape. More than any coastline of a country has.
MAX_VERTICES = 1_000_000
#: GEOS checks a shape of this many vertices within half a second, in any case.
MAX_UNCHECKED_VERTICES = 20_000
#: Characters of one shape as WKT: 64 per vertex.
MAX_WKT = 64 * MAX_VERTICES

_NESTING = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}
_WKT_WORDS = {kind.upper() for kind in _NESTING} | {"GEOMETRYCOLLECTION", "LINEARRING", "EMPTY", "Z", "M", "ZM"}
# A word, also one directly before a number (POINTZ 1e5 is not readable); an exponent is part of its number.
_WKT_TOKEN = re.compile(r"(?P<number>[-+.]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?)|(?P<word>[A-Za-z_]+)|(?P<rest>[^\s(),])")
_NOT_FINITE = ("坐标不是有限数", "coordinates are not finite")


def check_geometry(
    geometry: Any,
    *,
    max_depth: int = MAX_COLLECTIONS,
    max_vertices: int = MAX_VERTICES,
    max_members: int = MAX_MEMBERS,
) -> None:
    """Raise BadGeometry for a GeoJSON geometry that must not reach a geometry library.

    Parameters
    ----------
    geometry
        The parsed object. Rings may be open, and shapes invalid.
    max_depth
        Nesting depth of GeometryCollections.
    max_vertices, max_members
        Positions, and members of collections, of the whole geometry.

    Raises
    ------
    BadGeometry
        Where it is not a geometry, is not nested as its kind is, exceeds a bound, or has a coordinate that is not a
        finite number.

    Examples
    --------
    >>> check_geometry({"type": "Point", "coordinates": [103.0, 37.0]})
    >>> check_geometry({"type": "LineString", "coordinates": [103.0, 37.0]})
    Traceback (most recent call last):
    geo.errors.BadGeometry: 坐标不是数字 / coordinates are no numbers
    """
    stack: list[tuple[Any, int]] = [(geometry, 1)]
    vertices = members = 0
    while stack:
        item, level = stack.pop()
        kind = item.get("type") if isinstance(item, Mapping) else None
        if kind == "GeometryCollection":
            parts = item.get("geometries")
            if not isinstance(parts, list):
                raise BadGeometry("集合没有成员", "the collection has no members")
            if level > max_depth:
                raise BadGeometry("集合嵌套过深", "collections nested too deep")
            members += len(parts)
            if members > max_members:
                raise BadGeometry(f"集合成员超过 {max_members:,} 个", f"more than {max_members:,} members")
            stack += [(part, level + 1) for part in parts]
        elif isinstance(kind, str) and kind in _NESTING:
            if not isinstance(item.get("coordinates"), list | tuple):
                raise BadGeometry("没有坐标", "no coordinates")
            vertices += _positions(item["coordinates"], _NESTING[kind], max_vertices - vertices, max_vertices)
        else:
            raise BadGeometry("形状类型不认识", "unknown kind of geometry")


def check_wkt(text: str, *, max_depth: int = MAX_COLLECTIONS, max_vertices: int = MAX_VERTICES) -> None:
    """Raise BadGeometry for a WKT text that must not reach GEOS: curves, SRIDs, hexadecimal WKB, deep, huge, infinite.

    Raises
    ------
    BadGeometry
        Where the text exceeds a bound or has a word that no plain shape has.

    Examples
    --------
    >>> check_wkt("MULTIPOINT ((0 0), (1 1))")
    >>> check_wkt("CIRCULARSTRING (0 0, 1 1, 2 0)")
    Traceback (most recent call last):
    geo.errors.BadGeometry: WKT 读不出 / WKT cannot be read
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
    """Raise BadGeometry for a WKB that must not reach GEOS: curves, and parts that do not match their kind.

    Raises
    ------
    BadGeometry
        Where it is truncated, is not a plain shape, or nests collections deeper than `max_depth`.

    Examples
    --------
    >>> import shapely
    >>> wkb = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    >>> check_wkb(wkb)
    >>> check_wkb(wkb[:3])
    Traceback (most recent call last):
    geo.errors.BadGeometry: WKB 不完整 / the WKB is cut short
    """
    try:
        if not _is_flat(data):
            _check_wkb_structure(data, max_depth)
    except struct.error:
        raise BadGeometry("WKB 不完整", "the WKB is cut short") from None


def check_segment_crossings(
    shape: shapely.Geometry | None, *, unchecked_vertices: int = MAX_UNCHECKED_VERTICES
) -> None:
    """Raise BadGeometry where so many segment boxes of a shape intersect that GEOS would need hours.

    GEOS tests whether a ring crosses itself in time that grows with the pairs of segments whose boxes intersect: all of
    them where a ring zigzags, 13 minutes for 1,000,000 vertices. Real shapes have a few pairs per segment.

    Parameters
    ----------
    unchecked_vertices
        A shape with at most this many vertices is not checked: with 20,000 the worst one takes GEOS a third of a second
        to check, with 200 to repair.

    Examples
    --------
    The boxes of 2,000 segments that go to and fro all intersect:

    >>> import shapely
    >>> zigzag = shapely.LineString([(0, -i) if i % 2 else (1, i) for i in range(2000)])
    >>> check_segment_crossings(zigzag)
    >>> check_segment_crossings(zigzag, unchecked_vertices=200)
    Traceback (most recent call last):
    geo.errors.BadGeometry: 线段交错过多，无法检查 / its segments cross too much to be checked
    """
    count = int(shapely.get_num_coordinates(shape)) if shape is not None else 0
    if count <= unchecked_vertices:
        return
    if count > MAX_VERTICES:
        raise BadGeometry(f"顶点超过 {MAX_VERTICES:,} 个", f"more than {MAX_VERTICES:,} vertices")
    points = shapely.get_coordinates(shape)
    if not np.isfinite(points).all():
        raise BadGeometry(*_NOT_FINITE)
    # The join between two rings is counted as one extra segment; harmless.
    boxes = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    budget = 20 * len(boxes) + 50_000
    tree, start, step = shapely.STRtree(boxes), 0, 16
    while start < len(boxes):
        meeting = tree.query(boxes[start : start + step]).shape[1]
        budget -= meeting
        if budget < 0:
            raise BadGeometry("线段交错过多，无法检查", "its segments cross too much to be checked")
        start += step
        # Long steps are faster, but the pairs of one step must fit into memory.
        step = min(65_536, step * 2) if meeting < 64 * step else max(1, step // 2)


# --- details ---------------------------------------------------------------------------------------------------------


def _positions(coordinates: Any, nesting: int, budget: int, max_vertices: int) -> int:
    """Return the number of positions; raise BadGeometry where they are not nested as their kind is."""
    nodes = [coordinates]
    for _ in range(nesting - 1):
        if not all(isinstance(node, list | tuple) for node in nodes):
            raise BadGeometry("坐标的层数与类型不符", "coordinates are not nested as the kind of geometry is")
        if sum(map(len, nodes)) > budget:
            raise BadGeometry(f"顶点超过 {max_vertices:,} 个", f"more than {max_vertices:,} vertices")
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
    """Return whether the structure needs no check: a single shape, or a multi shape of one."""
    order, kind, _ = _wkb_head(data, 0)
    if kind in (1, 2, 3):
        return True
    if kind == 7 or struct.unpack_from(order + "I", data, 5)[0] != 1:
        return False
    return _wkb_head(data, 9)[1] == kind - 3


def _check_wkb_structure(data: bytes, max_depth: int) -> None:
    # Parts not yet read of each open multi shape or collection, and the kind they must be of: 0 is any.
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
    """Return byte order, kind from 1 to 7, and numbers per position, of the WKB that begins there."""
    order = "<" if struct.unpack_from("B", data, at)[0] == 1 else ">"
    word = struct.unpack_from(order + "I", data, at + 1)[0]
    # ISO adds dimensions in thousands, the extended form in the upper bits; files that are read have no SRID.
    kind, dimensions = word & 0x0FFFFFFF, bool(word & 0x80000000) + bool(word & 0x40000000)
    dimensions += {0: 0, 1: 1, 2: 1, 3: 2}.get(kind // 1000, 9)
    if dimensions > 2 or not 1 <= kind % 1000 <= 7 or word & 0x20000000:
        raise BadGeometry("WKB 的类型不支持", "the WKB is of a kind that is not read")
    return order, kind % 1000, 2 + dimensions
