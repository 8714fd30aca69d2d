"""Represent unknown values as plain values, within a caller's rights (docs/contract.md section 6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd

from api.representations.frame_records import records
from geo.catalog.claims import UNKNOWN_MEMBERS
from geo.studies.run_unknowns import RunUnknowns


def unknown_values(found: RunUnknowns) -> dict[str, Any]:
    """Return unknown values as JSON has them; claims and places are lists."""
    rows = records(found.rows)
    return {
        "run": found.run.id,
        "unknowns": [{name: _plain(row[name]) for name in UNKNOWN_MEMBERS} for row in rows],
        "without_effect": found.without_effect,
        "notes": list(found.notes),
    }


def visible_rows(rows: gpd.GeoDataFrame, cameras: Collection[str]) -> gpd.GeoDataFrame:
    """Return the rows that a caller may know of: buildings, and cameras that it may see; ranks stay the county's."""
    of_cameras = rows["layer"] == "cameras"
    return rows[~of_cameras | rows["id"].isin(set(cameras))].reset_index(drop=True)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
