"""Define the arrays that the stages of the visibility sweep share (`geo.visibility._sweep` names the papers).

Two neighbouring event rays bound a slab. Within it no wall begins or ends, so it is a list of intervals that are free
from a lower to an upper curve. Curves are straight lines ``n . p = offset``: walls, walls scaled away from the camera
(the end of a finite shadow) and chords of the range circles. One slab, an obstacle with a shadow in it, read outwards:

    first ray                 second ray
        |______________________|      chord(i, FAR)    upper curve of free interval 2
        |                      |
        |        free 2        |
        |______________________|      shadow_end(b)    lower curve of free interval 2
        |                      |
        |   hidden by A (R4)   |
        |______________________|      wall(b)          the ray leaves obstacle A
        |//////////////////////|
        |///// inside A (R5) //|      blocked interval: from wall a to wall b
        |______________________|      wall(a)          the ray enters A; upper curve of free interval 1
        |                      |
        |        free 1        |
        |______________________|      chord(j, NEAR)   lower curve of free interval 1
        |                      |
        |   near blind zone    |
        +------- camera -------+      AT_CAMERA        lower curve of free interval 1 where nothing is near

An obstacle as high as the lens has an endless shadow: nothing behind it counts. Where two curves that matter cross
between the rays, the slab is cut there and each half is read by itself:

    first ray   cut ray   second ray
        |-.         |         .-|
        |   `-.     |     .-'   |     two walls cross
        |       `-. | .-'       |
        |       .-' | `-.       |
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_F, _I, _B = np.float64, np.int32, np.bool_

#: The two range circles: the far one ends the view, the near one the near blind zone. Plain numbers, for numba.
FAR, NEAR = 0, 1
#: In place of a vertex or a ray: the start or end of the sector, which cuts the wall off.
CUT = -1
#: In place of an index: there is none.
NONE = -1
#: Angles (radians) of circle corners closer than this to the ends of a sector do not make a ray.
MIN_CORNER_ANGLE = 1e-9

# --- stage 1, collected per camera ------------------------------------------------------------------------------------

#: Corner of a footprint: position, distance, pseudo-angle, its ray (CUT: the end ray), whether a wall uses it.
VERTEX = np.dtype([("x", _F), ("y", _F), ("radius", _F), ("angle", _F), ("ray", _I), ("used", _B)], align=True)
#: Wall: line ``n . p = offset``, distances of its own ends (negative: CUT), distances at both rays of the slab in work,
#: obstacle, end vertices, first and last ray, next wall in the list of those that begin at the same ray.
WALL = np.dtype(
    [(name, _F) for name in ("nx", "ny", "offset", "start_radius", "end_radius", "radius_0", "radius_1")]
    + [(name, _I) for name in ("obstacle", "start_vertex", "end_vertex", "first_ray", "last_ray", "next_wall")],
    align=True,
)
#: Obstacle: factors of its shadow (`geo.visibility._gather.shadow_factors`), whether the camera is on it, and the
#: blocked interval that is open while a slab is read.
OBSTACLE = np.dtype([("end_factor", _F), ("rise_factor", _F), ("holds_camera", _B), ("open", _I)], align=True)
#: Event ray: unit vector, pseudo-angle, first wall that begins there, circles with a corner on it (bits 1 far, 2 near).
RAY = np.dtype([("x", _F), ("y", _F), ("angle", _F), ("first_wall", _I), ("corner_flags", _I)], align=True)

# --- stage 2, one slab at a time --------------------------------------------------------------------------------------

#: The slab in work: unit vectors of its first and second ray, and of the ray that it must be cut at.
SLAB = np.dtype([(name, _F) for name in ("start_x", "start_y", "end_x", "end_y", "cut_x", "cut_y")], align=True)
#: Chord of a range circle: line ``n . p = offset``.
CHORD = np.dtype([("nx", _F), ("ny", _F), ("offset", _F)], align=True)
#: Blocked interval: the walls at both of its ends (AT_CAMERA below, ENDLESS above).
BLOCKED = np.dtype([("low", _I), ("high", _I)], align=True)
#: One end of a free interval: curve, distances at both rays, the ring piece that runs along the curve.
INTERVAL_END = np.dtype([("radius_0", _F), ("radius_1", _F), ("curve", _I), ("piece", _I)], align=True)

# --- stage 3, rings of the view ---------------------------------------------------------------------------------------

#: Piece of a ring: the node it starts at, and the piece that follows.
PIECE = np.dtype([("node", _I), ("next", _I)], align=True)
#: Node of a ring, metres from the camera; node 0 is the camera.
NODE = np.dtype([("x", _F), ("y", _F)], align=True)


class SweepInputs(NamedTuple):
    """Arrays with one sweep per row; metres and radians, angles counter-clockwise from east.

    ``start`` and ``span`` bound the sector; ``full`` ignores both. ``far`` and ``near`` are ground distances, drawn
    with ``far_sides`` and ``near_sides`` chords; ``near`` 0 means no near blind zone. ``unknown`` is the height that
    obstacles of unknown height count as, all but ``lowered`` (NONE: none is), which counts as low as rule U3 allows.
    """

    x: np.ndarray
    y: np.ndarray
    lens: np.ndarray
    start: np.ndarray
    span: np.ndarray
    full: np.ndarray
    far: np.ndarray
    near: np.ndarray
    far_sides: np.ndarray
    near_sides: np.ndarray
    unknown: np.ndarray
    lowered: np.ndarray

    def take(self, rows: np.ndarray) -> SweepInputs:
        """Return the sweeps of some rows, each array contiguous."""
        return SweepInputs(*(np.ascontiguousarray(values[rows]) for values in self))


class CircleCorners(NamedTuple):
    """Unit vectors of the corners of regular polygons, the first one east; computed once per number of sides.

    Those of a camera's far circle begin at ``far_at``, those of its near circle at ``near_at``.
    """

    x: np.ndarray
    y: np.ndarray
    far_at: np.ndarray
    near_at: np.ndarray


def circle_corners(inputs: SweepInputs) -> CircleCorners:
    """Return the corners of the range circles of all sweeps."""
    sides, which = np.unique(np.concatenate([inputs.far_sides, inputs.near_sides]), return_inverse=True)
    begin = np.concatenate([[0], np.cumsum(sides)[:-1]]).astype(np.int64)
    angle = np.concatenate([np.arange(n) * (2 * np.pi / n) for n in sides])
    at = begin[which]
    return CircleCorners(np.cos(angle), np.sin(angle), at[: len(inputs.x)], at[len(inputs.x) :])
