"""List what may be suggested: places, and what stored addresses begin with before their first number."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import frame_to_wgs84
from geo.places.address.division_names import LEVELS, VILLAGE_RANK, name_parts
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.stored_addresses import StoredAddresses

#: Rank of stored texts, after that of every place.
TEXT_RANK = len(LEVELS) + 1
#: Most stored texts that are suggested, those of the most addresses, and their least and greatest length.
MOST_TEXTS = 100_000
_SHORTEST, _LONGEST = 2, 40


@dataclass(frozen=True)
class Targets:
    """Places and stored texts in the order in which they are suggested where nothing else tells them apart.

    Attributes
    ----------
    rank
        Rank of the level in `division_names.LEVELS`, `TEXT_RANK` of a stored text.
    place
        The place; of a stored text the division that it lies in, the root where none is known.
    text
        What a stored text says after its place, in normal form; None for a place.
    row
        Row of an address of a stored text, one in the middle; -1 for a place.
    is_in_one_grid
        Whether all addresses of a stored text lie in the grid of that row.
    lon, lat
        Where it is, WGS-84 degrees, nan where that is not known.

    Examples
    --------
    A county and a street in it:

    >>> rank, place, row = np.array([2, TEXT_RANK]), np.array([1, 1]), np.array([-1, 0])
    >>> found = Targets(rank, place, [None, "东街"], row, np.array([False, True]), np.zeros(2), np.zeros(2))
    >>> len(found), found.inside(np.array([0, 1]), 1, 1).tolist()
    (2, [1])
    """

    rank: np.ndarray
    place: np.ndarray
    text: Sequence[str | None]
    row: np.ndarray
    is_in_one_grid: np.ndarray
    lon: np.ndarray
    lat: np.ndarray

    def __len__(self) -> int:
        return len(self.rank)

    def inside(self, numbers: np.ndarray, first: int, last: int) -> np.ndarray:
        """Return the targets below a place: those that lie between it and the last place that it holds."""
        place = self.place[numbers]
        is_below = (place > first) | ((place == first) & (self.rank[numbers] == TEXT_RANK))
        return numbers[is_below & (place <= last)]


def targets_of(
    tree: PlaceTree,
    stored: StoredAddresses,
    *,
    grid: np.ndarray,
    lon: np.ndarray,
    lat: np.ndarray,
    layers: Iterable[pd.DataFrame | None] = (),
) -> Targets:
    """Return what may be suggested of places and stored addresses.

    Parameters
    ----------
    grid, lon, lat
        Number of the grid and position of each row of the addresses.
    layers
        Divisions, villages and grids, for their points; a place without a shape is where its addresses are on average.

    Examples
    --------
    >>> tree = PlaceTree.of(pd.DataFrame({"code": ["990101"], "name": ["甲县"], "level": [3]}))
    >>> stored = StoredAddresses(tree, [("东街1号", 1, 0), ("东街2号", 1, 1)])
    >>> where = {"lon": np.array([102.0, 102.1]), "lat": np.array([37.0, 37.0])}
    >>> found = targets_of(tree, stored, grid=np.array([0, 0]), **where)
    >>> found.text, found.place.tolist(), found.lon.round(2).tolist()
    ([None, '东街'], [1, 1], [102.05, 102.1])
    """
    number = np.bincount(stored.places, minlength=len(tree))
    use = _sums_inside(tree, number)
    places = np.array([place for place in range(1, len(tree)) if _is_named(tree, place)], np.int64)
    x, y = _points(tree, stored, lon, lat, layers)
    order = sorted(places.tolist(), key=lambda one: (int(tree.rank[one]), -use[one], len(tree.names[one][0]), one))
    texts = list(_texts(tree, stored, grid))
    rows = np.array([row for _, _, row, _ in texts], np.int64)
    at = np.array(order, np.int64)
    return Targets(
        rank=np.concatenate([tree.rank[at], np.full(len(texts), TEXT_RANK)]).astype(np.int8),
        place=np.concatenate([at, [place for _, place, _, _ in texts]]).astype(np.int32),
        text=[None] * len(at) + [text for text, _, _, _ in texts],
        row=np.concatenate([np.full(len(at), -1), rows]).astype(np.int32),
        is_in_one_grid=np.array([False] * len(at) + [is_one for _, _, _, is_one in texts], bool),
        lon=np.concatenate([x[at], lon[rows]]),
        lat=np.concatenate([y[at], lat[rows]]),
    )


def _is_named(tree: PlaceTree, place: int) -> bool:
    """Return whether a place has a name, and is no row of the code list that stands where a level has no place."""
    rank = int(tree.rank[place])
    if not tree.names[place]:
        return False
    return rank >= len(LEVELS) or name_parts(tree.names[place][0], LEVELS[rank]) is not None


def _sums_inside(tree: PlaceTree, values: np.ndarray) -> np.ndarray:
    """Return the sum of a value of places over all that each holds."""
    sums = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(sums[tree.last + 1] - sums[:-1])


def _points(
    tree: PlaceTree,
    stored: StoredAddresses,
    lon: np.ndarray,
    lat: np.ndarray,
    layers: Iterable[pd.DataFrame | None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each place is: a point of its shape, else the mean of the addresses in it, else nan."""
    size = len(tree)
    count = _sums_inside(tree, np.bincount(stored.places, minlength=size)).astype(float)
    count[count == 0] = np.nan
    x, y = (_sums_inside(tree, np.bincount(stored.places, values[stored.rows], size)) / count for values in (lon, lat))
    for k, frame in enumerate(layers):
        if not isinstance(frame, gpd.GeoDataFrame) or not len(frame) or frame.crs is None:
            continue
        points = shapely.point_on_surface(frame_to_wgs84(frame, frame.crs).geometry.to_numpy())
        find = tree.find_grid if k == _GRIDS else tree.find
        for code, px, py in zip(frame["code"], shapely.get_x(points), shapely.get_y(points), strict=True):
            place = find(str(code)) if isinstance(code, str) else None
            if place is not None and np.isfinite(px):
                x[place], y[place] = px, py
    return x, y


