"""Write what is kept beside the preview of an import: its changes on a map, and all its rejected rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import shapely

from api import problems
from geo.errors import RowFault
from geo.files import write_atomically
from geo.readers.rows.rejects_file import write_rejects
from geo.studies.import_map import PlacedChange

#: Corners that a map of changes has; a shape beyond them is one point of it.
_MAX_CORNERS = 200_000
#: Degrees to which places are written: a centimetre.
_GRAIN = 1e-7


def write_changes(changes: Sequence[PlacedChange], path: Path) -> None:
    """Write the changes as GeoJSON, complete or not at all."""
    data = orjson.dumps(as_collection(changes))
    write_atomically(path, lambda temporary: temporary.write_bytes(data))


def as_collection(changes: Sequence[PlacedChange]) -> dict[str, Any]:
    """Return the changes as a FeatureCollection.

    Examples
    --------
    >>> change = PlacedChange("added", "c1", (), "", shapely.Point(102, 37))
    >>> found = as_collection([change])
    >>> found["drawn"], found["features"][0]["geometry"]["coordinates"]
    ({'added': 1}, [102.0, 37.0])
    """
    features, left = [], _MAX_CORNERS
    for one in changes:
        corners = int(shapely.get_num_coordinates(one.shape))
        shape = one.shape if corners <= left else one.shape.representative_point()
        left -= corners if corners <= left else 1
        features.append(_feature(one, shape))
    return {
        "type": "FeatureCollection",
        "features": features,
        "drawn": dict(Counter(one.kind for one in changes)),
    }


def _feature(one: PlacedChange, shape: shapely.Geometry) -> dict[str, Any]:
    rounded = shapely.set_precision(shapely.force_2d(shape), _GRAIN, mode="pointwise")
    return {
        "type": "Feature",
        "properties": {
            "change": one.kind,
            "key": _plain(one.key),
            "fields": list(one.fields),
            "reason": problems.with_parameters(one.reason),
        },
        "geometry": shapely.geometry.mapping(rounded),
    }


def write_rejected(rejects: Sequence[RowFault], path: Path) -> None:
    """Write all rejects as the CSV of ``gridsight import --rejects``, complete or not at all; without any none."""
    if not rejects:
        path.unlink(missing_ok=True)
        return
    told = (
        replace(
            one,
            where=_plain(one.where),
            row=_plain(one.row),
            field=_plain(one.field),
            reason=_plain(problems.with_parameters(one.reason)),
            value=_plain(one.value),
        )
        for one in rejects
    )
    write_rejects(told, path)


def _plain(text: str) -> str:
    """Return a text without half surrogate pairs, which no file of text could carry."""
    return text.encode("utf-8", "replace").decode()
