"""Place what a text says by roads: the crossing of two, a kilometre mark, so many metres on one side of a point.

All positions are WGS-84 degrees, all lengths metres on its ellipsoid (Karney 2013, "Algorithms for geodesics",
doi:10.1007/s00190-012-0578-z, as PROJ computes them). Near a point degrees are scaled to metres there, so that a
degree of longitude is as long as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
import shapely.ops
from shapely.geometry.base import BaseGeometry

#: Roads that come this near each other meet, metres: lines of a survey end at the kerb or in the middle of the road.
MEETING_M = 30.0
#: Marks this far apart say nothing of what is between, metres: the road may be another by then.
MAX_BETWEEN_MARKS_M = 20_000.0
#: A mark belongs to a line within this distance of it, metres: it stands on the verge of a wide road.
MAX_FROM_LINE_M = 100.0
#: Half the width of a crossing, and the distance of a mark from the middle of its road, metres.
CROSSING_M, MARK_M = 15.0, 20.0
# A line between two marks whose length is this share off what the marks say is not the way between them.
_MAX_DIFFERENCE = 0.2
# Points that cross in one place are looked at together; no two roads of a county meet more often.
_MAX_CROSSINGS = 1_000
# A stretch this near a shared point holds it, metres.
_SAME_M = 0.01

# Metres between points along a road, and how many there are of a long one.
_ALONG_M, _MAX_ALONG = 25.0, 400

_GEOD = pyproj.Geod(ellps="WGS84")
_AZIMUTHS = {"北": 0.0, "东": 90.0, "南": 180.0, "西": 270.0}
_AZIMUTHS |= {"东北": 45.0, "北东": 45.0, "东南": 135.0, "南东": 135.0}
_AZIMUTHS |= {"西南": 225.0, "南西": 225.0, "西北": 315.0, "北西": 315.0}


class Position(NamedTuple):
    """Where a text says that a place is: WGS-84 degrees, and how far off it may be, metres.

    Examples
    --------
    >>> Position(102.9, 37.45, 20.0).precision_m
    20.0
    """

    lon: float
    lat: float
    precision_m: float


class Mark(NamedTuple):
    """A kilometre mark: metres from the beginning of its road, and where it stands, WGS-84 degrees.

    Examples
    --------
    >>> Mark(2_314_000.0, 102.9, 37.45).metre
    2314000.0
    """

    metre: float
    lon: float
    lat: float


def crossing_points(roads: Mapping[str, Sequence[BaseGeometry]], first: str, second: str) -> tuple[Position, ...]:
    """Return where two roads meet, one position for each place: they cross, share a vertex, or come within 30 m.

    Two carriageways that cross two others do so in one place, whose precision holds all four points. Roads that run
    together or side by side for a while meet in the middle of that stretch, with half its length as the precision.
    Whether a line is whole or in pieces that share their ends changes nothing.

    Parameters
    ----------
    roads
        The lines of each road by its name, of one or several parts, WGS-84 degrees.
    first, second
        Names in `roads`; a name that is not there meets nothing.

    Returns
    -------
    tuple of Position
        From west to east.

    Examples
    --------
    >>> east = shapely.LineString([(102.0, 37.0), (102.02, 37.0)])
    >>> north = shapely.LineString([(102.01, 36.99), (102.01, 37.01)])
    >>> crossing_points({"昌灵路": [east], "民主街": [north]}, "昌灵路", "民主街")
    (Position(lon=102.01, lat=37.0, precision_m=15.0),)
    """
    one, other = (np.array(joined_lines(roads.get(name, ())), dtype=object) for name in (first, second))
    if not len(one) or not len(other) or first == second:
        return ()
    scale = _metres_per_degree(float(shapely.total_bounds(np.concatenate([one, other]))[[1, 3]].mean()))
    one, other = _scaled(one, scale), _scaled(other, scale)
    pairs = shapely.STRtree(one).query(other, predicate="dwithin", distance=MEETING_M * 1.1)
    points: list[tuple[float, float, float]] = []
    for k, n in pairs.T[:_MAX_CROSSINGS]:
        points.extend(_meetings(one[n], other[k]))
    found = [_position(group, scale) for group in _groups(np.array(points[:_MAX_CROSSINGS]).reshape(-1, 3))]
    return tuple(sorted(found))


def _meetings(one: shapely.LineString, other: shapely.LineString) -> list[tuple[float, float, float]]:
    """Return x, y and radius in scaled metres of where two lines meet: shared parts, and the middle of each gap."""
    other = _near(other, one)
    one = _near(one, other)
    shared = one.intersection(other)
    out = [] if shared.is_empty else _shared(shared)
    stretches = [part for part in shapely.get_parts(one.intersection(other.buffer(MEETING_M))) if not part.is_empty]
    if not stretches and not out and not one.is_empty:
        stretches = [one]  # the buffer has corners, and an end 30 m off may lie outside
    for stretch in stretches:
        if out and stretch.distance(shared) < _SAME_M:
            continue
        gap = shapely.shortest_line(stretch, other)
        if gap.length > MEETING_M:
            continue
        # A road that ends at another has a chord of the circle round its end near it; one alongside has more.
        line = stretch if stretch.length > 2.0 * MEETING_M and stretch is not one else gap
        middle = line.interpolate(0.5, normalized=True)
        out.append((middle.x, middle.y, line.length / 2.0))
    return out


def _near(line: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Return what of a line is in the box of another and somewhat more round it: the rest does not meet that one."""
    if other.is_empty:
        return other
    low_x, low_y, high_x, high_y = other.bounds
    margin = 2.0 * MEETING_M
    return shapely.clip_by_rect(line, low_x - margin, low_y - margin, high_x + margin, high_y + margin)


