"""Represent claims and verdicts on places within a caller's rights (docs/contract.md section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from api.roles import allows
from geo.catalog.claims import CAMERA_FIELDS, PLACE_MEMBERS, SCOPED_FIELDS
from geo.storage.records import Caller


def hidden_fields(caller: Caller) -> tuple[str, ...]:
    """Return the fields of places and claims that a caller does not get: without a key none that tells of cameras."""
    if not allows(caller, "viewer"):
        return CAMERA_FIELDS
    return () if allows(caller, "planner") else SCOPED_FIELDS


def visible_places(frame: gpd.GeoDataFrame, caller: Caller) -> gpd.GeoDataFrame:
    """Return the places with what the caller may know: a planner gets `near` of places in its townships only."""
    visible = frame.drop(columns=[name for name in (*hidden_fields(caller), "derived") if name in frame])
    if "near" in visible and caller.role == "planner" and caller.townships is not None:
        mine = visible["township"].isin(caller.townships)
        visible["near"] = visible["near"].astype("Int64").where(mine, pd.NA)
    return visible


def visible_claims(frame: pd.DataFrame, caller: Caller) -> pd.DataFrame:
    """Return the claims without the counts of cameras that the caller may not know."""
    return frame.drop(columns=[name for name in hidden_fields(caller) if name in frame])


def place_members(rows: Iterable[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    """Return what ``claims`` tells of each place, in the order of docs/contract.md section 6."""
    return [{name: row[name] for name in PLACE_MEMBERS if name in row} for row in rows]
