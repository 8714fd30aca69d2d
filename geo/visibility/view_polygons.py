"""Compute the view polygons of cameras in threads: gather, sweep, assemble (rule C2)."""

from __future__ import annotations

import numpy as np

from geo.errors import BadGeometry
from geo.parallel import Executor
from geo.visibility import _gather, _rings, _sweep, _sweep_data
from geo.visibility._sweep_data import SweepInputs
from geo.visibility.scene import ObstacleIndex

#: How far a camera is moved, in turn, where rounding breaks its rings, metres.
_PERTURBATIONS_M = (2e-6, 3e-5, 4e-4, 5e-3)
#: Fewer sweeps than this do not repay a thread.
_MIN_SWEEPS_PER_THREAD = 256
#: Walls that are gathered before they are swept: enough for hundreds of cameras, few enough for the processor's cache.
_WALLS_PER_BATCH = 16384


def view_polygons(
    index: ObstacleIndex, inputs: SweepInputs, target: float, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sweep some of the cameras.

    Parameters
    ----------
    index
        The obstacles.
    inputs
        One sweep per camera.
    target
        Height of the targets, metres above flat ground.
    rows
        The cameras to sweep.

    Returns
    -------
    Polygons of those rows in the CRS of the obstacles, and whether an obstacle of unknown height is in range.

    Raises
    ------
    BadGeometry
        Where the rings of a camera do not close, not even from a slightly moved position.

    Examples
    --------
    A panoramic camera without obstacles sees a regular polygon of 8 corners, 4 sqrt(2) / 2 x 10 m x 10 m in area:

    >>> import numpy as np
    >>> from geo.visibility.scene import build_obstacle_index
    >>> nothing = build_obstacle_index(np.empty(0, object), np.empty(0))
    >>> far = {"far": np.array([10.0]), "far_sides": np.array([8])}
    >>> near = {"near": np.zeros(1), "near_sides": np.array([8])}
    >>> sector = {"start": np.zeros(1), "span": np.full(1, 2 * np.pi), "full": np.ones(1, bool)}
    >>> camera = {"x": np.zeros(1), "y": np.zeros(1), "lens": np.full(1, 4.0)}
    >>> unknown = {"unknown": np.full(1, np.inf), "lowered": np.full(1, -1)}
    >>> inputs = SweepInputs(**camera, **sector, **far, **near, **unknown)
    >>> shapes, unknown_height = view_polygons(nothing, inputs, 1.6, np.array([0]))
    >>> round(shapes[0].area, 6), unknown_height.tolist()
    (282.842712, [False])
    """
    if len(rows) == 0:
        return np.empty(0, dtype=object), np.empty(0, dtype=bool)
    executor = Executor.of(None, items=len(rows) // _MIN_SWEEPS_PER_THREAD)
    shares = np.array_split(rows, executor.workers)
    results = list(executor.map(lambda share: _sweep_to_polygons(index, inputs.take(share), target), shares))
    return np.concatenate([shapes for shapes, _ in results]), np.concatenate([unknown for _, unknown in results])


def _sweep_to_polygons(index: ObstacleIndex, inputs: SweepInputs, target: float) -> tuple[np.ndarray, np.ndarray]:
    """Sweep and assemble.

    A camera whose rings do not close is swept again from a slightly perturbed position (C2 allows 0.10 m).
    """
    result = sweep(index, inputs, target)
    shapes, broken = _rings.assemble_polygons(result, inputs.x, inputs.y)
    for perturbation in _PERTURBATIONS_M:
        rows = np.flatnonzero(broken)
        if len(rows):
            moved = inputs.take(rows)
            moved = moved._replace(x=moved.x + perturbation, y=moved.y + 0.7 * perturbation)
            shapes[rows], broken[rows] = _rings.assemble_polygons(sweep(index, moved, target), moved.x, moved.y)
    if broken.any():
        count = int(broken.sum())
        raise BadGeometry(f"{count} 台摄像机的视域无法闭合", f"the views of {count} cameras do not close")
    return shapes, result[-1]


def sweep(index: ObstacleIndex, inputs: SweepInputs, target: float) -> tuple[np.ndarray, ...]:
    """Sweep every camera over the plane ``target`` metres above flat ground (stages 1 and 2).

    Returns
    -------
    tuple
        Ring pieces and nodes of all cameras, the first piece and the first node of each camera
        (`geo.visibility._rings` assembles them), and whether an obstacle of unknown height is in range.

    Examples
    --------
    Without obstacles the ring of a full circle of 8 chords has 8 pieces between 8 nodes, besides node 0, the camera:

    >>> import numpy as np
    >>> from geo.visibility.scene import build_obstacle_index
    >>> nothing = build_obstacle_index(np.empty(0, object), np.empty(0))
    >>> circles = (np.array([10.0]), np.zeros(1), np.array([8]), np.array([8]))
    >>> sector = (np.zeros(1), np.full(1, 2 * np.pi), np.ones(1, bool))
    >>> unknown = (np.full(1, np.inf), np.full(1, -1))
    >>> inputs = SweepInputs(np.zeros(1), np.zeros(1), np.full(1, 4.0), *sector, *circles, *unknown)
    >>> pieces, nodes, *_ = sweep(nothing, inputs, 1.6)
    >>> len(pieces), len(nodes)
    (8, 9)
    """
    n, obstacles = len(inputs.x), len(index.height)
    pieces, nodes = np.empty(64 * n + 4096, _sweep_data.PIECE), np.empty(64 * n + 4096, _sweep_data.NODE)
    ring_offsets = np.zeros((n + 1, 2), np.int64)
    offsets = np.zeros((n + 1, 3), np.int64)
    on_obstacle, unknown = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    last_camera, found = np.full(obstacles, -1, np.int64), np.empty(obstacles, np.int64)
    corners = _sweep_data.circle_corners(inputs)
    capacity, done = _WALLS_PER_BATCH, 0
    gathered, buffers = _gather_buffers(capacity), _sweep_buffers(capacity)
    while done < n:
        # 1. gather as many cameras as the buffers take
        ready, need = _gather.gather(
            done, index, inputs, corners, target, last_camera, found, gathered, offsets, on_obstacle, unknown
        )
        if ready == done:
            capacity = 2 * max(capacity, need)
            gathered, buffers = _gather_buffers(capacity), _sweep_buffers(capacity)
        # 2. sweep them, with more capacity for rings where it is short
        while done < ready:
            walls_and_rays = gathered[3:]
            done = _sweep.sweep_batch(
                done, ready, inputs, corners, walls_and_rays, offsets, on_obstacle, buffers, pieces, nodes, ring_offsets
            )
            if done < ready:
                pieces = np.concatenate([pieces, np.empty(len(pieces) + 16 * capacity, _sweep_data.PIECE)])
                nodes = np.concatenate([nodes, np.empty(len(pieces), _sweep_data.NODE)])
    first_piece, first_node = ring_offsets[:, 0].copy(), ring_offsets[:, 1].copy()
    return pieces[: ring_offsets[n, 0]], nodes[: ring_offsets[n, 1]], first_piece, first_node, unknown


def _gather_buffers(capacity: int) -> tuple[np.ndarray, ...]:
    """Return arrays for stage 1: vertices, event angles and events; walls, obstacles, rays."""
    return (
        np.empty(capacity, _sweep_data.VERTEX),
        np.empty(capacity),
        np.empty(capacity, np.int64),
        np.empty(2 * capacity, _sweep_data.WALL),
        np.empty(capacity, _sweep_data.OBSTACLE),
        np.empty(2 * capacity, _sweep_data.RAY),
    )


def _sweep_buffers(capacity: int) -> tuple[np.ndarray, ...]:
    """Return arrays for stage 2.

    Active walls, blocked intervals, current chords, ends of free intervals (left, right, first), the slab, counters.
    """
    ends = tuple(np.empty(4 * capacity, _sweep_data.INTERVAL_END) for _ in range(3))
    return (
        np.empty(2 * capacity, np.int32),
        np.empty(2 * capacity, _sweep_data.BLOCKED),
        np.empty(2, _sweep_data.CHORD),
        *ends,
        np.empty(1, _sweep_data.SLAB),
        np.empty(6, np.int64),
    )