def _shared(shared: BaseGeometry) -> list[tuple[float, float, float]]:
    parts = shapely.get_parts(shared)
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts[shapely.length(parts) > 0.0])))
    middles = [line.interpolate(0.5, normalized=True) for line in lines]
    out = [(middle.x, middle.y, line.length / 2.0) for middle, line in zip(middles, lines, strict=True)]
    return out + [(part.x, part.y, 0.0) for part in parts if part.geom_type == "Point"]


def _groups(points: np.ndarray) -> list[np.ndarray]:
    """Return points in groups whose members are within 30 m of another one of the group."""
    groups: list[np.ndarray] = []
    left = points
    while len(left):
        members, left = left[:1], left[1:]
        reached = members
        while len(reached) and len(left):
            apart = np.hypot(left[:, None, 0] - reached[None, :, 0], left[:, None, 1] - reached[None, :, 1])
            near = (apart <= MEETING_M + np.maximum(left[:, None, 2], reached[None, :, 2])).any(axis=1)
            reached, left = left[near], left[~near]
            members = np.concatenate([members, reached])
        groups.append(members)
    return groups


def _position(points: np.ndarray, scale: tuple[float, float]) -> Position:
    x, y = points[:, 0], points[:, 1]
    middle = (x.min() + x.max()) / 2.0, (y.min() + y.max()) / 2.0
    reach = float((np.hypot(x - middle[0], y - middle[1]) + points[:, 2]).max())
    lon, lat = middle[0] / scale[0], middle[1] / scale[1]
    return Position(round(float(lon), 9), round(float(lat), 9), round(max(reach, CROSSING_M), 1))


def mark_position(marks: Sequence[Mark], metre: float, lines: Sequence[BaseGeometry]) -> Position | None:
    """Return where a road has a kilometre mark that is between two stored ones, along its line.

    Parameters
    ----------
    marks
        The stored marks of one road, in any order.
    metre
        Metres from the beginning of the road.
    lines
        The lines of the road, WGS-84 degrees, in pieces or whole.

    Returns
    -------
    Position or None
        None where no stored mark is on either side within 20 km of the other, where no line of the road passes both
        within 100 m, or where its length between them is more than a fifth off what the marks say. The precision is
        20 m and what that difference may be at this place.

    Examples
    --------
    >>> line = shapely.LineString([(102.0, 37.0), (102.1, 37.0)])
    >>> marks = [Mark(0.0, 102.0, 37.0), Mark(8_900.0, 102.1, 37.0)]
    >>> found = mark_position(marks, 4_450.0, [line])
    >>> round(found.lon, 4), round(found.lat, 4)
    (102.05, 37.0)
    """
    order = sorted(marks)
    at = int(np.searchsorted([mark.metre for mark in order], metre))
    if at < len(order) and order[at].metre == metre:
        return Position(order[at].lon, order[at].lat, MARK_M)
    if not 0 < at < len(order):
        return None
    before, after = order[at - 1], order[at]
    said = after.metre - before.metre
    ways = [] if said > MAX_BETWEEN_MARKS_M else [_way_between(line, before, after) for line in joined_lines(lines)]
    fitting = [way for way in ways if way is not None and abs(_length(way) - said) <= _MAX_DIFFERENCE * said]
    if not fitting:
        return None
    way = min(fitting, key=lambda one: abs(_length(one) - said))
    share = (metre - before.metre) / said
    lon, lat = _along(way, share)
    # The difference may all lie before this place, or all behind it.
    doubt = abs(_length(way) - said) * max(share, 1.0 - share)
    return Position(lon, lat, round(MARK_M + doubt, 1))


