"""Tell where an import would change a layer: rows that come, change, move and go, and rejected ones with a place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import shapely

from geo.catalog.layers import layer as layer_of
from geo.readers.reading import ReadResult
from geo.storage.protocol import Store
from geo.studies.import_writes import WrittenRows

Kind = Literal["added", "updated", "was", "removed", "rejected"]

#: Rejected rows that are drawn; of the other kinds as many as ``RowChanges`` keeps.
_MAX_REJECTED = 1_000
#: Stored rows that are held at a time.
_PAGE_ROWS = 20_000


@dataclass(frozen=True)
class PlacedChange:
    """One row of the map of an import.

    Attributes
    ----------
    kind
        ``added``, ``updated`` (as it would be), ``was`` (where an updated row lies now), ``removed``, ``rejected``.
    key
        Its key; of a rejected row its number in the file.
    fields
        Those that change; of a rejected row the one at fault.
    reason
        Why it is rejected, as ``中文 / English``.
    shape
        EPSG:4326.
    """

    kind: Kind
    key: str
    fields: tuple[str, ...]
    reason: str
    shape: shapely.Geometry


def placed_changes(store: Store, layer: str, reading: ReadResult, done: WrittenRows) -> list[PlacedChange]:
    """Return the changes of a dry run that have a place, the first of each kind.

    Parameters
    ----------
    store
        As it was when ``done`` was told.
    reading
        What was read of the file, for its rejected rows.
    done
        The dry run.
    """
    if done.changes is None or done.frame is None:
        return []
    key = layer_of(layer).key
    shapes = dict(zip(done.frame[key].astype(str), done.frame.geometry, strict=True))
    fields = {name: tuple(changed) for name, changed in done.changes.updated_rows}
    moved = [name for name, changed in fields.items() if "geometry" in changed]
    stored = _stored_shapes(store, layer, {*moved, *done.changes.removed_keys})
    found = [
        *_placed("added", done.changes.added_keys, shapes, {}),
        *_placed("was", moved, stored, {}),
        *_placed("updated", list(fields), shapes, fields),
        *_placed("removed", done.changes.removed_keys, stored, {}),
    ]
    return [*found, *_rejected(reading)]


def _placed(
    kind: Kind, keys: Sequence[str], shapes: dict[str, shapely.Geometry], fields: dict[str, tuple[str, ...]]
) -> Iterator[PlacedChange]:
    for key in keys:
        shape = shapes.get(key)
        if _is_drawable(shape):
            yield PlacedChange(kind, key, fields.get(key, ()), "", shape)


def _rejected(reading: ReadResult) -> list[PlacedChange]:
    pairs = zip(reading.rejects, reading.reject_shapes, strict=False)
    placed = ((one, shape) for one, shape in pairs if _is_drawable(shape))
    return [
        PlacedChange("rejected", one.row, (one.field,) if one.field else (), one.reason, shape)
        for (one, shape), _ in zip(placed, range(_MAX_REJECTED), strict=False)
    ]


def _is_drawable(shape: shapely.Geometry | None) -> bool:
    """Return whether a shape lies on the earth; that of a rejected row may lie anywhere."""
    if shape is None or shape.is_empty:
        return False
    west, south, east, north = shape.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def _stored_shapes(store: Store, layer: str, keys: Collection[str]) -> dict[str, shapely.Geometry]:
    """Return the stored shapes of these keys, reading the layer page by page until all are found."""
    name, found, last = layer_of(layer).key, dict[str, shapely.Geometry](), None
    while len(found) < len(keys) and len(page := store.read(layer, after=last, limit=_PAGE_ROWS)):
        mine = page[page[name].isin(keys).to_numpy()]
        found |= dict(zip(mine[name].astype(str), mine.geometry, strict=True))
        last = str(page[name].iloc[-1])
    return found
