"""Gather what a write would change from the rows that a store compares; both stores use it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from geo.catalog.layers import Layer
from geo.types import RowChanges


def compared_fields(layer: Layer) -> list[tuple[str, str]]:
    """Return name and column of what a comparison looks at, in the order of its columns.

    Examples
    --------
    >>> from geo.catalog.layers import layer
    >>> compared_fields(layer("grids"))[:2]
    [('geometry', 'geom'), ('name', 'name')]
    """
    return [("geometry", "geom"), *((name, name) for name in layer.names if name != layer.key)]


def row_changes(
    layer: Layer,
    *,
    added: Iterable[Sequence[Any]],
    changed: Iterable[Sequence[Any]],
    removed: Iterable[Sequence[Any]],
    known: int,
) -> RowChanges:
    """Return the changes of rows that are given one by one, in key order.

    Parameters
    ----------
    added
        One value per row: the key.
    changed
        The key, the stored version, and for each of ``compared_fields`` whether it differs.
    removed
        The key and the stored version.
    known
        Number of rows of the frame whose key is stored.

    Examples
    --------
    >>> from geo.catalog.layers import layer
    >>> cells = [name == "name" for name, _ in compared_fields(layer("grids"))]
    >>> found = row_changes(layer("grids"), added=[("g3",)], changed=[("g1", 1, *cells)], removed=[("g9", 4)], known=2)
    >>> found.added_keys, found.updated_rows, found.unchanged, found.fields
    (['g3'], [('g1', ('name',))], 1, {'name': 1})
    """
    names = [name for name, _ in compared_fields(layer)]
    most = RowChanges.MAX_KEPT
    state = hashlib.sha256()
    first: dict[str, list[str]] = {"added": [], "removed": []}
    counts: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    updated_rows: list[tuple[str, Sequence[str]]] = []
    for kind, rows in (("added", added), ("removed", removed)):
        for row in rows:
            counts[kind] += 1
            state.update(repr((kind, *row)).encode())
            if len(first[kind]) < most:
                first[kind].append(str(row[0]))
    for key, version, *differs in changed:
        counts["changed"] += 1
        found = tuple(name for name, is_other in zip(names, differs, strict=True) if is_other)
        fields.update(found)
        state.update(repr(("changed", key, version, found)).encode())
        if len(updated_rows) < most:
            updated_rows.append((str(key), found))
    state.update(repr(("known", known)).encode())
    return RowChanges(
        added=counts["added"],
        updated=counts["changed"],
        unchanged=known - counts["changed"],
        removed=counts["removed"],
        added_keys=first["added"],
        updated_rows=updated_rows,
        removed_keys=first["removed"],
        fields={name: fields[name] for name in names if fields[name]},
        state=state.hexdigest(),
    )