def joined_lines(lines: Sequence[BaseGeometry]) -> list[shapely.LineString]:
    """Return the lines of a road with pieces that share an end as one, WGS-84 degrees.

    Examples
    --------
    >>> pieces = [shapely.LineString([(k, 37), (k + 1, 37)]) for k in (102, 103)]
    >>> [line.wkt for line in joined_lines(pieces)]
    ['LINESTRING (102 37, 103 37, 104 37)']
    """
    parts = shapely.get_parts(np.array(list(lines), dtype=object))
    return list(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))) if len(parts) else []


def line_groups(lines: Sequence[BaseGeometry], apart_m: float) -> list[list[BaseGeometry]]:
    """Return lines in groups whose members are nearer than so many metres to another one of the group.

    Examples
    --------
    A degree of the parallel at 37 degrees north is some 89 km:

    >>> lines = [shapely.LineString([(k, 37), (k + 0.001, 37)]) for k in (102.0, 102.005, 102.1)]
    >>> [len(group) for group in line_groups(lines, 500.0)]
    [2, 1]
    """
    if len(lines) < 2:
        return [list(lines)] if len(lines) else []
    every = np.array(list(lines), dtype=object)
    plane = _scaled(every, _metres_per_degree(float(shapely.total_bounds(every)[[1, 3]].mean())))
    areas = shapely.get_parts(shapely.union_all(shapely.buffer(plane, apart_m / 2.0)))
    line, area = shapely.STRtree(areas).query(plane, predicate="intersects")
    return [every[line[area == k]].tolist() for k in range(len(areas))]


def _way_between(line: shapely.LineString, before: Mark, after: Mark) -> np.ndarray | None:
    """Return the vertices of the part of a line between two marks, the first mark first; None where it passes one."""
    scale = _metres_per_degree((before.lat + after.lat) / 2.0)
    plane = _scaled(np.array([line]), scale)[0]
    ends = [shapely.Point(mark.lon * scale[0], mark.lat * scale[1]) for mark in (before, after)]
    if any(plane.distance(end) > MAX_FROM_LINE_M for end in ends):
        return None
    start, end = (plane.project(one) for one in ends)
    part = shapely.ops.substring(plane, start, end)
    return None if part.geom_type != "LineString" else np.asarray(part.coords)[:, :2] / np.array(scale)


def _length(way: np.ndarray) -> float:
    return float(_GEOD.line_length(way[:, 0], way[:, 1]))


def _along(way: np.ndarray, share: float) -> tuple[float, float]:
    """Return the point at a share of the length of a way, on the geodesic between its vertices."""
    azimuths, _, lengths = _GEOD.inv(way[:-1, 0], way[:-1, 1], way[1:, 0], way[1:, 1])
    ends = np.cumsum(lengths)
    wanted = share * ends[-1]
    k = min(int(np.searchsorted(ends, wanted)), len(ends) - 1)
    lon, lat, _ = _GEOD.fwd(way[k, 0], way[k, 1], azimuths[k], wanted - (ends[k] - lengths[k]))
    return round(float(lon), 9), round(float(lat), 9)


