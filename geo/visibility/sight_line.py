"""Tell what stands on one line of sight: every obstacle it passes, how high the line is there, and which it meets.

The ground is flat, and a line is at most 2 km long, below which the curvature of the Earth is none (rules R).
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj

from geo import crs
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue
from geo.visibility.line_of_sight import line_meets, stretches_over
from geo.visibility.placement import place_cameras
from geo.visibility.scene import POSSIBLE_HEIGHT_M, build_obstacle_index

#: The longest line, metres on the ground.
MAX_LENGTH_M = 2_000.0
_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class OnLine:
    """One stretch of a line over the footprint of an obstacle.

    Attributes
    ----------
    row
        Of the obstacle in its frame.
    height
        Metres above the ground; NaN where unknown (rule U3).
    start_m, end_m
        Ground distance from the eye at which the line comes over the footprint and leaves it.
    line_start_m, line_end_m
        Height of the line there, metres above the ground.
    meets_m
        Ground distance at which the line meets the obstacle (rule R4), an unknown height as unlimited; NaN for never.
    possible_meets_m
        The same where an unknown height counts as 3 m.

    Examples
    --------
    >>> low = OnLine(0, 5.0, 10.0, 20.0, 8.0, 6.0, float("nan"), float("nan"))
    >>> low.blocks, low.over_m
    (False, -1.0)
    """

    row: int
    height: float
    start_m: float
    end_m: float
    line_start_m: float
    line_end_m: float
    meets_m: float
    possible_meets_m: float

    @property
    def blocks(self) -> bool:
        """Return whether the line meets the obstacle here, an unknown height taken as unlimited."""
        return bool(np.isfinite(self.meets_m))

    @property
    def over_m(self) -> float:
        """Return how much the obstacle is above the line at its lowest here, metres; less than 0 where it is below."""
        return self.height - min(self.line_start_m, self.line_end_m)


@dataclass(frozen=True)
class SightLine:
    """A line of sight and what stands on it, in the order from the eye.

    Attributes
    ----------
    distance_m
        On the ground, from the eye as placed.
    moved_m
        How far the eye was moved off the wall of a building (rule B1).
    sees_nothing
        Whether the eye is inside an obstacle (rule B3).
    target_inside
        Whether the target is inside a footprint (rule R5).
    passed
        What the line passes over or meets.

    Examples
    --------
    >>> unknown = OnLine(0, float("nan"), 10.0, 20.0, 8.0, 6.0, 10.0, float("nan"))
    >>> line = SightLine(40.0, 0.0, False, False, (unknown,))
    >>> line.sure, line.possible, line.first is unknown
    (False, True, True)
    """

    distance_m: float
    moved_m: float
    sees_nothing: bool
    target_inside: bool
    passed: tuple[OnLine, ...]

    @property
    def sure(self) -> bool:
        """Return whether the target is surely seen: rules R4 and R5, unknown heights unlimited."""
        return not (self.sees_nothing or self.target_inside or any(one.blocks for one in self.passed))

    @property
    def possible(self) -> bool:
        """Return whether the target is possibly seen: unknown heights are 3 m."""
        met = any(np.isfinite(one.possible_meets_m) for one in self.passed)
        return not (self.sees_nothing or self.target_inside or met)

    @property
    def first(self) -> OnLine | None:
        """Return what the line meets first, unknown heights unlimited; None where it is clear."""
        met = [one for one in self.passed if one.blocks]
        return min(met, key=lambda one: one.meets_m) if met else None

    @property
    def decisive(self) -> OnLine | None:
        """Return what decides the answer: what blocks the line even of 3 m, else the first that it may meet."""
        met = [one for one in self.passed if np.isfinite(one.possible_meets_m)]
        return min(met, key=lambda one: one.possible_meets_m) if met else self.first


def require_length(ends: gpd.GeoSeries) -> None:
    """Raise BadValue for two points that are the same or too far apart: known before what stands about them is read.

    Examples
    --------
    >>> import geopandas as gpd
    >>> require_length(gpd.GeoSeries(gpd.points_from_xy([102.0, 102.0], [37.0, 37.01]), crs=4326))
    >>> try:
    ...     require_length(gpd.GeoSeries(gpd.points_from_xy([102.0, 102.0], [37.0, 37.1]), crs=4326))
    ... except BadValue as error:
    ...     print(error.en)
    the points must differ and be at most 2,000 m apart (they are 11,098 m)
    """
    eye, target = ends.to_crs(4326)
    _require(float(_GEOD.inv(eye.x, eye.y, target.x, target.y)[2]))


def _require(length: float) -> None:
    if not 0 < length <= MAX_LENGTH_M:
        raise BadValue(
            f"两点须不同，且相距不超过 {MAX_LENGTH_M:,.0f} m（现为 {length:,.0f} m）",
            f"the points must differ and be at most {MAX_LENGTH_M:,.0f} m apart (they are {length:,.0f} m)",
        )


def sight_line(
    ends: gpd.GeoSeries, from_height: float, to_height: float, obstacles: gpd.GeoDataFrame | None = None
) -> SightLine:
    """Follow the line of sight from one point to another.

    Parameters
    ----------
    ends
        The eye and the target: two points in any known CRS.
    from_height, to_height
        Metres above the ground, 0 or more.
    obstacles
        Polygons with ``height``, in the CRS of the ends.

    Raises
    ------
    BadValue
        A height is below 0, or the points are the same or more than 2 km apart.
    BadGeometry
        An obstacle is no polygon.
    UnknownCrs, CrsMismatch
        See rule C1.

    Examples
    --------
    From 10 m up to 2 m at a distance of 40 m the line falls 0.2 m a metre: at the house, 10 to 20 m away, it is 8 m
    and 6 m up. Of 7 m the house is met at 15 m.

    >>> import geopandas as gpd, shapely
    >>> x, y = 500_000.0, 4_000_000.0
    >>> ends = gpd.GeoSeries([shapely.Point(x, y), shapely.Point(x, y + 40)], crs=4547)
    >>> house = gpd.GeoDataFrame({"height": [7.0]}, geometry=[shapely.box(x - 3, y + 10, x + 3, y + 20)], crs=4547)
    >>> line = sight_line(ends, 10.0, 2.0, house)
    >>> line.sure, round(line.first.meets_m, 6), round(line.first.over_m, 6)
    (False, 15.0, 1.0)
    >>> sight_line(ends, 10.0, 2.0).sure
    True
    """
    for height in (from_height, to_height):
        if not (np.isfinite(height) and height >= 0):
            raise BadValue("高度须为不小于 0 的数", "heights must be numbers of 0 m or more")
    frames = [ends] if obstacles is None or obstacles.empty else [ends, obstacles]
    crs.require_same_crs(*frames)
    require_length(ends)
    computing = metric_crs_for(ends)
    (x, y), target = ((one.x, one.y) for one in ends.to_crs(computing))
    index = build_obstacle_index(*_shapes_and_heights(obstacles, computing))
    eye = place_cameras(np.array([x]), np.array([y]), np.array([from_height]), np.zeros(1, bool), index)
    x_eye, y_eye = float(eye.x[0]), float(eye.y[0])
    length = float(np.hypot(target[0] - x_eye, target[1] - y_eye))
    _require(length)
    stretches, inside = stretches_over(index, x_eye, y_eye, *target)
    slope = (to_height - from_height) / length
    passed = [
        _on_line(row, float(index.height[row]), start, end, float(from_height), slope) for row, start, end in stretches
    ]
    return SightLine(
        distance_m=length,
        moved_m=float(np.hypot(x_eye - x, y_eye - y)),
        sees_nothing=bool(eye.sees_nothing[0]),
        target_inside=inside,
        passed=tuple(sorted(passed, key=lambda one: (one.start_m, one.end_m, one.row))),
    )


def _on_line(row: int, height: float, start: float, end: float, eye: float, slope: float) -> OnLine:
    known = np.isfinite(height)
    sure, possible = (height, height) if known else (np.inf, POSSIBLE_HEIGHT_M)
    meets = [float(line_meets(start, end, eye, slope, one)) for one in (sure, possible)]
    sure_m, possible_m = (one if np.isfinite(one) else float("nan") for one in meets)
    return OnLine(row, height, start, end, eye + slope * start, eye + slope * end, sure_m, possible_m)


def _shapes_and_heights(obstacles: gpd.GeoDataFrame | None, computing: object) -> tuple[np.ndarray, np.ndarray]:
    if obstacles is None or obstacles.empty:
        return np.zeros(0, object), np.zeros(0)
    heights = obstacles["height"].to_numpy(float) if "height" in obstacles else np.full(len(obstacles), np.nan)
    return obstacles.geometry.to_crs(computing).to_numpy(), heights
