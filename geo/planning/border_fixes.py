"""Mend borders of neighbours that miss each other by at most a metre, and leave every other coordinate as it is (V7).

Rings are rows of numbers of vertices, one number for each pair of coordinates: a vertex that is moved is moved in every
ring that has it, and one that is put into an edge is put into every ring that has that edge. So borders that were
shared bit for bit stay so, those of microgrids with their grid too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

#: Borders that miss each other by more than this (m) are not mended.
MOST_M = 1.0
_METRES_PER_DEGREE = 111_320.0
#: An edge and a vertex so near (m) to each other meet.
_MEETS_M = 1e-7
#: A change that moves no border by as much as this (m) moves none: it puts a vertex where the border runs already.
_IDLE_M = 0.01
_ROUNDS = 4

Ring = list[int]


@dataclass(frozen=True)
class MendedBorders:
    """Hold shapes with their borders mended.

    Attributes
    ----------
    shape
        In the order given; those that were not changed are the same objects.
    changed
        Places of those that were.
    moved_m
        The most that a border moved, in metres; 0 where none did.
    left
        Places of the shapes whose borders could not be mended: what came out was not sound.

    Examples
    --------
    >>> MendedBorders(np.empty(0, object), [], 0.0, []).moved_m
    0.0
    """

    shape: np.ndarray
    changed: list[int]
    moved_m: float
    left: list[int]


def mend_borders(shapes: np.ndarray, level: np.ndarray, *, most: float = MOST_M) -> MendedBorders:
    """Return polygons whose borders meet where they missed each other by at most ``most`` metres.

    Parameters
    ----------
    shapes
        Polygons in degrees; edges are straight in degrees (rule L1).
    level
        Of each, 1 or 2: shapes of one level are neighbours of each other.

    Examples
    --------
    Two grids of 0.001 degrees with a gap of 0.2 m between them, open at both ends:

    >>> gap = 0.2 / 111_320
    >>> west, east = shapely.box(0, 0, 0.001, 0.001), shapely.box(0.001 + gap, 0, 0.002, 0.001)
    >>> found = mend_borders(np.array([west, east]), np.array([1, 1]))
    >>> found.changed, round(found.moved_m, 2), bool(shapely.coverage_is_valid(found.shape))
    ([1], 0.2, True)
    >>> shapely.bounds(found.shape[1]).tolist()
    [0.001, 0.0, 0.002, 0.001]
    """
    work = _Borders(shapes, level, most)
    work.close_holes()
    for _ in range(_ROUNDS):
        if not work.mend_once():
            break
    return work.result()


class _Borders:
    """Rings of all shapes as numbers of vertices."""

    def __init__(self, shapes: np.ndarray, level: np.ndarray, most: float) -> None:
        self._given, self._level, self._most = shapes, level, most
        xy = shapely.get_coordinates(shapes)
        self._xy, number = np.unique(xy.reshape(-1, 2), axis=0, return_inverse=True)
        middle = (self._xy.min(axis=0) + self._xy.max(axis=0)) / 2 if len(self._xy) else np.zeros(2)
        self._scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians(middle[1])), 1.0])
        self._flat = (self._xy - middle) * self._scale
        # Coordinates that differ by less than a metre's last bit are one vertex.
        _, first, same = np.unique(self._flat, axis=0, return_index=True, return_inverse=True)
        number = first[same.ravel()][number.ravel()]
        self._number = {tuple(self._flat[k].tolist()): int(k) for k in first}
        self._rings = _rings_of(shapes, number)
        self._rings_given = list(self._rings)
        self._shapes = [self._shape(rings, self._flat) for rings in self._rings]
        self._first = list(self._shapes)
        of_shape = shapely.get_coordinates(shapes, return_index=True)[1]
        self._changed: set[int] = set(of_shape[(self._xy[number] != xy).any(axis=1)].tolist())
        self._left: set[int] = set()

    def close_holes(self) -> None:
        """Close the holes of single shapes that are as narrow as a border may miss and that nobody has."""
        tree = shapely.STRtree(np.array(self._shapes, object))
        for k, rings in enumerate(self._rings):
            made = []
            for part in rings:
                holes = [ring for ring in part[1:] if not self._is_nobodys(k, ring, tree)]
                made.append([part[0], *holes])
            if made != rings:
                self._rings[k] = made
                self._shapes[k] = self._shape(made, self._flat)
                self._changed.add(k)

    def _is_nobodys(self, k: int, ring: Ring, tree: shapely.STRtree) -> bool:
        hole = shapely.Polygon(self._flat[ring])
        if _width(hole, self._most) > self._most:
            return False
        near = [one for one in tree.query(hole).tolist() if one != k and self._level[one] == self._level[k]]
        taken = shapely.intersection(hole, np.array([self._shapes[one] for one in near], object))
        return float(shapely.area(taken).sum()) == 0.0

    def mend_once(self) -> bool:
        """Move vertices and put them into edges, once for each level; return whether any ring changed."""
        moves: dict[int, int] = {}
        puts: dict[tuple[int, int], list[int]] = {}
        for one in sorted(set(self._level.tolist())):
            rows = np.flatnonzero(self._level == one)
            bad = self._mismatched(rows)
            if bad:
                self._move(bad, moves)
        if not moves:
            for one in sorted(set(self._level.tolist())):
                bad = self._mismatched(np.flatnonzero(self._level == one))
                if bad:
                    self._put(bad, puts)
        return self._apply(moves, puts)

    def result(self) -> MendedBorders:
        """Return the shapes."""
        left = self._left | self._all_mismatched()
        left = self._without_idle_changes(left)
        out = self._given.copy()
        moved = 0.0
        for k in self._changed:
            out[k] = self._in_degrees(k)
            moved = max(moved, self._moved(k))
        return MendedBorders(out, sorted(self._changed), moved, sorted(left))

    def _without_idle_changes(self, left: set[int]) -> set[int]:
        """Take back changes of shapes that are left and did not move, where that leaves no more than before."""
        idle = [k for k in sorted(self._changed & left) if self._moved(k) < _IDLE_M]
        if not idle:
            return left
        kept = {k: (self._rings[k], self._shapes[k]) for k in idle}
        for k in idle:
            self._rings[k], self._shapes[k] = self._rings_given[k], self._first[k]
        again = self._left | self._all_mismatched()
        if again <= left:
            self._changed -= set(idle)
            return again
        for k, (rings, shape) in kept.items():
            self._rings[k], self._shapes[k] = rings, shape
        return left

    def _moved(self, k: int) -> float:
        return _width(shapely.symmetric_difference(self._first[k], self._shapes[k]), self._most)

    def _all_mismatched(self) -> set[int]:
        """Return the shapes that miss another one; a narrow inlet of a single shape misses none."""
        out: set[int] = set()
        for one in sorted(set(self._level.tolist())):
            bad = self._mismatched(np.flatnonzero(self._level == one))
            rows = np.repeat(list(bad), [len(edges) for edges in bad.values()])
            lines = [self._flat[list(edge)] for edges in bad.values() for edge in sorted(edges)]
            if not lines:
                continue
            shapes = shapely.linestrings(np.array(lines))
            a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=self._most)
            out |= set(rows[a[rows[a] != rows[b]]].tolist())
        return out

    # --- what is to be mended -----------------------------------------------------------------------------------------

    def _mismatched(self, rows: np.ndarray) -> dict[int, set[tuple[int, int]]]:
        """Return place of a shape -> its edges that miss a neighbour's by at most the width."""
        shapes = np.array([self._shapes[k] for k in rows.tolist()], object)
        if not len(shapes) or shapely.coverage_is_valid(shapes, gap_width=self._most):
            return {}
        lines = shapely.coverage_invalid_edges(shapes, gap_width=self._most)
        found: dict[int, set[tuple[int, int]]] = {}
        for k, line in zip(rows.tolist(), lines, strict=True):
            if shapely.is_empty(line):
                continue
            edges: set[tuple[int, int]] = set()
            for part in shapely.get_parts(line):
                ids = [self._number[tuple(one)] for one in shapely.get_coordinates(part).tolist()]
                edges |= {_edge(a, b) for a, b in pairwise(ids)}
            found[k] = edges
        return found

    def _move(self, bad: dict[int, set[tuple[int, int]]], moves: dict[int, int]) -> None:
        """Put down which vertex goes to which: the later shape's to the nearest of an earlier one that stays."""
        owners = self._owners(bad)
        ids = np.array(sorted(owners))
        tree = shapely.STRtree(shapely.points(self._flat[ids]))
        one, other = tree.query(shapely.points(self._flat[ids]), predicate="dwithin", distance=self._most)
        a, b = ids[one], ids[other]
        length = np.hypot(*(self._flat[a] - self._flat[b]).T)
        order = np.lexsort((b, a, length))
        stays: set[int] = set(moves.values())
        for k in order.tolist():
            here, there = int(a[k]), int(b[k])
            if here == there or owners[here] & owners[there] or min(owners[here]) < min(owners[there]):
                continue  # two vertices of one shape stay two
            if here in moves or here in stays or there in moves:
                continue
            moves[here] = there
            stays.add(there)

    def _put(self, bad: dict[int, set[tuple[int, int]]], puts: dict[tuple[int, int], list[int]]) -> None:
        """Put down which vertices are put into which edges of other shapes."""
        owners = self._owners(bad)
        ids = np.array(sorted(owners))
        edges = sorted({edge for own in bad.values() for edge in own})
        of_edge: dict[tuple[int, int], set[int]] = defaultdict(set)
        for k, own in bad.items():
            for edge in own:
                of_edge[edge].add(k)
        lines = shapely.linestrings(self._flat[np.array(edges)])
        one, other = shapely.STRtree(lines).query(
            shapely.points(self._flat[ids]), predicate="dwithin", distance=self._most
        )
        nearest: dict[tuple[int, tuple[int, int]], float] = {}
        for row, line in zip(one.tolist(), other.tolist(), strict=True):
            vertex, edge = int(ids[row]), edges[line]
            if vertex in edge or owners[vertex] & of_edge[edge]:
                continue
            place = float(shapely.line_locate_point(lines[line], shapely.Point(self._flat[vertex])))
            if _MEETS_M < place < float(shapely.length(lines[line])) - _MEETS_M:
                nearest[vertex, edge] = place
        for (vertex, edge), _ in sorted(nearest.items(), key=lambda item: (item[0][1], item[1], item[0][0])):
            puts.setdefault(edge, []).append(vertex)

    def _owners(self, bad: dict[int, set[tuple[int, int]]]) -> dict[int, set[int]]:
        """Return vertex of an edge that is to be mended -> places of the shapes of that level that have it."""
        wanted = {one for edges in bad.values() for edge in edges for one in edge}
        out: dict[int, set[int]] = defaultdict(set)
        level = self._level[next(iter(bad))]
        for k, rings in enumerate(self._rings):
            if self._level[k] != level:
                continue
            for ring in _flat_rings(rings):
                for one in ring:
                    if one in wanted:
                        out[one].add(k)
        return out

    # --- mending ------------------------------------------------------------------------------------------------------

    def _apply(self, moves: dict[int, int], puts: dict[tuple[int, int], list[int]]) -> bool:
        """Change the rings; what would not be sound, or move too far, stays with all that hangs together with it."""
        new = {k: _changed_rings(rings, moves, puts) for k, rings in enumerate(self._rings)}
        new = {k: rings for k, rings in new.items() if rings != self._rings[k]}
        if not new:
            return False
        refused = {k for k, rings in new.items() if not self._is_sound(k, rings)}
        while refused:
            self._left |= refused
            touched = {one for k in refused for ring in _flat_rings(self._rings[k]) for one in ring}
            moves = {one: to for one, to in moves.items() if one not in touched and to not in touched}
            puts = {edge: own for edge, own in puts.items() if not ({*edge, *own} & touched)}
            new = {k: _changed_rings(rings, moves, puts) for k, rings in enumerate(self._rings)}
            new = {k: rings for k, rings in new.items() if rings != self._rings[k]}
            refused = {k for k, rings in new.items() if not self._is_sound(k, rings)}
        for k, rings in new.items():
            self._rings[k] = rings
            self._shapes[k] = self._shape(rings, self._flat)
            self._changed.add(k)
        return bool(new)

    def _is_sound(self, k: int, rings: list[list[Ring]]) -> bool:
        if len(rings) != len(self._rings[k]) or any(not part or len(part[0]) < 3 for part in rings):
            return False
        made = self._shape(rings, self._flat)
        if not shapely.is_valid(made):
            return False
        return _width(shapely.symmetric_difference(self._first[k], made), self._most) <= self._most

    def _in_degrees(self, k: int) -> shapely.Geometry:
        return self._shape(self._rings[k], self._xy)

    @staticmethod
    def _shape(rings: list[list[Ring]], xy: np.ndarray) -> shapely.Geometry:
        parts = [shapely.Polygon(xy[part[0]], [xy[one] for one in part[1:]]) for part in rings]
        return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _edge(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _rings_of(shapes: np.ndarray, number: np.ndarray) -> list[list[list[Ring]]]:
    """Return the rings of each part of each shape, without the vertex that closes them."""
    out: list[list[list[Ring]]] = []
    place = 0
    for shape in shapes:
        parts: list[list[Ring]] = []
        for part in shapely.get_parts(shape):
            rings: list[Ring] = []
            for ring in shapely.get_rings(part):
                count = int(shapely.get_num_coordinates(ring))
                rings.append(number[place : place + count - 1].tolist())
                place += count
            parts.append(rings)
        out.append(parts)
    return out


def _flat_rings(rings: list[list[Ring]]) -> Iterator[Ring]:
    for part in rings:
        yield from part


def _changed_rings(
    rings: list[list[Ring]], moves: dict[int, int], puts: dict[tuple[int, int], list[int]]
) -> list[list[Ring]]:
    """Return rings with vertices moved and put into edges; a hole that closes up is gone."""
    out = []
    for part in rings:
        made = [_changed_ring(ring, moves, puts) for ring in part]
        out.append([made[0], *(ring for ring in made[1:] if len(ring) >= 3)])
    return out


def _changed_ring(ring: Ring, moves: dict[int, int], puts: dict[tuple[int, int], list[int]]) -> Ring:
    out: Ring = []
    for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        between = puts.get(_edge(a, b), [])
        # Vertices stand in the order from the lower number of the edge to the higher.
        between = between if a < b else between[::-1]
        for one in (a, *(one for one in between if one not in ring)):
            to = moves.get(one, one)
            if not out or out[-1] != to:
                out.append(to)
    while len(out) > 1 and out[0] == out[-1]:
        out.pop()
    return out


def _width(shape: shapely.Geometry, most: float) -> float:
    """Return the width of the widest part of an area, within a hundredth of the most, and above it at once."""
    if shapely.is_empty(shape) or shapely.area(shape) == 0.0:
        return 0.0
    if not shapely.is_empty(shapely.buffer(shape, -(most * 1.001) / 2, join_style="mitre")):
        return np.inf
    low, high = 0.0, most
    while high - low > most / 200:
        middle = (low + high) / 2
        is_wider = not shapely.is_empty(shapely.buffer(shape, -middle / 2, join_style="mitre"))
        low, high = (middle, high) if is_wider else (low, middle)
    return high
