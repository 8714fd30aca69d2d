"""Assign rows to columns one to one for the greatest total gain, and name the edges that would do nearly as well.

The shortest augmenting paths of Jonker and Volgenant (1987), https://doi.org/10.1007/BF02278710, over the edges that
there are: a row or column without an edge worth taking stays alone. The prices of that method then tell what any other
edge would cost, so that a tie is known to be one.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

#: Stands for "alone" among rows and columns.
ALONE = -1
_FOREVER = float("inf")
#: Gains are sums of floats: differences below this are none.
_ROUNDING = 1e-9


@dataclass
class Assignment:
    """Rows and columns of the greatest total gain, with the prices that prove it.

    Attributes
    ----------
    column_of
        Column of each row, ``ALONE`` where it has none.
    row_of
        Row of each column, ``ALONE`` where it has none.
    row_prices, column_prices
        Prices, at most 0: an edge costs minus its gain minus both prices, at least 0, and 0 where it is taken.
    edges_of_row, edges_of_column
        Per row (column) its columns (rows), each with minus the gain.
    """

    column_of: list[int]
    row_of: list[int]
    row_prices: list[float]
    column_prices: list[float]
    edges_of_row: list[list[tuple[int, float]]] = field(repr=False)
    edges_of_column: list[list[tuple[int, float]]] = field(repr=False)

    def alternatives(self, margin: float) -> Iterator[tuple[int, int, float]]:
        """Yield row, column and loss of each edge not taken by which the total would lose less than the margin.

        Examples
        --------
        Two cameras of one pole that nothing tells apart:

        >>> twins = assign(2, 2, [0, 0, 1, 1], [0, 1, 0, 1], [3.0, 3.0, 3.0, 3.0])
        >>> twins.column_of, sorted(twins.alternatives(0.5))
        ([0, 1], [(0, 1, 0.0), (1, 0, 0.0)])
        """
        for row, edges in enumerate(self.edges_of_row):
            for column, cost in edges:
                extra = self._reduced(row, column, cost)
                if column == self.column_of[row] or extra >= margin:
                    continue
                loss = extra + self._loss_of_rest(row, column, margin - extra)
                if loss < margin:
                    yield row, column, max(loss, 0.0)

    def _reduced(self, row: int, column: int, cost: float) -> float:
        return cost - self.row_prices[row] - self.column_prices[column]

    def _loss_of_rest(self, row: int, column: int, bound: float) -> float:
        """Return what the others lose where a row takes a column: who had it moves on, and its own column is left."""
        left, moved = self.column_of[row], self.row_of[column]
        to_leave = 0.0 if left == ALONE else self._loss_of_leaving(left, row, bound)
        if moved == ALONE:
            return to_leave
        to_left, to_free = self._losses_of_moving(moved, left, bound)
        return min(to_left, to_free + to_leave)

    def _loss_of_leaving(self, column: int, row: int, bound: float) -> float:
        """Return the least loss where a column is left by its row: it stays alone, or another row takes it."""
        best = _FOREVER

        def onward(one: int, loss: float) -> Iterator[tuple[int, float]]:
            nonlocal best
            best = min(best, loss - self.column_prices[one])
            for other, cost in self.edges_of_column[one]:
                if other == row or self.column_of[other] == one:
                    continue
                taken = loss + self._reduced(other, one, cost)
                if self.column_of[other] == ALONE:
                    best = min(best, taken)
                else:
                    yield self.column_of[other], taken

        _explore(column, onward, bound)
        return best

    def _losses_of_moving(self, row: int, wanted: int, bound: float) -> tuple[float, float]:
        """Return the least losses where a row must move: until the wanted column is taken, and until a free one is."""
        to_wanted = to_free = _FOREVER

        def onward(one: int, loss: float) -> Iterator[tuple[int, float]]:
            nonlocal to_wanted, to_free
            to_free = min(to_free, loss - self.row_prices[one])
            for column, cost in self.edges_of_row[one]:
                if column == self.column_of[one]:
                    continue
                taken = loss + self._reduced(one, column, cost)
                if column == wanted:
                    to_wanted = min(to_wanted, taken)
                elif self.row_of[column] == ALONE:
                    to_free = min(to_free, taken)
                else:
                    yield self.row_of[column], taken

        _explore(row, onward, bound)
        return to_wanted, to_free


def assign(
    row_count: int, column_count: int, rows: Sequence[int], columns: Sequence[int], gains: Sequence[float]
) -> Assignment:
    """Assign one to one for the greatest total gain; edges without gain are never taken.

    Parameters
    ----------
    row_count, column_count
        How many there are.
    rows, columns, gains
        Of each edge; no edge twice.

    Examples
    --------
    The best edge of all, 0-0, would leave row 1 alone:

    >>> assign(2, 2, [0, 0, 1], [0, 1, 0], [5.0, 4.0, 3.0]).column_of
    [1, 0]
    """
    edges_of_row: list[list[tuple[int, float]]] = [[] for _ in range(row_count)]
    edges_of_column: list[list[tuple[int, float]]] = [[] for _ in range(column_count)]
    for row, column, gain in zip(rows, columns, gains, strict=True):
        if gain > 0:
            edges_of_row[row].append((column, -gain))
            edges_of_column[column].append((row, -gain))
    out = Assignment(
        [ALONE] * row_count, [ALONE] * column_count, [0.0] * row_count, [0.0] * column_count, edges_of_row,
        edges_of_column,
    )  # fmt: skip
    for row in range(row_count):
        if edges_of_row[row]:
            _augment(out, row)
    return out


def _augment(found: Assignment, start: int) -> None:
    """Give one more row its column, or leave it or one that it displaces alone, along a path of least cost."""
    first = (cost - found.column_prices[column] for column, cost in found.edges_of_row[start])
    found.row_prices[start] = min(0.0, *first)
    search = _Search(found, start)
    while not search.is_done:
        search.step()
    search.raise_prices()
    end = search.end
    if end == ALONE:
        end = found.column_of[search.alone]
        found.column_of[search.alone] = ALONE
    while end != ALONE:
        row = search.came_from[end]
        found.row_of[end] = row
        end, found.column_of[row] = found.column_of[row], end
        if row == start:
            break


class _Search:
    """The search, from one row, for the nearest column that is free, or row that had better be alone (Dijkstra)."""

    def __init__(self, found: Assignment, start: int) -> None:
        self._found = found
        self._row, self._here = start, 0.0
        self._reached: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []
        self._at_rows: dict[int, float] = {start: 0.0}
        self._at_columns: dict[int, float] = {}
        self.came_from: dict[int, int] = {}
        self.alone, self.cost = start, _FOREVER
        self.end = ALONE
        self.is_done = False

    def step(self) -> None:
        """Go on from the row at hand, then move to the row of the nearest column."""
        found, row, here = self._found, self._row, self._here
        if here - found.row_prices[row] < self.cost:
            self.alone, self.cost = row, here - found.row_prices[row]
        for column, cost in found.edges_of_row[row]:
            reached = here + cost - found.row_prices[row] - found.column_prices[column]
            if column not in self._at_columns and reached < self._reached.get(column, _FOREVER):
                self._reached[column], self.came_from[column] = reached, row
                heapq.heappush(self._heap, (reached, column))
        while self._heap and self._heap[0][1] in self._at_columns:
            heapq.heappop(self._heap)
        if not self._heap or self._heap[0][0] >= self.cost:
            self.is_done = True
            return
        self._here, column = heapq.heappop(self._heap)
        if found.row_of[column] == ALONE:
            self.end, self.cost, self.is_done = column, self._here, True
            return
        self._at_columns[column] = self._here
        self._row = found.row_of[column]
        self._at_rows[self._row] = self._here

    def raise_prices(self) -> None:
        """Change the prices so that every edge of the path costs nothing."""
        for row, cost in self._at_rows.items():
            self._found.row_prices[row] += self.cost - cost
        for column, cost in self._at_columns.items():
            self._found.column_prices[column] -= self.cost - cost


def _explore(start: int, onward: Callable[[int, float], Iterator[tuple[int, float]]], bound: float) -> None:
    """Visit what can be reached at a loss below the bound, each at its least loss."""
    done: set[int] = set()
    heap = [(0.0, start)]
    while heap:
        loss, one = heapq.heappop(heap)
        if one in done:
            continue
        done.add(one)
        for other, more in onward(one, loss):
            if other not in done and more < bound + _ROUNDING:
                heapq.heappush(heap, (more, other))