#: Which of the layers is that of the grids.
_GRIDS = 2


def _texts(tree: PlaceTree, stored: StoredAddresses, grid: np.ndarray) -> Iterator[tuple[str, int, int, bool]]:
    """Yield text, division, row in the middle, and whether one grid has all, of the stored texts of most addresses."""
    division = _divisions(tree)
    count, place, entry, length = (array("l") for _ in range(4))
    is_in_one_grid = array("b")
    for first, last, size in stored.heads():
        if size < 3 * _SHORTEST:
            continue
        for holder, mine in _by_division(division[stored.places[first:last]], first):
            count.append(len(mine))
            place.append(holder)
            entry.append(int(mine[len(mine) // 2]))
            length.append(size)
            of_grids = grid[stored.rows[mine[0]]]
            is_in_one_grid.append(len(mine) == 1 or bool((grid[stored.rows[mine]] == of_grids).all()))
    for k in np.argsort(-np.array(count, np.int64), kind="stable")[:MOST_TEXTS].tolist():
        text = stored.tail(entry[k]).encode()[: length[k]].decode()
        if _SHORTEST <= len(text) <= _LONGEST:
            yield text, place[k], int(stored.rows[entry[k]]), bool(is_in_one_grid[k])


def _by_division(held: np.ndarray, first: int) -> Iterable[tuple[int, Sequence[int] | np.ndarray]]:
    """Return the entries of a range by their division; most ranges have one entry or a few."""
    if len(held) == 1:
        return ((int(held[0]), (first,)),)
    if (held == held[0]).all():
        return ((int(held[0]), np.arange(first, first + len(held))),)
    return [(holder, first + np.flatnonzero(held == holder)) for holder in np.unique(held).tolist()]


def _divisions(tree: PlaceTree) -> np.ndarray:
    """Return the village or division that each place is or lies in: a grid of it has the same streets."""
    out = np.arange(len(tree))
    for place in range(1, len(tree)):
        if tree.rank[place] > VILLAGE_RANK and tree.parent[place] != ROOT:
            out[place] = out[tree.parent[place]]
    return out
