"""Represent a preview: views as GeoJSON, figures of zones before and after."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely

from api.representations.frame_records import records
from geo.catalog.results import FIGURES
from geo.studies.preview_changes import ChangesPreview
from geo.visibility.views import Views


def preview_answer(found: ChangesPreview, layers: Collection[str]) -> dict[str, Any]:
    """Return views, and the zones in reach of these layers, of all where none is named."""
    shown = found.preview
    names = [name for name in shown.after if not layers or name in layers]
    return {
        "added": list(found.added),
        "removed": list(found.removed),
        "views": [] if shown.views is None else _views(shown.views),
        "zones": {name: _zones(shown.before[name], shown.after[name]) for name in names},
    }


def _views(views: Views) -> list[dict[str, Any]]:
    columns = (
        views.cameras.index, views.cameras["site"], views.cameras["status"], views.range_m,
        shapely.area(views.sure_metric), shapely.area(views.possible_metric), views.assumed,
        shapely.to_geojson(views.sure.to_numpy()), shapely.to_geojson(views.possible.to_numpy()),
    )  # fmt: skip
    return [
        {
            "id": str(key),
            "site": str(site),
            "status": status,
            "range_m": float(range_m),
            "area_m2": float(area),
            "possible_m2": float(possible_area),
            "assumed": list(assumed),
            "sure": orjson.loads(sure),
            "possible": orjson.loads(possible),
        }
        for key, site, status, range_m, area, possible_area, assumed, sure, possible in zip(*columns, strict=True)
    ]


def _zones(before: pd.DataFrame, after: pd.DataFrame) -> list[dict[str, Any]]:
    difference = pd.DataFrame({name: after[name] - before[name] for name in FIGURES})
    figures = [records(frame[list(FIGURES)].replace({np.nan: None})) for frame in (before, after, difference)]
    return [
        {"code": str(code), "before": old, "after": new, "difference": change}
        for code, old, new, change in zip(after["code"], *figures, strict=True)
    ]
