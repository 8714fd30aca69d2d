"""Tell from the versions of a derived place which of its fields somebody has changed by hand (rule P5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import shapely

#: Fields that a derivation fills.
DERIVED_FIELDS = ("name", "kind", "source", "geometry")
#: Fields that none fills: where one is filled, somebody did.
OWN_FIELDS = ("claim", "level", "share", "parent", "weight", "valid_to")
#: Shapes whose vertices differ by less than this (degrees, about 1 cm) are the same.
_SAME_DEG = 1e-7
_NEVER = object()


def fields_by_hand(versions: Sequence[Mapping[str, Any]], is_derived: Sequence[bool]) -> frozenset[str]:
    """Return the fields that hold what somebody has put there, and no derivation.

    A field changed by hand stays so through renewals, which leave it alone, until it is changed back to what was
    derived.

    Parameters
    ----------
    versions
        Values of the fields since the place was made, the oldest first.
    is_derived
        Which versions a derivation has written. Of the first this is not asked: a row that says that it is derived is
        taken at its word, as one from another store.

    Examples
    --------
    A crossing was derived, renamed by hand, and renewed, which moved it and left its name:

    >>> def version(name, x, claim=None):
    ...     shape = shapely.Point(x, 0)
    ...     return {"name": name, "kind": "crossing", "source": "derived", "geometry": shape, "claim": claim}
    >>> versions = [version("A×B", 0), version("大十字", 0), version("大十字", 1, "路口")]
    >>> sorted(fields_by_hand(versions, [True, False, True]))
    ['claim', 'name']
    """
    first = versions[0]
    is_own = first["source"] != "derived"
    derived = {name: _NEVER if is_own else first[name] for name in DERIVED_FIELDS}
    for before, row, by_derivation in zip(versions, versions[1:], is_derived[1:], strict=False):
        if by_derivation:
            for name in DERIVED_FIELDS:
                is_carried = not _is_same(before[name], derived[name]) and _is_same(before[name], row[name])
                if not is_carried:
                    derived[name] = row[name]
    last = versions[-1]
    changed = {name for name in DERIVED_FIELDS if not _is_same(last[name], derived[name])}
    return frozenset(changed | {name for name in OWN_FIELDS if not _is_none(last.get(name))})


def is_same_shape(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Return whether two shapes (lon, lat) have the same vertices, in whatever order they begin.

    Examples
    --------
    >>> is_same_shape(shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1, ccw=False))
    True
    """
    return bool(shapely.equals_exact(one, other, _SAME_DEG) or shapely.equals_exact(
        shapely.normalize(one), shapely.normalize(other), _SAME_DEG
    ))  # fmt: skip


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, shapely.Geometry) and isinstance(other, shapely.Geometry):
        return is_same_shape(one, other)
    return (_is_none(one) and _is_none(other)) or one is other or bool(one == other)


def _is_none(value: Any) -> bool:
    return value is None or (not isinstance(value, shapely.Geometry) and bool(pd.isna(value)))
