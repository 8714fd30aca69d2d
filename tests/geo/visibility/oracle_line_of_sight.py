"""Decide rules R1-R5 and B2 for one camera and one point, straight from their text: slow, obvious, kernel-free."""

from __future__ import annotations

import itertools
import math

import numpy as np
import shapely


def crossings(footprint, camera, point):
    """Return where the segment runs inside the footprint, as sorted pairs of shares of its length."""
    line = shapely.LineString([camera, point])
    cut = {0.0, 1.0}
    length = line.length
    met = line.intersection(footprint.boundary)
    for one in shapely.get_parts(met):
        for x, y in shapely.get_coordinates(one):
            cut.add(min(1.0, max(0.0, math.hypot(x - camera[0], y - camera[1]) / length)))
    shares = sorted(cut)
    inside = []
    for a, b in itertools.pairwise(shares):
        middle = shapely.Point(
            camera[0] + (point[0] - camera[0]) * (a + b) / 2, camera[1] + (point[1] - camera[1]) * (a + b) / 2
        )
        if b - a > 1e-12 and footprint.contains(middle):
            inside.append((a, b))
    return inside


def line_is_clear(camera, lens, point, target, footprints, heights):
    """R4: the straight line from (camera, lens) to (point, target) meets the inside of no prism."""
    for footprint, height in zip(footprints, heights, strict=True):
        for a, b in crossings(footprint, camera, point):
            # the line is straight, so over the footprint it is lowest at one end of the stretch
            lowest = min(lens + (target - lens) * a, lens + (target - lens) * b)
            if lowest < height:
                return False
    return True


def outside_all(point, footprints):
    """R5: the point is not inside a footprint."""
    return not any(one.contains(shapely.Point(point)) for one in footprints)


def in_sector(camera, point, bearing, hfov):
    """R1, with the azimuth already from grid north."""
    if hfov >= 360:
        return True
    angle = math.degrees(math.atan2(point[0] - camera[0], point[1] - camera[1]))
    return abs((angle - bearing + 180) % 360 - 180) <= hfov / 2


def in_tilt(camera, lens, point, target, tilt, vfov):
    """R2: the depression angle is within vfov/2 of the tilt; not tested where tilt is missing."""
    if math.isnan(tilt):
        return True
    distance = math.hypot(point[0] - camera[0], point[1] - camera[1])
    return abs(math.degrees(math.atan2(lens - target, distance)) - tilt) <= vfov / 2


def in_range(camera, lens, point, target, slant):
    """R3: the slant distance is at most the range."""
    return math.dist((*camera, lens), (*point, target)) <= slant


def seen(
    camera, lens, point, target, *, bearing, hfov, tilt, vfov, slant, footprints, heights, turned=True, tilted=True
):
    """All of R1-R5; ``turned`` and ``tilted`` are whether R1 and R2 are asked (U2)."""
    return (
        (not turned or in_sector(camera, point, bearing, hfov))
        and (not tilted or in_tilt(camera, lens, point, target, tilt, vfov))
        and in_range(camera, lens, point, target, slant)
        and outside_all(point, footprints)
        and line_is_clear(camera, lens, point, target, footprints, heights)
    )


def rectangle(x, y, wide, deep, turn):
    """Return a rectangle of that size about (x, y), turned by degrees."""
    corners = np.array([(-wide, -deep), (wide, -deep), (wide, deep), (-wide, deep)]) / 2
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return shapely.Polygon(corners @ np.array([(c, s), (-s, c)]) + (x, y))