def points_along(lines: Sequence[BaseGeometry]) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of points along the lines of a road, both ends and at most 25 m between two.

    Of a road longer than 10 km the points are so far apart that there are some 400.

    Examples
    --------
    >>> lon, lat = points_along([shapely.LineString([(102.0, 37.0), (102.001, 37.0)])])
    >>> lon.round(5).tolist(), lat.tolist()
    ([102.0, 102.00025, 102.0005, 102.00075, 102.001], [37.0, 37.0, 37.0, 37.0, 37.0])
    """
    parts = shapely.get_parts(np.array(list(lines), dtype=object))
    scale = _metres_per_degree(float(shapely.total_bounds(parts)[[1, 3]].mean()))
    plane = _scaled(parts, scale)
    step = max(_ALONG_M, float(shapely.length(plane).sum()) / _MAX_ALONG)
    out = []
    for line in plane:
        count = max(1, int(np.ceil(line.length / step)))
        out.append(shapely.line_interpolate_point(line, np.linspace(0.0, 1.0, count + 1), normalized=True))
    points = np.concatenate(out)
    return shapely.get_x(points) / scale[0], shapely.get_y(points) / scale[1]


def middle_of(lon: np.ndarray, lat: np.ndarray) -> Position:
    """Return the one of these points that is nearest to their middle; the precision reaches all of them.

    Examples
    --------
    >>> middle_of(np.array([102.0, 102.01, 102.02]), np.array([37.0, 37.0, 37.0]))
    Position(lon=102.01, lat=37.0, precision_m=890.1)
    """
    k = int(np.argmin(np.hypot((lon - lon.mean()) * np.cos(np.radians(lat.mean())), lat - lat.mean())))
    _, _, far = _GEOD.inv(np.full(len(lon), lon[k]), np.full(len(lat), lat[k]), lon, lat)
    return Position(round(float(lon[k]), 9), round(float(lat[k]), 9), round(float(far.max()), 1))


def stretch_points(
    position: Position, lines: Sequence[BaseGeometry], others: Sequence[BaseGeometry] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of points along the part of a road where a position may be.

    Parameters
    ----------
    position
        Where a crossing or kilometre mark is; its precision says how far from there the part goes.
    lines
        The lines of its road, WGS-84 degrees.
    others
        Those of the road that it meets: the part is then where it is within 30 m of them.

    Examples
    --------
    >>> road = shapely.LineString([(102.0, 37.0), (102.1, 37.0)])
    >>> other = shapely.LineString([(102.04, 37.0), (102.06, 37.0)])
    >>> lon, _ = stretch_points(crossing_points({"a": [road], "b": [other]}, "a", "b")[0], [road], [other])
    >>> round(float(lon.min()), 3), round(float(lon.max()), 3)
    (102.04, 102.06)
    """
    scale = _metres_per_degree(position.lat)
    middle = shapely.Point(position.lon * scale[0], position.lat * scale[1])
    part = shapely.union_all(_scaled(np.array(joined_lines(lines), dtype=object), scale))
    part = part.intersection(middle.buffer(position.precision_m))
    if len(others):
        part = part.intersection(
            shapely.union_all(_scaled(np.array(list(others), dtype=object), scale)).buffer(MEETING_M)
        )
    parts = shapely.get_parts(part)
    parts = parts[shapely.length(parts) > 0.0]
    if not len(parts):
        return np.array([position.lon]), np.array([position.lat])
    return points_along(shapely.transform(parts, lambda xy: xy / np.array(scale)))


def offset_position(lon: float, lat: float, side: str, metres: float, *, precision_m: float = 0.0) -> Position:
    """Return the point so many metres on one side of another, as 北侧200米 says.

    北 is any direction nearer to the north than to the east or the west: within 45 degrees; 东北 within 22.5. The
    precision is how far the end of that arc is from its middle, and that of the point itself. Without a side the place
    is anywhere on the circle: the point, with its radius as the precision.

    Parameters
    ----------
    lon, lat
        The point, WGS-84 degrees.
    side
        One or two of 东, 南, 西 and 北, as `geo.places.address.near_words.side_named` gives; empty without one.
    metres
        Distance from the point.
    precision_m
        Precision of the point, metres.

    Examples
    --------
    >>> offset_position(102.9, 37.45, "北", 200.0)
    Position(lon=102.9, lat=37.451802027, precision_m=153.1)
    >>> offset_position(102.9, 37.45, "", 200.0, precision_m=20.0)
    Position(lon=102.9, lat=37.45, precision_m=220.0)
    """
    azimuth = _AZIMUTHS.get(side)
    if azimuth is None:
        return Position(lon, lat, round(precision_m + metres, 1))
    half = 45.0 if len(side) == 1 else 22.5
    east, north, _ = _GEOD.fwd(lon, lat, azimuth, metres)
    chord = 2.0 * metres * float(np.sin(np.radians(half) / 2.0))
    return Position(round(float(east), 9), round(float(north), 9), round(precision_m + chord, 1))


def _metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the metres of a degree of longitude and of one of latitude at a latitude."""
    step = 0.001
    _, _, east = _GEOD.inv(0.0, lat, step, lat)
    _, _, north = _GEOD.inv(0.0, lat - step / 2.0, 0.0, lat + step / 2.0)
    return float(east) / step, float(north) / step


def _scaled(shapes: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    scaled: np.ndarray = shapely.transform(shapes, lambda xy: xy * np.array(scale))
    return scaled
