"""Name the columns of a table by its heading row."""

from __future__ import annotations

from collections.abc import Sequence


def column_names(cells: Sequence[str]) -> list[str]:
    """Return the column names; blank ones are named by their number, and repeated ones get it as a suffix."""
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {number}"
        while name in taken:
            name += f" ({number})"
        names.append(name)
        taken.add(name)
    return names
