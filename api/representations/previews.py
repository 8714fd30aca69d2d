"""Represent a preview: views as GeoJSON, figures of zones before and after."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import orjson
import pandas as pd
import shapely

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
    # By columns and without frames, which would take as long as the figures do: the page asks while a camera is moved.
    codes = [str(code) for code in after["code"]]
    columns = {name: (before[name].tolist(), after[name].tolist()) for name in FIGURES}
    out = []
    for row, code in enumerate(codes):
        old = {name: _known(values[0][row]) for name, values in columns.items()}
        new = {name: _known(values[1][row]) for name, values in columns.items()}
        change = {name: _difference(old[name], new[name]) for name in FIGURES}
        out.append({"code": code, "before": old, "after": new, "difference": change})
    return out


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
