"""Thin symbols that would overlap, and merge them into counts; lengths are mm on the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Marks:
    """Symbols of one size as drawn: their middles (n, 2) and their width."""

    points: np.ndarray
    width: float


def apart(points: np.ndarray, distance: float) -> np.ndarray:
    """Return which points stay so that no two are nearer than a distance: the first of those that are.

    Examples
    --------
    >>> apart(np.array([[0, 0], [1, 0], [2.5, 0]]), 2.0).tolist()
    [True, False, True]
    """
    return merged(points, np.ones(len(points)), distance)[0]


def merged(points: np.ndarray, counts: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return which points stay, and the counts of all, those of points left out added to the nearest that stays.

    Examples
    --------
    >>> kept, sums = merged(np.array([[0, 0], [1, 0], [2.5, 0]]), np.array([5, 1, 2]), 2.0)
    >>> kept.tolist(), sums.tolist()
    ([True, False, True], [6.0, 0.0, 2.0])
    """
    sums = np.array(counts, dtype=float)
    kept = np.zeros(len(sums), dtype=bool)
    cells: dict[tuple[int, int], list[int]] = {}
    places = np.asarray(points, dtype=float).reshape(-1, 2)
    squares = np.floor(places / distance).astype(int).tolist() if len(places) else []
    for at, ((x, y), (column, row)) in enumerate(zip(places.tolist(), squares, strict=True)):
        near = [
            one
            for across in (column - 1, column, column + 1)
            for up in (row - 1, row, row + 1)
            for one in cells.get((across, up), ())
        ]
        away = [(places[one, 0] - x) ** 2 + (places[one, 1] - y) ** 2 for one in near]
        if away and min(away) < distance * distance:
            sums[near[int(np.argmin(away))]] += sums[at]
            sums[at] = 0.0
        else:
            kept[at] = True
            cells.setdefault((column, row), []).append(at)
    return kept, sums
