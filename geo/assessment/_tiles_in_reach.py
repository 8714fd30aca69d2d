"""Find the tiles that boxes touch, and the boxes that touch tiles (rule C3)."""

from __future__ import annotations

import numpy as np

from geo.assessment.cells import OverlayCells
from geo.assessment.zone_sums import tile_numbers
from geo.overlay.tiling import TILE_M

#: What is within this of a tile may be of it, metres: rounding cuts a line at a border a hair beside it.
LINE_MARGIN_M = 1.0


def tiles_of(boxes: np.ndarray, margin: float) -> np.ndarray:
    """Return the keys of the tiles that boxes (m) meet, as an overlay takes them, shape (n, 2)."""
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    low, high = _tile_ranges(boxes, margin)
    keys = {
        (x, y)
        for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True)
        for x in range(x0, x1 + 1)
        for y in range(y0, y1 + 1)
    }
    return np.array(sorted(keys), np.int64).reshape(-1, 2)


def near_tiles(boxes: np.ndarray, keys: np.ndarray, margin: float) -> np.ndarray:
    """Return which boxes (m) meet some of the tiles."""
    out = np.zeros(len(boxes), bool)
    there = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    low, high = _tile_ranges(boxes[there], margin)
    # Tiles before each corner of a lattice over all of them: a box has those between its corners.
    first, last = keys.min(axis=0), keys.max(axis=0)
    count = np.zeros(last - first + 2, np.int64)
    count[tuple((keys - first + 1).T)] = 1
    count = count.cumsum(axis=0).cumsum(axis=1)
    a, b = np.clip(low - first, 0, last - first + 1), np.clip(high - first + 1, 0, last - first + 1)
    (ax, ay), (bx, by) = a.T, b.T
    out[there] = count[bx, by] - count[ax, by] - count[bx, ay] + count[ax, ay] > 0
    return out


def _tile_ranges(boxes: np.ndarray, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys of the first and the last tile that each box meets: one that ends on a border not the next."""
    low = np.floor((boxes[:, :2] - margin) / TILE_M)
    high = np.maximum(np.ceil((boxes[:, 2:] + margin) / TILE_M) - 1, low)
    return low.astype(np.int64), high.astype(np.int64)


def tile_of_cells(cells: OverlayCells) -> np.ndarray:
    """Return the number of the tile of each cell."""
    return tile_numbers(cells.keys)[cells.tile] if cells.keys is not None and len(cells.keys) else cells.tile


def corners(places: np.ndarray) -> np.ndarray:
    """Return the lowest and the highest coordinates of positions, shape (2, 2), or (0, 2) where there are none."""
    return np.array([places.min(axis=0), places.max(axis=0)]) if len(places) else np.empty((0, 2))
