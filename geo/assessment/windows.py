"""Find the azimuth at which a camera's field of view holds most of the ground around it.

Seen from the camera, the ground within hfov of a ray is a window on a circle. What the window holds is
``G(end) - G(start)``, where ``G`` adds up from a fixed ray on; between two rays on which no edge of the ground begins
or ends it is smooth, and it never falls. So the most that any window holds lies at a start or end on such a ray, or is
bounded by what two neighbouring windows hold together, and intervals are halved until that bound is near.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.assessment.open_ground import Pieces

# ruff: noqa: ANN001, ANN202
# mypy: disable-error-code="no-untyped-def"

#: The most found is below the true one by at most this share of it, and of its weight where it is less than 1.
TOLERANCE = 1e-3
#: Windows begin at least every so many degrees; an azimuth in the field is not measured better.
STEP_DEGREES = 0.1

_TURN = 2 * np.pi
#: Angles (radians) closer than this are one: a ten-thousandth of a millimetre at a kilometre.
_SAME_ANGLE = 1e-10
#: Edges whose triangle with the camera is smaller (m2) lie on one ray with it.
_FLAT_M2 = 1e-9
_MOST_ROUNDS = 12


class Around(NamedTuple):
    """Ground around a camera by direction; angles in radians counter-clockwise from east, in [0, 2 pi).

    Attributes
    ----------
    start, end
        Directions between which each piece lies, ``end`` at most 2 pi.
    tail, head
        Ends of each piece, metres from the camera, ``tail`` first in direction.
    weight
        Weight of each, negative where it is taken off.
    target
        What each counts for.
    at, step, step_target
        Direction, weight and target of what lies on one ray.

    Examples
    --------
    A demand point due north:

    >>> north, one = np.array([[0.0, 5.0]]), np.zeros(1, int)
    >>> found = around(Pieces(one, one, north, north, np.ones(1), np.array([False])), one, 0.0, 0.0)
    >>> np.degrees(found.at).tolist(), found.step.tolist(), len(found.weight)
    ([90.0], [1.0], 0)
    """

    start: np.ndarray
    end: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    weight: np.ndarray
    target: np.ndarray
    at: np.ndarray
    step: np.ndarray
    step_target: np.ndarray


def around(pieces: Pieces, rows: np.ndarray, x: float, y: float) -> Around:
    """Return some pieces by direction from a camera.

    Parameters
    ----------
    pieces
        Pieces of ground.
    rows
        Which of them.
    x, y
        The camera, metres.

    Examples
    --------
    >>> ends = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> one = np.zeros(1, int)
    >>> found = around(Pieces(one, one, *ends, np.ones(1), np.array([True])), one, 0.0, 0.0)
    >>> found.weight.tolist(), np.degrees(found.end).tolist()
    ([0.5], [90.0])
    """
    tail, head = pieces.start[rows] - np.array([x, y]), pieces.end[rows] - np.array([x, y])
    weight, target, is_edge = pieces.weight[rows].copy(), pieces.target[rows], pieces.is_edge[rows]
    triangle = (tail[:, 0] * head[:, 1] - tail[:, 1] * head[:, 0]) / 2
    flat = np.abs(triangle) <= _FLAT_M2
    weight[is_edge] *= triangle[is_edge]
    # 1. what lies on one ray: a point, or a line that leads to the camera
    steps = flat & ~is_edge
    middle = (tail[steps] + head[steps]) / 2
    at = np.mod(np.arctan2(middle[:, 1], middle[:, 0]), _TURN)
    # 2. the rest, counter-clockwise
    kept = np.flatnonzero(~flat)
    back = triangle[kept] < 0
    tail[kept[back]], head[kept[back]] = head[kept[back]], tail[kept[back]]
    tail, head, weight_kept, target_kept = tail[kept], head[kept], weight[kept], target[kept]
    start = np.mod(np.arctan2(tail[:, 1], tail[:, 0]), _TURN)
    turn = np.arctan2(
        tail[:, 0] * head[:, 1] - tail[:, 1] * head[:, 0], tail[:, 0] * head[:, 0] + tail[:, 1] * head[:, 1]
    )
    end = start + turn
    # 3. cut where a piece passes the ray that directions count from
    over = np.flatnonzero(end > _TURN)
    share = tail[over, 1] / (tail[over, 1] - head[over, 1])  # it crosses y = 0
    cut = tail[over] + share[:, None] * (head[over] - tail[over])
    starts, ends = np.concatenate([start, np.zeros(len(over))]), np.concatenate([end, end[over] - _TURN])
    ends[over] = _TURN
    tails, heads = np.concatenate([tail, cut]), np.concatenate([head, head[over]])
    heads[over] = cut
    weights = np.concatenate([weight_kept, weight_kept[over] * (1 - share)])
    weights[over] *= share
    targets = np.concatenate([target_kept, target_kept[over]])
    order = np.argsort(at, kind="stable")
    return Around(
        starts, ends, tails, heads, weights, targets,
        at[order], weight[steps][order], target[steps][order],
    )  # fmt: skip


def held(ground: Around, target: int, starts: np.ndarray, span: float | np.ndarray) -> np.ndarray:
    """Return the weight that counts for a target in each window; what lies on its border is in it.

    Parameters
    ----------
    ground
        The ground around a camera.
    target
        The target.
    starts
        Where the windows start, radians counter-clockwise from east in [0, 2 pi].
    span
        Their width, radians, at most 2 pi.

    Examples
    --------
    Of the triangle between two axes the window from 0 to 45 degrees holds one half:

    >>> ends = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> one = np.zeros(1, int)
    >>> found = around(Pieces(one, one, *ends, np.ones(1), np.array([True])), one, 0.0, 0.0)
    >>> held(found, 0, np.radians([0.0, 90.0]), np.radians(45.0)).round(6).tolist()
    [0.25, 0.0]
    """
    mine = ground.target == target
    stops = starts + span
    over = stops > _TURN
    angles = np.concatenate([starts, np.where(over, stops - _TURN, stops)])
    order = np.argsort(angles, kind="stable")
    sums = np.empty(len(angles))
    weight = ground.weight[mine]
    sums[order] = _cumulative(
        angles[order],
        np.cos(angles[order]),
        np.sin(angles[order]),
        ground.start[mine],
        ground.end[mine],
        ground.tail[mine],
        ground.head[mine],
        weight,
    )
    low, high = sums[: len(starts)], sums[len(starts) :]
    out = np.where(over, weight.sum() - low + high, high - low)
    mine = ground.step_target == target
    if mine.any():
        out = out + _steps_held(ground.at[mine], ground.step[mine], starts, stops)
    return np.maximum(out, 0.0)


def _steps_held(at: np.ndarray, step: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    twice = np.concatenate([at - _TURN, at, at + _TURN])
    total = np.concatenate([[0.0], np.cumsum(np.tile(step, 3))])
    first = np.searchsorted(twice, starts - _SAME_ANGLE, "left")
    last = np.searchsorted(twice, np.minimum(stops, starts + _TURN - 3 * _SAME_ANGLE) + _SAME_ANGLE, "right")
    return total[last] - total[first]


@njit(cache=True, nogil=True)
def _cumulative(angles, cosine, sine, start, end, tail, head, weight):
    """Return for each of ascending angles the weight between 0 and it."""
    whole = np.zeros(len(angles) + 1)
    out = np.zeros(len(angles))
    for i in range(len(weight)):
        first, last = np.searchsorted(angles, start[i]), np.searchsorted(angles, end[i])
        whole[last] += weight[i]
        for j in range(first, last):
            # where the ray meets the piece: cross(tail + share (head - tail), u) = 0
            a = tail[i, 0] * sine[j] - tail[i, 1] * cosine[j]
            b = head[i, 0] * sine[j] - head[i, 1] * cosine[j]
            share = a / (a - b) if a != b else 1.0
            out[j] += weight[i] * min(1.0, max(0.0, share))
    running = 0.0
    for j in range(len(angles)):
        running += whole[j]
        out[j] += running
    return out


def critical_starts(ground: Around, span: float, step: float = STEP_DEGREES) -> np.ndarray:
    """Return where windows start that have to be looked at: evenly, and where they start or end with a piece.

    Parameters
    ----------
    ground
        The ground around a camera.
    span
        Width of the windows, radians.
    step
        Degrees between the even ones, a divisor of 360.

    Examples
    --------
    >>> ends = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> one = np.zeros(1, int)
    >>> found = around(Pieces(one, one, *ends, np.ones(1), np.array([True])), one, 0.0, 0.0)
    >>> starts = np.degrees(critical_starts(found, np.radians(30.05)))
    >>> len(starts), bool(np.isclose(starts, 59.95).any())
    (3602, True)
    """
    ends = np.unique(np.concatenate([ground.start, ground.end, ground.at]))
    even = np.arange(round(360 / step)) * np.radians(step)
    starts = np.unique(np.mod(np.concatenate([even, ends, ends - span]), _TURN))
    return starts[np.concatenate([[True], np.diff(starts) > _SAME_ANGLE])]


def most_held(ground: Around, target: int, starts: np.ndarray, span: float) -> tuple[float, float, float]:
    """Return the most that a window holds, where that window starts (radians), and a bound that none exceeds.

    Parameters
    ----------
    ground
        The ground around a camera.
    target
        What counts.
    starts
        Windows to begin with, ascending, as ``critical_starts`` returns them.
    span
        Width of the window, radians.

    Examples
    --------
    A window of 90 degrees holds all of the triangle between two axes:

    >>> ends = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> one = np.zeros(1, int)
    >>> found = around(Pieces(one, one, *ends, np.ones(1), np.array([True])), one, 0.0, 0.0)
    >>> [round(value, 9) for value in most_held(found, 0, critical_starts(found, np.pi / 2), np.pi / 2)]
    [0.5, 0.0, 0.5]
    """
    values = held(ground, target, starts, span)
    best = int(np.argmax(values))
    most, where = float(values[best]), float(starts[best])
    low, high = starts, np.append(starts[1:], starts[0] + _TURN)
    bound = most
    for _ in range(_MOST_ROUNDS):
        # What two neighbouring windows and all between them hold bounds those between.
        bounds = held(ground, target, np.mod(low, _TURN), np.minimum(high - low + span, _TURN))
        wide = bounds > most + TOLERANCE * max(most, 1.0)
        bound = max(most, float(bounds.max(initial=0.0))) if not wide.any() else float(bounds.max())
        if not wide.any():
            break
        low, high = low[wide], high[wide]
        middle = (low + high) / 2
        values = held(ground, target, np.mod(middle, _TURN), span)
        best = int(np.argmax(values))
        if values[best] > most:
            most, where = float(values[best]), float(np.mod(middle[best], _TURN))
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return most, where, max(bound, most)
